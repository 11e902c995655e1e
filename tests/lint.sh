#!/bin/sh
# usage: lint.sh [rank] [format] [cppcheck] [man] [shell]: those checks, or all of them; prints what is wrong, ends with 1.
# LINT_ROOT names another tree than this one.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "${LINT_ROOT:-$here/..}"
failed=0

# say NAME STATUS: a line a check
say() {
    if [ "$2" = 0 ]; then echo "ok      $1"; else
        echo "FAILED  $1"
        failed=1
    fi
}

need() {
    command -v "$1" >/dev/null 2>&1 || {
        echo "$1 is not installed: make deps-lint deps-test"
        return 1
    }
}

c_files() {
    find src tests -name '*.[ch]' | LC_ALL=C sort
}

lint_rank() {
    sh "$here/rank.sh"
}

lint_format() {
    need clang-format || return 1
    # shellcheck disable=SC2046
    clang-format --dry-run -Werror $(c_files) 2>&1 | grep -E 'error:|warning:' | sed 's/\[-W.*//' | head -20 | grep . && return 1
    return 0
}

# What cppcheck calls style is left to the compiler's warnings and to reading.
lint_cppcheck() {
    need cppcheck || return 1
    cppcheck --quiet --enable=warning,performance,portability --inline-suppr --error-exitcode=1 -j2 --std=c11 \
        --library=posix --suppress=missingInclude --suppress=missingIncludeSystem --suppress=unmatchedSuppression \
        --suppress=normalCheckLevelMaxBranches --suppress=toomanyconfigs -D_GNU_SOURCE -U__cplusplus -Isrc -Itests \
        --template='{file}:{line}: {message} [{id}]' src $(find tests -name '*.c' -not -path 'tests/unit/*') 2>&1
}

lint_man() {
    need mandoc || return 1
    rc=0
    for f in doc/*.[0-9]; do
        [ ! -f "$f" ] || mandoc -T lint -W warning "$f" || rc=1
    done
    return $rc
}

lint_shell() {
    rc=0
    for f in .ci/run $(find tests conf templates -name '*.sh' 2>/dev/null | LC_ALL=C sort); do
        [ -f "$f" ] || continue
        case $f in
        tests/cli/* | tests/judges/*) shell=bash ;;
        *) shell=sh ;;
        esac
        head -1 "$f" | grep -q bash && shell=bash
        $shell -n "$f" || rc=1
    done
    for f in $(find tests -name '*.py' | LC_ALL=C sort); do
        python3 -c 'import sys; compile(open(sys.argv[1], encoding="utf-8").read(), sys.argv[1], "exec")' "$f" || rc=1
    done
    return $rc
}

for check in ${*:-rank format cppcheck man shell}; do
    rc=0
    "lint_$check" || rc=$?
    say "$check" "$rc"
done
exit $failed
