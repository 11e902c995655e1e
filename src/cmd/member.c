#include "cmd/member.h"

#include "base/log.h"
#include "cmd/batch.h"
#include "cmd/domains.h"
#include "cmd/fields.h"
#include "cmd/find.h"
#include "cmd/invite.h"
#include "cmd/person.h"
#include "dispatch/people.h"
#include "store/consent.h"
#include "store/person.h"

enum { ERRORS_MAX = 1000 };

/* What became of the people named, one after another. */
struct tally {
    int64_t added, updated, unchanged, refused;
    json_t *errors;
};

static void refuse(struct tally *t, struct str word, const char *reason) {
    t->refused++;
    log_error("%.*s: %s", STR_ARG(word), reason);
    if (json_array_size(t->errors) < ERRORS_MAX) {
        json_t *o = json_object();
        table_json_set(o, "address", table_json_str(word));
        table_json_set(o, "reason", table_json_str(str_from(reason)));
        (void)json_array_append_new(t->errors, o);
    }
}

static enum status finish(struct context *c, struct batch *b, struct tally *t, enum status st, struct error *err) {
    static const struct table_column columns[] = {
        {"added", 0}, {"updated", 0}, {"unchanged", 0}, {"refused", 0}, {"errors", TABLE_JSON_ONLY}};
    bool refused = t->refused > 0;
    if (st == OK && (c->line->json || c->line->csv)) {
        table_object(c->out, columns, sizeof columns / sizeof *columns);
        table_int(c->out, t->added);
        table_int(c->out, t->updated);
        table_int(c->out, t->unchanged);
        table_int(c->out, t->refused);
        table_json(c->out, json_incref(t->errors), STR_NONE);
        table_row(c->out);
        st = table_end(c->out, err);
    }
    if (st == OK && b->dry) {
        context_say(c, "nothing was changed: --dry-run");
    }
    json_decref(t->errors);
    batch_release(b);
    return st == OK && refused ? ERR_DATA : st;
}

/* The newsletter that is meant: --newsletter, else the only one there is; NULL where there are several. */
static enum status newsletter(struct context *c, bool only, const char **name, int64_t *id, struct error *err) {
    const struct config_newsletter *known;
    *name = context_value(c, "newsletter");
    *id = 0;
    if (!*name && only && c->config->newsletters_n == 1) {
        *name = c->config->newsletters[0].name;
    }
    if (!*name) {
        return OK;
    }
    enum status st = context_newsletter(c, *name, &known, err);
    return st == OK ? store_newsletter(c->site->store, str_from(*name), context_now(c), id, NULL, err) : st;
}

/* ---- add ---- */

struct adding {
    const char *newsletter;
    int64_t newsletter_id;
    struct fields fields;
    struct mx *mx; /* NULL: no domain is asked about */
};

/* Whether SUBSCRIBER left the newsletter: nobody is brought back unasked. */
static enum status has_left(struct context *c, const struct adding *x, int64_t id, bool *left, struct error *err) {
    struct subscription s;
    bool found;
    enum status st = subscription_get(c->site->store, x->newsletter_id, id, c->arena, &found, &s, err);
    *left = st == OK && found && s.status == SUBSCRIPTION_LEFT;
    return st;
}

