#include "dispatch/post.h"

#include "digest/look.h"
#include "digest/words.h"
#include "mime/body.h"
#include "mime/decode.h"
#include "render/flow.h"
#include "render/mustache_check.h"
#include "render/mustache_render.h"
#include "render/template_set.h"
#include "store/consent.h"
#include "text/address.h"
#include "text/date.h"
#include "text/language.h"

#include <stdlib.h>

/* What only the reader's record fills. */
enum slot { SLOT_READER_NAME, SLOT_READER_GIVEN_NAME, SLOT_READER_ADDRESS, SLOT_CONFIRM_URL, SLOT_CONFIRM_CODE, SLOTS };

static const char *const slot_names[SLOTS] = {"reader.name", "reader.given_name", "reader.address", "confirm_url",
                                              "confirm_code"};
static const enum mail_word subjects[POST_KINDS] = {MAIL_CONFIRM_SUBJECT, MAIL_WELCOME_SUBJECT};
static const char *const endings[2] = {".txt", ".html"};

const char *post_name(enum post_kind kind) {
    static const char *const names[POST_KINDS] = {"confirm", "welcome"};
    return names[kind];
}

/* --- templates --- */

struct press {
    struct arena *arena;
    struct template_file *files;
    struct mustache **compiled; /* one a file; NULL: it can't be, for the reason in BROKEN */
    const char **broken;
    size_t n;
    struct mustache_slot slots[SLOTS];
    struct mustache_env env;
    json_t *words; /* a catalogue (digest/words.h) */
};

/* *out is NULL when there is none of that NAME. One that is broken stops only those that use it. */
static enum status find(void *context, struct str name, const struct mustache **out, struct error *err) {
    const struct press *p = context;
    *out = NULL;
    for (size_t i = 0; i < p->n && !*out; i++) {
        if (str_eq(p->files[i].name, name)) {
            if (p->broken[i]) {
                return error_set(err, ERR_DATA, "%s", p->broken[i]);
            }
            *out = p->compiled[i];
        }
    }
    return OK;
}

static void press_release(struct press *p) {
    json_decref(p->words);
    for (size_t i = 0; i < p->n; i++) {
        mustache_free(p->compiled[i]);
    }
}

/* To be ended by press_release in any case. */
static enum status press_open(struct site *s, struct arena *a, struct press *p, struct error *err) {
    size_t n = 0;
    *p = (struct press){.arena = a};
    enum status st =
        template_set_load(s->config->site.templates, TEMPLATES_PART | TEMPLATES_MAIL, a, &p->files, &n, err);
    if (st == OK) {
        st = words_gather(s->config->site.templates, WORDS_MAIL, a, &p->words, err);
    }
    p->compiled = arena_alloc(a, (n + 1) * sizeof *p->compiled);
    p->broken = arena_alloc(a, (n + 1) * sizeof *p->broken);
    for (; st == OK && p->n < n; p->n++) {
        struct str name = p->files[p->n].name;
        struct error why;
        enum mustache_kind kind = str_ends(name, STR(".html")) ? MUSTACHE_HTML : MUSTACHE_TEXT;
        enum status made =
            mustache_compile(p->files[p->n].content, arena_cstr(a, name), kind, &p->compiled[p->n], &why);
        p->broken[p->n] = made == OK ? NULL : arena_cstr(a, str_from(why.text));
    }
    for (int i = 0; i < SLOTS; i++) {
        p->slots[i] = (struct mustache_slot){str_from(slot_names[i]), i};
    }
    p->env = (struct mustache_env){.partial = find, .context = p, .slots = p->slots, .n_slots = SLOTS};
    return st;
}

/* --- what a template sees --- */

static json_t *word_json(struct str text, const char *lang) {
    struct flow f = {.lang = lang};
    struct buf flowed = BUF_INIT;
    flow_text(&f, text, &flowed);
    while (flowed.len && flowed.ptr[flowed.len - 1] == '\n') {
        flowed.len--;
    }
    json_t *j = json_pack("{s:s%, s:s%, s:s, s:s}", "text", text.ptr, text.len, "flowed", flowed.ptr, flowed.len,
                          "lang", lang, "dir", language_is_rtl(lang) ? "rtl" : "ltr");
    buf_release(&flowed);
    return j;
}

