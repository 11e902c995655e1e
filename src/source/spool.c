#include "source/spool.h"

#include "base/nameless.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    TEXTS = 15,
    IO_SIZE = 64 * 1024,
    RANGE_IO = 8 * 1024,
    RANGES_MAX = 128,
    RANGE_ROWS = 16000, /* of an index that size some pages are touched again and again, and stay in SQLite's cache */
    SAMPLES = 2048,
    SAMPLE_SIZE = 48
};

/* What stands before the texts of an entry: a million of these are written. */
struct head {
    int64_t line, newsletter, status_at, paused_until, joined_at, at, until, consent_at, answered_at;
    uint16_t lens[TEXTS]; /* ABSENT: none */
    uint16_t told;
    uint8_t status, format, reader_format, reason, suppressed, only;
    int8_t cadence, body;
};
enum { ABSENT = 0xffff };

struct sample {
    unsigned char key[SAMPLE_SIZE]; /* its beginning, zeros behind it */
};

struct spool {
    char *path;
    FILE *file;
    char *io;
    struct buf texts;
    int64_t n, left;
    struct sample *samples; /* of the keys, each with the same chance to be among them */
    uint64_t random;
    FILE *ranges[RANGES_MAX];
    char *range_io;
    size_t ranges_n, at;
};

static void slices(struct spool_entry *e, struct str *to[TEXTS]) {
    struct roll_row *r = &e->row;
    struct str *const all[TEXTS] = {&r->email,
                                    &r->key,
                                    &r->name,
                                    &r->given_name,
                                    &r->language,
                                    &r->timezone,
                                    &r->attributes,
                                    &r->preferences.topics,
                                    &r->preferences.language,
                                    &r->suppression.key,
                                    &r->suppression.note,
                                    &r->consent.how,
                                    &r->consent.origin,
                                    &r->consent.actor,
                                    &r->consent.answered_by};
    memcpy(to, all, sizeof all);
}

static FILE *open_file(const char *path, char *io, size_t size) {
    int fd = nameless_beside(path);
    FILE *f = fd >= 0 ? fdopen(fd, "w+") : NULL;
    if (f) {
        (void)setvbuf(f, io, _IOFBF, size);
    } else if (fd >= 0) {
        (void)close(fd);
    }
    return f;
}

enum status spool_new(const char *path, struct spool **out, struct error *err) {
    struct spool *s = calloc(1, sizeof *s);
    *out = s;
    if (s && (s->path = strdup(path)) && (s->samples = calloc(SAMPLES, sizeof *s->samples)) &&
        (s->io = malloc(IO_SIZE)) && (s->file = open_file(path, s->io, IO_SIZE))) {
        return OK;
    }
    enum status st = error_set(err, ERR_CANTCREATE, "no file can be made beside %s: %s", path, strerror(errno));
    spool_free(s);
    *out = NULL;
    return st;
}

void spool_free(struct spool *s) {
    if (s) {
        if (s->file) {
            (void)fclose(s->file);
        }
        for (size_t i = 0; i < s->ranges_n; i++) {
            if (s->ranges[i]) {
                (void)fclose(s->ranges[i]);
            }
        }
        free(s->path);
        free(s->io);
        free(s->range_io);
        free(s->samples);
        buf_release(&s->texts);
        free(s);
    }
}

static enum status failed(FILE *f, struct error *err) {
    return error_set(err, ERR_IO, "what was read can't be kept: %s",
                     ferror(f) ? strerror(errno) : "the file is cut short");
}

static void sample_of(struct str key, struct sample *out) {
    memset(out, 0, sizeof *out);
    memcpy(out->key, key.ptr, key.len < SAMPLE_SIZE ? key.len : SAMPLE_SIZE);
}

static int compare(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct sample));
}

/* Reservoir sampling. */
static void note_key(struct spool *s, struct str key) {
    s->random = s->random * 6364136223846793005u + 1442695040888963407u;
    uint64_t place = s->n < SAMPLES ? (uint64_t)s->n : (s->random >> 33) % (uint64_t)(s->n + 1);
    if (place < SAMPLES) {
        sample_of(key, &s->samples[place]);
    }
}

static bool write_entry(FILE *f, const struct spool_entry *e) {
    const struct roll_row *r = &e->row;
    struct spool_entry copy = *e;
    struct str *at[TEXTS];
    struct head h = {.line = e->line,
                     .newsletter = e->newsletter,
                     .status_at = r->status_at,
                     .paused_until = r->paused_until,
                     .joined_at = r->joined_at,
                     .at = r->suppression.at,
                     .until = r->suppression.until,
                     .consent_at = r->consent.at,
                     .answered_at = r->consent.answered_at,
                     .told = (uint16_t)r->preferences.told,
                     .status = (uint8_t)r->status,
                     .format = (uint8_t)r->preferences.format,
                     .reader_format = (uint8_t)r->format,
                     .reason = (uint8_t)r->suppression.reason,
                     .suppressed = r->suppressed,
                     .only = r->only,
                     .cadence = (int8_t)r->preferences.cadence,
                     .body = (int8_t)r->preferences.body};
    slices(&copy, at);
    for (size_t i = 0; i < TEXTS; i++) {
        h.lens[i] = at[i]->ptr ? (uint16_t)at[i]->len : ABSENT; /* none is longer than 8 KB */
    }
    bool good = fwrite(&h, sizeof h, 1, f) == 1;
    for (size_t i = 0; i < TEXTS && good; i++) {
        good = !at[i]->len || fwrite(at[i]->ptr, at[i]->len, 1, f) == 1;
    }
    return good;
}

