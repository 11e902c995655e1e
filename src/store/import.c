#include "store/import.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/event.h"
#include "store/import_internal.h"
#include "store/import_state.h"
#include "store/statement.h"
#include "store/subscriber.h"
#include "store/suppression.h"

enum { NAMESAKES_MAX = 1000 }; /* more are as good as that */

/* A source's id is bound as an integer where it reads as one, so that ids lie in numeric order. */
static void bind_id(sqlite3_stmt *q, int param, struct str id) {
    size_t i = id.len > 1 && id.ptr[0] == '-';
    bool number = q && id.len - i >= 1 && id.len - i <= 18 && (id.ptr[i] != '0' || id.len == 1);
    int64_t v = 0;
    for (size_t k = i; number && k < id.len; k++) {
        number = id.ptr[k] >= '0' && id.ptr[k] <= '9';
        v = v * 10 + (id.ptr[k] - '0');
    }
    if (number) {
        (void)sqlite3_bind_int64(q, param, i ? -v : v);
    } else if (q) {
        (void)sqlite3_bind_text64(q, param, id.ptr ? id.ptr : "", id.len, SQLITE_STATIC, SQLITE_UTF8);
    }
}

static void bind_or_null(sqlite3_stmt *q, int param, int64_t v, int64_t absent) {
    if (q && v != absent) {
        (void)sqlite3_bind_int64(q, param, v);
    }
}

static void import_free(struct import *im) {
    if (im) {
        (void)sql_rollback(im->sql);
        idset_release(&im->people);
        idset_release(&im->articles);
        idset_release(&im->refused[0]);
        idset_release(&im->refused[1]);
        free(im->abandoned);
        free(im->namesakes);
        buf_release(&im->last.id);
        free(im);
    }
}

void import_abort(struct import *im) {
    import_free(im);
}

enum status import_begin(struct store *s, const struct import_options *o, struct import **out, struct error *err) {
    *out = NULL;
    struct import *im = calloc(1, sizeof *im);
    if (!im) {
        return error_set(err, ERR_OS, "out of memory");
    }
    im->s = s;
    im->sql = s->sql;
    im->now = o->now;
    im->erased_key = o->erased_key;
    (void)snprintf(im->name, sizeof im->name, "source %.*s", STR_ARG(str_sub(o->source, 0, 50)));
    enum status st = sql_begin(s->sql, err);
    if (st == OK && (st = import_source(s, o->source, &im->source, err)) == OK) {
        st = article_max_arrival(s, &im->arrival, err);
    }
    if (st == OK && o->newsletter.ptr) {
        st = store_newsletter(s, o->newsletter, o->now, &im->newsletter, NULL, err);
    }
    if (st == OK) {
        sqlite3_stmt *q = statement_get(s, STMT_SOURCE_NEWSLETTER);
        sql_bind(q, "i", im->source);
        bind_or_null(q, 2, im->newsletter, 0);
        st = sql_run(s->sql, q, err);
    }
    if (st == OK) {
        int64_t any = 0;
        sqlite3_stmt *q = statement_get(s, STMT_REFUSED_ANY);
        sql_bind(q, "i", im->source);
        st = sql_run_int(s->sql, q, &any, err);
        im->any_refused = any != 0;
    }
    if (st == OK) {
        int64_t any = 0;
        st = sql_run_int(s->sql, statement_get(s, STMT_SUPPRESSION_ANY), &any, err);
        im->suppressed = any != 0;
    }
    if (st == OK && im->erased_key) {
        st = suppression_any_erased(s, &im->erased, err);
    }
    if (st == OK) {
        sqlite3_stmt *q = statement_get(s, STMT_PERSON_COUNT);
        sql_bind(q, "i", im->source);
        st = sql_run_int(s->sql, q, &im->people_before, err);
    }
    if (st != OK) {
        import_free(im);
        return st;
    }
    *out = im;
    return OK;
}

