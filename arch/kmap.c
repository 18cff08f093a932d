/*
 * kmap.c - the KMAP window: 512 places for pages the direct map does not reach.
 *
 * One page table covers the window; it exists from the takeover on. A place is
 * free when its entry is 0. The search starts after the last place given, so
 * that a stale use of an unmapped place faults for as long as possible.
 *
 * A place is for the CPU that asked for it. What that one kept of the place's
 * earlier use, by another CPU, it drops as it gets it; what others keep of it
 * they do not use. So nobody is asked for anything.
 */
#include "mmu.h"
#include "page.h"

static struct {
	Lock lock;
	size_t next;
} window;

static pte_t *
places(void)
{
	pte_t *pte = mmuwalk(&kspace, KMAP, 0, LOOKUP);

	if (pte == NULL)
		panic("the KMAP window has no page table");
	return pte;
}

/* A free place, PTENTRIES if there is none. Locked. */
static size_t
freeplace(const pte_t *pte)
{
	for (size_t i = 0; i < PTENTRIES; i++) {
		size_t place = (window.next + i) % PTENTRIES;

		if (pte[place] == 0)
			return place;
	}
	return PTENTRIES;
}

void *
kmapplace(paddr_t pa)
{
	pte_t *pte = places();

	if (pa % BY2PG != 0)
		panic("pa %#jx is not page aligned", pa);
	lock(&window.lock);
	size_t place = freeplace(pte);

	if (place < PTENTRIES) {
		pte[place] = mmuallowed(&kspace, pa | PTEKDATA);
		window.next = place + 1;
		flushva(KMAP + place * BY2PG);
	}
	unlock(&window.lock);
	if (place == PTENTRIES)
		panic("pa %#jx: all %d places are in use, someone does not "
		      "unmap",
		    pa, PTENTRIES);
	return (void *)(KMAP + place * BY2PG);
}

void *
kmappa(paddr_t pa)
{
	return cankaddr(pa) >= BY2PG ? kaddr(pa) : kmapplace(pa);
}

void *
kmap(Page *pg)
{
	return kmappa(pagepa(pg));
}

void
kunmap(void *p)
{
	uintptr_t va = (uintptr_t)p & ~(BY2PG - 1);

	if (va - KMAP >= KMAPSIZE) {
		if (va - kspace.direct < kspace.directend)
			return;
		panic("%p was not mapped by kmap", p);
	}
	pte_t *pte = &places()[PTLX(va, 0)];
	if (*pte == 0)
		panic("%p is not mapped", p);
	lock(&window.lock);
	*pte = 0;
	flushva(va);
	unlock(&window.lock);
}
