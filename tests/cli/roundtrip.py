"""People made at random, with all that a hostile list could hold: what export writes of them, import takes back into an
empty database, dry run and all, and export then writes the same bytes again, by CSV and by JSON; no cell is a formula.

roundtrip.py COURANT SEED...: in a folder with a courant.ini that has the newsletters weekly and daily."""
import csv
import io
import json
import os
import random
import shutil
import subprocess
import sys

COURANT = sys.argv[1]
BITS = ["=1+1", "+41", "-x", "@a", "\t", "\r", "\n", "\r\n", '"', "'", "''", "''=", ",", ",", ";", "|", "ä", "ж", "\u200f",
        "\u202e", "\u2066", "\ufeff", "\u00a0", "\u2028", "\x01", "𝔘", "👩‍👩‍👧", "e\u0301", "NULL", "true", "0", "1e5", "\\", "\\n",
        "%s", "<b>", "{{x}}", " ", "  ", "h:abc", "attribute.", "\x7f", "\x85", "\ufffd", "\uffff", "ﷺ"]
LOCAL = ["user%d", "=cmd%d", "+plus%d", "-dash%d", "U.P%d", "o'neil%d", '"quo ted%d"', '"a\\"b%d"', '"@%d"', "jörg%d", "用户%d",
         "{x}%d", "a%%b_%d", "'q%d", "''%d"]
DOMAINS = ["example.org", "EXAMPLE.com", "bücher.example", "xn--bcher-kva.example", "sub.example.net", "例え.example"]
ATTRIBUTES = ["city", "=x", "email", "attribute.y", "attribute.attribute.z", "Name", "a,b", 'q"q', "'apos", "@at", "x@y", "Ünï",
              "tab\there", "status", "Topics", "unsubscribed", "BLOCKED", "left", "1", "é", "é", "refused_because", " sp", "+"]
TIMES = ["", "", "2024-05-06T07:08:09Z", "2019-01-01 10:00", "1999-12-31T23:59:59Z", "2030-01-01T00:00:00Z", "2024-05-06"]


def courant(*args, given=None, may_fail=False):
    p = subprocess.run([COURANT, "-c", "courant.ini", *args], input=given, capture_output=True, check=False)
    if p.returncode and not may_fail:
        sys.exit(f"{args} ended with {p.returncode}: {p.stderr.decode()[-300:]}")
    return p.stdout


def empty():
    for name in os.listdir("."):
        if name.startswith("courant.db"):
            os.unlink(name)
    shutil.rmtree("queue", ignore_errors=True)
    courant("init")  # the secret stays: the hashes of the erased depend on it


def one_round(seed):
    r = random.Random(seed)
    text = lambda n=6: "".join(r.choice(BITS) for _ in range(r.randint(0, n)))
    when = lambda: r.choice(TIMES)
    names = r.sample(ATTRIBUTES, r.randint(0, 10))
    rows = []
    for i in range(r.randint(1, 100)):
        barred = r.random() < .2
        row = {"email": f"{r.choice(LOCAL) % r.randint(0, 60)}@{r.choice(DOMAINS)}", "name": text(), "given_name": text(),
               "language": r.choice(["", "de", "zh-Hans", "bo", "de, en", "pt-BR", "xx-invalid-zzzzzzzzzz", "DE_ch"]),
               "format": r.choice(["", "html", "text", "HTML"]), "timezone": r.choice(["", "Europe/Zurich", "Mars/X"]),
               "suppressed": r.choice(["hard", "complaint", "by-hand"]) if barred else "",
               "suppressed_at": when() if barred else "", "suppressed_until": when() if barred else "",
               "suppressed_note": text() if barred else "", "newsletter": r.choice(["", "weekly", "daily", "daily"]),
               "status": r.choice(["pending", "active", "active", "paused", "left", "removed-by-source", "none", ""]),
               "status_at": when(), "paused_until": when(), "joined_at": when(),
               "topics": r.choice(["", "arts", "arts,sport", "  x , y ", "=f", "Ä;b", "weird\ttopic"]),
               "cadence": r.choice(["", "weekly", "monthly", "daily", "immediately"]),
               "body": r.choice(["", "full", "summary", "titles"]), "newsletter_language": r.choice(["", "bo", "bo,en"]),
               "newsletter_format": r.choice(["", "text", "html"]),
               "consent": r.choice(["", "", "invitation", "by hand", "import", "web form"]), "consent_origin": text(3),
               "consent_by": text(3), "consent_at": when(), "confirmed_at": when(), "confirmed_by": text(3)}
        row.update({"attribute." + n: text() for n in names})
        rows.append(row)
    out = io.StringIO(newline="")
    w = csv.DictWriter(out, list(rows[0]), quoting=csv.QUOTE_ALL)
    w.writeheader()
    w.writerows(rows)
    with open("in.csv", "w", newline="", encoding="utf-8") as f:
        f.write(out.getvalue())
    empty()
    courant("subscriber", "import", "in.csv")
    for row in r.sample(rows, min(4, len(rows))):
        verb = r.choice([("subscriber", "erase"), ("subscriber", "remove"), ("subscriber", "set", "--status", "pause")])
        courant(*verb, "-", given=row["email"].encode(), may_fail=True)
    courant("suppress", "add", "-", "--note", text().strip() or "n", given=b"free@nobody.example\n")
    kinds = {"csv": [], "json": ["--json"]}
    one = {k: courant(*o, "subscriber", "export") for k, o in kinds.items()}
    for k, data in one.items():
        with open("one." + k, "wb") as f:
            f.write(data)
    for row in csv.reader(io.StringIO(one["csv"].decode(), newline="")):
        for cell in row:
            assert not cell or cell[0] not in "=+-@\t\r\n", f"seed {seed}: {cell!r} is a formula"
    counts = ("added", "updated", "unchanged", "refused")
    for k in kinds:
        empty()
        would = json.loads(courant("--json", "subscriber", "import", "one." + k, "--dry-run"))
        did = json.loads(courant("--json", "subscriber", "import", "one." + k))
        assert [would[c] for c in counts] == [did[c] for c in counts], f"seed {seed}: a dry run of {k}: {would}, {did}"
        assert did["refused"] == 0, f"seed {seed}, {k}: {did['errors'][:3]}"
        for k2, o in kinds.items():
            two = courant(*o, "subscriber", "export")
            with open("two." + k2, "wb") as f:
                f.write(two)
            assert two == one[k2], f"seed {seed}: by {k}, one.{k2} and two.{k2} differ"
        again = json.loads(courant("--json", "subscriber", "import", "one." + k))
        assert again["added"] + again["updated"] == 0, f"seed {seed}: {k} again changes {again}"


for s in sys.argv[2:]:
    one_round(int(s))