/* Looks up row ID. *target is 0 when it is not known. */
static enum status look_up(struct import *im, enum import_kind kind, struct str id, int64_t *target, int64_t *hash,
                           bool *gone, bool *arrived, struct error *err) {
    bool row;
    if (im->last.valid && im->last.kind == kind && str_eq(buf_str(&im->last.id), id)) {
        *target = im->last.target;
        *hash = im->last.hash;
        *gone = im->last.gone;
        *arrived = im->last.arrived;
        return OK;
    }
    im->last.valid = false;
    sqlite3_stmt *q = statement_get(im->s, kind == IMPORT_ARTICLE ? STMT_ARTICLE_KNOWN : STMT_PERSON_KNOWN);
    sql_bind(q, "i", im->source);
    if (kind == IMPORT_SUBSCRIBER) {
        bind_id(q, 2, id);
    } else {
        sql_bind(q, "iS", im->source, id);
    }
    *target = 0;
    *hash = 0;
    *gone = false;
    *arrived = false;
    enum status st = sql_step(im->sql, q, &row, err);
    if (st == OK && row) {
        *target = sql_int(q, 0);
        *hash = sql_int(q, 1);
        *gone = sql_int(q, 2) != 0;
        *arrived = kind == IMPORT_ARTICLE && sql_int(q, 3) != 0;
        (void)sqlite3_reset(q);
    }
    if (st == OK) {
        buf_clear(&im->last.id);
        buf_add(&im->last.id, id);
        im->last.kind = kind;
        im->last.target = *target;
        im->last.hash = *hash;
        im->last.gone = *gone;
        im->last.arrived = *arrived;
        im->last.valid = !im->last.id.failed;
    }
    return st;
}

enum status import_known(struct import *im, enum import_kind kind, struct str id, int64_t hash, bool *known,
                         struct error *err) {
    int64_t target;
    int64_t old = 0;
    bool gone;
    bool arrived;
    struct idset *seen = kind == IMPORT_ARTICLE ? &im->articles : &im->people;
    *known = false;
    enum status st = look_up(im, kind, id, &target, &old, &gone, &arrived, err);
    if (st == OK && target && old == hash && !gone && !idset_has(seen, target)) {
        *known = true;
        im->done[kind][IMPORT_UNCHANGED]++;
        st = idset_add(seen, target, err);
    }
    return st;
}

static enum status drop_refused(struct import *im, enum import_kind kind, struct str id, struct error *err) {
    if (!im->any_refused) {
        return OK;
    }
    sqlite3_stmt *q = statement_get(im->s, STMT_REFUSED_DROP);
    sql_bind(q, "iiS", im->source, (int64_t)kind, id);
    return sql_run(im->sql, q, err);
}

static enum status add_id(int64_t **list, size_t *n, size_t *cap, int64_t id, struct error *err) {
    if (*n == *cap) {
        size_t more_cap = *cap ? *cap * 2 : 64;
        int64_t *more = realloc(*list, more_cap * sizeof *more);
        if (!more) {
            return error_set(err, ERR_OS, "out of memory");
        }
        *list = more;
        *cap = more_cap;
    }
    (*list)[(*n)++] = id;
    return OK;
}

static enum status abandon(struct import *im, int64_t subscriber, struct error *err) {
    return add_id(&im->abandoned, &im->abandoned_n, &im->abandoned_cap, subscriber, err);
}

static enum status is_suppressed(struct import *im, struct str key, bool *yes, struct error *err) {
    *yes = false;
    if (!im->suppressed) {
        return OK; /* a first import asks a million times */
    }
    sqlite3_stmt *q = statement_get(im->s, STMT_SUPPRESSION_GET);
    sql_bind(q, "S", key);
    enum status st = sql_step(im->sql, q, yes, err);
    (void)sqlite3_reset(q);
    return st;
}

static enum status is_erased(struct import *im, struct str key, bool *erased, struct error *err) {
    char hashed[SUPPRESSION_ERASED_SIZE];
    *erased = false;
    if (!im->erased) {
        return OK;
    }
    suppression_erased_key(im->erased_key, key, hashed);
    return is_suppressed(im, str_from(hashed), erased, err);
}

