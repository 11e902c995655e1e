"""A model of who is due what, against the program: random weeks of a newsletter with three rhythms, through a real SMTP
server of our own. usage: marks.py COURANT FOLDER SEED WEEKS

The model knows sets of articles, no marks: a reader has a heap of what arrived and was in no issue for that reader yet,
and bundles of what was in one that did not reach the reader. Every message that arrives must hold exactly what the model
says; at the end nobody has an article twice, and after some quiet weeks nobody lacks one that was due."""
import collections, datetime, email, email.policy, hashlib, json, os, random, re, socketserver, sqlite3, subprocess, sys
import threading, zoneinfo

COURANT, FOLDER, SEED, WEEKS = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
os.chdir(FOLDER)
rnd = random.Random(SEED)
UTC = datetime.timezone.utc
ZONE = zoneinfo.ZoneInfo("Europe/Zurich")
MIN_ARTICLES, KINDS = 2, ("daily", "weekly", "monthly")
TOPICS, LANGUAGES = ("world", "sport", "arts", "secret"), ("en", "de", "fr")
SINCE = datetime.datetime(2026, 11, 10, tzinfo=ZONE)


def chance(p):
    return rnd.random() < p


# ---- the world outside: a site's database, and a mail server with moods ----
site = sqlite3.connect("site.db", isolation_level=None)
site.executescript("""CREATE TABLE a (id INTEGER PRIMARY KEY, day TEXT, topic TEXT, lang TEXT, live INTEGER);
    CREATE TABLE r (id INTEGER PRIMARY KEY, email TEXT, topics TEXT, cadence TEXT, language TEXT, live INTEGER);""")


class Attempt:
    def __init__(self, to, issue, articles, answer):
        self.to, self.issue, self.articles, self.answer = to, issue, articles, answer


attempts, lock = [], threading.Lock()
tries = collections.Counter()


def mood(to, issue, n):
    """What the N-th try is answered; the same in each world of one seed, whatever the order of connections."""
    h = int.from_bytes(hashlib.sha256(f"{SEED} {to} {issue}".encode()).digest()[:4], "big") % 100
    if h < 9:
        return "552 5.2.2 mailbox full for good"
    if h < 20:
        return "452 4.2.2 come again" if n <= h % 3 + 1 else "250 2.0.0 taken"
    if h < 24:
        return "452 4.2.2 come again"
    return "250 2.0.0 taken"


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        say = lambda s: self.wfile.write(s.encode() + b"\r\n")
        say("220 sink")
        to = None
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb in (b"EHLO", b"HELO"):
                say("250-sink\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES")
            elif verb == b"RCPT":
                to = re.search(rb"<(.*?)>", line).group(1).decode()
                say("250 2.1.5 fine")
            elif verb == b"DATA":
                say("354 go on")
                data = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    data += part[1:] if part.startswith(b".") else part
                m = email.message_from_bytes(data, policy=email.policy.SMTP)
                issue = int(m["Feedback-ID"].split(":")[0])
                text = m.get_body(("plain",)).get_content()
                articles = [int(x) for x in re.findall(r"https://news\.example\.org/a/(\d+)\b", text)]
                with lock:
                    tries[to, issue] += 1
                    answer = mood(to, issue, tries[to, issue])
                    attempts.append(Attempt(to, issue, articles, answer))
                say(answer)
            elif verb == b"QUIT":
                say("221 bye")
                return
            else:
                say("250 2.0.0 fine")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads, allow_reuse_address, request_queue_size = True, True, 64


server = Server(("127.0.0.1", 0), Session)
threading.Thread(target=server.serve_forever, daemon=True).start()
open("courant.ini", "w").write(f"""[site]
name = Example Desk
url = https://news.example.org
postal_address = 1 Example Street, Example
timezone = Europe/Zurich
[queue]
retry = 2h, 5h, 20h
lifetime = 3d
[relay.main]
host = 127.0.0.1
port = {server.server_address[1]}
connections = 2
[newsletter.weekly]
title = Example Weekly
from = news@example.org
schedule = weekly mon 07:00
cadences = daily, weekly, monthly
where = topic IS NOT 'secret'
languages = en, de
match_language = yes
min_articles = {MIN_ARTICLES}
max_articles = 4
body = titles
since = {SINCE:%Y-%m-%d}
[bounce]
address = bounces@example.org
[source.site]
type = sqlite
path = site.db
articles = SELECT id, 'Title ' || id AS title, 'https://news.example.org/a/' || id AS url, day AS published_at, topic,
  lang AS language FROM a WHERE live
subscribers = SELECT id, email, topics, cadence, language FROM r WHERE live
""")
said = []


