#include "doctor/check.h"

#include "base/private.h"
#include "base/sql.h"
#include "config/config.h"
#include "crypto/secret.h"
#include "dispatch/post.h"
#include "dispatch/preview.h"
#include "doctor/look.h"
#include "doctor/wire.h"
#include "queue/schema.h"
#include "source/source.h"
#include "store/article.h"
#include "text/address.h"
#include "text/language.h"
#include "text/moment.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct doctor {
    const struct config *config;
    const struct clock *clock;
    struct arena *arena;
    void (*say)(void *ctx, const struct check_result *r);
    void *ctx;
    const char *about; /* for notes of others: what is being looked at */
};

static void __attribute__((format(printf, 4, 5)))
tell(const struct doctor *d, const char *check, enum check_state state, const char *fmt, ...) {
    char text[1200];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    d->say(d->ctx, &(struct check_result){.check = check, .state = state, .detail = text});
}

static void mailbox(const struct doctor *d, const char *check, const char *section, const char *key, const char *value,
                    bool *bad) {
    struct error err = {0};
    struct str name;
    struct address address;
    if (!value) {
        return;
    }
    if (mailbox_parse(str_from(value), d->arena, &name, &address, &err) != OK) {
        tell(d, check, CHECK_FAIL, "%s: %s: %s", config_where(d->config, section, key), key, err.text);
        *bad = true;
    } else if (address.smtputf8) {
        tell(d, check, CHECK_WARN, "%s: %s has an address that is not ASCII: most relays refuse it",
             config_where(d->config, section, key), key);
    }
}

static void language(const struct doctor *d, const char *check, const char *section, const char *key, const char *tag,
                     bool *bad) {
    struct error err = {0};
    struct str out;
    if (language_normalise(str_from(tag), d->arena, &out, &err) != OK) {
        tell(d, check, CHECK_FAIL, "%s: '%s' is no language: write a tag such as en, pt-BR or zh-Hant",
             config_where(d->config, section, key), tag);
        *bad = true;
    }
}

static void check_site(const struct doctor *d) {
    const struct config_site *s = &d->config->site;
    struct error err = {0};
    struct zone *zone = NULL;
    bool bad = false;
    if (zone_open(str_from(s->timezone), &zone, &err) != OK) {
        tell(d, "site", CHECK_FAIL, "%s: %s; write a name such as Europe/Zurich",
             config_where(d->config, "site", "timezone"), err.text);
        bad = true;
    }
    zone_close(zone);
    language(d, "site", "site", "language", s->language, &bad);
    mailbox(d, "site", "site", "alarm_to", s->alarm_to, &bad);
    mailbox(d, "site", "bounce", "address", d->config->bounce.address, &bad);
    if (!s->postal_address) {
        tell(d, "site", CHECK_WARN, "%s: there is no postal_address; many countries ask for one in each mail",
             config_where(d->config, "site", NULL));
    }
    if (!s->alarm_to) {
        tell(d, "site", CHECK_WARN, "%s: there is no alarm_to: alarms reach nobody",
             config_where(d->config, "site", NULL));
    }
    if (!bad) {
        tell(d, "site", CHECK_OK, "%s, %s, %s", s->hostname, s->timezone, s->language);
    }
}

/* A name and a password in an address: somebody wrote them into the configuration all the same. */
static bool has_login(const char *url) {
    struct str s = str_from(url ? url : "");
    size_t from = str_search(s, STR("://"), 0) + 3;
    return str_find(s, '@', from) < str_find(s, '/', from);
}

