#include "text/zone.h"

#include "text/tzfile.h"

#include <stdlib.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

enum { NAME_MAX_LEN = 63, DAY = 86400 };

/* One of both is set, neither for UTC. */
struct zone {
    struct tzfile *file;
    UCalendar *calendar;
    char name[NAME_MAX_LEN + 1];
};

static bool is_utc(struct str name) {
    static const char *const names[] = {"Etc/UTC", "UTC", "Etc/GMT", "GMT", "Etc/UCT", "Etc/Zulu", "Etc/Universal"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_eq(name, str_from(names[i]))) {
            return true;
        }
    }
    return false;
}

/* Names of ICU's own from JDK 1.1, not in the tz database. */
static bool is_ambiguous(struct str name) {
    static const char list[] =
        "ACT AET AGT ART AST BET BST CAT CNT CST CTT EAT ECT IET IST JST MIT NET NST PLT PNT PRT "
        "PST SST VST ";
    return name.len == 3 && str_search(STR(list), name, 0) < sizeof list - 1;
}

/* A calendar for NAME, if ICU's copy of the tz database has it. */
static bool open_icu(struct str name, UCalendar **out) {
    UChar u[NAME_MAX_LEN + 1], canonical[128];
    UBool system_id = false;
    UErrorCode code = U_ZERO_ERROR;

    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] <= 0x20 || name.ptr[i] >= 0x7f) {
            return false;
        }
        u[i] = (UChar)name.ptr[i];
    }
    ucal_getCanonicalTimeZoneID(u, (int32_t)name.len, canonical, 128, &system_id, &code);
    if (U_FAILURE(code) || !system_id || is_ambiguous(name) || str_eq(name, STR("Etc/Unknown"))) {
        return false;
    }
    *out = ucal_open(u, (int32_t)name.len, "en@calendar=gregorian", UCAL_GREGORIAN, &code);
    return U_SUCCESS(code);
}

struct zone *zone_open_utc(void) {
    struct zone *z = calloc(1, sizeof *z);
    if (z) {
        memcpy(z->name, "Etc/UTC", sizeof "Etc/UTC");
    }
    return z;
}

enum status zone_open(struct str name, struct zone **out, struct error *err) {
    enum status st = OK;
    struct zone *z = NULL;

    *out = NULL;
    z = zone_open_utc();
    if (!z) {
        st = error_set(err, ERR_OS, "out of memory");
        goto done;
    }
    bool named = name.len > 0 && name.len <= NAME_MAX_LEN;
    if (named) {
        memcpy(z->name, name.ptr, name.len);
        z->name[name.len] = 0;
        named = is_utc(name) || tzfile_open(name, &z->file, NULL) == OK || open_icu(name, &z->calendar);
    }
    if (!named) {
        st = error_set(err, ERR_DATA, "no time zone is called \"%.*s\"; give a name such as Europe/Zurich",
                       (int)(name.len > NAME_MAX_LEN ? NAME_MAX_LEN : name.len), name.ptr ? name.ptr : "");
        goto done;
    }
    *out = z;
    z = NULL;
done:
    zone_close(z);
    return st;
}

void zone_close(struct zone *z) {
    if (z) {
        tzfile_free(z->file);
        ucal_close(z->calendar);
        free(z);
    }
}

const char *zone_name(const struct zone *z) {
    return z->name;
}

int zone_offset(struct zone *z, int64_t t) {
    if (z->file) {
        return tzfile_offset(z->file, t);
    }
    if (!z->calendar) {
        return 0;
    }
    UErrorCode code = U_ZERO_ERROR;
    t = t < CIVIL_FIRST ? CIVIL_FIRST : t > CIVIL_LAST ? CIVIL_LAST : t;
    ucal_setMillis(z->calendar, (double)t * 1000, &code);
    int ms = ucal_get(z->calendar, UCAL_ZONE_OFFSET, &code) + ucal_get(z->calendar, UCAL_DST_OFFSET, &code);
    return U_SUCCESS(code) ? ms / 1000 : 0;
}

void zone_civil(struct zone *z, int64_t t, struct civil *out) {
    t = t < CIVIL_FIRST ? CIVIL_FIRST : t > CIVIL_LAST ? CIVIL_LAST : t;
    civil_from_unix(t + zone_offset(z, t), out);
}

int64_t zone_unix(struct zone *z, const struct civil *c) {
    int64_t wall = civil_to_unix(c); /* as if it were UTC */
    if (!z->file && !z->calendar) {
        return wall;
    }
    /* No offset reaches a day, so these are the offsets before and after a change of the clock that touches C. */
    int before = zone_offset(z, wall - DAY), after = zone_offset(z, wall + DAY);
    int64_t t = wall - before;
    if (zone_offset(z, t) != before) {
        t = wall - after;
        if (zone_offset(z, t) != after) { /* in a gap: look for the moment at which the new offset begins */
            int64_t low = wall - after, high = wall - before;
            while (high - low > 1) {
                int64_t middle = low + (high - low) / 2;
                if (zone_offset(z, middle) == after) {
                    high = middle;
                } else {
                    low = middle;
                }
            }
            t = high;
        }
    }
    return t < CIVIL_FIRST ? CIVIL_FIRST : t > CIVIL_LAST ? CIVIL_LAST : t;
}
