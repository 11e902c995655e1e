# Goal: who leaves, is suppressed, erased or removed between two attempts, or between claim and MAIL, gets no further
# mail; a corrected address is the one that is used.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db

fresh() {
    rm -rf courant.db* queue secret rec ev
    only_readers site.db "$1"
    touch rec ev
}
db() {
    sqlite3 -cmd '.timeout 5000' courant.db "$1"
}
id_of() {
    db "SELECT id FROM subscriber WHERE email = '$1@example.net'"
}
state() {
    ok "queue list" at 07:05 --json queue list --issue 1
    cp .out list
    json list "next((x['state'] for x in d if x['subscriber'] == $1), None)"
}

# ---- between two attempts: all eight are deferred, then seven of them change ----
fresh 8
sink --record "$S/rec" --rcpt 'r@1=450 4.2.0 try later'
config $SINK_PORT 2 >courant.ini
init
ok "the first run: all deferred" at 07:05 run
is "nobody has it" "$(wc -l <rec)" 0
for i in 1 2 3 4 5 6 7 8; do eval "id$i=\$(id_of r$i)"; done
ok "suppressed" courant suppress add r1@example.net
db "UPDATE subscription SET status = 3 WHERE subscriber = $id2"
left=$(db "SELECT status FROM subscription WHERE subscriber = $id2")
is "left" "$left" 3
db "UPDATE subscription SET status = 2 WHERE subscriber = $id3"
db "UPDATE subscriber SET email = NULL, email_key = NULL, name = NULL, given_name = NULL, status = 2 WHERE id = $id4;
    DELETE FROM subscription WHERE subscriber = $id4"
sqlite3 site.db "DELETE FROM reader WHERE email = 'r5@example.net'"
db "UPDATE subscriber SET email = 'corrected@example.org', email_key = 'corrected@example.org', generation = 2,
    own = 65535 WHERE id = $id6"
sqlite3 site.db "UPDATE reader SET email = 'moved@example.org' WHERE email = 'r7@example.net'"
ok "the second run" at 07:20 run
is "who gets it" "$(jsonl rec "sorted(x['to'][0] for x in d)")" \
    '["corrected@example.org", "moved@example.org", "r8@example.net"]'
for i in 1 2 3 4 5; do is "r$i is cancelled" "$(state "$(eval echo "\$id$i")")" cancelled; done
ok "a later run" at 2026-11-30T07:05:00Z run
is "nothing more to those who went" "$(jsonl rec "[x['to'] for x in d if x['to'][0][:2] in ('r1', 'r2', 'r4')]")" "[]"
# paused and removed-by-source are owed
db "UPDATE subscription SET status = 1 WHERE subscriber = $id3"
ok "resumed from pause" at 2026-12-07T07:05:00Z run
is "has what is owed" "$(jsonl rec "[x['to'][0] for x in d if x['to'][0][:2] == 'r3']")" '["r3@example.net"]'
stop_sink

# ---- between claim and MAIL: two slow connections, everybody is claimed, some change ----
fresh 60
sink --record "$S/rec" --delay 30
config $SINK_PORT 2 >courant.ini
init
"$COURANT" -c courant.ini --now "$RUN_TIME" run >run.out 2>run.err &
RUN=$!
started $RUN
started_sending() { [ "$(wc -l <rec)" -ge 3 ]; }
wait_for 20 "it sends" started_sending
claimed=$(sqlite3 -cmd '.timeout 5000' queue/queue.db "SELECT count(*) FROM delivery WHERE issue = 1 AND state = 1")
[ "$claimed" -ge 30 ] || die "only $claimed are claimed"
for i in 1 2 3 4; do eval "id$i=\$(id_of r5$i)"; done
ok "suppressed" courant suppress add r51@example.net
db "UPDATE subscription SET status = 3 WHERE subscriber = $id2"
db "UPDATE subscriber SET email = NULL, email_key = NULL, status = 2 WHERE id = $id3;
    DELETE FROM subscription WHERE subscriber = $id3"
db "UPDATE subscriber SET email = 'corrected@example.org', email_key = 'corrected@example.org', generation = 2
    WHERE id = $id4"
wait $RUN || die "the run: $(cat run.err)"
is "none of those who went, nor the old address" \
    "$(jsonl rec "[x['to'][0] for x in d if x['to'][0][:3] in ('r51', 'r52', 'r53', 'r54')]")" "[]"
is "the corrected one, once" "$(jsonl rec "[x['to'][0] for x in d if x['to'][0][0] == 'c']")" '["corrected@example.org"]'
is "and all others" "$(wc -l <rec)" 57
for i in 1 2 3; do is "r5$i is cancelled" "$(state "$(eval echo "\$id$i")")" cancelled; done

# ---- a single message to an address that was suppressed meanwhile ----
fresh 2
sink --record "$S/rec"
config $SINK_PORT 2 >courant.ini
init
ok "the issue" at 07:05 run
ok "two test messages" at 07:10 issue test 1 editor@example.org other@example.org
ok "one of them is suppressed" at 07:11 suppress add Editor@EXAMPLE.org
ok "a run" at 07:12 run
is "the other is mailed" "$(jsonl rec "sorted(x['to'][0] for x in d)[:1]")" '["other@example.org"]'
ok "queue status" at 07:12 --json queue status
cp .out status
is "it is cancelled" "$(json status "[d['transactional'][k] for k in ('sent', 'cancelled', 'queued')]")" "[1, 1, 0]"
