#include "dispatch/invite.h"

#include "dispatch/post.h"
#include "mime/decode.h"
#include "queue/erase.h"
#include "store/consent.h"
#include "store/suppression.h"
#include "text/address.h"
#include "text/language.h"
#include "text/moment.h"

#include <stdlib.h>

enum { DAY = 86400, FORGET_PAGE = 100, TOKEN_LEAST = 24 };

struct inviter {
    struct site *site;
    struct arena *arena; /* for one invitation */
    /* the last letter, for those who get the same */
    struct buf language, frozen, seen;
    const struct config_newsletter *newsletter;
    int64_t expires_day;
    bool invited;
};

enum status inviter_new(struct site *s, struct inviter **out, struct error *err) {
    struct inviter *v = calloc(1, sizeof *v);
    *out = NULL;
    if (!v || !(v->arena = arena_new())) {
        free(v);
        return error_set(err, ERR_OS, "out of memory");
    }
    v->site = s;
    *out = v;
    return OK;
}

void inviter_free(struct inviter *v) {
    if (v) {
        buf_release(&v->language);
        buf_release(&v->frozen);
        buf_release(&v->seen);
        arena_free(v->arena);
        free(v);
    }
}

/* The language liked best of a LIST; NULL: none is known. */
static const char *first_of(struct str list, struct arena *a) {
    struct str all;
    if (!list.len || language_list_normalise(list, a, &all, NULL) != OK || !all.len) {
        return NULL;
    }
    return arena_cstr(a, str_sub(all, 0, str_find(all, ',', 0)));
}

/* The letter for L in v->frozen and v->seen; it differs by language and by the day that it names. */
static enum status prepare(struct inviter *v, const struct post *l, struct error *err) {
    struct str frozen, seen, language = str_from(l->language ? l->language : "");
    if (v->frozen.len && v->newsletter == l->newsletter && v->invited == l->invited &&
        v->expires_day == l->expires_at / DAY && str_eq(buf_str(&v->language), language)) {
        return OK;
    }
    enum status st = post_freeze(v->site, l, v->arena, &frozen, &seen, err);
    if (st != OK) {
        return st;
    }
    buf_clear(&v->language);
    buf_clear(&v->frozen);
    buf_clear(&v->seen);
    buf_add(&v->language, language);
    buf_add(&v->frozen, frozen);
    buf_add(&v->seen, seen);
    v->newsletter = l->newsletter;
    v->expires_day = l->expires_at / DAY;
    v->invited = l->invited;
    return v->language.failed || v->frozen.failed || v->seen.failed ? error_set(err, ERR_OS, "out of memory") : OK;
}

static void say_suppressed(const struct suppression *x, struct buf *why) {
    static const char *const reasons[] = {"mail to it bounced for good", "its reader complained about mail from here",
                                          "it was erased", "it was suppressed by hand"};
    char iso[MOMENT_ISO_SIZE];
    moment_iso(x->at, iso);
    buf_addf(why, "it must not be mailed: %s on %.10s", (size_t)x->reason < 4 ? reasons[x->reason] : "suppressed", iso);
    if (x->note.len) {
        buf_addf(why, " (%.*s)", STR_ARG(x->note));
    }
}

/* What speaks against mailing the question; the person, whose id is 0 when it is a new one. */
static enum status may_ask(struct inviter *v, const struct address *to, const struct invite *in, int64_t now,
                           enum invite_result *result, struct subscriber *person, struct buf *why, struct error *err) {
    struct store *store = v->site->store;
    struct suppression x;
    bool found;
    *person = (struct subscriber){.generation = 1};
    int64_t last = 0;
    *result = INVITE_ASKED;
    enum status st = suppression_get(store, to->key, v->arena, &found, &x, err);
    if (st == OK && found) {
        *result = INVITE_SUPPRESSED;
        say_suppressed(&x, why);
    } else if (st == OK && (st = subscriber_by_key(store, to->key, v->arena, &found, person, err)) == OK && found &&
               (st = consent_last_asked(store, person->id, &last, err)) == OK && last && now - last < DAY &&
               !in->again) {
        char iso[MOMENT_ISO_SIZE];
        moment_iso(last, iso);
        *result = INVITE_RECENT;
        buf_addf(why, "it was asked at %s; ask again a day later, or at once with --force", iso);
    }
    return st;
}

