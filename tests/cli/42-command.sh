# Goal: articles and subscribers come from any program as JSON Lines, a JSON list (wp-cli's names too) or CSV. It is run
# without a shell, its words split as one would, in a clean environment, without our descriptors, and nothing of it is
# left behind. A program that fails, is killed, takes too long, prints a cut or a broken line, or suddenly nothing,
# changes nothing, and is named with its exit code and its last words, without addresses.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
config 25 | sed '/^\[source.site\]/,$d' >base.ini
printf '[source.cms]\ntype = command\ntimeout = 2s\n' >>base.ini

# command_config KEY VALUE...: the source's keys
command_config() {
    cp base.ini courant.ini
    while [ $# -gt 0 ]; do
        printf '%s = %s\n' "$1" "$2" >>courant.ini
        shift 2
    done
}

sync() {
    at $INIT_TIME --json source sync "$@" >report 2>report.err
}

report() {
    json report "(lambda d: $1)(d[0])"
}

# program NAME: from standard input
program() {
    { echo '#!/bin/bash' && cat; } >"$1"
    chmod 755 "$1"
}

program articles <<'SH'
printf '%s\0' "$@" >args
env | sort >environment
ls /proc/self/fd | tr '\n' ' ' >descriptors
pwd >folder
cat >stdin
cat lines.jsonl
SH
cat >lines.jsonl <<'JSON'
{"id": 1, "title": "One", "url": "/1", "published_at": "2026-11-19T08:00:00Z", "body": "<p>x</p>", "views": 7, "topic": ["other", "Arts"]}

{"id": "b", "title": {"rendered": "Two &amp; three"}, "url": "/2", "published_at": 1795075200, "body_format": "markdown", "body": "*y*"}
{"id": 3, "title": null, "url": "/3", "published_at": null}
{"id": 4, "title": "Four", "url": "javascript:x", "published_at": "2026-11-19"}
JSON
program people <<'SH'
cat people.csv
SH
printf 'id;email;name;town\r\n1;a@example.org;"Ann; ""A"" ";Bern\r\n2;b@example.org;Bob;\r\n3;nobody;X;Y\r\n' >people.csv
command_config articles_command "./articles \"two words\" \$HOME '*' \\\"" newsletter weekly
set_key courant.ini newsletter.weekly topics 'arts'
init
SECRET=s3cret ok "the first sync" sync
is "articles" "$(report 'd["articles"]')" '{"new": 2, "changed": 0, "unchanged": 0, "refused": 2, "removed": 0}'
is "refused" "$(report '[r["id"] + ": " + r["reason"] for r in d["refused"]]')" '["3: no title", "4: url is not http or https"]'
like "what is ignored" "$(cat report.err)" 'nothing is known about views; ignored'
is "taken" "$(sqlite3 courant.db "SELECT source_id, title, url, datetime(published_at, 'unixepoch'), topic, body FROM article ORDER BY id")" \
    "$(printf '%s\n' '1|One|https://news.example.org/1|2026-11-19 08:00:00|arts|<p>x</p>' 'b|Two &amp; three|https://news.example.org/2|2026-11-19 08:00:00||*y*')"
is "words as a shell splits them, nothing expanded" "$(tr '\0' '|' <args)" 'two words|$HOME|*|"|'
unlike "the environment" "$(cat environment)" '^(SECRET|BUILD|OLDPWD)='
like "but what programs need" "$(cat environment)" '^PATH='
is "three descriptors, and ls's own" "$(cat descriptors)" '0 1 2 3 '
is "in the configuration's folder" "$(cat folder)" "$PWD"
is "nothing to read" "$(wc -c <stdin)" 0
is "no file is left" "$(find . -name '.courant*' -o -name 'courant.db.rows*')" ""
ok "again" sync
is "nothing is new" "$(report 'd["articles"]')" '{"new": 0, "changed": 0, "unchanged": 2, "refused": 2, "removed": 0}'

# ---- people, CSV ----
command_config articles_command ./articles
sync >/dev/null || true
printf '[source.people]\ntype = command\noutput = csv\nsubscribers_command = ./people\n' >>courant.ini
ok "people" at $INIT_TIME --json source sync people
cp "$S/.out" report
is "counts" "$(report 'd["subscribers"]')" '{"new": 2, "changed": 0, "unchanged": 0, "refused": 1, "duplicate": 0, "removed": 0}'
is "taken" "$(sqlite3 courant.db 'SELECT email, name, attributes FROM subscriber')" \
    "$(printf '%s\n' 'a@example.org|Ann; "A"|{"town":"Bern"}' 'b@example.org|Bob|')"
sed -i 's/Bern/Basel/; /^2/d; $a 4;d@example.org;Dan;' people.csv
ok "changes" at $INIT_TIME --json source sync people
cp "$S/.out" report
is "are taken" "$(report 'd["subscribers"]')" '{"new": 1, "changed": 1, "unchanged": 0, "refused": 1, "duplicate": 0, "removed": 1}'

# ---- a list, as wp-cli prints it ----
cat >wp.json <<'JSON'
[{"ID":7,"post_title":"Hello","url":"https:\/\/w.example\/hello\/","post_date_gmt":"2026-11-19 09:00:00","post_content":"<p>Hi<\/p>","post_excerpt":""}]
JSON
command_config articles_command 'cat wp.json'
ok "wp post list --format=json" sync --accept
is "taken" "$(sqlite3 courant.db "SELECT title, url, datetime(published_at, 'unixepoch'), body FROM article WHERE source_id = 7")" \
    'Hello|https://w.example/hello/|2026-11-19 09:00:00|<p>Hi</p>'
is "what is not there is withdrawn" "$(report 'd["articles"]["removed"]')" 2

# ---- what changes nothing ----
before=$(sqlite3 courant.db .dump | sha256sum)
# changes_nothing WHAT REGEX: a sync ends with 65, or CODE
changes_nothing() {
    fails "${CODE:-65}" "$1" at $INIT_TIME source sync cms
    like "$1: it says why" "$(cat "$S/.err")" "source cms: articles_command: $2"
    is "$1: nothing changed" "$(sqlite3 courant.db .dump | sha256sum)" "$before"
}
program failing <<'SH'
cat wp.json
echo "can't reach the database as ann@example.org, password wrong" >&2
exit 3
SH
command_config articles_command ./failing
changes_nothing "a failure" "./failing failed with exit code 3; the last it said: can't reach the database as \(address\) password wrong"
unlike "no address" "$(cat "$S/.err")" 'ann@'
program slow <<'SH'
trap '' TERM
sleep 77 & sleep 78 & echo $! >sleeper
echo '{"id": 9'
wait
SH
command_config articles_command ./slow
changes_nothing "one that takes too long" './slow did not end within 2 s and was stopped'
like "what it started is gone" "$(sed -n 's/^State:[[:space:]]*//p' "/proc/$(cat sleeper)/status" 2>/dev/null || true)" '^(Z.*)?$'
program killed <<'SH'
kill -9 $$
SH
command_config articles_command ./killed
changes_nothing "one that is killed" './killed was killed by signal 9'
command_config articles_command ./missing
CODE=66 changes_nothing "none" "./missing can't be run"
program cut <<'SH'
printf '{"id": 1, "title": "A", "url": "/", "published_at": 1}\n{"id": 2, "ti'
SH
command_config articles_command ./cut
changes_nothing "a cut line" 'the last line, 2, is cut off'
command_config articles_command 'head -c 100 wp.json'
changes_nothing "a cut list" 'line 2: no JSON, or cut off|line 1: no JSON, or cut off'
program warns <<'SH'
echo 'PHP Warning: something'
cat lines.jsonl
SH
command_config articles_command ./warns
changes_nothing "words between the rows" 'line 1 is no JSON object'
printf '{"id": 1, "title": "caf\xe9", "url": "/", "published_at": 1}\n' >latin.jsonl
command_config articles_command 'cat latin.jsonl'
changes_nothing "Latin-1" 'line 1 is not UTF-8'
printf '[{"id": 1, "title": "caf\xe9", "url": "/", "published_at": 1}]' >latin.json
command_config articles_command 'cat latin.json'
changes_nothing "Latin-1 in a list" 'line 1 is not UTF-8'
printf 'id,title,url,published_at\n1,A,/\n' >short.csv
command_config articles_command 'cat short.csv' output csv
changes_nothing "a short row" 'line 2: has 3 cells, the first line has 4'
printf 'id,title,url,published_at\n1,A,/,"2026' >open.csv
command_config articles_command 'cat open.csv' output csv
changes_nothing "a quote that is not closed" 'line 2: '
command_config articles_command 'true'
fails 65 "nothing at all" at $INIT_TIME source sync cms
like "is held" "$(cat "$S/.err")" 'the command gives no article, and gave 1 before'
is "nothing was withdrawn" "$(sqlite3 courant.db 'SELECT count(*) FROM article WHERE withdrawn_at IS NULL')" 1
command_config articles_command 'cat wp.json'
ok "it works again" sync
is "as before" "$(report '(d["articles"]["unchanged"], d["held"])')" '(1, None)'

# ---- what PostgreSQL's client prints for an array ----
printf 'id,email,topics\n1,a@example.org,"{news,""far away""}"\n2,b@example.org,{}\n3,c@example.org,"a, b"\n' >people.csv
command_config subscribers_command 'cat people.csv' output csv newsletter weekly
ok "people" at $INIT_TIME source sync cms --accept
is "their topics" "$(sqlite3 courant.db "SELECT group_concat(coalesce(n.topics, '-'), ' ') FROM (SELECT s.topics FROM source_person x
    JOIN subscription s USING (subscriber) JOIN source o ON o.id = x.source WHERE o.name = 'cms' ORDER BY x.source_id) n")" 'news,far away - a,b'
