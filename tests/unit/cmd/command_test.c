/* Parsing a command line by a table: options before and behind the command, nested verbs, misuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cmd/command.h"

#include <string.h>

static const struct command_option build_options[] = {
    {"dry-run", NULL, "change nothing"}, {"to", "ADDRESS", "for this reader"}, {NULL, NULL, NULL}};
static const struct command issue_verbs[] = {
    {"build", "build it", "issue build NAME [--dry-run] [--to ADDRESS]", NULL, build_options, 1, 2, 0, NULL},
    {"list", "list them", "issue list", NULL, NULL, 0, 0, 0, NULL},
    {0}};
static const struct command verbs[] = {{"run", "run", "run", NULL, NULL, 0, 0, 0, NULL},
                                       {"issue", "editions", "issue build|list", issue_verbs, NULL, 0, 0, 0, NULL},
                                       {0}};
static const struct command root = {"", "everything", "COMMAND", verbs, NULL, 0, 0, 0, NULL};

static struct command_line line;
static struct error err;
static char *words[16];

/* Parses the words, which end with NULL. */
static enum status parse(const char *first, ...) {
    static char name[] = "courant";
    static char copies[16][64];
    int n = 0;
    va_list ap;
    words[n++] = name;
    va_start(ap, first);
    for (const char *w = first; w && n < 16; w = va_arg(ap, const char *)) {
        (void)snprintf(copies[n], sizeof copies[n], "%s", w);
        words[n] = copies[n];
        n++;
    }
    va_end(ap);
    err = (struct error){0};
    return command_parse(&root, n, words, &line, &err);
}

static void options_anywhere(void **state) {
    (void)state;
    assert_int_equal(
        parse("-c", "a.ini", "--json", "issue", "-v", "build", "weekly", "--now=2026-11-23", "--force", NULL), OK);
    assert_string_equal(command_of(&line)->name, "build");
    assert_string_equal(line.config, "a.ini");
    assert_string_equal(line.now, "2026-11-23");
    assert_true(line.json && line.verbose && line.force);
    assert_false(line.quiet || line.help || line.version);
    assert_int_equal(line.args_n, 1);
    assert_string_equal(line.args[0], "weekly");
    assert_null(command_value(&line, "dry-run"));
    assert_null(command_value(&line, "no-such-option"));
}

static void own_options(void **state) {
    (void)state;
    assert_int_equal(parse("issue", "build", "--to", "-q", "weekly", "--dry-run", "-qcb.ini", NULL), OK);
    assert_string_equal(command_value(&line, "to"), "-q"); /* a value, not an option */
    assert_string_equal(command_value(&line, "dry-run"), "");
    assert_true(line.quiet);
    assert_string_equal(line.config, "b.ini");
    assert_string_equal(line.args[0], "weekly");

    assert_int_equal(parse("issue", "build", "--", "-x", "-", NULL), OK);
    assert_int_equal(line.args_n, 2);
    assert_string_equal(line.args[0], "-x");
    assert_string_equal(line.args[1], "-");

    assert_int_equal(parse("issue", "build", "-", NULL), OK);
    assert_string_equal(line.args[0], "-");

    assert_int_equal(parse("issue", "build", "x", "--to=", NULL), OK);
    assert_string_equal(command_value(&line, "to"), "");
}

static void misuse(const char *sentence_part) {
    assert_int_equal(err.status, ERR_USAGE);
    if (!strstr(err.text, sentence_part)) {
        fail_msg("'%s' is not in '%s'", sentence_part, err.text);
    }
}

static void wrong(void **state) {
    (void)state;
    assert_int_equal(parse(NULL), ERR_USAGE);
    misuse("a command is missing");
    assert_int_equal(parse("isue", NULL), ERR_USAGE);
    misuse("'isue'; do you mean 'issue'?");
    assert_int_equal(parse("issue", "bulid", NULL), ERR_USAGE);
    misuse("'issue bulid'; do you mean 'build'?");
    assert_int_equal(parse("xyzzy", NULL), ERR_USAGE);
    misuse("there is no command 'xyzzy'");
    assert_null(strstr(err.text, "mean"));
    assert_int_equal(parse("issue", NULL), ERR_USAGE);
    misuse("'issue' needs a word");
    assert_int_equal(parse("issue", "build", NULL), ERR_USAGE);
    misuse("missing behind 'build'");
    assert_int_equal(parse("issue", "build", "a", "b", "c", NULL), ERR_USAGE);
    misuse("'c' is one word too many");
    assert_int_equal(parse("run", "--jsn", NULL), ERR_USAGE);
    misuse("--jsn here; do you mean --json?");
    assert_int_equal(parse("issue", "list", "--dry-run", NULL), ERR_USAGE); /* an option of another command */
    misuse("no option --dry-run here");
    assert_int_equal(parse("run", "-x", NULL), ERR_USAGE);
    misuse("no option -x");
    assert_int_equal(parse("run", "--json=1", NULL), ERR_USAGE);
    misuse("--json takes no value");
    assert_int_equal(parse("run", "--now", NULL), ERR_USAGE);
    misuse("--now needs TIME");
    assert_int_equal(parse("run", "-c", NULL), ERR_USAGE);
    misuse("-c needs FILE");
    assert_int_equal(parse("run", "-q", "-v", NULL), ERR_USAGE);
    misuse("exclude");
}

/* What printing gives. */
static const char *help(void) {
    static char text[4096];
    FILE *f = fmemopen(text, sizeof text, "w");
    assert_non_null(f);
    command_help(&line, f);
    (void)fclose(f);
    return text;
}

static void helps(void **state) {
    (void)state;
    assert_int_equal(parse("--help", NULL), OK);
    assert_true(line.help);
    assert_non_null(strstr(help(), "usage: courant COMMAND"));
    assert_non_null(strstr(help(), "  run "));
    assert_non_null(strstr(help(), "-c, --config FILE"));
    assert_int_equal(parse("issue", "--help", NULL), OK);
    assert_non_null(strstr(help(), "  build "));
    assert_int_equal(parse("issue", "build", "-h", NULL), OK);
    assert_non_null(strstr(help(), "--to ADDRESS"));
    assert_int_equal(parse("issue", "build", NULL), ERR_USAGE);
    struct buf hint = BUF_INIT;
    command_hint(&line, &hint);
    assert_string_equal(buf_cstr(&hint), "usage: courant issue build NAME [--dry-run] [--to ADDRESS]; "
                                         "'courant issue --help' tells more");
    buf_release(&hint);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(options_anywhere), cmocka_unit_test(own_options),
                                       cmocka_unit_test(wrong), cmocka_unit_test(helps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
