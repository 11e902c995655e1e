# Goal: writes, syncs and allocations of the queue and the databases fail (EIO, ENOSPC) in many short runs, some killed on
# top: nobody is skipped, repeats stay within one a connection and run, the databases stay sound, each run that failed
# said so. RUNS, READERS, ISSUES, SEED.
. "$(dirname "$0")/lib.sh"
scratch
need_courant
! ldd "$COURANT" | grep -q "lib[at]san" || skip "nothing can be preloaded into a sanitized courant"

# an import that fails just when an issue is due: the next run makes the issue
mkdir due && cd due
site_db site.db
only_readers site.db 5
sink --record "$S/due.jsonl"
config "$SINK_PORT" 2 >courant.ini
init
rc=0
LD_PRELOAD=$BUILD/faults.so FAULTS_ONLY=courant.db FAULTS_OPS=write,sync FAULTS_P=1 FAULTS_ERRNO=EIO FAULTS_BURST=1 FAULTS_SKIP=20 \
    "$COURANT" -c courant.ini --now "$RUN_TIME" run >run.out 2>run.err || rc=$?
is "an import that failed" "$rc $(grep -c 'source site.*disk I/O error' run.err)" "74 1"
courant --json issue list >issues.json
is "made no issue" "$(json issues.json 'len(d)')" 0
ok "the next run" at 2026-11-23T07:10:00Z run
courant --json issue list >issues.json
is "makes it" "$(json issues.json '[x["sent"] for x in d]')" "[5]"
cd ..

PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here python3 "$here/disk.py" || die "disk.py"
trap - EXIT
cd /
rm -rf "$S"
