#include "cmd/batch.h"

#include <fcntl.h>
#include <unistd.h>

enum { CHUNK = 1000 };

enum status batch_read(struct context *c, size_t from, struct batch *b, struct error *err) {
    struct context_words words = CONTEXT_WORDS(c, from);
    struct str word;
    *b = (struct batch){.dry = context_flag(c, "dry-run")};
    while (context_words_next(&words, &word)) {
        buf_add(&b->words, word);
        buf_addc(&b->words, 0);
        b->n++;
    }
    context_words_release(&words);
    return b->words.failed ? error_set(err, ERR_OS, "out of memory") : OK;
}

void batch_release(struct batch *b) {
    buf_release(&b->words);
}

bool batch_next(struct batch *b, struct str *word) {
    if (b->at >= b->words.len) {
        return false;
    }
    *word = str_from(b->words.ptr + b->at);
    b->at += word->len + 1;
    return true;
}

bool batch_asks(const struct context *c, int64_t n) {
    return n > BATCH_ASK && !c->line->force && !context_flag(c, "dry-run") && isatty(STDERR_FILENO);
}

enum status batch_confirm(const struct context *c, int64_t n, const char *what, struct error *err) {
    char answer[16] = "";
    if (!batch_asks(c, n)) {
        return OK;
    }
    /* standard input may be a list of addresses: the person sits at the terminal */
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (tty < 0) {
        return OK;
    }
    (void)fflush(stdout);
    (void)dprintf(tty, "This %s %lld people. Go on? [y/N] ", what, (long long)n);
    ssize_t got = read(tty, answer, sizeof answer - 1);
    (void)close(tty);
    if (got > 0 && (answer[0] == 'y' || answer[0] == 'Y')) {
        return OK;
    }
    return error_set(err, ERR_NOPERM, "nothing was changed");
}

enum status batch_step(struct context *c, struct batch *b, struct error *err) {
    struct sql *sql = store_sql(c->site->store);
    enum status st = OK;
    if (b->open && !b->dry && ++b->pending >= CHUNK) {
        b->open = false;
        st = sql_commit(sql, err);
    }
    if (st == OK && !b->open) {
        b->pending = 0;
        st = sql_begin(sql, err);
        b->open = st == OK;
    }
    return st;
}

enum status batch_end(struct context *c, struct batch *b, enum status st, struct error *err) {
    struct sql *sql = store_sql(c->site->store);
    if (st == OK && b->open && !b->dry) {
        st = sql_commit(sql, err);
    }
    sql_rollback(sql);
    b->open = false;
    return st;
}
