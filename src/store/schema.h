/* The schema of courant.db and its migrations. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

/* Element i brings user_version from i to i + 1. Only ever added to: every version that landed can be migrated. */
extern const char *const schema_migrations[];
extern const int schema_version;

#endif
