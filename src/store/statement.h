/* Inside store/ only: the connection's struct and every fixed statement, by number. */
#ifndef STORE_STATEMENT_H
#define STORE_STATEMENT_H

#include "base/arena.h"
#include "base/buf.h"
#include "store/store.h"

enum statement {
    STMT_META_GET,
    STMT_META_SET,
    STMT_META_RAISE,
    STMT_NEWSLETTER_FIND,
    STMT_NEWSLETTER_ADD,
    STMT_NEWSLETTER_NAME,
    STMT_SEQUENCE_RAISE,
    STMT_SEQUENCE_ADD,
    STMT_ARTICLES_WAITING,
    STMT_ARTICLES_ARRIVE,
    STMT_ARTICLE_GET,
    STMT_ARTICLE_LIST,
    STMT_ARTICLE_PIN,
    STMT_ARTICLE_EXCLUDE,
    STMT_ARTICLE_WITHDRAW,
    STMT_SUBSCRIBER_GET,
    STMT_SUBSCRIBER_BY_KEY,
    STMT_SUBSCRIBER_LIST,
    STMT_SUBSCRIBER_COUNT,
    STMT_SUBSCRIBER_ZONE,
    STMT_SUBSCRIBER_LANGUAGES,
    STMT_PERSON_NEW,
    STMT_PERSON_SET,
    STMT_PERSON_MOVE,
    STMT_MERGE_EARLIER,
    STMT_MERGE_TAKE,
    STMT_MERGE_END,
    STMT_MERGE_CONSENT,
    STMT_MERGE_SOURCES,
    STMT_MERGE_ROW,
    STMT_ROLL_INSERT,
    STMT_ROLL_KNOWN,
    STMT_ROLL_PERSON,
    STMT_ROLL_JOIN,
    STMT_ROLL_SUBSCRIPTION,
    STMT_ROLL_CHANGE,
    STMT_SEARCH_PAGE,
    STMT_SEARCH_BY_KEY,
    STMT_SEARCH_ATTRIBUTES,
    STMT_SEARCH_COUNT,
    STMT_SUBSCRIBER_DELIVERY,
    STMT_SUBSCRIPTION_SCAN,
    STMT_SUBSCRIPTION_LIST,
    STMT_SUBSCRIPTION_GET,
    STMT_SUBSCRIPTION_COUNT,
    STMT_SUBSCRIPTION_PUT,
    STMT_SUBSCRIPTION_STATUS,
    STMT_SUBSCRIPTION_PAUSE,
    STMT_SUBSCRIPTION_LAPSED,
    STMT_SUBSCRIPTION_PREFER,
    STMT_SUPPRESSION_PUT,
    STMT_SUPPRESSION_DELETE,
    STMT_SUPPRESSION_GET,
    STMT_SUPPRESSION_LIST,
    STMT_SUPPRESSION_LAPSED,
    STMT_SUPPRESSION_ANY,
    STMT_SUPPRESSION_ERASED,
    STMT_SUBSCRIBER_SUPPRESS,
    STMT_SUBSCRIBER_RELEASE,
    STMT_EVENT_ADD,
    STMT_EVENT_SUBSCRIBER,
    STMT_EVENT_FORGET,
    STMT_AUDIT_ADD,
    STMT_FIGURES_ALL,
    STMT_FIGURES_OF,
    STMT_FIGURES_SUPPRESSED,
    STMT_FIGURES_SUPPRESSED_OF,
    STMT_AUDIT_LIST,
    STMT_AUDIT_OF,
    STMT_RETENTION_NEWSLETTER,
    STMT_RETENTION_FORMER,
    STMT_RETENTION_EMPTY,
    STMT_RETENTION_AUDIT,
    STMT_RETENTION_TEXTS,
    STMT_SOURCE_FIND,
    STMT_SOURCE_ADD,
    STMT_SOURCE_NEWSLETTER,
    STMT_SOURCE_APPLIED,
    STMT_SOURCE_HELD,
    STMT_PERSON_COUNT,
    STMT_PERSON_KNOWN,
    STMT_PERSON_ADD,
    STMT_PERSON_PUT,
    STMT_PERSON_DROP,
    STMT_PERSON_OTHERS,
    STMT_PERSON_SCAN,
    STMT_PERSON_GONE,
    STMT_PERSON_ELSEWHERE,
    STMT_IMPORT_BY_KEY,
    STMT_IMPORT_INSERT,
    STMT_IMPORT_UPDATE,
    STMT_IMPORT_MOVE,
    STMT_IMPORT_OWN_ADDRESS,
    STMT_IMPORT_JOIN,
    STMT_IMPORT_SUBSCRIBE,
    STMT_IMPORT_REMOVE,
    STMT_IMPORT_HAND_OVER,
    STMT_ARTICLE_KNOWN,
    STMT_ARTICLE_INSERT,
    STMT_ARTICLE_UPDATE,
    STMT_ARTICLE_SCAN,
    STMT_ARTICLE_GONE,
    STMT_ARTICLE_NAMESAKE,
    STMT_REFUSED_ANY,
    STMT_REFUSED_KNOWN,
    STMT_REFUSED_PUT,
    STMT_REFUSED_DROP,
    STMT_REFUSED_SCAN,
    STMT_REFUSED_DELETE,
    STMT_REFUSED_LIST,
    STMT_ERASE_SAME,
    STMT_ERASE_REFUSED,
    STMT_ERASE_PERSON,
    STMT_ERASE_SUBSCRIPTION,
    STMT_ERASE_SUBSCRIBER,
    STMT_HELD_PERSON,
    STMT_HELD_SUBSCRIPTIONS,
    STMT_HELD_SOURCES,
    STMT_HELD_SUPPRESSIONS,
    STMT_HELD_REFUSED,
    STMT_HELD_CONSENT,
    STMT_HELD_AUDIT,
    STMT_CONSENT_TEXT_PUT,
    STMT_CONSENT_ADD,
    STMT_CONSENT_GET,
    STMT_CONSENT_LIST,
    STMT_CONSENT_MAILED,
    STMT_CONSENT_LAST_ASKED,
    STMT_CONSENT_STATUS,
    STMT_CONSENT_BEFORE,
    STMT_CONSENT_BEFORE_ID,
    STMT_CONSENT_CLOSE,
    STMT_CONSENT_ANSWER,
    STMT_CONSENT_EXPIRED,
    STMT_CONSENT_ALONE,
    STMT_CONSENT_DROP_QUESTION,
    STMT_CONSENT_DROP_RECORDS,
    STMT_CONSENT_DROP_PERSON,
    STMT_CONSENT_BACK,
    STMT_CONSENT_DROP_UNASKED,
    STATEMENTS
};

extern const char *const statement_texts[STATEMENTS];

struct store {
    struct sql *sql;
    struct buf delivery; /* the slices of the last subscriber_for_delivery */
    sqlite3_stmt *scan;  /* the subscription_scan under way, or NULL */
};

/* Statement I, its bindings clear. */
sqlite3_stmt *statement_get(struct store *s, enum statement i);
/* Begins a transaction unless one is under way; *own tells statement_end whether to end it. */
enum status statement_begin(struct store *s, bool *own, struct error *err);
/* Ends what statement_begin began: commits when ST is OK, else rolls back. Returns ST or the commit's failure. */
enum status statement_end(struct store *s, bool own, enum status st, struct error *err);
/* sqlite3_changes of the last statement. */
int statement_changes(struct store *s);
/* Column COL copied to A. */
struct str statement_text(sqlite3_stmt *st, int col, struct arena *a);
/* Column COL, or ABSENT where it is NULL. */
int64_t statement_int_or(sqlite3_stmt *st, int col, int64_t absent);
struct subscriber;
/* The columns of SUBSCRIBER_HEAD, text copied to A. */
void statement_subscriber(sqlite3_stmt *q, struct arena *a, struct subscriber *out);

#endif