static enum status add_one(struct context *c, struct adding *x, struct str word, struct tally *t, struct error *err) {
    struct address address;
    struct str name, why;
    struct subscriber person;
    struct error reason = {0};
    bool found = false, left = false, set = false, joined = false;
    int64_t now = context_now(c);
    struct store *s = c->site->store;
    struct person_fields f = x->fields.person;
    enum status st;
    bool named = str_find(word, '<', 0) < word.len || str_starts(word, STR("\""));
    name = STR_NONE;
    if ((named ? mailbox_parse(word, c->arena, &name, &address, &reason)
               : address_parse(word, c->arena, &address, &reason)) != OK) {
        refuse(t, word, reason.text);
        return OK;
    }
    if (name.ptr && !(f.told & IMPORT_NAME)) { /* "Name <address>" */
        f.name = fields_line(c, name);
        f.told |= IMPORT_NAME;
    }
    if ((st = people_barred(c->site, &address, c->arena, &why, err)) != OK ||
        (st = subscriber_by_key(s, address.key, c->arena, &found, &person, err)) != OK) {
        return st;
    }
    if (why.ptr) {
        refuse(t, word, why.ptr);
        return OK;
    }
    if (found && x->newsletter_id && (st = has_left(c, x, person.id, &left, err)) == OK && left && !c->line->force) {
        refuse(t, word, "has left that newsletter; --force signs up again who asked for it");
        return OK;
    }
    if (st == OK && (why = domains_refusal(x->mx, word, address.domain, c->arena)).ptr) {
        refuse(t, word, why.ptr);
        return OK;
    }
    if (st == OK && !found) {
        st = person_add(s, address.text, address.key, &f, c->site->actor, now, &person.id, err);
    } else if (st == OK && f.told) {
        st = person_set(s, person.id, &f, c->site->actor, now, &set, err);
    }
    if (st == OK && x->newsletter_id) {
        st = subscription_change(s, x->newsletter_id, person.id, SUBSCRIPTION_JOIN, c->site->actor, now, &joined, err);
        if (st == OK && joined) {
            const struct consent consent = {.subscriber = person.id,
                                            .newsletter = x->newsletter_id,
                                            .how = STR("by hand"),
                                            .actor = str_from(c->site->actor),
                                            .at = now};
            int64_t record;
            st = consent_add(s, &consent, &record, err);
        }
        if (st == OK) {
            st = fields_apply(c, &x->fields, person.id, x->newsletter_id, &set, err);
        }
    }
    if (!found) {
        t->added++;
    } else if (set || joined) {
        t->updated++;
    } else {
        t->unchanged++;
    }
    const char *near = address_near(address.domain);
    if (near) {
        log_warning("%.*s: is %s meant? It was taken as it is", STR_ARG(word), near);
    }
    return st;
}

enum status member_add_run(struct context *c, struct error *err) {
    struct adding x = {0};
    struct batch b = {0};
    struct tally t = {.errors = json_array()};
    struct str word;
    if (context_flag(c, "invite")) {
        json_decref(t.errors);
        return invite_add_run(c, err);
    }
    enum status st = newsletter(c, true, &x.newsletter, &x.newsletter_id, err);
    if (st == OK && (st = fields_read(c, x.newsletter, &x.fields, err)) == OK &&
        (st = batch_read(c, 0, &b, err)) == OK) {
        st = batch_confirm(c, (int64_t)b.n, "signs up", err);
    }
    if (st == OK && b.n > 1 && (x.fields.person.told & (IMPORT_NAME | IMPORT_GIVEN_NAME))) {
        st = error_set(err, ERR_USAGE, "a name is one person's; write \"Name <address>\" to add several");
    }
    if (st == OK) {
        st = domains_ask(c, &b, &x.mx, err);
    }
    while (st == OK && batch_next(&b, &word)) {
        struct arena *a = c->arena;
        c->arena = arena_new(); /* the options' values live in the other */
        if ((st = batch_step(c, &b, err)) == OK) {
            st = add_one(c, &x, word, &t, err);
        }
        arena_free(c->arena);
        c->arena = a;
    }
    st = batch_end(c, &b, st, err);
    if (st == OK && (t.added || t.updated || t.unchanged)) {
        struct buf said = BUF_INIT;
        buf_addf(&said, "%lld added%s%s", (long long)t.added, x.newsletter ? " to " : "",
                 x.newsletter ? x.newsletter : "");
        if (t.updated) {
            buf_addf(&said, ", %lld changed", (long long)t.updated);
        }
        if (t.unchanged) {
            buf_addf(&said, ", %lld as before", (long long)t.unchanged);
        }
        context_say(c, "%s", buf_cstr(&said));
        buf_release(&said);
    }
    mx_free(x.mx);
    return finish(c, &b, &t, st, err);
}

/* ---- set ---- */

struct setting {
    const char *newsletter;
    int64_t newsletter_id; /* 0: whatever they are subscribed to */
    struct fields fields;
    const char *email;
    bool merge;
};

