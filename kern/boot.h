/*
 * boot.h - the steps of main() that are kern/'s own.
 */
#ifndef BOOT_H
#define BOOT_H

/* The log goes on where firmware's world ended, and to the serial line. */
void consoleinit(void);

/* What there is: the firmware's map into the memmap. */
void meminit0(void);

/* As the options ask for: what the map promises and the machine lacks goes. */
void tryram(void);

/* What needs the final tables: the screen, the services' own tables. */
void archinit(void);

/* confinit with what the options say. */
void confinit0(void);

/* The first process: it runs, and ends; or why none can is said. */
void userinit(void);

/* The chain backwards: no page table, window or pool is left. */
void memoryfini(void);

/* What *end= says; returns if that is the monitor. */
void finish(void);

#endif
