/* Calendar arithmetic without time zones: the proleptic Gregorian calendar of ISO 8601. */
#ifndef TEXT_CIVIL_H
#define TEXT_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

/* A date and time of day as people read them off a wall. */
struct civil {
    int year;    /* 1 to 9999 */
    int month;   /* 1 to 12 */
    int day;     /* 1 to 31 */
    int hour;    /* 0 to 23 */
    int minute;  /* 0 to 59 */
    int second;  /* 0 to 59 */
    int weekday; /* 0 Monday to 6 Sunday; written, never read */
};

/* The first and last second that any function of this folder works with: years 1 and 9999. */
#define CIVIL_FIRST INT64_C(-62135596800)
#define CIVIL_LAST INT64_C(253402300799)

/* Seconds since 1970 UTC of C taken as UTC. Fields beyond their range carry over (day 32 is the next month's, month 13
 * the next year's January, minute -5 the hour before's), which is how to add and subtract. The result is clipped to
 * CIVIL_FIRST to CIVIL_LAST. */
int64_t civil_to_unix(const struct civil *c);
/* The reverse, in UTC, weekday included; T is clipped likewise. */
void civil_from_unix(int64_t t, struct civil *out);
/* Brings every field into its range and sets the weekday. */
void civil_normalise(struct civil *c);
/* Whether every field (but the weekday, which is not looked at) is in its range and the day exists. */
bool civil_is_valid(const struct civil *c);
/* 28 to 31; MONTH is 1 to 12. */
int civil_days_in_month(int year, int month);

#endif
