#include "source/reading.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "source/command.h"
#include "source/feed.h"
#include "source/folder.h"

void reading_note(struct reading *r, const char *fmt, ...) {
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    struct reading_note *n = arena_alloc(r->arena, sizeof *n);
    n->text = arena_str(r->arena, str_from(text));
    const struct reading_note **end = &r->notes;
    while (*end) {
        end = (const struct reading_note **)&((struct reading_note *)*end)->next;
    }
    *end = n;
}

void reading_stamp(struct reading *r, const char *const *settings) {
    uint8_t h[HASH_SIZE];
    char hex[2 * HASH_SIZE + 1];
    struct hash *hash = hash_new();
    const char *const common[] = {SYNC_VERSION, r->c->site.timezone, r->c->site.url,
                                  r->source->newsletter ? r->source->newsletter->name : NULL};
    for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
        hash_add_str(hash, str_from(common[i]));
    }
    for (; *settings; settings++) {
        hash_add_str(hash, str_from(*settings));
    }
    for (size_t i = 0; r->source->newsletter && i < r->source->newsletter->topics.n; i++) { /* one is chosen by them */
        hash_add_str(hash, str_from(r->source->newsletter->topics.items[i]));
    }
    hash_end(hash, h);
    hash_free(hash);
    hash_hex(h, 16, hex);
    buf_clear(&r->stamp);
    buf_addf(&r->stamp, "%s\n", hex);
}

bool reading_is_same(struct reading *r, struct str bytes) {
    buf_add(&r->stamp, bytes);
    return !r->always && r->before.ptr && str_eq(buf_str(&r->stamp), r->before);
}

static enum status read_it(struct reading *r, struct error *err) {
    enum status st = rows_open(&r->rows, err);
    if (st == OK) {
        switch (r->source->type) {
        case CONFIG_SOURCE_FEED:
            st = feed_read(r, err);
            break;
        case CONFIG_SOURCE_FILES:
            st = folder_read(r, err);
            break;
        case CONFIG_SOURCE_COMMAND:
            st = command_read(r, err);
            break;
        case CONFIG_SOURCE_SQLITE:
            break;
        }
    }
    return st == OK && r->stamp.failed ? error_set(err, ERR_OS, "out of memory") : st;
}

static void release(struct reading *r) {
    rows_close(r->rows);
    buf_release(&r->stamp);
}

static enum status refuse(void *ctx, struct str id, struct str reason, struct str state, struct error *err) {
    struct sync *y = ctx;
    return sync_refuse(y, IMPORT_ARTICLE, id, sync_hash(y, state), reason, err);
}

static enum status take(struct sync *y, struct reading *r, struct error *err) {
    enum status st = sync_begin(y, err);
    for (const struct reading_note *n = r->notes; st == OK && n; n = n->next) {
        sync_note(y, "%.*s", STR_ARG(n->text));
    }
    struct str ignored = rows_ignored(r->rows);
    if (st == OK && ignored.ptr) {
        sync_note(y, "articles: nothing is known about %.*s; ignored", STR_ARG(ignored));
    }
    if (st == OK && r->people) {
        st = sync_rows(y, IMPORT_SUBSCRIBER, rows_handle(r->rows), rows_query(r->rows, IMPORT_SUBSCRIBER), err);
    }
    if (st == OK && r->articles) {
        st = sync_rows(y, IMPORT_ARTICLE, rows_handle(r->rows), rows_query(r->rows, IMPORT_ARTICLE), err);
    }
    if (st == OK) {
        st = rows_refused(r->rows, refuse, y, err);
    }
    if (st == OK) {
        st = sync_end(y, buf_str(&r->stamp), r->people, r->articles, r->window, err);
    }
    sync_abort(y);
    return st;
}

enum status reading_sync(struct sync *y, struct error *err) {
    struct import_state before;
    enum status st = import_state(y->s, str_from(y->source->name), y->v.keep, &before, err);
    struct reading r = {.c = y->c,
                        .source = y->source,
                        .store = y->s,
                        .now = y->now,
                        .always = y->o->always || y->o->accept,
                        .before = before.stamp,
                        .id = before.id,
                        .synced_at = before.synced_at,
                        .arena = y->v.keep,
                        .zone = y->v.zone,
                        .stamp = BUF_INIT};
    if (st == OK && (st = read_it(&r, err)) == OK) {
        if (r.unchanged) {
            y->r->held = arena_str(y->r->arena, before.held);
        } else {
            st = take(y, &r, err);
        }
    }
    y->r->retry_after_s = st == OK ? 0 : r.retry_after_s;
    release(&r);
    return st;
}

/* "12 articles, 3 subscribers, 1 file that can't be taken". */
static struct str in_words(const struct reading *r, struct arena *a) {
    int64_t articles = rows_count(r->rows, "article"), people = rows_count(r->rows, "subscriber");
    int64_t refused = rows_count(r->rows, "refused");
    struct buf b = BUF_INIT;
    if (r->articles) {
        buf_addf(&b, "%lld article%s", (long long)articles, articles == 1 ? "" : "s");
    }
    if (r->people) {
        buf_addf(&b, "%s%lld subscriber%s", b.len ? ", " : "", (long long)people, people == 1 ? "" : "s");
    }
    if (refused) {
        buf_addf(&b, ", %lld file%s that can't be taken", (long long)refused, refused == 1 ? "" : "s");
    }
    struct str out = b.failed ? STR_NONE : arena_str(a, buf_str(&b));
    buf_release(&b);
    return out;
}

enum status reading_check(const struct config *c, const struct config_source *source, struct arena *a,
                          struct str *found, struct error *err) {
    struct cells v;
    enum status st = cells_init(&v, c, err);
    struct reading r = {.c = c,
                        .source = source,
                        .now = clock_now(&(struct clock){0}),
                        .always = true,
                        .arena = v.keep,
                        .zone = v.zone,
                        .stamp = BUF_INIT};
    if (st == OK) {
        st = read_it(&r, err);
    }
    if (st == OK) {
        *found = in_words(&r, a);
    }
    release(&r);
    cells_release(&v);
    return st;
}
