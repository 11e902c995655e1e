#!/usr/bin/env python3
"""Speed and memory of courant beside named references, each pair measured alternately in the same run.

usage: bench.py BUILD [NAME...]
  delivery   `courant send` of N personal messages of some 10 KB to smtp-sink, 16 connections; reference: smtp-source
             with 16 sessions, the same number and size, to the same sink
  signed     the same with DKIM, RSA-2048; reference: the smaller of smtp-source and `openssl speed rsa2048` on all cores
  compose    composing messages of some 10 KB on one core, unsigned (no reference: 100,000 a second) and signed with
             RSA-2048 and Ed25519; reference: `openssl speed` of the two on one core
  distant    delivery over connections with a round trip of 50 ms; reference: what three round trips a message allow
  linear     ten times N messages; reference: N of them
  release    an issue to M subscribers; reference: sqlite3 inserting the same rows in one transaction
  idle       `courant run` with nothing to do, M subscribers; reference: sqlite3 'select 1'
  import     `subscriber import` of a CSV of M people in no order; reference: `sqlite3 .import` into a table with the same
             unique index, the same file
  people     the peak of import, export, listing and finding at M subscribers; reference: at M/100; and how time grows
  memory     the peak of each command at M subscribers; reference: at M/100; and how its time grows
From the environment: N=20000 M=1000000 ROUNDS=3. KEEP=1 keeps the scratch folder.
"""
import json, os, shutil, signal, socket, statistics, subprocess, sys, tempfile, time

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
NAMES = sys.argv[2:] or ["delivery", "signed", "compose", "distant", "linear", "release", "idle", "import", "people", "memory"]
N = int(os.environ.get("N", 20000))
M = int(os.environ.get("M", 1000000))
ROUNDS = int(os.environ.get("ROUNDS", 3))
COURANT = os.path.join(BUILD, "courant")
os.environ["PATH"] += ":/usr/sbin:/sbin"
os.environ["LC_ALL"] = "C.UTF-8"
INIT, SYNC, BUILD_AT, SEND_AT, LATER = ("2026-11-20T12:00:00Z", "2026-11-23T07:05:00Z", "2026-11-23T07:06:00Z", "2026-11-23T07:07:00Z", "2026-11-23T09:07:00Z")
TEXT = """The gauge at the old bridge is read every hour, and the figures go up on the board beside the door. Whoever lives
in the lower quarter knows by heart what they mean: below two hundred nothing, above it the path is closed. """


class Failed(Exception):
    pass


def run(args, cwd, out=None, ok=(0,)):
    """Runs a command to its end; (seconds, CPU seconds, peak KiB)."""
    with open(os.path.join(cwd, "bench.err"), "wb") as err:
        sink = open(out, "wb") if out else subprocess.DEVNULL
        t = time.monotonic()
        p = subprocess.Popen(args, cwd=cwd, stdin=subprocess.DEVNULL, stdout=sink, stderr=err)
        _, status, use = os.wait4(p.pid, 0)
        t = time.monotonic() - t
        p.returncode = os.waitstatus_to_exitcode(status)
        if out:
            sink.close()
    if p.returncode not in ok:
        last = open(os.path.join(cwd, "bench.err"), errors="replace").read().strip().split("\n")[-1]
        raise Failed("%s ended with %d: %s" % (" ".join(os.path.basename(a) for a in args[:8]), p.returncode, last))
    return t, use.ru_utime + use.ru_stime, use.ru_maxrss


def courant(cwd, *args, at=None, out=None, ok=(0,)):
    return run([COURANT, "-c", "courant.ini"] + (["--now", at] if at else []) + list(args), cwd, out, ok)


