# Goal: messages that carry pictures, in several renditions, text alone among them, are what three decoders that know
# nothing of each other (Python's strict one, Perl's MIME::Tools, munpack) take them for: the same text, the same pictures
# byte for byte, no defect, lines within their limits, the same bytes when they are made again. dkimpy and OpenDKIM verify
# both signatures; issue prove holds. Nothing of a title, a name, a subject or a note adds a header or a script.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
python3 "$here/pictures.py" >server.out 2>server.err &
started $!
wait_for 60 "the pictures' server" grep -q port server.out
web=http://127.0.0.1:$(sed -n 's/^port //p' server.out)
python3 - "$web" <<'PY'
import sqlite3, sys
web = sys.argv[1]
db = sqlite3.connect("site.db")
db.execute("CREATE TABLE post(id, title, url, at, body, topic, lang, image, alt)")
db.execute("CREATE TABLE member(id, mail, name, topics, format, lang)")
evil = ["\r\nBcc: evil@example.com\r\n\r\n<script>alert(1)</script>", "\nX-Evil: 1", "\x0bX-Evil: 1\x85", " =?utf-8?q?=0D=0AX-Evil:_1?=", "\u2028X-Evil: 1"]
texts = ["The gauge at the old bridge is read every hour. ", "བོད་ནི་ཨེ་ཤེ་ཡའི་མཐོ་སྒང་ཞིག་ཡིན་ལ། ", "هذا نص عربي طويل. ", "西藏自治区位于中华人民共和国西南边疆。"]
pictures = ["photo.jpg", "turned.jpg", "alpha.png", "small.gif", "photo.webp", "nowhere.jpg"]
for i in range(8):
    body = "<p>%s</p><p><img src='%s/flag.png' alt='A flag'></p><pre>%s\n.\n..\nFrom here   \n</pre>" % (texts[i % 4] * 9, web, "x" * 1200)
    db.execute("INSERT INTO post VALUES(?,?,?,?,?,?,?,?,?)", (i + 1, "Title %d%s" % (i, evil[i % 5]), "https://news.example.org/%d" % i,
        "2026-11-22T0%d:00:00Z" % i, body, "t%d" % (i % 4), ["en", "bo", "ar", "zh"][i % 4], "%s/%s" % (web, pictures[i % 6]), "alt %d%s" % (i, evil[i % 5])))
for i in range(30):
    topics = ",".join("t%d" % t for t in range(4) if i % 15 + 1 >> t & 1)
    db.execute("INSERT INTO member VALUES(?,?,?,?,?,?)", (i + 1, "r%d@example.net" % i, "Name %d%s" % (i, evil[i % 5]), topics, "text" if i % 5 == 0 else None, "en"))
db.commit()
PY
openssl genrsa -out rsa.pem 2048 2>/dev/null
openssl genpkey -algorithm ed25519 -out ed.pem
chmod 600 rsa.pem ed.pem
sink --record out.jsonl --bodies
config "$SINK_PORT" | sed '/^\[source/,$d' >courant.ini
set_key courant.ini newsletter.weekly body full
set_key courant.ini newsletter.weekly approval yes
set_key courant.ini newsletter.weekly draft_before 10h
set_key courant.ini newsletter.weekly editors ed@example.org
cat >>courant.ini <<'INI'
[dkim]
domain = example.org
selector = rsa
key_file = rsa.pem
selector2 = ed
key_file2 = ed.pem
[source.site]
type = sqlite
path = site.db
newsletter = weekly
fetch_private = yes
articles = SELECT id, title, url, at AS published_at, body, 'html' AS body_format, topic, lang AS language, image AS image_url, alt AS image_alt FROM post
subscribers = SELECT id, mail AS email, name, topics, format, lang AS language FROM member
INI
init
ok "a draft" at 2026-11-22T23:00:00Z run
ok "a subject and a note" at 2026-11-22T23:01:00Z issue set 1 --subject $'Subject\r\nBcc: evil@example.com\r\n\r\nbody' \
    --note $'A note\r\nBcc: evil@example.com <script>alert(1)</script> [x](javascript:alert(1))'
ok "approved" at 2026-11-22T23:02:00Z issue approve 1
ok "run" at 07:05 run
grep '"r[0-9]*@' out.jsonl >readers.jsonl
is "sent" "$(wc -l <readers.jsonl)" 30
ok "made again" at 07:20 issue preview 1 --eml --to r7@example.net
cp "$S/.out" again.eml

