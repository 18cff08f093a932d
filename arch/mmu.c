/*
 * mmu.c - the page table code proper: no instruction, no global state of the
 * machine, so that the host tests it with a TLB of their own.
 *
 *	va  63......48 47...39 38...30 29...21 20...12 11.........0
 *	    sign       PML4    PDPT    PD      PT      offset
 *	level          3       2       1       0
 *
 * An entry at level 1 or 2 is a table, or with PTELARGE a page. Entries of
 * tables carry every permission: the page's own entry decides.
 */
#include "mmu.h"
#include "hooks.h"

#define PTETABLE (PTEVALID | PTEWRITE)

pte_t *kpml4;

static struct {
	int maxlevel;
	pte_t forbidden;
} limits;

void
mmulimits(int maxlevel, pte_t forbidden)
{
	limits.maxlevel = maxlevel;
	limits.forbidden = forbidden;
}

int
mmumaxlevel(void)
{
	return limits.maxlevel;
}

pte_t
mmuallowed(pte_t pte)
{
	return pte & ~limits.forbidden;
}

static void
checkcanonical(uintptr_t va)
{
	if (va >= UTOP && va < DMAP)
		panic("va %#jx is not canonical", (uintmax_t)va);
}

/* The user bit on a table opens nothing by itself: each page has its own. */
static int
newtable(pte_t *pte, uintptr_t va)
{
	void *table = rampage();

	if (table == NULL)
		return -1;
	*pte = paddr(table) | PTETABLE | (va < UTOP ? PTEUSER : 0);
	return 0;
}

pte_t *
mmuwalk(pte_t *pml4, uintptr_t va, int level, enum walk how)
{
	pte_t *table = pml4;

	checkcanonical(va);
	for (int l = 3; l > level; l--) {
		pte_t *pte = &table[PTLX(va, l)];

		if (*pte & PTEVALID) {
			if (*pte & PTELARGE)
				return NULL;
		} else if (how == LOOKUP || newtable(pte, va) < 0)
			return NULL;
		table = kaddr(PTEADDR(*pte));
	}
	return &table[PTLX(va, level)];
}

pte_t *
mmufind(pte_t *pml4, uintptr_t va, int *level)
{
	pte_t *table = pml4;

	checkcanonical(va);
	for (int l = 3; l >= 0; l--) {
		pte_t *pte = &table[PTLX(va, l)];

		if ((*pte & PTEVALID) == 0)
			return NULL;
		if (l == 0 || *pte & PTELARGE) {
			*level = l;
			return pte;
		}
		table = kaddr(PTEADDR(*pte));
	}
	return NULL;
}

/* The largest page for the start of this range. */
static int
fit(uintptr_t va, paddr_t pa, size_t size)
{
	int l = limits.maxlevel;

	while (l > 0 && ((va | pa) % PGLSZ(l) != 0 || size < PGLSZ(l)))
		l--;
	return l;
}

/*
 * Set the entry for one page, the largest that fits and does not replace a
 * table. Returns its size, or 0 if there is no memory for a table.
 */
static size_t
map1(pte_t *pml4, uintptr_t va, pte_t pte, size_t size)
{
	for (int l = fit(va, PTEADDR(pte), size); l >= 0; l--) {
		pte_t *p = mmuwalk(pml4, va, l, CREATE);
		int large = 0;

		if (p == NULL && mmufind(pml4, va, &large) != NULL)
			panic("%#jx is mapped already, by a page of level %d",
			    (uintmax_t)va, large);
		if (p == NULL)
			return 0;
		if (*p & PTEVALID) {
			if (l > 0 && (*p & PTELARGE) == 0)
				continue;
			panic("%#jx is mapped already: %#jx", (uintmax_t)va,
			    (uintmax_t)*p);
		}
		*p = mmuallowed(pte) | (l > 0 ? PTELARGE : 0);
		return PGLSZ(l);
	}
	panic("no level fits %#jx", (uintmax_t)va);
}

int
pmap(pte_t *pml4, uintptr_t va, pte_t pte, size_t size)
{
	size_t done = 0;

	if ((va | size) % BY2PG != 0 || size == 0 || va + size - 1 < va)
		panic(
		    "%#zx bytes at %#jx: not whole pages", size, (uintmax_t)va);
	while (done < size) {
		size_t n = map1(pml4, va + done, pte + done, size - done);

		if (n == 0) {
			punmap(pml4, va, done);
			return -1;
		}
		done += n;
	}
	return 0;
}

int
ptesplit(pte_t *pte, uintptr_t va, int level)
{
	size_t size = PGLSZ(level - 1);
	pte_t small = *pte;
	pte_t *table = rampage();

	if (table == NULL)
		return -1;
	if (level == 1)
		small &= ~PTELARGE;
	for (size_t i = 0; i < PTENTRIES; i++)
		table[i] = small + i * size;
	*pte = paddr(table) | PTETABLE | (small & PTEUSER);
	flushva(va);
	return 0;
}

/* Unmap up to size bytes at va in one entry; returns how many, 0 if none. */
static size_t
unmap1(pte_t *pml4, uintptr_t va, size_t size)
{
	int level = 0;

	for (;;) {
		pte_t *pte = mmufind(pml4, va, &level);

		if (pte == NULL)
			return BY2PG;
		if (va % PGLSZ(level) == 0 && size >= PGLSZ(level)) {
			*pte = 0;
			flushva(va);
			return PGLSZ(level);
		}
		if (ptesplit(pte, va - va % PGLSZ(level), level) < 0)
			return 0;
	}
}

int
punmap(pte_t *pml4, uintptr_t va, size_t size)
{
	while (size > 0) {
		size_t n = unmap1(pml4, va, size);

		if (n == 0)
			return -1;
		va += n;
		size -= n;
	}
	return 0;
}
