#include "text/charset.h"

#include "base/utf8.h"

#include <unicode/ucnv.h>

const char *charset_of_mark(struct str in, size_t *mark) {
    static const struct {
        const char *bytes;
        size_t n;
        const char *name;
    } marks[] = {{"\xef\xbb\xbf", 3, "UTF-8"},
                 {"\xff\xfe\0\0", 4, "UTF-32LE"},
                 {"\0\0\xfe\xff", 4, "UTF-32BE"},
                 {"\xff\xfe", 2, "UTF-16LE"},
                 {"\xfe\xff", 2, "UTF-16BE"}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (str_starts(in, (struct str){marks[i].bytes, marks[i].n})) {
            *mark = marks[i].n;
            return marks[i].name;
        }
    }
    *mark = 0;
    return NULL;
}

/* What the web means by a name, where that is not what the name says. */
static struct str known_as(struct str name) {
    static const char *const western[] = {"iso-8859-1", "iso8859-1",      "latin1", "latin-1",    "l1",     "us-ascii",
                                          "ascii",      "ansi_x3.4-1968", "cp1252", "iso_8859-1", "8859-1", "iso88591"};
    for (size_t i = 0; i < sizeof western / sizeof *western; i++) {
        if (str_eq_nocase(name, str_from(western[i]))) {
            return STR("windows-1252");
        }
    }
    if (str_eq_nocase(name, STR("gb2312")) || str_eq_nocase(name, STR("gb_2312-80")) ||
        str_eq_nocase(name, STR("gbk"))) {
        return STR("gb18030");
    }
    if (str_eq_nocase(name, STR("ks_c_5601-1987")) || str_eq_nocase(name, STR("euc-kr"))) {
        return STR("windows-949");
    }
    return str_eq_nocase(name, STR("utf8")) ? STR("UTF-8") : name;
}

static enum status convert(UConverter *from, struct str in, struct buf *out, struct error *err) {
    enum { STEP = 16384 };
    UErrorCode code = U_ZERO_ERROR;
    UConverter *to = ucnv_open("UTF-8", &code);
    UChar pivot[STEP];
    UChar *source = pivot, *target = pivot;
    const char *at = in.ptr;
    bool first = true;
    for (bool more = U_SUCCESS(code); more;) {
        if (!buf_reserve(out, STEP)) {
            break;
        }
        char *end = out->ptr + out->len;
        code = U_ZERO_ERROR;
        ucnv_convertEx(to, from, &end, out->ptr + out->len + STEP, &at, in.ptr + in.len, pivot, &source, &target,
                       pivot + STEP, first, true, &code);
        out->len = (size_t)(end - out->ptr);
        first = false;
        more = code == U_BUFFER_OVERFLOW_ERROR;
    }
    ucnv_close(to);
    if (out->failed) {
        return error_set(err, ERR_OS, "out of memory");
    }
    if (out->ptr) {
        out->ptr[out->len] = 0;
    }
    return U_SUCCESS(code) ? OK : error_set(err, ERR_DATA, "the text can't be converted: %s", u_errorName(code));
}

enum status charset_to_utf8(struct str in, struct str name, struct buf *out, bool *clean, struct error *err) {
    char id[64];
    size_t start = out->len;
    UErrorCode code = U_ZERO_ERROR;
    UConverter *from = NULL;
    bool unused = false;
    clean = clean ? clean : &unused;
    *clean = true;
    name = known_as(str_trim(name));
    if (str_eq_nocase(name, STR("UTF-8"))) {
        *clean = utf8_valid(in);
        if (*clean) {
            buf_add(out, in);
        } else {
            utf8_repair(in, out);
        }
        return out->failed ? error_set(err, ERR_OS, "out of memory") : OK;
    }
    if (name.len > 0 && name.len < sizeof id) {
        memcpy(id, name.ptr, name.len);
        id[name.len] = 0;
        from = ucnv_open(id, &code);
    }
    if (!from || U_FAILURE(code)) {
        ucnv_close(from);
        return error_set(err, ERR_DATA, "there is no encoding '%.*s'", STR_ARG(str_sub(name, 0, 60)));
    }
    enum status st = convert(from, in, out, err);
    ucnv_close(from);
    if (st != OK) {
        buf_truncate(out, start);
    } else {
        struct str made = str_sub(buf_str(out), start, out->len);
        *clean = str_search(made, STR("\xef\xbf\xbd"), 0) == made.len;
    }
    return st;
}
