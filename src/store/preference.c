#include "store/preference.h"

#include "config/config.h"
#include "store/event.h"
#include "store/statement.h"
#include "text/language.h"

_Static_assert(CONFIG_BODY_FULL == 0 && CONFIG_BODY_SUMMARY == 1 && CONFIG_BODY_TITLES == 2,
               "the numbers stand in courant.db");

enum { TOPICS_MAX = 1024, WORDS = 5 };

static const struct {
    const char *name;
    unsigned bit;
    const char *words[WORDS]; /* the numbers that stand in courant.db, from `first` on */
    int first;
} kinds[] = {{"topics", PREFER_TOPICS, {NULL}, 0},
             {"language", PREFER_LANGUAGE, {NULL}, 0},
             {"cadence", PREFER_CADENCE, {"daily", "weekly", "monthly", "immediately"}, CONFIG_SCHEDULE_DAILY},
             {"format", PREFER_FORMAT, {"html", "text"}, READER_HTML},
             {"body", PREFER_BODY, {"full", "summary", "titles"}, CONFIG_BODY_FULL}};
enum { KINDS = sizeof kinds / sizeof *kinds };

const char *preference_body_name(int body) {
    return body >= CONFIG_BODY_FULL && body <= CONFIG_BODY_TITLES ? kinds[4].words[body] : NULL;
}

const char *preference_format_name(enum reader_format format) {
    return format == READER_HTML ? "html" : format == READER_TEXT ? "text" : NULL;
}

enum status preference_read(struct str name, struct str value, struct preferences *p, struct error *err) {
    size_t k = 0;
    struct buf may = BUF_INIT;
    value = str_trim(value);
    bool back = !value.len || str_eq_nocase(value, STR("default"));
    while (k < KINDS && !str_eq_nocase(name, str_from(kinds[k].name))) {
        k++;
    }
    if (k == KINDS) {
        return error_set(err, ERR_NOINPUT, "there is no preference '%.*s': topics, language, cadence, format, body",
                         STR_ARG(name));
    }
    int number = CADENCE_DEFAULT;
    for (int i = 0; i < WORDS && kinds[k].words[i]; i++) {
        if (str_eq_nocase(value, str_from(kinds[k].words[i]))) {
            number = kinds[k].first + i;
        }
        buf_addf(&may, "%s, ", kinds[k].words[i]);
    }
    if (kinds[k].words[0] && number == CADENCE_DEFAULT && !back) {
        enum status st = error_set(err, ERR_DATA, "%s is one of %.*s and default, not '%.*s'", kinds[k].name,
                                   (int)may.len - 2, may.ptr, STR_ARG(value));
        buf_release(&may);
        return st;
    }
    buf_release(&may);
    p->told |= kinds[k].bit;
    switch (kinds[k].bit) {
    case PREFER_TOPICS:
        p->topics = back ? STR_NONE : value;
        break;
    case PREFER_LANGUAGE:
        p->language = back ? STR_NONE : value;
        break;
    case PREFER_CADENCE:
        p->cadence = number;
        break;
    case PREFER_FORMAT:
        p->format = back ? READER_ANY : (enum reader_format)number;
        break;
    default:
        p->body = back ? BODY_DEFAULT : number;
    }
    return OK;
}

/* "news , arts,news" → "news,arts". */
static enum status tidy_topics(struct str in, struct buf *out, struct error *err) {
    struct str part;
    while (in.ptr && str_split(&in, ',', &part)) {
        struct str rest = buf_str(out), had;
        bool again = false;
        part = str_trim(part);
        for (size_t i = 0; i < part.len; i++) {
            if ((unsigned char)part.ptr[i] < ' ') {
                return error_set(err, ERR_DATA, "a topic has a control character");
            }
        }
        while (rest.len && str_split(&rest, ',', &had)) {
            again = again || str_eq(had, part);
        }
        if (part.len && !again) {
            buf_addf(out, "%s%.*s", out->len ? "," : "", STR_ARG(part));
        }
    }
    return out->failed             ? error_set(err, ERR_OS, "out of memory")
           : out->len > TOPICS_MAX ? error_set(err, ERR_DATA, "topics are longer than 1 KB")
                                   : OK;
}

static void bind_or_null(sqlite3_stmt *q, int param, int64_t v, int64_t absent) {
    if (q && v != absent) {
        (void)sqlite3_bind_int64(q, param, v);
    }
}

/* Which of what P tells differ from X. */
static unsigned differs(const struct subscription *x, const struct preferences *p, struct str topics,
                        struct str language) {
    unsigned d = 0;
    d |= str_eq(x->topics, topics) ? 0 : PREFER_TOPICS;
    d |= str_eq(x->language, language) ? 0 : PREFER_LANGUAGE;
    d |= x->cadence == p->cadence ? 0 : PREFER_CADENCE;
    d |= x->format == p->format ? 0 : PREFER_FORMAT;
    d |= x->body == p->body ? 0 : PREFER_BODY;
    return d & p->told;
}

static enum status set(struct store *s, int64_t newsletter, int64_t subscriber, const struct preferences *p,
                       const char *actor, int64_t now, struct arena *a, struct buf *b, bool *changed,
                       struct error *err) {
    struct subscription x = {0};
    bool found;
    struct str language = STR_NONE;
    enum status st = subscription_get(s, newsletter, subscriber, a, &found, &x, err);
    if (st != OK || !found) {
        return st != OK ? st : error_set(err, ERR_NOINPUT, "there is no such subscription");
    }
    if (p->told & PREFER_TOPICS && (st = tidy_topics(p->topics, b, err)) != OK) {
        return st;
    }
    struct str topics = b->len ? arena_str(a, buf_str(b)) : STR_NONE;
    if (p->told & PREFER_LANGUAGE && p->language.len &&
        (st = language_list_normalise(p->language, a, &language, err)) != OK) {
        return error_prefix(err, "language '%.*s'", STR_ARG(str_sub(p->language, 0, 40)));
    }
    unsigned d = differs(&x, p, topics, language);
    sqlite3_stmt *q = statement_get(s, STMT_SUBSCRIPTION_PREFER);
    sql_bind(q, "iiinSSnn", newsletter, subscriber, (int64_t)p->told, topics, language);
    bind_or_null(q, 4, p->cadence, CADENCE_DEFAULT);
    bind_or_null(q, 7, p->format, READER_ANY);
    bind_or_null(q, 8, p->body, BODY_DEFAULT);
    if ((st = sql_run(s->sql, q, err)) != OK || !d) {
        return st;
    }
    *changed = true;
    buf_clear(b);
    buf_addf(b, "%.*s:", STR_ARG(x.newsletter_name));
    for (size_t k = 0; k < KINDS; k++) {
        if (d & kinds[k].bit) {
            buf_addf(b, " %s", kinds[k].name);
        }
    }
    return audit_add(s, now, actor, "prefer", subscriber, buf_str(b), err);
}

enum status preference_set(struct store *s, int64_t newsletter, int64_t subscriber, const struct preferences *p,
                           const char *actor, int64_t now, bool *changed, struct error *err) {
    bool own;
    bool did = false;
    struct buf b = BUF_INIT;
    struct arena *a = arena_new();
    enum status st = a ? statement_begin(s, &own, err) : error_set(err, ERR_OS, "out of memory");
    if (st == OK) {
        st = statement_end(s, own, set(s, newsletter, subscriber, p, actor, now, a, &b, &did, err), err);
    }
    if (changed) {
        *changed = st == OK && did;
    }
    buf_release(&b);
    arena_free(a);
    return st;
}
