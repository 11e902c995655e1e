#include "render/article.h"

#include "render/markdown.h"
#include "render/tags.h"
#include "render/textbody.h"
#include "text/breaks.h"
#include "text/summary.h"

enum status article_body_html(struct str body, enum article_format format, const struct clean_options *o,
                              struct buf *out, struct error *err) {
    struct buf html = BUF_INIT;
    enum status status = OK;
    if (format == ARTICLE_MARKDOWN) {
        status = markdown_to_html(body, &html, err);
        body = buf_str(&html);
    } else if (format == ARTICLE_TEXT) {
        if (body.len > CLEAN_INPUT_MAX) {
            status = error_set(err, ERR_DATA, "the text is larger than %d KiB", CLEAN_INPUT_MAX / 1024);
            goto done;
        }
        textbody_to_html(body, &html);
        body = buf_str(&html);
    }
    if (status == OK && html.failed)
        status = error_set(err, ERR_OS, "no memory to render an article");
    if (status == OK)
        status = clean_html(body, o, out, err);
done:
    buf_release(&html);
    return status;
}

static bool is_closed(struct str s, size_t from, struct str name) {
    while ((from = str_search(s, STR("</"), from)) < s.len) {
        from += 2;
        if (str_eq_nocase(str_sub(s, from, from + name.len), name))
            return true;
    }
    return false;
}

/* Whether a tag of HTML begins at S[I], a "<": "<b>", "</p>", "<br/>", "<my-tag x>", "<o:p>". What only looks like one
 * ("vector<int>", "<a@b.example>", "x <y and z> w") is text. */
static bool is_tag(struct str s, size_t i) {
    bool close = i + 1 < s.len && s.ptr[i + 1] == '/';
    size_t from = i + 1 + close, end = from;
    while (end < s.len && !strchr(" \t\r\n\f/>", s.ptr[end]))
        end++;
    struct str name = str_sub(s, from, end);
    if (str_find(s, '>', end) == s.len || !name.len)
        return false;
    bool letter = (name.ptr[0] | 32) >= 'a' && (name.ptr[0] | 32) <= 'z', foreign = false;
    for (size_t k = 1; k < name.len; k++) {
        bool word =
            ((name.ptr[k] | 32) >= 'a' && (name.ptr[k] | 32) <= 'z') || (name.ptr[k] >= '0' && name.ptr[k] <= '9');
        foreign |= (name.ptr[k] == '-' || name.ptr[k] == ':') && k + 1 < name.len;
        letter = letter && (word || name.ptr[k] == '-' || (name.ptr[k] == ':' && k + 1 < name.len));
    }
    if (!close && tag_lookup(name).kind == KIND_DROP && !is_closed(s, end, name))
        return false; /* it would take all with it that follows: "the <title> element" */
    return name.ptr[0] == '!' || (letter && (foreign || tag_is_known(name)));
}

bool article_is_html(struct str s) {
    for (size_t i = 0; i + 1 < s.len; i++) {
        char c = s.ptr[i + 1];
        bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
        if (s.ptr[i] == '<' && is_tag(s, i))
            return true;
        if (s.ptr[i] == '&' && (letter || c == '#')) {
            size_t end = i + 2;
            while (end < s.len && end < i + 12 &&
                   (((s.ptr[end] | 32) >= 'a' && (s.ptr[end] | 32) <= 'z') || (s.ptr[end] >= '0' && s.ptr[end] <= '9')))
                end++;
            if (end < s.len && s.ptr[end] == ';')
                return true;
        }
    }
    return false;
}

static size_t count_graphemes(struct str s, const char *lang) {
    size_t n = 0, at;
    struct breaks *b = breaks_open(BREAKS_CHARACTER, lang, s);
    while (b && breaks_next(b, &at))
        n++;
    breaks_close(b);
    return n;
}

/* The paragraphs of clean HTML, one a line; of prose, or of all that there is when there is no prose. *less: something
 * was left out. */
static enum status read_paragraphs(struct str html, const char *lang, struct buf *out, bool *less, struct error *err) {
    struct plain_options o = {.lang = lang, .unwrapped = true, .prose = true};
    struct buf all = BUF_INIT;
    enum status status = plain_from_html(html, &o, NULL, out, err);
    o.prose = false;
    if (status == OK)
        status = plain_from_html(html, &o, NULL, &all, err);
    if (status == OK && !clean_visible(buf_str(out))) {
        buf_clear(out);
        buf_add(out, buf_str(&all));
    }
    *less = all.len != out->len;
    buf_release(&all);
    return status;
}

static void add_paragraph(struct str text, const char *lang, struct buf *html, struct buf *plain) {
    if (text.len == 0)
        return;
    buf_adds(html, "<p>");
    clean_escape(text, false, html);
    buf_adds(html, "</p>\n");
    if (plain->len > 0)
        buf_addc(plain, '\n');
    plain_flow(text, lang, 0, plain);
}

/* Whether it announces what comes behind it. */
static bool ends_in_colon(struct str s) {
    return str_ends(s, STR(":")) || str_ends(s, STR("："));
}

/* Appends the lines of TEXT as paragraphs, up to MAX graphemes (0: all) and, once there is something to read, not
 * beyond two empty lines, where something was left out. LESS: something was. Returns whether anything is left out now.
 */
