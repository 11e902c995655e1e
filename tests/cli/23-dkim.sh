# Goal: a thousand messages in every language of the sample, to readers of random names, each signed with RSA and Ed25519
# so that two other implementations (dkimpy; OpenDKIM, which knows RSA alone) verify them; the list headers signed, From
# and Subject over-signed, no l=, no t=; the retry has the same bytes; one changed byte anywhere is noticed. Only the
# domain of From signs. A key that is not there, open to others or no key stops the newsletter and no other, with a
# sentence, and check prints what to publish.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
/usr/bin/python3 -c 'import dkim, nacl' 2>/dev/null || die "python3-dkim and python3-nacl are missing: make deps"
corpus_db site.db
python3 "$here/dkim_judge.py" readers site.db "${SEED:-$(date +%s)}" 1000 >seed
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem 2>/dev/null
openssl genpkey -algorithm ed25519 -out ed.pem 2>/dev/null
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out other.pem 2>/dev/null
chmod 600 ./*.pem
sink --record out.jsonl --bodies --maildir dot --dot 'r7@1=451 4.3.0 try again'
config "$SINK_PORT" 4 >courant.ini
set_key courant.ini newsletter.weekly match_language yes
cat >>courant.ini <<'INI'
[dkim]
domain = Example.ORG
selector = rsa
key_file = rsa.pem
selector2 = ed
key_file2 = ed.pem
[dkim.other]
domain = example.net
selector = other
key_file = other.pem
INI
init
# ---- check prints the records, those that openssl makes of the keys ----
ok "check" courant check
rsa=$(openssl pkey -in rsa.pem -pubout -outform DER | base64 -w0)
ed=$(openssl pkey -in ed.pem -pubout -outform DER | tail -c 32 | base64 -w0)
like "the RSA record" "$(sed 's/" "//g' "$S/.out")" "rsa\._domainkey\.example\.org\. TXT \"v=DKIM1; k=rsa; p=$(printf %s "$rsa" | sed 's/[+]/[+]/g')\""
like "in strings of 255" "$(grep 'k=rsa' "$S/.out")" '"v=DKIM1; [^"]{246}" "[^"]+"$'
like "the Ed25519 record" "$(cat "$S/.out")" "ed\._domainkey\.example\.org\. TXT \"v=DKIM1; k=ed25519; p=$(printf %s "$ed" | sed 's/[+]/[+]/g')\""

# ---- a thousand, and one of them twice ----
ok "run" at 07:05 run
ok "preview of one" at 07:05 issue preview 1 --eml --to r7@example.net
cp "$S/.out" preview.eml
ok "the retry" at 07:30 run
printf 'rsa._domainkey.example.org. v=DKIM1; k=rsa; p=%s\ned._domainkey.example.org. v=DKIM1; k=ed25519; p=%s\n' "$rsa" "$ed" >records
said=$(/usr/bin/python3 "$here/dkim_judge.py" verify out.jsonl records 2 preview.eml) || die "$said (SEED=$(cat seed))"
checks=$((checks + 3))

# ---- OpenDKIM, each tenth ----
if command -v opendkim >/dev/null; then
    openssl pkey -in rsa.pem -pubout -out rsa.pub
    /usr/bin/python3 "$here/dkim_judge.py" split out.jsonl mails 10
    printf 'rsa._domainkey.example.org v=DKIM1; k=rsa; p=%s\n' "$rsa" >keys
    printf 'Mode v\nTestPublicKeys %s/keys\nSyslog no\nOn-KeyNotFound accept\n' "$S" >opendkim.conf
    for m in mails/*; do
        said2=$(opendkim -x opendkim.conf -t "$m" 2>&1) || true
        case $said2 in *dkim=pass*|*"verification (s=rsa"*succeeded*) checks=$((checks + 1)) ;; *) die "OpenDKIM on $m: $said2 (SEED=$(cat seed))" ;; esac
    done
else
    die "opendkim is missing: make deps"
fi

# ---- a key that can't be used stops its newsletter alone ----
sqlite3 small.db "CREATE TABLE a (id INTEGER PRIMARY KEY, title TEXT); INSERT INTO a VALUES (1, 'A new one');
    CREATE TABLE r (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO r VALUES (1, 'ann@example.com'), (2, 'bob@example.com')"
sed -i 's/^match_language.*//' courant.ini
cat >>courant.ini <<'INI'
[newsletter.second]
title = Second
from = Second Desk <desk@example.net>
schedule = weekly mon 07:00
since = 2026-10-01
[source.small]
type = sqlite
path = small.db
newsletter = second
articles = SELECT id, title, 'https://news.example.org/s/' || id AS url, '2026-11-29' AS published_at, 'Text.' AS body FROM a
subscribers = SELECT id, email FROM r
INI
ok "the readers join" at 2026-11-29T07:00:00Z run
n=$(wc -l <out.jsonl)
for how in "chmod 604 other.pem#chmod 600#chmod 600 other.pem" "mv other.pem gone.pem#can't be read#mv gone.pem other.pem" \
    "cp other.pem kept.pem; echo x >other.pem#no private key#mv kept.pem other.pem"; do
    eval "${how%%#*}"
    why=${how#*#}
    fails 78 "check with a bad key" courant check
    like "check says why" "$(cat "$S/.out")" "dkim other.*${why%%#*}"
    at 2026-11-30T07:05:00Z run >run.out 2>&1 && die "a run with a bad key ended well"
    like "the run says why" "$(cat run.out)" "${why%%#*}"
    is "the other newsletter went" "$(tail -n +$((n + 1)) out.jsonl | grep -c '"from": *"bounces+')" 1000
    is "this one waits" "$(tail -n +$((n + 1)) out.jsonl | grep -c '@example.com')" 0
    eval "${how##*#}"
done
ok "the key is back" at 2026-11-30T08:05:00Z run
tail -n +$((n + 1)) out.jsonl | grep '@example.com' >late.jsonl
printf 'other._domainkey.example.net. v=DKIM1; k=rsa; p=%s\n' "$(openssl pkey -in other.pem -pubout -outform DER | base64 -w0)" >records2
said2=$(/usr/bin/python3 "$here/dkim_judge.py" verify late.jsonl records2 1) || die "$said2"
like "both, once" "$said2" '^2 messages'
checks="$said; OpenDKIM agrees; $checks"
