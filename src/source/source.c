#include "source/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "source/articles.h"
#include "source/foreign.h"
#include "source/people.h"
#include "source/query.h"
#include "source/cell.h"
#include "text/moment.h"

enum { PATIENCE_S = 60, ATTEMPTS = 5, OLD_MAX = 100, VANISH_MIN = 10, VANISH_PER_CENT = 5 };

/* Counts into a stamp and into every row's hash: a version that reads rows otherwise reads them all again. */
static const char reader_version[] = "1";

/* A sync under way. */
struct sync {
    struct store *s;
    const struct config *c;
    const struct config_source *source;
    const struct source_options *o;
    struct source_report *r;
    int64_t now;
    struct import *im;
    struct foreign *foreign;
    struct cells v;
    struct buf row; /* the bytes that a row's hash is of */
    size_t salt;    /* how many of them are the same for each row */
    struct hash *hash;
    int64_t old; /* articles that arrive and are older than the last issue */
    size_t notes_cap, refused_cap;
    struct str *notes;
};

static void note(struct sync *y, struct str text) {
    if (y->r->notes_n == y->notes_cap) {
        y->notes_cap = y->notes_cap ? y->notes_cap * 2 : 8;
        struct str *more = arena_alloc(y->r->arena, y->notes_cap * sizeof *more);
        if (y->r->notes_n) {
            memcpy(more, y->notes, y->r->notes_n * sizeof *more);
        }
        y->notes = more;
        y->r->notes = more;
    }
    y->notes[y->r->notes_n++] = text;
}

static void note_ignored(struct sync *y) {
    static const char *const what[CELL_KINDS] = {"a language that is none",
                                                 "a timezone that is none",
                                                 "a cadence that is none of daily, weekly, monthly, immediately",
                                                 "a format that is neither html nor text",
                                                 "a body that is none of full, summary, titles",
                                                 "a time that can't be read",
                                                 "an image_url that is not http or https"};
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < CELL_KINDS; i++) {
            if (y->v.ignored[k][i]) {
                note(y, arena_printf(y->r->arena, "%s: %lld new or changed rows with %s; taken without",
                                     k ? "subscribers" : "articles", (long long)y->v.ignored[k][i], what[i]));
            }
        }
    }
}

static void add_refusal(struct sync *y, enum import_kind kind, struct str id, struct str reason, bool fresh) {
    struct source_report *r = y->r;
    r->fresh += fresh;
    if (r->refused_n == SOURCE_REFUSALS_MAX) {
        return;
    }
    if (r->refused_n == y->refused_cap) {
        y->refused_cap = y->refused_cap ? y->refused_cap * 2 : 16;
        struct source_refusal *more = arena_alloc(r->arena, y->refused_cap * sizeof *more);
        if (r->refused_n) {
            memcpy(more, r->refused, r->refused_n * sizeof *more);
        }
        r->refused = more;
    }
    r->refused[r->refused_n++] =
        (struct source_refusal){kind, arena_str(r->arena, id), arena_str(r->arena, reason), fresh};
}

/* What every row's hash begins with: a change of it makes every row a changed one. */
static void salt(struct sync *y, struct query *q) {
    buf_clear(&y->row);
    buf_addf(&y->row, "%s\n%s\n%s\n%s\n", reader_version, y->c->site.timezone, y->c->site.url,
             y->source->newsletter ? y->source->newsletter->name : "");
    for (int i = 0; i < query_columns(q); i++) {
        buf_addf(&y->row, "%s\n", query_name(q, i));
    }
    y->salt = y->row.len;
}

/* 64 bits of SHA-256 over types and bytes of all columns. */
static enum status row_hash(struct sync *y, struct query *q, int64_t *out, struct error *err) {
    uint8_t h[HASH_SIZE];
    buf_truncate(&y->row, y->salt);
    for (int i = 0, n = query_columns(q); i < n; i++) {
        struct {
            int64_t type, value;
        } head = {query_type(q, i), 0};
        struct str bytes = STR_NONE;
        double d;
        switch (head.type) {
        case SQLITE_INTEGER:
            head.value = query_int(q, i);
            break;
        case SQLITE_FLOAT:
            d = query_double(q, i);
            memcpy(&head.value, &d, sizeof d);
            break;
        default:
            bytes = query_bytes(q, i);
            head.value = (int64_t)bytes.len;
        }
        buf_add(&y->row, (struct str){(const char *)&head, sizeof head});
        buf_add(&y->row, bytes);
    }
    if (y->row.failed) {
        return error_set(err, ERR_OS, "out of memory");
    }
    hash_add(y->hash, y->row.ptr, y->row.len);
    hash_end(y->hash, h);
    memcpy(out, h, sizeof *out);
    return OK;
}

