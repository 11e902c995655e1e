"""What others do to a run: a program that holds a database's lock, a queue that can't be written for a while, a relay that
goes away and comes back."""
import os, random, signal, sqlite3, subprocess, sys, time
from rig import *

READERS = number("READERS", 1200)
LOCKS = [float(x) for x in os.environ.get("LOCKS", "3 30").split()]
out = []


def holder(path, seconds):
    """Another program holds BEGIN IMMEDIATE."""
    p = subprocess.Popen([sys.executable, "-c", "import sqlite3, sys, time\ndb = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
                          "db.execute('BEGIN IMMEDIATE')\nprint('held', flush=True)\ntime.sleep(float(sys.argv[2]))", path, str(seconds)], stdout=subprocess.PIPE)
    p.stdout.readline()
    return p


def until(sink, n, p, what, seconds=30):
    end = time.monotonic() + seconds
    while sink.count() < n:
        if p.poll() is not None or time.monotonic() > end:
            fail("%s: %d messages, the run %s: %s" % (what, sink.count(), p.poll(), open("courant.err").read()[-300:]))
        time.sleep(0.005)


def case(name, delay="10", **k):
    os.mkdir(name)
    os.chdir(name)
    sink = Sink("--delay", delay)
    return sink, Site(sink.port, READERS, 1, 8, **k)


def over(sink, site, name, repeats=0):
    site.offset += timedelta(minutes=20)
    site.finish()
    v = verdict(site, sink.read())
    sink.stop()
    os.chdir("..")
    if v.lost or v.repeated > repeats:
        fail("%s: lost %d, repeated %d" % (name, v.lost, v.repeated))
    return v


# 1. a lock held from before the run and in the middle of it
for path in ("queue/queue.db", "courant.db"):
    for seconds in LOCKS:
        if seconds > 10 and path == "courant.db":
            continue
        name = "lock-%s-%g" % (os.path.basename(path), seconds)
        sink, site = case(name)
        if seconds < 10:
            h = holder(path, seconds)
            begin = time.monotonic()
            p = site.start("run")
            rc = p.wait(60)
            if rc != 0 or time.monotonic() - begin < seconds - 0.5:
                fail("%s: with the lock held at its beginning the run ended with %d after %.1f s" % (name, rc, time.monotonic() - begin))
            h.wait()
            over(sink, site, name)
            out.append("%s waited" % name)
            continue
        # for longer than a statement waits: at its beginning it gives up with a sentence, in the middle it goes on
        h = holder(path, 14)
        rc, said = site.run("run", want=(75,), timeout=60)
        if "locked" not in said:
            fail("%s: it said %s" % (name, said))
        h.wait()
        p = site.start("run")
        until(sink, READERS // 4, p, name)
        h = holder(path, seconds)
        at = sink.count()
        time.sleep(seconds / 2)
        held = sink.count() - at
        rc = p.wait(90)
        h.wait()
        if rc != 0:
            fail("%s: ended with %d: %s" % (name, rc, open("courant.err").read()[-400:]))
        over(sink, site, name)
        out.append("%s went on (%d messages meanwhile)" % (name, held))

# 2. the queue can't be written for three seconds in the middle of a run
if not os.environ.get("SANITIZED"):
    name = "read-only"
    sink, site = case(name)
    gate = os.path.abspath("gate")
    p = site.start("run", env={"LD_PRELOAD": FAULTS, "FAULTS_P": "1", "FAULTS_ERRNO": "EROFS", "FAULTS_ONLY": "queue.db", "FAULTS_WHILE": gate})
    until(sink, READERS // 4, p, name)
    open(gate, "w").close()
    time.sleep(1.5)
    at = sink.count()
    time.sleep(1.5)
    if sink.count() != at:
        fail("%s: %d messages went though no outcome could be recorded" % (name, sink.count() - at))
    os.unlink(gate)
    rc = p.wait(60)
    if rc != 0:
        fail("%s: ended with %d: %s" % (name, rc, open("courant.err").read()[-400:]))
    v = over(sink, site, name)
    out.append("read-only for 3 s went on")

    # the same, stopped before it can be written again: what was on the wire may go again, one a connection
    name = "read-only-killed"
    sink, site = case(name)
    gate = os.path.abspath("gate")
    p = site.start("run", env={"LD_PRELOAD": FAULTS, "FAULTS_P": "1", "FAULTS_ERRNO": "EROFS", "FAULTS_ONLY": "queue.db", "FAULTS_WHILE": gate})
    until(sink, READERS // 4, p, name)
    open(gate, "w").close()
    time.sleep(1)
    p.send_signal(signal.SIGTERM)
    begin = time.monotonic()
    rc = p.wait(30)
    if rc not in (74, 75) or time.monotonic() - begin > 6:
        fail("%s: ended with %d after %.1f s" % (name, rc, time.monotonic() - begin))
    v = over(sink, site, name, 8)
    out.append("and stopped then, repeated %d of at most 8" % v.repeated)

# 3. the relay vanishes in mid-run and comes back
name = "vanished"
sink, site = case(name)
unanswered = 0
for k in range(3):
    p = site.start("run")
    until(sink, sink.count() + READERS // 6, p, name)
    sink.p.kill()
    sink.p.wait()
    rc = p.wait(60)
    if rc not in (0, 75):
        fail("%s: ended with %d" % (name, rc))
    # while it is away a run says so
    site.offset += timedelta(minutes=20)
    rc, said = site.run("run", want=(75,))
    if "relay" not in said:
        fail("%s: it said %s" % (name, said))
    SINKS.remove(sink)
    old = sink
    sink = Sink("--delay", "10", port=old.port)
    site.offset += timedelta(minutes=20)
v = over(sink, site, name, 8 * 3)
out.append("relay away 3 times, repeated %d of at most %d" % (v.repeated, 8 * 3))
print("# %s; lost 0" % "; ".join(out))
