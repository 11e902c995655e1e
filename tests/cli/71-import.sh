# Goal: lists of people as they come are taken in: any separator, encoding and headings, quoted line ends, states of other
# services; what can't be is told by line and can be mended; nobody is revived; cut short it leaves nothing.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
only_readers site.db 3
config 1 >courant.ini
printf '[newsletter.daily]\ntitle = Daily\nfrom = news@example.org\nschedule = daily 06:00\n' >>courant.ini
init
db() {
    sqlite3 -cmd '.timeout 5000' courant.db "$1"
}
# counts: of the last import's document
counts() {
    json doc "[d[k] for k in ('added', 'updated', 'unchanged', 'refused')]"
}
# import FILE OPTION...: -> doc
import() {
    rc=0
    at 2026-11-23T08:00:00Z --json subscriber import "$@" >doc 2>err || rc=$?
    is "import $*: $(cat err)" $rc 0
}

# ---- the same people by every kind of file ----
python3 - <<'PY'
import codecs
rows = [("E-Mail", "Vorname", "Nachname", "Stadt", "Sprache", "Angemeldet am"),
        ("anna@example.ch", "Anna", "Müller-Öz", "Zürich, \"West\"", "de-CH", "23.11.2025 07:00"),
        ("bert@example.ch", "Bert", "Dup€nt", "St. Gallen;\nPostfach\t1", "fr", "2025-11-23"),
        ("=evil@example.ch", "=1+1", "X", "@SUM(A1)", "de", "")]
def text(sep, end, rows=rows):
    cell = lambda c: '"%s"' % c.replace('"', '""') if set(c) & set(',;\t|"\n') else c
    return "".join(sep.join(cell(c) for c in r) + end for r in rows)
files = {"comma.csv": text(",", "\n").encode(), "excel.csv": text(";", "\r\n").encode("cp1252"),
         "bom.csv": codecs.BOM_UTF8 + text(";", "\r\n").encode(), "le.txt": codecs.BOM_UTF16_LE + text("\t", "\r\n").encode("utf-16-le"),
         "be.txt": codecs.BOM_UTF16_BE + text("\t", "\n").encode("utf-16-be"), "nomark.txt": text("\t", "\r\n").encode("utf-16-le"),
         "sep.csv": ("sep=|\r\n" + text("|", "\r\n")).encode(), "mac.csv": text(",", "\r").encode(),
         "noend.csv": text(",", "\n").rstrip("\n").encode(), "blank.csv": text(",", "\n\n").encode()}
for name, data in files.items():
    open(name, "wb").write(data)
open("cyrillic.csv", "wb").write("Почта;Имя\nivan@example.ru;Иван\n".encode("cp1251"))
PY
people="SELECT group_concat(email || '/' || name || '/' || given_name || '/' || coalesce(language, '') || '/' || coalesce(json_extract(attributes, '\$.Stadt'), ''), '+')
    FROM (SELECT * FROM subscriber WHERE email LIKE '%.ch' ORDER BY email)"
want='=evil@example.ch/=1+1 X/=1+1/de/@SUM(A1)+anna@example.ch/Anna Müller-Öz/Anna/de-CH/Zürich, "West"+bert@example.ch/Bert Dup€nt/Bert/fr/St. Gallen;
Postfach	1'
for f in comma.csv excel.csv bom.csv le.txt be.txt nomark.txt sep.csv mac.csv noend.csv blank.csv; do
    rm -rf courant.db* queue secret
    init
    import $f --newsletter weekly
    is "$f" "$(counts)" "[3, 0, 0, 0]"
    is "$f: what was taken" "$(db "$people")" "$want"
