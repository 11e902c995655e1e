# Goal: retention. After [queue] keep the details of deliveries and messages are gone and their counts stay; after
# attributes_keep name and attributes of who left are gone, the address stays away; after log_keep the log's lines are
# gone; a `run` does it, once a day; who reads on, or left lately, is untouched.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
only_readers site.db 4
sink --rcpt 'r4=550 5.7.1 not wanted'
config "$SINK_PORT" 2 >courant.ini
set_key courant.ini queue keep 10d
set_key courant.ini database attributes_keep 30d
set_key courant.ini database log_keep 60d
init
ok "a run" at 07:05 run
ok "a message" at 07:06 issue test 1 me@example.net
ok "an invitation" at 07:06 subscriber add --invite new@example.net --given-name Neu
ok "sent" at 07:07 send
for i in 1 2; do ok "reader $i leaves" at 2026-11-24T07:00:00Z subscriber remove r$i@example.net; done
ok "another has attributes" at 2026-11-24T07:00:01Z subscriber set r3@example.net --attribute town=Thun --timezone Europe/Zurich
sqlite3 courant.db "UPDATE subscriber SET attributes = '{\"town\":\"Bern\"}' WHERE email LIKE 'r_@%' AND email NOT LIKE 'r3%'"
row() { sqlite3 courant.db "SELECT name IS NOT NULL, given_name IS NOT NULL, attributes IS NOT NULL, email FROM subscriber WHERE email LIKE '$1@%'"; }
details() { sqlite3 queue/queue.db "SELECT (SELECT count(*) FROM delivery WHERE issue = $1), (SELECT count(*) FROM attempt WHERE issue = $1),
    (SELECT count(*) FROM trouble WHERE issue = $1)"; }
counts() { courant --json issue list | python3 -c 'import json, sys; x = json.load(sys.stdin)[0]; print(x["sent"], x["failed"])'; }
before=$(counts)
isnt "there are details" "$(details 1)" "0|0|0"

ok "nine days later" at 2026-12-02T09:00:00Z run
isnt "they are there" "$(details 1)" "0|0|0"
ok "eleven days later" at 2026-12-04T11:00:00Z run
is "they are gone" "$(details 1)" "0|0|0"
is "and the messages'" "$(details 0) $(sqlite3 queue/queue.db 'SELECT count(*) FROM transactional')" "0|0|0 0"
is "the counts stay" "$(counts)" "$before"
is "of messages too" "$(courant --json queue status | python3 -c 'import json, sys; print(json.load(sys.stdin)["transactional"]["sent"])')" 2
is "nobody lost a name yet" "$(row r1)" "1|1|1|r1@example.net"

ok "thirty-one days after they left" at 2026-12-25T08:00:00Z run
is "name and attributes are gone, the address stays" "$(row r1)" "0|0|0|r1@example.net"
is "who reads on keeps them" "$(row r3)|$(row r4)" "1|1|1|r3@example.net|1|1|1|r4@example.net"
sqlite3 site.db "UPDATE reader SET last = last || 'x'"
ok "the source still has them" at 2026-12-25T08:01:00Z source sync
is "who left stays away" "$(sqlite3 courant.db "SELECT count(*) FROM subscription WHERE status = 3")" 2
ok "the same day" at 2026-12-25T09:00:00Z run
ok "the next day" at 2026-12-26T09:00:00Z run
is "what a changed row brought back goes again" "$(row r2)" "0|0|0|r2@example.net"

is "the log has its first lines" "$(courant --csv log --action leave | wc -l)" 3
ok "sixty days later" at 2027-01-24T07:00:00Z run
is "they are gone" "$(courant --csv log --action leave | wc -l)" 1
isnt "later ones are there" "$(courant --csv log | wc -l)" 1
is "both databases are whole" "$(sqlite3 courant.db 'PRAGMA foreign_key_check; PRAGMA integrity_check')$(sqlite3 queue/queue.db 'PRAGMA integrity_check')" okok
