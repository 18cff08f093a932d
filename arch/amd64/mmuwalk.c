/*
 * mmuwalk.c - what a page table is, and the way through them to an address. No
 * instruction and no state, so that the host tests it with a TLB of its own.
 *
 *	va  63......48 47...39 38...30 29...21 20...12 11.........0
 *	    sign       PML4    PDPT    PD      PT      offset
 *	level          3       2       1       0
 *
 * An entry at level 1 or 2 is a table, or with PTELARGE a page. Entries of
 * tables carry every permission: the page's own entry decides.
 */
#include "mmuwalk.h"

#define PTETABLE (PTEVALID | PTEWRITE)

void
checkcanonical(uintptr_t va)
{
	if (va >= UTOP && va < DMAP)
		panic("va %#jx is not canonical", (uintmax_t)va);
}

static pte_t *
tableof(pte_t pte)
{
	return kaddr(PTEADDR(pte));
}

/*
 * A table is linked when its entries are written: under the space's lock, or
 * by who is alone in the space, as at its making. Who reads his own range takes
 * no lock, and passes through tables that others link for theirs.
 */
static void
linktable(pte_t *pte, pte_t table)
{
	__atomic_store_n(pte, table, __ATOMIC_RELEASE);
}

/* The level-3 table of the half that va is in. */
static pte_t *
halfof(const Space *s, uintptr_t va)
{
	checkcanonical(va);
	return va < UTOP ? s->lower : s->upper;
}

/* The user bit on a table opens nothing by itself: each page has its own. */
static pte_t
tablepte(const void *table, uintptr_t va)
{
	return paddr(table) | PTETABLE | (va < UTOP ? PTEUSER : 0);
}

static int
newtable(Space *s, pte_t *pte, uintptr_t va)
{
	void *table = tablepage(s->tables);

	if (table == NULL)
		return -1;
	linktable(pte, tablepte(table, va));
	return 0;
}

void
checkgrow(const Space *s, uintptr_t va, int level)
{
	if (level == 3 && va >= DMAP && s->shared && s->upper == s->top)
		panic("%#jx needs a table that other spaces would not have",
		    (uintmax_t)va);
}

pte_t *
mmuwalk(Space *s, uintptr_t va, int level, enum walk how)
{
	pte_t *table = halfof(s, va);

	for (int l = 3; l > level; l--) {
		pte_t *pte = &table[PTLX(va, l)];
		pte_t is = ptewalked(pte);

		if (is & PTEVALID) {
			if (is & PTELARGE)
				return NULL;
		} else {
			if (how == LOOKUP)
				return NULL;
			checkgrow(s, va, l);
			if (newtable(s, pte, va) < 0)
				return NULL;
			is = *pte;
		}
		table = tableof(is);
	}
	return &table[PTLX(va, level)];
}

pte_t
walkend(const Space *s, uintptr_t va, int *level, pte_t **at)
{
	pte_t *pte = &halfof(s, va)[PTLX(va, 3)];
	pte_t is = ptewalked(pte);

	for (*level = 3; istable(is, *level); is = ptewalked(pte)) {
		--*level;
		pte = &tableof(is)[PTLX(va, *level)];
	}
	*at = pte;
	return is;
}

pte_t *
mmufind(const Space *s, uintptr_t va, int *level)
{
	pte_t *pte = NULL;

	return walkend(s, va, level, &pte) & PTEVALID ? pte : NULL;
}

paddr_t
mmupa(const Space *s, uintptr_t va)
{
	int level = 0;
	pte_t *pte = mmufind(s, va, &level);

	if (pte == NULL)
		return NOADDR;
	return ROUNDDOWN(PTEADDR(*pte), PGLSZ(level)) + va % PGLSZ(level);
}

void
checkmmu(const Space *s, uintptr_t va, paddr_t pa)
{
	paddr_t is = mmupa(s, va);
	int level = 0;

	if (is == NOADDR)
		panic("%#jx should be pa %#jx and is not mapped", (uintmax_t)va,
		    pa);
	pte_t pte = *mmufind(s, va, &level);
	if (is != pa)
		panic("%#jx should be pa %#jx and is %#jx: level %d, %#jx",
		    (uintmax_t)va, pa, is, level, (uintmax_t)pte);
}

/* Give back a table, and those below it, that the CPU knows no more. */
static void
freetables(Space *s, pte_t *table, int level)
{
	for (size_t i = 0; level > 0 && i < PTENTRIES; i++)
		if (istable(table[i], level))
			freetables(s, tableof(table[i]), level - 1);
	tablefree(s->tables, table);
}

void
droptable(Space *s, pte_t *pte, uintptr_t va, int level)
{
	pte_t *table = tableof(*pte);

	*pte = 0;
	flushva(va);
	freetables(s, table, level - 1);
}

int
ptesplit(Space *s, pte_t *pte, uintptr_t va, int level)
{
	pte_t small = *pte;
	pte_t *table = NULL;

	if (level == 0 || (small & PTEVALID) == 0 || istable(small, level))
		panic("%#jx of level %d at %#jx is no large page",
		    (uintmax_t)small, level, (uintmax_t)va);
	table = tablepage(s->tables);
	if (table == NULL)
		return -1;
	if (level == 1)
		small &= ~PTELARGE;
	for (size_t i = 0; i < PTENTRIES; i++)
		table[i] = small + i * PGLSZ(level - 1);
	linktable(pte, tablepte(table, va));
	flushva(va);
	return 0;
}
