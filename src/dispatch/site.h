/* A site that is open for work: configuration, clock, both databases, keys. Commands open it, the stages use it. */
#ifndef DISPATCH_SITE_H
#define DISPATCH_SITE_H

#include "base/clock.h"
#include "base/random.h"
#include "config/config.h"
#include "crypto/hash.h"
#include "crypto/token.h"
#include "message/signing_key.h"
#include "queue/queue.h"
#include "store/store.h"
#include "text/zone.h"

struct site {
    const struct config *config; /* borrowed */
    struct clock clock;
    bool force;     /* --force */
    char actor[96]; /* who stands in the audit log: "admin NAME", a system user; "admin" where that is unknown */
    struct store *store;
    struct queue *queue;
    struct token_keys *tokens;   /* NULL without SITE_KEYS */
    struct hash_key *erased_key; /* likewise: recognises erased addresses */
    struct signing_keys signing; /* empty before site_load_signing */
    bool signing_loaded;
    struct zone *zone; /* [site] timezone; one thread at a time */
    struct random random;
};

enum site_need {
    SITE_READ = 0,  /* both databases for reading */
    SITE_WRITE = 1, /* both for writing */
    SITE_KEYS = 2   /* the secret file too */
};

/* Opens what NEED says. ERR_NOINPUT with a sentence that says to run `courant init` when something is not there;
 * ERR_NOPERM when others may read a database. *out is to be given to site_close. */
enum status site_open(const struct config *config, const struct clock *clock, unsigned need, struct site **out,
                      struct error *err);
/* Reads the DKIM keys, once, and before the site is given to other threads; those that can't be used stay as such, and
 * no message that needs them is made. Fails with ERR_OS alone. */
enum status site_load_signing(struct site *s, struct error *err);
/* Closes; NULL is harmless. Checkpoints a WAL that has grown large. */
void site_close(struct site *s);

/* `courant init`: makes the folder of the queue (0700), the secret, both databases (their pair's id, identity), the
 * journal and the pair's third file, where they are absent, and notes each newsletter of the configuration as
 * configured now. What is there already stays as it is. MADE (may be NULL) gets a line for each thing that was made.
 * Running it again does nothing. */
enum status site_init(const struct config *config, const struct clock *clock, struct buf *made, struct error *err);

/* Before anything is done to the site: refuses (ERR_TEMP, with a sentence) a copy or a backup that nobody adopted, and
 * a calendar time more than an hour before the latest one acted on; else stores this one. `run`, `send`, `issue build`,
 * `issue approve` and `source sync` call it, and no other command. */
enum status site_act(struct site *s, struct error *err);

#endif
