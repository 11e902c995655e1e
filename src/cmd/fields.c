#include "cmd/fields.h"

#include <stdlib.h>

#include "source/cell.h"
#include "text/language.h"
#include "text/moment.h"

enum { NAME_MAX_BYTES = 200, ATTRIBUTE_MAX = 1024 };

struct str fields_line(struct context *c, struct str s) {
    struct cells v = {.row = c->arena};
    return cell_line(&v, s);
}

static struct str value(struct context *c, const char *option) {
    const char *text = context_value(c, option);
    struct str s = text ? str_trim(str_from(text)) : STR_NONE;
    return s.len ? s : STR_NONE;
}

static enum status names(struct context *c, struct person_fields *p, struct error *err) {
    struct str *const to[] = {&p->name, &p->given_name};
    static const char *const options[] = {"name", "given-name"};
    for (size_t i = 0; i < 2; i++) {
        if (!context_flag(c, options[i])) {
            continue;
        }
        *to[i] = value(c, options[i]);
        p->told |= i ? IMPORT_GIVEN_NAME : IMPORT_NAME;
        for (size_t k = 0; k < to[i]->len; k++) {
            if ((unsigned char)to[i]->ptr[k] < ' ') {
                return error_set(err, ERR_USAGE, "--%s: has a control character", options[i]);
            }
        }
        *to[i] = fields_line(c, *to[i]);
        if (to[i]->len > NAME_MAX_BYTES) {
            return error_set(err, ERR_USAGE, "--%s: is longer than %d bytes", options[i], NAME_MAX_BYTES);
        }
    }
    return OK;
}

static enum status attributes(struct context *c, struct person_fields *p, struct error *err) {
    size_t at = 0;
    const char *given;
    json_t *object = NULL;
    enum status st = OK;
    while (st == OK && (given = command_next(c->line, "attribute", &at)) != NULL) {
        struct str s = str_from(given);
        size_t eq = str_find(s, '=', 0);
        struct cells v = {.row = c->arena};
        char *name = arena_cstr(c->arena, cell_line(&v, str_sub(s, 0, eq)));
        struct str text = cell_text(&v, str_sub(s, eq + 1, s.len));
        if (eq == s.len || !name[0] || s.len > ATTRIBUTE_MAX) {
            st = error_set(err, ERR_USAGE, "--attribute %.60s: NAME=VALUE is wanted, of at most 1 KB", given);
        } else {
            object = object ? object : json_object();
            table_json_set(object, name, text.len ? table_json_str(text) : json_null());
        }
    }
    if (st == OK && object) {
        char *text = json_dumps(object, JSON_COMPACT);
        p->attributes = arena_str(c->arena, str_from(text));
        p->told |= IMPORT_ATTRIBUTES;
        free(text);
    }
    json_decref(object);
    return st;
}

/* What the person and a subscription have both belongs to the subscription when a newsletter is named. */
static enum status shared(struct context *c, struct fields *f, struct error *err) {
    struct preferences p = {0};
    struct error why = {0};
    const char *format = context_value(c, "format");
    const char *language = context_value(c, "language");
    const char *timezone = context_value(c, "timezone");
    bool one = context_flag(c, "newsletter");
    if (format && preference_read(STR("format"), str_from(format), &p, &why) != OK) {
        return error_set(err, ERR_USAGE, "--format: %s", why.text);
    }
    if (language && one && preference_read(STR("language"), str_from(language), &p, &why) != OK) {
        return error_set(err, ERR_USAGE, "--language: %s", why.text);
    }
    if (one) {
        f->preferences.told |= p.told;
        f->preferences.format = p.format;
        f->preferences.language = p.language;
    } else if (format) {
        f->person.told |= IMPORT_FORMAT;
        f->person.format = p.format;
    }
    if (language && !one) {
        f->person.told |= IMPORT_LANGUAGE;
        if (value(c, "language").len &&
            language_normalise(value(c, "language"), c->arena, &f->person.language, &why) != OK) {
            return error_set(err, ERR_USAGE, "--language %s: %s", language, why.text);
        }
    }
    if (timezone) {
        struct zone *z = NULL;
        f->person.told |= IMPORT_TIMEZONE;
        f->person.timezone = value(c, "timezone");
        if (f->person.timezone.len && zone_open(f->person.timezone, &z, &why) != OK) {
            return error_set(err, ERR_USAGE, "--timezone %s: is not known; use a name such as Europe/Zurich", timezone);
        }
        zone_close(z);
    }
    return OK;
}

