#include "dispatch/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const int64_t S = 1000000000, NOON = 1795435200; /* 2026-11-23T12:00:00Z */

static struct config_rate rate(int64_t count, int64_t period_s) {
    struct config_rate r = {.n = 1};
    r.limit[0].count = count;
    r.limit[0].period_s = period_s;
    return r;
}

static void no_limit(void **state) {
    (void)state;
    struct queue_bucket b = {0};
    struct pace p;
    pace_init(&p, NULL, &b, "boot");
    assert_false(pace_limited(&p));
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(pace_wait(&p, S, NOON), 0);
        pace_take(&p, S, NOON);
    }
    assert_true(pace_per_s(&p) == 0);
}

/* How many go in SPAN_NS from BEGIN when each goes as soon as it may. */
static int sent_in(struct pace *p, int64_t begin, int64_t span_ns) {
    int n = 0;
    for (int64_t t = begin; t < begin + span_ns;) {
        int64_t wait = pace_wait(p, t, NOON);
        assert_true(wait >= 0);
        if (wait == 0) {
            pace_take(p, t, NOON);
            n++;
        } else {
            t += wait;
        }
    }
    return n;
}

static void a_second(void **state) {
    (void)state;
    struct queue_bucket b = {0};
    struct config_rate r = rate(50, 1);
    struct pace p, q;
    pace_init(&p, &r, &b, "boot");
    assert_in_range(sent_in(&p, 10 * S, S), 50, 56);
    assert_true(p.dirty);
    /* another run goes on with what was stored */
    b = p.used;
    pace_init(&q, &r, &b, "boot");
    assert_in_range(sent_in(&q, 11 * S, S), 49, 51);
    /* long idle does not save up more than a burst */
    assert_in_range(sent_in(&q, 1000 * S, S), 50, 56);
    /* a reboot begins monotonic time anew: no wait for a time that will never come */
    b = q.used;
    pace_init(&p, &r, &b, "another boot");
    assert_in_range(sent_in(&p, 1 * S, S), 50, 56);
}

static void a_minute(void **state) {
    (void)state;
    struct queue_bucket b = {0};
    struct config_rate r = rate(30, 60);
    struct pace p;
    pace_init(&p, &r, &b, "boot");
    assert_in_range(sent_in(&p, S, 120 * S), 60, 62);
    assert_true(pace_per_s(&p) > 0.49 && pace_per_s(&p) < 0.51);
}

static void planned(void **state) {
    (void)state;
    /* taken ahead of time, the next one's wait is longer by one place each */
    struct queue_bucket b = {0};
    struct config_rate r = rate(10, 1);
    struct pace p;
    pace_init(&p, &r, &b, "boot");
    assert_int_equal(pace_wait(&p, S, NOON), 0);
    for (int i = 0; i < 10; i++) {
        pace_take(&p, S, NOON);
    }
    int64_t wait = pace_wait(&p, S, NOON);
    assert_true(wait > S - S / 100 && wait < S + S / 100);
}

static void hour_and_day(void **state) {
    (void)state;
    struct queue_bucket b = {0};
    struct config_rate r = rate(100, 86400);
    struct pace p, q;
    pace_init(&p, &r, &b, "boot");
    for (int i = 0; i < 100; i++) {
        assert_int_equal(pace_wait(&p, S, NOON), 0);
        assert_false(pace_spent(&p, NOON));
        pace_take(&p, S, NOON);
    }
    assert_true(pace_spent(&p, NOON));
    assert_int_equal(pace_wait(&p, S, NOON), -1);
    assert_int_equal(pace_wait(&p, S, NOON + 12 * 3600 - 1), -1);
    /* neither another run nor a reboot gives more of this day */
    b = p.used;
    pace_init(&q, &r, &b, "another boot");
    assert_int_equal(pace_wait(&q, S, NOON), -1);
    /* the next day does */
    assert_int_equal(pace_wait(&q, S, NOON + 12 * 3600), 0);
    pace_take(&q, S, NOON + 12 * 3600);
    assert_int_equal(q.used.day_count, 1);
    r = rate(3, 3600);
    b = (struct queue_bucket){0};
    pace_init(&p, &r, &b, "boot");
    for (int i = 0; i < 3; i++) {
        pace_take(&p, S, NOON + 5);
    }
    assert_int_equal(pace_wait(&p, S, NOON + 3599), -1);
    assert_int_equal(pace_wait(&p, S, NOON + 3600), 0);
}

static void tightest(void **state) {
    (void)state;
    struct queue_bucket b = {0};
    struct config_rate r = {.n = 2};
    r.limit[0].count = 100;
    r.limit[0].period_s = 1;
    r.limit[1].count = 3600;
    r.limit[1].period_s = 3600;
    struct pace p;
    pace_init(&p, &r, &b, "boot");
    assert_true(pace_per_s(&p) > 0.99 && pace_per_s(&p) < 1.01);
}

static void easing(void **state) {
    (void)state;
    struct queue_bucket b = {0};
    struct config_rate r = rate(40, 1);
    struct pace p;
    pace_init(&p, &r, &b, "boot");
    pace_ease(&p, NOON);
    assert_true(pace_per_s(&p) > 19.9 && pace_per_s(&p) < 20.1);
    /* many refusals at once count for one */
    for (int i = 0; i < 9; i++) {
        pace_ease(&p, NOON + i);
    }
    assert_true(pace_per_s(&p) > 19.9);
    pace_ease(&p, NOON + 10);
    assert_true(pace_per_s(&p) < 10.1);
    /* it never comes to a stop */
    for (int i = 2; i < 100; i++) {
        pace_ease(&p, NOON + i * 10);
    }
    assert_true(pace_per_s(&p) > 0.6);
    /* left alone it comes back, step by step, across runs too */
    int64_t t = NOON + 990;
    double before = pace_per_s(&p);
    pace_recover(&p, t + 59);
    assert_true(pace_per_s(&p) == before);
    pace_recover(&p, t + 60);
    assert_true(pace_per_s(&p) > before && pace_per_s(&p) < 2 * before);
    b = p.used;
    pace_init(&p, &r, &b, "boot");
    pace_recover(&p, t + 3600);
    assert_true(pace_per_s(&p) > 39.9 && pace_per_s(&p) < 40.1);
    assert_true(p.used.easing == 1);
    /* one without a rate of its own gets one while it is eased */
    b = (struct queue_bucket){0};
    pace_init(&p, NULL, &b, "boot");
    pace_ease(&p, NOON);
    assert_true(pace_limited(&p));
    assert_true(pace_per_s(&p) > 0);
    pace_recover(&p, NOON + 3600);
    assert_false(pace_limited(&p));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_limit),     cmocka_unit_test(a_second), cmocka_unit_test(a_minute),
        cmocka_unit_test(planned),      cmocka_unit_test(tightest), cmocka_unit_test(easing),
        cmocka_unit_test(hour_and_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
