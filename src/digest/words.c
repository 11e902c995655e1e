#include "digest/words.h"

#include "config/raw.h"
#include "text/language.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FILES_MAX = 400, FILE_MAX = 256 * 1024, KEY_SIZE = 64 };

/* The key of WORD's form P; PLURAL_OTHER is the word itself. */
static void make_key(enum word word, enum plural p, char out[KEY_SIZE]) {
    bool form = p != PLURAL_OTHER;
    (void)snprintf(out, KEY_SIZE, "%s%s%s", word_name(word), form ? "." : "", form ? plural_name(p) : "");
}

/* What a key of a file means. */
struct meaning {
    bool mail;
    enum word word;      /* of a digest */
    enum mail_word sent; /* of a mail */
};

/* Whether KEY means something. It loses ".other". */
static bool known_key(char *key, struct meaning *out) {
    char *point = strchr(key, '.');
    size_t n = point ? (size_t)(point - key) : strlen(key);
    int w = 0;
    int m = 0;
    int p = 0;
    while (m < MAIL_WORD_COUNT && strcmp(key, mail_word_name((enum mail_word)m)) != 0) {
        m++;
    }
    if (m < MAIL_WORD_COUNT) {
        *out = (struct meaning){.mail = true, .sent = (enum mail_word)m};
        return true;
    }
    while (w < WORD_COUNT && !str_eq(str_from(word_name((enum word)w)), (struct str){key, n})) {
        w++;
    }
    while (point && p < PLURALS && strcmp(point + 1, plural_name((enum plural)p)) != 0) {
        p++;
    }
    if (w == WORD_COUNT || p == PLURALS || (point && !word_counts((enum word)w))) {
        return false;
    }
    if (point && p == PLURAL_OTHER) {
        *point = 0;
    }
    *out = (struct meaning){.word = (enum word)w};
    return true;
}

static json_t *compiled_in(enum words_kind kind) {
    json_t *all = json_object();
    const char *tag;
    for (size_t i = 0; (tag = word_language(i)) != NULL; i++) {
        json_t *row = json_object();
        for (int w = 0; w < WORD_COUNT; w++) {
            for (int p = 0; p < PLURALS; p++) {
                char key[KEY_SIZE];
                const char *text = word_form(tag, (enum word)w, (enum plural)p);
                make_key((enum word)w, (enum plural)p, key);
                if (text) {
                    (void)json_object_set_new(row, key, json_string(text));
                }
            }
        }
        for (int m = 0; m < MAIL_WORD_COUNT && kind == WORDS_MAIL; m++) {
            const char *text = mail_word_form(tag, (enum mail_word)m);
            if (text) {
                (void)json_object_set_new(row, mail_word_name((enum mail_word)m), json_string(text));
            }
        }
        (void)json_object_set_new(all, tag, row);
    }
    return all;
}

/* Whether TEXT has no other placeholders than ENGLISH, the same word's. A digest's word is filled ONCE. */
static bool placeholders_fit(struct str text, struct str english, bool once) {
    size_t at = 0, seen = 0;
    for (;;) {
        size_t open = str_find(text, '{', at), close = str_find(text, '}', at);
        if (open == text.len && close == text.len) {
            return true;
        }
        if (close < open || close == text.len || (once && ++seen > 1) ||
            str_search(english, str_sub(text, open, close + 1), 0) == english.len) {
            return false;
        }
        at = close + 1;
    }
}

/* The placeholders of ENGLISH, with commas. */
static struct str placeholders(struct str english, struct arena *a) {
    struct buf b = BUF_INIT;
    for (size_t at = 0; (at = str_find(english, '{', at)) < english.len; at++) {
        buf_addf(&b, "%s%.*s", b.len ? ", " : "", STR_ARG(str_sub(english, at, str_find(english, '}', at) + 1)));
    }
    struct str s = arena_str(a, buf_str(&b));
    buf_release(&b);
    return s;
}

/* Says what is wrong with a key that means nothing. */
static void refuse(const struct raw_entry *e, struct report *report) {
    const char *names[WORD_COUNT + MAIL_WORD_COUNT];
    struct str base = str_sub(str_from(e->key), 0, str_find(str_from(e->key), '.', 0));
    for (int w = 0; w < WORD_COUNT; w++) {
        names[w] = word_name((enum word)w);
    }
    for (int m = 0; m < MAIL_WORD_COUNT; m++) {
        names[WORD_COUNT + m] = mail_word_name((enum mail_word)m);
    }
    const char *near = report_nearest(base, names, WORD_COUNT + MAIL_WORD_COUNT);
    if (near && str_eq(str_from(near), base)) {
        report_add(report, e->line, "'%s' is no form of a word: only and_n_more has some, .zero .one .two .few .many",
                   e->key);
    } else if (near) {
        report_add(report, e->line, "'%s' is no word of a digest; did you mean '%s'?", e->key, near);
    } else {
        report_add(report, e->line, "'%s' is no word of a digest or a single mail; courant-templates(7) lists them",
                   e->key);
    }
}

