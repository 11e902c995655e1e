#include "dispatch/retention.h"

#include "base/log.h"
#include "queue/issue.h"
#include "queue/transactional.h"
#include "store/retention.h"

enum { DAY = 86400 };
#define LAST "kept_at" /* of courant.db's meta: when the daily part was done */

static enum status daily(struct site *s, int64_t now, struct error *err) {
    int64_t last = 0, people = 0, lines = 0;
    enum status st = store_meta_get(s->store, LAST, &last, err);
    if (st != OK || (last && now - last < DAY && now >= last)) {
        return st;
    }
    const struct config_database *c = &s->config->database;
    if (now > c->log_keep_s) {
        st = retention_log(s->store, now - c->log_keep_s, &lines, err);
    }
    if (st == OK && now > c->attributes_keep_s) {
        st = retention_people(s->store, now - c->attributes_keep_s, &people, err);
    }
    if (people || lines) {
        log_info("of %lld people who left long ago name and attributes are forgotten, and %lld old lines of the log",
                 (long long)people, (long long)lines);
    }
    return st == OK ? store_meta_set(s->store, LAST, now, err) : st;
}

enum status retention_keep(struct site *s, struct error *err) {
    int64_t now = clock_now(&s->clock), keep = s->config->queue.keep_s;
    enum status st = OK;
    if (now > keep && (st = issue_purge(s->queue, now - keep, err)) == OK) {
        st = transactional_purge(s->queue, now - keep, err);
    }
    return st == OK ? daily(s, now, err) : st;
}
