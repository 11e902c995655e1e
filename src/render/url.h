/* Links and picture addresses from untrusted text: only what is harmless in mail comes through. */
#ifndef RENDER_URL_H
#define RENDER_URL_H

#include "base/buf.h"

enum url_kind {
    URL_LINK,   /* http, https, mailto, tel */
    URL_PICTURE /* http, https */
};

/* Appends the absolute, safe form of RAW (entities already decoded) to OUT and returns true; or appends nothing and
 * returns false. A relative reference is resolved against BASE (RFC 3986 section 5; an absolute http or https URL;
 * absent: relative references are refused). Refused are other schemes, control characters anywhere but at the ends,
 * user names in http URLs, invisible characters in a host, what is longer than 4096 bytes. Characters outside ASCII
 * behind the host and characters that break out of an attribute or a plain text are percent-encoded. Cleaning the
 * result again gives the same bytes. */
bool url_clean(struct str raw, struct str base, enum url_kind kind, struct buf *out);

/* The host of a cleaned http or https URL, or the address of a mailto or tel one; borrowed from URL. */
struct str url_host(struct str url);

/* The length of the URL (http:, https:) that begins at S[at], without the punctuation that ends a sentence or closes
 * a bracket opened before it; 0 when none begins there. */
size_t url_at(struct str s, size_t at);

#endif