def courant(t, *args):
    cmd = [COURANT, "-c", "courant.ini", "--now", f"{t:%Y-%m-%dT%H:%M:%SZ}", *args]
    r = subprocess.run(cmd, capture_output=True, text=True)
    said.append(" ".join(cmd[3:]))
    if r.returncode != 0:
        fail(f"ended with {r.returncode}: {r.stderr}{r.stdout}")
    return r.stdout


def fail(what):
    print("the last commands:\n  " + "\n  ".join(said[-12:]))
    print(f"SEED={SEED} WEEKS={WEEKS}: {what}")
    os._exit(1)


# ---- the model ----
class Article:
    def __init__(self, id):
        self.id, self.place = id, None  # place: in the order of arrival
        self.day = self.topic = self.lang = None
        self.withdrawn = self.excluded = False


class Reader:
    def __init__(self, email):
        self.email, self.status, self.returns = email, None, "active"
        self.sourced, self.gone, self.suppressed, self.until = True, False, False, None
        self.lapses = None
        self.topics = self.cadence = self.language = None  # of the source, or what was chosen
        self.own = set()
        self.heap, self.bundles, self.joins = set(), [], 0

    def takes(self, kind):
        return self.status == "active" and not self.suppressed and (self.cadence or "weekly") == kind

    def wants(self, topic, lang):
        return (not self.topics or topic in self.topics.split(",")) and \
            (not self.language or lang in self.language.split(","))


class Issue:
    def __init__(self, id, kind, frozen, lowest, last):
        self.id, self.kind, self.lowest, self.last = id, kind, lowest, last
        self.frozen = {a: (a.topic, a.lang) for a in frozen}  # what is edited later stays as it was


class Delivery:
    def __init__(self, reader, issue, articles, bundles):
        self.reader, self.issue, self.articles, self.bundles = reader, issue, articles, bundles
        self.joins, self.tried = reader.joins, None


articles, readers, open_deliveries = {}, {}, {}
arrived = []
waiting = {}          # kind -> Issue built and not released
done = {}             # kind -> the last due time dealt with
got = collections.Counter()
first_built, configured, issues = None, None, 0
stats = collections.Counter()


def last_due(kind, t):
    day = t.astimezone(ZONE).date()
    while True:
        if kind == "daily" or (kind == "weekly" and day.weekday() == 0) or (kind == "monthly" and day.day == 1):
            at = datetime.datetime(day.year, day.month, day.day, 7, tzinfo=ZONE).astimezone(UTC)
            if at <= t:
                return at
        day -= datetime.timedelta(days=1)


def join(r, t):
    r.joins += 1
    r.status, r.until = "active", None
    r.bundles = []
    r.heap = set(arrived) if first_built is None or t <= first_built else set()


def sync(t):
    seen = set()
    for id, mail, topics, cadence, language in site.execute("SELECT id, email, topics, cadence, language FROM r WHERE live ORDER BY id"):
        seen.add(mail)
        r = readers.get(mail)
        if not r:
            r = readers[mail] = Reader(mail)
            join(r, t)
        elif r.status == "removed":
            r.status = r.returns
        for k, v in (("topics", topics), ("cadence", cadence), ("language", language)):
            if k not in r.own:
                setattr(r, k, v)
    for r in readers.values():
        if r.email not in seen and r.sourced and r.status in ("active", "paused"):
            r.returns, r.status = r.status, "removed"
    rows = {row[0]: row for row in site.execute("SELECT id, day, topic, lang FROM a WHERE live")}
    for id, day, topic, lang in rows.values():
        a = articles.setdefault(id, Article(id))
        a.withdrawn = False
        a.topic, a.lang, a.day = topic, lang, datetime.datetime.fromisoformat(day.rstrip("Z")).replace(tzinfo=UTC)
    for a in articles.values():
        a.withdrawn |= a.id not in rows
    arrive(t)


