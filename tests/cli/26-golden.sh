# Goal: whole messages in English, Tibetan, Uyghur, Chinese, Hebrew and in all of them at once are, byte for byte, those
# in tests/golden: what changes them is seen in review. `make golden` renews them (GOLDEN=renew).
. "$(dirname "$0")/lib.sh"
need_courant
scratch
golden=$root/tests/golden
site_db site.db
printf '%064d\n' 7 >secret && chmod 600 secret
compare() { # NAME ADDRESS
    ok "$1" at 07:05 issue preview weekly --eml --to "$2"
    if [ "${GOLDEN:-}" = renew ]; then
        mkdir -p "$golden"
        cp "$S/.out" "$golden/$1.eml"
    elif ! cmp -s "$S/.out" "$golden/$1.eml"; then
        diff "$golden/$1.eml" "$S/.out" | head -20 || true
        die "$1 differs from tests/golden/$1.eml; if it should, make golden"
    fi
    checks=$((checks + 1))
}
for each in yes no; do
    config 25 >courant.ini
    set_key courant.ini newsletter.weekly match_language $each
    set_key courant.ini newsletter.weekly archive public
    rm -f courant.db* queue/queue.db*
    init
    ok "import" at 07:00 source sync
    if [ $each = yes ]; then
        compare english one@example.net
        compare tibetan tenzin@example.org
        compare uyghur aynur@example.org
        compare chinese mei@example.org
        compare hebrew noam@example.org
    else
        compare mixed leser@xn--bcher-kva.example
    fi
done
