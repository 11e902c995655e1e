#include "source/intake.h"

#include "source/intake_json.h"

#include "base/buf.h"
#include "base/nameless.h"
#include "base/stop.h"
#include "source/sheet.h"
#include "text/address.h"
#include "text/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define REASON_TITLE "refused_because"

static void note(struct intake *x, struct str text) {
    struct str *notes = (struct str *)x->r->notes;
    if (x->r->notes_n < NOTES_MAX) {
        notes[x->r->notes_n++] = text;
    }
}

bool intake_stopped(struct error *err) {
    if (!stop_asked) {
        return false;
    }
    (void)error_set(err, ERR_TEMP, "stopped by a signal; nothing was taken in");
    return true;
}

/* ---- what can't be taken ---- */

void intake_error(struct intake *x, int64_t line, const char *reason) {
    struct intake_report *r = x->r;
    if (x->asking) {
        return;
    }
    r->refused++;
    if (r->errors_n == INTAKE_ERRORS_MAX) {
        return;
    }
    r->errors = arena_more(r->arena, r->errors, r->errors_n, &x->errors_cap, sizeof *r->errors);
    r->errors[r->errors_n++] = (struct intake_error){line, arena_str(r->arena, str_from(reason))};
}

/* The column in which an earlier import said why. */
static bool is_reason(const struct intake *x, size_t column) {
    return str_eq_nocase(headings_column(x->headings, column)->title, STR(REASON_TITLE));
}

static void put_row(struct intake *x, const struct str *cells, size_t n, struct str last) {
    buf_clear(&x->line);
    for (size_t i = 0; i < headings_count(x->headings); i++) {
        if (is_reason(x, i)) {
            continue;
        }
        csv_add(i < n ? csv_restore(cells[i]) : STR(""), &x->line);
        buf_addc(&x->line, ',');
    }
    csv_add(last, &x->line);
    buf_addc(&x->line, '\n');
    (void)fwrite(x->line.ptr, 1, x->line.len, x->rejects);
}

/* The file of rejects, begun with the first one: a new file, not somebody's link. */
static enum status open_rejects(struct intake *x, struct error *err) {
    if (x->rejects || !x->o->rejects) {
        return OK;
    }
    (void)unlink(x->o->rejects);
    int fd = open(x->o->rejects, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    x->rejects = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!x->rejects) {
        enum status st = error_set(err, ERR_CANTCREATE, "%s can't be made: %s", x->o->rejects, strerror(errno));
        if (fd >= 0) {
            (void)close(fd);
        }
        return st;
    }
    x->r->rejected = true;
    struct str titles[SHEET_COLUMNS_MAX];
    size_t n = headings_count(x->headings);
    for (size_t i = 0; i < n; i++) {
        titles[i] = headings_column(x->headings, i)->title;
    }
    if (!headings_none(x->headings)) {
        put_row(x, titles, n, STR(REASON_TITLE));
    }
    return OK;
}

static enum status refuse_row(struct intake *x, const struct sheet_row *row, const char *reason, struct error *err) {
    struct str why = headings_none(x->headings) ? STR("") : str_from(reason);
    if (x->asking) {
        return OK;
    }
    intake_error(x, row->line, reason);
    enum status st = open_rejects(x, err);
    if (st == OK && x->rejects) {
        put_row(x, row->fault ? &row->raw : row->cells, row->fault ? 1 : row->n, why);
        if (ferror(x->rejects)) {
            st = error_set(err, ERR_IO, "%s can't be written: %s", x->o->rejects, strerror(errno));
        }
    }
    return st;
}

/* ---- what can ---- */

static void look_at_domain(struct intake *x, struct str email) {
    struct str domain = address_domain(email);
    const char *near = address_near(domain);
    size_t i = 0;
    if (!near) {
        return;
    }
    while (i < x->near_n && !str_eq(str_from(x->near[i].domain), domain)) {
        i++;
    }
    if (i == x->near_n && i < INTAKE_NEAR_MAX) {
        (void)snprintf(x->near[i].domain, sizeof x->near[i].domain, "%.*s", STR_ARG(domain));
        x->near[i].near = near;
        x->near_n++;
    }
    if (i < x->near_n) {
        x->near[i].n++;
    }
}

