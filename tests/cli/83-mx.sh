# Goal: with --check-mx, and only then, each domain is asked about once, many at a time: one that does not exist or takes no
# mail is refused with the reason, one of which nobody knows anything is taken with a warning; a name server that is silent
# or not there does not hold anybody up. In a network of its own, where the name server is ours.
. "$(dirname "$0")/lib.sh"
need_courant
command -v ip >/dev/null && unshare -rmn ip link set lo up 2>/dev/null || skip "no network namespaces here"
[ -f /etc/resolv.conf ] || skip "no /etc/resolv.conf here"
scratch
site_db site.db
only_readers site.db 1
config 25 >courant.ini
init
cp -r . ../hand.$$ && mv ../hand.$$ hand # commands wait for the silent server at the same time
export here COURANT
cat >list.csv <<'CSV'
email,status
a@mx.list.test,active
b@MX.list.test,active
c@only.list.test,active
d@six.list.test,active
e@nothere.list.test,active
f@null.list.test,active
g@bare.list.test,active
h@fail.list.test,active
i@silent.list.test,active
j@bücher.list.test,active
k@gone.münchen.list.test,active
l@nothere.list.test,left
m@null-left.list.test,suppressed
nonsense,active
CSV
python3 - <<'PY'
open("many.csv", "w").write("email\n" + "".join("r%d@slow-%d.many.test\nr@slow-%d.many.test\n" % (i, i, i) for i in range(150)))
open("list.json", "w").write('{"email": "a@mx.json.test"}\n{"email": "b@gone.json.test"}\n')
open("down.csv", "w").write("email\n" + "".join("r@mx-%d.down.test\n" % i for i in range(300)))
PY
cat >inside.sh <<'SH'
set -eu
ip link set lo up
echo 'nameserver 127.0.0.1' >resolv.conf
mount --bind resolv.conf /etc/resolv.conf
python3 "$here/mxstub.py" asked.log >server.out 2>server.err &
server=$!
until grep -q ready server.out; do
    kill -0 $server
    sleep 0.05
done
c() {
    rc=0
    "$COURANT" -c courant.ini --now 2026-11-23T08:00:00Z subscriber "$@" || rc=$?
    echo $rc
}
(cd hand && c import ../list.csv --newsletter weekly --check-mx --dry-run --json >../plain.json 2>/dev/null) &
dry=$!
(cd hand && c add a@mx.hand.test 'B <b@only.hand.test>' c@gone.hand.test d@null.hand.test e@fail.hand.test \
    f@silent.hand.test g@bücher.hand.test --check-mx >out 2>err) &
