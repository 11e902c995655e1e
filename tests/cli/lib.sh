# Common to the numbered scripts: sourced, not run. A script opens with its goal, sources this, calls `scratch`, and
# says what it expects with is, like, ok and fails; the first thing that is not so ends it with a sentence and 1.
# $BUILD is the build folder (courant and smtp_sink lie in it); `need_courant` ends a script where there is no courant.
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
BUILD=$(cd "${BUILD:-$root/build}" && pwd)
COURANT=$BUILD/courant
SINK=$BUILD/smtp_sink
export LC_ALL=C.UTF-8 TZ=UTC
unset COURANT_CONFIG SUDO_USER || true
pids=
checks=0

# ---- what is so ----

die() {
    echo "FAILED: $*" >&2
    exit 1
}

# skip REASON: this machine cannot do it; the runner counts it apart.
skip() {
    echo "$*"
    exit 77
}

# is WHAT GOT WANT
is() {
    checks=$((checks + 1))
    [ "$2" = "$3" ] || die "$1: got '$2', want '$3'"
}

# isnt WHAT GOT UNWANTED
isnt() {
    checks=$((checks + 1))
    [ "$2" != "$3" ] || die "$1: got '$2', which it must not be"
}

# like WHAT GOT REGEX: an extended regular expression, found anywhere
like() {
    checks=$((checks + 1))
    printf '%s\n' "$2" | grep -Eq -- "$3" || die "$1: got '$2', want something like '$3'"
}

# unlike WHAT GOT REGEX
unlike() {
    checks=$((checks + 1))
    if printf '%s\n' "$2" | grep -Eq -- "$3"; then die "$1: got '$2', in which '$3' must not be found"; fi
}

# ok WHAT COMMAND...: it ends with 0; what it said is shown otherwise
ok() {
    local what=$1 rc=0
    shift
    checks=$((checks + 1))
    "$@" >"$S/.out" 2>"$S/.err" || rc=$?
    [ $rc = 0 ] || die "$what: '$*' ended with $rc: $(tail -n 3 "$S/.err" "$S/.out")"
}

# fails CODE WHAT COMMAND...: it ends with CODE; its errors lie in $S/.err then
fails() {
    local want=$1 what=$2 rc=0
    shift 2
    checks=$((checks + 1))
    "$@" >"$S/.out" 2>"$S/.err" || rc=$?
    [ $rc = "$want" ] || die "$what: '$*' ended with $rc, want $want: $(tail -n 3 "$S/.err" "$S/.out")"
}

# wait_for SECONDS WHAT COMMAND...: until it ends with 0
wait_for() {
    local seconds=$1 what=$2 end
    end=$(($(date +%s) + seconds))
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s)" -lt "$end" ] || die "$what: not within $seconds s"
        sleep 0.05
    done
}

# has_mail MAILDIR N: at least N messages lie in it
has_mail() {
    [ "$(find "$1/new" -type f 2>/dev/null | wc -l)" -ge "$2" ]
}

# json FILE EXPRESSION: prints a Python expression over the document d
json() {
    python3 - "$1" "$2" <<'PY'
import collections, json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
r = eval(sys.argv[2])
print(json.dumps(r) if r is None or isinstance(r, (bool, dict, list)) else r)
PY
}

# jsonl FILE EXPRESSION: the same over the list d of a file with a document a line
jsonl() {
    python3 - "$1" "$2" <<'PY'
import collections, json, sys
d = [json.loads(l) for l in open(sys.argv[1], encoding="utf-8")]
r = eval(sys.argv[2])
print(json.dumps(r) if r is None or isinstance(r, (bool, dict, list)) else r)
PY
}

# ---- where a script works ----

cleanup() {
    local rc=$? p
    trap - EXIT
    if [ -n "${POSTFIX_DIR:-}" ]; then postfix_stop || true; fi
    for p in $pids; do kill "$p" 2>/dev/null || true; done
    for p in $pids; do wait "$p" 2>/dev/null || true; done
    cd /
    [ -n "${KEEP_SCRATCH:-}" ] && echo "kept: $S" || rm -rf "$S"
    [ $rc != 0 ] || echo "# $checks checks"
    exit $rc
}