/* The number of newsletter NAME; ERR_DATA when there is none. */
static enum status newsletter(struct intake *x, struct str name, int64_t *out, struct error *why) {
    int64_t id = 0;
    for (size_t i = 0; i < x->newsletters_n; i++) {
        if (str_eq(name, str_from(x->newsletters[i]))) {
            *out = (int64_t)i;
            return OK;
        }
    }
    char *kept = arena_cstr(x->v.keep, str_sub(name, 0, 200));
    if (!config_newsletter_named(x->c, kept) && (store_newsletter_find(x->s, name, &id, NULL) != OK || !id)) {
        return error_set(why, ERR_DATA, "there is no newsletter '%.60s'", kept);
    }
    if (x->newsletters_n == NEWSLETTERS_MAX) {
        return error_set(why, ERR_DATA, "more than %d newsletters", NEWSLETTERS_MAX);
    }
    x->newsletters[x->newsletters_n] = kept;
    *out = (int64_t)x->newsletters_n++;
    return OK;
}

static enum status read_state(struct intake *x, struct error *why) {
    struct str word = cell_text(&x->v, x->m.values[HEADING_STATUS]);
    x->m.state = STATES;
    if (!word.len) {
        return OK;
    }
    if (!str_eq(word, buf_str(&x->last_word))) {
        if (!headings_state(x->headings, word, &x->last_state)) {
            return error_set(why, ERR_DATA, "status '%.*s' is not known; say what it means: --map 'status:%.*s=left'",
                             STR_ARG(str_sub(word, 0, 40)), STR_ARG(str_sub(word, 0, 40)));
        }
        buf_clear(&x->last_word);
        buf_add(&x->last_word, word);
    }
    x->m.state = x->last_state;
    return OK;
}

/* Whether mail is to go to a row's address: who left or is suppressed is kept as such, whatever the domain. */
static bool wants_mail(const struct spool_entry *e) {
    return e->row.email.len && !e->row.only && !e->row.suppressed &&
           (e->newsletter < 0 || e->row.status <= SUBSCRIPTION_PAUSED);
}

/* ERR_DATA, in WHY, when the domain takes no mail. */
static enum status judge_domain(struct intake *x, struct str domain, struct error *why) {
    enum mx_verdict v = mx_verdict(x->mx, domain);
    struct str shown;
    size_t i = 0;
    if (mx_refusal(v)) {
        domain_display(domain, x->v.row, &shown);
        return error_set(why, ERR_DATA, "the domain %.*s %s", STR_ARG(str_sub(shown, 0, 200)), mx_refusal(v));
    }
    x->unasked_n += v == MX_UNASKED;
    if (v != MX_NO_ANSWER) {
        return OK;
    }
    x->silent_n++;
    domain_display(domain, x->v.row, &shown);
    while (i < x->silent_named && !str_eq(x->silent[i], shown)) {
        i++;
    }
    if (i == x->silent_named && i < NAMED) {
        x->silent[x->silent_named++] = arena_str(x->r->arena, shown);
    }
    return OK;
}

int64_t intake_every(const struct intake *x) {
    return x->asking ? EVERY_ASKED : EVERY;
}

enum status intake_keep(struct intake *x, int64_t line, struct error *why, struct error *err) {
    struct spool_entry e = {.line = line, .newsletter = x->default_newsletter};
    struct str name = x->m.values[HEADING_NEWSLETTER];
    enum status st = read_state(x, why);
    if (st == OK && (st = member_heed(&x->v, &x->m, why)) == OK) {
        st = member_read(&x->v, &x->m, &e.row, why);
    }
    if (st == OK && name.ptr) { /* an empty cell: none */
        name = cell_text(&x->v, name);
        e.newsletter = -1;
        st = name.len ? newsletter(x, name, &e.newsletter, why) : OK;
    }
    if (st != OK) {
        return st == ERR_DATA ? st : error_set(err, st, "%s", why->text);
    }
    if (x->m.state == STATE_NONE || e.row.only) {
        e.newsletter = -1;
    }
    if (x->mx && wants_mail(&e)) {
        struct str domain = address_domain(e.row.email);
        if ((st = x->asking ? mx_ask(x->mx, domain, err) : judge_domain(x, domain, why)) != OK) {
            return st;
        }
    }
    if (x->asking) {
        return OK;
    }
    look_at_domain(x, e.row.email);
    return spool_add(x->spool, &e, err);
}

void intake_begin(struct intake *x) {
    arena_reset(x->v.row);
    buf_clear(&x->m.attributes);
    for (int i = 0; i < HEADINGS; i++) {
        x->m.values[i] = STR_NONE;
    }
}

/* ---- CSV ---- */

