/* The journal: what was appended is replayed, torn records are skipped, space is used again only behind the fold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/journal.h"

enum { SALT = 0x5a17, SEGMENT = 4 * 1024 * 1024 };

struct fixture {
    char dir[64];
    char path[96];
    struct journal *j;
};

struct seen {
    struct journal_record r[64];
    size_t n, total;
    uint64_t first, last;
};

static void ok(enum status st, const struct error *err) {
    if (st != OK) {
        fail_msg("%d: %s", st, err->text);
    }
}

static void reopen(struct fixture *f, uint32_t salt) {
    struct error err = {0};
    journal_close(f->j);
    ok(journal_open(f->path, salt, &f->j, &err), &err);
}

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/courant-journal-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    (void)snprintf(f->path, sizeof f->path, "%s/queue.journal", f->dir);
    reopen(f, SALT);
    journal_start(f->j, 0);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    journal_close(f->j);
    (void)unlink(f->path);
    assert_int_equal(rmdir(f->dir), 0);
    free(f);
    return 0;
}

static enum status see(void *ctx, const struct journal_record *r, struct error *err) {
    struct seen *s = ctx;
    (void)err;
    if (s->n < 64) {
        s->r[s->n++] = *r;
    }
    assert_true(s->total == 0 || r->seq > s->last);
    s->first = s->total ? s->first : r->seq;
    s->last = r->seq;
    s->total++;
    return OK;
}

static struct seen replay(struct fixture *f, uint64_t folded) {
    struct seen s = {0};
    struct error err = {0};
    ok(journal_replay(f->j, folded, see, &s, &err), &err);
    return s;
}

static struct journal_record record(int64_t subscriber, enum journal_kind kind, const char *text) {
    struct journal_record r = {.issue = 7,
                               .subscriber = subscriber,
                               .at = 1000 + subscriber,
                               .due_at = 2000 + subscriber,
                               .kind = kind,
                               .outcome = OUTCOME_LATER,
                               .cause = 3,
                               .code = 451,
                               .relay = 2,
                               .verdict = 5,
                               .status = "4.7.1",
                               .text_len = (uint16_t)strlen(text)};
    memcpy(r.text, text, strlen(text));
    return r;
}

static void add(struct fixture *f, int64_t subscriber, const char *text) {
    struct journal_record r = record(subscriber, JOURNAL_OUTCOME, text);
    assert_int_equal(journal_append(f->j, &r), OK);
}

/* Writes BYTES over what stands at AT. */
static void scribble(struct fixture *f, off_t at, const void *bytes, size_t n) {
    int fd = open(f->path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, n, at), (ssize_t)n);
    (void)close(fd);
}

static void opens_private_and_with_its_room(void **state) {
    struct fixture *f = *state;
    struct stat st;
    struct error err = {0};
    struct journal *other = NULL;
    char path[128];
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_size, 2 * SEGMENT);
    assert_true(st.st_blocks * 512 >= 2 * SEGMENT);
    (void)snprintf(path, sizeof path, "%s/none/queue.journal", f->dir);
    assert_int_equal(journal_open(path, SALT, &other, &err), ERR_IO);
    assert_null(other);
    assert_non_null(strstr(err.text, "can't be opened"));
    /* no link is followed */
    (void)snprintf(path, sizeof path, "%s/link", f->dir);
    assert_int_equal(symlink(f->path, path), 0);
    assert_int_equal(journal_open(path, SALT, &other, &err), ERR_IO);
    (void)unlink(path);
    journal_close(NULL);
}

