#include "cmd/check.h"

#include "doctor/check.h"

struct printing {
    struct context *c;
    bool failed;      /* something that is ours to mend */
    bool unreachable; /* a relay */
};

static void on_result(void *ctx, const struct check_result *r) {
    static const char *const states[] = {"ok", "warn", "fail"};
    struct printing *p = ctx;
    if (r->state == CHECK_FAIL) {
        p->failed = p->failed || !r->relay;
        p->unreachable = p->unreachable || r->relay;
    }
    if (p->c->line->json) {
        table_cstr(p->c->out, r->check);
        table_cstr(p->c->out, states[r->state]);
        table_cstr(p->c->out, r->detail);
        table_row(p->c->out);
    } else if (!p->c->line->quiet || r->state == CHECK_FAIL) {
        /* -q: what fails is all that is wanted */
        (void)printf("%-4s %s: %s\n", r->state == CHECK_FAIL ? "FAIL" : states[r->state], r->check, r->detail);
    }
    (void)fflush(stdout);
}

enum status check_run(struct context *c, struct error *err) {
    static const struct table_column columns[] = {{"check", 0}, {"state", 0}, {"detail", 0}};
    struct printing p = {.c = c};
    const char *path = context_config_path(c->line);
    if (!path) {
        return error_set(err, ERR_NOINPUT,
                         "there is no configuration: name it with -c, or write one with 'courant init'");
    }
    if (c->line->json) {
        table_list(c->out, columns, 3);
    }
    check_all(path, &c->clock, on_result, &p);
    enum status st = table_end(c->out, err);
    if (st == OK && p.failed) {
        st = ERR_CONFIG;
    } else if (st == OK && p.unreachable) {
        st = ERR_UNAVAILABLE;
    }
    return st;
}
