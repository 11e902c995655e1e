#include "source/topic.h"

enum { TOPIC_MAX = 255 };

void topic_offer(struct topic *t, const struct config_list *topics, struct str label) {
    label = str_trim(label);
    if (!label.len || t->known || label.len > TOPIC_MAX) {
        return;
    }
    for (size_t i = 0; topics && i < topics->n; i++) {
        if (str_eq_nocase(label, str_from(topics->items[i]))) {
            t->name = str_from(topics->items[i]);
            t->known = true;
            return;
        }
    }
    t->name = t->name.len ? t->name : label;
}