# A folder of its own to work in, S; gone at the end, as is every process started through this file.
# KEEP_SCRATCH=1 keeps it.
scratch() {
    S=$(mktemp -d "${TMPDIR:-/tmp}/courant-test.XXXXXX")
    trap cleanup EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    cd "$S"
}

need_courant() {
    [ -x "$COURANT" ] || die "no courant in $BUILD: run make"
}

# started PID: ends with the script
started() {
    pids="$pids $1"
}

# stop PID: with SIGTERM, and waits
stop() {
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
    pids=" $pids "
    pids=${pids/ $1 / }
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# sink OPTION...: starts smtp_sink (its --help says what it can) -> SINK_PORT, SINK_PID
sink() {
    local out
    out=$(mktemp "$S/sink.XXXXXX")
    "$SINK" "$@" >"$out" 2>"$out.err" &
    SINK_PID=$!
    started $SINK_PID
    SINK_OUT=$out
    for _ in $(seq 200); do
        SINK_PORT=$(sed -n 's/^port //p' "$out")
        [ -z "$SINK_PORT" ] || return 0
        kill -0 $SINK_PID 2>/dev/null || die "smtp_sink $*: $(cat "$out.err")"
        sleep 0.02
    done
    die "smtp_sink $* did not start: $(cat "$out.err")"
}

# Ends the last sink; what it wrote is complete then.
stop_sink() {
    stop "$SINK_PID"
}

# certificate NAME [DNS-NAME]: a self-signed one, NAME.pem and NAME.key (default for localhost)
certificate() {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.pem" -days 9 -subj "/CN=${2:-localhost}" \
        -addext "subjectAltName=DNS:${2:-localhost}" 2>/dev/null || die "openssl made no certificate"
    chmod 600 "$1.key"
}

# ---- a site and a configuration for it ----

# site_db FILE: our own sample of a publisher's database, in a schema that is not ours
site_db() {
    sqlite3 "$1" <"$here/site.sql"
    SITE=own
}

# The readers of site.sql who must get the digest, as they are written on the wire.
site_readers() {
    printf '%s@example.org\n' tenzin aynur layla noam mei somchai thida
    printf '%s@example.net\n' one first.last long-name SHOUTING markup comma newline.name emoji noname
    printf '%s\n' two+tag@sub.example.net leser@xn--bcher-kva.example
}

corpora=$root/../shared/corpora
have_corpora() {
    [ -f "$corpora/site/site.sql" ]
}

# corpus_db FILE: the larger sample beside the checkout where there is one, else our own
corpus_db() {
    if have_corpora; then
        sqlite3 "$1" <"$corpora/site/site.sql"
        SITE=corpus
    else
        site_db "$1"
    fi
}

# only_readers FILE N [PREFIX]: the site's readers are N valid ones, PREFIX1@example.net and so on, and nobody else
only_readers() {
    local t='reader(email, first, tongue, since, opted)' more="'2026-09-01', 1" table=reader
    if [ "$SITE" = corpus ]; then t='member(mail, given_name, lang, joined_on, wants_mail)' table=member; fi
    sqlite3 "$1" "DELETE FROM $table; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)
        INSERT INTO $t SELECT '${3:-r}' || i || '@example.net', 'Given' || i, 'en', $more FROM n;"
}

# The source section for the database that site_db or corpus_db made, site.db.
source_section() {
    printf '[source.site]\ntype = sqlite\npath = site.db\nnewsletter = weekly\n'
    if [ "${SITE:-own}" = corpus ]; then
        cat <<'INI'
articles = SELECT p.post_id AS id, p.headline AS title,
  'https://news.example.org/' || p.slug AS url, p.published_on AS published_at, p.updated_on AS updated_at,
  p.lang AS language, a.display_name AS author, c.slug AS topic, p.excerpt AS summary, p.body, p.body_format,
  p.image_url FROM post p LEFT JOIN author a USING (author_id) LEFT JOIN category c USING (category_id)
  WHERE p.status = 'published'
subscribers = SELECT member_id AS id, mail AS email, given_name || ' ' || family_name AS name,
  given_name, lang AS language, joined_on AS joined_at FROM member WHERE wants_mail = 1
INI
    else
        cat <<'INI'
articles = SELECT s.nid AS id, s.heading AS title, 'https://news.example.org' || s.alias AS url,
  s.goes_live AS published_at, s.touched AS updated_at, s.tongue AS language, w.screen_name AS author,
  d.path AS topic, s.teaser AS summary, t.words AS body,
  CASE s.markup WHEN 'md' THEN 'markdown' WHEN 'plain' THEN 'text' ELSE s.markup END AS body_format,
  s.picture AS image_url, s.picture_text AS image_alt
  FROM story s JOIN story_text t USING (nid) LEFT JOIN staff w USING (uid) LEFT JOIN desk d USING (did)
  WHERE s.state = 'live'
subscribers = SELECT rid AS id, email, trim(coalesce(first, '') || ' ' || coalesce(last, '')) AS name,
  first AS given_name, tongue AS language, since AS joined_at FROM reader WHERE opted = 1
INI
    fi
}

# config PORT [CONNECTIONS [HOST]]: a whole configuration, a weekly digest through one relay
config() {
    cat <<INI
[site]
name = Example Desk
url = https://news.example.org
postal_address = 1 Example Street, Example
language = en
timezone = UTC
[database]
path = courant.db
[queue]
path = queue/queue.db
retry = 1s, 1s, 2s, 2s, 4s
lifetime = 3d
[relay.main]
host = ${3:-127.0.0.1}
port = $1
tls = none
connections = ${2:-4}
[newsletter.weekly]
title = Example Weekly
from = Example Desk <news@example.org>
schedule = weekly mon 07:00
min_articles = 1
max_articles = 100
since = 2026-10-01
[bounce]
address = bounces@example.org
[web]
base_url = https://news.example.org/mail
INI
    source_section
}

# set_key FILE SECTION KEY VALUE: changes or adds a key; a section that is not there comes at the end
set_key() {
    python3 - "$@" <<'PY'
import re, sys
name, section, key, value = sys.argv[1:]
lines = open(name, encoding="utf-8").read().split("\n")
head = "[%s]" % section
if head not in lines:
    lines = [l for l in lines if l or l is not lines[-1]] + [head]
at = lines.index(head) + 1
end = next((i for i in range(at, len(lines)) if lines[i].startswith("[")), len(lines))
old = next((i for i in range(at, end) if re.match(re.escape(key) + r"\s*=", lines[i])), None)
new = "%s = %s" % (key, value)
if old is None:
    lines.insert(at, new)
else:
    last = old + 1
    while last < end and lines[last][:1] in (" ", "\t"):
        last += 1
    lines[old:last] = [new]
open(name, "w", encoding="utf-8").write("\n".join(lines).rstrip("\n") + "\n")
PY
}

# ---- courant ----

# The first due time of the weekly digest is FIRST_DUE; init reads its section before that.
INIT_TIME=2026-11-20T12:00:00Z
RUN_TIME=2026-11-23T07:05:00Z

courant() {
    "$COURANT" -c courant.ini "$@"
}

# at TIME COMMAND...: courant with its calendar pinned; 07:05 is short for that time on the day of the digest
at() {
    local t=$1
    shift
    case $t in ??:??) t=2026-11-23T$t:00Z ;; esac
    "$COURANT" -c courant.ini --now "$t" "$@"
}

# later MINUTES COMMAND...: so long after RUN_TIME
later() {
    local t
    t=$(date -u -d "$RUN_TIME + $1 minutes" +%FT%TZ)
    shift
    "$COURANT" -c courant.ini --now "$t" "$@"
}

# Creates the databases by a clock before the first due time.
init() {
    ok "init" at $INIT_TIME init
}

# judge ARGUMENT...: the other parser's verdict on a record or Maildir (judge.py says how)
judge() {
    checks=$((checks + 1))
    python3 "$here/judge.py" "$@" || die "judge.py $*"
}
