#include "digest/pictures.h"

#include "base/clock.h"
#include "base/log.h"
#include "fetch/http.h"
#include "fetch/picture.h"
#include "render/article.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    BODY_MAX = 12,       /* an article's body */
    BYTES_MAX = 8 << 20, /* of one, as it is fetched */
    HOSTS_MAX = 100,
    COLUMN = 584,    /* pixels: the digest's column between its margins */
    LOGO = 560,      /* of a logo, which is shown at half of it: twice as sharp */
    ONE_S = 15,      /* for one */
    ALL_S = 60,      /* for all of them: the run has other work */
    PIXEL = 2,       /* wide and high: not there to be seen */
    SHARE = 4,       /* one takes at most this part of images_size, */
    LEAST = 12 << 10 /* but may have so much */
};

struct pictures {
    const struct config *c;
    const struct config_newsletter *n;
    struct arena *arena;
    struct http *http;
    struct issue_input *inputs;
    size_t inputs_n;
    struct str missing[PICTURES_MAX]; /* addresses that were tried in vain */
    size_t missing_n;
    struct str hosts[HOSTS_MAX]; /* that did not answer: not asked again for this issue */
    size_t hosts_n;
    int64_t began; /* clock_mono_ns */
    bool late;     /* the time is used up, and it was said */
};

enum status pictures_new(const struct config *c, const struct config_newsletter *n, struct arena *a,
                         struct pictures **out, struct error *err) {
    struct pictures *p = calloc(1, sizeof *p);
    if (!p) {
        return error_set(err, ERR_OS, "out of memory");
    }
    *p = (struct pictures){.c = c, .n = n, .arena = a, .began = clock_mono_ns()};
    p->inputs = arena_alloc(a, PICTURES_MAX * sizeof *p->inputs);
    *out = p;
    return OK;
}

void pictures_free(struct pictures *p) {
    if (p) {
        http_free(p->http);
        free(p);
    }
}

void pictures_inputs(const struct pictures *p, struct issue_input **inputs, size_t *n) {
    *inputs = p->inputs;
    *n = p->inputs_n;
}

static bool is_known(const struct pictures *p, struct str url) {
    for (size_t i = 0; i < p->inputs_n; i++) {
        if (str_eq(p->inputs[i].name, url)) {
            return true;
        }
    }
    for (size_t i = 0; i < p->missing_n; i++) {
        if (str_eq(p->missing[i], url)) {
            return true;
        }
    }
    return false;
}

static bool may_be_private(const struct pictures *p, const struct article *x) {
    const struct config_source *source =
        x->source.ptr ? config_source_named(p->c, arena_cstr(p->arena, x->source)) : NULL;
    return source && source->fetch_private;
}

/* Makes the picture in BYTES small and freezes it as NAME. *pixel: it isn't there to be seen, and was not taken. */
static enum status freeze(struct pictures *p, struct str bytes, struct str name, int max_width, struct arena *a,
                          bool *pixel, struct error *err) {
    size_t share = p->n->images_size_bytes / SHARE;
    const struct shrink_limits limits = {.max_width = max_width, .max_bytes = share > LEAST ? share : LEAST};
    struct picture small;
    enum status st = picture_shrink(bytes, &limits, a, &small, err);
    *pixel = st == OK && small.width <= PIXEL && small.height <= PIXEL;
    if (st != OK || *pixel) {
        return st;
    }
    /* one line, then the bytes; pictures_read takes it apart */
    char head[64];
    int n = snprintf(head, sizeof head, "%d %d %s\n", small.width, small.height, small.png ? "png" : "jpeg");
    char *content = arena_alloc(p->arena, (size_t)n + small.bytes.len);
    memcpy(content, head, (size_t)n);
    memcpy(content + n, small.bytes.ptr, small.bytes.len);
    p->inputs[p->inputs_n] = (struct issue_input){.kind = ISSUE_PICTURE,
                                                  .position = (int64_t)p->inputs_n,
                                                  .name = arena_str(p->arena, name),
                                                  .content = {content, (size_t)n + small.bytes.len}};
    p->inputs_n++;
    return OK;
}

/* *answered: the server is there, whatever it said. *pixel: as with freeze. */
static enum status fetch(struct pictures *p, struct str url, struct str name, int max_width, bool private,
                         bool *answered, bool *pixel, struct error *err) {
    struct http_response answer = {0};
    const struct http_request r = {.url = arena_cstr(p->arena, url),
                                   .accept = "image/jpeg, image/png, image/webp, image/gif",
                                   .max_bytes = BYTES_MAX,
                                   .timeout_s = ONE_S,
                                   .allow_private = private};
    struct arena *a = arena_new();
    enum status st = a ? OK : error_set(err, ERR_OS, "out of memory");
    if (st == OK && !p->http) {
        st = http_new(&p->http, err);
    }
    if (st == OK) {
        st = http_get(p->http, &r, a, &answer, err);
    }
    *answered = answer.status != 0;
    *pixel = false;
    if (st == OK) {
        st = freeze(p, answer.body, name, max_width, a, pixel, err);
    }
    arena_free(a);
    return st;
}

