"""What the tests of "exactly once" share: a site of N readers and W weekly issues, smtp_sink, courant by a pinned
calendar, and the verdict at the end. Works in the current folder; $BUILD is the build folder."""
import collections, json, os, random, signal, sqlite3, subprocess, sys, time
from datetime import datetime, timedelta, timezone

BUILD = os.environ["BUILD"]
COURANT = os.path.join(BUILD, "courant")
SINK = os.path.join(BUILD, "smtp_sink")
FAULTS = os.path.join(BUILD, "faults.so")
FIRST_DUE = datetime(2026, 11, 23, 7, 0, tzinfo=timezone.utc)
RETRY = ", ".join(["1s"] * 60)


def fail(text):
    print("FAILED: " + text, file=sys.stderr)
    for s in SINKS:
        s.stop()
    sys.exit(1)


def number(name, default):
    return int(os.environ.get(name, default))


SINKS = []


class Sink:
    """smtp_sink; its record is read as it grows."""

    def __init__(self, *options, port=0, record="record.jsonl", events=None):
        self.path, self.events_path = os.path.abspath(record), events and os.path.abspath(events)
        args = [SINK, "--port", str(port), "--record", self.path] + (["--events", self.events_path] if events else []) + list(options)
        self.p = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        line = self.p.stdout.readline().decode()
        if not line.startswith("port "):
            fail("smtp_sink did not start: " + " ".join(args))
        self.port = int(line.split()[1])
        self.rows, self.at, self.rest = [], 0, b""
        SINKS.append(self)

    def read(self):
        """All rows so far."""
        with open(self.path, "rb") as f:
            f.seek(self.at)
            new = f.read()
        self.at += len(new)
        lines = (self.rest + new).split(b"\n")
        self.rest = lines.pop()
        self.rows += [json.loads(l) for l in lines]
        return self.rows

    def count(self):
        return len(self.read())

    def events(self):
        with open(self.events_path, "rb") as f:
            return [json.loads(l) for l in f]

    def stop(self):
        if self in SINKS:
            SINKS.remove(self)
            self.p.terminate()
            self.p.wait()

    def signal(self, n):
        self.p.send_signal(n)


class Site:
    def __init__(self, port, readers, weeks=1, connections=8, relay="", queue="", newsletter="", host="127.0.0.1", plain=True):
        self.readers, self.weeks, self.connections, self.ticks = readers, weeks, connections, 0
        for name in ("queue",):
            os.makedirs(name, mode=0o700, exist_ok=True)
        sql = ["BEGIN; CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT, url TEXT, day TEXT, body TEXT);"
               "CREATE TABLE member (id INTEGER PRIMARY KEY, mail TEXT, name TEXT);"]
        for w in range(weeks):
            for i in range(2):
                day = (FIRST_DUE + timedelta(days=7 * w - 2 - i)).strftime("%Y-%m-%dT08:00:00Z")
                sql.append("INSERT INTO post VALUES (%d, 'Article %d of week %d', 'https://news.example.org/%d/%d', '%s', '%s');"
                           % (w * 10 + i, i, w, w, i, day, "<p>The gauge at the old bridge is read every hour.</p>" * 4))
        sql.append("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO member "
                   "SELECT i, 'r' || i || '@example.net', 'Reader ' || i FROM n; COMMIT;" % readers)
        db = sqlite3.connect("site.db")
        db.executescript("\n".join(sql))
        db.close()
        with open("courant.ini", "w") as f:
            f.write("""[site]
name = Example Desk
url = https://news.example.org
postal_address = 1 Example Street, Example
language = en
timezone = UTC
[database]
path = courant.db
[queue]
path = queue/queue.db
retry = %s
%s
[relay.main]
host = %s
port = %d
%sconnections = %d
%s
[newsletter.weekly]
title = Example Weekly
from = Example Desk <news@example.org>
schedule = weekly mon 07:00
since = 2026-10-01
%s
[bounce]
address = bounces@example.org
[web]
base_url = https://news.example.org/mail
[source.site]
type = sqlite
path = site.db
newsletter = weekly
articles = SELECT id, title, url, day AS published_at, body, 'html' AS body_format FROM post
subscribers = SELECT id, mail AS email, name FROM member
""" % (RETRY, queue, host, port, "tls = none\n" if plain else "", connections, relay, newsletter))
        self.offset = timedelta(0)
        self.week = 0
        self.run("init", at=FIRST_DUE - timedelta(days=3))

    def now(self):
        """A second later than the last time."""
        self.ticks += 1
        return FIRST_DUE + timedelta(days=7 * self.week, minutes=5, seconds=self.ticks) + self.offset

    def start(self, *args, at=None, env=None, out=subprocess.DEVNULL, err="courant.err"):
        e = dict(os.environ)
        e.update(env or {})
        # the file of errors grows: what each run said stays readable
        with open(err, "ab") as f:
            when = (at or self.now()).strftime("%Y-%m-%dT%H:%M:%SZ")
            return subprocess.Popen([COURANT, "-c", "courant.ini", "--now", when] + list(args), stdin=subprocess.DEVNULL, stdout=out, stderr=f, env=e)

    def run(self, *args, at=None, env=None, want=(0,), timeout=300):
        """Runs to the end; (exit code, what it wrote to standard error)."""
        at0 = os.path.getsize("courant.err") if os.path.exists("courant.err") else 0
        p = self.start(*args, at=at, env=env)
        try:
            rc = p.wait(timeout)
        except subprocess.TimeoutExpired:
            p.kill()
            p.wait()
            fail("courant %s did not end within %d s" % (" ".join(args), timeout))
        with open("courant.err", errors="replace") as f:
            f.seek(at0)
            said = f.read()
        if want is not None and rc not in want:
            fail("courant %s ended with %d: %s" % (" ".join(args), rc, said[-600:]))
        return rc, said

    def document(self, *args):
        p = self.start("--json", *args, out=subprocess.PIPE)
        out = p.communicate()[0]
        if p.returncode:
            fail("courant %s ended with %d: %s" % (" ".join(args), p.returncode, open("courant.err").read()[-600:]))
        return json.loads(out)

    def peek(self, sql):
        """Of queue.db, without moving anything in it."""
        db = sqlite3.connect("file:queue/queue.db?mode=ro", uri=True, timeout=10)
        try:
            return db.execute(sql).fetchall()
        except sqlite3.Error:
            return []
        finally:
            db.close()

    def finish(self, sink=None, most=30, step=timedelta(minutes=20)):
        """Runs without disturbance until nothing is open."""
        for _ in range(most):
            rc, said = self.run("run", want=(0, 75))
            left = self.document("queue", "status")
            if rc == 0 and not any(left[k] for k in ("queued", "claimed", "deferred", "unknown")):
                return
            self.offset += step
        fail("still open: %s; %s" % (left, said[-600:]))


