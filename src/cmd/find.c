#include "cmd/find.h"

#include "config/report.h"
#include "text/moment.h"

enum status find_newsletter(struct context *c, const char *name, int64_t *id, struct error *err) {
    const struct config_newsletter *known;
    enum status st = store_newsletter_find(c->site->store, str_from(name), id, err);
    return st != OK || *id ? st : context_newsletter(c, name, &known, err);
}

static enum status statuses(struct str list, struct search *out, struct error *err) {
    static const char *const names[] = {"pending",           "active",     "paused", "left",
                                        "removed-by-source", "suppressed", "erased"};
    struct str word;
    while (str_split(&list, ',', &word)) {
        size_t i = 0;
        word = str_trim(word);
        while (i < 7 && !str_eq(word, str_from(names[i]))) {
            i++;
        }
        if (i < 5) {
            out->subscriptions |= 1u << i;
        } else if (i < 7) {
            out->people |= 1u << (i == 5 ? SUBSCRIBER_SUPPRESSED : SUBSCRIBER_ERASED);
        } else {
            char cut[32];
            (void)snprintf(cut, sizeof cut, "%.*s", STR_ARG(str_sub(word, 0, 30)));
            const char *near = report_nearest(str_from(cut), names, 7);
            return error_set(err, ERR_USAGE, "--status %s: is none%s%s%s", cut, near ? "; do you mean '" : "",
                             near ? near : "; 'courant subscriber list --help' names them", near ? "'?" : "");
        }
    }
    return OK;
}

static enum status moment(struct context *c, const char *option, int64_t *out, struct error *err) {
    const char *text = context_value(c, option);
    struct error why = {0};
    if (text && moment_parse(str_from(text), c->site->zone, out, &why) != OK) {
        return error_set(err, ERR_USAGE, "--%s %s: %s", option, text, why.text);
    }
    return OK;
}

enum status find_options(struct context *c, struct search *out, struct error *err) {
    enum status st = OK;
    const char *newsletter = context_value(c, "newsletter");
    const char *status = context_value(c, "status");
    struct str attribute = str_from(context_value(c, "attribute"));
    *out = SEARCH_INIT;
    out->all = context_flag(c, "all");
    out->part = context_arg(c, 0);
    out->topic = str_from(context_value(c, "topic"));
    out->language = str_from(context_value(c, "language"));
    if (attribute.ptr) {
        size_t eq = str_find(attribute, '=', 0);
        out->attribute = str_sub(attribute, 0, eq);
        out->value = eq < attribute.len ? str_sub(attribute, eq + 1, attribute.len) : STR_NONE;
    }
    if (status && (st = statuses(str_from(status), out, err)) != OK) {
        return st;
    }
    if (newsletter) {
        st = find_newsletter(c, newsletter, &out->newsletter, err);
        if (st == OK && !out->newsletter) {
            out->newsletter = -1; /* nobody's */
        }
    }
    if (st == OK && (st = moment(c, "joined-since", &out->joined_from, err)) == OK) {
        st = moment(c, "joined-before", &out->joined_to, err);
    }
    return st;
}
