/* The stop flag: the one mutable global. */
#ifndef BASE_STOP_H
#define BASE_STOP_H

#include <signal.h>

/* Set by main's handler of SIGTERM and SIGINT, in commands that end in order; what may wait or work for long looks at
 * it. */
extern volatile sig_atomic_t stop_asked;

#endif
