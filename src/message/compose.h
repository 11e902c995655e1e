/* Composing: a rendition and a reader's data become the bytes of one message (RFC 5322, 2046, 2369, 2919, 8058). */
#ifndef MESSAGE_COMPOSE_H
#define MESSAGE_COMPOSE_H

#include "base/buf.h"
#include "crypto/token.h"
#include "message/dkim.h"
#include "message/picture.h"
#include "mime/body.h"

#include <stdint.h>

/* Values of the open slots, in the order of the slots' indexes. */
enum message_slot {
    SLOT_NAME,
    SLOT_GIVEN_NAME,
    SLOT_ADDRESS,
    SLOT_UNSUBSCRIBE_URL,
    SLOT_UNSUBSCRIBE_MAILTO,
    SLOT_PREFERENCES_URL,
    SLOT_VIEW_URL,
    SLOT_COUNT
};

/* What the messages of a rendition share; strings are borrowed during message_rendition_new. */
struct message_common {
    struct str from_name, from_address, reply_to; /* reply_to: an addr-spec, or absent */
    struct str reply_to_name;                     /* or empty */
    struct str subject;
    struct str date; /* as RFC 5322 wants it */
    struct str list_id;
    struct str archive_url; /* or absent */
    struct str site_url;
    struct str feedback_id;
    struct str hostname;       /* for Message-ID */
    struct str base_url;       /* of the web pages; absent: no https links */
    bool one_click;            /* base_url is https: RFC 8058 */
    struct str bounce_address; /* local@domain; absent: no mailto, and the return path is From */
    bool view;                 /* the issue stands in the archive */
};

struct message_rendition; /* opaque, immutable: used by many threads; counted references */

/* Takes TEXT and HTML (NULL: text alone) over. With PICTURES (shared, not copied; no two with the same id) the HTML is
 * a multipart/related with them (RFC 2387), so that nothing is asked of any server when it is read. *out has one
 * reference. */
enum status message_rendition_new(const struct message_common *c, struct body *text, struct body *html,
                                  struct message_picture *const *pictures, size_t pictures_n,
                                  struct message_rendition **out, struct error *err);
struct message_rendition *message_rendition_ref(struct message_rendition *r);
/* Gives a reference back; NULL is harmless. */
void message_rendition_free(struct message_rendition *r);
/* The domain of From, which says whose keys sign; borrowed from R. */
struct str message_rendition_domain(const struct message_rendition *r);
/* Without the pictures, which are shared. */
size_t message_rendition_memory(const struct message_rendition *r);
/* Over everything that is the same for all readers but the signatures: another hash means another program or other
 * inputs. */
void message_rendition_hash(const struct message_rendition *r, uint8_t out[32]);

/* One reader of one delivery. */
struct message_reader {
    int64_t issue, subscriber, generation;
    struct str address; /* addr-spec as on the wire, ASCII */
    struct str name, given_name;
};

/* The values that the slots of R get for READER, absent or empty where there is none; they lie in SCRATCH. Look at
 * scratch->failed. */
void message_values(const struct message_rendition *r, const struct token_keys *keys,
                    const struct message_reader *reader, struct buf *scratch, struct str values[SLOT_COUNT]);

/* What goes on the wire (head, body, sender, envid), and room to work in; all are cleared first and kept by the caller
 * from message to message. */
struct message_bytes {
    struct buf head, body, sender, envid;
    struct buf personal, scratch;
    struct dkim_signer *signer;
};
void message_bytes_release(struct message_bytes *m);

/* Composes the message of R for READER: head (with its blank line) and body, CRLF throughout, sender (the return path
 * by VERP: bounces+TOKEN@domain) and envid. Signed with each key of SIGNING (NULL: none) that is of From's domain. The
 * same arguments give the same bytes. ERR_OS when memory ran out, ERR_DATA when the address can't stand in a header,
 * and what dkim_sign says. */
enum status message_compose(const struct message_rendition *r, const struct token_keys *keys,
                            const struct signing_keys *signing, const struct message_reader *reader,
                            struct message_bytes *m, struct error *err);

/* The parts decoded, for a preview: UTF-8 with LF. HTML of a text-only rendition is empty; its pictures stand in it as
 * data: addresses, so that a browser shows them. */
enum status message_parts(const struct message_rendition *r, const struct token_keys *keys,
                          const struct message_reader *reader, bool html, struct buf *out, struct error *err);

#endif
