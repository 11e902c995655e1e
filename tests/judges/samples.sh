# usage: samples.sh OUT  Makes what the judges look at: OUT/html/NAME.html, a digest in every language of the corpus, of
# all of them together, whole, as titles, and with a logo, pictures, a colour and a note; and OUT/mail/LANG.eml, mails
# signed twice and delivered by a Postfix of our own, Received lines and all; OUT/dkim.txt has the keys' records.
. "$(dirname "$0")/../cli/lib.sh"
. "$root/tests/cli/postfix.sh"
need_courant
out=$(mkdir -p "$1" && cd "$1" && pwd)
rm -rf "$out/html" "$out/mail"
mkdir -p "$out/html" "$out/mail"
scratch
corpus_db site.db
config 25 | sed 's/^language = en/language = LANG/' >base.ini
sed 's/= LANG/= en/' base.ini >courant.ini
init
ok "import" at 07:00 source sync
page() { # NAME
    "$COURANT" -c courant.ini --now $RUN_TIME issue preview weekly --html >"$out/html/$1.html" 2>"$1.err" || die "$1: $(cat "$1.err")"
}
langs=$(sqlite3 courant.db "SELECT DISTINCT language FROM article WHERE language <> ''")
for l in $langs; do
    sed "s/= LANG/= $l/; s/^max_articles.*/languages = $l\nmax_articles = 3\nimages = none/" base.ini >courant.ini
    page "$l"
done
for l in en ug bo; do
    sed "s/= LANG/= $l/; s/^max_articles.*/max_articles = 40\nimages = none\narchive = public/" base.ini >courant.ini
    page "all-$l"
done
for body in full titles; do
    sed "s/= LANG/= en/; s/^max_articles.*/max_articles = 12\nbody = $body\nimages = none/" base.ini >courant.ini
    page $body
done

# ---- with all that can be configured, and sent ----
python3 - <<'PY'
import struct, zlib
def png(name, w, h, pixel, alpha=False):
    rows = b"".join(b"\0" + b"".join(bytes(pixel(x, y)) for x in range(w)) for y in range(h))
    def chunk(t, d): return struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d))
    open(name, "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 6 if alpha else 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
png("photo.png", 1168, 600, lambda x, y: (90 + x * 120 // 1168, 120 + y * 90 // 600, 200 - y * 120 // 600))
png("logo.png", 560, 112, lambda x, y: (20, 60, 90, 255 if 20 < (x % 80) < 70 and 20 < y < 92 else 0), True)
PY
web=$(free_port)
python3 -m http.server "$web" --bind 127.0.0.1 >/dev/null 2>&1 &
started $!
wait_for 10 "a server of pictures" python3 -c "import socket; socket.create_connection(('127.0.0.1', $web))"
postfix_start
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem 2>/dev/null
openssl genpkey -algorithm ed25519 -out ed.pem 2>/dev/null
chmod 600 rsa.pem ed.pem
{
    printf 'rsa._domainkey.example.org v=DKIM1; k=rsa; p=%s\n' "$(openssl pkey -in rsa.pem -pubout -outform DER | base64 -w0)"
    printf 'ed._domainkey.example.org v=DKIM1; k=ed25519; p=%s\n' "$(openssl pkey -in ed.pem -pubout -outform DER | tail -c 32 | base64 -w0)"
} >"$out/dkim.txt"
# a reader of each language, who gets the articles in it and the mixed one all of them
if [ "$SITE" = corpus ]; then
    sqlite3 site.db "DELETE FROM member; UPDATE post SET image_url = CASE WHEN post_id % 4 = 0 THEN 'http://127.0.0.1:$web/photo.png' END"
    for l in $langs; do
        sqlite3 site.db "INSERT INTO member(mail, given_name, family_name, lang, joined_on, wants_mail) VALUES ('$l@example.net', 'Given', 'Family', '$l', '2026-09-01', 1)"
    done
else
    sqlite3 site.db "DELETE FROM reader; UPDATE story SET picture = CASE WHEN nid % 4 = 0 THEN 'http://127.0.0.1:$web/photo.png' END"
    for l in $langs; do
        sqlite3 site.db "INSERT INTO reader(email, first, last, tongue, since, opted) VALUES ('$l@example.net', 'Given', 'Family', '$l', '2026-09-01', 1)"
    done
fi
rm -rf courant.db* queue
sed "s/= LANG/= en/; s/^port = .*/port = $POSTFIX_PORT/; s/^max_articles.*/max_articles = 12\nmatch_language = yes\narchive = public\nlogo = logo.png\ncolour = #0f766e\nfooter = Example Desk is funded by its readers, and carries no advertisements./" base.ini >courant.ini
set_key courant.ini source.site fetch_private yes
cat >>courant.ini <<'INI'
[dkim]
domain = example.org
selector = rsa
key_file = rsa.pem
selector2 = ed
key_file2 = ed.pem
INI
"$COURANT" -c courant.ini --now $INIT_TIME init >/dev/null 2>&1
# now, not a pinned time: filters look at the difference to the Received lines
ok "import" at 07:00 source sync
now=$(date -u +%FT%TZ)
sed -i 's/^schedule = .*/schedule = manual/' courant.ini
ok "built" courant --now "$now" issue build weekly
ok "a note" courant --now "$now" issue set 1 --note "**Dear readers,** this week the desk looks at *what small places keep open*, and why. [More about us](https://news.example.org/about)."
ok "approved" courant --now "$now" issue approve 1
ok "sent" courant --now "$now" run
postfix_wait
wait_for 20 "the mails" has_mail "$POSTFIX_MAILDIR" "$(wc -w <<<"$langs")"
for f in "$POSTFIX_MAILDIR"/new/*; do
    to=$(sed -n 's/^X-Original-To: //p' "$f" | head -1)
    cp "$f" "$out/mail/${to%@*}.eml"
    chmod 644 "$out/mail/${to%@*}.eml"
done
ok "as a browser shows it" courant --now "$now" issue preview 1 --html
cp .out "$out/html/rich.html"
checks=$((checks + $(ls "$out/html" "$out/mail" | wc -l)))
