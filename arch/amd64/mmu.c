/*
 * mmu.c - the page table code proper: no instruction and no state, so that the
 * host tests it with a TLB of its own.
 *
 *	va  63......48 47...39 38...30 29...21 20...12 11.........0
 *	    sign       PML4    PDPT    PD      PT      offset
 *	level          3       2       1       0
 *
 * An entry at level 1 or 2 is a table, or with PTELARGE a page. Entries of
 * tables carry every permission: the page's own entry decides.
 *
 * An entry that was valid is never changed without flushva() after it. Tables
 * that have become empty stay, for the next mapping there; one that wants a
 * large page instead takes them away.
 */
#include "mmu.h"

#define PTETABLE (PTEVALID | PTEWRITE)

pte_t
mmuallowed(const Space *s, pte_t pte)
{
	return pte & ~s->limits.forbidden;
}

static void
checkcanonical(uintptr_t va)
{
	if (va >= UTOP && va < DMAP)
		panic("va %#jx is not canonical", (uintmax_t)va);
}

static void
checkrange(uintptr_t va, size_t size)
{
	uintptr_t last = va + size - 1;

	if ((va | size) % BY2PG != 0 || size == 0)
		panic(
		    "%#zx bytes at %#jx: not whole pages", size, (uintmax_t)va);
	checkcanonical(va);
	checkcanonical(last);
	if (last < va || (va < UTOP) != (last < UTOP))
		panic("%#zx bytes at %#jx: past the end of a half", size,
		    (uintmax_t)va);
}

/* Does this entry of that level lead to a table? */
static bool
istable(pte_t pte, int level)
{
	return (pte & PTEVALID) && level > 0 && (pte & PTELARGE) == 0;
}

static pte_t *
tableof(pte_t pte)
{
	return kaddr(PTEADDR(pte));
}

/*
 * A table is linked, under the space's lock, when its entries are written.
 * Who reads his own range takes no lock, and passes through tables that others
 * link for theirs.
 */
static void
linktable(pte_t *pte, pte_t table)
{
	__atomic_store_n(pte, table, __ATOMIC_RELEASE);
}

