#include "cmd/issue.h"

#include "base/log.h"
#include "cmd/person.h"
#include "dispatch/approval.h"
#include "dispatch/build.h"
#include "dispatch/preview.h"
#include "dispatch/prove.h"
#include "queue/issue.h"
#include "text/moment.h"

#include <errno.h>

/* A terminal's line has no room for all of it: a list names what is open in one number. */
static const struct table_column columns[] = {{"id", TABLE_RIGHT},
                                              {"newsletter", 0},
                                              {"cadence", TABLE_JSON_ONLY},
                                              {"number", TABLE_JSON_ONLY},
                                              {"state", 0},
                                              {"due_at", 0},
                                              {"built_at", TABLE_JSON_ONLY},
                                              {"articles", TABLE_RIGHT},
                                              {"readers", TABLE_RIGHT},
                                              {"open", TABLE_RIGHT | TABLE_TEXT_ONLY},
                                              {"queued", TABLE_JSON_ONLY},
                                              {"claimed", TABLE_JSON_ONLY},
                                              {"deferred", TABLE_JSON_ONLY},
                                              {"held", TABLE_JSON_ONLY},
                                              {"unknown", TABLE_JSON_ONLY},
                                              {"sent", TABLE_RIGHT},
                                              {"failed", TABLE_RIGHT},
                                              {"cancelled", TABLE_JSON_ONLY}};
enum { COLUMNS = sizeof columns / sizeof *columns };

static enum status values(struct context *c, const struct issue_row *i, struct error *err) {
    int64_t counts[DELIVERY_STATES];
    int64_t readers = 0;
    int64_t open = 0;
    struct table *t = c->out;
    enum status st = issue_counts(c->site->queue, i->id, counts, err);
    if (st != OK) {
        return st;
    }
    for (size_t s = 0; s < DELIVERY_STATES; s++) {
        readers += counts[s];
        open += delivery_state_final((enum delivery_state)s) ? 0 : counts[s];
    }
    table_int(t, i->id);
    table_str(t, i->newsletter_name);
    table_str(t, i->cadence);
    table_int(t, i->number);
    table_cstr(t, issue_state_name(i->state));
    table_time(t, i->due_at);
    table_time(t, i->built_at);
    table_int(t, i->articles);
    table_int(t, readers);
    table_int(t, open);
    for (size_t s = 0; s < DELIVERY_STATES; s++) {
        table_int(t, counts[s]); /* the columns stand in the order of enum delivery_state */
    }
    return OK;
}

enum status issue_list_run(struct context *c, struct error *err) {
    const char *only = context_value(c, "newsletter");
    int64_t after = 0;
    int64_t seen = 0;
    enum status st = OK;
    table_list(c->out, columns, COLUMNS);
    while (st == OK && !table_failed(c->out)) {
        struct issue_row *rows;
        size_t n;
        arena_reset(c->arena);
        if ((st = issue_page(c->site->queue, after, c->arena, &rows, &n, err)) != OK || n == 0) {
            break;
        }
        for (size_t i = 0; i < n && st == OK; i++) {
            if ((!only || str_eq(rows[i].newsletter_name, str_from(only))) && (st = values(c, &rows[i], err)) == OK) {
                table_row(c->out);
                seen++;
            }
        }
        after = rows[n - 1].id;
    }
    if (st == OK && only && !seen) {
        /* one without issues is in the configuration; one that is no longer there may have issues */
        const struct config_newsletter *newsletter;
        st = context_newsletter(c, only, &newsletter, err);
    }
    return st != OK ? st : table_end(c->out, err);
}

/* The issue that argument 0 names. */
static enum status named(struct context *c, struct issue_row *out, struct error *err) {
    int64_t id = 0;
    enum status st = context_number(context_arg(c, 0), 1, "an issue's id", &id, err);
    return st == OK ? issue_get(c->site->queue, id, c->arena, out, err) : st;
}

