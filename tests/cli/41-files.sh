# Goal: a folder of Hugo's, Jekyll's or Eleventy's articles is read: titles, dates (of head or name), addresses by
# url_pattern, slugs and permalinks, topics, languages, authors, pictures. Drafts, pages without a date, links out of the
# folder are left out; dates to come wait. A bad file is named with its line and the rest goes on, and what was taken of
# it stays. An unchanged folder is not read; an emptied one changes nothing until --accept.
. "$(dirname "$0")/lib.sh"
need_courant
scratch

# files_config PATTERN
files_config() {
    config 25 | sed '/^\[source.site\]/,$d'
    printf '[source.blog]\ntype = files\npath = content\nurl_pattern = %s\n' "$1"
}

sync() {
    at $INIT_TIME --json source sync "$@" >report 2>report.err
}

report() {
    json report "(lambda d: $1)(d[0])"
}

# show SQL-COLUMN ID
show() {
    sqlite3 courant.db "SELECT ifnull($1, '-') FROM article WHERE source_id = '$2'"
}

mkdir -p content/news/bridge content/_posts content/_drafts content/.git outside
cat >content/news/bridge/index.md <<'MD'
---
title: "The bridge: open" # a comment
date: 2026-11-19T07:00:00+01:00
lastmod: 2026-11-20
categories: [Local, Politics]
tags:
  - bridges
author: {name: Jo Roe}
cover:
  image: photo.jpg
  alt: A bridge
summary: >
  Two lines
  of summary.
---
It is open. See [the map](map.png). {{< figure src="plan.png" alt="Plan" >}}
{{% notice %}}Mind the gap.{{% /notice %}}
MD
cat >content/news/toml.de.md <<'MD'
+++
title = 'Zwei "Fragen"'
date = 2026-11-18 08:00:00Z # TOML's time
slug = "zwei-fragen"
authors = ["Ann", "Bob"]
draft = false
[image]
src = "/img/x.png"
alt = """
Ein \
  Bild"""
+++
Text *hier*.
MD
cat >content/_posts/2026-11-17-from-jekyll.markdown <<'MD'
---
layout: post
title: From Jekyll
category: Arts
permalink: /:year/:month/:title.html
image: /assets/j.jpg
---
Hello {% include x.html %}{{ site.baseurl }}.
MD
cat >content/json.html <<'MD'
{
  "title": "JSON <em>head</em>", "date": "2026-11-16", "url": "https://other.example/x", "lang": "fr"
}
<p>Bonjour</p>
MD
printf -- '---\ntitle: Draft\ndate: 2026-11-16\ndraft: true\n---\nx\n' >content/news/draft.md
printf -- '---\nTitle: Hugo reads it as draft\nDate: 2026-11-16\nDraft: true\n---\nx\n' >content/news/draft2.md
printf -- '---\ntitle: To come\ndate: 2026-12-24\n---\nx\n' >content/news/To\ Come.md
printf -- '---\ntitle: Expired\ndate: 2026-11-16\nexpiryDate: 2026-11-17\n---\nx\n' >content/news/expired.md
printf -- '---\ntitle: About us\n---\nx\n' >content/about.md
printf '# No head\n' >content/readme.md
printf -- '---\ntitle: Section\ndate: 2026-11-16\n---\n' | tee content/news/_index.md content/_drafts/x.md content/.git/y.md outside/z.md >/dev/null
ln -s ../../outside/z.md content/news/link.md
ln -s ../outside content/folder
printf -- '---\ntitle: a: b\ndate: 2026-11-16\n---\nx\n' >content/news/bad.md
printf -- '+++\ntitle = "x\n+++\nx\n' >content/news/bad2.md
printf -- '---\ntitle: x\ndate: someday\n---\nx\n' >content/news/bad3.md
printf -- '---\ndate: 2026-11-16\n---\nx\n' >content/news/bad4.md
printf -- '---\ntitle: &a [x]\nb: *a\n---\nx\n' >content/news/bad5.md
printf -- '---\ntitle: endless\n' >content/news/bad6.md
files_config '/{section}/{slug}/' >courant.ini
set_key courant.ini newsletter.weekly topics 'politics, arts'
init
ok "check" bash -c "'$COURANT' -c courant.ini check | grep '^ok  *source blog: .*: 5 articles, 6 files that can.t be taken'"
ok "the first sync" sync
is "new" "$(report 'd["articles"]')" '{"new": 5, "changed": 0, "unchanged": 0, "refused": 6, "removed": 0}'
is "who was refused" "$(report '{r["id"]: r["reason"] for r in d["refused"]}')" '{'"$(printf '%s' \
    '"news/bad.md": "line 2: mapping values are not allowed in this context (a value with '"': '"' in it needs quotes)", ' \
    '"news/bad2.md": "line 2: a string that is not closed", ' \
    '"news/bad3.md": "date '"'someday'"' is no date", ' \
    '"news/bad4.md": "no title", ' \
    '"news/bad5.md": "line 3: an alias (*), which is not understood here", ' \
    '"news/bad6.md": "the head that begins with --- has no end"')}"
