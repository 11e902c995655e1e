#include "dispatch/build.h"

#include "base/log.h"
#include "digest/freeze.h"
#include "digest/schedule.h"
#include "dispatch/census.h"
#include "dispatch/hours.h"
#include "dispatch/readers.h"
#include "queue/correction.h"
#include "queue/draft.h"
#include "text/moment.h"

/* What a build is about. */
struct job {
    const struct config_newsletter *n;
    enum config_schedule_kind cadence;
    int64_t due_at, done_until; /* done_until 0: an extra issue */
    int64_t release_at;         /* not released before; what was due before that is */
    struct queue_newsletter row;
    int64_t store_newsletter, since;
    bool partial; /* articles may be missing that a failed import would have brought */
    bool weigh;   /* a dry run that looks at what it would have made */
};

struct candidates {
    struct article_row *rows;
    struct select_article *select;
    size_t n;
    int64_t to;
};

static enum status since_of(struct site *s, struct job *j, struct error *err) {
    if (j->n->since) {
        return moment_parse(str_from(j->n->since), s->zone, &j->since, err);
    }
    if (j->row.since) {
        j->since = j->row.since;
    } else if (j->n->schedule.kind == CONFIG_SCHEDULE_MANUAL || j->n->schedule.kind == CONFIG_SCHEDULE_IMMEDIATELY) {
        j->since = j->row.configured_at;
    } else {
        j->since = schedule_period_before(&j->n->schedule, s->zone, j->due_at);
    }
    return OK;
}

/* The articles above FROM that the newsletter takes. */
static enum status articles_above(struct site *s, const struct job *j, int64_t from, struct arena *a,
                                  struct candidates *c, struct error *err) {
    const struct config_newsletter *n = j->n;
    struct str *topics = arena_alloc(a, (n->topics.n + 1) * sizeof *topics);
    struct str *languages = arena_alloc(a, (n->languages.n + 1) * sizeof *languages);
    for (size_t i = 0; i < n->topics.n; i++) {
        topics[i] = str_from(n->topics.items[i]);
    }
    for (size_t i = 0; i < n->languages.n; i++) {
        languages[i] = str_from(n->languages.items[i]);
    }
    enum status st = article_max_arrival(s->store, &c->to, err);
    struct article_filter f = {.from = from,
                               .to = c->to,
                               .since = j->since,
                               .topics = topics,
                               .n_topics = n->topics.n,
                               .languages = languages,
                               .n_languages = n->languages.n,
                               .default_language = str_from(s->config->site.language),
                               .where = n->where};
    if (st == OK) {
        st = article_due_list(s->store, &f, a, &c->rows, &c->n, err);
    }
    if (st == OK) {
        c->select = arena_alloc(a, (c->n + 1) * sizeof *c->select);
        for (size_t i = 0; i < c->n; i++) {
            c->select[i] = (struct select_article){c->rows[i].arrival, c->rows[i].topic, c->rows[i].language};
        }
    }
    return st == OK ? OK : error_prefix(err, "newsletter %s", n->name);
}

static enum status take_census(struct site *s, const struct job *j, const struct candidates *c, struct census *out,
                               struct error *err) {
    const struct census_of of = {.n = j->n,
                                 .cadence = j->cadence,
                                 .readers = {.newsletter = j->row.id,
                                             .store_newsletter = j->store_newsletter,
                                             .first_built_at = j->row.first_built_at,
                                             .to = c->to},
                                 .articles = c->select,
                                 .articles_n = c->n};
    return census_take(s, &of, out, err);
}

/* Only what somebody may get is frozen: drops the candidates up to arrival LOWEST. */
static void cut_below(struct candidates *c, int64_t lowest) {
    size_t first = 0;
    while (first < c->n && c->rows[first].arrival <= lowest) {
        first++;
    }
    c->rows += first;
    c->select += first;
    c->n -= first;
}

/* What can't be rendered is found out now, not when the first message should go. */
static enum status try_render(const struct issue_row *row, const struct issue_input *inputs, size_t n, struct arena *a,
                              struct error *err) {
    struct edition *e = NULL;
    struct message_rendition *r = NULL;
    enum status st = edition_new(row, inputs, n, &e, err);
    if (st == OK && (st = edition_usable(e, err)) == OK) {
        st = edition_render(e, edition_whole_key(e, a), row->built_at, &r, err);
    }
    if (st == OK && edition_heavy(e).len) {
        log_warning("%.*s", STR_ARG(edition_heavy(e)));
    }
    message_rendition_free(r);
    edition_free(e);
    return st == OK ? OK
                    : error_prefix(err, "newsletter %.*s: its issue can't be built", STR_ARG(row->newsletter_name));
}

