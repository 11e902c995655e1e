# Goal: an administrator's daily work on people: found by what one remembers of them, signed up, changed, moved to another
# address, merged, let go; nobody who left, is suppressed or erased comes back unasked; more than ten ask for a yes.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
only_readers site.db 30
config 1 >courant.ini
printf '[newsletter.daily]\ntitle = Daily\nfrom = news@example.org\nschedule = daily 06:00\ncadences = weekly\ntopics = arts, sport\n' >>courant.ini
init
ok "sync" at 07:05 source sync
db() {
    sqlite3 -cmd '.timeout 5000' courant.db "$1"
}
# emails OPTION...: the addresses that list finds, in one line
emails() {
    at 08:00 --csv subscriber list "$@" | python3 -c 'import csv, sys; print(" ".join(r["email"] for r in csv.DictReader(sys.stdin)))'
}

# ---- signing up ----
fails 65 "the good ones are added" at 08:00 subscriber add ann@EXAMPLE.com 'Bob Müller <bob@example.com>' 'nonsense@' --newsletter daily
like "the reason" "$(cat .err)" 'nonsense@: nothing after the @'
is "they are there" "$(emails --newsletter daily)" "ann@example.com bob@example.com"
is "with the name" "$(db "SELECT name FROM subscriber WHERE email = 'bob@example.com'")" "Bob Müller"
ok "twice does nothing" at 08:00 --json subscriber add ANN@example.com --newsletter daily
cp .out doc
is "counted" "$(json doc "[d[k] for k in ('added', 'updated', 'unchanged', 'refused', 'errors')]")" '[0, 0, 1, 0, []]'
ok "a slip" at 08:00 subscriber add eve@gmial.com --newsletter daily
like "is told, and taken as it is" "$(cat .err)" 'is gmail.com meant'
is "it is taken" "$(emails gmial)" "eve@gmial.com"
printf 'Carol <carol@example.com>\ndave@example.com\n' >list
ok "by standard input" at 08:00 subscriber add - --newsletter daily --language fr --attribute city=Bern --attribute role=editor <list
is "found by attribute" "$(emails --attribute city=Bern)" "carol@example.com dave@example.com"
is "and not by another" "$(emails --attribute city=Basel)" ""
fails 64 "a cadence that the newsletter hasn't" at 08:00 subscriber add x@example.com --newsletter daily --cadence monthly
fails 66 "a newsletter that is none" at 08:00 subscriber add x@example.com --newsletter dayly
like "the nearest is named" "$(cat .err)" "do you mean 'daily'"
ok "a dry run" at 08:00 subscriber add x@example.com --newsletter daily --dry-run
is "changes nothing" "$(emails x@example)" ""

# ---- finding ----
is "by part of an address, any case" "$(emails R2@EXAMPLE)" "r2@example.net"
ok "preferences" at 08:00 subscriber set ann@example.com --newsletter daily --topics arts --cadence weekly --body titles --language 'bo, en'
is "by topic" "$(emails --topic Arts)" "ann@example.com"
is "by language, the subscription's too" "$(emails --language bo)" "ann@example.com"
is "by language, the person's" "$(emails --language fr | wc -w)" 2
is "by newsletter and status" "$(emails --newsletter weekly --status active | wc -w)" 30
is "by date" "$(emails --joined-since 2026-11-23 | wc -w)" 5
is "by date, before" "$(emails --joined-before 2026-11-23 | wc -w)" 30
is "so many" "$(emails --limit 7 | wc -w)" 7
fails 64 "a status that is none" at 08:00 subscriber list --status activ
like "the nearest is named" "$(cat .err)" "do you mean 'active'"
at 08:00 --json subscriber list ann@ >doc
is "DESIGN's document" "$(json doc "[(s['newsletter'], s['status'], s['cadence'], s['topics']) for s in d[0]['subscriptions']]")" \
    '[["daily", "active", "weekly", ["arts"]]]'

