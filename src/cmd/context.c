#include "cmd/context.h"

#include "base/log.h"
#include "config/report.h"
#include "text/moment.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

const char *context_config_path(const struct command_line *line) {
    static const char *const places[] = {"courant.ini", "/etc/courant/courant.ini"};
    const char *named = line->config ? line->config : getenv("COURANT_CONFIG");
    if (named && named[0]) {
        return named;
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (access(places[i], F_OK) == 0) {
            return places[i];
        }
    }
    return NULL;
}

static enum status read_config(struct context *c, struct error *err) {
    const char *path = context_config_path(c->line);
    struct config_errors errors = CONFIG_ERRORS_INIT;
    if (!path) {
        return error_set(err, ERR_NOINPUT,
                         "there is no configuration: name it with -c, or write one with 'courant init'");
    }
    enum status st = config_load(path, &c->config, &errors);
    for (size_t i = 0; i < errors.n; i++) {
        log_error("%s", errors.list[i].text);
    }
    config_errors_release(&errors);
    return st;
}

static size_t terminal_width(void) {
    struct winsize w = {0};
    if (!isatty(STDOUT_FILENO)) {
        return 0;
    }
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col ? w.ws_col : 80;
}

/* Who changes something: whoever called sudo, else the user whom this process belongs to. A name of sudo's is taken
 * when there is such a user; what it says is as good as the machine's accounts. */
static void name_actor(struct site *s) {
    const char *sudo = getenv("SUDO_USER");
    struct passwd entry, *p = NULL;
    char room[4096];
    if (!sudo || !sudo[0] || getpwnam_r(sudo, &entry, room, sizeof room, &p) != 0 || !p) {
        (void)getpwuid_r(getuid(), &entry, room, sizeof room, &p);
    }
    if (p && p->pw_name[0]) {
        (void)snprintf(s->actor, sizeof s->actor, "admin %s", p->pw_name);
    } else {
        (void)snprintf(s->actor, sizeof s->actor, "admin uid %lu", (unsigned long)getuid());
    }
}

enum status context_open(struct context *c, const struct command_line *line, const volatile sig_atomic_t *stop,
                         unsigned need, struct error *err) {
    enum status st = OK;
    *c = (struct context){.line = line, .stop = stop, .quiet = line->quiet || line->json || line->csv};
    c->out = table_new(stdout, line->json, line->json ? 0 : terminal_width());
    if (line->csv) {
        table_set_csv(c->out);
    }
    c->arena = arena_new();
    if (!c->arena) {
        return error_set(err, ERR_OS, "out of memory");
    }
    if (line->now) {
        c->clock.pinned = true;
        struct error why = {0};
        if (moment_parse(str_from(line->now), NULL, &c->clock.at, &why) != OK) {
            return error_set(err, ERR_USAGE, "--now %s: %s", line->now, why.text);
        }
    }
    if (need & ~(unsigned)COMMAND_STOP && (st = read_config(c, err)) != OK) {
        return st;
    }
    if (need & (COMMAND_READ | COMMAND_WRITE)) {
        unsigned what = need & COMMAND_WRITE ? SITE_WRITE : SITE_READ;
        what |= need & COMMAND_KEYS ? SITE_KEYS : 0;
        if ((st = site_open(c->config, &c->clock, what, &c->site, err)) == OK) {
            c->site->force = line->force;
            if (need & COMMAND_WRITE) {
                name_actor(c->site);
            }
        }
    }
    return st;
}

void context_close(struct context *c) {
    site_close(c->site);
    config_free(c->config);
    table_free(c->out);
    arena_free(c->arena);
}

void context_say(const struct context *c, const char *fmt, ...) {
    if (!c->quiet) {
        va_list ap;
        va_start(ap, fmt);
        (void)vprintf(fmt, ap);
        va_end(ap);
        (void)putchar('\n');
    }
}

enum status context_count(struct context *c, const char *what, int64_t n, struct error *err) {
    const struct table_column column = {what, 0};
    if (!c->line->json) {
        return OK;
    }
    table_object(c->out, &column, 1);
    table_int(c->out, n);
    table_row(c->out);
    return table_end(c->out, err);
}

int64_t context_now(const struct context *c) {
    return clock_now(&c->clock);
}

enum status context_number(struct str text, int64_t least, const char *what, int64_t *out, struct error *err) {
    int64_t v = 0;
    bool good = text.len > 0 && text.len <= 18;
    for (size_t i = 0; good && i < text.len; i++) {
        good = text.ptr[i] >= '0' && text.ptr[i] <= '9';
        v = v * 10 + (text.ptr[i] - '0');
    }
    if (!good || v < least) {
        return error_set(err, ERR_USAGE, "'%.*s' is not %s", STR_ARG(text), what);
    }
    *out = v;
    return OK;
}

enum status context_newsletter(const struct context *c, const char *name, const struct config_newsletter **out,
                               struct error *err) {
    const char *names[64];
    size_t n = 0;
    if ((*out = config_newsletter_named(c->config, name)) != NULL) {
        return OK;
    }
    for (size_t i = 0; i < c->config->newsletters_n && n < 64; i++) {
        names[n++] = c->config->newsletters[i].name;
    }
    const char *near = report_nearest(str_from(name), names, n);
    return near
               ? error_set(err, ERR_NOINPUT, "there is no newsletter '%s'; do you mean '%s'?", name, near)
               : error_set(err, ERR_NOINPUT, "there is no newsletter '%s'; 'courant newsletter list' names them", name);
}

bool context_words_next(struct context_words *w, struct str *out) {
    for (;;) {
        if (w->reading) {
            ssize_t got = getline(&w->line, &w->cap, stdin);
            if (got >= 0) {
                *out = str_trim((struct str){w->line, (size_t)got});
                if (out->len) {
                    return true;
                }
                continue;
            }
            w->reading = false;
        }
        if (w->at >= w->n) {
            return false;
        }
        const char *word = w->words[w->at++];
        if (strcmp(word, "-") == 0) {
            w->reading = true;
        } else {
            *out = str_from(word);
            return true;
        }
    }
}

void context_words_release(struct context_words *w) {
    free(w->line);
    w->line = NULL;
}
