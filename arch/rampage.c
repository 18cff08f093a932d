/*
 * rampage.c - pages for page tables, from whoever has memory at this stage.
 *
 *	until mmuinit	nobody: the first tables have a list of their own
 *	until meminit	the memmap
 *	from xinit on	xalloc
 *	from pageinit on	xalloc, or the pages when it has no more
 *
 * mmuinit counts the final tables and puts all of their pages on the list of
 * rampages before, so that what comes from here is only what is mapped later.
 */
#include "hooks.h"
#include "bytemap.h"
#include "memmap.h"
#include "mmu.h"
#include "stage.h"
#include "xalloc.h"

Tablepages rampages = {.head = NOADDR, .more = rampage};

static void *
frommemmap(void)
{
	paddr_t pa = memmapalloc(NOADDR, BY2PG, BY2PG, MemRAM);

	if (pa == NOADDR)
		return NULL;
	if (cankaddr(pa) >= BY2PG)
		return kaddr(pa);
	memmapfree(pa, BY2PG, MemRAM);
	return NULL;
}

static void *
frompages(void)
{
	paddr_t pa = kalloc_table();

	return pa == NOADDR ? NULL : kaddr(pa);
}

void *
rampage(void)
{
	if (stage < SXALLOC)
		return stage == SMMU ? frommemmap() : NULL;
	void *p = xspanallocfor(XRAMPAGE, BY2PG, BY2PG, 0);
	return p == NULL && stage >= SPAGES ? frompages() : p;
}