def document(cwd, *args, at=None):
    out = os.path.join(cwd, "out.json")
    courant(cwd, "--json", *args, at=at, out=out)
    return json.load(open(out))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def site(cwd, readers=0):
    """A foreign database: four articles that make a digest of some 10 KB, and readers."""
    sql = ["BEGIN; CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT, url TEXT, day TEXT, body TEXT); CREATE TABLE member (id INTEGER PRIMARY KEY, mail TEXT, name TEXT);"]
    for i in range(1, 5):
        sql.append("INSERT INTO post VALUES (%d, 'Article %d of the week', 'https://news.example.org/a/%d', '2026-11-2%dT08:00:00Z', '%s');" % (i, i, i, i % 3, ("<p>%s</p>" % TEXT) * 3))
    if readers:
        sql.append("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO member SELECT i, 'r' || i || '@example.net', 'Reader ' || i FROM n;" % readers)
    sql.append("COMMIT;")
    subprocess.run(["sqlite3", "site.db"], input="\n".join(sql).encode(), cwd=cwd, check=True)


def config(cwd, port, more="", newsletter=""):
    with open(os.path.join(cwd, "courant.ini"), "w") as f:
        f.write("""[site]
name = Example Desk
url = https://news.example.org
postal_address = 1 Example Street, Example
timezone = UTC
[database]
path = courant.db
[queue]
path = queue/queue.db
[relay.main]
host = 127.0.0.1
port = %d
tls = none
connections = 16
[newsletter.weekly]
title = Example Weekly
from = Example Desk <news@example.org>
schedule = weekly mon 07:00
since = 2026-10-01
body = full
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
%s""" % (port, newsletter, more))


def folder(name):
    d = os.path.join(SCRATCH, name)
    os.makedirs(d)
    return d


def reachable(port):
    """Waits until something answers there."""
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.05)
    raise Failed("nothing answers on port %d" % port)


