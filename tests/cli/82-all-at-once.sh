# Goal: a run that delivers, an import of a hundred thousand people, the pages' writer (another program that keeps to the
# same rules), and an administrator who lists, changes, suppresses, invites and exports: all at once. No command fails, none
# says "locked", none waits more than a few seconds, and nothing is lost.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
only_readers site.db 1500
sink --record out.jsonl --delay 10
config "$SINK_PORT" 4 >courant.ini
init
N=100000
if ldd "$COURANT" | grep -q "lib[at]san"; then N=10000; fi # a sanitized import takes ten times as long
python3 -c "print('email,name'); [print(f'p{i}@import.example,Person {i}') for i in range($N)]" >people.csv
"$COURANT" -c courant.ini --now $RUN_TIME run >run.out 2>run.err &
run=$!
started $run
wait_for 30 "mail goes out" test -s out.jsonl

# the pages' writer: short IMMEDIATE transactions, WAL, no checkpoint of its own
python3 - <<'PY' >pages.out 2>&1 &
import os, sqlite3, time
c = sqlite3.connect("courant.db", timeout=10, isolation_level=None)
c.execute("PRAGMA wal_autocheckpoint = 0")
n, worst = 0, 0.0
while not os.path.exists("enough"):
    t = time.monotonic()
    c.execute("BEGIN IMMEDIATE")
    c.execute("INSERT INTO audit(at, actor, action, detail) VALUES (1795417500, 'reader', 'page', ?)", (str(n),))
    c.execute("COMMIT")
    worst = max(worst, time.monotonic() - t)
    n += 1
    time.sleep(0.01)
print(n, int(worst * 1000))
PY
pages=$!
started $pages
# busy NAME COMMAND...: again and again; what fails, and the longest wait
busy() {
    local name=$1 i=0 begin took worst=0
    shift
    while [ ! -e enough ]; do
        i=$((i + 1))
        begin=$(date +%s%N)
        "$COURANT" -q -c courant.ini --now 2026-11-23T07:06:00Z "${@//@N/$i}" >"$name.last" 2>&1 || echo "$name $i ended with $?: $(tail -1 "$name.last")" >>failed
        took=$((($(date +%s%N) - begin) / 1000000))
        [ $took -le $worst ] || worst=$took
        sleep 0.05
    done
    echo "$name $i $worst" >>times
}
: >failed
busy suppress suppress add gone@N@example.net &
b1=$!
busy set subscriber set r@N@example.net --name Changed &
b2=$!
busy invite subscriber add --invite i@N@private.example &
b3=$!
busy list subscriber list example.net --limit 50 &
b4=$!
busy export subscriber export --output all@N.csv --newsletter weekly &
b5=$!
for p in $b1 $b2 $b3 $b4 $b5; do started $p; done
begin=$(date +%s%N)
ok "the import" at 07:07 --json subscriber import people.csv --newsletter weekly
imported=$((($(date +%s%N) - begin) / 1000000))
is "all came in" "$(json .out "(d['added'], d['refused'])")" "($N, 0)"
kill -0 $run 2>/dev/null || echo "# the run was over before the import"
ok "a backup" courant backup b.tar
touch enough
wait $b1 $b2 $b3 $b4 $b5 $pages || true
wait $run || die "the run ended with $?: $(tail -3 run.err)"
is "nothing failed" "$(head -3 failed)" ""
is "nothing was locked" "$(cat run.err ./*.last pages.out | grep -ci locked || true)" 0
read -r written worst <pages.out
is "the pages' rows are all there" "$(sqlite3 courant.db "SELECT count(*) FROM audit WHERE action = 'page'")" "$written"
sort -k3 -n times | tail -1 >longest
echo "# import $imported ms; pages wrote $written times, at most $worst ms; $(tr '\n' ';' <times)"
[ "$worst" -le 5000 ] || die "the pages waited $worst ms"
while read -r name n ms; do [ "$ms" -le 8000 ] || die "$name waited $ms ms"; done <times
is "everybody has it, once" "$(python3 -c 'import json, collections
c = collections.Counter(json.loads(l)["to"][0] for l in open("out.jsonl"))
print(max(c.values()))')" 1
is "both databases are whole" "$(sqlite3 courant.db 'PRAGMA foreign_key_check; PRAGMA integrity_check')$(sqlite3 queue/queue.db 'PRAGMA integrity_check')" okok
