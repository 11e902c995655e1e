/* From the text of a value to the field of a struct, as the schema's table says. */
#ifndef CONFIG_ASSIGN_H
#define CONFIG_ASSIGN_H

#include "config/raw.h"
#include "config/schema.h"

struct assign {
    struct arena *arena; /* owns what is made */
    struct report *report;
    const char *folder; /* where relative paths start */
};

/* Fills TARGET, a zeroed struct of the section described by SCHEMA, from RAW (NULL: the section is not in the file):
 * defaults, then what is given; `line` and, for a named section, `name` (what follows the point, "" without one).
 * Whatever is wrong goes to the report, the field then has its default. Missing required keys are named only when the
 * section is there. */
void assign_section(const struct assign *as, const struct schema_section *schema, const struct raw_section *raw,
                    void *target);

/* The value of one pace line. */
void assign_pace(const struct assign *as, const struct raw_entry *e, struct config_pace *out);

/* PATH from FOLDER, in the arena; an absolute one stays as it is. */
const char *assign_path(const struct assign *as, struct str path);

/* Splits at commas and line ends, trims, drops empty items. */
struct config_list assign_list(const struct assign *as, struct str s);

/* ASCII letters made small, in the arena. */
const char *assign_lower(const struct assign *as, struct str s);

#endif