# ---- signatures ----
rsa=$(openssl pkey -in rsa.pem -pubout -outform DER | base64 -w0)
ed=$(openssl pkey -in ed.pem -pubout -outform DER | tail -c 32 | base64 -w0)
printf 'rsa._domainkey.example.org. v=DKIM1; k=rsa; p=%s\ned._domainkey.example.org. v=DKIM1; k=ed25519; p=%s\n' "$rsa" "$ed" >records
said=$(/usr/bin/python3 "$here/dkim_judge.py" verify readers.jsonl records 2 again.eml) || die "$said"
/usr/bin/python3 "$here/dkim_judge.py" split readers.jsonl mails 1
printf 'rsa._domainkey.example.org v=DKIM1; k=rsa; p=%s\n' "$rsa" >keys
printf 'Mode v\nTestPublicKeys %s/keys\nSyslog no\nOn-KeyNotFound accept\n' "$S" >opendkim.conf
for m in mails/1.eml mails/5.eml mails/23.eml; do
    said=$(opendkim -x opendkim.conf -t "$m" 2>&1) || true
    like "OpenDKIM on $m" "$said" 'dkim=pass|verification \(s=rsa.*succeeded'
done

# ---- proof ----
ok "proof" at 07:21 --json issue prove 1
is "no two differ elsewhere" "$(json .out '[d["mails"], d["differing"], d["renditions"] > 12]')" "[30, 0, true]"

# ---- decoders ----
cat >python.py <<'PY'
"""Each part as Python decodes it: FILE TYPE SHA-256 of the bytes, line ends of texts as LF."""
import email, email.policy, glob, hashlib, re
for f in sorted(glob.glob("mails/*.eml")):
    b = open(f, "rb").read()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\0|[\x80-\xff]", b), f
    head, body = b.split(b"\r\n\r\n", 1)
    assert all(len(l) <= 78 or l[:1] == b" " for l in head.split(b"\r\n")) and max(map(len, b.split(b"\r\n"))) <= 998, f
    assert max(map(len, body.split(b"\r\n"))) <= 76, f
    assert not re.search(rb"(?im)^(bcc|cc|x-evil)\s*:", head), f
    m = email.message_from_bytes(b, policy=email.policy.SMTP.clone(raise_on_defect=True))
    html = m.get_body(("html",))
    if html:
        text = html.get_content()
        assert "<script" not in text and "javascript:" not in text, f
        used = re.findall(r'src="cid:([^"]+)"', text)
        ids = [p["Content-ID"].strip("<>") for p in m.walk() if p.get_content_maintype() == "image"]
        assert set(used) == set(ids) and len(ids) == len(set(ids)), (f, used, ids)
    for p in m.walk():
        assert not p.defects, (f, p.defects)
        if not p.is_multipart():
            # the smaller of the two encodings
            raw = p.get_payload(decode=True)
            if p.get_content_maintype() == "text":
                base64 = (len(raw) + 56) // 57 * 2 + (len(raw) + 2) // 3 * 4
                assert len(p.get_payload()) <= base64 * 1.1 + 100, (f, len(p.get_payload()), base64)
                raw = raw.replace(b"\r\n", b"\n")
            print(f, p.get_content_type(), hashlib.sha256(raw).hexdigest())
PY
python3 python.py >python.out || die "python: $(tail -n 1 python.out)"
cat >perl.pl <<'PL'
use strict; use warnings; use MIME::Parser; use Digest::SHA qw(sha256_hex);
sub walk { my ($f, $e) = @_;
    if ($e->parts) { walk($f, $_) for $e->parts; return }
    my $b = $e->bodyhandle->as_string;
    $b =~ s/\r\n/\n/g if $e->mime_type =~ /^text/;
    print "$f ", $e->mime_type, " ", sha256_hex($b), "\n"; }
for my $f (sort glob "mails/*.eml") {
    my $p = MIME::Parser->new; $p->output_to_core(1); $p->tmp_to_core(1);
    my $e = $p->parse_open($f);
    die "$f: " . join "; ", $p->results->errors, $p->results->warnings if $p->results->errors || $p->results->warnings;
    walk($f, $e); }
PL
perl perl.pl >perl.out 2>perl.err || die "MIME::Tools: $(cat perl.err)"
ok "Perl decodes what Python does" cmp python.out perl.out
for m in mails/*.eml; do
    mkdir -p "third/$m"
    munpack -q -C "third/$m" "$S/$m" >/dev/null 2>&1 || die "munpack on $m"
done
find third -name '*.jpg' -o -name '*.png' | while read -r f; do
    printf '%s %s\n' "$(echo "$f" | cut -d/ -f2,3)" "$(sha256sum <"$f" | cut -d' ' -f1)"
done | sort >third.out
sed -n 's/ image\/[a-z]* / /p' python.out | sort >images.out
is "there are pictures" "$(($(wc -l <images.out) > 40))" 1
ok "munpack has the same pictures" cmp images.out third.out
