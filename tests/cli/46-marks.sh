# Goal: over many simulated weeks of random readers, preferences and their changes, pauses, leaving and joining again,
# suppressions, people and articles that vanish and come back, late articles and such to come, deliveries that fail,
# expire and are cancelled, issues built by hand and released later, each reader gets every article that was due exactly
# once, as a model in another language has it. SEED and WEEKS choose the world; a failure prints them.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
seed=${SEED:-$(date +%s)}
echo "SEED=$seed WEEKS=${WEEKS:-200}"
mkdir world
python3 "$here/marks.py" "$COURANT" "$S/world" "$seed" "${WEEKS:-200}" || die "run it again with SEED=$seed"
checks=1