static void check_private(const struct doctor *d, const char *path) {
    const struct config *c = d->config;
    bool login = has_login(c->bounce.imap_url);
    struct stat b;
    for (size_t i = 0; i < c->sources_n; i++) {
        login = login || has_login(c->sources[i].url);
    }
    if (login && stat(path, &b) == 0 && b.st_mode & (S_IRGRP | S_IROTH)) {
        tell(d, "config", CHECK_FAIL,
             "%s has a login in an address, and others may read it (mode %04o): chmod go= '%s'", path,
             (unsigned)b.st_mode & 07777, path);
    }
    if (c->bounce.maildir && stat(c->bounce.maildir, &b) == 0 && b.st_mode & (S_IRWXG | S_IRWXO)) {
        tell(d, "bounce", CHECK_FAIL,
             "%s is open to others (mode %04o), and the mail in it names readers: chmod go= '%s'", c->bounce.maildir,
             (unsigned)b.st_mode & 07777, c->bounce.maildir);
    }
}

static void check_secret(const struct doctor *d) {
    struct secret secret;
    struct error err = {0};
    if (secret_load(d->config->site.secret_file, &secret, &err) != OK) {
        tell(d, "secret", CHECK_FAIL, "%s", err.text);
        return;
    }
    secret_wipe(&secret);
    tell(d, "secret", CHECK_OK, "%s", d->config->site.secret_file);
}

/* SQLite's own look at the file, and the version of its schema (0: any). */
static bool check_file(const struct doctor *d, const char *check, const char *path, int version) {
    static const char *const texts[] = {"PRAGMA quick_check(1)", "PRAGMA user_version"};
    struct error err = {0};
    struct sql *db = NULL;
    bool row = false;
    bool good = false;
    int64_t found = 0;
    if (sql_open(path, SQL_READ, texts, 2, &db, &err) != OK) {
        tell(d, check, CHECK_FAIL, "%s", err.text);
        return false;
    }
    sqlite3_stmt *s = sql_stmt(db, 0);
    if (sql_step(db, s, &row, &err) != OK) {
        tell(d, check, CHECK_FAIL, "%s", err.text);
    } else if (!row || !str_eq(sql_str(s, 0), STR("ok"))) {
        tell(d, check, CHECK_FAIL, "%s is damaged (%.*s): stop sending and put a backup in its place", path,
             STR_ARG(row ? sql_str(s, 0) : STR("no answer")));
    } else if (sqlite3_reset(s) == SQLITE_OK && sql_run_int(db, sql_stmt(db, 1), &found, &err) != OK) {
        tell(d, check, CHECK_FAIL, "%s", err.text);
    } else if (version && found > version) {
        tell(d, check, CHECK_FAIL, "%s was made by a newer courant (schema %lld, this one knows %d): install that one",
             path, (long long)found, version);
    } else {
        good = true;
        if (version && found < version) {
            tell(d, check, CHECK_WARN, "%s has schema %lld of %d; the next run brings it up to date", path,
                 (long long)found, version);
        }
    }
    sql_close(db);
    return good;
}

/* Readers' addresses are in these files: whether they are their owner's alone; no command opens them otherwise. */
static bool check_modes(const struct doctor *d, const char *check, const char *path) {
    struct error err = {0};
    if (private_database(path, &err) != OK) {
        tell(d, check, CHECK_FAIL, "%s", err.text);
        return false;
    }
    return true;
}

static bool check_databases(const struct doctor *d, struct site **site) {
    struct error err = {0};
    bool original = false;
    /* opened while others may read them, they would get a WAL that others may read */
    bool a = check_modes(d, "courant.db", d->config->database.path) &&
             check_file(d, "courant.db", d->config->database.path, 0);
    bool b = check_modes(d, "queue.db", d->config->queue.path) &&
             check_file(d, "queue.db", d->config->queue.path, queue_migrations_n);
    if (!a || !b) {
        return false;
    }
    if (site_open(d->config, d->clock, SITE_READ, site, &err) != OK) {
        tell(d, "databases", CHECK_FAIL, "%s", err.text);
        return false;
    }
    if (store_is_original((*site)->store, &original, &err) != OK) {
        tell(d, "courant.db", CHECK_FAIL, "%s", err.text);
    } else if (!original) {
        tell(d, "courant.db", CHECK_FAIL,
             "%s is a copy: nothing is sent before 'courant adopt --moved' (or --restored) says that it is to be used",
             d->config->database.path);
    } else {
        tell(d, "courant.db", CHECK_OK, "%s", d->config->database.path);
    }
    tell(d, "queue.db", CHECK_OK, "%s", d->config->queue.path);
    return true;
}

