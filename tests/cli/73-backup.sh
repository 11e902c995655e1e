# Goal: `backup` copies both databases as of one moment while a run delivers and people change, holds nobody up, leaves
# nothing behind when it is killed; put back and adopted, everything is there and nobody is mailed before it is released.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
only_readers site.db 3000
sink --record "$S/rec" --delay 10
config $SINK_PORT 8 >courant.ini
init

# ---- while a run delivers and someone changes people ----
"$COURANT" -c courant.ini --now $RUN_TIME run >run.out 2>run.err &
started $!
run=$!
(
    i=0
    while [ ! -e enough ]; do
        i=$((i + 1))
        "$COURANT" -q -c courant.ini suppress add "gone$i@example.net" >>busy.out 2>&1 || echo "suppress $i ended with $?" >>busy.out
    done
) &
busy=$!
wait_for 20 "mail goes out" test -s rec
for i in 1 2 3 4 5; do
    ok "backup $i" courant --json backup "b$i.tar"
done
is "it tells the size" "$(json .out "d['bytes']")" "$(stat -c %s b5.tar)"
courant backup - >out.tar 2>err || die "to standard output: $(cat err)"
kill -0 $run 2>/dev/null || die "the run was over before the backups"
touch enough
wait $busy || true
is "nobody was held up" "$(cat busy.out 2>/dev/null)" ""
is "its mode" "$(stat -c %a b5.tar)" 600
kill -9 $run
wait $run 2>/dev/null || true

for t in b1.tar b5.tar out.tar; do
    rm -rf see && mkdir see && tar -C see -xf $t
    is "$t: what is in it" "$(cd see && echo *)" "README courant.db queue.db"
    for d in courant queue; do
        is "$t: $d.db is whole" "$(sqlite3 see/$d.db 'PRAGMA integrity_check; PRAGMA foreign_key_check')" ok
    done
    like "$t: how to put it back" "$(cat see/README)" "adopt --restored"
    is "$t: all deliveries" "$(sqlite3 see/queue.db 'SELECT count(*) FROM delivery')" 3000
    is "$t: no secret" "$(grep -acF "$(cut -c1-20 secret | head -1)" $t)" 0
done

# ---- killed in the midst of it ----
before=$(ls -A)
for i in 1 2 3 4 5 6 7 8; do
    rm -f killed.tar
    "$COURANT" -c courant.ini backup killed.tar >/dev/null 2>&1 &
    p=$!
    sleep 0.00$i
    kill -9 $p 2>/dev/null || true
    wait $p 2>/dev/null || true
done
ok "the next one" courant backup killed.tar
is "nothing is left of a killed one" "$(ls | grep -c 'killed.tar.' || true)" 0
is "nor anything else" "$(ls -A | grep -v '^killed.tar$')" "$before"

# ---- what it refuses ----
fails 64 "a database is no place for it" courant backup courant.db
fails 64 "without a place" courant backup
fails 73 "a folder that is not there" courant backup no/such/place.tar
cp site.db site.before
fails 73 "the site's database" courant backup site.db
like "why" "$(cat .err)" "site.db is there and no backup of courant"
ok "it is as it was" cmp site.db site.before
ok "unless told" courant --force backup site.before
: >empty
ok "an empty file" courant backup empty
cp b5.tar before.tar
(
    ulimit -f 100
    trap '' XFSZ
    "$COURANT" -c courant.ini backup b5.tar >/dev/null 2>full.err
) && die "a full disk went unnoticed"
ok "the older backup stays" cmp b5.tar before.tar

# ---- put back ----
n=$(wc -l <rec)
tar -C see -xf b5.tar
rm -f courant.db* queue/queue.db queue/queue.db-* queue/queue.db.wire
cp see/courant.db courant.db
cp see/queue.db queue/queue.db
fails 75 "nothing is sent by itself" at 07:10 run
ok "adopted" courant adopt --restored
at 07:12 run >/dev/null 2>&1 || true
is "and still nothing is" "$(wc -l <rec)" "$n"
sent=$(sqlite3 queue/queue.db 'SELECT count(*) FROM delivery WHERE state = 5')
ok "released" courant queue release
ok "goes on" at 07:14 run
ok "where it stands" courant --json issue list
is "everybody has it" "$(json .out "[(x['sent'], x['failed']) for x in d]")" "[[3000, 0]]"
isnt "some had it at the time of the backup" "$sent" 0
