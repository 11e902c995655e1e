# Goal: people's own mail programs show the mails as they were meant. Thunderbird, light and dark: subject in the title,
# every picture drawn though nothing is fetched, the right direction, nothing wider than the window; screenshots lie in
# build/judges/shots. NeoMutt at 40 and 80 columns: all words of the
# text part and no more, in order, none torn that a line has room for.
. "$(dirname "$0")/../cli/lib.sh"
scratch
out=$BUILD/judges
mkdir -p "$out/shots"
rm -f "$out"/shots/thunderbird-*
mails="$out/mail/en.eml $out/mail/ug.eml $out/mail/bo.eml"

# ---- Thunderbird ----
# without mail accounts or a network; high, so that a screenshot shows much of the mail
Xvfb -displayfd 3 -screen 0 760x2000x24 -nolisten tcp 3>display >xvfb.log 2>&1 &
started $!
wait_for 20 "Xvfb" test -s display
for scheme in light dark; do
    # shellcheck disable=SC2086
    ok "Thunderbird, $scheme" env DISPLAY=":$(cat display)" python3 "$root/tests/judges/thunderbird.py" "$S" $scheme "$out/shots" $mails
    cp .out $scheme.json
    ok "what it shows, $scheme" python3 "$root/tests/judges/shown.py" thunderbird $scheme.json $mails
    cat .out
    for l in en ug bo; do
        # a blank window has a handful of colours, and no more than its frame
        colours=$(identify -format %k "$out/shots/thunderbird-$l-$scheme.png")
        is "thunderbird-$l-$scheme.png shows something ($colours colours)" "$((colours > 300))" 1
    done
done
# it is awake: a picture that is missing, a subject that is another's
sed 's/^Content-ID: <.*/Content-ID: <elsewhere@example.org>/' "$out/mail/en.eml" >bad.eml
ok "Thunderbird, a mail with mistakes" env DISPLAY=":$(cat display)" python3 "$root/tests/judges/thunderbird.py" "$S" light "$S" bad.eml
cp .out bad.json
fails 1 "a missing picture" python3 "$root/tests/judges/shown.py" thunderbird bad.json bad.eml
like "says which" "$(cat .out)" 'bad: .*picture'

# ---- NeoMutt ----
cat >muttrc <<RC
set folder="$S" record="" postponed="" mbox_type=mbox wait_key=no help=no pager_index_lines=0 markers=no
set reflow_text=yes reflow_wrap=0 smart_wrap=yes
alternative_order text/plain
ignore *
unignore subject
RC
# mutt NAME COLUMNS: what the reader sees of NAME.mbox, on a terminal of many lines -> NAME.COLUMNS
mutt() {
    tmux -u -S "$S/tmux" -f /dev/null new-session -d -x "$2" -y 500 "TERM=screen HOME=$S neomutt -n -F muttrc -f $1.mbox -e 'push <display-message>'"
    wait_for 20 "NeoMutt shows $1" eval "tmux -S $S/tmux capture-pane -p | grep -q '^https://news.example.org/mail/pref'"
    tmux -S "$S/tmux" capture-pane -p >"$1.$2"
    tmux -S "$S/tmux" kill-server
}
for f in $mails; do
    name=$(basename "$f" .eml)
    { echo "From news@example.org Thu Jan  1 00:00:00 1970" && tr -d '\r' <"$f" && echo; } >"$name.mbox"
    for columns in 40 80; do
        mutt "$name" $columns
        ok "$name at $columns columns" python3 "$root/tests/judges/shown.py" text "$name.$columns" $columns "$f"
        cat .out
    done
done
# it is awake
sed 's/solver on nightly/sol\nver on nightly/' en.80 >bad.80
fails 1 "a torn word" python3 "$root/tests/judges/shown.py" text bad.80 80 "$out/mail/en.eml"
like "says which" "$(cat .out)" 'solver'
