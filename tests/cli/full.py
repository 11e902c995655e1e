"""The queue's folder on a small file system of its own: no room for the journal, no room for the WAL to grow, read-only."""
import os, signal, subprocess, time
from rig import *

READERS = number("READERS", 3000)
sink = Sink()


def mount(*options):
    subprocess.run(["mount"] + list(options), check=True)


def clear(what, rc, said, sink_before, words):
    lines = [l for l in said.strip().split("\n") if l]
    if rc not in (73, 74, 75):
        fail("%s: ended with %d: %s" % (what, rc, said[-300:]))
    if not lines or not any(w in lines[-1] for w in words):
        fail("%s: it said: %s" % (what, said[-300:]))
    print("%s: %d, %s" % (what, rc, lines[-1][:160]))


def said_since(at):
    with open("courant.err") as f:
        f.seek(at)
        return f.read()


seen, waited, sent_at_full = 0, 0, 0
WORDS = ("room", "full", "space")
rooms = (0, 60, 400, 1200, 5000, 8300, 8500, 8800, 9100)  # KiB that are left
try:
    for room in rooms:
        name = size = "%d KiB" % room
        os.mkdir(name)
        os.chdir(name)
        os.mkdir("queue", 0o700)
        mount("-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs", "queue")
        here = os.path.abspath("queue")
        try:
            start = sink.count()
            site = Site(sink.port, READERS, 1, 8)
            if room not in (400, 1200):
                os.unlink("queue/queue.db.wire")  # its room must be had anew
            free = os.statvfs(here)
            with open("queue/ballast", "wb") as f:
                f.write(bytes(free.f_bavail * free.f_bsize - room * 1024))
            for k in range(2):
                had = sink.count()
                at = os.path.getsize("courant.err")
                p = site.start("run")
                said, told = "", None
                begin = time.monotonic()
                while p.poll() is None and time.monotonic() - begin < 40 and not (told and time.monotonic() - told > 3):
                    time.sleep(0.02)
                    said = said_since(at)
                    if not told and any(w in said for w in WORDS):
                        told = time.monotonic()
                said = said_since(at)
                if p.poll() is None:
                    # outcomes can't be taken over: it tries again. Stopped, it ends; with room, it goes on
                    waited += 1
                    if not any(w in said for w in WORDS):
                        fail("%s: it waits and says %s" % (size, said[-300:]))
                    if k == 0:
                        p.send_signal(signal.SIGTERM)
                        begin = time.monotonic()
                        rc = p.wait(30)
                        if rc not in (74, 75) or time.monotonic() - begin > 6:
                            fail("%s: stopped, it ended with %d after %.1f s" % (size, rc, time.monotonic() - begin))
                    else:
                        os.unlink("queue/ballast")
                        rc = p.wait(60)
                        if rc != 0:
                            fail("%s: with room it ended with %d" % (size, rc))
                    seen += 1
                elif p.returncode:
                    clear(size, p.returncode, said, had, WORDS)
                    seen += 1
            sent_at_full += sink.count() - start
            # a folder that can't be written says so, and nothing is mailed
            mount("-o", "remount,ro", here)
            had = sink.count()
            rc, said = site.run("run", want=None, timeout=120)
            clear(size + " read-only", rc, said, had, ("ead-only", "readonly", "written"))
            if sink.count() != had:
                fail("mail went with the queue read-only")
            mount("-o", "remount,rw", here)
            if os.path.exists("queue/ballast"):
                os.unlink("queue/ballast")
            site.offset += timedelta(minutes=20)
            site.finish()
            v = verdict(site, sink.read()[start:])
            if v.lost or v.repeated:
                fail("%s: lost %d, repeated %d" % (size, v.lost, v.repeated))
        finally:
            subprocess.run(["umount", "-l", here])
        os.chdir("..")
finally:
    sink.stop()
if seen < 3:
    fail("the file system was full only %d times" % seen)
print("# %d sizes of room on a file system, %d runs met a full one (%d waited for room) and %d a read-only one, %d messages went before room was made, lost 0, repeated 0"
      % (len(rooms), seen, waited, len(rooms), sent_at_full))
