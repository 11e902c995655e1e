#include "text/domain.h"

#include "base/arena.h"
#include "base/utf8.h"

#include <unicode/uidna.h>

enum { LABEL_MAX = 63, DOMAIN_MAX = 253, WORK_MAX = 4 * DOMAIN_MAX };

/* Letters, digits, hyphens, each label 1 to 63 long. */
static enum status check_ldh(struct str s, struct error *err) {
    if (s.len == 0) {
        return error_set(err, ERR_DATA, "domain is empty");
    }
    if (s.len > DOMAIN_MAX) {
        return error_set(err, ERR_DATA, "domain is longer than %d bytes", DOMAIN_MAX);
    }
    size_t start = 0;
    for (size_t i = 0; i <= s.len; i++) {
        if (i < s.len && s.ptr[i] != '.') {
            char c = s.ptr[i];
            bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
            if (!ok) {
                return error_set(err, ERR_DATA, "domain has a character that is no letter, digit or hyphen");
            }
            continue;
        }
        if (i == start) {
            return error_set(err, ERR_DATA, "domain has an empty label (two dots, or a dot at an end)");
        }
        if (i - start > LABEL_MAX) {
            return error_set(err, ERR_DATA, "domain has a label longer than %d bytes", LABEL_MAX);
        }
        if (s.ptr[start] == '-' || s.ptr[i - 1] == '-') {
            return error_set(err, ERR_DATA, "domain has a label that begins or ends with a hyphen");
        }
        start = i + 1;
    }
    return OK;
}

/* Whether a label begins with xn--, which only UTS 46 can judge. */
static bool has_a_label(struct str s) {
    struct str rest = s, label;
    while (str_split(&rest, '.', &label)) {
        if (str_starts_nocase(label, STR("xn--"))) {
            return true;
        }
    }
    return false;
}

static UIDNA *open_idna(void) {
    UErrorCode code = U_ZERO_ERROR;
    UIDNA *idna = uidna_openUTS46(UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                                      UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE,
                                  &code);
    return U_SUCCESS(code) ? idna : NULL;
}

enum status domain_normalise(struct str in, struct arena *a, struct str *out, struct error *err) {
    enum status st = OK;
    UIDNA *idna = NULL;
    char work[WORK_MAX];

    *out = STR_NONE;
    if (in.len > 1 && in.ptr[in.len - 1] == '.') {
        in.len--;
    }
    if (utf8_is_ascii(in) && !has_a_label(in)) {
        if ((st = check_ldh(in, err)) != OK) {
            goto done;
        }
    } else {
        if (in.len > sizeof work) { /* longer than any name that could shrink to a valid one in practice */
            st = error_set(err, ERR_DATA, "domain is longer than %d bytes", DOMAIN_MAX);
            goto done;
        }
        if (!utf8_valid(in)) {
            st = error_set(err, ERR_DATA, "domain is not valid UTF-8");
            goto done;
        }
        idna = open_idna();
        if (!idna) {
            st = error_set(err, ERR_SOFTWARE, "ICU has no data for international domain names");
            goto done;
        }
        UErrorCode code = U_ZERO_ERROR;
        UIDNAInfo info = UIDNA_INFO_INITIALIZER;
        int32_t n = uidna_nameToASCII_UTF8(idna, in.ptr, (int32_t)in.len, work, (int32_t)sizeof work, &info, &code);
        if (U_FAILURE(code)) {
            st = error_set(err, ERR_DATA, "domain is longer than %d bytes", DOMAIN_MAX);
            goto done;
        }
        /* Hyphens in places 3 and 4 exist in the DNS. */
        if (info.errors & ~(uint32_t)UIDNA_ERROR_HYPHEN_3_4) {
            uint32_t length = UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LABEL_TOO_LONG | UIDNA_ERROR_DOMAIN_NAME_TOO_LONG;
            struct str mapped = {work, (size_t)n};
            if ((info.errors & length) == 0 || (st = check_ldh(mapped, err)) == OK) {
                st = error_set(err, ERR_DATA, "domain is not a valid international name (IDNA)");
            }
            goto done;
        }
        in = (struct str){work, (size_t)n};
        if ((st = check_ldh(in, err)) != OK) {
            goto done;
        }
    }
    *out = arena_str(a, in);
    char *p = (char *)out->ptr; /* ours: just copied */
    for (size_t i = 0; i < out->len; i++) {
        if (p[i] >= 'A' && p[i] <= 'Z') {
            p[i] = (char)(p[i] + 32);
        }
    }
done:
    uidna_close(idna);
    return st;
}

void domain_display(struct str domain, struct arena *a, struct str *out) {
    char work[WORK_MAX];

    *out = domain;
    if (!has_a_label(domain) || domain.len > DOMAIN_MAX) {
        return;
    }
    UIDNA *idna = open_idna();
    if (!idna) {
        return;
    }
    UErrorCode code = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    int32_t n =
        uidna_nameToUnicodeUTF8(idna, domain.ptr, (int32_t)domain.len, work, (int32_t)sizeof work, &info, &code);
    if (U_SUCCESS(code) && (info.errors & ~(uint32_t)UIDNA_ERROR_HYPHEN_3_4) == 0) {
        *out = arena_str(a, (struct str){work, (size_t)n});
    }
    uidna_close(idna);
}
