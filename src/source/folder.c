#include "source/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/stop.h"
#include "source/page.h"

enum { DEPTH_MAX = 20, FILES_MAX = 100000, FILE_MAX = (1 << 20) + 65536, PATH_LEN = 1000, SHOWN = 3 };
static const int64_t RACY_NS = 2000000000;

struct file {
    struct str path; /* below the folder */
    struct stat st;
};

/* What was left out, and the first of them. */
struct left {
    size_t n;
    struct buf names;
};

struct folder {
    struct reading *r;
    int root;
    struct file *files;
    size_t n, cap, links;
    struct buf path; /* where the walk is */
    struct left no_date, no_head;
    bool expires;
};

static enum status unreadable(const struct folder *f, struct str path, struct error *err) {
    return error_set(err, ERR_NOINPUT, "%s%s%.*s can't be read: %s", f->r->source->path, path.len ? "/" : "",
                     STR_ARG(path), strerror(errno));
}

static enum status add_file(struct folder *f, const struct stat *st, struct error *err) {
    if (f->n == FILES_MAX) {
        return error_set(err, ERR_DATA, "there are more than %d files in %s", FILES_MAX, f->r->source->path);
    }
    if (f->n == f->cap) {
        size_t cap = f->cap ? f->cap * 2 : 256;
        struct file *more = reallocarray(f->files, cap, sizeof *more);
        if (!more) {
            return error_set(err, ERR_OS, "out of memory");
        }
        f->files = more;
        f->cap = cap;
    }
    f->files[f->n++] = (struct file){arena_str(f->r->arena, buf_str(&f->path)), *st};
    return OK;
}

static bool is_left_out(const char *name) {
    return name[0] == '.' || (name[0] == '_' && strcmp(name, "_posts") != 0) || strcmp(name, "node_modules") == 0;
}

/* Opens PATH below the folder without ever leaving it by a link. */
static int open_below(const struct folder *f, const char *path, int flags) {
    struct open_how how = {.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC | O_NOFOLLOW),
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
    int fd = (int)syscall(SYS_openat2, f->root, path, &how, sizeof how);
    if (fd < 0 && (errno == ENOSYS || errno == EPERM)) { /* an old kernel, a sandbox that knows no openat2 */
        fd = openat(f->root, path, flags | O_CLOEXEC | O_NOFOLLOW);
    }
    return fd;
}

/* Lists what lies in the folder of f->path. */
static enum status walk(struct folder *f, int depth, struct error *err) {
    enum status st = OK;
    const size_t here = f->path.len;
    int fd = open_below(f, here ? buf_cstr(&f->path) : ".", O_RDONLY | O_DIRECTORY);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    if (!d) {
        st = unreadable(f, buf_str(&f->path), err);
        if (fd >= 0) {
            (void)close(fd);
        }
        return st;
    }
    while (st == OK) {
        struct stat b;
        errno = 0;
        /* cppcheck-suppress readdirCalled ; a stream is one thread's */
        const struct dirent *e = readdir(d);
        if (!e) {
            st = errno ? unreadable(f, buf_str(&f->path), err) : OK;
            break;
        }
        if (e->d_name[0] == '.' || fstatat(fd, e->d_name, &b, AT_SYMLINK_NOFOLLOW) != 0) {
            continue; /* or gone since */
        }
        buf_adds(&f->path, here ? "/" : "");
        buf_adds(&f->path, e->d_name);
        if (f->path.failed) {
            st = error_set(err, ERR_OS, "out of memory");
        } else if (stop_asked) {
            st = error_set(err, ERR_TEMP, "stopped by a signal");
        } else if (S_ISLNK(b.st_mode)) {
            f->links++;
        } else if (S_ISDIR(b.st_mode) && !is_left_out(e->d_name)) {
            st = depth == DEPTH_MAX || f->path.len > PATH_LEN
                     ? error_set(err, ERR_DATA, "the folders in %s are too deep in each other", f->r->source->path)
                     : walk(f, depth + 1, err);
        } else if (S_ISREG(b.st_mode) && page_is_named(str_from(e->d_name))) {
            st = add_file(f, &b, err);
        }
        buf_truncate(&f->path, here);
    }
    (void)closedir(d);
    return st;
}

