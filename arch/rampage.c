/*
 * rampage.c - pages for page tables, from whoever has memory at this stage.
 *
 *	until mmuinit	the block's own tables part, then what mmuinit adds
 *	until meminit	what is left of that, then the memmap
 *	from xinit on	what is left of that, then xalloc
 *
 * What is given back is handed out again before anything else.
 *
 * The pool is a list through the free pages themselves, by physical address:
 * it stays right when kaddr changes its meaning at the takeover.
 */
#include "rampage.h"
#include "hooks.h"
#include "memmap.h"
#include "mmu.h"
#include "stage.h"
#include "xalloc.h"

static struct {
	paddr_t head;
	paddr_t next; /* the list to turn to */
	size_t given;
} pool = {.head = NOADDR, .next = NOADDR};

void
rampageadd(paddr_t pa, size_t size)
{
	for (size_t off = size; off > 0; off -= BY2PG) {
		paddr_t *page = kaddr(pa + off - BY2PG);

		*page = pool.next;
		pool.next = pa + off - BY2PG;
	}
}

void
rampageturn(void)
{
	pool.head = pool.next;
	pool.next = NOADDR;
}

static void *
frompool(void)
{
	paddr_t *page = kaddr(pool.head);

	pool.head = *page;
	return page;
}

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

void *
rampage(void)
{
	void *page = NULL;

	if (pool.head != NOADDR)
		page = frompool();
	else if (stage >= SXALLOC)
		page = xspanallocfor(XRAMPAGE, BY2PG, BY2PG, 0);
	else if (stage == SMMU)
		page = frommemmap();
	if (page == NULL)
		return NULL;
	pool.given++;
	return memset(page, 0, BY2PG);
}

void
rampagefree(void *page)
{
	*(paddr_t *)page = pool.head;
	pool.head = paddr(page);
	pool.given--;
}

size_t
rampages(void)
{
	return pool.given;
}
