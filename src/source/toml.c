#include "source/toml.h"

#include "base/buf.h"

enum { DEPTH_MAX = 20 };

struct toml {
    struct str in;
    size_t at, line;
    struct error *err;
};

static char peek(const struct toml *t) {
    return t->at < t->in.len ? t->in.ptr[t->at] : 0;
}

static bool at_end(const struct toml *t) {
    return t->at >= t->in.len;
}

static bool eat(struct toml *t, char c) {
    if (at_end(t) || t->in.ptr[t->at] != c) {
        return false;
    }
    t->line += c == '\n';
    t->at++;
    return true;
}

static bool eat_text(struct toml *t, struct str s) {
    if (!str_starts(str_sub(t->in, t->at, t->in.len), s)) {
        return false;
    }
    t->at += s.len;
    return true;
}

static enum status wrong(struct toml *t, const char *what) {
    return error_set(t->err, ERR_DATA, "%s", what);
}

static void skip_blank(struct toml *t) {
    while (eat(t, ' ') || eat(t, '\t') || eat(t, '\r')) {
    }
}

static void skip_comment(struct toml *t) {
    if (peek(t) == '#') {
        t->at = str_find(t->in, '\n', t->at);
    }
}

/* White space, line ends, comments. */
static void skip_lines(struct toml *t) {
    do {
        skip_blank(t);
        skip_comment(t);
    } while (eat(t, '\n'));
}

static json_t *string_of(struct str s) {
    return json_stringn(s.ptr ? s.ptr : "", s.len);
}

static enum status read_escape(struct toml *t, bool many_lines, struct buf *b) {
    static const char from[] = "btnfre\"\\", to[] = "\b\t\n\f\r\x1b\"\\";
    char c = peek(t);
    const char *p = c ? strchr(from, c) : NULL;
    if (p) {
        t->at++;
        buf_addc(b, to[p - from]);
        return OK;
    }
    if (many_lines && (c == '\n' || c == ' ' || c == '\t' || c == '\r')) { /* the line goes on */
        while (eat(t, ' ') || eat(t, '\t') || eat(t, '\r') || eat(t, '\n')) {
        }
        return OK;
    }
    size_t n = c == 'u' ? 4 : c == 'U' ? 8 : c == 'x' ? 2 : 0;
    uint32_t cp = 0;
    t->at += n > 0;
    for (size_t i = 0; i < n; i++) {
        char d = peek(t);
        if (!((d >= '0' && d <= '9') || ((d | 32) >= 'a' && (d | 32) <= 'f'))) {
            return wrong(t, "a \\u without its digits");
        }
        cp = cp * 16 + (uint32_t)(d <= '9' ? d - '0' : (d | 32) - 'a' + 10);
        t->at++;
    }
    if (!n) {
        return wrong(t, "a backslash before something that has no meaning");
    }
    if (cp) {
        buf_add_utf8(b, cp);
    }
    return OK;
}

/* "...", '...' and the forms with three of them. */
static enum status read_string(struct toml *t, struct buf *b) {
    char q = peek(t);
    const struct str three = q == '"' ? STR("\"\"\"") : STR("'''");
    bool many_lines = eat_text(t, three);
    if (many_lines) {
        (void)eat(t, '\r');
        (void)eat(t, '\n'); /* one right behind is none of the text */
    } else {
        (void)eat(t, q);
    }
    while (!at_end(t)) {
        if (many_lines && eat_text(t, three)) {
            while (eat(t, q)) { /* up to two may stand before the three */
                buf_addc(b, q);
            }
            return OK;
        }
        if (!many_lines && eat(t, q)) {
            return OK;
        }
        char c = peek(t);
        if (c == '\n' && !many_lines) {
            break;
        }
        if (c == '\\' && q == '"') {
            t->at++;
            enum status st = read_escape(t, many_lines, b);
            if (st != OK) {
                return st;
            }
        } else {
            (void)eat(t, c);
            buf_addc(b, c);
        }
    }
    return wrong(t, "a string that is not closed");
}

static bool is_bare(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           (unsigned char)c >= 0x80;
}

static enum status read_key(struct toml *t, struct buf *b) {
    buf_clear(b);
    skip_blank(t);
    if (peek(t) == '"' || peek(t) == '\'') {
        return read_string(t, b);
    }
    while (!at_end(t) && is_bare(peek(t))) {
        buf_addc(b, peek(t));
        t->at++;
    }
    return b->len ? OK : wrong(t, "no key where one should stand");
}

/* Follows "a.b.c" from *TABLE; B holds the last part then. The last of a list of tables stands for the list. */
static enum status read_path(struct toml *t, json_t **table, struct buf *b) {
    enum status st = read_key(t, b);
    for (int depth = 0; st == OK; depth++) {
        skip_blank(t);
        if (!eat(t, '.')) {
            break;
        }
        if (depth == DEPTH_MAX) {
            return wrong(t, "tables too deep in each other");
        }
        json_t *next = json_object_get(*table, buf_cstr(b));
        if (json_is_array(next)) {
            next = json_array_get(next, json_array_size(next) - 1);
        }
        if (!next) {
            next = json_object();
            (void)json_object_set_new(*table, buf_cstr(b), next);
        }
        if (!json_is_object(next)) {
            return wrong(t, "a key that has a value already is used as a table");
        }
        *table = next;
        st = read_key(t, b);
    }
    return st;
}