/* *outdated: somebody else built an issue of the newsletter in the meantime; look anew. */
static enum status build(struct site *s, struct job *j, bool dry, struct build_result *out, bool *outdated,
                         struct error *err) {
    struct arena *a = arena_new();
    struct candidates c = {0};
    struct census census = {0};
    int64_t now = clock_now(&s->clock);
    enum status st = a ? OK : error_set(err, ERR_OS, "out of memory");
    *out = (struct build_result){.due_at = j->due_at};
    *outdated = false;
    if (st != OK || (st = since_of(s, j, err)) != OK || (st = articles_above(s, j, 0, a, &c, err)) != OK ||
        (c.n && (st = take_census(s, j, &c, &census, err)) != OK)) {
        goto done;
    }
    if (census.readers == 0) {
        if (!dry && j->done_until && !j->partial) {
            st = queue_cadence_set_done(s->queue, j->row.id, schedule_cadence_name(j->cadence), j->done_until, err);
        }
        goto done;
    }
    cut_below(&c, census.lowest);
    out->readers = census.readers;
    out->number = j->row.numbers + 1;
    out->articles = (int64_t)c.n;
    if (dry && !j->weigh) {
        goto done;
    }
    struct issue_row row = {.newsletter = j->row.id,
                            .newsletter_name = str_from(j->n->name),
                            .cadence = str_from(schedule_cadence_name(j->cadence)),
                            .due_at = j->due_at,
                            .number = out->number,
                            .state = j->n->approval ? ISSUE_DRAFT : ISSUE_APPROVED,
                            .built_at = now,
                            .arrival_from = census.lowest,
                            .arrival_to = c.to,
                            .language = str_from(s->config->site.language),
                            .hold_until = j->n->hold_s ? now + j->n->hold_s : 0,
                            .release_at = j->release_at > now ? j->release_at : 0};
    if (j->n->approval && j->done_until) {
        /* one that is late leaves the editors as much time as they would have had */
        row.deadline = row.release_at ? row.release_at : now + j->n->draft_before_s;
    }
    struct issue_input *inputs;
    size_t inputs_n;
    if ((st = edition_freeze(s->config, j->n, s->store, c.rows, c.n, NULL, !dry, &row, a, &inputs, &inputs_n, err)) ==
            OK &&
        (st = try_render(&row, inputs, inputs_n, a, err)) == OK && !dry) {
        enum issue_added added = ISSUE_ADDED;
        st = issue_add(s->queue, &row, j->since, j->done_until, inputs, inputs_n, &added, err);
        out->issue = row.id;
        out->existed = added == ISSUE_EXISTED;
        *outdated = added == ISSUE_OUTDATED;
    }
done:
    arena_free(a);
    return st;
}

static enum status prepare(struct site *s, const struct config_newsletter *n, struct job *j, struct error *err) {
    int64_t now = clock_now(&s->clock);
    *j = (struct job){.n = n, .cadence = n->schedule.kind};
    enum status st = queue_newsletter(s->queue, n->name, now, &j->row, err);
    return st == OK ? store_newsletter(s->store, str_from(n->name), now, &j->store_newsletter, NULL, err) : st;
}

/* How long before its due time an issue is built: for its editors to look at. */
static int64_t lead_of(const struct config_newsletter *n) {
    return n->approval ? n->draft_before_s : 0;
}

/* The due time of CADENCE that is open: past (or as near as its editors and its first readers need it), after the
 * section was first read, and not dealt with; 0: none. */
static enum status open_due(struct site *s, struct job *j, enum config_schedule_kind cadence, int64_t *due,
                            struct error *err) {
    int64_t done, lead, until = clock_now(&s->clock) + lead_of(j->n);
    *due = schedule_last_due(&j->n->schedule, cadence, s->zone, until);
    enum status st = queue_cadence_done(s->queue, j->row.id, schedule_cadence_name(cadence), &done, err);
    if (st == OK && (*due <= j->row.configured_at || *due <= done)) {
        /* somewhere it may be that hour already */
        int64_t next = j->n->local_hour ? schedule_next_due(&j->n->schedule, cadence, s->zone, until) : 0;
        *due = next > j->row.configured_at && next > done ? next : 0;
    }
    if (*due && st == OK) {
        st = hours_lead(s, j->n, *due, &lead, err);
        *due = *due - lead <= until ? *due : 0;
        j->release_at = *due - lead;
    }
    return st;
}

/* How often a builder looks anew before it gives way to whoever builds the same newsletter at the same time. */
enum { TRIES = 10 };

