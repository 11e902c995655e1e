# Goal: a bad configuration is refused with every error at once, each as file:line with the nearest known name, by every
# command and before anything is made; secrets are taken from files and commands and never from the INI; long lines and
# comments are read as they are meant.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
config 25 >good.ini

# line FILE TEXT: the number of the line that is so
line() {
    grep -nF -- "$2" "$1" | head -1 | cut -d: -f1
}

cat good.ini - >courant.ini <<'INI'
[queu]
lifetime = 3d
[relay.second]
host = 127.0.0.1
prot = 2525
connections = many
[newsletter.daily]
title = Daily
from = Daily <daily@example.org>
schedule = daily 25:61
bodyy = full
images_size = huge
[source.other]
type = sqlight
newsletter = weakly
INI
fails 78 "init refuses it" at $INIT_TIME init
cp "$S/.err" all
is "nothing was made" "$(ls -d secret courant.db queue 2>/dev/null || true)" ""
for what in '[queu]' 'prot = 2525' 'connections = many' 'schedule = daily 25:61' 'bodyy = full' \
    'images_size = huge' 'type = sqlight' 'newsletter = weakly'; do
    like "the error of '$what' by its line" "$(cat all)" "courant\\.ini:$(line courant.ini "$what"): "
done
like "the nearest section" "$(cat all)" "queu.*'?queue"
like "the nearest key" "$(cat all)" "prot.*'port'"
like "the nearest key" "$(cat all)" "bodyy.*'body'"
like "the nearest choice" "$(cat all)" "sqlight.*sqlite"
like "the nearest newsletter" "$(cat all)" "weakly.*'weekly'"
is "one line an error" "$(grep -vc '^courant: .*courant\.ini:[0-9]*: ' all)" 0
for command in run "issue list" "source sync" "queue status"; do
    # shellcheck disable=SC2086
    fails 78 "$command refuses it" at 07:05 $command
    is "$command says the same" "$(cat "$S/.err")" "$(cat all)"
done

# wrong NAME KEY-LINES REGEX: one section more, and what is said about it
wrong() {
    cat good.ini - >courant.ini
    fails 78 "$1" at 07:05 newsletter list
    like "$1" "$(cat "$S/.err")" "$2"
    SAID=$(cat "$S/.err")
}

fails 78 "check refuses it" at 07:05 check
is "check says all of it" "$(grep -c 'courant\.ini:[0-9]*: ' "$S/.out")" "$(wc -l <all | tr -d ' ')"

# An address is judged by `check`, with its line too.
sed 's/^from = .*/from = not an address/' good.ini >courant.ini
at $INIT_TIME init >/dev/null
at $INIT_TIME check >checked 2>&1 && die "check accepts a bad From"
like "a bad From" "$(cat checked)" "FAIL.*courant\\.ini:$(line courant.ini 'from = not'): from: no @"

# ---- secrets ----
wrong "a password in the INI" 'password_(file|command)' <<'INI'
[relay.second]
host = mail.example.org
user = me
password = hunter2-PASSWORD
INI
unlike "it is not repeated" "$SAID" 'hunter2'
wrong "a user without password" 'password' <<'INI'
[relay.second]
host = mail.example.org
user = me
INI

# ---- readers could not leave ----
sed -e '/^\[bounce\]/,/^address/d' -e '/^\[web\]/,/^base_url/d' good.ini >courant.ini
fails 78 "neither [web] base_url nor [bounce] address" at 07:05 newsletter list
like "it says why" "$(cat "$S/.err")" 'base_url.*address|address.*base_url'
for keep in bounce web; do
    sed -e "/^\[$keep\]/,/^[ab]/d" good.ini >courant.ini
    ok "without [$keep] alone" courant check --help
    ok "init without [$keep]" at $INIT_TIME init
    ok "one of the two is enough" at $INIT_TIME newsletter list
done

# ---- what is read ----
# Lines beyond inih's 199 bytes, a comment on a continuation line, keys that are too long.
python3 - <<'PY'
text = open("good.ini").read()
long = " OR ".join("id = %d" % i for i in range(5000))
text = text.replace("min_articles = 1", "min_articles = 1 ; at least\nwhere = %s\n   OR id > 0 ; all of them\nfooter = A footer; with a semicolon" % long)
open("courant.ini", "w").write(text)
PY
like "a line of some 62 KB" "$(wc -L <courant.ini)" '^6[0-5][0-9]{3}$'
ok "it is read" at $INIT_TIME --json newsletter show weekly
wrong "a key of 60 letters" 'courant.ini:' <<<"$(printf '[site]\n%060d = 1' 0 | tr 0 k)"
wrong "a key twice" 'courant.ini:.*(twice|already|again)' <<<"$(printf '[relay.two]\nhost = a.example\nhost = b.example')"
wrong "text outside of any section or key" 'courant.ini:' <<<"this is nothing"
fails 66 "no such file" "$COURANT" -c missing.ini newsletter list
like "its name" "$(cat "$S/.err")" 'missing\.ini'

# ---- which file ----
mkdir other
config 25 | sed 's/^title = .*/title = Other Title/' >other/courant.ini
cp good.ini courant.ini
like "-c before the command" "$("$COURANT" -c other/courant.ini --now $INIT_TIME init)" 'made'
like "-c behind it" "$("$COURANT" newsletter list -c other/courant.ini)" 'Other Title'
like "the environment's" "$(COURANT_CONFIG=other/courant.ini "$COURANT" newsletter list)" 'Other Title'
like "the folder's own" "$("$COURANT" newsletter list)" 'Example Weekly'
is "paths are relative to the file" "$(ls other | grep -v -e - -e checkpoint | tr '\n' ' ')" "courant.db courant.ini queue secret "

# ---- usage ----
fails 64 "an unknown command" courant qeue list
like "the nearest" "$(cat "$S/.err")" 'queue'
fails 64 "an unknown option" courant queue list --stat sent
fails 64 "a bad --now" courant --now yesterday run
fails 64 "too many arguments" courant issue show 1 2

# ---- what check looks at beside the configuration ----
relay_down() { # its relay does not answer, which is not the question here
    grep -v '^FAIL relay' "$S/.out" || true
}
fails 69 "as it was made" at $INIT_TIME check
unlike "nothing is open" "$(relay_down)" '^FAIL'
like "what this version does not do yet is said where it was asked for" "$(relay_down)" \
    "^warn web: courant\\.ini:$(grep -n '^base_url' courant.ini | cut -d: -f1): "
chmod 640 courant.db
chmod 604 queue/queue.db.wire
fails 78 "readers' addresses open to others" at $INIT_TIME check
like "which" "$(relay_down)" '^FAIL courant\.db: .*courant\.db is open to others \(mode 0640\).*: chmod go= '
like "and" "$(relay_down)" '^FAIL queue\.db: .*queue\.db\.wire is open to others \(mode 0604\)'
chmod 600 courant.db queue/queue.db.wire
set_key courant.ini newsletter.weekly where 'nosuch = 1'
mv site.db away.db
fails 78 "a bad condition, and no source" at $INIT_TIME check
like "the condition" "$(relay_down)" "^FAIL newsletter weekly: courant\\.ini:[0-9]+: where is no condition .*: no such column: nosuch"
like "the source, once" "$(relay_down)" '^FAIL source site: /'
mv away.db site.db
cp good.ini courant.ini
mv secret old
ok "a secret that was lost" at $INIT_TIME init
like "what that means" "$(cat "$S/.out")" 'links in mails that are sent already'
mv old secret
