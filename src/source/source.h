/* Importing articles and people from a source. */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/str.h"
#include "config/config.h"
#include "crypto/hash.h"
#include "store/import_state.h"

#include <stdbool.h>
#include <stdint.h>

struct source_options {
    bool accept;           /* apply what would be held */
    bool always;           /* read though nothing changed since the last sync */
    int64_t last_issue_at; /* when the last issue was built: many articles older than that are held; 0: there is none */
    const struct hash_key *erased_key; /* suppression_erased_key's; NULL: erased addresses are not looked for */
    int64_t patience_s;                /* how long a query may run without giving a row; 0: 60 s */
};

/* Rows by what became of them. When the sync was held, `added`, `changed` and `removed` are 0: nothing was applied. */
struct source_counts {
    int64_t added; /* "new" in JSON */
    int64_t changed, unchanged, refused;
    int64_t duplicate; /* people: another row of the sync has that address */
    int64_t removed;   /* people removed-by-source; articles withdrawn */
};

struct source_refusal {
    enum import_kind kind;
    struct str id, reason;
    bool fresh; /* new, or row or reason changed since the last sync: what run reports */
};

#define SOURCE_REFUSALS_MAX 10000

struct source_report {
    bool read; /* false: nothing had changed, so nothing was read */
    struct source_counts articles, people;
    struct source_refusal *refused; /* the first SOURCE_REFUSALS_MAX; all of them: import_refused_list */
    size_t refused_n;
    int64_t fresh;           /* how many of all are fresh */
    struct str held;         /* why nothing was applied, a sentence; absent: it was */
    bool held_anew;          /* it was not held for that reason before: time for an alarm */
    const struct str *notes; /* sentences about what was ignored: unknown columns, values not understood */
    size_t notes_n;
    int64_t retry_after_s; /* it failed, and its server wants to be left alone so long; 0: it says nothing */
    struct arena *arena;   /* owns all of it */
};

/* Syncs SOURCE into S in one transaction, people before articles; DESIGN.md's rules. A failing query, an unreadable
 * file, an error of ours change nothing. *out (uninitialised) is the caller's in any case, for source_report_release.
 * OK, also when held (out->held) or when nothing was read. ERR_DATA: a query failed, is no SELECT or lacks a column;
 * ERR_NOINPUT: the source can't be read; ERR_UNAVAILABLE: a type this program can't read; ERR_IO, ERR_TEMP: courant.db.
 * The sentence names the source. No transaction may be under way on S. */
enum status source_sync(struct store *s, const struct config *c, const struct config_source *source,
                        const struct clock *clock, const struct source_options *o, struct source_report *out,
                        struct error *err);
/* Gives the report's memory back; harmless when called twice. */
void source_report_release(struct source_report *r);

/* Opens SOURCE and tries its queries, or reads it, without taking anything in: what `courant check` asks. *found, of A:
 * what is there, in words; absent where that isn't known. */
enum status source_check(const struct config *c, const struct config_source *source, struct arena *a, struct str *found,
                         struct error *err);

#endif