like "what was left out" "$(cat report.err)" '1 file without a date left out \(about\.md\)'
like "what was left out" "$(cat report.err)" '1 file without front matter left out \(readme\.md\)'
like "links" "$(cat report.err)" '2 symbolic links not followed'
is "addresses" "$(sqlite3 courant.db 'SELECT url FROM article ORDER BY source_id')" "$(printf '%s\n' \
    https://news.example.org/2026/11/from-jekyll.html https://other.example/x https://news.example.org/news/to-come/ \
    https://news.example.org/news/bridge/ https://news.example.org/news/zwei-fragen/)"
b=news/bridge/index.md
is "title" "$(show title $b)" 'The bridge: open'
is "date, update" "$(show "datetime(published_at, 'unixepoch') || datetime(updated_at, 'unixepoch')" $b)" '2026-11-19 06:00:002026-11-20 00:00:00'
is "topic" "$(show topic $b)" politics
is "author" "$(show author $b)" 'Jo Roe'
is "summary" "$(show summary $b)" 'Two lines of summary.'
is "picture of a bundle" "$(show "image_url || ' ' || image_alt" $b)" 'https://news.example.org/news/bridge/photo.jpg A bridge'
is "text" "$(show body $b)" "$(printf 'It is open. See [the map](map.png). ![Plan](plan.png)\nMind the gap.')"
id=$(show id $b)
like "links in it" "$(courant article show "$id")" 'https://news.example.org/news/bridge/map.png'
t=news/toml.de.md
is "TOML" "$(show "title || author || topic || language || datetime(published_at, 'unixepoch')" $t)" 'Zwei "Fragen"Ann, Bobnewsde2026-11-18 08:00:00'
is "its picture" "$(show "image_url || ' ' || image_alt" $t)" 'https://news.example.org/img/x.png Ein Bild'
is "Jekyll" "$(show "topic || date(published_at, 'unixepoch') || image_url || trim(body)" _posts/2026-11-17-from-jekyll.markdown)" \
    'arts2026-11-17https://news.example.org/assets/j.jpgHello .'
is "JSON" "$(show "title || language || body_format || body" json.html)" 'JSON <em>head</em>fr0<p>Bonjour</p>'
is "to come" "$(show "arrival" 'news/To Come.md')" -

# ---- again, changed, withdrawn ----
ok "again" sync
is "nothing is new" "$(report 'd["articles"]')" '{"new": 0, "changed": 0, "unchanged": 5, "refused": 6, "removed": 0}'
find content -exec touch -h -d '2026-01-01' {} +
sleep 2.1
ok "a run" at 2026-11-20T12:01:00Z run
ok "a run that finds all as it was" at 2026-11-20T12:02:00Z run
is "is silent" "$(cat "$S/.out" "$S/.err")" ""
sqlite3 courant.db "UPDATE article SET hash = 0 WHERE source_id = '$b'"
ok "and reads no file" at 2026-11-20T12:03:00Z run
is "for else it had mended this" "$(show hash $b)" 0
printf -- '---\ntitle: Changed\ndate: 2026-11-19\n---\nx\n' >content/$t
printf -- '---\ntitle: [\n---\n' >content/$b
rm content/json.html
ok "a run after changes" at 2026-11-20T12:04:00Z run
like "tells of the bad one" "$(cat "$S/.err")" '1 row was refused'
is "a change is taken" "$(show title $t)" Changed
is "what was taken of a file that is bad now stays" "$(show "title || ifnull(withdrawn_at, '')" $b)" 'The bridge: open'
is "what was removed is withdrawn" "$(show "withdrawn_at IS NOT NULL" json.html)" 1

# ---- accidents ----
mv content away && mkdir content
fails 65 "an emptied folder" at 2026-11-20T12:05:00Z --json source sync
cp "$S/.out" report
like "is held" "$(report 'd["held"]')" 'the folder gives no article, and gave [0-9]+ before'
rmdir content
fails 66 "no folder" at 2026-11-20T12:05:00Z source sync
is "nothing was withdrawn" "$(sqlite3 courant.db 'SELECT count(*) FROM article WHERE withdrawn_at IS NULL')" 4
mv away content
ok "it is back" at 2026-11-20T12:06:00Z source sync
is "as before" "$(sqlite3 courant.db 'SELECT count(*) FROM article WHERE withdrawn_at IS NULL')" 4

# ---- patterns ----
for p in '{year}/{month}/{day}/{name}.html=https://news.example.org/2026/11/19/toml.html' \
    'https://de.example/{language}/{path}=https://de.example/de/news/toml' '/{folder}//{slug}=https://news.example.org/news/toml'; do
    set_key courant.ini source.blog url_pattern "${p%%=*}"
    ok "pattern ${p%%=*}" at 2026-11-20T12:07:00Z source sync
    is "address by ${p%%=*}" "$(show url $t)" "${p#*=}"
done
set_key courant.ini source.blog url_pattern '/{sectoin}/{slug}'
fails 78 "a pattern with a slip" courant source list
like "names the nearest" "$(cat "$S/.err")" 'did you mean \{section\}'
