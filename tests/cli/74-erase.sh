# Goal: `subscriber erase` takes a person out of both databases, their write-ahead logs and the journal; a keyed hash keeps
# the address from coming back by an import or by hand, --forget leaves not even that; nobody else is touched.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
only_readers site.db 300
sqlite3 site.db "INSERT INTO reader(email, first, last, tongue, since, opted)
    VALUES ('Secret.Person@private.example', 'Persephone', 'Quillfeather', 'en', '2026-09-01', 1),
           ('other.person@private.example', 'Oswald', 'Other', 'en', '2026-09-01', 1)"
sink --record "$S/rec" --rcpt 'Secret=450 4.2.0 mailbox of Secret.Person@private.example is busy'
config $SINK_PORT 4 >courant.ini
set_key courant.ini newsletter.second title 'Second Letter'
set_key courant.ini newsletter.second from 'Example Desk <news@example.org>'
set_key courant.ini newsletter.second schedule manual
init
ok "a run" at 07:05 run
is "the reply is kept without the address" \
    "$(sqlite3 queue/queue.db "SELECT count(*) FROM trouble WHERE reply LIKE '%busy%' AND reply NOT LIKE '%private.example%'")" 1
ok "a test message to the same person" at 07:05 issue test 1 secret.person@private.example
ok "a note by hand" courant suppress add someone.else@private.example --note "asked by phone"
id=$(sqlite3 courant.db "SELECT id FROM subscriber WHERE email LIKE 'secret%'")
ok "an invitation that waits" at 07:05 subscriber add --invite secret.person@private.example --newsletter second
sqlite3 queue/queue.db "INSERT INTO owed(newsletter, subscriber, from_arrival, to_arrival) VALUES (1, $id, 0, 1)"

# traces: in which of our files a piece of the person stands, also as base64 or quoted-printable makes it
traces() {
    python3 - <<'PY'
import base64, glob
plain = [b"secret.person", b"persephone", b"quillfeather", b"secret.person=40"]
words = [b"Secret.Person@private.example", b"secret.person@private.example", b"Persephone", b"Quillfeather"]
# the middle of the word at each of the three places that it can begin at
coded = {base64.b64encode(b"\0" * k + w)[4:-4] for w in words for k in range(3)}
coded |= {w.hex().encode() for w in words}
found = []
for f in sorted(glob.glob("courant.db*") + glob.glob("queue/*")):
    b = open(f, "rb").read()
    if any(p in b.lower() for p in plain) or any(c in b for c in coded):
        found.append(f)
print(" ".join(found))
PY
}
isnt "the person is in our files" "$(traces)" ""

# ---- all that is held, as the person may ask ----
held() {
    ok "what is held on $1" courant subscriber export --person "$1"
    cp .out held
}
held "SECRET.person@private.example"
is "who it is" "$(json held "[(p['id'], p['email'], p['given_name'], p['status']) for p in d['person']]")" \
    "[[$id, \"Secret.Person@private.example\", \"Persephone\", \"active\"]]"
is "the subscription" "$(json held "[(s['newsletter'], s['status'], s['source'], s['source_joined_at']) for s in d['subscriptions']]")" \
    '[["second", "pending", null, null], ["weekly", "active", "site", "2026-09-01T00:00:00Z"]]'
is "what became of the issue" "$(json held "[(x['issue'], x['state'], x['code']) for x in d['deliveries']]")" '[[1, "deferred", 450]]'
is "the attempt" "$(json held "[x['outcome'] for x in d['attempts']]")" '["later"]'
is "the messages that wait" "$(json held "[x['kind'] for x in d['messages']]")" '["test", "confirm"]'
is "the question that is open" "$(json held "[(c['how'], c['newsletter'], c['answered_at'], c['ended_at']) for c in d['consent'] if c['how'] == 'invitation']")" '[["invitation", "second", null, null]]'
is "what is owed" "$(json held "[x['from_arrival'] for x in d['owed']]")" '[0]'
is "what was changed" "$(json held "[c['action'] for c in d['changes']]")" '["invite"]'
is "the mark" "$(json held "[x['newsletter'] for x in d['marks']]")" '["weekly"]'
is "nobody else" "$(grep -c 'other.person' held || true)" 0
# every column of courant.db that names a subscriber is in it
is "all columns" "$(sqlite3 courant.db "SELECT group_concat(name) FROM pragma_table_info('subscriber')" | tr , '\n' |
    while read -r c; do grep -q "\"$c\"" held || echo "$c"; done)" ""

ok "a rehearsal" at 07:06 subscriber erase secret.person@private.example never@private.example --dry-run
like "says what would be" "$(cat .out)" 'would be: 1 erased'
isnt "and does nothing" "$(traces)" ""

