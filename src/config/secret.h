/* Secrets from files and commands, and commands split into words. */
#ifndef CONFIG_SECRET_H
#define CONFIG_SECRET_H

#include "base/buf.h"
#include "base/status.h"

/* Splits COMMAND into words as a POSIX shell would (blanks, '...', "...", backslash), with nothing expanded: $, *, ~, ;
 * and | stand for themselves. *argv is a NULL-terminated array of *argc words in one allocation, to be given back with
 * free(). ERR_CONFIG when a quote stays open, a backslash ends it, or there is no word. */
enum status config_words(const char *command, char ***argv, size_t *argc, struct error *err);

/* Appends the secret to OUT, without its line end: the first line of the file FILE, or, when that is NULL, the first
 * line the command COMMAND prints (run without a shell in the folder FOLDER; NULL: the present one; stdin empty, stderr
 * the caller's, at most 60 s). The caller wipes OUT. Errors: ERR_NOINPUT (not readable, empty, too long), ERR_NOPERM
 * (the file can be read or written by its group or by everyone), ERR_UNAVAILABLE (the command failed). No error
 * sentence shows anything of the secret. */
enum status config_secret(const char *file, const char *command, const char *folder, struct buf *out,
                          struct error *err);

#endif
