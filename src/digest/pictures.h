/* An issue's pictures: fetched once, when it is built, made small, and frozen with it. */
#ifndef DIGEST_PICTURES_H
#define DIGEST_PICTURES_H

#include "config/config.h"
#include "queue/issue.h"
#include "store/article.h"

enum { PICTURES_MAX = 200 }; /* an issue */

/* The name of the logo's input: no article's picture has it, which are named by their addresses. */
#define LOGO_INPUT "logo"

struct pictures; /* opaque: what was fetched so far for one issue */

/* *out is to be given to pictures_free. Nothing is fetched unless N has images = embed. */
enum status pictures_new(const struct config *c, const struct config_newsletter *n, struct arena *a,
                         struct pictures **out, struct error *err);
/* NULL is harmless. */
void pictures_free(struct pictures *p);

/* Fetches what article X shows: its picture and, where whole bodies are sent, the ones in its body. What can't be had
 * is left out, with one warning in the log that names article, host and reason. ERR_TEMP when SIGTERM came. */
enum status pictures_add(struct pictures *p, const struct article *x, struct error *err);

/* The same for the newsletter's logo, unless it has none, shows no pictures, or links to it: a file is read, and
 * carried also where pictures are linked. Its input is named LOGO_INPUT. */
enum status pictures_add_logo(struct pictures *p, struct error *err);

/* The inputs (ISSUE_PICTURE) made so far, in the arena. */
void pictures_inputs(const struct pictures *p, struct issue_input **inputs, size_t *n);

/* What a frozen picture holds, borrowed from IN. False: it is malformed. */
struct picture_frozen {
    struct str url, type, bytes;
    int width, height;
};
bool pictures_read(const struct issue_input *in, struct picture_frozen *out);

#endif
