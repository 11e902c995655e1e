# Goal: every message is valid to parsers that are not ours: one of each header, list headers with https and mailto and
# one-click, encoded words, a return path by VERP; a retry after a 451 at the dot, a process later, has the same bytes
# and Message-ID; no line of a name or an article becomes a header or a recipient.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
sqlite3 site.db "UPDATE story SET heading = 'Ünïcode ' || char(8238) || char(13, 10) || 'Bcc: x@example.com ' || heading WHERE nid = 110"
sink --record out.jsonl --bodies --events events.jsonl --maildir dot --dot 'one@1=451 4.3.0 try again'
config "$SINK_PORT" >courant.ini
set_key courant.ini newsletter.weekly reply_to '"Réponses, les" <answers@example.org>'
set_key courant.ini newsletter.weekly title "Élan & “Weekly”"
set_key courant.ini newsletter.weekly archive public
init
ok "run" at 07:05 run
ok "preview of the same" at 07:06 issue preview 1 --eml --to tenzin@example.org
cp "$S/.out" preview.eml
site_readers >want
judge --record out.jsonl --count 17
ok "the retry" at 07:30 run
judge --record out.jsonl --to want --count 18
is "no breach of the protocol" "$(jsonl events.jsonl '[r for r in d if r["event"] == "violation"]')" '[]'

cat >look.py <<'PY'
import email, email.policy, hashlib, json, re
rs = [json.loads(l) for l in open("out.jsonl")]
ids, paths = set(), set()
def need(what, ok):
    if not ok: print("%s: %s" % (r["to"][0], what))