static int by_path(const void *a, const void *b) {
    return str_cmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

/* Hashes what tells one state of the files from another. *racy: one was written so recently that a later write may
 * leave no trace. */
static void add_state(const struct folder *f, struct buf *out, bool *racy) {
    uint8_t h[HASH_SIZE];
    char hex[2 * HASH_SIZE + 1];
    struct timespec t;
    struct hash *hash = hash_new();
    (void)clock_gettime(CLOCK_REALTIME, &t);
    int64_t now = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
    *racy = false;
    for (size_t i = 0; i < f->n; i++) {
        const struct stat *b = &f->files[i].st;
        int64_t mtime = (int64_t)b->st_mtim.tv_sec * 1000000000 + b->st_mtim.tv_nsec;
        int64_t ctime = (int64_t)b->st_ctim.tv_sec * 1000000000 + b->st_ctim.tv_nsec;
        hash_add_str(hash, f->files[i].path);
        hash_add_u64(hash, (uint64_t)b->st_size);
        hash_add_u64(hash, (uint64_t)mtime);
        hash_add_u64(hash, (uint64_t)ctime);
        hash_add_u64(hash, b->st_ino);
        *racy = *racy || now - mtime < RACY_NS || now - ctime < RACY_NS;
    }
    hash_end(hash, h);
    hash_free(hash);
    hash_hex(h, sizeof h, hex);
    buf_adds(out, hex);
}

static enum status read_bytes(const struct folder *f, const struct file *file, struct buf *out, struct error *err) {
    int fd = open_below(f, file->path.ptr, O_RDONLY | O_NONBLOCK);
    struct stat b;
    enum status st = OK;
    buf_clear(out);
    if (fd < 0 || fstat(fd, &b) != 0 || !S_ISREG(b.st_mode)) {
        st = error_set(err, ERR_DATA, "it can't be read: %s", fd < 0 ? strerror(errno) : "no file");
    }
    while (st == OK && buf_reserve(out, 65536)) {
        /* cppcheck-suppress invalidFunctionArg ; no file, no loop */
        ssize_t n = read(fd, out->ptr + out->len, 65536);
        if (n < 0) {
            st = error_set(err, ERR_DATA, "it can't be read: %s", strerror(errno));
        } else if (n == 0) {
            break;
        } else if ((out->len += (size_t)n) > FILE_MAX) {
            st = error_set(err, ERR_DATA, "it is larger than 1 MB");
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return st;
}

static void leave(struct left *l, struct str path) {
    if (l->n++ < SHOWN) {
        buf_adds(&l->names, l->names.len ? ", " : "");
        buf_add(&l->names, path);
    }
}

static enum status read_file(struct folder *f, const struct page_reader *p, const struct file *file, struct buf *bytes,
                             struct error *err) {
    struct rows_article e;
    enum page_kind kind = PAGE_NO_HEAD;
    struct error why = {0};
    size_t line = 0;
    bool expires = false;
    enum status st = read_bytes(f, file, bytes, &why);
    if (st == OK) {
        st = page_read(p, file->path, buf_str(bytes), &e, &kind, &expires, &line, &why);
    }
    if (st == ERR_DATA) {
        struct str reason = line > 1 ? arena_printf(p->a, "line %zu: %s", line, why.text) : str_from(why.text);
        return rows_refuse(f->r->rows, rows_id(file->path, p->a), reason, buf_str(bytes), err);
    }
    if (st != OK) {
        return error_set(err, st, "%.*s: %s", STR_ARG(file->path), why.text);
    }
    f->expires = f->expires || expires;
    if (kind == PAGE_NO_DATE || kind == PAGE_NO_HEAD) {
        leave(kind == PAGE_NO_DATE ? &f->no_date : &f->no_head, file->path);
    }
    return kind == PAGE_ARTICLE ? rows_add_article(f->r->rows, &e, err) : OK;
}

static enum status read_files(struct folder *f, struct error *err) {
    struct reading *r = f->r;
    struct buf bytes = BUF_INIT;
    struct page_reader p = {.site_url = r->c->site.url,
                            .pattern = r->source->url_pattern,
                            .topics = r->source->newsletter ? &r->source->newsletter->topics : NULL,
                            .zone = r->zone,
                            .now = r->now,
                            .a = arena_new()};
    enum status st = p.a ? OK : error_set(err, ERR_OS, "out of memory");
    for (size_t i = 0; st == OK && i < f->n; i++) {
        arena_reset(p.a);
        st = stop_asked ? error_set(err, ERR_TEMP, "stopped by a signal") : read_file(f, &p, &f->files[i], &bytes, err);
    }
    arena_free(p.a);
    buf_release(&bytes);
    return st;
}

static void say_left(struct reading *r, const struct left *l, const char *what) {
    if (l->n) {
        reading_note(r, "articles: %zu file%s without %s left out (%s%s)", l->n, l->n == 1 ? "" : "s", what,
                     buf_cstr(&l->names), l->n > SHOWN ? ", ..." : "");
    }
}

enum status folder_read(struct reading *r, struct error *err) {
    struct folder f = {.r = r, .root = open(r->source->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    struct buf state = BUF_INIT;
    bool racy = false;
    enum status st = f.root >= 0 ? walk(&f, 0, err) : unreadable(&f, STR(""), err);
    r->articles = true;
    if (st == OK) {
        const char *const settings[] = {"files 1", r->source->path, r->source->url_pattern, NULL};
        if (f.n) {
            qsort(f.files, f.n, sizeof *f.files, by_path);
        }
        reading_stamp(r, settings);
        add_state(&f, &state, &racy);
        r->unchanged = reading_is_same(r, buf_str(&state));
        st = r->unchanged ? OK : read_files(&f, err);
    }
    if (st == OK && !r->unchanged) {
        say_left(r, &f.no_date, "a date");
        say_left(r, &f.no_head, "front matter");
        if (f.links) {
            reading_note(r, "articles: %zu symbolic link%s not followed", f.links, f.links == 1 ? "" : "s");
        }
        if (racy || f.expires) {
            buf_clear(&r->stamp);
        }
    }
    if (f.root >= 0) {
        (void)close(f.root);
    }
    free(f.files);
    buf_release(&f.path);
    buf_release(&f.no_date.names);
    buf_release(&f.no_head.names);
    buf_release(&state);
    return st;
}
