#include "store/roll.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/article.h"
#include "store/event.h"
#include "store/statement.h"

struct roll {
    struct store *s;
    struct sql *sql;
    struct roll_options o;
    int64_t arrival;
    bool suppressed, erased; /* there are such addresses to look for */
    int64_t done[4];         /* by result, for the audit log */
    struct arena *arena;     /* for one row */
    int64_t record;          /* of consent, for all whom the list brings; 0: not made yet */
    struct {                 /* the last record of another import's, that a list of ours told */
        struct buf text;
        int64_t id;
    } other;
};

static void roll_free(struct roll *r) {
    if (r) {
        sql_rollback(r->sql);
        (void)sql_exec(r->sql, "PRAGMA foreign_keys = ON", NULL);
        arena_free(r->arena);
        buf_release(&r->other.text);
        free(r);
    }
}

void roll_abort(struct roll *r) {
    roll_free(r);
}

enum status roll_begin(struct store *s, const struct roll_options *o, struct roll **out, struct error *err) {
    struct roll *r = calloc(1, sizeof *r);
    int64_t any = 0;
    *out = NULL;
    if (!r || !(r->arena = arena_new())) {
        free(r);
        return error_set(err, ERR_OS, "out of memory");
    }
    r->s = s;
    r->sql = s->sql;
    r->o = *o;
    /* every row named below was found or made in this very transaction; looking again costs a quarter of its time */
    enum status st = sql_exec(s->sql, "PRAGMA foreign_keys = OFF", err);
    if (st == OK && (st = sql_begin(s->sql, err)) == OK && (st = article_max_arrival(s, &r->arrival, err)) == OK &&
        (st = sql_run_int(s->sql, statement_get(s, STMT_SUPPRESSION_ANY), &any, err)) == OK) {
        r->suppressed = any != 0;
        st = suppression_any_erased(s, &r->erased, err);
    }
    if (st != OK) {
        roll_free(r);
        return st;
    }
    *out = r;
    return OK;
}

static enum status is_suppressed(struct roll *r, struct str key, bool *yes, struct error *err) {
    *yes = false;
    if (!r->suppressed) {
        return OK;
    }
    sqlite3_stmt *q = statement_get(r->s, STMT_SUPPRESSION_GET);
    sql_bind(q, "S", key);
    enum status st = sql_step(r->sql, q, yes, err);
    (void)sqlite3_reset(q);
    return st;
}

static enum status is_erased(struct roll *r, struct str key, bool *erased, struct error *err) {
    char hashed[SUPPRESSION_ERASED_SIZE];
    *erased = false;
    if (!r->erased || !r->o.erased_key) {
        return OK;
    }
    suppression_erased_key(r->o.erased_key, key, hashed);
    return is_suppressed(r, str_from(hashed), erased, err);
}

static void bind_unless(sqlite3_stmt *q, int param, int64_t v, int64_t absent) {
    if (q && v != absent) {
        (void)sqlite3_bind_int64(q, param, v);
    }
}

/* *id is 0 when somebody has the address already. */
static enum status insert_person(struct roll *r, const struct roll_row *p, int64_t *id, struct error *err) {
    bool suppressed;
    *id = 0;
    enum status st = is_suppressed(r, p->key, &suppressed, err);
    if (st != OK) {
        return st;
    }
    sqlite3_stmt *q = statement_get(r->s, STMT_ROLL_INSERT);
    sql_bind(q, "SSSSSnSSii", p->email, p->key, p->name, p->given_name, p->language, p->timezone, p->attributes,
             r->o.now, (int64_t)(suppressed ? SUBSCRIBER_SUPPRESSED : SUBSCRIBER_ACTIVE));
    bind_unless(q, 6, p->format, READER_ANY);
    st = sql_run(r->sql, q, err);
    if (st == OK && statement_changes(r->s) > 0) {
        *id = sqlite3_last_insert_rowid(sql_handle(r->sql));
    }
    return st;
}

/* Whether what the list tells shall stand where HAS (whether anything) is; OWN: it was set by hand. */
static bool takes(const struct roll *r, bool tells, bool has, bool own) {
    return tells && (r->o.conflict == ROLL_UPDATE ? !own : r->o.conflict == ROLL_FILL && !has && !own);
}

