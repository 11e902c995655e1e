# Goal: articles in Tibetan, Uyghur, Arabic, Hebrew, Chinese, Thai and Burmese come out right, those written from the
# right with dir="rtl"; neither script, style, form nor event handler of a body survives; summaries end with a sentence;
# the plain text is made for reading; the HTML stays below 100 KB; nothing of a reader's name becomes markup.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
sink --record out.jsonl --bodies
config "$SINK_PORT" >courant.ini
init
ok "run" at 07:05 run
site_readers >want
printf '%s\n' "$(grep -v '^caf' want)" >want
judge --record out.jsonl --to want

cat >look.py <<'PY'
"""The messages on record, looked at by parsers that are not ours."""
import email, email.policy, html, html.parser, json, re, sys
got = {}
for line in open("out.jsonl"):
    r = json.loads(line)
    got[r["to"][0]] = email.message_from_bytes(r["data"].encode("latin-1"), policy=email.policy.SMTP)

class Look(html.parser.HTMLParser):
    VOID = "meta img br hr".split()
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.shown, self.tags, self.bad, self.links = [], [], set(), [], []
        self.feed(text)
        self.close()
        if self.open: self.bad.append("left open: %r" % self.open)
    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        self.tags.add(tag)
        self.bad += ["%s has %s" % (tag, k) for k in a if k.startswith("on")]
        for k in ("href", "src"):
            if k in a:
                self.links.append(a[k])
        if tag not in self.VOID:
            self.open.append((tag, a.get("lang"), a.get("dir")))
    def handle_endtag(self, tag):
        if tag in self.VOID: return
        if not self.open or self.open.pop()[0] != tag:
            self.bad.append("</%s> closes nothing" % tag)
    def handle_data(self, data):
        lang = next((l for _, l, _ in reversed(self.open) if l), None)
        way = next((d for _, _, d in reversed(self.open) if d), None)
        if not any(t == "style" for t, _, _ in self.open):
            self.shown.append((data, lang, way))

# a sentence of each article, its language, its direction; the last one is not in a summary
PASSAGES = [("ཅོག་ཙེ་བཞི་བཅུ་ཡོད།", "bo", "ltr"), ("زالدا قىرىق ئۈستەل بار.", "ug", "rtl"), ("ولكل مكتب مصباح", "ar", "rtl"),
    ("ולכל שולחן מנורה", "he", "rtl"), ("阅览室有四十张书桌", "zh-Hans", "ltr"), ("แต่ละโต๊ะมีโคมไฟของตัวเอง", "th", "ltr"),
    ("စားပွဲ လေးဆယ် ရှိသည်", "my", "ltr"), ("every hour", "en", "ltr")]

def problems():
    for to, m in sorted(got.items()):
        page = m.get_body(("html",)).get_content()
        text = m.get_body(("plain",)).get_content().replace("\r\n", "\n")
        look = Look(page)
        yield from ("%s: %s" % (to, b) for b in look.bad)
        if len(page.encode()) > 100 * 1024: yield "%s: the HTML has %d bytes" % (to, len(page.encode()))
        wrong = look.tags & set("script form input button iframe object embed base link".split())
        if wrong: yield "%s: there is %r" % (to, wrong)
        for l in look.links:
            if not re.match(r"(https|mailto):", l): yield "%s: a link to %s" % (to, l[:40])
        for unsafe in ("UNSAFE-SCRIPT", "javascript:", "steal(", "evil.example", "tracker.example", "DRAFT-TEXT", "TRASHED", "Old, and never", "alert(2)>"):
            if unsafe in page: yield "%s: HTML with %s" % (to, unsafe)
            if unsafe in text and unsafe != "alert(2)>": yield "%s: text with %s" % (to, unsafe)
        joined = re.sub(r" \n", " ", text)
        joined = joined.replace(" \n", "").replace("\n", " ")
        for words, lang, way in PASSAGES:
            at = [s for s in look.shown if words in s[0]]
            if not at: yield "%s: the HTML lacks %s" % (to, lang)
            yield from ("%s: %s stands in lang %s, dir %s" % (to, lang, l, d) for _, l, d in at if (l, d) != (lang, way))
            if words.replace(" ", "") not in joined.replace(" ", ""): yield "%s: the text lacks %s" % (to, lang)
        if to != "markup@example.net" and re.search(r"</?[a-z]+[ >]|&(amp|lt|gt|nbsp|#\d+);", text):
            yield "%s: markup in the text" % to
        if re.search(r"^[-=_*~+]{4,} ?$", text, re.M): yield "%s: a ruled line" % to
        if any(len(l.encode()) > 998 for l in text.split("\n")): yield "%s: a line of text is too long" % to
        if re.search(r"^-- $", text, re.M): yield "%s: the text is cut by a signature's mark" % to
        links = re.findall(r"\[(\d+)\] (https://\S+)$", text, re.M)
        if len(links) < 9 or [int(n) for n, _ in links] != list(range(1, len(links) + 1)): yield "%s: links %r" % (to, links)
        if not all(u in html.unescape(page) for _, u in links): yield "%s: a link of the text is not in the HTML" % to
        if text.index("How high is the river") > text.index("The library opens"): yield "%s: the order" % to
        m2 = m["Content-Type"].params, [p["Content-Type"].params for p in m.iter_parts()]
        if m2[1][0].get("format") != "flowed": yield "%s: no format=flowed" % to
        if not re.match(r'\s*<!doctype html>\s*<html lang="[\w-]+" dir="(ltr|rtl)">', page): yield "%s: the page's language" % to