static void take(const struct raw_entry *e, enum words_kind kind, struct arena *a, struct report *report, json_t *row) {
    char key[RAW_NAME_MAX + 1];
    struct meaning is;
    (void)snprintf(key, sizeof key, "%s", e->key);
    if (!known_key(key, &is)) {
        refuse(e, report);
        return;
    }
    struct str value = str_from(e->value);
    struct str english = str_from(is.mail ? mail_word_form("en", is.sent) : word_get("en", is.word, NULL));
    if (!value.len) {
        return; /* as if it were not there */
    }
    if (str_find(value, '\n', 0) < value.len) {
        report_add(report, e->line, "'%s' has several lines: a word has one", e->key);
    } else if (!placeholders_fit(value, english, !is.mail)) {
        struct str own = placeholders(english, a);
        if (own.len) {
            report_add(report, e->line, "'%s' may have braces only in %.*s%s", e->key, STR_ARG(own),
                       is.mail ? "" : ", and that once");
        } else {
            report_add(report, e->line, "'%s' may have no braces: nothing is filled in there", e->key);
        }
    } else if (!is.mail || kind == WORDS_MAIL) {
        (void)json_object_set_new(row, key, json_stringn(value.ptr, value.len));
    }
}

/* Who gives a word anew without forms has none: those compiled in would fit another sentence. */
static void drop_forms(const struct raw_section *s, json_t *row) {
    for (int w = 0; w < WORD_COUNT; w++) {
        for (int p = 0; p < PLURAL_OTHER && raw_entry(s, word_name((enum word)w)); p++) {
            char key[KEY_SIZE];
            make_key((enum word)w, (enum plural)p, key);
            (void)json_object_del(row, key);
        }
    }
}

static enum status read_file(const char *path, struct arena *a, struct str *out, struct error *err) {
    enum status st = OK;
    struct stat b;
    FILE *f = fopen(path, "re");
    if (!f || fstat(fileno(f), &b) != 0) {
        st = error_set(err, ERR_CONFIG, "%s can't be read: %s", path, strerror(errno));
    } else if (!S_ISREG(b.st_mode) || b.st_size > FILE_MAX) {
        st = error_set(err, ERR_CONFIG, "%s is no file of at most 256 KiB", path);
    } else {
        char *p = arena_alloc(a, (size_t)b.st_size + 1);
        *out = (struct str){p, fread(p, 1, (size_t)b.st_size, f)};
    }
    if (f) {
        (void)fclose(f);
    }
    return st;
}

/* The words of one file over what ALL has. */
static enum status add_file(const char *folder, const char *name, enum words_kind kind, json_t *all, struct arena *a,
                            struct error *err) {
    struct config_errors errors = CONFIG_ERRORS_INIT;
    const char *path = arena_printf(a, "%s/%s", folder, name).ptr;
    struct report report = {.file = path, .errors = &errors};
    struct str tag, text;
    struct raw raw;
    if (language_normalise(str_from(arena_cstr(a, (struct str){name, strlen(name) - 4})), a, &tag, NULL) != OK) {
        return error_set(err, ERR_CONFIG, "%s: a file of words is named by its language, such as bo.ini or zh-Hant.ini",
                         path);
    }
    enum status st = read_file(path, a, &text, err);
    if (st != OK) {
        return st;
    }
    json_t *row = json_object_get(all, tag.ptr);
    if (!row) {
        (void)json_object_set_new(all, tag.ptr, row = json_object());
    }
    raw_read_flat(text, a, &report, &raw);
    for (const struct raw_section *s = raw.sections; s; s = s->next) {
        if (s->name[0]) {
            report_add(&report, s->line, "a file of words has no [sections]");
        }
        drop_forms(s, row);
        for (const struct raw_entry *e = s->name[0] ? NULL : s->entries; e; e = e->next) {
            take(e, kind, a, &report, row);
        }
    }
    report_sort(&report);
    if (errors.n) {
        char more[48] = "";
        if (errors.n > 1) {
            (void)snprintf(more, sizeof more, " (and %zu more)", errors.n - 1);
        }
        st = error_set(err, ERR_CONFIG, "%s%s", errors.list[0].text, more);
    }
    config_errors_release(&errors);
    return st;
}

