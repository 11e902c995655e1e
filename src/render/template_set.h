/* The templates of a site: the shipped ones, and its own files in their place. */
#ifndef RENDER_TEMPLATE_SET_H
#define RENDER_TEMPLATE_SET_H

#include "base/arena.h"
#include "base/status.h"

enum { TEMPLATES_MAX = 200 };

struct template_file {
    struct str name; /* below the folder: "digest.html", "part/article.txt", "mail/confirm.html" */
    struct str content;
};

/* What a digest is made of stands in the folder itself and in "part/", single mails in "mail/". */
enum template_folder { TEMPLATES_TOP = 1, TEMPLATES_PART = 2, TEMPLATES_MAIL = 4 };

/* Reads the templates of FOLDERS (bits): those compiled in, each replaced by the file of the same name in the folder
 * OWN (NULL: there is none), and further ones of that folder. *list has N of them, in arena A, in an order that hangs
 * on the names alone. ERR_CONFIG when OWN or a file can't be read. */
enum status template_set_load(const char *own, unsigned folders, struct arena *a, struct template_file **list,
                              size_t *n, struct error *err);

#endif
