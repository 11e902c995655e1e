# Goal: what export writes import takes back: the same bytes again, by CSV and by JSON, with statuses, preferences,
# attributes, suppressions, consent and the hashes of the erased; no cell is a formula; a file is its owner's alone.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
config 1 >courant.ini
printf '[newsletter.daily]\ntitle = Daily\nfrom = news@example.org\nschedule = daily 06:00\ncadences = weekly, monthly\n' >>courant.ini
init
db() {
    sqlite3 -cmd '.timeout 5000' courant.db "$1"
}

# ---- people of every kind ----
ok "the site's" at 07:05 source sync
cat >some.csv <<'CSV'
email,name,city,=sum,name of email,confirm time,email address,age
=cmd@example.org,=1+1,"''=quoted",@x,+41 79,2025-11-23 10:00,-5,7
"""two words""@example.org","Ann ""A"" O'Neil","Bern;
Postfach","	tab",'plain,,,
plus+tag@example.org,-dash,@at,,,,,
CSV
ok "a list" at 07:10 subscriber import some.csv --newsletter daily
ok "by hand" at 07:15 subscriber add 'Zoë <zoe@bücher.example>' --newsletter daily --topics 'arts, sport' --cadence monthly --body titles --format text --language 'bo, en' --attribute 'email=other' --attribute 'attribute.x=1'
ok "a person's own" at 07:20 subscriber set zoe@bücher.example --timezone Asia/Kathmandu --given-name Zoë --language de
ok "in another newsletter too" at 07:20 subscriber add zoe@bücher.example --newsletter weekly
ok "invited" at 07:25 subscriber add asked@example.org --newsletter daily --invite
ok "paused" at 07:30 subscriber set plus+tag@example.org --status pause --until 2027-01-02
ok "left" at 07:30 subscriber remove tenzin@example.org
ok "suppressed" at 07:30 suppress add aynur@example.org nobody@example.org --note 'asked, by "phone"'
ok "suppressed for a while" at 07:30 suppress add layla@example.org --until 2027-01-01
ok "erased" at 07:35 subscriber erase noam@example.org
ok "merged" at 07:35 subscriber set one@example.net --email comma@example.net --merge
ok "no newsletter at all" at 07:40 subscriber import - --map 'n=newsletter' <<'CSV'
email,n
lonely@example.org,
CSV
sqlite3 site.db "DELETE FROM reader WHERE email = 'mei@example.org'"
ok "who vanished from the site" at 07:45 source sync

ok "export" at 08:00 subscriber export --output one.csv
is "is its owner's alone" "$(stat -c %a one.csv)" 600
fails 73 "not written over" at 08:00 subscriber export --output one.csv
ok "but by force" at 08:00 --force subscriber export --output one.csv
ok "JSON" at 08:00 --json subscriber export --output one.json
python3 - <<'PY' || die "one.csv is not as it should be"
import csv, json
rows = list(csv.DictReader(open("one.csv", newline="", encoding="utf-8")))
for r in rows:
    for k, v in r.items():
        assert v[:1] not in tuple("=+-@\t\r"), (k, v)
by = {(r["email"], r["newsletter"]): r for r in rows}
z = by["zoe@xn--bcher-kva.example", "daily"]
assert [z[k] for k in ("topics", "cadence", "body", "newsletter_format", "newsletter_language", "language", "timezone", "consent")] == \
    ["arts,sport", "monthly", "titles", "text", "bo,en", "de", "Asia/Kathmandu", "by hand"], z
assert z["attribute.email"] == "other" and z["attribute.attribute.x"] == "1", z
assert by["'=cmd@example.org", "daily"]["city"] == "''=quoted"
assert by["'=cmd@example.org", "daily"]["confirmed_at"] == "2025-11-23T10:00:00Z"
assert by["asked@example.org", "daily"]["status"] == "pending" and by["asked@example.org", "daily"]["consent"] == "invitation"
assert by["mei@example.org", "weekly"]["status"] == "removed-by-source"
assert by["lonely@example.org", ""]["status"] == "none"
assert by["nobody@example.org", ""]["status"] == "suppressed" and by["nobody@example.org", ""]["suppressed"] == "by-hand"
assert by["aynur@example.org", "weekly"]["suppressed_note"] == 'asked, by "phone"'
assert sum(r["email"].startswith("h:") and r["suppressed"] == "erased" for r in rows) == 1
assert not any("noam" in r["email"] for r in rows)
people = json.load(open("one.json"))
assert {p["email"] for p in people} == {r["email"].lstrip("'") for r in rows}, "the two differ"
PY

# ---- once around ----
for kind in csv json; do
    rm -rf courant.db* queue # the secret stays: the hashes of the erased depend on it
    init
    ok "import the $kind" at 09:00 subscriber import one.$kind
    like "nobody is refused" "$(cat .out)" ' 0 refused'
    at 10:00 subscriber export >two.csv
    cmp one.csv two.csv || die "$(diff one.csv two.csv | head -10)"
    at 10:00 --json subscriber export >two.json
    [ $kind = csv ] || cmp one.json two.json || die "one.json and two.json differ"
    ok "again" at 11:00 --json subscriber import one.$kind
    cp .out doc
    is "nothing changes" "$(json doc "[d[k] for k in ('added', 'updated', 'refused')]")" "[0, 0, 0]"
done
fails 65 "the erased one stays so" at 12:00 subscriber add noam@example.org --newsletter daily
ok "the site's readers" at 12:00 source sync
is "who left stays away" "$(db "SELECT s.status FROM subscription s JOIN subscriber p ON p.id = s.subscriber WHERE p.email = 'tenzin@example.org'")" 3

# ---- people made at random ----
mkdir round
cp courant.ini round/
(cd round && timeout 300 python3 "$here/roundtrip.py" "$COURANT" ${SEEDS:-1 2 3 4 5} 2>err) || die "$(tail -1 round/err)"

# ---- cut short it leaves nothing ----
python3 -c '
print("email,name")
for i in range(20000): print("k%d@example.org,Reader" % i)' | at 12:00 -q subscriber import - --newsletter daily
for i in 1 2 3 4 5; do
    timeout -s KILL 0.0$((i * 2)) "$COURANT" -c courant.ini subscriber export --output killed.csv || true
done >/dev/null 2>&1
rm -f killed.csv
is "of a killed export" "$(find . -maxdepth 1 -name 'killed*' -o -maxdepth 1 -name '.courant*')" ""
for f in courant.db queue/queue.db secret courant.ini; do
    fails 64 "not over $f" at 12:00 --force subscriber export --output $f
    fails 64 "nor by a backup" courant backup $f
done
seq -f 'a%g' 450 | python3 -c '
import sys
names = sys.stdin.read().split()
print("email," + ",".join(names[:400])); print("w1@example.org" + ",x" * 400)' >wide.csv
python3 -c 'print("email," + ",".join("b%d" % i for i in range(50))); print("w2@example.org" + ",y" * 50)' >wider.csv
for f in wide wider; do ok "$f" at 12:00 subscriber import $f.csv --newsletter daily; done
at 12:00 subscriber export 2>said >/dev/null
like "what does not fit into a table is told" "$(cat said)" "more than 400 attributes"
db "DELETE FROM subscription WHERE subscriber IN (SELECT id FROM subscriber WHERE email LIKE 'k%' OR email LIKE 'w_@%')"
db "DELETE FROM subscriber WHERE email LIKE 'k%' OR email LIKE 'w_@%'"

# ---- many people with many attributes are not held in memory ----
mkdir many
cp courant.ini many/
(
    cd many
    init
    python3 -c '
print("email," + ",".join("attribute number %d" % k for k in range(20)))
for i in range(15000): print("m%d@example.org" % i + ",x" * 20)' | at 12:00 -q subscriber import - --newsletter daily
    python3 - "$COURANT" >kb <<'PY'
import resource, subprocess, sys
subprocess.run([sys.argv[1], "-c", "courant.ini", "subscriber", "export"], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
PY
)
ldd "$COURANT" | grep -q "lib[at]san" || [ "$(cat many/kb)" -lt 25000 ] || die "an export takes $(cat many/kb) KB"

# ---- a part of it ----
emails() {
    at 12:00 subscriber export "$@" | python3 -c 'import csv, sys; print(" ".join(r["email"] + "/" + r["newsletter"] for r in csv.DictReader(sys.stdin)))'
}
is "one newsletter" "$(emails zoe@ --newsletter weekly)" "zoe@xn--bcher-kva.example/weekly"
is "a status" "$(emails --status paused)" "plus+tag@example.org/daily"
is "the suppressed" "$(emails --status suppressed)" "aynur@example.org/weekly layla@example.org/weekly"
fails 74 "a full disk" bash -c "'$COURANT' -c courant.ini subscriber export >/dev/full"