done
is "when they joined, by the file" "$(db "SELECT group_concat(source_joined_at) FROM subscription ORDER BY subscriber")" "$(date -u -d '2025-11-23 07:00' +%s),$(date -u -d 2025-11-23 +%s)"
import comma.csv --newsletter weekly
is "again: nothing new" "$(counts)" "[0, 0, 3, 0]"
at 2026-11-23T08:00:00Z subscriber import - --encoding windows-1251 --newsletter weekly <cyrillic.csv >out
is "an encoding that is named, through a pipe" "$(db "SELECT given_name FROM subscriber WHERE email = 'ivan@example.ru'")" "Иван"
printf 'Jo Doe <jo@example.org>\nno headings@\nrow@example.org\n' >list.txt
import list.txt --newsletter weekly
is "addresses alone" "$(counts) $(db "SELECT name FROM subscriber WHERE email = 'jo@example.org'")" "[2, 0, 0, 1] Jo Doe"

# ---- what can't be taken, mended, and taken ----
cat >service.csv <<'CSV'
Email Address,First Name,STATUS,Rating
s1@example.org,Ann,subscribed,2
s2@example.org,Bob,unsubscribed,3
s3@example.org,Cy,cleaned,1
s4@example.org,Dee,frozen,1
nonsense,Eve,subscribed,1
s6@example.org,Flo,subscribed,1,
s7@example.org,"Gil,subscribed,1
s8@example.org,Hal,unconfirmed,5
s9@example.org,Ida,subscribed,1,many,more
CSV
import service.csv --newsletter weekly
is "the good rows" "$(counts)" "[5, 0, 0, 4]"
is "the others by line" "$(json doc "[e['line'] for e in d['errors']]")" "[5, 6, 8, 10]"
like "a state that is not known: what to do" "$(json doc "d['errors'][0]['reason']")" "--map 'status:frozen="
like "a quotation mark" "$(json doc "d['errors'][2]['reason']")" "quotation mark"
is "states" "$(db "SELECT group_concat(p.email || ' ' || s.status) FROM subscription s JOIN subscriber p ON p.id = s.subscriber WHERE p.email LIKE 's_@%'")" \
    "s1@example.org 1,s2@example.org 3,s6@example.org 1,s8@example.org 0"
is "who bounced elsewhere is no person here, but suppressed" "$(db "SELECT key || reason FROM suppression")$(db "SELECT count(*) FROM subscriber WHERE email LIKE 's3@%'")" "s3@example.org00"
is "the refused are nobody else's to read" "$(stat -c %a service.csv.refused.csv)" 600
is "with all their columns" "$(head -2 service.csv.refused.csv | sed 's/,".*//')" "Email Address,First Name,STATUS,Rating,refused_because
s4@example.org,Dee,frozen,1"
sed -e 's/frozen/paused/; s/^nonsense/s5@example.org/' -e 's/^"s7@example.org,""Gil,.*$/s7@example.org,Gil,subscribed,1,x/' service.csv.refused.csv >mended.csv
import mended.csv --newsletter weekly
is "mended" "$(counts)" "[4, 0, 0, 0]"
is "the reason is no attribute" "$(db "SELECT attributes FROM subscriber WHERE email = 's5@example.org'")" '{"Rating":"1"}'

printf 'email\nnonsense\n' >bad.csv
import bad.csv --newsletter weekly
import bad.csv.refused.csv --newsletter weekly
is "refused again: one reason" "$(head -1 bad.csv.refused.csv.refused.csv)" "email,refused_because"
for f in bad.csv courant.db secret courant.ini; do
    fails 64 "rejects are not written over $f" at 08:00 subscriber import bad.csv --newsletter weekly --rejects $f
done
is "which is as it was" "$(cat bad.csv)" "email
nonsense"
printf 'Name,E-mail 1 - Value\nTwo,two@example.org ::: deux@example.org\n' >contacts.csv
import contacts.csv --newsletter weekly
like "two addresses in a cell" "$(json doc "d['errors'][0]['reason']")" "several addresses"
printf 'PK\003\004 and so on' >book.xlsx
fails 65 "a workbook" at 08:00 subscriber import book.xlsx --newsletter weekly
like "what to do" "$(cat .err)" "save it as CSV"
printf 'email\nreads.nothing@example.org\n' >bare.csv
import bare.csv
like "who is subscribed to nothing is told" "$(json doc "d['notes']")" "--newsletter says to what"
python3 -c 'open("wide32.csv", "wb").write("email;name\nw32@example.org;Ü\n".encode("utf-32"))'
import wide32.csv --newsletter weekly
is "UTF-32" "$(db "SELECT name FROM subscriber WHERE email = 'w32@example.org'")" "Ü"

