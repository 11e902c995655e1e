# Goal: a digest holds what the newsletter takes (topics, languages, where; nothing excluded) in its order: pinned, then by
# topic as the newsletter lists them, then newest first; beyond max_articles titles alone, beyond 200 of them a number.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
sqlite3 site.db "CREATE TABLE a(id INTEGER PRIMARY KEY, day, topic, lang);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 240)
    INSERT INTO a SELECT i, datetime('2026-11-19', '+' || i || ' minutes'), iif(i % 2, 'sport', 'world'), 'en' FROM n;
    INSERT INTO a VALUES (300, '2026-11-19T20:00:00Z', 'secret', 'en'), (301, '2026-11-19T20:00:00Z', 'world', 'fr'), (302, '2026-11-19T20:00:00Z', NULL, 'en'),
     (303, '2026-11-19T20:00:00Z', 'world', NULL)"
SITE=none
config 9 | sed '/^\[source/,$d' >courant.ini
for kv in 'max_articles=5' 'archive=public' 'topics=world, sport, secret' "where=topic <> 'secret'" 'languages=en'; do
    set_key courant.ini newsletter.weekly "${kv%%=*}" "${kv#*=}"
done
cat >>courant.ini <<'INI'
[source.site]
type = sqlite
path = site.db
articles = SELECT id, 'Title ' || id AS title, 'https://news.example.org/a/' || id AS url, day AS published_at, topic, lang AS language FROM a
subscribers = SELECT 1 AS id, 'ann@example.net' AS email
INI
init
ok "sync" at 2026-11-20T13:00:00Z source sync
ok "pin" at 2026-11-20T13:00:00Z article pin 7
ok "exclude" at 2026-11-20T13:00:00Z article exclude 239
ok "preview" at 2026-11-20T13:00:00Z issue preview weekly
cp .out text
is "pinned, topic, newest; without a language is the site's" "$(grep -oE '^[1-5]\. Title [0-9]+' text | head -5 | sed 's/.* //' | paste -sd' ')" "7 303 240 238 236"
is "then titles: world to its end, then sport" "$(grep -oE 'Title [0-9]+' text | sed 's/.* //' | awk '!seen[$0]++' | sed -n '119,126p' | paste -sd' ')" \
    "8 6 4 2 237 235 233 231"
is "two hundred of them" "$(grep -oE 'Title [0-9]+' text | sort -u | wc -l)" 205
like "and a number, with the archive" "$(tr '\n' ' ' <text)" 'and 35 more https://news.example.org/mail/archive/weekly'
unlike "what is excluded, or not taken" "$(cat text)" 'Title (239|300|301|302)$'