static void gives_back_every_field_in_order(void **state) {
    struct fixture *f = *state;
    char longest[JOURNAL_TEXT_MAX + 1];
    memset(longest, 'x', JOURNAL_TEXT_MAX);
    longest[JOURNAL_TEXT_MAX] = 0;
    struct journal_record wire = {.issue = 7, .subscriber = 1, .at = 1, .kind = JOURNAL_WIRE};
    assert_int_equal(journal_append(f->j, &wire), OK);
    assert_int_equal(wire.seq, 1);
    add(f, 1, "try again");
    add(f, 2, "");
    add(f, 3, longest);
    struct journal_record beyond = record(4, JOURNAL_OUTCOME, longest);
    beyond.text_len = UINT16_MAX;
    assert_int_equal(journal_append(f->j, &beyond), OK);
    reopen(f, SALT); /* as after kill -9: nothing was synced or folded */
    struct seen s = replay(f, 0);
    assert_int_equal(s.n, 5);
    assert_int_equal(s.r[0].kind, JOURNAL_WIRE);
    const struct journal_record *r = &s.r[1];
    assert_int_equal(r->seq, 2);
    assert_int_equal(r->issue, 7);
    assert_int_equal(r->subscriber, 1);
    assert_int_equal(r->at, 1001);
    assert_int_equal(r->due_at, 2001);
    assert_int_equal(r->kind, JOURNAL_OUTCOME);
    assert_int_equal(r->outcome, OUTCOME_LATER);
    assert_int_equal(r->cause, 3);
    assert_int_equal(r->code, 451);
    assert_int_equal(r->relay, 2);
    assert_int_equal(r->verdict, 5);
    assert_string_equal(r->status, "4.7.1");
    assert_int_equal(r->text_len, 9);
    assert_memory_equal(r->text, "try again", 9);
    assert_int_equal(s.r[2].text_len, 0);
    assert_int_equal(s.r[3].text_len, JOURNAL_TEXT_MAX);
    assert_memory_equal(s.r[3].text, longest, JOURNAL_TEXT_MAX);
    assert_int_equal(s.r[4].text_len, JOURNAL_TEXT_MAX);
    /* only what is above the fold */
    s = replay(f, 3);
    assert_int_equal(s.n, 2);
    assert_int_equal(s.r[0].seq, 4);
    assert_int_equal(replay(f, 5).n, 0);
}

static void skips_a_torn_record_and_keeps_those_behind(void **state) {
    struct fixture *f = *state;
    for (int i = 1; i <= 5; i++) {
        add(f, i, "0123456789"); /* 72 and 10 bytes: 96 each */
    }
    static const struct {
        const char *what;
        off_t at;
        unsigned char byte;
        int missing; /* its place, from 1 */
    } cases[] = {
        {"the text", 96 + 72 + 3, '#', 2},   {"the checksum", 96 + 4, 0x55, 2},    {"the number", 96 * 2 + 8, 0xee, 3},
        {"the magic", 96 * 3, 0, 4},         {"the length", 96 * 4 + 56, 0xff, 5}, {"the first one", 20, 0x7f, 1},
        {"the status", 96 * 2 + 60, 'Z', 3},
    };
    unsigned char before[96 * 5];
    int fd = open(f->path, O_RDONLY);
    assert_int_equal(read(fd, before, sizeof before), sizeof before);
    (void)close(fd);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_not_equal(before[cases[i].at], cases[i].byte);
        scribble(f, cases[i].at, &cases[i].byte, 1);
        reopen(f, SALT);
        struct seen s = replay(f, 0);
        if (s.n != 4) {
            fail_msg("%s: %zu records are seen", cases[i].what, s.n);
        }
        for (size_t k = 0; k < s.n; k++) {
            assert_int_not_equal(s.r[k].subscriber, cases[i].missing);
        }
        scribble(f, 0, before, sizeof before);
    }
    assert_int_equal(replay(f, 0).n, 5);
}

static void sees_no_record_of_another_queue(void **state) {
    struct fixture *f = *state;
    add(f, 1, "a");
    add(f, 2, "b");
    reopen(f, SALT + 1);
    assert_int_equal(replay(f, 0).n, 0);
    journal_start(f->j, 0);
    add(f, 9, "mine");
    reopen(f, SALT + 1);
    struct seen s = replay(f, 0);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.r[0].subscriber, 9);
    reopen(f, SALT);
    s = replay(f, 0);
    assert_int_equal(s.n, 1); /* the first was written over, the second still stands */
    assert_int_equal(s.r[0].subscriber, 2);
}

/* A restart begins at the front: numbers go on above all that were ever given, and what was left there is not seen as
 * new. */
