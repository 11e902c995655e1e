#include "cmd/run.h"

#include "base/log.h"
#include "dispatch/run.h"

#include <sys/ioctl.h>
#include <unistd.h>

enum { NOTES_MAX = 10, BAR = 20 };

struct watching {
    struct context *c;
    bool terminal; /* standard error is one: a line is rewritten there */
    bool drawn;    /* the line stands there */
    bool stay;
    int64_t notes;
};

static void clear_line(struct watching *w) {
    if (w->drawn) {
        (void)fputs("\r\033[K", stderr);
        w->drawn = false;
    }
}

static void on_progress(void *ctx, const struct run_progress *p) {
    struct watching *w = ctx;
    struct winsize size = {0};
    char line[256];
    int64_t all = p->done + p->open;
    int n = snprintf(line, sizeof line, "%s", p->what ? p->what : "");
    if (all > 0) {
        char bar[BAR + 1];
        int full = (int)(p->done * BAR / all);
        memset(bar, '.', BAR);
        memset(bar, '#', (size_t)full);
        bar[BAR] = 0;
        n += snprintf(line + n, sizeof line - (size_t)n, " [%s] %lld/%lld  %.0f/s", bar, (long long)p->done,
                      (long long)all, p->per_s);
        if (p->remaining_s >= 0) {
            n += snprintf(line + n, sizeof line - (size_t)n, "  %lld:%02lld left", (long long)p->remaining_s / 60,
                          (long long)p->remaining_s % 60);
        }
    }
    size_t width = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1u : 79;
    if ((size_t)n > width) {
        line[width < sizeof line ? width : sizeof line - 1] = 0; /* a wrapped line could not be rewritten */
    }
    (void)fprintf(stderr, "\r%s\033[K", line);
    (void)fflush(stderr);
    w->drawn = true;
}

static void on_note(void *ctx, const char *sentence) {
    struct watching *w = ctx;
    clear_line(w);
    if (w->stay || ++w->notes <= NOTES_MAX) {
        log_warning("%s", sentence);
    }
}

void run_words(const struct run_report *r, struct buf *out) {
    const struct {
        const char *name;
        int64_t n;
    } list[] = {{"sent", r->sent}, {"deferred", r->deferred}, {"failed", r->failed}, {"unknown", r->unknown}};
    if (r->issues_built) {
        buf_addf(out, "built %lld issue%s", (long long)r->issues_built, r->issues_built == 1 ? "" : "s");
    }
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (list[i].n) {
            buf_addf(out, "%s%s %lld", out->len ? ", " : "", list[i].name, (long long)list[i].n);
        }
    }
    if (out->len) {
        buf_addf(out, " in %.1f s", r->seconds);
    }
}

static enum status print_report(struct context *c, const struct run_report *r, struct error *err) {
    static const struct table_column columns[] = {{"issues_built", 0}, {"sent", 0},    {"deferred", 0}, {"failed", 0},
                                                  {"unknown", 0},      {"seconds", 0}, {"busy", 0}};
    struct buf words = BUF_INIT;
    if (c->line->json) {
        table_object(c->out, columns, sizeof columns / sizeof *columns);
        table_int(c->out, r->issues_built);
        table_int(c->out, r->sent);
        table_int(c->out, r->deferred);
        table_int(c->out, r->failed);
        table_int(c->out, r->unknown);
        table_json(c->out, json_real(r->seconds), STR_NONE);
        table_bool(c->out, r->busy);
        table_row(c->out);
        return table_end(c->out, err);
    }
    run_words(r, &words);
    if (words.len) {
        context_say(c, "courant: %s", buf_cstr(&words));
    } else if (isatty(STDOUT_FILENO)) {
        context_say(c, "courant: %s", r->busy ? "another run is at work" : "nothing to do");
    }
    buf_release(&words);
    return fflush(stdout) == 0 ? OK : error_set(err, ERR_IO, "standard output can't be written");
}

static enum status start(struct context *c, bool send_only, struct error *err) {
    struct watching w = {.c = c, .terminal = isatty(STDERR_FILENO) && !c->line->quiet, .stay = context_flag(c, "stay")};
    struct run_options o = {.send_only = send_only,
                            .stay = w.stay,
                            .progress = w.terminal ? on_progress : NULL,
                            .note = on_note,
                            .ctx = &w,
                            .stop = c->stop};
    struct run_report r = {0};
    struct error why = {0};
    enum status st = run(c->site, &o, &r, err);
    clear_line(&w);
    if (!w.stay && w.notes > NOTES_MAX) {
        log_warning("and %lld more", (long long)(w.notes - NOTES_MAX));
    }
    enum status printed = print_report(c, &r, &why);
    if (st == OK && printed != OK) {
        *err = why;
        st = printed;
    }
    return st;
}

enum status run_run(struct context *c, struct error *err) {
    return start(c, false, err);
}

enum status send_run(struct context *c, struct error *err) {
    return start(c, true, err);
}
