/* Importing a list of people that the administrator has as a file: CSV in any of its kinds, or JSON. The file is read
 * and judged first, into a file of our own that has no name; then all of it is taken in by one transaction, so that an
 * import that is cut short leaves nothing, and nobody waits for the database while a file is read. */
#ifndef SOURCE_INTAKE_H
#define SOURCE_INTAKE_H

#include "base/arena.h"
#include "config/config.h"
#include "source/heading.h"
#include "store/roll.h"

enum { INTAKE_ERRORS_MAX = 1000, INTAKE_NEAR_MAX = 20 };

struct intake_options {
    int fd;                 /* of the file; borrowed */
    const char *newsletter; /* whose readers they become where the file doesn't say; NULL: none's */
    const char *const *maps;
    size_t maps_n;
    const char *encoding; /* NULL: found out */
    char separator;       /* 0: found out */
    bool dry;             /* take all back in the end */
    bool check_mx;        /* refuse addresses of domains that take no mail; what they are is read and asked first */
    const char *rejects;  /* where rows that can't be taken go, with their reasons, mode 0600; NULL: nowhere */
    struct roll_options roll;
    /* Called now and then with how much is done; may be NULL. */
    void (*progress)(void *ctx, bool reading, int64_t done, int64_t of);
    void *ctx;
    /* Called when the file was read and before anything is taken in, with how many rows will be; what is not OK ends
     * it, and nothing was taken in. May be NULL. */
    enum status (*agree)(void *ctx, int64_t rows, struct error *err);
};

struct intake_report {
    struct arena *arena; /* owns the rest */
    int64_t added, updated, unchanged, refused;
    int64_t stays;  /* of the unchanged or updated: they left, and stay away */
    int64_t erased; /* of the refused: they asked to be erased */
    struct intake_error {
        int64_t line;
        struct str reason;
    } * errors;
    size_t errors_n;         /* at most INTAKE_ERRORS_MAX */
    bool rejected;           /* the file of rejects was written */
    const struct str *notes; /* what else one should know: "3 rows with a language that is none; taken without" */
    size_t notes_n;
    bool json;
    const char *encoding;
    char separator;
    struct heading_column *columns; /* of CSV */
    size_t columns_n;
};

/* *out is to be given to intake_report_release in any case. ERR_DATA: the file as a whole can't be used (no column with
 * addresses, no JSON), ERR_USAGE: the options don't fit it, ERR_NOINPUT, ERR_CANTCREATE, ERR_IO, ERR_TEMP: SIGTERM
 * asked to stop, or the database is locked, ERR_UNAVAILABLE: check_mx without c-ares. Nothing was taken in then. */
enum status intake_run(struct store *s, const struct config *c, const struct intake_options *o,
                       struct intake_report *out, struct error *err);
void intake_report_release(struct intake_report *r);

#endif
