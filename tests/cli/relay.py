"""A relay that answers at random (smtp_sink --faults): what courant recorded is what the sink says it did."""
import collections, os, random, time
from rig import *

READERS, SEEDS = number("READERS", 400), os.environ.get("SEEDS", "7 11 23 42").split()
FORMS = (["--chunking"], ["--no-pipelining"], [], ["--cert", "tls.pem", "--key", "tls.key"])
told, totals, seconds = collections.Counter(), collections.Counter(), time.monotonic()
FINAL = {"rcpt", "dot", "data"}


def check(site, rows, events, seed):
    listed = {r["email"]: r for r in site.document("queue", "list")}
    got, unanswered, codes = collections.Counter(), collections.Counter(), collections.defaultdict(list)
    for r in rows:
        (got if r["answered"] else unanswered)[r["to"][0]] += 1
    long_dots = collections.Counter()
    for e in events:
        who = e.get("to")
        if e["event"] in FINAL and e.get("code", 0) not in (0, 421) and who:
            codes[who].append(e["code"])
        if e["event"] == "long" and who and "queued as" in e.get("what", ""):
            long_dots[who] += 1  # a 250 with too much behind it: an answer for who reads its code
        if e["event"] == "violation":
            fail("seed %s: a breach of the protocol: %s" % (seed, e))
    ids = collections.defaultdict(set)
    for r in rows:
        ids[r["to"][0]].add((r["id"], r["sha256"]))
    attempts = collections.defaultdict(list)
    for subscriber, outcome, code in site.peek("SELECT subscriber, outcome, code FROM attempt ORDER BY id"):
        if outcome in (1, 2) and code:
            attempts["r%d@example.net" % subscriber].append(code)
    for n in range(1, READERS + 1):
        who = "r%d@example.net" % n
        r = listed[who]
        totals[r["state"]] += 1
        if len(ids[who]) > 1:
            fail("seed %s: %s got different messages" % (seed, who))
        if r["state"] == "sent" and got[who] == 0 and long_dots[who] == 1:
            got[who], unanswered[who] = 1, unanswered[who] - 1
        # a good answer is never followed by another copy, and no good answer means it is not sent
        if got[who] > 1 or (r["state"] == "sent") != (got[who] == 1):
            fail("seed %s: %s is %s, but the sink accepted it %d times: %s" % (seed, who, r["state"], got[who], r))
        if unanswered[who] > r["unknowns"]:
            fail("seed %s: %s: %d copies without an answer, unknown %d times" % (seed, who, unanswered[who], r["unknowns"]))
        # refusals of the reader: the same codes in the same order (a MAIL refused is the sink's word for nobody by name)
        ours = [c for c in attempts[who]]
        theirs = codes[who]
        i = 0
        for c in ours:
            if i < len(theirs) and theirs[i] == c:
                i += 1
        if i != len(theirs):
            fail("seed %s: %s: the sink refused with %s, courant has %s" % (seed, who, theirs, ours))
        if r["state"] == "failed" and (not theirs or theirs[-1] != r["code"] or theirs[-1] < 500):
            fail("seed %s: %s failed with %s, the sink's last code was %s" % (seed, who, r["code"], theirs[-1:]))
        if r["state"] not in ("sent", "failed", "held"):
            fail("seed %s: %s is %s at the end" % (seed, who, r["state"]))
        if r["state"] == "held" and r["unknowns"] < 3:
            fail("seed %s: %s is held after %d unknowns" % (seed, who, r["unknowns"]))
        told["refusals"] += len(theirs)
        told["unknown"] += r["unknowns"]
        told["copies without an answer"] += unanswered[who]


for k, seed in enumerate(SEEDS):
    form = FORMS[k % len(FORMS)]
    tls = "--cert" in form
    os.mkdir("seed" + seed)
    os.chdir("seed" + seed)
    if tls:
        for f in ("tls.pem", "tls.key"):
            os.link("../" + f, f)
    more = ["--fault", "starttls-drop=.2"] if tls else ["--fault", "long=.004", "--fault", "garbage=.004", "--fault", "stall=.002"]
    sink = Sink("--faults", seed, "--stall", "3", *more, *form, events="events.jsonl")
    site = Site(sink.port, READERS, 1, 8, relay="timeout = 1s\nconnect_timeout = 2s" + ("\ntls = starttls\nca_file = tls.pem" if tls else ""),
                host="localhost" if tls else "127.0.0.1", plain=not tls)
    for runs in range(80):
        rc, said = site.run("run", want=(0, 75), timeout=60)
        left = site.document("queue", "status")
        site.offset += timedelta(minutes=16)
        if not any(left[s] for s in ("queued", "claimed", "deferred", "unknown")):
            break
    else:
        fail("seed %s: still open after %d runs: %s; %s" % (seed, runs, left, said))
    sink.stop()
    events = sink.events()
    check(site, sink.read(), events, seed)
    for e in events:
        if e["event"] in ("drop", "stall", "garbage", "long"):
            told[e["event"]] += 1
        elif e.get("code") == 421:
            told["421"] += 1
    os.chdir("..")
print("# %d seeds: %s; the relay: %s; all outcomes as the sink has them" % (
    len(SEEDS), ", ".join("%d %s" % (n, s) for s, n in sorted(totals.items())), ", ".join("%d %s" % (n, s) for s, n in sorted(told.items()))))
