/* What one value alone doesn't show: names that refer to sections, keys that need each other, defaults made of
 * others.*/
#ifndef CONFIG_LINK_H
#define CONFIG_LINK_H

#include "config/assign.h"

/* Completes C, whose sections are assigned, and reports what doesn't fit together. The sections are those of RAW. */
void link_config(const struct assign *as, const struct raw *raw, struct config *c, struct config_relay *relays,
                 struct config_newsletter *newsletters, struct config_source *sources);

#endif
