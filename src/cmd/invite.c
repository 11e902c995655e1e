#include "cmd/invite.h"

#include "base/log.h"
#include "cmd/batch.h"
#include "cmd/domains.h"
#include "cmd/fields.h"
#include "dispatch/invite.h"
#include "text/address.h"
#include "text/moment.h"

enum { ERRORS_MAX = 1000, TEXT_MAX = 1 << 20 };

struct inviting {
    struct inviter *inviter;
    struct invite invite;
    struct fields fields;
    int64_t asked, refused;
    json_t *errors;
    struct buf why;
    struct mx *mx; /* NULL: no domain is asked about */
};

static void refuse(struct inviting *x, struct str word, const char *reason) {
    x->refused++;
    log_error("%.*s: %s", STR_ARG(word), reason);
    if (json_array_size(x->errors) < ERRORS_MAX) {
        json_t *o = json_object();
        table_json_set(o, "address", table_json_str(word));
        table_json_set(o, "reason", table_json_str(str_from(reason)));
        (void)json_array_append_new(x->errors, o);
    }
}

static enum status ask_one(struct context *c, struct inviting *x, struct str word, struct error *err) {
    struct address address;
    struct str name;
    struct error why = {0};
    enum invite_result result;
    int64_t subscriber, newsletter;
    bool changed = false;
    struct invite in = x->invite;
    in.fields = x->fields.person;
    in.language = x->fields.preferences.language;
    if (mailbox_parse(word, c->arena, &name, &address, &why) != OK) {
        refuse(x, word, why.text);
        return OK;
    }
    struct str refusal = domains_refusal(x->mx, word, address.domain, c->arena);
    if (refusal.ptr) {
        refuse(x, word, refusal.ptr);
        return OK;
    }
    in.email = address.text;
    if (name.ptr && !(in.fields.told & IMPORT_NAME)) {
        in.fields.name = name;
        in.fields.told |= IMPORT_NAME;
    }
    enum status st = invite_ask(x->inviter, &in, &result, &subscriber, &x->why, &why);
    if (st == ERR_DATA) {
        refuse(x, word, why.text);
        return OK;
    }
    if (st != OK) {
        *err = why;
        return st;
    }
    if (result != INVITE_ASKED) {
        refuse(x, word, buf_cstr(&x->why));
        return OK;
    }
    x->asked++;
    if (subscriber && x->fields.has_preferences &&
        (st = store_newsletter_find(c->site->store, str_from(in.newsletter->name), &newsletter, err)) == OK) {
        st = fields_apply(c, &x->fields, subscriber, newsletter, &changed, err);
    }
    return st;
}

/* Which newsletter they are asked about: --newsletter, or the only one there is. */
static enum status newsletter(struct context *c, const struct config_newsletter **out, struct error *err) {
    const char *name = context_value(c, "newsletter");
    if (name) {
        return context_newsletter(c, name, out, err);
    }
    *out = c->config->newsletters;
    return c->config->newsletters_n == 1
               ? OK
               : error_set(err, ERR_USAGE, "--newsletter says to what they are invited; there are several");
}

static enum status report(struct context *c, const struct inviting *x, struct error *err) {
    static const struct table_column columns[] = {{"asked", 0}, {"refused", 0}, {"errors", TABLE_JSON_ONLY}};
    if (x->asked || !x->refused) {
        context_say(c, "%lld %s to %s by mail%s", (long long)x->asked, x->invite.dry ? "would be invited" : "invited",
                    x->invite.newsletter->title,
                    x->invite.dry ? "; nothing was done: --dry-run" : "; the next run sends it");
    }
    if (!c->line->json && !c->line->csv) {
        return OK;
    }
    table_object(c->out, columns, sizeof columns / sizeof *columns);
    table_int(c->out, x->asked);
    table_int(c->out, x->refused);
    table_json(c->out, json_incref(x->errors), STR_NONE);
    table_row(c->out);
    return table_end(c->out, err);
}

enum status invite_add_run(struct context *c, struct error *err) {
    struct inviting x = {.invite = {.how = STR("invitation"), .again = c->line->force}, .errors = json_array()};
    struct batch b = {0};
    struct str word;
    enum status st = newsletter(c, &x.invite.newsletter, err);
    if (st == OK && (st = fields_read(c, x.invite.newsletter->name, &x.fields, err)) == OK &&
        (st = inviter_new(c->site, &x.inviter, err)) == OK && (st = batch_read(c, 0, &b, err)) == OK) {
        st = batch_confirm(c, (int64_t)b.n, "invites", err);
    }
    if (st == OK && b.n > 1 && (x.fields.person.told & (IMPORT_NAME | IMPORT_GIVEN_NAME))) {
        st = error_set(err, ERR_USAGE, "a name is one person's; write \"Name <address>\" to invite several");
    }
    if (st == OK) {
        st = domains_ask(c, &b, &x.mx, err);
    }
    x.invite.dry = b.dry;
    while (st == OK && batch_next(&b, &word)) {
        struct arena *a = c->arena;
        c->arena = arena_new(); /* the options' values live in the other */
        st = c->arena ? ask_one(c, &x, word, err) : error_set(err, ERR_OS, "out of memory");
        arena_free(c->arena);
        c->arena = a;
    }
    if (st == OK) {
        st = report(c, &x, err);
    }
    json_decref(x.errors);
    buf_release(&x.why);
    batch_release(&b);
    mx_free(x.mx);
    inviter_free(x.inviter);
    return st == OK && x.refused ? ERR_DATA : st;
}

enum status invite_confirm_run(struct context *c, struct error *err) {
    static const struct table_column columns[] = {{"subscriber", 0}, {"newsletter", 0}, {"confirmed_before", 0}};
    struct invite_answer answer;
    struct buf text = BUF_INIT;
    char block[4096];
    size_t got;
    const char *word = c->line->args[0];
    if (strcmp(word, "-") == 0) {
        while (text.len < TEXT_MAX && (got = fread(block, 1, sizeof block, stdin)) > 0) {
            buf_add(&text, (struct str){block, got});
        }
    } else {
        buf_adds(&text, word);
    }
    enum status st = text.failed ? error_set(err, ERR_OS, "out of memory")
                                 : invite_confirm(c->site, buf_str(&text), c->site->actor, c->arena, &answer, err);
    if (st == OK && answer.answered_at) {
        char iso[MOMENT_ISO_SIZE];
        moment_iso(answer.answered_at, iso);
        context_say(c, "subscriber %lld had confirmed %.*s already, on %.10s; nothing was changed",
                    (long long)answer.subscriber, STR_ARG(answer.newsletter), iso);
    } else if (st == OK) {
        context_say(c, "subscriber %lld reads %.*s from now on", (long long)answer.subscriber,
                    STR_ARG(answer.newsletter));
    }
    if (st == OK && (c->line->json || c->line->csv)) {
        table_object(c->out, columns, sizeof columns / sizeof *columns);
        table_int(c->out, answer.subscriber);
        table_str(c->out, answer.newsletter);
        table_time(c->out, answer.answered_at);
        table_row(c->out);
        st = table_end(c->out, err);
    }
    buf_release(&text);
    return st;
}
