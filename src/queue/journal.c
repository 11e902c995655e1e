#include "queue/journal.h"

#include "base/buf.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file is two segments of equal size, used in turn. A segment is begun again only when every record in it is
 * folded. A record is a head and its text, padded to 16 bytes; the checksum covers both. */
enum { ALIGN = 16, SEGMENT = 4 * 1024 * 1024, MAGIC = 0x4e525543 };

struct head {
    uint32_t magic;
    uint32_t crc; /* over everything behind this field, text included */
    uint64_t seq;
    int64_t issue;
    int64_t subscriber;
    int64_t at;
    int64_t due_at;
    uint8_t kind;
    uint8_t outcome;
    uint8_t cause;
    uint8_t verdict;
    uint16_t code;
    uint16_t relay;
    uint16_t text_len;
    char status[12];
    char pad[2];
};

_Static_assert(sizeof(struct head) % 8 == 0, "the head has no holes at its end");
_Static_assert((size_t)SEGMENT / 2 >
                   (size_t)JOURNAL_INFLIGHT_MAX * 2 * (sizeof(struct head) + JOURNAL_TEXT_MAX + ALIGN) / 2,
               "a segment holds what may be open");

struct list {
    struct journal_record *r;
    size_t n, cap;
};

struct journal {
    int fd;
    uint32_t salt;
    pthread_mutex_t lock;
    pthread_cond_t room;
    uint64_t seq;     /* the last one given */
    uint64_t folded;  /* durable in queue.db */
    uint64_t last[2]; /* the greatest seq in each segment */
    int segment;      /* the one being written */
    size_t offset;    /* in it */
    bool failed, dirty;
    bool fresh;         /* the file was made, or was cut short, before it was opened */
    uint64_t unwritten; /* the last outcome that is in the list alone */
    int64_t failing_ns; /* since when every write failed; 0: the last one did not */
    int why;            /* errno of the last failure */
    struct list fill, taken;
    uint32_t table[256]; /* CRC-32C */
};

static uint32_t crc(const struct journal *j, const void *data, size_t n, uint32_t c) {
    const unsigned char *p = data;
    c = ~c;
    for (size_t i = 0; i < n; i++) {
        c = j->table[(c ^ p[i]) & 0xff] ^ (c >> 8);
    }
    return ~c;
}

static uint32_t head_crc(const struct journal *j, const struct head *h, const char *text) {
    uint32_t c = crc(j, (const char *)h + offsetof(struct head, seq), sizeof *h - offsetof(struct head, seq), j->salt);
    return crc(j, text, h->text_len, c);
}

static size_t padded(size_t n) {
    return (n + ALIGN - 1) / ALIGN * ALIGN;
}

enum status journal_open(const char *path, uint32_t salt, struct journal **out, struct error *err) {
    enum status st = OK;
    *out = NULL;
    struct journal *j = calloc(1, sizeof *j);
    char *folder = strdup(path);
    if (!j || !folder) {
        free(j);
        free(folder);
        return error_set(err, ERR_OS, "out of memory");
    }
    j->salt = salt;
    pthread_mutexattr_t spin; /* held for less than it takes to fall asleep */
    (void)pthread_mutexattr_init(&spin);
    (void)pthread_mutexattr_settype(&spin, PTHREAD_MUTEX_ADAPTIVE_NP);
    (void)pthread_mutex_init(&j->lock, &spin);
    (void)pthread_mutexattr_destroy(&spin);
    (void)pthread_cond_init(&j->room, NULL);
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++) {
            c = c & 1 ? 0x82f63b78u ^ (c >> 1) : c >> 1;
        }
        j->table[i] = c;
    }
    j->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct stat dir, self;
    if (j->fd < 0) {
        st = error_set(err, ERR_IO, "%s can't be opened: %s", path, strerror(errno));
        goto done;
    }
    if (geteuid() == 0 && stat(dirname(folder), &dir) == 0 && fstat(j->fd, &self) == 0 && dir.st_uid != self.st_uid &&
        fchown(j->fd, dir.st_uid, dir.st_gid) != 0) {
        st = error_set(err, ERR_IO, "%s can't be given to its folder's owner: %s", path, strerror(errno));
        goto done;
    }
    j->fresh = fstat(j->fd, &self) != 0 || self.st_size < (off_t)2 * SEGMENT;
    /* the room for every outcome is had before anything is claimed */
    int rc = posix_fallocate(j->fd, 0, (off_t)2 * SEGMENT);
    if (rc != 0) {
        st = error_set(err, ERR_IO, "%s: no room for %d MiB: %s; free some and run again", path, 2 * SEGMENT >> 20,
                       strerror(rc));
    }