static bool take_str(const struct roll *r, struct str told, bool own, struct str *is) {
    if (!takes(r, told.ptr != NULL, is->ptr != NULL, own) || str_eq(told, *is)) {
        return false;
    }
    *is = told;
    return true;
}

static bool take_int(const struct roll *r, bool tells, int64_t told, int64_t absent, bool own, int64_t *is) {
    if (!takes(r, tells, *is != absent, own) || told == *is) {
        return false;
    }
    *is = told;
    return true;
}

/* Attributes one by one: the list's over ours, or only those that we have not. */
static bool take_attributes(const struct roll *r, struct str told, bool own, struct str *is) {
    if (!told.ptr || r->o.conflict == ROLL_KEEP || own || str_eq(told, *is)) {
        return false;
    }
    json_t *ours = is->ptr ? json_loadb(is->ptr, is->len, 0, NULL) : json_object();
    json_t *theirs = json_loadb(told.ptr, told.len, 0, NULL);
    json_t *was = json_copy(ours);
    bool changed = false;
    if (ours && theirs) {
        (void)(r->o.conflict == ROLL_UPDATE ? json_object_update(ours, theirs)
                                            : json_object_update_missing(ours, theirs));
        changed = !json_equal(ours, was);
        char *text = changed ? json_dumps(ours, JSON_COMPACT) : NULL;
        if (text) {
            *is = arena_str(r->arena, str_from(text));
        }
        changed = text != NULL;
        free(text);
    }
    json_decref(ours);
    json_decref(theirs);
    json_decref(was);
    return changed;
}

/* The person as known, and what was set of it by hand. */
static enum status known_person(struct roll *r, struct str key, struct subscriber *p, int64_t *own, bool *found,
                                struct error *err) {
    sqlite3_stmt *q = statement_get(r->s, STMT_ROLL_KNOWN);
    sql_bind(q, "S", key);
    enum status st = sql_step(r->sql, q, found, err);
    if (st == OK && *found) {
        statement_subscriber(q, r->arena, p);
        *own = sql_int(q, 14);
        (void)sqlite3_reset(q);
    }
    return st;
}

static enum status update_person(struct roll *r, const struct roll_row *x, int64_t *id, bool *changed,
                                 struct error *err) {
    struct subscriber p;
    int64_t own = 0;
    bool found;
    enum status st = known_person(r, x->key, &p, &own, &found, err);
    if (st != OK || !found) {
        return st != OK ? st : error_set(err, ERR_SOFTWARE, "an address is there and is not");
    }
    int64_t format = p.format;
    bool did = take_str(r, x->name, own & IMPORT_NAME, &p.name);
    did = take_str(r, x->given_name, own & IMPORT_GIVEN_NAME, &p.given_name) || did;
    did = take_str(r, x->language, own & IMPORT_LANGUAGE, &p.language) || did;
    did = take_str(r, x->timezone, own & IMPORT_TIMEZONE, &p.timezone) || did;
    did = take_attributes(r, x->attributes, own & IMPORT_ATTRIBUTES, &p.attributes) || did;
    did = take_int(r, x->format != READER_ANY, x->format, READER_ANY, own & IMPORT_FORMAT, &format) || did;
    *id = p.id;
    if (did) {
        sqlite3_stmt *q = statement_get(r->s, STMT_ROLL_PERSON);
        sql_bind(q, "iSSSnSSi", p.id, p.name, p.given_name, p.language, p.timezone, p.attributes, r->o.now);
        bind_unless(q, 5, format, READER_ANY);
        st = sql_run(r->sql, q, err);
    }
    *changed = *changed || did;
    return st;
}

/* What the subscription rests on: the record *SHARED, 0 when the person has one of its own. */
static enum status record_consent(struct roll *r, const struct roll_row *x, int64_t id, int64_t *shared,
                                  struct error *err) {
    struct consent c = x->consent;
    enum status st = OK;
    *shared = r->record;
    c.newsletter = x->newsletter;
    c.at = c.at ? c.at : r->o.now;
    if (!c.how.ptr && !c.answered_at) {
        c = (struct consent){
            .how = STR("import"), .origin = r->o.origin, .actor = str_from(r->o.actor), .at = r->o.now};
        if (!r->record && (st = consent_add(r->s, &c, &r->record, err)) == OK) {
            *shared = r->record;
        }
        return st;
    }
    if (!c.how.ptr) { /* another service's double opt-in */
        c.how = STR("import");
        c.origin = r->o.origin;
    }
    c.actor = c.actor.ptr ? c.actor : str_from(r->o.actor);
    if (!str_eq(c.how, STR("import")) || c.answered_at) {
        c.subscriber = id;
        *shared = 0;
        return consent_add(r->s, &c, &id, err);
    }
    struct str key = arena_printf(r->arena, "%.*s\n%.*s\n%lld", STR_ARG(c.origin), STR_ARG(c.actor), (long long)c.at);
    if (!str_eq(key, buf_str(&r->other.text))) {
        c.newsletter = 0; /* that import's people may have joined several */
        st = consent_add(r->s, &c, &r->other.id, err);
        buf_clear(&r->other.text);
        buf_add(&r->other.text, key);
    }
    *shared = r->other.id;
    return st;
}

