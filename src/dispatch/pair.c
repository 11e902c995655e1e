#include "dispatch/pair.h"

#include "queue/listing.h"
#include "queue/issue.h"
#include "store/subscriber.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAIR_TEXT = 33, PAGE = 500 };

/* queue.db's note that a backup was adopted and nobody has let it go yet. */
static const char WAITS[] = "restored";
static const unsigned open_states =
    1u << DELIVERY_QUEUED | 1u << DELIVERY_DEFERRED | 1u << DELIVERY_UNKNOWN | 1u << DELIVERY_CLAIMED;

/* What the third file says. */
struct third {
    bool there;
    char pair[PAIR_TEXT];
    int64_t run;
};

static void third_path(const struct site *s, char out[4096]) {
    (void)snprintf(out, 4096, "%s.pair", s->config->queue.path);
}

static enum status third_read(const struct site *s, struct third *out, struct error *err) {
    char path[4096], text[128] = "";
    struct third t = {0};
    enum status st = OK;
    third_path(s, path);
    FILE *f = fopen(path, "re");
    long long run = 0;
    if (f) {
        t.there = fgets(text, sizeof text, f) && sscanf(text, "%32[0-9a-f] %lld", t.pair, &run) == 2;
        t.run = run;
        (void)fclose(f);
    } else if (errno != ENOENT) {
        st =
            error_set(err, ERR_IO, "%s can't be read: %s", path, strerror(errno)); /* which is not that it is missing */
    }
    *out = t;
    return st;
}

/* Written beside and renamed, and the folder synced: it is whole or as before. */
static enum status third_write(const struct site *s, const char *pair, int64_t run, struct error *err) {
    char path[4096], fresh[4200], text[128], folder[4096];
    struct stat dir;
    third_path(s, path);
    (void)snprintf(fresh, sizeof fresh, "%s.new", path);
    int n = snprintf(text, sizeof text, "%s %lld\n", pair, (long long)run);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = fd >= 0 && write(fd, text, (size_t)n) == n;
    memcpy(folder, path, sizeof folder);
    const char *parent = dirname(folder);
    if (ok && geteuid() == 0 && stat(parent, &dir) == 0) {
        ok = fchown(fd, dir.st_uid, dir.st_gid) == 0;
    }
    ok = ok && fsync(fd) == 0;
    if (fd >= 0) {
        ok = close(fd) == 0 && ok;
    }
    ok = ok && rename(fresh, path) == 0;
    int d = ok ? open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    ok = ok && d >= 0 && fsync(d) == 0;
    enum status st = ok ? OK : error_set(err, ERR_IO, "%s can't be written: %s", path, strerror(errno));
    if (d >= 0) {
        (void)close(d);
    }
    return st;
}

/* queue.db's own inode and birth time, as text. */
static void identity(const char *path, char out[96]) {
    struct statx x;
    out[0] = 0;
    if (statx(AT_FDCWD, path, 0, STATX_INO | STATX_BTIME, &x) == 0) {
        (void)snprintf(out, 96, "%llu %lld.%09u", (unsigned long long)x.stx_ino,
                       x.stx_mask & STATX_BTIME ? (long long)x.stx_btime.tv_sec : 0,
                       x.stx_mask & STATX_BTIME ? x.stx_btime.tv_nsec : 0);
    }
}

struct numbers {
    char queue_pair[PAIR_TEXT], store_pair[PAIR_TEXT];
    int64_t queue_run, store_run;
    bool queue_original, store_original;
    struct third third;
};

static enum status read_all(struct site *s, struct numbers *n, struct error *err) {
    struct arena *a = arena_new();
    struct buf b = BUF_INIT;
    struct str pair, file;
    char now[96];
    *n = (struct numbers){0};
    enum status st = a ? queue_meta_str(s->queue, "pair", a, &pair, err) : error_set(err, ERR_OS, "out of memory");
    if (st == OK && (st = queue_meta_str(s->queue, "identity", a, &file, err)) == OK &&
        (st = queue_meta_int(s->queue, "run", &n->queue_run, err)) == OK &&
        (st = store_meta_get_text(s->store, STORE_PAIR, &b, err)) == OK &&
        (st = store_meta_get(s->store, STORE_RUN, &n->store_run, err)) == OK &&
        (st = store_is_original(s->store, &n->store_original, err)) == OK) {
        (void)snprintf(n->queue_pair, PAIR_TEXT, "%.*s", STR_ARG(pair));
        (void)snprintf(n->store_pair, PAIR_TEXT, "%s", buf_cstr(&b));
        identity(s->config->queue.path, now);
        n->queue_original = str_eq(file, str_from(now));
        st = third_read(s, &n->third, err);
    }
    buf_release(&b);
    arena_free(a);
    return st;
}

static enum status set_identity(struct site *s, struct error *err) {
    char now[96];
    identity(s->config->queue.path, now);
    enum status st = queue_meta_set_str(s->queue, "identity", str_from(now), err);
    return st == OK ? store_adopt(s->store, err) : st;
}

