/*
 * mmu.c - ranges of addresses mapped, unmapped and changed, by the walk that
 * mmuwalk.c is. No instruction and no state here either.
 *
 * An entry that was valid is never changed without flushva() after it. Tables
 * that have become empty stay, for the next mapping there; one that wants a
 * large page instead takes them away; but not where others are in the space, as
 * they may walk through them still: there it is made of smaller ones.
 */
#include "mmuwalk.h"

pte_t
mmuallowed(const Space *s, pte_t pte)
{
	return pte & ~s->limits.forbidden;
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

static bool
tablethere(Space *s, uintptr_t va, int level)
{
	pte_t *p = mmuwalk(s, va, level, LOOKUP);

	return p != NULL && istable(*p, level);
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

	while (s->lock != NULL && tablethere(s, va, l))
		l--;
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

/* Clear the first entries of a range, in one table: the size that they are for.
 */
static size_t
unmapsome(Space *s, uintptr_t va, size_t size)
{
	int level = 0;
	size_t done = 0;
	pte_t *pte = NULL;
	pte_t is = walkend(s, va, &level, &pte);

	do {
		if (is & PTEVALID) {
			*pte = 0;
			flushva(va + done);
		}
		done += PGLSZ(level) - (va + done) % PGLSZ(level);
		if (done >= size || PTLX(va + done, level) == 0)
			break;
		is = ptewalked(++pte);
	} while (!istable(is, level));
	return done;
}

/* Clear every entry of the range, no page of which reaches beyond it. */
static void
unmap(Space *s, uintptr_t va, size_t size)
{
	for (size_t done = 0; done < size;)
		done += unmapsome(s, va + done, size - done);
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
	changing(s);
	p = mmuwalk(s, va, 0, CREATE);
	pte_t old = p != NULL ? *p : 0;
	if (p != NULL)
		*p = mmuallowed(s, (pte & ~PTEGLOBAL) | PTEVALID | PTEUSER);
	if (old & PTEVALID)
		flushva(va);
	changed(s);
	return p != NULL ? 0 : -1;
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
