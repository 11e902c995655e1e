/* Editions: frozen inputs in memory. view.c turns them into what a template sees. */
#include "digest/edition.h"

#include "crypto/hash.h"
#include "digest/edition_internal.h"
#include "digest/sample.h"
#include "digest/view.h"
#include "digest/weight.h"
#include "digest/words.h"
#include "digest/select.h"
#include "render/mustache_check.h"
#include "render/mustache_render.h"
#include "text/address.h"
#include "text/date.h"

#include <stdlib.h>

static const char *const slot_names[SLOT_COUNT] = {
    [SLOT_NAME] = "reader.name",
    [SLOT_GIVEN_NAME] = "reader.given_name",
    [SLOT_ADDRESS] = "reader.address",
    [SLOT_UNSUBSCRIBE_URL] = "unsubscribe_url",
    [SLOT_UNSUBSCRIBE_MAILTO] = "unsubscribe_mailto",
    [SLOT_PREFERENCES_URL] = "preferences_url",
    [SLOT_VIEW_URL] = "view_url",
};

const char *edition_setting(const struct edition *e, const char *key) {
    const char *s = json_string_value(json_object_get(e->settings, key));
    return s ? s : "";
}

int64_t edition_number(const struct edition *e, const char *key) {
    const json_t *j = json_object_get(e->settings, key);
    return json_is_boolean(j) ? json_is_true(j) : json_integer_value(j);
}

/* One that is broken stops only those that use it: the folder is everybody's. */
static enum status add_template(struct edition *e, const struct issue_input *in, struct error *err) {
    struct edition_template *t = &e->templates[e->templates_n++];
    struct error why;
    enum mustache_kind kind = str_ends(in->name, STR(".html")) ? MUSTACHE_HTML : MUSTACHE_TEXT;
    *t = (struct edition_template){.name = arena_str(e->arena, in->name)};
    enum status st = mustache_compile(in->content, t->name.ptr, kind, &t->compiled, &why);
    if (st == ERR_DATA) {
        t->broken = arena_cstr(e->arena, str_from(why.text));
        return OK;
    }
    return st == OK ? OK : error_set(err, st, "%s", why.text);
}

static enum status add_article(struct edition *e, const struct issue_input *in, struct error *err) {
    json_error_t why;
    json_t *j = json_loadb(in->content.ptr, in->content.len, 0, &why);
    if (!j) {
        return error_set(err, ERR_SOFTWARE, "a frozen article can't be read: %s", why.text);
    }
    (void)json_array_append_new(e->articles, j);
    return OK;
}

/* Named by its bytes: the same for every reader, and telling of no server. */
static enum status add_picture(struct edition *e, const struct issue_input *in, struct error *err) {
    struct edition_picture *p = &e->pictures[e->pictures_n];
    struct issue_input own = *in;
    uint8_t hash[HASH_SIZE];
    char hex[2 * HASH_SIZE + 1];
    own.name = arena_str(e->arena, in->name);
    own.content = arena_str(e->arena, in->content);
    if (!pictures_read(&own, &p->frozen)) {
        return error_set(err, ERR_SOFTWARE, "a frozen picture can't be read");
    }
    hash_of(p->frozen.bytes.ptr, p->frozen.bytes.len, hash);
    hash_hex(hash, HASH_SIZE, hex);
    p->id = arena_printf(e->arena, "%.24s", hex); /* @ and the host follow when the settings are there */
    p->same = p;
    for (size_t i = e->pictures_n; i-- > 0;) {
        p->same = str_eq(e->pictures[i].id, p->id) ? &e->pictures[i] : p->same;
    }
    e->pictures_n++;
    return OK;
}

