# Goal: a copy of the databases, a backup of one of them put back, a missing third file and a clock that runs behind send
# nothing and say why; `adopt` is what lets them send again, after --restored only with `queue release`.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
only_readers site.db 6
sink --record "$S/rec" --rcpt 'r6@=450 4.2.0 later'
config $SINK_PORT 2 >courant.ini
init

got() {
    wc -l <rec
}

# waits WHAT TIME: a run at TIME sends nothing and ends with 75
waits() {
    local before
    before=$(got)
    fails 75 "$1" at "$2" run
    said=$(cat .err)
    is "$1: nothing leaves" "$(got)" "$before"
}

# ---- a copy of the whole folder ----
ok "the first run" at 07:05 run
is "five of six got it" "$(got)" 5
cp -a "$S" "$S.copy"
cd "$S.copy"
S0=$S
S=$S.copy
# in the copy the sink's record is the original's
ln -sf "$S0/rec" rec
waits "a copy of the folder" 07:10
like "it names the copy" "$said" "nothing is sent: queue.db is a copy .*adopt --moved.*adopt --restored"
fails 64 "adopt needs a word" courant adopt
fails 64 "adopt takes one word" courant adopt --moved --restored
(
    python3 - <<'PY' &
import fcntl, time
f = open("queue/queue.db.lock", "r+")
fcntl.lockf(f, fcntl.LOCK_EX)
open("locked", "w").close()
time.sleep(20)
PY
    echo $! >holder
)
wait_for 5 "the lock is held" test -e locked
fails 75 "adopt while a run is at work" courant adopt --moved
like "and says so" "$(cat .err)" "a run is at work"
kill "$(cat holder)"
wait_for 5 "the lock is free" python3 -c 'import fcntl; fcntl.lockf(open("queue/queue.db.lock", "r+"), fcntl.LOCK_EX | fcntl.LOCK_NB)'
ok "adopt --moved" courant adopt --moved
like "it says what follows" "$(cat .out)" "this copy sends from now on"
ok "the moved copy runs" at 07:12 run
ok "its queue" courant --json queue list --issue 1
cp .out q
is "the open delivery was tried again" "$(json q "[x['attempts'] for x in d if x['email'].startswith('r6')]")" "[2]"
cd "$S0"
S=$S0
rm -rf "$S.copy"

# ---- the third file ----
mv queue/queue.db.pair third
waits "the third file is missing" 07:14
like "it says so" "$said" "\.pair is missing"
mv third queue/queue.db.pair
ok "back again" at 07:14 run

# ---- queue.db put back alone: by cp over the old file, so that inode and birth stay ----
sqlite3 queue/queue.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
sqlite3 courant.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
cp queue/queue.db queue.backup
cp courant.db courant.backup
ok "more mail after the backup" at 07:14 issue test 1 someone@example.net
ok "and a run" at 07:15 run
n=$(got)
put_back() {
    rm -f "$2-wal" "$2-shm"
    cat "$1" >"$2"
}
sqlite3 queue/queue.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
cp queue/queue.db queue.now
put_back queue.backup queue/queue.db
waits "queue.db put back" 07:16
like "it says which" "$said" "queue.db is older than its last run"
put_back queue.now queue/queue.db
ok "the right one again" at 07:16 run

# ---- courant.db put back alone ----
sqlite3 courant.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
cp courant.db courant.now
put_back courant.backup courant.db
waits "courant.db put back" 07:17
like "it says which" "$said" "courant.db is older than its last run"
put_back courant.now courant.db
ok "the right one again" at 07:17 run

