/*
 * together.h - several CPUs at one task: each its part, and what goes wrong in
 * one of them is everybody's.
 */
#ifndef TOGETHER_H
#define TOGETHER_H

#include "types.h"

/* More than these take long where they are emulated, and show no more. */
enum { MOSTTOGETHER = 4 };

/*
 * By CPU 0: fn(arg, n) on that many CPUs at once, each with another n, from 0
 * up. NULL when all have ended well, or the first thing that was wrong(), or
 * that one faulted or panicked.
 */
const char *together(void (*fn)(void *arg, uint32_t n), void *arg);

/* How many take part; now, or would if it began now. */
uint32_t ntogether(void);

/* By a part: something went wrong. All find out where they meet. */
void wrong(const char *why);
bool wentwrong(void);

/*
 * Returns when all parts have come here: true. False if something went wrong,
 * or one does not come: those who had come do not, the next time, and nobody
 * may rely on it.
 */
bool meet(void);

#endif
