#include "digest/select.h"

#include "store/preference.h"
#include "text/language.h"
#include "text/words.h"

#include <stdio.h>
#include <stdlib.h>

static bool listed(struct str list, struct str item) {
    struct str part;
    while (str_split(&list, ',', &part)) {
        if (str_eq(str_trim(part), item)) {
            return true;
        }
    }
    return false;
}

/* A reader's own languages: the tag may be a list. */
static bool reads(struct str languages, struct str language) {
    struct str part;
    char reader[LANGUAGE_TAG_MAX + 1], article[LANGUAGE_TAG_MAX + 1];
    (void)snprintf(article, sizeof article, "%.*s", STR_ARG(language));
    while (str_split(&languages, ',', &part)) {
        part = str_trim(part);
        (void)snprintf(reader, sizeof reader, "%.*s", STR_ARG(part));
        if (language_matches(reader, article)) {
            return true;
        }
    }
    return false;
}

static bool due(const struct select_article *a, const struct select_reader *r) {
    bool in = false;
    for (size_t i = 0; i < r->spans_n && !in; i++) {
        in = a->arrival > r->spans[i].from && a->arrival <= r->spans[i].to;
    }
    return in && (!r->topics.ptr || listed(r->topics, a->topic)) &&
           (!r->match_language || !r->language.len || reads(r->language, a->language));
}

/* The first of the reader's languages that there are words for; else the first of all. */
static struct str words_language(struct str languages) {
    struct str rest = languages, part, first = STR_NONE;
    if (str_find(languages, ',', 0) >= languages.len) {
        return str_trim(languages); /* the usual case: word_get finds its way by itself */
    }
    while (str_split(&rest, ',', &part)) {
        const char *have;
        char tag[LANGUAGE_TAG_MAX + 1];
        part = str_trim(part);
        first = first.len ? first : part;
        (void)snprintf(tag, sizeof tag, "%.*s", STR_ARG(part));
        (void)word_get(tag, WORD_READ, &have);
        if (language_matches(tag, have)) {
            return part;
        }
    }
    return first;
}

size_t select_key(const struct select_article *articles, size_t n, const struct select_reader *r, struct buf *key) {
    size_t count = 0;
    size_t start = key->len;
    const char *body = preference_body_name(r->body);
    buf_add(key, words_language(r->language));
    buf_addf(key, " %s%s%s ", r->text_only ? "text" : "both", body ? "+" : "", body ? body : "");
    int64_t first = 0, last = -1;
    for (size_t i = 0; i <= n; i++) {
        bool is = i < n && due(&articles[i], r);
        if (is && last >= 0 && articles[i].arrival == last + 1) {
            last++;
            count++;
            continue;
        }
        if (last >= 0 && (is || i == n)) {
            buf_addf(key, first == last ? "%s%lld" : "%s%lld-%lld", key->ptr[key->len - 1] == ' ' ? "" : ",",
                     (long long)first, (long long)last);
        }
        if (is) {
            first = last = articles[i].arrival;
            count++;
        }
    }
    if (count == 0) {
        buf_truncate(key, start);
    }
    return count;
}

size_t select_key_keep(struct str key, const int64_t *kept, size_t kept_n, struct arena *a, struct str *out) {
    struct select_form form;
    struct buf b = BUF_INIT;
    int64_t *arrivals;
    size_t n, left = 0;
    *out = STR_NONE;
    if (!select_key_parse(key, a, &form, &arrivals, &n)) {
        return 0;
    }
    size_t second = str_find(key, ' ', str_find(key, ' ', 0) + 1) + 1;
    buf_add(&b, str_sub(key, 0, second));
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < kept_n; k++) {
            if (kept[k] == arrivals[i]) {
                buf_addf(&b, "%s%lld", left++ ? "," : "", (long long)arrivals[i]);
                break;
            }
        }
    }
    buf_adds(&b, left ? "" : "-");
    *out = arena_str(a, buf_str(&b));
    buf_release(&b);
    return left;
}

bool select_key_parse(struct str key, struct arena *a, struct select_form *form, int64_t **arrivals,
                      size_t *arrivals_n) {
    struct str rest = key, format, part;
    struct preferences p = {.body = BODY_DEFAULT};
    size_t cap = 64;
    *arrivals = arena_alloc(a, cap * sizeof **arrivals);
    *arrivals_n = 0;
    if (!str_split(&rest, ' ', &form->language) || !str_split(&rest, ' ', &format) || !rest.ptr ||
        !str_split(&format, '+', &part) || (format.ptr && preference_read(STR("body"), format, &p, NULL) != OK)) {
        return false;
    }
    if (str_eq(rest, STR("-"))) { /* a correction from which all of a reader's articles were withdrawn */
        form->text_only = str_eq(part, STR("text"));
        form->body = p.body;
        return true;
    }
    form->text_only = str_eq(part, STR("text"));
    form->body = p.body;
    while (str_split(&rest, ',', &part)) {
        char text[48];
        (void)snprintf(text, sizeof text, "%.*s", STR_ARG(part));
        char *end;
        long long from = strtoll(text, &end, 10);
        long long to = *end == '-' ? strtoll(end + 1, &end, 10) : from;
        if (*end || from <= 0 || to < from || to - from > 1000000) {
            return false;
        }
        for (long long v = from; v <= to; v++) {
            if (*arrivals_n == cap) {
                int64_t *more = arena_alloc(a, cap * 2 * sizeof *more);
                memcpy(more, *arrivals, cap * sizeof *more);
                *arrivals = more;
                cap *= 2;
            }
            (*arrivals)[(*arrivals_n)++] = v;
        }
    }
    return *arrivals_n > 0;
}
