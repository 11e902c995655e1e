"""Loss of power: courant runs with faults.so, which notes every write and sync in order; at a random moment it is killed,
and the disk is built as a loss of power could leave it: what was synced, and of later writes a random part, torn at 512
bytes. The boot id is another one afterwards. K cuts; then it runs to the end."""
import bisect, collections, os, random, struct, time
from rig import *

READERS, ISSUES, K = number("READERS", 3000), number("ISSUES", 6), number("K", 44)
SEED = number("SEED", int(time.time()))
CONNECTIONS = 8
random.seed(SEED)
sink = Sink("--delay", "8")
site = Site(sink.port, READERS, ISSUES, CONNECTIONS)
HEAD = struct.Struct("<c7xQQQQ")
FILES = ["courant.db", "courant.db-wal", "queue/queue.db", "queue/queue.db-wal", "queue/queue.db.wire", "queue/queue.db.pair"]
HERE = os.path.realpath(".")


class File:
    def __init__(self, data=b"", named=True):
        self.data, self.later, self.named = bytearray(data), [], named


def apply(data, op):
    kind, at, n, what = op[:4]
    if kind == b"W":
        if len(data) < at:
            data.extend(bytes(at - len(data)))
        data[at:at + len(what)] = what
    elif kind == b"T":
        if at < len(data):
            del data[at:]
        else:
            data.extend(bytes(at - len(data)))
    elif kind == b"F" and len(data) < at + n:
        data.extend(bytes(at + n - len(data)))


