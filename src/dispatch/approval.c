#include "dispatch/approval.h"

#include "base/log.h"
#include "digest/edition.h"
#include "dispatch/alarm.h"
#include "dispatch/draft.h"
#include "queue/correction.h"
#include "queue/draft.h"

#include <stdio.h>

/* What readers would get of it: its inputs, and one rendition, which also tells whether this program makes of them what
 * the one did that was running when it was approved. */
static enum status digest_of(struct site *s, const struct issue_row *issue, uint8_t hash[HASH_SIZE],
                             struct error *err) {
    struct {
        uint8_t inputs[HASH_SIZE], rendition[HASH_SIZE];
    } both;
    struct edition *e = NULL;
    struct message_rendition *r = NULL;
    struct arena *a = arena_new();
    enum status st = a ? draft_hash(s->queue, issue->id, both.inputs, err) : error_set(err, ERR_OS, "out of memory");
    if (st == OK && (st = edition_load(s->queue, issue->id, 0, &e, err)) == OK &&
        (st = edition_render(e, edition_whole_key(e, a), issue->due_at, &r, err)) == OK) {
        message_rendition_hash(r, both.rendition);
        hash_of(&both, sizeof both, hash);
    }
    message_rendition_free(r);
    edition_free(e);
    arena_free(a);
    return st;
}

enum status approval_give(struct site *s, int64_t id, struct error *err) {
    uint8_t hash[HASH_SIZE];
    struct issue_row row;
    struct arena *a = arena_new();
    enum status st = a ? issue_get(s->queue, id, a, &row, err) : error_set(err, ERR_OS, "out of memory");
    if (st == OK && row.state != ISSUE_DRAFT && row.state != ISSUE_APPROVED) {
        st = error_set(err, ERR_DATA, "issue %lld is %s and can't be approved", (long long)id,
                       issue_state_name(row.state));
    }
    if (st == OK && (st = digest_of(s, &row, hash, err)) == OK) {
        st = draft_approve(s->queue, id, (struct str){(const char *)hash, sizeof hash}, err);
    }
    arena_free(a);
    return st;
}

enum status approval_check(struct site *s, const struct issue_row *issue, bool *intact, struct error *err) {
    uint8_t hash[HASH_SIZE];
    *intact = true;
    if (!issue->approved.len) {
        return OK;
    }
    enum status st = digest_of(s, issue, hash, err);
    *intact = st == OK && str_eq(issue->approved, (struct str){(const char *)hash, sizeof hash});
    return st;
}

static int64_t article_id(const struct issue_input *in) {
    json_t *j = json_loadb(in->content.ptr, in->content.len, 0, NULL);
    int64_t id = json_integer_value(json_object_get(j, "id"));
    json_decref(j);
    return id;
}

/* Each of the N ids in IDS must be an article of the issue, or one that was taken out before. */
static enum status known_ids(const char *what, const int64_t *ids, size_t n, const struct issue_input *inputs,
                             size_t inputs_n, const struct edits *was, struct error *err) {
    for (size_t i = 0; i < n; i++) {
        bool found = edits_leave_out(was, ids[i]);
        for (size_t k = 0; k < inputs_n && !found; k++) {
            found = inputs[k].kind == ISSUE_ARTICLE && article_id(&inputs[k]) == ids[i];
        }
        if (!found) {
            return error_set(err, ERR_NOINPUT, "%s: article %lld is not in this issue", what, (long long)ids[i]);
        }
    }
    return OK;
}