if len(sys.argv) == 1:
    n = 0
    for n, p in enumerate(problems(), 1):
        print(p)
    print("%d messages, %d problems" % (len(got), n))
else:
    m = got[sys.argv[1]]
    print(m.get_body((sys.argv[2],)).get_content())
PY
is "all messages" "$(python3 look.py)" "18 messages, 0 problems"

# ---- the reader's own language around it ----
for want in layla:ar:rtl noam:he:rtl aynur:ug:rtl tenzin:bo:ltr mei:zh-Hans:ltr somchai:th:ltr thida:my:ltr; do
    IFS=: read -r who lang way <<<"$want"
    like "the page of $who" "$(python3 look.py "$who@example.org" html)" "<html lang=\"$lang\" dir=\"$way\">"
done
# the words that are ours are in English where the language has none; dates are in every language, the greeting is not
like "a date in its own direction" "$(python3 look.py aynur@example.org html)" '<bdi lang="ug" dir="rtl"[^>]*>[^<]*2026'
like "a greeting in English stands from left to right" "$(python3 look.py aynur@example.org html)" \
    '<bdi lang="en" dir="ltr">Hello <bdi>Aynur</bdi></bdi>'
unlike "dates are the reader's" "$(python3 look.py mei@example.org plain)" 'November'

# ---- names ----
page=$(python3 look.py markup@example.net html)
like "a name stays text" "$page" '&lt;script&gt;'
unlike "it is no markup" "$page" '<script>|<img src=x'

# ---- body = full: everything that is safe comes, lists and tables too ----
set_key courant.ini newsletter.weekly body full
rm -rf courant.db* queue out.jsonl
stop_sink
sink --record out.jsonl --bodies
set_key courant.ini relay.main port "$SINK_PORT"
init
ok "run with full bodies" at 07:05 run
is "all messages" "$(python3 look.py)" "18 messages, 0 problems"
full=$(python3 look.py one@example.net plain)
for words in '^- forty desks with a lamp' '^1\. Come in' '^2\. Sit down' 'picture books ?\[[0-9]+\]' 'Friday.*212|212' 'sand bags' \
    'relative ?\[[0-9]+\]' 'longer/than/a/line/of/text/may/be'; do
    like "the full text" "$full" "$words"
done
page=$(python3 look.py one@example.net html)
like "a relative link is made whole" "$page" 'href="https://news\.example\.org/environment/gauge"'
like "two parameters" "$page" 'flood\?a=1&amp;b=2'
like "a picture's text" "$page$full" 'The gauge'

