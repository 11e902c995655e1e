# Goal: SIGTERM and SIGINT finish what is on the wire and end with 75 within 5 s, with a stalled relay too; nobody is skipped
# and, but for a dot that a stalled relay never answered, nobody mailed twice. READERS, N signals, SEED.
. "$(dirname "$0")/lib.sh"
scratch
need_courant
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here python3 "$here/signals.py" || die "signals.py"
trap - EXIT
cd /
rm -rf "$S"
