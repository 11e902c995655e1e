# Goal: an organisation adds a language's fixed words, or changes single ones, by a file in its template folder, those of
# single mails too; numbers
# have the reader's digits and plural forms; mistakes are told as FILE:LINE; an issue keeps the words it was built with;
# `courant check` names the languages of readers in which words are missing. Its logo travels in the mail; an author's
# template inherits the shipped one.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
config 25 >courant.ini
set_key courant.ini site templates own
mkdir -p own/words
init
ok "import" at 07:00 source sync
html() { # ADDRESS
    ok "a preview for $1" at 07:05 issue preview weekly --html --to "$1@example.org"
}

# ---- check ----
"$COURANT" -c courant.ini check >checked 2>&1 || true
like "what readers lack" "$(cat checked)" "1 reader of bo gets a digest's fixed words in English: /.*/own/words/bo.ini adds them"
unlike "German is there" "$(cat checked)" "of de get"

# ---- a language is added, a word changed; what is missing falls back ----
cat >own/words/bo.ini <<'INI'
; མི་འགྱུར་བའི་ཚིག
read = ཀློག
unsubscribe = མངགས་ཉོ་འདོར་བ
you_receive = ཁྱེད་ཀྱིས་{newsletter} མངགས་ཉོ་བྱས་པས་འདི་འབྱོར།   ; a comment
hello =
INI
printf 'contents = Diese Woche\n' >own/words/de.ini
html tenzin
like "the word in its language" "$(cat .out)" '<a href="[^"]*/unsubscribe/[^"]*" lang="bo" dir="ltr"[^>]*>མངགས་ཉོ་འདོར་བ</a>'
like "filled in" "$(cat .out)" '<bdi lang="bo" dir="ltr">ཁྱེད་ཀྱིས་Example Weekly མངགས་ཉོ་བྱས་པས་འདི་འབྱོར།</bdi>'
like "what is empty or absent is English" "$(cat .out)" '<bdi lang="en" dir="ltr">Hello '
like "the words' type" "$(cat .out)" '<td class="side soft" style="[^"]*Noto Serif Tibetan[^"]*font-size:20px;line-height:1.8"'
ok "plain text" at 07:05 issue preview weekly --text --to tenzin@example.org
like "in plain text too" "$(cat .out)" '^མངགས་ཉོ་འདོར་བ:$'
ok "German" at 07:05 issue preview weekly --text --to leser@xn--bcher-kva.example
like "one word changed" "$(cat .out)" '^Diese Woche$'
like "the others stay" "$(cat .out)" '^Abbestellen:$'
"$COURANT" -c courant.ini check >checked 2>&1 || true
like "what is still missing" "$(cat checked)" "1 reader of bo gets these words in English: preferences, .*hello, .*; .*/own/words/bo.ini adds them"

# ---- an issue keeps its words ----
ok "an issue" at 07:05 issue build weekly
printf 'read = CHANGED\n' >own/words/en.ini
ok "built before" at 07:05 issue preview 1 --text
unlike "the issue has its own" "$(cat .out)" CHANGED
ok "one of now" at 07:06 issue build 1 --again
ok "built anew" at 07:06 issue preview 1 --text
like "now it has it" "$(cat .out)" '^CHANGED: \['
rm own/words/en.ini own/words/de.ini
ok "gone" at 07:06 issue drop 1