/* Somebody who may be changed: of an erased or merged person only the number is left. */
static enum status find_living(struct context *c, struct str word, int64_t *id, struct error *err) {
    struct subscriber s;
    bool found = false;
    enum status st = person_find(c, word, id, err);
    if (st == OK && (st = subscriber_get(c->site->store, *id, c->arena, &found, &s, err)) == OK && found &&
        s.status >= SUBSCRIBER_ERASED) {
        st = s.status == SUBSCRIBER_ERASED ? error_set(err, ERR_NOINPUT, "%.*s: was erased", STR_ARG(word))
                                           : error_set(err, ERR_NOINPUT, "%.*s: is one with subscriber %lld",
                                                       STR_ARG(word), (long long)s.merged_into);
    }
    return st;
}

static enum status change_status(struct context *c, const struct setting *x, int64_t id, struct str word,
                                 struct tally *t, bool *changed, bool *refused, struct error *err) {
    struct subscription *rows;
    size_t n, done = 0;
    enum status st = subscription_list(c->site->store, id, c->arena, &rows, &n, err);
    for (size_t i = 0; st == OK && i < n; i++) {
        bool did = false;
        if (x->newsletter_id && rows[i].newsletter != x->newsletter_id) {
            continue;
        }
        if (x->fields.verb == SUBSCRIPTION_RESUME && rows[i].status == SUBSCRIPTION_LEFT) {
            continue; /* 'add --force' says so aloud */
        }
        done++;
        st = x->fields.verb == SUBSCRIPTION_PAUSE
                 ? subscription_pause(c->site->store, rows[i].newsletter, id, x->fields.until, c->site->actor,
                                      context_now(c), &did, err)
                 : subscription_change(c->site->store, rows[i].newsletter, id, x->fields.verb, c->site->actor,
                                       context_now(c), &did, err);
        *changed = *changed || did;
    }
    if (st == OK && done == 0) {
        *refused = true;
        refuse(t, word,
               x->fields.verb == SUBSCRIPTION_RESUME ? "has no subscription that could go on; who has left can be added"
                                                       " again with 'subscriber add --force'"
               : x->newsletter                       ? "has no subscription to that newsletter"
                                                     : "has no subscription");
    }
    return st;
}

static enum status set_one(struct context *c, struct setting *x, struct str word, bool dry, struct tally *t,
                           struct error *err) {
    int64_t id, merged = 0;
    bool changed = false, moved = false, refused = false;
    struct error why = {0};
    enum status st = find_living(c, word, &id, &why);
    if (st == ERR_NOINPUT || st == ERR_DATA || st == ERR_USAGE) {
        const char *colon = strstr(why.text, ": ");
        refuse(t, word, colon ? colon + 2 : why.text);
        return OK;
    }
    if (st != OK) {
        return error_set(err, st, "%s", why.text);
    }
    if (x->email) {
        struct address address;
        if (address_parse(str_from(x->email), c->arena, &address, &why) != OK) {
            return error_set(err, ERR_DATA, "--email: %s", why.text);
        }
        if ((st = people_move(c->site, id, &address, x->merge, dry, &moved, &merged, err)) != OK) {
            return st;
        }
    }
    if (x->fields.person.told) {
        st = person_set(c->site->store, id, &x->fields.person, c->site->actor, context_now(c), &changed, err);
    }
    if (st == OK && x->fields.has_verb) {
        st = change_status(c, x, id, word, t, &changed, &refused, err);
    }
    if (st == OK && !refused && x->fields.has_preferences) {
        struct subscription *rows;
        size_t n, done = 0;
        st = subscription_list(c->site->store, id, c->arena, &rows, &n, err);
        for (size_t i = 0; st == OK && i < n; i++) {
            if (!x->newsletter_id || rows[i].newsletter == x->newsletter_id) {
                done++;
                st = fields_apply(c, &x->fields, id, rows[i].newsletter, &changed, err);
            }
        }
        if (st == OK && done == 0) {
            refused = true;
            refuse(t, word, x->newsletter ? "has no subscription to that newsletter" : "has no subscription");
        }
    }
    if (merged) {
        context_say(c, "subscriber %lld is one with subscriber %lld now", (long long)merged, (long long)id);
    }
    if (!refused) {
        changed = changed || moved || merged;
        t->updated += changed;
        t->unchanged += !changed;
    }
    return st;
}