enum status issue_show_run(struct context *c, struct error *err) {
    static const struct table_column more[] = {{"subject", 0},   {"language", 0}, {"released_at", 0}, {"hold_until", 0},
                                               {"relays", 0},    {"done_at", 0},  {"release_at", 0},  {"deadline", 0},
                                               {"mailed_at", 0}, {"note", 0},     {"revision", 0},    {"corrects", 0}};
    struct table_column both[COLUMNS + sizeof more / sizeof *more];
    struct issue_row i;
    struct issue_input *inputs;
    struct edits edits = {0};
    size_t n = 0;
    enum status st = named(c, &i, err);
    if (st == OK && (st = issue_inputs(c->site->queue, i.id, c->arena, &inputs, &n, err)) == OK && n) {
        st = edits_read(inputs[0].content, c->arena, &edits, err); /* those of a purged one are gone */
    }
    if (st != OK) {
        return st;
    }
    memcpy(both, columns, sizeof columns);
    memcpy(both + COLUMNS, more, sizeof more);
    for (size_t k = 0; k < COLUMNS; k++) {
        both[k].flags &= ~(unsigned)TABLE_JSON_ONLY;
    }
    table_object(c->out, both, sizeof both / sizeof *both);
    if ((st = values(c, &i, err)) != OK) {
        return st;
    }
    table_str(c->out, i.subject);
    table_str(c->out, i.language);
    table_time(c->out, i.released_at);
    table_time(c->out, i.hold_until);
    table_str(c->out, i.relays);
    table_time(c->out, i.done_at);
    table_time(c->out, i.release_at);
    table_time(c->out, i.deadline);
    table_time(c->out, i.mailed_at);
    table_str(c->out, edits.note);
    table_int(c->out, i.revision);
    table_id(c->out, i.corrects);
    table_row(c->out);
    return table_end(c->out, err);
}

static const char *plural(int64_t n) {
    return n == 1 ? "" : "s";
}

static void say_built(struct context *c, const struct config_newsletter *n, const struct build_result *r, bool dry) {
    char due[MOMENT_ISO_SIZE];
    moment_iso(r->due_at, due);
    if (r->existed) {
        context_say(c, "issue %lld of %s is there already, due %s", (long long)r->issue, n->name, due);
    } else if (dry && (r->articles || r->issue)) {
        context_say(c, "issue %lld of %s would hold %lld article%s for %lld reader%s, due %s", (long long)r->number,
                    n->name, (long long)r->articles, plural(r->articles), (long long)r->readers, plural(r->readers),
                    due);
    } else if (!r->issue) {
        context_say(c, "%s has nothing new for anybody: no issue", n->name);
    } else {
        context_say(c, "issue %lld (number %lld of %s): %lld article%s for %lld reader%s, due %s", (long long)r->issue,
                    (long long)r->number, n->name, (long long)r->articles, plural(r->articles), (long long)r->readers,
                    plural(r->readers), due);
    }
}

enum status issue_build_run(struct context *c, struct error *err) {
    static const struct table_column built[] = {{"issue", 0},   {"newsletter", 0}, {"number", 0},  {"articles", 0},
                                                {"readers", 0}, {"due_at", 0},     {"existed", 0}, {"dry_run", 0}};
    bool dry = context_flag(c, "dry-run");
    bool again = context_flag(c, "again");
    const struct config_newsletter *n;
    struct build_result r = {0};
    struct issue_row old;
    if (again && dry) {
        return error_set(err, ERR_USAGE, "--again and --dry-run exclude each other");
    }
    enum status st = again ? named(c, &old, err) : OK;
    if (st == OK) {
        st = context_newsletter(c, again ? arena_cstr(c->arena, old.newsletter_name) : c->line->args[0], &n, err);
    }
    if (st == OK && !dry) {
        st = site_act(c->site, err);
    }
    if (st != OK || (st = again ? build_again(c->site, old.id, &r, err) : build_now(c->site, n, dry, &r, err)) != OK) {
        return st;
    }
    if (r.existed && r.issue) {
        struct issue_row row;
        if ((st = issue_get(c->site->queue, r.issue, c->arena, &row, err)) != OK) {
            return st;
        }
        r.number = row.number;
        r.articles = row.articles;
        r.due_at = row.due_at;
    }
    say_built(c, n, &r, dry);
    if (!c->line->json) {
        return OK;
    }
    table_object(c->out, built, sizeof built / sizeof *built);
    table_id(c->out, r.issue);
    table_cstr(c->out, n->name);
    table_id(c->out, r.number);
    table_int(c->out, r.articles);
    table_int(c->out, r.readers);
    table_time(c->out, r.due_at);
    table_bool(c->out, r.existed);
    table_bool(c->out, dry);
    table_row(c->out);
    return table_end(c->out, err);
}