/* The row's id, and whether it is that of the row before. */
struct id_of_row {
    struct str id;
    struct str reason; /* absent: it is good */
    struct buf last;
    bool any;
};

static void read_id(struct sync *y, struct query *q, int col, struct id_of_row *x, struct error *why) {
    x->reason = STR_NONE;
    if (cell_id(&y->v, query_bytes(q, col), &x->id, why) != OK) {
        x->reason = str_from(why->text);
    } else if (x->any && str_eq(buf_str(&x->last), x->id)) {
        x->reason = STR("the query gives this id more than once; the first row is taken");
    }
    if (!x->reason.ptr) {
        x->any = true;
        buf_clear(&x->last);
        buf_add(&x->last, x->id);
    }
}

static enum status refuse(struct sync *y, enum import_kind kind, struct str id, int64_t hash, struct str reason,
                          struct error *err) {
    bool fresh;
    char row[32];
    struct str known = id;
    if (!id.len) { /* several may have none: each is known by what it holds, or run would report them for ever */
        (void)snprintf(row, sizeof row, "(no id) %016llx", (unsigned long long)hash);
        known = str_from(row);
    }
    enum status st = import_refuse(y->im, kind, known, hash, reason, &fresh, err);
    if (st == OK) {
        (kind == IMPORT_ARTICLE ? &y->r->articles : &y->r->people)->refused++;
        add_refusal(y, kind, id, reason, fresh);
    }
    return st;
}

static enum status take_person(struct sync *y, struct query *q, const struct people_columns *c, struct str id,
                               int64_t hash, struct error *err) {
    struct import_person p;
    struct error why = {0};
    enum import_result result;
    struct source_counts *n = &y->r->people;
    enum status st = people_read(&y->v, q, c, &p, &why);
    if (st == ERR_DATA) {
        return refuse(y, IMPORT_SUBSCRIBER, id, hash, str_from(why.text), err);
    }
    if (st != OK) {
        return error_set(err, st, "%s", why.text);
    }
    p.id = id;
    p.hash = hash;
    if ((st = import_person(y->im, &p, &result, err)) != OK) {
        return st;
    }
    switch (result) {
    case IMPORT_NEW:
        n->added++;
        break;
    case IMPORT_CHANGED:
        n->changed++;
        break;
    case IMPORT_UNCHANGED:
        n->unchanged++;
        break;
    case IMPORT_DUPLICATE:
        n->duplicate++;
        break;
    case IMPORT_ERASED:
        return refuse(y, IMPORT_SUBSCRIBER, id, hash,
                      STR("this person asked to be erased; a new confirmed "
                          "subscription lifts that, nothing else"),
                      err);
    }
    return OK;
}

static enum status take_article(struct sync *y, struct query *q, const struct articles_columns *c, struct str id,
                                int64_t hash, struct error *err) {
    struct import_row row;
    struct error why = {0};
    enum import_result result;
    bool arrives;
    enum status st = articles_read(&y->v, q, c, &row, &why);
    if (st == ERR_DATA) {
        return refuse(y, IMPORT_ARTICLE, id, hash, str_from(why.text), err);
    }
    if (st != OK) {
        return error_set(err, st, "%s", why.text);
    }
    row.id = id;
    row.hash = hash;
    if ((st = import_article(y->im, &row, &result, &arrives, err)) == OK) {
        *(result == IMPORT_NEW ? &y->r->articles.added : &y->r->articles.changed) += 1;
        y->old += arrives && row.published_at != INT64_MIN && row.published_at < y->o->last_issue_at;
    }
    return st;
}

