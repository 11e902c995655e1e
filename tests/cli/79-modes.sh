# Goal: what addresses or secrets are in is its owner's alone. Every command refuses databases, the secret, password files
# and keys that others may read, with the chmod to type, and does its work once that was typed; nothing is mailed meanwhile.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
only_readers site.db 3
sink --record out.jsonl --auth courant:hunter2 --auth-required
config "$SINK_PORT" 2 >courant.ini
printf 'hunter2\n' >password
openssl genrsa -out dkim.pem 2048 2>/dev/null
chmod 600 password dkim.pem
set_key courant.ini relay.main user courant
set_key courant.ini relay.main password_file password
set_key courant.ini dkim domain example.org
set_key courant.ini dkim selector c2026
set_key courant.ini dkim key_file dkim.pem
mkdir -m 700 box
set_key courant.ini bounce maildir box
umask 022
init
is "all that init makes is its owner's" "$(find secret courant.db* queue -perm /077)" ""
ok "check is content with the modes" sh -c '! "$0" -c courant.ini check | grep -i "chmod"' "$COURANT"

# opened FILE MODE COMMAND...: with that mode the command ends with 77, with check naming the same; then as it was
opened() {
    local file=$1 mode=$2 was
    was=$(stat -c %a "$file")
    shift 2
    chmod "$mode" "$file"
    fails 77 "$file with $mode: $*" at 07:05 "$@"
    like "$file: the sentence says what to type" "$(cat .err)" "chmod .*$(basename "$file" | sed 's/\./\\./g')|$(basename "$file").*: chmod 600 it"
    at 07:05 check >checked 2>&1 || true
    like "$file: check says so too" "$(grep -i chmod checked)" "$(basename "$file")"
    chmod "$was" "$file"
}
for mode in 640 604 620 602; do opened courant.db $mode subscriber list; done
for c in run send "source sync" "subscriber export --person r1@example.net" "backup b.tar" "log" "queue list"; do
    opened courant.db 644 $c
    opened queue/queue.db 644 $c
done
[ ! -e b.tar ] || die "a backup was made all the same"
opened queue 777 run
opened secret 640 run
opened secret 604 subscriber erase r1@example.net
is "nothing was done" "$(sqlite3 courant.db 'SELECT count(*) FROM article') $(wc -l <out.jsonl)" "0 0"
chmod 640 courant.db
fails 77 "not even by --force" courant --force subscriber list
chmod 600 courant.db

chmod 640 password
at 07:05 run >said 2>&1 && die "a password that others may read was used"
like "the password file" "$(cat said)" 'password.*chmod 600'
is "nothing was sent" "$(wc -l <out.jsonl)" 0
chmod 600 password
chmod 644 dkim.pem
at 07:05 run >said 2>&1 || true
like "the key" "$(cat said)" 'dkim.pem.*chmod 600'
is "nothing was sent without its signature" "$(wc -l <out.jsonl)" 0
chmod 600 dkim.pem
chmod 755 box
courant check >checked 2>&1 || true
like "a box of bounces" "$(cat checked)" "box is open to others.*chmod go= '.*box'"
ok "and all is well" at 07:30 run
is "sent" "$(wc -l <out.jsonl)" 3
