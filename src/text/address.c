#include "text/address.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

enum { LOCAL_MAX = 64, ADDRESS_MAX = 254, FOLD_MAX = 1024 };

static bool is_atext(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80 ||
           (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* What may stand nowhere: control characters, line ends, what cannot be seen, white space beyond ASCII's. */
static enum status check_characters(struct str s, struct error *err) {
    if (!utf8_valid(s)) {
        return error_set(err, ERR_DATA, "is not valid UTF-8");
    }
    for (size_t i = 0; i < s.len;) {
        uint32_t c = utf8_next(s, &i);
        if (c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029) {
            return error_set(err, ERR_DATA, "contains a line end (header injection)");
        }
        if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
            return error_set(err, ERR_DATA, "contains a control character");
        }
    }
    return OK;
}

/* In a local part that isn't ASCII: characters that come from copying and that nobody's mailbox has. */
static enum status check_local_utf8(struct str s, struct error *err) {
    for (size_t i = 0; i < s.len;) {
        uint32_t c = utf8_next(s, &i);
        if (c < 0x80) {
            continue;
        }
        switch (u_charType((UChar32)c)) {
        case U_SPACE_SEPARATOR:
            return error_set(err, ERR_DATA, "local part contains a space");
        case U_FORMAT_CHAR:
            if (c == 0x200c || c == 0x200d) { /* joiners are part of spelling in Persian and in India */
                break;
            }
            return error_set(err, ERR_DATA, "local part contains an invisible character");
        case U_UNASSIGNED:
        case U_PRIVATE_USE_CHAR:
            return error_set(err, ERR_DATA, "local part contains a character that Unicode does not define");
        default:
            break;
        }
    }
    return OK;
}

/* Finds the end of the local part; what follows is the @. *PLAIN gets the content without quotes and backslashes, owned
 * by A where it differs from the input. */
static enum status scan_local(struct str in, struct arena *a, size_t *end, struct str *plain, struct error *err) {
    size_t i = 0;

    if (in.len > 0 && in.ptr[0] == '"') {
        char *p = arena_alloc(a, in.len);
        size_t n = 0;
        for (i = 1; i < in.len && in.ptr[i] != '"'; i++) {
            if (in.ptr[i] == '\\') {
                i++;
                if (i == in.len) {
                    break;
                }
                if ((unsigned char)in.ptr[i] >= 0x80) {
                    return error_set(err, ERR_DATA, "local part has a backslash before a character that isn't ASCII");
                }
            }
            p[n++] = in.ptr[i];
        }
        if (i >= in.len) {
            return error_set(err, ERR_DATA, "quoted local part does not end");
        }
        *plain = (struct str){p, n};
        i++;
        if (i == in.len || in.ptr[i] != '@') {
            return str_find(in, '@', i) == in.len
                       ? error_set(err, ERR_DATA, "no @ sign")
                       : error_set(err, ERR_DATA, "local part goes on after its closing quote");
        }
        *end = i;
        return OK;
    }
    while (i < in.len && (is_atext((unsigned char)in.ptr[i]) || in.ptr[i] == '.')) {
        i++;
    }
    if (i == in.len || in.ptr[i] != '@') {
        if (i < in.len && (str_find(in, '<', i) < in.len || in.ptr[i] == '>')) {
            return error_set(err, ERR_DATA, "contains an angle bracket: the bare address is wanted here");
        }
        if (str_find(in, '@', 0) == in.len) {
            return error_set(err, ERR_DATA, "no @ sign");
        }
        if (in.ptr[i] == ' ') {
            return error_set(err, ERR_DATA, i == 0 ? "begins with a space" : "local part contains a space");
        }
        return in.ptr[i] == '('
                   ? error_set(err, ERR_DATA, "contains a comment in parentheses; the bare address is wanted here")
                   : error_set(err, ERR_DATA, "local part has a character that is not allowed without quotes");
    }
    if (i == 0) {
        return error_set(err, ERR_DATA, "nothing before the @ sign");
    }
    struct str local = str_sub(in, 0, i);
    if (local.ptr[0] == '.' || local.ptr[i - 1] == '.' || str_search(local, STR(".."), 0) < i) {
        return error_set(err, ERR_DATA, "local part has a dot at an end or two in a row");
    }
    *plain = local;
    *end = i;
    return OK;
}

/* Canonical caseless form (Unicode 3.13, D145), then NFC. What would become ASCII (a long s, a Kelvin sign) stays as it
 * is: nobody must be taken for the owner of an ASCII address. The work space is ample for a local part. */
static enum status fold(struct str s, struct arena *a, struct str *out, struct error *err) {
    UChar x[FOLD_MAX], y[FOLD_MAX];
    int32_t n = 0;
    UErrorCode code = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&code);
    const UNormalizer2 *nfd = unorm2_getNFDInstance(&code);

    u_strFromUTF8(x, FOLD_MAX, &n, s.ptr, (int32_t)s.len, &code);
    n = unorm2_normalize(nfd, x, n, y, FOLD_MAX, &code);
    n = u_strFoldCase(x, FOLD_MAX, y, n, U_FOLD_CASE_DEFAULT, &code);
    n = unorm2_normalize(nfd, x, n, y, FOLD_MAX, &code);
    n = unorm2_normalize(nfc, y, n, x, FOLD_MAX, &code);
    char *p = arena_alloc(a, (size_t)FOLD_MAX * 3);
    u_strToUTF8(p, FOLD_MAX * 3, &n, x, n, &code);
    if (U_FAILURE(code)) {
        return error_set(err, ERR_SOFTWARE, "ICU could not fold the local part (%s)", u_errorName(code));
    }
    struct str folded = {p, (size_t)n};
    *out = utf8_is_ascii(folded) ? s : folded;
    return OK;
}

