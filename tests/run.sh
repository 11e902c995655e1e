#!/bin/sh
# usage: run.sh BUILD TEST... Runs each test program and script, prints what failed, and ends with "N passed, N failed".
# A script that ends with 77 was skipped; its last line says why. Scripts with the line "# Waits more than it works." run
# one after another beside the others.
build=$1
shift
logs=$build/logs
mkdir -p "$logs"
BUILD=$(cd "$build" && pwd)
export BUILD

# run_one TEST: its line, and the end of its log when it failed; the first word tells how it ended
run_one() {
    name=$(echo "${1#"$build"/}" | sed 's|^tests/||')
    log=$logs/$(echo "$name" | tr / _).log
    start=$(date +%s)
    case $1 in
    *.sh) bash "$1" >"$log" 2>&1 </dev/null ;;
    *) "$1" >"$log" 2>&1 </dev/null ;;
    esac
    rc=$?
    took=$(($(date +%s) - start))
    if [ $rc = 0 ]; then
        echo "ok       $name (${took} s) $(grep '^# ' "$log" | tail -1)"
    elif [ $rc = 77 ]; then
        echo "skipped  $name: $(tail -1 "$log")"
    else
        echo "FAILED   $name (exit $rc, ${took} s); the end of $log:"
        tail -25 "$log" | sed 's/^/    /'
    fi
}

waits() {
    case $1 in *.sh) grep -qx '# Waits more than it works\.' "$1" ;; *) false ;; esac
}

trap 'trap - INT TERM; kill 0' INT TERM # the ones beside, too
beside=$logs/beside
: >"$beside"
for t in "$@"; do
    if waits "$t"; then run_one "$t" >>"$beside"; fi
done &
for t in "$@"; do
    if ! waits "$t"; then run_one "$t"; fi
done | tee "$logs/all"
wait
cat "$beside"
count() { cat "$logs/all" "$beside" | grep -c "^$1 "; }
failed=$(count FAILED)
skipped=$(count skipped)
echo "$(count ok) passed, $failed failed$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
[ "$failed" = 0 ]
