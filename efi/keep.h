/*
 * keep.h - memory for the log, where the next start finds it (kept.h).
 */
#ifndef KEEP_H
#define KEEP_H

#include "bootinfo.h"

/*
 * Take runs, in the middle of the two largest free ranges that the kernel will
 * reach, and note them in *b; how many.
 */
size_t keeptake(Bootinfo *b);

/* Back to firmware. */
void keepgive(Bootinfo *b);

#endif
