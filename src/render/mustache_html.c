#include "render/mustache_html.h"

#include "render/mustache_parse.h"

#include <strings.h>

enum state {
    IN_TEXT,
    IN_RCDATA,  /* <title>, <textarea>: text in which only the closing tag counts */
    IN_RAWTEXT, /* <style>, <script> and their like */
    IN_COMMENT,
    IN_DECLARATION, /* <!doctype ...>, <? ...> and what parsers take for a comment up to > */
    IN_OPENING,     /* behind < */
    IN_TAG_NAME,
    IN_BETWEEN, /* between attributes */
    IN_BREAK,   /* after a section that may have ended an attribute's name: a space, / or > must follow */
    IN_ATTR_NAME,
    IN_AFTER_NAME,   /* a space behind an attribute's name */
    IN_BEFORE_VALUE, /* behind = */
    IN_DOUBLE,
    IN_SINGLE,
    IN_UNQUOTED
};

enum attr { ATTR_PLAIN, ATTR_URL, ATTR_STYLE, ATTR_REFUSED };

/* How far a URL has come. */
enum phase { URL_EMPTY, URL_SCHEME, URL_PART, URL_QUERY };

struct html {
    enum state state;
    enum attr attr;
    enum phase phase;
    bool closing;       /* a closing tag */
    unsigned char seen; /* COMMENT: dashes at its end, 3 for --!; RCDATA, RAWTEXT: matched bytes of the closing tag */
    unsigned char n_element;
    unsigned char n_name;
    unsigned char n_scheme;
    char element[12]; /* lower case, cut */
    char name[16];    /* the attribute's; lower case, cut */
    char scheme[8];   /* of a URL attribute's literal */
};

struct walker {
    const struct mustache *t;
    struct error *err;
    bool again; /* a second walk over a section's content, to see whether repeating it changes anything */
};

