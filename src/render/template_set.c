#include "render/template_set.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "render/shipped.h"

enum { TEMPLATE_MAX = 1024 * 1024 };

static const struct {
    enum template_folder bit;
    const char *name;
} places[] = {{TEMPLATES_TOP, ""}, {TEMPLATES_PART, "part/"}, {TEMPLATES_MAIL, "mail/"}};
enum { PLACES = sizeof places / sizeof *places };

struct templates {
    struct template_file *list;
    size_t n;
    struct arena *arena;
};

/* One template of the site's own folder, in the arena. */
static enum status read_template(int folder, const char *name, struct arena *a, struct str *out, struct error *err) {
    enum status st = OK;
    struct stat b;
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &b) != 0) {
        st = error_set(err, ERR_NOINPUT, "template %s can't be read: %s", name, strerror(errno));
    } else if (!S_ISREG(b.st_mode) || b.st_size > TEMPLATE_MAX) {
        st = error_set(err, ERR_CONFIG, "template %s is no file of at most 1 MiB", name);
    } else {
        char *p = arena_alloc(a, (size_t)b.st_size + 1);
        size_t got = 0;
        ssize_t n;
        while (got < (size_t)b.st_size && (n = read(fd, p + got, (size_t)b.st_size - got)) > 0) {
            got += (size_t)n;
        }
        *out = (struct str){p, got};
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return st;
}

static enum status put_template(struct templates *t, struct str name, struct str content, struct error *err) {
    for (size_t i = 0; i < t->n; i++) {
        if (str_eq(t->list[i].name, name)) {
            t->list[i].content = content; /* the site's own replaces the shipped one */
            return OK;
        }
    }
    if (t->n == TEMPLATES_MAX) {
        return error_set(err, ERR_CONFIG, "more than %d templates", TEMPLATES_MAX);
    }
    t->list[t->n++] = (struct template_file){arena_str(t->arena, name), content};
    return OK;
}

static int names(const struct dirent *e) {
    struct str n = str_from(e->d_name);
    return n.ptr[0] != '.' && (str_ends(n, STR(".html")) || str_ends(n, STR(".txt")));
}

/* The templates of a folder, in the order of their names. */
static enum status own_templates(struct templates *t, const char *folder, unsigned wanted, struct error *err) {
    enum status st = OK;
    for (size_t k = 0; k < PLACES && st == OK; k++) {
        struct str path = arena_printf(t->arena, "%s/%s", folder, places[k].name);
        struct dirent **found = NULL;
        if (!(places[k].bit & wanted)) {
            continue;
        }
        int n = scandir(path.ptr, &found, names, alphasort);
        if (n < 0) {
            struct stat b;
            if (k == 0 || stat(folder, &b) != 0) {
                st = error_set(err, ERR_CONFIG, "the template folder %s can't be read: %s", folder, strerror(errno));
            }
            continue;
        }
        int fd = open(path.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        for (int i = 0; i < n; i++) {
            struct str content;
            if (st == OK && fd >= 0 && (st = read_template(fd, found[i]->d_name, t->arena, &content, err)) == OK) {
                st = put_template(t, arena_printf(t->arena, "%s%s", places[k].name, found[i]->d_name), content, err);
            }
            free(found[i]);
        }
        free(found);
        if (fd >= 0) {
            (void)close(fd);
        }
    }
    return st;
}

/* The folder that NAME stands in; 0: one that nobody asks for. */
static unsigned place_of(struct str name) {
    size_t slash = str_find(name, '/', 0);
    struct str folder = str_sub(name, 0, slash == name.len ? 0 : slash + 1);
    for (size_t i = 0; i < PLACES; i++) {
        if (str_eq(folder, str_from(places[i].name))) {
            return places[i].bit;
        }
    }
    return 0;
}

enum status template_set_load(const char *own, unsigned folders, struct arena *a, struct template_file **list,
                              size_t *n, struct error *err) {
    enum status st = OK;
    struct str name, content;
    struct templates t = {.list = arena_alloc(a, TEMPLATES_MAX * sizeof **list), .arena = a};
    for (size_t i = 0; shipped_template(i, &name, &content) && st == OK; i++) {
        if (place_of(name) & folders) {
            st = put_template(&t, name, content, err);
        }
    }
    if (st == OK && own) {
        st = own_templates(&t, own, folders, err);
    }
    *list = t.list;
    *n = t.n;
    return st;
}