enum status pair_init(struct site *s, struct error *err) {
    struct numbers n;
    enum status st = read_all(s, &n, err);
    if (st != OK || (n.queue_pair[0] && n.store_pair[0])) {
        return st;
    }
    if (n.queue_pair[0] || n.store_pair[0] || n.third.there) {
        /* one database of a pair was lost: making it anew beside the other would mail people twice */
        return error_set(err, ERR_TEMP,
                         "courant.db and queue.db do not belong together (one was made without the other); put the "
                         "missing one back, or confirm with 'courant adopt --restored'");
    }
    unsigned char raw[16];
    char pair[PAIR_TEXT];
    random_bytes(raw, sizeof raw);
    hash_hex(raw, sizeof raw, pair);
    if ((st = third_write(s, pair, 0, err)) == OK && (st = store_init(s->store, pair, err)) == OK &&
        (st = store_adopt(s->store, err)) == OK && (st = set_identity(s, err)) == OK) {
        st = queue_meta_set_str(s->queue, "pair", str_from(pair), err);
    }
    return st;
}

static enum status refuse(struct error *err, const char *what) {
    return error_set(err, ERR_TEMP,
                     "nothing is sent: %s. If this copy was moved here and nothing was lost, run 'courant adopt "
                     "--moved'; if a backup was put back, run 'courant adopt --restored'",
                     what);
}

enum status pair_verify(struct site *s, struct error *err) {
    struct numbers n;
    enum status st = read_all(s, &n, err);
    if (st != OK) {
        return st;
    }
    if (!n.queue_pair[0] || !n.store_pair[0]) {
        return error_set(err, ERR_NOINPUT, "the databases are not set up; run 'courant init'");
    }
    if (strcmp(n.queue_pair, n.store_pair) != 0) {
        return refuse(err, "courant.db and queue.db belong to different sites");
    }
    if (!n.third.there) {
        return refuse(err, "the file beside queue.db that ends in .pair is missing, as after copying or restoring");
    }
    if (strcmp(n.third.pair, n.queue_pair) != 0) {
        return refuse(err, "the file beside queue.db that ends in .pair is of another site");
    }
    if (!n.queue_original) {
        return refuse(err, "queue.db is a copy of the file that sent before");
    }
    if (!n.store_original) {
        return refuse(err, "courant.db is a copy of the file that was used before");
    }
    if (n.third.run > n.queue_run) {
        return refuse(err, "queue.db is older than its last run, as after restoring a backup");
    }
    if (n.third.run > n.store_run) {
        return refuse(err, "courant.db is older than its last run, as after restoring a backup");
    }
    if (n.queue_run > n.third.run + 1 || n.store_run > n.third.run + 1) {
        return refuse(err, "the file beside queue.db that ends in .pair is older than the databases");
    }
    return OK;
}

enum status pair_begin_run(struct site *s, struct error *err) {
    struct numbers n;
    enum status st = pair_verify(s, err);
    if (st == OK && (st = read_all(s, &n, err)) == OK) {
        int64_t run = n.third.run + 1;
        /* 1. queue.db, 2. courant.db, 3. the file: after a crash between them this does the same again */
        if ((st = queue_meta_set_int(s->queue, "run", run, err)) == OK &&
            (st = store_meta_set(s->store, STORE_RUN, run, err)) == OK) {
            st = third_write(s, n.queue_pair, run, err);
        }
    }
    return st;
}

/* All three agree on a run number above any that one of them has seen. */
static enum status agree(struct site *s, struct error *err) {
    struct numbers n;
    enum status st = read_all(s, &n, err);
    if (st != OK) {
        return st;
    }
    int64_t run = n.third.run;
    run = n.queue_run > run ? n.queue_run : run;
    run = n.store_run > run ? n.store_run : run;
    run++;
    unsigned char raw[16];
    char pair[PAIR_TEXT];
    /* a new id: the file it was copied from, should it still be used somewhere, does not fit this pair any more */
    random_bytes(raw, sizeof raw);
    hash_hex(raw, sizeof raw, pair);
    if ((st = queue_meta_set_int(s->queue, "run", run, err)) == OK &&
        (st = store_meta_set(s->store, STORE_RUN, run, err)) == OK &&
        (st = queue_meta_set_str(s->queue, "pair", str_from(pair), err)) == OK &&
        (st = store_meta_set_text(s->store, STORE_PAIR, str_from(pair), err)) == OK &&
        /* the journal's records are tied to the old id and count no more */
        (st = queue_meta_set_int(s->queue, "folded", 0, err)) == OK && (st = set_identity(s, err)) == OK) {
        st = third_write(s, pair, run, err);
    }
    return st;
}

enum status pair_adopt_moved(struct site *s, struct error *err) {
    return agree(s, err);
}

