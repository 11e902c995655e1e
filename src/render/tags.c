#include "render/tags.h"

#include <stdlib.h>

struct row {
    const char *name;
    struct tag_info info;
};

#define INL(n, t)                                                                                                      \
    {                                                                                                                  \
        n, {                                                                                                           \
            t, KIND_INLINE, 0                                                                                          \
        }                                                                                                              \
    }
#define BLK(n, t)                                                                                                      \
    {                                                                                                                  \
        n, {                                                                                                           \
            t, KIND_BLOCK, 0                                                                                           \
        }                                                                                                              \
    }
#define HEAD(n, l)                                                                                                     \
    {                                                                                                                  \
        n, {                                                                                                           \
            TAG_H, KIND_BLOCK, l                                                                                       \
        }                                                                                                              \
    }
#define SPAN(n)                                                                                                        \
    {                                                                                                                  \
        n, {                                                                                                           \
            TAG_UNKNOWN, KIND_SPAN, 0                                                                                  \
        }                                                                                                              \
    }
#define DIV(n)                                                                                                         \
    {                                                                                                                  \
        n, {                                                                                                           \
            TAG_UNKNOWN, KIND_DIV, 0                                                                                   \
        }                                                                                                              \
    }
#define DROP(n)                                                                                                        \
    {                                                                                                                  \
        n, {                                                                                                           \
            TAG_UNKNOWN, KIND_DROP, 0                                                                                  \
        }                                                                                                              \
    }
#define VOID(n, t)                                                                                                     \
    {                                                                                                                  \
        n, {                                                                                                           \
            t, KIND_VOID, 0                                                                                            \
        }                                                                                                              \
    }

/* In strcmp's order: it is searched by halves. What isn't here is KIND_SPAN; so are elements that can't have content
 * but are not known as such to every parser (what follows them would go with them). */
static const struct row rows[] = {
    INL("a", TAG_A),
    INL("abbr", TAG_ABBR),
    INL("acronym", TAG_ABBR),
    DIV("address"),
    DROP("applet"),
    DROP("area"),
    DIV("article"),
    DIV("aside"),
    DROP("audio"),
    INL("b", TAG_B),
    DROP("base"),
    DROP("basefont"),
    INL("bdi", TAG_BDI),
    INL("bdo", TAG_BDO),
    SPAN("bgsound"),
    BLK("blockquote", TAG_BLOCKQUOTE),
    DIV("body"),
    VOID("br", TAG_BR),
    DROP("button"),
    DROP("canvas"),
    BLK("caption", TAG_CAPTION),
    DIV("center"),
    INL("cite", TAG_CITE),
    INL("code", TAG_CODE),
    DROP("col"),
    DROP("colgroup"),
    SPAN("command"),
    DROP("datalist"),
    BLK("dd", TAG_DD),
    INL("del", TAG_DEL),
    DIV("details"),
    INL("dfn", TAG_I),
    DIV("dialog"),
    BLK("dir", TAG_UL),
    DIV("div"),
    BLK("dl", TAG_DL),
    BLK("dt", TAG_DT),
    INL("em", TAG_EM),
    SPAN("embed"),
    DIV("fieldset"),
    BLK("figcaption", TAG_FIGCAPTION),
    BLK("figure", TAG_FIGURE),
    DIV("footer"),
    DIV("form"),
    DROP("frame"),
    DROP("frameset"),
    HEAD("h1", 1),
    HEAD("h2", 2),
    HEAD("h3", 3),
    HEAD("h4", 4),
    HEAD("h5", 5),
    HEAD("h6", 6),
    DIV("head"), /* what is in it goes by its own name: nothing is lost where it isn't closed */
    DIV("header"),
    DIV("hgroup"),
    VOID("hr", TAG_HR),
    DIV("html"),
    INL("i", TAG_I),
    DROP("iframe"),
    VOID("image", TAG_IMG),
    VOID("img", TAG_IMG),
    DROP("input"),
    INL("ins", TAG_INS),
    DROP("isindex"),
    INL("kbd", TAG_CODE),
    SPAN("keygen"),
    DIV("legend"),
    BLK("li", TAG_LI),
    DROP("link"),
    BLK("listing", TAG_PRE),
    DIV("main"),
    DROP("map"),
    INL("mark", TAG_MARK),
    DROP("math"),
    BLK("menu", TAG_UL),
    DROP("meta"),
    DROP("meter"),
    DIV("nav"),
    DROP("noembed"),
    DROP("noframes"),
    DROP("noscript"),
    DROP("object"),
    BLK("ol", TAG_OL),
    DROP("optgroup"),
    DROP("option"),
    DROP("output"),
    BLK("p", TAG_P),
    DROP("param"),
    DROP("plaintext"),
    BLK("pre", TAG_PRE),
    DROP("progress"),
    INL("q", TAG_Q),
    INL("rp", TAG_RP),
    INL("rt", TAG_RT),
    INL("rtc", TAG_RT),
    INL("ruby", TAG_RUBY),
    INL("s", TAG_S),
    INL("samp", TAG_CODE),
    DROP("script"),
    DIV("search"),
    DIV("section"),
    DROP("select"),
    INL("small", TAG_SMALL),
    SPAN("source"),
    SPAN("span"),
    INL("strike", TAG_S),
    INL("strong", TAG_STRONG),
    DROP("style"),
    INL("sub", TAG_SUB),
    DIV("summary"),
    INL("sup", TAG_SUP),
    DROP("svg"),
    BLK("table", TAG_TABLE),
    BLK("tbody", TAG_TBODY),
    BLK("td", TAG_TD),
    DROP("template"),
    DROP("textarea"),
    BLK("tfoot", TAG_TBODY),
    BLK("th", TAG_TH),
    BLK("thead", TAG_THEAD),
    INL("time", TAG_TIME),
    DROP("title"),
    BLK("tr", TAG_TR),
    SPAN("track"),
    INL("tt", TAG_CODE),
    INL("u", TAG_U),
    BLK("ul", TAG_UL),
    INL("var", TAG_I),
    DROP("video"),
    SPAN("wbr"),
    DROP("xml"),
    DROP("xmp"),
};

