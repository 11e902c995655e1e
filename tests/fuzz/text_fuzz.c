// modules: base text
/* Summaries, widths, wrapped lines, languages: no crash, nothing lost, nothing longer than asked. */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "text/language.h"
#include "text/line.h"
#include "text/summary.h"
#include "text/width.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok) {
    if (!ok) {
        abort();
    }
}

static void count_line(void *context, struct str line, bool space, bool hard) {
    (void)space;
    (void)hard;
    *(size_t *)context += line.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const langs[] = {NULL, "en", "th", "bo", "zh-Hans", "ja", "my", "ug"};
    if (size < 2) {
        return 0;
    }
    const char *lang = langs[data[0] % 8];
    size_t limit = data[1];
    struct str s = {(const char *)data + 2, size - 2};
    struct buf b = BUF_INIT, flat = BUF_INIT;
    struct arena *a = arena_new();
    struct str tag;

    summary_flatten(s, &flat);
    must(utf8_valid(buf_str(&flat)));
    bool cut = summary_cut(s, lang, limit, &b);
    must(utf8_valid(buf_str(&b)) && b.len <= flat.len + 3);
    must(cut || str_eq(buf_str(&b), buf_str(&flat)));
    buf_clear(&b);
    summary_flatten(buf_str(&flat), &b);
    must(str_eq(buf_str(&b), buf_str(&flat)));
    buf_clear(&b);
    width_pad(s, limit, false, &b);
    must(width_of(buf_str(&b)) == limit);
    must(width_of(str_sub(s, 0, width_fit(s, limit))) <= limit);
    size_t shown = 0;
    must(line_wrap(s, lang, limit, count_line, &shown, NULL) == OK && shown <= s.len);
    (void)text_direction(s);
    if (language_normalise(s, a, &tag, NULL) == OK) {
        struct str again;
        must(language_normalise(tag, a, &again, NULL) == OK && str_eq(tag, again));
        must(language_matches(tag.ptr, tag.ptr));
        (void)language_is_rtl(tag.ptr);
    }
    buf_release(&b);
    buf_release(&flat);
    arena_free(a);
    return 0;
}
