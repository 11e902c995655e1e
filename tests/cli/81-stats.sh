# Goal: `courant stats` counts readers by newsletter, rhythm, language and format, who came and went by week or month, and
# what became of each issue, as another program counts them; few people are not told apart; a chart fits the terminal and
# its character set, and stands nowhere else unless asked for; a hundred thousand readers take no time.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
only_readers site.db 40
sink --rcpt 'r4@=550 5.1.1 no such user' --rcpt 'r5@=550 5.7.1 against our policy' --rcpt 'r6@=450 4.2.0 later'
config "$SINK_PORT" 2 >courant.ini
set_key courant.ini newsletter.weekly cadences 'weekly, monthly'
set_key courant.ini newsletter.weekly schedule 'weekly mon 07:00'
set_key courant.ini newsletter.empty title Nobody
set_key courant.ini newsletter.empty from 'Example Desk <news@example.org>'
set_key courant.ini newsletter.empty schedule manual
init
ok "a run" at 07:05 run
ok "others come later" at 2026-12-08T07:00:00Z subscriber add a@x.example b@x.example c@x.example d@x.example e@x.example f@x.example \
    --newsletter weekly --language de
ok "few of another language" at 2026-12-09T07:00:00Z subscriber add g@x.example --newsletter weekly --language bo
ok "some want it monthly" at 2026-12-09T07:01:00Z subscriber set r10@example.net r11@example.net r12@example.net r13@example.net \
    r14@example.net --newsletter weekly --cadence monthly --format text
ok "two leave" at 2026-12-15T07:00:00Z subscriber remove r1@example.net r2@example.net
ok "one pauses" at 2026-12-15T07:00:00Z subscriber set r3@example.net --status pause
ok "one must not be mailed" at 2026-12-16T07:00:00Z suppress add r8@example.net
ok "one is asked" at 2026-12-17T07:00:00Z subscriber add --invite h@x.example --newsletter weekly

NOW=2026-12-20T07:00:00Z
at $NOW --json stats --by week --since 2026-11-23 >s || die "stats"
is "readers" "$(json s "[(n['newsletter'], n['active'], n['pending'], n['paused'], n['left'], n['removed'], n['suppressed']) for n in d['newsletters']]")" \
    '[["weekly", 43, 1, 1, 2, 0, 1], ["empty", 0, 0, 0, 0, 0, 0]]'
is "as another program counts them" "$(json s "d['newsletters'][0]['active']")" \
    "$(sqlite3 courant.db 'SELECT count(*) FROM subscription s JOIN subscriber p ON p.id = s.subscriber WHERE s.status = 1 AND p.status = 0')"
is "languages, few not told apart" "$(json s "d['newsletters'][0]['languages']")" '{"en": 36, "de": 6, "other": 1}'
is "rhythm" "$(json s "d['newsletters'][0]['cadences']")" '{"monthly": 5, "default": 38}'
is "format" "$(json s "d['newsletters'][0]['formats']")" '{"both": 38, "text": 5}'
is "weeks" "$(json s "[(p['week'], p['joined'], p['left'], p['suppressed'], p['readers']) for p in d['periods']]")" \
    '[["2026-11-23", 40, 0, 0, 40], ["2026-11-30", 0, 0, 0, 40], ["2026-12-07", 7, 0, 0, 47], ["2026-12-14", 0, 2, 1, 45]]'
is "the issue" "$(json s "[(x['readers'], x['sent'], x['failed'], x['deferred'], x['failed_by'], x['state']) for x in d['issues']]")" \
    '[[40, 37, 2, 1, {"hard": 1, "soft": 0, "policy": 1, "other": 0}, "sending"]]'
at $NOW --json stats empty --by month >s || die "of one"
is "of one newsletter" "$(json s "([n['newsletter'] for n in d['newsletters']], d['issues'], {p['joined'] for p in d['periods']})")" "(['empty'], [], {0})"
at $NOW --csv stats --by month >s.csv || die "csv"
is "for a spreadsheet" "$(tr -d '\r' <s.csv)" "month,joined,left,removed,suppressed,readers
2026-11,40,0,0,0,40
2026-12,7,2,0,1,45"
is "no address, no name" "$(at $NOW stats --chart | grep -c '@' || true)" 0
fails 66 "no such newsletter" at $NOW stats nothing
fails 64 "no such period" at $NOW stats --by day

# ---- the chart ----
is "none into a file" "$(at $NOW stats | grep -c '█' || true)" 0
is "unless asked" "$(at $NOW stats --chart --by month | grep -c '█')" 2
is "in plain characters elsewhere" "$(LC_ALL=C at $NOW stats --chart --by month | LC_ALL=C grep -c '^2026-1.*#')" 2
is "no other bytes there" "$(LC_ALL=C at $NOW stats --chart --by month | LC_ALL=C grep -c '[^ -~]' || true)" 0
python3 - "$COURANT" <<'PY' >tty || die "on a terminal"
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 44, 0, 0))
    os.execv(sys.argv[1], [sys.argv[1], "-c", "courant.ini", "--now", "2026-12-20T07:00:00Z", "stats", "--by", "month"])
out = b""
while True:
    try:
        b = os.read(fd, 65536)
    except OSError:
        break
    if not b:
        break
    out += b
lines = out.decode().replace("\r", "").split("\n")
print(max(len(l) for l in lines), sum("█" in l for l in lines))
PY
read -r widest bars <tty
[ "$widest" -le 44 ] || die "wider than the terminal: $widest"
is "bars on a terminal" "$bars" 2

for w in 20 27 33 41 50 60; do
    python3 "$here/terminal.py" "$w" n "$COURANT" -c courant.ini --now $NOW stats weekly >narrow
    grep -A1 '^MONTH' narrow | head -1 >titles
    for word in $(cat titles); do
        case $word in MONTH | JOINED | LEFT | REMOVED | SUPPRESSED | READERS) ;; *) die "$w columns: half a column: $word" ;; esac
    done
done

# ---- many ----
sqlite3 courant.db "PRAGMA foreign_keys = OFF; BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
    INSERT INTO subscriber(email, email_key, created_at, updated_at) SELECT 'm' || i || '@m.example', 'm' || i || '@m.example', 1, 1 FROM n;
    INSERT INTO subscription(newsletter, subscriber, status, status_at, joined_at, joined_arrival)
    SELECT (SELECT id FROM newsletter WHERE name = 'weekly'), id, 1, 1790000000, 1790000000 - id % 5000000, 0 FROM subscriber
    WHERE email LIKE 'm%@m.example'; COMMIT"
begin=$(date +%s%N)
at $NOW --json stats >s || die "many"
took=$((($(date +%s%N) - begin) / 1000000))
begin=$(date +%s%N)
sqlite3 courant.db 'SELECT sum(s.status + p.status + length(coalesce(p.language, 1))) FROM subscription s CROSS JOIN subscriber p ON p.id = s.subscriber' >/dev/null
bare=$((($(date +%s%N) - begin) / 1000000))
is "all are counted" "$(json s "d['newsletters'][0]['active']")" 100043
echo "# $took ms for 100,000 readers; sqlite3 walks them in $bare ms"
[ "$took" -le $((20 * bare + 500)) ] || die "$took ms; sqlite3 walks them in $bare ms"
