/*
 * fwcall.h - calling firmware code after the takeover, under page tables of
 * its own.
 */
#ifndef FWCALL_H
#define FWCALL_H

#include "mem.h"

/*
 * Firmware will see npages pages at pa at their own address, with these flags
 * where none were given before. -1 if there is no memory for a table.
 */
int fwmap(paddr_t pa, size_t npages, pte_t flags);

/*
 * Call fn, a physical address, with up to four arguments. -1 if it faulted,
 * with a line that says where, or if there is nothing to call.
 */
int fwcall(paddr_t fn, const uint64_t args[4], uint64_t *result);

#endif