static enum status read_value(struct toml *t, int depth, json_t **out);

static enum status read_pair(struct toml *t, json_t *table, int depth) {
    struct buf b = BUF_INIT;
    json_t *v = NULL;
    enum status st = read_path(t, &table, &b);
    if (st == OK) {
        skip_blank(t);
        st = eat(t, '=') ? read_value(t, depth, &v) : wrong(t, "no '=' behind a key");
    }
    if (st == OK && (b.failed || json_object_set_new(table, buf_cstr(&b), v) != 0)) {
        st = wrong(t, "a key that is no text");
    }
    buf_release(&b);
    return st;
}

static enum status read_list(struct toml *t, int depth, json_t **out) {
    *out = json_array();
    (void)eat(t, '[');
    for (;;) {
        json_t *v = NULL;
        skip_lines(t);
        if (eat(t, ']')) {
            return OK;
        }
        enum status st = read_value(t, depth + 1, &v);
        if (st != OK) {
            return st;
        }
        (void)json_array_append_new(*out, v);
        skip_lines(t);
        if (!eat(t, ',') && peek(t) != ']') {
            return wrong(t, "a list that is not closed");
        }
    }
}

static enum status read_inline(struct toml *t, int depth, json_t **out) {
    *out = json_object();
    (void)eat(t, '{');
    for (;;) {
        skip_lines(t);
        if (eat(t, '}')) {
            return OK;
        }
        enum status st = read_pair(t, *out, depth + 1);
        if (st != OK) {
            return st;
        }
        skip_lines(t);
        if (!eat(t, ',') && peek(t) != '}') {
            return wrong(t, "a table in braces that is not closed");
        }
    }
}

/* Numbers, times, true and false: their text. */
static enum status read_bare(struct toml *t, json_t **out) {
    size_t start = t->at;
    while (!at_end(t) && !strchr(",]}#\n\r", peek(t))) {
        t->at++;
    }
    struct str s = str_trim(str_sub(t->in, start, t->at));
    if (!s.len) {
        return wrong(t, "no value behind '='");
    }
    if (!is_bare(s.ptr[0]) && s.ptr[0] != '+' && s.ptr[0] != '-') {
        return wrong(t, "a value that is neither text in quotes nor a number, a date, true or false");
    }
    *out = str_eq(s, STR("true")) ? json_true() : str_eq(s, STR("false")) ? json_false() : string_of(s);
    return *out ? OK : wrong(t, "a value that is no text");
}

static enum status read_value(struct toml *t, int depth, json_t **out) {
    enum status st;
    *out = NULL;
    skip_blank(t);
    if (depth > DEPTH_MAX) {
        return wrong(t, "values too deep in each other");
    }
    char c = peek(t);
    if (c == '"' || c == '\'') {
        struct buf b = BUF_INIT;
        st = read_string(t, &b);
        *out = st == OK && !b.failed ? string_of(buf_str(&b)) : NULL;
        buf_release(&b);
        st = st == OK && !*out ? wrong(t, "a string that is no text") : st;
    } else {
        st = c == '[' ? read_list(t, depth, out) : c == '{' ? read_inline(t, depth, out) : read_bare(t, out);
    }
    if (st != OK) {
        json_decref(*out);
        *out = NULL;
    }
    return st;
}

/* "[a.b]", "[[a.b]]"; *table: where pairs go from now on. */
static enum status read_header(struct toml *t, json_t *root, json_t **table) {
    struct buf b = BUF_INIT;
    json_t *at = root;
    (void)eat(t, '[');
    bool list = eat(t, '[');
    enum status st = read_path(t, &at, &b);
    if (st == OK && (!eat(t, ']') || (list && !eat(t, ']')))) {
        st = wrong(t, "the name of a table that is not closed");
    }
    if (st == OK) {
        json_t *old = json_object_get(at, buf_cstr(&b));
        if (list) {
            if (!old) {
                old = json_array();
                (void)json_object_set_new(at, buf_cstr(&b), old);
            }
            *table = json_object();
            st = json_is_array(old) && json_array_append_new(old, *table) == 0 ? OK : wrong(t, "a table twice");
        } else {
            if (!old) {
                old = json_object();
                (void)json_object_set_new(at, buf_cstr(&b), old);
            }
            *table = json_is_array(old) ? json_array_get(old, json_array_size(old) - 1) : old;
            st = json_is_object(*table) ? OK : wrong(t, "a key that has a value already is used as a table");
        }
    }
    buf_release(&b);
    return st;
}

enum status toml_parse(struct str text, json_t **out, size_t *line, struct error *err) {
    struct toml t = {.in = text, .line = 1, .err = err};
    json_t *root = json_object();
    json_t *table = root;
    enum status st = OK;
    for (;;) {
        skip_lines(&t);
        if (st != OK || at_end(&t)) {
            break;
        }
        st = peek(&t) == '[' ? read_header(&t, root, &table) : read_pair(&t, table, 0);
        skip_blank(&t);
        skip_comment(&t);
        if (st == OK && !at_end(&t) && peek(&t) != '\n') {
            st = wrong(&t, "something behind a value");
        }
        if (st != OK) {
            break;
        }
    }
    *line = t.line;
    *out = root;
    if (st != OK) {
        json_decref(root);
        *out = NULL;
    }
    return st;
}