# ---- what columns and states mean can be said; a dry run says what would be ----
printf 'Adresse,Anrede,Ort,Stufe,E-Mail alt\nm1@example.org,Frau,Bern,gold,x\nm2@example.org,Herr,Bern,silver,y\n' >odd.csv
fails 65 "no column of addresses" at 08:00 subscriber import odd.csv
like "what to do" "$(cat .err)" "--map 'HEADING=email'"
ok "a dry run" at 08:00 subscriber import odd.csv --newsletter daily --map 'Adresse=email,Ort=city,Stufe=status' --map 'status:gold=active,status:silver=left' --map '*=-' --dry-run
like "columns" "$(cat .out)" 'Ort -> attribute city'
like "left out" "$(cat .out)" 'Anrede -> left out'
like "counts" "$(cat .out)" 'would be: 2 added'
is "and does nothing" "$(db "SELECT count(*) FROM subscriber WHERE email LIKE 'm_@%'")" 0
import odd.csv --newsletter daily --map 'Adresse=email,Ort=city,Stufe=status' --map 'status:gold=active,status:silver=left' --map '*=-'
is "as said" "$(db "SELECT group_concat(attributes || s.status) FROM subscriber p JOIN subscription s ON s.subscriber = p.id WHERE email LIKE 'm_@%'")" '{"city":"Bern"}1,{"city":"Bern"}3'
printf '"Name, given name","Mail, yes or no?",Address\n"Doe, Jo",yes,comma1@example.org\n"Doe, Al",no,comma2@example.org\n' >commas.csv
import commas.csv --newsletter daily --map 'Name, given name=name' --map 'Mail, yes or no?=status' --map 'Address=email,*=-'
is "headings with commas" "$(db "SELECT group_concat(name || coalesce(s.status, '-'), '; ') FROM subscriber LEFT JOIN subscription s ON s.subscriber = id WHERE email LIKE 'comma_@%'")" "Doe, Jo1; Doe, Al-"
fails 64 "a column that is not there" at 08:00 subscriber import odd.csv --map 'Mail=email'
fails 64 "a state that is none" at 08:00 subscriber import odd.csv --map 'Adresse=email,status:x=whatever'
fails 66 "a file that is not there" at 08:00 subscriber import none.csv

printf 'mail,Opt-In\ny1@example.org,ja\ny2@example.org,0\n' >optin.csv
import optin.csv --newsletter daily
is "who wants no mail is not subscribed" "$(db "SELECT count(*) FROM subscription s JOIN subscriber p ON p.id = s.subscriber WHERE email LIKE 'y_@%'")" 1

# ---- columns in which other services say that somebody is not to be mailed ----
cat >unsubscribed.csv <<'CSV'
Email Address,First Name,OPTIN_TIME,CONFIRM_TIME,UNSUB_TIME,UNSUB_REASON
n1@example.org,Ann,2020-01-02 10:00:00,2020-01-02 10:01:00,2023-05-06 07:08:09,NORMAL
CSV
cat >cleaned.csv <<'CSV'
Email Address,OPTIN_TIME,CLEAN_TIME,CLEAN_CAMPAIGN_TITLE
n2@example.org,2020-01-02 10:00:00,2023-05-06 07:08:09,May
CSV
cat >blocked.csv <<'CSV'

EMAIL;EMAIL_BLOCKLISTED;Confirmed;Tag;Tag;Unsubscribed
n3@example.org;No;1;a;b;0000-00-00 00:00:00
n4@example.org;Yes;1;a;b;
;;;;;