static enum status outpaced(const struct config_newsletter *n, struct error *err) {
    return error_set(err, ERR_TEMP, "newsletter %s: other programs build its issues at this moment; run again",
                     n->name);
}

enum status build_now(struct site *s, const struct config_newsletter *n, bool dry, struct build_result *out,
                      struct error *err) {
    for (int i = 0; i < TRIES; i++) {
        struct job j;
        int64_t due, unreleased = 0;
        bool outdated;
        enum status st = prepare(s, n, &j, err);
        if (st == OK) {
            st = issue_unreleased(s->queue, j.row.id, schedule_cadence_name(j.cadence), &unreleased, err);
        }
        if (st != OK) {
            return st;
        }
        if (unreleased) {
            *out = (struct build_result){.issue = unreleased, .existed = true};
            return OK;
        }
        if ((st = open_due(s, &j, j.cadence, &due, err)) != OK) {
            return st;
        }
        j.due_at = due ? due : clock_now(&s->clock);
        j.done_until = due;
        j.weigh = dry;
        if ((st = build(s, &j, dry, out, &outdated, err)) != OK || !outdated) {
            return st;
        }
    }
    return outpaced(n, err);
}

/* One cadence of the newsletter that J is prepared for, when its due time has come. */
static enum status build_cadence(struct site *s, struct job *j, enum config_schedule_kind cadence, int64_t *built,
                                 struct error *err) {
    const struct config_newsletter *n = j->n;
    int64_t now = clock_now(&s->clock);
    const char *name = schedule_cadence_name(cadence);
    enum status st = OK;
    for (int i = 0; i < TRIES; i++) {
        struct build_result r = {0};
        int64_t unreleased = 0, due = now;
        bool outdated;
        j->cadence = cadence;
        j->done_until = 0;
        if ((st = issue_unreleased(s->queue, j->row.id, name, &unreleased, err)) != OK || unreleased) {
            return st;
        }
        if (cadence != CONFIG_SCHEDULE_IMMEDIATELY) {
            if ((st = open_due(s, j, cadence, &due, err)) != OK || due == 0) {
                return st;
            }
            j->done_until = due;
        }
        if (n->late == CONFIG_LATE_WAIT && now - due > n->late_after_s) {
            return queue_cadence_set_done(s->queue, j->row.id, name, due, err);
        }
        j->due_at = due;
        if ((st = build(s, j, false, &r, &outdated, err)) != OK || (!outdated && !r.issue)) {
            return st;
        }
        *built += !outdated && !r.existed;
        bool partial = j->partial;
        st = prepare(s, n, j, err); /* the newsletter has one more issue now */
        j->partial = partial;
        if (st != OK || !outdated) {
            return st;
        }
    }
    return outpaced(n, err);
}

enum status build_again(struct site *s, int64_t issue, struct build_result *out, struct error *err) {
    struct arena *a = arena_new();
    struct issue_row row = {0};
    struct issue_input *inputs;
    size_t inputs_n;
    struct candidates c = {0};
    struct census census = {0};
    struct edits edits;
    struct job j = {0};
    *out = (struct build_result){.issue = issue};
    enum status st = a ? issue_get(s->queue, issue, a, &row, err) : error_set(err, ERR_OS, "out of memory");
    if (st != OK || (st = issue_inputs(s->queue, issue, a, &inputs, &inputs_n, err)) != OK) {
        goto done;
    }
    const struct config_newsletter *n = config_newsletter_named(s->config, arena_cstr(a, row.newsletter_name));
    if (!n) {
        st = error_set(err, ERR_CONFIG, "the newsletter of issue %lld is not in the configuration any more",
                       (long long)issue);
        goto done;
    }
    if (row.state != ISSUE_DRAFT && row.state != ISSUE_APPROVED) {
        st = correction_instead(&row, err);
        goto done;
    }
    /* the first input is the settings; what the editor changed stays */
    if ((st = edits_read(inputs[0].content, a, &edits, err)) != OK || (st = prepare(s, n, &j, err)) != OK) {
        goto done;
    }
    j.cadence = census_cadence(row.cadence);
    j.due_at = row.due_at;
    if ((st = since_of(s, &j, err)) != OK || (st = articles_above(s, &j, 0, a, &c, err)) != OK ||
        (st = take_census(s, &j, &c, &census, err)) != OK) {
        goto done;
    }
    cut_below(&c, census.lowest);
    row.built_at = clock_now(&s->clock);
    row.arrival_from = census.lowest;
    row.arrival_to = c.to;
    row.state = n->approval ? ISSUE_DRAFT : ISSUE_APPROVED;
    if ((st = edition_freeze(s->config, n, s->store, c.rows, c.n, &edits, true, &row, a, &inputs, &inputs_n, err)) !=
        OK) {
        goto done;
    }
    if (census.readers == 0 || row.articles == 0) {
        st = error_set(err, ERR_DATA, "issue %lld would hold nothing for anybody; 'courant issue drop %lld' ends it",
                       (long long)issue, (long long)issue);
    } else if ((st = try_render(&row, inputs, inputs_n, a, err)) == OK) {
        st = draft_rebuild(s->queue, &row, inputs, inputs_n, err);
    }
    *out = (struct build_result){.issue = issue,
                                 .number = row.number,
                                 .articles = row.articles,
                                 .readers = census.readers,
                                 .due_at = row.due_at};
done:
    arena_free(a);
    return st;
}

