"""Kills courant K times at random moments while it delivers N messages, and counts at the end.

Each kill is one of: "early", in the first 2 to 60 ms; "stage", somewhere in the time that import, build and release of
an issue take; "delivery", after a random number of further messages were accepted, plus up to 3 ms."""
import collections, os, random, time
from rig import *

N, K, ISSUES = number("N", 20000), number("K", 240), number("ISSUES", 4)
SEED = number("SEED", int(time.time()))
CONNECTIONS = 8
random.seed(SEED)
sink = Sink("--delay", "3")
site = Site(sink.port, N // ISSUES, ISSUES, CONNECTIONS)
kinds, died, died_in = collections.Counter(), 0, collections.Counter()
total = N // ISSUES * ISSUES
stage_s = 0.3  # how long a run takes before its first message


def stage(before):
    """Where the process was killed, as far as queue.db tells."""
    states = dict(site.peek("SELECT id, state FROM issue"))
    was = dict(before)
    if len(states) <= site.week:
        return "import and build"
    if len(was) <= site.week or any(s in (0, 1, 2) for s in was.values()):
        return "release"
    return "the beginning of delivery"


def open_run():
    return bool(site.peek("SELECT 1 FROM meta WHERE key = 'running' AND value <> ''"))


carried = 0
for week in range(ISSUES):
    site.week, site.ticks = week, 0
    goal = N // ISSUES * (week + 1)
    kills = carried + K * (week + 1) // ISSUES - K * week // ISSUES
    plan = ["early"] * (kills * 3 // 10) + ["stage"] * (kills * 2 // 10)
    plan += ["delivery"] * (kills - len(plan))
    # the first ones meet import, build and release; then all are mixed
    first = ["early"] * (kills // 12) + ["stage"] * (kills // 8)
    for k in first:
        plan.remove(k)
    random.shuffle(plan)
    plan = first + plan
    ended = 0
    while plan and ended < 2:
        kind = plan.pop(0)
        before, crashed = site.peek("SELECT id, state FROM issue"), open_run()
        had = sink.count()
        ids = len({r["id"] for r in sink.rows})
        # so that what is to be sent lasts as long as the kills do
        share = max(0, goal - ids - 20) / (len([k for k in plan if k == "delivery"]) + 1)
        more = 1 + int(random.uniform(0, 1.5) * share) if kind == "delivery" else 1 + int(share / 4)
        begin = time.monotonic()
        limit = {"early": random.uniform(0.002, 0.060), "stage": random.uniform(0, stage_s), "delivery": 20}[kind]
        p = site.start("run")
        while p.poll() is None and time.monotonic() - begin < limit and sink.count() < had + more:
            time.sleep(0.0005)
        if kind != "early":
            time.sleep(random.uniform(0, 0.003))
        if p.poll() is not None:
            if p.returncode != 0:
                fail("a run ended with %d: %s" % (p.returncode, open("courant.err").read()[-600:]))
            ended += 1
            plan.insert(0, kind)
            continue
        p.kill()
        p.wait()
        died += 1
        kinds[kind] += 1
        grew = sink.count() > had
        if not grew and crashed and open_run():
            died_in["recovery"] += 1
        else:
            died_in["delivery" if grew else stage(before)] += 1
        if kind == "stage":
            stage_s = max(0.05, stage_s * 0.95) if grew else min(1.5, stage_s * 1.1)
    carried = len(plan)
    if week + 1 < ISSUES:
        site.finish()
site.finish()
v = verdict(site, sink.read())
sink.stop()
print("# %d kills (%s; %s): %d messages, lost %d, repeated %d of at most %d, shown as unknown %d, counts agree; SEED=%d"
      % (died, ", ".join("%d %s" % (n, k) for k, n in sorted(kinds.items())),
         ", ".join("%d in %s" % (n, k) for k, n in sorted(died_in.items())), total, v.lost, v.repeated, CONNECTIONS * died, v.unknowns, SEED))
if v.lost or v.accepted != total:
    fail("%d messages were lost" % v.lost)
if v.repeated > CONNECTIONS * died:
    fail("%d messages were repeated" % v.repeated)
if died < K * 5 // 6:
    fail("only %d kills" % died)
