# Goal: each reader's digest is the one that reader wants: topics, the own rhythm over the same articles, several
# languages in order of preference, text alone, as much of the bodies as wished; what the source tells of it is taken;
# a pause until a date ends by itself and what came meanwhile is not lost.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
sqlite3 site.db "CREATE TABLE a (id INTEGER PRIMARY KEY, title TEXT, day TEXT, topic TEXT, lang TEXT);
    CREATE TABLE r (id INTEGER PRIMARY KEY, email TEXT, topics TEXT, cadence TEXT, language TEXT, format TEXT, body TEXT);
    INSERT INTO r VALUES (1, 'all@example.net', NULL, NULL, NULL, NULL, NULL),
     (2, 'day@example.net', NULL, 'daily', NULL, NULL, 'titles'), (3, 'month@example.net', 'sport', 'monthly', NULL, NULL, 'full'),
     (4, 'two@example.net', NULL, NULL, 'xx, de; en', 'text', NULL), (5, 'odd@example.net', NULL, 'hourly', 'de', 'pdf', 'half');
    INSERT INTO a VALUES (1, 'one-music', '2026-11-17', 'music', 'en'), (2, 'zwei-sport', '2026-11-18', 'sport', 'de'),
     (3, 'trois-sport', '2026-11-18', 'sport', 'fr')"
sink --record out.jsonl --bodies
SITE=none
config "$SINK_PORT" | sed '/^\[source/,$d' >courant.ini
set_key courant.ini newsletter.weekly cadences 'daily, weekly, monthly'
set_key courant.ini newsletter.weekly match_language yes
cat >>courant.ini <<'INI'
[source.site]
type = sqlite
path = site.db
newsletter = weekly
articles = SELECT id, title, 'https://news.example.org/' || id AS url, day AS published_at, topic, lang AS language,
  'Beginning of ' || id || '.' AS summary, 'Beginning of it. ' || replace(hex(zeroblob(500)), '00', 'and on ') || 'End of ' || id || '.' AS body FROM a
subscribers = SELECT id, email, topics, cadence, language, format, body FROM r
INI

# what readers got in the messages from number FROM on: who, titles, parts, whether the body was there in full or in part
got() {
    python3 - out.jsonl "${1:-0}" <<'PY'
import email, email.policy, json, sys
out = []
for line in open(sys.argv[1]).read().splitlines()[int(sys.argv[2]):]:
    r = json.loads(line)
    m = email.message_from_bytes(r["data"].encode("latin-1"), policy=email.policy.SMTP)
    text = m.get_body(("plain",)).get_content()
    titles = [t.split("-")[0] for t in ("one-music", "zwei-sport", "trois-sport", "four-sport", "five-sport") if t in text]
    body = "full" if "End of" in text else "summary" if "Beginning" in text else "titles"
    named = m["Subject"].split(": ", 1)[1]
    assert named in text, "the subject names %s, which is not in it" % named
    words = "de" if "Abmelden" in text or "abbestellen" in text.lower() else "en"
    out.append("%s: %s %s %s %s" % (r["to"][0].split("@")[0], ",".join(titles), "html" if m.get_body(("html",)) else "text", body, words))
print("; ".join(sorted(out)))
PY
}
count() {
    wc -l <out.jsonl | tr -d ' '
}

init
ok "sync" at 2026-11-20T12:00:00Z source sync
like "what is no wish is told" "$(cat "$S/.out" "$S/.err")" 'a body that is none of full, summary, titles'
courant --json subscriber show month@example.net >m.json
is "wishes are shown" "$(json m.json '[(s["cadence"], s["topics"], s["body"], s["paused_until"]) for s in d["subscriptions"]]')" \
    '[["monthly", ["sport"], "full", null]]'
courant --json subscriber show two@example.net >m.json
is "languages in order" "$(json m.json 'd["language"], d["format"]')" "('xx,de,en', 'text')"

ok "the daily ones" at 2026-11-21T07:05:00Z run
is "day" "$(got)" "day: one,zwei,trois html titles en"
n=$(count)
ok "the weekly ones" at 2026-11-23T07:05:00Z run
is "week" "$(got "$n")" "all: one,zwei,trois html summary en; odd: zwei html summary de; two: one,zwei text summary de"
n=$(count)
sqlite3 site.db "INSERT INTO a VALUES (4, 'four-sport', '2026-11-25', 'sport', 'de')"
ok "another day" at 2026-11-26T07:05:00Z run
is "the daily reader gets it at once" "$(got "$n")" "day: four html titles en"
n=$(count)
ok "everyone's in order" at 2026-12-01T07:05:00Z run
is "week and month over the same articles" "$(got "$n")" \
    "all: four html summary en; month: zwei,trois,four html full en; odd: four html summary de; two: four text summary de"

# ---- a pause until a date ---- (the command is subscriber set; here by the database, as an administrator could)
n=$(count)
sqlite3 courant.db "UPDATE subscription SET status = 2, paused_until = unixepoch('2026-12-10T00:00:00Z') WHERE subscriber = 1"
courant --json subscriber show all@example.net >m.json
is "it is shown" "$(json m.json 'd["subscriptions"][0]["status"], d["subscriptions"][0]["paused_until"]')" \
    "('paused', '2026-12-10T00:00:00Z')"
sqlite3 site.db "INSERT INTO a VALUES (5, 'five-sport', '2026-12-02', 'sport', 'en')"
ok "in the pause" at 2026-12-07T07:05:00Z run
is "only the others" "$(got "$n")" "day: five html titles en; two: five text summary de"
n=$(count)
ok "after it" at 2026-12-14T07:05:00Z run
is "it is not lost" "$(got "$n")" "all: five html summary en"

# ---- a suppression deletes what is owed, and not only what is on its way ----
stop_sink
sink --record later.jsonl --bodies --rcpt '@1=550 5.7.1 not today'
set_key courant.ini relay.main port "$SINK_PORT"
sqlite3 site.db "INSERT INTO a VALUES (6, 'one-music', '2026-12-15', 'music', 'en'), (7, 'two-music', '2026-12-15', 'music', 'en')"
ok "refused by everybody's server" at 2026-12-21T07:05:00Z run
is "so that it is owed" "$(sqlite3 queue/queue.db 'SELECT count(*) FROM owed WHERE subscriber IN (1, 2)')" 2
ok "one is suppressed" at 2026-12-22T08:00:00Z suppress add all@example.net
ok "another for a week" at 2026-12-22T08:00:00Z suppress add day@example.net --until 2026-12-25
ok "a rehearsal" at 2026-12-27T08:00:00Z suppress remove all@example.net --dry-run
is "changes nothing" "$(sqlite3 queue/queue.db 'SELECT count(*) FROM owed WHERE subscriber = 1')" 1
ok "it is lifted" at 2026-12-27T08:00:00Z suppress remove all@example.net
sqlite3 site.db "INSERT INTO a VALUES (8, 'four-sport', '2026-12-27', 'sport', 'en')"
ok "the next ones" at 2026-12-28T07:05:00Z run
is "hold what is new alone" \
    "$(jsonl later.jsonl 'sorted([(m["to"][0][:3], "one-music" in m["data"]) for m in d if m["to"][0][:3] in ("all", "day")])')" \
    '[["all", false], ["day", false]]'