static json_t *words_json(struct site *s, const struct post *l, const json_t *catalogue, const char *lang) {
    json_t *words = json_object();
    struct words_rows rows;
    struct buf date = BUF_INIT, text = BUF_INIT;
    const char *used;
    words_choose(catalogue, lang, &rows);
    for (int w = 0; w < MAIL_WORD_COUNT; w++) {
        const char *pattern = words_mail_text(&rows, (enum mail_word)w, &used);
        buf_clear(&date);
        buf_clear(&text);
        date_format(l->expires_at, s->zone, used, DATE_DAY, &date);
        const struct mail_word_value values[] = {{"newsletter", str_from(l->newsletter->title)},
                                                 {"site", str_from(s->config->site.name)},
                                                 {"date", buf_str(&date)},
                                                 {NULL, STR_NONE}};
        mail_word_fill(pattern, values, &text);
        buf_addc(&text, 0);
        (void)json_object_set_new(words, mail_word_name((enum mail_word)w),
                                  word_json(str_sub(buf_str(&text), 0, text.len - 1), used));
    }
    const char *hello = words_text(&rows, WORD_HELLO, PLURAL_OTHER, &used);
    (void)json_object_set_new(words, word_name(WORD_HELLO), word_json(str_from(hello), used));
    buf_release(&date);
    buf_release(&text);
    return words;
}

static json_t *view_of(struct site *s, const struct post *l, const json_t *catalogue, const char *lang) {
    const struct config *c = s->config;
    const struct config_newsletter *n = l->newsletter;
    json_t *words = words_json(s, l, catalogue, lang);
    const char *subject =
        json_string_value(json_object_get(json_object_get(words, mail_word_name(subjects[l->kind])), "text"));
    return json_pack(
        "{s:{s:s, s:s, s:s}, s:{s:s, s:s, s:s, s:s}, s:s, s:s, s:s, s:b, s:o, s:o, s:o}", "site", "name", c->site.name,
        "url", c->site.url, "postal_address", c->site.postal_address ? c->site.postal_address : "", "newsletter",
        "name", n->name, "title", n->title, "colour", n->colour ? n->colour : "", "footer", n->footer ? n->footer : "",
        "lang", lang, "dir", language_is_rtl(lang) ? "rtl" : "ltr", "subject", subject ? subject : "", "invited",
        (int)l->invited, "words", words, "type", look_type(lang), "colours", look_colours(n->colour ? n->colour : ""));
}

/* --- frozen --- */

static json_t *pieces_json(const struct piece *p, size_t n) {
    static const char *const kinds[] = {
        [PIECE_FIXED] = "", [PIECE_SLOT] = "slot", [PIECE_IF] = "if", [PIECE_UNLESS] = "unless", [PIECE_END] = "end"};
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        bool named = p[i].kind == PIECE_SLOT || p[i].kind == PIECE_IF || p[i].kind == PIECE_UNLESS;
        json_t *j = p[i].kind == PIECE_FIXED
                        ? json_stringn(p[i].text.ptr, p[i].text.len)
                        : json_pack("[s, s, i]", kinds[p[i].kind], named ? slot_names[p[i].slot] : "",
                                    p[i].kind == PIECE_SLOT ? (int)p[i].escape : 0);
        (void)json_array_append_new(list, j ? j : json_string(""));
    }
    return list;
}

static bool piece_read(const json_t *j, struct piece *p) {
    const char *kind = json_string_value(json_array_get(j, 0)), *name = json_string_value(json_array_get(j, 1));
    if (json_is_string(j)) {
        *p = (struct piece){.kind = PIECE_FIXED, .text = {json_string_value(j), json_string_length(j)}};
        return true;
    }
    if (!kind || !name) {
        return false;
    }
    *p = (struct piece){.kind = strcmp(kind, "slot") == 0     ? PIECE_SLOT
                                : strcmp(kind, "if") == 0     ? PIECE_IF
                                : strcmp(kind, "unless") == 0 ? PIECE_UNLESS
                                                              : PIECE_END,
                        .escape = (enum piece_escape)json_integer_value(json_array_get(j, 2))};
    while (p->kind != PIECE_END && p->slot < SLOTS && strcmp(slot_names[p->slot], name) != 0) {
        p->slot++;
    }
    return p->slot < SLOTS;
}

/* The text of the N pieces with VALUES in the slots. */
static enum status fill(const struct piece *p, size_t n, const struct str values[SLOTS], struct buf *out,
                        struct error *err) {
    struct body *body = NULL;
    struct buf encoded = BUF_INIT;
    enum status st = body_new(p, n, &body, err);
    if (st == OK) {
        body_fill(body, values, &encoded);
        decode_text(buf_str(&encoded), str_from(body_encoding(body)), out);
        if (encoded.failed || out->failed) {
            st = error_set(err, ERR_OS, "out of memory");
        }
    }
    body_free(body);
    buf_release(&encoded);
    return st;
}

