"""Injected faults: courant runs with faults.so, which makes writes, syncs, truncations and allocations of the queue's and
the databases' files fail with EIO or ENOSPC, RUNS times with other seeds, each for a short time; then without, to the end."""
import collections, os, random, signal, time
from rig import *

READERS, ISSUES, RUNS = number("READERS", 2500), number("ISSUES", 4), number("RUNS", 80)
SEED = number("SEED", int(time.time()))
CONNECTIONS = 8
random.seed(SEED)
sink = Sink("--delay", "6")
site = Site(sink.port, READERS, ISSUES, CONNECTIONS)
codes, faults, killed, said_of = collections.Counter(), 0, 0, collections.Counter()
done = 0
for week in range(ISSUES):
    site.week, site.ticks = week, 0
    for _ in range(RUNS * (week + 1) // ISSUES - RUNS * week // ISSUES):
        env = {"LD_PRELOAD": FAULTS, "FAULTS_SEED": str(random.randrange(1 << 30)), "FAULTS_REPORT": os.path.abspath("faults.txt"),
               "FAULTS_P": str(random.choice((0.002, 0.01, 0.05, 0.3))), "FAULTS_ERRNO": random.choice(("EIO", "ENOSPC", "EIO,ENOSPC")),
               "FAULTS_OPS": random.choice(("write", "sync", "truncate,allocate", "write,sync", "write,sync,truncate,allocate")),
               "FAULTS_BURST": str(random.choice((1, 1, 3, 50, 1000000))), "FAULTS_SKIP": str(random.choice((0, 5, 50, 200)))}
        only = random.choice((None, None, "queue.db", ".wire", ".wire", "-wal", "courant.db", ".pair"))
        if only:
            env["FAULTS_ONLY"] = only
        at = os.path.getsize("courant.err")
        p = site.start("run", env=env)
        end = time.monotonic() + random.uniform(0.2, 1.0)
        while p.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
        if p.poll() is None:
            if random.random() < 0.5:
                p.kill()
                killed += 1
            else:
                p.send_signal(signal.SIGTERM)
                begin = time.monotonic()
                try:
                    p.wait(8)
                except Exception:
                    p.kill()
                    p.wait()
                    fail("it did not end within 8 s of SIGTERM: %s" % {k: v for k, v in env.items() if "FAULTS" in k})
        rc = p.wait()
        done += 1
        codes["killed" if rc == -9 else rc] += 1
        if rc not in (0, 73, 74, 75, -9):
            fail("a run ended with %d: %s, %s" % (rc, env, open("courant.err").read()[-600:]))
        with open("courant.err") as f:
            f.seek(at)
            said = f.read()
        if rc > 0 and not said.strip():
            fail("a run ended with %d without a word: %s" % (rc, env))
    if week + 1 < ISSUES:
        site.finish()
site.finish()
faults = collections.Counter(l.split()[0] for l in open("faults.txt"))
v = verdict(site, sink.read())
sink.stop()
print("# %d runs with faults (%s; ended with %s), integrity ok: %d messages, lost %d, repeated %d of at most %d, shown as unknown %d; SEED=%d"
      % (done, ", ".join("%d %s" % (n, k) for k, n in sorted(faults.items())), ", ".join("%s: %d" % (k, n) for k, n in sorted(codes.items(), key=str)),
         v.accepted, v.lost, v.repeated, CONNECTIONS * done, v.unknowns, SEED))
if v.lost:
    fail("%d messages were lost" % v.lost)
if v.repeated > CONNECTIONS * done:
    fail("%d messages were repeated" % v.repeated)
