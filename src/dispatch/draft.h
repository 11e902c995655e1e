/* Drafts as the editors get them: the numbers in a letter, and the issue itself as it will look. */
#ifndef DISPATCH_DRAFT_H
#define DISPATCH_DRAFT_H

#include "dispatch/site.h"
#include "queue/issue.h"

/* Mails both to each of N's editors (to [site] alarm_to when there is none): readers, renditions, size, articles with
 * their ids, what is not as it should be, links that lead nowhere, and how to approve, change or drop it. */
enum status draft_mail(struct site *s, const struct config_newsletter *n, const struct issue_row *issue,
                       struct error *err);

enum draft_news { DRAFT_REMINDER, DRAFT_GOES, DRAFT_SKIPPED };
/* Tells them what becomes of it. */
enum status draft_tell(struct site *s, const struct config_newsletter *n, const struct issue_row *issue,
                       enum draft_news news, struct error *err);

#endif
