# Goal: everyone gets every matching article that arrived after the own mark, once: late and backdated ones with the next
# issue, nothing twice, no issue when nothing is new, one issue a due time however often and from where it is built, new
# readers from their joining on, nothing older than `since`, nothing for a due time before the first `init`.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
sqlite3 site.db "CREATE TABLE a (id INTEGER PRIMARY KEY, title TEXT, day TEXT, topic TEXT);
    CREATE TABLE r (id INTEGER PRIMARY KEY, email TEXT, topics TEXT);
    INSERT INTO r VALUES (1, 'ann@example.net', NULL), (2, 'bob@example.net', 'sport'), (3, 'cyd@example.net', 'music,sport');
    INSERT INTO a VALUES (1, 'one-music', '2026-11-17', 'music'), (2, 'two-sport', '2026-11-18', 'sport'),
     (3, 'three-old', '2026-11-01', 'music'), (4, 'four-none', '2026-11-19', NULL)"
sink --record out.jsonl --bodies
SITE=none
config "$SINK_PORT" | sed '/^\[source/,$d; /^since/d' >courant.ini
cat >>courant.ini <<'INI'
[source.site]
type = sqlite
path = site.db
newsletter = weekly
articles = SELECT id, title, 'https://news.example.org/' || id AS url, day AS published_at, topic, 'Text.' AS body FROM a
subscribers = SELECT id, email, topics FROM r
INI

# who got which articles in the messages from number FROM on: "ann: one two; bob: …"
got() {
    python3 - out.jsonl "${1:-0}" <<'PY'
import collections, email, email.policy, json, re, sys
who = collections.defaultdict(list)
for line in open(sys.argv[1]).read().splitlines()[int(sys.argv[2]):]:
    r = json.loads(line)
    m = email.message_from_bytes(r["data"].encode("latin-1"), policy=email.policy.SMTP)
    text = m.get_body(("plain",)).get_content()
    html = m.get_body(("html",)).get_content()
    found = [t for t in ("one-music", "two-sport", "three-old", "four-none", "five-late", "six-back", "seven-next", "eight-future", "nine-pair", "ten-") if t in text]
    assert found == [t for t in found if t in html], "text and HTML differ"
    who[r["to"][0].split("@")[0]] += [t.split("-")[0] for t in found]
print("; ".join("%s: %s" % (k, " ".join(v)) for k, v in sorted(who.items())))
PY
}
issues() {
    courant --json issue list >issues.json
    json issues.json 'len(d)'
}
count() {
    wc -l <out.jsonl | tr -d ' '
}

# ---- the first due time is the first after init; since is one period before it ----
init
ok "before the due time nothing is built" at 2026-11-23T06:59:59Z run
is "no issue" "$(issues)" 0
ok "the first issue" at 07:00 run
is "one issue" "$(issues)" 1
is "due at" "$(json issues.json 'd[0]["due_at"]')" 2026-11-23T07:00:00Z
is "what each chose, and nothing before since" "$(got)" "ann: one two four; bob: two; cyd: one two"

# ---- twice makes one ----
at 07:00 run
ok "an hour later" at 08:00 run
ok "build by hand: there is none open, nothing is new" at 08:30 issue build weekly
like "it says so" "$(cat "$S/.out")" 'nothing new'
is "one issue still" "$(issues)" 1
is "nobody got another" "$(count)" 3

# ---- nothing new, no issue ----
ok "a week later" at 2026-11-30T07:05:00Z run
is "no issue without anything new" "$(issues)" 1

# ---- late and backdated ones, a new reader, one article to come ----
sqlite3 site.db "INSERT INTO a VALUES (5, 'five-late', '2026-11-29', 'sport'), (6, 'six-back', '2026-11-17', 'music'),
    (8, 'eight-future', '2026-12-09', 'sport'), (11, 'ten-too-old', '2026-10-01', 'music')"
ok "sync" at 2026-12-01T10:00:00Z source sync
sqlite3 site.db "INSERT INTO r VALUES (4, 'new@example.net', NULL)"
ok "a reader joins" at 2026-12-02T10:00:00Z source sync
sqlite3 site.db "INSERT INTO a VALUES (7, 'seven-next', '2026-12-03', 'sport')"
n=$(count)
ok "the second issue" at 2026-12-07T07:05:00Z run
is "late ones come once; the new reader starts at joining" "$(got "$n")" \
    "ann: five six seven; bob: five seven; cyd: five six seven; new: seven"
is "its number" "$(issues >/dev/null; json issues.json '[(i["number"], i["articles"], i["readers"]) for i in d]')" '[[1, 3, 3], [2, 3, 4]]'
n=$(count)
ok "the third" at 2026-12-14T07:05:00Z run
is "the one that was to come" "$(got "$n")" "ann: eight; bob: eight; cyd: eight; new: eight"

