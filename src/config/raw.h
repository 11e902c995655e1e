/* The INI file as sections, keys and values with their lines; what they mean is not known here. */
#ifndef CONFIG_RAW_H
#define CONFIG_RAW_H

#include "config/report.h"

struct arena;

/* The longest line taken, its end not counted, and the longest name of a section or key. */
enum { RAW_LINE_MAX = 65536 + 64, RAW_NAME_MAX = 49 };

struct raw_entry {
    const char *key;
    const char *value; /* trimmed; lines of a multi-line value joined by '\n' */
    int line;          /* the key's */
    const char *where; /* "FILE:LINE" */
    struct raw_entry *next;
};

struct raw_section {
    const char *name;
    int line;
    const char *where;         /* "FILE:LINE" */
    struct raw_entry *entries; /* in the file's order */
    struct raw_section *next;
};

struct raw {
    struct raw_section *sections; /* in the file's order, no name twice */
};

/* Reads TEXT, the content of an INI file, into *out; all memory is from A. Whatever is wrong is added to REPORT, and
 * what could be read is there nevertheless. The file is UTF-8, a byte order mark and CRLF are taken. "; comment" at a
 * line's beginning or after white space is dropped on every line, "# comment" at a line's beginning only. An indented
 * line after a key goes on with its value. */
void raw_read(struct str text, struct arena *a, struct report *report, struct raw *out);

/* The same of a file without sections: its keys are in one whose name is empty. */
void raw_read_flat(struct str text, struct arena *a, struct report *report, struct raw *out);

/* The entry of KEY in S, or NULL; S may be NULL. */
const struct raw_entry *raw_entry(const struct raw_section *s, const char *key);
/* The section NAME, or NULL. */
const struct raw_section *raw_section(const struct raw *raw, const char *name);

#endif