enum status edition_new(const struct issue_row *row, const struct issue_input *inputs, size_t n, struct edition **out,
                        struct error *err) {
    enum status st = OK;
    *out = NULL;
    struct edition *e = calloc(1, sizeof *e);
    if (!e || !(e->arena = arena_new()) || !(e->articles = json_array()) || !(e->types = json_object()) ||
        !(e->kept = kept_new())) {
        edition_free(e);
        return error_set(err, ERR_OS, "out of memory");
    }
    e->issue = row->id;
    e->templates = arena_alloc(e->arena, n * sizeof *e->templates);
    e->pictures = arena_alloc(e->arena, n * sizeof *e->pictures);
    for (size_t i = 0; i < n && st == OK; i++) {
        json_error_t why;
        switch (inputs[i].kind) {
        case ISSUE_SETTINGS:
            e->settings = json_loadb(inputs[i].content.ptr, inputs[i].content.len, 0, &why);
            break;
        case ISSUE_TEMPLATE:
            if (str_eq(inputs[i].name, STR(WORDS_INPUT))) {
                e->words = json_loadb(inputs[i].content.ptr, inputs[i].content.len, 0, &why);
            } else {
                st = add_template(e, &inputs[i], err);
            }
            break;
        case ISSUE_ARTICLE:
            st = add_article(e, &inputs[i], err);
            break;
        case ISSUE_PICTURE:
            st = add_picture(e, &inputs[i], err);
            break;
        }
    }
    if (st == OK && !e->settings) {
        st = error_set(err, ERR_SOFTWARE, "issue %lld has no frozen settings", (long long)row->id);
    }
    if (st == OK && !e->words) { /* frozen before words were */
        st = words_gather(NULL, WORDS_DIGEST, e->arena, &e->words, err);
    }
    if (st == OK && (st = zone_open(str_from(edition_setting(e, "timezone")), &e->zone, err)) == OK) {
        for (int i = 0; i < SLOT_COUNT; i++) {
            e->slots[i] = (struct mustache_slot){str_from(slot_names[i]), i};
        }
        for (size_t i = 0; i < e->pictures_n; i++) {
            struct edition_picture *p = &e->pictures[i];
            p->id = arena_printf(e->arena, "%.*s@%s", STR_ARG(p->id), edition_setting(e, "hostname"));
        }
    }
    if (st != OK) {
        edition_free(e);
        return st;
    }
    *out = e;
    return OK;
}

enum status edition_load(struct queue *q, int64_t issue, int64_t revision, struct edition **out, struct error *err) {
    struct arena *a = arena_new();
    struct issue_row row;
    struct issue_input *inputs;
    size_t n;
    *out = NULL;
    enum status st = a ? issue_get(q, issue, a, &row, err) : error_set(err, ERR_OS, "out of memory");
    if (st == OK && (st = issue_inputs_of(q, issue, revision ? revision : row.revision, a, &inputs, &n, err)) == OK) {
        st = edition_new(&row, inputs, n, out, err);
    }
    arena_free(a);
    return st;
}

void edition_free(struct edition *e) {
    if (!e) {
        return;
    }
    for (size_t i = 0; i < e->templates_n; i++) {
        mustache_free(e->templates[i].compiled);
    }
    for (size_t i = 0; i < e->pictures_n; i++) {
        message_picture_free(e->pictures[i].part);
    }
    json_decref(e->settings);
    json_decref(e->articles);
    json_decref(e->words);
    json_decref(e->types);
    buf_release(&e->heavy);
    zone_close(e->zone);
    kept_free(e->kept);
    arena_free(e->arena);
    free(e);
}

/* *out is NULL when there is none of that NAME. */
static enum status find(void *context, struct str name, const struct mustache **out, struct error *err) {
    struct edition *e = context;
    *out = NULL;
    for (size_t i = 0; i < e->templates_n && !*out; i++) {
        if (str_eq(e->templates[i].name, name)) {
            if (e->templates[i].broken) {
                e->met = e->templates[i].broken;
                return error_set(err, ERR_DATA, "%s", e->met);
            }
            *out = e->templates[i].compiled;
        }
    }
    return OK;
}

static enum status body_of(struct edition *e, const char *ending, const json_t *view, struct arena *a,
                           struct body **out, size_t *bytes, struct error *err) {
    struct mustache_env env = {.partial = find, .context = e, .slots = e->slots, .n_slots = SLOT_COUNT};
    struct str name = arena_printf(a, "%s%s", edition_setting(e, "template"), ending);
    const struct mustache *t;
    struct piece *pieces;
    size_t n;
    enum status st = find(e, name, &t, err);
    if (st == OK && !t) {
        st = error_set(err, ERR_CONFIG, "there is no template %s", name.ptr);
    }
    if (st == OK) {
        st = mustache_render(t, view, &env, a, &pieces, &n, err);
    }
    *bytes = st == OK ? weight_of(pieces, n) : 0;
    return st == OK ? body_new(pieces, n, out, err) : st;
}

