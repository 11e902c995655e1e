#include "config/assign.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "config/secret.h"
#include "config/value.h"

#include <stdlib.h>

const char *assign_path(const struct assign *as, struct str path) {
    if (path.len && path.ptr[0] == '/')
        return arena_cstr(as->arena, path);
    while (str_starts(path, STR("./")) && path.len > 2)
        path = str_sub(path, 2, path.len);
    bool root = strcmp(as->folder, "/") == 0;
    return arena_printf(as->arena, "%s/%.*s", root ? "" : as->folder, STR_ARG(path)).ptr;
}

const char *assign_lower(const struct assign *as, struct str s) {
    char *copy = arena_cstr(as->arena, s);
    for (char *p = copy; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p + 32);
    return copy;
}

/* Takes the next item of a list off *rest. */
static bool next_item(struct str *rest, struct str *item) {
    while (rest->len) {
        size_t end = 0;
        while (end < rest->len && rest->ptr[end] != ',' && rest->ptr[end] != '\n')
            end++;
        *item = str_trim(str_sub(*rest, 0, end));
        *rest = str_sub(*rest, end + 1, rest->len);
        if (item->len)
            return true;
    }
    return false;
}

static size_t count_items(struct str s) {
    struct str item;
    size_t n = 0;
    while (next_item(&s, &item))
        n++;
    return n;
}

struct config_list assign_list(const struct assign *as, struct str s) {
    struct str item;
    size_t n = count_items(s);
    const char **items = arena_alloc(as->arena, (n + 1) * sizeof *items);
    for (size_t i = 0; next_item(&s, &item); i++)
        items[i] = arena_cstr(as->arena, item);
    return (struct config_list){items, n};
}

/* A bound, as the administrator would write it. */
static const char *show(const struct assign *as, enum schema_type type, int64_t n) {
    if (type == SCHEMA_INT)
        return arena_printf(as->arena, "%lld", (long long)n).ptr;
    if (type == SCHEMA_SIZE) {
        const char *unit = n % (1 << 20) == 0 && n ? "M" : n % (1 << 10) == 0 && n ? "K" : "";
        int64_t by = *unit == 'M' ? 1 << 20 : *unit ? 1 << 10 : 1;
        return arena_printf(as->arena, "%lld%s", (long long)(n / by), unit).ptr;
    }
    const char *unit = n % 86400 == 0 && n ? "d" : n % 3600 == 0 && n ? "h" : n % 60 == 0 && n ? "m" : "s";
    int64_t by = *unit == 'd' ? 86400 : *unit == 'h' ? 3600 : *unit == 'm' ? 60 : 1;
    return arena_printf(as->arena, "%lld%s", (long long)(n / by), unit).ptr;
}

/* Whether N is within the key's range; says so where it isn't. LINE 0: a default, which always is. */
static bool in_range(const struct assign *as, const struct schema_key *k, int line, int64_t n) {
    if (n >= k->min && n <= k->max)
        return true;
    report_add(as->report, line, "'%s' must be from %s to %s", k->name, show(as, k->type, k->min),
               show(as, k->type, k->max));
    return false;
}

/* Errors are mailed by cron: what stands in a URL between the scheme and an @, a password often, is left out. */
static void wrong(const struct assign *as, const char *key, int line, struct str v, const char *allowed) {
    size_t scheme = str_search(v, STR("://"), 0), at = v.len;
    while (scheme < v.len && at > scheme && v.ptr[at - 1] != '@') {
        at--;
    }
    bool user = scheme < 20 && at > scheme;
    size_t shown = user ? scheme + 3 : 0;
    struct str rest = user ? str_sub(v, at - 1, v.len) : v;
    size_t cut = utf8_cut(rest, 60);
    report_add(as->report, line, "'%s' can't be '%.*s%s%.*s%s': %s", key, (int)shown, v.ptr, user ? "…" : "", (int)cut,
               rest.ptr, cut < rest.len ? "…" : "", allowed);
}

