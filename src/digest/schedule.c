#include "digest/schedule.h"

static const char *const names[] = {"daily", "weekly", "monthly", "immediately", "manual"};

const char *schedule_cadence_name(enum config_schedule_kind k) {
    return names[k];
}

/* Whether CADENCE is due on the day C. */
static bool on_day(const struct config_schedule *s, enum config_schedule_kind cadence, const struct civil *c) {
    switch (cadence) {
    case CONFIG_SCHEDULE_DAILY:
        return true;
    case CONFIG_SCHEDULE_WEEKLY:
        if (s->kind == CONFIG_SCHEDULE_WEEKLY) {
            return (s->weekdays >> c->weekday) & 1;
        }
        return c->weekday == 0;
    case CONFIG_SCHEDULE_MONTHLY: {
        int day = s->kind == CONFIG_SCHEDULE_MONTHLY ? s->month_day : 1;
        int last = civil_days_in_month(c->year, c->month);
        return c->day == (day > last ? last : day);
    }
    case CONFIG_SCHEDULE_IMMEDIATELY:
    case CONFIG_SCHEDULE_MANUAL:
        break;
    }
    return false;
}

/* Walks day by day from NOW's in direction STEP until one fits; every cadence has a day within two months. */
static int64_t walk(const struct config_schedule *s, enum config_schedule_kind cadence, struct zone *zone, int64_t now,
                    int step) {
    struct civil today;
    zone_civil(zone, now, &today);
    for (int i = 0; i <= 62; i++) {
        struct civil c = {.year = today.year, .month = today.month, .day = today.day + i * step, .minute = s->minute};
        struct civil day = {.year = today.year, .month = today.month, .day = today.day + i * step};
        civil_normalise(&day);
        if (on_day(s, cadence, &day)) {
            int64_t t = zone_unix(zone, &c);
            if (step < 0 ? t <= now : t > now) {
                return t;
            }
        }
    }
    return 0;
}

int64_t schedule_last_due(const struct config_schedule *s, enum config_schedule_kind cadence, struct zone *zone,
                          int64_t now) {
    return walk(s, cadence, zone, now, -1);
}

int64_t schedule_next_due(const struct config_schedule *s, enum config_schedule_kind cadence, struct zone *zone,
                          int64_t now) {
    return walk(s, cadence, zone, now, 1);
}

int64_t schedule_local(struct zone *zone, struct zone *local, int64_t t) {
    struct civil c;
    zone_civil(zone, t, &c);
    return zone_unix(local, &c);
}

int64_t schedule_period_before(const struct config_schedule *s, struct zone *zone, int64_t t) {
    struct civil c;
    zone_civil(zone, t, &c);
    switch (s->kind) {
    case CONFIG_SCHEDULE_DAILY:
        c.day -= 1;
        break;
    case CONFIG_SCHEDULE_WEEKLY:
        c.day -= 7;
        break;
    case CONFIG_SCHEDULE_MONTHLY: {
        struct civil month = {.year = c.year, .month = c.month - 1, .day = 1};
        civil_normalise(&month);
        int last = civil_days_in_month(month.year, month.month);
        c.year = month.year;
        c.month = month.month;
        c.day = c.day > last ? last : c.day;
        break;
    }
    case CONFIG_SCHEDULE_IMMEDIATELY:
    case CONFIG_SCHEDULE_MANUAL:
        return t;
    }
    return zone_unix(zone, &c);
}
