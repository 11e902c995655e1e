/* The configuration: one INI file, read once into one immutable struct. courant.ini(5) describes the keys.
 *
 * Conventions: strings are NUL-terminated UTF-8, trimmed; NULL means absent (an empty value counts as absent). Defaults
 * are filled in. Durations are seconds (`_s`), sizes bytes (`_bytes`). Paths are absolute: what the file gives relative
 * is relative to the file's folder. Everything is owned by the struct config and lives until config_free. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/status.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_tls {
    CONFIG_TLS_NONE,          /* plain text; the default for a loopback host */
    CONFIG_TLS_OPPORTUNISTIC, /* STARTTLS where offered, no certificate check */
    CONFIG_TLS_STARTTLS,      /* STARTTLS or nothing, certificate checked; the default elsewhere */
    CONFIG_TLS_IMPLICIT       /* TLS from the first byte (port 465), certificate checked */
};

enum config_schedule_kind {
    CONFIG_SCHEDULE_DAILY,
    CONFIG_SCHEDULE_WEEKLY,
    CONFIG_SCHEDULE_MONTHLY,
    CONFIG_SCHEDULE_IMMEDIATELY,
    CONFIG_SCHEDULE_MANUAL
};

/* When a newsletter is due, in the site's time zone (or, with local_hour, the reader's). */
struct config_schedule {
    enum config_schedule_kind kind;
    unsigned weekdays; /* weekly: bit 0 is Monday, bit 6 Sunday; at least one; otherwise 0 */
    int first_weekday; /* weekly: the day named first, 0 is Monday; otherwise -1 */
    int month_day;     /* monthly: 1 to 31 (beyond the month's end: its last day); otherwise 0 */
    int minute;        /* minutes after midnight, 0 to 1439; 0 for immediately and manual */
};

/* Bits of config_newsletter.cadences. */
#define CONFIG_CADENCE(kind) (1u << (unsigned)(kind))

enum config_body { CONFIG_BODY_FULL, CONFIG_BODY_SUMMARY, CONFIG_BODY_TITLES };
enum config_images { CONFIG_IMAGES_EMBED, CONFIG_IMAGES_LINK, CONFIG_IMAGES_NONE };
enum config_late { CONFIG_LATE_SEND, CONFIG_LATE_WAIT };
enum config_deadline { CONFIG_DEADLINE_SKIP, CONFIG_DEADLINE_SEND };
enum config_archive { CONFIG_ARCHIVE_OFF, CONFIG_ARCHIVE_UNLISTED, CONFIG_ARCHIVE_PUBLIC };
enum config_unknown { CONFIG_UNKNOWN_RETRY, CONFIG_UNKNOWN_HOLD };
enum config_source_type { CONFIG_SOURCE_SQLITE, CONFIG_SOURCE_FEED, CONFIG_SOURCE_FILES, CONFIG_SOURCE_COMMAND };
enum config_output { CONFIG_OUTPUT_JSONL, CONFIG_OUTPUT_CSV };

/* Several limits hold together: "100/s 2000/h 50000/d". */
#define CONFIG_RATE_MAX 4
struct config_rate {
    struct {
        int64_t count;    /* at least 1 */
        int64_t period_s; /* 1, 60, 3600 or 86400; each at most once */
    } limit[CONFIG_RATE_MAX];
    size_t n; /* 0: no limit */
};

/* A list of strings in the file's order; none is empty. */
struct config_list {
    const char *const *items;
    size_t n;
};

/* Where a secret comes from: see config_secret. Both NULL: there is none. At most one is set. */
struct config_secret_source {
    const char *file;    /* absolute path */
    const char *command; /* to be split into words as a shell would */
};

struct config_site {
    int line;                   /* of [site]; 0 when the file has no such section (so in every struct here) */
    const char *name;           /* required */
    const char *url;            /* required; http or https */
    const char *postal_address; /* may have several lines; or NULL (check complains) */
    const char *language;       /* a BCP 47 tag, its validity not checked here; default "en" */
    const char *timezone;       /* an IANA name, its validity not checked here; default "UTC" */
    const char *hostname;       /* lower case; default: the host of url */
    const char *alarm_to;       /* or NULL */
    const char *secret_file;    /* default "secret" beside the file */
    bool log_addresses;         /* default no */
    const char *templates;      /* a folder, or NULL */
};