def torn(file):
    """What stands in the file after the cut."""
    how = random.choice(("none", "prefix", "some", "some", "most", "all"))
    data = bytearray(file.data)
    keep = random.randrange(len(file.later) + 1)
    p = {"some": 0.5, "most": 0.9}.get(how, 1)
    dropped = 0
    for i, op in enumerate(file.later):
        if how == "none" or (how == "prefix" and i >= keep):
            dropped += 1
        elif op[0] == b"W" and p < 1:
            at, what = op[1], op[3]
            end = at + len(what)
            while at < end:
                n = min(end, (at // 512 + 1) * 512) - at
                if random.random() < p:
                    apply(data, (b"W", at, n, what[at - op[1]:at - op[1] + n], 0))
                else:
                    dropped += 1
                at += n
        elif random.random() < p:
            apply(data, op)
        else:
            dropped += 1
    return data, dropped


def path_of(b):
    return os.path.relpath(os.path.join(os.path.realpath(os.path.dirname(b.decode()) or "."), os.path.basename(b.decode())), HERE)


def disk(before):
    """Reads the log over the state BEFORE (path -> File); returns path -> bytes, and how much was lost."""
    names = dict(before)  # as the process saw it
    inos = {}
    sure = dict(before)  # the names that are on the disk for certain
    pending = []  # names made or changed since: (path, File or None)
    with open("power.log", "rb") as f:
        log = f.read()
    at, begun = 0, {}
    while at + HEAD.size <= len(log):
        kind, ino, offset, n, size = HEAD.unpack_from(log, at)
        what = log[at + HEAD.size:at + HEAD.size + size]
        if len(what) < size:
            break
        if kind == b"O":
            path = path_of(what)
            if path not in names:
                names[path] = File()
                pending.append((path, names[path]))
            inos[ino] = names[path]
            if n:
                inos[ino].later.append((b"T", 0, 0, b"", at))
        elif kind in b"WTF" and ino in inos:
            inos[ino].later.append((kind, offset, n, what, at))
        elif kind == b"B":
            begun[offset] = (at, len(pending))
        elif kind == b"S" and ino in inos:
            # all that was written when the sync began is on the disk, and with it the new file's name
            f = inos[ino]
            m = bisect.bisect_left(f.later, begun[offset][0], key=lambda op: op[4])
            for op in f.later[:m]:
                apply(f.data, op)
            del f.later[:m]
            for p, g in pending:
                if g is f and p not in sure:
                    sure[p] = f
        elif kind == b"D":
            folder = os.path.relpath(what.decode(), HERE)
            for p, g in pending[:begun[offset][1]]:
                if (os.path.dirname(p) or ".") == folder:
                    if g:
                        sure[p] = g
                    else:
                        sure.pop(p, None)
        elif kind == b"R":
            a, b = (path_of(x) for x in what.split(b"\0"))
            names[b] = names.pop(a)
            pending += [(b, names[b]), (a, None)]
        elif kind == b"U":
            p = path_of(what)
            names.pop(p, None)
            pending.append((p, None))
        at += HEAD.size + size
    # of the names that are not certain, the first few are on the disk, in their order
    for p, g in pending[:random.randrange(len(pending) + 1)]:
        if g:
            sure[p] = g
        else:
            sure.pop(p, None)
    out, dropped = {}, 0
    for p, g in sure.items():
        out[p], lost = torn(g)
        dropped += lost
    return out, dropped


def snapshot():
    return {p: File(open(p, "rb").read()) for p in FILES if os.path.exists(p)}


def lay(state):
    """Writes the disk as it is after the cut; inodes stay, as they would."""
    for p in os.listdir("queue") + os.listdir("."):
        for q in (p, "queue/" + p):
            if q.endswith(("-shm", ".new")) and os.path.exists(q):
                os.unlink(q)
    for p in FILES:
        if p not in state and os.path.exists(p):
            os.unlink(p)
    for p, data in state.items():
        if p not in FILES:
            continue
        with open(p, "r+b" if os.path.exists(p) else "w+b") as f:
            f.write(data)
            f.truncate()
        os.chmod(p, 0o600)


cuts, dropped, boot = [], 0, 0
began = time.monotonic()


def boot_env(power):
    e = {"LD_PRELOAD": FAULTS, "COURANT_TEST_BOOT": "%08x-0000-4000-8000-000000000000" % boot}
    if power:
        e["POWER_LOG"] = os.path.abspath("power.log")
    return e




def start_booted(*args, **k):
    k.setdefault("env", boot_env(False))
    return Site.start(site, *args, **k)


site.start = start_booted
for week in range(ISSUES):
    site.week, site.ticks = week, 0
    while len(cuts) < K:
        before = snapshot()
        if os.path.exists("power.log"):
            os.unlink("power.log")
        had = sink.count()
        p = site.start("run", env=boot_env(True))
        # some are cut before anything went, most while it goes
        t, end = time.monotonic(), random.choice((random.uniform(0.01, 0.3), random.uniform(0.2, 1.2), random.uniform(0.2, 1.2), random.uniform(1.2, 2.6)))
        while p.poll() is None and time.monotonic() - t < end:
            time.sleep(0.001)
        if p.poll() is not None:
            if p.returncode != 0:
                fail("a run ended with %d: %s" % (p.returncode, open("courant.err").read()[-600:]))
            break
        p.kill()
        p.wait()
        cuts.append(time.time() * 1000)
        time.sleep(0.01)
        state, lost = disk(before)
        lay(state)
        dropped += lost
        boot += 1
    if len(cuts) >= K:
        break
    site.finish()
site.finish()
rows = sink.read()
sink.stop()
v = verdict(site, rows)
# a copy may come again only when its answer was at most a second old at the cut
oldest, by_id = 0, collections.defaultdict(list)
for r in rows:
    by_id[r["id"]].append(r["at"])
for times in by_id.values():
    for t in sorted(times)[:-1]:
        i = bisect.bisect_left(cuts, t)
        if i == len(cuts):
            fail("a message went twice without a cut between")
        oldest = max(oldest, cuts[i] - t)
print("# %d cuts, %d writes or sectors lost: %d messages, lost %d, repeated %d (answered at most %d ms before the cut), shown as unknown %d; SEED=%d"
      % (len(cuts), dropped, v.accepted, v.lost, v.repeated, oldest, v.unknowns, SEED))
if v.lost:
    fail("%d messages were lost" % v.lost)
if oldest > 1500:
    fail("a message answered %d ms before the cut went again" % oldest)
if len(cuts) < K:
    fail("only %d cuts" % len(cuts))
