# Goal: double opt-in. `subscriber add --invite` asks by mail, in the reader's language, with one link; `subscriber
# confirm` takes the answer once, in time, from the address that was asked; who does not answer is forgotten wholly; nobody
# can be flooded, revived against their will, or mailed a newsletter before the answer; what was agreed to is on record.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
sqlite3 site.db "CREATE TABLE a (id INTEGER PRIMARY KEY, title TEXT, day TEXT); CREATE TABLE r (id INTEGER PRIMARY KEY, email TEXT);
    INSERT INTO r VALUES (1, 'old@example.net'); INSERT INTO a VALUES (1, 'one-early', '2026-11-17')"
sink --record out.jsonl --bodies
SITE=none
config "$SINK_PORT" | sed '/^\[source/,$d' >courant.ini
cat >>courant.ini <<'INI'
[source.site]
type = sqlite
path = site.db
newsletter = weekly
articles = SELECT id, title, 'https://news.example.org/' || id AS url, day AS published_at, 'Text.' AS body FROM a
subscribers = SELECT id, email FROM r
INI
init

# mail ADDRESS [N]: the last mail to it (the Nth from the end), as {subject, lang, text, html, links, header...}
mail() {
    python3 - out.jsonl "$@" <<'PY' >mail
import email, email.policy, html.parser, json, re, sys
rows = [json.loads(l) for l in open(sys.argv[1])]
r = [r for r in rows if r["to"] == [sys.argv[2]]][-int((sys.argv + ["1"])[3])]
m = email.message_from_bytes(r["data"].encode("latin-1"), policy=email.policy.SMTP)
class P(html.parser.HTMLParser):
    links, lang, words = [], None, ""
    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "html": P.lang = a["lang"]
        if tag in ("a", "img", "form", "link"): P.links.append(a.get("href") or a.get("src"))
    def handle_data(self, d): P.words += d
text, page = (m.get_body((k,)).get_content() for k in ("plain", "html"))
P().feed(page)
text = text.replace("\r\n", "\n").replace(" \n", "")  # format=flowed; delsp=yes
json.dump({"subject": m["Subject"], "from": m["From"], "to": m["To"], "type": m.get_content_type(), "text": text, "html": P.words,
           "lang": P.lang, "links": P.links, "headers": [k.lower() for k in m.keys()], "sender": r["from"], "id": m["Message-ID"],
           "urls": re.findall(r"https?://\S+", text)}, sys.stdout)
PY
}
token_of() {
    mail "$@"
    json mail "d['links'][0].rsplit('/', 1)[1]"
}
titles() { # titles ADDRESS: which articles ever came to it
    python3 - out.jsonl "$1" <<'PY'
import email, email.policy, json, re, sys
rows = [json.loads(l) for l in open(sys.argv[1])]
texts = [email.message_from_bytes(r["data"].encode("latin-1"), policy=email.policy.SMTP).get_body(("plain",)).get_content()
         for r in rows if r["to"] == [sys.argv[2]]]
print(" ".join(sorted({t for x in texts for t in re.findall(r"(?:one-early|two-before|three-after)", x)})))
PY
}

