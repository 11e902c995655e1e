#include "dispatch/rest.h"

#include "dispatch/build.h"
#include "queue/queue.h"

#include <stdio.h>

enum { FIRST_S = 600, LONGEST_S = 4 * 3600, DAY_S = 86400, LONG_S = 5 };

static void key_of(const struct config_source *source, char out[300]) {
    (void)snprintf(out, 300, "source %s", source->name);
}

/* Another address or command is another source: it is asked at once. */
static unsigned long long place_of(const struct config_source *source) {
    uint64_t h = 0;
    const char *const places[] = {source->url, source->path, source->articles_command, source->subscribers_command};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        h = h * 31 + (places[i] ? str_hash(str_from(places[i])) : 0);
    }
    return h;
}

enum status rest_get(struct site *s, const struct config_source *source, struct arena *a, struct rest *out,
                     struct error *err) {
    char key[300];
    struct str value = STR_NONE;
    unsigned long long place;
    long long failures, until, said_at;
    int at = 0;
    key_of(source, key);
    *out = (struct rest){0};
    enum status st = queue_meta_str(s->queue, key, a, &value, err);
    if (st == OK && value.len &&
        sscanf(arena_cstr(a, value), "%llx %lld %lld %lld %n", &place, &failures, &until, &said_at, &at) == 4 && at &&
        place == place_of(source)) {
        int64_t now = clock_now(&s->clock);
        *out = (struct rest){failures, until, said_at, str_sub(value, (size_t)at, value.len)};
        if (out->said_at > now) { /* the clock was put back */
            out->until = 0;
            out->said_at = 0;
        }
    }
    return st;
}

static enum status wait_for(struct site *s, int64_t failures, int64_t wish, int64_t now, int64_t *until,
                            struct error *err) {
    int64_t wait = 0, next;
    *until = 0;
    for (int64_t i = 1; i < failures && wait < LONGEST_S; i++) {
        wait = wait ? wait * 2 : FIRST_S;
    }
    wait = wait < LONGEST_S ? wait : LONGEST_S;
    enum status st = build_next_at(s, &next, err); /* an issue has what can be had when it is built */
    if (st == OK && next && next < now + wait) {
        wait = next - now;
    }
    wish = wish < DAY_S ? wish : DAY_S;
    wait = wait > wish ? wait : wish;
    *until = wait ? now + wait : 0;
    return st;
}

enum status rest_failed(struct site *s, const struct config_source *source, int64_t took_s, int64_t retry_after_s,
                        struct str sentence, bool *say, struct error *err) {
    char key[300];
    struct rest r;
    struct arena *a = arena_new();
    struct buf value = BUF_INIT;
    int64_t now = clock_now(&s->clock);
    enum status st = a ? rest_get(s, source, a, &r, err) : error_set(err, ERR_OS, "out of memory");
    *say = true;
    if (st == OK) {
        bool rests = source->url || took_s >= LONG_S;
        *say = !r.failures || !str_eq(r.sentence, sentence) || now - r.said_at >= DAY_S ||
               !(rests || s->config->site.alarm_to);
        r.failures++;
        st = rests ? wait_for(s, r.failures, retry_after_s, now, &r.until, err) : OK;
    }
    if (st == OK) {
        key_of(source, key);
        buf_addf(&value, "%llx %lld %lld %lld %.*s", place_of(source), (long long)r.failures, (long long)r.until,
                 (long long)(*say ? now : r.said_at), STR_ARG(sentence));
        st = value.failed ? error_set(err, ERR_OS, "out of memory")
                          : queue_meta_set_str(s->queue, key, buf_str(&value), err);
    }
    buf_release(&value);
    arena_free(a);
    return st;
}

enum status rest_over(struct site *s, const struct config_source *source, struct error *err) {
    char key[300];
    struct str value = STR_NONE;
    struct arena *a = arena_new();
    key_of(source, key);
    enum status st = a ? queue_meta_str(s->queue, key, a, &value, err) : error_set(err, ERR_OS, "out of memory");
    if (st == OK && value.len) {
        st = queue_meta_set_str(s->queue, key, STR(""), err);
    }
    arena_free(a);
    return st;
}