def arrive(t):
    fresh = sorted((a for a in articles.values() if a.place is None and not a.withdrawn and a.day <= t), key=lambda a: (a.day, a.id))
    for a in fresh:
        a.place = len(arrived) + 1
        arrived.append(a)
        for r in readers.values():
            r.heap.add(a)


def candidates():
    return {a for a in arrived if not a.withdrawn and not a.excluded and a.day >= SINCE and a.topic != "secret" and a.lang in ("en", "de")}


def due(r, frozen):
    return {a for a in r.heap.union(*r.bundles) if a in frozen and r.wants(a.topic, a.lang)}


def build(kind, t):
    """An issue of what somebody is due; None when nobody is."""
    global first_built, issues
    all = candidates()
    whom = [r for r in readers.values() if r.takes(kind) and len(due(r, all)) >= MIN_ARTICLES]
    if not whom:
        return None
    lowest = min(a.place for r in whom for a in r.heap.union(*r.bundles)) - 1
    issues += 1
    first_built = first_built or t
    stats["issues"] += 1
    return Issue(issues, kind, {a for a in all if a.place > lowest}, lowest, len(arrived))


def release(issue):
    for r in readers.values():
        if not r.takes(issue.kind):
            continue
        old = {a for a in r.heap if a.place <= issue.lowest}
        # built before the reader came back: what it can't hold waits for the next one
        bundles = [b for b in r.bundles if min(a.place for a in b) > issue.lowest]
        heap = {a for a in r.heap if issue.lowest < a.place <= issue.last}
        wanted = {a for a in heap.union(*bundles) if a in issue.frozen and r.wants(*issue.frozen[a])}
        if len(wanted) < MIN_ARTICLES:
            continue
        stats["left for the next"] += bool(old) or len(bundles) < len(r.bundles)
        r.heap -= heap | old
        r.bundles = [b for b in r.bundles if b not in bundles] + ([frozenset(old)] if old else [])
        open_deliveries[r.email, issue.id] = Delivery(r, issue, wanted, bundles + ([frozenset(heap)] if heap else []))


def finish(d, owed):
    del open_deliveries[d.reader.email, d.issue.id]
    if owed and d.joins == d.reader.joins and d.reader.status != "left":
        d.reader.bundles += d.bundles
        stats["owed"] += 1


def tend(t, imports=True):
    """What `run` does before it delivers."""
    if imports:
        sync(t)
    arrive(t)
    for r in readers.values():
        if r.suppressed and r.lapses and r.lapses <= t:
            r.suppressed = False
        if r.status == "paused" and r.until and r.until <= t:
            r.status, r.until = "active", None
        elif r.status == "removed" and r.returns == "paused" and r.until and r.until <= t:
            pass  # when it comes back it is paused, and the next run ends that
    for kind in KINDS:
        at = last_due(kind, t)
        if kind in waiting or at <= configured or at <= done.get(kind, configured):
            continue
        done[kind] = at
        issue = build(kind, t)
        if issue:
            waiting[kind] = issue
    for kind in list(waiting):
        release(waiting.pop(kind))


def deliver(n):
    """Judges what came since attempt N, and what the program says became of each delivery."""
    for x in attempts[n:]:
        d = open_deliveries.get((x.to, x.issue))
        if not d:
            fail(f"{x.to} gets issue {x.issue}, which is not due (any more)")
        if len(x.articles) != len(set(x.articles)):
            fail(f"{x.to}, issue {x.issue}: an article stands twice: {x.articles}")
        want = {a.id for a in d.articles}
        if set(x.articles) != want:
            fail(f"{x.to}, issue {x.issue}: has {sorted(x.articles)}, due were {sorted(want)}")
        d.tried = x.answer
        if x.answer[0] == "2":
            for a in d.articles:
                got[x.to, d.reader.joins, a.id] += 1
                if got[x.to, d.reader.joins, a.id] > 1:
                    fail(f"{x.to} gets article {a.id} a second time, with issue {x.issue}")
            stats["mails"] += 1
    db = sqlite3.connect("file:queue/queue.db?mode=ro", uri=True)
    states = {(ids[s], i): state for i, s, state in db.execute("SELECT issue, subscriber, state FROM delivery WHERE issue > 0")}
    db.close()
    for key, d in list(open_deliveries.items()):
        r, state = d.reader, states.get(key)
        if state is None:
            fail(f"{key} was due and was never made")
        if state == 5 and (d.tried or "").startswith("2"):
            finish(d, False)
        elif state == 6 and (d.tried or "").startswith(("4", "5")):
            stats["expired"] += d.tried[0] == "4"
            finish(d, True)
        elif state == 7 and (r.status != "active" or r.suppressed):
            if r.suppressed:
                r.bundles = []
            stats["cancelled"] += 1
            finish(d, r.status in ("paused", "removed") and not r.suppressed)
        elif state not in (0, 2) or d.tried is None and r.status == "active" and not r.suppressed:
            fail(f"{key} is in state {state} after {d.tried}; the reader is {r.status}")