static int is_ini(const struct dirent *e) {
    return e->d_name[0] != '.' && str_ends(str_from(e->d_name), STR(".ini")) && strlen(e->d_name) > 4;
}

enum status words_gather(const char *folder, enum words_kind kind, struct arena *a, json_t **out, struct error *err) {
    struct dirent **found = NULL;
    enum status st = OK;
    json_t *all = compiled_in(kind);
    *out = NULL;
    if (folder) {
        const char *path = arena_printf(a, "%s/words", folder).ptr;
        int n = scandir(path, &found, is_ini, alphasort);
        if (n > FILES_MAX) {
            st = error_set(err, ERR_CONFIG, "%s has more than %d files", path, FILES_MAX);
        } else if (n < 0 && errno != ENOENT) {
            st = error_set(err, ERR_CONFIG, "the folder %s can't be read: %s", path, strerror(errno));
        }
        for (int i = 0; i < n; i++) {
            if (st == OK) {
                st = add_file(path, found[i]->d_name, kind, all, a, err);
            }
            free(found[i]);
        }
        free(found);
    }
    if (st != OK) {
        json_decref(all);
        return st;
    }
    *out = all;
    return OK;
}

static void add_row(struct words_rows *out, const char *tag, const json_t *row) {
    for (size_t i = 0; i < out->n; i++) {
        if (out->row[i] == row) {
            return;
        }
    }
    if (row && out->n < sizeof out->row / sizeof *out->row) {
        out->tag[out->n] = tag;
        out->row[out->n++] = row;
    }
}

void words_choose(const json_t *catalogue, const char *lang, struct words_rows *out) {
    char locale[LANGUAGE_LOCALE_SIZE];
    const char *tag;
    json_t *row;
    *out = (struct words_rows){.n = 0};
    lang = lang ? lang : "";
    language_locale(lang, locale);
    size_t n = strcspn(locale, "_@");
    json_object_foreach((json_t *)(size_t)catalogue, tag, row) {
        if (strcmp(tag, lang) == 0) {
            add_row(out, tag, row);
        }
    }
    json_object_foreach((json_t *)(size_t)catalogue, tag, row) {
        if (out->n < 3 && n > 0 && strcspn(tag, "-") == n && strncmp(tag, locale, n) == 0 &&
            language_matches(lang, tag)) {
            add_row(out, tag, row);
        }
    }
    json_object_foreach((json_t *)(size_t)catalogue, tag, row) {
        if (strcmp(tag, "en") == 0) {
            add_row(out, tag, row);
        }
    }
}

/* The text of the key FORM, or else WHOLE, in the first row that has it; NULL: none has. */
static const char *find_text(const struct words_rows *rows, const char *form, const char *whole, const char **used) {
    for (size_t i = 0; i < rows->n; i++) {
        const char *text = json_string_value(json_object_get(rows->row[i], form));
        text = text ? text : json_string_value(json_object_get(rows->row[i], whole));
        if (text) {
            if (used) {
                *used = rows->tag[i];
            }
            return text;
        }
    }
    if (used) {
        *used = "en";
    }
    return NULL;
}

const char *words_text(const struct words_rows *rows, enum word word, enum plural p, const char **used) {
    char form[KEY_SIZE], whole[KEY_SIZE];
    make_key(word, p, form);
    make_key(word, PLURAL_OTHER, whole);
    const char *text = find_text(rows, form, whole, used);
    return text ? text : word_get("en", word, NULL); /* a catalogue frozen before there was this word */
}

const char *words_mail_text(const struct words_rows *rows, enum mail_word word, const char **used) {
    const char *name = mail_word_name(word), *text = find_text(rows, name, name, used);
    return text ? text : mail_word_form("en", word);
}

size_t words_missing(const json_t *catalogue, const char *lang, struct buf *names) {
    struct words_rows rows;
    size_t n = 0;
    words_choose(catalogue, lang, &rows);
    if (language_matches(lang, "en")) {
        return 0;
    }
    for (int w = 0; w < WORD_COUNT; w++) {
        const char *used;
        (void)words_text(&rows, (enum word)w, PLURAL_OTHER, &used);
        if (strcmp(used, "en") == 0) {
            buf_addf(names, "%s%s", n ? ", " : "", word_name((enum word)w));
            n++;
        }
    }
    return n;
}
