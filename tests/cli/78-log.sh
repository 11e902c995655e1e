# Goal: `courant log` says who, as a user of the system, changed what and when, in both databases; it can be asked by time,
# person and action; neither the log, what commands say, nor the command line and environment of a child process holds an
# address or a name.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
only_readers site.db 5
sink --record out.jsonl --auth courant:x --auth-required
config "$SINK_PORT" 2 >courant.ini
set_key courant.ini relay.main user courant
printf '#!/bin/sh\ncat /proc/$$/cmdline /proc/$$/environ /proc/$PPID/cmdline | tr "\\0" "\\n" >>"%s/children"\necho x\n' "$S" >ask.sh
chmod 700 ask.sh
set_key courant.ini relay.main password_command "$S/ask.sh"
me="admin $(id -un)"
init
# lines FILTER...: the log as "actor action subscriber detail", one a line
lines() {
    courant --json log "$@" >log.json || die "log $*"
    json log.json "'; '.join(' '.join(str(x) for x in (r['actor'], r['action'], r['subscriber'], r['detail']) if x is not None) for r in d)"
}

: >said
SUDO_USER=nobody ok "by sudo" at 2026-11-20T12:01:00Z subscriber add zyx@private.example --name 'Zyx Quillname'
ok "by one who claims to be somebody" env SUDO_USER='no such user' "$COURANT" -c courant.ini --now 2026-11-20T12:02:00Z suppress add other@private.example
is "who did it" "$(lines)" "admin nobody add 1; admin nobody join 1 weekly; $me suppress by-hand"
at 07:05 -v run >>said 2>&1 || die "the run"
id=$(sqlite3 courant.db "SELECT id FROM subscriber WHERE email LIKE 'zyx%'")
for c in "article pin 1" "queue hold zyx@private.example --issue 1" "queue retry --issue 1 --state held" \
    "subscriber set zyx@private.example --language de" "suppress remove other@private.example" "issue build weekly" \
    "source sync --accept" "subscriber remove zyx@private.example"; do
    at 07:10 -v $c >>said 2>&1 || [ $? = 65 ] || [ $? = 66 ] || die "$c: $(tail -1 said)"
done
at 07:11 -v subscriber add --invite ann@private.example --name 'Ann Quillname' >>said 2>&1
at 07:12 -v run >>said 2>&1 || die "the second run"

# ---- what is asked for ----
is "one person's" "$(lines --subscriber zyx@private.example)" "admin nobody add 1; admin nobody join 1 weekly; $me set 1 language; $me leave 1 weekly"
is "the same by number and standard input" "$(echo "$id" | courant --csv log --subscriber - --action leave | tail -1 | tr -d '\r')" "$(courant --csv log --subscriber "$id" --action leave | tail -1 | tr -d '\r')"
is "one action" "$(lines --action 'issue build')" "$me issue build weekly"
like "addresses of the command line are left out" "$(lines --action 'queue hold')" "queue hold --issue 1$"
like "an accepted sync" "$(lines --action 'source sync')" "$me source sync --accept$"
is "since" "$(lines --since 2026-11-23T07:11:00Z)" "$me add $((id + 6)); $me invite $((id + 6)) weekly"
is "joined with people" "$(json log.json "[r['email'] for r in d]")" '["ann@private.example", "ann@private.example"]'
like "for people" "$(courant log --subscriber "$id")" 'zyx@private.example'
fails 64 "a time that is none" courant log --since yesterdayish
fails 66 "somebody unknown" courant log --subscriber nobody@private.example
ok "erased" at 07:13 subscriber erase zyx@private.example
lines --subscriber "$id" >/dev/null
is "the log stays, without the address" "$(json log.json "(len(d), {r['email'] for r in d}, d[-1]['action'])")" "(5, {None}, 'erase')"

# ---- nothing personal in it, in what was said, or in a child ----
sqlite3 courant.db 'SELECT * FROM audit' >audit
grep -q ask.sh children || die "no child was seen: the test would prove nothing"
[ "$(wc -c <said)" -gt 200 ] || die "nothing was said: the test would prove nothing"
for f in audit said children; do
    is "nothing personal in $f" "$(grep -aciE 'zyx|quillname|ann@|other@|@example.net' $f || true)" 0
done
[ "$(wc -l <out.jsonl)" -ge 5 ] || die "nothing was sent"

# ---- a million lines: paged, quick, in little memory ----
sqlite3 courant.db "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
    INSERT INTO audit(at, actor, action, subscriber) SELECT 1790000000 + i, 'admin x', 'set', i FROM n"
peak() { ( command time -f %M "$COURANT" -c courant.ini --csv log >/dev/null ) 2>&1 | tail -1; }
[ -x /usr/bin/time ] && [ "$(peak)" -gt 65536 ] && die "it takes more than 64 MiB"
is "all of them" "$(courant --csv log --action set | wc -l)" $((100000 + 2))