ids = {}


def look_up():
    db = sqlite3.connect("file:courant.db?mode=ro", uri=True)
    for id, mail in db.execute("SELECT id, email FROM subscriber"):
        ids[id] = mail
    db.close()


def run(t):
    n = len(attempts)
    courant(t, "run")
    look_up()
    tend(t, os.path.exists("site.db"))
    deliver(n)


# ---- what happens in a week ----
def new_reader():
    n = site.execute("SELECT coalesce(max(id), 0) + 1 FROM r").fetchone()[0]
    site.execute("INSERT INTO r VALUES (?, ?, NULL, ?, NULL, 1)", (n, f"r{n}@example.net", rnd.choice((None, None) + KINDS)))
    if chance(0.5):
        wishes(n)


def wishes(n):
    topics = ",".join(rnd.sample(TOPICS[:3], rnd.randint(1, 2))) if chance(0.5) else None
    language = rnd.choice((None, None, "en", "de", "en,de", "de,fr"))
    site.execute("UPDATE r SET topics = ?, language = ?, cadence = ? WHERE id = ?", (topics, language, rnd.choice((None, None) + KINDS), n))


def new_article(t):
    n = site.execute("SELECT coalesce(max(id), 0) + 1 FROM a").fetchone()[0]
    back = rnd.choice((0, 0, 0, 1, 5, 20, -1, -4))  # late and to come
    if chance(0.03):
        back = (t - SINCE).days + 3
    day = t - datetime.timedelta(days=back, minutes=rnd.randint(1, 60))
    site.execute("INSERT INTO a VALUES (?, ?, ?, ?, 1)", (n, f"{day:%Y-%m-%dT%H:%M:%SZ}", rnd.choice(TOPICS), rnd.choice(LANGUAGES)))


def some(what):
    return rnd.choice(what) if what else None


def by_hand(t, kind=None):
    """Something an administrator or a reader does between two runs."""
    known = [r for r in readers.values()]
    r = some([x for x in known if x.status == {1: "left", 3: "paused"}.get(kind, x.status)] or known)
    if not r:
        return
    kind = rnd.randrange(9) if kind is None else kind
    if kind == 5:
        r = some([x for x in known if x.bundles]) or r  # whom something is owed
    at = t - datetime.timedelta(minutes=5)
    if kind == 0 and r.status in ("active", "paused", "removed"):
        courant(at, "subscriber", "set", r.email, "--newsletter", "weekly", "--status", "leave")
        r.status = "left"
    elif kind == 1 and r.status == "left" and not r.suppressed:
        courant(at, "--force", "subscriber", "add", r.email, "--newsletter", "weekly")
        r.sourced = False
        join(r, at)
        stats["again"] += 1
    elif kind == 2 and r.status == "active":
        days = rnd.choice((None, 3, 10, 40))
        r.until = at + datetime.timedelta(days=days) if days else None
        courant(at, "subscriber", "set", r.email, "--newsletter", "weekly", "--status", "pause", *(["--until", f"{r.until:%Y-%m-%dT%H:%M:%SZ}"] if days else []))
        r.status = "paused"
    elif kind == 3 and r.status == "paused":
        courant(at, "subscriber", "set", r.email, "--newsletter", "weekly", "--status", "resume")
        r.status, r.until = "active", None
    elif kind == 4:
        topics = ",".join(rnd.sample(TOPICS[:3], rnd.randint(0, 2)))
        cadence = rnd.choice(("",) + KINDS)
        courant(at, "subscriber", "set", r.email, "--newsletter", "weekly", "--topics", topics, "--cadence", cadence)
        r.topics, r.cadence = topics or None, cadence or None
        r.own |= {"topics", "cadence"}
    elif kind == 5 and not r.suppressed and chance(0.5):
        days = rnd.choice((None, 4, 15))
        r.lapses = at + datetime.timedelta(days=days) if days else None
        courant(at, "suppress", "add", r.email, *(["--until", f"{r.lapses:%Y-%m-%dT%H:%M:%SZ}"] if days else []))
        r.suppressed, r.bundles = True, []
        stats["suppressed"] += 1
    elif kind == 6 and r.suppressed:
        courant(at, "suppress", "remove", r.email)
        r.suppressed = False
    elif kind == 7:
        issue = some(sorted({i for _, i in open_deliveries}))
        if issue:
            drop = chance(0.3)
            courant(at, "issue", "cancel", str(issue), *(["--drop"] if drop else []))
            for d in [d for d in open_deliveries.values() if d.issue.id == issue]:
                finish(d, not drop)
    elif kind == 8:
        # an extra issue, or that of the due time that is open; what happens until the run comes between
        due_at = last_due("weekly", at)
        courant(at, "issue", "build", "weekly")
        if "weekly" not in waiting:
            issue = build("weekly", at)
            if issue:
                waiting["weekly"] = issue
            if due_at > configured and due_at > done.get("weekly", configured):
                done["weekly"] = due_at
        stats["by hand"] += 1
        for kind in rnd.sample((1, 2, 3, 3, 4, 6, 7, 7), rnd.choice((0, 1, 4))):
            by_hand(t, kind)


