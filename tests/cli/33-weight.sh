# Goal: an issue whose HTML is larger than what Gmail shows whole is warned of when it is built, in a dry run and in a
# preview, with what is largest and how to cut it; the advice helps; a small issue says nothing.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
config 25 >courant.ini
init
sqlite3 site.db "UPDATE story_text SET words = '<p>' || replace(hex(zeroblob(30000)), '00', 'word ') || '</p>' WHERE nid = 101"
set_key courant.ini newsletter.weekly body full
set_key courant.ini newsletter.weekly images none
ok "import" at 07:00 source sync
ok "a dry run" at 07:05 issue build weekly --dry-run
warning=$(grep 'the HTML has' .err)
like "what is largest" "$warning" "newsletter weekly: the HTML has 1[5-9][0-9] KB; Gmail cuts mail off at 102 KB.*Largest: article [0-9]+ \(.*\) with 14[6-9] KB"
like "how to cut it" "$warning" "body = summary, or a lower max_articles than 100 in \[newsletter.weekly\], or 'courant article exclude [0-9]+'"
is "once" "$(grep -c 'the HTML has' .err)" 1
ok "nothing was built" at 07:05 --json issue list
is "no issue" "$(cat .out)" "[]"
ok "a preview" at 07:05 issue preview weekly --html
like "it says so too" "$(cat .err)" "the HTML has"
bytes=$(wc -c <.out)
is "its own figure is true" "$((bytes / 1024 - 2 <= $(sed 's/.*HTML has \([0-9]*\) KB.*/\1/' <<<"$warning") && bytes / 1024 + 2 >= $(sed 's/.*HTML has \([0-9]*\) KB.*/\1/' <<<"$warning")))" 1
ok "built" at 07:05 issue build weekly
like "and then" "$(cat .err)" "the HTML has"
ok "dropped" at 07:05 issue drop 1
id=$(sed "s/.*article exclude \([0-9]*\)'.*/\1/" <<<"$warning")
ok "what it advises" at 07:05 article exclude "$id"
ok "again" at 07:06 issue build weekly --dry-run
unlike "it is well" "$(cat .err)" "the HTML has"
set_key courant.ini newsletter.weekly body summary
ok "a preview" at 07:06 issue preview weekly --html
is "no word" "$(cat .err)" ""
