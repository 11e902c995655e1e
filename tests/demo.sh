#!/bin/sh
# usage: demo.sh BUILD: a digest end to end in ./demo, which is made anew: a newsroom's database, a configuration, a mail
# server that keeps what it gets in a Maildir, `courant init`, `courant run`. The calendar is pinned, so that the weekly
# digest is due. Nothing leaves this machine.
set -eu
build=${1:-build}
here=$(dirname "$0")
courant=$(cd "$build" && pwd)/courant
sink=$(cd "$build" && pwd)/smtp_sink
site=$(cd "$here" && pwd)/demo/site.sql
case $build in
/*) shown=$build/courant shown_sink=$build/smtp_sink ;;
*) shown=../$build/courant shown_sink=../$build/smtp_sink ;;
esac
init_time=2026-11-20T12:00:00Z
run_time=2026-11-23T07:05:00Z
next_time=2026-11-30T07:05:00Z

# only a folder that this script made is thrown away
if [ -e demo ] && [ ! -f demo/made-by-make-demo ]; then
    echo "there is a folder demo that this script did not make; move it away" >&2
    exit 1
fi
rm -rf demo
mkdir demo
cd demo
: >made-by-make-demo

sink_pid=
finish() {
    [ -z "$sink_pid" ] || kill "$sink_pid" 2>/dev/null || true
    [ -z "$sink_pid" ] || wait "$sink_pid" 2>/dev/null || true
    sink_pid=
}
trap finish EXIT
trap 'exit 130' INT TERM

step() {
    printf '\n== %s\n' "$*"
}
fail() {
    echo "$*" >&2
    exit 1
}
mails() {
    find mail/new -type f 2>/dev/null | wc -l | tr -d ' '
}

step "A newsroom's database, demo/site.db"
sqlite3 site.db <"$site"
echo "$(sqlite3 site.db 'SELECT count(*) FROM page') pages in $(sqlite3 site.db 'SELECT count(DISTINCT lang) FROM page') languages, $(sqlite3 site.db 'SELECT count(*) FROM contact') contacts"

step "A mail server that keeps what it gets in the Maildir demo/mail"
"$sink" --maildir mail --record accepted.jsonl --rcpt 'nobody=550 5.1.1 no such user' \
    --rcpt 'later@1=450 4.2.0 greylisted, try again' >sink.out 2>&1 &
sink_pid=$!
tries=0
until port=$(sed -n 's/^port //p' sink.out) && [ -n "$port" ]; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] && kill -0 "$sink_pid" 2>/dev/null || fail "smtp_sink did not start: $(cat sink.out)"
    sleep 0.05
done
echo "it listens on 127.0.0.1:$port"

step "The configuration, demo/courant.ini"
cat >courant.ini <<INI
[site]
name = Example Desk
url = https://news.example.org
postal_address = 1 Example Street, Example
language = en
timezone = UTC

[relay.main]
host = 127.0.0.1
port = $port

[newsletter.weekly]
title = Example Weekly
from = Example Desk <news@example.org>
schedule = weekly mon 07:00
topics = city, river, books

[source.site]
type = sqlite
path = site.db
newsletter = weekly
articles = SELECT p.id, p.title, 'https://news.example.org/' || s.slug || '/' || p.slug AS url,
  p.published AS published_at, p.lang AS language, p.byline AS author, s.slug AS topic, p.lead AS summary,
  p.body, p.format AS body_format FROM page p JOIN section s ON s.id = p.section WHERE p.live
subscribers = SELECT id, address AS email, name, lang AS language, joined AS joined_at
  FROM contact WHERE newsletter = 1

[bounce]
address = bounces@example.org

[web]
base_url = https://news.example.org/mail
INI
cat courant.ini

step "courant init, on Friday $init_time"
"$courant" --now $init_time init || fail "init failed"

step "courant run, as cron calls it, on Monday $run_time"
"$courant" --now $run_time run || fail "run ended with $?"
[ "$(mails)" -gt 0 ] || fail "nothing was delivered"

step "Who got it, and who did not yet"
"$courant" queue list

step "The digest as text (courant issue preview 1 --text --to mara@example.org)"
"$courant" --now $run_time issue preview 1 --text --to mara@example.org >issue.txt || fail "preview failed"
"$courant" --now $run_time issue preview 1 --html --to mara@example.org >issue.html || fail "preview failed"
cat issue.txt

step "An hour later, again: only who was told to wait"
before=$(mails)
"$courant" --now 2026-11-23T08:05:00Z run || fail "run ended with $?"
echo "$before mails before, $(mails) now"

finish
step "Where things are"
cat <<TEXT
demo/issue.html       the digest as HTML: open it in a browser
demo/mail/            what was delivered, a Maildir: neomutt -f demo/mail
demo/courant.ini      the configuration; demo/courant.db people and articles; demo/queue/ the work

What to try next, in demo/ (the mail server is stopped; start it again with: $shown_sink --port $port --maildir mail &)
  $shown subscriber list
  $shown article list
  $shown issue list
  $shown queue list --state failed
  $shown --now 2026-11-24T12:00:00Z source sync    (its report names the row that could not be taken)
  sqlite3 site.db "INSERT INTO page VALUES (10, 1, 'new', 'A new one', NULL, 'en', '2026-11-24', 1, NULL, 'text', 'Fresh.')"
  $shown --now $next_time run     (next Monday's digest: this one article)
TEXT