static enum status run_drop(struct import *im, enum statement which, struct str id, int64_t subscriber,
                            struct error *err) {
    sqlite3_stmt *q = statement_get(im->s, which);
    sql_bind(q, "ini", im->source, subscriber);
    bind_id(q, 2, id);
    return sql_run(im->sql, q, err);
}

static enum status insert_person(struct import *im, const struct import_person *p, int64_t *id, struct error *err) {
    bool suppressed;
    enum status st = is_suppressed(im, p->key, &suppressed, err);
    if (st != OK) {
        return st;
    }
    sqlite3_stmt *q = statement_get(im->s, STMT_IMPORT_INSERT);
    sql_bind(q, "SSSSSnSSii", p->email, p->key, p->name, p->given_name, p->language, p->timezone, p->attributes,
             im->now, (int64_t)(suppressed ? SUBSCRIBER_SUPPRESSED : SUBSCRIBER_ACTIVE));
    bind_or_null(q, 6, p->format, READER_ANY);
    st = sql_run(im->sql, q, err);
    *id = sqlite3_last_insert_rowid(sql_handle(im->sql));
    return st;
}

static enum status update_person(struct import *im, const struct import_person *p, int64_t id, bool *changed,
                                 struct error *err) {
    sqlite3_stmt *q = statement_get(im->s, STMT_IMPORT_UPDATE);
    sql_bind(q, "iiSSSnSSi", id, (int64_t)p->told, p->name, p->given_name, p->language, p->timezone, p->attributes,
             im->now);
    bind_or_null(q, 6, p->format, READER_ANY);
    enum status st = sql_run(im->sql, q, err);
    *changed = *changed || (st == OK && statement_changes(im->s) > 0);
    return st;
}

static enum status move_person(struct import *im, const struct import_person *p, int64_t id, bool *moved,
                               struct error *err) {
    sqlite3_stmt *q = statement_get(im->s, STMT_IMPORT_MOVE);
    sql_bind(q, "iSSi", id, p->email, p->key, im->now);
    enum status st = sql_run(im->sql, q, err);
    *moved = st == OK && statement_changes(im->s) > 0;
    return st;
}

/* An address that reader or administrator set stays, and the row goes on meaning that person. */
static enum status keeps_address(struct import *im, int64_t id, bool *keeps, struct error *err) {
    int64_t own = 0;
    sqlite3_stmt *q = statement_get(im->s, STMT_IMPORT_OWN_ADDRESS);
    sql_bind(q, "i", id);
    enum status st = sql_run_int(im->sql, q, &own, err);
    *keeps = own != 0;
    return st;
}

static enum status subscribe(struct import *im, const struct import_person *p, int64_t id, bool created, bool *changed,
                             struct error *err) {
    sqlite3_stmt *q = statement_get(im->s, created ? STMT_IMPORT_JOIN : STMT_IMPORT_SUBSCRIBE);
    sql_bind(q, "iiiiinSn", im->newsletter, id, im->now, im->arrival, im->source, p->topics);
    if (q && !created) {
        (void)sqlite3_bind_int64(q, 9, p->told);
    }
    bind_or_null(q, 10, p->told & IMPORT_BODY ? p->body : BODY_DEFAULT, BODY_DEFAULT);
    bind_or_null(q, 6, p->cadence, CADENCE_DEFAULT);
    bind_or_null(q, 8, p->joined_at, INT64_MIN);
    enum status st = sql_run(im->sql, q, err);
    *changed = *changed || (st == OK && statement_changes(im->s) > 0);
    return st;
}

static enum status put_person(struct import *im, const struct import_person *p, int64_t id, bool known,
                              struct error *err) {
    sqlite3_stmt *q = statement_get(im->s, known ? STMT_PERSON_PUT : STMT_PERSON_ADD);
    sql_bind(q, "inii", im->source, id, p->hash);
    bind_id(q, 2, p->id);
    return sql_run(im->sql, q, err);
}

