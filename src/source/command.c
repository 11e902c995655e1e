#include "source/command.h"

enum status command_read(struct reading *r, struct error *err) {
    (void)r;
    return error_set(err, ERR_UNAVAILABLE, "this version does not read sources of this type");
}
