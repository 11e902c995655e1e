# Goal: rates hold within a run and across runs from cron; the pace of a destination domain slows that domain alone; what
# the day allows is not exceeded; slow start; a domain that answers 4.7.x is eased, which `queue status` shows.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db

fresh() { # READERS CONNECTIONS SINK-OPTION...
    local n=$1 c=$2
    shift 2
    rm -rf courant.db* queue secret rec ev
    only_readers site.db "$n"
    touch rec
    sink --record "$S/rec" --events "$S/ev" "$@"
    config $SINK_PORT "$c" >courant.ini
}
span() { # EXPRESSION of messages: seconds between the first and the last
    jsonl rec "(lambda t: round((t[-1] - t[0]) / 1000, 2))(sorted(x['at'] for x in d if $1))"
}
# most messages of those in any one second
peak() {
    jsonl rec "(lambda t: max(sum(1 for u in t if a <= u < a + 1000) for a in t))(sorted(x['at'] for x in d if $1))"
}
between() { # WHAT GOT LEAST MOST
    checks=$((checks + 1))
    python3 -c "import sys; sys.exit(not $3 <= $2 <= $4)" || die "$1: got $2, want $3 to $4"
}

# ---- a relay's rate, within a run and over two ----
fresh 150 4
set_key courant.ini relay.main rate 50/s
init
"$COURANT" -c courant.ini --now "$RUN_TIME" run >run.out 2>run.err &
RUN=$!
started $RUN
half() { [ "$(wc -l <rec)" -ge 60 ]; }
wait_for 20 "sixty messages" half
kill -TERM $RUN
wait $RUN || true
ok "the rest by a second run" at 07:05 run
is "all" "$(wc -l <rec)" 150
between "150 at 50/s take three seconds" "$(span True)" 2.7 6
between "never many more than 50 in a second, over both runs" "$(peak True)" 20 58
stop_sink

# ---- a day's worth: the rest waits, and no later run of this day sends it ----
fresh 30 4
set_key courant.ini relay.main rate 20/d
init
ok "the first run ends by itself" timeout 20 "$COURANT" -c courant.ini --now "$RUN_TIME" run
is "twenty" "$(wc -l <rec)" 20
ok "a later run" timeout 20 "$COURANT" -c courant.ini --now 2026-11-23T07:30:00Z run
is "still twenty" "$(wc -l <rec)" 20
ok "status" at 07:30 --json queue status
cp .out status
is "the others wait" "$(json status "[d['sent'], d['queued'], d['relays'][0]['rate']]")" '[20, 10, "20/d"]'
sqlite3 queue/queue.db "UPDATE relay SET day = day - 1"
ok "the next day" timeout 20 "$COURANT" -c courant.ini --now 2026-11-24T07:30:00Z run
is "thirty" "$(wc -l <rec)" 30
stop_sink

# ---- a destination domain: it keeps its pace, the others overtake ----
fresh 1 4
sqlite3 site.db "DELETE FROM reader; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
    INSERT INTO reader(email, first, tongue, since, opted) SELECT 's' || i || '@slow.example', 'S', 'en', '2026-09-01', 1 FROM n;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
    INSERT INTO reader(email, first, tongue, since, opted) SELECT 'f' || i || '@fast.example', 'F', 'en', '2026-09-01', 1 FROM n"
printf '[pace]\nslow.example = 10/s\n* =\n' >>courant.ini
init
ok "a slow domain first in line" timeout 60 "$COURANT" -c courant.ini --now "$RUN_TIME" run
is "all" "$(wc -l <rec)" 240
between "the slow domain took its time" "$(span "x['to'][0][0] == 's'")" 3 12
between "at its pace" "$(peak "x['to'][0][0] == 's'")" 2 14
between "the others did not wait" "$(span "x['to'][0][0] == 'f'")" 0 1.5
stop_sink

# ---- slow start: few connections at first, more as sessions go well ----
fresh 60 8 --delay 3
set_key courant.ini relay.main slow_start yes
set_key courant.ini relay.main messages 5
init
ok "slow start" timeout 60 "$COURANT" -c courant.ini --now "$RUN_TIME" run
is "all" "$(wc -l <rec)" 60
between "it began with few connections" \
    "$(jsonl ev "len([x for x in d if x['event'] == 'connect' and x['at'] < d[0]['at'] + 8])")" 1 3
stop_sink

# ---- a domain that answers 4.7.x gets less, for a while ----
fresh 30 2 --rcpt 'r@1=451 4.7.1 too many messages from you'
init
ok "too fast for them" timeout 60 "$COURANT" -c courant.ini --now "$RUN_TIME" run
ok "status" at 07:05 --json queue status
cp .out status
is "nobody is skipped" "$(json status "d['deferred'] + d['sent'] + d['queued']")" 30
is "the domain is eased" "$(json status "[p['domain'] for p in d['paces'] if p['easing'] > 1]")" '["example.net"]'
ok "for people" at 07:05 queue status
like "it says so" "$(cat .out)" "example.net at 1/[0-9.]+ of its pace"
ok "later" timeout 60 "$COURANT" -c courant.ini --now 2026-11-23T09:05:00Z run
ok "and later" timeout 60 "$COURANT" -c courant.ini --now 2026-11-23T10:05:00Z run
is "all have it" "$(jsonl rec "len({x['to'][0] for x in d})")" 30
ok "status" at 10:05 --json queue status
cp .out status
is "and the domain is as before" "$(json status "[p['domain'] for p in d['paces'] if p['easing'] > 1]")" '[]'
stop_sink

# ---- the forecast keeps to the paces of domains, not to the relay's alone ----
fresh 30 2
printf '[pace]\nexample.net = 7/h\n' >>courant.ini
init
ok "import" at 2026-11-23T07:00:00Z source sync
ok "build" at 2026-11-23T07:05:00Z issue build weekly
set_key courant.ini relay.main rate 1/h
ok "release, and one of them" timeout 60 "$COURANT" -c courant.ini --now "$RUN_TIME" send
sed -i '/^rate = /d' courant.ini
ok "status" at 07:05 --json queue status
cp .out status
open=$(json status "d['queued'] + d['deferred']")
python3 - "$(json status "d['finished_by']")" "$open" <<'PY' || die "finished_by says $(json status "d['finished_by']") with $open open at 7/h"
import datetime, sys
by = (datetime.datetime.fromisoformat(sys.argv[1].replace("Z", "+00:00")) - datetime.datetime.fromisoformat("2026-11-23T07:05:00+00:00")).total_seconds()
sys.exit(not int(sys.argv[2]) / 7 * 3600 * 0.9 <= by <= int(sys.argv[2]) / 7 * 3600 * 1.1 + 3600)
PY
checks=$((checks + 1))