static bool is_dot_string(struct str s) {
    if (s.len == 0 || s.ptr[0] == '.' || s.ptr[s.len - 1] == '.' || str_search(s, STR(".."), 0) < s.len) {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        if (!is_atext((unsigned char)s.ptr[i]) && s.ptr[i] != '.') {
            return false;
        }
    }
    return true;
}

/* The key: PLAIN, lower-cased or folded, quoted again where it must be, then @ and DOMAIN. */
static enum status make_key(struct str plain, bool ascii, struct str domain, struct arena *a, struct str *key,
                            struct error *err) {
    if (!ascii) {
        enum status st = fold(plain, a, &plain, err);
        if (st != OK) {
            return st;
        }
    }
    bool bare = is_dot_string(plain);
    char *p = arena_alloc(a, plain.len * 2 + 2 + 1 + domain.len + 1);
    size_t n = 0;
    if (!bare) {
        p[n++] = '"';
    }
    for (size_t i = 0; i < plain.len; i++) {
        char c = plain.ptr[i];
        if (!bare && (c == '"' || c == '\\')) {
            p[n++] = '\\';
        }
        p[n++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    if (!bare) {
        p[n++] = '"';
    }
    p[n++] = '@';
    memcpy(p + n, domain.ptr, domain.len);
    *key = (struct str){p, n + domain.len};
    return OK;
}

static enum status check_domain(struct str given, struct str domain, struct error *err) {
    size_t dot = str_find(domain, '.', 0), last = dot;

    if (given.ptr[given.len - 1] == '.') {
        return error_set(err, ERR_DATA, "domain has an empty label (two dots, or a dot at an end)");
    }
    /* a country's own domain may have mailboxes, and some have; "localhost" and a forgotten ".com" are more often meant
     */
    if (dot == domain.len) {
        bool country = domain.len == 2 && domain.ptr[0] > '9' && domain.ptr[1] > '9';
        return country ? OK : error_set(err, ERR_DATA, "domain has no dot");
    }
    while (dot < domain.len) {
        last = dot;
        dot = str_find(domain, '.', dot + 1);
    }
    for (size_t i = last + 1; i < domain.len; i++) {
        if (domain.ptr[i] < '0' || domain.ptr[i] > '9') {
            return OK;
        }
    }
    return error_set(err, ERR_DATA, "domain ends in a number (an IP address is not taken)");
}

enum status address_parse(struct str in, struct arena *a, struct address *out, struct error *err) {
    enum status st;
    size_t at = 0;
    struct str plain = STR_NONE;

    *out = (struct address){0};
    if (in.len == 0) {
        return error_set(err, ERR_DATA, "is empty");
    }
    if (in.len > (size_t)4 * ADDRESS_MAX) { /* a domain can shrink when mapped, but not by that */
        return error_set(err, ERR_DATA, "is longer than %d bytes", ADDRESS_MAX);
    }
    if ((st = check_characters(in, err)) != OK || (st = scan_local(in, a, &at, &plain, err)) != OK) {
        return st;
    }
    struct str local = str_sub(in, 0, at), given = str_sub(in, at + 1, in.len), domain;
    if (local.len > LOCAL_MAX) {
        return error_set(err, ERR_DATA, "local part is longer than %d bytes", LOCAL_MAX);
    }
    bool ascii = utf8_is_ascii(local);
    if (!ascii && (st = check_local_utf8(local, err)) != OK) {
        return st;
    }
    if (given.len == 0) {
        return error_set(err, ERR_DATA, "nothing after the @ sign");
    }
    if (given.ptr[0] == '[') {
        return error_set(err, ERR_DATA, "domain is an address literal; a host name is wanted");
    }
    if (str_find(given, '@', 0) < given.len) {
        return error_set(err, ERR_DATA, "more than one @ sign");
    }
    if (str_find(given, '(', 0) < given.len) {
        return error_set(err, ERR_DATA, "contains a comment in parentheses; the bare address is wanted here");
    }
    if (given.ptr[given.len - 1] == ' ') {
        return error_set(err, ERR_DATA, "ends with a space");
    }
    if ((st = domain_normalise(given, a, &domain, err)) != OK || (st = check_domain(given, domain, err)) != OK) {
        return st;
    }
    if (local.len + 1 + domain.len > ADDRESS_MAX) {
        return error_set(err, ERR_DATA, "is longer than %d bytes", ADDRESS_MAX);
    }
    if ((st = make_key(plain, ascii, domain, a, &out->key, err)) != OK) {
        return st;
    }
    char *p = arena_alloc(a, local.len + 1 + domain.len + 1);
    memcpy(p, local.ptr, local.len);
    p[local.len] = '@';
    memcpy(p + local.len + 1, domain.ptr, domain.len);
    out->text = (struct str){p, local.len + 1 + domain.len};
    out->local = str_sub(out->text, 0, local.len);
    out->domain = str_sub(out->text, local.len + 1, out->text.len);
    out->smtputf8 = !ascii;
    return OK;
}

/* The first character of S when at least three stand there, so that a short name isn't given away; then dots. */
static void mask_part(struct str s, struct buf *b) {
    if (utf8_count(s) >= 3) {
        size_t i = 0;
        (void)utf8_next(s, &i);
        buf_add(b, str_sub(s, 0, i));
    }
    buf_adds(b, "•••");
}

struct str address_domain(struct str text) {
    size_t at = text.len;
    while (at > 0 && text.ptr[at - 1] != '@') {
        at--;
    }
    return str_sub(text, at, text.len);
}

/* Whether A becomes B by one letter left out, put in, changed, or two neighbours swapped. */
static bool one_slip(struct str a, struct str b) {
    size_t i = 0, j = 0;
    while (i < a.len && i < b.len && a.ptr[i] == b.ptr[i]) {
        i++;
    }
    while (j < a.len - i && j < b.len - i && a.ptr[a.len - 1 - j] == b.ptr[b.len - 1 - j]) {
        j++;
    }
    size_t x = a.len - i - j, y = b.len - i - j;
    return (x + y > 0 && x <= 1 && y <= 1) ||
           (x == 2 && y == 2 && a.ptr[i] == b.ptr[i + 1] && a.ptr[i + 1] == b.ptr[i]);
}

const char *address_near(struct str domain) {
    static const char *const big[] = {"gmail.com",   "googlemail.com", "hotmail.com", "outlook.com", "yahoo.com",
                                      "icloud.com",  "protonmail.com", "bluewin.ch",  "yahoo.co.uk", "hotmail.co.uk",
                                      "t-online.de", "freenet.de",     "hotmail.fr",  "orange.fr",   "wanadoo.fr",
                                      "yahoo.fr",    "libero.it",      "gmx.net",     "yahoo.de",    "posteo.de"};
    /* names of their own, one slip away from a big one */
    static const char *const own[] = {"mail.com",   "email.com",  "ymail.com",  "gmail.co",  "yahoo.co",
                                      "yahoo.fi",   "yahoo.fr",   "yahoo.de",   "yahoo.be",  "yahoo.dk",
                                      "gmx.de",     "gmx.at",     "gmx.ch",     "gmx.net",   "hotmail.fi",
                                      "hotmail.de", "hotmail.fr", "outlook.co", "iclou.com", "yahoo.se"};
    const char *near = NULL;
    for (size_t i = 0; i < sizeof big / sizeof *big; i++) {
        if (str_eq(domain, str_from(big[i]))) {
            return NULL;
        }
        if (!near && one_slip(domain, str_from(big[i]))) {
            near = big[i];
        }
    }
    for (size_t i = 0; near && i < sizeof own / sizeof *own; i++) {
        near = str_eq(domain, str_from(own[i])) ? NULL : near;
    }
    return near;
}

struct str address_mask(const struct address *address, struct arena *a) {
    struct buf b = BUF_INIT;
    struct str domain, local = address->local;

    domain_display(address->domain, a, &domain);
    if (local.len > 0 && local.ptr[0] == '"') {
        local = str_sub(local, 1, local.len);
    }
    size_t last = 0, dot = 0;
    while ((dot = str_find(domain, '.', dot)) < domain.len) {
        last = dot++;
    }
    mask_part(local, &b);
    buf_addc(&b, '@');
    mask_part(str_sub(domain, 0, str_find(domain, '.', 0)), &b);
    buf_add(&b, str_sub(domain, last, domain.len));
    struct str out = b.failed ? STR("•••") : arena_str(a, buf_str(&b));
    buf_release(&b);
    return out;
}

/* A quoted display name at the start of IN: its content into *NAME, *END behind the closing quote. */
static enum status scan_quoted_name(struct str in, struct arena *a, struct str *name, size_t *end, struct error *err) {
    char *p = arena_alloc(a, in.len + 1);
    size_t n = 0, i = 1;

    for (; i < in.len && in.ptr[i] != '"'; i++) {
        if (in.ptr[i] == '\\' && i + 1 < in.len) {
            i++;
        }
        p[n++] = in.ptr[i];
    }
    if (i >= in.len) {
        return error_set(err, ERR_DATA, "quoted name does not end");
    }
    *name = str_trim((struct str){p, n});
    *end = i + 1;
    return OK;
}

enum status mailbox_parse(struct str in, struct arena *a, struct str *name, struct address *out, struct error *err) {
    enum status st;
    size_t at = 0;

    *name = STR_NONE;
    *out = (struct address){0};
    if ((st = check_characters(in, err)) != OK) {
        return st;
    }
    in = str_trim(in);
    if (in.len > 0 && in.ptr[0] == '"') {
        struct str quoted;
        if ((st = scan_quoted_name(in, a, &quoted, &at, err)) != OK) {
            return st;
        }
        if (at < in.len && in.ptr[at] == '@') { /* a quoted local part, not a name */
            return address_parse(in, a, out, err);
        }
        *name = quoted;
        while (at < in.len && in.ptr[at] == ' ') {
            at++;
        }
        if (at == in.len || in.ptr[at] != '<') {
            *name = STR_NONE;
            return error_set(err, ERR_DATA, "after a quoted name an address in <angle brackets> is wanted");
        }
    } else {
        at = str_find(in, '<', 0);
        if (at == in.len) {
            return address_parse(in, a, out, err);
        }
        struct str plain = str_trim(str_sub(in, 0, at));
        for (size_t i = 0; i < plain.len; i++) {
            if (strchr(">\"@\\", plain.ptr[i])) {
                return error_set(err, ERR_DATA,
                                 plain.ptr[i] == '@' ? "name has an @ sign: give one address, or put the name in quotes"
                                                     : "name has a character that is only allowed in quotes");
            }
        }
        *name = arena_str(a, plain);
    }
    if (in.ptr[in.len - 1] != '>') {
        *name = STR_NONE;
        return error_set(err, ERR_DATA, "something stands after the address, or its closing > is missing");
    }
    st = address_parse(str_trim(str_sub(in, at + 1, in.len - 1)), a, out, err);
    if (st != OK || name->len == 0) {
        *name = STR_NONE;
    }
    return st;
}
