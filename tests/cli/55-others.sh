# Goal: another program locks a database for 3 and for 30 s, the queue can't be written for a while, the relay vanishes and
# comes back: the run waits, goes on or says why, and nobody is skipped. READERS, LOCKS (seconds).
# Waits more than it works.
. "$(dirname "$0")/lib.sh"
scratch
need_courant
# nothing can be preloaded into a sanitized courant
if ldd "$COURANT" | grep -q "lib[at]san"; then export SANITIZED=1; fi
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here python3 "$here/others.py" || die "others.py"
trap - EXIT
cd /
rm -rf "$S"