def outside(t):
    """What changes at the site."""
    for _ in range(rnd.choice((0, 1, 2, 3, 5, 8))):
        new_article(t)
    if chance(0.25) and len(readers) < 22:
        new_reader()
    live = [x for x, in site.execute("SELECT id FROM r WHERE live")]
    gone = [x for x, in site.execute("SELECT id FROM r WHERE NOT live")]
    if chance(0.15) and len(live) > 8:
        site.execute("UPDATE r SET live = 0 WHERE id = ?", (rnd.choice(live),))
    if chance(0.3) and gone:
        site.execute("UPDATE r SET live = 1 WHERE id = ?", (rnd.choice(gone),))
    if chance(0.2) and live:
        wishes(rnd.choice(live))
    if chance(0.1) and articles:
        site.execute("UPDATE a SET live = NOT live WHERE id = ?", (rnd.choice(list(articles)[-12:]),))
    if chance(0.1) and articles:
        site.execute("UPDATE a SET topic = ? WHERE id = ?", (rnd.choice(TOPICS), rnd.choice(list(articles)[-6:])))


configured = datetime.datetime(2026, 11, 20, 12, tzinfo=UTC)
courant(configured, "init")
for _ in range(10):
    new_reader()
t = configured
for week in range(WEEKS + 8):
    quiet = week >= WEEKS  # the moods go on, but nothing changes: what is owed is paid
    monday = configured.replace(hour=0) + datetime.timedelta(days=3 + 7 * week)
    # minutes of the week; the machine is off in between
    times = sorted(rnd.sample(range(1, 7 * 24 * 60), rnd.choice((0, 1, 1, 1, 2)) if not quiet else 3))
    for minute in times:
        now = monday + datetime.timedelta(minutes=minute)
        if now <= t + datetime.timedelta(minutes=10):
            continue
        t = now
        lost = not quiet and chance(0.05)
        if not quiet:
            outside(t)
            for _ in range(rnd.choice((0, 0, 1, 1, 2))):
                by_hand(t)
        if lost:
            os.rename("site.db", "away.db")
        run(t)
        if lost:
            os.rename("away.db", "site.db")

# when every rhythm has had its turn, nobody who reads lacks what is due, but for what was refused in the meantime
for day in (t + datetime.timedelta(days=1), t + datetime.timedelta(days=8), t + datetime.timedelta(days=40)):
    run(day)
for r in readers.values():
    rest = {a for a in r.heap if a in candidates() and r.wants(a.topic, a.lang)} if r.status == "active" and not r.suppressed else ()
    if len(rest) >= MIN_ARTICLES:
        fail(f"{r.email} still lacks {sorted(a.id for a in rest)}")
print(f"# seed {SEED}, {WEEKS} weeks: " + ", ".join(f"{v} {k}" for k, v in sorted(stats.items())))
os._exit(0)
