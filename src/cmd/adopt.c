#include "cmd/adopt.h"

#include "dispatch/lock.h"
#include "dispatch/pair.h"
#include "dispatch/run.h"

static enum status say_moved(struct context *c, struct error *err) {
    static const struct table_column columns[] = {{"adopted", 0}};
    context_say(c, "this copy sends from now on; see to it that the one it was made from does not run any more");
    if (!c->line->json) {
        return OK;
    }
    table_object(c->out, columns, 1);
    table_cstr(c->out, "moved");
    table_row(c->out);
    return table_end(c->out, err);
}

struct departures {
    struct context *c;
    json_t *list; /* NULL: printed as text */
    int64_t n;
};

static bool on_departure(void *ctx, const struct pair_departure *d) {
    static const char *const what[] = {
        [CANCEL_LEFT] = "left", [CANCEL_PAUSED] = "paused", [CANCEL_SUPPRESSED] = "suppressed"};
    struct departures *l = ctx;
    if (l->list) {
        json_t *o = json_object();
        table_json_set(o, "subscriber", json_integer(d->subscriber));
        table_json_set(o, "email", table_json_str(d->email));
        table_json_set(o, "newsletter", table_json_str(d->newsletter));
        table_json_set(o, "was", json_string(what[d->cause]));
        (void)json_array_append_new(l->list, o);
    } else {
        if (!l->n) {
            context_say(l->c, "courant.db has forgotten that these readers had gone:");
        }
        context_say(l->c, "  %.*s (%s, %.*s)", STR_ARG(d->email), what[d->cause], STR_ARG(d->newsletter));
    }
    l->n++;
    return true;
}

static enum status say_restored(struct context *c, int64_t held, struct error *err) {
    static const struct table_column columns[] = {{"adopted", 0}, {"held", 0}, {"departures", 0}};
    struct departures l = {.c = c, .list = c->line->json ? json_array() : NULL};
    context_say(c, "%lld open deliver%s held; nothing is mailed before 'courant queue release'", (long long)held,
                held == 1 ? "y is" : "ies are");
    enum status st = pair_departures(c->site, on_departure, &l, err);
    if (st != OK) {
        json_decref(l.list);
        return st;
    }
    if (l.n) {
        context_say(c, "'courant suppress add' keeps them from being mailed again");
    }
    context_say(c, "Check before that:");
    context_say(c, "  who left, was suppressed or erased since the backup (the web server's log, bounced mail)");
    context_say(c, "  'courant queue list --state held': who may have got it already (the relay's log says)");
    context_say(c, "  'courant issue list': an issue sent since the backup is built again; 'courant issue drop' or "
                   "'courant issue cancel ID --drop' prevents that it is mailed twice");
    if (!c->line->json) {
        return OK;
    }
    table_object(c->out, columns, 3);
    table_cstr(c->out, "restored");
    table_int(c->out, held);
    table_json(c->out, l.list, STR_NONE);
    table_row(c->out);
    return table_end(c->out, err);
}

enum status adopt_run(struct context *c, struct error *err) {
    bool moved = context_flag(c, "moved"), restored = context_flag(c, "restored"), busy, stale;
    struct run_lock lock = {.fd = -1};
    int64_t held = 0;
    if (moved == restored) {
        return error_set(err, ERR_USAGE,
                         "say which: --moved when nothing was lost, --restored when a backup was put back");
    }
    enum status st = lock_take(c->config->queue.path, &lock, &busy, &stale, err);
    if (st != OK) {
        return st;
    }
    if (busy) {
        return error_set(err, ERR_TEMP, "a run is at work on these databases; stop it first");
    }
    if ((st = run_recover(c->site, err)) == OK) {
        st = moved ? pair_adopt_moved(c->site, err) : pair_adopt_restored(c->site, &held, err);
    }
    lock_release(&lock);
    if (st != OK) {
        return st;
    }
    return moved ? say_moved(c, err) : say_restored(c, held, err);
}
