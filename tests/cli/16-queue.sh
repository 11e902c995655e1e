# Goal: what a relay says decides each delivery and nothing else does: 4yz comes again at its time and not before, 5yz is
# the end unless it is the mailbox that is full, expiry needs a failed attempt, a resting relay counts no attempt; `queue
# list, show, retry, hold, release` see and steer it; what was not delivered is owed and comes with the next digest.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
only_readers site.db 12
sqlite3 site.db "UPDATE reader SET email = 'gone@example.net' WHERE email = 'r1@example.net';
    UPDATE reader SET email = 'grey@example.net' WHERE email = 'r2@example.net';
    UPDATE reader SET email = 'full@example.net' WHERE email = 'r3@example.net';
    UPDATE reader SET email = 'dot@example.net' WHERE email = 'r4@example.net';
    UPDATE reader SET email = 'spam@example.net' WHERE email = 'r5@example.net'"
sink --record out.jsonl --bodies --events events.jsonl --rcpt 'gone=550 5.1.1 <gone@example.net>: no such user' \
    --rcpt 'grey@2=450 4.2.0 greylisted' --rcpt 'full@3=552 5.2.2 mailbox full' --dot 'dot@1=451 4.3.0 try again' \
    --dot 'spam=554 5.7.1 message looks like spam'
config "$SINK_PORT" >courant.ini
set_key courant.ini queue retry "10m, 1h, 3h"
init

# state ADDRESS [FIELD]
state() {
    courant --json queue list "$1" >row.json
    json row.json "d[-1]['${2:-state}']"
}
# tries ADDRESS: how often the server saw it at RCPT
tries() {
    python3 - "$1" <<'PY'
import json, sys
n = sum(r["to"][0] == sys.argv[1] for r in map(json.loads, open("out.jsonl")))
for r in map(json.loads, open("events.jsonl")):
    n += r["event"] in ("rcpt", "dot") and sys.argv[1] in json.dumps(r)
print(n)
PY
}

ok "the first run" at 07:05 --json run
cp "$S/.out" ran
is "what it says" "$(json ran '(d["sent"], d["deferred"], d["failed"], d["unknown"])')" "(7, 3, 2, 0)"
is "unknown user" "$(state gone@example.net)" failed
is "its code" "$(state gone@example.net status)" 5.1.1
unlike "its reply names nobody" "$(state gone@example.net reply)" 'gone@'
is "refused for its content" "$(state spam@example.net)" failed
is "greylisted" "$(state grey@example.net)" deferred
is "mailbox full, though 5yz" "$(state full@example.net)" deferred
is "deferred at the dot" "$(state dot@example.net)" deferred
like "due again some ten minutes later" "$(state grey@example.net due_at)" '^2026-11-23T07:1[3-8]'

# ---- not before its time ----
ok "a minute later" at 07:06 run
is "it says nothing" "$(cat "$S/.out" "$S/.err")" ""
is "nobody was tried" "$(state grey@example.net attempts)" 1
ok "twenty minutes later" at 07:25 --json run
cp "$S/.out" ran
is "one accepted, two deferred" "$(json ran '(d["sent"], d["deferred"], d["failed"])')" "(1, 2, 0)"
is "the one at the dot" "$(state dot@example.net)" sent
is "attempts" "$(state grey@example.net attempts)" 2
like "the second wait is an hour" "$(state grey@example.net due_at)" '^2026-11-23T08:(1[5-9]|2|3)'
courant --json queue show --issue 1 grey@example.net >shown
is "its history" "$(json shown '[(h["outcome"], h["code"]) for h in d["history"]]')" '[["later", 450], ["later", 450]]'

# ---- steering ----
ok "hold" at 07:30 queue hold grey@example.net
is "held" "$(state grey@example.net)" held
ok "a run when it was due" at 09:00 run
is "it does not go" "$(state grey@example.net)" held
is "the other one was tried" "$(state full@example.net attempts)" 3
ok "release" at 09:05 queue release --state held
like "it may go again" "$(state grey@example.net)" 'queued|deferred'
ok "run" at 09:06 run
is "it arrives" "$(state grey@example.net)" sent
is "the full one waits" "$(state full@example.net)" deferred
ok "retry without waiting" at 09:07 queue retry --issue 1 --state deferred
ok "run" at 09:07 run
is "it arrives" "$(state full@example.net)" sent
is "tries in all" "$(tries full@example.net)" 4
ok "an address on standard input" bash -c "echo grey@example.net | '$COURANT' -c courant.ini queue list -"
like "it is listed" "$(cat "$S/.out")" 'grey@example.net'
is "it alone" "$(wc -l <"$S/.out")" 2
fails 64 "a state that is none" courant queue list --state sending

