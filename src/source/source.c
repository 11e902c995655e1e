#include "source/source.h"

#include "source/database.h"
#include "source/reading.h"

enum status source_sync(struct store *s, const struct config *c, const struct config_source *source,
                        const struct clock *clock, const struct source_options *o, struct source_report *out,
                        struct error *err) {
    struct sync y;
    *out = (struct source_report){.arena = arena_new()};
    if (!out->arena) {
        return error_set(err, ERR_OS, "out of memory");
    }
    enum status st = sync_init(&y, s, c, source, clock_now(clock), o, out, err);
    if (st == OK) {
        st = source->type == CONFIG_SOURCE_SQLITE ? database_sync(&y, err) : reading_sync(&y, err);
    }
    sync_release(&y);
    if (st != OK) {
        /* nothing was taken in */
        *out = (struct source_report){.arena = out->arena, .retry_after_s = out->retry_after_s};
        (void)error_prefix(err, "source %s", source->name);
    }
    return st;
}

void source_report_release(struct source_report *r) {
    arena_free(r->arena);
    *r = (struct source_report){0};
}

enum status source_check(const struct config *c, const struct config_source *source, struct arena *a, struct str *found,
                         struct error *err) {
    *found = STR_NONE;
    enum status st =
        source->type == CONFIG_SOURCE_SQLITE ? database_check(c, source, err) : reading_check(c, source, a, found, err);
    return st == OK ? OK : error_prefix(err, "source %s", source->name);
}
