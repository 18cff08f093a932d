/*
 * wipe.c - what user processes have in memory, or had there last, is cleared.
 *
 * Every Page remembers the user address of who has it, or had it last; 0 is the
 * kernel itself. No lock is taken: see include/page.h.
 */
#include "where.h"
#include "bytemap.h"

/* Those of chunk ci, and of the other chunks of a page that begins there. */
static size_t
wipechunk(size_t ci)
{
	const Page *first = &palloc.pages[ci * CHUNKPAGES];
	const uint8_t *bytes = chunkbytes(ci);

	if (palloc.chunks[ci].state != CHUNKCUT && ishuge(first)) {
		size_t npages = pagesize(first) / BY2PG;

		if (pageva(first) != 0)
			zeropages(pagepa(first), npages, COLD);
		return npages / CHUNKPAGES;
	}
	for (size_t i = 0; i < CHUNKPAGES; i++)
		if (bytes[i] != FRAMERESERVED && pageva(&first[i]) != 0)
			zeropages(pagepa(&first[i]), 1, COLD);
	return 1;
}

void
pagewipe(void)
{
	for (size_t i = 0; i < palloc.nnodes; i++) {
		const Node *n = &palloc.node[i];

		for (size_t ci = n->first; ci < n->first + chunksopen(n);)
			ci += wipechunk(ci);
	}
}
