/*
 * symbol.h - the names of mem9's own functions, for reports and the monitor.
 *
 * The table is made from the linker's map and built into the image, stripped
 * or not: tools/symbols.sh.
 */
#ifndef SYMBOL_H
#define SYMBOL_H

#include "types.h"

typedef struct Symbol Symbol;

/* A function, as the table has it: sorted by rva, the last one ends .text. */
struct Symbol {
	uint32_t rva;
	uint32_t name; /* offset into symbolnames */
};

extern const Symbol symbols[];
extern const uint32_t nsymbols;
extern const char symbolnames[];

/*
 * The function that pc, an address in the running image, lies in, and how far
 * in; NULL if it is not in the image's code.
 */
const char *symbolname(uintptr_t pc, size_t *offset);

/* The i-th name; NULL: there are no more. */
const char *symbolword(size_t i);

/*
 * Where the function of that name, n characters, begins, into *va: the lowest
 * of several, as files have static ones of the same name. How many there are.
 */
size_t symboladdr(const char *name, size_t n, uintptr_t *va);

#endif
