/*
 * pageinit.c - the page allocator's start and end: on top of all its files.
 *
 * Here newpage is told who gives up pages when there are none left: the
 * images' caches, which are made of its pages and so lie above it.
 */
#include "palloc.h"
#include "../checking.h"
#include "image.h"
#include "stage.h"

void
preallocpages(void)
{
	needstages(SXALLOC, SXALLOC);
	palloc = (struct Palloc){
	    .metapa = NOADDR, .nopages = NOADDR, .reclaim = imagereclaim};
	imageinit();
	metainit();
}

void
pageinit(void)
{
	needstages(SPREALLOC, SPREALLOC);
	for (size_t n = 0; n < palloc.nnodes; n++)
		for (size_t i = 0; i < NBUCKET; i++)
			palloc.node[n].bucket[i] = NOCHUNK;
	palloc.poison = palloc.emptied = CHECKING;
	palloc.room = CHECKING ? 0 : PAGECPUMAX;
}

void
pagefini(void)
{
	imagefini();
	metafini();
	palloc = (struct Palloc){.metapa = NOADDR};
}
