/*
 * boot.h - the steps of main() that are kern/'s own.
 */
#ifndef BOOT_H
#define BOOT_H

#include "stage.h"

/* The log goes on where firmware's world ended, and to the serial line. */
void consoleinit(void);

/* A step of main() is done: the stage advances, the time is kept. */
void stepdone(enum stage s);

/* What there is: the firmware's map into the memmap. */
void meminit0(void);

/* What needs the final tables: the screen, the services' own tables. */
void archinit(void);

/* confinit with what the options say. */
void confinit0(void);

/* From memmap to pages, as main() does it, where nothing comes between. */
void memorychain(void);

/* The other way: no page table, window or pool is left. */
void memoryfini(void);

/* The state of every allocator, for people. */
void showall(void);

/* What *end= says; returns if that is the monitor. */
void finish(void);

/* The lines that say what has come up. */
void report(void);

#endif
