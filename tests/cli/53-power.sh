# Goal: loss of power at any moment, some forty times: what was not synced is gone or torn, the boot id has changed.
# Nobody is skipped; a second copy has only who was answered in the last second before. K, READERS, ISSUES, SEED.
. "$(dirname "$0")/lib.sh"
scratch
need_courant
! ldd "$COURANT" | grep -q "lib[at]san" || skip "nothing can be preloaded into a sanitized courant"
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here python3 "$here/power.py" || die "power.py"
trap - EXIT
cd /
rm -rf "$S"