static pte_t
ptewalked(const pte_t *pte)
{
	return __atomic_load_n(pte, __ATOMIC_ACQUIRE);
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

/* With four levels, who shares the kernel half has copies of its entries. */
static void
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

/*
 * What the walk for va ends with: a page, or an entry that has nothing, which
 * is at *at. Another may put a table there as soon as it was read.
 */
static pte_t
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

/* Give back a table, and those below it, that the CPU knows no more. */
static void
freetables(Space *s, pte_t *table, int level)
{
	for (size_t i = 0; i < PTENTRIES; i++)
		if (istable(table[i], level))
			freetables(s, tableof(table[i]), level - 1);
	tablefree(s->tables, table);
}

/* Take the table that *pte leads to away; nothing is mapped by it. */
static void
droptable(Space *s, pte_t *pte, uintptr_t va, int level)
{
	pte_t *table = tableof(*pte);

	*pte = 0;
	flushva(va);
	freetables(s, table, level - 1);
}

/* How many bytes from pa on the machine caches alike. */
static size_t
alike(const Space *s, paddr_t pa)
{
	paddr_t end = NOADDR;

	if (s->limits.caching != NULL)
		s->limits.caching(pa, &end);
	return end - pa;
}

/* The largest page for the start of this range. */
static int
fit(const Space *s, uintptr_t va, paddr_t pa, size_t size)
{
	int l = s->limits.maxlevel;

	while (l > 0 && ((va | pa) % PGLSZ(l) != 0 || size < PGLSZ(l)))
		l--;
	return l;
}

/*
 * Nothing may be mapped in the range. It is the caller's, so that nobody else
 * changes that meanwhile, and no lock need be held while it is said.
 */
static void
checkunmapped(const Space *s, uintptr_t va, size_t size)
{
	int level = 0;
	pte_t *at = NULL;

	for (size_t n = 0; n < size;
	     n += PGLSZ(level) - (va + n) % PGLSZ(level)) {
		pte_t pte = walkend(s, va + n, &level, &at);

		if (pte & PTEVALID)
			panic("%#jx is mapped already, level %d: %#jx",
			    (uintmax_t)(va + n), level, (uintmax_t)pte);
		checkgrow(s, va + n, level);
	}
}

/*
 * Set entries from va on, in one table: those for the largest pages that fit
 * at va and are cached alike, up to the next table in their place, which is to
 * be dropped first. Returns the size mapped, or 0 if there is no memory for a
 * table.
 */
static size_t
mapsome(Space *s, uintptr_t va, pte_t pte, size_t size)
{
	size = MIN(size, alike(s, PTEADDR(pte)));
	int l = fit(s, va, PTEADDR(pte), size);
	pte_t *p = mmuwalk(s, va, l, CREATE);
	size_t n = 0;

	if (p == NULL)
		return 0;
	if (istable(*p, l))
		droptable(s, p, va, l);
	pte = mmuallowed(s, pte) | (l > 0 ? PTELARGE : 0);
	size_t most = MIN(PTENTRIES - PTLX(va, l), size >> PGLSHIFT(l));
	for (; n < most && !istable(p[n], l); n++)
		p[n] = pte + n * PGLSZ(l);
	return n * PGLSZ(l);
}

/* Clear every entry of the range, no page of which reaches beyond it. */
static void
unmap(Space *s, uintptr_t va, size_t size)
{
	for (size_t done = 0; done < size;) {
		int level = 0;
		uintptr_t at = va + done;
		pte_t *pte = NULL;

		if (walkend(s, at, &level, &pte) & PTEVALID) {
			*pte = 0;
			flushva(at);
		}
		done += PGLSZ(level) - at % PGLSZ(level);
	}
}

static void
changing(const Space *s)
{
	if (s->lock != NULL)
		lock(s->lock);
}

static void
changed(const Space *s)
{
	if (s->lock != NULL)
		unlock(s->lock);
}

/* As pmap, of a range that has nothing. */
static int
map(Space *s, uintptr_t va, pte_t pte, size_t size)
{
	for (size_t done = 0; done < size;) {
		size_t n = mapsome(s, va + done, pte + done, size - done);

		if (n == 0) {
			unmap(s, va, done);
			return -1;
		}
		done += n;
	}
	return 0;
}

int
pmap(Space *s, uintptr_t va, pte_t pte, size_t size)
{
	paddr_t end = (paddr_t)1 << s->limits.physbits;

	checkrange(va, size);
	if (PTEADDR(pte) >= end || size > end - PTEADDR(pte))
		panic("%#zx bytes at pa %#jx: beyond the CPU's addresses", size,
		    (uintmax_t)PTEADDR(pte));
	checkunmapped(s, va, size);
	changing(s);
	int e = map(s, va, pte, size);
	changed(s);
	return e;
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

/* Split until no page reaches across va. None reaches across 1 GiB. */
static int
splitat(Space *s, uintptr_t va)
{
	int level = 2;

	while (va % PGLSZ(level) != 0) {
		pte_t *pte = mmufind(s, va, &level);

		if (pte == NULL || va % PGLSZ(level) == 0)
			return 0;
		if (ptesplit(s, pte, va, level) < 0)
			return -1;
	}
	return 0;
}

int
punmap(Space *s, uintptr_t va, size_t size)
{
	int e = -1;

	checkrange(va, size);
	changing(s);
	if (splitat(s, va) == 0 && splitat(s, va + size) == 0) {
		unmap(s, va, size);
		e = 0;
	}
	changed(s);
	return e;
}

/* Device memory, mapped from va to end, is combined in writing. */
static int
combine(Space *s, uintptr_t va, uintptr_t end)
{
	int level = 0;

	if (splitat(s, va) < 0 || splitat(s, end) < 0)
		return -1;
	for (; va < end; va += PGLSZ(level)) {
		pte_t *pte = mmufind(s, va, &level);

		*pte = (*pte & ~PTEMEMTYPE) | PTEWC;
		flushva(va);
	}
	return 0;
}

static void
checkdevice(const Space *s, uintptr_t va, uintptr_t end)
{
	int level = 0;

	for (; va < end; va += PGLSZ(level) - va % PGLSZ(level)) {
		pte_t *pte = mmufind(s, va, &level);

		if (pte == NULL || (*pte & PTEMEMTYPE) == PTEWB)
			panic("%#jx is not mapped as a device", (uintmax_t)va);
	}
}

int
patwc(Space *s, void *p, size_t size)
{
	uintptr_t va = ROUNDDOWN((uintptr_t)p, BY2PG);
	uintptr_t end = PGROUND((uintptr_t)p + size);

	if (size == 0 || va < VMAP || end > VMAP + VMAPSIZE || end <= va)
		panic("%#zx bytes at %p: not in the VMAP window", size, p);
	checkdevice(s, va, end);
	changing(s);
	int e = combine(s, va, end);
	changed(s);
	return e;
}

int
putmmu(Space *s, uintptr_t va, pte_t pte)
{
	pte_t *p = NULL;

	checkrange(va, BY2PG);
	if (va < BY2PG || va >= UTOP)
		panic("%#jx is not user space", (uintmax_t)va);
	if (PTEADDR(pte) >> s->limits.physbits != 0)
		panic("pa %#jx: beyond the CPU's addresses",
		    (uintmax_t)PTEADDR(pte));
	p = mmuwalk(s, va, 0, CREATE);
	if (p == NULL)
		return -1;
	pte_t old = *p;
	*p = mmuallowed(s, (pte & ~PTEGLOBAL) | PTEVALID | PTEUSER);
	if (old & PTEVALID)
		flushva(va);
	return 0;
}

void
mmurelease(Space *s)
{
	for (uintptr_t va = 0; va < UTOP; va += PGLSZ(3)) {
		pte_t *pte = &s->lower[PTLX(va, 3)];

		if ((*pte & PTEVALID) == 0)
			continue;
		unmap(s, va, PGLSZ(3));
		droptable(s, pte, va, 3);
	}
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
