#include "store/figures.h"

#include "store/statement.h"

enum status figures_subscriptions(struct store *s, int64_t newsletter, void (*fn)(void *ctx, const struct figure *f),
                                  void *ctx, struct error *err) {
    sqlite3_stmt *q = statement_get(s, newsletter ? STMT_FIGURES_OF : STMT_FIGURES_ALL);
    if (newsletter) {
        sql_bind(q, "i", newsletter);
    }
    for (;;) {
        bool row;
        enum status st = sql_step(s->sql, q, &row, err);
        if (st != OK || !row) {
            return st;
        }
        const struct figure f = {.newsletter = sql_int(q, 0),
                                 .status = (enum subscription_status)sql_int(q, 1),
                                 .person = (enum subscriber_status)sql_int(q, 2),
                                 .cadence = (int)statement_int_or(q, 3, CADENCE_DEFAULT),
                                 .format = (enum reader_format)sql_int(q, 4),
                                 .language = sql_str(q, 5),
                                 .joined_at = sql_int(q, 6),
                                 .status_at = sql_int(q, 7)};
        fn(ctx, &f);
    }
}

enum status figures_suppressions(struct store *s, int64_t newsletter,
                                 void (*fn)(void *ctx, enum suppression_reason reason, int64_t at), void *ctx,
                                 struct error *err) {
    sqlite3_stmt *q = statement_get(s, newsletter ? STMT_FIGURES_SUPPRESSED_OF : STMT_FIGURES_SUPPRESSED);
    if (newsletter) {
        sql_bind(q, "i", newsletter);
    }
    for (;;) {
        bool row;
        enum status st = sql_step(s->sql, q, &row, err);
        if (st != OK || !row) {
            return st;
        }
        fn(ctx, (enum suppression_reason)sql_int(q, 0), sql_int(q, 1));
    }
}
