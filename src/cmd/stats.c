#include "cmd/stats.h"

#include "doctor/stats.h"
#include "text/moment.h"

#include <langinfo.h>
#include <locale.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { BAR_MAX = 60, BAR_LEAST = 10 };

static const char *const cadences[] = {"daily", "weekly", "monthly", "immediately", "default"};
static const char *const formats[] = {"both", "html", "text"};

/* "weekly 12, monthly 3"; few people are not told apart. */
static struct str groups(struct arena *a, const char *const *names, const int64_t *counts, size_t n) {
    struct buf b = BUF_INIT;
    int64_t few = 0;
    for (size_t i = 0; i < n; i++) {
        if (counts[i] >= STATS_FEW || (counts[i] > 0 && strcmp(names[i], "other") == 0)) {
            buf_addf(&b, "%s%s %lld", b.len ? ", " : "", names[i], (long long)counts[i]);
        } else {
            few += counts[i];
        }
    }
    if (few > 0) {
        buf_addf(&b, "%sother %lld", b.len ? ", " : "", (long long)few);
    }
    struct str out = arena_str(a, b.len ? buf_str(&b) : STR("-"));
    buf_release(&b);
    return out;
}

static json_t *groups_json(const char *const *names, const int64_t *counts, size_t n) {
    json_t *o = json_object();
    int64_t few = 0;
    for (size_t i = 0; i < n; i++) {
        if (counts[i] >= STATS_FEW) {
            table_json_set(o, names[i], json_integer(counts[i]));
        } else {
            few += counts[i];
        }
    }
    if (few > 0) {
        table_json_set(o, "other", json_integer(few));
    }
    return o;
}

/* The day that a period begins with, or its month. */
static struct str period_name(const struct context *c, const struct stats *s, int64_t from, struct arena *a) {
    struct civil day;
    zone_civil(c->site->zone, from, &day);
    return s->by_month ? arena_printf(a, "%04d-%02d", day.year, day.month)
                       : arena_printf(a, "%04d-%02d-%02d", day.year, day.month, day.day);
}

/* --- JSON --- */

static json_t *newsletters_json(const struct stats *s) {
    json_t *list = json_array();
    for (size_t i = 0; i < s->newsletters_n; i++) {
        const struct stats_newsletter *n = &s->newsletters[i];
        const char *tags[STATS_LANGUAGES + 1];
        int64_t counts[STATS_LANGUAGES + 1];
        size_t k = stats_languages(n, tags, counts);
        json_t *o = json_object();
        table_json_set(o, "newsletter", json_string(n->name));
        table_json_set(o, "active", json_integer(n->active));
        table_json_set(o, "pending", json_integer(n->pending));
        table_json_set(o, "paused", json_integer(n->paused));
        table_json_set(o, "left", json_integer(n->left));
        table_json_set(o, "removed", json_integer(n->removed));
        table_json_set(o, "suppressed", json_integer(n->suppressed));
        table_json_set(o, "cadences", groups_json(cadences, n->cadence, 5));
        table_json_set(o, "formats", groups_json(formats, n->format, 3));
        json_t *languages = json_object();
        for (size_t m = 0; m < k; m++) {
            table_json_set(languages, tags[m], json_integer(counts[m]));
        }
        table_json_set(o, "languages", languages);
        (void)json_array_append_new(list, o);
    }
    return list;
}

static json_t *periods_json(const struct context *c, const struct stats *s) {
    json_t *list = json_array();
    for (size_t i = 0; i < s->periods_n; i++) {
        const struct stats_period *p = &s->periods[i];
        json_t *o = json_object();
        table_json_set(o, s->by_month ? "month" : "week", table_json_str(period_name(c, s, p->from, c->arena)));
        table_json_set(o, "joined", json_integer(p->joined));
        table_json_set(o, "left", json_integer(p->left));
        table_json_set(o, "removed", json_integer(p->removed));
        table_json_set(o, "suppressed", json_integer(p->suppressed));
        table_json_set(o, "readers", json_integer(p->readers));
        (void)json_array_append_new(list, o);
    }
    return list;
}