/* What is allowed, for the types whose values are checked by one function. */
static const char *allowed(enum schema_type type) {
    switch (type) {
    case SCHEMA_PLACE:
    case SCHEMA_URL:
        return "give an address that begins with https:// or http://, its host in ASCII (xn--…), without a user";
    case SCHEMA_BOX_URL:
        return "give imaps://HOST, imap://, pop3s:// or pop3://; the user has a key of its own";
    case SCHEMA_HOST:
        return "give a host name or an IP address, without a port";
    case SCHEMA_DOMAIN:
        return "give a domain name in ASCII: letters, digits, hyphens and points (xn--… for others)";
    case SCHEMA_MAILBOX:
    case SCHEMA_MAILBOXES:
        return "give an address like name@example.org, nothing around it";
    case SCHEMA_DATE:
        return "give YYYY-MM-DD, or YYYY-MM-DDTHH:MM with or without Z or +HH:MM";
    case SCHEMA_COLOUR:
        return "give #rrggbb, #rgb or a colour's English name";
    case SCHEMA_TOKEN:
        return "only letters, digits, '-', '_' and '.' are allowed, 64 at most";
    case SCHEMA_BOOL:
        return "give yes or no";
    case SCHEMA_INT:
        return "give a whole number";
    case SCHEMA_DURATION:
    case SCHEMA_DURATIONS:
        return "give a number with s, m, h or d, like 90s, 5m, 1h, 3d";
    case SCHEMA_SIZE:
        return "give a number of bytes, or one with K, M or G, like 64K";
    case SCHEMA_RATE:
        return "give a number a second, minute, hour or day, like 100/s, 30/m, 2000/h, 50000/d, or several of them";
    case SCHEMA_SCHEDULE:
        return "give daily HH:MM, weekly DAY[,DAY] HH:MM (mon to sun), monthly N HH:MM (N from 1 to 31), immediately "
               "or manual";
    case SCHEMA_CADENCES:
        return "give one or more of daily, weekly, monthly";
    case SCHEMA_WINDOW:
        return "give HH:MM-HH:MM with two different times";
    case SCHEMA_LISTEN:
        return "give HOST:PORT, like 127.0.0.1:8080 or [::1]:8080";
    default:
        return "this value is not allowed";
    }
}

static bool is_token(struct str s) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
                  c == '.';
        if (!ok || (i == 0 && c == '.'))
            return false;
    }
    return s.len > 0 && s.len <= 64;
}

static bool has_scheme(struct str s, const char *const *schemes) {
    struct value_url url;
    if (!value_url(s, &url))
        return false;
    for (; *schemes; schemes++)
        if (str_eq_nocase(url.scheme, str_from(*schemes)))
            return true;
    return false;
}

/* The types kept as a string: *out, or NULL when V is not of the type. */
static const char *assign_string(const struct assign *as, enum schema_type type, struct str v) {
    static const char *const web[] = {"https", "http", NULL}, *const box[] = {"imaps", "imap", "pop3s", "pop3", NULL};
    struct str bare = v;
    bool ok = true;
    switch (type) {
    case SCHEMA_PATH:
        return assign_path(as, v);
    case SCHEMA_PLACE:
        if (str_search(v, STR("://"), 0) == v.len)
            return assign_path(as, v);
        ok = has_scheme(v, web);
        break;
    case SCHEMA_URL:
        ok = has_scheme(v, web);
        break;
    case SCHEMA_BOX_URL:
        ok = has_scheme(v, box);
        break;
    case SCHEMA_HOST:
        if (v.len > 2 && v.ptr[0] == '[' && v.ptr[v.len - 1] == ']')
            bare = str_sub(v, 1, v.len - 1);
        ok = value_address(bare) || (bare.len == v.len && value_domain(v));
        return ok ? arena_cstr(as->arena, bare) : NULL;
    case SCHEMA_DOMAIN:
        return value_domain(v) ? assign_lower(as, v) : NULL;
    case SCHEMA_MAILBOX:
        ok = value_mailbox(v);
        break;
    case SCHEMA_DATE:
        ok = value_date(v);
        break;
    case SCHEMA_COLOUR:
        ok = value_colour(v);
        break;
    case SCHEMA_TOKEN:
        ok = is_token(v);
        break;
    default:
        break;
    }
    return ok ? arena_cstr(as->arena, v) : NULL;
}

static bool assign_command(const struct assign *as, const struct schema_key *k, int line, struct str v,
                           const char **out) {
    struct error err;
    char **argv = NULL;
    size_t argc;
    *out = arena_cstr(as->arena, v);
    if (config_words(*out, &argv, &argc, &err) == OK) {
        free(argv);
        return true;
    }
    report_add(as->report, line, "'%s': %s", k->name, err.text);
    *out = NULL;
    return false;
}

static bool assign_choice(const struct assign *as, const struct schema_key *k, int line, struct str v, int *out) {
    struct str rest = str_from(k->choices), word;
    for (int i = 0; str_split(&rest, '|', &word); i++)
        if (str_eq_nocase(word, v)) {
            *out = i;
            return true;
        }
    const char *words = arena_printf(as->arena, "give one of %s", k->choices).ptr;
    wrong(as, k->name, line, v, words);
    return false;
}

