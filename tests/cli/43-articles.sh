# Goal: articles by hand (`article add`: a file, standard input, JSON Lines) are taken, changed when given again, refused
# with a reason. A site's database in WAL mode is read again and again while its own program writes to it: neither gets
# an error, and each sync sees whole transactions. A change of an article before its issue is built is in it, a later one
# changes no issue; a withdrawn article is in no issue built after.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
config 25 >courant.ini
init

add() {
    at $INIT_TIME --json article add "$@" >added 2>added.err
}

# got EXPRESSION: over the report d of add
got() {
    json added "$1"
}

# ---- by hand ----
printf -- '---\ntitle: Front\ndate: 2026-11-19\ntopic: arts\nurl: /front\n---\nText *here*.\n' >front.md
ok "a file with front matter" add front.md
is "is new" "$(got '[d[k] for k in ("new", "changed", "unchanged", "refused")]')" '[1, 0, 0, 0]'
id=$(got 'd["id"]')
ok "again" add front.md
is "is as it was" "$(got '[d[k] for k in ("new", "changed", "unchanged")]')" '[0, 0, 1]'
ok "with another topic" add front.md --topic science --image /p.png --image-alt 'A picture' --author Jo
is "is changed, not new" "$(got '[d[k] for k in ("new", "changed", "id")]')" "[0, 1, $id]"
is "all of it" "$(sqlite3 courant.db "SELECT title, topic, url, author, image_url, image_alt, body, source IS NULL FROM article WHERE id = $id")" \
    'Front|science|https://news.example.org/front|Jo|https://news.example.org/p.png|A picture|Text *here*.|1'
ok "standard input" bash -c "printf '# A heading\n\nText' | '$COURANT' -c courant.ini --now $INIT_TIME --json article add - --date 2026-12-24 --language pt-br >added"
is "heading, date to come" "$(sqlite3 courant.db "SELECT title, body, language, arrival FROM article WHERE id = $(got 'd["id"]')")" 'A heading|Text|pt-BR|'
ok "a link alone" add --title 'Elsewhere' --url https://x.example/
rc=0
printf '{"id": "a", "title": "A", "url": "/a"}\n{"title": "", "id": "b"}\n{"title": "C", "url": "/c", "topic": ["x"]}\n' >lines.jsonl
add lines.jsonl || rc=$?
is "lines, one of them bad" "$rc" 65
is "the others are taken" "$(got '(d["new"], d["errors"])')" "(2, [{'id': 'b', 'reason': 'no title'}])"
n=$(sqlite3 courant.db 'SELECT count(*) FROM article')
ok "a dry run" add --title 'Dry' --dry-run
is "says what it would do" "$(got 'd["new"]')" 1
is "and does nothing" "$(sqlite3 courant.db 'SELECT count(*) FROM article')" "$n"
for bad in '65:--title X --url javascript:x' '65:--title X --date someday' '64:' '66:missing.md' '65:draft.md' '65:broken.md' '65:--title X --format pdf'; do
    printf -- '---\ntitle: X\ndraft: true\n---\n' >draft.md
    printf -- '---\ntitle: a: b\n---\n' >broken.md
    # shellcheck disable=SC2086
    fails "${bad%%:*}" "article add ${bad#*:}" at $INIT_TIME article add ${bad#*:}
    like "article add ${bad#*:}: one line" "$(wc -l <"$S/.err")" '^1$'
done
is "nothing came of these" "$(sqlite3 courant.db 'SELECT count(*) FROM article')" "$n"

# ---- a site that writes all the time ----
cat >writer.py <<'PY'
import os, sqlite3, time
db = sqlite3.connect("busy.db", timeout=0, isolation_level=None)
db.execute("PRAGMA journal_mode = WAL")
db.execute("CREATE TABLE post (id INTEGER PRIMARY KEY, pair, title)")
print("ready", flush=True)
n = 0
end = time.time() + 60
while not os.path.exists("enough") and time.time() < end:
    db.execute("BEGIN IMMEDIATE")  # no wait: a lock held by a reader would be an error
    for side in "AB":
        db.execute("INSERT INTO post (pair, title) VALUES (?, ?)", (n, side))
    db.execute("COMMIT")
    n += 1
    if n % 50 == 0:
        db.execute("PRAGMA wal_checkpoint(PASSIVE)")
    time.sleep(0.001)
print(n, flush=True)
PY
cp courant.ini site.ini
set_key courant.ini source.site path busy.db
set_key courant.ini source.site articles "SELECT id, title || pair AS title, '/' || id AS url, '2026-11-20' AS published_at FROM post"
sed -i '/^ *x_published\|^  s\.\|^  d\.\|^  CASE\|^  FROM story\|^  WHERE s\.\|^subscribers = \|^  first AS/d' courant.ini
python3 writer.py >writer.out 2>writer.err &
started $!
writer=$!
wait_for 10 "the writer" grep -q ready writer.out
for i in 1 2 3 4 5 6 7 8; do
    ok "sync $i beside the writer" at $INIT_TIME --json source sync
    is "sync $i saw whole transactions" "$(sqlite3 courant.db "SELECT count(*) % 2 FROM article WHERE source IS NOT NULL")" 0
done
touch enough
wait $writer || die "the writer: $(cat writer.err)"
is "the writer met no lock" "$(cat writer.err)" ""
ok "the last sync" at $INIT_TIME source sync
is "all is there" "$(sqlite3 courant.db 'SELECT count(*) FROM article WHERE source IS NOT NULL')" "$((2 * $(tail -1 writer.out)))"
is "its database is sound" "$(sqlite3 busy.db 'PRAGMA integrity_check')" ok

# ---- before and after an issue is built ----
rm -rf courant.db* queue
cp site.ini courant.ini
init
ok "a sync" at $INIT_TIME source sync
title=$(sqlite3 site.db "SELECT heading FROM story WHERE nid = 101")
sqlite3 site.db "UPDATE story SET heading = 'Changed in time' WHERE nid = 101; UPDATE story SET state = 'trash' WHERE nid = 102"
gone=$(sqlite3 site.db "SELECT heading FROM story WHERE nid = 102")
ok "the next sync" at 07:00 source sync
ok "an issue" at 07:05 issue build weekly
at 07:05 issue preview 1 --text >before
like "has the change" "$(cat before)" 'Changed in time'
unlike "and not what was before" "$(cat before)" "$title"
unlike "nor what was withdrawn" "$(cat before)" "$gone"
sqlite3 site.db "UPDATE story SET heading = 'Changed too late' WHERE nid = 101; UPDATE story SET state = 'trash' WHERE nid = 103"
ok "a later sync" at 07:06 source sync
like "takes it" "$(courant article list)" 'Changed too late'
at 07:06 issue preview 1 --text >after
ok "the issue is as it was built" cmp before after