/* Reads all rows of one query. */
static enum status read_rows(struct sync *y, enum import_kind kind, struct error *err) {
    struct query *q = NULL;
    struct people_columns people;
    struct articles_columns articles;
    struct id_of_row id = {.last = BUF_INIT};
    bool person = kind == IMPORT_SUBSCRIBER;
    int64_t patience = y->o->patience_s ? y->o->patience_s : PATIENCE_S;
    enum status st = query_open(foreign_handle(y->foreign), person ? y->source->subscribers : y->source->articles,
                                patience, &q, err);
    if (st == OK) {
        st = person ? people_columns(q, &people, err) : articles_columns(q, y->r->arena, &articles, err);
    }
    if (st != OK) {
        goto done;
    }
    if (person && people.extra_left) {
        note(y, arena_printf(y->r->arena, "subscribers: %zu columns beyond the %d attributes taken are ignored",
                             people.extra_left, PEOPLE_EXTRA_MAX));
    }
    if (!person && articles.unknown.ptr) {
        note(y, arena_printf(y->r->arena, "articles: nothing is known about the columns %.*s; ignored",
                             STR_ARG(articles.unknown)));
    }
    salt(y, q);
    for (;;) {
        bool row;
        bool known;
        int64_t hash = 0;
        struct error why = {0};
        arena_reset(y->v.row);
        if ((st = query_step(q, &row, err)) != OK || !row || (st = row_hash(y, q, &hash, err)) != OK) {
            break;
        }
        read_id(y, q, person ? people.id : articles.id, &id, &why);
        if (id.reason.ptr) {
            st = refuse(y, kind, id.id, hash, id.reason, err);
        } else if ((st = import_known(y->im, kind, id.id, hash, &known, err)) == OK) {
            if (known) {
                (person ? &y->r->people : &y->r->articles)->unchanged++;
            } else {
                st = person ? take_person(y, q, &people, id.id, hash, err)
                            : take_article(y, q, &articles, id.id, hash, err);
            }
        }
        if (st != OK) {
            break;
        }
    }
done:
    query_close(q);
    buf_release(&id.last);
    if (st != OK) {
        (void)error_prefix(err, person ? "subscribers" : "articles");
    }
    return st;
}

/* Why this must not be applied unasked; absent: it may. */
static enum status judge(struct sync *y, struct str *held, struct error *err) {
    struct import_count n;
    struct buf b = BUF_INIT;
    enum status st = import_missing(y->im, &n, err);
    *held = STR_NONE;
    if (st != OK || y->o->accept) {
        return st;
    }
    if (y->source->subscribers) {
        if (n.people_before > 0 && n.people_now == 0) {
            buf_addf(&b, "the query of subscribers gives nobody, and gave %lld people before; ",
                     (long long)n.people_before);
        } else if (n.people_missing > VANISH_MIN && n.people_missing * 100 > n.people_before * VANISH_PER_CENT) {
            buf_addf(&b, "%lld of %lld subscribers would vanish at once; ", (long long)n.people_missing,
                     (long long)n.people_before);
        }
    }
    if (y->old > OLD_MAX) {
        char iso[MOMENT_ISO_SIZE];
        moment_iso(y->o->last_issue_at, iso);
        buf_addf(&b, "%lld articles older than the last issue (%s) would arrive at once; ", (long long)y->old, iso);
    }
    if (b.len) {
        buf_addf(&b, "nothing of source %s was taken. If that is right, run 'courant source sync %s --accept'",
                 y->source->name, y->source->name);
        *held = arena_str(y->r->arena, buf_str(&b));
    }
    buf_release(&b);
    return OK;
}

static void forget_attempt(struct sync *y) {
    import_abort(y->im);
    y->im = NULL;
    foreign_close(y->foreign);
    y->foreign = NULL;
}

static void start_report(struct sync *y) {
    struct arena *a = y->r->arena;
    arena_reset(a);
    *y->r = (struct source_report){.read = true, .arena = a};
    y->notes = NULL;
    y->notes_cap = 0;
    y->refused_cap = 0;
    y->old = 0;
    memset(y->v.ignored, 0, sizeof y->v.ignored);
}

static enum status open_foreign(struct sync *y, bool lock, struct error *err) {
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
    enum status st = foreign_open(y->source->path, copy, lock, &y->foreign, err);
    if (st == OK && sqlite3_exec(foreign_handle(y->foreign), "BEGIN", NULL, NULL, NULL) != SQLITE_OK) {
        st = error_set(err, ERR_NOINPUT, "%s can't be read: %s", y->source->path,
                       sqlite3_errmsg(foreign_handle(y->foreign)));
    }
    return st;
}

