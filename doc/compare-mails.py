#!/usr/bin/env python3
"""Shows in what two mails of one issue differ: for two readers who want to know whether theirs carry marks.

usage: compare-mails.py ONE.eml OTHER.eml

Save both mails as files ("save as", "show original"). All that is printed is what differs, the first mail's words
behind "<", the other's behind ">". Names, addresses, and the links that belong to each reader are to be expected; the
same word, link or picture written in two ways elsewhere is not. Header fields that mail servers add on the way are
left out. Ends with 0 when the texts are the same but for that, else 1.
"""
import difflib, email, email.policy, re, sys

ADDED = {"received", "return-path", "delivered-to", "x-original-to", "authentication-results", "received-spf", "arc-seal",
         "arc-message-signature", "arc-authentication-results", "x-spam-status", "x-spam-level", "x-received"}
OWN = {"to", "message-id", "list-unsubscribe", "dkim-signature"}


def parts(mail):
    """(what, its words, blanks and line ends) for the header fields and each part, decoded."""
    for name, value in mail.items():
        if name.lower() not in ADDED and not name.lower().startswith("x-"):
            yield name, [re.sub(r"\s+", " ", str(value))]
    for n, part in enumerate(p for p in mail.walk() if not p.is_multipart()):
        body = part.get_payload(decode=True)
        if part.get_content_maintype() == "text":
            yield "%s part" % part.get_content_type(), re.findall(r"\S+|\n|[^\S\n]+", body.decode(part.get_content_charset("utf-8"), "replace").replace("\r", ""))
        else:
            yield "%s part %d" % (part.get_content_type(), n), [body.hex()]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    one, other = (email.message_from_bytes(open(f, "rb").read(), policy=email.policy.SMTP) for f in sys.argv[1:])
    a, b = list(parts(one)), list(parts(other))
    strange = [w for w, _ in a] != [w for w, _ in b]
    if strange:
        print("the mails do not have the same fields and parts:\n< %s\n> %s" % (", ".join(w for w, _ in a), ", ".join(w for w, _ in b)))
    for (what, x), (_, y) in zip(a, b):
        if x == y:
            continue
        if what.lower() in OWN:
            print("%s: differs, being each reader's own" % what)
            continue
        print("%s:" % what)
        for op, i, j, k, l in difflib.SequenceMatcher(None, x, y, autojunk=False).get_opcodes():
            if op != "equal":
                print("  < %s\n  > %s" % tuple(t if t.strip() or not t else repr(t) for t in ("".join(x[i:j]), "".join(y[k:l]))))
    sys.exit(strange)


main()
