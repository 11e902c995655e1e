#include "crypto/secret.h"

#include "base/random.h"
#include "crypto/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIGITS = 2 * SECRET_SIZE };

static bool write_all(int fd, const char *p, size_t n) {
    while (n > 0) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno != EINTR) {
            return false;
        }
        if (k > 0) {
            p += k;
            n -= (size_t)k;
        }
    }
    return true;
}

/* An open descriptor of the folder that PATH lies in, or -1. */
static int open_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    size_t n = slash == path ? 1 : slash ? (size_t)(slash - path) : 0;
    char *folder = n ? strndup(path, n) : strdup(".");
    int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    free(folder);
    return fd;
}

enum status secret_create(const char *path, struct error *err) {
    enum status rc = OK;
    struct secret s;
    char text[DIGITS + 2];
    struct stat st;
    int dir = -1;
    random_bytes(s.key, sizeof s.key);
    hash_hex(s.key, sizeof s.key, text);
    text[DIGITS] = '\n';
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        rc = error_set(err, ERR_CANTCREATE, "can't make the secret file %s: %s", path, strerror(errno));
        goto done;
    }
    dir = open_folder(path);
    bool ok = fchmod(fd, 0600) == 0; /* whatever the umask */
    if (ok && geteuid() == 0 && dir >= 0 && fstat(dir, &st) == 0 && st.st_uid != 0) {
        ok = fchown(fd, st.st_uid, st.st_gid) == 0;
    }
    ok = ok && write_all(fd, text, DIGITS + 1) && fsync(fd) == 0;
    if (!ok) {
        rc = error_set(err, ERR_IO, "can't write the secret file %s: %s", path, strerror(errno));
        (void)unlink(path);
        goto done;
    }
    if (dir >= 0) {
        (void)fsync(dir); /* some file systems can't; the file itself is there */
    }
done:
    if (fd >= 0) {
        (void)close(fd);
    }
    if (dir >= 0) {
        (void)close(dir);
    }
    secret_wipe(&s);
    OPENSSL_cleanse(text, sizeof text);
    return rc;
}

static int hex(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

enum status secret_load(const char *path, struct secret *out, struct error *err) {
    enum status rc = OK;
    char text[DIGITS + 3]; /* two more than may be there, so that too much is noticed */
    size_t n = 0;
    struct stat st;
    memset(out, 0, sizeof *out);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* not to hang on a pipe */
    if (fd < 0 || fstat(fd, &st) != 0) {
        rc = error_set(err, ERR_NOINPUT, "can't read the secret file %s: %s%s", path, strerror(errno),
                       errno == ENOENT ? " (courant init makes one)" : "");
        goto done;
    }
    if (!S_ISREG(st.st_mode)) {
        rc = error_set(err, ERR_CONFIG, "the secret file %s is no regular file", path);
        goto done;
    }
    if (st.st_mode & 077) {
        rc = error_set(err, ERR_NOPERM, "the secret file %s is open to others (mode %04o): chmod 600 it", path,
                       (unsigned)(st.st_mode & 07777));
        goto done;
    }
    while (n < sizeof text) {
        ssize_t k = read(fd, text + n, sizeof text - n);
        if (k < 0 && errno == EINTR) {
            continue;
        }
        if (k < 0) {
            rc = error_set(err, ERR_NOINPUT, "can't read the secret file %s: %s", path, strerror(errno));
            goto done;
        }
        if (k == 0) {
            break;
        }
        n += (size_t)k;
    }
    bool ok = n == DIGITS || (n == DIGITS + 1 && text[DIGITS] == '\n') ||
              (n == DIGITS + 2 && text[DIGITS] == '\r' && text[DIGITS + 1] == '\n');
    for (size_t i = 0; ok && i < SECRET_SIZE; i++) {
        int high = hex(text[2 * i]);
        int low = hex(text[2 * i + 1]);
        ok = high >= 0 && low >= 0;
        out->key[i] = (uint8_t)(high * 16 + low);
    }
    if (!ok) {
        rc = error_set(err, ERR_CONFIG, "the secret file %s does not hold 64 hexadecimal digits", path);
    }
done:
    if (rc != OK) {
        secret_wipe(out);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    OPENSSL_cleanse(text, sizeof text);
    return rc;
}

void secret_wipe(struct secret *s) {
    OPENSSL_cleanse(s, sizeof *s);
}
