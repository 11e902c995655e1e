/* The table of commands. */
#ifndef CMD_COMMANDS_H
#define CMD_COMMANDS_H

#include "cmd/command.h"

/* The root: its verbs are the commands. */
extern const struct command commands_root;

#endif
