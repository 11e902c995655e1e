#!/bin/sh
# usage: BUILD=build-fuzz FUZZ_SECONDS=30 tests/fuzz/run.sh [NAME...]
# Builds tests/fuzz/NAME_fuzz.c (all of them without names) with clang's libFuzzer, AddressSanitizer and UBSan, and runs
# each for FUZZ_SECONDS, from the seeds in tests/fuzz/corpus/NAME where there are any. A fuzzer's first comment line says
# which folders of src/ it needs: "// modules: base mime". What it finds goes to BUILD/fuzz-artifacts, what it learns to
# BUILD/corpus. Ends with 1 when anything was found. FUZZ_SECONDS=0 runs the seeds alone.
set -eu
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build-fuzz}
FUZZ_SECONDS=${FUZZ_SECONDS:-30}
CC=${FUZZ_CC:-clang-14}
pkgs='sqlite3 libssl libcrypto libxml-2.0 icu-uc icu-i18n jansson md4c-html yaml-0.1'
sanitize='-fsanitize=address,undefined -fno-sanitize-recover=undefined'
flags="-std=gnu17 -D_GNU_SOURCE -g -O1 -fno-omit-frame-pointer -Isrc -I$BUILD/gen -Itests $(pkg-config --cflags $pkgs)"
libs="$(pkg-config --libs $pkgs) -lesmtp -linih -lcsv -lpthread -lm"
command -v "$CC" >/dev/null || {
    echo "$CC is not installed: make deps-fuzz" >&2
    exit 1
}
mkdir -p "$BUILD/gen" "$BUILD/fuzz-artifacts"
make -s BUILD="$BUILD" MODULES= "$BUILD/gen/templates.inc"

# compile SOURCE OBJECT FLAGS...: where the object is older than the source or any header it used last time
compile() {
    src=$1 obj=$2
    shift 2
    if [ -f "$obj" ] && [ -f "$obj.d" ] && [ "$obj" -nt "$src" ]; then
        newer=$(sed 's/^[^:]*://; s/\\$//' "$obj.d" | tr ' ' '\n' | while read -r f; do
            [ -z "$f" ] || [ "$obj" -nt "$f" ] || echo "$f"
        done | head -1)
        [ -n "$newer" ] || return 0
    fi
    mkdir -p "$(dirname "$obj")"
    # shellcheck disable=SC2086
    "$CC" $flags "$@" -MMD -MF "$obj.d" -c -o "$obj" "$src"
}

# build NAME MODULES: a folder's objects go into an archive, so that what a fuzzer does not reach is not linked
build() {
    archives=
    for m in $2; do
        objects=
        for c in src/"$m"/*.c; do
            o=$BUILD/obj/${c#src/}
            o=${o%.c}.o
            # shellcheck disable=SC2086
            compile "$c" "$o" $sanitize -fsanitize=fuzzer-no-link || return 1
            objects="$objects $o"
        done
        rm -f "$BUILD/$m.a"
        # shellcheck disable=SC2086
        ar rcs "$BUILD/$m.a" $objects || return 1
        archives="$archives $BUILD/$m.a"
    done
    # shellcheck disable=SC2086
    compile "tests/fuzz/$1_fuzz.c" "$BUILD/obj/fuzz/$1.o" $sanitize -fsanitize=fuzzer || return 1
    # shellcheck disable=SC2086
    "$CC" $sanitize -fsanitize=fuzzer -rdynamic -o "$BUILD/$1_fuzz" "$BUILD/obj/fuzz/$1.o" \
        -Wl,--start-group $archives -Wl,--end-group $libs
}

if [ $# = 0 ]; then
    for f in tests/fuzz/*_fuzz.c; do
        [ -f "$f" ] && set -- "$@" "$(basename "$f" _fuzz.c)"
    done
fi
failed=
for name; do
    source=tests/fuzz/${name}_fuzz.c
    modules=$(sed -n 's|^// modules: *||p; s|^/\* modules: *\(.*[a-z]\) *\*/$|\1|p' "$source" | head -1)
    [ -n "$modules" ] || {
        echo "$source: no line '// modules: base ...'" >&2
        exit 1
    }
    if ! build "$name" "$modules" >"$BUILD/fuzz-$name.log" 2>&1; then
        echo "FAILED  $name does not build:"
        grep -E 'error:|undefined reference' "$BUILD/fuzz-$name.log" | head -5 | sed 's/^/    /'
        failed="$failed $name"
        continue
    fi
    mkdir -p "$BUILD/corpus/$name"
    seeds=
    [ ! -d "tests/fuzz/corpus/$name" ] || seeds=tests/fuzz/corpus/$name
    log=$BUILD/fuzz-$name.log
    limit="-max_total_time=$FUZZ_SECONDS"
    [ "$FUZZ_SECONDS" != 0 ] || limit=-runs=0
    rc=0
    # shellcheck disable=SC2086
    "$BUILD/${name}_fuzz" $limit -max_len=16384 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$BUILD/fuzz-artifacts/$name-" "$BUILD/corpus/$name" $seeds >"$log" 2>&1 || rc=$?
    if [ $rc = 0 ]; then
        echo "ok      $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs"
    else
        echo "FAILED  $name; the end of $log:"
        grep -E 'ERROR|runtime error|SUMMARY|Test unit written|    #[0-5] ' "$log" | head -20 | sed 's/^/    /'
        failed="$failed $name"
    fi
done
[ -z "$failed" ]