# ---- the question ----
ok "invited" at 2026-11-23T06:00:00Z subscriber add --invite 'Ann Zyxname <Ann@Private.example>' --given-name Anni --language de
like "says so" "$(cat .out)" '^1 invited to Example Weekly'
for f in queue/*; do
    is "nothing personal in $f" "$(grep -aciE 'private.example|zyxname|anni' "$f" || true)" 0
done
ok "the run" at 07:05 run
mail Ann@private.example
is "in the reader's language" "$(json mail "(d['lang'], d['subject'])")" "('de', 'Bitte bestätigen: Example Weekly')"
is "one link, the same in both parts" "$(json mail "len(d['links']) == 1 == len(d['urls']) and d['links'] == d['urls'] and d['links'][0].startswith('https://news.example.org/mail/confirm/')")" true
is "what it says" "$(json mail "[w in d['text'] and w in d['html'] for w in ('Anni', 'Example Desk lädt Sie ein', '30. November 2026', '1 Example Street')]")" '[true, true, true, true]'
is "no list's headers" "$(json mail "[h for h in d['headers'] if h.startswith('list-') or h == 'precedence']")" '[]'
is "automatic, by VERP, to the name" "$(json mail "('auto-submitted' in d['headers'], d['sender'].startswith('bounces+'), d['to'])")" "(True, True, 'Ann Zyxname <Ann@private.example>')"
is "no issue before the answer" "$(titles Ann@private.example)" ""
is "the others got theirs" "$(titles old@example.net)" one-early
first=$(token_of Ann@private.example)

# ---- not again within a day ----
fails 65 "asked again" at 2026-11-23T20:00:00Z --json subscriber add --invite ann@PRIVATE.example
like "it says when" "$(json .out "d['errors'][0]['reason']")" 'asked at 2026-11-23T06:00:00Z'
ok "the run sends nothing" at 2026-11-23T20:01:00Z run
is "one mail in all" "$(grep -c 'Ann@private' out.jsonl)" 1
ok "a day later" at 2026-11-24T06:00:01Z subscriber add --invite ann@private.example
ok "that run" at 2026-11-24T06:01:00Z run
second=$(token_of Ann@private.example)
isnt "another token" "$second" "$first"
fails 65 "the first token is of no use now" at 2026-11-24T07:00:00Z subscriber confirm "$first"
like "and says why" "$(cat .err)" 'another question'

# ---- what is no answer ----
fails 65 "no token" courant subscriber confirm "abcdefghijklmnopqrstuvwxyz234"
fails 65 "a changed one" courant subscriber confirm "$(echo "$second" | sed 's/^7/6/; t; s/^./7/')"
fails 65 "a cut one" courant subscriber confirm "${second%?}"
fails 65 "nothing" courant subscriber confirm - </dev/null
fails 65 "a token of another kind" courant subscriber confirm "$(grep -o 'unsubscribe+[a-z2-7]*' out.jsonl | head -1 | cut -d+ -f2)"

# ---- yes ----
sqlite3 site.db "INSERT INTO a VALUES (2, 'two-before', '2026-11-24')"
ok "an article comes" at 2026-11-24T08:00:00Z source sync
printf 'From: Ann\nSubject: Re: x\n\nYes please!\n> %s\n' "https://news.example.org/mail/confirm/$(echo "$second" | tr a-z A-Z)" >reply
at 2026-11-24T09:00:00Z --json subscriber confirm - <reply >.out || die "confirmed by a reply"
is "it says who" "$(json .out "(d['newsletter'], d['confirmed_before'])")" "('weekly', None)"
ok "twice does no harm" at 2026-11-24T09:01:00Z subscriber confirm "$second"
like "it says so" "$(cat .out)" 'already'
ok "the welcome goes" at 2026-11-24T09:02:00Z send # now: in one run with an issue, either may come first
sqlite3 site.db "INSERT INTO a VALUES (3, 'three-after', '2026-11-24')"
ok "the next issue" at 2026-11-30T07:05:00Z run
is "the reader starts at the answer" "$(titles Ann@private.example)" three-after
mail Ann@private.example 2
is "a welcome" "$(json mail "(d['subject'], d['lang'], d['links'])")" "('Willkommen bei Example Weekly', 'de', [])"
ok "leaves" at 2026-12-01T07:00:00Z subscriber remove ann@private.example
ok "the used token" at 2026-12-01T07:01:00Z subscriber confirm "$second"
is "revives nobody" "$(sqlite3 courant.db 'SELECT status FROM subscription WHERE subscriber = 1')" 3

# ---- on record ----
courant subscriber export --person ann@private.example >held
is "when, how, by whom, to which text" "$(json held "[(c['how'], c['at'], c['answered_at'], c['answered_by'], 'lädt Sie ein' in c['text'] and 'zyx' not in c['text'].lower(), len(c['text_hash'])) for c in d['consent']]")" \
    "[[\"invitation\", \"2026-11-23T06:00:00Z\", null, null, true, 64], [\"invitation\", \"2026-11-24T06:00:01Z\", \"2026-11-24T09:00:00Z\", \"admin $(id -un)\", true, 64]]"
courant subscriber export --person old@example.net >held
is "a source's word" "$(json held "[(c['how'], c['origin'], c['newsletter']) for c in d['consent']]")" '[["source", "site", "weekly"]]'
ok "by hand" at 2026-12-01T07:02:00Z subscriber add hand@private.example
courant subscriber export --person hand@private.example >held
is "by hand it is on record too" "$(json held "[(c['how'], c['actor']) for c in d['consent']]")" "[[\"by hand\", \"admin $(id -un)\"]]"

# ---- who must not be asked ----
ok "suppressed" at 2026-12-01T08:00:00Z suppress add never@private.example --note "asked by phone"
fails 65 "a suppressed one" at 2026-12-01T08:00:00Z subscriber add --invite never@private.example
like "with the reason" "$(cat .err)" 'suppressed by hand on 2026-12-01 \(asked by phone\)'
fails 65 "no address" at 2026-12-01T08:00:00Z subscriber add --invite 'a b@c'
fails 65 "who reads it" at 2026-12-01T08:00:00Z subscriber add --invite old@example.net
like "says so" "$(cat .err)" 'already'
ok "tried without doing it" at 2026-12-01T08:00:00Z subscriber add --invite --dry-run dry@private.example
is "nobody is there" "$(sqlite3 courant.db "SELECT count(*) FROM subscriber WHERE email LIKE 'dry%'")" 0

# ---- suppressed or erased between question and answer; erased is lifted, nothing else ----
ok "two are asked" at 2026-12-01T09:00:00Z subscriber add --invite s@private.example gone@private.example m@private.example
ok "sent" at 2026-12-01T09:01:00Z send
s=$(token_of s@private.example) gone=$(token_of gone@private.example) m=$(token_of m@private.example)
ok "suppressed" at 2026-12-01T09:02:00Z suppress add s@private.example
fails 77 "not against a suppression" at 2026-12-01T09:03:00Z subscriber confirm "$s"
like "with the reason" "$(cat .err)" 'by hand'
ok "erased" at 2026-12-01T09:02:00Z subscriber erase gone@private.example
fails 65 "an erased person's token" at 2026-12-01T09:03:00Z subscriber confirm "$gone"
fails 65 "an erased person can't be added" at 2026-12-01T09:03:00Z subscriber add gone@private.example
ok "but asked" at 2026-12-01T09:03:00Z subscriber add --invite gone@private.example
ok "sent" at 2026-12-01T09:04:00Z send
ok "and confirm" at 2026-12-01T09:05:00Z subscriber confirm "$(token_of gone@private.example)"
is "the hash is lifted" "$(sqlite3 courant.db "SELECT count(*) FROM suppression WHERE key LIKE 'h:%'")" 0
ok "another address" at 2026-12-01T09:05:00Z subscriber set m@private.example --email moved@private.example
fails 65 "the old address's token" at 2026-12-01T09:06:00Z subscriber confirm "$m"

# ---- of somebody who became one with another; an answer as mail programs write it ----
ok "three are asked" at 2026-12-01T10:00:00Z subscriber add --invite was@private.example b64@private.example qp@private.example
ok "sent" at 2026-12-01T10:01:00Z send
ok "signed up by hand" at 2026-12-01T10:02:00Z subscriber add is@private.example
ok "merged" at 2026-12-01T10:03:00Z subscriber set is@private.example --email was@private.example --merge
fails 65 "the token of who was merged" at 2026-12-01T10:04:00Z subscriber confirm "$(token_of was@private.example)"
ok "both" at 2026-12-01T10:05:00Z subscriber show was@private.example
is "one history, in order" "$(sed -n '/^History/,$p' .out | sed 1d | cut -c3-19 | sort -c && sed -n '/^History/,$p' .out | grep -c 'merge')" 2
for enc in base64 quoted-printable; do
    [ $enc = base64 ] && who=b64@private.example || who=qp@private.example
    python3 - "$(token_of $who)" $enc >reply <<'PY'
import base64, sys
token, enc = sys.argv[1:]
text = "Grüße!\n\n> " + "x" * 40 + " " + token + "\n"
body = base64.encodebytes(text.encode()).decode() if enc == "base64" else text.replace("ü", "=C3=BC").replace("ß", "=C3=9F").replace(token, token[:20] + "=\n" + token[20:])
print(f"Subject: Re: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: {enc}\n\n{body}")
PY
    at 2026-12-01T10:06:00Z subscriber confirm - <reply >/dev/null || die "an answer in $enc is not understood"
    is "the answer in $enc" "$(sqlite3 courant.db "SELECT s.status FROM subscription s JOIN subscriber p ON p.id = s.subscriber WHERE p.email = '$who'")" 1
done

# ---- no answer ----
ok "asked, once a reader" at 2026-12-02T09:00:00Z subscriber add --invite quiet@private.example ann@private.example
sqlite3 courant.db "SELECT id FROM subscriber WHERE email LIKE 'quiet%'" >id
ok "sent" at 2026-12-02T09:01:00Z send
quiet=$(token_of quiet@private.example)
fails 65 "too late" at 2026-12-09T09:00:00Z subscriber confirm "$quiet"
like "says when" "$(cat .err)" 'good until 2026-12-09T09:00:00Z'
is "until then it is pending" "$(courant --json subscriber show quiet@private.example | python3 -c 'import json, sys; print(json.load(sys.stdin)["subscriptions"][0]["status"])')" pending
ok "the run after pending_keep" at 2026-12-09T09:00:01Z run
is "row and address are gone" "$(sqlite3 courant.db "SELECT count(*) FROM subscriber WHERE id = $(cat id)")" 0
for f in courant.db courant.db-wal queue/*; do
    [ ! -e "$f" ] || is "no trace in $f" "$(grep -aci 'quiet@private' "$f" || true)" 0
done
is "who had left before has left again" "$(sqlite3 courant.db "SELECT s.status FROM subscription s JOIN subscriber p ON p.id = s.subscriber WHERE email LIKE 'ann@%'")" 3
is "with its consents" "$(sqlite3 courant.db "SELECT count(*) FROM consent c JOIN subscriber p ON p.id = c.subscriber WHERE email LIKE 'ann@%' AND ended_at IS NOT NULL")" 3
fails 65 "the token of a forgotten one" at 2026-12-09T09:01:00Z subscriber confirm "$quiet"
is "all references hold" "$(sqlite3 courant.db 'PRAGMA foreign_key_check; PRAGMA integrity_check')" ok
ok "asked anew" at 2026-12-09T09:02:00Z subscriber add --invite quiet@private.example
is "as another number" "$(sqlite3 courant.db "SELECT id > $(cat id) FROM subscriber WHERE email LIKE 'quiet%'")" 1

# ---- a letter that waits is not sent for nothing ----
ok "erased before it went" at 2026-12-09T09:03:00Z subscriber erase quiet@private.example
n=$(wc -l <out.jsonl)
ok "the run" at 2026-12-09T09:04:00Z send
is "nothing goes" "$(wc -l <out.jsonl)" "$n"

# ---- without pages of ours; a template and words of one's own ----
sed -i '/^\[web\]/,/^base_url/d' courant.ini
mkdir -p own/mail
printf 'Subject: {{site.name}} asks\n\nDo you want {{newsletter.title}}? Code: {{confirm_code}} until {{words.confirm_ignore.text}}\n' >own/mail/confirm.txt
set_key courant.ini site templates own
ok "asked" at 2026-12-09T10:00:00Z subscriber add --invite code@private.example
ok "sent" at 2026-12-09T10:01:00Z send
mail code@private.example
is "no link" "$(json mail "d['links'] + d['urls']")" '[]'
is "its own subject" "$(json mail "d['subject']")" 'Example Desk asks'
code=$(json mail "d['text'].split('Code: ')[1].split()[0]")
like "the HTML says what to do with it" "$(json mail "d['html']")" 'answer this message and leave this code in it'
like "and has it" "$(json mail "d['html']")" "$code"
ok "confirmed" at 2026-12-09T10:02:00Z subscriber confirm "$code"
printf 'Subject: Dear {{reader.name}}\n\nx\n' >own/mail/confirm.txt
fails 65 "a name in the subject" at 2026-12-09T10:03:00Z subscriber add --invite more@private.example
like "is refused with file and line" "$(cat .err)" 'mail/confirm.txt:1'
printf '{{#a}}' >own/mail/confirm.txt
fails 65 "a broken template" at 2026-12-09T10:03:00Z subscriber add --invite more@private.example
like "names its place" "$(cat .err)" 'mail/confirm.txt:1'
is "and nobody was made" "$(sqlite3 courant.db "SELECT count(*) FROM subscriber WHERE email LIKE 'more%'")" 0
