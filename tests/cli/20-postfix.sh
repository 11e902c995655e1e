# Goal: the whole line against a real MTA: from a site's database to Postfix's Maildir, read there by Python's email
# package: no defects, the right people exactly once, the right articles; a refused reader fails, a deferred one comes
# later once, a return path names the delivery and no address, a real delivery report finds its way back.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/postfix.sh"
need_courant
scratch
postfix_start
site_db site.db
sqlite3 site.db "UPDATE reader SET email = replace(email, 'sub.example.net', 'example.com') WHERE rid = 9;
    UPDATE reader SET email = 'leser@example.com' WHERE rid = 20;
    INSERT INTO reader VALUES (50, 'nobody.here@example.net', 'No', 'Body', 'en', NULL, 1),
     (51, 'grey.one@example.net', 'Grey', 'One', 'en', NULL, 1), (52, 'full.box@example.org', 'Full', 'Box', 'en', NULL, 1),
     (53, 'gone.away@example.net', 'Gone', 'Away', 'en', NULL, 1)"
config "$POSTFIX_PORT" >courant.ini
init
ok "the run" at 07:05 --json run
cp "$S/.out" ran
is "what it says" "$(json ran '(d["issues_built"], d["sent"], d["deferred"], d["failed"], d["unknown"])')" "(1, 19, 2, 2, 0)"
postfix_wait
site_readers | sed 's/two+tag@sub.example.net/two+tag@example.com/; s/leser@.*/leser@example.com/' >want
judge --maildir "$POSTFIX_MAILDIR" --to want --count 18

cat >look.py <<'PY'
import email, email.policy, os, re, sys
folder = sys.argv[1] + "/new"
titles = ["The library opens its reading room again", "དཔེ་མཛོད་ཁང་གསར་པ་སྒོ་འབྱེད་གནང་བ།", "كۇتۇپخانا قايتا ئېچىلدى",
          "افتتاح قاعة المطالعة من جديد", "אולם הקריאה נפתח מחדש", "图书馆阅览室重新开放", "ห้องสมุดเปิดห้องอ่านหนังสืออีกครั้ง",
          "စာကြည့်တိုက် ပြန်ဖွင့်ပြီ", "How high is the river?", "Opening hours over the holidays"]
n, paths, ids = 0, set(), set()
for f in sorted(os.listdir(folder)):
    m = email.message_from_bytes(open(folder + "/" + f, "rb").read(), policy=email.policy.default)
    to = m["X-Original-To"].strip()
    for kind in ("plain", "html"):
        part = m.get_body((kind,)).get_content().replace("\r\n", "\n")
        for t in titles:
            if t not in part and t not in part.replace(" \n", ""):
                print("%s: %s lacks %s" % (to, kind, t))
        for t in ("From last year", "NOT YET", "Thrown away", "DRAFT-TEXT", "TRASHED-TEXT"):
            if t in part:
                print("%s: %s has %s" % (to, kind, t))
    path = m["Return-Path"].strip()
    if not re.fullmatch(r"<bounces\+[A-Za-z0-9._=-]+@example\.org>", path):
        print("%s: the return path is %s" % (to, path))
    local = to.split("@")[0]
    if len(local) > 3 and local.lower() in path.lower():
        print("%s: the return path tells the address" % to)
    unsubscribe = m["List-Unsubscribe"]
    if not re.search(r"<https://news\.example\.org/mail/\S+>", unsubscribe) or not re.search(r"<mailto:unsubscribe\+\S+@example\.org", unsubscribe):
        print("%s: %s" % (to, unsubscribe))
    paths.add(path)
    ids.add(m["Message-ID"])
    n += 1
print("%d messages, %d return paths, %d ids" % (n, len(paths), len(ids)))
PY
is "what arrived" "$(python3 look.py "$POSTFIX_MAILDIR")" "18 messages, 18 return paths, 18 ids"

# ---- who did not get it, and why ----
courant --json queue list --state failed >failed
is "a refused reader" "$(json failed '[(x["code"], x["status"], x["attempts"]) for x in d if x["email"] == "nobody.here@example.net"]')" \
    '[[550, "5.1.1", 1]]'
unlike "the reply names nobody" "$(json failed '[x["reply"] for x in d]')" 'nobody\.here'
is "needs SMTPUTF8" "$(json failed '[(x["attempts"], x["reply"]) for x in d if x["email"].startswith("caf")]')" '[[0, "needs SMTPUTF8"]]'
courant --json queue list --state deferred >deferred
is "those who wait" "$(json deferred 'sorted((x["email"], x["code"], x["status"]) for x in d)')" \
    '[["full.box@example.org", 452, "4.2.2"], ["grey.one@example.net", 450, "4.2.0"]]'
courant --json queue list --state sent >sent
is "Postfix took the one it bounces" "$(json sent '[x["code"] for x in d if x["email"] == "gone.away@example.net"]')" '[250]'
postfix_log=$POSTFIX_DIR/log
is "each message was queued once there" "$(grep -c 'postfix/cleanup.*message-id=<[^>]*@news.example.org>' "$postfix_log")" 19

# ---- the delivery report came to the address of that delivery ----
wait_for 20 "a delivery report" has_mail "$POSTFIX_BOUNCES" 1
report=$(cat "$POSTFIX_BOUNCES"/new/*)
like "its status" "$report" '^Status: 5\.1\.1'
like "its address" "$report" '^X-Original-To: bounces\+[A-Za-z0-9._=-]+@example\.org'

# ---- the deferred come later, once ----
sed -i '/grey/d' "$POSTFIX_DIR/etc/refused"
postfix -c "$POSTFIX_DIR/etc" reload >/dev/null 2>&1
sleep 1
ok "a later run" at 08:05 --json run
cp "$S/.out" ran
is "one more" "$(json ran '(d["issues_built"], d["sent"], d["deferred"], d["failed"])')" "(0, 1, 1, 0)"
ok "and again" at 08:05 run
postfix_wait
echo grey.one@example.net >>want
judge --maildir "$POSTFIX_MAILDIR" --to want --count 19
is "its own path too" "$(python3 look.py "$POSTFIX_MAILDIR")" "19 messages, 19 return paths, 19 ids"
grep -l 'X-Original-To: grey' "$POSTFIX_MAILDIR"/new/* | xargs cat >later
like "Date is that of the release" "$(cat later)" '^Date: Mon, 23 Nov 2026 07:05:00 \+0000'