done:
    free(folder);
    if (st != OK) {
        journal_close(j);
    } else {
        *out = j;
    }
    return st;
}

void journal_close(struct journal *j) {
    if (!j) {
        return;
    }
    if (j->fd >= 0) {
        (void)close(j->fd);
    }
    (void)pthread_mutex_destroy(&j->lock);
    (void)pthread_cond_destroy(&j->room);
    free(j->fill.r);
    free(j->taken.r);
    free(j);
}

static void list_add(struct list *l, const struct journal_record *r) {
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 1024;
        struct journal_record *p = realloc(l->r, cap * sizeof *p);
        if (!p) {
            abort(); /* an outcome that can't be kept: die here, recovery takes the journal */
        }
        l->r = p;
        l->cap = cap;
    }
    /* the text beyond its length is not copied: most records have little */
    memcpy(&l->r[l->n], r, offsetof(struct journal_record, text) + r->text_len);
    l->n++;
}

static int by_seq(const void *a, const void *b) {
    const struct journal_record *x = a, *y = b;
    return (x->seq > y->seq) - (x->seq < y->seq);
}

/* Reads one segment into LIST: what is above FOLDED. */
static enum status read_segment(struct journal *j, int segment, uint64_t folded, struct list *list, struct error *err) {
    enum status st = OK;
    char *data = malloc(SEGMENT);
    if (!data) {
        return error_set(err, ERR_OS, "out of memory");
    }
    size_t got = 0;
    while (got < SEGMENT) {
        ssize_t n = pread(j->fd, data + got, SEGMENT - got, (off_t)segment * SEGMENT + (off_t)got);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            st = error_set(err, ERR_IO, "the journal can't be read: %s", strerror(errno));
            goto done;
        }
        if (n == 0) {
            break;
        }
        got += (size_t)n;
    }
    for (size_t at = 0; at + sizeof(struct head) <= got;) {
        struct head h;
        memcpy(&h, data + at, sizeof h);
        if (h.magic != MAGIC || h.text_len > JOURNAL_TEXT_MAX || at + sizeof h + h.text_len > got ||
            head_crc(j, &h, data + at + sizeof h) != h.crc) {
            at += ALIGN; /* torn, or of an earlier round: an intact one may follow */
            continue;
        }
        if (h.seq > j->last[segment]) {
            j->last[segment] = h.seq;
        }
        if (h.seq > folded) {
            struct journal_record r = {.seq = h.seq,
                                       .issue = h.issue,
                                       .subscriber = h.subscriber,
                                       .at = h.at,
                                       .due_at = h.due_at,
                                       .kind = h.kind,
                                       .outcome = h.outcome,
                                       .cause = h.cause,
                                       .code = h.code,
                                       .relay = h.relay,
                                       .verdict = h.verdict,
                                       .text_len = h.text_len};
            memcpy(r.status, h.status, sizeof r.status);
            memcpy(r.text, data + at + sizeof h, h.text_len);
            list_add(list, &r);
        }
        at += padded(sizeof h + h.text_len);
    }
done:
    free(data);
    return st;
}

enum status journal_replay(struct journal *j, uint64_t folded,
                           enum status (*fn)(void *ctx, const struct journal_record *r, struct error *err), void *ctx,
                           struct error *err) {
    struct list list = {0};
    enum status st = read_segment(j, 0, folded, &list, err);
    if (st == OK) {
        st = read_segment(j, 1, folded, &list, err);
    }
    if (st == OK && list.n && fn) {
        qsort(list.r, list.n, sizeof *list.r, by_seq);
        for (size_t i = 0; i < list.n && st == OK; i++) {
            st = fn(ctx, &list.r[i], err);
        }
    }
    free(list.r);
    return st;
}

bool journal_lost(const struct journal *j, uint64_t folded) {
    return j->fresh || (folded > 0 && j->last[0] == 0 && j->last[1] == 0);
}

void journal_start(struct journal *j, uint64_t last) {
    (void)pthread_mutex_lock(&j->lock);
    /* all that stands in the file is folded now: begin at the front, above every number ever given */
    for (int i = 0; i < 2; i++) {
        if (j->last[i] > last) {
            last = j->last[i];
        }
    }
    j->seq = j->folded = last;
    j->segment = 0;
    j->offset = 0;
    (void)pthread_mutex_unlock(&j->lock);
}

