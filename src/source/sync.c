#include "source/sync.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "source/articles.h"
#include "source/people.h"
#include "source/query.h"
#include "text/moment.h"

enum { OLD_MAX = 100, RENAMED_MAX = 5, VANISH_MIN = 10, VANISH_PER_CENT = 5 };

enum status sync_init(struct sync *y, struct store *s, const struct config *c, const struct config_source *source,
                      int64_t now, const struct source_options *o, struct source_report *r, struct error *err) {
    static const char *const units[] = {"query", "feed", "folder", "command"};
    *y = (struct sync){.s = s, .c = c, .source = source, .o = o, .r = r, .now = now, .row = BUF_INIT};
    y->unit = str_from(units[source->type]);
    enum status st = cells_init(&y->v, c, err);
    if (st == OK && !(y->hash = hash_new())) {
        st = error_set(err, ERR_OS, "out of memory");
    }
    return st;
}

void sync_release(struct sync *y) {
    sync_abort(y);
    hash_free(y->hash);
    cells_release(&y->v);
    buf_release(&y->row);
}

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

void sync_note(struct sync *y, const char *fmt, ...) {
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    note(y, arena_str(y->r->arena, str_from(text)));
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
                sync_note(y, "%s: %lld new or changed rows with %s; taken without", k ? "subscribers" : "articles",
                          (long long)y->v.ignored[k][i], what[i]);
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
    buf_addf(&y->row, "%s\n%s\n%s\n%s\n", SYNC_VERSION, y->c->site.timezone, y->c->site.url,
             y->source->newsletter ? y->source->newsletter->name : "");
    for (int i = 0; i < query_columns(q); i++) {
        buf_addf(&y->row, "%s\n", query_name(q, i));
    }
    y->salt = y->row.len;
}

int64_t sync_hash(struct sync *y, struct str bytes) {
    uint8_t h[HASH_SIZE];
    int64_t out;
    hash_add(y->hash, bytes.ptr, bytes.len);
    hash_end(y->hash, h);
    memcpy(&out, h, sizeof out);
    return out;
}

/* Over types and bytes of all columns. */
static enum status row_hash(struct sync *y, struct query *q, int64_t *out, struct error *err) {
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
    *out = sync_hash(y, buf_str(&y->row));
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
        x->reason =
            arena_printf(y->v.row, "the %.*s gives this id more than once; the first row is taken", STR_ARG(y->unit));
    }
    if (!x->reason.ptr) {
        x->any = true;
        buf_clear(&x->last);
        buf_add(&x->last, x->id);
    }
}

enum status sync_refuse(struct sync *y, enum import_kind kind, struct str id, int64_t hash, struct str reason,
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
        return sync_refuse(y, IMPORT_SUBSCRIBER, id, hash, str_from(why.text), err);
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
        return sync_refuse(y, IMPORT_SUBSCRIBER, id, hash,
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
        return sync_refuse(y, IMPORT_ARTICLE, id, hash, str_from(why.text), err);
    }
    if (st != OK) {
        return error_set(err, st, "%s", why.text);
    }
    row.id = id;
    row.hash = hash;
    if ((st = import_article(y->im, &row, &result, &arrives, err)) == OK) {
        *(result == IMPORT_NEW ? &y->r->articles.added : &y->r->articles.changed) += 1;
        if (result == IMPORT_NEW && row.url.ptr && y->o->last_issue_at) {
            st = import_namesake(y->im, row.url, y->o->last_issue_at, err);
        }
        y->old += arrives && row.published_at != INT64_MIN && row.published_at < y->o->last_issue_at;
    }
    return st;
}

