#!/bin/sh
# usage: run.sh BUILD TEST... Runs each test program and script, prints what failed, and ends with "N passed, N failed".
# A script that ends with 77 was skipped; its last line says why.
build=$1
shift
passed=0 failed=0 skipped=0
logs=$build/logs
mkdir -p "$logs"
BUILD=$(cd "$build" && pwd)
export BUILD
for t in "$@"; do
    name=$(echo "${t#"$build"/}" | sed 's|^tests/||')
    log=$logs/$(echo "$name" | tr / _).log
    start=$(date +%s)
    case $t in
    *.sh) bash "$t" >"$log" 2>&1 </dev/null ;;
    *) "$t" >"$log" 2>&1 </dev/null ;;
    esac
    rc=$?
    took=$(($(date +%s) - start))
    if [ $rc = 0 ]; then
        passed=$((passed + 1))
        summary=$(grep '^# ' "$log" | tail -1)
        echo "ok       $name (${took} s) $summary"
    elif [ $rc = 77 ]; then
        skipped=$((skipped + 1))
        echo "skipped  $name: $(tail -1 "$log")"
    else
        failed=$((failed + 1))
        echo "FAILED   $name (exit $rc, ${took} s); the end of $log:"
        tail -25 "$log" | sed 's/^/    /'
    fi
done
if [ $skipped = 0 ]; then
    echo "$passed passed, $failed failed"
else
    echo "$passed passed, $failed failed, $skipped skipped"
fi
[ $failed = 0 ]
