#include "doctor/look.h"

#include "digest/pictures.h"
#include "digest/words.h"
#include "render/mustache.h"
#include "render/template_set.h"
#include "store/subscriber.h"

#include <stdarg.h>
#include <stdio.h>

enum { TEXT_SIZE = 700 };

struct told {
    void (*say)(void *ctx, const struct check_result *r);
    void *ctx;
    const char *check;
};

static void __attribute__((format(printf, 3, 4)))
tell(const struct told *t, enum check_state state, const char *fmt, ...) {
    char text[TEXT_SIZE];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    t->say(t->ctx, &(struct check_result){.check = t->check, .state = state, .detail = text});
}

/* One sentence for a language whose readers get English words; false when they don't. */
static bool lacks(const struct told *t, const json_t *words, const struct config *c, struct str tag, int64_t readers,
                  struct arena *a) {
    struct buf names = BUF_INIT;
    const char *lang = arena_cstr(a, tag);
    size_t n = words_missing(words, lang, &names);
    const char *folder = c->site.templates ? c->site.templates : "FOLDER";
    if (n == WORD_COUNT) {
        tell(t, CHECK_WARN,
             "%lld reader%s of %s get%s a digest's fixed words in English: %s/words/%s.ini adds them "
             "(courant-templates(7))"
             "%s",
             (long long)readers, readers == 1 ? "" : "s", lang, readers == 1 ? "s" : "", folder, lang,
             c->site.templates ? "" : ", where 'templates = FOLDER' stands in [site]");
    } else if (n > 0) {
        tell(t, CHECK_WARN, "%lld reader%s of %s get%s these words in English: %s; %s/words/%s.ini adds them",
             (long long)readers, readers == 1 ? "" : "s", lang, readers == 1 ? "s" : "", buf_cstr(&names), folder,
             lang);
    }
    buf_release(&names);
    return n > 0;
}

void look_check_words(struct site *site, void (*say)(void *ctx, const struct check_result *r), void *ctx) {
    const struct told t = {say, ctx, "words"};
    const struct config *c = site->config;
    struct arena *a = arena_new();
    struct subscriber_language *list;
    struct error err = {0};
    json_t *words = NULL;
    size_t n = 0, lacking = 0;
    enum status st = a ? OK : error_set(&err, ERR_OS, "out of memory");
    if (st == OK && (st = words_gather(c->site.templates, WORDS_DIGEST, a, &words, &err)) == OK &&
        (st = subscriber_languages(site->store, a, &list, &n, &err)) == OK) {
        for (size_t i = 0; i < n; i++) {
            struct str tag = list[i].tag.len ? list[i].tag : str_from(c->site.language);
            lacking += lacks(&t, words, c, tag, list[i].readers, a);
        }
        if (n == 0) { /* nobody yet: the site's own */
            lacking += lacks(&t, words, c, str_from(c->site.language), 0, a);
        }
    }
    if (st != OK) {
        tell(&t, CHECK_FAIL, "%s", err.text);
    } else if (lacking == 0) {
        tell(&t, CHECK_OK, "a digest's fixed words are there in every language of the readers");
    }
    json_decref(words);
    arena_free(a);
}

void look_check_templates(const struct config *c, void (*say)(void *ctx, const struct check_result *r), void *ctx) {
    const struct told t = {say, ctx, "templates"};
    struct arena *a = arena_new();
    struct template_file *files;
    struct error err;
    size_t n = 0;
    if (a && c->site.templates &&
        template_set_load(c->site.templates, TEMPLATES_TOP | TEMPLATES_PART | TEMPLATES_MAIL, a, &files, &n, &err) !=
            OK) {
        tell(&t, CHECK_FAIL, "%s", err.text);
    }
    for (size_t i = 0; i < n; i++) {
        struct mustache *made = NULL;
        enum mustache_kind kind = str_ends(files[i].name, STR(".html")) ? MUSTACHE_HTML : MUSTACHE_TEXT;
        if (mustache_compile(files[i].content, arena_cstr(a, files[i].name), kind, &made, &err) != OK) {
            tell(&t, CHECK_WARN, "%s; whatever uses it is not sent", err.text);
        }
        mustache_free(made);
    }
    arena_free(a);
}

void look_check_logos(const struct config *c, void (*say)(void *ctx, const struct check_result *r), void *ctx) {
    for (size_t i = 0; i < c->newsletters_n; i++) {
        const struct config_newsletter *n = &c->newsletters[i];
        char check[128];
        struct error err = {0};
        struct pictures *p = NULL;
        struct arena *a = arena_new();
        if (!a || !n->logo || strncmp(n->logo, "http", 4) == 0) { /* one on a server is not asked for */
            arena_free(a);
            continue;
        }
        (void)snprintf(check, sizeof check, "newsletter %s", n->name);
        if (pictures_new(c, n, a, &p, &err) != OK || pictures_add_logo(p, &err) != OK) {
            tell(&(struct told){say, ctx, check}, CHECK_FAIL, "its logo is left out: %s", err.text);
        }
        pictures_free(p);
        arena_free(a);
    }
}