static void on_template(void *ctx, const char *sentence) {
    const struct doctor *d = ctx;
    tell(d, d->about, CHECK_FAIL, "%s", sentence);
}

static void on_advice(void *ctx, const char *sentence) {
    const struct doctor *d = ctx;
    tell(d, d->about, CHECK_WARN, "%s", sentence);
}

static void check_signing(const struct doctor *d, const char *check, const struct config_newsletter *n) {
    struct str name;
    struct address from;
    if (mailbox_parse(str_from(n->from), d->arena, &name, &from, NULL) == OK &&
        !config_dkim_for(d->config, from.domain)) {
        tell(d, check, CHECK_WARN, "no [dkim] section has the domain %.*s: unless the relay signs, mail goes unsigned",
             STR_ARG(from.domain));
    }
}

static void check_newsletter(struct doctor *d, struct site *site, const struct config_newsletter *n) {
    char check[128];
    char section[128];
    struct error err = {0};
    bool bad = false;
    int64_t complaints = 0;
    int64_t at;
    (void)snprintf(check, sizeof check, "newsletter %s", n->name);
    (void)snprintf(section, sizeof section, "newsletter.%s", n->name);
    mailbox(d, check, section, "from", n->from, &bad);
    mailbox(d, check, section, "reply_to", n->reply_to, &bad);
    for (size_t i = 0; i < n->editors.n; i++) {
        mailbox(d, check, section, "editors", n->editors.items[i], &bad);
    }
    for (size_t i = 0; i < n->languages.n; i++) {
        language(d, check, section, "languages", n->languages.items[i], &bad);
    }
    if (n->since && moment_parse(str_from(n->since), site ? site->zone : NULL, &at, &err) != OK) {
        tell(d, check, CHECK_FAIL, "%s: since: %s", config_where(d->config, section, "since"), err.text);
        bad = true;
    }
    if (n->approval && n->editors.n == 0) {
        tell(d, check, CHECK_WARN, "approval is on and nobody stands in editors: drafts are mailed to %s",
             d->config->site.alarm_to ? "alarm_to" : "nobody");
    }
    check_signing(d, check, n);
    if (site && n->where && article_where_check(site->store, n->where, &err) != OK) {
        tell(d, check, CHECK_FAIL, "%s: %s", config_where(d->config, section, "where"), err.text);
        bad = true;
    }
    d->about = check; /* for on_template, within this function */
    if (site && preview_check(site, n, on_template, on_advice, d, &complaints, &err) != OK) {
        tell(d, check, CHECK_FAIL, "its templates: %s", err.text);
        bad = true;
    }
    d->about = NULL;
    if (!bad && complaints == 0) {
        tell(d, check, CHECK_OK, "%s, template %s", n->from, n->template);
    }
}

/* The mails that go to one person: asking whether a newsletter is wanted, and the like. */
static void check_posts(struct doctor *d, struct site *site) {
    struct error err = {0};
    int64_t complaints = 0;
    d->about = "mail";
    if (post_check(site, on_template, d, &complaints, &err) != OK) {
        tell(d, "mail", CHECK_FAIL, "templates of single mails: %s", err.text);
    } else if (complaints == 0) {
        tell(d, "mail", CHECK_OK, "templates mail/confirm, mail/welcome");
    }
    d->about = NULL;
}

/* Warns where FOUND that a key stands in the configuration on which this version does not act yet. */
static void idle(const struct doctor *d, const char *check, const char *section, const char *key, bool found,
                 const char *what) {
    if (found) {
        tell(d, check, CHECK_WARN, "%s: this version %s", config_where(d->config, section, key), what);
    }
}

