# Goal: one runner at a time: a second `run` ends with 0 at once and silently, and the first is not disturbed; cron gets
# no line from a run that did nothing and one from a run that sent; a terminal shows a bar with rate and remaining time;
# SIGTERM ends a run with 75 and the next goes on without a second copy.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
only_readers site.db 300
sink --record out.jsonl --bodies --delay 4
config "$SINK_PORT" 2 >courant.ini
init
seq -f 'r%g@example.net' 300 >want

# ---- a second one ----
"$COURANT" -c courant.ini --now 2026-11-23T07:05:00Z run >first.out 2>first.err &
first=$!
started $first
wait_for 10 "the first is sending" test -s out.jsonl
began=$(date +%s%N)
ok "the second" at 07:05 run
took=$((($(date +%s%N) - began) / 1000000))
is "it says nothing" "$(cat "$S/.out" "$S/.err")" ""
[ $took -lt 1000 ] || die "the second took $took ms"
ok "a third, as JSON" at 07:05 --json run
cp "$S/.out" third
is "it did nothing" "$(json third '(d["issues_built"], d["sent"])')" "(0, 0)"
ok "send gives way too" at 07:05 send
ok "listings go on meanwhile" courant queue status
ok "and a sync" at 07:05 source sync
kill -0 $first || die "the first was over before the second came"
rc=0
wait $first || rc=$?
is "the first" "$rc" 0

judge --record out.jsonl --to want

# ---- what cron mails ----
is "one line of a run that sent" "$(wc -l <first.out)" 1
like "it says how many" "$(cat first.out)" '^courant: built 1 issue, sent 300 in [0-9.]+ s$'
unlike "on standard error only what the sample's rows are" "$(cat first.err)" 'example\.net'
is "no bar in a file" "$(tr -d '[:print:]\n' <first.out | wc -c)" 0
ok "a run without work" at 07:06 run
is "no line at all" "$(cat "$S/.out" "$S/.err")" ""
ok "quiet" at 07:07 -q run
is "no line" "$(cat "$S/.out" "$S/.err")" ""

# ---- a terminal ----
cat >terminal.py <<'PY'
import os, pty, subprocess, sys, fcntl, struct, termios
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
out = b""
while True:
    try:
        b = os.read(fd, 4096)
    except OSError:
        break
    if not b:
        break
    out += b
_, status = os.waitpid(pid, 0)
sys.stdout.write(out.decode("utf-8", "replace"))
sys.exit(os.waitstatus_to_exitcode(status))
PY
sqlite3 site.db "INSERT INTO story VALUES (201, 'A new story', '/new', 'en', 1, 1, 'live', 1795600000, NULL, 'Short.', 'md', NULL, NULL);
    INSERT INTO story_text VALUES (201, 'Fresh text.')"
python3 terminal.py "$COURANT" -c courant.ini --now 2026-11-30T07:05:00Z run >screen || die "on a terminal: $(tail -3 screen)"
tr '\r' '\n' <screen >frames
like "a bar" "$(cat frames)" '\[#*\.+\] [0-9]+/300'
like "a rate" "$(cat frames)" '[0-9]+/s'
like "the time that is left" "$(cat frames)" '[0-9]+:[0-9][0-9] left'
is "no frame is wider than the screen" "$(sed 's/\x1b\[K//g' frames | awk 'length($0) > 80' | wc -l)" 0
like "the line stays" "$(tail -1 frames)$(tail -2 frames)" 'courant: built 1 issue, sent 300'
[ "$(grep -c '/300' frames)" -lt 100 ] || die "the bar was drawn $(grep -c '/300' frames) times"
python3 terminal.py "$COURANT" -c courant.ini --now 2026-11-30T07:06:00Z run >screen || die "a terminal, no work"
like "a person is told that there was nothing" "$(cat screen)" 'nothing to do'

# ---- SIGTERM ----
sqlite3 site.db "INSERT INTO story VALUES (202, 'Another story', '/new2', 'en', 1, 1, 'live', 1796200000, NULL, 'Short.', 'md', NULL, NULL);
    INSERT INTO story_text VALUES (202, 'Fresh text.')"
rm -f out.jsonl
stop_sink
sink --port "$SINK_PORT" --record out.jsonl --bodies --delay 4
"$COURANT" -c courant.ini --now 2026-12-07T07:05:00Z run >term.out 2>term.err &
first=$!
wait_for 10 "it is sending" test -s out.jsonl
kill -TERM $first
rc=0
wait $first || rc=$?
is "cut short" "$rc" 75
like "it says so" "$(cat term.err)" 'signal'
sent=$(wc -l <out.jsonl)
[ "$sent" -lt 300 ] || die "all was sent before the signal"
courant --json queue status >status
is "nothing is in doubt" "$(json status '(d["claimed"], d["unknown"])')" "(0, 0)"
ok "the next goes on" at 2026-12-07T07:10:00Z run
judge --record out.jsonl --to want
