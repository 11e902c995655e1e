# Goal: writes, syncs and allocations of the queue and the databases fail (EIO, ENOSPC) in many short runs, some killed on
# top: nobody is skipped, repeats stay within one a connection and run, the databases stay sound, each run that failed
# said so. RUNS, READERS, ISSUES, SEED.
. "$(dirname "$0")/lib.sh"
scratch
need_courant
! ldd "$COURANT" | grep -q "lib[at]san" || skip "nothing can be preloaded into a sanitized courant"
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here python3 "$here/disk.py" || die "disk.py"
trap - EXIT
cd /
rm -rf "$S"
