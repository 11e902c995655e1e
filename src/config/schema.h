/* The table of every section and key: type, range, default, and where the value goes in the structs. */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include "config/config.h"

enum schema_type {
    SCHEMA_TEXT,      /* const char *: one line */
    SCHEMA_LINES,     /* const char *: may have several lines */
    SCHEMA_PATH,      /* const char *: made absolute */
    SCHEMA_PLACE,     /* const char *: an http(s) address, or a path made absolute */
    SCHEMA_URL,       /* const char *: an http(s) address */
    SCHEMA_BOX_URL,   /* const char *: imap, imaps, pop3, pop3s */
    SCHEMA_HOST,      /* const char *: a domain, an address, an address in brackets (taken off) */
    SCHEMA_DOMAIN,    /* const char *: made lower case */
    SCHEMA_MAILBOX,   /* const char * */
    SCHEMA_COMMAND,   /* const char *: can be split into words */
    SCHEMA_DATE,      /* const char * */
    SCHEMA_COLOUR,    /* const char * */
    SCHEMA_TOKEN,     /* const char *: letters, digits, - _ . */
    SCHEMA_BOOL,      /* bool */
    SCHEMA_INT,       /* int, from min to max */
    SCHEMA_DURATION,  /* int64_t, from min to max */
    SCHEMA_DURATIONS, /* const int64_t *, and a size_t at offset2; each from min to max */
    SCHEMA_SIZE,      /* size_t, from min to max */
    SCHEMA_RATE,      /* struct config_rate */
    SCHEMA_CHOICE,    /* an enum: the word's place in choices */
    SCHEMA_LIST,      /* struct config_list: separated by commas or line ends */
    SCHEMA_MAILBOXES, /* struct config_list of mailboxes */
    SCHEMA_SCHEDULE,  /* struct config_schedule */
    SCHEMA_CADENCES,  /* unsigned */
    SCHEMA_WINDOW,    /* int, and an int at offset2 */
    SCHEMA_LISTEN,    /* const char *, and an int at offset2 */
    SCHEMA_LATER      /* nothing: resolved by config_link */
};

struct schema_key {
    const char *name;
    enum schema_type type;
    size_t offset, offset2; /* in the section's struct */
    const char *fallback;   /* the default, written as in the file; NULL: absent (all bytes 0) */
    bool required;
    int64_t min, max;    /* INT, DURATION(S), SIZE */
    const char *choices; /* CHOICE: the words, separated by '|', in the enum's order */
};

struct schema_section {
    const char *name;  /* "relay" */
    bool plain, named; /* may be written [relay], may be written [relay.NAME] */
    size_t size;       /* of its struct, which begins with int line and, when named, const char *name */
    const struct schema_key *keys;
    size_t keys_n;
};

enum schema_id {
    SCHEMA_SITE,
    SCHEMA_DATABASE,
    SCHEMA_QUEUE,
    SCHEMA_RELAY,
    SCHEMA_PACE, /* keys are domains, values rates: it has no keys here */
    SCHEMA_DKIM,
    SCHEMA_NEWSLETTER,
    SCHEMA_SOURCE,
    SCHEMA_BOUNCE,
    SCHEMA_WEB,
    SCHEMA_SECTIONS
};

/* By enum schema_id. */
extern const struct schema_section schema_sections[SCHEMA_SECTIONS];

#endif
