#!/usr/bin/env python3
"""Usage: accessible.py FILE.html...  The mechanical rules of accessible mail, computed from the file as clients get it:
lang and dir, roles, headings, alternative texts, links, sizes, and the contrast of every piece of text in light and,
by the style sheet's own rules, in dark. Prints what is wrong, a line each, and ends with 1; else one line of figures."""
import html.parser
import re
import sys

VOID = set("area base br col hr img input link meta source wbr".split())
NAMES = {"black": "#000000", "white": "#ffffff"}


def colour(text):
    text = NAMES.get(text.strip(), text.strip())
    return tuple(int(text[i:i + 2], 16) for i in (1, 3, 5)) if re.fullmatch("#[0-9a-f]{6}", text) else None


def luminance(c):
    v = [x / 255 for x in c]
    v = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in v]
    return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]


def contrast(a, b):
    x, y = sorted((luminance(a), luminance(b)))
    return (y + 0.05) / (x + 0.05)


def declarations(text):
    out = {}
    for part in text.split(";"):
        if ":" in part:
            k, v = part.split(":", 1)
            out[k.strip()] = v.strip()
    return out


class Sheet:
    """A style sheet's rules outside @media and those for dark, as (specificity, order, compounds, declarations)."""

    def __init__(self, text):
        self.plain, self.dark = [], []
        rest = text
        for m in re.finditer(r"@media\s*\(([^)]*)\)\s*\{((?:[^{}]*\{[^{}]*\})*)\s*\}", text):
            if "dark" in m.group(1):
                self.dark += self.rules(m.group(2))
            rest = rest.replace(m.group(0), "")
        self.plain = self.rules(rest)

    @staticmethod
    def rules(text):
        out = []
        for m in re.finditer(r"([^{}]+)\{([^{}]*)\}", text):
            for sel in m.group(1).split(","):
                compounds = sel.split()
                classes = sum(c.count(".") for c in compounds)
                tags = sum(1 for c in compounds if re.match("[a-z]", c))
                out.append(((classes, tags), len(out), compounds, declarations(m.group(2))))
        return out


def fits(compound, element):
    tag, *classes = compound.split(".")
    return tag in ("", "*", element.tag) and all(c in element.classes for c in classes)


def matches(compounds, element):
    if not fits(compounds[-1], element):
        return False
    up, i = element.up, len(compounds) - 2
    while i >= 0 and up:
        if fits(compounds[i], up):
            i -= 1
        up = up.up
    return i < 0