static enum status read_for_select(const struct issue_input *in, struct arena *a, struct select_article *out,
                                   struct error *err) {
    json_error_t why;
    json_t *j = json_loadb(in->content.ptr, in->content.len, 0, &why);
    if (!j) {
        return error_set(err, ERR_SOFTWARE, "a frozen article can't be read: %s", why.text);
    }
    *out =
        (struct select_article){.arrival = in->position,
                                .topic = arena_str(a, str_from(json_string_value(json_object_get(j, "topic")))),
                                .language = arena_str(a, str_from(json_string_value(json_object_get(j, "language"))))};
    json_decref(j);
    return OK;
}

enum status edition_select_articles(const struct issue_input *inputs, size_t inputs_n, struct arena *a,
                                    struct select_article **out, size_t *n, struct error *err) {
    enum status st = OK;
    *out = arena_alloc(a, (inputs_n + 1) * sizeof **out);
    *n = 0;
    for (size_t i = 0; i < inputs_n && st == OK; i++) {
        if (inputs[i].kind == ISSUE_ARTICLE) {
            st = read_for_select(&inputs[i], a, &(*out)[(*n)++], err);
        }
    }
    return st;
}

struct str edition_heavy(const struct edition *e) {
    return buf_str(&e->heavy);
}

struct str edition_whole_key(const struct edition *e, struct arena *a) {
    struct buf b = BUF_INIT;
    size_t i;
    json_t *j;
    buf_addf(&b, "%s both ", edition_setting(e, "language"));
    json_array_foreach(e->articles, i, j) {
        buf_addf(&b, "%s%lld", i ? "," : "", (long long)json_integer_value(json_object_get(j, "arrival")));
    }
    struct str key = arena_str(a, buf_str(&b));
    buf_release(&b);
    return key;
}

static enum status compose(struct edition *e, int64_t date, const json_t *view, bool text_only, struct body *text,
                           struct body *html, struct arena *a, struct message_rendition **out, struct error *err) {
    struct buf when = BUF_INIT;
    struct str from_name, reply_name = STR_NONE;
    struct address from, reply = {0};
    enum status st = mailbox_parse(str_from(edition_setting(e, "from")), a, &from_name, &from, err);
    if (st == OK && edition_setting(e, "reply_to")[0]) {
        st = mailbox_parse(str_from(edition_setting(e, "reply_to")), a, &reply_name, &reply, err);
    }
    if (st != OK) {
        body_free(text);
        body_free(html);
        return error_prefix(err, "newsletter %s", edition_setting(e, "name"));
    }
    date_rfc5322(date, e->zone, &when);
    const char *base = edition_setting(e, "base_url");
    bool archive = edition_number(e, "archive") != 0 && base[0];
    struct message_common c = {
        .from_name = from_name,
        .from_address = from.text,
        .reply_to = reply.text,
        .reply_to_name = reply_name,
        .subject = str_from(json_string_value(json_object_get(json_object_get(view, "issue"), "subject"))),
        .date = buf_str(&when),
        .list_id = str_from(edition_setting(e, "list_id")),
        .site_url = str_from(edition_setting(e, "site_url")),
        .archive_url = archive ? arena_printf(a, "%s/archive/%s", base, edition_setting(e, "name")) : STR_NONE,
        .feedback_id = arena_printf(a, "%lld:%s:digest:%s", (long long)e->issue, edition_setting(e, "name"),
                                    edition_setting(e, "hostname")),
        .hostname = str_from(edition_setting(e, "hostname")),
        .base_url = str_from(base),
        .one_click = edition_number(e, "https") != 0,
        .bounce_address = str_from(edition_setting(e, "bounce_address")),
        .view = archive,
    };
    struct message_picture **pictures = arena_alloc(a, (e->pictures_n + 1) * sizeof *pictures);
    size_t n = 0;
    for (size_t i = 0; i < e->pictures_n && !text_only && st == OK; i++) {
        struct edition_picture *p = &e->pictures[i];
        if (p->used && !p->part) {
            st = message_picture_new(p->id, p->frozen.type, p->frozen.bytes, &p->part, err);
        }
        if (p->used && st == OK) {
            pictures[n++] = p->part;
        }
    }
    if (text_only || st != OK) {
        body_free(html);
        html = NULL;
    }
    if (st != OK) {
        body_free(text);
    } else {
        st = message_rendition_new(&c, text, html, pictures, n, out, err);
    }
    buf_release(&when);
    return st;
}

