# Goal: approval = yes makes a draft draft_before the due time and mails it to the editors with the numbers; articles that
# come later wait; the draft can be changed, built again and dropped; what is approved is byte for byte what is sent, at
# its time, and nothing else is ever released; one nobody approves is reminded of once, then sent or skipped as
# configured; what a newsletter mails goes over its own relays.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
mkdir web && echo there >web/ok
port=$(free_port)
python3 -m http.server --bind 127.0.0.1 --directory web "$port" >/dev/null 2>&1 &
started $!
sqlite3 site.db "CREATE TABLE a (id INTEGER PRIMARY KEY, title TEXT, day TEXT, topic TEXT, url TEXT);
    CREATE TABLE r (id INTEGER PRIMARY KEY, email TEXT, topics TEXT);
    INSERT INTO r VALUES (1, 'ann@example.net', NULL), (2, 'bob@example.net', 'sport'), (3, 'cyd@example.net', NULL);
    INSERT INTO a VALUES (1, 'one-music', '2026-11-17', 'music', 'http://127.0.0.1:$port/ok'),
     (2, 'two-sport', '2026-11-18', 'sport', 'http://127.0.0.1:$port/gone'), (3, 'three-music', '2026-11-18', 'music', 'http://127.0.0.1:$port/ok?3'),
     (4, 'four-music', '2026-11-19', NULL, NULL)"
sink --record other.jsonl
OTHER=$SINK_PORT
sink --record out.jsonl --bodies
SITE=none
config "$SINK_PORT" 1 | sed '/^\[source/,$d' >courant.ini
for kv in 'approval=yes' 'draft_before=24h' 'editors=ed@example.org, ulla@example.org' 'relay=main'; do
    set_key courant.ini newsletter.weekly "${kv%%=*}" "${kv#*=}"
done
cat >>courant.ini <<INI
[relay.other]
host = 127.0.0.1
port = $OTHER
tls = none
priority = 1
[source.site]
type = sqlite
path = site.db
newsletter = weekly
fetch_private = yes
articles = SELECT id, title, url, day AS published_at, topic, 'Text.' AS body FROM a
subscribers = SELECT id, email, topics FROM r
INI

# mails FROM: "to: subject" of what lies there from number FROM on, sorted
mails() {
    jsonl out.jsonl "'; '.join(sorted('%s: %s' % (x['to'][0].split('@')[0], __import__('email').message_from_string(x['data'], policy=__import__('email.policy').policy.SMTP)['Subject']) for x in d[${1:-0}:]))"
}
# body TO SUBJECT: the text of the last mail to TO whose subject begins so
body() {
    python3 - "$@" <<'PY'
import email, email.policy, json, sys
for line in reversed(open("out.jsonl").read().splitlines()):
    r = json.loads(line)
    m = email.message_from_bytes(r["data"].encode("latin-1"), policy=email.policy.SMTP)
    if r["to"][0].startswith(sys.argv[1]) and m["Subject"].startswith(sys.argv[2]):
        print(m.get_body(("plain",)).get_content().replace("\r", ""))
        break
PY
}
count() {
    wc -l <out.jsonl | tr -d ' '
}
state() { # ID
    courant --json issue list >issues.json
    json issues.json "{i['id']: i['state'] for i in d}.get($1)"
}

# ---- the draft and its numbers ----
init
ok "a day and a minute before" at 2026-11-22T06:59:00Z run
is "no draft yet" "$(state 1)" null
ok "a day before" at 2026-11-22T07:01:00Z run
is "a draft" "$(state 1)" draft
at 2026-11-22T07:01:00Z --json newsletter list >list
is "it is the next issue" "$(json list '[(n["next_due_at"], n["next_articles"], n["next_readers"]) for n in d]')" '[["2026-11-23T07:00:00Z", 4, 3]]'
is "two mails to each editor" "$(mails)" "ed: Draft of issue 1, due 2026-11-23 07:00: Example Weekly: four-music; ed: Example Weekly: four-music; ulla: Draft of issue 1, due 2026-11-23 07:00: Example Weekly: four-music; ulla: Example Weekly: four-music"
body ed 'Draft of issue 1' >letter
like "readers" "$(cat letter)" '^Readers: 3$'
like "renditions" "$(cat letter)" '^Renditions: 2$'
like "links" "$(cat letter)" '^Links: 3 checked, 1 broken$'
like "the broken one" "$(cat letter)" '^  two-sport: .*404'
like "size" "$(cat letter)" '^Size: HTML [0-9]+ KB, text [0-9]+ KB'
like "warnings" "$(cat letter)" '^  four-music: has no link$'
like "how to approve" "$(cat letter)" '^  courant issue approve 1$'
like "what happens else" "$(cat letter)" 'skipped on 2026-11-23 07:00 .UTC., unless'
n=$(count)
sqlite3 site.db "INSERT INTO a VALUES (5, 'five-late', '2026-11-22', 'sport', NULL)"
ok "the next run" at 2026-11-22T07:10:00Z run
is "is quiet" "$(count)" "$n"

