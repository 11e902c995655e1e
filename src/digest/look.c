#include "digest/look.h"

#include "base/colour.h"
#include "text/script.h"

#include <stdio.h>

/* Backgrounds of templates/digest.html and part/style.html: paper and page. */
static const struct colour light[] = {{0xff, 0xfe, 0xfb}, {0xf1, 0xee, 0xe8}};
static const struct colour dark[] = {{0x1f, 0x21, 0x24}, {0x14, 0x15, 0x17}};

/* 4.5 is asked for. On dark, what just suffices looks dull. */
#define ON_LIGHT 4.6
#define ON_DARK 7.0

static json_t *pixels(int n) {
    char text[16];
    (void)snprintf(text, sizeof text, "%d", n);
    return json_string(text);
}

json_t *look_type(const char *lang) {
    const struct script_type *t = script_type(lang);
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "font", t->font, "leading", t->leading, "tight",
                     t->tight, "size", pixels(t->size), "name", pixels(t->name), "title", pixels(t->title), "heading",
                     pixels(t->heading), "small", pixels(t->small));
}

static json_t *readable(struct colour c, bool on_dark) {
    char text[COLOUR_SIZE];
    colour_write(colour_readable(c, on_dark ? dark : light, 2, on_dark ? ON_DARK : ON_LIGHT, on_dark), text);
    return json_string(text);
}

json_t *look_colours(const char *colour) {
    struct colour accent = {0x8c, 0x1c, 0x13}, link = {0x0b, 0x4a, 0x8f};
    char bar[COLOUR_SIZE];
    if (colour_parse(str_from(colour), &accent)) {
        link = accent; /* who chose a colour sees it */
    }
    colour_write(accent, bar);
    return json_pack("{s:s, s:o, s:o, s:o, s:o}", "bar", bar, "accent", readable(accent, false), "accent_dark",
                     readable(accent, true), "link", readable(link, false), "link_dark", readable(link, true));
}

const char *look_link(const json_t *colours) {
    return json_string_value(json_object_get(colours, "link"));
}
