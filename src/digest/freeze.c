#include "digest/freeze.h"

#include "digest/pictures.h"
#include "digest/schedule.h"
#include "digest/words.h"
#include "render/shipped.h"
#include "render/article.h"
#include "text/moment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEMPLATE_MAX = 1024 * 1024, TEMPLATES_MAX = 200 };

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

/* One template of the site's own folder, in the arena. */
static enum status read_template(int folder, const char *name, struct arena *a, struct str *out, struct error *err) {
    enum status st = OK;
    struct stat b;
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &b) != 0) {
        st = error_set(err, ERR_NOINPUT, "template %s can't be read: %s", name, strerror(errno));
    } else if (!S_ISREG(b.st_mode) || b.st_size > TEMPLATE_MAX) {
        st = error_set(err, ERR_CONFIG, "template %s is no file of at most 1 MiB", name);
    } else {
        char *p = arena_alloc(a, (size_t)b.st_size + 1);
        size_t got = 0;
        ssize_t n;
        while (got < (size_t)b.st_size && (n = read(fd, p + got, (size_t)b.st_size - got)) > 0) {
            got += (size_t)n;
        }
        *out = (struct str){p, got};
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return st;
}

struct templates {
    struct issue_input *list;
    size_t n;
    struct arena *arena;
};

static enum status put_template(struct templates *t, struct str name, struct str content, struct error *err) {
    for (size_t i = 0; i < t->n; i++) {
        if (str_eq(t->list[i].name, name)) {
            t->list[i].content = content; /* the site's own replaces the shipped one */
            return OK;
        }
    }
    if (t->n == TEMPLATES_MAX) {
        return error_set(err, ERR_CONFIG, "more than %d templates", TEMPLATES_MAX);
    }
    t->list[t->n] = (struct issue_input){
        .kind = ISSUE_TEMPLATE, .position = (int64_t)t->n, .name = arena_str(t->arena, name), .content = content};
    t->n++;
    return OK;
}

static int names(const struct dirent *e) {
    struct str n = str_from(e->d_name);
    return n.ptr[0] != '.' && (str_ends(n, STR(".html")) || str_ends(n, STR(".txt")));
}

/* The templates of a folder, and of its folder `part`, in the order of their names. */
static enum status own_templates(struct templates *t, const char *folder, struct error *err) {
    static const char *const below[] = {"", "part/"};
    enum status st = OK;
    for (size_t k = 0; k < 2 && st == OK; k++) {
        struct str path = arena_printf(t->arena, "%s/%s", folder, below[k]);
        struct dirent **found = NULL;
        int n = scandir(path.ptr, &found, names, alphasort);
        if (n < 0) {
            if (k == 0) {
                st = error_set(err, ERR_CONFIG, "the template folder %s can't be read: %s", folder, strerror(errno));
            }
            continue;
        }
        int fd = open(path.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        for (int i = 0; i < n; i++) {
            struct str content;
            if (st == OK && fd >= 0 && (st = read_template(fd, found[i]->d_name, t->arena, &content, err)) == OK) {
                st = put_template(t, arena_printf(t->arena, "%s%s", below[k], found[i]->d_name), content, err);
            }
            free(found[i]);
        }
        free(found);
        if (fd >= 0) {
            (void)close(fd);
        }
    }
    return st;
}

enum status edition_freeze(const struct config *c, const struct config_newsletter *n, struct store *store,
                           const struct article_row *articles, size_t articles_n, const struct edits *edits, bool fetch,
                           struct issue_row *issue, struct arena *a, struct issue_input **inputs, size_t *inputs_n,
                           struct error *err) {
    struct pictures *pictures = NULL;
    struct issue_input *frozen;
    size_t frozen_n;
    enum status st = pictures_new(c, n, a, &pictures, err);
    *inputs = arena_alloc(a, (1 + TEMPLATES_MAX + articles_n + PICTURES_MAX) * sizeof **inputs);
    *inputs_n = 0;
    json_t *words;
    struct templates t = {.list = *inputs + 1, .arena = a};
    struct str name, content;
    for (size_t i = 0; shipped_template(i, &name, &content) && st == OK; i++) {
        st = put_template(&t, name, content, err);
    }
    if (st == OK && c->site.templates) {
        st = own_templates(&t, c->site.templates, err);
    }
    if (st == OK && (st = words_gather(c->site.templates, a, &words, err)) == OK) {
        st = put_template(&t, STR(WORDS_INPUT), dump(words, a), err);
        json_decref(words);
    }
    *inputs_n = 1 + t.n;
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
        st = pictures_add_logo(pictures, err);
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
