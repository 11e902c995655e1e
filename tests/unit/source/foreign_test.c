/* Somebody else's database: read right in every state of its WAL, and no file left or changed there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "source/foreign.h"

struct fixture {
    char dir[64];
    char path[96];
    char copy[96];
    struct error err;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/courant-foreign-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    (void)snprintf(f->path, sizeof f->path, "%s/a site?#%%41.db", f->dir); /* a URI must not be misread */
    (void)snprintf(f->copy, sizeof f->copy, "%s/courant.db.copy", f->dir);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    char cmd[128];
    (void)snprintf(cmd, sizeof cmd, "rm -rf %s", f->dir);
    assert_int_equal(system(cmd), 0);
    free(f);
    return 0;
}

static sqlite3 *owner(struct fixture *f, const char *sql) {
    sqlite3 *db = NULL;
    char *msg = NULL;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &msg) != SQLITE_OK) {
        fail_msg("%s", msg);
    }
    return db;
}

static void listing(struct fixture *f, char out[512]) {
    char cmd[200];
    (void)snprintf(cmd, sizeof cmd, "cd %s && ls -A | sort | tr '\\n' ' '", f->dir);
    FILE *p = popen(cmd, "r");
    assert_non_null(p);
    size_t n = fread(out, 1, 511, p);
    out[n] = 0;
    assert_int_equal(pclose(p), 0);
}

static int64_t count(struct foreign *x) {
    sqlite3_stmt *q = NULL;
    if (sqlite3_prepare_v2(foreign_handle(x), "SELECT count(*) FROM t", -1, &q, NULL) != SQLITE_OK) {
        fail_msg("%s", sqlite3_errmsg(foreign_handle(x)));
    }
    int64_t n = sqlite3_step(q) == SQLITE_ROW ? sqlite3_column_int64(q, 0) : -1;
    sqlite3_finalize(q);
    return n;
}

static void reads(struct fixture *f, enum foreign_way way, int64_t rows) {
    char before[512];
    char after[512];
    struct foreign *x = NULL;
    listing(f, before);
    if (foreign_open(f->path, f->copy, false, &x, &f->err) != OK) {
        fail_msg("%s", f->err.text);
    }
    assert_int_equal(foreign_way(x), way);
    assert_int_equal(count(x), rows);
    listing(f, after);
    assert_string_equal(before, after); /* while it is open, too */
    assert_int_not_equal(sqlite3_exec(foreign_handle(x), "INSERT INTO t VALUES (9)", NULL, NULL, NULL), SQLITE_OK);
    assert_false(foreign_changed(x));
    foreign_close(x);
    listing(f, after);
    assert_string_equal(before, after);
}

static void without_wal(void **state) {
    struct fixture *f = *state;
    sqlite3_close(owner(f, "CREATE TABLE t (a); INSERT INTO t VALUES (1)"));
    reads(f, FOREIGN_IMMUTABLE, 1);
    sqlite3_close(owner(f, "PRAGMA journal_mode = WAL; INSERT INTO t VALUES (2)"));
    reads(f, FOREIGN_IMMUTABLE, 2); /* a clean WAL database: neither -wal nor -shm */
    char name[128];
    (void)snprintf(name, sizeof name, "%s-wal", f->path);
    assert_true(close(open(name, O_CREAT | O_WRONLY, 0644)) == 0);
    reads(f, FOREIGN_IMMUTABLE, 2); /* an empty -wal */
    (void)snprintf(name, sizeof name, "%s-shm", f->path);
    assert_int_equal(symlink("nowhere", name), 0);
    reads(f, FOREIGN_IMMUTABLE, 2);
}

