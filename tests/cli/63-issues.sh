# Goal: pausing, resuming and cancelling an issue from another process while it goes out keeps the promise: nobody is
# skipped, nobody has it twice; so do another relay and another pace between two runs; what was not delivered is owed and
# comes with the next digest.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
READERS=300

fresh() {
    rm -rf courant.db* queue secret rec
    only_readers site.db $READERS
    touch rec
    sink --record "$S/rec" --delay 4
    config $SINK_PORT 2 >courant.ini
    init
}
got() {
    wc -l <rec
}
reached() {
    [ "$(got)" -ge "$1" ]
}
begin() {
    "$COURANT" -c courant.ini --now "$RUN_TIME" run >run.out 2>run.err &
    RUN=$!
    started $RUN
    wait_for 20 "the issue is on its way" reached 40
}
ended() {
    wait $RUN || die "the run ended with $?: $(cat run.err)"
}
status() {
    ok "queue status" at 07:05 --json queue status
    cp .out status
}
claimed() { # N
    courant --json queue status >status && [ "$(json status "d['claimed']")" = "$1" ]
}
once() { # WHAT N: N readers, each once
    is "$1" "$(jsonl rec "[len(d), len({x['to'][0] for x in d})]")" "[$2, $2]"
}

# ---- pause, resume ----
fresh
begin
ok "pause" at 07:05 issue pause 1
ended
n=$(got)
[ "$n" -lt $READERS ] || die "it was over before it was paused"
status
is "what was sent is known" "$(json status "d['sent']")" "$n"
is "the rest waits" "$(json status "d['queued'] + d['held']")" $((READERS - n))
ok "a run sends nothing" at 07:06 run
is "nothing" "$(got)" "$n"
ok "resume" at 07:06 issue resume 1
ok "and it goes on" at 07:06 run
once "all, once" $READERS
stop_sink

# ---- cancel: owed, and in the next digest ----
fresh
begin
ok "cancel" at 07:05 issue cancel 1
ended
n=$(got)
[ "$n" -lt $READERS ] || die "it was over before it was cancelled"
status
is "the rest is cancelled" "$(json status "[d['sent'], d['cancelled'], d['queued']]")" "[$n, $((READERS - n)), 0]"
jsonl rec "[x['to'][0] for x in d]" >first
cp rec rec.first
ok "the next week, without a new article" at 2026-11-30T07:05:00Z run
is "the others have it then" "$(got)" $READERS
once "nobody twice" $READERS
ok "the week after" at 2026-12-07T07:05:00Z run
is "nothing is owed any more" "$(got)" $READERS
stop_sink

# ---- cancel --drop: not owed ----
fresh
begin
ok "cancel --drop" at 07:05 issue cancel 1 --drop
ended
n=$(got)
ok "the next week" at 2026-11-30T07:05:00Z run
is "nobody gets it" "$(got)" "$n"
stop_sink

# ---- cut short by SIGTERM, then another relay and another pace ----
fresh
begin
before=$(date +%s%N)
kill -TERM $RUN
rc=0
wait $RUN || rc=$?
is "stopped by a signal" $rc 75
took=$((($(date +%s%N) - before) / 1000000))
[ $took -lt 5000 ] || die "it took $took ms to stop"
n=$(got)
status
is "what was sent is known" "$(json status "[d['sent'], d['queued'], d['unknown']]")" "[$n, $((READERS - n)), 0]"
touch rec2
sink --record "$S/rec2"
set_key courant.ini relay.main port $SINK_PORT
printf '[pace]\n* = 400/s\n' >>courant.ini
ok "through another relay, at another pace" at 07:06 run
cat rec2 >>rec
once "all, once" $READERS
stop_sink

# ---- held and released by hand while it is on the wire: it must not go out beside itself ----
rm -rf courant.db* queue secret rec
only_readers site.db 6
touch rec
sink --record "$S/rec" --delay 400
config $SINK_PORT 3 >courant.ini
init
"$COURANT" -c courant.ini --now "$RUN_TIME" run >run.out 2>run.err &
RUN=$!
started $RUN
wait_for 10 "the first message" reached 1
ok "hold" at 07:05 queue hold
ok "release" at 07:05 queue release
ended
ok "a later run" at 07:06 run
once "each once" 6
stop_sink

# ---- held while it is on the wire, which the relay then leaves unanswered: held, and the unknown one is counted ----
rm -rf courant.db* queue secret rec
only_readers site.db 2
touch rec
sink --record "$S/rec" --delay 400 --dot r=accept-drop
config $SINK_PORT 2 >courant.ini
init
"$COURANT" -c courant.ini --now "$RUN_TIME" run >run.out 2>run.err &
RUN=$!
started $RUN
wait_for 10 "a claim" claimed 2
ok "hold" at 07:05 queue hold
wait $RUN || true
ok "the queue" courant --json queue list
cp .out list
is "held, once unknown" "$(json list "[(x['state'], x['unknowns']) for x in d]")" '[["held", 1], ["held", 1]]'
