#include "render/url.h"

#include "base/utf8.h"

#define URL_MAX 4096

static bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* The length of the scheme before the first colon (RFC 3986 3.1), or 0. */
static size_t scheme_length(struct str s) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == ':')
            return i;
        if (!is_alpha(c) && !(i > 0 && (is_digit(c) || c == '+' || c == '-' || c == '.')))
            return 0;
    }
    return 0;
}

/* Characters that are not seen, or turn the direction of what is: not in a host. */
static bool is_invisible(uint32_t c) {
    return c <= 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0xad || c == 0x34f || c == 0x61c || c == 0x115f ||
           c == 0x1160 || c == 0x180e || (c >= 0x2000 && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) ||
           (c >= 0x205f && c <= 0x206f) || c == 0x3000 || c == 0x3164 || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff ||
           c == 0xfffd || c >= 0xe0000;
}

static bool host_ok(struct str authority) {
    struct str host = authority;
    size_t colon = authority.len;
    for (size_t i = 0; i < authority.len; i++)
        if (authority.ptr[i] == ':')
            colon = i;
    bool literal = authority.len > 0 && authority.ptr[0] == '[';
    if (literal) {
        size_t end = str_find(authority, ']', 0);
        if (end == authority.len)
            return false;
        for (size_t i = 1; i < end; i++) {
            char c = authority.ptr[i];
            if (!is_digit(c) && c != ':' && c != '.' && !((c | 32) >= 'a' && (c | 32) <= 'f'))
                return false;
        }
        host = str_sub(authority, 0, end + 1);
        colon = end + 1;
        if (colon < authority.len && authority.ptr[colon] != ':')
            return false;
    } else {
        host = str_sub(authority, 0, colon);
    }
    if (host.len == 0)
        return false;
    for (size_t i = colon + 1; i < authority.len; i++)
        if (!is_digit(authority.ptr[i]) || i > colon + 5)
            return false;
    for (size_t i = 0; !literal && i < host.len;) {
        uint32_t c = utf8_next(host, &i);
        if (is_invisible(c) ||
            (c < 0x80 && !is_alpha((char)c) && !is_digit((char)c) && c != '-' && c != '.' && c != '_'))
            return false;
    }
    return true;
}

/* The rest behind the host: what could break out of an attribute, a line or a reader's auto-linking is encoded. */
static void add_encoded(struct str s, struct buf *out) {
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c <= 0x20 || c >= 0x7f || strchr("\"<>\\^`{|}", c)) {
            buf_addc(out, '%');
            buf_addc(out, hex[c >> 4]);
            buf_addc(out, hex[c & 15]);
        } else {
            buf_addc(out, (char)c);
        }
    }
}

/* RFC 3986 5.2.4 on the absolute path P. */
static void add_path(struct str p, struct buf *out) {
    size_t start = out->len;
    for (size_t i = 0; i < p.len;) {
        size_t end = str_find(p, '/', i + 1);
        struct str segment = str_sub(p, i, end); /* with its leading slash */
        bool last = end == p.len;
        if (str_eq(segment, STR("/."))) {
            if (last)
                buf_addc(out, '/');
        } else if (str_eq(segment, STR("/.."))) {
            while (out->len > start && out->ptr[out->len - 1] != '/')
                buf_truncate(out, out->len - 1);
            if (out->len > start)
                buf_truncate(out, out->len - 1);
            if (last)
                buf_addc(out, '/');
        } else {
            add_encoded(segment, out);
        }
        i = end;
    }
}

/* Splits an http URL without its scheme ("//host/path?query#fragment"). */
static bool split_http(struct str s, struct str *authority, struct str *path, struct str *tail) {
    if (!str_starts(s, STR("//")))
        return false;
    size_t end = 2;
    while (end < s.len && !strchr("/?#", s.ptr[end]))
        end++;
    *authority = str_sub(s, 2, end);
    size_t more = end;
    while (more < s.len && !strchr("?#", s.ptr[more]))
        more++;
    *path = str_sub(s, end, more);
    *tail = str_sub(s, more, s.len);
    return host_ok(*authority);
}

static void add_lower(struct str s, struct buf *out) {
    for (size_t i = 0; i < s.len; i++)
        buf_addc(out, s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? (char)(s.ptr[i] | 32) : s.ptr[i]);
}

static bool clean_http(struct str scheme, struct str rest, struct buf *out) {
    struct str authority, path, tail;
    if (!split_http(rest, &authority, &path, &tail))
        return false;
    add_lower(scheme, out);
    buf_adds(out, "://");
    add_lower(authority, out);
    add_path(path, out);
    add_encoded(tail, out);
    return true;
}