static void among_live_connections(void **state) {
    struct fixture *f = *state;
    sqlite3 *db = owner(f, "PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    reads(f, FOREIGN_LIVE, 1);
    assert_int_equal(sqlite3_exec(db, "INSERT INTO t VALUES (2)", NULL, NULL, NULL), SQLITE_OK);
    reads(f, FOREIGN_LIVE, 2);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE; INSERT INTO t VALUES (3)", NULL, NULL, NULL), SQLITE_OK);
    reads(f, FOREIGN_LIVE, 2); /* not what isn't committed */
    assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    reads(f, FOREIGN_IMMUTABLE, 3);
}

/* Leaves the files as a killed process would. */
static void crash_owner(struct fixture *f, const char *sql) {
    pid_t pid = fork();
    if (pid == 0) {
        sqlite3 *db = NULL;
        _exit(sqlite3_open(f->path, &db) == SQLITE_OK && sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : 1);
    }
    int status = 1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void a_wal_without_its_shm(void **state) {
    struct fixture *f = *state;
    char shm[128];
    crash_owner(f, "PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)");
    reads(f, FOREIGN_LIVE, 2); /* the -shm of the dead is there */
    (void)snprintf(shm, sizeof shm, "%s-shm", f->path);
    assert_int_equal(unlink(shm), 0);
    reads(f, FOREIGN_COPY, 2);
    /* what a killed run left is no hindrance */
    char stale[160];
    (void)snprintf(stale, sizeof stale, "%s/copy.db-wal", f->copy);
    assert_int_equal(mkdir(f->copy, 0700), 0);
    assert_true(close(open(stale, O_CREAT | O_WRONLY, 0600)) == 0);
    struct foreign *x = NULL;
    assert_int_equal(foreign_open(f->path, f->copy, false, &x, &f->err), OK);
    assert_int_equal(count(x), 2);
    foreign_close(x);
    assert_int_not_equal(access(f->copy, F_OK), 0);
}

static void a_hot_journal(void **state) {
    struct fixture *f = *state;
    sqlite3_close(owner(f, "CREATE TABLE t (a); INSERT INTO t VALUES (1)"));
    /* a small cache writes pages before the commit: only the journal knows what they were */
    crash_owner(f, "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
                   " SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO t SELECT i FROM n");
    reads(f, FOREIGN_COPY, 1);
    sqlite3_close(owner(f, "PRAGMA journal_mode = PERSIST; INSERT INTO t VALUES (2)"));
    reads(f, FOREIGN_IMMUTABLE, 2); /* its journal stays, with nothing in it */
}

static void notices_changes(void **state) {
    struct fixture *f = *state;
    struct foreign *x = NULL;
    sqlite3_close(owner(f, "CREATE TABLE t (a); INSERT INTO t VALUES (1)"));
    assert_int_equal(foreign_open(f->path, f->copy, false, &x, &f->err), OK);
    assert_false(foreign_changed(x));
    sqlite3_close(owner(f, "INSERT INTO t VALUES (2)"));
    assert_true(foreign_changed(x));
    foreign_close(x);
    /* under SQLite's lock nothing can change */
    assert_int_equal(foreign_open(f->path, f->copy, true, &x, &f->err), OK);
    assert_int_equal(foreign_way(x), FOREIGN_LIVE);
    assert_int_equal(count(x), 2);
    foreign_close(x);
    foreign_close(NULL);
}

static void tells_states_apart(void **state) {
    struct fixture *f = *state;
    struct buf a = BUF_INIT;
    struct buf b = BUF_INIT;
    bool racy = false;
    char cmd[200];
    assert_int_equal(foreign_state(f->path, &a, &racy, &f->err), ERR_NOINPUT);
    sqlite3_close(owner(f, "CREATE TABLE t (a)"));
    assert_int_equal(foreign_state(f->path, &a, &racy, &f->err), OK);
    assert_true(racy);
    assert_int_equal(foreign_state(f->path, &b, &racy, &f->err), OK);
    assert_string_equal(buf_cstr(&a), buf_cstr(&b));
    (void)snprintf(cmd, sizeof cmd, "sleep 2.1");
    assert_int_equal(system(cmd), 0);
    assert_int_equal(foreign_state(f->path, &b, &racy, &f->err), OK);
    assert_false(racy);
    sqlite3_close(owner(f, "INSERT INTO t VALUES (2)"));
    buf_clear(&b);
    assert_int_equal(foreign_state(f->path, &b, &racy, &f->err), OK);
    assert_string_not_equal(buf_cstr(&a), buf_cstr(&b));
    buf_release(&a);
    buf_release(&b);
}

/* Another user than the site's, who may read its files and no more, leaves no trace and reads the WAL. */
static void as_another_user(void **state) {
    struct fixture *f = *state;
    if (geteuid() != 0) {
        skip();
    }
    sqlite3 *db = owner(f, "PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    char cmd[200];
    (void)snprintf(cmd, sizeof cmd, "chmod 755 %s && chmod 644 %s/*", f->dir, f->dir);
    assert_int_equal(system(cmd), 0);
    (void)snprintf(f->copy, sizeof f->copy, "/tmp/courant-copy-%d", (int)getpid());
    for (int i = 0; i < 3; i++) { /* live; its -shm gone; clean */
        if (i == 1) {
            sqlite3_close(db);
            crash_owner(f, "INSERT INTO t VALUES (2)");
            (void)snprintf(cmd, sizeof cmd, "rm -f %s/*-shm && chmod 644 %s/*", f->dir, f->dir);
            assert_int_equal(system(cmd), 0);
        } else if (i == 2) {
            sqlite3_close(owner(f, "INSERT INTO t VALUES (3)"));
        }
        static const enum foreign_way ways[] = {FOREIGN_LIVE, FOREIGN_COPY, FOREIGN_IMMUTABLE};
        pid_t pid = fork();
        if (pid == 0) {
            if (setgid(65534) != 0 || setuid(65534) != 0) {
                _exit(9);
            }
            struct foreign *x = NULL;
            if (foreign_open(f->path, f->copy, false, &x, &f->err) != OK) {
                (void)fprintf(stderr, "%s\n", f->err.text);
                _exit(8);
            }
            sqlite3_stmt *q = NULL;
            (void)sqlite3_prepare_v2(foreign_handle(x), "SELECT count(*) FROM t", -1, &q, NULL);
            bool right = sqlite3_step(q) == SQLITE_ROW && sqlite3_column_int(q, 0) == i + 1;
            (void)sqlite3_finalize(q);
            right = right && foreign_way(x) == ways[i];
            foreign_close(x);
            _exit(right ? 0 : 7);
        }
        int status = 1;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(WEXITSTATUS(status), 0);
        (void)snprintf(cmd, sizeof cmd, "test -z \"$(find %s -user 65534)\"", f->dir);
        assert_int_equal(system(cmd), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_wal, setup, teardown),
        cmocka_unit_test_setup_teardown(among_live_connections, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wal_without_its_shm, setup, teardown),
        cmocka_unit_test_setup_teardown(a_hot_journal, setup, teardown),
        cmocka_unit_test_setup_teardown(notices_changes, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_states_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(as_another_user, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
