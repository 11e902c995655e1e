# Goal: while one issue goes out slowly, another newsletter's issue, a test message and an import go on; `queue status`
# says when the last reader will be served.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
only_readers site.db 600
cp site.db second.db
sqlite3 second.db "DELETE FROM reader; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
    INSERT INTO reader(email, first, tongue, since, opted) SELECT 'other' || i || '@example.org', 'O', 'en', '2026-09-01', 1 FROM n"
touch rec
sink --record "$S/rec"
config $SINK_PORT 4 >courant.ini
set_key courant.ini relay.main rate 60/s
source_section | sed 's/^\[source.site\]/[source.second]/; s/^path = .*/path = second.db/; s/^newsletter = .*/newsletter = other/' >second.ini
cat >>courant.ini <<'INI'
[newsletter.other]
title = The Other
from = Other Desk <other@example.org>
schedule = weekly mon 07:00
since = 2026-10-01
INI
cat second.ini >>courant.ini
init
"$COURANT" -c courant.ini --now "$RUN_TIME" run >run.out 2>run.err &
RUN=$!
started $RUN
sent() { [ "$(wc -l <rec)" -ge "$1" ]; }
wait_for 20 "the slow issue is on its way" sent 60

ok "status" at 07:05 --json queue status
cp .out status
by=$(json status "d['finished_by']")
like "it says by when" "$by" '^2026-11-23T07:05:[0-9]{2}Z$'
open=$(json status "d['queued'] + d['claimed']")
# at 60 a second: within some seconds of what is left
checks=$((checks + 1))
python3 - "$by" "$open" <<'PY' || die "finished_by $by with $open open at 60/s"
import datetime, sys
by = datetime.datetime.fromisoformat(sys.argv[1].replace("Z", "+00:00"))
left = (by - datetime.datetime(2026, 11, 23, 7, 5, tzinfo=datetime.timezone.utc)).total_seconds()
want = int(sys.argv[2]) / 60
sys.exit(not want - 2 <= left <= want + 4)
PY

# a test message overtakes what is queued
ok "a test message" at 07:05 issue test 1 test@example.net
at_test=$(wc -l <rec)
came() { grep -q '"test@example.net"' rec; }
wait_for 5 "it comes at once" came
[ "$(wc -l <rec)" -lt 580 ] || die "it came with the last"
after=$(($(grep -n '"test@example.net"' rec | cut -d: -f1) - at_test))
[ "$after" -lt 250 ] || die "the test message came $after messages later"

# an import, by another process
sqlite3 site.db "INSERT INTO reader(email, first, tongue, since, opted) VALUES ('new@example.net', 'N', 'en', '2026-11-01', 1)"
ok "an import meanwhile" at 07:05 --json source sync site
cp .out sync
is "it took one" "$(json sync "d[0]['subscribers']['new']")" 1
# the other newsletter did not wait for the slow one's end
kill -0 $RUN || die "the slow issue is over already"
wait $RUN || die "the run: $(cat run.err)"
is "all had theirs, once" "$(jsonl rec "[len(d), len({(x['to'][0], x['id']) for x in d})]")" "[621, 621]"
is "the other newsletter went in turn with it" \
    "$(jsonl rec "max(i for i, x in enumerate(d) if x['to'][0].startswith('other')) < 300")" true
like "the run says what it did" "$(cat run.out)" "sent 621"