/* What the reader will read, its lines whole again. */
static enum status as_seen(const struct press *p, const struct piece *pieces, size_t n, struct str subject,
                           bool has_pages, struct str *seen, struct error *err) {
    struct str values[SLOTS];
    struct buf text = BUF_INIT, whole = BUF_INIT;
    for (int i = 0; i < SLOTS; i++) {
        bool absent = i == (has_pages ? SLOT_CONFIRM_CODE : SLOT_CONFIRM_URL);
        values[i] = absent ? STR("") : arena_printf(p->arena, "{%s}", slot_names[i]);
    }
    enum status st = fill(pieces, n, values, &text, err);
    buf_addf(&whole, "%.*s\n\n", STR_ARG(subject));
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == ' ' && i + 1 < text.len && text.ptr[i + 1] == '\n') {
            i++; /* a soft end of a line (RFC 3676 with delsp) */
        } else {
            buf_addc(&whole, text.ptr[i]);
        }
    }
    *seen = arena_str(p->arena, buf_str(&whole));
    buf_release(&text);
    buf_release(&whole);
    return st;
}

/* The subject is the text template's first line; what is behind it and its empty lines is the text. */
static enum status split_subject(const char *name, struct piece *pieces, size_t n, struct str *subject,
                                 struct error *err) {
    struct str head = STR("Subject:");
    struct str *first = &pieces[0].text;
    size_t end = n && pieces[0].kind == PIECE_FIXED ? str_find(*first, '\n', 0) : 0;
    if (!end || !str_starts(*first, head)) {
        return OK;
    }
    if (end == first->len) {
        return error_set(err, ERR_DATA, "mail/%s.txt:1: the subject can't hold what is personal", name);
    }
    *subject = str_trim(str_sub(*first, head.len, end));
    while (end < first->len && first->ptr[end] == '\n') {
        end++;
    }
    *first = str_sub(*first, end, first->len);
    return OK;
}

static struct str dump(const json_t *j, struct arena *a) {
    char *s = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS);
    struct str out = arena_str(a, str_from(s ? s : ""));
    free(s);
    return out;
}

enum status post_freeze(struct site *s, const struct post *l, struct arena *a, struct str *frozen, struct str *seen,
                        struct error *err) {
    const struct config *c = s->config;
    const char *lang = l->language && l->language[0] ? l->language : c->site.language;
    struct press p;
    json_t *view = NULL, *all = NULL;
    struct piece *pieces[2];
    size_t n[2];
    enum status st = press_open(s, a, &p, err);
    if (st == OK && !(view = view_of(s, l, p.words, lang))) {
        st = error_set(err, ERR_CONFIG, "a setting of newsletter %s isn't UTF-8", l->newsletter->name);
    }
    for (int i = 0; i < 2 && st == OK; i++) {
        struct str name = arena_printf(a, "mail/%s%s", post_name(l->kind), endings[i]);
        const struct mustache *t;
        if ((st = find(&p, name, &t, err)) == OK) {
            st = t ? mustache_render(t, view, &p.env, a, &pieces[i], &n[i], err)
                   : error_set(err, ERR_CONFIG, "there is no template %s", name.ptr);
        }
    }
    struct str subject = str_from(view ? json_string_value(json_object_get(view, "subject")) : "");
    if (st == OK && (st = split_subject(post_name(l->kind), pieces[0], n[0], &subject, err)) == OK &&
        (st = as_seen(&p, pieces[0], n[0], subject, c->web.base_url != NULL, seen, err)) == OK) {
        all = json_pack("{s:s, s:s?, s:s?, s:s?, s:s%, s:o, s:o}", "from", l->newsletter->from, "reply_to",
                        l->newsletter->reply_to, "base_url", c->web.base_url, "bounce_address", c->bounce.address,
                        "subject", subject.ptr, subject.len, "text", pieces_json(pieces[0], n[0]), "html",
                        pieces_json(pieces[1], n[1]));
        *frozen = all ? dump(all, a) : STR_NONE;
        if (!frozen->len) {
            st = error_set(err, ERR_DATA, "mail/%s: its text isn't UTF-8", post_name(l->kind));
        }
    }
    json_decref(view);
    json_decref(all);
    press_release(&p);
    return st;
}

