# Goal: no relay can hold the program longer than its time-outs: one that never speaks, one that stalls within a message,
# one whose name does not resolve, one that does not answer a connection; and SIGTERM ends a run within 5 s there too.
# Waits more than it works.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
only_readers site.db 4

fresh() { # PORT [HOST]
    rm -rf courant.db* queue secret
    config "$1" 2 "${2:-127.0.0.1}" >courant.ini
    set_key courant.ini relay.main timeout 2s
    set_key courant.ini relay.main connect_timeout 2s
    init
}
# within SECONDS WHAT COMMAND...: sets $rc; the errors lie in .err
within() {
    local most=$1 what=$2 begin
    shift 2
    begin=$(date +%s%N)
    rc=0
    timeout 60 "$@" >.out 2>.err || rc=$?
    took=$((($(date +%s%N) - begin) / 1000000))
    checks=$((checks + 1))
    [ $took -lt $((most * 1000)) ] || die "$what: it took $took ms"
}
status() {
    ok "queue status" at 07:05 --json queue status
    cp .out status
}

# ---- accepts connections and never speaks ----
python3 - >silent <<'PY' &
import socket, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(50)
print(s.getsockname()[1], flush=True)
time.sleep(100)
PY
started $!
wait_for 5 "the silent one listens" test -s silent
fresh "$(cat silent)"
within 12 "a relay that never speaks" "$COURANT" -c courant.ini --now "$RUN_TIME" run
is "no relay could be used" $rc 75
like "it says so" "$(cat .err)" "relay main"
status
is "nobody is charged" "$(json status "[d['queued'], d['deferred'], d['unknown']]")" "[4, 0, 0]"

# SIGTERM while it waits there, with RFC 5321's time-outs
fresh "$(cat silent)"
set_key courant.ini relay.main timeout ""
"$COURANT" -c courant.ini --now "$RUN_TIME" run >run.out 2>run.err &
RUN=$!
started $RUN
sleep 0.7
begin=$(date +%s%N)
kill -TERM $RUN
rc=0
wait $RUN || rc=$?
took=$((($(date +%s%N) - begin) / 1000000))
is "stopped" $rc 75
[ $took -lt 5000 ] || die "SIGTERM: it took $took ms"

# ---- stalls at the recipient, at the dot, stops reading ----
sink --rcpt r=stall --stall 60
fresh $SINK_PORT
within 25 "stalls at the recipient" "$COURANT" -c courant.ini --now "$RUN_TIME" run
status
is "nobody has it, none is unknown" "$(json status "[d['sent'], d['unknown']]")" "[0, 0]"
stop_sink
sink --dot r=stall --stall 60
fresh $SINK_PORT
within 30 "stalls after the dot" "$COURANT" -c courant.ini --now "$RUN_TIME" run
status
is "what the dot was sent for is unknown or waits" "$(json status "d['sent']")" 0
is "nobody is lost" "$(json status "d['unknown'] + d['held'] + d['queued'] + d['deferred']")" 4
stop_sink
sink --stop-reading
fresh $SINK_PORT
within 25 "stops reading" "$COURANT" -c courant.ini --now "$RUN_TIME" run
status
is "none is sent" "$(json status "d['sent']")" 0
stop_sink

# ---- a name that does not resolve; --force: it is not of this machine ----
fresh 2525 no-such-host.invalid
set_key courant.ini relay.main tls starttls
within 12 "a name that does not resolve" "$COURANT" -c courant.ini --now "$RUN_TIME" --force run
is "no relay could be used" $rc 75
like "it names the host" "$(cat .err)" "no-such-host\.invalid"

# ---- no answer to the connection: a full backlog drops the SYNs ----
python3 - >full <<'PY' &
import socket, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(0)
p = s.getsockname()[1]
c = []
for i in range(4):
    x = socket.socket()
    x.setblocking(False)
    try:
        x.connect(("127.0.0.1", p))
    except BlockingIOError:
        pass
    c.append(x)
time.sleep(0.3)
print(p, flush=True)
time.sleep(100)
PY
started $!
wait_for 5 "the full one listens" test -s full
fresh "$(cat full)"
within 12 "no answer to the connection" "$COURANT" -c courant.ini --now "$RUN_TIME" run
is "no relay could be used" $rc 75
status
is "all wait" "$(json status "d['queued']")" 4

# ---- SIGTERM while something else than a relay is waited for ----
terminated() { # WHAT: a run, SIGTERM half a second later
    local pid begin
    "$COURANT" -c courant.ini --now "$RUN_TIME" run >.out 2>.err &
    pid=$!
    started $pid
    sleep 0.5
    kill -0 $pid 2>/dev/null || die "$1: the run was over before it was stopped: $(cat .err)"
    begin=$(date +%s%N)
    kill -TERM $pid
    rc=0
    wait $pid || rc=$?
    took=$((($(date +%s%N) - begin) / 1000000))
    checks=$((checks + 1))
    [ $took -lt 5000 ] || die "$1: it took $took ms to end"
    is "$1: stopped" $rc 75
}
for db in queue/queue.db courant.db; do
    fresh 1
    rm -f locked
    python3 - $db <<'PY' &
import sqlite3, sys, time
d = sqlite3.connect(sys.argv[1], isolation_level=None)
d.execute("BEGIN IMMEDIATE")
open("locked", "w").close()
time.sleep(20)
PY
    locker=$!
    started $locker
    wait_for 5 "$db is locked" test -e locked
    terminated "$db locked by another program"
    stop $locker
done
fresh 1
set_key courant.ini relay.main user somebody
set_key courant.ini relay.main password_command "sleep 30"
terminated "a password_command that hangs"
fresh 1
only_readers site.db 600000
terminated "an import that takes long"