class Element:
    def __init__(self, tag, attrs, up):
        self.tag, self.up = tag, up
        self.attrs = {k: v or "" for k, v in attrs}
        self.classes = self.attrs.get("class", "").split()
        self.style = declarations(self.attrs.get("style", ""))
        self.known = {}

    def value(self, name, rules):
        """The declaration that wins here, inline or by RULES; those of rules count when !important, as all must."""
        best = None
        for spec, order, compounds, decl in rules:
            if name in decl and matches(compounds, self):
                important = decl[name].endswith("!important")
                key = (important, spec, order)
                if best is None or key > best[0]:
                    best = (key, decl[name].replace("!important", "").strip())
        inline = self.style.get(name)
        if best and (best[0][0] or inline is None):
            return best[1]
        return inline

    def inherited(self, name, rules):
        key = (name, id(rules))
        if key not in self.known:
            v = self.value(name, rules)
            self.known[key] = v if v is not None or not self.up else self.up.inherited(name, rules)
        return self.known[key]

    def size(self):
        v = self.style.get("font-size")
        if v and v.endswith("px"):
            return float(v[:-2])
        return self.up.size() if self.up else 16.0

    def leading(self):
        v = self.style.get("line-height")
        return float(v) if v else self.up.leading() if self.up else 1.2

    def line(self):
        e = self
        while e:
            yield e
            e = e.up

    def hidden(self):
        return self.style.get("display") == "none" or bool(self.up and self.up.hidden())


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.bad, self.headings, self.links, self.langs = [], [], [], set()
        self.tables, self.texts, self.sheet, self.title, self.at = [], [], "", "", None
        self.least = [99.0, 99.0]
        self.feed(text)
        self.close()
        if self.at:
            self.bad.append("<%s> is left open" % self.at.tag)
        self.judge()

    def err(self, text):
        self.bad.append("%s (line %d)" % (text, self.getpos()[0]))

    def handle_starttag(self, tag, attrs):
        e = Element(tag, attrs, self.at)
        a = e.attrs
        if tag == "html" or (self.at and self.at.tag == "body"):
            if not a.get("lang"):
                self.err("<%s> has no lang" % tag)
            if a.get("dir") not in ("ltr", "rtl"):
                self.err("<%s> has no dir" % tag)
        if tag == "body" and e.classes:
            self.err("<body> has a class: Roundcube drops the style sheet")
        if a.get("lang"):
            self.langs.add(a["lang"])
        if "dir" in a and a["dir"] not in ("ltr", "rtl"):
            self.err("dir=%s" % a["dir"])
        if tag == "img" and "alt" not in a:
            self.err("a picture without alt")
        if tag == "img" and not a.get("src", "").startswith(("cid:", "https:", "data:")):
            self.err("a picture from %s" % a.get("src", "")[:20])
        if tag == "table":
            self.tables.append([a.get("role") == "presentation", False])
        if tag == "th" and self.tables:
            self.tables[-1][1] = True
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "a":
            self.links.append([e, a.get("aria-label", "")])
            if not re.match("(https?|mailto):", a.get("href", "")):
                self.err("a link to %r" % a.get("href", "")[:30])
            if e.style.get("text-decoration", "underline") == "none":
                self.err("a link told apart by colour alone")
        if tag == "img" and self.links:
            self.links[-1][1] += a.get("alt", "")
        for k, v in e.style.items():
            if k == "text-align" and v == "justify":
                self.err("justified text")
        for k in a:
            if k.startswith("on"):
                self.err("a handler %s" % k)
        if tag in ("script", "form", "iframe", "object", "embed", "link", "base"):
            self.err("<%s>" % tag)
        if tag not in VOID:
            self.at = e

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.at or self.at.tag != tag:
            self.err("</%s> closes nothing" % tag)
            return
        if tag == "table":
            layout, headed = self.tables.pop()
            if not layout and not headed:
                self.err("a table without role or headers")
        self.at = self.at.up

    def handle_data(self, data):
        e = self.at
        if e and e.tag == "style":
            self.sheet += data
        elif e and e.tag == "title":
            self.title += data
        elif e and data.strip(" \n\u00a0"):
            self.texts.append((e, data, self.getpos()[0]))
            up = e
            while up:
                if up.tag == "a" and self.links and not up.hidden():
                    self.links[-1][1] += data
                up = up.up

    def judge(self):
        sheet = Sheet(self.sheet)
        if not self.title.strip():
            self.bad.append("no title")
        if self.headings.count(1) != 1:
            self.bad.append("%d h1" % self.headings.count(1))
        if any(b > a + 1 for a, b in zip(self.headings, self.headings[1:])):
            self.bad.append("a heading level is skipped: %r" % self.headings)
        for e, text in self.links:
            own = not any("body" in up.classes for up in e.line())  # what an author wrote is the author's
            if len(text.strip()) < 2 or own and text.strip().lower() in ("more", "here", "read", "click here", "link"):
                self.bad.append("a link that says %r" % text)
        if len(self.sheet) > 8000 or re.search(r"@import|url\(|expression|<", self.sheet):
            self.bad.append("a style sheet that Gmail drops")
        both = (sheet.plain, sheet.plain + [(s, o + 1000, c, d) for s, o, c, d in sheet.dark])
        for e, text, line in self.texts:
            if e.hidden():
                continue
            words = text.strip()[:30]
            if e.size() < 14:
                self.bad.append("text of %g px: %s (line %d)" % (e.size(), words, line))
            if e.leading() < 1.5:
                self.bad.append("lines %g high: %s (line %d)" % (e.leading(), words, line))
            for i, rules in enumerate(both):
                fore, ground = colour(e.inherited("color", rules) or ""), colour(e.inherited("background-color", rules) or "")
                if not fore or not ground:
                    self.bad.append("no colour: %s (line %d)" % (words, line))
                    continue
                c = contrast(fore, ground)
                self.least[i] = min(self.least[i], c)
                if c < 4.5:
                    self.bad.append("contrast %.2f in %s: %s (line %d)" % (c, ("light", "dark")[i], words, line))
                    break


if __name__ == "__main__":
    wrong, texts, least, langs = 0, 0, [99.0, 99.0], set()
    for name in sys.argv[1:]:
        p = Page(open(name, encoding="utf-8").read())
        for b in p.bad[:8]:
            print("%s: %s" % (name, b))
        wrong += len(p.bad)
        texts += len(p.texts)
        langs |= p.langs
        least = [min(a, b) for a, b in zip(least, p.least)]
    if not wrong:
        print("%d texts in %d languages; the least contrast is %.1f in light and %.1f in dark" % (texts, len(langs), *least))
    sys.exit(wrong > 0)
