#include "source/people.h"

#include <jansson.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "store/preference.h"
#include "text/address.h"

enum { NAME_MAX_BYTES = 200, TOPICS_MAX = 1024, ATTRIBUTE_MAX = 1024, ATTRIBUTES_MAX = 8192 };

enum status people_columns(const struct query *q, struct people_columns *c, struct error *err) {
    *c = (struct people_columns){.told = 0};
    const struct {
        const char *name;
        int *col;
        unsigned bit;
    } known[] = {{"id", &c->id, 0},
                 {"email", &c->email, 0},
                 {"name", &c->name, IMPORT_NAME},
                 {"given_name", &c->given_name, IMPORT_GIVEN_NAME},
                 {"language", &c->language, IMPORT_LANGUAGE},
                 {"topics", &c->topics, IMPORT_TOPICS},
                 {"cadence", &c->cadence, IMPORT_CADENCE},
                 {"format", &c->format, IMPORT_FORMAT},
                 {"body", &c->body, IMPORT_BODY},
                 {"timezone", &c->timezone, IMPORT_TIMEZONE},
                 {"joined_at", &c->joined_at, IMPORT_JOINED}};
    size_t n = sizeof known / sizeof *known;
    for (size_t i = 0; i < n; i++) {
        *known[i].col = query_column(q, known[i].name);
        c->told |= *known[i].col >= 0 ? known[i].bit : 0;
        if (i < 2 && *known[i].col < 0) {
            return query_missing(q, known[i].name, err);
        }
    }
    for (int col = 0; col < query_columns(q); col++) {
        bool extra = true;
        for (size_t i = 0; i < n; i++) {
            extra = extra && !str_eq_nocase(str_from(query_name(q, col)), str_from(known[i].name));
        }
        if (extra && c->extra_n == PEOPLE_EXTRA_MAX) {
            c->extra_left++;
        } else if (extra) {
            c->extra[c->extra_n++] = col;
            c->told |= IMPORT_ATTRIBUTES;
        }
    }
    return OK;
}

static struct str read_name(struct cells *v, struct query *q, int col) {
    struct str s = cell_line(v, query_bytes(q, col));
    return str_trim(str_sub(s, 0, utf8_cut(s, NAME_MAX_BYTES)));
}

static void add_topic(struct cells *v, struct str topic, struct buf *b) {
    topic = cell_line(v, topic);
    if (topic.len) {
        if (b->len) {
            buf_addc(b, ',');
        }
        buf_add(b, topic);
    }
}

/* {news,"arts, music"}: what PostgreSQL's clients print for an array. */
static void add_array(struct cells *v, struct str in, struct buf *b) {
    struct buf item = BUF_INIT;
    bool quoted = false;
    for (size_t i = 0; i < in.len; i++) {
        char c = in.ptr[i];
        if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            add_topic(v, buf_str(&item), b);
            buf_clear(&item);
        } else {
            buf_addc(&item, c == '\\' && i + 1 < in.len ? in.ptr[++i] : c);
        }
    }
    add_topic(v, buf_str(&item), b);
    buf_release(&item);
}

enum status people_topics(struct cells *v, struct str in, struct str *out, struct error *err) {
    struct buf b = BUF_INIT;
    enum status st = OK;
    *out = STR_NONE;
    in = cell_text(v, in);
    if (!in.ptr) {
        return OK;
    }
    json_t *list = in.ptr[0] == '[' && in.len <= 4 * TOPICS_MAX ? json_loadb(in.ptr, in.len, 0, NULL) : NULL;
    if (json_is_array(list)) {
        for (size_t i = 0; i < json_array_size(list); i++) {
            const char *topic = json_string_value(json_array_get(list, i));
            add_topic(v, str_from(topic), &b);
        }
    } else if (in.ptr[0] == '{' && in.ptr[in.len - 1] == '}') {
        add_array(v, str_sub(in, 1, in.len - 1), &b);
    } else {
        struct str part;
        while (str_split(&in, ',', &part)) {
            add_topic(v, part, &b);
        }
    }
    json_decref(list);
    if (b.failed) {
        st = error_set(err, ERR_OS, "out of memory");
    } else if (b.len > TOPICS_MAX) {
        st = error_set(err, ERR_DATA, "topics are longer than 1 KB");
    } else if (b.len) {
        *out = arena_str(v->row, buf_str(&b));
    }
    buf_release(&b);
    return st;
}

