# Goal: several relays: priority, fail-over when the first refuses connections and return when it is back, a relay for one
# newsletter alone, limits of connections and of messages a session; IPv6, literals, a name of which one family answers.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db

fresh() { # READERS PORT CONNECTIONS HOST
    rm -rf courant.db* queue secret rec* ev*
    only_readers site.db "$1"
    config "$2" "$3" "${4:-127.0.0.1}" >courant.ini
}
second() { # PORT PRIORITY: relay.spare
    printf '[relay.spare]\nhost = 127.0.0.1\nport = %s\ntls = none\nconnections = 2\npriority = %s\n' "$1" "$2" >>courant.ini
}
state() { # RELAY: its state and reason
    json status "[[r['state'], r['until']] for r in d['relays'] if r['name'] == '$1'][0]"
}
count() {
    if [ -f "$1" ]; then wc -l <"$1"; else echo 0; fi
}

# ---- priority ----
touch a b
sink --record "$S/a"
first=$SINK_PORT first_pid=$SINK_PID
sink --record "$S/b"
spare=$SINK_PORT spare_pid=$SINK_PID
fresh 40 "$first" 4
second "$spare" 20
init
ok "both stand" at 07:05 run
is "all by the one with the lower number" "$(count a) $(count b)" "40 0"

# ---- fail-over and return ----
stop $first_pid
ok "two tests" at 07:06 issue test 1 one@example.net two@example.net
ok "the first refuses connections" at 07:06 run
is "the second takes over" "$(count a) $(count b)" "40 2"
ok "status" at 07:06 --json queue status
cp .out status
is "the first rests for 30 s" "$(state main)" '["resting", "2026-11-23T07:06:30Z"]'
ok "another" at 07:06 issue test 1 three@example.net
sink --port "$first" --record "$S/a"
first_pid=$SINK_PID
ok "it is back, but rests" at 07:06 run
is "so the second has it" "$(count a) $(count b)" "40 3"
ok "another" at 07:07 issue test 1 four@example.net
ok "the rest is over" at 07:07 run
is "the first is used again" "$(count a) $(count b)" "41 3"
ok "status" at 07:07 --json queue status
cp .out status
is "and ready" "$(state main)" '["ready", null]'

# ---- the same while messages go: the first dies, nobody is lost, nobody is charged ----
stop $first_pid
stop $spare_pid
rm -f a b
touch a b
sink --record "$S/a" --delay 10
first=$SINK_PORT first_pid=$SINK_PID
sink --record "$S/b"
spare=$SINK_PORT spare_pid=$SINK_PID
fresh 300 "$first" 4
second "$spare" 20
init
"$COURANT" -c courant.ini --now "$RUN_TIME" run >run.out 2>run.err &
run=$!
started $run
wait_for 20 "forty by the first" sh -c '[ $(wc -l <a) -ge 40 ]'
kill -9 $first_pid
wait $run || die "the run: $(cat run.err)"
ok "status" at 07:05 --json queue status
cp .out status
is "everybody" "$(json status "d['sent'] + d['unknown'] + d['queued']")" 300
ok "the rest of it" at 07:20 run
python3 - <<'PY' || die "lost or repeated readers"
import collections, json
n = collections.Counter(json.loads(l)["to"][0] for f in "ab" for l in open(f))
assert len(n) == 300, len(n)
twice = [k for k, v in n.items() if v > 1]
assert len(twice) <= 4, twice  # at most one a connection: those whose dot was unanswered
PY
is "and by both" "$([ "$(count b)" -gt 0 ] && echo yes)" yes
stop $spare_pid

# ---- relay = of a newsletter ----
rm -f b
sink --record "$S/b"
spare=$SINK_PORT
sink --record "$S/a"
first=$SINK_PORT
fresh 10 "$first" 2
second "$spare" 20
set_key courant.ini newsletter.weekly relay spare
init
ok "a newsletter's own relay" at 07:05 run
is "all by it" "$(count rec) $(jsonl b "len(d)")" "0 10"

# it is the only one for it: while it rests the issue waits, and the run ends though another relay stands
stop_sink
sink --record "$S/b"
first=$SINK_PORT
rm -rf courant.db* queue secret a b
config "$first" 2 >courant.ini
second "$spare" 20
set_key courant.ini relay.spare port "$(free_port)"
set_key courant.ini newsletter.weekly relay spare
init
rc=0
timeout 30 "$COURANT" -c courant.ini --now "$RUN_TIME" run >.out 2>.err || rc=$?
isnt "the run ends" $rc 124
ok "status" at 07:05 --json queue status
cp .out status
is "all wait" "$(json status "[d['sent'], d['queued']]")" "[0, 10]"
set_key courant.ini newsletter.weekly relay main
ok "another relay for it" at 07:06 run
ok "status" at 07:06 --json queue status
cp .out status
is "takes them" "$(json status "d['sent']")" 10

