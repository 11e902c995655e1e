#!/bin/sh
# Prints a C initialiser { "name", bytes, length }, for each template named; the shipped templates are compiled in.
set -eu
for f in "$@"; do
    printf '{"%s", (const char[]){' "${f#templates/}"
    od -An -v -t d1 "$f" | sed 's/^ *//; s/  */,/g; s/$/,/' | tr -d '\n'
    printf '0}, %d},\n' "$(wc -c <"$f")"
done
