#include "config/config.h"

#include "base/arena.h"
#include "base/buf.h"
#include "config/link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FILE_MAX = 8 << 20 };

struct config_lines {
    struct raw raw;
};

/* Which kind of section NAME is; SCHEMA_SECTIONS when it is none, and that is reported. */
static enum schema_id section_kind(const struct assign *as, const struct raw_section *s) {
    struct str name = str_from(s->name);
    size_t point = str_find(name, '.', 0);
    struct str kind = str_sub(name, 0, point), own = str_sub(name, point + 1, name.len);
    const char *kinds[SCHEMA_SECTIONS];
    for (size_t i = 0; i < SCHEMA_SECTIONS; i++) {
        const struct schema_section *schema = &schema_sections[i];
        kinds[i] = schema->name;
        if (!str_eq(kind, str_from(schema->name)))
            continue;
        if (point < name.len && !schema->named) {
            report_add(as->report, s->line, "[%s] takes no name: write [%s]", s->name, schema->name);
            return SCHEMA_SECTIONS;
        }
        if (point == name.len && !schema->plain) {
            report_add(as->report, s->line, "[%s] needs a name: write [%s.NAME]", s->name, schema->name);
            return SCHEMA_SECTIONS;
        }
        for (size_t j = 0; j < own.len; j++) {
            char c = own.ptr[j];
            bool ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                      (c == '-' && j > 0) || (c == '.' && j > 0 && i != SCHEMA_NEWSLETTER);
            if (!ok)
                own.len = 0;
        }
        if (point < name.len && !own.len) {
            report_add(as->report, s->line, "the name in [%s] may have letters, digits, '-' and '_' only", s->name);
            return SCHEMA_SECTIONS;
        }
        return (enum schema_id)i;
    }
    const char *near = report_nearest(kind, kinds, SCHEMA_SECTIONS);
    if (!near)
        report_add(as->report, s->line, "unknown section [%s]; courant.ini(5) lists the sections", s->name);
    else if (point < name.len)
        report_add(as->report, s->line, "unknown section [%s]; did you mean [%s.%.*s]?", s->name, near, STR_ARG(own));
    else
        report_add(as->report, s->line, "unknown section [%s]; did you mean [%s]?", s->name, near);
    return SCHEMA_SECTIONS;
}

/* Room for N structs of a kind, zeroed, never NULL. */
static void *room(const struct assign *as, enum schema_id id, size_t n) {
    return arena_alloc(as->arena, (n + 1) * schema_sections[id].size);
}

static void read_paces(const struct assign *as, const struct raw_section *s, struct config *c) {
    size_t n = 0;
    for (const struct raw_entry *e = s->entries; e; e = e->next)
        n++;
    struct config_pace *paces = room(as, SCHEMA_PACE, n);
    c->paces = paces;
    c->pace_line = s->line;
    for (const struct raw_entry *e = s->entries; e; e = e->next) {
        assign_pace(as, e, &paces[c->paces_n]);
        for (size_t i = 0; i < c->paces_n; i++)
            if (strcmp(paces[i].domain, paces[c->paces_n].domain) == 0)
                report_add(as->report, e->line, "'%s' is already set on line %d; keep one of them", e->key,
                           paces[i].line);
        c->paces_n++;
    }
}

static void read_sections(const struct assign *as, const struct raw *raw, struct config *c) {
    size_t n[SCHEMA_SECTIONS + 1] = {0};
    enum schema_id id;
    for (const struct raw_section *s = raw->sections; s; s = s->next)
        n[SCHEMA_SECTIONS]++;
    enum schema_id *kinds = arena_alloc(as->arena, (n[SCHEMA_SECTIONS] + 1) * sizeof *kinds);
    size_t at = 0;
    n[SCHEMA_SECTIONS] = 0;
    for (const struct raw_section *s = raw->sections; s; s = s->next) {
        id = section_kind(as, s);
        n[id]++;
        kinds[at++] = id;
    }
    struct config_relay *relays = room(as, SCHEMA_RELAY, n[SCHEMA_RELAY]);
    struct config_dkim *dkims = room(as, SCHEMA_DKIM, n[SCHEMA_DKIM]);
    struct config_newsletter *newsletters = room(as, SCHEMA_NEWSLETTER, n[SCHEMA_NEWSLETTER]);
    struct config_source *sources = room(as, SCHEMA_SOURCE, n[SCHEMA_SOURCE]);
    void *target[SCHEMA_SECTIONS] = {[SCHEMA_SITE] = &c->site,   [SCHEMA_DATABASE] = &c->database,
                                     [SCHEMA_QUEUE] = &c->queue, [SCHEMA_RELAY] = relays,
                                     [SCHEMA_DKIM] = dkims,      [SCHEMA_NEWSLETTER] = newsletters,
                                     [SCHEMA_SOURCE] = sources,  [SCHEMA_BOUNCE] = &c->bounce,
                                     [SCHEMA_WEB] = &c->web};
    c->relays = relays;
    c->dkims = dkims;
    c->newsletters = newsletters;
    c->sources = sources;

    for (size_t i = 0; i < SCHEMA_SECTIONS; i++)
        if (!schema_sections[i].named && !n[i] && i != SCHEMA_PACE)
            assign_section(as, &schema_sections[i], NULL, target[i]);
    if (!n[SCHEMA_SITE])
        report_add(as->report, 0, "there is no [site]; it needs 'name' and 'url'");
    at = 0;
    for (const struct raw_section *s = raw->sections; s; s = s->next) {
        id = kinds[at++];
        if (id == SCHEMA_PACE) {
            read_paces(as, s, c);
        } else if (id != SCHEMA_SECTIONS) {
            assign_section(as, &schema_sections[id], s, target[id]);
            target[id] = (char *)target[id] + schema_sections[id].size;
        }
    }
    c->relays_n = n[SCHEMA_RELAY];
    c->dkims_n = n[SCHEMA_DKIM];
    c->newsletters_n = n[SCHEMA_NEWSLETTER];
    c->sources_n = n[SCHEMA_SOURCE];
    link_config(as, raw, c, relays, newsletters, sources);
}

