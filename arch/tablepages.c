/*
 * tablepages.c - pages for page tables: a list, and whoever has more.
 *
 * The list is by physical address and lies in the pages themselves: it stays
 * right when kaddr changes its meaning at the takeover.
 */
#include "hooks.h"
#include "space.h"

void
tablepagesadd(Tablepages *t, paddr_t pa, size_t size)
{
	for (size_t off = size; off > 0; off -= BY2PG) {
		paddr_t *page = kaddr(pa + off - BY2PG);

		lock(&t->lock);
		*page = t->head;
		t->head = pa + off - BY2PG;
		unlock(&t->lock);
	}
}

void *
tablepagestake(Tablepages *t)
{
	void *page = NULL;

	lock(&t->lock);
	if (t->head != NOADDR) {
		page = kaddr(t->head);
		t->head = *(paddr_t *)page;
	}
	unlock(&t->lock);
	return page;
}

static void
count(Tablepages *t, size_t n)
{
	lock(&t->lock);
	t->used += n;
	unlock(&t->lock);
}

void *
tablepage(Tablepages *t)
{
	void *page = tablepagestake(t);

	if (page == NULL && t->more != NULL)
		page = t->more();
	if (page == NULL)
		return NULL;
	count(t, 1);
	return memset(page, 0, BY2PG);
}

void
tablefree(Tablepages *t, void *page)
{
	tablepagesadd(t, paddr(page), BY2PG);
	count(t, (size_t)-1);
}
