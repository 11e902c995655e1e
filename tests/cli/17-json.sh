# Goal: the listings are tables for people and, with --json, one document each with the fields of the design by their
# exact names and kinds, in every state that a site can be in, an empty one included.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
sink --record out.jsonl --rcpt 'one=550 5.1.1 no such user' --rcpt 'mei=450 4.2.0 later'
config "$SINK_PORT" >courant.ini
init

cat >shape.py <<'PY'
import json, re, sys
time = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
N, S, B = "number", "string", "bool"
T, Ts, Ns, Ss, Bs = "time", "time?", "number?", "string?", "bool"
COUNTS = {k: N for k in "queued claimed deferred held unknown sent failed cancelled".split()}
ROWS = {"new": N, "changed": N, "unchanged": N, "refused": N}
ARTICLE = {"id": N, "source": Ss, "source_id": Ss, "title": S, "url": Ss, "published_at": Ts, "language": Ss, "topic": Ss, "author": Ss, "summary": Ss}
PERSON = {"id": N, "email": S, "name": Ss, "language": Ss, "status": ["active", "suppressed", "erased"],
          "subscriptions": [{"newsletter": S, "status": ["pending", "active", "paused", "left", "removed-by-source"], "cadence": Ss, "topics": "any"}]}
STATES = ["draft", "approved", "releasing", "sending", "paused", "done", "cancelled"]
ISSUE = {"id": N, "newsletter": S, "cadence": S, "number": N, "state": STATES, "due_at": T, "built_at": T, "articles": N, "readers": N, **COUNTS}
SHAPES = {
    "sync": [{"source": S, "articles": ROWS, "subscribers": {**ROWS, "duplicate": N, "removed": N}, "refused": [{"kind": S, "id": S, "reason": S}], "held": Ss}],
    "article list": [ARTICLE], "article show": {**ARTICLE, "html": S, "text": S},
    "subscriber list": [PERSON], "subscriber show": PERSON,
    "issue list": [ISSUE], "issue show": ISSUE,
    "queue status": {**COUNTS, "transactional": COUNTS, "relays": [{"name": S, "state": S, "until": Ts, "rate": "any"}], "finished_by": Ts},
    "queue list": [{"issue": N, "subscriber": N, "email": S, "state": list(COUNTS), "attempts": N, "due_at": Ts, "code": Ns, "status": Ss, "reply": Ss, "relay": Ss}],
    "run": {"issues_built": N, "sent": N, "deferred": N, "failed": N, "unknown": N, "seconds": N}}
def check(v, s, at):
    if isinstance(s, dict):
        if not isinstance(v, dict): return ["%s is no object" % at]
        return [p for k in s for p in (check(v[k], s[k], at + "." + k) if k in v else ["%s has no %s" % (at, k)])]
    if isinstance(s, list) and len(s) == 1 and isinstance(s[0], dict):
        if not isinstance(v, list): return ["%s is no list" % at]
        return [p for i, x in enumerate(v) for p in check(x, s[0], "%s[%d]" % (at, i))]
    if isinstance(s, list): return [] if v in s else ["%s is %r" % (at, v)]
    if s == "any" or (s[-1] == "?" and v is None): return []
    s = s.rstrip("?")
    good = {N: type(v) in (int, float), S: isinstance(v, str), T: isinstance(v, str) and time.fullmatch(v)}[s]
    return [] if good else ["%s is %r, no %s" % (at, v, s)]
text = open(sys.argv[2], encoding="utf-8").read()
v, end = json.JSONDecoder().raw_decode(text)
problems = check(v, SHAPES[sys.argv[1]], "")
if text[end:].strip(): problems.append("more than one document")
print("; ".join(problems[:5]) or "%s %d" % (type(v).__name__, len(v)))
PY

# shape NAME REGEX COMMAND...: standard output is one such document; what shape.py says of it
shape() {
    local name=$1 want=$2
    shift 2
    at 07:05 --json "$@" >doc.json 2>doc.err || die "$*: ended with $?: $(cat doc.err)"
    like "courant --json $*" "$(python3 shape.py "$name" doc.json)" "^$want\$"
}

