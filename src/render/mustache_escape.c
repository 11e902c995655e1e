#include "render/mustache_escape.h"

#include "base/buf.h"

static void add_html(struct buf *out, struct str s) {
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++) {
        const char *ref = NULL;
        switch (s.ptr[i]) {
        case '&':
            ref = "&amp;";
            break;
        case '<':
            ref = "&lt;";
            break;
        case '>':
            ref = "&gt;";
            break;
        case '"':
            ref = "&quot;";
            break;
        case '\'':
            ref = "&#39;";
            break;
        default:
            break;
        }
        if (ref) {
            buf_add(out, str_sub(s, from, i));
            buf_adds(out, ref);
            from = i + 1;
        }
    }
    buf_add(out, str_sub(s, from, s.len));
}

static bool is_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static void add_percent(struct buf *out, char c) {
    static const char hex[] = "0123456789ABCDEF";
    buf_addc(out, '%');
    buf_addc(out, hex[((unsigned char)c >> 4) & 15]);
    buf_addc(out, hex[(unsigned char)c & 15]);
}

/* RFC 3986, section 2: a URL keeps reserved characters, percent signs and, as in HTML, letters outside ASCII; a
 * COMPONENT keeps the unreserved ones only. */
static void add_url(struct buf *out, struct str s, bool component) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (is_alnum(c) || (c && strchr("-._~", c))) {
            buf_addc(out, c);
        } else if (component) {
            add_percent(out, c);
        } else if (c == '&') {
            buf_adds(out, "&amp;");
        } else if ((unsigned char)c >= 0x80 || (c && strchr(":/?#[]@!$()*+,;=%", c))) {
            buf_addc(out, c);
        } else {
            add_percent(out, c);
        }
    }
}

bool mustache_url_ok(struct str url) {
    url = str_trim(url);
    if (str_starts_nocase(url, STR("mailto:"))) {
        return url.len > 7;
    }
    if (str_starts_nocase(url, STR("cid:"))) {
        return url.len > 4;
    }
    size_t head = str_starts_nocase(url, STR("http://")) ? 7 : str_starts_nocase(url, STR("https://")) ? 8 : 0;
    return head && url.len > head && url.ptr[head] != '/' && url.ptr[head] != '?' && url.ptr[head] != '#';
}

/* What a colour, length or font name needs, and nothing that ends a declaration or calls a function. */
static bool css_ok(struct str s) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!is_alnum(c) && !(c && strchr("#.,%- ", c))) {
            return false;
        }
    }
    return true;
}

/* Appends S with its line ends as LF. */
static void add_lf(struct buf *out, struct str s) {
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\r') {
            buf_add(out, str_sub(s, from, i));
            if (i + 1 >= s.len || s.ptr[i + 1] != '\n') {
                buf_addc(out, '\n');
            }
            from = i + 1;
        }
    }
    buf_add(out, str_sub(s, from, s.len));
}

void mustache_escape(struct buf *out, struct str value, enum place place, bool lf) {
    struct buf tidy = BUF_INIT;
    if (lf && str_find(value, '\r', 0) < value.len) {
        add_lf(&tidy, value);
        out->failed = out->failed || tidy.failed;
        value = buf_str(&tidy);
    }
    switch (place) {
    case PLACE_RAW:
        buf_add(out, value);
        break;
    case PLACE_UNKNOWN:
    case PLACE_TEXT:
        add_html(out, value);
        break;
    case PLACE_URL:
        if (mustache_url_ok(value)) {
            add_url(out, str_trim(value), false);
        } else {
            buf_addc(out, '#');
        }
        break;
    case PLACE_URL_PART:
        add_url(out, value, false);
        break;
    case PLACE_URL_QUERY:
        add_url(out, value, true);
        break;
    case PLACE_CSS:
        if (css_ok(value)) {
            buf_add(out, value);
        }
        break;
    }
    buf_release(&tidy);
}