static bool one_of(const char *word, const char *const *list) {
    for (; *list; list++) {
        if (strcasecmp(word, *list) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static void begin_word(char *word, unsigned char *n, char c) {
    word[0] = lower(c);
    word[1] = 0;
    *n = 1;
}

static void add_to_word(char *word, unsigned char *n, size_t size, char c) {
    if (*n + 1U < size) {
        word[*n] = lower(c);
        word[++*n] = 0;
    }
}

static void begin_attribute(struct html *h, char c) {
    h->state = IN_ATTR_NAME;
    begin_word(h->name, &h->n_name, c);
}

static void begin_value(struct html *h, enum state state) {
    static const char *const urls[] = {"href", "src",  "action",   "formaction", "background", "poster",  "cite",
                                       "data", "ping", "longdesc", "manifest",   "xlink:href", "profile", NULL};
    static const char *const runs[] = {"script", "iframe", "frame", "object", "embed", "link", "base", NULL};
    h->state = state;
    h->phase = URL_EMPTY;
    h->n_scheme = 0;
    h->scheme[0] = 0;
    h->attr = ATTR_PLAIN;
    if (one_of(h->name, urls)) {
        h->attr = one_of(h->element, runs) ? ATTR_REFUSED : ATTR_URL;
    } else if (strcmp(h->name, "style") == 0) {
        h->attr = ATTR_STYLE;
    } else if (strncmp(h->name, "on", 2) == 0 || strcmp(h->name, "srcset") == 0 || strcmp(h->name, "srcdoc") == 0) {
        h->attr = ATTR_REFUSED;
    }
}

static void end_tag(struct html *h) {
    static const char *const raw[] = {"style",    "script",   "xmp",       "iframe", "noembed",
                                      "noframes", "noscript", "plaintext", NULL};
    static const char *const rcdata[] = {"title", "textarea", NULL};
    h->state = h->closing                   ? IN_TEXT
               : one_of(h->element, raw)    ? IN_RAWTEXT
               : one_of(h->element, rcdata) ? IN_RCDATA
                                            : IN_TEXT;
    h->seen = 0;
    h->attr = ATTR_PLAIN;
    h->phase = URL_EMPTY;
}

static void feed_opening(struct html *h, char c) {
    /* seen: 0 behind <, 1 behind </, 2 behind <!, 3 behind <!- */
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter && h->seen <= 1) {
        h->closing = h->seen == 1;
        h->state = IN_TAG_NAME;
        begin_word(h->element, &h->n_element, c);
    } else if (h->seen == 0 && c == '/') {
        h->seen = 1;
    } else if (h->seen == 0 && c == '!') {
        h->seen = 2;
    } else if (h->seen == 2 && c == '-') {
        h->seen = 3;
    } else if (h->seen == 3 && c == '-') {
        h->state = IN_COMMENT;
        h->seen = 2; /* <!--> is a whole comment */
    } else if (h->seen == 0 && c != '?') {
        h->state = c == '<' ? IN_OPENING : IN_TEXT; /* a < that opens nothing */
    } else {
        h->state = c == '>' ? IN_TEXT : IN_DECLARATION;
    }
}

static void feed_comment(struct html *h, char c) {
    if (c == '>' && h->seen >= 2) {
        h->state = IN_TEXT;
        h->seen = 0;
    } else if (c == '-') {
        h->seen = h->seen == 3 ? 1 : h->seen < 2 ? (unsigned char)(h->seen + 1) : 2;
    } else {
        h->seen = c == '!' && h->seen == 2 ? 3 : 0;
    }
}

/* Inside an element whose content ends only with its own closing tag. */
static void feed_until_close(struct html *h, char c) {
    if (h->seen == 2U + h->n_element) {
        if (is_space(c) || c == '/' || c == '>') {
            h->closing = true;
            h->state = IN_BETWEEN;
            if (c == '>') {
                end_tag(h);
            }
            return;
        }
        h->seen = 0;
    }
    char want = h->seen == 0 ? '<' : h->seen == 1 ? '/' : h->element[h->seen - 2];
    if (lower(c) == want) {
        h->seen++;
    } else {
        h->seen = c == '<';
    }
}

static void feed_between(struct html *h, char c) {
    if (c == '>') {
        end_tag(h);
    } else if (is_space(c) || c == '/') {
        h->state = IN_BETWEEN;
    } else {
        begin_attribute(h, c);
    }
}

static void feed_value(struct html *h, char c) {
    if (h->attr != ATTR_URL) {
        return;
    }
    if (h->phase == URL_EMPTY && is_space(c)) {
        return;
    }
    if (h->phase == URL_EMPTY || h->phase == URL_SCHEME) {
        if (c == ':') {
            static const char *const schemes[] = {"http", "https", "mailto", "cid", NULL};
            h->phase = URL_PART;
            if (!one_of(h->scheme, schemes)) {
                h->attr = ATTR_REFUSED; /* javascript: and the like; harmless as long as no value follows */
            }
            return;
        }
        h->phase = c == '/' ? URL_PART : URL_SCHEME;
        add_to_word(h->scheme, &h->n_scheme, sizeof h->scheme, c);
    }
    if (c == '?' || c == '#') {
        h->phase = URL_QUERY;
    }
}

/* One literal byte. Returns NULL, or what is wrong with it. */
static const char *feed(struct html *h, char c) {
    switch (h->state) {
    case IN_TEXT:
        if (c == '<') {
            h->state = IN_OPENING;
            h->seen = 0;
        }
        break;
    case IN_RCDATA:
    case IN_RAWTEXT:
        feed_until_close(h, c);
        break;
    case IN_COMMENT:
        feed_comment(h, c);
        break;
    case IN_DECLARATION:
        if (c == '>') {
            h->state = IN_TEXT;
            h->seen = 0;
        }
        break;
    case IN_OPENING:
        feed_opening(h, c);
        break;
    case IN_TAG_NAME:
        if (is_space(c) || c == '/' || c == '>') {
            feed_between(h, c);
        } else {
            add_to_word(h->element, &h->n_element, sizeof h->element, c);
        }
        break;
    case IN_BREAK:
        if (!is_space(c) && c != '/' && c != '>') {
            return "a space must follow this section inside the HTML tag";
        }
        feed_between(h, c);
        break;
    case IN_BETWEEN:
        if (c == '=') {
            return "= without an attribute's name before it";
        }
        feed_between(h, c);
        break;
    case IN_ATTR_NAME:
    case IN_AFTER_NAME:
        if (c == '=') {
            h->state = IN_BEFORE_VALUE;
        } else if (c == '>' || c == '/') {
            feed_between(h, c);
        } else if (is_space(c)) {
            h->state = IN_AFTER_NAME;
        } else if (h->state == IN_ATTR_NAME) {
            add_to_word(h->name, &h->n_name, sizeof h->name, c);
        } else {
            begin_attribute(h, c);
        }
        break;
    case IN_BEFORE_VALUE:
        if (c == '"' || c == '\'') {
            begin_value(h, c == '"' ? IN_DOUBLE : IN_SINGLE);
        } else if (c == '>') {
            end_tag(h);
        } else if (!is_space(c)) {
            begin_value(h, IN_UNQUOTED);
        }
        break;
    case IN_DOUBLE:
    case IN_SINGLE:
        if (c == (h->state == IN_DOUBLE ? '"' : '\'')) {
            h->state = IN_BETWEEN;
            h->attr = ATTR_PLAIN;
            h->phase = URL_EMPTY;
        } else {
            feed_value(h, c);
        }
        break;
    case IN_UNQUOTED:
        if (is_space(c) || c == '>') {
            h->attr = ATTR_PLAIN;
            h->phase = URL_EMPTY;
            feed_between(h, c);
        }
        break;
    }
    return NULL;
}

static enum status fail(const struct walker *w, int line, const struct node *n, const char *what) {
    if (n) {
        return error_set(w->err, ERR_DATA, "%s:%d: {{%.*s}} %s", w->t->file, line, STR_ARG(n->text), what);
    }
    return error_set(w->err, ERR_DATA, "%s:%d: %s", w->t->file, line, what);
}

/* What a value does here; NULL when it is allowed, and then *place and H are set. */
static const char *place_value(struct html *h, const struct node *n, enum place *place) {
    if (n->raw) {
        if (!str_ends(n->text, STR("_html"))) {
            return "is printed without escaping, which is allowed only for names that end in _html: write {{ }}";
        }
        if (h->state != IN_TEXT) {
            return "is printed without escaping, which is allowed only in text";
        }
        *place = PLACE_RAW;
        return NULL;
    }
    switch (h->state) {
    case IN_TEXT:
    case IN_RCDATA:
        h->seen = 0;
        *place = PLACE_TEXT;
        return NULL;
    case IN_RAWTEXT:
        if (strcmp(h->element, "style") != 0) {
            return "stands in <script> or the like, where no value is safe";
        }
        if (h->seen > 0) {
            return "stands in a closing tag";
        }
        *place = PLACE_CSS; /* what comes through can't end a rule, call a function or be an address */
        return NULL;
    case IN_COMMENT:
    case IN_DECLARATION:
        return "stands in a comment or declaration of HTML";
    case IN_UNQUOTED:
    case IN_BEFORE_VALUE:
        return "is an attribute's value without quotes: write =\"{{ }}\"";
    case IN_DOUBLE:
    case IN_SINGLE:
        break;
    default:
        return "stands inside an HTML tag: a value may stand in text or in a quoted attribute only";
    }
    switch (h->attr) {
    case ATTR_PLAIN:
        *place = PLACE_TEXT;
        return NULL;
    case ATTR_STYLE:
        *place = PLACE_CSS;
        return NULL;
    case ATTR_REFUSED:
        return "stands in an attribute that can run code or load it";
    case ATTR_URL:
        break;
    }
    switch (h->phase) {
    case URL_EMPTY:
        *place = PLACE_URL;
        h->phase = URL_PART;
        return NULL;
    case URL_SCHEME:
        return "stands behind the beginning of a URL without its scheme: begin with https:// or with the value";
    case URL_PART:
        *place = PLACE_URL_PART;
        return NULL;
    case URL_QUERY:
        *place = PLACE_URL_QUERY;
        return NULL;
    }
    return "can't be judged";
}

static bool in_value(enum state s) {
    return s == IN_DOUBLE || s == IN_SINGLE;
}

static bool between_attributes(enum state s) {
    return s == IN_TAG_NAME || s == IN_BETWEEN || s == IN_BREAK || s == IN_ATTR_NAME || s == IN_AFTER_NAME ||
           s == IN_UNQUOTED;
}

/* Joins H, where a section begins, with END, where its content ends: what follows is read as if either were true.
 * False when that can't be. */
static bool join(struct html *h, const struct html *end) {
    if (between_attributes(h->state) && between_attributes(end->state)) {
        if (strcmp(h->element, end->element) != 0 || h->closing != end->closing) {
            return false;
        }
        bool open_end = false; /* what follows could lengthen a name or a value */
        const struct html *both[2] = {h, end};
        for (int i = 0; i < 2; i++) {
            open_end = open_end || both[i]->state == IN_TAG_NAME || both[i]->state == IN_ATTR_NAME ||
                       both[i]->state == IN_UNQUOTED || both[i]->state == IN_BREAK;
        }
        h->state = open_end ? IN_BREAK : IN_BETWEEN;
        return true;
    }
    if (h->state != end->state) {
        return false;
    }
    if (h->state == IN_TEXT) {
        return true;
    }
    if (h->attr != end->attr || strcmp(h->element, end->element) != 0) {
        return false;
    }
    if (in_value(h->state) && h->phase != end->phase) {
        /* a value that may be the first is checked like the first */
        if (h->phase == URL_SCHEME || end->phase == URL_SCHEME) {
            h->phase = URL_SCHEME;
        } else if (h->phase != URL_EMPTY && end->phase != URL_EMPTY) {
            h->phase = URL_QUERY;
        } else {
            h->phase = URL_EMPTY;
        }
        return true;
    }
    bool same = h->seen == end->seen;
    if (h->state == IN_RCDATA || h->state == IN_RAWTEXT) {
        h->seen = same ? h->seen : 0;
        return true;
    }
    return in_value(h->state) || same;
}

static enum status walk(struct walker *w, struct node *n, struct html *h);

static enum status walk_text(struct walker *w, const struct node *n, struct html *h) {
    int line = n->line;
    for (size_t i = 0; i < n->text.len; i++) {
        char c = n->text.ptr[i];
        const char *wrong = feed(h, c);
        if (wrong) {
            return fail(w, line, NULL, wrong);
        }
        line += c == '\n';
    }
    return OK;
}

static enum status walk_section(struct walker *w, struct node *n, struct html *h) {
    struct html end = *h;
    enum status status = walk(w, n->child, &end);
    if (status != OK) {
        return status;
    }
    if (n->kind == NODE_SECTION && !w->again && memcmp(&end, h, sizeof end) != 0) {
        /* the content may come again, then from where it ended: its values must stand where they stood */
        struct html repeat = end;
        w->again = true;
        status = walk(w, n->child, &repeat);
        w->again = false;
        if (status != OK) {
            return status;
        }
    }
    if (!join(h, &end)) {
        return fail(w, n->line, n, "ends in another place of the HTML than it begins: close inside what opens inside");
    }
    return OK;
}

static enum status walk_value(struct walker *w, struct node *n, struct html *h) {
    enum place place = PLACE_UNKNOWN;
    const char *wrong = place_value(h, n, &place);
    if (wrong) {
        return fail(w, n->line, n, wrong);
    }
    if (w->again && place != n->place) {
        bool url = (place == PLACE_URL || place == PLACE_URL_PART || place == PLACE_URL_QUERY) &&
                   (n->place == PLACE_URL || n->place == PLACE_URL_PART || n->place == PLACE_URL_QUERY);
        if (!url) {
            return fail(w, n->line, n, "stands in different places of the HTML when its section repeats");
        }
        return OK; /* the first judgement is the stricter: later values are judged as if they were the first */
    }
    n->place = place;
    return OK;
}

static enum status walk_fragment(struct walker *w, struct node *n) {
    struct html h = {.state = IN_TEXT};
    enum status status = walk(w, n->child, &h);
    if (status == OK && h.state != IN_TEXT) {
        return fail(w, n->line, n, "must end in text, not inside a tag, comment, <style> or <title>");
    }
    return status;
}

static enum status walk(struct walker *w, struct node *n, struct html *h) {
    enum status status = OK;
    for (; n && status == OK; n = n->next) {
        switch (n->kind) {
        case NODE_TEXT:
            status = walk_text(w, n, h);
            break;
        case NODE_VALUE:
            status = walk_value(w, n, h);
            break;
        case NODE_SECTION:
        case NODE_INVERTED:
            status = walk_section(w, n, h);
            break;
        case NODE_PARTIAL:
        case NODE_PARENT:
        case NODE_BLOCK:
            if (h->state != IN_TEXT && h->state != IN_RCDATA) {
                return fail(w, n->line, n, "is a partial, parent or block and may stand in text only");
            }
            h->seen = 0;
            if (n->kind == NODE_BLOCK) {
                status = walk_fragment(w, n);
            }
            for (struct node *b = n->kind == NODE_PARENT ? n->child : NULL; b && status == OK; b = b->next) {
                status = walk_fragment(w, b);
            }
            break;
        }
    }
    return status;
}

enum status mustache_html(struct mustache *t, struct error *err) {
    struct walker w = {.t = t, .err = err};
    struct html h = {.state = IN_TEXT};
    enum status status = walk(&w, t->root, &h);
    if (status == OK && h.state != IN_TEXT) {
        return fail(&w, t->last_line, NULL, "the template ends inside an HTML tag, comment, <style> or <title>");
    }
    return status;
}