/* Reads all rows of one query. */
enum status sync_rows(struct sync *y, enum import_kind kind, sqlite3 *db, const char *query, struct error *err) {
    struct query *q = NULL;
    struct people_columns people;
    struct articles_columns articles;
    struct id_of_row id = {.last = BUF_INIT};
    bool person = kind == IMPORT_SUBSCRIBER;
    enum status st = query_open(db, query, y->o->patience_s ? y->o->patience_s : SYNC_PATIENCE_S, &q, err);
    if (st == OK) {
        st = person ? people_columns(q, &people, err) : articles_columns(q, y->r->arena, &articles, err);
    }
    if (st != OK) {
        goto done;
    }
    if (person && people.extra_left) {
        sync_note(y, "subscribers: %zu columns beyond the %d attributes taken are ignored", people.extra_left,
                  PEOPLE_EXTRA_MAX);
    }
    if (!person && articles.unknown.ptr) {
        sync_note(y, "articles: nothing is known about the columns %.*s; ignored", STR_ARG(articles.unknown));
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
            st = sync_refuse(y, kind, id.id, hash, id.reason, err);
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

void sync_abort(struct sync *y) {
    import_abort(y->im);
    y->im = NULL;
}

enum status sync_begin(struct sync *y, struct error *err) {
    struct import_options io = {.source = str_from(y->source->name),
                                .newsletter = y->source->newsletter ? str_from(y->source->newsletter->name) : STR_NONE,
                                .now = y->now,
                                .erased_key = y->o->erased_key};
    struct arena *a = y->r->arena;
    arena_reset(a);
    *y->r = (struct source_report){.read = true, .arena = a};
    y->notes = NULL;
    y->notes_cap = 0;
    y->refused_cap = 0;
    y->old = 0;
    memset(y->v.ignored, 0, sizeof y->v.ignored);
    return import_begin(y->s, &io, &y->im, err);
}

/* Why this must not be applied unasked; absent: it may. */
static enum status judge(struct sync *y, bool people, bool articles, struct str *held, struct error *err) {
    struct import_state before;
    struct import_count n;
    struct buf b = BUF_INIT;
    enum status st = import_missing(y->im, &n, err);
    *held = STR_NONE;
    if (st != OK || y->o->accept ||
        (st = import_state(y->s, str_from(y->source->name), y->v.keep, &before, err)) != OK) {
        return st;
    }
    if (people) {
        if (n.people_before > 0 && n.people_now == 0) {
            buf_addf(&b, "the %.*s of subscribers gives nobody, and gave %lld people before; ", STR_ARG(y->unit),
                     (long long)n.people_before);
        } else if (n.people_missing > VANISH_MIN && n.people_missing * 100 > n.people_before * VANISH_PER_CENT) {
            buf_addf(&b, "%lld of %lld subscribers would vanish at once; ", (long long)n.people_missing,
                     (long long)n.people_before);
        }
    }
    /* a query may ask for the newest alone; a folder without files, a command without words has met with an accident */
    if (articles && y->source->type != CONFIG_SOURCE_SQLITE && before.articles > 0 && n.articles_now == 0) {
        buf_addf(&b, "the %.*s gives no article, and gave %lld before; ", STR_ARG(y->unit), (long long)before.articles);
    }
    if (y->old > OLD_MAX) {
        char iso[MOMENT_ISO_SIZE];
        moment_iso(y->o->last_issue_at, iso);
        buf_addf(&b, "%lld articles older than the last issue (%s) would arrive at once; ", (long long)y->old, iso);
    }
    if (n.articles_renamed > RENAMED_MAX) {
        buf_addf(&b, "%lld%s articles that readers had come again under new ids, with the same addresses; ",
                 (long long)n.articles_renamed, n.articles_renamed == 1000 ? " or more" : "");
    }
    if (b.len) {
        buf_addf(&b, "nothing of source %s was taken. If that is right, run 'courant source sync %s --accept'",
                 y->source->name, y->source->name);
        *held = arena_str(y->r->arena, buf_str(&b));
    }
    buf_release(&b);
    return OK;
}

/* Notes why nothing was applied. */
static enum status hold(struct sync *y, struct str stamp, struct str held, struct error *err) {
    struct import_state before;
    struct str source = str_from(y->source->name);
    y->r->articles.added = y->r->articles.changed = 0;
    y->r->people.added = y->r->people.changed = 0;
    y->r->held = held;
    sync_abort(y);
    enum status st = import_state(y->s, source, y->v.keep, &before, err);
    if (st == OK) {
        y->r->held_anew = !str_eq(before.held, held);
        st = import_hold(y->s, source, stamp, held, y->now, err);
    }
    return st;
}

enum status sync_end(struct sync *y, struct str stamp, bool people, bool articles, bool window, struct error *err) {
    struct str held = STR_NONE;
    enum status st = judge(y, people, articles && !window, &held, err);
    if (st != OK) {
        return st;
    }
    note_ignored(y);
    if (held.ptr) {
        return hold(y, stamp, held, err);
    }
    if (people) {
        st = import_remove_missing(y->im, IMPORT_SUBSCRIBER, &y->r->people.removed, err);
    }
    if (st == OK && articles) {
        st = window ? import_forget_refused(y->im, IMPORT_ARTICLE, err)
                    : import_remove_missing(y->im, IMPORT_ARTICLE, &y->r->articles.removed, err);
    }
    if (st == OK) {
        struct import *im = y->im;
        y->im = NULL;
        st = import_commit(im, stamp, err);
    }
    return st;
}