enum status issue_preview_run(struct context *c, struct error *err) {
    bool html = context_flag(c, "html");
    bool eml = context_flag(c, "eml");
    const char *to = context_value(c, "to");
    struct str reader = STR_NONE;
    struct buf bytes = BUF_INIT;
    enum status st = OK;
    if (html + eml + context_flag(c, "text") > 1) {
        return error_set(err, ERR_USAGE, "--text, --html and --eml exclude each other");
    }
    if (c->line->json) {
        return error_set(err, ERR_USAGE, "a preview is a mail, not JSON; leave --json out");
    }
    if (to && (st = person_address(str_from(to), c->arena, &reader, err)) != OK) {
        return st;
    }
    enum preview_part part = html ? PREVIEW_HTML : eml ? PREVIEW_EML : PREVIEW_TEXT;
    st = preview(c->site, context_arg(c, 0), reader, part, &bytes, err);
    if (st == OK && bytes.failed) {
        st = error_set(err, ERR_OS, "out of memory");
    }
    if (st == OK && (fwrite(buf_cstr(&bytes), 1, bytes.len, stdout) != bytes.len || fflush(stdout) != 0)) {
        /* without a sentence when who reads it has seen enough */
        st = errno == EPIPE ? ERR_IO : error_set(err, ERR_IO, "standard output can't be written");
    }
    buf_release(&bytes);
    return st;
}

enum status issue_test_run(struct context *c, struct error *err) {
    struct context_words words = CONTEXT_WORDS(c, 1);
    struct str word;
    int64_t n = 0;
    enum status st = OK;
    while (st == OK && context_words_next(&words, &word)) {
        int64_t id = 0;
        if ((st = preview_send(c->site, context_arg(c, 0), word, &id, err)) == OK) {
            n++;
        }
    }
    context_words_release(&words);
    if (st == OK && !n) {
        st = error_set(err, ERR_NOINPUT, "standard input has no address");
    }
    if (n) {
        context_say(c, "%lld test message%s queued; 'courant send', or the next run, sends %s", (long long)n,
                    n == 1 ? "" : "s", n == 1 ? "it" : "them");
    }
    return st == OK ? context_count(c, "queued", n, err) : st;
}

