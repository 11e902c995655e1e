#include "source/member.h"

#include <stdio.h>

#include "base/utf8.h"
#include "source/people.h"
#include "text/address.h"
#include "text/moment.h"
#include "text/zone.h"

enum {
    NAME_MAX_BYTES = 200,
    ATTRIBUTE_MAX = 1024,
    ATTRIBUTES_MAX = 8192,
    NOTE_MAX = 200,
    LANGUAGES_MAX = 200,
    KEY_HEX = 2 * HASH_SIZE
};

enum status member_attribute(struct cells *v, struct member *m, struct str name, struct str value, struct error *err) {
    value = cell_text(v, value);
    name = cell_line(v, name);
    if (!value.len || !name.len) {
        return OK;
    }
    if (value.len > ATTRIBUTE_MAX) {
        return error_set(err, ERR_DATA, "column %.*s is longer than 1 KB", STR_ARG(str_sub(name, 0, 60)));
    }
    buf_addc(&m->attributes, m->attributes.len ? ',' : '{');
    cell_json(name, &m->attributes);
    buf_addc(&m->attributes, ':');
    cell_json(value, &m->attributes);
    return OK;
}

static struct str line(struct cells *v, struct str s, size_t max) {
    s = cell_line(v, s);
    return s.len > max ? str_trim(str_sub(s, 0, utf8_cut(s, max))) : s;
}

/* "23.11.2026 07:00" → "2026-11-23 07:00": day first, which no spreadsheet with dots writes otherwise. */
static bool dotted(struct str s, char out[40]) {
    int d, m, y, used = 0;
    char in[40];
    if (s.len >= sizeof in) {
        return false;
    }
    (void)snprintf(in, sizeof in, "%.*s", STR_ARG(s));
    return sscanf(in, "%2d.%2d.%4d%n", &d, &m, &y, &used) == 3 && y >= 1000 &&
           snprintf(out, 40, "%04d-%02d-%02d%.24s", y, m, d, in + used) < 40;
}

static int64_t when(struct cells *v, struct str s) {
    int64_t t = INT64_MIN;
    char iso[40];
    s = cell_text(v, s);
    if (!s.len) {
        return t;
    }
    if (s.len > 64 || (moment_parse(s, v->zone, &t, NULL) != OK &&
                       !(dotted(s, iso) && moment_parse(str_from(iso), v->zone, &t, NULL) == OK))) {
        v->ignored[1][CELL_TIME]++;
        return INT64_MIN;
    }
    return t;
}

/* A preference in words; one that is not understood is counted. */
static void prefer(struct cells *v, const char *name, struct str s, enum cell_kind kind, struct preferences *p) {
    s = cell_text(v, s);
    if (s.len && preference_read(str_from(name), s, p, NULL) != OK) {
        v->ignored[1][kind]++;
    }
}

/* Languages in order of preference, each checked. */
static struct str languages(struct cells *v, struct str s) {
    struct str part;
    struct buf b = BUF_INIT;
    s = cell_text(v, s);
    while (s.len && b.len < LANGUAGES_MAX && str_split(&s, ',', &part)) {
        struct str one = cell_language(v, part);
        if (one.len) {
            buf_addf(&b, "%s%.*s", b.len ? "," : "", STR_ARG(one));
        }
    }
    struct str out = b.len ? arena_str(v->row, buf_str(&b)) : STR_NONE;
    buf_release(&b);
    return out;
}

/* "Given Family" where there is no name. */
static struct str whole_name(struct cells *v, struct str given, struct str family) {
    family = line(v, family, NAME_MAX_BYTES);
    if (!family.len) {
        return STR_NONE;
    }
    return given.len ? line(v, arena_printf(v->row, "%.*s %.*s", STR_ARG(given), STR_ARG(family)), NAME_MAX_BYTES)
                     : family;
}

static bool is_hash(struct str s) {
    bool good = s.len == 2 + KEY_HEX && str_starts(s, STR("h:"));
    for (size_t i = 2; good && i < s.len; i++) {
        good = memchr("0123456789abcdef", s.ptr[i], 16) != NULL;
    }
    return good;
}

