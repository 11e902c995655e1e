#!/bin/sh
# Where things may stand in src/, by the ranks of courant-architecture(7). Prints each breach as file:line: sentence and
# ends with 1; files above 600 lines are named, no more. Run from the project's root.
#   - a file includes headers of its own folder and of folders of lower rank
#   - a .c includes its own header first; a header has the guard FOLDER_NAME_H
#   - libesmtp is transport's alone; SQL stands in store, queue, source and base/sql; only cmd, web and main.c print
#   - strcpy and its like, alloca and setjmp are nowhere
set -eu
find src -name '*.[ch]' | LC_ALL=C sort | xargs awk '
BEGIN {
    n = split("cmd 10 web 9 doctor 9 dispatch 8 bounce 7 source 7 digest 6 store 5 queue 5 message 4 transport 4 " \
              "render 4 mime 3 config 2 text 2 crypto 2 fetch 2 model 1 base 0", w, " ")
    for (i = 1; i < n; i += 2)
        rank[w[i]] = w[i + 1]
}
function breach(sentence) {
    printf "%s:%d: %s\n", FILENAME, FNR, sentence
    bad = 1
}
function file_end() {
    if (name == "")
        return
    if (lines > 600)
        printf "%s: %d lines; above 600 it is usually two nouns\n", name, lines
    if (header && !guarded) {
        printf "%s: has no guard %s\n", name, guard
        bad = 1
    }
}
# The line without comments; strings stay in "kept" and are emptied in "code".
function strip(line,    i, c, two, in_string) {
    kept = code = ""
    in_string = ""
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        two = substr(line, i, 2)
        if (comment) {
            if (two == "*/") { comment = 0; i++ }
        } else if (in_string != "") {
            kept = kept c
            if (c == "\\") { kept = kept substr(line, i + 1, 1); i++ }
            else if (c == in_string) { in_string = ""; code = code c }
        } else if (two == "/*") { comment = 1; i++ }
        else if (two == "//") break
        else {
            if (c == "\"" || c == "\047") in_string = c
            kept = kept c
            code = code c
        }
    }
}
FNR == 1 {
    file_end()
    name = FILENAME
    comment = first = guarded = 0
    parts = split(FILENAME, p, "/")
    folder = parts > 2 ? p[2] : ""
    base = p[parts]
    header = base ~ /\.h$/
    own = folder "/" substr(base, 1, length(base) - 2) ".h"
    guard = toupper(own)
    gsub(/[^A-Z0-9]/, "_", guard)
    sql = folder == "store" || folder == "queue" || folder == "source" || (folder == "base" && base ~ /^sql/)
    prints = folder == "cmd" || folder == "web" || folder == ""
    if (folder != "" && !(folder in rank))
        breach("the folder " folder " has no rank")
}
{ lines = FNR }
/[A-Za-z0-9"\/]/ { strip($0) }
!/[A-Za-z0-9"\/]/ { next }
code ~ /^[ \t]*#[ \t]*include/ {
    split(kept, q, /[<">]/)
    inc = q[2]
    if (!first && !header && folder != "") {
        first = 1
        if (inc != own)
            breach("the first header is " inc "; " own " comes first")
    }
    if (inc ~ /esmtp\.h$/ && folder != "transport")
        breach("only transport includes " inc)
    if (kept ~ /"/) {
        split(inc, f, "/")
        if (inc ~ /\.\./)
            breach("an include goes by " inc "; write folder/name.h")
        else if (inc !~ /\// && inc !~ /\.inc$/)
            breach("an include names " inc " without its folder")
        else if (inc ~ /\// && !(f[1] in rank))
            breach("the folder of " inc " has no rank")
        else if (inc ~ /\// && folder != "" && f[1] != folder && rank[f[1]] + 0 >= rank[folder] + 0)
            breach(folder " (" rank[folder] ") includes " inc " (" rank[f[1]] ")")
    }
    next
}
header && code ~ /^[ \t]*#[ \t]*ifndef/ && index(code, guard) { guarded = 1 }
{
    spaced = " " code
    if (match(spaced, /[^A-Za-z0-9_](strcpy|strcat|sprintf|vsprintf|strtok|strtok_r|gets|alloca|setjmp|longjmp)[ \t]*\(/))
        breach("uses " substr(spaced, RSTART + 1, RLENGTH - 2))
    if (!prints && match(spaced, /[^A-Za-z0-9_](printf|vprintf|puts|putchar)[ \t]*\(|[^A-Za-z0-9_]stdout[^A-Za-z0-9_]/))
        breach("prints; only cmd, web and main.c do")
    if (match(spaced, /^ *typedef .*_t;/))
        breach("a type ends in _t")
    if (!sql) {
        if (match(spaced, /[^A-Za-z0-9_]sqlite3_(prepare|exec|get_table)/))
            breach("has SQL; it stands in store, queue, source and base/sql")
        # the example configuration shows a source that is written in SQL
        else if (kept ~ /"[^"]*(SELECT |INSERT (OR [A-Z]+ )?INTO |UPDATE [a-z_]+ SET |DELETE FROM |CREATE TABLE )/ &&
                 kept !~ /(articles|subscribers|where) *= *SELECT/)
            breach("has SQL; it stands in store, queue, source and base/sql")
    }
}
END {
    file_end()
    exit bad
}'
