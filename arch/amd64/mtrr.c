/*
 * mtrr.c - what memory type range registers say of an address.
 *
 *	0                1M                    4G             TOM2
 *	[ fixed ranges   )
 *	     [ variable range 0                      )
 *	               [ variable range 1  )
 *	[ default type                         [ WB, on AMD   )[ ...
 *
 * From top to bottom: who is there first decides. Variable ranges that overlap
 * decide together: one type is that type, write-through and write-back are
 * write-through, all else is uncached. Intel SDM volume 3A, 12.11; AMD APM
 * volume 2, 7.7 and 7.9. No instruction here, so that the host tests it.
 */
#include "mtrr.h"

#define CAPVCNT 0xffull
#define CAPFIX (1ull << 8)
#define DEFFE (1ull << 10)
#define DEFE (1ull << 11)
#define MASKVALID (1ull << 11)
#define SYSCFGFIXEDDRAM (1ull << 19)
#define SYSCFGTOM2EN (1ull << 21)
#define SYSCFGTOM2WB (1ull << 22)
#define TOM2MASK 0x000fffffff800000ull

enum { TYPEMASK = 7 };

/* 2, 3 and 7 are reserved. */
static const enum caching types[TYPEMASK + 1] = {
    [0] = CACHEUC,
    [1] = CACHEWC,
    [4] = CACHEWT,
    [5] = CACHEWP,
    [6] = CACHEWB,
};

bool
mtrrfixeddram(uint64_t syscfg)
{
	return syscfg & SYSCFGFIXEDDRAM;
}

/* Above the type AMD has two bits that say where accesses go. */
static enum caching
kindof(uint64_t byte)
{
	return types[byte & TYPEMASK];
}

size_t
mtrrvariable(const Mtrrs *m)
{
	return MIN(m->cap & CAPVCNT, (uint64_t)MTRRVARIABLE);
}

bool
mtrrfixed(const Mtrrs *m)
{
	return m->cap & CAPFIX;
}

bool
mtrron(const Mtrrs *m)
{
	return m->deftype & DEFE;
}

bool
mtrrtom2(uint64_t syscfg)
{
	return (syscfg & SYSCFGTOM2EN) && (syscfg & SYSCFGTOM2WB);
}

/* Eight ranges a register: of 64 KiB, from 512K of 16, from 768K of 4. */
static enum caching
fixedat(const Mtrrs *m, paddr_t pa, paddr_t *end)
{
	paddr_t base = 0;
	int shift = 16;
	size_t reg = 0;

	if (pa >= 768 * KiB) {
		base = 768 * KiB;
		shift = 12;
		reg = 3;
	} else if (pa >= 512 * KiB) {
		base = 512 * KiB;
		shift = 14;
		reg = 1;
	}
	size_t n = (pa - base) >> shift;
	*end = base + ((n + 1) << shift);
	return kindof(m->fixed[reg + n / 8] >> n % 8 * 8);
}

/*
 * The first address after pa, which is not in it, of a range of this value
 * under this mask, whose bits need not be adjacent: above the highest bit that
 * is wrong pa can stay, if that bit should be set; otherwise the next bit up
 * that the mask leaves free must count.
 */
static paddr_t
nextin(paddr_t pa, uint64_t value, uint64_t mask, uint64_t width)
{
	uint64_t high = 1ull << (63 - __builtin_clzll((pa ^ value) & mask));

	if ((value & high) == 0) {
		uint64_t room = ~mask & ~pa & width & ~(2 * high - 1);

		if (room == 0)
			return NOADDR;
		high = room & -room;
		pa |= high;
		return (pa & ~(high - 1)) | (value & (high - 1));
	}
	return (pa & ~(2 * high - 1)) | (value & (2 * high - 1));
}

/* Is pa in this range? *end comes down to where that changes. */
static bool
covers(const Mtrrs *m, const Mtrrvar *v, paddr_t pa, paddr_t *end)
{
	uint64_t width = (1ull << m->physbits) - 1;
	uint64_t mask = ROUNDDOWN(v->mask & width, BY2PG);
	uint64_t value = v->base & mask;

	if ((v->mask & MASKVALID) == 0)
		return false;
	if (mask == 0)
		return true;
	if ((pa & mask) != value) {
		*end = MIN(*end, nextin(pa, value, mask, width));
		return false;
	}
	*end = MIN(*end, (pa | ((mask & -mask) - 1)) + 1);
	return true;
}

static enum caching
defaultat(const Mtrrs *m, paddr_t pa, paddr_t *end)
{
	paddr_t tom2 = m->tom2 & TOM2MASK;

	if (mtrrtom2(m->syscfg) && pa < tom2) {
		if (pa >= 4 * GiB) {
			*end = MIN(*end, tom2);
			return CACHEWB;
		}
		*end = MIN(*end, 4 * GiB);
	}
	return kindof(m->deftype);
}

/* The kinds of variable ranges that pa is in: a bit for each. */
static unsigned
variablekinds(const Mtrrs *m, paddr_t pa, paddr_t *end)
{
	unsigned seen = 0;

	for (size_t i = 0; i < mtrrvariable(m); i++)
		if (covers(m, &m->var[i], pa, end))
			seen |= 1u << kindof(m->var[i].base);
	return seen;
}

static bool
single(unsigned kinds)
{
	return (kinds & (kinds - 1)) == 0;
}

static const unsigned wtwb = 1u << CACHEWT | 1u << CACHEWB;

static enum caching
variableat(const Mtrrs *m, paddr_t pa, paddr_t *end)
{
	unsigned seen = variablekinds(m, pa, end);

	if (seen == 0)
		return defaultat(m, pa, end);
	if (single(seen))
		return (enum caching)__builtin_ctz(seen);
	return seen == wtwb ? CACHEWT : CACHEUC;
}

bool
mtrrdefined(const Mtrrs *m, paddr_t pa)
{
	paddr_t end = NOADDR;
	unsigned seen = variablekinds(m, pa, &end);

	return single(seen) || seen == wtwb || (seen & 1u << CACHEUC);
}

enum caching
mtrrat(const Mtrrs *m, paddr_t pa, paddr_t *end)
{
	*end = NOADDR;
	if (!mtrron(m))
		return CACHEUC;
	if (pa < MiB && mtrrfixed(m) && (m->deftype & DEFFE))
		return fixedat(m, pa, end);
	return variableat(m, pa, end);
}

/* SDM volume 3A, table 12-7: PAT entries of this type, by the MTRRs' kind. */
enum caching
mtrrpat(uint8_t pat, enum caching kind)
{
	static const enum caching table[TYPEMASK + 1][NCACHING] = {
	    [1] = {CACHEWC, CACHEWC, CACHEWC, CACHEWC, CACHEWC},
	    [4] = {CACHEUC, CACHEUC, CACHEWT, CACHEWT, CACHEWT},
	    [5] = {CACHEUC, CACHEUC, CACHEWP, CACHEWP, CACHEWP},
	    [6] = {CACHEUC, CACHEWC, CACHEWT, CACHEWP, CACHEWB},
	    [7] = {CACHEUC, CACHEWC, CACHEUC, CACHEWC, CACHEUC},
	};

	return table[pat & TYPEMASK][kind];
}