static enum status join(struct roll *r, const struct roll_row *x, int64_t id, struct error *err) {
    const struct preferences *p = &x->preferences;
    int64_t consent = 0;
    enum status st = record_consent(r, x, id, &consent, err);
    if (st != OK) {
        return st;
    }
    sqlite3_stmt *q = statement_get(r->s, STMT_ROLL_JOIN);
    sql_bind(q, "iiiinSSnnnin", x->newsletter, id, (int64_t)x->status,
             x->status_at == INT64_MIN ? r->o.now : x->status_at, p->told & PREFER_TOPICS ? p->topics : STR_NONE,
             p->told & PREFER_LANGUAGE ? p->language : STR_NONE, r->o.now);
    bind_unless(q, 5, p->told & PREFER_CADENCE ? p->cadence : CADENCE_DEFAULT, CADENCE_DEFAULT);
    bind_unless(q, 8, p->told & PREFER_FORMAT ? p->format : READER_ANY, READER_ANY);
    bind_unless(q, 9, p->told & PREFER_BODY ? p->body : BODY_DEFAULT, BODY_DEFAULT);
    bind_unless(q, 10, x->status == SUBSCRIPTION_PAUSED ? x->paused_until : INT64_MIN, INT64_MIN);
    if (q) {
        (void)sqlite3_bind_int64(q, 12, r->arrival);
    }
    bind_unless(q, 13, x->joined_at, INT64_MIN);
    bind_unless(q, 14, consent, 0);
    return sql_run(r->sql, q, err);
}

/* What becomes of a subscription that stands at OLD. */
static enum subscription_status next_status(const struct roll *r, enum subscription_status old,
                                            enum subscription_status told) {
    if (told == SUBSCRIPTION_LEFT) {
        return told; /* who left elsewhere must not go on getting it here */
    }
    if (r->o.conflict != ROLL_KEEP && told == SUBSCRIPTION_ACTIVE &&
        (old == SUBSCRIPTION_PENDING || old == SUBSCRIPTION_REMOVED)) {
        return told;
    }
    return r->o.conflict == ROLL_UPDATE && told == SUBSCRIPTION_PAUSED && old == SUBSCRIPTION_ACTIVE ? told : old;
}