# ---- while somebody reads, the log can't be emptied: it says so, and a second time does it ----
python3 - <<'PY' &
import sqlite3, time
c = sqlite3.connect("courant.db", isolation_level=None)
c.execute("BEGIN")
c.execute("SELECT count(*) FROM subscriber").fetchall()
open("reading", "w").close()
time.sleep(60)
PY
reader=$!
started $reader
wait_for 10 "a reader is at work" test -e reading
fails 75 "with a reader at work" at 07:06 subscriber erase "SECRET.person@Private.example"
like "it says what to do" "$(cat .err)" "erased, but .*do it again"
stop $reader
printf 'secret.person@private.example\n' >whom
"$COURANT" -c courant.ini --json --now 2026-11-23T07:06:00Z subscriber erase - <whom >.out 2>.err || die "again: $(cat .err)"
is "the second time there is nothing left to erase" "$(json .out "d['erased']")" 0
is "nothing of the person is left" "$(traces)" ""
like "nor would be" "$(at 07:06 subscriber erase secret.person@private.example --dry-run)" 'would be: 0 erased'
like "the record stays under its number" "$(courant subscriber list --all | grep "^ *$id ")" "erased"
is "and has an audit line without an address" "$(sqlite3 courant.db "SELECT actor, action, detail FROM audit WHERE subscriber = $id AND action = 'erase'")" "admin $(id -un)|erase|"
is "the other one is untouched" "$(sqlite3 courant.db "SELECT name, status FROM subscriber WHERE email = 'other.person@private.example'")" "Oswald Other|0"
is "as are the suppressions of others" "$(courant --json suppress list | grep -c 'someone.else')" 1

is "neither consent nor owed" "$(sqlite3 courant.db "SELECT count(*) FROM consent WHERE subscriber = $id") $(sqlite3 queue/queue.db "SELECT count(*) FROM owed WHERE subscriber = $id")" "0 0"
is "no letter" "$(sqlite3 queue/queue.db "SELECT count(*) FROM transactional WHERE subscriber = $id AND coalesce(frozen, fields, message, mail_to) IS NOT NULL")" 0

held $id
is "under the number there is a row with nothing in it" \
    "$(json held "[(p['email'], p['name'], p['attributes'], p['status']) for p in d['person']]")" '[[null, null, null, "erased"]]'
is "no reply of a relay" "$(json held "[x['reply'] for x in d['attempts'] + d['deliveries'] if x['reply']]")" "[]"
held secret.person@private.example
is "under the address there is the keyed hash" "$(json held "[s['key'][:2] + s['reason'] for s in d['suppressions']]")" '["h:erased"]'
fails 66 "nobody" courant subscriber export --person 999999

# ---- the source still has the person ----
ok "an import" at 07:07 --json source sync
cp .out sync
is "the person is refused, without the address" "$(json sync "[(r['kind'], 'erased' in r['reason'], 'private' in r['reason']) for r in d[0]['refused'] if 'erased' in r['reason']]")" \
    '[["subscriber", true, false]]'
sqlite3 site.db "UPDATE reader SET last = last || '-Changed' WHERE email LIKE 'Secret%'"
ok "a changed row" at 07:08 source sync
is "still nothing of the person" "$(traces)" ""
n=$(wc -l <rec)
ok "a run" at 08:30 run
is "the waiting messages are gone" "$(wc -l <rec)" "$n"
is "nothing is open" "$(courant --json queue status | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["queued"] + d["deferred"] + d["unknown"])')" 0
is "still nothing of the person" "$(traces)" ""

# ---- not even the hash ----
ok "forgotten" at 08:31 subscriber erase secret.person@private.example --forget
like "it says so" "$(cat .out)" "1 erased"
is "no suppression is left" "$(sqlite3 courant.db "SELECT count(*) FROM suppression WHERE key LIKE 'h:%'")" 0
sqlite3 site.db "UPDATE reader SET last = 'Quillfeather' WHERE email LIKE 'Secret%'"
ok "the source brings the person again" at 08:32 source sync
is "as somebody new" "$(sqlite3 courant.db "SELECT id > $id FROM subscriber WHERE email LIKE 'secret%'")" 1

# ---- what it refuses ----
fails 65 "no address" courant subscriber erase "a b@c"
fails 66 "no such subscriber" courant subscriber erase 999999
fails 65 "one of them is no address" courant subscriber erase "a b@c" someone.else@private.example
like "it is named" "$(cat .err)" "^courant: a b@c: "
is "the other is erased" "$(courant --json suppress list | grep -c 'someone.else' || true)" 0
ok "somebody who was never there" courant subscriber erase never@private.example
like "says so" "$(cat .out)" "nothing was held"
