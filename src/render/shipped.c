#include "render/shipped.h"

static const struct {
    const char *name;
    const char *text;
    size_t len;
} templates[] = {
#include "templates.inc"
};

bool shipped_template(size_t i, struct str *name, struct str *text) {
    if (i >= sizeof templates / sizeof *templates) {
        return false;
    }
    *name = str_from(templates[i].name);
    *text = (struct str){templates[i].text, templates[i].len};
    return true;
}
