# Goal: the rank check and the linters notice what they are there for: each breach is planted in a small tree and refused.
. "$(dirname "$0")/lib.sh"
scratch
lint() {
    LINT_ROOT=$S/tree sh "$root/tests/lint.sh" "$@"
}
plant() {
    rm -rf tree
    mkdir -p tree/src/base tree/src/mime tree/src/render tree/src/message tree/src/store tree/src/transport tree/src/cmd \
        tree/tests tree/doc tree/.ci
    cp "$root/.clang-format" tree/
    for f in base/buf mime/mime message/message render/render store/store transport/relay cmd/cmd; do
        guard=$(echo "$f" | tr 'a-z/' 'A-Z_')_H
        printf '#ifndef %s\n#define %s\nint %s(void);\n#endif\n' "$guard" "$guard" "${f#*/}" >tree/src/$f.h
        printf '#include "%s.h"\n\nint %s(void) {\n    return 0;\n}\n' "$f" "${f#*/}" >tree/src/$f.c
    done
    sed -i '1a\
\
#include "base/buf.h"' tree/src/*/[!b]*.c
    printf '#include "cmd/cmd.h"\n\nint main(void) {\n    return cmd();\n}\n' >tree/src/main.c
    printf '.Dd November 23, 2026\n.Dt COURANT 1\n.Os\n.Sh NAME\n.Nm courant\n.Nd sends newsletters\n' >tree/doc/courant.1
}
# refused CHECK FILE SENTENCE: the planted tree fails, naming the file
refused() {
    fails 1 "$3 in $2" lint "$1"
    like "$3 in $2" "$(cat "$S/.out" "$S/.err")" "$2:.*$3"
    plant
}
# after FILE LINE: puts a line at the file's end
after() {
    printf '%s\n' "$2" >>"tree/src/$1"
}

plant
ok "the sound tree" lint rank
printf 'const char *example = "articles = SELECT id FROM post"; /* printf("no") strcpy(a, b) SELECT 1 */\n' >>tree/src/cmd/cmd.c
ok "what only looks like a breach" lint rank

after base/buf.c '#include "mime/mime.h"' && refused rank src/base/buf.c 'base \(0\) includes mime/mime.h \(3\)'
after render/render.c '#include "message/message.h"' && refused rank src/render/render.c 'render \(4\) includes message/message.h \(4\)'
after mime/mime.h '#include "cmd/cmd.h"' && refused rank src/mime/mime.h 'mime \(3\) includes cmd/cmd.h'
after mime/mime.c '#include "../base/buf.h"' && refused rank src/mime/mime.c 'write folder/name.h'
after mime/mime.c '#include "mime.h"' && refused rank src/mime/mime.c 'without its folder'
sed -i '1i #include <string.h>' tree/src/mime/mime.c && refused rank src/mime/mime.c 'mime/mime.h comes first'
sed -i 's/MIME_MIME_H/MIME_H/' tree/src/mime/mime.h && refused rank src/mime/mime.h 'no guard MIME_MIME_H'
mkdir tree/src/extra && echo 'int x;' >tree/src/extra/x.h && refused rank src/extra/x.h 'extra has no rank'
after message/message.c '#include <libesmtp.h>' && refused rank src/message/message.c 'only transport'
after transport/relay.c '#include <libesmtp.h>' && ok "libesmtp in transport" lint rank && plant
after mime/mime.c 'const char *q = "SELECT id FROM reader";' && refused rank src/mime/mime.c 'has SQL'
after mime/mime.c 'const char *q = "INSERT OR IGNORE INTO reader VALUES (1)";' && refused rank src/mime/mime.c 'has SQL'
after cmd/cmd.c 'int p(void) { return sqlite3_prepare_v2(0, 0, 0, 0, 0); }' && refused rank src/cmd/cmd.c 'has SQL'
after store/store.c 'const char *q = "SELECT id FROM reader";' && ok "SQL in store" lint rank && plant
for f in strcpy strcat sprintf strtok gets alloca setjmp; do
    after mime/mime.c "void bad(char *a) { $f (a); }" && refused rank src/mime/mime.c "uses $f"
done
after mime/mime.c 'void bad(char *a) { snprintf(a, 1, "strcpy("); my_strcpy(a); }' && ok "other functions" lint rank && plant
after mime/mime.c 'void bad(void) { printf("x"); }' && refused rank src/mime/mime.c prints
after mime/mime.c 'void bad(void) { fputs("x", stdout); }' && refused rank src/mime/mime.c prints
after cmd/cmd.c 'void good(void) { printf("x"); }' && ok "cmd prints" lint rank && plant
after mime/mime.h 'typedef int mime_t;' && refused rank src/mime/mime.h 'ends in _t'
yes '/* a line */' | head -700 >>tree/src/mime/mime.c && ok "a long file" lint rank
like "is only named" "$(cat "$S/.out")" 'src/mime/mime.c: 70[0-9] lines'
plant

# The other linters, where they are installed.
printf '#!/bin/sh\nif true; then\n' >tree/tests/broken.sh && fails 1 "a broken script" lint shell && plant
ok "the manual" lint man
echo '.Xx unknown' >>tree/doc/courant.1 && fails 1 "a broken manual" lint man && plant
if command -v clang-format >/dev/null; then
    ok "the format" lint format
    after mime/mime.c 'int   spaced( void ){return 1;}' && refused format src/mime/mime.c 'clang-formatted'
fi
if command -v cppcheck >/dev/null; then
    ok "cppcheck on a sound tree" lint cppcheck
    after mime/mime.c 'int bad(void) { int a[2]; a[2] = 1; return a[0]; }' && refused cppcheck src/mime/mime.c 'arrayIndexOutOfBounds'
fi
