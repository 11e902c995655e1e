#!/usr/bin/env python3
"""DKIM signatures judged by dkimpy.

usage: dkim_judge.py readers DATABASE SEED N      replaces the site's readers by N of random names and languages (our own
                                                  sample's schema or the larger one's); prints SEED
       dkim_judge.py verify RECORD KEYS N [EML]   every message that smtp_sink recorded has N signatures, which verify;
                                                  EML, a preview, has the bytes that its reader got
       dkim_judge.py split RECORD FOLDER EVERY    writes each EVERYth message into a file
"""
import json, os, random, re, sqlite3, sys


def readers(database, seed, n):
    r = random.Random(int(seed))
    db = sqlite3.connect(database)
    corpus = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'member'").fetchone()
    languages = [x for (x,) in db.execute("SELECT DISTINCT %s" % ("lang FROM post WHERE status = 'published'" if corpus else "tongue FROM story WHERE state = 'live'")) if x]
    scripts = ["abcdefgh ", "ABC,.;:<>@()[]\\\"'", "a  b\t", "äöüßéèñ", "བོད་སྐད", "ئۇيغۇرچە", "עברית ", "漢字仮名", "ไทย", "မြန်မာ", "🙂👩‍👩‍👧", "=?utf-8?q?"]
    rows = []
    for i in range(1, int(n) + 1):
        name = "".join(r.choice(r.choice(scripts)) for _ in range(r.randint(0, 60)))
        rows.append(("r%d@example.net" % i, name, r.choice(languages)))
    db.execute("DELETE FROM %s" % ("member" if corpus else "reader"))
    db.executemany("INSERT INTO member(mail, given_name, family_name, lang, joined_on, wants_mail) VALUES(?, ?, '', ?, '2026-09-01', 1)" if corpus
                   else "INSERT INTO reader(email, first, tongue, since, opted) VALUES(?, ?, ?, '2026-09-01', 1)", rows)
    db.commit()
    print(seed)


def messages(record):
    for line in open(record, encoding="utf-8"):
        r = json.loads(line)
        yield r["to"][0], r["data"].encode("latin-1")


SIGNED = "from subject date to message-id mime-version content-type list-id list-unsubscribe list-unsubscribe-post list-help list-post feedback-id".split()


def holds(dkim, message, i, dns):
    try:
        return dkim.DKIM(message).verify(idx=i, dnsfunc=dns)
    except dkim.DKIMException:
        return False


def verify(record, keys, n, eml=None):
    import dkim
    records = dict(l.encode().strip().split(b" ", 1) for l in open(keys))
    dns = lambda name, timeout=5: records.get(name if name.endswith(b".") else name + b".")
    bad, got, count = {}, {}, 0
    for to, b in messages(record):
        count += 1
        head = b.split(b"\r\n\r\n")[0].decode("ascii") + "\r\n"
        fields = re.findall(r"(?im)^([!-9;-~]+):((?:.*\r\n)(?:[ \t].*\r\n)*)", head)
        signatures = [v for k, v in fields if k.lower() == "dkim-signature"]
        if len(signatures) != int(n):
            bad["%d signatures" % len(signatures)] = to
        for l in head.split("\r\n"):
            if len(l) > 78 and not l.startswith(" "):
                bad["a line of %d" % len(l)] = to
        d = dkim.DKIM(b)
        for i, s in enumerate(signatures):
            t = dict(x.strip().split("=", 1) for x in re.sub(r"\s+", "", s).split(";"))
            h = t["h"].lower().split(":")
            if "l" in t or "t" in t or "x" in t or t["c"] != "relaxed/relaxed":
                bad["tags %s" % sorted(t)] = to
            for name in SIGNED:
                if h.count(name) < (2 if name in ("from", "subject") else 1):
                    bad["h= lacks %s" % name] = to
            for name in {k.lower() for k, v in fields} - {"dkim-signature"} - set(h):
                bad["%s is not signed" % name] = to
            try:
                if not d.verify(idx=i, dnsfunc=dns):
                    bad["signature %d (%s) is wrong" % (i, t["a"])] = to
            except Exception as e:
                bad["signature %d (%s): %s" % (i, t["a"], e)] = to
        if count % 50 == 1:  # what is changed is noticed, or this judge would be none
            at = random.randrange(len(head) + 2, len(b) - 4)
            changed = b[:at] + (b"A" if b[at:at + 1] != b"A" else b"B") + b[at + 1:]
            for what, m in (("the body", changed), ("a second From", b"From: x@example.org\r\n" + b), ("the one-click header", b.replace(b"\r\nList-Unsubscribe-Post:", b"\r\nX-Gone:"))):
                if b[at:at + 1] not in b" \r\n\t" and any(holds(dkim, m, i, dns) for i in range(len(signatures))):
                    bad["a change of %s is not noticed" % what] = to
        if got.setdefault(to, b) != b:
            bad["a retry has other bytes"] = to
    if eml:
        b = open(eml, "rb").read()
        if b not in got.values():
            bad["the preview differs from what was sent"] = eml
    for k, v in bad.items():
        print("%s: %s" % (v, k))
    if bad:
        sys.exit(1)
    print("%d messages, %s signatures each, verified" % (count, n))


def split(record, folder, every):
    os.makedirs(folder)
    for i, (to, b) in enumerate(messages(record)):
        if i % int(every) == 0:
            open(os.path.join(folder, "%d.eml" % i), "wb").write(b)


{"readers": readers, "verify": verify, "split": split}[sys.argv[1]](*sys.argv[2:])