enum status post_queue(struct site *s, const struct post *l, struct str frozen, int64_t *id, struct error *err) {
    struct arena *a = arena_new();
    if (!a) {
        return error_set(err, ERR_OS, "out of memory");
    }
    json_t *fields = json_pack("{s:I, s:I, s:I}", "generation", (json_int_t)l->generation, "consent",
                               (json_int_t)l->consent, "expires_at", (json_int_t)l->expires_at);
    struct transactional t = {.kind = str_from(post_name(l->kind)),
                              .subscriber = l->subscriber,
                              .mail_from = STR(""), /* made of the letter when it is claimed */
                              .letter = frozen,
                              .fields = dump(fields, a)};
    enum status st = transactional_add(s->queue, &t, clock_now(&s->clock), id, err);
    json_decref(fields);
    arena_free(a);
    return st;
}

/* --- at its claim --- */

void post_confirm_token(const struct site *s, int64_t consent, int64_t subscriber, int64_t generation,
                        int64_t expires_at, char out[TOKEN_SIZE]) {
    const uint64_t values[] = {(uint64_t)consent, (uint64_t)subscriber, (uint64_t)generation, (uint64_t)expires_at};
    (void)token_make(s->tokens, TOKEN_CONFIRM, values, 4, out, TOKEN_SIZE);
}

bool post_confirm_open(const struct site *s, struct str token, int64_t *consent, int64_t *subscriber,
                       int64_t *generation, int64_t *expires_at) {
    uint64_t values[4];
    bool good = token_open(s->tokens, TOKEN_CONFIRM, token, values, 4);
    *consent = (int64_t)values[0];
    *subscriber = (int64_t)values[1];
    *generation = (int64_t)values[2];
    *expires_at = (int64_t)values[3];
    return good;
}

static int64_t field(const json_t *fields, const char *key) {
    return json_integer_value(json_object_get(fields, key));
}

/* The pieces of LIST filled with VALUES. */
static enum status part(const json_t *list, struct arena *a, const struct str values[SLOTS], struct buf *out,
                        struct error *err) {
    size_t n = json_array_size(list), i;
    struct piece *pieces = arena_alloc(a, (n + 1) * sizeof *pieces);
    json_t *j;
    json_array_foreach(list, i, j) {
        if (!piece_read(j, &pieces[i])) {
            return error_set(err, ERR_DATA, "the frozen letter can't be read");
        }
    }
    return fill(pieces, n, values, out, err);
}

static enum status compose(struct site *s, int64_t id, const struct transactional *t, const json_t *letter,
                           const struct subscriber_delivery *reader, struct arena *a, struct buf *message,
                           struct buf *sender, struct error *err) {
    char code[TOKEN_SIZE] = "", name[TOKEN_SIZE], bounce[TOKEN_SIZE];
    struct buf text = BUF_INIT, html = BUF_INIT, date = BUF_INIT;
    struct str from_name, reply_name = STR_NONE;
    struct address from, reply = {0};
    json_t *fields = json_loadb(t->fields.ptr, t->fields.len, 0, NULL);
    int64_t generation = field(fields, "generation"), consent = field(fields, "consent");
    const char *base = json_string_value(json_object_get(letter, "base_url"));
    const char *reply_to = json_string_value(json_object_get(letter, "reply_to"));
    const char *bounces = json_string_value(json_object_get(letter, "bounce_address"));
    const char *from_text = json_string_value(json_object_get(letter, "from"));
    enum status st = mailbox_parse(str_from(from_text ? from_text : ""), a, &from_name, &from, err);
    if (st == OK && reply_to) {
        st = mailbox_parse(str_from(reply_to), a, &reply_name, &reply, err);
    }
    if (consent) {
        post_confirm_token(s, consent, t->subscriber, generation, field(fields, "expires_at"), code);
    }
    const struct str values[SLOTS] = {[SLOT_READER_NAME] = reader->name,
                                      [SLOT_READER_GIVEN_NAME] = reader->given_name,
                                      [SLOT_READER_ADDRESS] = reader->email,
                                      [SLOT_CONFIRM_URL] =
                                          base && code[0] ? arena_printf(a, "%s/confirm/%s", base, code) : STR_NONE,
                                      [SLOT_CONFIRM_CODE] = base ? STR_NONE : str_from(code)};
    const uint64_t who[] = {0, (uint64_t)id, (uint64_t)generation};
    (void)token_make(s->tokens, TOKEN_MESSAGE_ID, who, 2, name, sizeof name);
    (void)token_make(s->tokens, TOKEN_BOUNCE, who, 3, bounce, sizeof bounce);
    date_rfc5322(t->created_at, s->zone, &date);
    if (st == OK && (st = part(json_object_get(letter, "text"), a, values, &text, err)) == OK &&
        (st = part(json_object_get(letter, "html"), a, values, &html, err)) == OK) {
        struct notice n = {.from_name = from_name,
                           .from_address = from.text,
                           .to = reader->email,
                           .to_name = reader->name,
                           .reply_to = reply.text,
                           .reply_to_name = reply_name,
                           .subject = str_from(json_string_value(json_object_get(letter, "subject"))),
                           .text = buf_str(&text),
                           .html = buf_str(&html),
                           .flowed = true,
                           .date = buf_str(&date),
                           .id = str_from(name),
                           .hostname = str_from(s->config->site.hostname)};
        st = notice_compose(&n, &s->signing, message, err);
    }
    struct str box = str_from(bounces);
    size_t at = str_find(box, '@', 0);
    if (st == OK && at < box.len) {
        buf_addf(sender, "%.*s+%s%.*s", STR_ARG(str_sub(box, 0, at)), bounce, STR_ARG(str_sub(box, at, box.len)));
    } else if (st == OK) {
        buf_add(sender, from.text);
    }
    if (st == OK && (date.failed || sender->failed)) {
        st = error_set(err, ERR_OS, "out of memory");
    }
    json_decref(fields);
    buf_release(&text);
    buf_release(&html);
    buf_release(&date);
    return st;
}