# ---- summaries ----
set_key courant.ini newsletter.weekly body summary
rm -rf courant.db* queue
python3 - <<'PY'
import sqlite3
d = sqlite3.connect("site.db")
for nid, one in ((101, "This is one plain sentence of a story about water. "), (106, "这是关于水的一个普通句子。"), (102, "འདི་ནི་ཆུའི་སྐོར་གྱི་ཚིག་གྲུབ་གཅིག་ཡིན། "),
                 (104, "هذه جملة واحدة عن الماء. "), (108, "ဒါဟာ ရေအကြောင်း ဝါကျ တစ်ခု ဖြစ်သည်။ ")):
    d.execute("UPDATE story_text SET words = ? WHERE nid = ?", (one * 60, nid))
    d.execute("UPDATE story SET markup = 'plain', teaser = NULL WHERE nid = ?", (nid,))
d.commit()
PY
init
ok "sync" at 07:04 source sync
text=$(at 07:05 issue preview weekly --html)
for end in 'water\.' '句子。' 'ཡིན།' 'الماء\.' 'ဖြစ်သည်။'; do
    like "a summary ends with a sentence" "$text" "$end ?(…)?</p>"
done
is "it was cut" "$(printf '%s\n' "$text" | grep -o 'This is one plain' | wc -l | awk '{ print ($1 > 1 && $1 < 20) }')" 1

# ---- what is long beside a body is broken softly too; nothing of it quotes or begins a signature ----
set_key courant.ini newsletter.weekly footer "This footer says in one long line who makes the letter, why, and where it can be read besides."
set_key courant.ini newsletter.weekly max_articles 2
sqlite3 site.db "UPDATE story SET heading = '> ' || nid || ' a long title that says it all and goes on and on until nobody knows how it began',
    picture_text = 'A picture whose text says in a very long line all that is to be seen on it, and then some more'"
ok "sync" at 07:06 source sync
at 07:06 issue preview weekly --text >text
is "no line is longer than 78" "$(awk 'length > 78 && !/https:/' text | head -n 1)" ""
like "they are one to who wraps anew" "$(sed -e ':a' -e '/ $/{N;s/ \n//;ba' -e '}' text)" '^ ?> [0-9]+ a long title .* how it began( \[[0-9]+\])?$'
unlike "nothing is taken for a quote" "$(cat text)" '^>'
sed -i '/^footer = /d' courant.ini

# ---- a single article: its beginning stands in the list of mails, as it reads ----
sqlite3 site.db "DELETE FROM story WHERE nid <> 101; UPDATE story SET markup = 'html';
    UPDATE story_text SET words = '<h2>Heading</h2><p>See <a href=\"https://news.example.org/r\">the report</a> of it.</p>' WHERE nid = 101"
set_key courant.ini newsletter.weekly body full
rm -rf courant.db* queue
init
ok "sync" at 07:04 source sync
sqlite3 site.db "UPDATE desk SET path = 'arts &amp; letters'; UPDATE staff SET screen_name = 'Ann O&#39;Neill'"
ok "sync" at 07:04 source sync
like "topic and author as a title is read" "$(at 07:05 issue preview weekly --html)" ">Ann O&#39;Neill<"
unlike "not twice escaped" "$(at 07:05 issue preview weekly --html)" '&amp;(amp|#39);'
like "without heading and number" "$(at 07:05 issue preview weekly --html | tr '\n' ' ')" '<body[^>]*>\s*<div[^>]*>See the report of it\. &#8199;'

# ---- a big issue: the rest by title, below 100 KB ----
if have_corpora; then
    rm -f site.db
    rm -rf courant.db* queue
    corpus_db site.db
    config "$SINK_PORT" >courant.ini
    set_key courant.ini newsletter.weekly since 2020-01-01
    set_key courant.ini newsletter.weekly max_articles 30
    init
    ok "sync of the corpus" at 07:04 source sync
    at 07:05 issue preview weekly --html >page.html
    is "below 100 KB" "$(wc -c <page.html | awk '{ print ($1 < 102400) }')" 1
    courant --json article list >articles
    is "each article has its link" "$(python3 - <<'PY'
import json, html
page = html.unescape(open("page.html").read())
print([a["url"] for a in json.load(open("articles")) if a["url"] not in page])
PY
)" "[]"
fi
