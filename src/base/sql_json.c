#include "base/sql_json.h"

#include <string.h>
#include <time.h>

static bool is_time(const char *name) {
    size_t n = strlen(name);
    return strcmp(name, "at") == 0 || strcmp(name, "until") == 0 || (n > 3 && strcmp(name + n - 3, "_at") == 0) ||
           (n > 6 && strcmp(name + n - 6, "_until") == 0);
}

static json_t *time_json(int64_t seconds) {
    time_t t = (time_t)seconds;
    struct tm tm;
    char text[32];
    return gmtime_r(&t, &tm) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) ? json_string(text)
                                                                                       : json_integer(seconds);
}

/* NULL: the column is left out. */
static json_t *value(sqlite3_stmt *s, int i, const char *name) {
    struct str text;
    switch (sqlite3_column_type(s, i)) {
    case SQLITE_INTEGER:
        return is_time(name) ? time_json(sqlite3_column_int64(s, i)) : json_integer(sqlite3_column_int64(s, i));
    case SQLITE_FLOAT:
        return json_real(sqlite3_column_double(s, i));
    case SQLITE_TEXT:
        text = sql_str(s, i);
        if (strcmp(name, "attributes") == 0) {
            json_t *object = json_loadb(text.ptr, text.len, 0, NULL);
            if (object) {
                return object;
            }
        }
        return json_stringn(text.ptr, text.len);
    case SQLITE_NULL:
        return json_null();
    default:
        return NULL;
    }
}

enum status sql_rows_json(struct sql *db, sqlite3_stmt *s, json_t *out, struct error *err) {
    bool row;
    enum status st;
    while ((st = sql_step(db, s, &row, err)) == OK && row) {
        json_t *object = json_object();
        for (int i = 0; i < sqlite3_column_count(s); i++) {
            const char *name = sqlite3_column_name(s, i);
            json_t *v = json_object_get(object, name) ? NULL : value(s, i, name);
            if (v) {
                (void)json_object_set_new(object, name, v);
            }
        }
        (void)json_array_append_new(out, object);
    }
    return st;
}