struct config_database {
    int line;
    const char *path;          /* default courant.db */
    int64_t attributes_keep_s; /* default 365 days */
    int64_t log_keep_s;        /* default 730 days */
};

struct config_queue {
    int line;
    const char *path;       /* default queue/queue.db */
    int64_t lifetime_s;     /* default 3 days */
    const int64_t *retry_s; /* default 5m 15m 1h 3h 6h 12h; at least one */
    size_t retry_n;
    enum config_unknown unknown;  /* default retry */
    size_t rendition_cache_bytes; /* default 24M */
    int64_t keep_s;               /* default 90 days */
};

struct config_relay {
    int line;
    const char *name; /* NAME of [relay.NAME] */
    const char *host; /* name, IPv4 or IPv6 address without brackets; default 127.0.0.1 */
    bool loopback;    /* host is localhost or a loopback address */
    int port;         /* default 25, with implicit TLS 465 */
    enum config_tls tls;
    const char *ca_file; /* or NULL: the system's */
    const char *user;    /* or NULL: no AUTH; then password has a file or a command */
    struct config_secret_source password;
    int priority;    /* lower first; default 10 */
    int connections; /* default 16 */
    int messages;    /* a session; default 100 */
    struct config_rate rate;
    int64_t timeout_s;         /* 0: RFC 5321's for each command */
    int64_t connect_timeout_s; /* default 30 */
    bool slow_start;           /* default no */
};

/* A line of [pace]. */
struct config_pace {
    int line;
    const char *domain; /* lower case as given (A-labels or not), or "*" for every domain not named */
    struct config_rate rate;
};

struct config_dkim {
    int line;
    const char *name;     /* NAME of [dkim.NAME], "" for [dkim] */
    const char *domain;   /* lower case */
    const char *selector; /* and key_file: required */
    const char *key_file;
    const char *selector2; /* and key_file2: both or neither (NULL) */
    const char *key_file2;
};

struct config_newsletter {
    int line;
    const char *name;                /* NAME of [newsletter.NAME]: letters, digits, - and _ */
    const char *title;               /* required */
    const char *from;                /* required; an address with an optional name, its syntax not checked here */
    const char *reply_to;            /* or NULL */
    const char *list_id;             /* default NAME.HOSTNAME */
    struct config_schedule schedule; /* required */
    unsigned cadences;               /* CONFIG_CADENCE bits; the schedule's own always among them */
    const char *template;            /* default "digest" */
    struct config_list topics;       /* empty: all */
    const char *where;               /* SQL, may have several lines; or NULL */
    struct config_list languages;    /* empty: all */
    bool match_language;             /* default no */
    const char *since;               /* YYYY-MM-DD with or without THH:MM[:SS] and Z or +HH:MM; or NULL */
    enum config_body body;           /* default summary */
    int max_articles;                /* default 30 */
    int min_articles;                /* default 1 */
    enum config_images images;       /* default embed */
    size_t images_size_bytes;        /* default 96K */
    enum config_late late;           /* default send */
    int64_t late_after_s;            /* default 12h */
    int64_t hold_s;                  /* default 0 */
    int window_from;                 /* send_window in minutes after midnight; -1: none. from > to: over midnight */
    int window_to;
    bool local_hour;                          /* default no */
    int64_t pending_keep_s;                   /* default 7 days */
    bool welcome;                             /* default yes */
    bool approval;                            /* default no */
    bool check_links;                         /* of drafts; default yes */
    int64_t draft_before_s;                   /* default 24h */
    enum config_deadline approval_deadline;   /* default skip */
    struct config_list editors;               /* addresses, their syntax not checked here */
    enum config_archive archive;              /* default off */
    const char *logo;                         /* an http(s) address or an absolute path; or NULL */
    const char *colour;                       /* what colour_parse takes; or NULL */
    const char *footer;                       /* text, may have several lines; or NULL */
    const struct config_relay *const *relays; /* the relays it may use, never empty when the file has any */
    size_t relays_n;
};