enum status pair_adopt_restored(struct site *s, int64_t *held, struct error *err) {
    struct arena *a = arena_new();
    struct issue_row *rows;
    size_t n = 0;
    struct queue_seen seen = {0};
    int64_t now = clock_now(&s->clock);
    *held = 0;
    enum status st = a ? OK : error_set(err, ERR_OS, "out of memory");
    /* what the journal still holds came after the backup: it is about deliveries this queue.db may not even have */
    for (int64_t after = 0; st == OK; after = rows[n - 1].id) {
        if ((st = issue_page(s->queue, after, a, &rows, &n, err)) != OK || n == 0) {
            break;
        }
        for (size_t i = 0; i < n && st == OK; i++) {
            int64_t changed = 0;
            if (rows[i].state == ISSUE_RELEASING) {
                st = issue_pause(s->queue, rows[i].id, err);
            }
            if (st == OK &&
                (rows[i].state == ISSUE_SENDING || rows[i].state == ISSUE_RELEASING || rows[i].state == ISSUE_PAUSED)) {
                st = delivery_act(s->queue, rows[i].id, 0, open_states, DELIVERY_FREEZE, now, &changed, err);
                *held += changed;
            }
        }
    }
    if (st == OK) {
        int64_t mails = 0;
        st = delivery_act(s->queue, 0, 0, open_states, DELIVERY_FREEZE, now, &mails, err);
        *held += mails;
    }
    if (st == OK) {
        st = queue_meta_set_int(s->queue, WAITS, 1, err);
    }
    if (st == OK) {
        st = queue_restored(s->queue, err);
    }
    if (st == OK && (st = queue_seen(s->queue, &seen, err)) == OK) {
        /* who joined after the backup is known to queue.db alone: nobody else may get that id, or that mark */
        st = store_raise_ids(s->store, seen.article, seen.subscriber, seen.arrival, err);
    }
    arena_free(a);
    return st == OK ? agree(s, err) : st;
}

enum status pair_release(struct site *s, struct error *err) {
    bool waits;
    enum status st = pair_waits(s, &waits, err);
    return st == OK && waits ? queue_meta_set_int(s->queue, WAITS, 0, err) : st;
}

enum status pair_waits(struct site *s, bool *waits, struct error *err) {
    int64_t n = 0;
    enum status st = queue_meta_int(s->queue, WAITS, &n, err);
    *waits = n != 0;
    return st;
}

static bool is_departure(enum cancel_cause c) {
    return c == CANCEL_LEFT || c == CANCEL_PAUSED || c == CANCEL_SUPPRESSED;
}

/* Those of one issue; *enough when FN has had enough. */
static enum status departures_of(struct site *s, int64_t issue, struct str newsletter,
                                 bool (*fn)(void *ctx, const struct pair_departure *d), void *ctx, bool *enough,
                                 struct error *err) {
    struct arena *a = arena_new();
    int64_t id = 0, after = 0;
    enum status st =
        a ? store_newsletter_find(s->store, newsletter, &id, err) : error_set(err, ERR_OS, "out of memory");
    while (st == OK && !*enough) {
        struct delivery_row *rows;
        size_t n = 0;
        arena_reset(a);
        if ((st = delivery_page(s->queue, issue, after, 1u << DELIVERY_CANCELLED, PAGE, a, &rows, &n, err)) != OK ||
            n == 0) {
            break;
        }
        for (size_t i = 0; i < n && st == OK && !*enough; i++) {
            struct subscriber_delivery r;
            if (is_departure(rows[i].cause) &&
                (st = subscriber_for_delivery(s->store, rows[i].subscriber, id, &r, err)) == OK && r.found &&
                r.status == SUBSCRIBER_ACTIVE && r.subscription == SUBSCRIPTION_ACTIVE) {
                struct pair_departure d = {rows[i].subscriber, r.email, newsletter, rows[i].cause};
                *enough = !fn(ctx, &d);
            }
        }
        after = rows[n - 1].subscriber;
    }
    arena_free(a);
    return st;
}

enum status pair_departures(struct site *s, bool (*fn)(void *ctx, const struct pair_departure *d), void *ctx,
                            struct error *err) {
    struct arena *a = arena_new();
    bool enough = false;
    enum status st = a ? OK : error_set(err, ERR_OS, "out of memory");
    for (int64_t after = 0; st == OK && !enough;) {
        struct issue_row *rows;
        size_t n = 0;
        arena_reset(a);
        if ((st = issue_page(s->queue, after, a, &rows, &n, err)) != OK || n == 0) {
            break;
        }
        for (size_t i = 0; i < n && st == OK && !enough; i++) {
            int64_t counts[DELIVERY_STATES];
            if ((st = issue_counts(s->queue, rows[i].id, counts, err)) == OK && counts[DELIVERY_CANCELLED]) {
                st = departures_of(s, rows[i].id, rows[i].newsletter_name, fn, ctx, &enough, err);
            }
        }
        after = rows[n - 1].id;
    }
    arena_free(a);
    return st;
}
