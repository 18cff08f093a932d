/*
 * pages.h - a small memory map as one byte a page, with its operations.
 *
 * What memmap.h promises, for a machine of MODELPAGES pages: the class of each
 * page, painted one by one. modeldo() does an operation on the memmap and on
 * the model and compares what both return and what both then are.
 */
#ifndef PAGES_H
#define PAGES_H

#include "memmap.h"

enum { MODELPAGES = 64, MODELNONE = 0, MODELTAKEN = 16 };

/* A page is MODELNONE, or type + 1, plus MODELTAKEN if allocated. */
typedef struct Model Model;
struct Model {
	size_t npages;
	uint8_t page[MODELPAGES];
};

enum modelop {
	OPADD,
	OPALLOC, /* from a given page on */
	OPALLOCANY,
	OPFREE,
	OPRELEASE,
	OPLIMIT,
	NMODELOP
};

/* One call: pages [first, first + n), and what else it takes. */
typedef struct Op Op;
struct Op {
	enum modelop op;
	size_t first;
	size_t n;
	size_t align; /* in pages */
	enum memtype type;
};

/*
 * Do it on both. False, and why in modelwhy, if they differ. *changed is
 * whether the map is another now.
 */
bool modeldo(Model *m, const Op *op, bool *changed);

/* The operation on the model alone; returns whether the map is another. */
bool modelapply(Model *m, const Op *op);

/* Is the memmap what the model is? */
bool modelsame(const Model *m);

extern char modelwhy[256];

#endif
