# Goal: html-validate finds nothing in any digest. Left out (htmlvalidate.json) is what mail needs (styles on elements,
# conditional comments, cellpadding), what is a matter of taste, and what authors' own tables lack.
. "$(dirname "$0")/../cli/lib.sh"
scratch
out=$BUILD/judges
validate=$out/node/node_modules/.bin/html-validate
ok "html-validate" "$validate" --config "$root/tests/judges/htmlvalidate.json" "$out"/html/*.html
sed 's/<h1 /<h1 id="a b" /; s|</ul>||' "$out/html/all-en.html" >bad.html
fails 1 "a page with mistakes" "$validate" --config "$root/tests/judges/htmlvalidate.json" bad.html
