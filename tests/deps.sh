#!/bin/sh
# Installs the Debian packages named that are missing; says which before it does, and is silent when all are there.
set -eu
missing=
for p in "$@"; do
    dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' ||
        # another package may stand in for it: upstream's nodejs brings npm and refuses Debian's
        dpkg-query -W -f '${Status}:, ${Provides},\n' | grep -Eq "^install ok installed:.*, $p( \([^)]*\))?," ||
        missing="$missing $p"
done
[ -n "$missing" ] || exit 0
echo "installing with apt-get:$missing"
if [ "$(id -u)" != 0 ]; then
    echo "this needs root; run as root: apt-get install$missing" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# the system's own Postfix stays unconfigured: the tests bring their configuration
echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections 2>/dev/null || true
# shellcheck disable=SC2086
{ apt-get install -y -qq --no-install-recommends $missing || { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; }; } >"$log" 2>&1 || {
    tail -20 "$log" >&2
    exit 1
}