static bool add_paragraphs(struct str text, const char *lang, size_t max, bool less, struct buf *html,
                           struct buf *plain) {
    struct str rest = text, line;
    struct buf part = BUF_INIT, held = BUF_INIT; /* the last paragraph waits for the next one */
    size_t used = 0, empty = 0;
    while (str_split(&rest, '\n', &line)) {
        bool cut = false;
        if (!clean_visible(line)) {
            empty++;
            continue;
        }
        if (empty > 1 && max > 0) {
            if (used * 3 >= max)
                break;
            if (ends_in_colon(buf_str(&held)))
                buf_clear(&held);
        }
        empty = 0;
        buf_clear(&part);
        if (max == 0) {
            summary_flatten(line, &part);
        } else {
            if (used < max)
                cut = summary_cut(line, lang, max - used, &part);
            /* Enough is said: rather a paragraph less than the beginning of one. */
            if (used >= max || (cut && used * 3 >= max)) {
                less = true;
                break;
            }
            used += count_graphemes(buf_str(&part), lang);
        }
        add_paragraph(buf_str(&held), lang, html, plain);
        buf_clear(&held);
        buf_add(&held, buf_str(&part));
        if (cut) {
            less = true;
            break;
        }
    }
    if (less && ends_in_colon(buf_str(&held))) {
        /* The only paragraph ends a sentence earlier, if it has more than one. */
        buf_clear(&part);
        if (html->len == 0)
            summary_cut(buf_str(&held), lang, count_graphemes(buf_str(&held), lang) - 1, &part);
        if (html->len > 0 || !str_ends(buf_str(&part), STR("…"))) {
            buf_clear(&held);
            buf_add(&held, buf_str(&part));
        }
    }
    add_paragraph(buf_str(&held), lang, html, plain);
    html->failed |= part.failed || held.failed;
    buf_release(&part);
    buf_release(&held);
    return less;
}

/* The given summary's paragraphs into TEXT; empty when there is none to be seen. */
static enum status read_given(const struct article_input *in, struct buf *text, struct error *err) {
    struct buf clean = BUF_INIT;
    enum status status = OK;
    bool less;
    if (clean_visible(in->summary)) {
        enum article_format format = article_is_html(in->summary) ? ARTICLE_HTML : ARTICLE_TEXT;
        status = article_body_html(in->summary, format, NULL, &clean, err);
        if (status == OK)
            status = read_paragraphs(buf_str(&clean), in->lang, text, &less, err);
        if (status == OK && !clean_visible(buf_str(text)))
            buf_clear(text);
    }
    buf_release(&clean);
    return status;
}

struct str article_line(struct str title, struct arena *a) {
    struct buf html = BUF_INIT, text = BUF_INIT, flat = BUF_INIT;
    struct plain_options o = {.unwrapped = true};
    if (article_is_html(title) && clean_html(title, NULL, &html, NULL) == OK &&
        plain_from_html(buf_str(&html), &o, NULL, &text, NULL) == OK && clean_visible(buf_str(&text)))
        title = buf_str(&text);
    summary_flatten(title, &flat);
    struct str out = arena_str(a, flat.len ? buf_str(&flat) : STR(""));
    buf_release(&html);
    buf_release(&text);
    buf_release(&flat);
    return out;
}

enum status article_render(const struct article_input *in, const struct article_options *o, struct arena *a,
                           struct article_output *out, struct error *err) {
    struct buf body = BUF_INIT, given = BUF_INIT, prose = BUF_INIT, html = BUF_INIT, text = BUF_INIT;
    struct clean_options co = {in->url, o->images, o->picture, o->picture_arg};
    struct plain_options po = {.lang = in->lang};
    enum status status = OK;
    bool shortened = false;
    *out = (struct article_output){.title = article_line(in->title, a)};
    if (o->mode == ARTICLE_TITLES) {
        out->shortened = clean_visible(in->body) || clean_visible(in->summary);
        out->body_html = out->body_text = STR("");
        goto done;
    }
    if (o->mode == ARTICLE_SUMMARY) {
        status = read_given(in, &given, err);
        if (status != OK)
            goto done;
        co = (struct clean_options){.base_url = in->url};
    }
    if (given.len > 0) {
        add_paragraphs(buf_str(&given), in->lang, 0, false, &html, &text);
        shortened = clean_visible(in->body);
    } else {
        status = article_body_html(in->body, in->body_format, &co, &body, err);
        if (status != OK)
            goto done;
        if (o->mode == ARTICLE_SUMMARY && body.len > 0) {
            bool less;
            size_t max = o->summary_chars ? o->summary_chars : ARTICLE_SUMMARY_CHARS;
            status = read_paragraphs(buf_str(&body), in->lang, &prose, &less, err);
            if (status != OK)
                goto done;
            shortened = add_paragraphs(buf_str(&prose), in->lang, max, less, &html, &text);
        } else if (body.len > 0) {
            buf_add(&html, buf_str(&body));
            status = plain_from_html(buf_str(&body), &po, o->links, &text, err);
        } else if (o->mode == ARTICLE_FULL) {
            status = read_given(in, &given, err);
            if (status == OK)
                add_paragraphs(buf_str(&given), in->lang, 0, false, &html, &text);
        }
    }
    if (status == OK && (html.failed || text.failed || given.failed || prose.failed || body.failed))
        status = error_set(err, ERR_OS, "no memory to render an article");
    if (status == OK) {
        out->body_html = arena_str(a, buf_str(&html));
        out->body_text = arena_str(a, buf_str(&text));
        out->shortened = shortened;
    }
done:
    buf_release(&body);
    buf_release(&given);
    buf_release(&prose);
    buf_release(&html);
    buf_release(&text);
    return status;
}