/* The next due time of J's newsletter: one that is open, else the first to come that is not dealt with (somewhere it
 * may have been that hour already); 0: nobody knows. *OPEN: the open one, or 0. */
static enum status next_due(struct site *s, struct job *j, int64_t *open, int64_t *next, struct error *err) {
    int64_t done;
    enum status st = open_due(s, j, j->cadence, open, err);
    *next = *open;
    if (st == OK && !*next &&
        (st = queue_cadence_done(s->queue, j->row.id, schedule_cadence_name(j->cadence), &done, err)) == OK) {
        int64_t now = clock_now(&s->clock) + lead_of(j->n);
        *next = schedule_next_due(&j->n->schedule, j->cadence, s->zone, now > done ? now : done);
    }
    return st;
}

/* What is built and not released is the next one. */
static enum status look_at(struct site *s, const struct config_newsletter *n, int64_t issue, struct build_result *out,
                           struct error *err) {
    struct arena *a = arena_new();
    struct issue_row row;
    struct issue_input *inputs;
    size_t inputs_n;
    struct census census;
    enum status st = a ? issue_get(s->queue, issue, a, &row, err) : error_set(err, ERR_OS, "out of memory");
    if (st == OK && (st = issue_inputs(s->queue, issue, a, &inputs, &inputs_n, err)) == OK &&
        (st = census_issue(s, n, &row, inputs, inputs_n, &census, err)) == OK) {
        *out = (struct build_result){.issue = issue,
                                     .existed = true,
                                     .number = row.number,
                                     .articles = row.articles,
                                     .readers = census.readers,
                                     .due_at = row.due_at};
    }
    arena_free(a);
    return st;
}

enum status build_next(struct site *s, const struct config_newsletter *n, struct build_result *out, struct error *err) {
    struct job j = {.n = n, .cadence = n->schedule.kind};
    int64_t unreleased = 0, open, due, now = clock_now(&s->clock);
    bool outdated;
    *out = (struct build_result){0};
    if (queue_newsletter(s->queue, n->name, 0, &j.row, NULL) != OK) {
        j.row = (struct queue_newsletter){.configured_at = now};
    }
    enum status st = store_newsletter_find(s->store, str_from(n->name), &j.store_newsletter, err);
    if (st == OK &&
        (st = issue_unreleased(s->queue, j.row.id, schedule_cadence_name(j.cadence), &unreleased, err)) == OK &&
        unreleased) {
        return look_at(s, n, unreleased, out, err);
    }
    if (st != OK || (st = next_due(s, &j, &open, &due, err)) != OK) {
        return st;
    }
    j.due_at = due ? due : now;
    st = build(s, &j, true, out, &outdated, err);
    out->due_at = due; /* 0: manual, or immediately; known also of one that can't be built */
    return st;
}

static const enum config_schedule_kind kinds[] = {CONFIG_SCHEDULE_DAILY, CONFIG_SCHEDULE_WEEKLY,
                                                  CONFIG_SCHEDULE_MONTHLY, CONFIG_SCHEDULE_IMMEDIATELY};

static bool has_cadence(const struct config_newsletter *n, enum config_schedule_kind k) {
    return (n->cadences & CONFIG_CADENCE(k)) || n->schedule.kind == k;
}

enum status build_next_at(struct site *s, int64_t *at, struct error *err) {
    enum status st = OK;
    int64_t now = clock_now(&s->clock);
    *at = 0;
    for (size_t i = 0; i < s->config->newsletters_n; i++) {
        const struct config_newsletter *n = &s->config->newsletters[i];
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds && st == OK; k++) {
            int64_t lead = 0, due = 0;
            if (has_cadence(n, kinds[k])) {
                due = schedule_next_due(&n->schedule, kinds[k], s->zone, now + lead_of(n));
                st = due ? hours_lead(s, n, due, &lead, err) : OK;
            }
            due -= lead_of(n) + lead;
            if (st == OK && due > now && (!*at || due < *at)) {
                *at = due;
            }
        }
    }
    return st;
}

