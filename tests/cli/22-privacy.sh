# Goal: a reader's address and name are nowhere but in courant.db: not in what `run -v` says, not in queue.db or any file
# beside it, not in replies that name the reader, not in the audit log; passwords are in no output; every file of ours is
# its owner's alone; a core is never written.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
only_readers site.db 9 zxqreader
sqlite3 site.db "UPDATE reader SET first = 'Zyxfirst' || rid, last = 'Zyxlast' || rid;
    INSERT INTO reader VALUES (900, 'bad address zxqreader@example.net', 'Zyxfirst', 'Zyxlast', 'en', NULL, 1)"
sink --record out.jsonl --rcpt 'zxqreader1=550 5.1.1 <zxqreader1@example.net> zxqreader1: no such user' \
    --rcpt 'zxqreader2=450 4.2.0 ZXQREADER2@EXAMPLE.NET (zxqreader2@example.net) is greylisted' \
    --dot 'zxqreader3@1=451 4.3.0 cannot take this for zxqreader3@example.net\nnor later' \
    --rcpt 'zxqreader4@1=drop' --dot 'zxqreader5@1=accept-drop' \
    --dot 'zxqreader6=554 5.7.1 message for zxqreader6@example.net refused' \
    --dot 'zxqreader7@1=421 4.7.0 too much for zxqreader7@example.net' \
    --auth 'courant:hunter2-PASSWORD' --auth-required --with SIZE
config "$SINK_PORT" 2 >courant.ini
set_key courant.ini relay.main user courant
set_key courant.ini relay.main password_file password
printf 'hunter2-PASSWORD\n' >password
chmod 600 password
umask 022
init
private='zxqreader|zyxfirst|zyxlast'
secret=$(cat secret)
# nothing_in WHAT FILE...: no byte of an address, a name, the password or the secret, whatever the case
nothing_in() {
    local what=$1
    shift
    checks=$((checks + 1))
    if grep -aliE "$private|hunter2|$secret" "$@" >found 2>/dev/null; then die "$what: $(grep -aoiE ".{30}($private|hunter2).{9}" "$@" | head -3)"; fi
}

: >said
for t in 07:05 07:06 07:30 08:30; do
    # 75: a 421 came before anything was accepted
    at $t -v run >>said 2>&1 || [ $? = 75 ] || die "the run at $t: $(tail -3 said)"
done
at 08:31 -v source sync >>said 2>&1 || die "sync"
at 08:32 -v issue build weekly >>said 2>&1 || die "build"
courant queue status >>said
at 08:33 -v issue list >>said 2>&1
at 08:34 check >>said 2>&1 || true
[ "$(wc -c <said)" -gt 200 ] || die "-v says nothing: the test would prove nothing"
nothing_in "what was said" said
[ "$(wc -l <out.jsonl)" -ge 4 ] || die "nothing was sent"

# ---- the queue and its files, raw bytes, with everything still in the WAL and after it was folded ----
like "there is something to find in courant.db, so grep works" "$(cat courant.db courant.db-wal | grep -aciE "$private")" '^[1-9]'
nothing_in "queue" queue/*
sqlite3 queue/queue.db .dump >dump
nothing_in "queue.db as text" dump
like "replies are kept without the address" "$(cat dump)" 'no such user'
like "the address is replaced" "$(cat dump)" '<reader>'
courant --json queue list >list
for n in 1 2 6; do
    is "the reply about reader $n" "$(json list "[bool(x['reply']) and 'zxqreader' not in x['reply'].lower() for x in d if x['email'] == 'zxqreader$n@example.net']")" '[true]'
done
sqlite3 courant.db "SELECT * FROM audit; SELECT * FROM refused; SELECT * FROM source" >other
nothing_in "audit log and refusals" other
nothing_in "the state of the source" queue/queue.db.pair

# ---- modes ----
is "nobody else reads a file of ours" "$(find courant.db* queue secret ! -type d -perm /077)" ""
is "nor the folder" "$(stat -c %a queue)" 700

# ---- no core, no memory for others ----
"$COURANT" -c courant.ini --now 2026-11-23T08:40:00Z run --stay >/dev/null 2>&1 &
pid=$!
started $pid
wait_for 5 "it is up" test -e /proc/$pid/status
sleep 0.5
like "no core" "$(grep 'core file size' /proc/$pid/limits)" 'size +0 +0 '
unlike "no password among the arguments and variables" "$(tr '\0' ' ' </proc/$pid/cmdline)" 'hunter2'
stop $pid
