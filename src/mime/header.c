#include "mime/header.h"

#include "base/utf8.h"
#include "mime/encode.h"

#include <assert.h>
#include <unicode/uchar.h>

#define LINE 78          /* RFC 5322 2.1.1 */
#define LINE_ENCODED 76  /* RFC 2047 2: a line with an encoded word */
#define WORD_ENCODED 75  /* RFC 2047 2: an encoded word */
#define WORD_LONGEST 900 /* a longer plain word is encoded, which can be folded */
#define HARD 990         /* RFC 5322 2.1.1 allows 998 */
#define FRAME 12         /* =?UTF-8?B? and ?= */

/* What a byte may stand for. */
enum {
    ATEXT = 1,  /* an atom's, RFC 5322 3.2.3 */
    Q_TEXT = 2, /* itself in Q anywhere, RFC 2047 5 (3) */
    SPECIAL = 4 /* not in an unquoted local part */
};
static const unsigned char class[256] = {
    ['0' ... '9'] = ATEXT | Q_TEXT,
    ['A' ... 'Z'] = ATEXT | Q_TEXT,
    ['a' ... 'z'] = ATEXT | Q_TEXT,
    ['!'] = ATEXT | Q_TEXT,
    ['*'] = ATEXT | Q_TEXT,
    ['+'] = ATEXT | Q_TEXT,
    ['-'] = ATEXT | Q_TEXT,
    ['/'] = ATEXT | Q_TEXT,
    ['#'] = ATEXT,
    ['$'] = ATEXT,
    ['%'] = ATEXT,
    ['&'] = ATEXT,
    ['\''] = ATEXT,
    ['='] = ATEXT,
    ['?'] = ATEXT,
    ['^'] = ATEXT,
    ['_'] = ATEXT,
    ['`'] = ATEXT,
    ['{' ... '~'] = ATEXT,
    [0 ... ' '] = SPECIAL,
    ['"'] = SPECIAL,
    ['(' ... ')'] = SPECIAL,
    [','] = SPECIAL,
    [':' ... '<'] = SPECIAL,
    ['>'] = SPECIAL,
    ['[' ... ']'] = SPECIAL,
    [127 ... 255] = SPECIAL,
};

/* A header under way. */
struct header {
    struct buf *out;
    size_t column; /* on the current line */
    size_t limit;  /* of the current line */
    bool empty;    /* nothing of the value is written yet */
};

static bool is_control(char c) {
    return (unsigned char)c < 0x20 || c == 0x7f;
}

static struct header begin(struct buf *out, const char *name) {
    size_t n = strlen(name);
    assert(n > 0);
    for (size_t i = 0; i < n; i++) {
        assert(name[i] > ' ' && name[i] < 0x7f && name[i] != ':');
    }
    buf_add(out, (struct str){name, n});
    buf_addc(out, ':');
    return (struct header){out, n + 1, LINE, true};
}

static void end(struct header *h) {
    buf_adds(h->out, "\r\n");
}

/* Room for N more characters behind SPACES spaces: on this line, or on a new one; the first word stays on the first
 * line (a line of the name alone confuses some readers). */
static void place(struct header *h, size_t spaces, size_t n) {
    static const char blanks[] = "                                ";
    if (h->empty) {
        spaces = 1;
    } else if (h->column + spaces + n > h->limit) {
        buf_adds(h->out, "\r\n");
        h->column = 0;
        h->limit = LINE;
    }
    h->empty = false;
    h->column += spaces;
    while (spaces > 0) {
        size_t k = spaces < sizeof blanks - 1 ? spaces : sizeof blanks - 1;
        buf_add(h->out, (struct str){blanks, k});
        spaces -= k;
    }
}

/* A piece that is put as it is; only one that no line can hold is broken. */
static void put(struct header *h, struct str s) {
    while (h->column + s.len > HARD) {
        size_t k = HARD - (h->column < HARD ? h->column : HARD);
        buf_add(h->out, str_sub(s, 0, k));
        buf_adds(h->out, "\r\n ");
        s = str_sub(s, k, s.len);
        h->column = 1;
        h->limit = LINE;
    }
    buf_add(h->out, s);
    h->column += s.len;
}

/* Takes the next word and the spaces before it off *REST. False at the end. */
static bool next_word(struct str *rest, size_t *spaces, struct str *word) {
    size_t i = 0;
    while (i < rest->len && rest->ptr[i] == ' ') {
        i++;
    }
    size_t to = str_find(*rest, ' ', i);
    *spaces = i;
    *word = str_sub(*rest, i, to);
    *rest = str_sub(*rest, to, rest->len);
    return word->len > 0;
}