for r in rs:
    raw = r["data"].encode("latin-1")
    m = email.message_from_bytes(raw, policy=email.policy.SMTP)
    need("From", m["From"].addresses[0].addr_spec == "news@example.org" and m["From"].addresses[0].display_name == "Example Desk")
    need("Reply-To %s" % m["Reply-To"], m["Reply-To"].addresses[0].addr_spec == "answers@example.org" and m["Reply-To"].addresses[0].display_name == "Réponses, les")
    need("Subject %r" % m["Subject"], "Élan & “Weekly”" in m["Subject"] and "Ünïcode" in m["Subject"])
    need("no override of direction", not re.search("[\u202a-\u202e\u2066-\u2069]", m["Subject"]) and all("\u202e" not in p.get_content() for p in m.iter_parts()))
    need("Date", m["Date"].datetime.isoformat() == "2026-11-23T07:05:00+00:00")
    need("Message-ID", re.fullmatch(r"<[a-z0-9]{16,}@news\.example\.org>", m["Message-ID"]))
    need("List-Id", re.search(r"<weekly\.news\.example\.org>$", m["List-Id"]))
    u = re.findall(r"<([^>]*)>", m["List-Unsubscribe"])
    need("List-Unsubscribe %r" % u, len(u) == 2 and u[0].startswith("https://news.example.org/mail/unsubscribe/") and re.fullmatch(r"mailto:unsubscribe\+\w+@example\.org", u[1]))
    need("List-Unsubscribe-Post", m["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click")
    need("List-Post", m["List-Post"] == "NO")
    need("List-Help", re.match(r"<(https|mailto):", m["List-Help"] or ""))
    need("List-Archive", re.match(r"<https://news\.example\.org/mail/", m["List-Archive"] or ""))
    need("Precedence", m["Precedence"] == "list")
    need("Auto-Submitted", m["Auto-Submitted"] == "auto-generated")
    need("Feedback-ID", len((m["Feedback-ID"] or "").split(":")) == 4)
    need("MIME-Version", m["MIME-Version"] == "1.0" and b"\r\nMIME-Version: 1.0\r\n" in raw)
    need("no X-Injected, Bcc", "X-Injected" not in m and "Bcc" not in m and b"\nBcc" not in raw.split(b"\r\n\r\n")[0])
    for l in raw.split(b"\r\n\r\n")[0].split(b"\r\n"):
        need("header line %r" % l, len(l) <= 78 or b" " not in l.strip())
    need("one recipient", len(r["to"]) == 1)
    need("return path %s" % r["from"], re.fullmatch(r"bounces\+[\w=.-]{10,60}@example\.org", r["from"]))
    local = r["to"][0].split("@")[0].lower()
    need("return path tells", len(local) < 5 or local not in r["from"].lower())
    b = m.get_boundary()
    need("boundary", all(b.encode() not in p.get_payload(decode=True) for p in m.iter_parts()))
    for p in m.iter_parts():
        body, how = p.get_payload(decode=True), p["Content-Transfer-Encoding"]
        need("encoding %s" % how, how in ("quoted-printable", "base64", "7bit"))
        lines = p.as_bytes().split(b"\n\n" if b"\n\n" in p.as_bytes() else b"\r\n\r\n", 1)[1].splitlines()
        need("lines of the encoding", all(len(l) <= 76 for l in lines) or how == "7bit")
    token = re.search(r"/unsubscribe/(\w+)", u[0]).group(1)
    need("the same link in the footer", token in m.get_body(("html",)).get_content() and token in m.get_body(("plain",)).get_content())
    need("tokens of one purpose each", token not in r["from"] and token not in m["Message-ID"])
    ids.add(m["Message-ID"]); paths.add(r["from"])
names = {r["to"][0]: email.message_from_bytes(r["data"].encode("latin-1"), policy=email.policy.SMTP)["To"].addresses[0].display_name for r in rs}
for to, want in (("first.last@example.net", "Renée Ångström"), ("comma@example.net", "Last, First (comment) \"quoted\" \\"), ("emoji@example.net", "🌊 Wave"), ("noname@example.net", "")):
    if names[to] != want: print("the name of %s is %r" % (to, names[to]))
print(len(rs), len(ids), len(paths))
PY
is "every message" "$(python3 look.py)" "18 18 18"

# ---- the retry: what was refused at the dot is on record at the second try only; the same bytes in a run of its own ----
stop_sink
is "a preview shows the bytes that were sent" \
    "$(jsonl out.jsonl '[__import__("hashlib").sha256(r["data"].encode("latin-1")).hexdigest() for r in d if r["to"] == ["tenzin@example.org"]][0]')" \
    "$(sha256sum <preview.eml | cut -d' ' -f1)"

# A server that reads the message and then refuses it: both times it keeps what it read.
cat >twice.py <<'PY'
import socket, sys
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(8)
print(s.getsockname()[1], flush=True)
n = 0
while True:
    c, _ = s.accept()
    f = c.makefile("rwb")
    def say(t): f.write(t + b"\r\n"); f.flush()
    say(b"220 twice.example.org ESMTP")
    data = None
    for line in f:
        if data is not None:
            if line == b".\r\n":
                n += 1
                open("try%d" % n, "wb").write(b"".join(data)); open("from%d" % n, "wb").write(path)
                data = None
                say(b"451 4.3.0 try again" if n < 3 else b"250 2.0.0 taken")
            else:
                data.append(line)
        elif line[:4].upper() == b"DATA": data = []; say(b"354 go on")
        elif line[:4].upper() == b"QUIT": say(b"221 bye"); break
        else:
            if line[:4].upper() == b"MAIL": path = line
            say(b"250 ok")
    c.close()
PY
python3 twice.py >port &
started $!
wait_for 5 "a server" test -s port
rm -rf courant.db* queue
sqlite3 site.db "DELETE FROM reader WHERE rid <> 10"
set_key courant.ini relay.main port "$(cat port)"
init
ok "the first try" at 07:05 run
ok "the second, a process later" at 08:05 run
sqlite3 site.db "UPDATE story_text SET words = 'edited since' WHERE nid = 101; UPDATE story SET heading = 'edited since' WHERE nid = 110"
set_key courant.ini newsletter.weekly footer "a footer that was changed since"
ok "the third, after an edit" at 10:05 run
is "three tries" "$(ls try*| wc -l)" 3
for i in 2 3; do
    is "the bytes of try $i" "$(cmp try1 try$i && echo same)" same
    is "the return path of try $i" "$(cmp from1 from$i && echo same)" same
done
is "it is sent" "$(courant --json queue status >status; json status '(d["sent"], d["deferred"])')" "(1, 0)"
