# Goal: what the administrator must act upon comes by mail to alarm_to, once a day while it lasts, as a valid message that
# names no reader: a source that can't be read, deliveries held after three unanswered ends, an issue that many refuse by
# policy, a run that hangs. Without alarm_to nothing is mailed.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
only_readers site.db 60 reader
openssl genpkey -algorithm ed25519 -out ed.pem && chmod 600 ed.pem
sink --record out.jsonl --bodies --rcpt 'reader1=550 5.7.1 blocked for reader1@example.net' --dot 'reader7@3=accept-drop'
config "$SINK_PORT" 1 >courant.ini
set_key courant.ini site alarm_to watch@example.org
printf '[dkim]\ndomain = example.org\nselector = ed\nkey_file = ed.pem\n' >>courant.ini
init

# alarms [FROM]: the subjects of alarms recorded from message FROM on, sorted
alarms() {
    python3 - out.jsonl "${1:-0}" <<'PY'
import email, email.policy, json, re, sys
out = []
for line in open(sys.argv[1]).read().splitlines()[int(sys.argv[2]):]:
    r = json.loads(line)
    if r["to"] == ["watch@example.org"]:
        raw = r["data"].encode("latin-1")
        m = email.message_from_bytes(raw, policy=email.policy.SMTP)
        assert not m.defects and m["To"] == "watch@example.org" and m["Auto-Submitted"] == "auto-generated" and m["DKIM-Signature"], m.items()
        assert m["From"].addresses[0].addr_spec == "news@example.org" and m["Date"].datetime and "List-Id" not in m, m.items()
        text = m.get_content()
        assert not re.search(r"reader\d|@", text), text
        assert all(len(l) <= 78 or b" " not in l.strip() for l in raw.split(b"\r\n\r\n")[0].split(b"\r\n")), raw
        out.append(m["Subject"] + " | " + text.split("\n")[0])
print("\n".join(sorted(out)))
PY
}

# ---- many refused by policy, some held ----
courant --now 2026-11-23T07:05:00Z run >.out 2>.err || true
for m in 10 20 30 40; do later $m run >>.out 2>>.err || true; done
like "policy" "$(alarms)" '^courant: issue 1: 11 of its 60 messages were refused by policy.* \| issue 1: 11 of its 60'
like "held" "$(alarms)" 'courant: 1 delivery is held'
is "each once" "$(alarms | wc -l | tr -d ' ')" 2
like "said on stderr too" "$(cat .err)" 'refused by policy'
unlike "no reader is named" "$(cat .out .err)" 'reader[0-9]'
is "the others got theirs" "$(jsonl out.jsonl 'len({r["to"][0] for r in d if r["to"][0].startswith("reader")})')" 49

# ---- a source that can't be read: once a day ----
n=$(wc -l <out.jsonl)
mv site.db gone.db
for m in 60 65 70 75; do later $m run >.out 2>.err || true; done
like "the source" "$(alarms "$n")" '^courant: .*site'
is "once" "$(alarms "$n" | wc -l | tr -d ' ')" 1
for m in 1510 1515 1520; do later $m run >.out 2>.err || true; done
is "and again the day after" "$(alarms "$n" | grep -c site)" 2
mv gone.db site.db

# ---- a run that has not moved for ten minutes ----
n=$(wc -l <out.jsonl)
python3 -c '
import fcntl, os, time
f = open("queue/queue.db.lock", "r+")
fcntl.lockf(f, fcntl.LOCK_EX)
os.utime("queue/queue.db.lock", (time.time() - 700,) * 2)
open("locked", "w")
time.sleep(60)' &
started $!
wait_for 10 "the lock" test -e locked
fails 75 "a run beside it" later 1600 run
stop $!
later 1601 run >.out 2>.err || true
like "the runner" "$(alarms "$n")" 'holds the lock'

# ---- nobody to tell ----
sed -i '/^alarm_to/d' courant.ini
n=$(wc -l <out.jsonl)
mv site.db gone.db
for m in 3000 3005; do later $m run >.out 2>.err || true; done
is "without alarm_to nothing is mailed" "$(alarms "$n")" ''
like "but said" "$(cat .err)" 'site'
