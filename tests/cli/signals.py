"""SIGTERM and SIGINT at random moments of a run, then with a relay that stalls."""
import os, random, signal, time
from rig import *

READERS, N, SEED = number("READERS", 2500), number("N", 20), number("SEED", int(time.time()))
CONNECTIONS = 8
random.seed(SEED)
sink = Sink("--delay", "5")
site = Site(sink.port, READERS, 1, CONNECTIONS)
slowest, stopped, before_delivery = 0, 0, 0


def stop(p, which):
    global slowest
    begin = time.monotonic()
    p.send_signal(which)
    try:
        rc = p.wait(20)
    except subprocess.TimeoutExpired:
        p.kill()
        fail("it does not end at signal %d" % which)
    slowest = max(slowest, time.monotonic() - begin)
    return rc


while stopped < N:
    had = sink.count()
    p = site.start("run")
    end = time.monotonic() + random.choice((random.uniform(0.03, 0.2), random.uniform(0.1, 0.6)))
    while p.poll() is None and time.monotonic() < end and sink.count() < had + READERS * 0.9 / N:
        time.sleep(0.002)
    if p.poll() is not None:
        break
    rc = stop(p, random.choice((signal.SIGTERM, signal.SIGINT)))
    if rc != 75 and not (rc in (-2, -15) and sink.count() == had):
        fail("a run that was stopped ended with %d: %s" % (rc, open("courant.err").read()[-400:]))
    if "stopped by a signal" not in open("courant.err").read()[-400:] and rc == 75:
        fail("it did not say that it was stopped")
    before_delivery += sink.count() == had
    stopped += 1
    if site.peek("SELECT count(*) FROM delivery WHERE state IN (1, 4)") not in ([(0,)], []):
        fail("a run that ended in order left claimed or unknown deliveries")
site.finish()
v = verdict(site, sink.read())
sink.stop()
if v.lost or v.repeated or v.unknowns:
    fail("lost %d, repeated %d, unknown %d" % (v.lost, v.repeated, v.unknowns))
if slowest > 5:
    fail("the slowest stop took %.1f s" % slowest)
if stopped < N / 2:
    fail("only %d signals" % stopped)

# a relay that stalls: at connecting (it does not accept), in the middle of a session, at the dot
slow = 0
results = []
for what in ("frozen", "mail", "rcpt", "dot"):
    os.mkdir(what)
    os.chdir(what)
    opts = {"mail": ["--mail", "stall"], "rcpt": ["--rcpt", "r1=stall"], "dot": ["--dot", "r1=stall"], "frozen": []}[what]
    s = Sink("--stall", "60", *opts)
    if what == "frozen":
        s.signal(signal.SIGSTOP)
    site = Site(s.port, 40, 1, 4)
    p = site.start("run")
    time.sleep(0.8)
    if p.poll() is not None:
        fail("%s: the run ended with %d" % (what, p.returncode))
    begin = time.monotonic()
    rc = stop(p, signal.SIGTERM)
    took = time.monotonic() - begin
    slow = max(slow, took)
    if rc != 75 or took > 5.5:
        fail("%s: ended with %d after %.1f s" % (what, rc, took))
    s.signal(signal.SIGCONT)
    s.stop()
    s = Sink(port=s.port)
    site.offset += timedelta(minutes=20)
    site.finish()
    rows = s.read()
    v = verdict(site, rows)
    results.append("%s %.1f s, repeated %d" % (what, took, v.repeated))
    # the record holds the stalled ones too, with no answer given
    if v.lost or v.repeated > sum(not r["answered"] for r in rows):
        fail("%s: lost %d, repeated %d" % (what, v.lost, v.repeated))
    s.stop()
    os.chdir("..")
print("# %d signals (%d before the first message), slowest stop %.1f s, lost 0, repeated 0; stalled relay: %s; SEED=%d"
      % (stopped, before_delivery, slowest, "; ".join(results), SEED))
