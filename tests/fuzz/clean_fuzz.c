// modules: base text render
/* What comes out of clean_html is well-formed, holds nothing but the white list, and stays as it is when cleaned again.
 */
#include "render/clean.h"

#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const allowed_tags[] = {
    "a",  "abbr",  "b",    "bdi",   "bdo",   "blockquote", "br",  "caption", "cite",       "code",
    "dd", "del",   "div",  "dl",    "dt",    "em",         "h4",  "h5",      "h6",         "hr",
    "i",  "img",   "ins",  "li",    "mark",  "ol",         "p",   "pre",     "q",          "rp",
    "rt", "ruby",  "s",    "small", "span",  "sub",        "sup", "strong",  "table",      "td",
    "th", "thead", "time", "tr",    "tbody", "u",          "ul",  "figure",  "figcaption",
};
static const char *const allowed_attributes[] = {
    "href", "src", "alt", "lang", "dir", "colspan", "rowspan", "scope", "start", "role",
};

static void fail(const char *what, struct str s) {
    fprintf(stderr, "%s:\n%.*s\n", what, STR_ARG(s));
    abort();
}

static bool is_in(struct str s, const char *const *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(s, str_from(list[i])))
            return true;
    return false;
}

/* An own reading of the output, strict: anything not written exactly so is a fault. */
static void check(struct str s) {
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] < 0x20 && s.ptr[i] != '\n' && s.ptr[i] != '\t')
            fail("a control character", s);
        if (s.ptr[i] == '>')
            fail("a bare >", s);
        if (s.ptr[i] == '&' && !str_starts(str_sub(s, i, s.len), STR("&amp;")) &&
            !str_starts(str_sub(s, i, s.len), STR("&lt;")) && !str_starts(str_sub(s, i, s.len), STR("&gt;")))
            fail("a bare &", s);
        if (s.ptr[i] != '<')
            continue;
        size_t j = i + 1, from;
        if (j < s.len && s.ptr[j] == '/')
            j++;
        for (from = j; j < s.len && ((s.ptr[j] >= 'a' && s.ptr[j] <= 'z') || (s.ptr[j] >= '0' && s.ptr[j] <= '9'));)
            j++;
        if (!is_in(str_sub(s, from, j), allowed_tags, sizeof allowed_tags / sizeof *allowed_tags))
            fail("a foreign element", s);
        while (j + 1 < s.len && s.ptr[j] == ' ' && s.ptr[j + 1] != '/') {
            for (from = ++j; j < s.len && s.ptr[j] >= 'a' && s.ptr[j] <= 'z';)
                j++;
            struct str name = str_sub(s, from, j);
            if (!is_in(name, allowed_attributes, sizeof allowed_attributes / sizeof *allowed_attributes))
                fail("a foreign attribute", s);
            if (!str_starts(str_sub(s, j, s.len), STR("=\"")))
                fail("an attribute without quotes", s);
            from = j + 2;
            j = str_find(s, '"', from);
            struct str value = str_sub(s, from, j++);
            if (str_find(value, '<', 0) < value.len || str_find(value, '>', 0) < value.len)
                fail("< or > in an attribute", s);
            if ((str_eq(name, STR("href")) || str_eq(name, STR("src"))) && !str_starts(value, STR("http://")) &&
                !str_starts(value, STR("https://")) && !str_starts(value, STR("mailto:")) &&
                !str_starts(value, STR("tel:")))
                fail("a foreign scheme", s);
        }
        if (str_starts(str_sub(s, j, s.len), STR(" />")))
            j += 2;
        if (j >= s.len || s.ptr[j] != '>')
            fail("a tag that does not end", s);
        i = j;
    }
}

static void check_xml(struct str s) {
    struct buf doc = BUF_INIT;
    buf_adds(&doc, "<x>");
    buf_add(&doc, s);
    buf_adds(&doc, "</x>");
    xmlDocPtr xml = xmlReadMemory(doc.ptr, (int)doc.len, NULL, "UTF-8",
                                  XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE);
    if (!xml)
        fail("not well-formed", s);
    xmlFreeDoc(xml);
    buf_release(&doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct buf once = BUF_INIT, twice = BUF_INIT;
    if (size == 0)
        return 0;
    struct clean_options o = {.base_url = (data[0] & 1) ? STR("https://example.org/a/b?c") : STR_NONE,
                              .images = (data[0] & 2) ? IMAGES_LINK : IMAGES_NONE};
    struct str html = {(const char *)data + 1, size - 1};
    if (clean_html(html, &o, &once, NULL) == OK) {
        check(buf_str(&once));
        check_xml(buf_str(&once));
        if (clean_html(buf_str(&once), &o, &twice, NULL) == OK && !str_eq(buf_str(&once), buf_str(&twice))) {
            fprintf(stderr, "once:\n%s\n", buf_cstr(&once));
            fail("cleaning twice differs", buf_str(&twice));
        }
    }
    buf_release(&once);
    buf_release(&twice);
    return 0;
}