static void numbers_never_come_twice(void **state) {
    struct fixture *f = *state;
    for (int i = 1; i <= 10; i++) {
        add(f, i, "old");
    }
    reopen(f, SALT);
    assert_int_equal(replay(f, 4).n, 6);
    journal_start(f->j, 4); /* queue.db holds less than the file */
    struct journal_record r = record(11, JOURNAL_OUTCOME, "new");
    assert_int_equal(journal_append(f->j, &r), OK);
    assert_int_equal(r.seq, 11);
    reopen(f, SALT);
    struct seen s = replay(f, 10);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.r[0].seq, 11);
    assert_int_equal(s.r[0].subscriber, 11);
    journal_start(f->j, 500); /* queue.db holds more: notes have numbers too */
    assert_int_equal(journal_append(f->j, &r), OK);
    assert_int_equal(r.seq, 501);
}

static void uses_segments_again_behind_the_fold(void **state) {
    struct fixture *f = *state;
    enum { ROUNDS = 200000, BATCH = 512 }; /* 96 bytes each: five times both segments */
    struct journal_record *list;
    size_t n;
    uint64_t last = 0;
    for (int i = 1; i <= ROUNDS; i++) {
        add(f, i, "0123456789");
        if (i % BATCH == 0) {
            journal_take(f->j, &list, &n);
            assert_int_equal(n, BATCH);
            assert_int_equal(list[0].seq, last + 1);
            last = list[n - 1].seq;
            journal_folded(f->j, last);
        }
    }
    assert_int_equal(journal_waiting(f->j), ROUNDS % BATCH);
    struct stat st;
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_size, 2 * SEGMENT);
    reopen(f, SALT);
    struct seen s = replay(f, last);
    assert_int_equal(s.total, ROUNDS % BATCH);
    assert_int_equal(s.last, ROUNDS);
    assert_int_equal(s.r[0].subscriber, last + 1);
}

struct writer {
    struct fixture *f;
    atomic_int written;
    int total;
};

static void *write_many(void *ctx) {
    struct writer *w = ctx;
    for (int i = 1; i <= w->total; i++) {
        struct journal_record r = record(i, JOURNAL_OUTCOME, "0123456789");
        if (journal_append(w->f->j, &r) != OK) {
            break;
        }
        atomic_store(&w->written, i);
    }
    return NULL;
}

/* With both segments full of what queue.db doesn't hold yet, an append waits; nothing is written over. */
static void waits_rather_than_write_over_the_unfolded(void **state) {
    struct fixture *f = *state;
    struct writer w = {.f = f, .total = 2 * (SEGMENT / 96) + 100};
    pthread_t t;
    assert_int_equal(pthread_create(&t, NULL, write_many, &w), 0);
    int before = -1;
    for (int still = 0; still < (before < 2 * (SEGMENT / 96) ? 500 : 5);) { /* a busy machine may stop it for seconds */
        (void)usleep(20000);
        int now = atomic_load(&w.written);
        still = now == before ? still + 1 : 0;
        before = now;
    }
    assert_int_equal(before, 2 * (SEGMENT / 96));
    struct journal *other = NULL;
    struct error err = {0};
    struct seen s = {0};
    ok(journal_open(f->path, SALT, &other, &err), &err);
    ok(journal_replay(other, 0, see, &s, &err), &err);
    journal_close(other);
    assert_int_equal(s.total, before);
    assert_int_equal(s.first, 1);
    journal_folded(f->j, SEGMENT / 96); /* the first segment is folded: the writer goes on in it */
    assert_int_equal(pthread_join(t, NULL), 0);
    assert_int_equal(atomic_load(&w.written), w.total);
}

static void limit(rlim_t bytes) {
    struct rlimit l;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &l), 0);
    l.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
}

