#include "queue/held.h"

#include "base/sql_json.h"
#include "queue/queue_internal.h"

enum status held_in_queue(struct queue *q, int64_t subscriber, struct str email, json_t *out, struct error *err) {
    static const struct {
        const char *name;
        enum queue_statement statement;
    } lists[] = {{"deliveries", Q_HELD_DELIVERIES},
                 {"attempts", Q_HELD_ATTEMPTS},
                 {"marks", Q_HELD_MARKS},
                 {"owed", Q_HELD_OWED},
                 {"messages", Q_HELD_MESSAGES}};
    enum status st = OK;
    for (size_t k = 0; k < sizeof lists / sizeof *lists && st == OK; k++) {
        json_t *list = json_object_get(out, lists[k].name);
        sqlite3_stmt *s = queue_stmt(q, lists[k].statement);
        if (!list) {
            (void)json_object_set_new(out, lists[k].name, list = json_array());
        }
        if (lists[k].statement == Q_HELD_MESSAGES) {
            sql_bind(s, "is", subscriber, email);
        } else {
            sql_bind(s, "i", subscriber);
        }
        st = sql_rows_json(q->db, s, list, err);
    }
    return st;
}
