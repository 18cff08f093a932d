/*
 * spoil.h - fill what firmware left with junk, before anything is allocated.
 */
#ifndef SPOIL_H
#define SPOIL_H

/* All RAM that the memmap has free. Between meminit0 and mmuinit. */
void spoil(void);

#endif