struct config_source {
    int line;
    const char *name;
    enum config_source_type type;               /* required */
    const char *path;                           /* sqlite, files: required; feed: a file, when url is NULL */
    const char *url;                            /* feed: http or https; or NULL */
    const char *url_pattern;                    /* files: where articles stand on the site, {placeholders} checked */
    const char *articles_command;               /* command: to be split into words */
    const char *subscribers_command;            /* command */
    enum config_output output;                  /* command; default jsonl */
    int64_t timeout_s;                          /* command; default 5 minutes */
    bool fetch_private;                         /* default no */
    const struct config_newsletter *newsletter; /* default: the only one there is; or NULL */
    const char *articles;                       /* sqlite: SQL, may have several lines; or NULL */
    const char *subscribers;                    /* sqlite: SQL; or NULL */
};

struct config_bounce {
    int line;
    const char *address;  /* or NULL; its domain and an ASCII local part are there */
    const char *maildir;  /* a folder, or NULL */
    const char *imap_url; /* imap, imaps, pop3 or pop3s; or NULL */
    const char *user;     /* or NULL */
    struct config_secret_source password;
};

struct config_web {
    int line;
    const char *base_url;    /* http or https, no slash at the end; or NULL */
    const char *base_path;   /* its path: "" or "/mail"; NULL without base_url */
    bool https;              /* base_url is https */
    const char *listen_host; /* default 127.0.0.1; IPv6 without brackets */
    int listen_port;         /* default 8080 */
};

struct config_lines; /* opaque: where each key stands */

struct config {
    const char *file;   /* the path as given to config_load */
    const char *folder; /* absolute: the file's folder */
    struct config_site site;
    struct config_database database;
    struct config_queue queue;
    const struct config_relay *relays; /* in the file's order, as all lists here */
    size_t relays_n;
    const struct config_pace *paces;
    size_t paces_n;
    int pace_line; /* of [pace]; 0: none */
    const struct config_dkim *dkims;
    size_t dkims_n;
    const struct config_newsletter *newsletters;
    size_t newsletters_n;
    const struct config_source *sources;
    size_t sources_n;
    struct config_bounce bounce;
    struct config_web web;
    const struct config_lines *lines;
    struct arena *arena; /* owns all of it */
};

/* All that is wrong with a file. */
struct config_errors {
    struct config_error {
        int line;   /* 0: the file as a whole */
        char *text; /* "FILE:LINE: sentence" (without LINE when it is 0), UTF-8, no line end */
    } * list;       /* by line */
    size_t n;
    size_t cap;
};

#define CONFIG_ERRORS_INIT ((struct config_errors){NULL, 0, 0})

/* Frees the sentences; the struct is then as CONFIG_ERRORS_INIT. */
void config_errors_release(struct config_errors *errors);

/* Reads the file PATH. OK: *out is the configuration, to be given back with config_free. Otherwise *out is NULL, and
 * ERRORS (initialised by the caller, released by the caller, never NULL) has every error found: ERR_NOINPUT when the
 * file can't be read, ERR_CONFIG when it is wrong. Reads no other file: that keys, databases and folders exist is for
 * others to check. */
enum status config_load(const char *path, struct config **out, struct config_errors *errors);

/* The same from memory: TEXT is the file's content, PATH what errors name and what relative paths start from. */
enum status config_parse(struct str text, const char *path, struct config **out, struct config_errors *errors);

/* Gives everything back; NULL is harmless. */
void config_free(struct config *c);

/* "FILE:LINE" of KEY in SECTION ("relay.main"), for errors found later; the section's line when KEY is NULL or not
 * given there, FILE alone when there is no such section. Borrowed from C. */
const char *config_where(const struct config *c, const char *section, const char *key);

/* By name; NULL when there is none. config_dkim_for: the section whose domain is DOMAIN (ASCII case ignored);
 * config_pace_for: the rate for that domain, else the one for "*". */
const struct config_newsletter *config_newsletter_named(const struct config *c, const char *name);
const struct config_source *config_source_named(const struct config *c, const char *name);
const struct config_relay *config_relay_named(const struct config *c, const char *name);
const struct config_dkim *config_dkim_for(const struct config *c, struct str domain);
const struct config_rate *config_pace_for(const struct config *c, struct str domain);

#endif
