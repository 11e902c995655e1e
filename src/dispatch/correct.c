#include "dispatch/correct.h"

#include "digest/edition.h"
#include "digest/freeze.h"
#include "digest/select.h"
#include "dispatch/approval.h"
#include "queue/correction.h"

#include <jansson.h>

/* The issue's articles as they are now, in order of arrival: those that are neither withdrawn nor excluded. */
static enum status articles_now(struct site *s, const struct issue_input *inputs, size_t n, struct arena *a,
                                struct article_row **rows, size_t *rows_n, struct error *err) {
    enum status st = OK;
    *rows = arena_alloc(a, (n + 1) * sizeof **rows);
    *rows_n = 0;
    for (size_t i = 0; i < n && st == OK; i++) {
        json_t *j =
            inputs[i].kind == ISSUE_ARTICLE ? json_loadb(inputs[i].content.ptr, inputs[i].content.len, 0, NULL) : NULL;
        struct article x;
        bool found = false;
        if (j && (st = article_get(s->store, json_integer_value(json_object_get(j, "id")), a, &found, &x, err)) == OK &&
            found && !x.withdrawn_at && !x.excluded) {
            (*rows)[(*rows_n)++] = (struct article_row){.id = x.id, .arrival = inputs[i].position};
        }
        json_decref(j);
    }
    return st;
}

/* What can't be rendered must not be found out with the first message. */
static enum status try_keys(const struct issue_row *row, const struct issue_input *inputs, size_t n,
                            const struct correction_key *keys, size_t keys_n, struct error *err) {
    struct edition *e = NULL;
    struct message_rendition *r = NULL;
    enum status st = edition_new(row, inputs, n, &e, err);
    if (st == OK && (st = edition_usable(e, err)) == OK && keys_n) {
        st = edition_render(e, keys[0].key, row->built_at, &r, err);
    }
    message_rendition_free(r);
    edition_free(e);
    return st;
}

enum status correct(struct site *s, int64_t id, bool to_served, unsigned told, struct edits *edits, struct arena *a,
                    struct correct_result *out, struct error *err) {
    struct issue_row row;
    struct issue_input *old, *inputs;
    struct article_row *articles;
    struct correction_key *keys;
    struct edits e;
    size_t old_n, inputs_n, articles_n, keys_n;
    enum status st = issue_get(s->queue, id, a, &row, err);
    if (st != OK || (st = issue_inputs(s->queue, id, a, &old, &old_n, err)) != OK ||
        (st = edits_tidy(edits, a, err)) != OK) {
        return st;
    }
    const struct config_newsletter *n = config_newsletter_named(s->config, arena_cstr(a, row.newsletter_name));
    if (!n || old_n == 0) {
        return error_set(err, ERR_DATA, "issue %lld is too old, or its newsletter is not in the configuration any more",
                         (long long)id);
    }
    if (row.state == ISSUE_DRAFT || row.state == ISSUE_APPROVED) {
        return error_set(err, ERR_DATA,
                         "issue %lld is not released: 'courant issue set %lld' and 'courant issue build "
                         "%lld --again' change it",
                         (long long)id, (long long)id, (long long)id);
    }
    if ((st = edits_read(old[0].content, a, &e, err)) != OK ||
        (st = articles_now(s, old, old_n, a, &articles, &articles_n, err)) != OK) {
        return st;
    }
    e.subject = told & APPROVAL_SUBJECT ? edits->subject : e.subject;
    e.note = told & APPROVAL_NOTE ? edits->note : e.note;
    row.built_at = clock_now(&s->clock);
    if ((st = edition_freeze(s->config, n, s->store, articles, articles_n, &e, true, &row, a, &inputs, &inputs_n,
                             err)) != OK ||
        (st = correction_keys(s->queue, id, to_served, a, &keys, &keys_n, err)) != OK) {
        return st;
    }
    int64_t *kept = arena_alloc(a, (articles_n + 1) * sizeof *kept), empty = 0;
    for (size_t i = 0; i < articles_n; i++) {
        kept[i] = articles[i].arrival;
    }
    for (size_t i = 0; i < keys_n; i++) {
        empty += select_key_keep(keys[i].key, kept, articles_n, a, &keys[i].key) == 0;
    }
    if (empty && !e.note.len) {
        return error_set(err, ERR_DATA, "nothing is left of what some readers %s: tell them so with --note%s",
                         to_served ? "got" : "are due", to_served ? "" : ", or cancel it");
    }
    if ((st = try_keys(&row, inputs, inputs_n, keys, keys_n, err)) != OK) {
        return st;
    }
    *out = (struct correct_result){.issue = id, .articles = row.articles, .subject = row.subject};
    if (!to_served) {
        return correction_revise(s->queue, &row, inputs, inputs_n, keys, keys_n, &out->readers, err);
    }
    row.corrects = id;
    row.hold_until = n->hold_s ? row.built_at + n->hold_s : 0;
    st = correction_add(s->queue, &row, inputs, inputs_n, keys, keys_n, &out->readers, err);
    out->issue = row.id;
    out->hold_until = row.hold_until;
    return st;
}