enum status spool_add(struct spool *s, const struct spool_entry *e, struct error *err) {
    note_key(s, e->row.key);
    s->n++;
    return write_entry(s->file, e) ? OK : failed(s->file, err);
}

int64_t spool_count(const struct spool *s) {
    return s->n;
}

static enum status read_entry(struct spool *s, FILE *f, struct spool_entry *e, struct error *err) {
    struct head h;
    struct str *at[TEXTS];
    size_t total = 0;
    if (fread(&h, sizeof h, 1, f) != 1) {
        return failed(f, err);
    }
    *e = (struct spool_entry){.line = h.line, .newsletter = h.newsletter};
    e->row = (struct roll_row){
        .format = (enum reader_format)h.reader_format,
        .status = (enum subscription_status)h.status,
        .status_at = h.status_at,
        .paused_until = h.paused_until,
        .joined_at = h.joined_at,
        .preferences = {.told = h.told, .cadence = h.cadence, .format = (enum reader_format)h.format, .body = h.body},
        .consent = {.at = h.consent_at, .answered_at = h.answered_at},
        .suppressed = h.suppressed,
        .only = h.only,
        .suppression = {.reason = (enum suppression_reason)h.reason, .at = h.at, .until = h.until}};
    slices(e, at);
    for (size_t i = 0; i < TEXTS; i++) {
        total += h.lens[i] == ABSENT ? 0 : h.lens[i];
    }
    buf_clear(&s->texts);
    if (!buf_reserve(&s->texts, total + 1)) {
        return error_set(err, ERR_OS, "out of memory");
    }
    if (total && fread(s->texts.ptr, total, 1, f) != 1) {
        return failed(f, err);
    }
    total = 0;
    for (size_t i = 0; i < TEXTS; i++) {
        if (h.lens[i] != ABSENT) {
            *at[i] = (struct str){s->texts.ptr + total, h.lens[i]};
            total += h.lens[i];
        }
    }
    return OK;
}

/* Writes what is in the file to one of several, by ranges of keys that hold about the same number each. */
static enum status split(struct spool *s, struct error *err) {
    struct sample key;
    struct spool_entry e;
    size_t n = (size_t)(s->n / RANGE_ROWS) < RANGES_MAX ? (size_t)(s->n / RANGE_ROWS) : RANGES_MAX;
    enum status st = OK;
    if (!(s->range_io = malloc(n * RANGE_IO))) {
        return error_set(err, ERR_OS, "out of memory");
    }
    qsort(s->samples, SAMPLES, sizeof *s->samples, compare);
    for (; s->ranges_n < n; s->ranges_n++) {
        s->ranges[s->ranges_n] = open_file(s->path, s->range_io + s->ranges_n * RANGE_IO, RANGE_IO);
        if (!s->ranges[s->ranges_n]) {
            return error_set(err, ERR_CANTCREATE, "no file can be made beside %s: %s", s->path, strerror(errno));
        }
    }
    for (int64_t i = 0; i < s->n && (st = read_entry(s, s->file, &e, err)) == OK; i++) {
        size_t low = 0, high = n; /* range R begins at sample R * SAMPLES / N */
        sample_of(e.row.key, &key);
        while (high - low > 1) {
            size_t middle = (low + high) / 2;
            if (compare(&s->samples[middle * SAMPLES / n], &key) <= 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        if (!write_entry(s->ranges[low], &e)) {
            return failed(s->ranges[low], err);
        }
    }
    for (size_t i = 0; i < n && st == OK; i++) {
        if (fflush(s->ranges[i]) != 0 || fseek(s->ranges[i], 0, SEEK_SET) != 0) {
            st = failed(s->ranges[i], err);
        }
    }
    (void)fclose(s->file);
    s->file = NULL;
    return st;
}

enum status spool_rewind(struct spool *s, struct error *err) {
    s->left = s->n;
    if (fflush(s->file) != 0 || fseek(s->file, 0, SEEK_SET) != 0) {
        return failed(s->file, err);
    }
    return s->n >= (int64_t)2 * RANGE_ROWS ? split(s, err) : OK;
}

enum status spool_next(struct spool *s, struct spool_entry *e, bool *more, struct error *err) {
    *more = s->left > 0;
    while (*more && s->ranges_n) { /* on to the next one when this one is at its end */
        int c = getc(s->ranges[s->at]);
        if (c != EOF) {
            (void)ungetc(c, s->ranges[s->at]);
            break;
        }
        (void)fclose(s->ranges[s->at]);
        s->ranges[s->at] = NULL;
        if (++s->at == s->ranges_n) {
            *more = false;
            return error_set(err, ERR_IO, "what was read can't be kept: the file is cut short");
        }
    }
    s->left -= *more;
    return *more ? read_entry(s, s->ranges_n ? s->ranges[s->at] : s->file, e, err) : OK;
}
