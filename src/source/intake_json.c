#include "source/intake_json.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

/* A value as a cell's text, in the row's arena; absent for null and objects. */
static struct str json_cell(struct intake *x, const json_t *v) {
    if (json_is_string(v)) {
        return (struct str){json_string_value(v), json_string_length(v)};
    }
    if (json_is_object(v) || json_is_null(v) || !v) {
        return STR_NONE;
    }
    char *text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
    struct str s = arena_str(x->v.row, str_from(text));
    free(text);
    return s;
}

static void json_values(struct intake *x, const json_t *object, const char *const *names, const enum heading *what,
                        size_t n) {
    for (size_t i = 0; i < n; i++) {
        x->m.values[what[i]] = json_cell(x, json_object_get(object, names[i]));
    }
}

static enum status json_attributes(struct intake *x, const json_t *object, struct error *why) {
    static const char *const ours[] = {"id", "subscriptions", "suppression", "attributes", "created_at", "updated_at"};
    const char *key;
    json_t *v;
    enum status st = OK;
    json_object_foreach(json_object_get(object, "attributes"), key, v) {
        st = st == OK ? member_attribute(&x->v, &x->m, str_from(key), json_cell(x, v), why) : st;
    }
    json_object_foreach((json_t *)object, key, v) {
        bool known = heading_find(str_from(key)) != HEADING_ATTRIBUTE;
        for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
            known = known || strcmp(key, ours[i]) == 0;
        }
        st = st == OK && !known ? member_attribute(&x->v, &x->m, str_from(key), json_cell(x, v), why) : st;
    }
    return st;
}

/* A person of the document; SUBSCRIPTION NULL: as the object itself has it. */
static enum status json_member(struct intake *x, const json_t *o, const json_t *subscription, bool none, int64_t line,
                               struct error *why, struct error *err) {
    static const char *const mine[] = {"newsletter", "status",  "status_at", "paused_until", "joined_at",
                                       "topics",     "cadence", "body",      "language",     "format"};
    static const enum heading mine_what[] = {
        HEADING_NEWSLETTER, HEADING_STATUS,  HEADING_STATUS_AT, HEADING_PAUSED_UNTIL, HEADING_JOINED_AT,
        HEADING_TOPICS,     HEADING_CADENCE, HEADING_BODY,      HEADING_FOR_LANGUAGE, HEADING_FOR_FORMAT};
    static const char *const why_not[] = {"reason", "at", "until", "note"};
    static const enum heading why_what[] = {HEADING_SUPPRESSED, HEADING_SUPPRESSED_AT, HEADING_SUPPRESSED_UNTIL,
                                            HEADING_SUPPRESSED_NOTE};
    static const char *const agreed[] = {"how", "origin", "by", "at", "confirmed_at", "confirmed_by"};
    static const enum heading agreed_what[] = {HEADING_CONSENT,    HEADING_CONSENT_ORIGIN, HEADING_CONSENT_BY,
                                               HEADING_CONSENT_AT, HEADING_CONFIRMED_AT,   HEADING_CONFIRMED_BY};
    const json_t *suppression = json_object_get(o, "suppression");
    const char *key;
    json_t *v;
    intake_begin(x);
    json_object_foreach((json_t *)o, key, v) {
        enum heading what = heading_find(str_from(key));
        if (what < HEADINGS) {
            x->m.values[what] = json_cell(x, v);
        }
    }
    struct str status = x->m.values[HEADING_STATUS];
    if (json_is_object(suppression)) {
        json_values(x, suppression, why_not, why_what, 4);
    }
    if (subscription || none) { /* "status" is the person's: active, suppressed, erased */
        x->m.values[HEADING_STATUS] = STR_NONE;
        x->m.values[HEADING_NEWSLETTER] = STR("");
        if (!json_is_object(suppression) && str_eq(status, STR("suppressed"))) {
            x->m.values[HEADING_SUPPRESSED] = STR("by-hand");
        }
    }
    if (subscription) {
        json_values(x, subscription, mine, mine_what, sizeof mine / sizeof *mine);
        json_values(x, json_object_get(subscription, "consent"), agreed, agreed_what, 6);
    }
    enum status st = json_attributes(x, o, why);
    return st == OK ? intake_keep(x, line, why, err) : st;
}

static enum status take_object(struct intake *x, const json_t *o, int64_t line, struct error *err) {
    const json_t *list = json_object_get(o, "subscriptions");
    struct error why = {0};
    enum status st = OK;
    if (!json_is_object(o)) {
        st = error_set(&why, ERR_DATA, "is no object");
    } else if (!json_is_array(list) || json_array_size(list) == 0) {
        st = json_member(x, o, NULL, json_is_array(list), line, &why, err);
    }
    for (size_t i = 0; st == OK && json_is_array(list) && i < json_array_size(list); i++) {
        st = json_member(x, o, json_array_get(list, i), false, line, &why, err);
    }
    if (st == ERR_DATA && why.text[0]) {
        intake_error(x, line, why.text);
        st = OK;
    }
    return st;
}

struct json_file {
    FILE *f;
    int64_t line;
};

static int next_byte(struct json_file *j) {
    int c = getc(j->f);
    j->line += c == '\n';
    return c;
}

/* jansson's: a byte at a time, so that nothing behind a value is read with it. */
static size_t give_byte(void *to, size_t size, void *arg) {
    int c = size ? next_byte(arg) : EOF;
    *(char *)to = (char)c;
    return c == EOF ? 0 : 1;
}

static int next_sign(struct json_file *j) {
    int c;
    while ((c = next_byte(j)) == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',') {
    }
    if (c != EOF) {
        (void)ungetc(c, j->f);
    }
    return c;
}

enum status intake_json(struct intake *x, struct error *err) {
    static const struct str email = {"email", 5};
    int64_t objects = 0;
    int fd = dup(x->fd);
    struct json_file j = {fd >= 0 ? fdopen(fd, "r") : NULL, 1};
    if (!j.f) {
        return error_set(err, ERR_OS, "it can't be read: %s", strerror(errno));
    }
    enum status st = headings_new(&email, 1, x->o->maps, x->o->maps_n, &x->headings, err); /* for states */
    int c = next_sign(&j);
    bool list = c == '[';
    if (list) {
        (void)next_byte(&j);
    }
    while (st == OK && (c = next_sign(&j)) != EOF && !(list && c == ']')) {
        json_error_t why;
        int64_t line = j.line;
        json_t *o = json_load_callback(give_byte, &j, JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
        if (!o) {
            struct str text = str_from(why.text); /* its end would show what stands there: somebody's address */
            text = str_sub(text, 0, str_search(text, STR(" near '"), 0));
            st = error_set(err, ERR_DATA, "line %lld: it is no JSON: %.*s", (long long)j.line, STR_ARG(text));
            break;
        }
        st = take_object(x, o, line, err);
        json_decref(o);
        if (st == OK && ++objects % intake_every(x) == 0) {
            if (x->o->progress) {
                x->o->progress(x->o->ctx, true, ftell(j.f), x->size);
            }
            st = intake_stopped(err) ? ERR_TEMP : OK;
        }
    }
    if (st == OK && list && c != ']') {
        st = error_set(err, ERR_DATA, "it ends within the list: is it whole?");
    }
    x->r->json = true;
    x->r->encoding = "UTF-8";
    (void)fclose(j.f);
    return st;
}
