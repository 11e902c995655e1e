#include "cmd/suppress.h"

#include "base/log.h"
#include "cmd/batch.h"
#include "cmd/fields.h"
#include "cmd/person.h"
#include "dispatch/people.h"
#include "store/suppression.h"
#include "text/moment.h"

enum { PAGE = 200, REASONS = 4, NOTE_MAX = 200 /* bytes, as in an imported list */ };

/* "hard,complaint" as bits. */
static enum status reasons(const char *text, unsigned *out, struct error *err) {
    struct str rest = str_from(text), word;
    *out = 0;
    while (rest.ptr && str_split(&rest, ',', &word)) {
        int r = 0;
        word = str_trim(word);
        while (r < REASONS && !str_eq(word, str_from(suppression_reason_name((enum suppression_reason)r)))) {
            r++;
        }
        if (r == REASONS) {
            return error_set(err, ERR_USAGE, "--reason %.*s: hard, complaint, erased or by-hand is wanted",
                             STR_ARG(str_sub(word, 0, 40)));
        }
        *out |= 1u << r;
    }
    return OK;
}

/* What all of them get. */
static enum status read_what(struct context *c, struct suppression *what, struct error *err) {
    const char *until = context_value(c, "until");
    unsigned bits = 0;
    *what = (struct suppression){.reason = SUPPRESSION_BY_HAND,
                                 .at = context_now(c),
                                 .note = fields_line(c, str_from(context_value(c, "note")))};
    if (what->note.len > NOTE_MAX) {
        return error_set(err, ERR_USAGE, "--note: is longer than %d bytes", NOTE_MAX);
    }
    enum status st = reasons(context_value(c, "reason"), &bits, err);
    if (st == OK && bits) {
        if ((bits & (bits - 1)) != 0 || bits == 1u << SUPPRESSION_ERASED) {
            return error_set(err, ERR_USAGE,
                             "--reason: one of hard, complaint, by-hand; 'courant subscriber erase' erases");
        }
        what->reason = bits == 1u << SUPPRESSION_HARD        ? SUPPRESSION_HARD
                       : bits == 1u << SUPPRESSION_COMPLAINT ? SUPPRESSION_COMPLAINT
                                                             : SUPPRESSION_BY_HAND;
    }
    if (st == OK && until && moment_parse(str_from(until), c->site->zone, &what->until, err) != OK) {
        err->status = ERR_USAGE;
        return error_prefix(err, "--until %s", until);
    }
    if (st == OK && until && what->until <= what->at) {
        return error_set(err, ERR_USAGE, "--until %s: is past", until);
    }
    return st;
}

enum status suppress_add_run(struct context *c, struct error *err) {
    struct batch b = {0};
    struct suppression what;
    struct buf note = BUF_INIT; /* outlives the arena, which is emptied for each word */
    struct str word;
    int64_t added = 0;
    int64_t n = 0;
    int64_t wrong = 0;
    enum status st = read_what(c, &what, err);
    if (st == OK && what.note.ptr) {
        buf_add(&note, what.note);
        what.note = buf_str(&note);
    }
    if (st == OK && (st = batch_read(c, 0, &b, err)) == OK) {
        st = batch_confirm(c, (int64_t)b.n, "suppresses", err);
    }
    while (st == OK && batch_next(&b, &word)) {
        bool new = false;
        struct error why = {0};
        arena_reset(c->arena);
        if (person_key(word, c->arena, &what.key, &why) != OK) {
            log_error("%s", why.text); /* the others must not be mailed for one that is misspelt */
            wrong++;
        } else if ((st = batch_step(c, &b, err)) == OK &&
                   (st = suppression_add(c->site->store, &what, c->site->actor, &new, err)) == OK) {
            added += new;
            n++;
        }
    }
    st = batch_end(c, &b, st, err);
    if (st == OK && (n || !wrong)) {
        context_say(c, "%s%lld suppressed%s", b.dry ? "would be: " : "", (long long)added,
                    added < n ? "; the others were already" : "");
    }
    buf_release(&note);
    batch_release(&b);
    if (st == OK) {
        st = context_count(c, "suppressed", added, err);
    }
    return st != OK || !wrong ? st : ERR_DATA;
}

enum status suppress_remove_run(struct context *c, struct error *err) {
    struct batch b = {0};
    struct str word;
    int64_t n = 0;
    int64_t wrong = 0;
    enum status st = batch_read(c, 0, &b, err);
    if (st == OK) {
        st = batch_confirm(c, (int64_t)b.n, "lets mail go again to", err);
    }
    while (st == OK && batch_next(&b, &word)) {
        bool removed = false;
        struct str key = word;
        struct error why = {0};
        arena_reset(c->arena);
        if (str_starts(word, STR("h:"))) {
            log_error("%.*s is of somebody who asked to be erased; only the person can come back, by confirming an"
                      " invitation, and 'courant subscriber erase --forget' takes the address",
                      STR_ARG(word));
            wrong = wrong ? wrong : ERR_DATA;
            continue;
        }
        if (person_key(word, c->arena, &key, &why) != OK) {
            log_error("%s", why.text);
            wrong = wrong ? wrong : ERR_DATA;
            continue;
        }
        if ((st = batch_step(c, &b, err)) == OK) {
            st = people_release(c->site, key, b.dry, &removed, err);
        }
        if (st == OK && !removed) {
            struct address address = {.key = key};
            struct str reason = STR_NONE;
            st = people_barred(c->site, &address, c->arena, &reason, err);
            reason = reason.ptr ? reason : STR("is not suppressed");
            log_error("%.*s %.*s", STR_ARG(word), STR_ARG(reason));
            wrong = wrong ? wrong : ERR_NOINPUT;
        }
        n += removed;
    }
    st = batch_end(c, &b, st, err);
    if (st == OK && n) {
        context_say(c, "%s%lld may be mailed again", b.dry ? "would be: " : "", (long long)n);
    }
    batch_release(&b);
    if (st == OK) {
        st = context_count(c, "removed", n, err);
    }
    return st == OK && wrong ? (enum status)wrong : st;
}

enum status suppress_list_run(struct context *c, struct error *err) {
    static const struct table_column columns[] = {
        {"key", TABLE_TEXT_ONLY}, {"email", TABLE_JSON_ONLY}, {"reason", 0}, {"at", 0}, {"until", 0}, {"note", 0}};
    struct buf after = BUF_INIT;
    unsigned bits = 0;
    int64_t left = INT64_MAX;
    const char *limit = context_value(c, "limit");
    enum status st = reasons(context_value(c, "reason"), &bits, err);
    if (st == OK && limit) {
        st = context_number(str_from(limit), 1, "a number of rows", &left, err);
    }
    if (st != OK) {
        return st;
    }
    table_list(c->out, columns, sizeof columns / sizeof *columns);
    while (left > 0 && !table_failed(c->out)) {
        struct suppression *rows;
        size_t n;
        arena_reset(c->arena);
        if ((st = suppression_find(c->site->store, context_arg(c, 0), bits, buf_str(&after),
                                   left < PAGE ? (size_t)left : PAGE, c->arena, &rows, &n, err)) != OK ||
            n == 0) {
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
        left -= (int64_t)n;
        buf_clear(&after);
        buf_add(&after, rows[n - 1].key);
    }
    buf_release(&after);
    return st != OK ? st : table_end(c->out, err);
}
