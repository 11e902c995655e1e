#!/usr/bin/env python3
"""Judges messages with a parser that is not ours (Python's email package), prints a sentence a problem, ends with 1.

usage: judge.py (--record FILE | --maildir DIR) [--to FILE] [--plain] [--count N]
  --record FILE   what smtp_sink wrote with --record and --bodies; envelope and To must agree
  --maildir DIR   a Maildir; one that an MTA filled has LF line ends and trace headers, and names the recipient in
                  X-Original-To
  --to FILE       the addresses that must have got it, one a line: each exactly once, and nobody else
  --plain         not a digest: neither list headers nor two alternatives are asked for
  --count N       so many messages
"""
import argparse, collections, email, email.policy, json, os, re, sys

a = argparse.ArgumentParser()
a.add_argument("--record")
a.add_argument("--maildir")
a.add_argument("--to")
a.add_argument("--plain", action="store_true")
a.add_argument("--count", type=int)
o = a.parse_args()
problems = collections.OrderedDict()  # sentence -> the messages it is true of


def problem(name, sentence):
    problems.setdefault(sentence, []).append(name)


def messages():
    """(name, bytes, envelope recipients or None, whether these are the bytes on the wire)"""
    if o.record:
        for n, line in enumerate(open(o.record, encoding="utf-8"), 1):
            r = json.loads(line)
            if "data" not in r:
                sys.exit("%s: the sink was not told to keep --bodies" % o.record)
            yield "message %d" % n, r["data"].encode("latin-1"), r["to"], True
    else:
        for sub in ("new", "cur"):
            folder = os.path.join(o.maildir, sub)
            for f in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
                b = open(os.path.join(folder, f), "rb").read()
                wire = b"\r\n" in b
                yield f, b if wire else b.replace(b"\n", b"\r\n"), None, wire


ONCE = "From To Date Message-ID Subject MIME-Version Content-Type".split()
LIST = "List-Id List-Unsubscribe Precedence Auto-Submitted".split()
AT_MOST_ONCE = "Reply-To Sender List-Unsubscribe-Post List-Archive List-Help List-Post Feedback-ID".split()
NEVER = "Cc Bcc".split()
BAD_HTML = re.compile(r"<(script|form|iframe|object|embed|base|input|button)\b|<[^>]*\son\w+\s*=|(?:href|src)\s*=\s*[\"']?\s*(javascript|vbscript|data:text)", re.I)


def judge(name, b, to, wire):
    if re.search(rb"(?<!\r)\n|\r(?!\n)", b):
        problem(name, "a CR or LF stands alone")
    if b"\0" in b:
        problem(name, "there is a NUL")
    if re.search(rb"[\x80-\xff]", b):
        problem(name, "there are bytes above 127")
    if not b.endswith(b"\r\n"):
        problem(name, "it does not end in CRLF")
    if any(len(l) > 998 for l in b.split(b"\r\n")):
        problem(name, "a line is over 998 bytes")
    head = b.split(b"\r\n\r\n", 1)[0]
    for l in head.split(b"\r\n"):
        if not re.match(rb"[!-9;-~]+:|[ \t]+\S", l):
            problem(name, "a header line is neither field nor continuation: %r" % l[:40])
        if any(len(w) > 75 for w in re.findall(rb"=\?[^? ]+\?[bBqQ]\?[^? ]*\?=", l)):
            problem(name, "an encoded word is over 75 characters")
    m = email.message_from_bytes(b, policy=email.policy.SMTP)
    for p in m.walk():
        for d in p.defects:
            problem(name, "a part has the defect %r" % d)
        for h, v in p.items():
            for d in getattr(v, "defects", ()):
                problem(name, "%s has the defect %r" % (h, d))
    for h in ONCE + ([] if o.plain else LIST):
        n = len(m.get_all(h, []))
        if n != 1:
            problem(name, "%s is there %d times" % (h, n))
    for h in AT_MOST_ONCE:
        if len(m.get_all(h, [])) > 1:
            problem(name, "%s is there more than once" % h)
    for h in NEVER + (["Return-Path"] if wire else []):
        if h in m:
            problem(name, "%s is there" % h)
    if to is None:
        to = [str(v).strip() for v in (m.get_all("X-Original-To") or m.get_all("To", []))][:1]
    try:
        shown = [x.addr_spec for x in m["To"].addresses]
    except AttributeError:
        shown = []
    named = [x.lower() for x in to]
    if len(to) != 1:
        problem(name, "it went to %d recipients at once" % len(to))
    if len(shown) != 1 or (named and "@" in named[0] and shown[0].lower() != named[0] and not m.get("X-Original-To")):
        problem(name, "To shows other than the recipient")
    types = [p.get_content_type() for p in m.iter_parts()] if m.is_multipart() else []
    if not o.plain:
        tree = m
        if m.get_content_type() == "multipart/related":
            tree = next(iter(m.iter_parts()), m)
            types = [p.get_content_type() for p in tree.iter_parts()] if tree.is_multipart() else []
        if tree.get_content_type() != "multipart/alternative" or len(types) != 2 or types[0] != "text/plain" or types[1] not in ("text/html", "multipart/related"):
            problem(name, "the structure is %s of %s" % (tree.get_content_type(), ", ".join(types) or "nothing"))
        unsubscribe = str(m.get("List-Unsubscribe", ""))
        if "https:" in unsubscribe and str(m.get("List-Unsubscribe-Post", "")) != "List-Unsubscribe=One-Click":
            problem(name, "List-Unsubscribe-Post is missing")
        if not re.search(r"<(https|mailto):", unsubscribe):
            problem(name, "List-Unsubscribe has no link")
    for p in m.walk():
        if p.get_content_maintype() != "text":
            continue
        if p.get_content_charset() not in ("utf-8", "us-ascii"):
            problem(name, "a part's charset is %s" % p.get_content_charset())
        try:
            text = p.get_payload(decode=True).decode("utf-8")
        except UnicodeDecodeError:
            problem(name, "%s is not UTF-8" % p.get_content_type())
            continue
        if "\ufffd" in text:
            problem(name, "%s has a replacement character" % p.get_content_type())
        if not text.strip():
            problem(name, "%s is empty" % p.get_content_type())
        if p.get_content_type() == "text/html" and BAD_HTML.search(text):
            problem(name, "the HTML has %r" % BAD_HTML.search(text).group(0)[:40])
    return named, str(m.get("Message-ID", ""))


got, ids, count = collections.Counter(), {}, 0
for name, b, to, wire in messages():
    count += 1
    named, mid = judge(name, b, to, wire)
    got.update(named)
    if mid and ids.setdefault(mid, named) != named:
        problem(name, "its Message-ID is also another reader's")
if o.to:
    want = {l.strip().lower() for l in open(o.to, encoding="utf-8") if l.strip()}
    for sentence, who in (("got nothing", want - set(got)), ("got it and should not", set(got) - want), ("got it more than once", {x for x, n in got.items() if n > 1})):
        if who:
            problem("", "%d of %d readers %s, such as %s" % (len(who), len(want), sentence, sorted(who)[0]))
if o.count is not None and count != o.count:
    problem("", "there are %d messages, want %d" % (count, o.count))
for sentence, names in problems.items():
    where = "" if names == [""] else " (%s)" % names[0] if len(names) == 1 else " (%s and %d more)" % (names[0], len(names) - 1)
    print(sentence + where)
if not problems:
    print("%d messages, nothing wrong" % count)
sys.exit(bool(problems))
