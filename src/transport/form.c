#include "transport/form.h"

#include <stdint.h>

enum { LINE_MAX_BYTES = 998, ADDRESS_MAX = 254, ENVID_MAX = 100 };

/* An addr-spec for between < and >: printable ASCII, spaces in quotes only, and never < or >. */
static bool is_addr_spec(struct str s) {
    bool quoted = false;
    size_t at = 0, i;
    if (s.len < 3 || s.len > ADDRESS_MAX)
        return false;
    for (i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c < ' ' || c > '~' || c == '<' || c == '>' || (c == ' ' && !quoted))
            return false;
        if (quoted && c == '\\' && ++i < s.len) {
            if (s.ptr[i] < ' ' || s.ptr[i] > '~' || s.ptr[i] == '<' || s.ptr[i] == '>')
                return false;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == '@' && !quoted) {
            at++;
        }
    }
    return at == 1 && !quoted && i == s.len && s.ptr[0] != '@' && s.ptr[s.len - 1] != '@';
}

static bool is_ascii(struct str s) {
    unsigned char bits = 0;
    for (size_t i = 0; i < s.len; i++)
        bits |= (unsigned char)s.ptr[i];
    return bits < 0x80;
}

/* What a look at every byte tells; written so that the compiler makes vectors of it. */
struct census {
    size_t cr, nul;
    bool ascii;
};

static void count_block(const unsigned char *p, size_t n, unsigned char *bits, struct census *c) {
    unsigned char all = 0, cr = 0, nul = 0;
    for (size_t i = 0; i < n; i++) {
        all |= p[i];
        cr = (unsigned char)(cr + (p[i] == '\r'));
        nul = (unsigned char)(nul + (p[i] == 0));
    }
    *bits |= all;
    c->cr += cr;
    c->nul += nul;
}

static struct census take_census(struct str s) {
    enum { BLOCK = 128 }; /* below 256, so that counts fit in a byte; constant, so that the loop becomes vectors */
    struct census c = {0};
    const unsigned char *p = (const unsigned char *)s.ptr;
    unsigned char bits = 0;
    for (; s.len >= BLOCK; p += BLOCK, s.len -= BLOCK)
        count_block(p, BLOCK, &bits, &c);
    count_block(p, s.len, &bits, &c);
    c.ascii = bits < 0x80;
    return c;
}

/* The length of the line at the start of S without its CRLF; SIZE_MAX when it doesn't end so, or is too long. A CR
 * within it is seen by the census: there are more of them than lines. */
static size_t line_length(struct str s) {
    const char *lf = memchr(s.ptr, '\n', s.len < LINE_MAX_BYTES + 2 ? s.len : LINE_MAX_BYTES + 2);
    if (!lf || lf == s.ptr || lf[-1] != '\r')
        return SIZE_MAX;
    return (size_t)(lf - s.ptr) - 1;
}

static const char LINES[] = "a line of it doesn't end in CRLF, or has more than 998 bytes";

static const char *body_fault(struct str s, size_t cr, bool *dots) {
    while (s.len > 0) {
        size_t n = line_length(s);
        if (n == SIZE_MAX)
            return LINES;
        *dots |= s.ptr[0] == '.';
        s.ptr += n + 2;
        s.len -= n + 2;
        cr--;
    }
    return cr == 0 ? NULL : LINES;
}

/* libesmtp drops a second one of these, and adds the first three when they aren't there. */
static const struct str known[] = {
    {"Date", 4},   {"From", 4},     {"Message-Id", 10},
    {"Sender", 6}, {"To", 2},       {"Cc", 2},
    {"Bcc", 3},    {"Reply-To", 8}, {"Disposition-Notification-To", 27},
};
enum { NEEDED = 3, KNOWN = sizeof known / sizeof *known };
/* And these it takes out. */
static const struct str barred[] = {{"Return-Path", 11}, {"Original-Recipient", 18}, {"Resent-Reply-To", 15}};

/* Marks the field at the start of LINE in SEEN. */
static const char *field_fault(struct str line, unsigned *seen) {
    size_t colon = str_find(line, ':', 0);
    if (colon == 0 || colon == line.len)
        return "a header line of it has no field name";
    struct str name = str_sub(line, 0, colon);
    for (unsigned i = 0; i < KNOWN; i++) {
        if (name.len != known[i].len || !str_eq_nocase(name, known[i]))
            continue;
        if (*seen & (1U << i))
            return "it has a header field twice";
        *seen |= 1U << i;
    }
    for (size_t i = 0; i < sizeof barred / sizeof *barred; i++)
        if (str_eq_nocase(name, barred[i]))
            return "it has a header field that only the last server may set";
    return NULL;
}

static const char *head_fault(struct str s, size_t cr, bool *dots) {
    unsigned seen = 0;
    bool first = true;
    while (s.len > 0) {
        size_t n = line_length(s);
        if (n == SIZE_MAX || cr-- == 0)
            return LINES;
        if (n == 0) {
            if (cr > 0)
                return LINES;
            if (s.len != 2)
                return "its header goes on behind a blank line";
            return (seen & ((1U << NEEDED) - 1)) == (1U << NEEDED) - 1 ? NULL : "it has no Date, From or Message-ID";
        }
        bool folded = s.ptr[0] == ' ' || s.ptr[0] == '\t';
        const char *fault = folded && !first ? NULL : field_fault(str_sub(s, 0, n), &seen);
        if (folded && first)
            fault = "its header begins with a space";
        if (fault)
            return fault;
        *dots |= s.ptr[0] == '.';
        first = false;
        s = str_sub(s, n + 2, s.len);
    }
    return "its header doesn't end in a blank line";
}

const char *form_fault(const struct transport_message *m, bool *dots) {
    bool ignored;
    if (!dots)
        dots = &ignored;
    *dots = m->head.len > 0 && m->head.ptr[0] == '.';
    if (!is_ascii(m->rcpt) || !is_ascii(m->mail_from))
        return "the address needs SMTPUTF8, which is not supported";
    if (!is_addr_spec(m->rcpt))
        return "the reader's address can't be said in SMTP";
    if (m->mail_from.len > 0 && !is_addr_spec(m->mail_from))
        return "the sender's address can't be said in SMTP";
    struct census head = take_census(m->head), body = take_census(m->body);
    if (!head.ascii || !body.ascii)
        return "it has bytes above 127";
    if (head.nul || body.nul)
        return "it has a NUL";
    const char *fault = head_fault(m->head, head.cr, dots);
    return fault ? fault : body_fault(m->body, body.cr, dots);
}

bool form_is_envid(struct str s) {
    size_t n = 0;
    for (size_t i = 0; i < s.len && n <= ENVID_MAX; i++) {
        if (s.ptr[i] < '!' || s.ptr[i] > '~')
            return false;
        n += s.ptr[i] == '+' || s.ptr[i] == '=' ? 3 : 1;
    }
    return n > 0 && n <= ENVID_MAX;
}
