/* Goal: what is kept of an article gives the same bytes as rendering it anew: with other links before it, with pictures
 * that are there or not, and when it can't be rendered at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "digest/kept.h"

#include <stdio.h>

/* The pictures of one rendition: room for so many, and those it has. */
struct pictures {
    int room;
    bool has[26];
};

static struct str picture(void *arg, struct str url) {
    struct pictures *p = arg;
    int which = url.ptr[url.len - 5] - 'a';
    if (!p->has[which] && p->room == 0) {
        return STR_NONE;
    }
    p->room -= !p->has[which];
    p->has[which] = true;
    return which ? STR("cid:b@example.org") : STR("cid:a@example.org");
}

static const struct article_input article = {
    .title = {"A &amp; B", 9},
    .body = {"<p>One <a href=/one>link</a> and <a href=/two>more</a> <img src=a.png alt=A><img src=b.png alt=B>", 97},
    .lang = "en",
    .url = {"https://example.org/x", 21}};

/* Renders IN twice, by KEPT and anew, with LINKS links before it and room for ROOM pictures. */
static void compare(struct kept *k, const json_t *frozen, struct article_input in, enum article_mode mode, int links,
                    int room) {
    struct arena *a = arena_new();
    struct article_output out[2];
    struct plain_links list[2];
    struct pictures pictures[2] = {{.room = room}, {.room = room}};
    enum status st[2];
    struct error err[2] = {{0}, {0}};
    for (int i = 0; i < 2; i++) {
        plain_links_init(&list[i], a);
        for (int n = 0; n < links; n++) {
            (void)plain_links_number(&list[i], arena_printf(a, "https://example.org/%d", n));
        }
        struct article_options o = {
            .mode = mode, .images = IMAGES_EMBED, .picture = picture, .picture_arg = &pictures[i], .links = &list[i]};
        st[i] = i == 0 ? kept_article(k, frozen, &in, &o, a, &out[i], &err[i])
                       : article_render(&in, &o, a, &out[i], &err[i]);
    }
    assert_int_equal(st[0], st[1]);
    assert_string_equal(err[0].text, err[1].text);
    assert_true(str_eq(out[0].title, out[1].title));
    if (st[0] == OK) {
        assert_string_equal(out[0].body_html.ptr, out[1].body_html.ptr);
        assert_string_equal(out[0].body_text.ptr, out[1].body_text.ptr);
        assert_int_equal(out[0].shortened, out[1].shortened);
        assert_int_equal(list[0].count, list[1].count);
        assert_int_equal(pictures[0].room, pictures[1].room);
    }
    arena_free(a);
}

static void same_bytes(void **state) {
    (void)state;
    struct kept *k = kept_new();
    json_t *one = json_object(), *two = json_object();
    struct article_input second = article;
    second.body = STR("<p>Quite another one.</p>");
    for (int round = 0; round < 3; round++) {
        for (int links = 0; links < 12; links += 5) {
            compare(k, one, article, ARTICLE_FULL, links, 5);
            compare(k, one, article, ARTICLE_FULL, links, 0);
            compare(k, one, article, ARTICLE_FULL, links, 1);
            compare(k, one, article, ARTICLE_SUMMARY, links, 5);
            compare(k, one, article, ARTICLE_TITLES, links, 5);
            compare(k, two, second, ARTICLE_FULL, links, 5);
            compare(k, two, second, ARTICLE_SUMMARY, links, 5);
        }
    }
    json_decref(one);
    json_decref(two);
    kept_free(k);
}

static void unrenderable(void **state) {
    (void)state;
    struct kept *k = kept_new();
    json_t *one = json_object();
    struct article_input in = article;
    struct buf deep = BUF_INIT;
    for (int i = 0; i < CLEAN_DEPTH_MAX + 10; i++) {
        buf_adds(&deep, "<div>");
    }
    in.body = buf_str(&deep);
    compare(k, one, in, ARTICLE_FULL, 0, 0);
    compare(k, one, in, ARTICLE_FULL, 3, 0);
    buf_release(&deep);
    json_decref(one);
    kept_free(k);
}

/* More than it keeps: what goes beyond is rendered anew. */
static void bounded(void **state) {
    (void)state;
    enum { N = 90 };
    struct kept *k = kept_new();
    json_t *frozen[N];
    struct article_input in = article;
    struct buf body = BUF_INIT;
    while (body.len < 60000) {
        buf_adds(&body, "<p>The gauge at the old bridge is read every hour.</p>");
    }
    in.body = buf_str(&body);
    for (int i = 0; i < N; i++) {
        frozen[i] = json_object();
        compare(k, frozen[i], in, ARTICLE_FULL, 0, 0);
    }
    compare(k, frozen[0], in, ARTICLE_FULL, 2, 0);
    compare(k, frozen[N - 1], in, ARTICLE_FULL, 2, 0);
    for (int i = 0; i < N; i++) {
        json_decref(frozen[i]);
    }
    buf_release(&body);
    kept_free(k);
    kept_free(NULL);
}

static void dates(void **state) {
    (void)state;
    static const char *const languages[] = {"en",
                                            "fr",
                                            "de",
                                            "th",
                                            "ar",
                                            "zh",
                                            "bo",
                                            "ug",
                                            "my",
                                            "he",
                                            "",
                                            "???",
                                            "fa",
                                            "ja",
                                            "en",
                                            "a-language-tag-much-longer-than-any-"
                                            "that-there-is-in-the-registry-of-them"};
    struct kept *k = kept_new();
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
            struct buf got = BUF_INIT, want = BUF_INIT;
            struct date_formatter *f = kept_dates(k, languages[i]);
            assert_non_null(f);
            assert_true(strlen(languages[i]) > 63 || f == kept_dates(k, languages[i]));
            f = kept_dates(k, languages[i]);
            date_formatter_add(f, 1795413900, NULL, &got);
            date_format(1795413900, NULL, languages[i], DATE_DAY, &want);
            assert_string_equal(buf_cstr(&got), buf_cstr(&want));
            buf_release(&got);
            buf_release(&want);
        }
    }
    kept_free(k);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_bytes), cmocka_unit_test(unrenderable),
                                       cmocka_unit_test(bounded), cmocka_unit_test(dates)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