static enum status reason(struct str s, enum heading_state state, struct suppression *out, struct error *err) {
    static const enum suppression_reason of[] = {[STATE_SUPPRESSED] = SUPPRESSION_BY_HAND,
                                                 [STATE_BOUNCED] = SUPPRESSION_HARD,
                                                 [STATE_COMPLAINED] = SUPPRESSION_COMPLAINT,
                                                 [STATE_ERASED] = SUPPRESSION_ERASED};
    if (s.len) {
        for (int r = SUPPRESSION_HARD; r <= SUPPRESSION_BY_HAND; r++) {
            if (str_eq_nocase(s, str_from(suppression_reason_name((enum suppression_reason)r)))) {
                out->reason = (enum suppression_reason)r;
                return OK;
            }
        }
        return error_set(err, ERR_DATA, "suppressed is one of hard, complaint, by-hand, erased, not '%.*s'",
                         STR_ARG(str_sub(s, 0, 40)));
    }
    out->reason = of[state];
    return OK;
}

static enum status read_suppression(struct cells *v, struct member *m, struct roll_row *x, struct error *err) {
    struct str why = cell_text(v, m->values[HEADING_SUPPRESSED]);
    bool word = m->state >= STATE_SUPPRESSED && m->state <= STATE_ERASED;
    if (!word && !why.len) {
        return OK;
    }
    x->suppressed = true;
    x->only = word;
    int64_t at = when(v, m->values[HEADING_SUPPRESSED_AT]), until = when(v, m->values[HEADING_SUPPRESSED_UNTIL]);
    x->suppression.at = at == INT64_MIN ? 0 : at;
    x->suppression.until = until == INT64_MIN ? 0 : until;
    x->suppression.note = line(v, m->values[HEADING_SUPPRESSED_NOTE], NOTE_MAX);
    return reason(why, m->state, &x->suppression, err);
}

/* "a@b.org ::: c@d.org", as address books export it. */
static bool several(struct str cell) {
    size_t first = str_find(cell, '@', 0), second = str_find(cell, '@', first + 1);
    bool between = false;
    for (size_t i = first; i < second && second < cell.len; i++) {
        between = between || memchr(",; \n|", cell.ptr[i], 5) != NULL;
    }
    return between;
}

static enum status read_address(struct cells *v, struct member *m, struct roll_row *x, struct str *name,
                                struct error *err) {
    struct address address;
    struct error why = {0};
    struct str email = str_trim(m->values[HEADING_EMAIL]);
    *name = STR_NONE;
    if (!email.len) {
        return error_set(err, ERR_DATA, "no email");
    }
    if (x->only && is_hash(email)) {
        x->key = email;
        return OK;
    }
    enum status st = mailbox_parse(email, v->row, name, &address, &why);
    if (st != OK) {
        return error_set(err, st, "email: %s",
                         several(email) ? "several addresses in one cell; leave the one that is to be used" : why.text);
    }
    x->email = address.text;
    x->key = address.key;
    return OK;
}

enum status member_heed(struct cells *v, struct member *m, struct error *err) {
    static const struct {
        enum heading asks, at;
        enum heading_state state;
    } columns[] = {{HEADING_UNSUBSCRIBED, HEADING_STATUS_AT, STATE_LEFT},
                   {HEADING_BLOCKED, HEADING_SUPPRESSED_AT, STATE_SUPPRESSED},
                   {HEADING_BOUNCED, HEADING_SUPPRESSED_AT, STATE_BOUNCED}};
    bool told = m->state != STATES;
    if (m->values[HEADING_CONFIRMED].len && heading_answer(m->values[HEADING_CONFIRMED]) == ANSWER_NO &&
        (!told || m->state == STATE_ACTIVE)) {
        m->state = STATE_PENDING;
    }
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        struct str s = m->values[columns[i].asks];
        if (!s.len) {
            continue; /* the usual case costs nothing */
        }
        enum heading_answer answer = heading_answer(s);
        bool kept = m->state >= STATE_SUPPRESSED && m->state <= STATE_ERASED; /* says more */
        if (answer == ANSWER_OTHER) {
            int64_t ignored = v->ignored[1][CELL_TIME];
            bool date = when(v, s) != INT64_MIN;
            v->ignored[1][CELL_TIME] = ignored;
            if (!date) {
                return error_set(err, ERR_DATA, "%s: '%.*s' is neither yes nor no nor a date",
                                 heading_name(columns[i].asks), STR_ARG(str_sub(cell_line(v, s), 0, 40)));
            }
            if (told && m->state != columns[i].state) {
                continue; /* came back since */
            }
            m->values[columns[i].at] = m->values[columns[i].at].len ? m->values[columns[i].at] : s;
        }
        if (answer != ANSWER_NO && !kept) {
            m->state = columns[i].state;
        }
    }
    return OK;
}