# ---- two at the same moment make one ----
sqlite3 site.db "INSERT INTO a VALUES (9, 'nine-pair', '2026-12-15', 'sport')"
at 2026-12-15T12:00:00Z source sync >/dev/null
n=$(count)
for i in 1 2 3 4; do
    at 2026-12-21T07:05:00Z issue build weekly >build$i 2>&1 &
    builders="${builders:-} $!"
done
at 2026-12-21T07:05:00Z run >/dev/null
for b in $builders; do wait "$b" || die "a builder ended with $?: $(cat build?)"; done
at 2026-12-21T07:06:00Z run >/dev/null
is "one issue for one due time" "$(issues)" 4
is "each reader once" "$(got "$n")" "ann: nine; bob: nine; cyd: nine; new: nine"

# ---- an edit is no new article; a withdrawn one is not sent ----
sqlite3 site.db "UPDATE a SET title = 'nine-pair again' WHERE id = 9; INSERT INTO a VALUES (12, 'ten-gone', '2026-12-22', 'sport')"
at 2026-12-22T12:00:00Z source sync >/dev/null
sqlite3 site.db "DELETE FROM a WHERE id = 12"
n=$(count)
ok "after an edit" at 2026-12-28T07:05:00Z run
is "no issue" "$(issues)" 4

# ---- min_articles: kept until enough have come, marks not moved ----
set_key courant.ini newsletter.weekly min_articles 2
sqlite3 site.db "INSERT INTO a VALUES (13, 'ten-sport', '2026-12-29', 'sport')"
ok "one article is too little" at 2027-01-04T07:05:00Z run
is "no issue" "$(issues)" 4
sqlite3 site.db "INSERT INTO a VALUES (14, 'one-music again', '2027-01-05', 'music')"
n=$(count)
ok "two" at 2027-01-11T07:05:00Z run
is "for those who have two" "$(got "$n")" "ann: one ten; cyd: one ten; new: one ten"
sqlite3 site.db "INSERT INTO a VALUES (15, 'two-sport again', '2027-01-12', 'sport')"
n=$(count)
ok "and bob's second" at 2027-01-18T07:05:00Z run
is "he kept his mark" "$(got "$n")" "bob: two ten"

# ---- one who leaves the query and comes back goes on from the own mark ----
set_key courant.ini newsletter.weekly min_articles 1
sqlite3 site.db "DELETE FROM r WHERE id = 2"
at 2027-01-19T12:00:00Z source sync >/dev/null
sqlite3 site.db "INSERT INTO a VALUES (16, 'three-old again', '2027-01-20', 'sport')"
n=$(count)
ok "without him" at 2027-01-25T07:05:00Z run
is "not bob" "$(got "$n")" "ann: two three; cyd: two three; new: two three"
sqlite3 site.db "INSERT INTO r VALUES (2, 'bob@example.net', 'sport')"
n=$(count)
ok "with him again" at 2027-02-01T07:05:00Z run
is "bob gets what he missed, the others nothing" "$(got "$n")" "bob: three"

# ---- the newsletter's own topics, and their order ----
rm -rf courant.db* queue
set_key courant.ini newsletter.weekly topics "sport, music"
init
n=$(count)
ok "with topics" at 07:05 run
is "only these" "$(got "$n")" "ann: one two six; bob: two; cyd: one two six; new: one two six"
like "in the newsletter's order" "$(at 07:05 issue preview 1 --text --to ann@example.net | tr '\n' ' ')" 'two-sport.*one-music'

# ---- a folder where init was late: no issue for a time that had passed ----
rm -rf courant.db* queue
ok "init after the due time" at 08:00 init
n=$(count)
ok "run" at 08:05 run
is "nothing is mailed for it" "$(count)" "$n"
ok "a week later" at 2026-11-30T07:05:00Z run
is "but then" "$(issues >/dev/null; json issues.json '[i["due_at"] for i in d]')" '["2026-11-30T07:00:00Z"]'

# ---- nothing to show: what to do next ----
rm -rf courant.db* queue
init
fails 65 "a preview before anything was read" at $INIT_TIME issue preview weekly
like "what to do" "$(cat "$S/.err")" "has no new articles: 'courant source sync'"

# ---- a preview before the first issue holds what that will hold, or what there is when that is nothing ----
rm -rf courant.db* queue
sed -i '/^since = /d; /^topics = /d' courant.ini
sqlite3 site.db "DELETE FROM a; INSERT INTO a VALUES (31, 'older', '2026-11-15', 'sport'), (32, 'newer', '2026-11-18', 'sport')"
init
at $INIT_TIME source sync >/dev/null
at $INIT_TIME issue preview weekly --text >text
like "what came in the week before it" "$(cat text)" 'newer'
unlike "not what is older" "$(cat text)" 'older'
sqlite3 site.db "DELETE FROM a WHERE id = 32"
at $INIT_TIME source sync >/dev/null
like "something to look at" "$(at $INIT_TIME issue preview weekly --text)" 'older'