/* A disk that fails: the outcome is on the list all the same, a wire is not, and it is said until it was folded. */
static void tells_of_a_failed_write_until_folded(void **state) {
    struct fixture *f = *state;
    (void)signal(SIGXFSZ, SIG_IGN);
    add(f, 1, "first");
    limit(0);
    struct journal_record wire = record(2, JOURNAL_WIRE, "");
    assert_int_equal(journal_append(f->j, &wire), ERR_IO);
    assert_true(journal_failed(f->j));
    assert_int_equal(journal_waiting(f->j), 1);
    struct journal_record outcome = record(3, JOURNAL_OUTCOME, "lost on disk");
    assert_int_equal(journal_append(f->j, &outcome), ERR_IO);
    assert_int_equal(journal_waiting(f->j), 2);
    limit(RLIM_INFINITY);
    add(f, 4, "behind");
    assert_true(journal_failed(f->j)); /* a later success heals nothing */
    struct journal_record *list;
    size_t n;
    journal_take(f->j, &list, &n);
    assert_int_equal(n, 3);
    assert_int_equal(list[1].subscriber, 3);
    assert_memory_equal(list[1].text, "lost on disk", 12);
    /* a hole in the numbers is no end */
    struct seen s = replay(f, 0);
    assert_int_equal(s.n, 2);
    assert_int_equal(s.r[1].subscriber, 4);
    assert_int_equal(s.r[1].seq, 4);
    journal_folded(f->j, list[n - 1].seq);
    assert_false(journal_failed(f->j));
}

/* A write cut short leaves a torn record, and the next one takes its place. */
static void writes_over_a_record_cut_short(void **state) {
    struct fixture *f = *state;
    (void)signal(SIGXFSZ, SIG_IGN);
    add(f, 1, "0123456789");
    limit(96 + 40);
    struct journal_record r = record(2, JOURNAL_OUTCOME, "cut");
    assert_int_equal(journal_append(f->j, &r), ERR_IO);
    assert_int_equal(replay(f, 0).n, 1);
    limit(RLIM_INFINITY);
    add(f, 3, "whole");
    struct seen s = replay(f, 0);
    assert_int_equal(s.n, 2);
    assert_int_equal(s.r[1].subscriber, 3);
}

static void takes_notes_that_no_crash_needs(void **state) {
    struct fixture *f = *state;
    struct journal_record *list;
    struct error err = {0};
    size_t n;
    struct journal_record r = record(1, JOURNAL_OUTCOME, "untried");
    journal_note(f->j, &r);
    add(f, 2, "kept");
    assert_int_equal(journal_waiting(f->j), 2);
    journal_take(f->j, &list, &n);
    assert_int_equal(n, 2);
    assert_int_equal(list[0].subscriber, 1);
    assert_int_equal(list[0].seq, 1);
    assert_int_equal(list[1].seq, 2);
    assert_int_equal(journal_waiting(f->j), 0);
    journal_take(f->j, &list, &n);
    assert_int_equal(n, 0);
    ok(journal_sync(f->j, &err), &err);
    ok(journal_sync(f->j, &err), &err);
    struct seen s = replay(f, 0);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.r[0].subscriber, 2);
}

static enum status refuse(void *ctx, const struct journal_record *r, struct error *err) {
    ++*(int *)ctx;
    return r->seq == 2 ? error_set(err, ERR_DATA, "not this one") : OK;
}

static void stops_replaying_at_an_error(void **state) {
    struct fixture *f = *state;
    struct error err = {0};
    int calls = 0;
    for (int i = 1; i <= 4; i++) {
        add(f, i, "");
    }
    assert_int_equal(journal_replay(f->j, 0, refuse, &calls, &err), ERR_DATA);
    assert_int_equal(calls, 2);
    assert_string_equal(err.text, "not this one");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(opens_private_and_with_its_room, setup, teardown),
        cmocka_unit_test_setup_teardown(gives_back_every_field_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(skips_a_torn_record_and_keeps_those_behind, setup, teardown),
        cmocka_unit_test_setup_teardown(sees_no_record_of_another_queue, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_never_come_twice, setup, teardown),
        cmocka_unit_test_setup_teardown(uses_segments_again_behind_the_fold, setup, teardown),
        cmocka_unit_test_setup_teardown(waits_rather_than_write_over_the_unfolded, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_of_a_failed_write_until_folded, setup, teardown),
        cmocka_unit_test_setup_teardown(writes_over_a_record_cut_short, setup, teardown),
        cmocka_unit_test_setup_teardown(takes_notes_that_no_crash_needs, setup, teardown),
        cmocka_unit_test_setup_teardown(stops_replaying_at_an_error, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
