#include "queue/erase.h"

#include "queue/queue_internal.h"

enum status queue_erase(struct queue *q, int64_t subscriber, struct str email, struct error *err) {
    static const enum queue_statement order[] = {Q_ERASE_TROUBLE,  Q_ERASE_ATTEMPTS,      Q_ERASE_REPLIES,
                                                 Q_ERASE_TROUBLES, Q_ERASE_TRANSACTIONAL, Q_ERASE_OWED};
    enum status st = sql_begin(q->db, err);
    for (size_t i = 0; i < sizeof order / sizeof *order && st == OK; i++) {
        sqlite3_stmt *s = queue_stmt(q, order[i]);
        sql_bind(s, "i", subscriber);
        if (s && sqlite3_bind_parameter_count(s) > 1) {
            sql_bind(s, "is", subscriber, email);
        }
        st = sql_run(q->db, s, err);
    }
    if (st == OK) {
        st = sql_commit(q->db, err);
    }
    sql_rollback(q->db);
    return st;
}