/* One attempt: *again when the files changed while they were read. */
static enum status attempt(struct sync *y, bool lock, struct str stamp, bool *again, struct error *err) {
    struct import_options io = {.source = str_from(y->source->name),
                                .newsletter = y->source->newsletter ? str_from(y->source->newsletter->name) : STR_NONE,
                                .now = y->now,
                                .erased_key = y->o->erased_key};
    struct str held = STR_NONE;
    enum status st;
    *again = false;
    start_report(y);
    if ((st = import_begin(y->s, &io, &y->im, err)) != OK || (st = open_foreign(y, lock, err)) != OK) {
        goto done;
    }
    if (y->source->subscribers) {
        st = read_rows(y, IMPORT_SUBSCRIBER, err);
    }
    if (st == OK && y->source->articles) {
        st = read_rows(y, IMPORT_ARTICLE, err);
    }
    /* an error may come of having read while another wrote */
    if (foreign_changed(y->foreign)) {
        *again = true;
        goto done;
    }
    if (st != OK || (st = judge(y, &held, err)) != OK) {
        goto done;
    }
    note_ignored(y);
    if (held.ptr) {
        struct import_state before;
        y->r->articles.added = y->r->articles.changed = 0;
        y->r->people.added = y->r->people.changed = 0;
        y->r->held = held;
        import_abort(y->im);
        y->im = NULL;
        if ((st = import_state(y->s, io.source, y->v.keep, &before, err)) == OK) {
            y->r->held_anew = !str_eq(before.held, held);
            st = import_hold(y->s, io.source, stamp, held, y->now, err);
        }
        goto done;
    }
    if (y->source->subscribers) {
        st = import_remove_missing(y->im, IMPORT_SUBSCRIBER, &y->r->people.removed, err);
    }
    if (st == OK && y->source->articles) {
        st = import_remove_missing(y->im, IMPORT_ARTICLE, &y->r->articles.removed, err);
    }
    if (st == OK) {
        struct import *im = y->im;
        y->im = NULL;
        st = import_commit(im, stamp, err);
    }
done:
    forget_attempt(y);
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
    const char *const parts[] = {reader_version,         y->source->articles,
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

static enum status check_type(const struct config_source *source, struct error *err) {
    if (source->type != CONFIG_SOURCE_SQLITE) {
        return error_set(err, ERR_UNAVAILABLE, "this version reads sources of type sqlite only");
    }
    if (!source->articles && !source->subscribers) {
        return error_set(err, ERR_CONFIG, "it has neither articles nor subscribers");
    }
    return OK;
}

static enum status sync_sqlite(struct sync *y, struct error *err) {
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

enum status source_sync(struct store *s, const struct config *c, const struct config_source *source,
                        const struct clock *clock, const struct source_options *o, struct source_report *out,
                        struct error *err) {
    struct sync y = {.s = s, .c = c, .source = source, .o = o, .r = out, .now = clock_now(clock), .row = BUF_INIT};
    *out = (struct source_report){.arena = arena_new()};
    enum status st = out->arena ? check_type(source, err) : error_set(err, ERR_OS, "out of memory");
    if (st == OK && (st = cells_init(&y.v, c, err)) == OK) {
        y.hash = hash_new();
        st = sync_sqlite(&y, err);
        hash_free(y.hash);
        cells_release(&y.v);
    }
    buf_release(&y.row);
    if (st != OK) {
        struct arena *a = out->arena;
        *out = (struct source_report){.arena = a}; /* nothing was taken in */
        (void)error_prefix(err, "source %s", source->name);
    }
    return st;
}

void source_report_release(struct source_report *r) {
    arena_free(r->arena);
    *r = (struct source_report){0};
}

enum status source_check(const struct config *c, const struct config_source *source, struct error *err) {
    struct foreign *f = NULL;
    struct query *q = NULL;
    struct arena *a = NULL;
    char copy[4096];
    enum status st = check_type(source, err);
    if (st != OK) {
        goto done;
    }
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
        if ((st = query_open(foreign_handle(f), text, PATIENCE_S, &q, err)) == OK) {
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
    if (st != OK) {
        (void)error_prefix(err, "source %s", source->name);
    }
    return st;
}