enum status issue_prove_run(struct context *c, struct error *err) {
    static const struct table_column proven[] = {{"issue", 0},     {"renditions", 0}, {"mails", 0},
                                                 {"left_out", 0},  {"fields", 0},     {"slots", 0},
                                                 {"differing", 0}, {"first", 0},      {"where", 0}};
    static const char *const names[SLOT_COUNT] = {[SLOT_NAME] = "reader.name",
                                                  [SLOT_GIVEN_NAME] = "reader.given_name",
                                                  [SLOT_ADDRESS] = "reader.address",
                                                  [SLOT_UNSUBSCRIBE_URL] = "unsubscribe_url",
                                                  [SLOT_UNSUBSCRIBE_MAILTO] = "unsubscribe_mailto",
                                                  [SLOT_PREFERENCES_URL] = "preferences_url",
                                                  [SLOT_VIEW_URL] = "view_url"};
    struct issue_row row;
    struct prove_report r;
    enum status st = named(c, &row, err);
    if (st != OK || (st = prove(c->site, row.id, &r, err)) != OK) {
        return st;
    }
    struct buf text = BUF_INIT;
    json_t *slots = json_object();
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        if (r.slots_most[i] > 0) {
            (void)json_object_set_new(slots, names[i],
                                      json_pack("[I, I]", (json_int_t)r.slots_least[i], (json_int_t)r.slots_most[i]));
            buf_addf(&text, "%s%s %lld", text.len ? ", " : "", names[i], (long long)r.slots_least[i]);
            if (r.slots_least[i] != r.slots_most[i]) {
                buf_addf(&text, "-%lld", (long long)r.slots_most[i]);
            }
        }
    }
    table_object(c->out, proven, sizeof proven / sizeof *proven);
    table_int(c->out, row.id);
    table_int(c->out, r.renditions);
    table_int(c->out, r.mails);
    table_int(c->out, r.left_out);
    table_cstr(c->out, PROOF_FIELDS ", DKIM-Signature");
    table_json(c->out, slots, buf_str(&text));
    table_int(c->out, r.differing);
    table_id(c->out, r.first);
    table_str(c->out, r.differing ? str_from(r.where) : STR_NONE);
    table_row(c->out);
    buf_release(&text);
    st = table_end(c->out, err);
    return st == OK && r.differing
               ? error_set(err, ERR_SOFTWARE, "%lld of the mails of issue %lld differ in places that are not declared",
                           (long long)r.differing, (long long)row.id)
               : st;
}

/* The state that the verb has led to. */
static enum status say_state(struct context *c, int64_t id, struct error *err) {
    static const struct table_column state[] = {{"issue", 0}, {"state", 0}};
    struct issue_row i;
    enum status st = issue_get(c->site->queue, id, c->arena, &i, err);
    if (st != OK) {
        return st;
    }
    context_say(c, "issue %lld is %s", (long long)id, issue_state_name(i.state));
    if (!c->line->json) {
        return OK;
    }
    table_object(c->out, state, 2);
    table_int(c->out, id);
    table_cstr(c->out, issue_state_name(i.state));
    table_row(c->out);
    return table_end(c->out, err);
}

static enum status change(struct context *c, enum status (*verb)(struct queue *, int64_t, struct error *),
                          struct error *err) {
    struct issue_row i;
    enum status st = named(c, &i, err);
    if (st == OK && (st = verb(c->site->queue, i.id, err)) == OK) {
        st = say_state(c, i.id, err);
    }
    return st;
}

enum status issue_approve_run(struct context *c, struct error *err) {
    struct issue_row i;
    enum status st = named(c, &i, err);
    if (st == OK && (st = site_act(c->site, err)) == OK && (st = approval_give(c->site, i.id, err)) == OK) {
        st = say_state(c, i.id, err);
    }
    return st;
}

enum status issue_pause_run(struct context *c, struct error *err) {
    return change(c, issue_pause, err);
}

enum status issue_resume_run(struct context *c, struct error *err) {
    return change(c, issue_resume, err);
}

enum status issue_drop_run(struct context *c, struct error *err) {
    struct issue_row i;
    enum status st = named(c, &i, err);
    if (st == OK && (st = issue_drop(c->site->queue, i.id, err)) == OK) {
        context_say(c, "issue %lld is dropped: its articles come with the next one", (long long)i.id);
        st = context_count(c, "dropped", i.id, err);
    }
    return st;
}

enum status issue_cancel_run(struct context *c, struct error *err) {
    struct issue_row i;
    enum status st = named(c, &i, err);
    if (st == OK && (st = issue_cancel(c->site->queue, i.id, context_flag(c, "drop"), context_now(c), err)) == OK) {
        st = say_state(c, i.id, err);
    }
    return st;
}