hand=$!
(
    start=$(date +%s%N)
    c import list.csv --newsletter weekly --check-mx >out 2>err
    echo $((($(date +%s%N) - start) / 1000000)) >took
) &
list=$!
c add --invite i@gone.invite.test --check-mx --dry-run >invite.out 2>invite.err
c import many.csv --check-mx >many.out 2>many.err
c import - --check-mx <list.json >json.out 2>json.err
wait $list $hand $dry
cp asked.log before.log
c import many.csv >no.out 2>no.err
c add z@gone.hand.test >no2.out 2>no2.err
cp asked.log after.log
kill $server
wait $server 2>/dev/null || true
c import down.csv --check-mx >down.out 2>down.err
SH
ok "in a network of its own" unshare -rmn bash inside.sh
# refused LINE WHY
refused() {
    like "line $1: $2" "$(cat err)" "list.csv:$1: the domain $2"
}
# ---- a list ----
refused 6 "nothere.list.test does not exist"
refused 7 "null.list.test takes no mail"
refused 8 "bare.list.test takes no mail"
refused 12 "gone.münchen.list.test does not exist"
like "nonsense is what it was" "$(cat err)" "list.csv:15: email: "
is "and nothing else" "$(grep -c 'list.csv:[0-9]' err)" 5
like "no answer is told once" "$(cat err)" "list.csv: 2 addresses are at domains of which no name server told anything \(fail.list.test, silent.list.test\)"
is "who is there" "$(sqlite3 courant.db "SELECT group_concat(substr(email, 1, 1), '') FROM (SELECT email FROM subscriber WHERE email LIKE '%.list.test' ORDER BY email)")" abcdhijl
is "who left elsewhere left here, whatever the domain" "$(sqlite3 courant.db "SELECT s.status FROM subscription s JOIN subscriber ON id = subscriber WHERE email LIKE 'l@%'")" 3
is "nor is a suppression lost" "$(sqlite3 courant.db "SELECT count(*) FROM suppression WHERE key LIKE 'm@%'")" 1
is "ends well" "$(tail -1 out)" 0
like "rows to be mended" "$(cat list.csv.refused.csv)" '^e@nothere.list.test,active,"?the domain nothere.list.test does not exist'
echo "the list took $(cat took) ms"
[ "$(cat took)" -lt 9000 ] || die "a silent name server held the import up for $(cat took) ms"
# ---- what was asked ----
asked() {
    awk -v n="$1" '$1 == n {print $2}' before.log | LC_ALL=C sort | uniq -c | awk '{printf "%s%s*%s", s, $2, $1; s = " "}'
}
is "an MX is enough; each domain once a command (two did)" "$(asked mx.list.test)" "MX*2"
is "no MX: its address" "$(asked only.list.test)" "A*2 MX*2"
is "of either kind" "$(asked six.list.test)" "A*2 AAAA*2 MX*2"
is "a null MX ends it" "$(asked null.list.test)" "MX*2"
is "so does that it does not exist" "$(asked nothere.list.test)" "MX*2"
is "IDN by its A-label" "$(asked xn--bcher-kva.list.test)" "MX*2"
is "nothing about who gets no mail" "$(asked null-left.list.test)" ""
is "a dry run says the same" "$(sed '$d' plain.json | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["added"], d["refused"])')" "9 5"
# ---- by hand ----
is "refused ones end with 65" "$(tail -1 hand/out)" 65
like "does not exist" "$(cat hand/err)" "c@gone.hand.test: the domain gone.hand.test does not exist"
like "takes no mail" "$(cat hand/err)" "d@null.hand.test: the domain null.hand.test takes no mail"
for a in e@fail f@silent; do like "unknown" "$(cat hand/err)" "$a.hand.test: no name server answered about"; done
is "the others are there" "$(sqlite3 hand/courant.db "SELECT group_concat(substr(email, 1, 1), '') FROM (SELECT email FROM subscriber WHERE email LIKE '%.hand.test' ORDER BY email)")" abefg
like "nobody is invited there" "$(cat invite.err)" "i@gone.invite.test: the domain gone.invite.test does not exist"
# ---- many, a pipe of JSON, nobody asked, nobody there ----
is "many" "$(tail -1 many.out) $(sqlite3 courant.db "SELECT count(*) FROM subscriber WHERE email LIKE '%.many.test'")" "0 300"
is "each once" "$(grep -c 'many.test' before.log)" 150
most=$(awk '$1 ~ /many/ && $3 > n {n = $3} END {print n}' before.log)
[ "$most" -gt 16 ] && [ "$most" -le 32 ] || die "$most were asked about at a time"
like "JSON" "$(cat json.err)" "standard input:2: the domain gone.json.test does not exist"
is "without --check-mx nothing is asked" "$(wc -l <after.log)" "$(wc -l <before.log)"
is "and all are taken" "$(tail -1 no.out)$(tail -1 no2.out)" 00
is "no name server" "$(tail -1 down.out) $(sqlite3 courant.db "SELECT count(*) FROM subscriber WHERE email LIKE '%.down.test'")" "0 300"
like "that is told" "$(cat down.err)" "300 addresses are at domains of which no name server told anything"