static void assign_durations(const struct assign *as, const struct schema_key *k, int line, struct str v, char *base) {
    size_t n = count_items(v), i = 0;
    int64_t *list = arena_alloc(as->arena, (n + 1) * sizeof *list);
    struct str item;
    while (next_item(&v, &item)) {
        if (!value_duration(item, &list[i])) {
            wrong(as, k->name, line, item, allowed(k->type));
            return;
        }
        if (!in_range(as, k, line, list[i]))
            return;
        i++;
    }
    if (!n)
        return;
    memcpy(base + k->offset, &list, sizeof list);
    memcpy(base + k->offset2, &n, sizeof n);
}

static void assign_mailboxes(const struct assign *as, const struct schema_key *k, int line, struct str v, char *base) {
    struct config_list list = assign_list(as, v);
    for (size_t i = 0; i < list.n; i++)
        if (!value_mailbox(str_from(list.items[i]))) {
            wrong(as, k->name, line, str_from(list.items[i]), allowed(k->type));
            return;
        }
    memcpy(base + k->offset, &list, sizeof list);
}

static bool many_lines(enum schema_type type) {
    return type == SCHEMA_LINES || type == SCHEMA_LIST || type == SCHEMA_MAILBOXES || type == SCHEMA_COMMAND ||
           type == SCHEMA_RATE || type == SCHEMA_DURATIONS || type == SCHEMA_LATER;
}

/* A value given over several lines where one is meant is most often a key that was indented by mistake. */
static bool one_line(const struct assign *as, const char *key, int line, struct str v) {
    if (str_find(v, '\n', 0) == v.len)
        return true;
    report_add(as->report, line,
               "'%s' takes one line, but an indented line below goes on with it; let keys begin at the line's "
               "beginning",
               key);
    return false;
}

/* Puts V into the field of K in the struct at BASE. Fields are copied by memcpy: their types are the table's matter. */
static void assign_key(const struct assign *as, const struct schema_key *k, int line, struct str v, char *base) {
    int64_t n = 0;
    int i = 0, i2 = 0;
    bool ok = true, yes = false;
    size_t size = 0;
    unsigned bits = 0;
    struct config_rate rate;
    struct config_schedule schedule;
    struct config_list list;
    struct str part = STR_NONE;
    const char *text = NULL;

    if (!many_lines(k->type) && !one_line(as, k->name, line, v))
        return;
    switch (k->type) {
    case SCHEMA_LATER:
        return;
    case SCHEMA_COMMAND:
        if (assign_command(as, k, line, v, &text))
            memcpy(base + k->offset, &text, sizeof text);
        return;
    case SCHEMA_BOOL:
        if ((ok = value_bool(v, &yes)))
            memcpy(base + k->offset, &yes, sizeof yes);
        break;
    case SCHEMA_INT:
        if ((ok = value_int(v, &n)) && in_range(as, k, line, n)) {
            i = (int)n;
            memcpy(base + k->offset, &i, sizeof i);
        }
        break;
    case SCHEMA_DURATION:
        if ((ok = value_duration(v, &n)) && in_range(as, k, line, n))
            memcpy(base + k->offset, &n, sizeof n);
        break;
    case SCHEMA_DURATIONS:
        assign_durations(as, k, line, v, base);
        return;
    case SCHEMA_SIZE:
        if ((ok = value_size(v, &size)) && in_range(as, k, line, (int64_t)size))
            memcpy(base + k->offset, &size, sizeof size);
        break;
    case SCHEMA_RATE:
        if ((ok = value_rate(v, &rate)))
            memcpy(base + k->offset, &rate, sizeof rate);
        break;
    case SCHEMA_CHOICE:
        if (assign_choice(as, k, line, v, &i))
            memcpy(base + k->offset, &i, sizeof i);
        return;
    case SCHEMA_LIST:
        list = assign_list(as, v);
        memcpy(base + k->offset, &list, sizeof list);
        return;
    case SCHEMA_MAILBOXES:
        assign_mailboxes(as, k, line, v, base);
        return;
    case SCHEMA_SCHEDULE:
        if ((ok = value_schedule(v, &schedule)))
            memcpy(base + k->offset, &schedule, sizeof schedule);
        break;
    case SCHEMA_CADENCES:
        if ((ok = value_cadences(v, &bits)))
            memcpy(base + k->offset, &bits, sizeof bits);
        break;
    case SCHEMA_WINDOW:
        if ((ok = value_window(v, &i, &i2))) {
            memcpy(base + k->offset, &i, sizeof i);
            memcpy(base + k->offset2, &i2, sizeof i2);
        }
        break;
    case SCHEMA_LISTEN:
        if ((ok = value_listen(v, &part, &i))) {
            text = arena_cstr(as->arena, part);
            memcpy(base + k->offset, &text, sizeof text);
            memcpy(base + k->offset2, &i, sizeof i);
        }
        break;
    default:
        text = assign_string(as, k->type, v);
        ok = text != NULL;
        if (ok)
            memcpy(base + k->offset, &text, sizeof text);
        break;
    }
    if (!ok)
        wrong(as, k->name, line, v, allowed(k->type));
}

