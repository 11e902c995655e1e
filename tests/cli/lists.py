"""Lists made at random over people made at random, by each rule of conflict: a rehearsal says what the import then does and
changes nothing; nobody who left, is suppressed or was erased comes back; a second time nothing is left to do.

lists.py COURANT SEED...: in a folder with a courant.ini that has the newsletters weekly and daily."""
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys

COURANT = sys.argv[1]
HEADINGS = "email,name,newsletter,status,city,topics,suppressed,unsubscribed,blocked,cadence,joined_at,language"
STATES = ["active", "active", "left", "paused", "pending", "cleaned", "none", "", "removed-by-source", "complaint"]


def courant(*args, given=None):
    return subprocess.run([COURANT, "-c", "courant.ini", *args], input=given, capture_output=True, check=False).stdout


def document(*args, given):
    return json.loads(courant("--json", *args, given=given))


def a_list(r, n):
    rows = [HEADINGS]
    for _ in range(n):
        address = f"u{r.randint(0, 40)}@example.org"
        rows.append(",".join([
            address if r.random() < .7 else address.upper(), r.choice(["", "A", "B"]), r.choice(["weekly", "daily", ""]),
            r.choice(STATES), r.choice(["", "Bern", "Basel"]), r.choice(["", "a", "b"]),
            r.choice([""] * 9 + ["hard", "by-hand"]), r.choice([""] * 8 + ["yes", "no", "2020-01-01"]),
            r.choice([""] * 9 + ["1", "0"]), r.choice(["", "weekly", "monthly"]), r.choice(["", "2020-01-02"]),
            r.choice(["", "de", "fr"])]))
    return ("\n".join(rows) + "\n").encode()


def away():
    """Who has left what, which addresses are suppressed, of whom a number is left."""
    c = sqlite3.connect("courant.db")
    return [set(c.execute(q)) for q in ("SELECT subscriber, newsletter FROM subscription WHERE status = 3",
                                        "SELECT key FROM suppression", "SELECT id FROM subscriber WHERE status >= 2")]


def one_round(seed):
    r = random.Random(seed)
    for name in os.listdir("."):
        if name.startswith("courant.db"):
            os.unlink(name)
    shutil.rmtree("queue", ignore_errors=True)
    courant("init")
    courant("subscriber", "import", "-", given=a_list(r, 60))
    for _ in range(12):
        who, other = (f"u{r.randint(0, 40)}@example.org" for _ in range(2))
        courant(*r.choice([("subscriber", "erase", who), ("subscriber", "remove", who), ("suppress", "add", who),
                           ("subscriber", "set", who, "--language", "it"),
                           ("subscriber", "set", who, "--email", other, "--merge"),
                           ("subscriber", "set", who, "--status", "pause")]))
    for rule in ("keep", "fill", "update"):
        command = ["subscriber", "import", "-", "--on-conflict", rule]
        given, before, all_of = a_list(r, 80), away(), courant("subscriber", "export")
        would = document(*command, "--dry-run", given=given)
        assert courant("subscriber", "export") == all_of, f"seed {seed}, {rule}: a rehearsal changed something"
        did = document(*command, given=given)
        assert would == did, f"seed {seed}, {rule}: {would} was said and {did} done"
        for was, is_now in zip(before, away()):
            assert was <= is_now, f"seed {seed}, {rule}: came back: {was - is_now}"
        again = document(*command, given=given)
        assert again["added"] == 0, f"seed {seed}, {rule}: again adds {again}"
        c = sqlite3.connect("courant.db")
        odd = c.execute("SELECT id FROM subscriber p WHERE status < 2 AND (status = 1) <> EXISTS"
                        " (SELECT 1 FROM suppression WHERE key = p.email_key)").fetchall()
        assert not odd, f"seed {seed}, {rule}: status and suppression differ: {odd}"
        assert not c.execute("PRAGMA foreign_key_check").fetchall(), f"seed {seed}, {rule}: a reference to nobody"


for s in sys.argv[2:]:
    one_round(int(s))
