#include "queue/merge.h"

#include "queue/queue_internal.h"

enum status queue_merge(struct queue *q, int64_t from, int64_t into, struct error *err) {
    /* what is owed is compared with the survivor's mark as it was */
    static const enum queue_statement order[] = {Q_MERGE_OWED, Q_MERGE_OWED_END, Q_MERGE_MARK};
    enum status st = sql_begin(q->db, err);
    for (size_t i = 0; i < sizeof order / sizeof *order && st == OK; i++) {
        sqlite3_stmt *s = queue_stmt(q, order[i]);
        sql_bind(s, "ii", from, into);
        st = sql_run(q->db, s, err);
    }
    if (st == OK) {
        st = sql_commit(q->db, err);
    }
    sql_rollback(q->db);
    return st;
}
