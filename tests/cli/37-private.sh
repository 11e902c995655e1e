# Goal: fetching pictures asks nothing of a private address, however it is led there: by redirects, several of them, other
# spellings of an address, names, a connection that another source opened, a name that leads somewhere else now. In a
# network of its own, where 198.41.0.4, a public address, is this machine. Other bad servers cost a warning: endless
# header fields, packed bombs, a failure that says nothing about other pictures. Pixels are not carried.
. "$(dirname "$0")/lib.sh"
need_courant
command -v ip >/dev/null && unshare -rmn ip link set lo up 2>/dev/null || skip "no network namespaces here"
scratch
export here COURANT
cat >inside.sh <<'SH'
set -eu
ip link set lo up
ip addr add 198.41.0.4/32 dev lo
printf '127.0.0.1 localhost\n198.41.0.4 pictures.test\n' >hosts
mount --bind hosts /etc/hosts
python3 "$here/netpictures.py" >server.out 2>server.err &
echo $! >server.pid
until grep -q port server.out; do sleep 0.05; done
port=$(sed -n 's/^port //p' server.out)
n=0
# post SOURCE URL: an article with that picture
post() {
    n=$((n + 1))
    sqlite3 site.db "INSERT INTO post VALUES ($n, '$1', 'Post $n', 'https://news.example.org/$n',
        '2026-11-22T0$((9 - n / 10)):$((59 - n)):00Z', '<p>Words.</p>', 'http://$2', 'alt $n')"
}
sqlite3 site.db "CREATE TABLE post(id INTEGER PRIMARY KEY, source, title, url, at, body, image, alt)"
post shut 127.0.0.1:$port/reused
for p in hop1 hop2 mapped hex decimal name zero six file gopher round; do # 2 to 12
    post shut 198.41.0.4:$port/$p
done
post shut pictures.test:$port/pixel.png # 13
post shut pictures.test:$port/wordy
post shut pictures.test:$port/zipped
post shut pictures.test:$port/broken # 16
post shut pictures.test:$port/wide.png
post shut 198.41.0.4:$port/good-hop # 18
post open 127.0.0.1:$port/allowed.png
post open 198.41.0.4:$port/hop1-open.png
"$COURANT" -c courant.ini --now 2026-11-20T12:00:00Z init
"$COURANT" -c courant.ini --now 2026-11-23T07:05:00Z source sync
"$COURANT" -c courant.ini --now 2026-11-23T07:05:00Z issue preview weekly --eml >mail.eml 2>preview.err
# a name that leads to a private address by now
printf '127.0.0.1 localhost pictures.test\n' >hosts
sqlite3 site.db "DELETE FROM post WHERE id <> 17; UPDATE post SET id = 100, title = 'Later'"
"$COURANT" -c courant.ini --now 2026-11-23T07:06:00Z source sync --accept
: >later.log
mv requests.log before.log
"$COURANT" -c courant.ini --now 2026-11-23T07:06:00Z issue preview weekly --eml >later.eml 2>later.err
kill "$(cat server.pid)"
SH
config 25 | sed '/^\[source/,$d' >courant.ini
for s in shut open; do
    printf '[source.%s]\ntype = sqlite\npath = site.db\nnewsletter = weekly\n' $s
    [ $s = shut ] || echo "fetch_private = yes"
    printf "articles = SELECT id, title, url, at AS published_at, body, 'html' AS body_format, image AS image_url, alt AS image_alt FROM post WHERE source = '%s'\n" $s
done >>courant.ini
ok "in a network of its own" unshare -rmn bash inside.sh
unlike "nothing secret was asked for" "$(cat before.log)" "secret"
like "what is allowed was" "$(cat before.log)" "^/allowed.png host=127"
unlike "nor over a connection that stood open" "$(cat before.log)" "^/reused"
for i in 1 2 3 4 5 6 7 8 9; do
    like "article $i says so" "$(cat preview.err)" "article $i is left out.* leads to a private address"
done
for i in 10 11; do like "article $i" "$(cat preview.err)" "article $i is left out.*redirects to something that is not http"; done
like "going round" "$(cat preview.err)" "article 12 is left out.*more than 5 redirects"
like "endless fields" "$(cat preview.err)" "article 14 is left out: pictures.test:[0-9]+: its header fields are larger"
like "a packed bomb" "$(cat preview.err)" "article 15 is left out: .*larger than 8192 KB"
like "a failure is this picture's alone" "$(cat preview.err)" "article 16 is left out: pictures.test:[0-9]+: answered 500"
unlike "a pixel is no news" "$(cat preview.err)" "article 13"
unlike "nor are good ones" "$(cat preview.err)" "article (17|18|19|20) "
is "what is carried" "$(python3 -c '
import email, email.policy
m = email.message_from_binary_file(open("mail.eml", "rb"), policy=email.policy.SMTP)
html = m.get_body(("html",)).get_content()
print(sum(p.get_content_maintype() == "image" for p in m.walk()), html.count("<img"), "alt 13" in html)')" "1 4 True"
[ ! -e requests.log ] || die "a name that leads to a private address now was asked: $(cat requests.log)"
like "and that is said" "$(cat later.err)" "leads to a private address"