ok "a failed one is retried by hand" at 09:10 queue retry gone@example.net
like "it waits" "$(state gone@example.net)" 'queued|deferred'
ok "run" at 09:11 run
is "and is refused again" "$(state gone@example.net)" failed

# ---- who got no digest is owed it ----
is "nobody got two" "$(jsonl out.jsonl 'max(collections.Counter(r["to"][0] for r in d).values())')" 1
stop_sink
sink --port "$SINK_PORT" --record second.jsonl --bodies
sqlite3 site.db "INSERT INTO story VALUES (201, 'A new story', '/new', 'en', 1, 1, 'live', 1795600000, NULL, 'Short.', 'md', NULL, NULL);
    INSERT INTO story_text VALUES (201, 'Fresh text.')"
ok "the next issue" at 2026-11-30T07:05:00Z run
is "everybody gets it" "$(jsonl second.jsonl 'len(d)')" 12
cat >owed.py <<'PY'
import email, email.policy, json
for l in open("second.jsonl"):
    r = json.loads(l)
    t = email.message_from_bytes(r["data"].encode("latin-1"), policy=email.policy.SMTP).get_body(("plain",)).get_content()
    assert "A new story" in t
    if "The library opens" in t and "How high is the river" in t:
        print(r["to"][0])
PY
is "only those who missed the first get its articles" "$(python3 owed.py | sort | tr '\n' ' ')" "gone@example.net spam@example.net "
stop_sink

# ---- no connection: the relay rests, no reader is blamed ----
sqlite3 site.db "INSERT INTO story VALUES (202, 'Another story', '/new2', 'en', 1, 1, 'live', 1796200000, NULL, 'Short.', 'md', NULL, NULL);
    INSERT INTO story_text VALUES (202, 'Fresh text.')"
fails 75 "no server" at 2026-12-07T07:05:00Z run
courant --json queue list --issue 3 >third
is "all wait, no attempt counted" "$(json third 'sorted({(x["state"], x["attempts"]) for x in d})')" '[["queued", 0]]'
courant --json queue status >status
is "the relay rests" "$(json status '[(r["name"], r["state"]) for r in d["relays"]]')" '[["main", "resting"]]'
isnt "until" "$(json status 'd["relays"][0]["until"]')" null
sink --port "$SINK_PORT" --record third.jsonl --rcpt 'r6=450 4.2.0 never' --rcpt 'r7=450 4.2.0 never'
ok "later it is back" at 2026-12-07T08:05:00Z run
is "all but two" "$(jsonl third.jsonl 'len(d)')" 10

# ---- expiry: on a failed attempt after lifetime, and then it is owed ----
expired_after=
expired=0
for hours in $(seq 4 5 200); do
    ok "a run $hours hours later" at "$(date -u -d "2026-12-07T08:05:00Z + $hours hours" +%FT%TZ)" --json run
    cp "$S/.out" ran
    expired=$((expired + $(json ran 'd["failed"]')))
    if [ "$(state r6@example.net) $(state r7@example.net)" = "failed failed" ]; then # the jitter may part them
        expired_after=$hours
        break
    fi
done
like "it is not given up before three days, nor kept for ever" "$expired_after" '^(7[2-9]|8[0-9]|9[0-9]|1[0-6][0-9])$' # a wait of 12 h and a tenth may miss a run
is "expired" "$(state r6@example.net)" failed
is "the runs counted them as failed" "$expired" 2
like "it says so" "$(courant queue show --issue 3 r6@example.net)" 'expired|4\.2\.0'
courant --json issue list >issues
is "the issue is done" "$(json issues 'd[2]["state"]')" done
is "its counts" "$(json issues '(d[2]["readers"], d[2]["sent"], d[2]["failed"], d[2]["deferred"])')" "(12, 10, 2, 0)"