/* A spreadsheet's empty row: nothing but separators. */
static bool is_blank(const struct sheet_row *row) {
    bool blank = !row->fault;
    for (size_t i = 0; i < row->n && blank; i++) {
        blank = str_trim(row->cells[i]).len == 0;
    }
    return blank;
}

static enum status take_row(struct intake *x, const struct sheet_row *row, struct error *err) {
    struct error why = {0};
    enum status st = OK;
    intake_begin(x);
    if (row->fault) {
        return refuse_row(x, row, row->fault, err);
    }
    size_t n = headings_count(x->headings);
    if (is_blank(row)) {
        return OK;
    }
    for (size_t i = n; i < row->n && st == OK; i++) {
        if (str_trim(row->cells[i]).len) {
            st = error_set(&why, ERR_DATA, "has %zu cells, the headings are %zu: is a quotation mark missing?", row->n,
                           n);
        }
    }
    for (size_t i = 0; i < n && st == OK; i++) {
        const struct heading_column *c = headings_column(x->headings, i);
        struct str cell = i < row->n ? csv_restore(row->cells[i]) : STR("");
        if (c->what < HEADINGS) {
            x->m.values[c->what] = cell.ptr ? cell : STR("");
        } else if (c->what == HEADING_ATTRIBUTE) {
            st = member_attribute(&x->v, &x->m, c->name, cell, &why);
        }
    }
    if (st == OK) {
        st = intake_keep(x, row->line, &why, err);
    }
    return st == ERR_DATA && why.text[0] ? refuse_row(x, row, why.text, err) : st;
}

static void note_columns(struct intake *x, struct sheet *sheet) {
    struct intake_report *r = x->r;
    r->separator = sheet_separator(sheet);
    r->columns_n = headings_count(x->headings);
    r->columns = arena_alloc(r->arena, (r->columns_n + 1) * sizeof *r->columns);
    for (size_t i = 0; i < r->columns_n; i++) {
        const struct heading_column *c = headings_column(x->headings, i);
        r->columns[i] = (struct heading_column){c->what, arena_str(r->arena, c->title), arena_str(r->arena, c->name)};
    }
}

static enum status read_csv(struct intake *x, struct error *err) {
    const struct sheet_options so = {.encoding = x->o->encoding, .separator = x->o->separator};
    struct sheet *sheet = NULL;
    struct sheet_row row;
    bool more = true;
    int64_t rows = 0;
    enum status st = sheet_open(x->fd, &so, &sheet, err);
    while (st == OK && (st = sheet_next(sheet, &row, &more, err)) == OK && more && is_blank(&row)) {
    }
    if (st == OK && (!more || row.fault)) {
        st = more ? error_set(err, ERR_DATA, "line %lld %s", (long long)row.line, row.fault)
                  : error_set(err, ERR_DATA, "it is empty");
    }
    if (st == OK) {
        st = headings_new(row.cells, row.n, x->o->maps, x->o->maps_n, &x->headings, err);
    }
    if (st == OK) {
        note_columns(x, sheet);
        if (headings_none(x->headings)) {
            st = take_row(x, &row, err);
        }
    }
    while (st == OK && (st = sheet_next(sheet, &row, &more, err)) == OK && more) {
        st = take_row(x, &row, err);
        if (st == OK && ++rows % intake_every(x) == 0) {
            if (x->o->progress) {
                x->o->progress(x->o->ctx, true, sheet_bytes(sheet), x->size);
            }
            st = intake_stopped(err) ? ERR_TEMP : OK;
        }
    }
    if (sheet) {
        x->r->encoding = sheet_encoding(sheet);
    }
    sheet_close(sheet);
    return st;
}

/* ---- the whole ---- */

/* A pipe is copied, so that its length is known and its beginning can be looked at. */
static enum status settle_input(struct intake *x, const char *path, struct error *err) {
    struct stat b;
    char in[COPY];
    ssize_t n = 0;
    x->fd = x->o->fd;
    if (fstat(x->fd, &b) == 0 && S_ISREG(b.st_mode)) {
        x->size = b.st_size;
        return OK;
    }
    if (fstat(x->fd, &b) == 0 && S_ISDIR(b.st_mode)) {
        return error_set(err, ERR_NOINPUT, "it is a folder");
    }
    x->fd = nameless_beside(path);
    if (x->fd < 0) {
        return error_set(err, ERR_CANTCREATE, "no file can be made beside %s: %s", path, strerror(errno));
    }
    for (;;) {
        n = read(x->o->fd, in, sizeof in);
        if (n < 0 && errno == EINTR && !stop_asked) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        if (write(x->fd, in, (size_t)n) != n) {
            return error_set(err, ERR_IO, "what was read can't be kept: %s", strerror(errno));
        }
        x->size += n;
    }
    if (intake_stopped(err)) {
        return ERR_TEMP;
    }
    return n < 0 || lseek(x->fd, 0, SEEK_SET) != 0
               ? error_set(err, ERR_NOINPUT, "it can't be read: %s", strerror(errno))
               : OK;
}