# ---- adopt --restored ----
ok "somebody is suppressed" courant suppress add r6@example.net
ok "and a run sees it" at 07:30 run
ok "one more in the queue" at 07:30 issue test 1 late@example.net
ok "which is sent" at 07:31 run
is "it was" "$(grep -c late@ rec)" 1
ok "and one that waits" at 07:31 issue test 1 waiting@example.net
rm -f queue/queue.db.pair
put_back courant.backup courant.db
waits "a backup" 07:40
ok "adopt --restored" courant adopt --restored
like "it counts what is held" "$(cat .out)" "^1 open delivery is held; nothing is mailed before"
like "it lists who had gone" "$(cat .out)" "r6@example.net \(suppressed, weekly\)"
like "it says what to check" "$(cat .out)" "queue list --state held"
waits "before queue release" 07:41
like "the sentence" "$said" "nothing is mailed: a backup was adopted.*queue release"
waits "a later run too" 09:00
n=$(got)
ok "release" courant queue release
ok "a run" at 09:05 run
is "the held one came" "$(grep -c waiting@ rec)" 1
is "and nobody had a second copy" "$(jsonl rec "len(d) - len({(x['to'][0], x['id']) for x in d})")" 0

# ---- queue.db restored: its run's mail is lost to it, and so is the issue of that day: it waits ----
put_back queue.backup queue/queue.db
ok "adopt --restored" courant --json adopt --restored
cp .out adopted
is "JSON" "$(json adopted "[d['adopted'], d['held'], d['departures']]")" '["restored", 1, []]'
only_readers site.db 6
waits "the next week's issue, before release" 2026-11-30T07:05:00Z
ok "release" courant queue release
ok "then it goes" at 2026-11-30T07:06:00Z run

# ---- courant.db put back alone, while the site went on: what is new gets no id and no arrival number that queue.db has seen ----
column() { # TABLE COLUMN CONDITION
    sqlite3 courant.db "SELECT $2 FROM $1 WHERE $3"
}
sqlite3 courant.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
cp courant.db courant.backup
sqlite3 site.db "INSERT INTO reader(email, first, tongue, since, opted) VALUES('lost@example.net', 'L', 'en', '2026-09-01', 1);
    INSERT INTO story(nid, heading, alias, goes_live, state, markup) VALUES(900, 'Lost', '/lost', strftime('%s', '2026-11-30'), 'live', 'md');
    INSERT INTO story_text(nid, words) VALUES(900, 'Lost.')"
ok "they come in" at 2026-11-30T07:07:00Z source sync
id=$(column subscriber id "email = 'lost@example.net'")
arrival=$(column article arrival "source_id = 900")
ok "the next issue" at 2026-12-07T07:00:00Z run
is "the new one has it" "$(grep -c lost@ rec)" 1
put_back courant.backup courant.db
sqlite3 site.db "DELETE FROM reader WHERE email = 'lost@example.net'; DELETE FROM story WHERE nid = 900;
    INSERT INTO reader(email, first, tongue, since, opted) VALUES('fresh@example.net', 'F', 'en', '2026-09-01', 1);
    INSERT INTO story(nid, heading, alias, goes_live, state, markup) VALUES(901, 'Fresh', '/fresh', strftime('%s', '2026-12-01'), 'live', 'md');
    INSERT INTO story_text(nid, words) VALUES(901, 'Fresh.')"
fails 75 "a run before adopt takes nothing in" at 2026-12-08T07:00:00Z run
fails 75 "nor does a sync" at 2026-12-08T07:00:00Z source sync
is "nothing came" "$(column article 'count(*)' 'source_id = 901')" 0
ok "adopt --restored" courant adopt --restored
ok "the sync" at 2026-12-08T07:00:00Z source sync
[ "$(column subscriber id "email = 'fresh@example.net'")" -gt "$id" ] || die "a reader got the id of another"
[ "$(column article arrival "source_id = 901")" -gt "$arrival" ] || die "an article got an arrival number below the marks"
ok "release" courant queue release
n=$(got)
ok "the next issue" at 2026-12-14T07:00:00Z run
is "everybody gets what is new, but who is suppressed" "$(($(got) - n))" 6

