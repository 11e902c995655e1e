#include "config/link.h"

#include "base/arena.h"
#include "config/value.h"

#include <stdlib.h>

struct linker {
    const struct assign *as;
    const struct raw *raw;
    struct config *c;
};

static const struct raw_section *section(const struct linker *l, const char *kind, const char *name) {
    const char *full = *name ? arena_printf(l->as->arena, "%s.%s", kind, name).ptr : kind;
    return raw_section(l->raw, full);
}

/* The line of KEY in S where it is given with a value, else 0. */
static int given(const struct raw_section *s, const char *key) {
    const struct raw_entry *e = raw_entry(s, key);
    return e && *e->value ? e->line : 0;
}

/* USER and where the password comes from belong together. */
static void link_login(const struct linker *l, const struct raw_section *s, const char *user) {
    int file = given(s, "password_file"), command = given(s, "password_command"), name = given(s, "user");
    if (file && command)
        report_add(l->as->report, file > command ? file : command,
                   "[%s] has both 'password_file' and 'password_command'; keep one", s->name);
    if (user && !file && !command)
        report_add(l->as->report, name, "[%s] has a 'user' but neither 'password_file' nor 'password_command'",
                   s->name);
    if (!name && (file || command))
        report_add(l->as->report, file ? file : command, "[%s] has a password but no 'user'", s->name);
}

static void link_site(const struct linker *l) {
    struct config_site *site = &l->c->site;
    struct value_url url;
    if (!site->hostname && site->url && value_url(str_from(site->url), &url))
        site->hostname = url.is_address ? "localhost" : assign_lower(l->as, url.host);
}

static void link_relay(const struct linker *l, struct config_relay *r) {
    const struct raw_section *s = section(l, "relay", r->name);
    r->loopback = value_is_loopback(str_from(r->host));
    if (!given(s, "tls"))
        r->tls = r->port == 465 ? CONFIG_TLS_IMPLICIT : r->loopback ? CONFIG_TLS_NONE : CONFIG_TLS_STARTTLS;
    if (!r->port)
        r->port = r->tls == CONFIG_TLS_IMPLICIT ? 465 : 25;
    link_login(l, s, r->user);
    if (r->user && !r->loopback && (r->tls == CONFIG_TLS_NONE || r->tls == CONFIG_TLS_OPPORTUNISTIC))
        report_add(l->as->report, given(s, "tls"),
                   "[%s] would send its password to %s without safe encryption; set tls = starttls or implicit",
                   s->name, r->host);
}

static void link_dkim(const struct linker *l) {
    for (size_t i = 0; i < l->c->dkims_n; i++) {
        const struct config_dkim *d = &l->c->dkims[i];
        const struct raw_section *s = section(l, "dkim", d->name);
        if (!d->selector2 != !d->key_file2)
            report_add(l->as->report, given(s, d->selector2 ? "selector2" : "key_file2"),
                       "[%s] needs both 'selector2' and 'key_file2' to sign a second time", s->name);
        if (d->selector && d->selector2 && strcmp(d->selector, d->selector2) == 0)
            report_add(l->as->report, given(s, "selector2"), "[%s] has the same selector twice", s->name);
        for (size_t j = 0; d->domain && j < i; j++)
            if (l->c->dkims[j].domain && strcmp(l->c->dkims[j].domain, d->domain) == 0)
                report_add(l->as->report, given(s, "domain"), "%s is already the domain of the section on line %d",
                           d->domain, l->c->dkims[j].line);
    }
}

