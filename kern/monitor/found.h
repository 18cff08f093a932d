/*
 * found.h - what there is to say of an address, and two ways to say it.
 */
#ifndef FOUND_H
#define FOUND_H

#include "audit.h"
#include "bootinfo.h"
#include "caching.h"
#include "conf.h"
#include "efimap.h"
#include "heapfind.h"
#include "memmap.h"

typedef struct Voice Voice;

/* A function for each thing that may be known, called in this order. */
struct Voice {
	/* It is asked for, and is there: NOADDR if nothing is mapped. */
	void (*address)(uintptr_t at, paddr_t pa);
	void (*firmware)(const Efidesc *d);
	void (*caching)(enum caching how);
	void (*map)(const Memrange *r); /* NULL: nothing is there */
	void (*bad)(void);
	void (*own)(const Part *part, const char *what);
	void (*bank)(size_t n, bool kernels);
	void (*page)(paddr_t pa);
	/* One of the first that lead to it, at va; then how many do. */
	void (*mapping)(uintptr_t va, pte_t flags);
	void (*mappings)(size_t n, size_t shown);
	void (*heap)(const Heapblock *b);
};

/* For people: kern/monitor/findtext.c; for programs, in lines:
 * kern/monitor/findlines.c. */
extern const Voice findtext, findlines;

#endif