# ---- nothing is there yet ----
shape "article list" "list 0" article list
shape "subscriber list" "list 0" subscriber list
shape "issue list" "list 0" issue list
shape "queue list" "list 0" queue list
shape "queue status" "dict [0-9]+" queue status
is "nothing to finish" "$(json doc.json 'd["finished_by"]')" null
for l in "article list" "subscriber list" "issue list" "queue list" "queue status" "newsletter list" "source list" "suppress list"; do
    # shellcheck disable=SC2086
    ok "$l as text of an empty site" courant $l
done

# ---- with everything ----
shape sync "list 1" source sync
is "ids are strings" "$(json doc.json 'd[0]["refused"][0]["id"]')" 31
shape run "dict [0-9]+" run
is "its numbers" "$(json doc.json '[d[k] for k in ("issues_built", "sent", "deferred", "failed", "unknown")]')" "[1, 16, 1, 2, 0]"
shape run "dict [0-9]+" send
is "nothing to send" "$(json doc.json '[d[k] for k in ("issues_built", "sent", "deferred", "failed", "unknown")]')" "[0, 0, 0, 0, 0]"
ok "suppress one" courant suppress add layla@example.org
shape "article list" "list 11" article list
is "source ids are strings" "$(json doc.json 'type(d[0]["source_id"]).__name__')" str
shape "article show" "dict [0-9]+" article show 9
like "cleaned HTML" "$(json doc.json 'd["html"]')" 'old bridge'
unlike "cleaned" "$(json doc.json 'd["html"] + d["text"]')" 'script|onclick|UNSAFE|javascript:'
shape "subscriber list" "list 19" subscriber list
is "suppressed" "$(json doc.json '[p["status"] for p in d if p["email"] == "layla@example.org"]')" '["suppressed"]'
shape "subscriber show" "dict [0-9]+" subscriber show noam@example.org
shape "subscriber show" "dict [0-9]+" subscriber show NOAM@Example.ORG
shape "issue list" "list 1" issue list
is "readers are all deliveries" "$(json doc.json 'd[0]["readers"] == sum(d[0][k] for k in "queued claimed deferred held unknown sent failed cancelled".split())')" true
shape "issue show" "dict [0-9]+" issue show 1
shape "queue list" "list 19" queue list
shape "queue list" "list 1" queue list --state deferred
shape "queue list" "list 2" queue list --issue 1 --state failed
shape "queue list" "list 18" queue list --state sent,failed
shape "queue list" "list 5" queue list --limit 5
shape "queue status" "dict [0-9]+" queue status
is "counts" "$(json doc.json '[d[k] for k in ("sent", "failed", "deferred")]')" "[16, 2, 1]"
like "finished by" "$(json doc.json 'd["finished_by"]')" '^20'
fails 66 "an issue that is not there" courant --json issue show 9
is "no document then" "$(cat "$S/.out")" ""
fails 66 "a reader who is not there" courant --json subscriber show nobody@example.org
fails 66 "an article that is not there" courant article show 999

# ---- as text: a header, a line each, columns under each other whatever the script ----
courant article list >text
is "a line each and the header" "$(wc -l <text)" 12
like "headers" "$(head -1 text)" '^ *ID +SOURCE'
courant subscriber list >text
is "a line each and the header" "$(wc -l <text)" 20
unlike "a name with a line end stays on its line" "$(cat text)" '^ *Lines'
courant queue list --state failed >text
like "why" "$(cat text)" 'one@example\.net +failed +1 +- +550 +5\.1\.1 +no such user +main'
like "status for people" "$(courant queue status)" '^sent +16$'
ok "a listing that nobody reads to the end" bash -c "'$COURANT' -c courant.ini queue list | head -1; exit \${PIPESTATUS[1]}"

