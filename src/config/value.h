/* What values look like: each function takes a trimmed value and says whether it is one of its kind. On false the
 * result is untouched or to be ignored. */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "config/config.h"

/* Decimal digits, up to 10^15. */
bool value_int(struct str s, int64_t *out);
/* yes no true false on off, in any case. */
bool value_bool(struct str s, bool *out);
/* A number and s, m, h or d: "90s"; "0" alone too. At most 100 years. Seconds. */
bool value_duration(struct str s, int64_t *out);
/* A number, or one with K, M or G (1024 based): "64K". At most 1 TiB. */
bool value_size(struct str s, size_t *out);
/* "100/s 2000/h", separated by blanks or commas; s, m, h, d; each period once; counts from 1 to 10^9. Empty: no limit.
 */
bool value_rate(struct str s, struct config_rate *out);
/* "HH:MM" (or H:MM), 0:00 to 23:59; 24:00 where END is true. Minutes after midnight. */
bool value_time(struct str s, bool end, int *out);
/* "07:00-21:00"; both ends differ. */
bool value_window(struct str s, int *from, int *to);
/* daily HH:MM | weekly DAY[,DAY] HH:MM | monthly N HH:MM | immediately | manual, in any case; English day names of
 * three letters or in full. */
bool value_schedule(struct str s, struct config_schedule *out);
/* Comma-separated words out of daily, weekly, monthly; CONFIG_CADENCE bits. */
bool value_cadences(struct str s, unsigned *out);
/* YYYY-MM-DD with or without THH:MM[:SS] (T or a blank) and, behind that, Z or +HH:MM or -HH:MM. */
bool value_date(struct str s);
/* #rgb, #rrggbb or a name that CSS knows. */
bool value_colour(struct str s);
/* A domain name of letters, digits, hyphens and dots (RFC 1123; underscores taken), at most 253 bytes. */
bool value_domain(struct str s);
/* An IPv4 or IPv6 address, without brackets. */
bool value_address(struct str s);
/* local@domain, roughly: one '@' at least, no blanks or angle brackets. */
bool value_mailbox(struct str s);
/* localhost, *.localhost, 127.0.0.0/8, ::1. */
bool value_is_loopback(struct str host);

struct value_url {
    struct str scheme; /* as given */
    struct str host;   /* a domain or an address, without brackets */
    bool is_address;
    struct str port; /* digits, or absent */
    struct str path; /* from the slash on, or empty; with query and fragment */
};

/* scheme://host[:port][/path] without user, blanks, quotes or angle brackets (RFC 3986, hosts in ASCII). The parts are
 * slices of S. */
bool value_url(struct str s, struct value_url *out);
/* "host:port", "[v6]:port"; port from 1 to 65535. */
bool value_listen(struct str s, struct str *host, int *port);

#endif
