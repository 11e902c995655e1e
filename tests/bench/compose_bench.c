/* How fast message/ composes and signs on one core: messages of some 10 KB of a rendition with a greeting, links and a
 * footer of the reader's own.
 * usage: compose_bench SECONDS [KEY.pem...] [--pictures KB [KEY.pem...]]   prints messages a second, bytes a message
 * and growth of the heap, signed with each KEY; behind --pictures, with so many KB of embedded pictures */
#include "message/compose.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct piece fixed(const struct buf *b) {
    return (struct piece){.kind = PIECE_FIXED, .text = buf_str(b)};
}

static struct piece slot(enum message_slot s, enum piece_escape e) {
    return (struct piece){.kind = PIECE_SLOT, .slot = (int)s, .escape = e};
}

/* A part of about SIZE bytes: "Dear NAME", paragraphs, and the links that each reader has of their own. */
static struct body *part(size_t size, bool html, struct error *err) {
    struct buf text = BUF_INIT, dear = BUF_INIT, foot = BUF_INIT;
    struct body *b = NULL;
    buf_adds(&dear, html ? "<html><body><p>Dear " : "Dear ");
    while (text.len < size) {
        buf_adds(&text, html ? "<p style=\"margin:0 0 16px\">The gauge at the old bridge is read every hour.</p>\n"
                             : "The gauge at the old bridge is read every hour, and the figures go up on the board.\n");
    }
    buf_adds(&foot, html ? "</body></html>\n" : "\n");
    enum piece_escape e = html ? PIECE_HTML : PIECE_RAW;
    struct piece p[] = {fixed(&dear), slot(SLOT_GIVEN_NAME, e),      fixed(&text), slot(SLOT_UNSUBSCRIBE_URL, e),
                        fixed(&foot), slot(SLOT_PREFERENCES_URL, e), fixed(&foot)};
    if (body_new(p, sizeof p / sizeof *p, &b, err) != OK) {
        b = NULL;
    }
    buf_release(&text);
    buf_release(&dear);
    buf_release(&foot);
    return b;
}

static struct message_rendition *rendition(size_t picture_bytes, struct error *err) {
    struct message_common c = {.from_name = STR("Example Desk"),
                               .from_address = STR("news@example.org"),
                               .subject = STR("Example Weekly 12: what the river does"),
                               .date = STR("Mon, 23 Nov 2026 07:05:00 +0000"),
                               .list_id = STR("weekly.news.example.org"),
                               .site_url = STR("https://news.example.org"),
                               .feedback_id = STR("12:weekly:digest:news.example.org"),
                               .hostname = STR("news.example.org"),
                               .base_url = STR("https://news.example.org/mail"),
                               .one_click = true,
                               .bounce_address = STR("bounces@example.org")};
    struct message_rendition *r = NULL;
    enum { N = 4 };
    struct message_picture *pictures[N] = {NULL};
    char *bytes = malloc(picture_bytes / N + 1);
    size_t n = 0;
    while (bytes && picture_bytes && n < N) {
        char id[40];
        for (size_t i = 0; i < picture_bytes / N; i++) {
            bytes[i] = (char)(i * 31 + i / 7 + n);
        }
        (void)snprintf(id, sizeof id, "picture%zu@news.example.org", n);
        if (message_picture_new(str_from(id), STR("image/jpeg"), (struct str){bytes, picture_bytes / N}, &pictures[n],
                                err) != OK) {
            break;
        }
        n++;
    }
    free(bytes);
    struct body *text = part(2500, false, err), *html = part(6500, true, err);
    if (text && html && message_rendition_new(&c, text, html, pictures, n, &r, err) != OK) {
        r = NULL;
    }
    for (size_t i = 0; i < n; i++) {
        message_picture_free(pictures[i]);
    }
    return r;
}

/* CPU time of this program in seconds: what `openssl speed` counts too, so that other programs change neither. */
static double cpu_s(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Messages a second of CPU time with these keys. The first thousand warm up; ALLOCATED gets the growth of the heap
 * afterwards. */
static double rate(const struct message_rendition *r, const struct token_keys *tokens, const struct signing_keys *keys,
                   double seconds, size_t *bytes, long *allocated, struct error *err) {
    struct message_bytes m = {0};
    char address[64] = "", name[32] = "";
    long n = 0;
    size_t heap = 0;
    double begin = 0;
    double took = 0;
    while (took < seconds) {
        if (n == 1000) {
            begin = cpu_s();
            heap = mallinfo2().uordblks;
        }
        int address_n = snprintf(address, sizeof address, "r%ld@example.net", n % 100000);
        int name_n = snprintf(name, sizeof name, "Reader %ld", n % 100000);
        struct str given = {name, (size_t)name_n};
        struct message_reader reader = {.issue = 12,
                                        .subscriber = n % 100000,
                                        .generation = 1,
                                        .address = {address, (size_t)address_n},
                                        .name = given,
                                        .given_name = given};
        if (message_compose(r, tokens, keys, &reader, &m, err) != OK) {
            return 0;
        }
        if (++n > 1000 && n % 16 == 0) {
            took = cpu_s() - begin;
        }
    }
    *allocated = (long)(mallinfo2().uordblks - heap);
    *bytes = m.head.len + m.body.len;
    message_bytes_release(&m);
    return (double)(n - 1000) / took;
}

int main(int argc, char **argv) {
    struct error err = {0};
    struct secret secret = {{1}};
    struct token_keys *tokens = NULL;
    struct message_rendition *r = rendition(0, &err);
    const char *prefix = "";
    double seconds = argc > 1 ? atof(argv[1]) : 1;
    enum status st = r ? token_keys_new(&secret, &tokens, &err) : err.status;
    bool unsigned_first = true;
    for (int i = 1; i < argc && st == OK; i++) {
        struct signing_keys keys = {0};
        size_t bytes = 0;
        long allocated = 0;
        bool signing = !unsigned_first;
        if (strcmp(argv[i], "--pictures") == 0 && i + 1 < argc) {
            message_rendition_free(r);
            r = rendition((size_t)atol(argv[++i]) << 10, &err);
            st = r ? OK : err.status;
            prefix = "pictures:";
            signing = false;
        }
        unsigned_first = false;
        if (signing && st == OK) {
            st = signing_keys_add(&keys, argv[i], STR("example.org"), STR("s"), &err);
        }
        if (st == OK) {
            double v = rate(r, tokens, signing ? &keys : NULL, seconds, &bytes, &allocated, &err);
            st = v > 0 ? OK : err.status;
            printf("%s%s %.0f %zu %ld\n", prefix, signing ? argv[i] : "unsigned", v, bytes, allocated);
        }
        signing_keys_release(&keys);
    }
    if (st != OK) {
        fprintf(stderr, "%s\n", err.text);
    }
    message_rendition_free(r);
    token_keys_free(tokens);
    return (int)st;
}