enum status member_set_run(struct context *c, struct error *err) {
    struct setting x = {.email = context_value(c, "email"), .merge = context_flag(c, "merge")};
    struct batch b = {0};
    struct tally t = {.errors = json_array()};
    struct str word;
    enum status st = newsletter(c, false, &x.newsletter, &x.newsletter_id, err);
    if (st == OK && (st = fields_read(c, x.newsletter, &x.fields, err)) == OK && !x.email && !x.fields.person.told &&
        !x.fields.has_verb && !x.fields.has_preferences) {
        st = error_set(err, ERR_USAGE, "what shall be set? 'courant subscriber set --help' names it");
    }
    if (st == OK && (st = batch_read(c, 0, &b, err)) == OK) {
        st = batch_confirm(c, (int64_t)b.n, "changes", err);
    }
    if (st == OK && x.email && b.n > 1) {
        st = error_set(err, ERR_USAGE, "--email is one person's");
    }
    while (st == OK && batch_next(&b, &word)) {
        struct arena *a = c->arena;
        c->arena = arena_new();
        if (x.email && !b.dry) {
            st = set_one(c, &x, word, false, &t, err); /* both databases, each in its own transaction */
        } else if ((st = batch_step(c, &b, err)) == OK) {
            st = set_one(c, &x, word, b.dry, &t, err);
        }
        arena_free(c->arena);
        c->arena = a;
    }
    st = batch_end(c, &b, st, err);
    if (st == OK && (t.updated || t.unchanged)) {
        context_say(c, "%lld changed%s", (long long)t.updated, t.unchanged ? "; the others were so already" : "");
    }
    return finish(c, &b, &t, st, err);
}

/* ---- remove ---- */

static enum status remove_one(struct context *c, int64_t newsletter_id, struct str word, struct tally *t,
                              struct error *err) {
    int64_t id;
    bool changed = false;
    struct subscription *rows;
    size_t n = 0, done = 0;
    struct error why = {0};
    enum status st = find_living(c, word, &id, &why);
    if (st == ERR_NOINPUT || st == ERR_DATA || st == ERR_USAGE) {
        const char *colon = strstr(why.text, ": ");
        refuse(t, word, colon ? colon + 2 : why.text);
        return OK;
    }
    if (st == OK) {
        st = subscription_list(c->site->store, id, c->arena, &rows, &n, &why);
    }
    for (size_t i = 0; st == OK && i < n; i++) {
        if (!newsletter_id || rows[i].newsletter == newsletter_id) {
            bool did = false;
            done++;
            st = subscription_change(c->site->store, rows[i].newsletter, id, SUBSCRIPTION_LEAVE, c->site->actor,
                                     context_now(c), &did, &why);
            changed = changed || did;
        }
    }
    if (st != OK) {
        return error_set(err, st, "%s", why.text);
    }
    if (done == 0) {
        refuse(t, word, newsletter_id ? "has no subscription to that newsletter" : "has no subscription");
    } else {
        t->updated += changed;
        t->unchanged += !changed;
    }
    return OK;
}

enum status member_remove_run(struct context *c, struct error *err) {
    const char *name;
    int64_t id;
    struct batch b = {0};
    struct tally t = {.errors = json_array()};
    struct str word;
    enum status st = newsletter(c, false, &name, &id, err);
    if (st == OK && (st = batch_read(c, 0, &b, err)) == OK) {
        st = batch_confirm(c, (int64_t)b.n, "removes", err);
    }
    while (st == OK && batch_next(&b, &word)) {
        arena_reset(c->arena);
        if ((st = batch_step(c, &b, err)) == OK) {
            st = remove_one(c, id, word, &t, err);
        }
    }
    st = batch_end(c, &b, st, err);
    if (st == OK && (t.updated || t.unchanged)) {
        context_say(c, "%lld left %s, for good whatever a source says%s", (long long)t.updated,
                    name ? name : "all newsletters", t.unchanged ? "; the others had left already" : "");
    }
    return finish(c, &b, &t, st, err);
}