static int compare(const void *key, const void *row) {
    const char *k = key;
    return strcmp(k, ((const struct row *)row)->name);
}

static const struct row *find(struct str name) {
    char lower[16];
    if (name.len == 0 || name.len >= sizeof lower)
        return NULL;
    for (size_t i = 0; i < name.len; i++)
        lower[i] = name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? (char)(name.ptr[i] | 32) : name.ptr[i];
    lower[name.len] = '\0';
    return bsearch(lower, rows, sizeof rows / sizeof *rows, sizeof *rows, compare);
}

struct tag_info tag_lookup(struct str name) {
    const struct row *r = find(name);
    return r ? r->info : (struct tag_info){TAG_UNKNOWN, KIND_SPAN, 0};
}

bool tag_is_known(struct str name) {
    /* those that are no rows, for they are taken away as unknown ones are */
    static const char *const others[] = {"big",     "blink", "data",    "font", "label",
                                         "marquee", "nobr",  "picture", "rb",   "slot"};
    bool known = find(name) != NULL;
    for (size_t i = 0; i < sizeof others / sizeof *others && !known; i++)
        known = str_eq_nocase(name, str_from(others[i]));
    return known;
}

const char *tag_name(enum tag tag) {
    static const char *const names[] = {
        [TAG_A] = "a",
        [TAG_ABBR] = "abbr",
        [TAG_B] = "b",
        [TAG_BDI] = "bdi",
        [TAG_BDO] = "bdo",
        [TAG_BLOCKQUOTE] = "blockquote",
        [TAG_BR] = "br",
        [TAG_CAPTION] = "caption",
        [TAG_CITE] = "cite",
        [TAG_CODE] = "code",
        [TAG_DD] = "dd",
        [TAG_DEL] = "del",
        [TAG_DIV] = "div",
        [TAG_DL] = "dl",
        [TAG_DT] = "dt",
        [TAG_EM] = "em",
        [TAG_FIGCAPTION] = "figcaption",
        [TAG_FIGURE] = "figure",
        [TAG_H] = "h4",
        [TAG_HR] = "hr",
        [TAG_I] = "i",
        [TAG_IMG] = "img",
        [TAG_INS] = "ins",
        [TAG_LI] = "li",
        [TAG_MARK] = "mark",
        [TAG_OL] = "ol",
        [TAG_P] = "p",
        [TAG_PRE] = "pre",
        [TAG_Q] = "q",
        [TAG_RP] = "rp",
        [TAG_RT] = "rt",
        [TAG_RUBY] = "ruby",
        [TAG_S] = "s",
        [TAG_SMALL] = "small",
        [TAG_SPAN] = "span",
        [TAG_STRONG] = "strong",
        [TAG_SUB] = "sub",
        [TAG_SUP] = "sup",
        [TAG_TABLE] = "table",
        [TAG_TBODY] = "tbody",
        [TAG_TD] = "td",
        [TAG_TH] = "th",
        [TAG_THEAD] = "thead",
        [TAG_TIME] = "time",
        [TAG_TR] = "tr",
        [TAG_U] = "u",
        [TAG_UL] = "ul",
    };
    const char *name = (size_t)tag < sizeof names / sizeof *names ? names[tag] : NULL;
    return name ? name : "";
}

bool tag_is_block(enum tag tag) {
    switch (tag) {
    case TAG_BLOCKQUOTE:
    case TAG_CAPTION:
    case TAG_DD:
    case TAG_DIV:
    case TAG_DL:
    case TAG_DT:
    case TAG_FIGCAPTION:
    case TAG_FIGURE:
    case TAG_H:
    case TAG_HR:
    case TAG_LI:
    case TAG_OL:
    case TAG_P:
    case TAG_PRE:
    case TAG_TABLE:
    case TAG_TBODY:
    case TAG_TD:
    case TAG_TH:
    case TAG_THEAD:
    case TAG_TR:
    case TAG_UL:
        return true;
    default:
        return false;
    }
}
