#include "dispatch/site.h"

#include "base/private.h"
#include "dispatch/pair.h"
#include "queue/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CLOCK_SLACK_S = 3600 };

static enum status open_keys(struct site *s, struct error *err) {
    struct secret secret;
    enum status st = secret_load(s->config->site.secret_file, &secret, err);
    if (st == OK && (st = token_keys_new(&secret, &s->tokens, err)) == OK) {
        st = hash_key_new(secret.key, "erased", &s->erased_key, err);
    }
    secret_wipe(&secret);
    return st;
}

enum status site_open(const struct config *config, const struct clock *clock, unsigned need, struct site **out,
                      struct error *err) {
    *out = NULL;
    struct site *s = calloc(1, sizeof *s);
    if (!s) {
        return error_set(err, ERR_OS, "out of memory");
    }
    enum sql_mode mode = need & SITE_WRITE ? SQL_WRITE : SQL_READ;
    s->config = config;
    s->clock = *clock;
    (void)snprintf(s->actor, sizeof s->actor, "admin");
    random_init(&s->random, 0);
    enum status st = zone_open(str_from(config->site.timezone), &s->zone, err);
    if (st != OK) {
        st = error_set(err, ERR_CONFIG, "%s: timezone '%s' is not known; use a name such as Europe/Zurich",
                       config_where(config, "site", "timezone"), config->site.timezone);
    }
    if (st == OK && (st = private_database(config->database.path, err)) == OK &&
        (st = private_database(config->queue.path, err)) == OK &&
        (st = store_open(config->database.path, mode, &s->store, err)) == OK &&
        (st = queue_open(config->queue.path, mode, &s->queue, err)) == OK && need & SITE_KEYS) {
        st = open_keys(s, err);
    }
    if (st != OK) {
        site_close(s);
        return st;
    }
    *out = s;
    return OK;
}

enum status site_load_signing(struct site *s, struct error *err) {
    enum status st = OK;
    for (size_t i = 0; i < s->config->dkims_n && !s->signing_loaded && st == OK; i++) {
        const struct config_dkim *d = &s->config->dkims[i];
        struct str domain = str_from(d->domain);
        st = signing_keys_add(&s->signing, d->key_file, domain, str_from(d->selector), err);
        if (st == OK && d->key_file2) {
            st = signing_keys_add(&s->signing, d->key_file2, domain, str_from(d->selector2), err);
        }
    }
    s->signing_loaded = true;
    return st;
}

void site_close(struct site *s) {
    if (!s) {
        return;
    }
    if (s->store) {
        sql_checkpoint_at_end(store_sql(s->store));
    }
    if (s->queue) {
        sql_checkpoint_at_end(queue_sql(s->queue));
    }
    store_close(s->store);
    queue_close(s->queue);
    token_keys_free(s->tokens);
    hash_key_free(s->erased_key);
    signing_keys_release(&s->signing);
    zone_close(s->zone);
    free(s);
}

/* The folder that is to hold PATH, made with 0700 when it is absent, its owner that of the folder above. */
static enum status make_folder(const char *path, struct buf *made, struct error *err) {
    char folder[4096], above[4096];
    struct stat b;
    (void)snprintf(folder, sizeof folder, "%s", path);
    const char *dir = dirname(folder);
    if (stat(dir, &b) == 0) {
        return OK;
    }
    if (mkdir(dir, 0700) != 0) {
        return error_set(err, ERR_CANTCREATE, "the folder %s can't be made: %s", dir, strerror(errno));
    }
    (void)snprintf(above, sizeof above, "%s", dir);
    if (geteuid() == 0 && stat(dirname(above), &b) == 0 && b.st_uid != 0 && chown(dir, b.st_uid, b.st_gid) != 0) {
        return error_set(err, ERR_CANTCREATE, "%s can't be given to its folder's owner: %s", dir, strerror(errno));
    }
    if (made) {
        buf_addf(made, "made the folder %s\n", dir);
    }
    return OK;
}

static void tell(struct buf *made, bool was, const char *path) {
    if (made && !was) {
        buf_addf(made, "made %s\n", path);
    }
}

enum status site_init(const struct config *config, const struct clock *clock, struct buf *made, struct error *err) {
    struct site *s = NULL;
    enum status st = OK;
    bool secret = access(config->site.secret_file, F_OK) == 0;
    bool store = access(config->database.path, F_OK) == 0;
    bool queue = access(config->queue.path, F_OK) == 0;
    char file[4096];
    struct journal *j = NULL;
    if ((st = make_folder(config->site.secret_file, made, err)) != OK ||
        (st = make_folder(config->database.path, made, err)) != OK ||
        (st = make_folder(config->queue.path, made, err)) != OK ||
        (!secret && (st = secret_create(config->site.secret_file, err)) != OK)) {
        return st;
    }
    tell(made, secret, config->site.secret_file);
    if (made && !secret && store) {
        buf_adds(made,
                 "  it is a new one: links in mails that are sent already lead nowhere now; if the old one is still to "
                 "be had, put it back in its place\n");
    }
    struct store *fresh = NULL;
    struct queue *queued = NULL;
    if ((st = store_open(config->database.path, SQL_CREATE, &fresh, err)) != OK) {
        return st;
    }
    store_close(fresh);
    tell(made, store, config->database.path);
    if ((st = queue_open(config->queue.path, SQL_CREATE, &queued, err)) != OK) {
        return st;
    }
    queue_close(queued);
    tell(made, queue, config->queue.path);
    if ((st = site_open(config, clock, SITE_WRITE | SITE_KEYS, &s, err)) != OK) {
        return st;
    }
    (void)snprintf(file, sizeof file, "%s.wire", config->queue.path);
    int64_t now = clock_now(clock);
    if ((st = pair_init(s, err)) == OK) {
        st = journal_open(file, 0, &j, err);
        journal_close(j);
    }
    for (size_t i = 0; i < config->newsletters_n && st == OK; i++) {
        struct queue_newsletter n;
        int64_t id;
        if ((st = queue_newsletter(s->queue, config->newsletters[i].name, now, &n, err)) == OK) {
            st = store_newsletter(s->store, str_from(config->newsletters[i].name), now, &id, NULL, err);
        }
    }
    site_close(s);
    return st;
}

enum status site_act(struct site *s, struct error *err) {
    int64_t latest = 0, now = clock_now(&s->clock);
    /* first of all: in a backup that was put back, what is imported before `adopt` would get ids and arrival numbers
     * that were given already, and lie below the readers' marks */
    enum status st = pair_verify(s, err);
    if (st == OK) {
        st = queue_meta_int(s->queue, "acted_at", &latest, err);
    }
    if (st != OK) {
        return st;
    }
    if (now < latest - CLOCK_SLACK_S) {
        return error_set(err, ERR_TEMP,
                         "the clock is behind: the last work was done %lld minutes later than it is now; set the clock "
                         "(or give a later --now)",
                         (long long)((latest - now) / 60));
    }
    return now > latest ? queue_meta_set_int(s->queue, "acted_at", now, err) : OK;
}