enum status invite_ask(struct inviter *v, const struct invite *in, enum invite_result *result, int64_t *subscriber,
                       struct buf *why, struct error *err) {
    struct site *s = v->site;
    int64_t now = clock_now(&s->clock), newsletter, id = 0, letter_id;
    struct address to;
    struct subscriber person;
    bool already = false;
    struct post l = {.kind = POST_CONFIRM,
                     .newsletter = in->newsletter,
                     .expires_at = now + in->newsletter->pending_keep_s,
                     .invited = str_eq(in->how, STR("invitation"))};
    arena_reset(v->arena);
    buf_clear(why);
    *subscriber = 0;
    enum status st = address_parse(in->email, v->arena, &to, err);
    if (st == OK && to.smtputf8) {
        st = error_set(err, ERR_DATA, "it needs SMTPUTF8, which the relay library does not speak");
    }
    if (st != OK || (st = may_ask(v, &to, in, now, result, &person, why, err)) != OK || *result != INVITE_ASKED) {
        return st;
    }
    struct str language = in->language.len                    ? in->language
                          : in->fields.told & IMPORT_LANGUAGE ? in->fields.language
                                                              : person.language;
    if ((st = store_newsletter(s->store, str_from(in->newsletter->name), now, &newsletter, NULL, err)) != OK ||
        (st = sql_begin(store_sql(s->store), err)) != OK) {
        return st;
    }
    if (person.id) {
        st = person_set(s->store, person.id, &in->fields, s->actor, now, NULL, err);
    } else {
        st = person_add(s->store, to.text, to.key, &in->fields, s->actor, now, &person.id, err);
    }
    l.subscriber = person.id;
    l.generation = person.generation;
    l.language = first_of(language, v->arena);
    if (st == OK) {
        st = prepare(v, &l, err);
    }
    if (st == OK) {
        const struct consent c = {.subscriber = l.subscriber,
                                  .newsletter = newsletter,
                                  .how = in->how,
                                  .origin = in->origin,
                                  .actor = str_from(s->actor),
                                  .at = now,
                                  .expires_at = l.expires_at,
                                  .generation = l.generation,
                                  .text_language = str_from(l.language ? l.language : s->config->site.language),
                                  .text = buf_str(&v->seen)};
        st = consent_ask(s->store, &c, &already, &id, err);
    }
    if (st == OK && !already && !in->dry) {
        st = sql_commit(store_sql(s->store), err);
    }
    sql_rollback(store_sql(s->store));
    *subscriber = in->dry ? 0 : l.subscriber;
    if (st == OK && in->dry && !already) {
        return OK;
    }
    if (st == OK && already) {
        *result = INVITE_ALREADY;
        buf_adds(why, "it reads this newsletter already");
        return OK;
    }
    /* The question first, the letter then: one that is claimed looks for its question. Between the two, nothing stands
     * in the way of asking again. */
    l.consent = id;
    if (st == OK && (st = post_queue(s, &l, buf_str(&v->frozen), &letter_id, err)) == OK) {
        st = consent_mailed(s->store, id, err);
    }
    return st;
}

/* --- the answer --- */

static bool is_token_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7');
}

struct token_values {
    int64_t consent, subscriber, generation, expires_at;
};

/* The first token of ours in TEXT. */
static bool find_token(const struct site *s, struct str text, struct token_values *t) {
    for (size_t from = 0, to; from < text.len; from = to + 1) {
        to = from;
        while (to < text.len && is_token_letter(text.ptr[to])) {
            to++;
        }
        if (to - from >= TOKEN_LEAST && to - from < TOKEN_SIZE &&
            post_confirm_open(s, str_sub(text, from, to), &t->consent, &t->subscriber, &t->generation,
                              &t->expires_at)) {
            return true;
        }
    }
    return false;
}

/* Whether the line of TEXT at FROM, which ends at *END, is base64. */
static bool is_base64(struct str text, size_t from, size_t *end) {
    bool good = true;
    *end = str_find(text, '\n', from);
    struct str line = str_trim(str_sub(text, from, *end));
    for (size_t i = 0; i < line.len && good; i++) {
        char c = line.ptr[i];
        good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '/' ||
               c == '=';
    }
    return good && line.len > 0;
}

/* The same of a mail, whatever its encoding: lines broken by quoted-printable are joined, blocks of base64 decoded. */
static bool find_in_mail(const struct site *s, struct str text, struct token_values *t) {
    struct buf b = BUF_INIT;
    bool found = find_token(s, text, t);
    for (size_t i = 0; i < text.len && !found; i++) {
        size_t end = i + 1 + (i + 1 < text.len && text.ptr[i + 1] == '\r');
        if (text.ptr[i] == '=' && end < text.len && text.ptr[end] == '\n') {
            i = end;
        } else {
            buf_addc(&b, text.ptr[i]);
        }
    }
    found = found || find_token(s, buf_str(&b), t);
    for (size_t from = 0, end, to; from < text.len && !found; from = to + 1) {
        for (to = from; to < text.len && is_base64(text, to, &end);) {
            to = end < text.len ? end + 1 : end;
        }
        buf_clear(&b);
        decode_text(str_sub(text, from, to), STR("base64"), &b);
        found = find_token(s, buf_str(&b), t);
        to = str_find(text, '\n', to); /* the line that is none */
    }
    buf_release(&b);
    return found;
}

static enum status too_late(const char *what, int64_t at, struct error *err) {
    char iso[MOMENT_ISO_SIZE];
    moment_iso(at, iso);
    return error_set(err, ERR_DATA, "%s %s; 'courant subscriber add --invite' asks anew", what, iso);
}

