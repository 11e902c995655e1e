# Goal: images = embed fetches each picture once, when an issue is built, makes it small in a confined process, and carries
# it in the mail, so that reading asks no server anything; what can't be had leaves its alternative text and a warning,
# and never holds the issue up. Nothing is fetched from private addresses unless the source allows it.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
python3 "$here/pictures.py" >server.out 2>server.err &
started $!
wait_for 60 "the pictures' server" grep -q port server.out
web=http://127.0.0.1:$(sed -n 's/^port //p' server.out)

sqlite3 site.db "CREATE TABLE post(id INTEGER PRIMARY KEY, title, url, at, body, image, alt);
    CREATE TABLE member(id INTEGER PRIMARY KEY, mail, format);
    INSERT INTO member VALUES (1, 'html@example.net', NULL), (2, 'other@example.net', NULL), (3, 'text@example.net', 'text');"
n=0
# post PATH ALT [BODY]: an article with that picture; the first one is the newest
post() {
    n=$((n + 1))
    sqlite3 site.db "INSERT INTO post VALUES ($n, 'Post $n $1', 'https://news.example.org/$n', '2026-11-22T0$((9 - n / 10)):$((59 - n)):00Z',
        '${3:-<p>Some words.</p>}', '$web/$1', '$2')"
}
post photo.jpg "A gradient"
post turned.jpg "A gradient on its side" "<p>Before</p><p><img src=\"$web/turned.jpg\" alt=\"again\"></p><p><img src=\"$web/flag.png\" alt=\"A flag\"> behind it</p>"
post alpha.png "Half of it is transparent"
post small.gif ""
post photo.webp "From another camera"
post unsaid "Without a type"
post moved.jpg "Somewhere else"
post cut.jpg "A torn photo"
post lie.png "No picture at all"
post drawing.svg "A drawing"
post bomb.png "A bomb"
post nowhere.jpg "It was here"
post huge.jpg "Too much"
sqlite3 site.db "INSERT INTO post SELECT 50 + value, 'Post ' || value, 'https://news.example.org/5' || value, '2026-11-22T00:00:00Z', '<p>Words.</p>',
    'http://there-is-no.invalid/' || value || '.jpg', 'Gone' FROM generate_series(1, 3)"

sink --maildir "$S/m" --record "$S/rec"
config $SINK_PORT 2 | sed '/^\[source/,$d' >courant.ini
set_key courant.ini newsletter.weekly body full
set_key courant.ini newsletter.weekly images_size 400K
cat >>courant.ini <<INI
[source.site]
type = sqlite
path = site.db
newsletter = weekly
articles = SELECT id, title, url, at AS published_at, body, 'html' AS body_format, image AS image_url, alt AS image_alt FROM post
subscribers = SELECT id, mail AS email, format FROM member
INI
init

# ---- private addresses ----
ok "a draft of it" at 07:05 source sync
ok "a preview" at 07:05 issue preview weekly --eml
is "nothing is asked of a private address" "$(cat requests.log 2>/dev/null)" ""
like "and it says so" "$(cat .err)" "a picture of article 1 is left out: 127.0.0.1.* leads to a private address"
unlike "the mail has no picture" "$(cat .out)" "Content-Type: image/"
set_key courant.ini source.site fetch_private yes

# ---- embedded ----
"$COURANT" -c courant.ini --now $RUN_TIME run >run.out 2>run.err || die "the run: $(cat run.err)"
for w in 'article 8 .*broken' 'article 9 .*no PNG' 'article 10 .*no PNG' 'article 11 .*50000 x 50000' 'article 12 .*answered 404' 'article 13 .*larger than'; do
    like "a warning: $w" "$(cat run.err)" "$w"
