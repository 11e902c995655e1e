# Goal: one screen tells a person's whole history: consent, preferences, issues, attempts, suppression, who changed what;
# suppressions are found, added and taken away by list, with a yes for more than ten, and a rehearsal.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
only_readers site.db 15
sink --record "$S/rec" --rcpt 'r1@=450 4.2.0 try later' --rcpt 'r2@=550 5.1.1 no such user'
config $SINK_PORT 2 >courant.ini
init
ok "a run" at 07:05 run
ok "a retry" at 07:20 run
ok "a preference" at 08:00 subscriber set r1@example.net --newsletter weekly --topics arts
ok "a pause" at 08:05 subscriber set r1@example.net --status pause --until 2026-12-24
ok "suppressed" at 08:10 suppress add r1@example.net --note 'asked by phone' --until 2027-01-01
ok "show" at 08:15 subscriber show R1@example.net
cp .out shown
like "the suppression" "$(cat shown)" '^suppression +by-hand since 2026-11-23 08:10Z, until 2027-01-01 00:00Z: asked by phone$'
like "the newsletter" "$(cat shown)" '^  weekly: paused since 2026-11-23 08:05Z, until 2026-12-24 00:00Z, joined .*topics arts'
like "the consent" "$(cat shown)" '^    consent: source site'
like "the issue" "$(cat shown)" '^  (2026-11-23 .* )?#1 weekly  deferred 450'
like "the attempts" "$(cat shown)" '^  2026-11-23 07:..Z  #1  later 450 4.2.0'
like "who changed what" "$(cat shown)" '^  2026-11-23 08:05Z  admin [^ ]+: pause weekly'
[ "$(wc -l <shown)" -le 40 ] || die "it is more than a screen: $(wc -l <shown) lines"
at 08:15 --json subscriber show r1@example.net >doc
is "the same as a document" "$(json doc "[d['suppression']['reason'], len(d['deliveries']), d['attempts'][0]['outcome'], d['consent'][0]['how'], d['status']]")" \
    '["by-hand", 1, "later", "source", "suppressed"]'
is "an issue that was received" "$(at 08:15 subscriber show r3@example.net | grep -c '#1 weekly  sent via main')" 1
python3 "$here/terminal.py" 50 n "$COURANT" -c courant.ini subscriber list r1 >narrow
like "in a narrow terminal" "$(wc -L <narrow)" '^(4[0-9]|50)$'

# ---- suppressions ----
ok "by list" at 09:00 suppress add - --reason complaint --note 'old list' <<<'a1@example.org
a2@example.org
B3@example.com'
keys() {
    at 09:00 --csv suppress list "$@" | python3 -c 'import csv, sys; print(" ".join(r["email"] for r in csv.DictReader(sys.stdin)))'
}
is "by part of an address" "$(keys EXAMPLE.ORG)" "a1@example.org a2@example.org"
is "by reason" "$(keys --reason complaint)" "a1@example.org a2@example.org b3@example.com"
is "by both reasons" "$(keys --reason by-hand,complaint --limit 2)" "a1@example.org a2@example.org"
fails 64 "a reason that is none" at 09:00 suppress list --reason phone
ok "a rehearsal" at 09:00 suppress remove a1@example.org --dry-run
is "changes nothing" "$(keys a1)" "a1@example.org"
fails 66 "one of them is not there" at 09:00 --json suppress remove a1@example.org nobody@example.org
is "the other is done" "$(cat .out) $(keys a1)" '{"removed":1} '
fails 65 "one is no address" at 09:00 suppress add c1@example.org nonsense
is "the other is done" "$(keys c1)" "c1@example.org"
seq -f 'd%g@example.org' 12 >list
ok "without a terminal nobody is asked" at 09:00 suppress add - <list
is "all of them" "$(keys d | wc -w)" 12
