/*
 * hunt.c - where the next page comes from, when none waits at a CPU.
 *
 *	own node: a free frame -> another chunk opened
 *	the next nearest: the same, and so on
 *	stocks of all CPUs: emptied
 *
 * A near chunk, where page tables can be, is used when no node has a far one.
 * To open a chunk or to empty stocks no lock may be held: so what to do next is
 * found out under the lock, done without it, and then all is looked at anew.
 */
#include "palloc.h"
#include "stage.h"

/*
 * Which of a node's buckets may be taken from, if one of those wanted is not
 * empty; or 0, and h->open if a chunk is to be opened.
 */
static uint32_t
usable(Node *n, uint32_t wanted, bool near, Hunt *h)
{
	uint32_t most = near ? ALLBUCKETS : FARBUCKETS;
	size_t end = near ? n->nchunks : MIN(n->nfar, n->nchunks);
	uint32_t have = n->buckets & wanted & most;

	if (have == 0 && n->nopen < end && !h->stuck)
		h->open = n;
	return have != 0 ? most : 0;
}

/*
 * Where the next page for this CPU comes from: the nearest node that has any,
 * but a near chunk only if there is no far one. If what comes next is not open
 * yet, or there is nothing, NULL.
 */
Source
source(const Pagecpu *cpu, uint32_t wanted, Hunt *h)
{
	const uint8_t *order = palloc.node[cpu->node].order;

	h->open = NULL;
	for (int near = palloc.nearend == 0; near < 2; near++)
		for (size_t i = 0; i < palloc.nnodes; i++) {
			Node *n = &palloc.node[order[i]];
			uint32_t b = usable(n, wanted, near, h);

			if (b != 0)
				return (Source){n, b};
			if (h->open != NULL)
				return (Source){NULL, 0};
		}
	return (Source){NULL, 0};
}

/* Nothing helps. If nothing can before a page is freed, it is so till then. */
static void
giveup(Hunt *h)
{
	h->next = GIVEUP; /* drain: no */
	if (palloc.count.nfree == 0)
		__atomic_store_n(&palloc.dry, true, __ATOMIC_RELAXED);
}

/*
 * None was found under this very hold of palloc.lock: what would help? Nothing,
 * if all stocks are shut and were emptied since: giving up is no mistake, and
 * does not wait for others who empty them again. For whole chunks only the sum
 * of what is free and what waits is looked at: it may lie in many of them.
 */
void
hunted(Hunt *h, const Pagecpu *cpu, bool whole)
{
	if (palloc.opening != 0)
		h->next = palloc.opener == cpu ? STOPPED : AWAIT;
	else if (h->open != NULL)
		h->next = OPEN;
	else if (palloc.emptied)
		giveup(h);
	else if (whole && (h->gathered || !pagecpucouldhave(CHUNKPAGES)))
		h->next = GIVEUP;
	else {
		palloc.stuck |= h->stuck;
		h->next = GATHER;
	}
}

/* Do it, with no lock held; false if there is nothing to do. */
bool
hunt(Hunt *h)
{
	bool opened;

	switch (h->next) { /* another value cannot be reached */
	case AWAIT:
		awaitzero(&palloc.opening);
		return true;
	case STOPPED: /* by a panic: that opening never ends */
		panic("this CPU was stopped while it opened a chunk");
	case OPEN:
		opened = chunkopen(h->open);
		pageslock();
		h->stuck = !opened && h->open->nopen < h->open->nchunks;
		pagecpuwiden();
		pagesunlock();
		return true;
	case GATHER:
		pagecpugather();
		h->gathered = true;
		h->stuck = false; /* there may be a frame for its tables now */
		return true;
	case GIVEUP:
		break;
	}
	return false;
}
