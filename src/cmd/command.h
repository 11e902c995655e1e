/* The command line: a table of commands, and parsing argv by it. Nothing here prints but command_help. */
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include "base/buf.h"
#include "base/status.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define COMMAND_VERSION "0.1"

enum { COMMAND_OPTIONS_MAX = 20, COMMAND_DEPTH_MAX = 3, COMMAND_GIVEN_MAX = 40 };

/* What main opens before the function is called. */
enum command_need {
    COMMAND_CONFIG = 1, /* the configuration */
    COMMAND_READ = 2,   /* and both databases for reading */
    COMMAND_WRITE = 4,  /* for writing */
    COMMAND_KEYS = 8,   /* and the secret */
    COMMAND_STOP = 16,  /* SIGTERM and SIGINT set the stop flag instead of ending the program */
    COMMAND_AUDIT = 32  /* a line in the audit log when it is done: the function itself writes none */
};

struct command_option {
    const char *name;  /* without the hyphens; NULL ends a list */
    const char *value; /* what the value is called in the synopsis; NULL: a flag */
    const char *help;  /* one line */
};

struct context;

/* A row of the table. Strings and lists are constant. */
struct command {
    const char *name; /* NULL ends a list */
    const char *summary;
    const char *synopsis;                 /* what follows "courant ", options included */
    const struct command *verbs;          /* nested commands, or NULL */
    const struct command_option *options; /* or NULL */
    int args_min, args_max;               /* further words; args_max -1: any number */
    unsigned need;                        /* COMMAND_* bits */
    enum status (*run)(struct context *c, struct error *err);
};

/* A parsed command line. Strings are argv's. */
struct command_line {
    const char *config, *now; /* NULL: not given */
    bool quiet, verbose, json, csv, force, help, version;
    const struct command *path[COMMAND_DEPTH_MAX]; /* path[0] is the root */
    size_t depth;                                  /* how many of them; the last one is the command */
    const char *values[COMMAND_OPTIONS_MAX]; /* by place in the command's options; a flag's is "", the last counts */
    struct {
        int option; /* its place in the command's options */
        const char *value;
    } given[COMMAND_GIVEN_MAX]; /* as they came: for options that may be given several times */
    size_t given_n;
    char **args; /* argv's own array, put in order */
    size_t args_n;
};

/* Parses ARGV (its words are put in another order) by ROOT. Options of the whole program may stand anywhere, those of a
 * command behind it; "--" ends them, "-" is a word, "--name=value" is "--name value", -qv is -q -v. ERR_USAGE with a
 * sentence that names the nearest word; OUT is then filled as far as it was understood. With --help or --version
 * nothing else needs to be complete. */
enum status command_parse(const struct command *root, int argc, char **argv, struct command_line *out,
                          struct error *err);

/* The command itself: the last of the path. */
const struct command *command_of(const struct command_line *line);
/* The value of the command's option NAME; NULL when it was not given. */
const char *command_value(const struct command_line *line, const char *name);
/* The first value of option NAME at or behind place *AT of those given, and moves *AT behind it; NULL: no more. */
const char *command_next(const struct command_line *line, const char *name, size_t *at);
/* Prints what --help says about the command to OUT. */
void command_help(const struct command_line *line, FILE *out);
/* Appends, for the end of an error's line, how the command is used and where more is told. */
void command_hint(const struct command_line *line, struct buf *out);

#endif