enum status build_due(struct site *s, bool partial, int64_t *built, struct error *err) {
    enum status first = OK;
    *built = 0;
    for (size_t i = 0; i < s->config->newsletters_n; i++) {
        const struct config_newsletter *n = &s->config->newsletters[i];
        struct error why;
        struct job j;
        enum status st = prepare(s, n, &j, &why); /* from now on its due times count, manual or not */
        j.partial = partial;
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds && st == OK; k++) {
            if (has_cadence(n, kinds[k])) {
                st = build_cadence(s, &j, kinds[k], built, &why);
            }
        }
        if (st != OK && first == OK) {
            /* a newsletter that can't be built holds up no other; its due time stays open */
            first = error_set(err, st, "%s", why.text);
        } else if (st != OK) {
            /* nor is its trouble lost behind the first one's; what passes by itself is tried again */
            first = st == ERR_IO || st == ERR_TEMP ? st : first;
            struct error both = *err;
            (void)error_set(err, first, "%s; %s", both.text, why.text);
        }
    }
    return first;
}

enum status build_preview(struct site *s, const struct config_newsletter *n, int64_t subscriber, struct arena *a,
                          struct edition **out, struct str *key, struct error *err) {
    struct job j = {.n = n, .cadence = n->schedule.kind};
    struct candidates c = {0};
    struct readers one = {0};
    struct buf b = BUF_INIT;
    struct census census = {0};
    int64_t due = 0, next = 0, now = clock_now(&s->clock);
    *out = NULL;
    *key = STR_NONE;
    /* nothing is noted for a preview: a section that was never run counts as configured now */
    if (queue_newsletter(s->queue, n->name, 0, &j.row, NULL) != OK) {
        j.row = (struct queue_newsletter){.configured_at = now};
    }
    enum status st = store_newsletter_find(s->store, str_from(n->name), &j.store_newsletter, err);
    if (st == OK) {
        st = next_due(s, &j, &due, &next, err);
    }
    /* the first issue begins a period before it is due; where that holds nothing yet, what is there by now is shown */
    j.due_at = next ? next : now;
    if (st == OK && (st = since_of(s, &j, err)) == OK) {
        st = articles_above(s, &j, 0, a, &c, err);
    }
    j.due_at = due ? due : now;
    if (st == OK && c.n == 0 && j.due_at < next && (st = since_of(s, &j, err)) == OK) {
        st = articles_above(s, &j, 0, a, &c, err);
    }
    if (st != OK) {
        return st;
    }
    if (subscriber) {
        const struct readers_of of = {.newsletter = j.row.id,
                                      .store_newsletter = j.store_newsletter,
                                      .first_built_at = j.row.first_built_at,
                                      .to = c.to};
        if ((st = readers_next(s, &of, subscriber - 1, 1, a, &one, err)) != OK) {
            return st;
        }
        if (one.n != 1 || one.list[0].subscriber != subscriber) {
            return error_set(err, ERR_NOINPUT, "this reader has no active subscription to %s", n->name);
        }
        const struct reader *r = &one.list[0];
        struct select_reader sr = reader_select(r, n);
        if (select_key(c.select, c.n, &sr, &b) == 0) {
            st = error_set(err, ERR_DATA, "there is nothing new for this reader");
        }
        *key = arena_str(a, buf_str(&b));
        buf_release(&b);
    } else if ((st = take_census(s, &j, &c, &census, err)) == OK && census.readers > 0) {
        cut_below(&c, census.lowest); /* else nobody is due anything: show what a new reader would get */
    }
    if (st == OK && c.n == 0) {
        st =
            error_set(err, ERR_DATA,
                      "newsletter %s has no new articles: 'courant source sync' takes in what there is, and 'since' in "
                      "[newsletter.%s] says how old it may be",
                      n->name, n->name);
    }
    struct issue_row row = {.newsletter_name = str_from(n->name),
                            .cadence = str_from(schedule_cadence_name(j.cadence)),
                            .due_at = j.due_at,
                            .built_at = now,
                            .number = j.row.numbers + 1};
    struct issue_input *inputs;
    size_t inputs_n;
    if (st == OK &&
        (st = edition_freeze(s->config, n, s->store, c.rows, c.n, NULL, true, &row, a, &inputs, &inputs_n, err)) ==
            OK &&
        (st = edition_new(&row, inputs, inputs_n, out, err)) == OK && !key->ptr) {
        *key = edition_whole_key(*out, a);
    }
    return st;
}
