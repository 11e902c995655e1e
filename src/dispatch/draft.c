#include "dispatch/draft.h"

#include "digest/edition.h"
#include "dispatch/census.h"
#include "dispatch/letter.h"
#include "dispatch/links.h"
#include "dispatch/preview.h"
#include "text/moment.h"

#include <jansson.h>

enum { LARGE = 100 * 1024 };

/* Calls FN for each address; one that can't be written to is no reason to leave the others out. */
static enum status each_editor(struct site *s, const struct config_newsletter *n,
                               enum status (*fn)(struct site *s, const char *to, void *ctx, struct error *err),
                               void *ctx, struct error *err) {
    enum status st = OK;
    if (n->editors.n == 0) {
        return s->config->site.alarm_to ? fn(s, s->config->site.alarm_to, ctx, err) : OK;
    }
    for (size_t i = 0; i < n->editors.n; i++) {
        struct error why;
        enum status one = fn(s, n->editors.items[i], ctx, &why);
        if (one != OK && (st == OK || one == ERR_IO || one == ERR_TEMP)) {
            st = error_set(err, one, "editors: %s", why.text);
        }
    }
    return st;
}

struct mail {
    const struct config_newsletter *n;
    struct str issue; /* its id; absent: no copy of it goes along */
    struct buf subject, text;
};

static enum status send(struct site *s, const char *to, void *ctx, struct error *err) {
    struct mail *m = ctx;
    int64_t id;
    const struct letter l = {
        .n = m->n, .kind = "draft", .to = to, .subject = buf_str(&m->subject), .text = buf_str(&m->text)};
    enum status st =
        m->subject.failed || m->text.failed ? error_set(err, ERR_OS, "out of memory") : letter_send(s, &l, err);
    return st == OK && m->issue.len ? preview_send(s, m->issue, str_from(to), &id, err) : st;
}

static void add_time(struct site *s, int64_t t, struct buf *out) {
    struct civil c;
    zone_civil(s->zone, t, &c);
    buf_addf(out, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
}

static void add_how(struct site *s, const struct config_newsletter *n, const struct issue_row *row, struct buf *out) {
    long long id = (long long)row->id;
    if (row->deadline) {
        buf_adds(out, n->approval_deadline == CONFIG_DEADLINE_SEND ? "It goes out as it is on " : "It is skipped on ");
        add_time(s, row->deadline, out);
        buf_addf(out, " (%s), unless somebody approves it before%s.\n", s->config->site.timezone,
                 n->approval_deadline == CONFIG_DEADLINE_SEND ? " or drops it"
                                                              : "; its articles then come with the "
                                                                "next issue");
    } else {
        buf_adds(out, "It goes out when somebody approves it.\n");
    }
    buf_addf(out,
             "\n  courant issue approve %lld\n"
             "  courant issue set %lld --subject TEXT --note TEXT --order ID,ID --exclude ID,ID\n"
             "  courant issue build %lld --again   (with what articles and templates are now)\n"
             "  courant issue drop %lld\n",
             id, id, id, id);
}

/* What is not as it should be with an article; a line each. */
static void add_complaints(const json_t *j, struct buf *out) {
    static const struct { const char *key, *what; } wanted[] = {{"url", "has no link"}, {"topic", "has no topic"}};
    const char *title = json_string_value(json_object_get(j, "title"));
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const char *s = json_string_value(json_object_get(j, wanted[i].key));
        if (!s || !s[0]) {
            buf_addf(out, "  %s: %s\n", title, wanted[i].what);
        }
    }
    const char *summary = json_string_value(json_object_get(j, "summary"));
    const char *body = json_string_value(json_object_get(j, "body"));
    const char *image = json_string_value(json_object_get(j, "image_url"));
    const char *alt = json_string_value(json_object_get(j, "image_alt"));
    if ((!summary || !summary[0]) && (!body || !body[0])) {
        buf_addf(out, "  %s: has no text\n", title);
    }
    if (image && image[0] && (!alt || !alt[0])) {
        buf_addf(out, "  %s: its picture has no text for those who don't see it\n", title);
    }
}

struct numbers {
    struct census census;
    size_t html, text; /* bytes of the largest rendition */
};

static enum status take_numbers(struct site *s, const struct config_newsletter *n, const struct issue_row *row,
                                const struct issue_input *inputs, size_t inputs_n, struct edition *e, struct arena *a,
                                struct numbers *out, struct error *err) {
    struct message_rendition *r = NULL;
    struct buf html = BUF_INIT, text = BUF_INIT;
    const struct message_reader nobody = {.issue = row->id,
                                          .generation = 1,
                                          .address = STR("reader@example.org"),
                                          .name = STR("Example Reader"),
                                          .given_name = STR("Example")};
    enum status st = census_issue(s, n, row, inputs, inputs_n, &out->census, err);
    if (st == OK && (st = edition_render(e, edition_whole_key(e, a), row->due_at, &r, err)) == OK &&
        (st = message_parts(r, s->tokens, &nobody, true, &html, err)) == OK &&
        (st = message_parts(r, s->tokens, &nobody, false, &text, err)) == OK) {
        out->html = html.len;
        out->text = text.len;
    }
    message_rendition_free(r);
    buf_release(&html);
    buf_release(&text);
    return st;
}