enum status member_read(struct cells *v, struct member *m, struct roll_row *x, struct error *err) {
    struct str name;
    v->kind = 1;
    *x = (struct roll_row){.status =
                               m->state <= STATE_REMOVED ? (enum subscription_status)m->state : SUBSCRIPTION_ACTIVE,
                           .preferences = {.cadence = CADENCE_DEFAULT, .body = BODY_DEFAULT}};
    enum status st = read_suppression(v, m, x, err);
    if (st != OK || (st = read_address(v, m, x, &name, err)) != OK) {
        return st;
    }
    x->name = line(v, m->values[HEADING_NAME], NAME_MAX_BYTES);
    x->given_name = line(v, m->values[HEADING_GIVEN_NAME], NAME_MAX_BYTES);
    if (!x->name.len) {
        x->name = m->values[HEADING_FAMILY_NAME].len ? whole_name(v, x->given_name, m->values[HEADING_FAMILY_NAME])
                                                     : line(v, name, NAME_MAX_BYTES);
    }
    x->language = cell_language(v, m->values[HEADING_LANGUAGE]);
    x->timezone = cell_timezone(v, m->values[HEADING_TIMEZONE]);
    struct preferences own = {0};
    prefer(v, "format", m->values[HEADING_FORMAT], CELL_FORMAT, &own);
    x->format = own.format;
    prefer(v, "format", m->values[HEADING_FOR_FORMAT], CELL_FORMAT, &x->preferences);
    prefer(v, "cadence", m->values[HEADING_CADENCE], CELL_CADENCE, &x->preferences);
    prefer(v, "body", m->values[HEADING_BODY], CELL_BODY, &x->preferences);
    x->preferences.language = languages(v, m->values[HEADING_FOR_LANGUAGE]);
    x->preferences.told |= x->preferences.language.len ? PREFER_LANGUAGE : 0;
    if ((st = people_topics(v, m->values[HEADING_TOPICS], &x->preferences.topics, err)) != OK) {
        return st;
    }
    x->preferences.told |= x->preferences.topics.len ? PREFER_TOPICS : 0;
    const int64_t consent_at = when(v, m->values[HEADING_CONSENT_AT]);
    const int64_t confirmed_at = when(v, m->values[HEADING_CONFIRMED_AT]);
    x->consent = (struct consent){.how = line(v, m->values[HEADING_CONSENT], NOTE_MAX),
                                  .origin = line(v, m->values[HEADING_CONSENT_ORIGIN], NOTE_MAX),
                                  .actor = line(v, m->values[HEADING_CONSENT_BY], NOTE_MAX),
                                  .answered_by = line(v, m->values[HEADING_CONFIRMED_BY], NOTE_MAX),
                                  .at = consent_at == INT64_MIN ? 0 : consent_at,
                                  .answered_at = confirmed_at == INT64_MIN ? 0 : confirmed_at};
    x->status_at = when(v, m->values[HEADING_STATUS_AT]);
    x->paused_until = when(v, m->values[HEADING_PAUSED_UNTIL]);
    x->joined_at = when(v, m->values[HEADING_JOINED_AT]);
    if (m->attributes.len) {
        buf_addc(&m->attributes, '}');
        if (m->attributes.len > ATTRIBUTES_MAX) {
            return error_set(err, ERR_DATA, "the columns beyond the known ones are longer than 8 KB together");
        }
        x->attributes = buf_str(&m->attributes);
    }
    return m->attributes.failed ? error_set(err, ERR_OS, "out of memory") : OK;
}
