/* Mustache templates (the public specification with inheritance and dynamic names, without lambdas: a template cannot
 * run code). A template is compiled once, then rendered against JSON data by mustache_render.h and judged by
 * mustache_check.h. */
#ifndef RENDER_MUSTACHE_H
#define RENDER_MUSTACHE_H

#include "base/status.h"
#include "base/str.h"

#include <stddef.h>

/* What a template makes, and so how {{name}} is escaped. */
enum mustache_kind {
    MUSTACHE_TEXT, /* plain text: nothing is escaped */
    MUSTACHE_HTML, /* HTML: escaped by where the tag stands, see below */
    MUSTACHE_SPEC  /* the specification to the letter, for its tests: & < > " ' are escaped wherever the tag stands,
                      {{{name}}} is free, line ends stay as they are */
};

/* MUSTACHE_HTML in detail. The compiler follows the literal parts through HTML's tokenizer and knows where each tag is:
 *   in text, <title>, <textarea>, a quoted attribute: & < > " ' become character references;
 *   in a quoted attribute that holds a URL (href, src, action ...), at its start: the value must be an absolute http,
 *     https, mailto or cid URL, else "#" stands there (relative ones too: a mail has no base); spaces, controls and
 *     quotes are percent-encoded;
 *   in such an attribute behind literal text or another value: what a URL can't hold is percent-encoded, and behind a
 *     literal ? or # everything but RFC 3986's unreserved characters;
 *   in style="...": a value of letters, digits and # . , % - and space, else nothing.
 * It is an error at compiling, with file and line, to put a value in <style>, <script> and their like, in a comment, in
 * a tag outside quoted values, in an event handler, srcset or srcdoc, or in a URL of script, iframe, frame, object,
 * embed, link or base; to use {{{name}}} or {{&name}} for a name that does not end in "_html", or elsewhere than in
 * text; to put a partial, parent or block elsewhere than in text; to end a section in another place than it began, or
 * the template in another than text. */

struct mustache; /* opaque: a compiled template, immutable; may be shared by threads */

/* Compiles TEXT (UTF-8, any line ends; copied). FILE_NAME (copied) stands in error sentences, which read
 * "FILE:LINE: what is wrong". *out is the caller's, to be given to mustache_free; NULL on failure.
 * ERR_DATA: the template is malformed, or breaks a rule of its kind. */
enum status mustache_compile(struct str text, const char *file_name, enum mustache_kind kind, struct mustache **out,
                             struct error *err);
/* NULL is harmless. */
void mustache_free(struct mustache *t);
/* The name given to mustache_compile; borrowed. */
const char *mustache_file(const struct mustache *t);

/* A name that only the reader's record fills: its full dotted path and the index of its value. */
struct mustache_slot {
    struct str name; /* "reader.name" */
    int slot;
};

/* Finds the template that {{>NAME}} or {{<NAME}} means: *out is borrowed until rendering ends, NULL when there is none
 * (the tag is then empty). A failure (a partial that doesn't compile) ends the rendering with its sentence. */
typedef enum status mustache_partial_fn(void *context, struct str name, const struct mustache **out, struct error *err);

/* What a template is rendered or checked with. All zero is allowed: no partials, no slots, usual limits. */
struct mustache_env {
    mustache_partial_fn *partial; /* NULL: there are none */
    void *context;                /* handed to partial */
    const struct mustache_slot *slots;
    size_t n_slots;
    int max_depth;     /* partials, parents and blocks inside one another; 0: 50 */
    size_t max_output; /* bytes; 0: 16 MiB */
};

#endif
