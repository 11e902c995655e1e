/* An edition: an issue's frozen inputs (settings, templates, articles), and the renditions made of them. Freezing takes
 * what the configuration, the template folder and courant.db say now; everything afterwards is a function of the frozen
 * bytes, so a retry weeks later is the same. */
#ifndef DIGEST_EDITION_H
#define DIGEST_EDITION_H

#include "digest/select.h"
#include "message/compose.h"
#include "queue/issue.h"

struct edition; /* opaque: one thread at a time */

/* An edition of frozen inputs, copied. ROW's strings are copied too. */
enum status edition_new(const struct issue_row *row, const struct issue_input *inputs, size_t n, struct edition **out,
                        struct error *err);
/* The same of an issue in queue.db, REVISION of it (0: the newest). */
enum status edition_load(struct queue *q, int64_t issue, int64_t revision, struct edition **out, struct error *err);
/* NULL is harmless. */
void edition_free(struct edition *e);

/* The rendition for KEY (digest/select.h). DATE is that of the message, seconds. Pure: the same inputs, key and date
 * give the same bytes. *out is the caller's, for message_rendition_free. */
enum status edition_render(struct edition *e, struct str key, int64_t date, struct message_rendition **out,
                           struct error *err);
/* Of the rendition made last: a sentence when its HTML is larger than what every client shows whole, with what is
 * largest and how to cut it; else empty. Borrowed until the next one is made. */
struct str edition_heavy(const struct edition *e);
/* The key of a rendition with all its articles in its own language, in A. */
struct str edition_whole_key(const struct edition *e, struct arena *a);

/* What selection asks of the articles among the frozen INPUTS, in their order, in A. */
enum status edition_select_articles(const struct issue_input *inputs, size_t inputs_n, struct arena *a,
                                    struct select_article **out, size_t *n, struct error *err);

/* Checks the digest's templates, and those they bring in: the names in them, and whether they could be compiled. A
 * sentence for each complaint, in A. */
enum status edition_check(struct edition *e, struct arena *a, struct str **sentences, size_t *n, struct error *err);
/* What its author may have forgotten in the digest's templates, though it is no mistake. How many sentences, in A. */
size_t edition_advice(struct edition *e, struct arena *a, struct str sentences[2]);
/* ERR_DATA with what is wrong when a template is broken that some rendition may use. */
enum status edition_usable(struct edition *e, struct error *err);

#endif