enum status import_person(struct import *im, const struct import_person *p, enum import_result *result,
                          struct error *err) {
    int64_t old;
    int64_t hash;
    int64_t target = 0;
    bool gone;
    bool unused;
    bool created = false;
    bool changed = false;
    enum status st = look_up(im, IMPORT_SUBSCRIBER, p->id, &old, &hash, &gone, &unused, err);
    im->last.valid = false; /* written below */
    if (st != OK || (st = drop_refused(im, IMPORT_SUBSCRIBER, p->id, err)) != OK) {
        return st;
    }
    sqlite3_stmt *q = statement_get(im->s, STMT_IMPORT_BY_KEY);
    sql_bind(q, "S", p->key);
    if ((st = sql_run_int(im->sql, q, &target, err)) != OK) {
        return st;
    }
    bool other = old && old != target && !gone; /* the row meant somebody else until now */
    if (target && idset_has(&im->people, target)) {
        *result = IMPORT_DUPLICATE;
        if (other && (st = abandon(im, old, err)) != OK) {
            return st;
        }
        return old ? run_drop(im, STMT_PERSON_DROP, p->id, 0, err) : OK;
    }
    if (target) {
        if (other && (st = abandon(im, old, err)) != OK) {
            return st;
        }
        if (old != target) {
            st = run_drop(im, STMT_PERSON_OTHERS, p->id, target, err);
        }
    } else {
        bool erased;
        if ((st = is_erased(im, p->key, &erased, err)) != OK || erased) {
            *result = IMPORT_ERASED;
            return st;
        }
        /* an id that was gone may have been given to somebody else since */
        if (old && !gone && !idset_has(&im->people, old)) {
            bool moved;
            bool keeps = false;
            if ((st = move_person(im, p, old, &moved, err)) == OK && !moved) {
                st = keeps_address(im, old, &keeps, err);
            }
            target = moved || keeps ? old : 0;
            changed = moved;
        }
        if (st == OK && !target) {
            created = true;
            st = insert_person(im, p, &target, err);
        }
    }
    if (st == OK && !created) {
        st = update_person(im, p, target, &changed, err);
    }
    if (st == OK && im->newsletter) {
        st = subscribe(im, p, target, created, &changed, err);
    }
    if (st != OK || (st = put_person(im, p, target, old != 0, err)) != OK) {
        return st;
    }
    *result = created ? IMPORT_NEW : changed ? IMPORT_CHANGED : IMPORT_UNCHANGED;
    im->done[IMPORT_SUBSCRIBER][*result]++;
    return idset_add(&im->people, target, err);
}

enum status import_article(struct import *im, const struct import_row *r, enum import_result *result, bool *arrives,
                           struct error *err) {
    int64_t id;
    int64_t hash;
    bool gone;
    bool arrived;
    enum status st = look_up(im, IMPORT_ARTICLE, r->id, &id, &hash, &gone, &arrived, err);
    im->last.valid = false; /* written below */
    if (st != OK || (st = drop_refused(im, IMPORT_ARTICLE, r->id, err)) != OK) {
        return st;
    }
    sqlite3_stmt *q = statement_get(im->s, id ? STMT_ARTICLE_UPDATE : STMT_ARTICLE_INSERT);
    sql_bind(q, "iSiSSnnSSSSSiSS", im->source, r->id, r->hash, r->title, r->url, r->language, r->author, r->topic,
             r->summary, r->body, (int64_t)r->format, r->image_url, r->image_alt);
    bind_or_null(q, 6, r->published_at, INT64_MIN);
    bind_or_null(q, 7, r->updated_at, INT64_MIN);
    if (q && !id) {
        (void)sqlite3_bind_int64(q, 16, im->now);
    }
    if ((st = sql_run(im->sql, q, err)) != OK) {
        return st;
    }
    *result = id ? IMPORT_CHANGED : IMPORT_NEW;
    *arrives = !arrived;
    im->done[IMPORT_ARTICLE][*result]++;
    return idset_add(&im->articles, id ? id : sqlite3_last_insert_rowid(sql_handle(im->sql)), err);
}

