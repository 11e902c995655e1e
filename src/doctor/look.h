/* What readers see of a newsletter beside its articles: its fixed words in their languages, its logo. */
#ifndef DOCTOR_LOOK_H
#define DOCTOR_LOOK_H

#include "dispatch/site.h"
#include "doctor/check.h"

/* Which languages readers have in which words are missing. */
void look_check_words(struct site *site, void (*say)(void *ctx, const struct check_result *r), void *ctx);
/* Which templates of the site's own are broken, used or not. */
void look_check_templates(const struct config *c, void (*say)(void *ctx, const struct check_result *r), void *ctx);
/* Whether the logos that are files can be shown. */
void look_check_logos(const struct config *c, void (*say)(void *ctx, const struct check_result *r), void *ctx);

#endif