static json_t *issues_json(const struct stats *s) {
    json_t *list = json_array();
    for (size_t i = 0; i < s->issues_n; i++) {
        const struct stats_issue *x = &s->issues[i];
        json_t *o = json_object(), *why = json_object();
        table_json_set(o, "issue", json_integer(x->id));
        table_json_set(o, "newsletter", table_json_str(x->newsletter));
        table_json_set(o, "cadence", table_json_str(x->cadence));
        table_json_set(o, "number", json_integer(x->number));
        table_json_set(o, "state", json_string(issue_state_name(x->state)));
        table_json_set(o, "released_at", table_json_time(x->released_at));
        table_json_set(o, "done_at", table_json_time(x->done_at));
        table_json_set(o, "seconds",
                       x->released_at && x->done_at ? json_integer(x->done_at - x->released_at) : json_null());
        table_json_set(o, "readers", json_integer(x->readers));
        for (int k = 0; k < DELIVERY_STATES; k++) {
            table_json_set(o, delivery_state_name((enum delivery_state)k), json_integer(x->counts[k]));
        }
        table_json_set(why, "hard", json_integer(x->hard));
        table_json_set(why, "soft", json_integer(x->soft));
        table_json_set(why, "policy", json_integer(x->policy));
        table_json_set(why, "other", json_integer(x->other));
        table_json_set(o, "failed_by", why);
        (void)json_array_append_new(list, o);
    }
    return list;
}

static enum status print_json(const struct context *c, const struct stats *s, struct error *err) {
    json_t *all = json_object();
    table_json_set(all, "newsletters", newsletters_json(s));
    table_json_set(all, "periods", periods_json(c, s));
    table_json_set(all, "issues", issues_json(s));
    bool failed = json_dumpf(all, stdout, JSON_COMPACT) != 0 || putchar('\n') == EOF || fflush(stdout) != 0;
    json_decref(all);
    return failed ? error_set(err, ERR_IO, "standard output can't be written") : OK;
}

/* --- for people --- */

static size_t width(void) {
    struct winsize w = {0};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col ? w.ws_col : 80;
}

static enum status print_newsletters(const struct context *c, const struct stats *s, struct error *err) {
    static const struct table_column columns[] = {
        {"newsletter", 0},     {"active", TABLE_RIGHT},  {"pending", TABLE_RIGHT},   {"paused", TABLE_RIGHT},
        {"left", TABLE_RIGHT}, {"removed", TABLE_RIGHT}, {"suppressed", TABLE_RIGHT}};
    struct table *t = table_new(stdout, false, isatty(STDOUT_FILENO) ? width() : 0);
    table_list(t, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < s->newsletters_n; i++) {
        const struct stats_newsletter *n = &s->newsletters[i];
        const int64_t v[] = {n->active, n->pending, n->paused, n->left, n->removed, n->suppressed};
        table_cstr(t, n->name);
        for (size_t k = 0; k < sizeof v / sizeof *v; k++) {
            table_int(t, v[k]);
        }
        table_row(t);
    }
    enum status st = table_end(t, err);
    table_free(t);
    for (size_t i = 0; i < s->newsletters_n && st == OK; i++) {
        const struct stats_newsletter *n = &s->newsletters[i];
        const char *tags[STATS_LANGUAGES + 1];
        int64_t counts[STATS_LANGUAGES + 1];
        size_t k = stats_languages(n, tags, counts);
        (void)printf("\n%s\n  languages: %s\n  cadences: %s\n  formats: %s\n", n->title,
                     groups(c->arena, tags, counts, k).ptr, groups(c->arena, cadences, n->cadence, 5).ptr,
                     groups(c->arena, formats, n->format, 3).ptr);
    }
    return st;
}

static enum status print_periods(struct context *c, const struct stats *s, struct table *t, struct error *err) {
    const struct table_column columns[] = {
        {s->by_month ? "month" : "week", 0}, {"joined", TABLE_RIGHT}, {"left", TABLE_RIGHT}, {"removed", TABLE_RIGHT},
        {"suppressed", TABLE_RIGHT},         {"readers", TABLE_RIGHT}};
    table_list(t, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < s->periods_n; i++) {
        const struct stats_period *p = &s->periods[i];
        const int64_t v[] = {p->joined, p->left, p->removed, p->suppressed, p->readers};
        table_str(t, period_name(c, s, p->from, c->arena));
        for (size_t k = 0; k < sizeof v / sizeof *v; k++) {
            table_int(t, v[k]);
        }
        table_row(t);
    }
    return table_end(t, err);
}

static struct str seconds_name(struct arena *a, int64_t s) {
    return s < 120    ? arena_printf(a, "%lld s", (long long)s)
           : s < 7200 ? arena_printf(a, "%lld min", (long long)((s + 30) / 60))
                      : arena_printf(a, "%lld h", (long long)((s + 1800) / 3600));
}

