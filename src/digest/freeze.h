/* Freezing: what an issue is made of, as bytes that no later change reaches. */
#ifndef DIGEST_FREEZE_H
#define DIGEST_FREEZE_H

#include "config/config.h"
#include "digest/edits.h"
#include "queue/issue.h"
#include "store/article.h"

/* The inputs of an issue of N with ARTICLES, frozen into the arena. ISSUE has number, due_at and built_at and gets its
 * subject and how many articles it has. EDITS (NULL: none) are what an editor changed. With FETCH its pictures are got,
 * if the newsletter embeds them. ERR_CONFIG when a template of the site's own can't be read or compiled. */
enum status edition_freeze(const struct config *c, const struct config_newsletter *n, struct store *store,
                           const struct article_row *articles, size_t articles_n, const struct edits *edits, bool fetch,
                           struct issue_row *issue, struct arena *a, struct issue_input **inputs, size_t *inputs_n,
                           struct error *err);

#endif