n5@example.org;0;0;a;b;no
n6@example.org;0;1;a;b;perhaps
n7@example.org;false;yes;a;b;Ja
CSV
printf '\357\273\277email,status,unsubscribed at\n\357\273\277n8@example.org,active,2020-01-01\nn9@example.org,,2020-01-01\n' >again.csv
for f in unsubscribed cleaned blocked again; do
    import $f.csv --newsletter daily
    [ $f != blocked ] || is "neither yes nor no; empty rows are none" "$(json doc "[(e['line'], e['reason'].split(':')[0]) for e in d['errors']]")" '[[8, "unsubscribed"]]'
done
is "whom not to mail" "$(db "SELECT group_concat(substr(email, 1, 2) || s.status) FROM subscription s JOIN subscriber p ON p.id = s.subscriber WHERE email LIKE 'n_@%'")" "n13,n31,n50,n73,n81,n93"
is "since when" "$(db "SELECT s.status_at FROM subscription s JOIN subscriber p ON p.id = s.subscriber WHERE email = 'n1@example.org'")" "$(date -u -d '2023-05-06 07:08:09' +%s)"
is "blocked and bounced addresses" "$(db "SELECT group_concat(substr(key, 1, 2) || reason) FROM (SELECT * FROM suppression WHERE key LIKE 'n_@%' ORDER BY key)")" "n20,n43"
is "two columns of one name are two" "$(db "SELECT attributes FROM subscriber WHERE email = 'n3@example.org'")" '{"Tag":"a","Tag 2":"b"}'
db "DELETE FROM suppression WHERE key LIKE 'n_@%'"

# ---- who is known already ----
printf 'email,name,language,city,topics\nm1@example.org,New,fr,Basel,arts\n' >new.csv
ok "set by hand" at 08:00 subscriber set m1@example.org --language it
import new.csv --newsletter daily --on-conflict keep
is "keep" "$(counts)" "[0, 0, 1, 0]"
import new.csv --newsletter daily --on-conflict fill
is "fill" "$(db "SELECT name || language || attributes FROM subscriber WHERE email = 'm1@example.org'")" 'Newit{"city":"Bern"}'
sed -i s/New/Newer/ new.csv
import new.csv --newsletter daily
is "update; what was set by hand stays" "$(db "SELECT name || language || attributes FROM subscriber WHERE email = 'm1@example.org'")" 'Newerit{"city":"Basel"}'
is "preferences" "$(db "SELECT topics FROM subscription JOIN subscriber ON id = subscriber WHERE email = 'm1@example.org'")" arts

# ---- nobody is revived ----
ok "left" at 08:00 subscriber remove m1@example.org
ok "suppressed" at 08:00 suppress add s1@example.org
ok "erased" at 08:00 subscriber erase s5@example.org
printf 'email,status\nM1@Example.org,active\ns1@example.org,active\nS5@example.org,active\nr3@example.net,left\n' >revive.csv
ok "a reader of the site's" at 08:00 source sync
import revive.csv --newsletter daily
is "the erased one is refused" "$(counts) $(json doc "[d['left'], d['errors'][0]['line']]")" "[0, 2, 1, 1] [1, 4]"
is "left stays left" "$(db "SELECT s.status FROM subscription s JOIN subscriber ON id = subscriber WHERE email = 'm1@example.org'")" 3
is "suppressed stays so" "$(db "SELECT status FROM subscriber WHERE email = 's1@example.org'")" 1
is "nothing is kept of the erased one" "$(db "SELECT count(*) FROM subscriber WHERE email_key = 's5@example.org'")" 0
printf 'email,status\nr3@example.net,left\n' >gone.csv
import gone.csv --newsletter weekly --on-conflict keep
is "who left elsewhere leaves here" "$(db "SELECT s.status FROM subscription s JOIN subscriber p ON p.id = s.subscriber JOIN newsletter n ON n.id = s.newsletter WHERE email = 'r3@example.net' AND n.name = 'weekly'")" 3

