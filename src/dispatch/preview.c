#include "dispatch/preview.h"

#include "base/log.h"
#include "digest/freeze.h"
#include "dispatch/build.h"
#include "dispatch/letter.h"
#include "dispatch/readers.h"
#include "queue/listing.h"
#include "queue/transactional.h"
#include "store/subscriber.h"
#include "text/address.h"

#include <errno.h>
#include <stdlib.h>

/* What is shown, and to whom. */
struct shown {
    struct arena *arena;
    struct message_rendition *rendition;
    struct message_reader reader;
    const struct config_newsletter *newsletter; /* NULL: it is not in the configuration any more */
};

static const struct config_newsletter *newsletter_named(struct site *s, struct str what, struct arena *a) {
    return config_newsletter_named(s->config, arena_cstr(a, what));
}

/* A number names an issue; 0 otherwise. */
static int64_t issue_number(struct str what) {
    int64_t n = 0;
    for (size_t i = 0; i < what.len; i++) {
        if (what.ptr[i] < '0' || what.ptr[i] > '9' || n > INT64_MAX / 100) {
            return 0;
        }
        n = n * 10 + (what.ptr[i] - '0');
    }
    return n;
}

static enum status find_reader(struct site *s, struct str to, struct shown *v, struct subscriber *out,
                               struct error *err) {
    struct address address;
    bool found;
    enum status st = address_parse(to, v->arena, &address, err);
    if (st != OK) {
        return error_prefix(err, "%.*s", STR_ARG(to));
    }
    if ((st = subscriber_by_key(s->store, address.key, v->arena, &found, out, err)) == OK && !found) {
        st = error_set(err, ERR_NOINPUT,
                       "there is no subscriber with that address; 'courant source sync' takes subscribers in");
    }
    if (st == OK) {
        v->reader = (struct message_reader){.subscriber = out->id,
                                            .generation = out->generation,
                                            .address = out->email,
                                            .name = out->name,
                                            .given_name = out->given_name};
    }
    return st;
}

/* The key of the rendition that SUBSCRIBER would get if ISSUE, which is not released, were released now; KEY stays as
 * it is when nothing is due. */
static enum status key_of_draft(struct site *s, const struct issue_row *issue, int64_t subscriber, struct arena *a,
                                struct str *key, struct error *err) {
    const struct config_newsletter *n = newsletter_named(s, issue->newsletter_name, a);
    struct queue_newsletter row;
    struct issue_input *inputs;
    struct select_article *articles;
    size_t inputs_n, articles_n;
    struct readers one = {0};
    struct buf b = BUF_INIT;
    if (!n) {
        return OK;
    }
    struct readers_of of = {.newsletter = issue->newsletter, .above = issue->arrival_from, .to = issue->arrival_to};
    enum status st = queue_newsletter(s->queue, n->name, 0, &row, err);
    if (st != OK || (st = store_newsletter_find(s->store, issue->newsletter_name, &of.store_newsletter, err)) != OK ||
        (st = issue_inputs(s->queue, issue->id, a, &inputs, &inputs_n, err)) != OK) {
        return st;
    }
    of.first_built_at = row.first_built_at;
    if ((st = readers_next(s, &of, subscriber - 1, 1, a, &one, err)) != OK) {
        return st;
    }
    st = edition_select_articles(inputs, inputs_n, a, &articles, &articles_n, err);
    if (st == OK && one.n == 1 && one.list[0].subscriber == subscriber) {
        const struct reader *r = &one.list[0];
        struct select_reader sr = reader_select(r, n);
        if (select_key(articles, articles_n, &sr, &b) > 0) {
            *key = arena_str(a, buf_str(&b));
        }
    }
    buf_release(&b);
    return st;
}

/* The key of the rendition that SUBSCRIBER got of ISSUE, or would get; the whole one when there is nothing for him. */
static enum status key_of_delivery(struct site *s, const struct issue_row *issue, int64_t subscriber, struct edition *e,
                                   struct shown *v, struct str *key, int64_t *revision, struct error *err) {
    struct delivery_row *rows;
    size_t n = 0;
    struct str hash;
    *key = edition_whole_key(e, v->arena);
    if (!subscriber) {
        return OK;
    }
    if (issue->state == ISSUE_DRAFT || issue->state == ISSUE_APPROVED) {
        return key_of_draft(s, issue, subscriber, v->arena, key, err);
    }
    enum status st =
        delivery_page(s->queue, issue->id, subscriber - 1, (1u << DELIVERY_STATES) - 1, 1, v->arena, &rows, &n, err);
    if (st == OK && n == 1 && rows[0].subscriber == subscriber) {
        st = rendition_get(s->queue, issue->id, rows[0].rendition, v->arena, key, &hash, revision, err);
    }
    return st;
}

/* What an author should know of what is shown. */
static enum status warn(struct edition *e, struct arena *a, struct error *err) {
    struct str *sentences;
    size_t n = 0;
    if (edition_heavy(e).len) {
        log_warning("%.*s", STR_ARG(edition_heavy(e)));
    }
    enum status st = edition_check(e, a, &sentences, &n, err);
    for (size_t i = 0; i < n && st == OK; i++) {
        log_warning("%.*s", STR_ARG(sentences[i]));
    }
    struct str advice[2];
    n = edition_advice(e, a, advice);
    for (size_t i = 0; i < n && st == OK; i++) {
        log_warning("%.*s", STR_ARG(advice[i]));
    }
    return st;
}