# ---- changed by hand ----
fails 66 "an article that is not in it" at 2026-11-22T08:00:00Z issue set 1 --order 5
like "is named" "$(cat .err)" 'article 5 is not in this issue'
fails 65 "a list that is none" at 2026-11-22T08:00:00Z issue set 1 --exclude x
fails 65 "nothing left" at 2026-11-22T08:00:00Z issue set 1 --exclude 1,2,3,4
fails 64 "nothing said" at 2026-11-22T08:00:00Z issue set 1
ok "set" at 2026-11-22T08:00:00Z issue set 1 --subject "Grüße aus dem Tal" --note "Dear *readers*, see [us](https://news.example.org/us)." --order 3,2 --exclude 4
ok "its preview" at 2026-11-23T07:00:00Z issue preview 1 --to ann@example.net --text
like "note" "$(cat .out)" '^Dear readers, see us \[1\]'
is "order" "$(grep -oE '^[0-9]\. .*' .out | head -3 | tr '\n' ';')" "1. three-music;2. two-sport;3. one-music;"
ok "html" at 2026-11-23T07:00:00Z issue preview 1 --to ann@example.net --html
like "clean HTML" "$(cat .out)" 'Dear <em>readers</em>'
ok "changed: mailed again" at 2026-11-22T08:05:00Z run
is "four more" "$(($(count) - n))" 4
like "the editor's subject" "$(mails "$n")" 'ed: Grüße aus dem Tal;'
ok "shown" courant --json issue show 1
cp .out show
is "deadline and note" "$(json show "d['deadline'], d['articles'], d['note'][:4]")" "('2026-11-23T07:00:00Z', 3, 'Dear')"

# ---- approved: at its time, byte for byte, over its own relay ----
n=$(count)
ok "in the last quarter" at 2026-11-23T01:01:00Z run
is "a reminder to each" "$(mails "$n")" "ed: Issue 1 waits for you: Grüße aus dem Tal; ulla: Issue 1 waits for you: Grüße aus dem Tal"
ok "and later" at 2026-11-23T02:00:00Z run
is "no second one" "$(($(count) - n))" 2
ok "approve" at 2026-11-23T06:00:00Z issue approve 1
n=$(count)
ok "before its time" at 2026-11-23T06:30:00Z run
is "nothing goes" "$(count)" "$n"
is "it waits" "$(state 1)" approved
for r in ann bob cyd; do at 07:00 issue preview 1 --to $r@example.net --eml >$r.eml; done
ok "at its time" at 07:00 run
is "all three" "$(($(count) - n))" 3
python3 - "$n" <<'PY' || die "what came is not what was approved"
import json, sys
for line in open("out.jsonl").read().splitlines()[int(sys.argv[1]):]:
    r = json.loads(line)
    want = open(r["to"][0].split("@")[0] + ".eml", "rb").read()
    got = r["data"].encode("latin-1")
    if got.rstrip(b"\r\n") != want.rstrip(b"\r\n"):
        open("got", "wb").write(got)
        sys.exit(1)
PY
is "nothing over the other relay" "$(wc -l <other.jsonl)" 0

# ---- nobody approves: skipped, and its articles come with the next; what was excluded does not come again ----
n=$(count)
ok "the second draft" at 2026-11-29T08:00:00Z run
is "a draft" "$(state 2)" draft
ok "nobody looks at it" at 2026-11-30T07:00:00Z run
is "it is gone" "$(state 2)" null
like "the editors know" "$(mails "$n")" 'ed: Issue 2 is skipped: nobody approved it in time: Example Weekly: five-late'
ok "later" at 2026-11-30T08:00:00Z run
set_key courant.ini newsletter.weekly approval_deadline send
sqlite3 site.db "INSERT INTO a VALUES (6, 'six-sport', '2026-12-01', 'sport', NULL)"
ok "the next week's" at 2026-12-06T07:30:00Z run
n=$(count)
ok "set" at 2026-12-06T08:00:00Z issue set 3 --note "Kept."
sqlite3 site.db "INSERT INTO a VALUES (7, 'seven-sport', '2026-12-02', 'sport', NULL)"
ok "taken in" at 2026-12-06T08:05:00Z source sync
ok "built again" at 2026-12-06T08:06:00Z issue build 3 --again
like "with what came" "$(cat .out)" 'issue 3 .*3 articles for 3 readers'
ok "preview" at 2026-12-06T08:07:00Z issue preview 3
like "the note is kept" "$(cat .out)" '^Kept\.'
ok "nobody looks at it either" at 2026-12-07T07:00:00Z run
is "it goes" "$(mails "$n" | tr ';' '\n' | grep -c -E '(ann|bob|cyd): Example Weekly: seven-sport')" 3
is "each article once" "$(body ann 'Example Weekly: seven' | grep -cE '^[0-9]. (five-late|six-sport|seven-sport)')" 6

# ---- what is not what was approved is not sent ----
sqlite3 site.db "INSERT INTO a VALUES (8, 'eight-sport', '2026-12-08', 'sport', NULL)"
ok "a draft" at 2026-12-13T08:00:00Z run
ok "approve" at 2026-12-13T09:00:00Z issue approve 4
sqlite3 queue/queue.db "UPDATE issue SET approved = zeroblob(32) WHERE id = 4"
n=$(count)
ok "its time" at 2026-12-14T07:00:00Z run
is "it is a draft again" "$(state 4)" draft
like "and somebody is told" "$(cat .err)" "is not what was approved"
is "no reader got it" "$(mails "$n" | tr ';' '\n' | grep -c -E '(ann|bob|cyd):')" 0