enum status post_compose(struct site *s, int64_t id, const struct transactional *t,
                         const struct subscriber_delivery *reader, struct buf *message, struct buf *sender,
                         struct error *err) {
    struct arena *a = arena_new();
    json_t *letter = json_loadb(t->letter.ptr, t->letter.len, 0, NULL);
    enum status st = !a        ? error_set(err, ERR_OS, "out of memory")
                     : !letter ? error_set(err, ERR_DATA, "the frozen letter can't be read")
                               : compose(s, id, t, letter, reader, a, message, sender, err);
    json_decref(letter);
    arena_free(a);
    return st;
}

enum status post_refuses(struct site *s, const struct transactional *t, const struct subscriber_delivery *reader,
                         enum cancel_cause *cause, struct error *err) {
    struct arena *a = arena_new();
    json_t *fields = json_loadb(t->fields.ptr, t->fields.len, 0, NULL);
    int64_t consent = field(fields, "consent");
    struct consent c;
    bool found = false;
    enum status st = a ? OK : error_set(err, ERR_OS, "out of memory");
    *cause = CANCEL_NONE;
    if (st == OK && reader->generation != field(fields, "generation")) {
        *cause = CANCEL_LEFT;
    } else if (st == OK && consent && (st = consent_get(s->store, consent, a, &found, &c, err)) == OK &&
               (!found || c.subscriber != t->subscriber || c.ended_at || c.expires_at <= clock_now(&s->clock))) {
        *cause = CANCEL_LEFT;
    }
    json_decref(fields);
    arena_free(a);
    return st;
}

enum status post_check(struct site *s, void (*note)(void *ctx, const char *sentence), void *ctx, int64_t *bad,
                       struct error *err) {
    struct arena *a = arena_new();
    struct press p = {0};
    *bad = 0;
    if (!a) {
        return error_set(err, ERR_OS, "out of memory");
    }
    enum status st = press_open(s, a, &p, err);
    const struct post sample = {.newsletter = s->config->newsletters, .invited = true, .expires_at = 1};
    json_t *view = st == OK && sample.newsletter ? view_of(s, &sample, p.words, "en") : NULL;
    for (int k = 0; k < POST_KINDS * 2 && view; k++) {
        struct str name = arena_printf(a, "mail/%s%s", post_name((enum post_kind)(k / 2)), endings[k % 2]);
        struct str *sentences;
        size_t n = 0;
        const struct mustache *t;
        struct error why;
        if (find(&p, name, &t, &why) != OK) {
            note(ctx, why.text);
            ++*bad;
            continue;
        }
        mustache_check(t, view, &p.env, a, &sentences, &n);
        for (size_t i = 0; i < n; i++) {
            note(ctx, sentences[i].ptr);
        }
        *bad += (int64_t)n;
    }
    json_decref(view);
    press_release(&p);
    arena_free(a);
    return st;
}