# ---- the words of single mails ----
cat >own/words/bo.ini <<'INI'
confirm_subject = གཏན་འཁེལ། {newsletter}
confirm_invited = {site}: {newsletter}, {newsletter}
INI
printf 'hello = Hallo\nconfirm_do = Hier klicken:\n' >own/words/de.ini
invite() { # ADDRESS LANGUAGE
    ok "an invitation in $2" at 07:06 subscriber add --invite --language "$2" --name "Ada Roe" "$1"
    sqlite3 queue/queue.db "SELECT CAST(f.content AS TEXT) FROM transactional t JOIN frozen f ON f.hash = t.frozen ORDER BY t.id DESC LIMIT 1" >letter
}
invite bo.new@example.org bo
like "a subject of its own, and a sentence" "$(cat letter)" 'གཏན་འཁེལ། Example Weekly.*Example Desk: Example Weekly, Example Weekly'
like "what it lacks is English" "$(cat letter)" 'please confirm it here:'
invite de.new@example.org de-AT
like "single words changed, one of them a digest's too" "$(cat letter)" 'Hallo.*Hier klicken:'
like "the others stay" "$(cat letter)" 'Bitte best'
ok "a language for this newsletter" at 07:06 subscriber add --invite --newsletter weekly --language "fr, de" fr.new@example.org
sqlite3 queue/queue.db "SELECT CAST(f.content AS TEXT) FROM transactional t JOIN frozen f ON f.hash = t.frozen ORDER BY t.id DESC LIMIT 1" >letter
like "is the letter's, the one liked best" "$(cat letter)" 'Veuillez confirmer'
printf 'confirm_do = {site}\nconfirm_ignore = {date\nconfirm_dot = x\nconfirm_invited = {sight}\n' >own/words/de.ini
fails 78 "braces, and a slip" at 07:06 subscriber add --invite --newsletter weekly x.new@example.org
like "where and what" "$(cat .err)" "own/words/de.ini:1: 'confirm_do' may have no braces: nothing is filled in there \(and 3 more\)"
sed -i 1,2d own/words/de.ini
fails 78 "a slip" at 07:06 subscriber add --invite --newsletter weekly x.new@example.org
like "which word was meant" "$(cat .err)" "did you mean 'confirm_do'\? \(and 1 more\)"
printf 'confirm_invited = {sight}\n' >own/words/de.ini
fails 78 "another placeholder" at 07:06 subscriber add --invite --newsletter weekly x.new@example.org
like "which there are" "$(cat .err)" "'confirm_invited' may have braces only in \{site\}, \{newsletter\}"
rm own/words/*.ini

# ---- mistakes ----
cat >own/words/bo.ini <<'INI'
read = a
raed = b
unsubscribe = to {newsletter}
read.few = c
and_n_more.few = {n} {n}
read = d
INI
fails 78 "a wrong file" at 07:07 issue build weekly
like "where and what" "$(cat .err)" "own/words/bo.ini:2: 'raed' is no word of a digest; did you mean 'read'\? \(and 4 more\)"
"$COURANT" -c courant.ini check >checked 2>&1 || true
like "check says it" "$(cat checked)" "own/words/bo.ini:2: 'raed'"
mv own/words/bo.ini own/words/klingon.ini
fails 78 "a wrong name" at 07:07 issue build weekly
like "its name" "$(cat .err)" "own/words/klingon.ini: a file of words is named by its language"
rm own/words/*.ini

# ---- digits and plural forms: 200 titles are listed, the rest is counted ----
sqlite3 site.db "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
    INSERT INTO story(nid, heading, alias, goes_live, tongue, state, markup) SELECT 1000 + i, 'Story ' || i, '/s/' || i, '2026-11-21T10:00:00Z', 'en', 'live', 'plain' FROM n;
    INSERT INTO story_text(nid, words) SELECT nid, 'Words.' FROM story WHERE nid > 1000"
set_key courant.ini newsletter.weekly max_articles 5
set_key courant.ini newsletter.weekly images none
ok "many" at 07:08 source sync --accept
ok "all" at 07:08 issue preview weekly --text
n=$(sed -n 's/^and \([0-9]*\) more$/\1/p' .out)
is "beyond 200" "$((n > 90 && n < 130))" 1
arabic=$(printf %s "$n" | sed 'y/0123456789/٠١٢٣٤٥٦٧٨٩/')
ok "in Arabic" at 07:08 issue preview weekly --text --to layla@example.org
like "its own digits" "$(cat .out)" "^و$arabic "
printf 'and_n_more = {n} still\nand_n_more.many = {n} SO MANY\n' >own/words/ar.ini
ok "its own plural" at 07:08 issue preview weekly --text --to layla@example.org
rest=$((n % 100))
if [ $rest -ge 11 ]; then want="^$arabic SO MANY$"; else want="^$arabic still$"; fi
like "the form that goes with $n" "$(cat .out)" "$want"

# ---- a template of one's own ----
cat >own/paper.html <<'HTML'
{{<digest.html}}
{{$masthead}}
<tr><td style="padding:28px"><h1 style="color:{{colours.accent}};font-size:{{type.name}}px">{{newsletter.title}} {{issue.number}}</h1></td></tr>
{{/masthead}}
{{/digest.html}}
HTML
printf '{{>digest.txt}}\n' >own/paper.txt
set_key courant.ini newsletter.weekly template paper
set_key courant.ini newsletter.weekly colour "#ffcc00"
ok "one's own" at 07:09 issue preview weekly --html
colour=$(sed -n 's/.*<h1 style="color:\(#[0-9a-f]*\);font-size:34px">Example Weekly [0-9]*<.*/\1/p' .out)
isnt "the heading is there, its colour one that can be read" "$colour" ""
isnt "not the bright one" "$colour" "#ffcc00"
sed -i 's/newsletter.title/newsletter.tilte/' own/paper.html
ok "with a slip" at 07:09 issue preview weekly --html
unlike "else nothing is wrong" "$(cat .err)" "replaces nothing|how to leave"
like "preview says it" "$(cat .err)" "paper.html:3: \{\{newsletter.tilte\}\} is not a known name; did you mean newsletter.title\?"
sed 's/masthead/masthed/' own/paper.html >own/x && mv own/x own/paper.html
ok "a block that is none" at 07:09 issue preview weekly --html
like "preview says that too" "$(cat .err)" "paper.html:2: \{\{\\\$masthed\}\} replaces nothing: digest.html has no block of that name"
printf '<p>{{issue.subject}}</p>' >own/paper.html
ok "no way out" at 07:09 issue preview weekly --html
like "a digest that can't be left" "$(cat .err)" "paper.html: shows no reader how to leave"
printf '{{#topics}}' >own/paper.html
fails 65 "with an error" at 07:09 issue preview weekly --html
like "where it is" "$(cat .err)" "paper.html:1: .*never closed: topics"

