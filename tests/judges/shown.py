"""usage: shown.py thunderbird SEEN.json FILE.eml...   what thunderbird.py saw, against the mails
       shown.py text SCREEN COLUMNS FILE.eml         a terminal's text, against the mail's text part
Says what is not as it was meant, one a line, and ends with 1 then."""
import email, email.policy, json, os, re, sys, unicodedata
from html import unescape

RTL = {"ar", "fa", "he", "ug", "ur"}
bad = []


def message(path):
    with open(path, "rb") as f:
        return email.message_from_binary_file(f, policy=email.policy.default)


def columns(s):
    return sum(0 if unicodedata.category(c) in ("Mn", "Me", "Cf") else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in s)


def thunderbird(seen, *files):
    with open(seen, encoding="utf-8") as f:
        seen = [json.loads(line) for line in f]
    if len(seen) != len(files):
        bad.append(f"{len(seen)} mails shown, not {len(files)}")
    for s, path in zip(seen, files):
        name, m = s["name"], message(path)
        if "error" in s:
            bad.append(f"{name}: {s['error']}")
            continue
        html = m.get_body(("html",)).get_content()
        if m["Subject"] not in s["title"]:
            bad.append(f"{name}: the title is {s['title']!r}")
        want = "rtl" if os.path.basename(path)[:2] in RTL else "ltr"
        if s["dir"] != want:
            bad.append(f"{name}: direction {s['dir']!r}, not {want}")
        if s["width"] > s["window"]:
            bad.append(f"{name}: {s['width']} pixels in a window of {s['window']}")
        drawn = [p for p in s["pictures"] if p["natural"] > 0 and p["boxes"] > 0]
        if len(drawn) != len(re.findall("<img ", html)):
            bad.append(f"{name}: {len(drawn)} pictures drawn of {len(re.findall('<img ', html))}")
        if s["blocked"]:
            bad.append(f"{name}: Thunderbird asks whether to fetch something")
        if m["List-Id"] not in s["list"]:
            bad.append(f"{name}: no List-Id shown, so no Unsubscribe")
        for title in re.findall(r"<h[123][^>]*>(.*?)</h[123]>", html, re.S):
            title = re.sub(r"\s+", " ", unescape(re.sub("<[^>]*>", "", title))).strip()
            if title not in re.sub(r"\s+", " ", s["text"]):
                bad.append(f"{name}: {title!r} is not to be read")
        print(f"{name}: {len(s['text'])} characters, {len(drawn)} pictures, {s['width']} of {s['window']} pixels")


def unflowed(part):
    """The words of a text part, its flowed lines put together again (RFC 3676)."""
    lines = [re.sub("^ ", "", line) for line in part.get_content().splitlines()]
    if part.get_param("format", "fixed") != "flowed":
        return "\n".join(lines).split()
    delsp = part.get_param("delsp", "no") == "yes"
    return "".join((line[:-1] if delsp else line) if line.endswith(" ") and line != "-- " else line + "\n" for line in lines).split()


def text(screen, width, path):
    width = int(width)
    name = os.path.basename(screen)
    with open(screen, encoding="utf-8") as f:
        lines = f.read().rstrip().split("\n")[:-1]
    bad.extend(f"{name}: {columns(line)} columns: {line}" for line in lines if columns(line) > width)
    shown = "\n".join(lines[lines.index("") :]).split()
    wanted = unflowed(message(path).get_body(("plain",)))
    at = torn = 0
    for w in wanted:
        got, n = "", 0
        # only what is longer than a line may be torn: links, and Tibetan, which has no spaces between its words
        while at < len(shown) and got != w and (n == 0 or columns(w) > width):
            got, at, n = got + shown[at], at + 1, n + 1
        torn += n > 1
        if got != w:
            bad.append(f"{name}: {w!r} should follow {' '.join(shown[max(0, at - n - 5):at - n])!r}, where there is {got[:80]!r}")
            break
    if at < len(shown) and not bad:
        bad.append(f"{name}: more than the mail: {' '.join(shown[at:at + 10])!r}")
    print(f"{name}: {len(wanted)} words, {torn} longer than a line; the widest has {max(map(columns, lines))} of {width} columns")


{"thunderbird": thunderbird, "text": text}[sys.argv[1]](*sys.argv[2:])
print("\n".join(bad))
sys.exit(1 if bad else 0)
