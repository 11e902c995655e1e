/* The part of `courant check` that looks at what mail leaves with: signing keys and relays. */
#ifndef DOCTOR_WIRE_H
#define DOCTOR_WIRE_H

#include "config/config.h"
#include "doctor/check.h"

/* Each [dkim] section's key files: private keys of a kind that signs, readable by us and by nobody else. */
void wire_check_keys(const struct config *c, void (*say)(void *ctx, const struct check_result *r), void *ctx);
/* Connects to each relay, with TLS and AUTH as configured, and leaves again. */
void wire_check_relays(const struct config *c, void (*say)(void *ctx, const struct check_result *r), void *ctx);

#endif