# ---- changing ----
ok "a person" at 08:00 subscriber set r1@example.net --name 'Réné' --timezone Asia/Kathmandu
db "UPDATE source_person SET hash = 0"
sqlite3 site.db "UPDATE reader SET first = 'Other', since = '2026-09-03'"
ok "a later sync" at 09:00 source sync
is "does not undo it" "$(db "SELECT name || ' ' || timezone FROM subscriber WHERE email = 'r1@example.net'")" "Réné Asia/Kathmandu"
id=$(db "SELECT id FROM subscriber WHERE email = 'r2@example.net'")
ok "another address" at 09:00 subscriber set r2@example.net --email Corrected@Example.ORG
is "the same person, the next generation" "$(db "SELECT email || ' ' || generation FROM subscriber WHERE id = $id")" "Corrected@example.org 2"
sqlite3 site.db "UPDATE reader SET since = '2026-09-04'"
ok "a sync with the old one" at 10:00 source sync
is "keeps it" "$(db "SELECT count(*) FROM subscriber WHERE email = 'r2@example.net'")" 0
is "and the subscription" "$(emails --status active corrected)" "Corrected@example.org"
ok "a pause" at 10:00 subscriber set r3@example.net --newsletter weekly --status pause --until 2026-12-24
is "it is one" "$(emails --status paused)" "r3@example.net"
is "until then" "$(db "SELECT paused_until FROM subscription WHERE paused_until IS NOT NULL")" "$(date -u -d 2026-12-24 +%s)"
ok "resumed" at 10:00 subscriber set r3@example.net --status resume
is "it is none" "$(emails --status paused)" ""
fails 64 "nothing to set" at 10:00 subscriber set r3@example.net
fails 65 "somebody who is not there" at 10:00 subscriber set nobody@example.net --name X

# ---- two readers, one mailbox ----
fails 65 "an address that is taken" at 10:00 subscriber set r4@example.net --email R5@example.net
like "says whose" "$(cat .err)" "subscriber [0-9]+'s; --merge"
four=$(db "SELECT id FROM subscriber WHERE email = 'r4@example.net'")
five=$(db "SELECT id FROM subscriber WHERE email = 'r5@example.net'")
q() {
    sqlite3 -cmd '.timeout 5000' queue/queue.db "$1"
}
weekly=$(q "SELECT id FROM newsletter WHERE name = 'weekly'")
q "INSERT INTO mark VALUES ($weekly, $four, 3), ($weekly, $five, 7); INSERT INTO owed (newsletter, subscriber, from_arrival, to_arrival) VALUES ($weekly, $five, 1, 2), ($weekly, $five, 4, 6)"
ok "reader 5 leaves" at 10:30 subscriber remove r5@example.net
ok "merged" at 11:00 subscriber set r4@example.net --email R5@example.net --merge
is "one is the other" "$(db "SELECT status || ' ' || merged_into || ' ' || (email_key IS NULL) FROM subscriber WHERE id = $five")" "3 $four 1"
is "who lives at the address" "$(db "SELECT id || ' ' || email FROM subscriber WHERE email_key = 'r5@example.net'")" "$four R5@example.net"
is "the later word counts: left" "$(emails --status left)" "R5@example.net"
is "the greater mark wins" "$(q "SELECT upto FROM mark WHERE subscriber = $four")" 7
is "what the survivor has not had is owed" "$(q "SELECT subscriber || ' ' || from_arrival FROM owed")" "$four 4"

# ---- letting go ----
ok "two leave" at 11:00 subscriber remove r6@example.net "$(db "SELECT id FROM subscriber WHERE email = 'r7@example.net'")" --newsletter weekly
ok "a sync" at 12:00 source sync
is "they stay away" "$(emails --status left | wc -w)" 3
fails 65 "not added unasked" at 12:00 subscriber add r6@example.net --newsletter weekly
like "says why" "$(cat .err)" 'has left that newsletter; --force'
ok "but on purpose" at 12:00 --force subscriber add r6@example.net --newsletter weekly
ok "suppressed" at 12:00 suppress add mute@example.com
fails 65 "not added" at 12:00 subscriber add Mute@example.com --newsletter weekly
like "says why" "$(cat .err)" 'is suppressed \(by-hand\)'
ok "erased" at 12:00 subscriber erase r8@example.net
fails 65 "not added, even by force" at 12:00 --force subscriber add r8@example.net --newsletter weekly
like "says why" "$(cat .err)" 'asked to be erased'
fails 65 "nor given to somebody" at 12:00 subscriber set r9@example.net --email r8@example.net