Verdict = collections.namedtuple("Verdict", "lost repeated accepted unknowns rows status")


def verdict(site, rows, states=("sent",), unanswered_known=True):
    """Who got what. Every issue for every reader is one message: one Message-ID, the same bytes each time, and each
    time but one is shown in `queue list` as unknown."""
    by_id = collections.defaultdict(list)
    for r in rows:
        by_id[r["id"]].append(r)
    per_reader = collections.defaultdict(list)
    for i, copies in by_id.items():
        if not i:
            fail("a message without Message-ID")
        if len({(tuple(c["to"]), c["from"], c["sha256"]) for c in copies}) != 1:
            fail("copies of %s differ: %s" % (i, [(c["to"], c["from"], c["sha256"][:12], c["size"]) for c in copies]))
        per_reader[copies[0]["to"][0]].append(copies)
    listed = site.document("queue", "list")
    issues = [i["id"] for i in sorted(site.document("issue", "list"), key=lambda i: i["due_at"])]
    if len(issues) != site.week + 1:
        fail("%d issues were made, not %d" % (len(issues), site.week + 1))
    shown = {(r["email"], issues.index(r["issue"])): r for r in listed}
    lost = repeated = 0
    for n in range(1, site.readers + 1):
        who = "r%d@example.net" % n
        got = sorted(per_reader.pop(who, []), key=lambda c: c[0]["at"])
        due = [w for w in range(site.week + 1) if shown.get((who, w), {}).get("state") in states]
        if len(got) > len(due):
            fail("%s got %d different messages, but %d were delivered by the list" % (who, len(got), len(due)))
        lost += site.week + 1 - len(got) if states == ("sent",) else len(due) - len(got)
        for w, copies in zip(due, got):
            repeated += len(copies) - 1
            if shown[who, w]["unknowns"] < len(copies) - 1:
                fail("%s had %d copies of issue %d, and queue list says unknown %d times" % (who, len(copies), issues[w], shown[who, w]["unknowns"]))
    if per_reader:
        fail("mail for others: %s" % list(per_reader)[:3])
    status = site.document("queue", "status")
    counts = collections.Counter(r["state"] for r in listed)
    stored = dict(site.peek("SELECT state, sum(n) FROM issue_count WHERE issue > 0 GROUP BY 1"))
    rows_by_state = dict(site.peek("SELECT state, count(*) FROM delivery WHERE issue > 0 GROUP BY 1"))
    if {k: v for k, v in stored.items() if v} != rows_by_state:
        fail("issue_count says %s, the rows %s" % (stored, rows_by_state))
    for s in ("queued", "claimed", "deferred", "held", "unknown", "sent", "failed", "cancelled"):
        if status[s] != counts[s]:
            fail("queue status says %d %s, the list has %d" % (status[s], s, counts[s]))
    for path in ("courant.db", "queue/queue.db"):
        db = sqlite3.connect(path)
        said = db.execute("PRAGMA integrity_check").fetchall()
        db.close()
        if said != [("ok",)]:
            fail("%s: %s" % (path, said[:3]))
    return Verdict(lost, repeated, len(by_id), sum(r["unknowns"] for r in listed), listed, status)
