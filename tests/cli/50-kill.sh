# Goal: kill -9 at any moment, at least 200 times while 20,000 messages go out: nobody is skipped, and a second copy
# has only who was on the wire, at most one a connection; each such delivery shows as unknown. N, K, SEED, ISSUES.
. "$(dirname "$0")/lib.sh"
scratch
need_courant
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here python3 "$here/kill.py" || die "kill.py"
trap - EXIT
cd /
rm -rf "$S"