static enum status print_issues(struct context *c, const struct stats *s, struct error *err) {
    static const struct table_column columns[] = {
        {"issue", TABLE_RIGHT},   {"newsletter", 0},     {"released_at", 0},
        {"readers", TABLE_RIGHT}, {"sent", TABLE_RIGHT}, {"waits", TABLE_RIGHT},
        {"failed", TABLE_RIGHT},  {"failed_by", 0},      {"took", TABLE_RIGHT}};
    struct table *t = table_new(stdout, false, isatty(STDOUT_FILENO) ? width() : 0);
    table_list(t, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < s->issues_n; i++) {
        const struct stats_issue *x = &s->issues[i];
        static const char *const names[] = {"hard", "soft", "policy", "other"};
        const int64_t by[] = {x->hard, x->soft, x->policy, x->other};
        struct buf why = BUF_INIT;
        int64_t waits = 0;
        for (int k = 0; k <= DELIVERY_UNKNOWN; k++) {
            waits += x->counts[k];
        }
        for (size_t k = 0; k < 4; k++) {
            if (by[k]) {
                buf_addf(&why, "%s%s %lld", why.len ? ", " : "", names[k], (long long)by[k]);
            }
        }
        table_int(t, x->id);
        table_str(t, x->newsletter);
        table_time(t, x->released_at);
        table_int(t, x->readers);
        table_int(t, x->counts[DELIVERY_SENT]);
        table_int(t, waits);
        table_int(t, x->counts[DELIVERY_FAILED]);
        table_str(t, why.len ? buf_str(&why) : STR_NONE);
        table_str(t, x->released_at && x->done_at ? seconds_name(c->arena, x->done_at - x->released_at) : STR_NONE);
        table_row(t);
        buf_release(&why);
    }
    enum status st = table_end(t, err);
    table_free(t);
    return st;
}

/* A bar a period: who read at its end. Eighths of a character where the terminal has them. */
static void print_chart(struct context *c, const struct stats *s) {
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    (void)setlocale(LC_CTYPE, "");
    bool blocks = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    int64_t most = 1;
    size_t room = isatty(STDOUT_FILENO) ? width() : 80;
    room = room > 24 + BAR_LEAST ? room - 24 : BAR_LEAST;
    room = room > BAR_MAX ? BAR_MAX : room;
    for (size_t i = 0; i < s->periods_n; i++) {
        most = s->periods[i].readers > most ? s->periods[i].readers : most;
    }
    for (size_t i = 0; i < s->periods_n; i++) {
        int64_t n = s->periods[i].readers > 0 ? s->periods[i].readers : 0;
        int64_t parts = n * (int64_t)room * 8 / most;
        (void)printf("%-10s ", period_name(c, s, s->periods[i].from, c->arena).ptr);
        for (int64_t k = 0; k < (blocks ? parts / 8 : (parts + 4) / 8); k++) {
            (void)fputs(blocks ? "█" : "#", stdout);
        }
        (void)printf("%s %lld\n", blocks ? eighths[parts % 8] : "", (long long)n);
    }
}

enum status stats_run(struct context *c, struct error *err) {
    const char *since = context_value(c, "since"), *by = context_value(c, "by");
    int64_t from = 0;
    struct stats s;
    struct error why = {0};
    if (since && moment_parse(str_from(since), c->site->zone, &from, &why) != OK) {
        return error_set(err, ERR_USAGE, "--since %s: %s", since, why.text);
    }
    if (by && strcmp(by, "week") != 0 && strcmp(by, "month") != 0) {
        return error_set(err, ERR_USAGE, "--by %s: week or month", by);
    }
    bool month = by ? by[0] == 'm' : !since || context_now(c) - from > INT64_C(190) * 86400;
    const char *name = c->line->args_n ? c->line->args[0] : NULL;
    enum status st = stats_collect(c->site, name, from, month, c->arena, &s, err);
    if (st == OK && c->line->json) {
        return print_json(c, &s, err);
    }
    if (st == OK && c->line->csv) {
        return print_periods(c, &s, c->out, err);
    }
    if (st == OK && (st = print_newsletters(c, &s, err)) == OK) {
        struct table *t = table_new(stdout, false, isatty(STDOUT_FILENO) ? width() : 0);
        (void)putchar('\n');
        st = print_periods(c, &s, t, err);
        table_free(t);
    }
    if (st == OK && (context_flag(c, "chart") || isatty(STDOUT_FILENO)) && !c->quiet) {
        (void)putchar('\n');
        print_chart(c, &s);
    }
    if (st == OK && s.issues_n) {
        (void)putchar('\n');
        st = print_issues(c, &s, err);
    }
    return st;
}