# ---- a backup made in the midst of a run, and one copied over the database with the WAL left as it is ----
sqlite3 site.db "UPDATE story SET goes_live = strftime('%s', '2026-12-15'), nid = 902 WHERE nid = 901; UPDATE story_text SET nid = 902 WHERE nid = 901"
stop_sink
sink --record "$S/rec" --delay 150
set_key courant.ini relay.main port $SINK_PORT
set_key courant.ini relay.main connections 1
n=$(got)
"$COURANT" -c courant.ini --now 2026-12-21T07:00:00Z run >.out 2>.err &
run=$!
started $run
more() { [ "$(got)" -gt "$n" ]; }
wait_for 20 "the run is on its way" more
sqlite3 queue/queue.db ".backup '$S/queue.midst'"
wait $run || die "the run: $(cat .err)"
cp queue/queue.db queue.now
waits_with() { # WHAT FILE TIME
    cat "$2" >queue/queue.db
    waits "$1" "$3"
    like "$1: it says which" "$said" "queue.db is older than its last run"
}
waits_with "a backup made in the midst of the run" queue.midst 2026-12-21T07:01:00Z
rm -f queue/queue.db-wal queue/queue.db-shm
cat queue.now >queue/queue.db
ok "the right one again" at 2026-12-21T07:02:00Z run
ok "something for the WAL" at 2026-12-21T07:03:00Z issue test 1 x@example.net
ok "and a run" at 2026-12-21T07:04:00Z run
ok "and one with nothing to do" at 2026-12-21T07:05:00Z run
waits_with "a backup beside a WAL" queue.now 2026-12-21T07:06:00Z
ok "adopt" courant adopt --moved

# ---- a run that was killed: moved elsewhere, or its journal lost ----
stop_sink
here_too=$S
killed() { # a site of 300 in a folder of its own, its run killed in the midst
    mkdir "$1"
    cd "$1"
    cp ../site.db .
    only_readers site.db 300
    rm -f rec
    touch rec
    sink --record "$PWD/rec" --delay 3 --dot 'r150@1=stall' --stall 60 # so that one is on the wire for sure
    config $SINK_PORT 4 >courant.ini
    set_key courant.ini queue unknown hold
    init
    "$COURANT" -c courant.ini --now "$RUN_TIME" run >.out 2>.err &
    run=$!
    started $run
    n=160
    wait_for 20 "the run is on its way" more
    kill -9 $run
    wait $run 2>/dev/null || true
    sleep 0.2
}
rest_once() { # WHAT: what is not unknown goes, and nobody has it twice
    ok "$1" later 1 run
    ok "the queue" courant --json queue status
    cp "$S/.out" status
    is "$1: nobody twice" "$(jsonl rec "len(d) - len({x['to'][0] for x in d})")" 0
    is "$1: all but those of whom it is not known" "$(json status "d['sent'] + d['unknown']")" 300
    stop_sink
    cd "$here_too"
}
killed moved
cp -a ../moved ../elsewhere
cd ../elsewhere
ln -sf ../moved/rec rec
ok "adopt --moved" later 0 adopt --moved
rest_once "moved after a kill"
isnt "some were on the wire" "$(json elsewhere/status "d['unknown']")" 0
killed lost
rm queue/queue.db.wire
rest_once "the journal was removed"
killed empty
: >queue/queue.db.wire
rest_once "the journal was emptied"

# ---- the clock ----
fails 75 "a clock that is two hours behind" at 2026-12-21T05:00:00Z run
like "it says so" "$(cat .err)" "clock"
ok "half an hour is nothing" at 2026-12-21T06:40:00Z run

# ---- --now and relays elsewhere ----
set_key courant.ini relay.main host 192.0.2.1
set_key courant.ini relay.main tls starttls
set_key courant.ini relay.main connect_timeout 1s
ok "something to send" at 2026-12-21T07:07:00Z issue test 1 x@example.net
fails 75 "--now with a relay elsewhere" at 2026-12-21T07:08:00Z run
like "it says why" "$(cat .err)" "now"
unlike "and tried nothing" "$(cat .err)" "192.0.2.1.*(refused|unreachable|time)"
fails 75 "with --force it is tried" at 2026-12-21T07:40:00Z --force run
unlike "by the wire" "$(cat .err)" "only relays on this machine"
