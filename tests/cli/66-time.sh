# Goal: late = wait and send with late_after, send_window and hold decide by the calendar when an issue goes.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db

fresh() {
    rm -rf courant.db* queue secret rec
    only_readers site.db "${1:-5}"
    touch rec
    sink --record "$S/rec"
    config $SINK_PORT 2 >courant.ini
}
key() {
    set_key courant.ini newsletter.weekly "$1" "$2"
}
got() {
    wc -l <rec
}

# ---- late = wait: missed by more than late_after, it comes with the next ----
fresh
key late wait
key late_after 2h
init
ok "three hours late" at 2026-11-23T10:00:00Z run
is "is too late" "$(got)" 0
ok "the next week" at 2026-11-30T07:01:00Z run
is "comes with the next" "$(got)" 5
ok "issues" at 2026-11-30T07:01:00Z --json issue list
cp .out issues
is "which is one issue" "$(json issues "[[x['due_at'], x['readers']] for x in d]")" '[["2026-11-30T07:00:00Z", 5]]'
stop_sink
fresh
key late wait
key late_after 2h
init
ok "one hour late" at 2026-11-23T08:00:00Z run
is "is in time" "$(got)" 5
stop_sink

# ---- late = send: at any time, and one issue for all that was missed ----
fresh
key late send
init
ok "two weeks late" at 2026-12-08T10:00:00Z run
is "goes at once" "$(got)" 5
ok "the next run" at 2026-12-08T10:05:00Z run
is "and once" "$(got)" 5
stop_sink

# ---- send_window ----
fresh
key send_window 09:00-11:00
init
ok "before the window" at 07:05 run
is "nothing" "$(got)" 0
ok "issues" at 07:05 --json issue list
cp .out issues
is "but it is built" "$(json issues "[x['readers'] for x in d]")" '[5]'
ok "a minute before" at 08:59 run
is "nothing" "$(got)" 0
ok "in the window" at 09:00 run
is "all" "$(got)" 5
stop_sink
# over midnight, in the site's zone
fresh
set_key courant.ini site timezone Europe/Zurich
key send_window 22:00-06:00
init
ok "by day" at 2026-11-23T12:00:00Z run
is "nothing" "$(got)" 0
ok "at 21:59 there" at 2026-11-23T20:59:00Z run
is "nothing" "$(got)" 0
ok "queue status" at 2026-11-23T20:59:00Z --json queue status
cp .out status
like "it says when they will be served" "$(json status "d['finished_by']")" "^2026-11-23T21:00:0"
ok "at 22:00 there" at 2026-11-23T21:00:00Z run
is "all" "$(got)" 5
stop_sink
# what is deferred does not go outside it, and does not grow old meanwhile
fresh
stop_sink
sink --record "$S/rec" --rcpt 'r@1=450 4.2.0 later'
config $SINK_PORT 2 >courant.ini
key send_window 07:00-07:30
set_key courant.ini queue lifetime 1h
init
ok "deferred" at 07:05 run
ok "outside" at 12:00 run
is "nothing" "$(got)" 0
ok "queue status" at 12:00 --json queue status
cp .out status
like "the last one is served tomorrow" "$(json status "d['finished_by']")" "^2026-11-24T07:00:0"
ok "the next day" at 2026-11-24T07:05:00Z run
is "all, though its lifetime is an hour" "$(got)" 5
stop_sink

# ---- hold: time to stop an issue ----
fresh
key hold 10m
init
ok "due" at 07:05 run
is "is held back" "$(got)" 0
ok "nine minutes" at 07:14 run
is "still" "$(got)" 0
ok "ten" at 07:16 run
is "then it goes" "$(got)" 5
stop_sink
fresh
key hold 10m
init
ok "due" at 07:05 run
ok "stopped in that time" at 07:06 issue cancel 1
ok "later" at 07:20 run
is "nothing" "$(got)" 0
