#include "transport/watch.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TICK_MS = 50 };

struct watch {
    pthread_t thread;
    pthread_mutex_t lock; /* the list and `ending` */
    struct watch_entry *first;
    bool ending;
    bool running;
    int wake_fd; /* the list is no longer empty, or we end */
    int stop_fd, cut_fd;
    atomic_bool stopped, cut;
};

static void ring(int fd) {
    int saved = errno;
    uint64_t one = 1;
    ssize_t n = write(fd, &one, sizeof one);
    (void)n; /* full means rung already */
    errno = saved;
}

static void shut(struct watch_entry *e, enum watch_why why) {
    int quiet = WATCH_QUIET;
    if (!atomic_compare_exchange_strong(&e->why, &quiet, (int)why))
        return;
    for (int i = 0; i < 2; i++)
        if (e->fd[i] >= 0)
            shutdown(e->fd[i], SHUT_RDWR);
}

static void *watch_run(void *arg) {
    struct watch *w = arg;
    bool cut_seen = false;
    for (;;) {
        pthread_mutex_lock(&w->lock);
        bool ending = w->ending;
        bool idle = w->first == NULL;
        bool cut = atomic_load(&w->cut);
        int64_t now = clock_mono_ns();
        for (struct watch_entry *e = w->first; e; e = e->next) {
            int64_t due = atomic_load_explicit(&e->due, memory_order_relaxed);
            if (cut)
                shut(e, WATCH_CUT);
            else if (due && now >= due)
                shut(e, WATCH_TIMEOUT);
        }
        pthread_mutex_unlock(&w->lock);
        if (ending)
            return NULL;
        cut_seen = cut_seen || cut;
        struct pollfd p[2] = {{w->wake_fd, POLLIN, 0}, {cut_seen ? -1 : w->cut_fd, POLLIN, 0}};
        poll(p, 2, idle ? -1 : TICK_MS);
        uint64_t n;
        if (p[0].revents && read(w->wake_fd, &n, sizeof n) < 0)
            continue;
    }
}

enum status watch_new(struct watch **out, struct error *err) {
    enum status st = OK;
    sigset_t all, old;
    struct watch *w = calloc(1, sizeof *w);
    *out = NULL;
    if (!w)
        return error_set(err, ERR_OS, "out of memory");
    pthread_mutex_init(&w->lock, NULL);
    w->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    w->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    w->cut_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (w->wake_fd < 0 || w->stop_fd < 0 || w->cut_fd < 0) {
        st = error_set(err, ERR_OS, "can't make a wake-up descriptor: %s", strerror(errno));
        goto done;
    }
    /* Signals are for the program's own threads. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int rc = pthread_create(&w->thread, NULL, watch_run, w);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (rc != 0) {
        st = error_set(err, ERR_OS, "can't start a thread: %s", strerror(rc));
        goto done;
    }
    w->running = true;
    *out = w;
done:
    if (st != OK)
        watch_free(w);
    return st;
}

void watch_free(struct watch *w) {
    if (!w)
        return;
    if (w->running) {
        pthread_mutex_lock(&w->lock);
        w->ending = true;
        pthread_mutex_unlock(&w->lock);
        ring(w->wake_fd);
        pthread_join(w->thread, NULL);
    }
    int fds[] = {w->wake_fd, w->stop_fd, w->cut_fd};
    for (size_t i = 0; i < 3; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

void watch_add(struct watch *w, struct watch_entry *e) {
    atomic_store(&e->why, WATCH_QUIET);
    pthread_mutex_lock(&w->lock);
    bool was_empty = w->first == NULL;
    e->prev = NULL;
    e->next = w->first;
    if (w->first)
        w->first->prev = e;
    w->first = e;
    if (atomic_load(&w->cut))
        shut(e, WATCH_CUT);
    pthread_mutex_unlock(&w->lock);
    if (was_empty)
        ring(w->wake_fd);
}

void watch_remove(struct watch *w, struct watch_entry *e) {
    pthread_mutex_lock(&w->lock);
    if (e->prev)
        e->prev->next = e->next;
    else
        w->first = e->next;
    if (e->next)
        e->next->prev = e->prev;
    e->prev = e->next = NULL;
    pthread_mutex_unlock(&w->lock);
}

void watch_due(struct watch_entry *e, int64_t ms) {
    atomic_store_explicit(&e->due, ms > 0 ? clock_mono_ns() + ms * 1000000 : 0, memory_order_relaxed);
}

void watch_stop(struct watch *w) {
    atomic_store(&w->stopped, true);
    ring(w->stop_fd);
}

void watch_cut(struct watch *w) {
    atomic_store(&w->stopped, true);
    atomic_store(&w->cut, true);
    ring(w->stop_fd);
    ring(w->cut_fd);
}

bool watch_stopped(const struct watch *w) {
    return atomic_load(&w->stopped);
}

bool watch_is_cut(const struct watch *w) {
    return atomic_load(&w->cut);
}

int watch_stop_fd(const struct watch *w) {
    return w->stop_fd;
}

int watch_cut_fd(const struct watch *w) {
    return w->cut_fd;
}