static bool looks_like_json(int fd) {
    char head[64];
    ssize_t n = pread(fd, head, sizeof head, 0);
    struct str s = n > 0 ? str_trim((struct str){head, (size_t)n}) : STR("");
    return s.len && (s.ptr[0] == '{' || (s.ptr[0] == '[' && (s.len == 1 || memchr("{] \r\n\t", s.ptr[1], 6))));
}

/* What spreadsheet programs keep their own files as. */
static bool is_workbook(int fd) {
    char head[4];
    return pread(fd, head, sizeof head, 0) == sizeof head &&
           (memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "\320\317\021\340", 4) == 0);
}

static enum status take_all(struct intake *x, struct error *err) {
    struct roll *roll = NULL;
    struct spool_entry e;
    int64_t ids[NEWSLETTERS_MAX], done = 0;
    bool more = true;
    enum status st = spool_rewind(x->spool, err);
    if (st != OK || (st = roll_begin(x->s, &x->o->roll, &roll, err)) != OK) {
        return st;
    }
    sql_heed_stop(sql_handle(store_sql(x->s)), true);
    for (size_t i = 0; i < x->newsletters_n && st == OK; i++) {
        st = store_newsletter(x->s, str_from(x->newsletters[i]), x->o->roll.now, &ids[i], NULL, err);
    }
    while (st == OK && (st = spool_next(x->spool, &e, &more, err)) == OK && more) {
        enum roll_result result;
        bool stays = false;
        e.row.newsletter = e.newsletter >= 0 ? ids[e.newsletter] : 0;
        if ((st = roll_take(roll, &e.row, &result, &stays, err)) != OK) {
            break;
        }
        x->r->stays += stays;
        x->r->added += result == ROLL_ADDED;
        x->r->updated += result == ROLL_UPDATED;
        x->r->unchanged += result == ROLL_UNCHANGED;
        if (result == ROLL_ERASED) {
            x->r->erased++;
            intake_error(x, e.line, "asked to be erased; only the person can come back");
        }
        if (++done % EVERY == 0) {
            if (x->o->progress) {
                x->o->progress(x->o->ctx, false, done, spool_count(x->spool));
            }
            st = intake_stopped(err) ? ERR_TEMP : OK;
        }
    }
    sql_heed_stop(sql_handle(store_sql(x->s)), false);
    if (st == OK && !x->o->dry) {
        st = roll_commit(roll, err);
    } else {
        roll_abort(roll);
    }
    if (st == ERR_TEMP) {
        (void)intake_stopped(err); /* says that nothing was taken in */
    }
    return st;
}

static enum status read_all(struct intake *x, struct error *err) {
    if (is_workbook(x->fd)) {
        return error_set(err, ERR_DATA, "it is a spreadsheet program's own file: save it as CSV");
    }
    return looks_like_json(x->fd) ? intake_json(x, err) : read_csv(x, err);
}

/* Reads the file once for its domains alone, so that many are asked about at a time and no row needs to be kept until
 * the answers are there; all that this leaves is the answers. */
static enum status ask_domains(struct intake *x, struct error *err) {
    off_t from = lseek(x->fd, 0, SEEK_CUR);
    enum status st = mx_new(&x->mx, err);
    x->asking = true;
    if (st == OK && (st = read_all(x, err)) == OK && (st = mx_settle(x->mx, err)) == OK &&
        lseek(x->fd, from, SEEK_SET) != from) {
        st = error_set(err, ERR_NOINPUT, "it can't be read again: %s", strerror(errno));
    }
    x->asking = false;
    headings_free(x->headings);
    x->headings = NULL;
    buf_clear(&x->last_word);
    memset(x->v.ignored, 0, sizeof x->v.ignored);
    return st;
}

static int by_line(const void *a, const void *b) {
    int64_t x = ((const struct intake_error *)a)->line, y = ((const struct intake_error *)b)->line;
    return (x > y) - (x < y);
}

