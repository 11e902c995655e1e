/* The secret file: 32 random bytes that all keys are derived from. It is kept apart from databases and backups. */
#ifndef CRYPTO_SECRET_H
#define CRYPTO_SECRET_H

#include "base/status.h"

#include <stdint.h>

#define SECRET_SIZE 32

struct secret {
    uint8_t key[SECRET_SIZE];
};

/* Makes the file PATH with a new secret: 64 hexadecimal digits and a line end, mode 0600, on disk before this returns.
 * Created by root in another user's folder it belongs to that folder's owner. Fails with ERR_CANTCREATE when something
 * of that name is there (it is left alone) or it can't be made, ERR_IO when it can't be written (nothing is left then).
 */
enum status secret_create(const char *path, struct error *err);

/* Reads PATH into *out. ERR_NOINPUT when it can't be read, ERR_NOPERM when group or others may read or write it,
 * ERR_CONFIG when it is no regular file or does not hold 64 hexadecimal digits and at most one line end. On failure
 * *out is zeroed. */
enum status secret_load(const char *path, struct secret *out, struct error *err);

/* Wipes *s. */
void secret_wipe(struct secret *s);

#endif
