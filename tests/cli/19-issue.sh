# Goal: what an editor does with an issue: look at it by preview (text, HTML, the message itself, as a reader gets it),
# send it to test addresses, approve or drop the draft, pause, resume and cancel it; nothing of that mails a reader out of
# turn, nobody loses an article by a drop or a cancel, and with --drop those of the cancelled issue are gone.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
only_readers site.db 20
sqlite3 site.db "UPDATE reader SET tongue = 'he' WHERE email = 'r2@example.net'"
sink --record out.jsonl --bodies --rcpt 'r5@1=450 4.2.0 later'
config "$SINK_PORT" >courant.ini
set_key courant.ini newsletter.weekly approval yes
set_key courant.ini newsletter.weekly check_links no
init
seq -f 'r%g@example.net' 20 >want
# readers N...: how many readers' messages lie there (tests and drafts apart)
readers() {
    jsonl out.jsonl 'sum(r["to"][0].startswith("r") for r in d)'
}
state() {
    courant --json issue show "$1" >issue.json
    json issue.json 'd["state"]'
}
touch out.jsonl

# ---- before there is an issue ----
at 2026-11-22T08:00:00Z source sync >/dev/null 2>&1
ok "preview of what is due" at 2026-11-22T08:00:00Z issue preview weekly
like "it has the articles" "$(cat "$S/.out")" 'How high is the river'
ok "a dry run" at 2026-11-22T08:01:00Z issue build weekly --dry-run
like "it counts" "$(cat "$S/.out")" '10 articles for 20 readers'
is "neither makes an issue" "$(courant --json issue list)" "[]"
fails 66 "a newsletter that is not there" at 08:00 issue preview weakly
like "what to do" "$(cat "$S/.err")" 'newsletter list'

# ---- a draft ----
ok "the run that makes the draft" at 07:05 run
is "a draft" "$(state 1)" draft
is "no reader was mailed" "$(readers)" 0
for part in text html eml; do
    ok "preview --$part" at 2026-11-23T09:00:00Z issue preview 1 --$part
    cp "$S/.out" made-up.$part
    ok "preview --$part --to" at 2026-11-23T09:00:00Z issue preview 1 --$part --to r2@example.net
    cp "$S/.out" to.$part
done
like "text" "$(cat made-up.text)" 'How high is the river'
like "HTML" "$(cat to.html)" '<html lang="he" dir="rtl">'
like "the whole message" "$(cat to.eml)" '^To: .*r2@example\.net'
unlike "a made-up reader is none of ours" "$(cat made-up.eml)" 'r[0-9]*@example\.net'
python3 - <<'PY' || die "the previews differ from each other"
import email, email.policy
m = email.message_from_bytes(open("to.eml", "rb").read(), policy=email.policy.SMTP)
assert not m.defects, m.defects
same = lambda a, b: a.replace("\r\n", "\n").strip() == b.replace("\r\n", "\n").strip()
assert same(m.get_body(("html",)).get_content(), open("to.html").read())
assert same(m.get_body(("plain",)).get_content(), open("to.text").read())
PY
fails 64 "two parts at once" at 09:00 issue preview 1 --text --html
fails 66 "a reader who is not there" at 09:00 issue preview 1 --to nobody@example.org

# ---- a test ----
ok "a test to one address" at 2026-11-23T09:10:00Z issue test 1 tester@example.org
ok "and from standard input" bash -c "echo second@example.org | '$COURANT' -c courant.ini --now 2026-11-23T09:10:00Z issue test 1 -"
is "nothing went yet" "$(readers)" 0
ok "send" at 2026-11-23T09:11:00Z send
is "the testers got it" "$(jsonl out.jsonl 'sorted(r["to"][0] for r in d if r["to"][0] in ("tester@example.org", "second@example.org"))')" \
    '["second@example.org", "tester@example.org"]'
is "no reader did" "$(readers)" 0
is "still a draft" "$(state 1)" draft
fails 65 "a bad address" at 09:12 issue test 1 'no address'

# ---- drop, and build anew ----
ok "drop" at 2026-11-23T09:30:00Z issue drop 1
is "it is gone" "$(courant --json issue list)" "[]"
ok "build" at 2026-11-23T09:31:00Z issue build weekly
is "what is open now" "$(courant --json issue list >l.json; json l.json '[(i["state"], i["articles"], i["readers"]) for i in d]')" \
    '[["draft", 10, 0]]'
id=$(json l.json 'd[0]["id"]')
ok "building once more" at 2026-11-23T09:32:00Z issue build weekly
like "prints the one that is there" "$(cat "$S/.out")" "issue $id .*already"
ok "send does not release a draft" at 10:00 send
is "nobody was mailed" "$(readers)" 0