static struct str trim_spaces(struct str s) {
    while (s.len > 0 && s.ptr[0] == ' ') {
        s = str_sub(s, 1, s.len);
    }
    while (s.len > 0 && s.ptr[s.len - 1] == ' ') {
        s.len--;
    }
    return s;
}

/* VALUE without control characters and malformed bytes, and without spaces around it. TMP gets what had to be mended.
 */
static struct str clean(struct str value, struct buf *tmp) {
    bool bad = false;
    bool ascii = true;
    for (size_t i = 0; i < value.len; i++) {
        bad = bad || is_control(value.ptr[i]);
        ascii = ascii && (unsigned char)value.ptr[i] < 0x80;
    }
    if (bad || !(ascii || utf8_valid(value))) {
        for (size_t pos = 0; pos < value.len;) {
            if (is_control(value.ptr[pos])) {
                buf_addc(tmp, ' ');
                pos++;
            } else {
                buf_add_utf8(tmp, utf8_next(value, &pos));
            }
        }
        value = buf_str(tmp);
    }
    return trim_spaces(value);
}

/* ---- encoded words ---- */

/* Where the grapheme cluster at POS ends: UAX 29 as far as the properties of two neighbours tell. */
static size_t cluster_end(struct str s, size_t pos) {
    uint32_t before = utf8_next(s, &pos);
    bool pair = false; /* two regional indicators make a flag */
    while (pos < s.len && (unsigned char)s.ptr[pos] >= 0x80) {
        size_t next = pos;
        uint32_t c = utf8_next(s, &next);
        int32_t a = u_getIntPropertyValue((UChar32)before, UCHAR_GRAPHEME_CLUSTER_BREAK);
        int32_t b = u_getIntPropertyValue((UChar32)c, UCHAR_GRAPHEME_CLUSTER_BREAK);
        bool hangul = (a == U_GCB_L && (b == U_GCB_L || b == U_GCB_V || b == U_GCB_LV || b == U_GCB_LVT)) ||
                      ((a == U_GCB_LV || a == U_GCB_V) && (b == U_GCB_V || b == U_GCB_T)) ||
                      ((a == U_GCB_LVT || a == U_GCB_T) && b == U_GCB_T);
        bool flag = a == U_GCB_REGIONAL_INDICATOR && b == a && !pair;
        if (!(b == U_GCB_EXTEND || b == U_GCB_ZWJ || b == U_GCB_SPACING_MARK || a == U_GCB_PREPEND ||
              (a == U_GCB_ZWJ && u_hasBinaryProperty((UChar32)c, UCHAR_EXTENDED_PICTOGRAPHIC)) || hangul || flag)) {
            break;
        }
        pair = flag;
        before = c;
        pos = next;
    }
    return pos;
}

static size_t q_length(struct str s) {
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        n += (class[(unsigned char)s.ptr[i]] & Q_TEXT) || s.ptr[i] == ' ' ? 1 : 3;
    }
    return n;
}

static size_t b_length(struct str s) {
    return (s.len + 2) / 3 * 4;
}

static void put_encoded_word(struct header *h, struct str s, bool q) {
    size_t from = h->out->len;
    buf_adds(h->out, q ? "=?UTF-8?Q?" : "=?UTF-8?B?");
    if (q) {
        static const char hex[] = "0123456789ABCDEF";
        for (size_t i = 0; i < s.len; i++) {
            unsigned char c = (unsigned char)s.ptr[i];
            if (class[c] & Q_TEXT) {
                buf_addc(h->out, (char)c);
            } else if (c == ' ') {
                buf_addc(h->out, '_');
            } else {
                char x[3] = {'=', hex[c >> 4], hex[c & 15]};
                buf_add(h->out, (struct str){x, 3});
            }
        }
    } else {
        char coded[WORD_ENCODED + 5];
        size_t rest = s.len % 3;
        char *o = encode_base64_groups(coded, s.ptr, s.len - rest);
        if (rest > 0) {
            o = encode_base64_last(o, s.ptr + s.len - rest, rest);
        }
        buf_add(h->out, (struct str){coded, (size_t)(o - coded)});
    }
    buf_adds(h->out, "?=");
    h->column += h->out->len - from;
    h->limit = LINE_ENCODED;
}

/* How much of S (never empty) an encoded word of ROOM payload characters can hold: whole clusters, else (where
 * MAY_SPLIT) whole characters, else nothing. */
