/* A publisher's database, a courant.db and a configuration that reads the one into the other. */
#ifndef TESTS_SOURCE_FIXTURE_H
#define TESTS_SOURCE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/source.h"
#include "store/subscriber.h"
#include "store/suppression.h"

static const char articles_sql[] =
    "SELECT post_id AS id, headline AS title, slug AS url, published_on AS published_at,\n"
    " lang AS language, body, format AS body_format, section AS topic FROM post\n"
    " WHERE status = 'published'";
static const char people_sql[] = "SELECT member_id AS id, mail AS email, given || ' ' || family AS name,\n"
                                 " given AS given_name, lang AS language, joined AS joined_at, town FROM member\n"
                                 " WHERE wants_mail = 1";
static const char site_sql[] =
    "CREATE TABLE post (post_id INTEGER PRIMARY KEY, headline, slug, published_on, lang, body, format, section,"
    " status DEFAULT 'published');"
    "INSERT INTO post (post_id, headline, slug, published_on, lang, body, format, section) VALUES"
    " (1, 'One', '/one', '2026-11-02T07:15:00Z', 'en', '<p>1</p>', 'html', 'news'),"
    " (2, 'Two\nlines', 'https://other.example.org/two', 1793862000, 'bo', '2', 'markdown', 'documents'),"
    " (3, '', '/three', '2026-11-03', 'en', '3', 'text', 'news'),"
    " (4, 'Four', 'javascript:alert(1)', '2026-11-03', 'en', '4', 'text', 'news'),"
    " (5, 'Five', NULL, 'yesterday', 'en', '5', 'text', 'news'),"
    " (6, 'To come', '/six', '2026-12-24', 'en', '6', NULL, 'news'),"
    " (7, 'Undated', '', NULL, 'nonsense!', '7', 'text', 'news'),"
    " (8, 'Odd format', '/8', '2026-11-03', 'en', '8', 'pdf', 'news');"
    "INSERT INTO post (post_id, headline, slug, published_on, status) VALUES (9, 'Draft', '/9', '2026-11-03', 'draft');"
    "CREATE TABLE member (member_id INTEGER PRIMARY KEY, mail, given, family, lang, joined, town, wants_mail DEFAULT "
    "1);"
    "INSERT INTO member (member_id, mail, given, family, lang, joined, town) VALUES"
    " (1, 'amala@example.org', 'Amala', 'Dolma', 'bo', '2026-09-01', 'Bern'),"
    " (4, 'j\xc3\xbcrgen@ex\xc3\xa4mple.org', 'J', 'G', 'de', '2026-09-01', NULL),"
    " (5, '\"odd quoted\"@example.org', 'Odd', 'Quoted', 'en', '2026-09-01', '\"q\"'),"
    " (6, 'not-an-address', 'No', 'Address', 'en', '2026-09-01', NULL),"
    " (7, 'UPPER@EXAMPLE.ORG', 'Up', 'Per', 'en', '2026-09-01', 7),"
    " (8, 'upper@example.org', 'Dup', 'Licate', 'en', '2026-09-01', NULL),"
    " (10, 'inject@example.org' || char(10) || 'Bcc: everyone@example.com', 'In', 'Ject', 'en', '2026-09-01', NULL),"
    " (13, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.org', 'T', 'L', 'en', 'x', NULL),"
    " (14, 'emoji@example.org', 'Smile' || char(13) || 'x', '<b>Bold</b>', 'en', 'never', NULL);"
    "INSERT INTO member (member_id, mail, wants_mail) VALUES (9, 'stopped@example.org', 0);";

struct fixture {
    char dir[64];
    char site[96];
    struct store *s;
    struct config *c;
    struct arena *a;
    sqlite3 *db; /* the site's own connection */
    struct clock clock;
    struct source_options o;
    struct source_report r;
    struct error err;
};

static inline void ok(enum status st, const struct error *err) {
    if (st != OK) {
        fail_msg("%d: %s", st, err->text);
    }
}

