// modules: base text
/* Times and zone names: no crash, and what is taken is printed so that it is taken again. */
#include <stdint.h>
#include <stdlib.h>

#include "text/moment.h"
#include "text/moment_loose.h"
#include "text/tzfile.h"
#include "text/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str in = {(const char *)data, size};
    struct error err;
    struct zone *z = NULL;
    int64_t t = 0, u = 0;
    char iso[MOMENT_ISO_SIZE];

    if (moment_parse(in, NULL, &t, &err) == OK) {
        moment_iso(t, iso);
        if (moment_parse(str_from(iso), NULL, &u, &err) != OK || u != t) {
            abort();
        }
    }
    if (moment_parse_mail(in, &t, &err) == OK) {
        moment_iso(t, iso);
        if (moment_parse(str_from(iso), NULL, &u, &err) != OK || u != t) {
            abort();
        }
    }
    if (moment_parse_loose(in, NULL, &t, &err) == OK) {
        moment_iso(t, iso);
        if (moment_parse_loose(str_from(iso), NULL, &u, &err) != OK || u != t) {
            abort();
        }
    }
    if (zone_open(in, &z, &err) == OK) {
        struct civil c;
        zone_civil(z, t, &c);
        if (!civil_is_valid(&c)) {
            abort();
        }
        (void)zone_unix(z, &c);
    }
    zone_close(z);
    struct tzfile *f = NULL;
    if (tzfile_parse(in, &f, &err) == OK) {
        (void)tzfile_offset(f, 0);
        (void)tzfile_offset(f, t);
        (void)tzfile_offset(f, 4000000000);
    }
    tzfile_free(f);
    return 0;
}