# ---- approve, pause, resume ----
ok "approve" at 10:05 issue approve "$id"
is "approved" "$(state "$id")" approved
fails 65 "pause is for what is going out" at 10:05 issue pause "$id"
set_key courant.ini relay.main port 1
fails 75 "released, and no relay" at 10:05 run
set_key courant.ini relay.main port "$SINK_PORT"
ok "pause" at 10:06 issue pause "$id"
is "paused" "$(state "$id")" paused
ok "a run meanwhile" at 10:07 run
is "nobody was mailed" "$(readers)" 0
ok "resume" at 10:08 issue resume "$id"
ok "run" at 10:09 run
is "all but the deferred" "$(readers)" 19
ok "pause with one waiting" at 10:10 issue pause "$id"
ok "a run when it is due" at 10:30 run
is "it waits" "$(readers)" 19
ok "resume" at 10:31 issue resume "$id"
ok "run" at 10:32 run
is "it arrives" "$(state "$id")" done
jsonl out.jsonl '"\n".join(r["to"][0] for r in d if r["to"][0].startswith("r"))' | sort >got
is "everybody once" "$(diff got <(sort want))" ""
fails 65 "a finished one cannot be cancelled" at 10:40 issue cancel "$id"

# ---- cancel: who had not got it gets its articles with the next one; with --drop not ----
set_key courant.ini newsletter.weekly approval no
sqlite3 site.db "INSERT INTO story VALUES (201, 'Story of the dropped issue', '/n1', 'en', 1, 1, 'live', 1795600000, NULL, 'Short.', 'md', NULL, NULL),
    (202, 'Story of the cancelled issue', '/n2', 'en', 1, 1, 'live', 1796200000, NULL, 'Short.', 'md', NULL, NULL),
    (203, 'Story of the last issue', '/n3', 'en', 1, 1, 'live', 1796800000, NULL, 'Short.', 'md', NULL, NULL);
    INSERT INTO story_text VALUES (201, 'Text.'), (202, 'Text.'), (203, 'Text.')"
# cancelled WEEK OPTION...: the issue of that week, released while the relay refuses connections, then cancelled
cancelled() {
    local day=$1
    shift
    set_key courant.ini relay.main port 1
    fails 75 "no relay" at "${day}T07:05:00Z" run
    courant --json issue list >l.json
    id=$(json l.json 'd[-1]["id"]')
    is "all wait" "$(json l.json 'd[-1]["queued"]')" 20
    ok "cancel $*" at "${day}T07:06:00Z" issue cancel "$id" "$@"
    is "cancelled" "$(state "$id")" cancelled
    is "all of it" "$(json issue.json '(d["queued"], d["cancelled"])')" "(0, 20)"
    set_key courant.ini relay.main port "$SINK_PORT"
    ok "a run sends nothing of it" at "${day}T09:05:00Z" run
}
n=$(wc -l <out.jsonl)
cancelled 2026-11-30 --drop
cancelled 2026-12-07
is "nobody was mailed" "$(wc -l <out.jsonl)" "$n"
ok "the last issue" at 2026-12-14T07:05:00Z run
cat >titles.py <<'PY'
import email, email.policy, json, sys
for l in open("out.jsonl").read().splitlines()[int(sys.argv[1]):]:
    t = email.message_from_bytes(json.loads(l)["data"].encode("latin-1"), policy=email.policy.SMTP).get_body(("plain",)).get_content()
    print(" ".join(w for w in ("cancelled", "dropped", "last", "river") if "Story of the %s issue" % w in t or w + "?" in t))
PY
is "the owed ones come, the dropped do not" "$(python3 titles.py "$n" | sort | uniq -c | sed 's/^ *//')" "20 cancelled last"

# ---- what is shown to nobody in particular can be passed on: its links are nobody's ----
courant --json issue list >l.json
courant issue preview "$(json l.json 'd[-1]["id"]')" --eml >shown.eml
like "a preview has links" "$(grep -i -A1 '^List-Unsubscribe:' shown.eml)" 'unsubscribe/[a-z2-7]{20}>'
token=$(sed -n 's,^ <https.*/unsubscribe/\([a-z2-7]*\)>.*,\1,p' shown.eml)
is "no reader was sent that one" "$(grep -c "$token" out.jsonl || true)" 0
like "readers have links of the same shape" "$(tail -n 1 out.jsonl)" 'unsubscribe/[a-z2-7]{20}>'
