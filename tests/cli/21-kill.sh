# Goal: `kill -9` at some forty random moments of a delivery to 2,000 readers, from the build to the last message, with a
# relay that refuses and drops now and then: after the last run nobody was left out, the second copies are at most one a
# connection and kill and bear the same Message-ID and bytes, and the queue's own figures agree with what arrived.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
READERS=2000 KILLS=40 CONNECTIONS=4
site_db site.db
only_readers site.db $READERS
# each reply takes 2 ms, so that the kills spread over the delivery
sink --record out.jsonl --bodies --delay 2 --rcpt 'r7=450 4.2.0 never now' --rcpt 'r3@1=450 4.2.0 later' --dot 'r5@1=451 4.3.0 once more'
config "$SINK_PORT" $CONNECTIONS >courant.ini
set_key courant.ini queue retry "1s, 1s, 1s, 1s, 1s"
set_key courant.ini queue unknown retry
init
seq -f 'r%g@example.net' $READERS >all
grep -v '^r7' all >want

cat >killer.py <<'PY'
import random, subprocess, sys, time
courant, kills, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rng = random.Random(seed)
done, ended = 0, 0
for i in range(kills * 4):
    if done == kills or ended == 3: break
    minute = "2026-11-23T07:%02d:00Z" % (5 + min(i // 4, 50))
    p = subprocess.Popen([courant, "-c", "courant.ini", "--now", minute, "run"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        p.wait(timeout=rng.uniform(0.005, 0.22))
        out = p.stdout.read().decode()
        if p.returncode: sys.exit("a run ended with %d: %s" % (p.returncode, out))
        ended += 1
    except subprocess.TimeoutExpired:
        p.kill(); p.wait(); done += 1
print(done)
PY
killed=$(python3 killer.py "$COURANT" $KILLS 21) || die "$killed"
like "kills" "$killed" '^[0-9]+$'
[ "$killed" -ge 25 ] || die "only $killed runs were killed before all was done"
ok "a run that nobody kills" at 08:30 run
ok "and one more for those that wait" at 08:40 run
ok "and one more" at 08:50 run

cat >verdict.py <<'PY'
import collections, hashlib, json, sys
kills, connections = int(sys.argv[1]), int(sys.argv[2])
want = set(open("want").read().split())
got, ids = collections.Counter(), collections.defaultdict(set)
for l in open("out.jsonl"):
    r = json.loads(l)
    to = r["to"][0]
    got[to] += 1
    head = r["data"].split("\r\n\r\n")[0]
    mid = [x for x in head.split("\r\n") if x.lower().startswith("message-id:")][0]
    ids[to].add((mid, hashlib.sha256(r["data"].encode("latin-1")).hexdigest(), r["from"]))
lost, strangers = want - set(got), set(got) - want
again = sum(n - 1 for n in got.values())
if lost: print("%d lost, such as %s" % (len(lost), sorted(lost)[0]))
if strangers: print("%d strangers" % len(strangers))
if again > kills * connections: print("%d second copies for %d kills and %d connections" % (again, kills, connections))
if max(len(v) for v in ids.values()) > 1: print("a second copy differs")
if len({m for v in ids.values() for m, _, _ in v}) != len(got): print("a Message-ID of two readers")
print("%d readers, %s" % (len(got), "few again" if again <= kills * connections else "many again"))
print(again, file=open("again", "w"))
PY
is "who got it" "$(python3 verdict.py "$killed" $CONNECTIONS)" "$(wc -l <want) readers, few again"
courant --json queue status >status
is "the queue agrees" "$(json status '(d["sent"], d["queued"], d["claimed"], d["unknown"], d["held"])')" "($(wc -l <want), 0, 0, 0, 0)"
courant --json issue list >issues
is "one issue" "$(json issues '[(i["readers"], i["sent"]) for i in d]')" "[[$READERS, $(wc -l <want)]]"
for f in courant.db queue/queue.db; do
    is "$f is sound" "$(sqlite3 $f 'PRAGMA integrity_check')" ok
done
is "every mark moved" "$(sqlite3 queue/queue.db 'SELECT count(*), count(DISTINCT upto) FROM mark')" "$READERS|1"
checks="$killed kills, $(cat again) second copies, $checks"