static inline void configure(struct fixture *f, const char *articles, const char *people) {
    char text[4096];
    char path[96];
    struct config_errors errors = CONFIG_ERRORS_INIT;
    (void)snprintf(path, sizeof path, "%s/courant.ini", f->dir);
    (void)snprintf(text, sizeof text,
                   "[site]\nname = Desk\nurl = https://news.example.org\npostal_address = 1 Street\ntimezone = "
                   "Europe/Zurich\n[relay.main]\nhost = 127.0.0.1\n[newsletter.weekly]\ntitle = Weekly\nfrom = "
                   "news@example.org\nschedule = manual\n[web]\nbase_url = https://news.example.org/mail\n"
                   "[source.site]\ntype = sqlite\npath = site.db\nnewsletter = weekly\n%s%s\n%s%s\n",
                   articles ? "articles = " : "", articles ? articles : "", people ? "subscribers = " : "",
                   people ? people : "");
    config_free(f->c);
    if (config_parse(str_from(text), path, &f->c, &errors) != OK) {
        fail_msg("%s", errors.list[0].text);
    }
    config_errors_release(&errors);
}

static inline void site(struct fixture *f, const char *sql) {
    char *msg = NULL;
    if (sqlite3_exec(f->db, sql, NULL, NULL, &msg) != SQLITE_OK) {
        fail_msg("%s", msg);
    }
}

static inline int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    char path[96];
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/courant-source-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    (void)snprintf(path, sizeof path, "%s/courant.db", f->dir);
    (void)snprintf(f->site, sizeof f->site, "%s/site.db", f->dir);
    ok(store_open(path, SQL_CREATE, &f->s, &f->err), &f->err);
    assert_int_equal(sqlite3_open(f->site, &f->db), SQLITE_OK);
    site(f, site_sql);
    f->a = arena_new();
    f->clock = (struct clock){true, 1795430760}; /* 2026-11-23T08:06:00Z */
    f->o.always = true;
    configure(f, articles_sql, people_sql);
    *state = f;
    return 0;
}

static inline int teardown(void **state) {
    struct fixture *f = *state;
    char cmd[128];
    source_report_release(&f->r);
    sqlite3_close(f->db);
    store_close(f->s);
    config_free(f->c);
    arena_free(f->a);
    (void)snprintf(cmd, sizeof cmd, "rm -rf %s", f->dir);
    assert_int_equal(system(cmd), 0);
    free(f);
    return 0;
}

static inline enum status sync_site(struct fixture *f) {
    source_report_release(&f->r);
    f->err.text[0] = 0;
    return source_sync(f->s, f->c, &f->c->sources[0], &f->clock, &f->o, &f->r, &f->err);
}

static inline void counts(const struct source_counts *n, int64_t added, int64_t changed, int64_t unchanged,
                          int64_t refused, int64_t duplicate, int64_t removed) {
    char got[128];
    char want[128];
    (void)snprintf(got, sizeof got, "%d new %d changed %d unchanged %d refused %d duplicate %d removed", (int)n->added,
                   (int)n->changed, (int)n->unchanged, (int)n->refused, (int)n->duplicate, (int)n->removed);
    (void)snprintf(want, sizeof want, "%d new %d changed %d unchanged %d refused %d duplicate %d removed", (int)added,
                   (int)changed, (int)unchanged, (int)refused, (int)duplicate, (int)removed);
    assert_string_equal(got, want);
}

static inline int64_t number(struct fixture *f, const char *sql) {
    sqlite3_stmt *q;
    assert_int_equal(sqlite3_prepare_v2(sql_handle(store_sql(f->s)), sql, -1, &q, NULL), SQLITE_OK);
    int64_t v = sqlite3_step(q) == SQLITE_ROW ? sqlite3_column_int64(q, 0) : -1;
    sqlite3_finalize(q);
    return v;
}

static inline void exec(struct fixture *f, const char *sql) {
    ok(sql_exec(store_sql(f->s), sql, &f->err), &f->err);
}

static inline void expect_refused(struct fixture *f, enum import_kind kind, const char *id, const char *reason) {
    for (size_t i = 0; i < f->r.refused_n; i++) {
        if (f->r.refused[i].kind == kind && str_eq(f->r.refused[i].id, str_from(id))) {
            if (!strstr(f->r.refused[i].reason.ptr, reason)) {
                fail_msg("%s: %s", id, f->r.refused[i].reason.ptr);
            }
            return;
        }
    }
    fail_msg("%s was not refused", id);
}

#endif
