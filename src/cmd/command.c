#include "cmd/command.h"

#include "config/report.h"

#include <string.h>

static const struct command_option global_options[] = {
    {"config", "FILE", "the configuration; else $COURANT_CONFIG, ./courant.ini, /etc/courant/courant.ini"},
    {"quiet", NULL, "print errors only"},
    {"verbose", NULL, "print more"},
    {"json", NULL, "print one JSON document"},
    {"csv", NULL, "print a listing as CSV"},
    {"now", "TIME", "act as if it were TIME, 2026-11-23T07:00:00Z"},
    {"force", NULL, "do what is refused otherwise"},
    {"help", NULL, "explain"},
    {"version", NULL, "print the version"},
    {NULL, NULL, NULL}};
static const char global_letters[] = "cqv\0\0\0\0h\0";
enum {
    GLOBAL_CONFIG,
    GLOBAL_QUIET,
    GLOBAL_VERBOSE,
    GLOBAL_JSON,
    GLOBAL_CSV,
    GLOBAL_NOW,
    GLOBAL_FORCE,
    GLOBAL_HELP,
    GLOBAL_VERSION
};

static void set_global(struct command_line *l, int i, const char *value) {
    switch (i) {
    case GLOBAL_CONFIG:
        l->config = value;
        break;
    case GLOBAL_QUIET:
        l->quiet = true;
        break;
    case GLOBAL_VERBOSE:
        l->verbose = true;
        break;
    case GLOBAL_JSON:
        l->json = true;
        break;
    case GLOBAL_CSV:
        l->csv = true;
        break;
    case GLOBAL_NOW:
        l->now = value;
        break;
    case GLOBAL_FORCE:
        l->force = true;
        break;
    case GLOBAL_HELP:
        l->help = true;
        break;
    case GLOBAL_VERSION:
        l->version = true;
        break;
    default:
        break;
    }
}

const struct command *command_of(const struct command_line *line) {
    return line->path[line->depth - 1];
}

static int find_option(const struct command_option *options, struct str name) {
    for (int i = 0; options && options[i].name; i++) {
        if (str_eq(name, str_from(options[i].name))) {
            return i;
        }
    }
    return -1;
}

static size_t add_names(const struct command_option *options, const char **names, size_t n, size_t max) {
    for (size_t i = 0; options && options[i].name && n < max; i++) {
        names[n++] = options[i].name;
    }
    return n;
}

static enum status unknown_option(const struct command_line *l, struct str name, struct error *err) {
    const char *names[64];
    size_t n = add_names(command_of(l)->options, names, 0, 64);
    n = add_names(global_options, names, n, 64);
    const char *near = report_nearest(name, names, n);
    if (near) {
        return error_set(err, ERR_USAGE, "there is no option --%.*s here; do you mean --%s?", STR_ARG(name), near);
    }
    return error_set(err, ERR_USAGE, "there is no option --%.*s here", STR_ARG(name));
}

static enum status unknown_verb(const struct command *parent, const char *word, struct error *err) {
    const char *names[64];
    size_t n = 0;
    for (const struct command *c = parent->verbs; c->name && n < 64; c++) {
        if (c->name[0] == word[0]) { /* else 'prove' would be taken for 'approve' */
            names[n++] = c->name;
        }
    }
    const char *near = report_nearest(str_from(word), names, n);
    const char *of = parent->name[0] ? " " : "";
    if (near) {
        return error_set(err, ERR_USAGE, "there is no command '%s%s%s'; do you mean '%s'?", parent->name, of, word,
                         near);
    }
    return error_set(err, ERR_USAGE, "there is no command '%s%s%s'", parent->name, of, word);
}

/* "--name", "--name=value", "--name value" at argv[*i]. */
static enum status long_option(struct command_line *l, int argc, char **argv, int *i, struct error *err) {
    struct str name = str_from(argv[*i] + 2);
    const char *value = NULL;
    size_t eq = str_find(name, '=', 0);
    if (eq < name.len) {
        value = name.ptr + eq + 1;
        name.len = eq;
    }
    const struct command_option *options = global_options;
    int own = find_option(command_of(l)->options, name);
    int at = own >= 0 ? own : find_option(global_options, name);
    if (at < 0) {
        return unknown_option(l, name, err);
    }
    if (own >= 0) {
        options = command_of(l)->options;
    }
    if (options[at].value && !value) {
        if (*i + 1 >= argc) {
            return error_set(err, ERR_USAGE, "--%s needs %s behind it", options[at].name, options[at].value);
        }
        value = argv[++*i];
    } else if (!options[at].value && value) {
        return error_set(err, ERR_USAGE, "--%s takes no value", options[at].name);
    }
    if (own >= 0 && l->given_n == COMMAND_GIVEN_MAX) {
        return error_set(err, ERR_USAGE, "these are more than %d options", COMMAND_GIVEN_MAX);
    }
    if (own >= 0) {
        l->values[at] = value ? value : "";
        l->given[l->given_n].option = at;
        l->given[l->given_n++].value = l->values[at];
    } else {
        set_global(l, at, value);
    }
    return OK;
}

