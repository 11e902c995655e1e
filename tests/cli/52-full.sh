# Goal: the queue on a small full file system and on a read-only one: a clear sentence, 74 or 75, and nobody is skipped or
# mailed twice once there is room. It needs the right to mount. READERS.
# Waits more than it works.
. "$(dirname "$0")/lib.sh"
scratch
need_courant
mkdir probe
mount -t tmpfs -o size=1m tmpfs probe 2>"$S/.err" || skip "no file system can be mounted here: $(cat "$S/.err")"
umount probe
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here python3 "$here/full.py" || die "full.py"
trap - EXIT
cd /
rm -rf "$S"