enum status import_namesake(struct import *im, struct str url, int64_t before, struct error *err) {
    int64_t id = 0;
    sqlite3_stmt *q = statement_get(im->s, STMT_ARTICLE_NAMESAKE);
    sql_bind(q, "Sii", url, im->source, before);
    enum status st = sql_run_int(im->sql, q, &id, err);
    for (size_t i = 0; i < im->namesakes_n && id; i++) {
        id = im->namesakes[i] == id ? 0 : id; /* several with one address say nothing */
    }
    return st == OK && id && im->namesakes_n < NAMESAKES_MAX
               ? add_id(&im->namesakes, &im->namesakes_n, &im->namesakes_cap, id, err)
               : st;
}

enum status import_refuse(struct import *im, enum import_kind kind, struct str id, int64_t hash, struct str reason,
                          bool *fresh, struct error *err) {
    int64_t target;
    int64_t n = 0;
    int64_t unused;
    bool gone;
    bool arrived;
    bool row;
    enum status st = look_up(im, kind, id, &target, &unused, &gone, &arrived, err);
    if (st == OK && target && !gone) {
        st = idset_add(kind == IMPORT_ARTICLE ? &im->articles : &im->people, target, err);
    }
    if (st != OK) {
        return st;
    }
    sqlite3_stmt *q = statement_get(im->s, STMT_REFUSED_KNOWN);
    sql_bind(q, "iiS", im->source, (int64_t)kind, id);
    *fresh = true;
    if ((st = sql_step(im->sql, q, &row, err)) != OK) {
        return st;
    }
    if (row) {
        n = sql_int(q, 0);
        *fresh = sql_int(q, 1) != hash || !str_eq(sql_str(q, 2), reason);
        (void)sqlite3_reset(q);
    }
    if (*fresh) {
        im->any_refused = true;
        q = statement_get(im->s, STMT_REFUSED_PUT);
        sql_bind(q, "iiSiS", im->source, (int64_t)kind, id, hash, reason);
        if ((st = sql_step(im->sql, q, &row, err)) == OK && row) {
            n = sql_int(q, 0);
            st = sql_run(im->sql, q, err);
        }
    }
    return st == OK ? idset_add(&im->refused[kind], n, err) : st;
}

static enum status write_audit(struct import *im, struct error *err) {
    char detail[200];
    const int64_t(*d)[4] = (const int64_t(*)[4])im->done;
    if (!d[0][IMPORT_NEW] && !d[0][IMPORT_CHANGED] && !d[1][IMPORT_NEW] && !d[1][IMPORT_CHANGED] && !im->removed[0] &&
        !im->removed[1]) {
        return OK;
    }
    (void)snprintf(detail, sizeof detail,
                   "articles: %lld new, %lld changed, %lld withdrawn; people: %lld new, %lld changed, %lld removed",
                   (long long)d[0][IMPORT_NEW], (long long)d[0][IMPORT_CHANGED], (long long)im->removed[0],
                   (long long)d[1][IMPORT_NEW], (long long)d[1][IMPORT_CHANGED], (long long)im->removed[1]);
    return audit_add(im->s, im->now, im->name, "sync", 0, str_from(detail), err);
}

enum status import_commit(struct import *im, struct str stamp, struct error *err) {
    struct sql *sql = im->sql;
    enum status st = articles_arrive(im->s, im->now, NULL, err);
    if (st == OK && (st = write_audit(im, err)) == OK) {
        sqlite3_stmt *q = statement_get(im->s, STMT_SOURCE_APPLIED);
        sql_bind(q, "isiii", im->source, stamp, im->now, im->people.count, im->articles.count);
        if ((st = sql_run(sql, q, err)) == OK) {
            st = sql_commit(sql, err);
        }
    }
    import_free(im); /* rolls back what was not committed */
    if (st == OK) {
        sql_checkpoint_if_large(sql);
    }
    return st;
}
