# Goal: `source sync` takes a foreign database as it is: bad rows are named by id and reason and the rest is taken,
# spellings of one address are one person, who opted out is not mailed; a second sync changes nothing; a failing query,
# one that suddenly gives nobody, and a mass departure change nothing and wait for --accept; the foreign database is not
# touched; exit codes are 0, 65 and 66.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
sink --record out.jsonl --bodies

# sync ARGUMENT...: prints the report of the source as JSON lies in report
sync() {
    at $INIT_TIME --json source sync "$@" >report 2>report.err
}

# report EXPRESSION: over the one source's report d
report() {
    json report "(lambda d: $1)(d[0])"
}

people() {
    sqlite3 courant.db "SELECT s.id, s.email, s.name, n.status FROM subscriber s JOIN subscription n ON n.subscriber = s.id ORDER BY 1"
}

# ---- our own sample, with each kind of dirt ----
site_db site.db
chmod 444 site.db
sha256sum site.db >sum
config "$SINK_PORT" >courant.ini
init
ok "the first sync" sync
is "articles" "$(report 'd["articles"]')" '{"new": 11, "changed": 0, "unchanged": 0, "refused": 0, "removed": 0}'
is "people" "$(report 'd["subscribers"]')" \
    '{"new": 19, "changed": 0, "unchanged": 0, "refused": 11, "duplicate": 2, "removed": 0}'
is "who was refused" "$(report '[r["id"] for r in d["refused"]]')" \
    '["31", "32", "33", "34", "35", "36", "37", "38", "39", "40", "42"]'
is "all are readers" "$(report 'sorted({r["kind"] for r in d["refused"]})')" '["subscriber"]'
for want in '31:line end' '32:line end' '33:no @' '34:more than one @' '35:longer than 64' '36:before the @' \
    '37:after the @' '38:no email' '39:no email' '40:angle' '42:control'; do
    like "the reason for $want" "$(report "[r['reason'] for r in d['refused'] if r['id'] == '${want%%:*}'][0]")" "${want#*:}"
done
unlike "reasons hold no address" "$(report '[r["reason"] for r in d["refused"]]')" 'example|everyone|brackets'
is "held" "$(report 'd["held"]')" null
like "the first spelling stays, the domain small" "$(people)" 'SHOUTING@example\.net'
unlike "one person" "$(people)" 'shouting@'
like "a domain of letters" "$(people)" 'leser@xn--bcher-kva\.example'
unlike "who opted out" "$(people)" 'stopped@'
is "the foreign database is as it was" "$(sha256sum -c sum && ls site.db*)" "$(printf 'site.db: OK\nsite.db')"

people >before
ok "the second sync" sync
is "nothing is new" "$(report 'd["articles"]')" '{"new": 0, "changed": 0, "unchanged": 11, "refused": 0, "removed": 0}'
is "nobody is new" "$(report 'd["subscribers"]')" \
    '{"new": 0, "changed": 0, "unchanged": 19, "refused": 11, "duplicate": 2, "removed": 0}'
is "the refused are told again" "$(report 'len(d["refused"])')" 11
is "the same people" "$(people)" "$(cat before)"

# ---- changes ----
chmod 644 site.db
sqlite3 site.db "UPDATE reader SET first = 'Tensin' WHERE rid = 1; UPDATE reader SET opted = 0 WHERE rid = 2;
    UPDATE reader SET opted = 1 WHERE rid = 30; UPDATE story SET heading = 'Changed' WHERE nid = 101;
    UPDATE story SET state = 'trash' WHERE nid = 108; UPDATE reader SET email = 'mended@example.net' WHERE rid = 33"
ok "a sync of changes" sync
is "articles" "$(report 'd["articles"]')" '{"new": 0, "changed": 1, "unchanged": 9, "refused": 0, "removed": 1}'
is "people" "$(report 'd["subscribers"]')" \
    '{"new": 2, "changed": 1, "unchanged": 17, "refused": 10, "duplicate": 2, "removed": 1}'
is "the one who left the query" "$(courant --json subscriber show aynur@example.org >show; json show 'd["subscriptions"][0]["status"]')" \
    removed-by-source
sqlite3 site.db "UPDATE reader SET opted = 1 WHERE rid = 2"
ok "she comes back" sync
is "as she was" "$(courant --json subscriber show aynur@example.org >show; json show '(d["id"], d["subscriptions"][0]["status"])')" \
    '(2, '"'active'"')'

