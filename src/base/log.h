/* The log: lines on stderr. No personal data: name people by id. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* What is printed: lines above LEVEL are dropped. Called once by main before any thread starts (-q: errors only;
 * default: warnings; -v: all). */
void log_set_level(enum log_level level);
/* One line "courant: TEXT" on stderr; control characters become spaces. May be called from any thread. */
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