class SmtpSink:
    """Postfix's own sink: it stores nothing."""

    def __enter__(self):
        self.port = free_port()
        user = ["-u", "nobody"] if os.getuid() == 0 else []
        self.p = subprocess.Popen(["smtp-sink"] + user + ["127.0.0.1:%d" % self.port, "2000"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        reachable(self.port)
        return self.port

    def __exit__(self, *_):
        self.p.terminate()
        self.p.wait()


# ---- the table ----

missed = []


def row(what, ours, reference, ratio, budget, within):
    print("%-46s %18s %18s %8s  %-10s %s" % (what, ours, reference, ratio, budget, "" if within is None else "yes" if within else "NO"), flush=True)
    if within is False:
        missed.append(what)


# ---- what is measured ----


def deliver(name, n, key=None):
    """Median rates of send and of smtp-source, alternating; CPU microseconds a message; the message's size."""
    ours, theirs, cpu, size = [], [], [], 0
    with SmtpSink() as port:
        for i in range(ROUNDS):
            d = folder("%s%d" % (name, i))
            site(d, n)
            config(d, port, "[dkim]\ndomain = example.org\nselector = s\nkey_file = %s\n" % key if key else "")
            courant(d, "init", at=INIT)
            courant(d, "source", "sync", at=SYNC)
            eml = os.path.join(d, "eml")
            courant(d, "issue", "preview", "weekly", "--eml", at=SYNC, out=eml)
            size = os.path.getsize(eml)
            courant(d, "issue", "build", "weekly", at=BUILD_AT)
            source = ["smtp-source", "-d", "-s", "16", "-m", str(n), "-l", str(size), "-f", "a@example.org", "-t", "b@example.net", "127.0.0.1:%d" % port]
            for which in ("ours", "theirs") if i % 2 == 0 else ("theirs", "ours"):
                if which == "theirs":
                    theirs.append(run(source, d)[0])
                else:
                    t, c, _ = courant(d, "send", at=SEND_AT)
                    ours.append(t)
                    cpu.append(c)
            sent = document(d, "queue", "status")["sent"]
            if sent != n:
                raise Failed("%d of %d sent" % (sent, n))
            shutil.rmtree(d)
    return n / statistics.median(ours), n / statistics.median(theirs), statistics.median(cpu) / n * 1e6, size


def bench_delivery():
    ours, theirs, cpu, size = deliver("delivery", N)
    row("delivery of %d x %d bytes" % (N, size), "%.0f/s" % ours, "%.0f/s" % theirs, "%.2f" % (ours / theirs), ">= 0.9", ours / theirs >= 0.9)
    row("  CPU a message", "%.0f us" % cpu, "", "", "", None)


def keys(d):
    """An RSA-2048 and an Ed25519 key in files."""
    rsa, ed = os.path.join(d, "rsa.pem"), os.path.join(d, "ed.pem")
    subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", rsa], check=True, stderr=subprocess.DEVNULL)
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", ed], check=True)
    os.chmod(rsa, 0o600)
    os.chmod(ed, 0o600)
    return rsa, ed


def openssl_speed(what, cores):
    """Signatures a second, as openssl measures itself."""
    args = ["openssl", "speed", "-mr", "-seconds", "2"] + (["-multi", str(cores)] if cores > 1 else []) + [what]
    said = subprocess.run(args, check=True, capture_output=True, text=True).stdout
    line = [l for l in said.split("\n") if l.startswith("+F") and (":2048:" in l or ":253:" in l)][-1]
    return float(line.split(":")[-2])  # then come the verifications


def sha256_speed():
    """Bytes a second on one core."""
    args = ["openssl", "speed", "-mr", "-seconds", "1", "-bytes", "16384", "-evp", "sha256"]
    said = subprocess.run(args, check=True, capture_output=True, text=True).stdout
    return float([l for l in said.split("\n") if l.startswith("+F")][-1].split(":")[-1])


def bench_signed():
    d = folder("keys")
    n = N // 2
    ours, theirs, cpu, size = deliver("signed", n, keys(d)[0])
    crypto = openssl_speed("rsa2048", os.cpu_count())
    reference = min(theirs, crypto)
    row("delivery of %d x %d bytes, DKIM rsa2048" % (n, size), "%.0f/s" % ours, "%.0f/s" % reference, "%.2f" % (ours / reference), ">= 0.7", ours / reference >= 0.7)
    both = 1 / (1 / theirs + 1 / crypto)  # the sink and the sender of one machine share its cores with the signatures
    row("  as if smtp-source signed on the same cores", "", "%.0f/s" % both, "%.2f" % (ours / both), "", None)


def bench_compose():
    d = folder("compose")
    rsa, ed = keys(d)
    rates = {"unsigned": [], rsa: [], ed: [], "pictures:unsigned": [], "pictures:" + ed: []}
    sizes = {}
    references = {rsa: [], ed: [], "sha256": []}
    grown = 0
    for _ in range(ROUNDS):
        out = os.path.join(d, "out")
        run([os.path.join(BUILD, "compose_bench"), "1", rsa, ed, "--pictures", "96", ed], d, out)
        for l in open(out):
            what, rate, size, more = l.split()
            rates[what].append(float(rate))
            sizes[what] = int(size)
            grown = max(grown, int(more))
        references[rsa].append(openssl_speed("rsa2048", 1))
        references[ed].append(openssl_speed("ed25519", 1))
        references["sha256"].append(sha256_speed())
    v = statistics.median(rates["unsigned"])
    row("composing %d bytes on one core" % sizes["unsigned"], "%.0f/s" % v, "100000/s", "%.2f" % (v / 100000), ">= 1.0", v >= 100000)
    row("  heap allocated by a message after warm-up", "%d bytes" % grown, "", "", "0", grown == 0)
    for key, what, least in ((rsa, "rsa2048", 0.9), (ed, "ed25519", 0.6)):
        v, r = statistics.median(rates[key]), statistics.median(references[key])
        row("the same signed with %s" % what, "%.0f/s" % v, "%.0f/s" % r, "%.2f" % (v / r), ">= %.1f" % least, v / r >= least)
    # with pictures: unsigned it is copying; signed, the body is different from the reader's first slot on and must be hashed
    size = sizes["pictures:unsigned"]
    v = statistics.median(rates["pictures:unsigned"])
    row("composing %d bytes with pictures" % size, "%.0f/s" % v, "20000/s", "%.2f" % (v / 20000), ">= 1.0", v >= 20000)
    v = statistics.median(rates["pictures:" + ed])
    r = 1 / (1 / statistics.median(references[ed]) + size / statistics.median(references["sha256"]))
    row("the same signed with ed25519 (and SHA-256 of it)", "%.0f/s" % v, "%.0f/s" % r, "%.2f" % (v / r), ">= 0.6", v / r >= 0.6)


def bench_distant():
    """libesmtp needs three round trips a message: MAIL is not said before the answer to the last one's end came."""
    n, trip = 1600, 0.05
    with SmtpSink() as port:
        far = free_port()
        proxy = subprocess.Popen([sys.executable, os.path.join(os.path.dirname(__file__), "delay_proxy.py"), str(far), str(port), str(int(trip * 1000))])
        try:
            reachable(far)
            d = folder("distant")
            site(d, n)
            config(d, far)
            courant(d, "init", at=INIT)
            courant(d, "source", "sync", at=SYNC)
            t = courant(d, "run", at=SEND_AT)[0]
        finally:
            proxy.terminate()
            proxy.wait()
    allowed = 16 / (3 * trip)
    row("16 connections, round trip of 50 ms", "%.0f/s" % (n / t), "%.0f/s" % allowed, "%.2f" % (n / t / allowed), ">= 0.9", n / t / allowed >= 0.9)


def send_all(name, n):
    with SmtpSink() as port:
        d = folder(name)
        site(d, n)
        config(d, port)
        courant(d, "init", at=INIT)
        courant(d, "source", "sync", at=SYNC)
        courant(d, "issue", "build", "weekly", at=BUILD_AT)
        t = courant(d, "send", at=SEND_AT)[0]
        if document(d, "queue", "status")["sent"] != n:
            raise Failed("not all of %d were sent" % n)
        shutil.rmtree(d)
    return t


def bench_linear():
    few, many = send_all("few", N), send_all("many", 10 * N)
    row("delivery of %d" % (10 * N), "%.1f s" % many, "%.2f s for %d" % (few, N), "%.1f" % (many / few), "<= 10.5", many / few <= 10.5)


def installation(name, n, at=SYNC, newsletter="hold = 1h"):
    """An installation with n subscribers and the articles in its source; (folder, what its import took)."""
    d = folder(name)
    site(d, n)
    config(d, free_port(), newsletter=newsletter)
    courant(d, "init", at=INIT)
    took = courant(d, "source", "sync", at=at)
    return d, took


def bench_release():
    ours, theirs = [], []
    for i in range(ROUNDS):
        d, _ = installation("release%d" % i, M)
        courant(d, "issue", "build", "weekly", at=BUILD_AT)
        ours.append(courant(d, "send", at=SEND_AT)[0])
        made = document(d, "issue", "list")[0]["readers"]
        if made != M:
            raise Failed("%d of %d deliveries were made" % (made, M))
        script = subprocess.run(["sqlite3", "queue/queue.db", ".schema delivery", ".schema mark"], cwd=d, check=True, capture_output=True, text=True).stdout
        numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) " % M
        script = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;\n" + script + "BEGIN;\n"
        script += numbers + "INSERT INTO delivery(issue, subscriber, state, rendition, from_arrival, flags) SELECT 1, i, 0, 1, 0, 0 FROM n;\n"
        script += numbers + "INSERT INTO mark SELECT 1, i, 4 FROM n;\nCOMMIT;\n"
        t = time.monotonic()
        subprocess.run(["sqlite3", "ref.db"], input=script.encode(), cwd=d, check=True, stdout=subprocess.DEVNULL)
        theirs.append(time.monotonic() - t)
        shutil.rmtree(d)
    ours, theirs = statistics.median(ours), statistics.median(theirs)
    row("release to %d subscribers" % M, "%.2f s" % ours, "%.2f s" % theirs, "%.2f" % (ours / theirs), "<= 2.0", ours / theirs <= 2)


def bench_idle():
    d, _ = installation("idle", M, at=INIT)
    for _ in range(2):  # the second one makes sure that the source is known to be unchanged
        courant(d, "run", at=INIT)
    ours, theirs = [], []
    for _ in range(max(9, ROUNDS)):
        ours.append(courant(d, "run", at=INIT)[0])
        theirs.append(run(["sqlite3", "courant.db", "select 1"], d)[0])
    ours, theirs = statistics.median(ours), statistics.median(theirs)
    row("run with nothing to do, %d subscribers" % M, "%.1f ms" % (ours * 1000), "%.1f ms" % (theirs * 1000), "%.1f" % (ours / theirs), "<= 15", ours / theirs <= 15)
    shutil.rmtree(d)


def people_csv(path, n):
    """People as a service exports them, in no order of address. Made by another program: this one's memory would count as a
    child's."""
    sql = """WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d - 1),
        given(k, name) AS (VALUES (0, 'Anna'), (1, 'Bert'), (2, 'Carla'), (3, 'Dorje'), (4, 'Emma'), (5, 'Farid'), (6, 'Gul'), (7, 'Hana'), (8, 'Ivo'), (9, 'Jamal'))
        SELECT lower(name) || '.' || i || '@' || substr('northsoutheast west ', 1 + i %% 4 * 5, 4) || '.example' AS "Email Address",
        name || ' Reader' || i AS Name, name AS "First Name", substr('enbodefr', 1 + i %% 4 * 2, 2) AS Language
        FROM n JOIN given ON k = i %% 10 ORDER BY i * 2654435761 %% 4294967296;""" % n
    with open(path, "wb") as f:
        subprocess.run(["sqlite3", "-csv", "-header", ":memory:", sql], stdout=f, check=True)


def bare_installation(name):
    d = folder(name)
    site(d)
    config(d, free_port())
    courant(d, "init", at=INIT)
    return d


def bench_import():
    ours, theirs, cpu, their_cpu = [], [], [], []
    people_csv(os.path.join(SCRATCH, "people.csv"), M)
    for i in range(ROUNDS):
        d = bare_installation("import%d" % i)
        took = courant(d, "subscriber", "import", "../people.csv", at=SYNC)
        ours.append(took[0])
        cpu.append(took[1])
        subprocess.run(["sqlite3", "ref.db", "CREATE TABLE person (email TEXT UNIQUE, name TEXT, given_name TEXT, language TEXT)"], cwd=d, check=True)
        took = run(["sqlite3", "ref.db", ".mode csv", ".import --skip 1 ../people.csv person"], d)
        theirs.append(took[0])
        their_cpu.append(took[1])
        shutil.rmtree(d)
    ours, theirs, cpu, their_cpu = (statistics.median(x) for x in (ours, theirs, cpu, their_cpu))
    row("import of a CSV of %d people" % M, "%.2f s" % ours, "%.2f s" % theirs, "%.2f" % (ours / theirs), "<= 3", ours / theirs <= 3)
    row("  CPU time", "%.2f s" % cpu, "%.2f s" % their_cpu, "%.2f" % (cpu / their_cpu), "", None)


def people_steps(name, n):
    d = bare_installation(name)
    people_csv(os.path.join(d, "people.csv"), n)
    yield "subscriber import (first)", courant(d, "subscriber", "import", "people.csv", at=SYNC)
    yield "subscriber import (again)", courant(d, "subscriber", "import", "people.csv", at=SYNC)
    yield "subscriber import (dry run)", courant(d, "subscriber", "import", "people.csv", "--dry-run", at=SYNC)
    yield "subscriber list", courant(d, "subscriber", "list")
    yield "subscriber list PART", courant(d, "subscriber", "list", "anna.12@north")
    yield "subscriber list --language --status", courant(d, "subscriber", "list", "--language", "bo", "--status", "active", "--newsletter", "weekly")
    yield "subscriber export", courant(d, "subscriber", "export", "--output", "all.csv")
    yield "subscriber export --json", courant(d, "--json", "subscriber", "export", "--output", "all.json")
    yield "subscriber import of that CSV", courant(d, "subscriber", "import", "all.csv", at=SYNC)
    yield "subscriber import of that JSON", courant(d, "subscriber", "import", "all.json", at=SYNC)
    yield "stats", courant(d, "stats")
    shutil.rmtree(d)


def bench_people():
    floor = run(["true"], SCRATCH)[2]
    small = dict(people_steps("people-small", M // 100))
    for what, (t, _, peak) in people_steps("people-large", M):
        was_t, _, was = small[what]
        ratio = max(peak, floor) / max(was, floor)
        row("%s: peak memory" % what, "%.1f MiB" % (peak / 1024), "%.1f MiB" % (was / 1024), "%.2f" % ratio, "<= 1.2, 64", peak <= 64 * 1024 and ratio <= 1.2)
        row("  time at %d and %d" % (M, M // 100), "%.2f s" % t, "%.3f s" % was_t, "%.0f" % (t / was_t), "", None)


def steps(name, n):
    """What each command takes in an installation of n subscribers."""
    d, took = installation(name, n)
    yield "source sync (first)", took
    yield "source sync (again)", courant(d, "source", "sync", at=SYNC)
    yield "issue build", courant(d, "issue", "build", "weekly", at=BUILD_AT)
    yield "send (release)", courant(d, "send", at=SEND_AT)
    yield "subscriber list", courant(d, "subscriber", "list")
    yield "subscriber list --json", courant(d, "subscriber", "list", "--json")
    yield "queue status", courant(d, "queue", "status")
    yield "queue list --json", courant(d, "queue", "list", "--json")
    with SmtpSink() as port:
        config(d, port, newsletter="hold = 1h")
        yield "send (delivery)", courant(d, "send", at=LATER)
    sent = document(d, "queue", "status")["sent"]
    if sent != n:
        raise Failed("%d of %d sent" % (sent, n))
    yield "run (nothing to do)", courant(d, "run", at=LATER)
    shutil.rmtree(d)


def bench_memory():
    floor = run(["true"], SCRATCH)[2]  # what this program's own memory adds to a child's peak
    small = {}
    for what, took in steps("small", M // 100):
        small[what] = took
    worst = 0
    for what, (t, _, peak) in steps("large", M):
        was_t, _, was = small[what]
        ratio = max(peak, floor) / max(was, floor)
        within = peak <= 64 * 1024 and ratio <= 1.2
        worst = max(worst, peak)
        row("%s: peak memory" % what, "%.1f MiB" % (peak / 1024), "%.1f MiB" % (was / 1024), "%.2f" % ratio, "<= 1.2, 64", within)
        row("  time at %d and %d" % (M, M // 100), "%.2f s" % t, "%.3f s" % was_t, "%.0f" % (t / was_t), "", None)
    row("peak of all (Python's own share: %.0f MiB)" % (floor / 1024), "%.1f MiB" % (worst / 1024), "", "", "<= 64 MiB", worst <= 64 * 1024)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
SCRATCH = tempfile.mkdtemp(prefix="courant-bench.")
try:
    print("%d cores, %s; medians of %d" % (os.cpu_count(), time.strftime("%Y-%m-%d"), ROUNDS))
    print("%-46s %18s %18s %8s  %-10s %s" % ("", "courant", "reference", "ratio", "budget", "within"))
    for wanted in NAMES:
        measure = globals().get("bench_" + wanted)
        if not measure:
            sys.exit("%s: there is no such measurement; the opening comment lists them" % wanted)
        try:
            measure()
        except (Failed, OSError, subprocess.CalledProcessError) as e:
            row(wanted, "not measured", "", "", "", False)
            print("    %s" % e)
finally:
    if not os.environ.get("KEEP"):
        shutil.rmtree(SCRATCH, ignore_errors=True)
sys.exit(bool(missed))