/* Within a transaction. */
static enum status confirm(struct site *s, const struct token_values *t, const char *actor, struct arena *a,
                           struct invite_answer *out, struct error *err) {
    int64_t now = clock_now(&s->clock);
    struct consent c = {0};
    struct subscriber person = {0};
    struct suppression x;
    bool found = false, suppressed = false, removed;
    enum status st = consent_get(s->store, t->consent, a, &found, &c, err);
    if (st == OK && found) {
        st = subscriber_get(s->store, t->subscriber, a, &found, &person, err);
    }
    if (st != OK) {
        return st;
    }
    if (!found || c.subscriber != t->subscriber || c.generation != t->generation ||
        person.generation != t->generation || !person.email_key.ptr) {
        return t->expires_at <= now ? too_late("that token was good until", t->expires_at, err)
                                    : error_set(err, ERR_DATA, "what that token was for is not known any more");
    }
    *out = (struct invite_answer){c.subscriber, c.newsletter_name, c.answered_at};
    if (c.answered_at) {
        return OK;
    }
    if (c.expires_at <= now) {
        return too_late("that token was good until", c.expires_at, err);
    }
    if (c.ended_at) {
        return error_set(err, ERR_DATA, "another question was mailed after that one: its token is the one to use");
    }
    if ((st = suppression_get(s->store, person.email_key, a, &suppressed, &x, err)) == OK && suppressed) {
        struct buf why = BUF_INIT;
        say_suppressed(&x, &why);
        st = error_set(err, ERR_NOPERM, "not confirmed: %.*s; 'courant suppress remove' lets it be mailed",
                       STR_ARG(buf_str(&why)));
        buf_release(&why);
        return st;
    }
    if (st == OK) {
        char hashed[SUPPRESSION_ERASED_SIZE];
        suppression_erased_key(s->erased_key, person.email_key, hashed);
        st = suppression_remove(s->store, str_from(hashed), actor, now, &removed, err);
    }
    return st == OK ? consent_confirm(s->store, c.id, actor, now, err) : st;
}

static enum status welcome(struct site *s, const struct invite_answer *answer, int64_t generation, struct arena *a,
                           struct error *err) {
    struct str frozen, seen;
    struct subscriber_delivery r;
    int64_t id, newsletter;
    struct post l = {.kind = POST_WELCOME,
                     .newsletter = config_newsletter_named(s->config, answer->newsletter.ptr),
                     .subscriber = answer->subscriber,
                     .generation = generation};
    if (!l.newsletter || !l.newsletter->welcome) {
        return OK;
    }
    enum status st = store_newsletter_find(s->store, answer->newsletter, &newsletter, err);
    if (st == OK) {
        st = subscriber_for_delivery(s->store, answer->subscriber, newsletter, &r, err);
    }
    l.language = st == OK ? first_of(r.language, a) : NULL;
    if (st == OK && (st = post_freeze(s, &l, a, &frozen, &seen, err)) == OK) {
        st = post_queue(s, &l, frozen, &id, err);
    }
    return st != OK ? error_prefix(err, "confirmed, but no letter of welcome can be sent") : OK;
}

enum status invite_confirm(struct site *s, struct str text, const char *actor, struct arena *a,
                           struct invite_answer *out, struct error *err) {
    struct token_values t;
    *out = (struct invite_answer){0};
    if (!find_in_mail(s, text, &t)) {
        return error_set(err, ERR_DATA, "there is no confirmation token of ours in it; was a part cut off?");
    }
    enum status st = sql_begin(store_sql(s->store), err);
    if (st != OK) {
        return st;
    }
    if ((st = confirm(s, &t, actor, a, out, err)) == OK) {
        st = sql_commit(store_sql(s->store), err);
    }
    sql_rollback(store_sql(s->store));
    return st == OK && !out->answered_at ? welcome(s, out, t.generation, a, err) : st;
}

enum status invite_forget(struct site *s, int64_t *n, struct error *err) {
    struct arena *a = arena_new();
    int64_t now = clock_now(&s->clock);
    enum status st = a ? OK : error_set(err, ERR_OS, "out of memory");
    struct consent *rows;
    size_t got = FORGET_PAGE;
    *n = 0;
    while (st == OK && got == FORGET_PAGE) {
        arena_reset(a);
        if ((st = consent_expired(s->store, now, FORGET_PAGE, a, &rows, &got, err)) != OK) {
            break;
        }
        for (size_t i = 0; i < got && st == OK; i++) {
            bool all = false, gone;
            /* queue.db first, as when somebody is erased */
            if ((st = consent_is_all(s->store, &rows[i], &all, err)) == OK && all) {
                st = queue_erase(s->queue, rows[i].subscriber, STR_NONE, err);
            }
            if (st == OK && (st = consent_forget(s->store, &rows[i], now, &gone, err)) == OK) {
                (*n)++;
            }
        }
    }
    arena_free(a);
    return st;
}
