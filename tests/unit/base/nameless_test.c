/* Goal: a file without a name leaves nothing behind, not even of a program killed while it still had one; two at once
 * get two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/nameless.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/courant-nameless-XXXXXX";
static char near[64];

static int setup(void **state) {
    (void)state;
    if (!mkdtemp(folder)) {
        return -1;
    }
    (void)snprintf(near, sizeof near, "%s/courant.db", folder);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    return rmdir(folder); /* which tells that it is empty */
}

static void write_and_read(int fd, const char *what) {
    char back[16] = "";
    struct stat s;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, what, strlen(what)), strlen(what));
    assert_int_equal(pread(fd, back, sizeof back, 0), strlen(what));
    assert_string_equal(back, what);
    assert_int_equal(fstat(fd, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0600);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

static void test_beside(void **state) {
    (void)state;
    int fd = nameless_beside(near);
    write_and_read(fd, "one");
    int other = nameless_beside(near);
    write_and_read(other, "two");
    (void)close(fd);
    (void)close(other);
    errno = 0;
    assert_int_equal(nameless_beside("/no/such/folder/courant.db"), -1);
    assert_int_equal(errno, ENOENT);
}

static void test_killed(void **state) {
    (void)state;
    struct buf name = BUF_INIT;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)nameless_named(near, &name);
        (void)raise(SIGKILL);
    }
    int how = 0;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how));
    int fd = nameless_named(near, &name);
    write_and_read(fd, "next");
    assert_int_equal(unlink(buf_cstr(&name)), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(mkdir(folder, 0700), 0);
    (void)close(fd);
    buf_release(&name);
}

/* Whoever waited for a name that was taken away meanwhile gets a file of its own. */
static void test_two(void **state) {
    (void)state;
    struct buf name = BUF_INIT;
    int fd = nameless_named(near, &name);
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct buf own = BUF_INIT;
        (void)close(fd); /* the lock goes with the last copy of it */
        (void)write(ready[1], "", 1);
        int mine = nameless_named(near, &own);
        bool fine = mine >= 0 && write(mine, "mine", 4) == 4 && unlink(buf_cstr(&own)) == 0;
        buf_release(&own);
        buf_release(&name);
        _exit(fine ? 0 : 1);
    }
    char c;
    assert_int_equal(read(ready[0], &c, 1), 1);
    (void)usleep(20000);
    assert_int_equal(unlink(buf_cstr(&name)), 0);
    write_and_read(fd, "ours");
    (void)close(fd);
    int how = 0;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_int_equal(how, 0);
    (void)close(ready[0]);
    (void)close(ready[1]);
    buf_release(&name);
}

static void test_link(void **state) {
    (void)state;
    struct buf name = BUF_INIT;
    char link[80];
    (void)snprintf(link, sizeof link, "%s/.courant-nameless", folder);
    assert_int_equal(symlink("/etc/passwd", link), 0);
    assert_int_equal(nameless_named(near, &name), -1);
    assert_int_equal(errno, ELOOP);
    assert_int_equal(unlink(link), 0);
    buf_release(&name);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_beside), cmocka_unit_test(test_killed),
                                       cmocka_unit_test(test_two), cmocka_unit_test(test_link)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
