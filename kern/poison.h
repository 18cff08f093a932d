/*
 * poison.h - fill what firmware left with junk, before anything is allocated.
 */
#ifndef POISON_H
#define POISON_H

/* All RAM that the memmap has free. Between meminit0 and mmuinit. */
void poison(void);

#endif
