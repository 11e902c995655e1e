#!/usr/bin/env python3
"""Sends sample digests with Python's smtplib, for the tests of the harness itself.

usage: send.py PORT [--to ADDRESS]... [--defect NAME] [--ssl | --starttls] [--ca FILE]
Prints the code of each recipient's last reply. A defect spoils the message in one way that judge.py must notice.
"""
import argparse, smtplib, socket, ssl, sys

a = argparse.ArgumentParser()
a.add_argument("port", type=int)
a.add_argument("--to", action="append", default=[])
a.add_argument("--defect", default="")
a.add_argument("--ssl", action="store_true")
a.add_argument("--starttls", action="store_true")
a.add_argument("--ca")
o = a.parse_args()


def digest(to):
    b = "=_sample"
    head = [
        "Date: Mon, 23 Nov 2026 07:00:00 +0000",
        "From: Example Desk <news@example.org>",
        "To: %s" % to,
        "Subject: =?utf-8?Q?Sample_digest_=E2=80=93_one?=",
        "Message-ID: <%s.1@news.example.org>" % to.replace("@", "."),
        "List-Id: <weekly.news.example.org>",
        "List-Unsubscribe: <https://news.example.org/mail/u/1>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "Precedence: list",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        'Content-Type: multipart/alternative; boundary="%s"' % b,
    ]
    text = ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 7bit", "", "A sample.", ".", "..two dots"]
    html = ["Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "", "<html lang=3D\"en\"><body><p>A sample =E2=80=93 again.</p></body></html>"]
    parts = [text, html]
    d = o.defect
    if d == "two-to":
        head.insert(3, "To: other@example.net")
    elif d == "bcc":
        head.append("Bcc: everyone@example.com")
    elif d == "order":
        parts.reverse()
    elif d == "long-line":
        text.append("x" * 1200)
    elif d == "eight-bit":
        text.append("\u2013")
    elif d == "script":
        html.append("<script>alert(1)</script>")
    elif d == "no-unsubscribe":
        head = [h for h in head if not h.startswith("List-Unsubscribe")]
    elif d == "base64":
        html[1:] = ["Content-Transfer-Encoding: base64", "", "PGI+YS*8L2I"]
    elif d == "other-to":
        head[2] = "To: somebody.else@example.net"
    elif d == "same-id":
        head[4] = "Message-ID: <same@news.example.org>"
    elif d == "header-line":
        head.insert(3, "this is no header")
    lines = head + [""] + sum((["--" + b] + p for p in parts), []) + ([] if d == "boundary" else ["--" + b + "--"])
    raw = "\r\n".join(lines).encode() + b"\r\n"
    return raw.replace(b"A sample.\r\n", b"A sample.\n") if d == "bare-lf" else raw


context = ssl.create_default_context(cafile=o.ca) if o.ca else None
kind = smtplib.SMTP_SSL if o.ssl else smtplib.SMTP
extra = {"context": context} if o.ssl else {}
c = kind("localhost", o.port, local_hostname="client.example.org", **extra)
if o.starttls:
    c.starttls(context=context)
c.ehlo()
for to in o.to:
    code, _ = c.mail("bounces+t0k3n@example.org")
    if code == 250:
        code, _ = c.rcpt(to)
    if code == 250:
        code, _ = c.docmd("DATA")
    if code == 354:  # not c.data(): it mends line ends
        raw = digest(to)
        c.send((b"." + raw if raw.startswith(b".") else raw).replace(b"\r\n.", b"\r\n..") + b".\r\n")
        code, _ = c.getreply()
    print(code)
    if code != 250:
        c.rset()
c.quit()
