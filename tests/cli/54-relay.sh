# Goal: a relay that answers at random: 4xx, 5xx, 421, several lines, too much, garbage, nothing, drops before and after the
# dot and within STARTTLS: what courant recorded is what the sink says it did, reader by reader. READERS, SEEDS.
# Waits more than it works.
. "$(dirname "$0")/lib.sh"
scratch
need_courant
certificate tls
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here python3 "$here/relay.py" || die "relay.py"
trap - EXIT
cd /
rm -rf "$S"