/* "-qv", "-cFILE", "-c FILE" at argv[*i]. */
static enum status short_options(struct command_line *l, int argc, char **argv, int *i, struct error *err) {
    for (const char *p = argv[*i] + 1; *p; p++) {
        const char *at = memchr(global_letters, *p, sizeof global_letters - 1);
        if (!at) {
            return error_set(err, ERR_USAGE, "there is no option -%c", *p);
        }
        int option = (int)(at - global_letters);
        if (!global_options[option].value) {
            set_global(l, option, NULL);
            continue;
        }
        if (!p[1] && *i + 1 >= argc) {
            return error_set(err, ERR_USAGE, "-%c needs %s behind it", *p, global_options[option].value);
        }
        set_global(l, option, p[1] ? p + 1 : argv[++*i]);
        break;
    }
    return OK;
}

static enum status word(struct command_line *l, char *arg, struct error *err) {
    const struct command *now = command_of(l);
    if (!now->verbs || l->depth >= COMMAND_DEPTH_MAX) {
        l->args[l->args_n++] = arg;
        return OK;
    }
    for (const struct command *c = now->verbs; c->name; c++) {
        if (strcmp(c->name, arg) == 0) {
            l->path[l->depth++] = c;
            return OK;
        }
    }
    return unknown_verb(now, arg, err);
}

static enum status complete(const struct command_line *l, struct error *err) {
    const struct command *c = command_of(l);
    if (c->verbs) {
        return l->depth == 1 ? error_set(err, ERR_USAGE, "a command is missing")
                             : error_set(err, ERR_USAGE, "'%s' needs a word behind it", c->name);
    }
    if (l->args_n < (size_t)c->args_min) {
        return error_set(err, ERR_USAGE, "something is missing behind '%s'", c->name);
    }
    if (c->args_max >= 0 && l->args_n > (size_t)c->args_max) {
        return error_set(err, ERR_USAGE, "'%s' is one word too many", l->args[c->args_max]);
    }
    if (l->quiet && l->verbose) {
        return error_set(err, ERR_USAGE, "-q and -v exclude each other");
    }
    if (l->json && l->csv) {
        return error_set(err, ERR_USAGE, "--json and --csv exclude each other");
    }
    return OK;
}

enum status command_parse(const struct command *root, int argc, char **argv, struct command_line *out,
                          struct error *err) {
    *out = (struct command_line){.depth = 1, .args = argc > 0 ? argv + 1 : argv};
    out->path[0] = root;
    bool ended = false;
    for (int i = 1; i < argc; i++) {
        char *arg = argv[i];
        enum status st = OK;
        if (ended || arg[0] != '-' || !arg[1]) {
            st = word(out, arg, err); /* the words taken so far are fewer than those read: their place is free */
        } else if (strcmp(arg, "--") == 0) {
            ended = true;
        } else {
            st = arg[1] == '-' ? long_option(out, argc, argv, &i, err) : short_options(out, argc, argv, &i, err);
        }
        if (st != OK) {
            return st;
        }
    }
    return out->help || out->version ? OK : complete(out, err);
}

const char *command_value(const struct command_line *line, const char *name) {
    int i = find_option(command_of(line)->options, str_from(name));
    return i >= 0 ? line->values[i] : NULL;
}

const char *command_next(const struct command_line *line, const char *name, size_t *at) {
    int option = find_option(command_of(line)->options, str_from(name));
    while (option >= 0 && *at < line->given_n) {
        size_t i = (*at)++;
        if (line->given[i].option == option) {
            return line->given[i].value;
        }
    }
    return NULL;
}

static void print_options(const struct command_option *options, const char *letters, FILE *out) {
    for (size_t i = 0; options && options[i].name; i++) {
        char left[64];
        (void)snprintf(left, sizeof left, "%s%.1s%s--%s%s%s", letters && letters[i] ? "-" : "",
                       letters ? &letters[i] : "", letters && letters[i] ? ", " : "", options[i].name,
                       options[i].value ? " " : "", options[i].value ? options[i].value : "");
        (void)fprintf(out, "  %-22s %s\n", left, options[i].help);
    }
}

void command_hint(const struct command_line *line, struct buf *out) {
    buf_addf(out, "usage: courant %s; 'courant %s%s--help' tells more", command_of(line)->synopsis,
             line->depth > 1 ? line->path[1]->name : "", line->depth > 1 ? " " : "");
}

void command_help(const struct command_line *line, FILE *out) {
    const struct command *c = command_of(line);
    (void)fprintf(out, "usage: courant %s\n", c->synopsis);
    (void)fprintf(out, "\n%s\n", c->summary);
    if (c->verbs) {
        (void)fputc('\n', out);
        for (const struct command *v = c->verbs; v->name; v++) {
            (void)fprintf(out, "  %-12s %s\n", v->name, v->summary);
        }
    }
    if (c->options) {
        (void)fprintf(out, "\nOptions:\n");
        print_options(c->options, NULL, out);
    }
    (void)fprintf(out, "\nBefore or after the command:\n");
    print_options(global_options, global_letters, out);
    (void)fprintf(out, "\nThe manual is courant(1), the configuration courant.ini(5).\n");
}
