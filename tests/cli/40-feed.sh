# Goal: a feed is read from an address or a file. RSS 0.91 to 2.0, RDF, Atom and JSON Feed give articles with titles,
# links, dates, authors, topics, languages, pictures; wrong encodings and small mistakes are forgiven. An unchanged feed
# costs one conditional request; pages are followed until articles are known, so that a busy feed loses nothing between
# two runs; an article that left the feed stays. A broken feed, a bomb, an external entity, a private address, one cut
# off change nothing, are said in a sentence, and the others go on. Old articles at once are held.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
mkdir www
python3 "$here/feeds.py" >server &
started $!
wait_for 10 "the web server" grep -q port server
WEB=http://127.0.0.1:$(sed -n 's/^port //p' server)

# feed_config NAME URL...: a source for each
feed_config() {
    config 25 | sed '/^\[source.site\]/,$d'
    while [ $# -gt 0 ]; do
        printf '[source.%s]\ntype = feed\nurl = %s\nfetch_private = yes\n' "$1" "$2"
        shift 2
    done
}

# sync ARGUMENT...: the report lies in report
sync() {
    at $INIT_TIME --json source sync "$@" >report 2>report.err
}

report() {
    json report "(lambda d: $1)({r['source']: r for r in d})"
}

articles() {
    courant --json article list >list
    json list "$1"
}

# rss FIRST LAST [NEXT]: articles FIRST down to LAST, the page behind it at NEXT
rss() {
    echo '<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Busy</title>'
    echo '<link>https://busy.example/</link><description/>'
    [ -z "${3:-}" ] || echo "<atom:link rel=\"next\" href=\"$3\"/>"
    for i in $(seq "$1" -1 "$2"); do
        echo "<item><guid isPermaLink=\"false\">n$i</guid><title>News $i</title><link>/n/$i</link><pubDate>$(date -u -d "2026-10-01 + $i hours" -R)</pubDate></item>"
    done
    echo '</channel></rss>'
}

# ---- each kind, with its dirt ----
cat >www/rss.xml <<'XML'
<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Example</title><link>https://news.example.org/</link><language>de-ch</language>
<item><title>AT&amp;T &amp; others &lt;em&gt;merge&lt;/em&gt;</title><link>/2026/merge?a=1&b=2</link>
<guid>tag:example.org,2026:1</guid><pubDate>Thu, 19 Nov 2026 07:00 EST</pubDate><dc:creator>Jo Roe</dc:creator>
<category>Wirtschaft</category><category>Politics</category><description>Short &amp;mdash; text.</description>
<content:encoded><![CDATA[<p>Long <a href="more">text</a><script>alert(1)</script></p>]]></content:encoded>
<media:content url="/p/1.jpg" medium="image"><media:description>A bridge</media:description></media:content></item>
<item><description>No title, no link, only &nbsp; this sentence. And another.</description>
<pubDate>19.11.2026 08:00</pubDate><author>desk@example.org (The Desk)</author>
<enclosure url="https://news.example.org/p/2.png" type="image/png" length="1"/></item>
<item><title>Bad link</title><link>javascript:alert(1)</link><guid>3</guid><pubDate>soon</pubDate></item>
</channel></rss>
XML
cat >www/rdf.xml <<'XML'
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://r.example/"><title>R</title><link>https://r.example/</link><description>d</description></channel>
<item rdf:about="https://r.example/1"><title>RDF</title><link>https://r.example/1</link><dc:date>2026-11-19T08:00:00+01:00</dc:date><dc:subject>arts</dc:subject></item>
</rdf:RDF>
XML
cat >www/atom.xml <<'XML'
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr" xml:base="https://a.example/blog/">
<title>Atome</title><link href="./"/><id>urn:a</id><updated>2026-11-19T09:00:00Z</updated><author><name>Toute l'équipe</name></author>
<entry><id>urn:a:1</id><title type="text">De &lt;b&gt; à &amp;amp;</title><link rel="enclosure" type="image/jpeg" href="i.jpg"/>
<link href="un"/><published>2026-11-18T09:00:00Z</published><updated>2026-11-19T09:00:00Z</updated><category term="x" label="Société"/>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Voici <a href="deux">deux</a></p></div></content></entry>
</feed>
XML
cat >www/feed.json <<'JSON'
{"version": "https://jsonfeed.org/version/1.1", "title": "J", "language": "en-GB", "home_page_url": "https://j.example/",
 "items": [{"id": 7, "url": "https://j.example/7", "title": "Seven", "content_text": "Some <text>", "date_published":
 "2026-11-19T08:00:00-01:00", "authors": [{"name": "Ann"}, {"name": "Bob"}], "tags": ["science"], "image": "https://j.example/7.png"}]}
JSON
printf '<?xml version="1.0" encoding="utf-8"?><rss><channel><title>L</title><item><guid>l</guid><title>caf\xe9</title><pubDate>2026-11-19</pubDate></item></channel></rss>' >www/l.xml
cp www/rdf.xml local.xml
feed_config rss "$WEB/moved/rss.xml" rdf local.xml atom "$WEB/atom.xml" json "$WEB/dated/feed.json" latin "$WEB/latin/l.xml" >courant.ini
set_key courant.ini newsletter.weekly topics 'politics, arts'
init
ok "check reads them" bash -c "'$COURANT' -c courant.ini --json check >check || true"
is "all" "$(json check 'sorted({r["state"] for r in d if r["check"].startswith("source")})')" '["ok"]'
ok "the first sync" sync

is "new" "$(report '{k: r["articles"]["new"] for k, r in d.items()}')" '{"rss": 3, "rdf": 1, "atom": 1, "json": 1, "latin": 1}'
like "a date that is none" "$(cat report.err)" "source rss: articles: 1 date that can't be read"
is "titles" "$(articles '[a["title"] for a in d]')" \
    '["Bad link", "No title, no link, only this sentence. And another.", "AT&T & others merge", "RDF", "De &lt;b&gt; \u00e0 &amp;amp;", "Seven", "caf\u00e9"]'
is "links" "$(articles '[a["url"] for a in d]')" \
    '[null, null, "https://news.example.org/2026/merge?a=1&b=2", "https://r.example/1", "https://a.example/blog/un", "https://j.example/7", null]'
is "ids" "$(articles '[a["source_id"][:5] for a in d]')" '["3", "hash:", "tag:e", "https", "urn:a", "7", "l"]'
is "dates" "$(articles '[(a["published_at"] or "")[5:16] for a in d][1:]')" \
    '["11-19T08:00", "11-19T12:00", "11-19T07:00", "11-18T09:00", "11-19T09:00", "11-19T00:00"]'
is "authors" "$(articles '[a["author"] for a in d]')" \
    '[null, "The Desk", "Jo Roe", null, "Toute l'"'"'\u00e9quipe", "Ann, Bob", null]'
is "topics: one that the newsletter names, as it spells it, else the first" "$(articles '[a["topic"] for a in d]')" \
    '[null, null, "politics", "arts", "Soci\u00e9t\u00e9", "science", null]'
is "languages" "$(articles '[a["language"] for a in d]')" '["de-CH", "de-CH", "de-CH", null, "fr", "en-GB", null]'
is "pictures and their texts" "$(sqlite3 courant.db "SELECT image_url, image_alt FROM article WHERE image_url IS NOT NULL ORDER BY id")" \
    "$(printf '%s\n' 'https://news.example.org/p/2.png|' 'https://news.example.org/p/1.jpg|A bridge' 'https://a.example/blog/i.jpg|' 'https://j.example/7.png|')"
ok "a text" bash -c "'$COURANT' -c courant.ini --json article show 3 >show"
is "scripts are gone, links absolute" "$(json show 'd["html"].strip()')" "<p>Long <a href=\"https://news.example.org/2026/more\">text</a></p>"
is "the shorter one is the summary" "$(json show 'd["summary"]')" '<p>Short — text.</p>'
ok "a text with xml:base" bash -c "'$COURANT' -c courant.ini --json article show 5 >show"
is "its link" "$(json show 'd["html"].strip()')" '<p>Voici <a href="https://a.example/blog/deux">deux</a></p>'
ok "the second sync" sync
is "nothing is new" "$(report '[sum(r["articles"][k] for r in d.values()) for k in ("new", "changed", "unchanged", "removed")]')" \
    '[0, 0, 7, 0]'

# ---- what an unchanged feed costs ----
ok "a run takes note of what the server said" at 2026-11-20T12:01:00Z run
: >requests.log
ok "the next one" at 2026-11-20T12:02:00Z run
is "asks whether it changed, once each" "$(sort requests.log | tr '\n' ' ')" \
    '/atom.xml 304 /dated/feed.json 304 /latin/l.xml 304 /moved/rss.xml 302 /rss.xml 304 '
sed -i 's/Seven/Seven and a half/' www/feed.json
touch -d '2026-11-20' www/feed.json
ok "one with a change" at 2026-11-20T12:03:00Z run
is "it is taken" "$(articles 'd[5]["title"]')" 'Seven and a half'

# ---- pages ----
rss 10 6 "$WEB/two.xml" >www/one.xml
rss 6 2 "$WEB/three.xml" >www/two.xml
rss 2 1 "$WEB/three.xml" >www/three.xml
feed_config busy "$WEB/one.xml" >courant.ini
rm -rf courant.db* queue
at 2026-10-02T00:00:00Z init >/dev/null
ok "a first sync" at 2026-10-02T00:00:00Z source sync
is "all pages" "$(articles 'len(d)')" 10
rss 24 20 "$WEB/two.xml" >www/one.xml
rss 20 8 "$WEB/three.xml" >www/two.xml
: >requests.log
ok "a week later" at 2026-10-03T00:00:00Z run
is "what had left the first page came" "$(articles 'len(d)')" 24
is "and no page too many was read" "$(cat requests.log)" "$(printf '/one.xml 200\n/two.xml 200')"
is "what left the feed stays" "$(articles 'sum(a["withdrawn_at"] is not None for a in d)')" 0
rss 30 29 "$WEB/down" >www/one.xml
fails 66 "a page that can't be had now" sync
is "nothing was taken, it will be asked for again" "$(articles 'len(d)')" 24
rss 30 29 "$WEB/gone" >www/one.xml
ok "a page that is not there" sync
like "is said" "$(cat report.err)" 'older page'
is "and the rest taken" "$(articles 'len(d)')" 26

rss 1140 1139 "$WEB/round.xml" >www/one.xml
rss 1138 1137 "$WEB/one.xml" >www/round.xml
: >requests.log
ok "pages that go round" sync
is "are read once each" "$(cat requests.log)" "$(printf '/one.xml 200\n/round.xml 200')"
is "without a word" "$(cat report.err)" ''

# ---- what must change nothing; the others go on ----
cp courant.ini good.ini
cat >bomb.xml <<'XML'
<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rss><channel><title>&b;</title><item><guid>b</guid><title>&b;</title></item></channel></rss>
XML
echo 'PRIVATE' >secret.txt
cat >outside.xml <<XML
<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file://$PWD/secret.txt">]>
<rss><channel><title>x</title><item><guid>x</guid><title>A &x; B</title></item></channel></rss>
XML
python3 -c "print('<rss><channel>' + '<a>' * 100000 + '</a>' * 100000 + '</channel></rss>')" >deep.xml
head -c 900 www/rss.xml >cut.xml
: >empty.xml
echo '<html><head><title>Login</title></head></html>' >page.xml
feed_config one bomb.xml two outside.xml three deep.xml four cut.xml five empty.xml six page.xml seven "$WEB/down" \
    eight "$WEB/gone" nine "$WEB/big" ten missing.xml eleven 'http://127.0.0.1:1/' good "$WEB/atom.xml" >courant.ini
: >requests.log
fails 65 "many broken feeds" at 2026-11-21T00:05:00Z source sync
for want in 'one: .*entities that are made of entities' "two: .*external entity 'x'" 'three: .*too deep' 'four: .*ends in the midst' \
    'five: .*empty' 'six: .*a web page' 'seven: .*500' 'eight: .*404' 'nine: .*larger than' 'ten: .*missing.xml' 'eleven: .'; do
    like "what is said" "$(cat "$S/.err")" "source $want"
done
is "the good one was read" "$(articles 'd[-1]["source"]')" good
is "and none of the others" "$(sqlite3 courant.db "SELECT count(*) FROM article WHERE title LIKE '%PRIVATE%' OR source_id IN ('b', 'x')")" 0
sed '/fetch_private/d' courant.ini >private.ini
fails 66 "a private address" "$COURANT" -c private.ini --now 2026-11-21T00:06:00Z source sync good
like "says so" "$(cat "$S/.err")" "private address, .*'fetch_private = yes' in its section allows it"

# ---- a server that is not the one it says ----
certificate self
python3 "$here/feeds.py" self.pem self.key >tls 2>tls.err &
started $!
wait_for 10 "the https server" grep -q port tls
feed_config tls "https://localhost:$(sed -n 's/^port //p' tls)/atom.xml" >tls.ini
fails 66 "a certificate that nobody vouches for" "$COURANT" -c tls.ini --now 2026-11-21T00:07:00Z source sync
like "says so" "$(cat "$S/.err")" 'certificate is not to be trusted'

# ---- an archive under new ids, after issues were built ----
rss 200 1 >www/old.xml
feed_config busy "$WEB/one.xml" >courant.ini
site_db site.db
printf '[source.people]\ntype = sqlite\npath = site.db\nsubscribers = SELECT rid AS id, email FROM reader WHERE rid < 5\n' >>courant.ini
ok "people" at 07:05 source sync people
ok "an issue" at 07:05 issue build weekly
sed -i 's/one.xml/old.xml/' courant.ini
sed -i 's/>n/>new-/' www/old.xml
fails 65 "a relaunch" at 07:06 --json source sync busy
cp "$S/.out" report
like "is held, with the numbers" "$(report 'd["busy"]["held"]')" '^200 articles older than the last issue .* would arrive at once; 26 articles that readers had come again under new ids, .*--accept'
fails 75 "a run without a relay" at 07:07 run
is "nothing of it" "$(sqlite3 courant.db "SELECT count(*) FROM article WHERE source_id LIKE 'new-%'")" 0
ok "accepted" at 07:08 source sync --accept
is "all of it" "$(sqlite3 courant.db "SELECT count(*) FROM article WHERE source_id LIKE 'new-%'")" 200

# ---- six known ones under new ids are enough to ask ----
sed 's/>new-/>third-/' www/old.xml | awk '/<item>/ && n++ >= 5 {next} 1' >www/few.xml
feed_config busy "$WEB/few.xml" >courant.ini
ok "five" at 07:09 source sync
is "are taken" "$(sqlite3 courant.db "SELECT count(*) FROM article WHERE source_id LIKE 'third-%'")" 5
sed 's/>new-/>fourth-/' www/old.xml | awk '/<item>/ && n++ >= 6 {next} 1' >www/few.xml
fails 65 "six" at 07:10 source sync
like "are held" "$(cat "$S/.err")" 'busy: 6 articles that readers had come again under new ids, with the same addresses'

# ---- one that fails is asked less and less, and not talked of each time ----
rm -rf courant.db* queue
feed_config dead "$WEB/down" busy "$WEB/busy" good "$WEB/atom.xml" >courant.ini
init
: >requests.log
: >said
for m in $(seq 0 5 90); do
    t=$(date -u -d "2026-11-20T13:00:00Z + $m minutes" +%FT%TZ)
    ok "a run at $t" at "$t" run
    cat "$S/.out" "$S/.err" >>said
done
is "the dead one was asked at 0, 5, 15, 35, 75" "$(grep -c /down requests.log)" 5
is "the busy one when it said so" "$(grep -c /busy requests.log)" 1
is "the good one each time" "$(grep -c /atom requests.log)" 19
is "each was told of once" "$(sed 's/.*source //' said)" "$(printf 'dead: 127.0.0.1:%s: answered 500\n' "${WEB##*:}")
$(printf 'busy: 127.0.0.1:%s: answered 429' "${WEB##*:}")"
courant --json source list >list
is "it is shown" "$(json list '[(s["error"][-3:], s["next_try_at"]) for s in d if s["error"]]')" \
    '[["500", "2026-11-20T15:35:00Z"], ["429", "2026-11-20T15:00:00Z"]]'
ok "days later" at 2026-11-23T06:30:00Z run
like "it is told of again" "$(cat "$S/.out" "$S/.err")" 'source dead: '
: >requests.log
ok "soon" at 2026-11-23T06:59:00Z run
is "it rests" "$(grep -c /down requests.log)" 0
ok "now" at 2026-11-23T07:00:00Z run
is "before an issue is built it is asked" "$(grep -c /down requests.log)" 1
fails 66 "a sync" at 2026-11-23T07:01:00Z source sync dead
is "always asks" "$(grep -c /down requests.log)" 2
sed -i 's/down$/rdf.xml/' courant.ini
ok "another address" at 2026-11-23T07:02:00Z run
is "is asked at once" "$(grep -c /rdf requests.log)" 1
is "and all is well" "$(courant --json source list >list && json list '[s["source"] for s in d if s["error"]]')" '["busy"]'