static enum status update_subscription(struct roll *r, const struct roll_row *x, int64_t id, bool *changed, bool *stays,
                                       struct error *err) {
    bool there;
    sqlite3_stmt *q = statement_get(r->s, STMT_ROLL_SUBSCRIPTION);
    sql_bind(q, "ii", x->newsletter, id);
    enum status st = sql_step(r->sql, q, &there, err);
    if (st != OK || !there) {
        *changed = *changed || st == OK;
        return st != OK ? st : join(r, x, id, err);
    }
    const struct preferences *p = &x->preferences;
    enum subscription_status old = (enum subscription_status)sql_int(q, 0);
    enum subscription_status next = next_status(r, old, x->status);
    struct str topics = statement_text(q, 1, r->arena), language = statement_text(q, 2, r->arena);
    int64_t cadence = statement_int_or(q, 3, CADENCE_DEFAULT), format = statement_int_or(q, 4, READER_ANY);
    int64_t body = statement_int_or(q, 5, BODY_DEFAULT), joined = statement_int_or(q, 6, INT64_MIN);
    int64_t own = sql_int(q, 7);
    (void)sqlite3_reset(q);
    bool did = next != old;
    did = take_str(r, p->told & PREFER_TOPICS ? p->topics : STR_NONE, own & PREFER_TOPICS, &topics) || did;
    did = take_str(r, p->told & PREFER_LANGUAGE ? p->language : STR_NONE, own & PREFER_LANGUAGE, &language) || did;
    did = take_int(r, p->told & PREFER_CADENCE, p->cadence, CADENCE_DEFAULT, own & PREFER_CADENCE, &cadence) || did;
    did = take_int(r, p->told & PREFER_FORMAT, p->format, READER_ANY, own & PREFER_FORMAT, &format) || did;
    did = take_int(r, p->told & PREFER_BODY, p->body, BODY_DEFAULT, own & PREFER_BODY, &body) || did;
    did = take_int(r, x->joined_at != INT64_MIN, x->joined_at, INT64_MIN, false, &joined) || did;
    *stays = old == SUBSCRIPTION_LEFT && x->status == SUBSCRIPTION_ACTIVE;
    if (!did) {
        return OK;
    }
    *changed = true;
    q = statement_get(r->s, STMT_ROLL_CHANGE);
    sql_bind(q, "iiiSSnnnni", x->newsletter, id, (int64_t)next, topics, language, r->o.now);
    bind_unless(q, 6, cadence, CADENCE_DEFAULT);
    bind_unless(q, 7, format, READER_ANY);
    bind_unless(q, 8, body, BODY_DEFAULT);
    bind_unless(q, 9, joined, INT64_MIN);
    if (q) {
        (void)sqlite3_bind_int64(q, 11, next == SUBSCRIPTION_ACTIVE && old == SUBSCRIPTION_PENDING);
        (void)sqlite3_bind_int64(q, 12, r->arrival);
    }
    bind_unless(q, 13, next != old && next == SUBSCRIPTION_PAUSED ? x->paused_until : INT64_MIN, INT64_MIN);
    return sql_run(r->sql, q, err);
}

static enum status suppress(struct roll *r, const struct roll_row *x, bool *added, struct error *err) {
    struct suppression what = x->suppression;
    what.key = x->key;
    what.at = what.at ? what.at : r->o.now;
    enum status st = suppression_add(r->s, &what, r->o.actor, added, err);
    r->suppressed = true;
    r->erased = r->erased || what.reason == SUPPRESSION_ERASED;
    return st;
}

enum status roll_take(struct roll *r, const struct roll_row *x, enum roll_result *result, bool *stays,
                      struct error *err) {
    int64_t id = 0;
    bool erased = false, changed = false, left = false, added = false;
    enum status st = OK;
    arena_reset(r->arena);
    if (x->email.ptr && (st = is_erased(r, x->key, &erased, err)) == OK && erased) {
        *result = ROLL_ERASED;
    } else if (st == OK && x->only) {
        st = suppress(r, x, &added, err);
        *result = added ? ROLL_ADDED : ROLL_UNCHANGED;
    } else if (st == OK && (st = insert_person(r, x, &id, err)) == OK) {
        *result = ROLL_ADDED;
        if (id && x->newsletter) {
            st = join(r, x, id, err);
        } else if (!id) {
            if ((st = update_person(r, x, &id, &changed, err)) == OK && x->newsletter) {
                st = update_subscription(r, x, id, &changed, &left, err);
            }
            *result = ROLL_UNCHANGED;
        }
        if (st == OK && x->suppressed) {
            st = suppress(r, x, &added, err);
            changed = changed || added;
        }
        if (*result == ROLL_UNCHANGED && changed) {
            *result = ROLL_UPDATED;
        }
    }
    if (st == OK) {
        r->done[*result]++;
    }
    if (stays) {
        *stays = left;
    }
    return st;
}

enum status roll_commit(struct roll *r, struct error *err) {
    char detail[120];
    struct sql *sql = r->sql;
    (void)snprintf(detail, sizeof detail, "%lld added, %lld changed, %lld as before", (long long)r->done[ROLL_ADDED],
                   (long long)r->done[ROLL_UPDATED], (long long)r->done[ROLL_UNCHANGED]);
    enum status st = OK;
    if (r->done[ROLL_ADDED] || r->done[ROLL_UPDATED]) {
        st = audit_add(r->s, r->o.now, r->o.actor, "import", 0, str_from(detail), err);
    }
    if (st == OK) {
        st = sql_commit(sql, err);
    }
    roll_free(r); /* rolls back what was not committed */
    if (st == OK) {
        sql_checkpoint_if_large(sql);
    }
    return st;
}
