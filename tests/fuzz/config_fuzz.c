// modules: base config
/* The configuration loader, from memory: no crash, no leak, and either a struct or at least one error. */
#include "config/config.h"
#include "config/secret.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct config_errors errors = CONFIG_ERRORS_INIT;
    struct config *c = NULL;
    enum status status = config_parse((struct str){(const char *)data, size}, "/fuzz/courant.ini", &c, &errors);
    if ((status == OK) != (c != NULL) || (status == OK) != (errors.n == 0))
        abort();
    for (size_t i = 0; c && i < c->newsletters_n; i++)
        if (!c->newsletters[i].from || !c->newsletters[i].list_id || !c->newsletters[i].template)
            abort();
    for (size_t i = 0; c && i < c->sources_n; i++) {
        const char *command = c->sources[i].articles_command;
        char **argv = NULL;
        size_t argc;
        if (command && (config_words(command, &argv, &argc, NULL) != OK || argc == 0))
            abort();
        free(argv);
    }
    config_free(c);
    config_errors_release(&errors);
    return 0;
}
