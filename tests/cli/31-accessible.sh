# Goal: what almost all mail gets wrong for people who hear it, enlarge it or read it in the dark, ours gets right: for
# every language of the corpus, alone and together, with words of its own or English ones, in full, in short and as
# titles, with pictures and a note, whatever colour is configured; and every part of every such mail is sound to another
# parser. The judge (accessible.py) is shown to find what is wrong.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
corpus_db site.db
config 25 | sed 's/^language = en/language = LANG/' >base.ini
sed 's/= LANG/= en/' base.ini >courant.ini
init
ok "import" at 07:00 source sync
look() { # NAME: the next issue as a mail; its HTML is taken out below
    "$COURANT" -c courant.ini --now $RUN_TIME issue preview weekly --eml >"eml/$1.eml" 2>"$1.err" || die "$1: $(cat "$1.err")"
}
mkdir html eml
langs=$(sqlite3 courant.db "SELECT DISTINCT language FROM article WHERE language <> ''")
for l in $langs; do
    sed "s/= LANG/= $l/; s/^max_articles.*/languages = $l\nmax_articles = 3\nimages = none/" base.ini >courant.ini
    look "$l"
done
n=$(wc -w <<<"$langs")
if [ "$SITE" = corpus ]; then is "all languages" "$n" 23; fi

# all of them in one, whole, as titles; from the right
for l in en ug; do
    sed "s/= LANG/= $l/; s/^max_articles.*/&\nimages = none/" base.ini >courant.ini
    look "all-$l"
done
sqlite3 courant.db "UPDATE article SET body = body || char(10, 10) || '<p>And <mark>marked words, <a href=\"https://news.example.org/m\">a link</a></mark></p>'"
for body in full titles; do
    sed "s/= LANG/= en/; s/^max_articles.*/max_articles = 12\nbody = $body\nimages = link\narchive = public\nfooter = Funded by readers./" base.ini >courant.ini
    look $body
done
# colours that text could not be read in
for c in white black gold navy '#777777' '#ff0000' '#00ff00' lightyellow; do
    sed "s/= LANG/= en/; s/^max_articles.*/max_articles = 2\nimages = none\ncolour = $c/" base.ini >courant.ini
    look "colour-$c"
done

python3 - <<'PY'
import email, email.policy, glob
for f in glob.glob("eml/*.eml"):
    m = email.message_from_binary_file(open(f, "rb"), policy=email.policy.SMTP)
    open("html/" + f[4:-4] + ".html", "w", encoding="utf-8").write(m.get_body(("html",)).get_content().replace("\r\n", "\n"))
PY
like "marked words are there" "$(cat html/full.html)" '<mark style="background-color:#[0-9a-f]{6};color:#[0-9a-f]{6}">marked words'
python3 "$here/accessible.py" html/*.html >verdict || die "$(head -20 verdict)"
checks=$((checks + $(ls html | wc -l)))
cat verdict
least=$(sed -n 's/.*least contrast is \([0-9.]*\) in light and \([0-9.]*\) in dark/\1 \2/p' verdict)
like "contrast" "$least" '^[4-9]\.[0-9]+ [4-9]\.[0-9]+$'

# every language is marked where it stands, in the digest of all
for l in $langs; do
    like "a passage in $l" "$(grep -c "<td lang=\"$l\" dir=\"[lr]t[lr]\"" html/all-en.html)" '^[1-9]'
done
# larger type and wider lines where a script needs it, on the element itself
if grep -q 'lang="bo"' html/all-en.html; then
    like "Tibetan" "$(grep '<td lang="bo"' html/all-en.html)" 'font-size:22px;line-height:1.8"'
    like "Burmese" "$(grep '<td lang="my"' html/all-en.html)" 'font-size:18px;line-height:2"'
fi

# the judge finds each of these when it is put in
python3 - "$here/accessible.py" <<'PY' >mutants
import subprocess, sys
page = open("html/en.html", encoding="utf-8").read()
changes = {"contrast in light": ("color:#57524a", "color:#979797"), "contrast in dark": (".soft{color:#bdb7ac", ".soft{color:#6d676c"),
    "lang": ('<div role="main" lang="en"', "<div role=\"main\""), "dir": ('<div role="main" lang="en" dir="ltr"', '<div role="main" lang="en"'),
    "role": ('<table role="presentation" class="paper"', '<table class="paper"'), "heading": ("<h3 ", "<h5 "), "title": ("<title>", "<title></title><title>"[:0]),
    "small": ("font-size:15px", "font-size:12px"), "lines": ("line-height:1.6", "line-height:1.2"), "class": ("<body style", "<body class=\"x\" style"),
    "sheet": ("</style>", "@import x;</style>"), "link": ("text-decoration:underline", "text-decoration:none"), "script": ("</h1>", "</h1><script></script>")}
for name, (old, new) in changes.items():
    if name == "title":
        old, new = page[page.index("<title>"):page.index("</title>")], "<title>"
    assert old in page, name
    changed = page.replace("</h3>", "</h5>") if name == "heading" else page
    open("mutant.html", "w", encoding="utf-8").write(changed.replace(old, new))
    if subprocess.run([sys.executable, sys.argv[1], "mutant.html"], capture_output=True).returncode != 1:
        print("not found:", name)
PY
is "the judge is awake" "$(cat mutants)" ""

# ---- the mails, to another parser ----
python3 - <<'PY' >defects
import email, email.policy, glob, re
policy = email.policy.SMTP.clone(raise_on_defect=True)
for f in sorted(glob.glob("eml/*.eml")):
    raw = open(f, "rb").read()
    m = email.message_from_bytes(raw, policy=policy)
    for p in m.walk():
        if p.defects: print(f, p.defects)
        if p.get_content_maintype() == "text":
            text = p.get_content()
            if "\ufffd" in text: print(f, "a broken character")
    assert [p.get_content_type() for p in m.iter_parts()][0] == "text/plain"
    text, html = m.get_body(("plain",)).get_content(), m.get_body(("html",)).get_content()
    if re.search(r"^[-=*_~─━]{3,}", text, re.M): print(f, "a ruled line")
    head = html[html.index("<body"):]
    shown = re.sub(r"<[^>]*>", "", head[:head.index('role="main"')])
    if len(shown) < 140: print(f, "a list of mails would show the text behind the preheader", len(shown))
PY
is "no defect" "$(cat defects)" ""
