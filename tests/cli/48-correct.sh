# Goal: several newsletters in one installation, each with its own sender, template and relay; an issue under way can be
# paused, what is not sent of it corrected and resumed, and a correction sent to just those who were served, without a
# mark moving; hold leaves time to stop after the release.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
sqlite3 site.db "CREATE TABLE a (id INTEGER PRIMARY KEY, title TEXT, live INTEGER);
    INSERT INTO a VALUES (1, 'Wrong figures', 1), (2, 'Other news', 1)"
sqlite3 site.db "CREATE TABLE r (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO r VALUES (1, 'ann@example.net'), (2, 'bob@example.net'), (3, 'cyd@example.net')"
SITE=none
sink --record second.jsonl --bodies
SECOND=$SINK_PORT
sink --record first.jsonl --bodies
config "$SINK_PORT" 1 | sed '/^\[source/,$d' >courant.ini
set_key courant.ini newsletter.weekly relay main
set_key courant.ini newsletter.weekly send_window 07:00-12:00
mkdir own && printf '{{#topics}}{{#articles}}OWN {{title}}\n{{/articles}}{{/topics}}{{unsubscribe_url}} {{site.postal_address}}' >own/note.txt &&
    printf '{{#topics}}{{#articles}}<p>OWN {{title}}</p>{{/articles}}{{/topics}}<a href="{{unsubscribe_url}}">x</a> {{site.postal_address}}' >own/note.html
set_key courant.ini site templates own
cat >>courant.ini <<INI
[relay.second]
host = 127.0.0.1
port = $SECOND
tls = none
priority = 1
[newsletter.note]
title = A Note
from = Note <note@example.org>
schedule = daily 06:00
since = 2026-11-01
template = note
relay = second
hold = 30m
[source.site]
type = sqlite
path = site.db
newsletter = weekly
articles = SELECT id, title, 'https://news.example.org/a/' || id AS url, '2026-11-20' AS published_at, 'Text.' AS body FROM a WHERE live
subscribers = SELECT id, email FROM r
[source.more]
type = sqlite
path = site.db
newsletter = note
subscribers = SELECT id, email FROM r WHERE id < 3
INI

# sent FILE FROM: who got which titles, from whom, with which note
sent() {
    python3 - "$1" "$2" <<'PY'
import email, email.policy, json, re, sys
out = []
for line in open(sys.argv[1]).read().splitlines()[int(sys.argv[2]):]:
    r = json.loads(line)
    m = email.message_from_bytes(r["data"].encode("latin-1"), policy=email.policy.SMTP)
    text = m.get_body(("plain",)).get_content()
    titles = [t for t in ("Wrong figures", "Right figures", "Other news", "OWN") if t in text]
    out.append("%s<%s: %s%s" % (r["to"][0].split("@")[0], m["From"].addresses[0].username, ",".join(titles), " NOTE" if "Sorry." in text else ""))
print("; ".join(sorted(out)))
PY
}

# ---- two newsletters ----
init
ok "the note is due at six, and held" at 2026-11-21T06:00:00Z run
is "nothing yet" "$(sent second.jsonl 0)" ""
ok "after the hold" at 2026-11-21T06:31:00Z run
is "its sender, template and relay" "$(sent second.jsonl 0)" "ann<note: Wrong figures,Other news,OWN; bob<note: Wrong figures,Other news,OWN"
is "the first relay has nothing of it" "$(wc -l <first.jsonl)" 0

# ---- an issue of which one message went ----
ok "the weekly is made, its window closed" at 2026-11-24T13:00:00Z run
courant --json issue list --newsletter weekly >issues.json
id=$(json issues.json 'd[0]["id"]')
is "it waits" "$(sent first.jsonl 0)" ""
ok "hold two" at 2026-11-24T13:00:00Z queue hold --issue "$id" bob@example.net cyd@example.net
ok "one goes" at 2026-11-25T07:00:00Z run
is "ann has it" "$(sent first.jsonl 0)" "ann<news: Wrong figures,Other news"
fails 65 "correct what is not paused" at 2026-11-25T07:10:00Z issue correct "$id"
like "says what comes first" "$(cat .err)" "issue pause $id"
ok "pause" at 2026-11-25T07:10:00Z issue pause "$id"
sqlite3 site.db "UPDATE a SET title = 'Right figures' WHERE id = 1"
ok "sync" at 2026-11-25T07:11:00Z source sync
ok "correct" at 2026-11-25T07:12:00Z issue correct "$id" --note 'Sorry.'
like "two readers" "$(cat .out)" 'corrected for 2 readers'
ok "one who got it sees what was sent" at 2026-11-25T07:12:00Z issue preview "$id" --to ann@example.net
like "the old" "$(cat .out)" 'Wrong figures'
ok "one who did not sees what will be" at 2026-11-25T07:12:00Z issue preview "$id" --to bob@example.net
like "the new" "$(cat .out)" 'Right figures'
ok "resume" at 2026-11-25T07:13:00Z issue resume "$id"
ok "release" at 2026-11-25T07:13:00Z queue release --issue "$id"
ok "the rest goes" at 2026-11-25T07:14:00Z run
is "corrected" "$(sent first.jsonl 1)" "bob<news: Right figures,Other news NOTE; cyd<news: Right figures,Other news NOTE"
ok "its mails differ in the readers' places alone" at 2026-11-25T07:15:00Z issue prove "$id"

# ---- a correction to those who were served ----
sqlite3 queue/queue.db "SELECT * FROM mark" >marks
n=$(wc -l <first.jsonl)
sqlite3 site.db "UPDATE a SET live = 0 WHERE id = 2"
ok "sync" at 2026-11-25T08:00:00Z source sync
fails 65 "one that is done" at 2026-11-25T08:00:00Z issue correct "$id"
like "says how" "$(cat .err)" "issue correct $id --to-served' mails"
ok "correct" at 2026-11-25T08:00:00Z --json issue correct "$id" --to-served --subject "Correction" --note "Sorry."
cp .out c.json
is "three" "$(json c.json 'd["readers"], d["corrects"], d["articles"]')" "(3, $id, 1)"
ok "it goes" at 2026-11-25T08:01:00Z run
is "to all of them, once" "$(sent first.jsonl "$n")" "ann<news: Right figures NOTE; bob<news: Right figures NOTE; cyd<news: Right figures NOTE"
sqlite3 queue/queue.db "SELECT * FROM mark" >marks2
is "no mark has moved" "$(cmp marks marks2 && echo same)" same
ok "nothing twice" at 2026-11-30T07:05:00Z run
is "nothing is owed" "$(sqlite3 queue/queue.db 'SELECT count(*) FROM owed')" 0
is "no more mail" "$(($(wc -l <first.jsonl) - n))" 3