enum status edition_render(struct edition *e, struct str key, int64_t date, struct message_rendition **out,
                           struct error *err) {
    struct arena *a = arena_new();
    struct body *text = NULL, *html = NULL;
    struct select_form form = {0};
    int64_t *arrivals;
    size_t n, bytes;
    json_t *view = NULL;
    *out = NULL;
    buf_clear(&e->heavy);
    enum status st = a ? OK : error_set(err, ERR_OS, "out of memory");
    if (st == OK && !select_key_parse(key, a, &form, &arrivals, &n)) {
        st = error_set(err, ERR_SOFTWARE, "rendition key '%.*s' is malformed", STR_ARG(key));
    }
    if (st == OK && (st = edition_view(e, &form, date, arrivals, n, a, &view, err)) == OK &&
        (st = body_of(e, ".txt", view, a, &text, &bytes, err)) == OK && !form.text_only &&
        (st = body_of(e, ".html", view, a, &html, &bytes, err)) == OK) {
        weight_say(e, view, bytes, &e->heavy);
    }
    if (st == OK) {
        st = compose(e, date, view, form.text_only, text, html, a, out, err);
    } else {
        body_free(text);
        body_free(html);
    }
    json_decref(view);
    arena_free(a);
    return st == OK || !err || !e->issue ? st : error_prefix(err, "issue %lld", (long long)e->issue);
}

/* Whether a reader finds in what T makes how to leave. */
static bool has_way_out(const struct mustache *t, const json_t *sample, const struct mustache_env *env,
                        struct arena *a) {
    struct piece *pieces;
    size_t n;
    if (mustache_render(t, sample, env, a, &pieces, &n, NULL) != OK) {
        return true; /* there is worse to say of it */
    }
    for (size_t i = 0; i < n; i++) {
        if (pieces[i].kind == PIECE_SLOT &&
            (pieces[i].slot == SLOT_UNSUBSCRIBE_URL || pieces[i].slot == SLOT_UNSUBSCRIBE_MAILTO)) {
            return true;
        }
    }
    return false;
}

enum status edition_check(struct edition *e, struct arena *a, struct str **sentences, size_t *n, struct error *err) {
    static const char *const endings[] = {".html", ".txt"};
    struct mustache_env env = {.partial = find, .context = e, .slots = e->slots, .n_slots = SLOT_COUNT};
    json_t *sample = edition_sample();
    enum status st = sample ? OK : error_set(err, ERR_OS, "out of memory");
    *n = 0;
    struct str *all = arena_alloc(a, 1000 * sizeof *all);
    for (size_t i = 0; i < 2 && st == OK; i++) {
        struct str name = arena_printf(a, "%s%s", edition_setting(e, "template"), endings[i]);
        const struct mustache *t;
        struct error why;
        if (find(e, name, &t, &why) != OK) {
            all[(*n)++] = arena_printf(a, "%s", why.text);
            continue;
        }
        if (!t) {
            all[(*n)++] = arena_printf(a, "there is no template %s", name.ptr);
            continue;
        }
        struct str *some;
        size_t k = 0;
        mustache_check(t, sample, &env, a, &some, &k);
        for (size_t m = 0; m < k && *n < 1000; m++) {
            all[(*n)++] = some[m];
        }
    }
    *sentences = all;
    json_decref(sample);
    return st;
}

enum status edition_usable(struct edition *e, struct error *err) {
    struct arena *a = arena_new();
    struct str *sentences;
    size_t n;
    e->met = NULL;
    enum status st = a ? edition_check(e, a, &sentences, &n, err) : error_set(err, ERR_OS, "out of memory");
    if (st == OK && e->met) {
        st = error_set(err, ERR_DATA, "%s", e->met);
    }
    arena_free(a);
    return st;
}

size_t edition_advice(struct edition *e, struct arena *a, struct str sentences[2]) {
    static const char *const endings[] = {".html", ".txt"};
    struct mustache_env env = {.partial = find, .context = e, .slots = e->slots, .n_slots = SLOT_COUNT};
    json_t *sample = edition_sample();
    size_t n = 0;
    for (size_t i = 0; i < 2; i++) {
        struct str name = arena_printf(a, "%s%s", edition_setting(e, "template"), endings[i]);
        const struct mustache *t;
        if (find(e, name, &t, NULL) == OK && t && !has_way_out(t, sample, &env, a)) {
            sentences[n++] =
                arena_printf(a, "%s: shows no reader how to leave: {{unsubscribe_url}} is not in it", name.ptr);
        }
    }
    json_decref(sample);
    return n;
}
