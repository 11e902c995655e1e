#include "source/database.h"

#include <stdio.h>
#include <sys/stat.h>

#include "source/articles.h"
#include "source/foreign.h"
#include "source/people.h"
#include "source/query.h"

enum { ATTEMPTS = 5 };

static enum status open_foreign(struct sync *y, bool lock, struct foreign **out, struct error *err) {
    char copy[4096];
    struct stat ours;
    struct stat theirs;
    const char *path = sql_path(store_sql(y->s));
    (void)snprintf(copy, sizeof copy, "%s.copy", path);
    /* opening our own file a second time would drop SQLite's locks on it when it is closed */
    if (stat(path, &ours) == 0 && stat(y->source->path, &theirs) == 0 && ours.st_dev == theirs.st_dev &&
        ours.st_ino == theirs.st_ino) {
        return error_set(err, ERR_DATA, "path is courant's own database");
    }
    enum status st = foreign_open(y->source->path, copy, lock, out, err);
    if (st == OK && sqlite3_exec(foreign_handle(*out), "BEGIN", NULL, NULL, NULL) != SQLITE_OK) {
        st = error_set(err, ERR_NOINPUT, "%s can't be read: %s", y->source->path, sqlite3_errmsg(foreign_handle(*out)));
    }
    return st;
}

/* One attempt: *again when the files changed while they were read. */
static enum status attempt(struct sync *y, bool lock, struct str stamp, bool *again, struct error *err) {
    struct foreign *f = NULL;
    const struct config_source *source = y->source;
    *again = false;
    enum status st = sync_begin(y, err);
    if (st != OK || (st = open_foreign(y, lock, &f, err)) != OK) {
        goto done;
    }
    if (source->subscribers) {
        st = sync_rows(y, IMPORT_SUBSCRIBER, foreign_handle(f), source->subscribers, err);
    }
    if (st == OK && source->articles) {
        st = sync_rows(y, IMPORT_ARTICLE, foreign_handle(f), source->articles, err);
    }
    /* an error may come of having read while another wrote */
    *again = foreign_changed(f);
    if (st == OK && !*again) {
        st = sync_end(y, stamp, source->subscribers != NULL, source->articles != NULL, false, err);
    }
done:
    sync_abort(y);
    foreign_close(f);
    return st;
}

/* What file, WAL, queries and settings are; empty when that can't be relied on to tell a change. */
static enum status make_stamp(struct sync *y, struct buf *out, struct error *err) {
    uint8_t h[HASH_SIZE];
    char hex[2 * HASH_SIZE + 1];
    bool racy;
    buf_clear(out);
    enum status st = foreign_state(y->source->path, out, &racy, err);
    if (st != OK) {
        return st;
    }
    const char *const parts[] = {SYNC_VERSION,           y->source->articles,
                                 y->source->subscribers, y->c->site.timezone,
                                 y->c->site.url,         y->source->newsletter ? y->source->newsletter->name : NULL};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        hash_add_str(y->hash, str_from(parts[i]));
    }
    hash_end(y->hash, h);
    hash_hex(h, sizeof h, hex);
    buf_adds(out, hex);
    if (racy) {
        buf_clear(out);
    }
    return OK;
}

static bool reads_clock(const struct config_source *s) {
    return (s->articles && query_reads_clock(s->articles)) || (s->subscribers && query_reads_clock(s->subscribers));
}

enum status database_sync(struct sync *y, struct error *err) {
    struct buf stamp = BUF_INIT;
    struct import_state before;
    enum status st = make_stamp(y, &stamp, err);
    if (st != OK || (st = import_state(y->s, str_from(y->source->name), y->r->arena, &before, err)) != OK) {
        goto done;
    }
    if (!y->o->always && !y->o->accept && stamp.len && str_eq(before.stamp, buf_str(&stamp)) &&
        !reads_clock(y->source)) {
        y->r->held = before.held;
        goto done;
    }
    for (int i = 1;; i++) {
        bool again;
        if ((i > 1 && (st = make_stamp(y, &stamp, err)) != OK)) {
            break;
        }
        st = attempt(y, i > ATTEMPTS / 2, buf_str(&stamp), &again, err);
        if (!again) {
            break;
        }
        if (i == ATTEMPTS) {
            st = st != OK ? st : error_set(err, ERR_NOINPUT, "%s changes all the time; try again", y->source->path);
            break;
        }
    }
done:
    buf_release(&stamp);
    return st;
}

enum status database_check(const struct config *c, const struct config_source *source, struct error *err) {
    struct foreign *f = NULL;
    struct query *q = NULL;
    struct arena *a = NULL;
    char copy[4096];
    enum status st;
    (void)snprintf(copy, sizeof copy, "%s.check", c->database.path);
    if (!(a = arena_new())) {
        st = error_set(err, ERR_OS, "out of memory");
        goto done;
    }
    if ((st = foreign_open(source->path, copy, true, &f, err)) != OK) {
        goto done;
    }
    for (int k = 0; st == OK && k < 2; k++) {
        const char *text = k ? source->subscribers : source->articles;
        struct people_columns people;
        struct articles_columns articles;
        if (!text) {
            continue;
        }
        if ((st = query_open(foreign_handle(f), text, SYNC_PATIENCE_S, &q, err)) == OK) {
            st = k ? people_columns(q, &people, err) : articles_columns(q, a, &articles, err);
        }
        query_close(q);
        q = NULL;
        if (st != OK) {
            (void)error_prefix(err, k ? "subscribers" : "articles");
        }
    }
done:
    foreign_close(f);
    arena_free(a);
    return st;
}
