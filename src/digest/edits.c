#include "digest/edits.h"

#include "base/utf8.h"
#include "render/article.h"

#include <stdlib.h>

enum status edits_ids(const char *what, struct str list, struct arena *a, const int64_t **ids, size_t *n,
                      struct error *err) {
    int64_t *out = arena_alloc(a, EDITS_IDS_MAX * sizeof *out);
    *ids = out;
    *n = 0;
    if (str_eq_nocase(str_trim(list), STR("none"))) {
        return OK;
    }
    for (size_t i = 0; i < list.len;) {
        int64_t id = 0;
        size_t digits = i;
        if (list.ptr[i] == ',' || list.ptr[i] == ' ') {
            i++;
            continue;
        }
        while (digits < list.len && list.ptr[digits] >= '0' && list.ptr[digits] <= '9' && id < INT64_MAX / 100) {
            id = id * 10 + (list.ptr[digits++] - '0');
        }
        if (digits == i || id == 0 || (digits < list.len && list.ptr[digits] != ',' && list.ptr[digits] != ' ')) {
            return error_set(err, ERR_DATA,
                             "%s: '%.*s' is no list of ids of articles, such as 12,15 ('courant article "
                             "list' shows them)",
                             what, STR_ARG(str_sub(list, 0, 60)));
        }
        if (*n == EDITS_IDS_MAX) {
            return error_set(err, ERR_DATA, "%s: more than %d articles", what, EDITS_IDS_MAX);
        }
        out[(*n)++] = id;
        i = digits;
    }
    return OK;
}

enum status edits_tidy(struct edits *e, struct arena *a, struct error *err) {
    if (!utf8_valid(e->subject) || !utf8_valid(e->note)) {
        return error_set(err, ERR_DATA, "subject and note are text in UTF-8");
    }
    if (e->subject.len > EDITS_SUBJECT_MAX || e->note.len > EDITS_NOTE_MAX) {
        return error_set(err, ERR_DATA, "a subject has at most %d bytes, a note %d", EDITS_SUBJECT_MAX, EDITS_NOTE_MAX);
    }
    if (e->subject.len) {
        char *s = arena_cstr(a, str_trim(e->subject));
        for (char *p = s; *p; p++) {
            *p = (unsigned char)*p < ' ' || *p == 127 ? ' ' : *p;
        }
        e->subject = str_from(s);
    }
    e->note = str_trim(e->note);
    return OK;
}

static void read_ids(const json_t *list, struct arena *a, const int64_t **ids, size_t *n) {
    size_t i;
    json_t *j;
    int64_t *out = arena_alloc(a, (json_array_size(list) + 1) * sizeof *out);
    *ids = out;
    *n = 0;
    json_array_foreach(list, i, j) {
        out[(*n)++] = json_integer_value(j);
    }
}

enum status edits_read(struct str settings, struct arena *a, struct edits *out, struct error *err) {
    json_error_t why;
    json_t *j = json_loadb(settings.ptr, settings.len, 0, &why);
    *out = (struct edits){0};
    if (!j) {
        return error_set(err, ERR_SOFTWARE, "frozen settings can't be read: %s", why.text);
    }
    if (json_is_true(json_object_get(j, "own_subject"))) {
        out->subject = arena_str(a, str_from(json_string_value(json_object_get(j, "subject"))));
    }
    out->note = arena_str(a, str_from(json_string_value(json_object_get(j, "note"))));
    read_ids(json_object_get(j, "order"), a, &out->order, &out->order_n);
    read_ids(json_object_get(j, "without"), a, &out->without, &out->without_n);
    json_decref(j);
    return OK;
}

static void put_ids(json_t *settings, const char *key, const int64_t *ids, size_t n) {
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        (void)json_array_append_new(list, json_integer(ids[i]));
    }
    (void)json_object_del(settings, key);
    if (n) {
        (void)json_object_set(settings, key, list);
    }
    json_decref(list);
}

void edits_put(json_t *settings, const struct edits *e, struct str subject) {
    (void)json_object_set_new(settings, "subject", json_stringn(subject.ptr ? subject.ptr : "", subject.len));
    (void)json_object_del(settings, "note");
    (void)json_object_del(settings, "own_subject");
    if (e->note.len) {
        (void)json_object_set_new(settings, "note", json_stringn(e->note.ptr, e->note.len));
    }
    if (e->subject.len) {
        (void)json_object_set_new(settings, "own_subject", json_true());
    }
    put_ids(settings, "order", e->order, e->order_n);
    put_ids(settings, "without", e->without, e->without_n);
}

enum status edits_change(struct str settings, const struct edits *e, struct str subject, struct arena *a,
                         struct str *out, struct error *err) {
    json_error_t why;
    json_t *j = json_loadb(settings.ptr, settings.len, 0, &why);
    if (!j) {
        return error_set(err, ERR_SOFTWARE, "frozen settings can't be read: %s", why.text);
    }
    edits_put(j, e, subject);
    char *s = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS);
    *out = arena_str(a, str_from(s));
    free(s);
    json_decref(j);
    return out->len ? OK : error_set(err, ERR_OS, "out of memory");
}

bool edits_leave_out(const struct edits *e, int64_t article) {
    for (size_t i = 0; i < e->without_n; i++) {
        if (e->without[i] == article) {
            return true;
        }
    }
    return false;
}

/* Where ARTICLE stands by the editor's order; behind all others: order_n. */
static size_t place(const struct edits *e, int64_t article) {
    size_t i = 0;
    while (i < e->order_n && e->order[i] != article) {
        i++;
    }
    return i;
}

enum status edits_subject_of(const char *newsletter, struct str title, struct arena *a, struct str *subject,
                             struct error *err) {
    struct article_input in = {.title = title};
    struct article_options o = {.mode = ARTICLE_TITLES};
    struct article_output plain = {0};
    enum status st = title.ptr ? article_render(&in, &o, a, &plain, err) : OK;
    *subject = plain.title.len ? arena_printf(a, "%s: %.*s", newsletter, STR_ARG(plain.title))
                               : arena_str(a, str_from(newsletter));
    return st;
}

bool edits_before(const struct edits_rank *a, const struct edits_rank *b) {
    if (a->place != b->place) {
        return a->place < b->place;
    }
    if (a->pinned != b->pinned) {
        return a->pinned;
    }
    return a->published_at != b->published_at ? a->published_at > b->published_at : a->arrival < b->arrival;
}

enum status edits_subject(const struct edits *e, const char *title, const struct issue_input *inputs, size_t n,
                          struct arena *a, struct str *subject, struct error *err) {
    struct edits_rank first = {0};
    struct str first_title = STR_NONE;
    if (e->subject.len) {
        *subject = e->subject;
        return OK;
    }
    for (size_t i = 0; i < n; i++) {
        json_t *j =
            inputs[i].kind == ISSUE_ARTICLE ? json_loadb(inputs[i].content.ptr, inputs[i].content.len, 0, NULL) : NULL;
        if (!j) {
            continue;
        }
        const struct edits_rank one = {.place = place(e, json_integer_value(json_object_get(j, "id"))),
                                       .pinned = json_is_true(json_object_get(j, "pinned")),
                                       .published_at = json_integer_value(json_object_get(j, "published_at")),
                                       .arrival = inputs[i].position};
        if (!first_title.ptr || edits_before(&one, &first)) {
            first = one;
            first_title = arena_str(a, str_from(json_string_value(json_object_get(j, "title"))));
        }
        json_decref(j);
    }
    return edits_subject_of(title, first_title, a, subject, err);
}