static size_t fitting(struct str s, bool q, size_t room, bool may_split) {
    size_t at = 0;
    size_t used = 0; /* Q's characters, or bytes */
    room = q ? room : room / 4 * 3;
    for (int whole = 1; whole >= 0; whole--) {
        while (at < s.len) {
            size_t next = at;
            if (whole) {
                next = cluster_end(s, at);
            } else {
                (void)utf8_next(s, &next);
            }
            size_t cost = q ? q_length(str_sub(s, at, next)) : next - at;
            if (used + cost > room) {
                break;
            }
            used += cost;
            at = next;
        }
        if (at > 0 || !may_split) {
            break;
        }
    }
    return at;
}

/* S as encoded words, behind one space. */
static void put_encoded(struct header *h, struct str s) {
    bool q = q_length(s) <= b_length(s);
    while (s.len > 0 && !h->out->failed) {
        bool first = h->empty;
        size_t fresh = WORD_ENCODED - FRAME; /* what a line of its own offers */
        size_t used = h->column + 1 + FRAME;
        size_t room = used >= LINE_ENCODED ? 0 : LINE_ENCODED - used;
        room = room < fresh ? room : fresh;
        size_t n = fitting(s, q, room, first);
        if (n == 0) {
            /* a line of its own; the cluster that not even that holds is split by characters */
            buf_adds(h->out, "\r\n");
            h->column = 0;
            n = fitting(s, q, fresh, true);
        }
        buf_addc(h->out, ' ');
        h->column++;
        h->empty = false;
        put_encoded_word(h, str_sub(s, 0, n), q);
        s = str_sub(s, n, s.len);
    }
}

static bool word_is_plain(struct str w) {
    return w.len <= WORD_LONGEST && utf8_is_ascii(w) && str_search(w, STR("=?"), 0) == w.len;
}

/* ---- the fields ---- */

static void put_words(struct header *h, struct str s) {
    size_t spaces;
    struct str word;
    while (next_word(&s, &spaces, &word)) {
        place(h, spaces, word.len);
        put(h, word);
    }
}

void header_text(struct buf *out, const char *name, struct str value) {
    struct buf tmp = BUF_INIT;
    struct header h = begin(out, name);
    value = clean(value, &tmp);
    /* from the first word that must be encoded to the last, with the spaces beyond one around them */
    size_t from = value.len;
    size_t to = 0;
    struct str rest = value;
    struct str word;
    size_t spaces;
    while (next_word(&rest, &spaces, &word)) {
        if (!word_is_plain(word)) {
            size_t at = (size_t)(word.ptr - value.ptr);
            from = from < at ? from : at;
            to = at + word.len;
        }
    }
    if (from < to) {
        while (from >= 2 && value.ptr[from - 2] == ' ') {
            from--;
        }
        while (to + 1 < value.len && value.ptr[to] == ' ' && value.ptr[to + 1] == ' ') {
            to++;
        }
        put_words(&h, str_sub(value, 0, from));
        put_encoded(&h, str_sub(value, from, to));
        put_words(&h, str_sub(value, to, value.len));
    } else {
        put_words(&h, value);
    }
    end(&h);
    out->failed = out->failed || tmp.failed;
    buf_release(&tmp);
}

static bool is_phrase_of_atoms(struct str s) {
    for (size_t i = 0; i < s.len; i++) {
        if (!(class[(unsigned char)s.ptr[i]] & ATEXT) && !(s.ptr[i] == ' ' && s.ptr[i - 1] != ' ')) {
            return false; /* s begins with no space */
        }
    }
    return true;
}

static bool words_are_plain(struct str s) {
    struct str word;
    size_t spaces;
    while (next_word(&s, &spaces, &word)) {
        if (!word_is_plain(word)) {
            return false;
        }
    }
    return true;
}

/* S as a quoted string on the first line; false, and nothing written, when it is too long for that: folding inside
 * quotes is legal, but there are readers that take the fold for the string's end. */
static bool put_quoted(struct header *h, struct str s) {
    size_t n = s.len + 2;
    for (size_t i = 0; i < s.len; i++) {
        n += s.ptr[i] == '"' || s.ptr[i] == '\\';
    }
    if (h->column + 1 + n > LINE) {
        return false;
    }
    place(h, 1, n);
    buf_addc(h->out, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '"' || s.ptr[i] == '\\') {
            buf_addc(h->out, '\\');
        }
        buf_addc(h->out, s.ptr[i]);
    }
    buf_addc(h->out, '"');
    h->column += n;
    return true;
}