done
like "a warning for a host that isn't there" "$(cat run.err)" "article 1[456] is left out, and whatever else is from there: there-is-no.invalid: there is no such host"
is "one warning each" "$(grep -c 'left out' run.err)" 7
unlike "no reader in a warning" "$(cat run.err)" "example.net"
is "each was asked for once" "$(sort requests.log | uniq -c | awk '$1 > 1 && $2 != "/photo.jpg"' || true)" ""
unlike "nobody is told where it is read" "$(cat requests.log)" "referer=[^N]"
wait_for 10 "the mails" has_mail m 3
cat >look.py <<'PY'
import email, email.policy, glob, hashlib, re, struct, sys
policy = email.policy.SMTP.clone(raise_on_defect=True)
kept = set()
for f in sorted(glob.glob("m/new/*")):
    raw = open(f, "rb").read()
    m = email.message_from_bytes(raw, policy=policy)
    to = m["To"]
    parts = list(m.walk())
    text = m.get_body(("plain",)).get_content()
    if "text@" in to:
        assert m.get_content_type() == "text/plain" and b"image/" not in raw, "text alone has no pictures"
        assert "[A gradient]" in text
        continue
    assert [p.get_content_type() for p in parts[:4]] == ["multipart/alternative", "text/plain", "multipart/related", "text/html"], [p.get_content_type() for p in parts]
    related = parts[2]
    assert related.get_param("type") == "text/html"
    html = m.get_body(("html",)).get_content()
    pictures = {p["Content-ID"].strip("<>"): p for p in parts if p.get_content_maintype() == "image"}
    used = re.findall(r'<img [^>]*src="([^"]*)"', html)
    assert all(u.startswith("cid:") for u in used), used
    assert {u[4:] for u in used} == set(pictures), (used, list(pictures))
    assert "http://127" not in html and "http://127" not in text
    total = 0
    for p in pictures.values():
        data = p.get_content()
        total += len(data)
        assert p["Content-Disposition"].startswith("inline")
        assert b"GPS" not in data and b"Exif" not in data
        assert data[:3] == b"\xff\xd8\xff" if p.get_content_type() == "image/jpeg" else data[:4] == b"\x89PNG"
    assert total <= 400 * 1024, total
    assert len(pictures) == 7, len(pictures)        # photo, turned, flag, alpha, gif, webp, unsaid; moved is photo again
    sizes = re.findall(r'<img src="cid:[^"]*" alt="([^"]*)" width="(\d+)"', html)
    assert ("A gradient", "584") in sizes, sizes
    assert ("From another camera", "584") in sizes and ("Half of it is transparent", "300") in sizes and ("", "90") in sizes, sizes
    assert html.count("A flag") == 1 and html.count("again") == 1 and "A gradient on its side" not in html, "the body shows the picture itself"
    for alt in ("A torn photo", "No picture at all", "A drawing", "A bomb", "It was here", "Too much"):
        assert "[%s]" % alt in html and "[%s]" % alt in text, alt
    # the picture that lay on its side stands: 800 x 1200 scaled
    for p in pictures.values():
        d = p.get_content()
        if d[:3] == b"\xff\xd8\xff":
            i = 2
            while not 0xc0 <= d[i + 1] <= 0xc2:
                i += 2 + struct.unpack(">H", d[i + 2:i + 4])[0]
            h, w = struct.unpack(">HH", d[i + 5:i + 9])
            kept.add((w, h))
    body = raw.split(b"\r\n\r\n", 1)[1]
    print(to, len(raw), hashlib.sha256(b"".join(sorted(p.get_content() for p in pictures.values()))).hexdigest()[:12])
assert any(h > w for w, h in kept), kept
PY
python3 look.py >looked || die "$(tail -3 looked)"
is "all have the same pictures" "$(awk '{print $3}' looked | sort -u | wc -l)" 1
ok "its mails differ in the readers' own places alone" courant --json issue prove 1
is "none differs elsewhere" "$(json .out "d['differing']")" 0

# ---- from the frozen inputs: the pictures' server is gone, another program renders the same ----
before=$(wc -l <requests.log)
ok "the issue as it was" at 07:30 issue preview 1 --eml
is "nothing is fetched again" "$(wc -l <requests.log)" "$before"
ok "as a browser shows it" at 07:30 issue preview 1 --html
is "the pictures stand in the HTML" "$(grep -o 'src="data:image/[a-z]*;base64,' .out | wc -l)" 8
unlike "no cid is left" "$(cat .out)" "cid:"

# ---- together within images_size: the first articles first ----
set_key courant.ini newsletter.weekly images_size 48K
sqlite3 site.db "UPDATE post SET id = id + 100, title = title || ' again'"
ok "new articles" at 07:32 source sync --accept
"$COURANT" -c courant.ini --now 2026-11-23T07:33:00Z issue preview weekly --eml >small.eml 2>err || die "$(cat err)"
is "within the size, the newest first" "$(python3 - <<'PY'
import email, email.policy
m = email.message_from_binary_file(open("small.eml", "rb"), policy=email.policy.SMTP.clone(raise_on_defect=True))
n = [len(p.get_content()) for p in m.walk() if p.get_content_maintype() == "image"]
html = m.get_body(("html",)).get_content()
print(0 < sum(n) <= 48 * 1024, len(n) < 7, '[A gradient]' not in html)
PY
)" "True True True"

# ---- link and none ----
set_key courant.ini newsletter.weekly images link
ok "linked" at 07:34 issue preview weekly --html
like "the address stands in it" "$(cat .out)" "<img src=\"$web/photo.jpg\" alt=\"A gradient\""
set_key courant.ini newsletter.weekly images none
before=$(wc -l <requests.log)
ok "none" at 07:35 issue preview weekly --html
unlike "no picture" "$(cat .out)" "<img"
is "nothing is fetched for these" "$(wc -l <requests.log)" "$before"