static void check_idle(const struct doctor *d) {
    const struct config *c = d->config;
    idle(d, "site", "site", "log_addresses", c->site.log_addresses, "logs ids only");
    for (size_t i = 0; i < c->newsletters_n; i++) {
        const struct config_newsletter *n = &c->newsletters[i];
        char check[128], section[128];
        (void)snprintf(check, sizeof check, "newsletter %s", n->name);
        (void)snprintf(section, sizeof section, "newsletter.%s", n->name);
        idle(d, check, section, "archive", n->archive != CONFIG_ARCHIVE_OFF,
             "serves no archive yet: links lead nowhere");
    }
    idle(d, "bounce", "bounce", "address", c->bounce.address != NULL,
         "reads no mail yet: somebody must, and 'courant suppress add' those who write to unsubscribe+...");
    idle(d, "web", "web", "base_url", c->web.base_url != NULL,
         "serves no pages yet: links to unsubscribe and to confirm lead nowhere unless something else answers there");
}

static void check_sources(const struct doctor *d) {
    for (size_t i = 0; i < d->config->sources_n; i++) {
        const struct config_source *s = &d->config->sources[i];
        char check[128];
        struct error err = {0};
        (void)snprintf(check, sizeof check, "source %s", s->name);
        struct str found;
        if (source_check(d->config, s, d->arena, &found, &err) != OK) {
            size_t named = strlen(check); /* "source NAME: " stands before the sentence anyway */
            bool twice = strncmp(err.text, check, named) == 0 && strncmp(err.text + named, ": ", 2) == 0;
            tell(d, check, CHECK_FAIL, "%s", twice ? err.text + named + 2 : err.text);
        } else {
            const char *where = s->path ? s->path : s->url ? s->url : "";
            tell(d, check, CHECK_OK, "%s%s%.*s", where, where[0] && found.len ? ": " : "", STR_ARG(found));
        }
    }
}

static struct config *read_config(struct doctor *d, const char *path) {
    struct config_errors errors = CONFIG_ERRORS_INIT;
    struct config *c = NULL;
    (void)config_load(path, &c, &errors);
    for (size_t i = 0; i < errors.n; i++) {
        tell(d, "config", CHECK_FAIL, "%s", errors.list[i].text);
    }
    config_errors_release(&errors);
    if (c) {
        tell(d, "config", CHECK_OK, "%s: %zu newsletter%s, %zu source%s, %zu relay%s", path, c->newsletters_n,
             c->newsletters_n == 1 ? "" : "s", c->sources_n, c->sources_n == 1 ? "" : "s", c->relays_n,
             c->relays_n == 1 ? "" : "s");
    }
    return c;
}

void check_all(const char *path, const struct clock *clock, void (*say)(void *ctx, const struct check_result *r),
               void *ctx) {
    struct doctor d = {.clock = clock, .say = say, .ctx = ctx, .arena = arena_new()};
    struct site *site = NULL;
    struct config *config = NULL;
    if (!d.arena) {
        tell(&d, "config", CHECK_FAIL, "out of memory");
        return;
    }
    if ((config = read_config(&d, path)) != NULL) {
        d.config = config;
        check_site(&d);
        check_private(&d, path);
        check_secret(&d);
        (void)check_databases(&d, &site);
        for (size_t i = 0; i < config->newsletters_n; i++) {
            check_newsletter(&d, site, &config->newsletters[i]);
        }
        if (site && config->newsletters_n) {
            check_posts(&d, site);
        }
        look_check_templates(config, say, ctx);
        look_check_logos(config, say, ctx);
        if (site) {
            look_check_words(site, say, ctx);
        }
        check_sources(&d);
        check_idle(&d);
        wire_check_keys(config, say, ctx);
        wire_check_relays(config, say, ctx);
    }
    site_close(site);
    config_free(config);
    arena_free(d.arena);
}
