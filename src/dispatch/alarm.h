/* Alarms: what the administrator must act upon, by mail to [site] alarm_to. They name nobody: readers by number at
 * most. */
#ifndef DISPATCH_ALARM_H
#define DISPATCH_ALARM_H

#include "dispatch/run.h"

/* Says SENTENCE to the run's note (O may be NULL) and queues a mail with it; the next delivery takes it along. ABOUT
 * names what it is about ("relay main"): the same is said once a day at most. Without alarm_to nothing is mailed. What
 * can't be queued is logged: an alarm stops nothing.
 */
void alarm_raise(struct site *s, const struct run_options *o, const char *about, const char *sentence);

#endif
