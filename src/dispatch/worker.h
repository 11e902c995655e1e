/* A connection's thread: takes jobs from the pool, has them sent, and records what became of each. */
#ifndef DISPATCH_WORKER_H
#define DISPATCH_WORKER_H

/* The body of a thread; ARG is its struct pool_thread. Returns NULL when the pool ends. */
void *worker_main(void *arg);

#endif