enum status journal_append(struct journal *j, struct journal_record *r) {
    char bytes[sizeof(struct head) + JOURNAL_TEXT_MAX + ALIGN] = {0};
    if (r->text_len > JOURNAL_TEXT_MAX) {
        r->text_len = JOURNAL_TEXT_MAX;
    }
    size_t need = padded(sizeof(struct head) + r->text_len);
    enum status st = OK;
    (void)pthread_mutex_lock(&j->lock);
    if (j->offset + need > SEGMENT) {
        int other = !j->segment;
        while (j->last[other] > j->folded && !j->failed) {
            (void)pthread_cond_wait(&j->room, &j->lock);
        }
        if (j->last[other] <= j->folded) {
            j->segment = other;
            j->offset = 0;
        }
    }
    r->seq = ++j->seq;
    struct head h = {.magic = MAGIC,
                     .seq = r->seq,
                     .issue = r->issue,
                     .subscriber = r->subscriber,
                     .at = r->at,
                     .due_at = r->due_at,
                     .kind = (uint8_t)r->kind,
                     .outcome = (uint8_t)r->outcome,
                     .cause = (uint8_t)r->cause,
                     .verdict = (uint8_t)r->verdict,
                     .code = (uint16_t)r->code,
                     .relay = (uint16_t)r->relay,
                     .text_len = r->text_len};
    memcpy(h.status, r->status, sizeof h.status);
    h.crc = head_crc(j, &h, r->text);
    memcpy(bytes, &h, sizeof h);
    memcpy(bytes + sizeof h, r->text, r->text_len);
    ssize_t n = -1;
    if (j->offset + need <= SEGMENT) {
        n = pwrite(j->fd, bytes, need, (off_t)j->segment * SEGMENT + (off_t)j->offset);
    }
    if (n == (ssize_t)need) {
        j->offset += need;
        j->last[j->segment] = r->seq;
        j->dirty = true;
        j->failing_ns = 0;
    } else {
        j->failed = true;
        j->why = n < 0 ? errno : ENOSPC;
        j->failing_ns = j->failing_ns ? j->failing_ns : clock_mono_ns();
        if (r->kind == JOURNAL_OUTCOME) {
            j->unwritten = r->seq;
        }
        st = ERR_IO;
    }
    if (st == OK || r->kind == JOURNAL_OUTCOME) {
        list_add(&j->fill, r);
    }
    (void)pthread_mutex_unlock(&j->lock);
    return st;
}

void journal_note(struct journal *j, struct journal_record *r) {
    (void)pthread_mutex_lock(&j->lock);
    r->seq = ++j->seq;
    list_add(&j->fill, r);
    (void)pthread_mutex_unlock(&j->lock);
}

bool journal_failed(struct journal *j) {
    (void)pthread_mutex_lock(&j->lock);
    bool f = j->failed;
    (void)pthread_mutex_unlock(&j->lock);
    return f;
}

bool journal_failing(struct journal *j, int64_t ns, struct error *err) {
    (void)pthread_mutex_lock(&j->lock);
    bool f = j->failing_ns && clock_mono_ns() - j->failing_ns > ns;
    if (f) {
        (void)error_set(err, ERR_IO, "the journal beside queue.db can't be written: %s", strerror(j->why));
    }
    (void)pthread_mutex_unlock(&j->lock);
    return f;
}

void journal_take(struct journal *j, struct journal_record **records, size_t *n) {
    (void)pthread_mutex_lock(&j->lock);
    struct list l = j->taken;
    j->taken = j->fill;
    j->fill = l;
    j->fill.n = 0;
    *records = j->taken.r;
    *n = j->taken.n;
    (void)pthread_mutex_unlock(&j->lock);
}

size_t journal_waiting(struct journal *j) {
    (void)pthread_mutex_lock(&j->lock);
    size_t n = j->fill.n;
    (void)pthread_mutex_unlock(&j->lock);
    return n;
}

void journal_folded(struct journal *j, uint64_t seq) {
    (void)pthread_mutex_lock(&j->lock);
    if (seq > j->folded) {
        j->folded = seq;
    }
    if (j->folded >= j->unwritten) {
        j->failed = false;
    }
    (void)pthread_cond_broadcast(&j->room);
    (void)pthread_mutex_unlock(&j->lock);
}

enum status journal_sync(struct journal *j, struct error *err) {
    (void)pthread_mutex_lock(&j->lock);
    bool dirty = j->dirty;
    j->dirty = false;
    (void)pthread_mutex_unlock(&j->lock);
    if (dirty && fdatasync(j->fd) != 0) {
        return error_set(err, ERR_IO, "the journal can't be written to disk: %s", strerror(errno));
    }
    return OK;
}