# ---- more than ten, on a terminal ----
at 12:00 --csv subscriber list --newsletter weekly --status active | cut -d, -f2 | sed 1d >list
[ "$(wc -l <list)" -gt 10 ] || die "too few"
# answer WORD: as somebody at a terminal whose standard input is the list
answer() {
    local rc=0
    python3 "$here/terminal.py" 80 "$1" "$COURANT" -c courant.ini --now 2026-11-23T13:00:00Z subscriber remove - <list >asked || rc=$?
    echo "$(grep -c '\[y/N\]' asked) $rc"
}
is "no is no" "$(answer n)" "1 77"
is "nobody left" "$(emails --newsletter weekly --status active | wc -w)" "$(wc -l <list)"
is "yes is yes" "$(answer y)" "1 0"
is "all left" "$(emails --newsletter weekly --status active | wc -w)" 0

# ---- of whom only a number is left; who left in the same second as the other joined ----
ok "two" at 13:00 subscriber add stays@example.com leaves@example.com ghost@example.com --newsletter daily
ok "one leaves" at 13:00 subscriber remove leaves@example.com
ok "merged" at 13:00 subscriber set stays@example.com --email leaves@example.com --merge
is "both have left" "$(db "SELECT s.status FROM subscription s JOIN subscriber p ON p.id = s.subscriber WHERE p.email = 'leaves@example.com'")" 3
ghost=$(db "SELECT id FROM subscriber WHERE email = 'ghost@example.com'")
ok "erased" at 13:00 subscriber erase ghost@example.com
for verb in "set $ghost --name X" "remove $ghost"; do
    fails 65 "$verb" at 13:00 subscriber $verb
    like "who was erased is not changed" "$(cat .err)" "$ghost: was erased"
done
fails 66 "an erased address" at 13:00 suppress remove ghost@example.com
fails 65 "nor by its hash" at 13:00 suppress remove "$(db "SELECT key FROM suppression WHERE key LIKE 'h:%'")"
fails 66 "an erased address" at 13:00 suppress remove ghost@example.com
like "what can be done" "$(cat .err)" "asked to be erased; only the person can come back"

python3 -c 'print("email,name"); [print("t%d@example.com,T" % i) for i in range(11)]' >eleven.csv
python3 "$here/terminal.py" 80 n "$COURANT" -c courant.ini subscriber import eleven.csv --newsletter weekly >asked && die "a no is a yes"
like "an import asks too, and says what the columns are" "$(cat asked)" 'email -> email.*|takes in 11 people'
is "no is no" "$(grep -c '\[y/N\]' asked) $(emails t1@)" "1 "
python3 "$here/terminal.py" 80 y "$COURANT" -c courant.ini subscriber import eleven.csv --newsletter weekly >asked || die "a yes is a no"
is "yes is yes" "$(emails @example.com --newsletter weekly | wc -w)" "11"
ok "show in a narrow terminal" python3 "$here/terminal.py" 30 n "$COURANT" -c courant.ini subscriber show t1@example.com
ok "a long name" at 13:00 subscriber set t1@example.com --name "A name that is longer than a narrow terminal is wide"
ok "is shown whole" python3 "$here/terminal.py" 30 n "$COURANT" -c courant.ini subscriber show t1@example.com
like "to its end" "$(cat .out)" 'terminal is wide$'
is "the log has no address" "$(db "SELECT count(*) FROM audit WHERE detail LIKE '%@%'")" 0
