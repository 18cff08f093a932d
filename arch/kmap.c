/*
 * kmap.c - the KMAP window: 512 slots for pages the direct map does not reach.
 *
 * One page table covers the window; it exists from the takeover on. A slot is
 * free when its entry is 0. The search starts after the last slot given, so
 * that a stale use of an unmapped slot faults for as long as possible.
 */
#include "mmu.h"
#include "page.h"

static struct {
	Lock lock;
	size_t next;
} window;

static pte_t *
slots(enum walk how)
{
	pte_t *pte = mmuwalk(&kspace, KMAP, 0, how);

	if (pte == NULL)
		panic("the KMAP window has no page table");
	return pte;
}

/* A free slot, PTENTRIES if there is none. Locked. */
static size_t
freeslot(const pte_t *pte)
{
	for (size_t i = 0; i < PTENTRIES; i++) {
		size_t slot = (window.next + i) % PTENTRIES;

		if (pte[slot] == 0)
			return slot;
	}
	return PTENTRIES;
}

void *
kmapslot(paddr_t pa)
{
	pte_t *pte = slots(CREATE);

	if (pa % BY2PG != 0)
		panic("pa %#jx is not page aligned", pa);
	lock(&window.lock);
	size_t slot = freeslot(pte);

	if (slot < PTENTRIES) {
		pte[slot] = mmuallowed(&kspace, pa | PTEKDATA);
		window.next = slot + 1;
	}
	unlock(&window.lock);
	if (slot == PTENTRIES)
		panic("pa %#jx: all %d slots are in use, someone does not "
		      "unmap",
		    pa, PTENTRIES);
	return (void *)(KMAP + slot * BY2PG);
}

void *
kmappa(paddr_t pa)
{
	return cankaddr(pa) >= BY2PG ? kaddr(pa) : kmapslot(pa);
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
	pte_t *pte = &slots(LOOKUP)[PTLX(va, 0)];
	if (*pte == 0)
		panic("%p is not mapped", p);
	lock(&window.lock);
	*pte = 0;
	flushva(va);
	unlock(&window.lock);
}