# ---- what changes something says so in a document too; a preview is a mail and no document ----
for words in "article pin 2 3=changed 2" "article pin 2 --off=changed 1" "article exclude 4=changed 1" \
    "article remove 5=changed 1" "suppress add x@example.org y@example.org=suppressed 2" \
    "suppress add x@example.org=suppressed 0" "suppress remove x@example.org y@example.org=removed 2" \
    "issue test weekly a@example.org b@example.org=queued 2" "queue hold --issue 0=changed 2"; do
    # shellcheck disable=SC2086
    ok "${words%=*}" courant --json ${words%=*}
    want=${words#*=}
    is "${words%=*}" "$(cat "$S/.out")" "{\"${want% *}\":${want#* }}"
done
ok "one more article" sqlite3 site.db "INSERT INTO story (nid, heading, alias, goes_live, state, markup)
    VALUES (900, 'Late', '/late', unixepoch('2026-11-23 07:20:00'), 'live', 'html'); INSERT INTO story_text VALUES (900, 'New.')"
ok "read" at 07:30 source sync
ok "built" at 07:31 --json issue build weekly
ok "drop" courant --json issue drop 2
is "which" "$(cat "$S/.out")" '{"dropped":2}'
fails 64 "a preview as JSON" courant --json issue preview weekly
like "what to do" "$(cat "$S/.err")" 'leave --json out'
ok "a preview that nobody reads to the end" bash -c "'$COURANT' -c courant.ini issue preview 1 --html 2>said | head -c 1; rc=\${PIPESTATUS[0]}; [ \$rc = 74 ] || [ \$rc = 0 ]"
is "says nothing" "$(cat said)" ""

# ---- transactional messages are named by a number of theirs, and readers' ids and addresses name none of them ----
courant --json queue list --issue 0 >doc.json
is "a message, not a reader" "$(json doc.json '[(r["issue"], r["subscriber"], r["message"], r["email"]) for r in d]')" \
    '[[0, null, 1, "a@example.org"], [0, null, 2, "b@example.org"]]'
like "for people" "$(courant queue list --issue 0)" '^ISSUE +MESSAGE +EMAIL'
courant --json queue show --issue 0 2 >doc.json
is "one" "$(json doc.json '(d["message"], d["email"], d["state"])')" "(2, 'b@example.org', 'held')"
fails 64 "a reader is no message" courant queue release --issue 0 noam@example.org
like "what to give" "$(cat "$S/.err")" "'noam@example.org' is not a message's number"
is "none was let go" "$(courant --json queue status | python3 -c 'import json, sys; print(json.load(sys.stdin)["transactional"]["held"])')" 2
ok "one is" courant queue release --issue 0 2
courant --json queue list --issue 0 --state queued >doc.json
is "that one" "$(json doc.json '[r["message"] for r in d]')" '[2]'
courant --json queue list --limit 1 >doc.json
is "a reader's delivery is no message" "$(json doc.json '(d[0]["subscriber"], d[0]["message"])')" "(1, None)"

# ---- words that name nothing ----
fails 66 "a test for nobody" bash -c "'$COURANT' -c courant.ini issue test weekly - </dev/null"
fails 65 "a test for a misspelt address" courant issue test weekly nobody
like "which" "$(cat "$S/.err")" '^courant: nobody: '
fails 66 "issues of a newsletter that is not there" courant issue list --newsletter weakly
like "which" "$(cat "$S/.err")" "'weakly'.*'weekly'"
fails 65 "one misspelt address among many" bash -c "printf 'p@example.org\nbad\nq@example.org\n' | '$COURANT' -c courant.ini suppress add -"
like "it is named" "$(cat "$S/.err")" '^courant: bad: '
is "the others are not mailed" "$(courant suppress list | grep -cE '^(p|q)@example.org ')" 2
fails 64 "until yesterday" at 07:40 suppress add z@example.org --until 2026-11-22
fails 64 "no command" courant issue polish 1
unlike "nothing that means something else is named instead" "$(cat "$S/.err")" 'do you mean'
fails 64 "misspelt" courant isue list
like "what was meant" "$(cat "$S/.err")" "do you mean 'issue'"