/* Of CSV that names no newsletter while there are several. */
static void note_nothing_read(struct intake *x) {
    bool named = x->default_newsletter >= 0 || x->r->json;
    for (size_t i = 0; i < x->r->columns_n && !named; i++) {
        named = x->r->columns[i].what == HEADING_NEWSLETTER;
    }
    if (!named && spool_count(x->spool)) {
        note(x, STR("nobody was subscribed to anything by this list: --newsletter says to what"));
    }
}

static void add_notes(struct intake *x) {
    static const char *const what[CELL_KINDS] = {
        [CELL_LANGUAGE] = "a language that is none",
        [CELL_TIMEZONE] = "a time zone that is none",
        [CELL_CADENCE] = "a cadence that is none of daily, weekly, monthly, immediately",
        [CELL_FORMAT] = "a format that is neither html nor text",
        [CELL_TIME] = "a time that can't be read (2026-11-23 07:00 is understood)",
        [CELL_BODY] = "a body that is none of full, summary, titles"};
    struct arena *a = x->r->arena;
    for (int i = 0; i < CELL_KINDS; i++) {
        if (x->v.ignored[1][i] && what[i]) {
            note(x, arena_printf(a, "%s, in %lld rows: taken without", what[i], (long long)x->v.ignored[1][i]));
        }
    }
    for (size_t i = 0; i < x->near_n; i++) {
        note(x, arena_printf(a, "%lld addresses are at %s: is %s meant? They were taken as they are",
                             (long long)x->near[i].n, x->near[i].domain, x->near[i].near));
    }
}

static void add_domain_notes(struct intake *x) {
    struct arena *a = x->r->arena;
    struct str names = STR("");
    for (size_t i = 0; i < x->silent_named; i++) {
        names = arena_printf(a, "%.*s%s%.*s", STR_ARG(names), i ? ", " : "", STR_ARG(x->silent[i]));
    }
    if (x->silent_n) {
        note(x, arena_printf(a,
                             "%lld addresses are at domains of which no name server told anything (%.*s%s); they were"
                             " taken unchecked",
                             (long long)x->silent_n, STR_ARG(names), x->silent_named == NAMED ? ", ..." : ""));
    }
    if (x->unasked_n) {
        note(x, arena_printf(a, "%lld addresses are at domains beyond the first %d; they were taken unchecked",
                             (long long)x->unasked_n, MX_DOMAINS_MAX));
    }
}

enum status intake_run(struct store *s, const struct config *c, const struct intake_options *o,
                       struct intake_report *out, struct error *err) {
    struct intake *x = calloc(1, sizeof *x);
    *out = (struct intake_report){.arena = arena_new()};
    enum status st = x && out->arena ? OK : error_set(err, ERR_OS, "out of memory");
    if (st != OK) {
        goto done;
    }
    *x = (struct intake){.s = s, .c = c, .o = o, .r = out, .fd = -1, .default_newsletter = -1};
    out->notes = arena_alloc(out->arena, NOTES_MAX * sizeof *out->notes);
    if ((st = cells_init(&x->v, c, err)) != OK || (st = spool_new(c->database.path, &x->spool, err)) != OK ||
        (st = settle_input(x, c->database.path, err)) != OK) {
        goto done;
    }
    if (o->newsletter && (st = newsletter(x, str_from(o->newsletter), &x->default_newsletter, err)) != OK) {
        goto done;
    }
    if (o->check_mx && (st = ask_domains(x, err)) != OK) {
        goto done;
    }
    st = read_all(x, err);
    if (x->rejects && fclose(x->rejects) != 0 && st == OK) {
        st = error_set(err, ERR_IO, "%s can't be written: %s", o->rejects, strerror(errno));
    }
    if (st == OK && o->agree) {
        st = o->agree(o->ctx, spool_count(x->spool), err);
    }
    if (st == OK && (st = take_all(x, err)) == OK) {
        note_nothing_read(x);
        add_notes(x);
        add_domain_notes(x);
        if (out->errors_n) {
            qsort(out->errors, out->errors_n, sizeof *out->errors, by_line);
        }
    }
done:
    if (x) {
        if (x->fd >= 0 && x->fd != o->fd) {
            (void)close(x->fd);
        }
        spool_free(x->spool);
        mx_free(x->mx);
        headings_free(x->headings);
        cells_release(&x->v);
        buf_release(&x->m.attributes);
        buf_release(&x->line);
        buf_release(&x->last_word);
        free(x);
    }
    return st;
}

void intake_report_release(struct intake_report *r) {
    arena_free(r->arena);
    *r = (struct intake_report){0};
}
