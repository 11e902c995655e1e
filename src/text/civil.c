#include "text/civil.h"

enum { DAY = 86400, CYCLE_YEARS = 400, CYCLE_DAYS = 146097 };

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

/* Days from 1970-01-01 to the first of MONTH (1 to 12) of YEAR. Years begin in March here, so that the leap day is the
 * last of a year and each month's start is a linear formula. */
static int64_t days_to_month(int64_t year, int64_t month) {
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t cycle = floor_div(y, CYCLE_YEARS);
    int64_t in_cycle = y - cycle * CYCLE_YEARS;
    int64_t from_march = (month + 9) % 12;
    int64_t in_year = (153 * from_march + 2) / 5;
    return cycle * CYCLE_DAYS + in_cycle * 365 + in_cycle / 4 - in_cycle / 100 + in_year - 719468;
}

int64_t civil_to_unix(const struct civil *c) {
    int64_t months = (int64_t)c->year * 12 + c->month - 1;
    int64_t year = floor_div(months, 12);
    int64_t days = days_to_month(year, months - year * 12 + 1) + c->day - 1;
    int64_t t = days * DAY + (int64_t)c->hour * 3600 + (int64_t)c->minute * 60 + c->second;
    return t < CIVIL_FIRST ? CIVIL_FIRST : t > CIVIL_LAST ? CIVIL_LAST : t;
}

void civil_from_unix(int64_t t, struct civil *out) {
    t = t < CIVIL_FIRST ? CIVIL_FIRST : t > CIVIL_LAST ? CIVIL_LAST : t;
    int64_t days = floor_div(t, DAY);
    int second = (int)(t - days * DAY);
    int64_t z = days + 719468; /* days since 0000-03-01 */
    int64_t cycle = floor_div(z, CYCLE_DAYS);
    int64_t in_cycle = z - cycle * CYCLE_DAYS;
    int64_t year = (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / 146096) / 365;
    int64_t in_year = in_cycle - (365 * year + year / 4 - year / 100);
    int64_t from_march = (5 * in_year + 2) / 153;

    out->day = (int)(in_year - (153 * from_march + 2) / 5 + 1);
    out->month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
    out->year = (int)(year + cycle * CYCLE_YEARS + (out->month <= 2));
    out->hour = second / 3600;
    out->minute = second / 60 % 60;
    out->second = second % 60;
    int64_t weekday = (days + 3) % 7; /* 1970-01-01 was a Thursday */
    out->weekday = (int)(weekday < 0 ? weekday + 7 : weekday);
}

void civil_normalise(struct civil *c) {
    civil_from_unix(civil_to_unix(c), c);
}

int civil_days_in_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[(month - 1) % 12];
}

bool civil_is_valid(const struct civil *c) {
    return c->year >= 1 && c->year <= 9999 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
           c->day <= civil_days_in_month(c->year, c->month) && c->hour >= 0 && c->hour <= 23 && c->minute >= 0 &&
           c->minute <= 59 && c->second >= 0 && c->second <= 59;
}
