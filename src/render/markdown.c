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

static bool is_blank(struct str line) {
    return str_trim(line).len == 0;
}

/* How many blanks LINE begins with; 4 or more make it code. */
static size_t indent_of(struct str line) {
    size_t n = 0;
    while (n < line.len && line.ptr[n] == ' ')
        n++;
    return n;
}

/* How many cells a table's row has. */
static size_t cells_of(struct str line) {
    struct str row = str_trim(line);
    size_t n = 1;
    for (size_t i = 0; i < row.len; i++) {
        bool escaped = i > 0 && row.ptr[i - 1] == '\\';
        n += row.ptr[i] == '|' && !escaped && i > 0 && i + 1 < row.len;
    }
    return n;
}

/* Whether LINE may stand under a table's headers: "|:-|--|". */
static bool is_delimiter(struct str line) {
    struct str row = str_trim(line);
    bool bar = false, dash = false;
    for (size_t i = 0; i < row.len; i++) {
        char before = i > 0 ? row.ptr[i - 1] : '|', after = i + 1 < row.len ? row.ptr[i + 1] : '|';
        if (!row.ptr[i] || !strchr("|:- ", row.ptr[i]) || (row.ptr[i] == ':' && before != '-' && after != '-') ||
            (row.ptr[i] == ' ' && strchr("-:", before) && !strchr(" |", after)))
            return false;
        bar |= row.ptr[i] == '|';
        dash |= row.ptr[i] == '-';
    }
    return bar && dash && indent_of(line) < 4;
}

/* Follows fenced code; true while LINE is in it. */
static bool in_fence(struct str line, char *fence, size_t *length) {
    struct str rest = str_sub(line, indent_of(line), line.len);
    size_t n = 0;
    while (n < rest.len && (rest.ptr[0] == '`' || rest.ptr[0] == '~') && rest.ptr[n] == rest.ptr[0])
        n++;
    if (*fence) {
        bool ends = n >= *length && rest.ptr[0] == *fence && is_blank(str_sub(rest, n, rest.len));
        *fence = ends ? 0 : *fence;
        return true;
    }
    if (n < 3 || indent_of(line) > 3)
        return false;
    *fence = rest.ptr[0];
    *length = n;
    return true;
}

/* Appends MD with the tables that many write and md4c 0.4.8 doesn't take for such: it wants three signs under each
 * header, and an empty line before the table. */
static void mend_tables(struct str md, struct buf *out) {
    struct str rest = md, line, before = STR_NONE; /* the line before, not written yet */
    bool table = false, paragraph = false;         /* BEFORE is in one; a text goes on to it */
    char fence = 0;
    size_t length = 0;
    for (bool any = false; str_split(&rest, '\n', &line); any = true) {
        bool code = in_fence(line, &fence, &length);
        bool header = !code && !table && is_delimiter(line) && str_find(before, '|', 0) < before.len &&
                      indent_of(before) < 4 && cells_of(before) == cells_of(line);
        if (any) {
            if (header && paragraph)
                buf_addc(out, '\n');
            buf_add(out, before);
            buf_addc(out, '\n');
        }
        paragraph = !code && !is_blank(before);
        table = !code && (header || (table && !is_blank(line)));
        before = line;
        if (header) { /* written now, since nothing is to come between */
            for (size_t i = 0; i < line.len; i++) {
                size_t n = 0;
                while (i + n < line.len && line.ptr[i + n] == '-')
                    n++;
                buf_add(out, n ? str_sub(line, i, i + n) : str_sub(line, i, i + 1));
                for (size_t k = n; n && k < 3; k++)
                    buf_addc(out, '-');
                i += n ? n - 1 : 0;
            }
            before = STR("");
        }
    }
    buf_add(out, before);
}

enum status markdown_to_html(struct str md, struct buf *out, struct error *err) {
    struct sink sink = {out, out->len, false};
    enum status status = OK;
    if (md.len > MARKDOWN_INPUT_MAX)
        return error_set(err, ERR_DATA, "the Markdown is larger than %d KiB", MARKDOWN_INPUT_MAX / 1024);
    struct buf mended = BUF_INIT;
    mend_tables(md.ptr ? md : STR(""), &mended);
    unsigned flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_PERMISSIVEAUTOLINKS;
    if (mended.failed ||
        md_html(buf_cstr(&mended), (MD_SIZE)mended.len, take, &sink, flags, MD_HTML_FLAG_SKIP_UTF8_BOM) != 0)
        status = error_set(err, ERR_OS, "no memory to read Markdown");
    else if (sink.full)
        status = error_set(err, ERR_DATA, "the Markdown makes more than %d KiB of HTML", CLEAN_INPUT_MAX / 1024);
    else if (out->failed)
        status = error_set(err, ERR_OS, "no memory to read Markdown");
    buf_release(&mended);
    if (status != OK)
        buf_truncate(out, sink.start);
    return status;
}
