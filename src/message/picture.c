#include "message/picture.h"

#include "base/buf.h"
#include "crypto/hash.h"
#include "mime/encode.h"

#include <stdatomic.h>
#include <stdlib.h>

struct message_picture {
    atomic_int refs;
    struct buf id, type, part;
    size_t header; /* bytes of the part before the base64 */
    uint8_t hash[HASH_SIZE];
};

enum status message_picture_new(struct str id, struct str type, struct str bytes, struct message_picture **out,
                                struct error *err) {
    const char *ending = str_eq(type, STR("image/png")) ? "png" : "jpg";
    struct message_picture *p = calloc(1, sizeof *p);
    *out = NULL;
    if (!p) {
        return error_set(err, ERR_OS, "out of memory");
    }
    atomic_init(&p->refs, 1);
    buf_add(&p->id, id);
    buf_add(&p->type, type);
    buf_addf(&p->part,
             "Content-Type: %.*s\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <%.*s>\r\n"
             "Content-Disposition: inline; filename=\"%.*s.%s\"\r\n\r\n",
             STR_ARG(type), STR_ARG(id), STR_ARG(str_sub(id, 0, str_find(id, '@', 0))), ending);
    p->header = p->part.len;
    encode_base64(bytes, &p->part);
    if (p->id.failed || p->type.failed || p->part.failed) {
        message_picture_free(p);
        return error_set(err, ERR_OS, "out of memory");
    }
    hash_of(p->part.ptr, p->part.len, p->hash);
    *out = p;
    return OK;
}

struct message_picture *message_picture_ref(struct message_picture *p) {
    (void)atomic_fetch_add(&p->refs, 1);
    return p;
}

void message_picture_free(struct message_picture *p) {
    if (p && atomic_fetch_sub(&p->refs, 1) == 1) {
        buf_release(&p->id);
        buf_release(&p->type);
        buf_release(&p->part);
        free(p);
    }
}

struct str message_picture_part(const struct message_picture *p) {
    return buf_str(&p->part);
}

struct str message_picture_id(const struct message_picture *p) {
    return buf_str(&p->id);
}

struct str message_picture_type(const struct message_picture *p) {
    return buf_str(&p->type);
}

struct str message_picture_base64(const struct message_picture *p) {
    return str_sub(buf_str(&p->part), p->header, p->part.len);
}

void message_picture_hash(const struct message_picture *p, uint8_t out[32]) {
    memcpy(out, p->hash, HASH_SIZE);
}
