#include "cmd/suppress.h"

#include "base/log.h"
#include "cmd/person.h"
#include "store/suppression.h"
#include "text/moment.h"

enum { PAGE = 200 };

enum status suppress_add_run(struct context *c, struct error *err) {
    struct context_words words = CONTEXT_WORDS(c, 0);
    const char *until = context_value(c, "until");
    struct suppression what = {
        .reason = SUPPRESSION_BY_HAND, .at = context_now(c), .note = str_from(context_value(c, "note"))};
    struct str word;
    int64_t added = 0;
    int64_t n = 0;
    int64_t wrong = 0;
    enum status st = OK;
    if (until && moment_parse(str_from(until), c->site->zone, &what.until, err) != OK) {
        err->status = ERR_USAGE;
        return error_prefix(err, "--until %s", until);
    }
    if (until && what.until <= what.at) {
        return error_set(err, ERR_USAGE, "--until %s: is past", until);
    }
    while (st == OK && context_words_next(&words, &word)) {
        bool new = false;
        struct error why = {0};
        arena_reset(c->arena);
        if (person_key(word, c->arena, &what.key, &why) != OK) {
            log_error("%s", why.text); /* the others must not be mailed for one that is misspelt */
            wrong++;
        } else if ((st = suppression_add(c->site->store, &what, c->site->actor, &new, err)) == OK) {
            added += new;
            n++;
        }
    }
    context_words_release(&words);
    if (n || (st == OK && !wrong)) {
        context_say(c, "%lld suppressed%s", (long long)added, added < n ? "; the others were already" : "");
    }
    if (st == OK) {
        st = context_count(c, "suppressed", added, err);
    }
    return st != OK || !wrong ? st : ERR_DATA;
}

enum status suppress_remove_run(struct context *c, struct error *err) {
    struct context_words words = CONTEXT_WORDS(c, 0);
    struct str word;
    int64_t n = 0;
    enum status st = OK;
    while (st == OK && context_words_next(&words, &word)) {
        bool removed = false;
        struct str key = word;
        arena_reset(c->arena);
        if (str_starts(word, STR("h:")) || (st = person_key(word, c->arena, &key, err)) == OK) {
            st = suppression_remove(c->site->store, key, c->site->actor, context_now(c), &removed, err);
        }
        if (st == OK && !removed) {
            st = error_set(err, ERR_NOINPUT, "%.*s is not suppressed", STR_ARG(word));
        }
        n += removed;
    }
    context_words_release(&words);
    if (n) {
        context_say(c, "%lld may be mailed again", (long long)n);
    }
    return st == OK ? context_count(c, "removed", n, err) : st;
}

enum status suppress_list_run(struct context *c, struct error *err) {
    static const struct table_column columns[] = {
        {"key", TABLE_TEXT_ONLY}, {"email", TABLE_JSON_ONLY}, {"reason", 0}, {"at", 0}, {"until", 0}, {"note", 0}};
    struct buf after = BUF_INIT;
    enum status st = OK;
    table_list(c->out, columns, sizeof columns / sizeof *columns);
    while (!table_failed(c->out)) {
        struct suppression *rows;
        size_t n;
        arena_reset(c->arena);
        if ((st = suppression_list(c->site->store, buf_str(&after), PAGE, c->arena, &rows, &n, err)) != OK || n == 0) {
            break;
        }
        for (size_t i = 0; i < n; i++) {
            bool erased = rows[i].reason == SUPPRESSION_ERASED && str_starts(rows[i].key, STR("h:"));
            table_str(c->out, rows[i].key);
            table_str(c->out, erased ? STR_NONE : rows[i].key);
            table_cstr(c->out, suppression_reason_name(rows[i].reason));
            table_time(c->out, rows[i].at);
            table_time(c->out, rows[i].until);
            table_str(c->out, rows[i].note);
            table_row(c->out);
        }
        buf_clear(&after);
        buf_add(&after, rows[n - 1].key);
    }
    buf_release(&after);
    return st != OK ? st : table_end(c->out, err);
}