/* The folder of PATH, absolute; NULL when the present folder is gone. */
static const char *folder_of(struct arena *a, struct str path) {
    size_t end = path.len;
    while (end > 0 && path.ptr[end - 1] != '/')
        end--;
    while (end > 1 && path.ptr[end - 1] == '/') /* "a/b" gives "a", "/b" gives "/" */
        end--;
    struct str folder = str_sub(path, 0, end);
    if (folder.len && folder.ptr[0] == '/')
        return arena_cstr(a, folder);
    char *here = getcwd(NULL, 0);
    if (!here)
        return NULL;
    while (str_starts(folder, STR("./")))
        folder = str_sub(folder, 2, folder.len);
    if (str_eq(folder, STR(".")))
        folder = STR_NONE;
    bool root = strcmp(here, "/") == 0;
    const char *full =
        arena_printf(a, "%s%s%.*s", root ? "" : here, folder.len || root ? "/" : "", STR_ARG(folder)).ptr;
    free(here);
    return full;
}

enum status config_parse(struct str text, const char *path, struct config **out, struct config_errors *errors) {
    struct arena *a = arena_new();
    struct report report = {path, errors};
    *out = NULL;
    if (!a) {
        report_add(&report, 0, "out of memory");
        return ERR_OS;
    }
    struct config *c = arena_alloc(a, sizeof *c);
    struct config_lines *lines = arena_alloc(a, sizeof *lines);
    c->arena = a;
    c->lines = lines;
    c->file = arena_cstr(a, str_from(path));
    c->folder = folder_of(a, str_from(path));
    if (c->folder) {
        struct assign as = {a, &report, c->folder};
        raw_read(text, a, &report, &lines->raw);
        read_sections(&as, &lines->raw, c);
    } else {
        report_add(&report, 0, "the present folder can't be told: %s", strerror(errno));
    }
    if (errors->n) {
        report_sort(&report);
        config_free(c);
        return ERR_CONFIG;
    }
    *out = c;
    return OK;
}

enum status config_load(const char *path, struct config **out, struct config_errors *errors) {
    struct report report = {path, errors};
    struct buf text = BUF_INIT;
    enum status status = ERR_NOINPUT;
    *out = NULL;
    FILE *file = fopen(path, "re");
    if (!file) {
        report_add(&report, 0, "the configuration can't be read: %s", strerror(errno));
        goto done;
    }
    for (;;) {
        if (!buf_reserve(&text, 65536))
            break;
        size_t n = fread(text.ptr + text.len, 1, 65536, file);
        text.len += n;
        if (n == 0 || text.len > FILE_MAX)
            break;
    }
    if (ferror(file)) {
        report_add(&report, 0, "the configuration can't be read: %s", strerror(errno));
    } else if (text.failed) {
        status = ERR_OS;
        report_add(&report, 0, "out of memory");
    } else if (text.len > FILE_MAX) {
        status = ERR_CONFIG;
        report_add(&report, 0, "the file is larger than %d MiB; this can't be a configuration", FILE_MAX >> 20);
    } else {
        status = config_parse(buf_str(&text), path, out, errors);
    }
done:
    if (file)
        fclose(file);
    buf_release(&text);
    return status;
}

void config_free(struct config *c) {
    if (c)
        arena_free(c->arena); /* c is in it */
}

const char *config_where(const struct config *c, const char *section, const char *key) {
    const struct raw_section *s = raw_section(&c->lines->raw, section);
    const struct raw_entry *e = key ? raw_entry(s, key) : NULL;
    return e ? e->where : s ? s->where : c->file;
}

const struct config_newsletter *config_newsletter_named(const struct config *c, const char *name) {
    for (size_t i = 0; i < c->newsletters_n; i++)
        if (strcmp(c->newsletters[i].name, name) == 0)
            return &c->newsletters[i];
    return NULL;
}

const struct config_source *config_source_named(const struct config *c, const char *name) {
    for (size_t i = 0; i < c->sources_n; i++)
        if (strcmp(c->sources[i].name, name) == 0)
            return &c->sources[i];
    return NULL;
}

const struct config_relay *config_relay_named(const struct config *c, const char *name) {
    for (size_t i = 0; i < c->relays_n; i++)
        if (strcmp(c->relays[i].name, name) == 0)
            return &c->relays[i];
    return NULL;
}

const struct config_dkim *config_dkim_for(const struct config *c, struct str domain) {
    for (size_t i = 0; i < c->dkims_n; i++)
        if (str_eq_nocase(domain, str_from(c->dkims[i].domain)))
            return &c->dkims[i];
    return NULL;
}

const struct config_rate *config_pace_for(const struct config *c, struct str domain) {
    const struct config_rate *any = NULL;
    for (size_t i = 0; i < c->paces_n; i++) {
        if (str_eq_nocase(domain, str_from(c->paces[i].domain)))
            return &c->paces[i].rate;
        if (strcmp(c->paces[i].domain, "*") == 0)
            any = &c->paces[i].rate;
    }
    return any;
}
