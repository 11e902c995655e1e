/* When the queue is expected to be empty, and what is said of the relays, also over a connection that only reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "doctor/forecast.h"
#include "queue/transactional.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NOW = 1795417200 };

static char folder[64];
static char path[96];
static struct config *config;
static struct arena *arena;

static const char ini[] = "[site]\nname = x\nurl = https://news.example.org\n"
                          "[relay.slow]\nhost = 127.0.0.1\nrate = 600/m 100000/d\n"
                          "[newsletter.n]\ntitle = t\nfrom = a@example.org\nschedule = manual\n"
                          "[bounce]\naddress = b@example.org\n";

static int setup(void **state) {
    (void)state;
    struct config_errors errors = CONFIG_ERRORS_INIT;
    (void)snprintf(folder, sizeof folder, "/tmp/forecast_test.XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/queue.db", folder);
    assert_int_equal(config_parse(str_from(ini), "x.ini", &config, &errors), OK);
    config_errors_release(&errors);
    arena = arena_new();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    char command[160];
    arena_free(arena);
    config_free(config);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static void make(struct queue *q, struct forecast *f) {
    struct error err = {0};
    if (forecast_make(config, q, NULL, NOW, arena, f, &err) != OK) {
        fail_msg("%s", err.text);
    }
}

static void forecasts(void **state) {
    (void)state;
    struct error err = {0};
    struct queue *q = NULL;
    struct queue *reading = NULL;
    struct forecast f;
    struct queue_relay relay;
    assert_int_equal(queue_open(path, SQL_CREATE, &q, &err), OK);
    assert_int_equal(queue_open(path, SQL_READ, &reading, &err), OK);

    make(reading, &f); /* its relay has no row, and none can be made */
    assert_int_equal(f.relays_n, 1);
    assert_string_equal(f.relays[0].name, "slow");
    assert_string_equal(f.relays[0].state, "ready");
    assert_true(str_eq(f.relays[0].rate, STR("600/m 100000/d")));
    assert_int_equal(f.finished_by, 0);

    for (int i = 0; i < 100; i++) {
        int64_t id;
        struct transactional m = {.kind = STR("test"),
                                  .mail_to = STR("a@example.org"),
                                  .mail_from = STR("b@example.org"),
                                  .message = STR("x")};
        assert_int_equal(transactional_add(q, &m, NOW, &id, &err), OK);
    }
    make(reading, &f); /* 100000 a day is less than 600 a minute: 100 / 1.157 s */
    assert_int_equal(f.finished_by, NOW + 86 + 1);

    assert_int_equal(queue_relay(q, "slow", &relay, &err), OK);
    relay.rest_until = NOW + 300;
    relay.bucket.easing = 2;
    assert_int_equal(queue_relay_set(q, &relay, &err), OK);
    make(reading, &f);
    assert_string_equal(f.relays[0].state, "resting");
    assert_int_equal(f.relays[0].until, NOW + 300);
    assert_true(f.relays[0].easing > 1.9 && f.relays[0].easing < 2.1);
    assert_int_equal(f.finished_by, NOW + 300 + 172 + 1);

    relay.rest_until = NOW - 1;
    (void)snprintf(relay.stopped, sizeof relay.stopped, "AUTH refused");
    assert_int_equal(queue_relay_set(q, &relay, &err), OK);
    make(reading, &f);
    assert_string_equal(f.relays[0].state, "stopped");
    assert_int_equal(f.relays[0].until, 0);
    assert_true(str_eq(f.relays[0].reason, STR("AUTH refused")));
    assert_int_equal(f.finished_by, 0); /* nobody knows */
    queue_close(reading);
    queue_close(q);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(forecasts, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
