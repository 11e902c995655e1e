#include "digest/freeze.h"

#include "base/log.h"
#include "digest/pictures.h"
#include "digest/schedule.h"
#include "digest/words.h"
#include "render/template_set.h"
#include "render/article.h"
#include "text/moment.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static json_t *text(struct str s) {
    json_t *j = s.ptr ? json_stringn(s.ptr, s.len) : NULL;
    return j ? j : json_string(""); /* what is no UTF-8 was repaired at import */
}

static struct str dump(const json_t *j, struct arena *a) {
    char *s = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS);
    struct str out = arena_str(a, str_from(s ? s : "{}"));
    free(s);
    return out;
}

static bool is_url(const char *place) {
    return place && strncmp(place, "http", 4) == 0;
}

static json_t *settings(const struct config *c, const struct config_newsletter *n, const struct issue_row *row) {
    json_t *topics = json_array();
    for (size_t i = 0; i < n->topics.n; i++) {
        (void)json_array_append_new(topics, json_string(n->topics.items[i]));
    }
    const char *reply = n->reply_to;
    return json_pack(
        "{s:s, s:s, s:s?, s:s, s:s, s:s, s:s?, s:b, s:s?,"
        " s:s, s:s, s:s, s:s?, s:s, s:s, s:s?, s:s?, s:s?, s:i, s:i, s:I, s:b, s:i, s:o, s:I, s:I, s:s%}",
        "site_name", c->site.name, "site_url", c->site.url, "postal_address", c->site.postal_address, "language",
        c->site.language, "timezone", c->site.timezone, "hostname", c->site.hostname, "base_url", c->web.base_url,
        "https", (int)c->web.https, "bounce_address", c->bounce.address, "name", n->name, "title", n->title, "from",
        n->from, "reply_to", reply, "list_id", n->list_id, "template", n->template, "colour", n->colour, "logo",
        n->images == CONFIG_IMAGES_LINK && is_url(n->logo) ? n->logo : NULL, "footer", n->footer, "body", (int)n->body,
        "images", (int)n->images, "images_size", (json_int_t)n->images_size_bytes, "archive",
        (int)(n->archive != CONFIG_ARCHIVE_OFF), "max_articles", n->max_articles, "topics", topics, "number",
        (json_int_t)row->number, "date", (json_int_t)(row->due_at > row->built_at ? row->due_at : row->built_at),
        "cadence", row->cadence.ptr, row->cadence.len);
}

static json_t *article_json(const struct article *a) {
    return json_pack("{s:I, s:I, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:o, s:b}", "id", (json_int_t)a->id,
                     "arrival", (json_int_t)a->arrival, "title", text(a->title), "url", text(a->url), "published_at",
                     (json_int_t)a->published_at, "language", text(a->language), "author", text(a->author), "topic",
                     text(a->topic), "summary", text(a->summary), "body", text(a->body), "format", (int)a->format,
                     "image_url", text(a->image_url), "image_alt", text(a->image_alt), "pinned", (int)a->pinned);
}

enum status edition_freeze(const struct config *c, const struct config_newsletter *n, struct store *store,
                           const struct article_row *articles, size_t articles_n, const struct edits *edits, bool fetch,
                           struct issue_row *issue, struct arena *a, struct issue_input **inputs, size_t *inputs_n,
                           struct error *err) {
    struct pictures *pictures = NULL;
    struct issue_input *frozen;
    size_t frozen_n;
    enum status st = pictures_new(c, n, a, &pictures, err);
    *inputs = arena_alloc(a, (2 + TEMPLATES_MAX + articles_n + PICTURES_MAX) * sizeof **inputs);
    *inputs_n = 0;
    json_t *words;
    struct template_file *templates = NULL;
    size_t templates_n = 0;
    if (st == OK) {
        st = template_set_load(c->site.templates, TEMPLATES_TOP | TEMPLATES_PART, a, &templates, &templates_n, err);
    }
    for (size_t i = 0; i < templates_n && st == OK; i++) {
        (*inputs)[1 + i] = (struct issue_input){
            .kind = ISSUE_TEMPLATE, .position = (int64_t)i, .name = templates[i].name, .content = templates[i].content};
    }
    if (st == OK && (st = words_gather(c->site.templates, WORDS_DIGEST, a, &words, err)) == OK) {
        (*inputs)[1 + templates_n] = (struct issue_input){.kind = ISSUE_TEMPLATE,
                                                          .position = (int64_t)templates_n,
                                                          .name = STR(WORDS_INPUT),
                                                          .content = dump(words, a)};
        templates_n++;
        json_decref(words);
    }
    *inputs_n = 1 + templates_n;
    struct article *all = arena_alloc(a, (articles_n + 1) * sizeof *all);
    size_t all_n = 0;
    static const struct edits none = {0};
    edits = edits ? edits : &none;
    for (size_t i = 0; i < articles_n && st == OK; i++) {
        struct article full;
        bool found;
        if (edits_leave_out(edits, articles[i].id)) {
            continue;
        }
        if ((st = article_get(store, articles[i].id, a, &found, &full, err)) != OK || !found) {
            continue;
        }
        if (!full.language.len) {
            full.language = str_from(c->site.language);
        }
        all[all_n++] = full;
        json_t *j = article_json(&full);
        (*inputs)[(*inputs_n)++] =
            (struct issue_input){.kind = ISSUE_ARTICLE, .position = full.arrival, .content = dump(j, a)};
        json_decref(j);
    }
    issue->articles = (int64_t)all_n;
    if (fetch && st == OK) {
        struct error why = {0};
        enum status got = pictures_add_logo(pictures, &why);
        if (got == ERR_TEMP || got == ERR_OS) {
            st = error_set(err, got, "%s", why.text);
        } else if (got != OK) {
            log_warning("newsletter %s: its logo is left out: %s", n->name, why.text);
        }
    }
    /* the newest first, as most digests show them: fetching may run out of time */
    for (size_t i = all_n; fetch && st == OK && i-- > 0;) {
        st = pictures_add(pictures, &all[i], err);
    }
    if (st == OK) {
        if ((st = edits_subject(edits, n->title, *inputs, *inputs_n, a, &issue->subject, err)) != OK) {
            goto done;
        }
        json_t *j = settings(c, n, issue);
        if (!j) {
            st = error_set(err, ERR_CONFIG, "a setting of newsletter %s isn't UTF-8", n->name);
            goto done;
        }
        edits_put(j, edits, issue->subject);
        (*inputs)[0] = (struct issue_input){.kind = ISSUE_SETTINGS, .content = dump(j, a)};
        json_decref(j);
        pictures_inputs(pictures, &frozen, &frozen_n);
        memcpy(*inputs + *inputs_n, frozen, frozen_n * sizeof *frozen);
        *inputs_n += frozen_n;
    }
done:
    pictures_free(pictures);
    return st;
}
