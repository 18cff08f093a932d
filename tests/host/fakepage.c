/*
 * fakepage.c - see fakepage.h.
 *
 * A page given back is filled with what would be valid entries: a CPU or a
 * walk that still finds it goes wrong at once.
 *
 * needs: tests/host/tlb.c
 */
#include "fakepage.h"
#include "hooks.h"
#include "space.h"
#include "tlb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAXPAGES = 1 << 16, JUNK = 0xa5 };

static struct {
	paddr_t pa;
	size_t npages;
	bool live[MAXPAGES];
	uint32_t freed[MAXPAGES]; /* given back, last first */
	size_t nfreed;
	size_t next; /* never given out from here on */
	size_t limit;
	size_t refused;
} fake;

void
fakeinit(paddr_t pa, size_t size)
{
	memset(&fake, 0, sizeof fake);
	fake.pa = pa;
	fake.npages = MIN(size / BY2PG, (size_t)MAXPAGES);
	fake.limit = SIZE_MAX;
}

void
fakelimit(size_t n)
{
	fake.limit = n;
	fake.refused = 0;
}

size_t
fakerefused(void)
{
	return fake.refused;
}

bool
istablepage(paddr_t pa)
{
	size_t i = (pa - fake.pa) / BY2PG;

	return i < fake.npages && fake.live[i];
}

void *
tablepage(Tablepages *t)
{
	size_t i = 0;

	if (fake.limit == 0 || (fake.nfreed == 0 && fake.next == fake.npages)) {
		fake.refused++;
		return NULL;
	}
	if (fake.limit != SIZE_MAX)
		fake.limit--;
	if (fake.nfreed > 0)
		i = fake.freed[--fake.nfreed];
	else
		i = fake.next++;
	fake.live[i] = true;
	t->used++;
	return memset(kaddr(fake.pa + i * BY2PG), 0, BY2PG);
}

void
tablefree(Tablepages *t, void *page)
{
	size_t i = (paddr(page) - fake.pa) / BY2PG;

	if (i >= fake.npages || !fake.live[i]) {
		fprintf(stderr, "tablefree: %p is no page of ours\n", page);
		abort();
	}
	fake.live[i] = false;
	fake.freed[fake.nfreed++] = (uint32_t)i;
	t->used--;
	memset(page, JUNK, BY2PG);
}