# ---- a broken one stops what uses it, and nothing else ----
sed -n '/^\[newsletter.weekly\]/,/^\[/p' courant.ini | sed '$d; s/\.weekly/.paper/; s/^title.*/title = Paper/; s/^template.*/template = paper/' >section
set_key courant.ini newsletter.weekly template digest
cat section >>courant.ini
printf '{{<digest.html}}{{$more}}{{#more.0}}{{>part/own.html}}{{/more.0}}{{/more}}{{/digest.html}}\n' >own/paper.html
mkdir own/part
printf 'a\n{{#topics}}\n' | tee own/part/own.html >own/forgotten.html
printf '{{^x}}' >own/forgotten.txt
ok "a reader of both" at 07:09 subscriber add --newsletter paper both@example.net
fails 65 "one that uses it, be it for some readers alone" at 07:09 issue build paper
like "template, line and tag" "$(cat .err)" "newsletter paper: .*part/own.html:2: .*never closed: topics"
ok "one that doesn't" at 07:09 issue build weekly
ok "it goes away again" at 07:09 issue drop "$(sed "s/issue \([0-9]*\) .*/\1/" .out)"
"$COURANT" -c courant.ini check >checked 2>&1 || true
like "check blames who uses it" "$(cat checked)" "^FAIL newsletter paper: part/own.html:2:"
like "and nobody else" "$(cat checked)" "^ok   newsletter weekly:"
like "and knows of one that nobody uses" "$(cat checked)" "^warn templates: forgotten.txt:1:"
mkdir own/mail
printf '{{/x}}' >own/mail/welcome.html
ok "a mail that doesn't use it" at 07:09 subscriber add --invite --newsletter weekly asked@example.net
printf '{{/x}}' >own/mail/confirm.html
fails 65 "one that does" at 07:09 subscriber add --invite --newsletter weekly asked.too@example.net
like "which" "$(cat .err)" "mail/confirm.html:1: .*closed by /x"
sed -i '/^\[newsletter.paper\]/,$d' courant.ini
rm -r own/paper.* own/part own/mail own/forgotten.*

# ---- logo ----
python3 - <<'PY'
import struct, zlib
w, h = 800, 100
rows = b"".join(b"\0" + b"".join(bytes((x * 255 // w, y * 2, 90)) for x in range(w)) for y in range(h))
def chunk(t, d): return struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d))
open("logo.png", "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
PY
set_key courant.ini newsletter.weekly logo logo.png
for mode in embed link; do
    set_key courant.ini newsletter.weekly images $mode
    ok "with a logo" at 07:10 issue preview weekly --eml
    is "it travels along ($mode)" "$(python3 - <<'PY'
import email, email.policy, re, struct
m = email.message_from_binary_file(open(".out", "rb"), policy=email.policy.SMTP.clone(raise_on_defect=True))
html = m.get_body(("html",)).get_content()
src, width = re.search(r'<img src="cid:([^"]+)" alt="" width="(\d+)"', html).groups()
p = next(p for p in m.walk() if p["Content-ID"] == "<%s>" % src)
print(width, p.get_content_maintype())
PY
)" "280 image"
done
set_key courant.ini newsletter.weekly images none
ok "without pictures" at 07:10 issue preview weekly --eml
unlike "none" "$(cat .out)" "Content-Type: image/"
set_key courant.ini newsletter.weekly images link
set_key courant.ini newsletter.weekly logo https://news.example.org/logo.png
ok "linked" at 07:10 issue preview weekly --html
like "an address is linked" "$(cat .out)" '<img src="https://news.example.org/logo.png" alt=""'
set_key courant.ini newsletter.weekly logo gone.png
ok "gone" at 07:10 issue preview weekly --html
like "a warning, and the name stays" "$(cat .err)" "newsletter weekly: its logo is left out: .*gone.png can't be read: No such file"
"$COURANT" -c courant.ini check >checked 2>&1 || true
like "check says it too" "$(cat checked)" "its logo is left out: .*gone.png"
set_key courant.ini newsletter.weekly colour "navi"
fails 78 "a colour that is none" at 07:10 issue list
like "which line" "$(cat .err)" "courant.ini:[0-9]+: 'colour' can't be 'navi'"
