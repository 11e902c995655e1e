#include "source/json_rows.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "source/topic.h"

enum { LINE_MAX_BYTES = 8 << 20, LIST_MAX_BYTES = 64 << 20, MEMBERS_MAX = 300 };

struct str rows_our_name(enum import_kind kind, struct str name, bool *utc) {
    static const struct {
        const char *theirs, *ours;
        enum import_kind kind;
        bool utc;
    } names[] = {{"post_title", "title", IMPORT_ARTICLE, false},
                 {"post_content", "body", IMPORT_ARTICLE, false},
                 {"post_excerpt", "summary", IMPORT_ARTICLE, false},
                 {"post_date_gmt", "published_at", IMPORT_ARTICLE, true},
                 {"post_date", "published_at", IMPORT_ARTICLE, false},
                 {"post_modified_gmt", "updated_at", IMPORT_ARTICLE, true},
                 {"post_modified", "updated_at", IMPORT_ARTICLE, false},
                 {"user_email", "email", IMPORT_SUBSCRIBER, false},
                 {"display_name", "name", IMPORT_SUBSCRIBER, false},
                 {"first_name", "given_name", IMPORT_SUBSCRIBER, false},
                 {"user_registered", "joined_at", IMPORT_SUBSCRIBER, true}};
    *utc = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].kind == kind && str_eq_nocase(name, str_from(names[i].theirs))) {
            *utc = names[i].utc;
            return str_from(names[i].ours);
        }
    }
    return name;
}

static struct str string_of(const json_t *v) {
    return (struct str){json_string_value(v), json_string_length(v)};
}

/* What V is as a cell; text that had to be made is A's. */
static struct rows_value cell(const json_t *v, bool topic, const struct config_list *topics, struct arena *a) {
    struct rows_value out = {0};
    struct topic one = {0};
    size_t i;
    json_t *item;
    if (json_is_object(v) && json_is_string(json_object_get(v, "rendered"))) {
        v = json_object_get(v, "rendered");
    }
    switch (json_typeof(v)) {
    case JSON_STRING:
        out.text = string_of(v);
        break;
    case JSON_INTEGER:
        out.type = ROWS_INTEGER;
        out.integer = json_integer_value(v);
        break;
    case JSON_REAL:
        out.type = ROWS_REAL;
        out.real = json_real_value(v);
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        out.type = ROWS_INTEGER;
        out.integer = json_is_true(v);
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        if (topic && json_is_array(v)) {
            json_array_foreach(v, i, item) {
                topic_offer(&one, topics, json_is_string(item) ? string_of(item) : STR_NONE);
            }
            out.text = one.name;
        } else {
            char *text = json_dumps(v, JSON_COMPACT);
            out.text = text ? arena_str(a, str_from(text)) : STR_NONE;
            free(text);
        }
        break;
    case JSON_NULL:
        break;
    }
    return out;
}

static enum status add(const json_t *o, enum import_kind kind, const struct config_list *topics, struct rows *r,
                       struct arena *a, struct error *err) {
    const char *key;
    json_t *v;
    size_t n = 0;
    if (json_object_size(o) > MEMBERS_MAX) {
        return error_set(err, ERR_DATA, "has more than %d members", MEMBERS_MAX);
    }
    struct rows_value *list = arena_alloc(a, (json_object_size(o) + 1) * sizeof *list);
    json_object_foreach((json_t *)o, key, v) {
        bool utc;
        struct str name = rows_our_name(kind, str_from(key), &utc);
        bool topic = kind == IMPORT_ARTICLE && str_eq_nocase(name, STR("topic"));
        list[n] = cell(v, topic, topics, a);
        if (utc && list[n].text.len) {
            list[n].text = arena_printf(a, "%.*sZ", STR_ARG(list[n].text));
        }
        list[n++].name = name;
    }
    return rows_add(r, kind, list, n, err);
}

/* A list of objects, as `wp ... --format=json` prints. */
static enum status read_list(FILE *in, enum import_kind kind, const struct config_list *topics, struct rows *r,
                             struct arena *a, struct error *err) {
    json_error_t why;
    size_t i;
    json_t *o;
    enum status st = OK;
    long size = fseek(in, 0, SEEK_END) == 0 ? ftell(in) : -1;
    rewind(in);
    if (size < 0 || size > LIST_MAX_BYTES) {
        return error_set(err, ERR_DATA, "a list of more than %d MB: print an object a line instead",
                         LIST_MAX_BYTES >> 20);
    }
    json_t *list = json_loadf(in, 0, &why);
    if (!json_is_array(list)) {
        st = error_set(err, ERR_DATA,
                       json_error_code(&why) == json_error_invalid_utf8
                           ? "line %d is not UTF-8: have the program print its text so"
                           : "line %d: no JSON, or cut off",
                       why.line);
    }
    json_array_foreach(list, i, o) {
        arena_reset(a);
        st = json_is_object(o) ? add(o, kind, topics, r, a, err) : error_set(err, ERR_DATA, "is no object");
        if (st != OK) {
            (void)error_prefix(err, "item %zu of the list", i + 1);
            break;
        }
    }
    json_decref(list);
    return st;
}

static enum status read_lines(FILE *in, enum import_kind kind, const struct config_list *topics, struct rows *r,
                              struct arena *a, struct error *err) {
    char *line = NULL;
    size_t cap = 0;
    enum status st = OK;
    ssize_t len;
    for (long long n = 1; st == OK && (len = getline(&line, &cap, in)) > 0; n++) {
        struct str text = str_trim((struct str){line, (size_t)len});
        bool whole = line[len - 1] == '\n';
        if (!text.len) {
            continue;
        }
        arena_reset(a);
        json_t *o = len > LINE_MAX_BYTES ? NULL : json_loadb(text.ptr, text.len, 0, NULL);
        if (len > LINE_MAX_BYTES) {
            st = error_set(err, ERR_DATA, "line %lld is longer than %d MB", n, LINE_MAX_BYTES >> 20);
        } else if (!json_is_object(o) && whole && !utf8_valid(text)) {
            st = error_set(err, ERR_DATA, "line %lld is not UTF-8: have the program print its text so", n);
        } else if (!json_is_object(o)) {
            st = error_set(err, ERR_DATA, whole ? "line %lld is no JSON object" : "the last line, %lld, is cut off", n);
        } else if ((st = add(o, kind, topics, r, a, err)) != OK) {
            (void)error_prefix(err, "line %lld", n);
        }
        json_decref(o);
    }
    if (st == OK && ferror(in)) {
        st = error_set(err, ERR_NOINPUT, "can't be read: %s", strerror(errno));
    }
    free(line);
    return st;
}

enum status json_rows_read(FILE *in, enum import_kind kind, const struct config_list *topics, struct rows *r,
                           struct error *err) {
    struct arena *a = arena_new();
    int c = getc(in);
    if (!a) {
        return error_set(err, ERR_OS, "out of memory");
    }
    while (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
        c = getc(in);
    }
    if (c != EOF && c != '[') {
        rewind(in);
    }
    enum status st = c == EOF   ? OK
                     : c == '[' ? read_list(in, kind, topics, r, a, err)
                                : read_lines(in, kind, topics, r, a, err);
    arena_free(a);
    return st;
}