# ---- what must change nothing ----
people >before
cp courant.ini good.ini
# changes_nothing CODE WHAT [REGEX]: a sync ends with CODE and says REGEX
changes_nothing() {
    fails "$1" "$2" at $INIT_TIME --json source sync
    cp "$S/.out" report
    like "$2: it says why" "$(cat "$S/.err")" "${3:-.}"
    is "$2: nobody came or went" "$(people)" "$(cat before)"
    is "$2: articles" "$(sqlite3 courant.db 'SELECT count(*) FROM article WHERE withdrawn_at IS NULL')" 10
}
sed 's/FROM reader WHERE opted = 1/FROM raeder WHERE opted = 1/' good.ini >courant.ini
changes_nothing 65 "no such table" 'raeder'
sed 's/SELECT rid AS id/SELECT abs(-9223372036854775807 - (rid > 5)) AS id/' good.ini >courant.ini
changes_nothing 65 "a query that fails in the midst" 'overflow'
sed "s/FROM reader WHERE opted = 1/FROM reader WHERE opted = 1; DELETE FROM reader/" good.ini >courant.ini
changes_nothing 65 "a second statement"
is "it did not delete" "$(sqlite3 site.db 'SELECT count(*) FROM reader')" 33
sed "s/SELECT rid AS id, email,/SELECT rid AS id,/" good.ini >courant.ini
changes_nothing 65 "a column that must be there" 'email'
sed 's/FROM reader WHERE opted = 1/FROM reader WHERE opted = 7/' good.ini >courant.ini
changes_nothing 65 "a query that gives nobody any more" 'accept'
isnt "it is held" "$(report 'd["held"]')" null
cp good.ini courant.ini
for broken in 'not a database at all, but a text that is longer than a header of sixteen bytes' ''; do
    cp site.db kept.db
    printf '%s' "$broken" >site.db
    rc=0
    at $INIT_TIME source sync >/dev/null 2>err || rc=$?
    like "a broken file of ${#broken} bytes" "$rc" '^6[56]$'
    is "nobody left for it" "$(people)" "$(cat before)"
    mv kept.db site.db
done
mv site.db away.db
changes_nothing 66 "no such file" 'site\.db'
is "none is made" "$(ls site.db 2>/dev/null || true)" ""
mv away.db site.db
fails 66 "an unknown source" at $INIT_TIME source sync other
ok "all is well again" sync
is "as before" "$(people)" "$(cat before)"

# ---- the larger one; a mass departure is held ----
rm -rf courant.db* queue site.db
corpus_db site.db
config "$SINK_PORT" >courant.ini
init
ok "the corpus" sync
if [ "$SITE" = corpus ]; then
    is "who was refused" "$(report '{r["id"]: r["reason"] for r in d["refused"]}')" \
        '{"6": "email: no @ sign", "10": "email: contains a line end (header injection)", "13": "email: local part is longer than 64 bytes"}'
    is "people" "$(report 'd["subscribers"]')" \
        '{"new": 209, "changed": 0, "unchanged": 0, "refused": 3, "duplicate": 1, "removed": 0}'
fi
only_readers site.db 300
ok "other people at once, with --accept" sync --accept
is "300" "$(report 'd["subscribers"]["new"] + d["subscribers"]["changed"]')" 300
sqlite3 site.db "DELETE FROM $(sqlite3 site.db "SELECT name FROM sqlite_schema WHERE name IN ('member', 'reader')") WHERE $(
    [ "$SITE" = corpus ] && echo mail || echo email) GLOB 'r1*'"
people >before
rc=0
sync || rc=$?
is "a mass departure" "$rc" 65
like "it says how to go on" "$(cat report.err)" 'accept'
like "in JSON too" "$(report 'd["held"]')" '[0-9]'
is "nobody left" "$(people)" "$(cat before)"
like "source list shows it" "$(courant --json source list)" '"held":"'
ok "run goes on without it" at 07:05 run
is "all 300 were mailed" "$(jsonl out.jsonl 'len({r["to"][0] for r in d})')" 300
rc=0
at 07:06 source sync --accept >/dev/null || rc=$?
is "accepted" "$rc" 0
courant --json subscriber list >list
is "111 left" "$(json list 'sum(p["subscriptions"][0]["status"] == "removed-by-source" for p in d if p["email"][:2] == "r1")')" 111
is "189 stayed" "$(json list 'sum(p["subscriptions"][0]["status"] == "active" for p in d)')" 189

# ---- rows without an id: run says it once, and again only of new ones ----
init_new() {
    rm -rf courant.db* queue other.db
    sqlite3 other.db "CREATE TABLE a (id, title, url, published_at); INSERT INTO a VALUES
        (NULL, 'A', 'https://x.example/a', '2026-11-20'), ('', 'B', 'https://x.example/b', '2026-11-20'),
        (3, 'C', 'https://x.example/c', 'some day')"
    set_key courant.ini source.site path other.db
    set_key courant.ini source.site articles 'SELECT * FROM a'
    sed -i '/^subscribers = /,/opted = 1\|wants_mail = 1/d' courant.ini
    init
}
init_new
ok "a run" at 09:00 run
like "three rows" "$(cat "$S/.err")" '3 rows were refused'
sqlite3 other.db "INSERT INTO a VALUES (4, 'D', 'https://x.example/d', '2026-11-20')"
ok "another" at 09:05 run
is "nothing new about them" "$(cat "$S/.err")" ""
sqlite3 other.db "INSERT INTO a VALUES (NULL, 'E', 'https://x.example/e', '2026-11-20')"
ok "one more" at 09:10 run
like "that one" "$(cat "$S/.err")" '1 row was refused'
ok "sync tells them all" bash -c "'$COURANT' -c courant.ini --now 2026-11-23T09:11:00Z source sync 2>said"
is "as they are" "$(sort -u said)" "$(printf '%s\n' 'courant: source site: article 3 refused: published_at is not a time: want 2026-11-23, 2026-11-23T07:00:00Z or Unix seconds' 'courant: source site: article refused: no id')"
