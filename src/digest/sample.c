#include "digest/sample.h"

#include "text/words.h"

/* courant-templates(7) has the same list in words. */
#define TYPE                                                                                                           \
    "'type': {'font': 'serif', 'leading': '1.6', 'tight': '1.5', 'size': '17', 'name': '34', 'title': '24', "          \
    "'heading': '20', "                                                                                                \
    "'small': '15'}"
#define TONGUE "'lang': 'en', 'dir': 'ltr'"
static const char text[] =
    "{'site': {'name': 'x', 'url': 'https://example.org', 'postal_address': 'x', " TONGUE "},"
    " 'newsletter': {'name': 'x', 'title': 'x', 'colour': '#123456', 'logo': 'https://example.org/l', 'logo_alt': 'x',"
    "  'logo_width': 1, 'logo_height': 1, 'footer': 'x', 'footer_text': 'x', 'list_id': 'x'},"
    " 'issue': {'subject': 'x', 'preheader': 'x', 'date': 'x', 'date_iso': 'x', 'number': '1', 'note_html': 'x',"
    "  'note_text': 'x', " TONGUE "},"
    " 'colours': {'bar': '#123456', 'accent': '#123456', 'accent_dark': '#abcdef', 'link': '#123456',"
    "  'link_dark': '#abcdef'},"
    " 'words': {" TYPE "}, " TONGUE ", " TYPE ","
    " 'topics': [{'name': 'x', 'show_heading': true, 'first': true, " TONGUE ", " TYPE ", 'articles': ["
    "  {'id': 1, 'title': 'x', 'heading_text': 'x', 'url': 'https://example.org/x', 'author': 'x', 'by': {'text': "
    "'x', " TONGUE "}, 'topic': 'x',"
    "   'date': 'x', 'date_iso': 'x', 'body_html': 'x', 'body_text': 'x', 'summary': true, 'full': true,"
    "   'titles_only': true, 'shortened': true, 'n': '1', 'link_n': 1, 'last': true, " TONGUE ", " TYPE ","
    "   'image': {'src': 'https://example.org/x', 'alt': 'x', 'alt_text': 'x', 'width': 1, 'height': 1}}]}],"
    " 'more': [{'title': 'x', 'heading_text': 'x', 'url': 'https://example.org/x', 'link_n': 1, " TONGUE ", " TYPE
    "}], 'more_n': '1', 'several': true,"
    " 'archive_url': 'https://example.org/a', 'links': [{'n': 1, 'url': 'https://example.org/x'}]}";

json_t *edition_sample(void) {
    char json[sizeof text];
    for (size_t i = 0; i < sizeof text; i++) {
        json[i] = text[i] == '\'' ? '"' : text[i];
    }
    json_t *view = json_loads(json, 0, NULL);
    json_t *words = json_object_get(view, "words");
    for (int w = 0; words && w < WORD_COUNT; w++) {
        if (w != WORD_BY) {
            (void)json_object_set_new(
                words, word_name((enum word)w),
                json_pack("{s:s, s:s, s:s, s:s}", "text", "x", "flowed", "x", "lang", "en", "dir", "ltr"));
        }
    }
    return view;
}
