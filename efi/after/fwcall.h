/*
 * fwcall.h - calling firmware code after the takeover, under page tables of
 * its own.
 */
#ifndef FWCALL_H
#define FWCALL_H

#include "mem.h"

/* With firmware's attributes table obeyed, if there is one, and without it. */
enum fwspace { FWFINE, FWPLAIN, NFWSPACE };

/*
 * In that space firmware will see size bytes at pa, whole pages, at their own
 * address with these flags. Nothing of it is mapped yet. -1 if there is no
 * memory for the tables, or they would be far too many.
 */
int fwmap(enum fwspace which, paddr_t pa, size_t size, pte_t flags);

/*
 * Call fn, a physical address, with up to four arguments. A service that
 * faults is called once more without the attributes table, with a line that
 * says so, and all others from then on. -1 if it faulted all the same, with
 * a line that says where, or if there is nothing to call.
 */
int fwcall(paddr_t fn, const uint64_t args[4], uint64_t *result);

#endif
