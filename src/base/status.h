/* Status codes and errors that carry their own sentence. */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

/* What a function that can fail returns. The values are the exit codes of sysexits.h, so that main has one mapping. */
enum status {
    OK = 0,
    ERR_USAGE = 64,       /* the command line is wrong */
    ERR_DATA = 65,        /* input is malformed */
    ERR_NOINPUT = 66,     /* a file or source can't be read */
    ERR_NOHOST = 68,      /* a host name can't be resolved */
    ERR_UNAVAILABLE = 69, /* a needed service is not there */
    ERR_SOFTWARE = 70,    /* an internal error: a bug of ours */
    ERR_OS = 71,          /* the operating system refused (fork, memory) */
    ERR_CANTCREATE = 73,  /* an output file can't be made */
    ERR_IO = 74,          /* reading or writing failed (disk full, database error) */
    ERR_TEMP = 75,        /* try again later */
    ERR_PROTOCOL = 76,    /* the peer broke its protocol */
    ERR_NOPERM = 77,      /* permission refused */
    ERR_CONFIG = 78       /* the configuration is wrong */
};

/* The sentence of a failure; owned by the caller, who passes it down by pointer. A NULL error pointer is allowed
 * everywhere: the sentence is then lost, the status is not. */
struct error {
    enum status status;
    char text[1024]; /* UTF-8, no line ends, what went wrong, where, and what to do; NUL-terminated */
};

/* Sets *err (which may be NULL) to STATUS and the formatted sentence; control characters become spaces, the text is cut
 * at a character's end. Returns STATUS, so that `return error_set(err, ...)` works. */
enum status error_set(struct error *err, enum status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "PREFIX: " before the sentence of *err. Returns err's status. Use it to add where something happened. */
enum status error_prefix(struct error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