static const struct schema_key *find_key(const struct schema_section *schema, const char *name) {
    for (size_t i = 0; i < schema->keys_n; i++)
        if (strcmp(schema->keys[i].name, name) == 0)
            return &schema->keys[i];
    return NULL;
}

static void unknown_key(const struct assign *as, const struct schema_section *schema, const char *section,
                        const struct raw_entry *e) {
    const char *names[64];
    size_t n = 0;
    struct str key = str_from(e->key);
    if (str_eq_nocase(key, STR("password")) || str_eq_nocase(key, STR("secret"))) {
        report_add(as->report, e->line,
                   "a %s does not belong into this file: put it into a file of mode 0600 and name that with "
                   "'password_file', or name a command that prints it with 'password_command'",
                   str_eq_nocase(key, STR("password")) ? "password" : "secret");
        return;
    }
    for (; n < schema->keys_n; n++)
        names[n] = schema->keys[n].name;
    const char *near = report_nearest(key, names, n);
    if (near) {
        report_add(as->report, e->line, "unknown key '%s' in [%s]; did you mean '%s'?", e->key, section, near);
        return;
    }
    for (size_t i = 0; i < SCHEMA_SECTIONS; i++)
        if (find_key(&schema_sections[i], e->key)) {
            report_add(as->report, e->line, "unknown key '%s' in [%s]; it belongs into [%s%s]", e->key, section,
                       schema_sections[i].name, schema_sections[i].plain ? "" : ".NAME");
            return;
        }
    report_add(as->report, e->line, "unknown key '%s' in [%s]; courant.ini(5) lists the keys", e->key, section);
}

void assign_section(const struct assign *as, const struct schema_section *schema, const struct raw_section *raw,
                    void *target) {
    for (size_t i = 0; i < schema->keys_n; i++)
        if (schema->keys[i].fallback)
            assign_key(as, &schema->keys[i], 0, str_from(schema->keys[i].fallback), target);
    if (!raw)
        return;
    memcpy(target, &raw->line, sizeof raw->line);
    if (schema->named) {
        const char *point = strchr(raw->name, '.');
        const char *name = point ? point + 1 : "";
        memcpy((char *)target + offsetof(struct config_relay, name), &name, sizeof name);
    }
    for (const struct raw_entry *e = raw->entries; e; e = e->next) {
        const struct schema_key *k = find_key(schema, e->key);
        if (!k)
            unknown_key(as, schema, raw->name, e);
        else if (*e->value)
            assign_key(as, k, e->line, str_from(e->value), target);
    }
    for (size_t i = 0; i < schema->keys_n; i++) {
        const struct raw_entry *e = raw_entry(raw, schema->keys[i].name);
        if (schema->keys[i].required && (!e || !*e->value))
            report_add(as->report, e ? e->line : raw->line, "[%s] needs a value for '%s'", raw->name,
                       schema->keys[i].name);
    }
}

void assign_pace(const struct assign *as, const struct raw_entry *e, struct config_pace *out) {
    struct str domain = str_from(e->key);
    out->line = e->line;
    out->domain = assign_lower(as, domain);
    if (!str_eq(domain, STR("*")) && (!utf8_is_ascii(domain) || !value_domain(domain)))
        report_add(as->report, e->line, "[pace] takes domains in ASCII (xn--… for others) and *, not '%s'", e->key);
    if (!value_rate(str_from(e->value), &out->rate))
        wrong(as, e->key, e->line, str_from(e->value), allowed(SCHEMA_RATE));
}

_Static_assert(offsetof(struct config_relay, name) == offsetof(struct config_dkim, name) &&
                   offsetof(struct config_relay, name) == offsetof(struct config_newsletter, name) &&
                   offsetof(struct config_relay, name) == offsetof(struct config_source, name),
               "named sections begin alike");
