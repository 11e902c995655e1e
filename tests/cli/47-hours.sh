# Goal: one issue a due time whatever the clocks do (an hour that does not exist, one that comes twice, a machine that was
# off), newsletter list says when the next one is due and what it would hold; with local_hour each reader is written to at
# the schedule's hour where the reader lives, once, out of one issue.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
sqlite3 site.db "CREATE TABLE a (id INTEGER PRIMARY KEY, day TEXT); CREATE TABLE r (id INTEGER PRIMARY KEY, email TEXT, zone TEXT);
    INSERT INTO r VALUES (1, 'site@example.net', NULL), (2, 'tokyo@example.net', 'Asia/Tokyo'), (3, 'york@example.net', 'America/New_York'),
    (4, 'odd@example.net', 'Nowhere/Town'), (5, 'berlin@example.net', 'Europe/Berlin')"
SITE=none
sink --record out.jsonl
fresh() { # SCHEDULE
    rm -rf courant.db* queue secret
    sqlite3 site.db "DELETE FROM a"
    config "$SINK_PORT" 2 | sed '/^\[source/,$d; /^since/d' >courant.ini
    set_key courant.ini site timezone "$2"
    set_key courant.ini newsletter.weekly schedule "$1"
    cat >>courant.ini <<'INI'
[source.site]
type = sqlite
path = site.db
articles = SELECT id, 'Title ' || id AS title, 'https://news.example.org/a/' || id AS url, day AS published_at FROM a
subscribers = SELECT id, email, zone AS timezone FROM r
INI
}
article() { # DAY
    sqlite3 site.db "INSERT INTO a(day) VALUES ('$1')"
}
dues() {
    courant --json issue list >issues.json
    json issues.json "' '.join(i['due_at'] for i in d)"
}
to() { # FROM: who got mail
    jsonl out.jsonl "' '.join(sorted(x['to'][0].split('@')[0] for x in d[$1:]))"
}
count() {
    wc -l <out.jsonl | tr -d ' '
}

# ---- 02:30 on the day the clock goes forward, and on the day it goes back ----
fresh "daily 02:30" Europe/Zurich
ok "init" at 2027-03-26T12:00:00Z init
for t in 2027-03-27T01:29 2027-03-27T01:30 2027-03-28T00:29 2027-03-28T00:59 2027-03-28T01:00 2027-03-28T01:30 2027-03-28T02:30 2027-03-29T00:29 2027-03-29T00:30; do
    article "${t}:00Z"
    ok "run" at "$t:00Z" run
done
is "an hour that does not exist: one issue that day" "$(dues)" "2027-03-27T01:30:00Z 2027-03-28T01:00:00Z 2027-03-29T00:30:00Z"
fresh "daily 02:30" Europe/Zurich
ok "init" at 2027-10-30T12:00:00Z init
for t in 2027-10-30T23:59 2027-10-31T00:30 2027-10-31T01:00 2027-10-31T01:30 2027-10-31T02:30 2027-11-01T01:30; do
    article "${t}:00Z"
    ok "run" at "$t:00Z" run
done
is "an hour that comes twice: one issue" "$(dues | wc -w)" 2
like "at its first coming" "$(dues)" '^2027-10-31T00:30:00Z'
article 2027-11-02T00:00:00Z
ok "off for three weeks" at 2027-11-22T09:00:00Z run
is "catches up once" "$(dues | wc -w)" 3

# ---- what comes next ----
article 2027-11-22T10:00:00Z
article 2027-11-22T11:00:00Z
ok "sync" at 2027-11-22T12:00:00Z source sync
ok "list" at 2027-11-22T12:00:00Z --json newsletter list
cp .out list
is "when and what" "$(json list "[(x['next_due_at'], x['next_articles'], x['next_readers']) for x in d]")" '[["2027-11-23T01:30:00Z", 2, 5]]'
is "and nothing was built for it" "$(dues | wc -w)" 3

# ---- everyone at 07:00 ----
fresh "weekly mon 07:00" UTC
set_key courant.ini newsletter.weekly local_hour yes
init
article 2026-11-20
ok "sync" at 2026-11-20T13:00:00Z source sync
n=$(count)
ok "not yet" at 2026-11-22T21:59:00Z run
is "nobody" "$(to "$n")" ""
ok "seven in Tokyo" at 2026-11-22T22:00:00Z run
is "Tokyo" "$(to "$n")" "tokyo"
n=$(count)
article 2026-11-22T23:00:00Z
ok "in the night" at 2026-11-22T23:30:00Z run
is "nobody" "$(to "$n")" ""
at 2026-11-22T23:30:00Z --json newsletter list >list
is "what is out is not the next one" "$(json list "[(x['next_due_at'], x['next_articles'], x['next_readers']) for x in d]")" '[["2026-11-30T07:00:00Z", 1, 5]]'
ok "seven in Berlin" at 2026-11-23T06:00:00Z run
is "Berlin" "$(to "$n")" "berlin"
n=$(count)
ok "seven at the site" at 2026-11-23T07:00:00Z run
is "those without a zone too" "$(to "$n")" "odd site"
n=$(count)
ok "noon at the site" at 2026-11-23T12:00:00Z run
is "New York" "$(to "$n")" "york"
courant --json issue list >issues.json
is "one issue, done" "$(json issues.json '[(i["due_at"], i["state"], i["readers"], i["articles"]) for i in d]')" '[["2026-11-23T07:00:00Z", "done", 5, 1]]'
n=$(count)
ok "the next week, all at once after a night off" at 2026-11-30T13:00:00Z run
is "each once" "$(to "$n")" "berlin odd site tokyo york"
article 2026-12-01
ok "by hand" at 2026-12-01T09:00:00Z source sync
ok "an extra issue" at 2026-12-01T09:00:00Z issue build weekly
n=$(count)
ok "has no hour" at 2026-12-01T09:00:00Z run
is "all" "$(to "$n")" "berlin odd site tokyo york"