# ---- a relay that has used up its day leaves the rest to the next one ----
stop_sink
rm -rf courant.db* queue secret
touch a b
: >a
: >b
sink --record "$S/a"
first=$SINK_PORT
sink --record "$S/b"
config "$first" 2 >courant.ini
second "$SINK_PORT" 20
set_key courant.ini relay.main rate 4/d
init
ok "four a day" timeout 30 "$COURANT" -c courant.ini --now "$RUN_TIME" run
is "four and six" "$(count a) $(count b)" "4 6"

# ---- limits: connections at once, messages a session ----
fresh 200 1 3
sink --record "$S/rec" --events "$S/ev" --delay 5 --max-connections 3
set_key courant.ini relay.main port $SINK_PORT
set_key courant.ini relay.main messages 20
init
ok "3 connections, 20 messages each" at 07:05 run
is "all there" "$(count rec)" 200
is "never a fourth connection" "$(jsonl ev "[x for x in d if x['event'] not in ('connect', 'quit', 'end', 'close')]")" "[]"
is "none carried more than 20" "$(jsonl rec "max(x['nth'] for x in d) <= 20")" true
is "and they were used up" "$(jsonl rec "max(x['nth'] for x in d) >= 10")" true
is "so there were at least ten" "$(jsonl ev "len([x for x in d if x['event'] == 'connect']) >= 10")" true
stop_sink

# ---- addresses ----
fresh 4 1 2
sink --record "$S/rec"
for host in 127.0.0.1 localhost; do
    fresh 4 $SINK_PORT 2 $host
    init
    ok "relay $host" at 07:05 run
done
stop_sink
if ip -6 addr show dev lo 2>/dev/null | grep -q '::1' || [ -s /proc/net/if_inet6 ]; then
    rm -f rec6
    sink --host ::1 --record "$S/rec6"
    hosts=::1
    # only ::1 answers there: with the name, 127.0.0.1 refuses and the next address is tried
    if getent ahosts localhost | grep -q '^::1' && getent ahosts localhost | grep -q '^127'; then hosts="::1 localhost"; fi
    for host in $hosts; do
        rm -rf courant.db* queue secret
        config $SINK_PORT 2 $host >courant.ini
        init
        ok "IPv6: relay $host" at 07:05 run
    done
    is "all by IPv6" "$(count rec6)" $(($(echo $hosts | wc -w) * 4))
else
    echo "no IPv6 here: those checks are left out"
fi
stop_sink

# ---- few descriptors: fewer connections, and the relay is not taken for one that can't be reached ----
for files in 48 64; do
    fresh 60 1 16
    touch rec
    sink --record "$S/rec"
    set_key courant.ini relay.main port "$SINK_PORT"
    init
    ok "a run with $files descriptors" bash -c "ulimit -n $files; exec '$COURANT' -c courant.ini --now $RUN_TIME run"
    is "all got it, with $files descriptors" "$(wc -l <rec)" 60
    stop_sink
done

# ---- a limit on the size of files: an error, not a death by signal ----
fresh 60 1 4
init
fails 74 "a run that can't write" bash -c "ulimit -f 16; exec '$COURANT' -c courant.ini --now $RUN_TIME run"
like "it says why" "$(cat .err)" "^courant: .*(error|room|large)"

# ---- only a retry is due, and the relay rests: the run says that it could not, by its code ----
mkdir retry && cd retry
site_db site.db
only_readers site.db 1
sink --record out.jsonl --rcpt 'r1@1=450 4.2.0 later'
config "$SINK_PORT" 1 >courant.ini
init
ok "deferred" at 2026-11-23T07:05:00Z run
is "it waits" "$(courant --json queue list --issue 1 >q; json q '[x["state"] for x in d]')" '["deferred"]'
sqlite3 queue/queue.db "UPDATE relay SET rest_until = unixepoch('2026-11-23T08:00:00Z'), rest_s = 3600"
fails 75 "the relay rests" at 2026-11-23T07:40:00Z run
ok "and then it goes" at 2026-11-23T08:01:00Z run
is "once" "$(jsonl out.jsonl 'len(d)')" 1
cd ..