void header_mailbox(struct buf *out, const char *name, struct str display, struct str address) {
    struct buf tmp = BUF_INIT;
    struct buf mended = BUF_INIT;
    struct header h = begin(out, name);
    display = clean(display, &tmp);
    if (!header_address_ok(address)) {
        bool quoted = address.len > 0 && address.ptr[0] == '"';
        bool at = false;
        for (size_t i = 0; i < address.len; i++) {
            char c = address.ptr[i];
            bool refused = (class[(unsigned char)c] & SPECIAL) || (c == '@' && at) || quoted;
            at = at || c == '@';
            buf_addc(&mended, refused ? '?' : c);
        }
        address = buf_str(&mended);
    }
    if (display.len > 0) {
        bool plain = words_are_plain(display);
        if (plain && is_phrase_of_atoms(display)) {
            put_words(&h, display);
        } else if (!plain || !put_quoted(&h, display)) {
            put_encoded(&h, display);
        }
    }
    bool bare = display.len == 0 && address.len > 0 && address.ptr[0] != '"';
    place(&h, 1, address.len + (bare ? 0 : 2));
    if (!bare) {
        put(&h, STR("<"));
    }
    put(&h, address);
    if (!bare) {
        put(&h, STR(">"));
    }
    end(&h);
    out->failed = out->failed || tmp.failed || mended.failed;
    buf_release(&tmp);
    buf_release(&mended);
}

void header_raw(struct buf *out, const char *name, struct str value) {
    struct buf tmp = BUF_INIT;
    struct header h = begin(out, name);
    bool bad = false;
    for (size_t i = 0; i < value.len; i++) {
        bad = bad || is_control(value.ptr[i]) || (unsigned char)value.ptr[i] >= 0x80;
    }
    if (bad) {
        for (size_t i = 0; i < value.len; i++) {
            buf_addc(&tmp, is_control(value.ptr[i]) ? ' ' : (unsigned char)value.ptr[i] >= 0x80 ? '?' : value.ptr[i]);
        }
        value = buf_str(&tmp);
    }
    value = trim_spaces(value);
    /* Parts end behind "," or ";" and a space; one too long for a line is folded at any space. */
    while (value.len > 0) {
        size_t spaces = 0;
        while (value.ptr[spaces] == ' ') {
            spaces++;
        }
        size_t to = spaces;
        while (to < value.len && !(value.ptr[to] == ' ' && (value.ptr[to - 1] == ',' || value.ptr[to - 1] == ';'))) {
            to++;
        }
        struct str part = str_sub(value, spaces, to);
        if (1 + part.len <= LINE) {
            place(&h, spaces, part.len);
            put(&h, part);
        } else {
            put_words(&h, str_sub(value, 0, to));
        }
        value = str_sub(value, to, value.len);
    }
    end(&h);
    out->failed = out->failed || tmp.failed;
    buf_release(&tmp);
}

bool header_address_ok(struct str address) {
    if (address.len == 0 || address.len > 254) {
        return false;
    }
    size_t i = 0;
    if (address.ptr[0] == '"') {
        for (i = 1; i < address.len && address.ptr[i] != '"'; i++) {
            if (address.ptr[i] == '\\') {
                i++;
            }
            if (i < address.len && (is_control(address.ptr[i]) || (unsigned char)address.ptr[i] >= 0x80 ||
                                    address.ptr[i] == '<' || address.ptr[i] == '>')) {
                return false;
            }
        }
        i++;
    } else {
        while (i < address.len && address.ptr[i] != '@' && !(class[(unsigned char)address.ptr[i]] & SPECIAL)) {
            i++;
        }
    }
    if (i == 0 || i > 64 || i + 1 >= address.len || address.ptr[i] != '@') {
        return false;
    }
    bool literal = address.ptr[i + 1] == '['; /* [192.0.2.1], [IPv6:...] */
    for (i++; i < address.len; i++) {
        char c = address.ptr[i];
        bool allowed = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                       c == '.' || c == '_' || (literal && (c == '[' || c == ']' || c == ':'));
        if (!allowed) {
            return false;
        }
    }
    return true;
}

void boundary_for(const uint8_t hash[32], char out[BOUNDARY_SIZE]) {
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
    out[0] = '=';
    out[1] = '_';
    unsigned v = 0;
    unsigned bits = 0;
    size_t n = 2;
    for (size_t i = 0; i < 16; i++) {
        v = (v << 8 | hash[i]) & 0xfff;
        bits += 8;
        for (; bits >= 5; bits -= 5) {
            out[n++] = digits[v >> (bits - 5) & 31];
        }
    }
    out[n++] = digits[v << (5 - bits) & 31];
    out[n] = 0;
}