# ---- lists made at random ----
mkdir lists
cp courant.ini lists/
(cd lists && timeout 300 python3 "$here/lists.py" "$COURANT" ${SEEDS:-1 2 3} 2>err) || die "$(tail -1 lists/err)"

# ---- JSON, as list and export give it ----
at 08:00 --json subscriber list >people.json
before=$(wc -c <people.json)
rm -rf courant.db* queue secret
init
import people.json
is "all are back" "$(json doc "d['refused']")" 0
at 08:00 --json subscriber list >again.json
python3 - <<'PY' || die "people.json and again.json differ"
import json
plain = lambda f: {p["email"]: (p["name"], p["language"], p["status"], p["subscriptions"]) for p in json.load(open(f))}
a, b = plain("people.json"), plain("again.json")
assert a == b and len(a) > 8, [(k, a.get(k), b.get(k)) for k in set(a) | set(b) if a.get(k) != b.get(k)]
PY
printf '[{"email": "nul@example.org", "name": "A\\u0000B"}]' >nul.json
import nul.json --newsletter daily
is "a NUL in a name goes" "$(db "SELECT name FROM subscriber WHERE email = 'nul@example.org'")" AB
db "DELETE FROM subscription WHERE subscriber IN (SELECT id FROM subscriber WHERE email = 'nul@example.org'); DELETE FROM subscriber WHERE email = 'nul@example.org'"
printf '[{"email": "private@example.org" "x"}]' >broken.json
fails 65 "no JSON" at 08:00 subscriber import broken.json
unlike "no address is told" "$(cat .err)" "private"
printf '[{"email": "a@example.org"}, {"email": ' >cut.json
fails 65 "half a document" at 08:00 subscriber import cut.json
is "leaves nothing" "$(db "SELECT count(*) FROM subscriber WHERE email = 'a@example.org'")" 0

# ---- cut short: all or nothing ----
python3 -c '
print("email,name")
for i in range(120000): print("big%d@example.com,Reader %d" % (i * 7919 % 120000, i))' >big.csv
had=$(db "SELECT count(*) FROM subscriber")
# cut SIGNAL: in the midst of the transaction, when its log grows -> how it ended
cut() {
    db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
    python3 - "$COURANT" "$1" <<'PY'
import os, signal, subprocess, sys, time
p = subprocess.Popen([sys.argv[1], "-c", "courant.ini", "subscriber", "import", "big.csv", "--newsletter", "daily"], stdout=subprocess.DEVNULL, stderr=open("cut.err", "wb"))
size = lambda: os.path.getsize("courant.db-wal") if os.path.exists("courant.db-wal") else 0
while size() < 500000 and p.poll() is None:
    time.sleep(0.001)
p.send_signal(getattr(signal, "SIG" + sys.argv[2]))
print(p.wait())
PY
}
for signal in KILL TERM KILL; do
    rc=$(cut $signal)
    [ $signal = KILL ] && is "killed" "$rc" -9 || is "stopped" "$rc $(grep -c 'nothing was taken in' cut.err)" "75 1"
    is "nothing after $signal" "$(db "SELECT count(*) FROM subscriber")" "$had"
done
is "no file is left" "$(find . -name '.courant*')" ""
(
    ulimit -f 4000 # blocks of 1024 bytes
    fails 74 "no room" "$COURANT" -c courant.ini subscriber import big.csv --newsletter daily
)
is "nothing after that" "$(db "SELECT count(*) FROM subscriber")" "$had"
import big.csv --newsletter daily
is "then all" "$(counts)" "[120000, 0, 0, 0]"
is "all refer to what is there" "$(db "PRAGMA foreign_key_check")" ""
is "the log names who imported" "$(db "SELECT DISTINCT actor FROM audit WHERE action = 'import'")" "admin $(id -un)"
is "the log has no address" "$(db "SELECT count(*) FROM audit WHERE detail LIKE '%@%'")" 0
