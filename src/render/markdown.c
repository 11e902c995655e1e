#include "render/markdown.h"

#include "render/clean.h"

#include <md4c-html.h>

struct sink {
    struct buf *out;
    size_t start;
    bool full;
};

static void take(const MD_CHAR *text, MD_SIZE len, void *arg) {
    struct sink *s = arg;
    if (s->full || s->out->len - s->start + len > CLEAN_INPUT_MAX)
        s->full = true;
    else
        buf_add(s->out, (struct str){text, len});
}

enum status markdown_to_html(struct str md, struct buf *out, struct error *err) {
    struct sink sink = {out, out->len, false};
    enum status status = OK;
    if (md.len > MARKDOWN_INPUT_MAX)
        return error_set(err, ERR_DATA, "the Markdown is larger than %d KiB", MARKDOWN_INPUT_MAX / 1024);
    unsigned flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_PERMISSIVEAUTOLINKS;
    if (md_html(md.ptr ? md.ptr : "", (MD_SIZE)md.len, take, &sink, flags, MD_HTML_FLAG_SKIP_UTF8_BOM) != 0)
        status = error_set(err, ERR_OS, "no memory to read Markdown");
    else if (sink.full)
        status = error_set(err, ERR_DATA, "the Markdown makes more than %d KiB of HTML", CLEAN_INPUT_MAX / 1024);
    else if (out->failed)
        status = error_set(err, ERR_OS, "no memory to read Markdown");
    if (status != OK)
        buf_truncate(out, sink.start);
    return status;
}