static enum status write_draft(struct site *s, const struct config_newsletter *n, const struct issue_row *row,
                               struct arena *a, struct mail *m, struct error *err) {
    struct issue_input *inputs;
    size_t inputs_n, bad_n = 0;
    struct edition *e = NULL;
    struct numbers v = {0};
    struct links_report links = {0};
    struct str *bad;
    struct buf complaints = BUF_INIT;
    enum status st = issue_inputs(s->queue, row->id, a, &inputs, &inputs_n, err);
    if (st == OK && (st = edition_new(row, inputs, inputs_n, &e, err)) == OK &&
        (st = take_numbers(s, n, row, inputs, inputs_n, e, a, &v, err)) == OK &&
        (st = edition_check(e, a, &bad, &bad_n, err)) == OK) {
        st = n->check_links ? links_check(s, inputs, inputs_n, a, &links, err) : OK;
    }
    if (st != OK) {
        edition_free(e);
        return st;
    }
    buf_addf(&m->subject, "Draft of issue %lld, due ", (long long)row->id);
    add_time(s, row->due_at, &m->subject);
    buf_addf(&m->subject, ": %.*s", STR_ARG(row->subject));
    buf_addf(&m->text, "Draft of %s number %lld (issue %lld, %.*s), due ", n->title, (long long)row->number,
             (long long)row->id, STR_ARG(row->cadence));
    add_time(s, row->due_at, &m->text);
    buf_addf(&m->text, " (%s).\n\n", s->config->site.timezone);
    add_how(s, n, row, &m->text);
    buf_addf(&m->text, "\nSubject: %.*s\nReaders: %lld\nRenditions: %lld\nArticles: %lld\n", STR_ARG(row->subject),
             (long long)v.census.readers, (long long)v.census.renditions, (long long)row->articles);
    buf_addf(&m->text, "Size: HTML %zu KB, text %zu KB, with all articles\n", (v.html + 1023) / 1024,
             (v.text + 1023) / 1024);
    if (edition_heavy(e).len) {
        buf_addf(&m->text, "Too large: %.*s.\n", STR_ARG(edition_heavy(e)));
    }
    if (n->check_links) {
        buf_addf(&m->text, "Links: %lld checked, %lld broken", (long long)links.checked, (long long)links.broken);
        if (links.unchecked) {
            buf_addf(&m->text, ", %lld not checked", (long long)links.unchecked);
        }
        buf_addf(&m->text, "\n%.*s", STR_ARG(links.lines));
    }
    buf_adds(&m->text, "\nArticles, in order of arrival, by their ids:\n");
    for (size_t i = 0; i < inputs_n; i++) {
        json_t *j =
            inputs[i].kind == ISSUE_ARTICLE ? json_loadb(inputs[i].content.ptr, inputs[i].content.len, 0, NULL) : NULL;
        if (j) {
            buf_addf(&m->text, "  %lld  %s%s\n", (long long)json_integer_value(json_object_get(j, "id")),
                     json_string_value(json_object_get(j, "title")),
                     json_is_true(json_object_get(j, "pinned")) ? " (pinned)" : "");
            add_complaints(j, &complaints);
            json_decref(j);
        }
    }
    if (v.html > LARGE) {
        buf_addf(&complaints, "  the HTML has more than %d KB: Gmail cuts it off at 102\n", LARGE / 1024);
    }
    for (size_t i = 0; i < bad_n; i++) {
        buf_addf(&complaints, "  %.*s\n", STR_ARG(bad[i]));
    }
    buf_addf(&m->text, "\nWarnings:%s%.*s", complaints.len ? "\n" : " none\n", STR_ARG(buf_str(&complaints)));
    buf_adds(&m->text, "\nThe issue itself comes as a message of its own, as a reader would see it.\n");
    m->issue = arena_printf(a, "%lld", (long long)row->id);
    buf_release(&complaints);
    edition_free(e);
    return OK;
}

enum status draft_mail(struct site *s, const struct config_newsletter *n, const struct issue_row *issue,
                       struct error *err) {
    struct arena *a = arena_new();
    struct mail m = {.n = n, .subject = BUF_INIT, .text = BUF_INIT};
    enum status st = OK;
    if (n->editors.n || s->config->site.alarm_to) {
        st = a ? write_draft(s, n, issue, a, &m, err) : error_set(err, ERR_OS, "out of memory");
        st = st == OK ? each_editor(s, n, send, &m, err) : st;
    }
    buf_release(&m.subject);
    buf_release(&m.text);
    arena_free(a);
    return st;
}

enum status draft_tell(struct site *s, const struct config_newsletter *n, const struct issue_row *issue,
                       enum draft_news news, struct error *err) {
    struct mail m = {.n = n, .subject = BUF_INIT, .text = BUF_INIT};
    static const char *const words[] = {"waits for you", "goes out: nobody looked at it in time",
                                        "is skipped: nobody approved it in time"};
    buf_addf(&m.subject, "Issue %lld %s: %.*s", (long long)issue->id, words[news], STR_ARG(issue->subject));
    buf_addf(&m.text, "Number %lld of %s (issue %lld) %s.\n", (long long)issue->number, n->title, (long long)issue->id,
             words[news]);
    if (news == DRAFT_REMINDER) {
        add_how(s, n, issue, &m.text);
    } else if (news == DRAFT_SKIPPED) {
        buf_adds(&m.text, "Its articles come with the next issue.\n");
    } else {
        buf_addf(&m.text, "'courant issue cancel %lld' stops what is not sent yet.\n", (long long)issue->id);
    }
    enum status st = each_editor(s, n, send, &m, err);
    buf_release(&m.subject);
    buf_release(&m.text);
    return st;
}
