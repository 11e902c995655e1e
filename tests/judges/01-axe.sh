# Goal: axe-core finds nothing in any digest, at 320 and 640 pixels, light and dark, and none is wider than its window.
# The screenshots lie in build/judges/shots: look at them.
. "$(dirname "$0")/../cli/lib.sh"
scratch
out=$BUILD/judges
ok "axe-core" node "$root/tests/judges/axe.js" "$out" "$out"/html/*.html
like "it looked" "$(cat .out)" '^[1-9][0-9]* looks, 0 violations$'
tail -1 .out
# it is awake
mkdir -p bad
sed 's/color:#57524a/color:#c9c9c9/g; s/ alt="[^"]*"//g; s/<html lang="en"/<html/' "$out/html/rich.html" >bad/bad.html
fails 1 "a page with mistakes" node "$root/tests/judges/axe.js" "$out" bad/bad.html
for rule in color-contrast image-alt html-has-lang; do like "$rule" "$(cat .out)" "$rule"; done
rm -f "$out"/shots/bad-*