static enum status read_logo(struct pictures *p, const char *path, struct error *err) {
    struct arena *a = arena_new();
    struct stat b;
    FILE *f = fopen(path, "re");
    enum status st = a ? OK : error_set(err, ERR_OS, "out of memory");
    if (st == OK && (!f || fstat(fileno(f), &b) != 0)) {
        st = error_set(err, ERR_NOINPUT, "%s can't be read: %s", path, strerror(errno));
    } else if (st == OK && (!S_ISREG(b.st_mode) || b.st_size > BYTES_MAX)) {
        st = error_set(err, ERR_DATA, "%s is no file of at most %d MiB", path, BYTES_MAX >> 20);
    } else if (st == OK) {
        char *bytes = arena_alloc(a, (size_t)b.st_size + 1);
        struct str all = {bytes, fread(bytes, 1, (size_t)b.st_size, f)};
        bool pixel;
        if ((st = freeze(p, all, STR(LOGO_INPUT), LOGO, a, &pixel, err)) != OK) {
            (void)error_prefix(err, "%s", path);
        }
    }
    if (f) {
        (void)fclose(f);
    }
    arena_free(a);
    return st;
}

enum status pictures_add_logo(struct pictures *p, struct error *err) {
    const char *logo = p->n->logo;
    bool url = logo && strncmp(logo, "http", 4) == 0;
    bool answered, pixel;
    if (!logo || p->n->images == CONFIG_IMAGES_NONE || (url && p->n->images == CONFIG_IMAGES_LINK)) {
        return OK;
    }
    return url ? fetch(p, str_from(logo), STR(LOGO_INPUT), LOGO, false, &answered, &pixel, err)
               : read_logo(p, logo, err);
}

static enum status take(struct pictures *p, const struct article *x, struct str url, struct error *err) {
    struct error why = {0};
    if (!url.len || is_known(p, url) || p->inputs_n == PICTURES_MAX || p->missing_n == PICTURES_MAX) {
        return OK;
    }
    if (clock_mono_ns() - p->began > (int64_t)ALL_S * 1000000000) {
        if (!p->late) {
            log_warning("newsletter %s: pictures from article %lld on are left out: fetching took more than %d s",
                        p->n->name, (long long)x->id, ALL_S);
        }
        p->late = true;
        return OK;
    }
    struct str host = arena_str(p->arena, http_host(arena_cstr(p->arena, url)));
    for (size_t i = 0; i < p->hosts_n; i++) {
        if (str_eq(p->hosts[i], host)) {
            p->missing[p->missing_n++] = arena_str(p->arena, url);
            return OK;
        }
    }
    bool answered, pixel;
    enum status st = fetch(p, url, url, COLUMN, may_be_private(p, x), &answered, &pixel, &why);
    if (st == ERR_TEMP || st == ERR_OS) {
        return error_set(err, st, "%s", why.text);
    }
    if (st != OK) {
        bool silent = (st == ERR_NOHOST || st == ERR_UNAVAILABLE) && !answered && p->hosts_n < HOSTS_MAX;
        if (silent) {
            p->hosts[p->hosts_n++] = host;
        }
        log_warning("newsletter %s: a picture of article %lld is left out%s: %s", p->n->name, (long long)x->id,
                    silent ? ", and whatever else is from there" : "", why.text);
    }
    if (st != OK || pixel) {
        p->missing[p->missing_n++] = arena_str(p->arena, url);
    }
    return OK;
}

struct urls {
    struct arena *arena;
    struct str list[BODY_MAX];
    size_t n;
};

static struct str note(void *arg, struct str url) {
    struct urls *u = arg;
    if (u->n < BODY_MAX) {
        u->list[u->n++] = arena_str(u->arena, url);
    }
    return STR_NONE;
}

enum status pictures_add(struct pictures *p, const struct article *x, struct error *err) {
    if (p->n->images != CONFIG_IMAGES_EMBED || p->n->body == CONFIG_BODY_TITLES) {
        return OK;
    }
    enum status st = take(p, x, x->image_url, err);
    if (st == OK && p->n->body == CONFIG_BODY_FULL) {
        struct urls urls = {.arena = p->arena};
        struct buf html = BUF_INIT;
        const struct clean_options o = {
            .base_url = x->url, .images = IMAGES_EMBED, .picture = note, .picture_arg = &urls};
        (void)article_body_html(x->body, x->format, &o, &html, NULL); /* a body that can't be shown has none */
        buf_release(&html);
        for (size_t i = 0; i < urls.n && st == OK; i++) {
            st = take(p, x, urls.list[i], err);
        }
    }
    return st;
}

bool pictures_read(const struct issue_input *in, struct picture_frozen *out) {
    char head[64], type[8] = "";
    size_t end = str_find(in->content, '\n', 0);
    if (end >= in->content.len || end >= sizeof head) {
        return false;
    }
    memcpy(head, in->content.ptr, end);
    head[end] = '\0';
    *out = (struct picture_frozen){.url = in->name, .bytes = str_sub(in->content, end + 1, in->content.len)};
    if (sscanf(head, "%d %d %7s", &out->width, &out->height, type) != 3) {
        return false;
    }
    out->type = strcmp(type, "png") == 0 ? STR("image/png") : STR("image/jpeg");
    return out->width > 0 && out->height > 0;
}
