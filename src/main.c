/* Picks the command; nothing else. */
#include "base/log.h"
#include "base/stop.h"
#include "cmd/commands.h"
#include "cmd/context.h"
#include "cmd/log.h"
#include "fetch/picture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void on_stop(int signal) {
    (void)signal;
    stop_asked = 1;
}

/* No file for others, no core with readers' addresses, no database opened in the place of a closed standard stream. */
static void settle(void) {
    struct rlimit none = {0, 0};
    (void)umask(077);
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* a write beyond ulimit -f fails and is reported */
    for (int fd = 0; fd < 3; fd++) {
        if (fcntl(fd, F_GETFD) < 0) {
            (void)open("/dev/null", O_RDWR);
        }
    }
}

/* Each signal only asks to end: timeout(1) and others send two at once, and the second must not cut the first short. */
static void catch_signals(void) {
    struct sigaction act = {.sa_handler = on_stop};
    (void)sigemptyset(&act.sa_mask);
    (void)sigaction(SIGTERM, &act, NULL);
    (void)sigaction(SIGINT, &act, NULL);
}

int main(int argc, char **argv) {
    struct command_line line;
    struct context c;
    struct error err = {0};
    settle();
    if (argc > 1 && strcmp(argv[1], PICTURE_WORKER) == 0) {
        return picture_work(argc, argv);
    }
    enum status st = command_parse(&commands_root, argc, argv, &line, &err);
    if (st != OK) {
        struct buf hint = BUF_INIT;
        command_hint(&line, &hint);
        bool asks = str_ends(str_from(err.text), STR("?")); /* "do you mean ...?" */
        log_error("%s%s %s", err.text, asks ? "" : ";", buf_cstr(&hint));
        buf_release(&hint);
        return (int)st;
    }
    if (line.help) {
        command_help(&line, stdout);
        return fflush(stdout) == 0 ? OK : ERR_IO;
    }
    if (line.version) {
        (void)printf("courant %s\n", COMMAND_VERSION);
        return fflush(stdout) == 0 ? OK : ERR_IO;
    }
    log_set_level(line.quiet ? LOG_LEVEL_ERROR : line.verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING);
    const struct command *command = command_of(&line);
    if (command->need & COMMAND_STOP) {
        catch_signals();
    }
    st = context_open(&c, &line, &stop_asked, command->need & ~(unsigned)COMMAND_AUDIT, &err);
    if (st == OK) {
        st = command->run(&c, &err);
        if (st == OK && command->need & COMMAND_AUDIT) {
            log_command(&c);
        }
    }
    context_close(&c);
    if (st != OK && err.text[0]) {
        log_error("%s", err.text);
    }
    if (fflush(stdout) != 0 && st == OK) {
        st = ERR_IO;
    }
    return (int)st;
}