static enum status offered(struct context *c, const char *newsletter, const struct preferences *p, struct error *err) {
    const struct config_newsletter *n = newsletter ? config_newsletter_named(c->config, newsletter) : NULL;
    struct str rest = p->topics, topic;
    if (!n) {
        return OK;
    }
    if (p->told & PREFER_CADENCE && p->cadence != CADENCE_DEFAULT &&
        !(n->cadences & CONFIG_CADENCE((unsigned)p->cadence))) {
        return error_set(err, ERR_USAGE,
                         "--cadence: %s does not come so; 'courant newsletter show %s' has its cadences", newsletter,
                         newsletter);
    }
    while (n->topics.n && rest.ptr && str_split(&rest, ',', &topic)) {
        bool known = false;
        topic = str_trim(topic);
        for (size_t i = 0; i < n->topics.n; i++) {
            known = known || str_eq(topic, str_from(n->topics.items[i]));
        }
        if (topic.len && !known) {
            return error_set(err, ERR_USAGE, "--topics: '%.*s' is none of %s's topics", STR_ARG(topic), newsletter);
        }
    }
    return OK;
}

static enum status status_word(struct context *c, struct fields *f, struct error *err) {
    static const struct {
        const char *word;
        enum subscription_verb verb;
    } words[] = {{"leave", SUBSCRIPTION_LEAVE},  {"left", SUBSCRIPTION_LEAVE},    {"pause", SUBSCRIPTION_PAUSE},
                 {"paused", SUBSCRIPTION_PAUSE}, {"resume", SUBSCRIPTION_RESUME}, {"active", SUBSCRIPTION_RESUME}};
    const char *status = context_value(c, "status");
    const char *until = context_value(c, "until");
    struct error why = {0};
    for (size_t i = 0; status && i < sizeof words / sizeof *words; i++) {
        if (strcmp(status, words[i].word) == 0) {
            f->has_verb = true;
            f->verb = words[i].verb;
        }
    }
    if (status && !f->has_verb) {
        return error_set(err, ERR_USAGE, "--status %s: pause, resume or leave is wanted", status);
    }
    if (until && (!f->has_verb || f->verb != SUBSCRIPTION_PAUSE)) {
        return error_set(err, ERR_USAGE, "--until belongs to --status pause");
    }
    if (until && moment_parse(str_from(until), c->site->zone, &f->until, &why) != OK) {
        return error_set(err, ERR_USAGE, "--until %s: %s", until, why.text);
    }
    return until && f->until <= context_now(c) ? error_set(err, ERR_USAGE, "--until %s: is past", until) : OK;
}

enum status fields_read(struct context *c, const char *newsletter, struct fields *out, struct error *err) {
    static const char *const plain[] = {"topics", "cadence", "body"};
    *out = (struct fields){.preferences = {.cadence = CADENCE_DEFAULT, .body = BODY_DEFAULT}};
    enum status st = names(c, &out->person, err);
    if (st == OK && (st = attributes(c, &out->person, err)) == OK) {
        st = shared(c, out, err);
    }
    for (size_t i = 0; i < 3 && st == OK; i++) {
        const char *text = context_value(c, plain[i]);
        struct error why = {0};
        struct cells v = {.row = c->arena};
        if (text && preference_read(str_from(plain[i]), cell_text(&v, str_from(text)), &out->preferences, &why) != OK) {
            st = error_set(err, ERR_USAGE, "--%s: %s", plain[i], why.text);
        }
    }
    if (st == OK && (st = offered(c, newsletter, &out->preferences, err)) == OK) {
        st = status_word(c, out, err);
    }
    out->has_preferences = out->preferences.told != 0;
    return st;
}

enum status fields_apply(struct context *c, const struct fields *f, int64_t subscriber, int64_t newsletter,
                         bool *changed, struct error *err) {
    bool did = false;
    enum status st = f->has_preferences ? preference_set(c->site->store, newsletter, subscriber, &f->preferences,
                                                         c->site->actor, context_now(c), &did, err)
                                        : OK;
    *changed = *changed || did;
    return st;
}
