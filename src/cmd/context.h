/* What a command works with: the parsed command line, and what its row of the table asks to have open. */
#ifndef CMD_CONTEXT_H
#define CMD_CONTEXT_H

#include "base/arena.h"
#include "cmd/command.h"
#include "cmd/table.h"
#include "dispatch/site.h"

#include <signal.h>

struct context {
    const struct command_line *line;
    const volatile sig_atomic_t *stop;
    struct clock clock;
    struct config *config; /* NULL unless asked for */
    struct site *site;     /* likewise */
    struct table *out;     /* to standard output */
    struct arena *arena;   /* for what lives as long as a page of a listing */
    bool quiet;            /* no sentences to people: -q, --json or --csv */
};

/* Prepares *C: --now (ERR_USAGE when it is no time), the printer, the arena; then what NEED says. To be ended by
 * context_close in any case. ERR->text is empty when all was said already (a configuration's errors are lines of their
 * own on stderr). */
enum status context_open(struct context *c, const struct command_line *line, const volatile sig_atomic_t *stop,
                         unsigned need, struct error *err);
void context_close(struct context *c);

/* Where the configuration is: -c, $COURANT_CONFIG, ./courant.ini, /etc/courant/courant.ini, the first that exists; for
 * the first two whether they exist is not asked. NULL: nowhere. */
const char *context_config_path(const struct command_line *line);

/* Prints a line to standard output, unless -q, --json or --csv. */
void context_say(const struct context *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The document {"WHAT": N} of a command that changes something, with --json; nothing otherwise. */
enum status context_count(struct context *c, const char *what, int64_t n, struct error *err);
int64_t context_now(const struct context *c);
/* Word I behind the command. */
static inline struct str context_arg(const struct context *c, size_t i) {
    return i < c->line->args_n ? str_from(c->line->args[i]) : STR_NONE;
}
/* The command's option, NULL when it was not given. */
static inline const char *context_value(const struct context *c, const char *name) {
    return command_value(c->line, name);
}
static inline bool context_flag(const struct context *c, const char *name) {
    return command_value(c->line, name) != NULL;
}
/* TEXT as a number of at least LEAST; ERR_USAGE with a sentence about WHAT ("an issue's number"). */
enum status context_number(struct str text, int64_t least, const char *what, int64_t *out, struct error *err);
/* The newsletter NAME; ERR_NOINPUT, naming the nearest. */
enum status context_newsletter(const struct context *c, const char *name, const struct config_newsletter **out,
                               struct error *err);

/* Addresses one by one: from words, of which "-" stands for the lines of standard input (empty ones skipped). */
struct context_words {
    char **words;
    size_t n, at;
    bool reading;
    char *line; /* of getline */
    size_t cap;
};
#define CONTEXT_WORDS(c, from)                                                                                         \
    ((struct context_words){.words = (c)->line->args + (from),                                                         \
                            .n = (c)->line->args_n > (from) ? (c)->line->args_n - (from) : 0})
/* The next one, borrowed until the next call; false at the end. */
bool context_words_next(struct context_words *w, struct str *out);
void context_words_release(struct context_words *w);

#endif
