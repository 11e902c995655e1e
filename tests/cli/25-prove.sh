# Goal: the mails of any two readers of one rendition differ in the declared places and nowhere else: issue prove says so
# of 10,000, and so does a parser that knows nothing of courant, masking names, addresses and tokens. The procedure for
# two readers (doc/compare-mails.py) shows exactly those places. An issue not yet released is refused, with a sentence.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
N=${N:-10000}
site_db site.db
sqlite3 site.db "DELETE FROM story WHERE nid NOT IN (SELECT nid FROM story WHERE state = 'live' AND tongue = 'en' ORDER BY nid LIMIT 2)"
only_readers site.db "$N"
sqlite3 site.db "UPDATE reader SET first = NULL WHERE rid % 10 = 0; UPDATE reader SET first = 'Gi<v>en & “' || rid || '”' WHERE rid % 10 = 1"
openssl genpkey -algorithm ed25519 -out ed.pem && chmod 600 ed.pem
sink --record out.jsonl --bodies
config "$SINK_PORT" 8 >courant.ini
printf '[dkim]\ndomain = example.org\nselector = ed\nkey_file = ed.pem\n' >>courant.ini
init
ok "import" at 2026-11-23T06:00:00Z source sync
ok "build" at 2026-11-23T07:05:00Z issue build weekly
fails 65 "before the release" courant issue prove 1
like "says why" "$(cat "$S/.err")" 'not released'
fails 66 "no such issue" courant issue prove 7
ok "send" at 2026-11-23T07:06:00Z send
ok "prove" courant --json issue prove 1
cp "$S/.out" proof.json
is "all of them, none differs" "$(json proof.json '[d["mails"], d["left_out"], d["differing"], d["where"]]')" "[$N, 0, 0, null]"
is "one rendition" "$(json proof.json 'd["renditions"]')" 1
is "the declared places" "$(json proof.json 'd["fields"]')" "To, Message-ID, List-Unsubscribe, DKIM-Signature"
like "and slots" "$(json proof.json 'd["slots"]')" 'reader.given_name.*unsubscribe_url'
ok "for people" courant issue prove 1
like "in words" "$(cat "$S/.out")" "^differing +0$"

cat >mask.py <<'PY'
import email, html, json, re, sys
n, masked, mails = int(sys.argv[1]), {}, []
for line in open("out.jsonl", encoding="utf-8"):
    r = json.loads(line)
    to = r["to"][0]
    i = int(re.match(r"r(\d+)@", to).group(1))
    name = None if i % 10 == 0 else "Gi<v>en & “%d”" % i if i % 10 == 1 else "Given%d" % i
    m = email.message_from_bytes(r["data"].encode("latin-1"))
    if len(mails) < 3: mails.append(r["data"].encode("latin-1"))
    seen = ["%s: %s" % (k, v) for k, v in m.items() if k.lower() not in ("to", "message-id", "list-unsubscribe", "dkim-signature")]
    for p in m.walk():
        if p.is_multipart(): continue
        t = p.get_payload(decode=True).decode("utf-8")
        for word in [html.escape(name).replace("&#x27;", "&#39;"), name] if name else []: t = t.replace(word, "NAME")
        t = re.sub(r"(/unsubscribe/|/preferences/|unsubscribe\+)[a-z2-7]{20,}", r"\1TOKEN", t.replace(to, "ADDRESS"))
        seen += [str(p.items()), t]
    masked.setdefault((name is None, "\n".join(seen)), []).append(i)
assert sum(map(len, masked.values())) == n, masked.values()
named = [k for k in masked if not k[0]]
assert len(named) == 1 and len(masked) == 2, "%d forms, %s" % (len(masked), [v[:3] for v in masked.values()])
assert named[0][1].count("NAME") and named[0][1].count("TOKEN")
for k, b in zip("abc", mails): open(k + ".eml", "wb").write(b)
PY
python3 mask.py "$N" || die "another parser finds more than the declared differences"
checks=$((checks + 1))
ok "two readers compare theirs" python3 "$root/doc/compare-mails.py" a.eml b.eml
unlike "nothing but links and names" "$(grep '^  [<>]' "$S/.out" | grep -vE 'unsubscribe|preferences|Given|Gi')" '.'
like "the links are shown" "$(cat "$S/.out")" '^  < .*unsubscribe/[a-z2-7]{20}'
sed 's/^Subject: /Subject: marked /' b.eml >c.eml
ok "one that is marked" python3 "$root/doc/compare-mails.py" a.eml c.eml
like "is seen" "$(cat "$S/.out")" '^  > marked'
sed 's/^Example Desk/Example  Desk/' b.eml >c.eml
cmp -s b.eml c.eml && die "nothing was marked"
ok "one marked by a blank" python3 "$root/doc/compare-mails.py" a.eml c.eml
like "is seen too" "$(cat "$S/.out")" "^  > '  '"
