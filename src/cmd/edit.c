#include "cmd/edit.h"

#include "dispatch/approval.h"
#include "dispatch/correct.h"
#include "queue/issue.h"
#include "text/moment.h"

enum { NOTE_READ = 64 * 1024 };

/* What the options say; *TOLD: which. A note of "-" is standard input. */
static enum status read_edits(struct context *c, unsigned *told, struct edits *e, struct error *err) {
    const char *subject = context_value(c, "subject"), *note = context_value(c, "note");
    const char *order = context_value(c, "order"), *without = context_value(c, "exclude");
    enum status st = OK;
    *e = (struct edits){.subject = str_from(subject), .note = str_from(note)};
    *told = (subject ? APPROVAL_SUBJECT : 0) | (note ? APPROVAL_NOTE : 0) | (order ? APPROVAL_ORDER : 0) |
            (without ? APPROVAL_WITHOUT : 0);
    if (note && strcmp(note, "-") == 0) {
        char *text = arena_alloc(c->arena, NOTE_READ);
        e->note = (struct str){text, fread(text, 1, NOTE_READ, stdin)};
    }
    if (order) {
        st = edits_ids("order", str_from(order), c->arena, &e->order, &e->order_n, err);
    }
    if (st == OK && without) {
        st = edits_ids("exclude", str_from(without), c->arena, &e->without, &e->without_n, err);
    }
    return st;
}

enum status edit_set_run(struct context *c, struct error *err) {
    static const struct table_column columns[] = {
        {"issue", 0}, {"state", 0}, {"subject", 0}, {"articles", 0}, {"note", 0}};
    struct issue_row row;
    struct edits e;
    unsigned told;
    int64_t id = 0;
    enum status st = context_number(context_arg(c, 0), 1, "an issue's id", &id, err);
    if (st != OK || (st = read_edits(c, &told, &e, err)) != OK) {
        return st;
    }
    if (!told) {
        return error_set(err, ERR_USAGE, "say what to change: --subject, --note, --order, --exclude");
    }
    if ((st = approval_edit(c->site, id, told, &e, err)) != OK ||
        (st = issue_get(c->site->queue, id, c->arena, &row, err)) != OK) {
        return st;
    }
    context_say(c, "issue %lld is a draft again, of %lld articles: %.*s", (long long)id, (long long)row.articles,
                STR_ARG(row.subject));
    if (!c->line->json) {
        return OK;
    }
    table_object(c->out, columns, sizeof columns / sizeof *columns);
    table_int(c->out, id);
    table_cstr(c->out, issue_state_name(row.state));
    table_str(c->out, row.subject);
    table_int(c->out, row.articles);
    table_str(c->out, e.note);
    table_row(c->out);
    return table_end(c->out, err);
}

enum status edit_correct_run(struct context *c, struct error *err) {
    static const struct table_column columns[] = {
        {"issue", 0}, {"corrects", 0}, {"readers", 0}, {"articles", 0}, {"subject", 0}};
    struct correct_result r;
    struct edits e;
    unsigned told;
    int64_t id = 0;
    bool served = context_flag(c, "to-served");
    enum status st = context_number(context_arg(c, 0), 1, "an issue's id", &id, err);
    if (st != OK || (st = read_edits(c, &told, &e, err)) != OK || (st = site_act(c->site, err)) != OK ||
        (st = correct(c->site, id, served, told, &e, c->arena, &r, err)) != OK) {
        return st;
    }
    if (served) {
        char held[MOMENT_ISO_SIZE];
        moment_iso(r.hold_until, held);
        context_say(c, "issue %lld corrects issue %lld, for the %lld who got it; the next run%s%s sends it",
                    (long long)r.issue, (long long)id, (long long)r.readers, r.hold_until ? " after " : "",
                    r.hold_until ? held : "");
    } else {
        context_say(c, "issue %lld is corrected for %lld readers; 'courant issue resume %lld' goes on with it",
                    (long long)id, (long long)r.readers, (long long)id);
    }
    if (!c->line->json) {
        return OK;
    }
    table_object(c->out, columns, sizeof columns / sizeof *columns);
    table_int(c->out, r.issue);
    table_int(c->out, id);
    table_int(c->out, r.readers);
    table_int(c->out, r.articles);
    table_str(c->out, r.subject);
    table_row(c->out);
    return table_end(c->out, err);
}