static enum status show(struct site *s, struct str what, struct str to, struct shown *v, struct error *err) {
    struct edition *e = NULL;
    struct str key;
    struct subscriber reader = {0};
    int64_t date = clock_now(&s->clock);
    *v = (struct shown){.arena = arena_new()};
    if (!v->arena) {
        return error_set(err, ERR_OS, "out of memory");
    }
    v->reader = (struct message_reader){.issue = 1,
                                        .generation = 1, /* of subscriber 0: nobody's, so its links do nothing */
                                        .address = STR("reader@example.org"),
                                        .name = STR("Example Reader"),
                                        .given_name = STR("Example")};
    enum status st = to.len ? find_reader(s, to, v, &reader, err) : OK;
    int64_t id = issue_number(what);
    if (st == OK && id) {
        struct issue_row row;
        if ((st = issue_get(s->queue, id, v->arena, &row, err)) == OK &&
            (st = edition_load(s->queue, id, 0, &e, err)) == OK) {
            date = row.released_at ? row.released_at : date;
            v->reader.issue = id;
            v->newsletter = newsletter_named(s, row.newsletter_name, v->arena);
            int64_t revision = row.revision;
            st = key_of_delivery(s, &row, reader.id, e, v, &key, &revision, err);
            if (st == OK && revision != row.revision) { /* it was sent before the issue was corrected */
                edition_free(e);
                st = edition_load(s->queue, id, revision, &e, err);
            }
        }
    } else if (st == OK) {
        const struct config_newsletter *n = v->newsletter = newsletter_named(s, what, v->arena);
        st = n ? build_preview(s, n, reader.id, v->arena, &e, &key, err)
               : error_set(err, ERR_NOINPUT, "there is no newsletter '%.*s'; 'courant newsletter list' shows them",
                           STR_ARG(what));
    }
    if (st == OK) {
        st = edition_render(e, key, date, &v->rendition, err);
    }
    if (st == OK) {
        st = warn(e, v->arena, err);
    }
    edition_free(e);
    return st;
}

static void shown_release(struct shown *v) {
    message_rendition_free(v->rendition);
    arena_free(v->arena);
}

enum status preview(struct site *s, struct str what, struct str to, enum preview_part part, struct buf *out,
                    struct error *err) {
    struct shown v;
    struct message_bytes m = {0};
    enum status st = show(s, what, to, &v, err);
    if (st == OK && part == PREVIEW_EML) {
        if ((st = site_load_signing(s, err)) == OK &&
            (st = message_compose(v.rendition, s->tokens, &s->signing, &v.reader, &m, err)) == OK) {
            buf_add(out, buf_str(&m.head));
            buf_add(out, buf_str(&m.body));
        }
    } else if (st == OK) {
        st = message_parts(v.rendition, s->tokens, &v.reader, part == PREVIEW_HTML, out, err);
    }
    if (st == OK && out->failed) {
        st = error_set(err, ERR_OS, "out of memory");
    }
    message_bytes_release(&m);
    shown_release(&v);
    return st;
}

enum status preview_send(struct site *s, struct str what, struct str address, int64_t *id, struct error *err) {
    struct shown v;
    struct message_bytes m = {0};
    struct buf all = BUF_INIT;
    struct address to;
    enum status st = show(s, what, STR_NONE, &v, err);
    if (st == OK) {
        if ((st = address_parse(address, v.arena, &to, err)) == OK && to.smtputf8) {
            st = error_set(err, ERR_DATA, "it needs SMTPUTF8, which the relay library does not speak");
        }
        if (st != OK) {
            (void)error_prefix(err, "%.*s", STR_ARG(address));
        }
    }
    if (st == OK) {
        v.reader.address = to.text;
        if ((st = site_load_signing(s, err)) == OK) {
            st = message_compose(v.rendition, s->tokens, &s->signing, &v.reader, &m, err);
        }
    }
    if (st == OK) {
        buf_add(&all, buf_str(&m.head));
        buf_add(&all, buf_str(&m.body));
        struct transactional t = {
            .kind = STR("test"), .mail_to = to.text, .mail_from = buf_str(&m.sender), .message = buf_str(&all)};
        t.relays = letter_relays(s->config, v.newsletter, v.arena);
        st = all.failed ? error_set(err, ERR_OS, "out of memory")
                        : transactional_add(s->queue, &t, clock_now(&s->clock), id, err);
    }
    buf_release(&all);
    message_bytes_release(&m);
    shown_release(&v);
    return st;
}

enum status preview_check(struct site *s, const struct config_newsletter *n,
                          void (*note)(void *ctx, const char *sentence),
                          void (*advise)(void *ctx, const char *sentence), void *ctx, int64_t *bad, struct error *err) {
    struct arena *a = arena_new();
    struct issue_row row = {.newsletter_name = str_from(n->name), .cadence = STR("manual"), .number = 1};
    struct issue_input *inputs;
    size_t inputs_n, complaints = 0;
    struct edition *e = NULL;
    struct str *sentences;
    *bad = 0;
    enum status st = a ? edition_freeze(s->config, n, s->store, NULL, 0, NULL, false, &row, a, &inputs, &inputs_n, err)
                       : error_set(err, ERR_OS, "out of memory");
    if (st == OK && (st = edition_new(&row, inputs, inputs_n, &e, err)) == OK &&
        (st = edition_check(e, a, &sentences, &complaints, err)) == OK) {
        for (size_t i = 0; i < complaints; i++) {
            note(ctx, sentences[i].ptr);
        }
        *bad = (int64_t)complaints;
        struct str advice[2];
        complaints = edition_advice(e, a, advice);
        for (size_t i = 0; i < complaints; i++) {
            advise(ctx, advice[i].ptr);
        }
    }
    edition_free(e);
    arena_free(a);
    return st;
}