static enum status edit(struct site *s, int64_t id, unsigned told, struct edits *edits, struct arena *a,
                        struct error *err) {
    struct issue_row row;
    struct issue_input *inputs;
    struct edits e;
    struct str settings;
    size_t n, kept = 0, cut_n = 0;
    enum status st = issue_get(s->queue, id, a, &row, err);
    if (st != OK || (st = issue_inputs(s->queue, id, a, &inputs, &n, err)) != OK ||
        (st = edits_tidy(edits, a, err)) != OK) {
        return st;
    }
    if (row.state != ISSUE_DRAFT && row.state != ISSUE_APPROVED) {
        return correction_instead(&row, err);
    }
    if ((st = edits_read(inputs[0].content, a, &e, err)) != OK ||
        (st = known_ids("order", edits->order, edits->order_n, inputs, n, &e, err)) != OK ||
        (st = known_ids("exclude", edits->without, edits->without_n, inputs, n, &e, err)) != OK) {
        return st;
    }
    e.subject = told & APPROVAL_SUBJECT ? edits->subject : e.subject;
    e.note = told & APPROVAL_NOTE ? edits->note : e.note;
    if (told & APPROVAL_ORDER) {
        e.order = edits->order;
        e.order_n = edits->order_n;
    }
    if (told & APPROVAL_WITHOUT) {
        for (size_t i = 0; i < e.without_n; i++) {
            if (!edits_leave_out(edits, e.without[i])) {
                return error_set(err, ERR_DATA,
                                 "article %lld was taken out and is not frozen any more: 'courant issue "
                                 "build %lld --again' takes all in again",
                                 (long long)e.without[i], (long long)id);
            }
        }
        e.without = edits->without;
        e.without_n = edits->without_n;
    }
    int64_t *cut = arena_alloc(a, n * sizeof *cut);
    for (size_t i = 0; i < n; i++) {
        if (inputs[i].kind == ISSUE_ARTICLE && edits_leave_out(&e, article_id(&inputs[i]))) {
            cut[cut_n++] = inputs[i].position;
        } else {
            inputs[kept++] = inputs[i];
        }
    }
    row.articles -= (int64_t)cut_n;
    if (row.articles <= 0) {
        return error_set(err, ERR_DATA, "nothing would be left of issue %lld; 'courant issue drop %lld' ends it",
                         (long long)id, (long long)id);
    }
    const struct config_newsletter *newsletter = config_newsletter_named(s->config, arena_cstr(a, row.newsletter_name));
    const char *title = newsletter ? newsletter->title : arena_cstr(a, row.newsletter_name);
    if ((st = edits_subject(&e, title, inputs, kept, a, &row.subject, err)) != OK ||
        (st = edits_change(inputs[0].content, &e, row.subject, a, &settings, err)) != OK) {
        return st;
    }
    return draft_edit(s->queue, &row, settings, cut, cut_n, err);
}

enum status approval_edit(struct site *s, int64_t id, unsigned told, struct edits *edits, struct error *err) {
    struct arena *a = arena_new();
    enum status st = a ? edit(s, id, told, edits, a, err) : error_set(err, ERR_OS, "out of memory");
    arena_free(a);
    return st;
}

/* The deadline has come and nobody approved. */
static enum status at_deadline(struct site *s, const struct config_newsletter *n, const struct issue_row *row,
                               struct error *err) {
    bool go = n->approval_deadline == CONFIG_DEADLINE_SEND;
    enum status st = go ? approval_give(s, row->id, err) : issue_drop(s->queue, row->id, err);
    if (st == OK) {
        log_info("issue %lld of %s: nobody approved it in time; %s", (long long)row->id, n->name,
                 go ? "it goes out as it is" : "it is skipped, and its articles come with the next");
        st = draft_tell(s, n, row, go ? DRAFT_GOES : DRAFT_SKIPPED, err);
    }
    return st;
}

static enum status tend(struct site *s, const struct config_newsletter *n, const struct issue_row *row,
                        struct error *err) {
    int64_t now = clock_now(&s->clock);
    enum status st = OK;
    if (row->deadline && now >= row->deadline) {
        return at_deadline(s, n, row, err);
    }
    if (!row->mailed_at) {
        if ((st = draft_mail(s, n, row, err)) == OK) {
            st = draft_mailed(s->queue, row->id, false, now, err);
        }
    } else if (row->deadline && !row->reminded_at && now >= row->deadline - (row->deadline - row->built_at) / 4) {
        if ((st = draft_tell(s, n, row, DRAFT_REMINDER, err)) == OK) {
            st = draft_mailed(s->queue, row->id, true, now, err);
        }
    }
    return st;
}

enum status approval_tend(struct site *s, const struct run_options *o, struct error *err) {
    struct arena *a = arena_new();
    struct issue_row *open;
    size_t n = 0;
    enum status st = a ? issue_open(s->queue, a, &open, &n, err) : error_set(err, ERR_OS, "out of memory");
    for (size_t i = 0; i < n && st == OK; i++) {
        const struct config_newsletter *newsletter =
            open[i].state == ISSUE_DRAFT ? config_newsletter_named(s->config, arena_cstr(a, open[i].newsletter_name))
                                         : NULL;
        struct error why;
        if (!newsletter) {
            continue;
        }
        enum status one = tend(s, newsletter, &open[i], &why);
        if (one == ERR_IO || one == ERR_TEMP) {
            st = error_set(err, one, "%s", why.text);
        } else if (one != OK) {
            /* the others' drafts are no worse for it */
            char about[64], sentence[sizeof why.text + 64];
            (void)snprintf(about, sizeof about, "draft %lld", (long long)open[i].id);
            (void)snprintf(sentence, sizeof sentence, "the draft of issue %lld: %s", (long long)open[i].id, why.text);
            alarm_raise(s, o, about, sentence);
        }
    }
    arena_free(a);
    return st;
}
