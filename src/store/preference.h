/* Preferences: what a reader wants of one newsletter. */
#ifndef STORE_PREFERENCE_H
#define STORE_PREFERENCE_H

#include "store/import.h"
#include "store/subscription.h"

/* Which ones; the numbers are those that stand in subscription.own. */
enum {
    PREFER_LANGUAGE = IMPORT_LANGUAGE,
    PREFER_FORMAT = IMPORT_FORMAT,
    PREFER_CADENCE = IMPORT_CADENCE,
    PREFER_TOPICS = IMPORT_TOPICS,
    PREFER_BODY = IMPORT_BODY,
    PREFER_ALL = PREFER_LANGUAGE | PREFER_FORMAT | PREFER_CADENCE | PREFER_TOPICS | PREFER_BODY
};

struct preferences {
    unsigned told;             /* PREFER_* bits: the others stay as they are */
    struct str topics;         /* as written: separated by commas; absent or empty: all */
    struct str language;       /* tags in order of preference, separated by commas; absent: the subscriber's */
    int cadence;               /* enum config_schedule_kind, or CADENCE_DEFAULT */
    enum reader_format format; /* READER_ANY: the subscriber's */
    int body;                  /* enum config_body, or BODY_DEFAULT */
};

/* What a person writes for one of them into P: NAME is "topics", "language", "cadence", "format" or "body"; VALUE
 * "news, arts"; "bo, zh, en"; "daily", "weekly", "monthly", "immediately"; "html", "text"; "full", "summary", "titles";
 * empty or "default": as the newsletter has it. Words in any case; slices are borrowed from VALUE. ERR_DATA with a
 * sentence that names what may be written; ERR_NOINPUT when NAME is none of these. */
enum status preference_read(struct str name, struct str value, struct preferences *p, struct error *err);
/* "full", "summary", "titles"; NULL for BODY_DEFAULT. "html", "text"; NULL for READER_ANY. */
const char *preference_body_name(int body);
const char *preference_format_name(enum reader_format format);

/* Sets what P tells for SUBSCRIBER's subscription to NEWSLETTER, whatever its status, topics and languages brought to
 * their usual form, and writes an audit row (which preferences, not what they are). From then on no source changes
 * these. Whether the newsletter offers them is the caller's to ask: a cadence or topic it doesn't have (any more)
 * counts as none. *changed (may be NULL) is false when all was so already. ERR_NOINPUT when there is no such
 * subscription; ERR_DATA: topics longer than 1 KB, or a language that is none. In a transaction of its own unless one
 * is under way. */
enum status preference_set(struct store *s, int64_t newsletter, int64_t subscriber, const struct preferences *p,
                           const char *actor, int64_t now, bool *changed, struct error *err);

#endif
