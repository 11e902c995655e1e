/* Type command: rows that a program prints, as JSON Lines or CSV. */
#ifndef SOURCE_COMMAND_H
#define SOURCE_COMMAND_H

#include "source/reading.h"

/* Runs the source's commands and reads all they print before anything is taken of it: a program that fails, takes too
 * long, or whose last line is cut off, changes nothing. ERR_DATA, ERR_NOINPUT with the sentence of program_run, or that
 * which line is no row. */
enum status command_read(struct reading *r, struct error *err);

#endif