static int read_cadence(struct cells *v, struct str s) {
    static const char *const names[] = {"daily", "weekly", "monthly", "immediately"};
    _Static_assert(CONFIG_SCHEDULE_DAILY == 0 && CONFIG_SCHEDULE_WEEKLY == 1 && CONFIG_SCHEDULE_MONTHLY == 2 &&
                       CONFIG_SCHEDULE_IMMEDIATELY == 3,
                   "the numbers stand in courant.db");
    s = cell_text(v, s);
    for (int i = 0; i < 4; i++) {
        if (str_eq_nocase(s, str_from(names[i]))) {
            return i;
        }
    }
    v->ignored[1][CELL_CADENCE] += s.ptr != NULL;
    return CADENCE_DEFAULT;
}

static enum reader_format read_format(struct cells *v, struct str s) {
    s = cell_text(v, s);
    if (str_eq_nocase(s, STR("html"))) {
        return READER_HTML;
    }
    if (str_eq_nocase(s, STR("text"))) {
        return READER_TEXT;
    }
    v->ignored[1][CELL_FORMAT] += s.ptr != NULL;
    return READER_ANY;
}

static int read_body(struct cells *v, struct str s) {
    struct preferences p = {.body = BODY_DEFAULT};
    s = cell_text(v, s);
    if (s.ptr && preference_read(STR("body"), s, &p, NULL) != OK) {
        v->ignored[1][CELL_BODY]++;
    }
    return p.body;
}

static enum status add_attribute(struct cells *v, struct query *q, int col, struct buf *b, struct error *err) {
    int type = query_type(q, col);
    if (type == SQLITE_NULL || type == SQLITE_BLOB) {
        return OK;
    }
    struct str raw = query_bytes(q, col);
    struct str s = cell_text(v, raw);
    if (s.len > ATTRIBUTE_MAX) {
        return error_set(err, ERR_DATA, "column %s is longer than 1 KB", query_name(q, col));
    }
    buf_addc(b, b->len ? ',' : '{');
    cell_json(cell_line(v, str_from(query_name(q, col))), b);
    buf_addc(b, ':');
    bool number = type == SQLITE_INTEGER || (type == SQLITE_FLOAT && query_double(q, col) - query_double(q, col) == 0);
    if (number) {
        buf_add(b, raw);
    } else {
        cell_json(s, b);
    }
    return OK;
}

static enum status read_attributes(struct cells *v, struct query *q, const struct people_columns *c, struct str *out,
                                   struct error *err) {
    struct buf b = BUF_INIT;
    enum status st = OK;
    *out = STR_NONE;
    for (size_t i = 0; st == OK && i < c->extra_n; i++) {
        st = add_attribute(v, q, c->extra[i], &b, err);
    }
    if (st == OK && b.len) {
        buf_addc(&b, '}');
        if (b.failed) {
            st = error_set(err, ERR_OS, "out of memory");
        } else if (b.len > ATTRIBUTES_MAX) {
            st = error_set(err, ERR_DATA, "the columns beyond the known ones are longer than 8 KB together");
        } else {
            *out = arena_str(v->row, buf_str(&b));
        }
    }
    buf_release(&b);
    return st;
}

enum status people_read(struct cells *v, struct query *q, const struct people_columns *c, struct import_person *out,
                        struct error *err) {
    struct address address;
    struct error why = {0};
    enum status st;
    v->kind = 1;
    *out = (struct import_person){.told = c->told};
    struct str email = str_trim(query_bytes(q, c->email));
    if (!email.len) {
        return error_set(err, ERR_DATA, "no email");
    }
    if ((st = address_parse(email, v->row, &address, &why)) != OK) {
        return error_set(err, st, "email: %s", why.text);
    }
    out->email = address.text;
    out->key = address.key;
    out->name = read_name(v, q, c->name);
    out->given_name = read_name(v, q, c->given_name);
    out->language = cell_language(v, query_bytes(q, c->language));
    out->timezone = cell_timezone(v, query_bytes(q, c->timezone));
    out->cadence = read_cadence(v, query_bytes(q, c->cadence));
    out->format = read_format(v, query_bytes(q, c->format));
    out->body = read_body(v, query_bytes(q, c->body));
    if (cell_time(v, q, c->joined_at, &out->joined_at, NULL) != OK) {
        v->ignored[1][CELL_TIME]++;
    }
    if ((st = people_topics(v, query_bytes(q, c->topics), &out->topics, err)) != OK) {
        return st;
    }
    return read_attributes(v, q, c, &out->attributes, err);
}
