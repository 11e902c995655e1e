// modules: base model queue
/* A journal of arbitrary bytes: replaying it gives only intact records, in order, and appending behind it works. The
 * first byte chooses: the rest is the file, or says which records are appended and where they are damaged after. */
#include "queue/journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64];

struct seen {
    uint64_t last;
    int64_t subscriber;
    size_t n;
};

static enum status see(void *ctx, const struct journal_record *r, struct error *err) {
    struct seen *s = ctx;
    (void)err;
    if (r->seq < s->last || r->text_len > JOURNAL_TEXT_MAX) {
        abort();
    }
    s->last = r->seq;
    s->subscriber = r->subscriber;
    s->n++;
    return OK;
}

static void clean_up(void) {
    (void)unlink(path);
}

static struct journal *open_it(void) {
    struct journal *j = NULL;
    struct error err = {0};
    if (journal_open(path, 0, &j, &err) != OK) {
        (void)fprintf(stderr, "%s\n", err.text);
        abort();
    }
    return j;
}

/* Records as DATA says; every text is a piece of it. */
static size_t append_all(const uint8_t *data, size_t size) {
    struct journal *j = open_it();
    size_t n = 0;
    journal_start(j, 0);
    while (size >= 4) {
        struct journal_record r = {.issue = data[0],
                                   .subscriber = data[1],
                                   .kind = data[2] & 1 ? JOURNAL_WIRE : JOURNAL_OUTCOME,
                                   .outcome = data[2] >> 5,
                                   .text_len = data[3]};
        data += 4;
        size -= 4;
        if (r.text_len > size) {
            r.text_len = (uint16_t)size;
        }
        memcpy(r.text, data, r.text_len);
        data += r.text_len;
        size -= r.text_len;
        if (journal_append(j, &r) != OK) {
            abort();
        }
        n++;
    }
    journal_close(j);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct error err = {0};
    size_t appended = 0;
    if (!path[0]) {
        (void)snprintf(path, sizeof path, "/tmp/courant-journal-fuzz-%d", (int)getpid());
        (void)atexit(clean_up);
    }
    if (size < 4) {
        return 0;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        abort();
    }
    if (data[0] & 1) {
        appended = append_all(data + 4, size - 4);
        if (data[0] & 2 && pwrite(fd, data + 3, 1, data[1] | data[2] << 8) != 1) {
            abort();
        }
    } else if (pwrite(fd, data + 1, size - 1, 0) != (ssize_t)(size - 1)) {
        abort();
    }
    (void)close(fd);
    struct journal *j = open_it();
    struct seen s = {0};
    if (journal_replay(j, 0, see, &s, &err) != OK) {
        abort();
    }
    if (data[0] & 1 && (s.n + 1 < appended || (!(data[0] & 2) && s.n != appended))) {
        abort(); /* one byte spoils one record at most */
    }
    journal_start(j, s.last);
    struct journal_record r = {.issue = 1, .subscriber = 424242, .kind = JOURNAL_OUTCOME};
    if (s.last < UINT64_MAX && (journal_append(j, &r) != OK || r.seq != s.last + 1)) {
        abort();
    }
    journal_close(j);
    j = open_it();
    struct seen t = {0};
    if (journal_replay(j, s.last, see, &t, &err) != OK ||
        (s.last < UINT64_MAX && (t.n != 1 || t.subscriber != 424242))) {
        abort();
    }
    journal_close(j);
    return 0;
}
