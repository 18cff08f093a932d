/*
 * metal.h - what arch/'s files without instructions need of the others, and
 * what their tests say about the machine.
 */
#ifndef METAL_H
#define METAL_H

#include "bootinfo.h"

typedef struct Kind Kind;

/* A kind of CPU. */
struct Kind {
	int physbits;
	bool page1g;
	bool nx;
};

/* cpu, the limits of the tables and the TLB are of this kind. */
void metalcpu(Kind kind);

/* What bootinfo points to; all zero to begin with. */
extern Bootinfo metalboot;

/* What loadmmu() was last given. */
extern pte_t *metalloaded;

#endif
