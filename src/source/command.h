/* Type command: rows that a program prints, as JSON Lines or CSV. */
#ifndef SOURCE_COMMAND_H
#define SOURCE_COMMAND_H

#include "source/reading.h"

enum status command_read(struct reading *r, struct error *err);

#endif