static void link_relays_of(const struct linker *l, const struct raw_section *s, struct config_newsletter *n) {
    const struct raw_entry *e = raw_entry(s, "relay");
    struct config_list names = assign_list(l->as, str_from(e ? e->value : ""));
    size_t max = names.n ? names.n : l->c->relays_n;
    const struct config_relay **list = arena_alloc(l->as->arena, (max + 1) * sizeof *list);
    n->relays = list;
    for (size_t i = 0; i < l->c->relays_n && !names.n; i++)
        list[n->relays_n++] = &l->c->relays[i];
    for (size_t i = 0; i < names.n; i++) {
        const char *name = names.items[i];
        const struct config_relay *r = config_relay_named(l->c, name);
        bool twice = false;
        for (size_t j = 0; j < n->relays_n; j++)
            twice = twice || list[j] == r;
        if (!r) {
            const char **known = arena_alloc(l->as->arena, (l->c->relays_n + 1) * sizeof *known);
            for (size_t j = 0; j < l->c->relays_n; j++)
                known[j] = l->c->relays[j].name;
            const char *near = report_nearest(str_from(name), known, l->c->relays_n);
            report_add(l->as->report, e->line, "there is no section [relay.%s]%s%s%s", name,
                       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
        } else if (!twice) {
            list[n->relays_n++] = r;
        }
    }
}

static void link_newsletter(const struct linker *l, struct config_newsletter *n, bool send_window) {
    const struct raw_section *s = section(l, "newsletter", n->name);
    bool choosable = n->schedule.kind != CONFIG_SCHEDULE_IMMEDIATELY && n->schedule.kind != CONFIG_SCHEDULE_MANUAL;
    if (!n->list_id && l->c->site.hostname)
        n->list_id = assign_lower(l->as, arena_printf(l->as->arena, "%s.%s", n->name, l->c->site.hostname));
    if (n->cadences && !choosable && given(s, "schedule"))
        report_add(l->as->report, given(s, "cadences"),
                   "'cadences' needs a daily, weekly or monthly schedule; immediately and manual have no others");
    n->cadences |= CONFIG_CADENCE(n->schedule.kind);
    if (!send_window)
        n->window_from = n->window_to = -1;
    link_relays_of(l, s, n);
}

/* Keys that only one type of source has. */
static const struct {
    const char *key;
    enum config_source_type type;
} source_keys[] = {
    {"articles", CONFIG_SOURCE_SQLITE},
    {"subscribers", CONFIG_SOURCE_SQLITE},
    {"url", CONFIG_SOURCE_FEED},
    {"url_pattern", CONFIG_SOURCE_FILES},
    {"articles_command", CONFIG_SOURCE_COMMAND},
    {"subscribers_command", CONFIG_SOURCE_COMMAND},
    {"output", CONFIG_SOURCE_COMMAND},
    {"timeout", CONFIG_SOURCE_COMMAND},
};

/* Every "{name}" must be one that source/permalink.h fills in. */
static void check_pattern(const struct linker *l, const struct raw_section *s, const char *pattern) {
    static const char *const names[] = {"path",     "folder", "section", "slug", "name",
                                        "language", "year",   "month",   "day"};
    for (struct str rest = str_from(pattern); rest.len;) {
        size_t open = str_find(rest, '{', 0), end = str_find(rest, '}', open);
        struct str name = str_sub(rest, open + 1, end);
        bool known = open == rest.len;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            known = known || str_eq(name, str_from(names[i]));
        if (!known) {
            const char *near = report_nearest(name, names, sizeof names / sizeof *names);
            report_add(l->as->report, given(s, "url_pattern"),
                       "'url_pattern' has {%.*s}; it may have {path}, {folder}, {section}, {slug}, {name}, {language}, "
                       "{year}, {month}, {day}%s%s%s",
                       STR_ARG(str_sub(name, 0, 40)), near ? "; did you mean {" : "", near ? near : "",
                       near ? "}?" : "");
            return;
        }
        rest = str_sub(rest, end < rest.len ? end + 1 : rest.len, rest.len);
    }
}

static void link_source(const struct linker *l, struct config_source *src) {
    static const char *const types[] = {"sqlite", "feed", "files", "command"};
    const struct raw_section *s = section(l, "source", src->name);
    struct report *report = l->as->report;
    const struct raw_entry *e = raw_entry(s, "newsletter");
    if (e && *e->value) {
        src->newsletter = config_newsletter_named(l->c, e->value);
        const char **known = arena_alloc(l->as->arena, (l->c->newsletters_n + 1) * sizeof *known);
        for (size_t j = 0; j < l->c->newsletters_n; j++)
            known[j] = l->c->newsletters[j].name;
        const char *near = report_nearest(str_from(e->value), known, l->c->newsletters_n);
        if (!src->newsletter)
            report_add(report, e->line, "there is no section [newsletter.%s]%s%s%s", e->value,
                       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    } else if (l->c->newsletters_n == 1) {
        src->newsletter = &l->c->newsletters[0];
    } else if (src->subscribers || src->subscribers_command) {
        report_add(report, src->line, "[%s] has subscribers: set 'newsletter', which they join", s->name);
    }
    if (!given(s, "type"))
        return;
    for (size_t i = 0; i < sizeof source_keys / sizeof *source_keys; i++) {
        int line = given(s, source_keys[i].key);
        if (line && src->type != source_keys[i].type)
            report_add(report, line, "'%s' is for type = %s, but [%s] has type = %s", source_keys[i].key,
                       types[source_keys[i].type], s->name, types[src->type]);
    }
    if (src->type == CONFIG_SOURCE_FEED) {
        if (src->url && src->path)
            report_add(report, given(s, "path"), "[%s] has both 'url' and 'path'; keep one", s->name);
        if (src->url && src->url[0] == '/') { /* a path given as url was made absolute */
            src->path = src->url;
            src->url = NULL;
        }
        if (!src->url && !src->path && !given(s, "url"))
            report_add(report, src->line, "[%s] needs a value for 'url', the feed's address or file", s->name);
    } else if (src->type == CONFIG_SOURCE_COMMAND) {
        if (given(s, "path"))
            report_add(report, given(s, "path"),
                       "'path' is for type = sqlite, files or feed, but [%s] has type = command", s->name);
        if (!given(s, "articles_command") && !given(s, "subscribers_command"))
            report_add(report, src->line, "[%s] needs 'articles_command', 'subscribers_command' or both", s->name);
    } else if (!src->path) {
        report_add(report, src->line, "[%s] needs a value for 'path'", s->name);
    }
    if (src->type == CONFIG_SOURCE_FILES)
        check_pattern(l, s, src->url_pattern);
    if (src->type == CONFIG_SOURCE_SQLITE && !src->articles && !src->subscribers)
        report_add(report, src->line, "[%s] needs 'articles', 'subscribers' or both: the queries", s->name);
}

static void link_web(const struct linker *l) {
    struct config_web *w = &l->c->web;
    struct value_url url;
    if (!w->base_url)
        return;
    struct str base = str_from(w->base_url);
    while (base.len && base.ptr[base.len - 1] == '/')
        base.len--;
    w->base_url = arena_cstr(l->as->arena, base);
    if (!value_url(base, &url) || str_find(url.path, '?', 0) < url.path.len ||
        str_find(url.path, '#', 0) < url.path.len)
        report_add(l->as->report, given(raw_section(l->raw, "web"), "base_url"),
                   "'base_url' must be an address and a path, without '?' and '#'");
    w->base_path = arena_cstr(l->as->arena, url.path.ptr ? url.path : STR(""));
    w->https = str_eq_nocase(url.scheme, STR("https"));
}

static void link_bounce(const struct linker *l) {
    const struct config_bounce *b = &l->c->bounce;
    const struct raw_section *s = raw_section(l->raw, "bounce");
    link_login(l, s, b->user);
    if (b->imap_url && !b->user)
        report_add(l->as->report, given(s, "imap_url"), "[bounce] needs a 'user' and a password to read 'imap_url'");
    if (!b->imap_url && b->user && !given(s, "imap_url"))
        report_add(l->as->report, given(s, "user"), "[bounce] has a 'user' but no 'imap_url'");
}

void link_config(const struct assign *as, const struct raw *raw, struct config *c, struct config_relay *relays,
                 struct config_newsletter *newsletters, struct config_source *sources) {
    struct linker l = {as, raw, c};
    link_site(&l);
    for (size_t i = 0; i < c->relays_n; i++)
        link_relay(&l, &relays[i]);
    link_dkim(&l);
    link_web(&l);
    link_bounce(&l);
    for (size_t i = 0; i < c->newsletters_n; i++)
        link_newsletter(&l, &newsletters[i], newsletters[i].window_from != newsletters[i].window_to);
    for (size_t i = 0; i < c->sources_n; i++)
        link_source(&l, &sources[i]);
    if (c->database.path && c->queue.path && strcmp(c->database.path, c->queue.path) == 0)
        report_add(as->report, c->queue.line ? c->queue.line : c->database.line,
                   "[database] and [queue] name the same file; they are two databases");
    if (c->newsletters_n && !given(raw_section(raw, "web"), "base_url") &&
        !given(raw_section(raw, "bounce"), "address"))
        report_add(as->report, c->newsletters[0].line,
                   "readers of [newsletter.%s] could not leave: set 'base_url' in [web] or 'address' in [bounce]",
                   c->newsletters[0].name);
}