static bool clean_relative(struct str ref, struct str base, struct buf *out) {
    size_t n = scheme_length(base);
    struct str scheme = str_sub(base, 0, n), authority, path, tail;
    if (!str_eq_nocase(scheme, STR("http")) && !str_eq_nocase(scheme, STR("https")))
        return false;
    if (!split_http(str_sub(base, n + 1, base.len), &authority, &path, &tail))
        return false;
    if (str_starts(ref, STR("//")))
        return clean_http(scheme, ref, out);
    add_lower(scheme, out);
    buf_adds(out, "://");
    add_lower(authority, out);
    size_t end = 0;
    while (end < ref.len && !strchr("?#", ref.ptr[end]))
        end++;
    struct str ref_path = str_sub(ref, 0, end), ref_tail = str_sub(ref, end, ref.len);
    if (ref_path.len == 0) {
        add_path(path, out);
        if (ref_tail.len > 0 && ref_tail.ptr[0] == '#')
            add_encoded(str_sub(tail, 0, str_find(tail, '#', 0)), out);
    } else if (ref_path.ptr[0] == '/') {
        add_path(ref_path, out);
    } else {
        struct buf merged = BUF_INIT;
        size_t slash = path.len;
        while (slash > 0 && path.ptr[slash - 1] != '/')
            slash--;
        buf_add(&merged, slash ? str_sub(path, 0, slash) : STR("/"));
        buf_add(&merged, ref_path);
        add_path(buf_str(&merged), out);
        out->failed |= merged.failed;
        buf_release(&merged);
    }
    add_encoded(ref_tail, out);
    return true;
}

static bool clean_mailto(struct str rest, struct buf *out) {
    /* An encoded line end would add a header in a careless mail program. */
    for (size_t i = 0; i + 2 < rest.len; i++)
        if (rest.ptr[i] == '%' && rest.ptr[i + 1] == '0' && strchr("aAdD0", rest.ptr[i + 2]))
            return false;
    if (str_trim(rest).len == 0)
        return false;
    buf_adds(out, "mailto:");
    add_encoded(rest, out);
    return true;
}

static bool clean_tel(struct str rest, struct buf *out) {
    bool digit = false;
    for (size_t i = 0; i < rest.len; i++) {
        char c = rest.ptr[i];
        digit |= is_digit(c);
        if (!is_digit(c) && !strchr("+-.() ", c))
            return false;
    }
    if (!digit)
        return false;
    buf_adds(out, "tel:");
    for (size_t i = 0; i < rest.len; i++)
        if (rest.ptr[i] != ' ')
            buf_addc(out, rest.ptr[i]);
    return true;
}

bool url_clean(struct str raw, struct str base, enum url_kind kind, struct buf *out) {
    struct str s = str_trim(raw);
    size_t start = out->len;
    bool ok = false;
    if (s.len == 0 || s.len > URL_MAX || !utf8_valid(s))
        return false;
    for (size_t i = 0; i < s.len;) {
        uint32_t c = utf8_next(s, &i);
        if (c < 0x20 || (c >= 0x7f && c < 0xa0))
            return false;
    }
    size_t n = scheme_length(s);
    struct str scheme = str_sub(s, 0, n), rest = str_sub(s, n + 1, s.len);
    if (n == 0)
        /* A colon before the first slash in what isn't a scheme to us might be one to somebody else. */
        ok = str_find(str_sub(s, 0, str_find(s, '/', 0)), ':', 0) == str_find(s, '/', 0) && s.ptr[0] != '\\' &&
             base.len > 0 && clean_relative(s, base, out);
    else if (str_eq_nocase(scheme, STR("http")) || str_eq_nocase(scheme, STR("https")))
        ok = clean_http(scheme, rest, out);
    else if (kind == URL_LINK && str_eq_nocase(scheme, STR("mailto")))
        ok = clean_mailto(rest, out);
    else if (kind == URL_LINK && str_eq_nocase(scheme, STR("tel")))
        ok = clean_tel(rest, out);
    if (ok && out->len - start > URL_MAX)
        ok = false;
    if (!ok)
        buf_truncate(out, start);
    return ok && !out->failed;
}

struct str url_host(struct str url) {
    size_t n = scheme_length(url);
    struct str rest = str_sub(url, n + 1, url.len), authority, path, tail;
    if (split_http(rest, &authority, &path, &tail))
        return authority;
    return str_sub(rest, 0, str_find(rest, '?', 0));
}

size_t url_at(struct str s, size_t at) {
    struct str rest = str_sub(s, at, s.len);
    size_t scheme = str_starts_nocase(rest, STR("https://")) ? 8 : str_starts_nocase(rest, STR("http://")) ? 7 : 0;
    if (scheme == 0)
        return 0;
    size_t end = scheme;
    int round = 0, square = 0;
    while (end < rest.len) {
        unsigned char c = (unsigned char)rest.ptr[end];
        if (c <= 0x20 || c == 0x7f || strchr("\"<>\\^`{|}", c))
            break;
        /* Beyond ASCII, letters belong to the URL and punctuation doesn't; what script this is isn't known here, so
         * only ASCII is taken: a URL beside Chinese text has no space around it. */
        if (c >= 0x80)
            break;
        round += (c == '(') - (c == ')');
        square += (c == '[') - (c == ']');
        if (round < 0 || square < 0)
            break;
        end++;
    }
    while (end > scheme && strchr(".,;:!?'*_~", rest.ptr[end - 1]))
        end--;
    return end > scheme ? end : 0;
}
