/*
 * place.c - what lies at an address, in words.
 */
#include "place.h"
#include "mem.h"
#include "pe.h"
#include "stack.h"

const char *
placename(uintptr_t va)
{
	bool guard = false;

	if (va < BY2PG)
		return "null page";
	if (va < UTOP)
		return "user space";
	if (va < DMAP)
		return "no canonical address";
	if (va - DMAP < DMAPSIZE)
		return "direct map";
	if (va - KMAP < KMAPSIZE)
		return "KMAP window";
	if (va - VMAP < VMAPSIZE)
		return "VMAP window";
	if (stackof(va, &guard) != NSTACK)
		return guard ? "guard below a stack" : "stack";
	if (va - (uintptr_t)imagebase < peimagesize(imagebase))
		return "image";
	return "unused";
}
