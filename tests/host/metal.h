/*
 * metal.h - what arch/'s files without instructions need of the others, and
 * what their tests say about the machine.
 */
#ifndef METAL_H
#define METAL_H

#include "bootinfo.h"
#include "space.h"

typedef struct Kind Kind;

/* A kind of CPU. */
struct Kind {
	int physbits;
	bool page1g;
	bool nx;
};

/* cpu, the limits of kspace and the TLB are of this kind. */
void metalcpu(Kind kind);

/* What bootinfo points to; all zero to begin with. */
extern Bootinfo metalboot;

/* kspace begins anew, with nothing mapped. */
void metalspace(void);

/* The top of the space that was entered last. */
extern const pte_t *metalentered;

/* The top of the space that got the early framebuffer last. */
extern const pte_t *metalpixels;

/* How often the PAT was written. */
extern size_t metalpats;

#endif
