/*
 * mtrrs.c - see mtrrs.h.
 *
 * Intel SDM volume 3A, 12.11.2 to 12.11.4, sentence by sentence, bits by their
 * numbers there; AMD APM volume 2, 7.9 for TOP_MEM2. One address is looked at,
 * range by range and bit by bit; nothing knows where anything ends.
 */
#include "mtrrs.h"

#include <stdlib.h>

enum { UC = 0, WC = 1, WT = 4, WP = 5, WB = 6, NTYPE = 8 };

static bool
bit(uint64_t word, int n)
{
	return word >> n & 1;
}

static enum caching
name(unsigned type)
{
	switch (type) {
	case WC:
		return CACHEWC;
	case WT:
		return CACHEWT;
	case WP:
		return CACHEWP;
	case WB:
		return CACHEWB;
	}
	return CACHEUC;
}

/* 8 of 64 KiB, 16 of 16 KiB, 64 of 4 KiB; pa lies in one of them. */
static unsigned
fixedtype(const Mtrrs *m, paddr_t pa)
{
	paddr_t start = 0;

	for (unsigned n = 0; n < 8 + 16 + 64; n++) {
		paddr_t size = n < 8 ? 0x10000 : n < 8 + 16 ? 0x4000 : 0x1000;

		if (pa < start + size)
			return ((const uint8_t *)m->fixed)[n] & 7;
		start += size;
	}
	abort();
}

static bool
matches(const Mtrrs *m, const Mtrrvar *v, paddr_t pa)
{
	for (int n = 12; n < m->physbits; n++)
		if (bit(v->mask, n) && bit(v->base, n) != bit(pa, n))
			return false;
	return bit(v->mask, 11);
}

static unsigned
defaulttype(const Mtrrs *m, paddr_t pa)
{
	paddr_t top = m->tom2 >> 23 << 23 & 0xfffffffffffff;

	if (bit(m->syscfg, 21) && bit(m->syscfg, 22) && pa >= 0x100000000 &&
	    pa < top)
		return WB;
	return m->deftype & 7;
}

enum caching
mtrrsmodel(const Mtrrs *m, paddr_t pa)
{
	size_t n[NTYPE] = {0}; /* ranges of each type that match */
	size_t all = 0;

	if (!bit(m->deftype, 11))
		return CACHEUC;
	if (pa < 0x100000 && bit(m->cap, 8) && bit(m->deftype, 10))
		return name(fixedtype(m, pa));
	for (size_t i = 0; i < (m->cap & 0xff) && i < MTRRVARIABLE; i++)
		if (matches(m, &m->var[i], pa)) {
			n[m->var[i].base & 7]++;
			all++;
		}
	if (all == 0)
		return name(defaulttype(m, pa));
	if (n[2] + n[3] + n[7] > 0) /* no CPU has these */
		return CACHEUC;
	for (unsigned type = 0; type < NTYPE; type++)
		if (n[type] == all)
			return name(type);
	if (n[UC] == 0 && n[WT] + n[WB] == all)
		return CACHEWT;
	return CACHEUC;
}

static uint64_t
rnd(uint64_t below)
{
	uint64_t n = 0;

	for (int i = 0; i < 4; i++)
		n = n << 16 ^ (uint64_t)rand();
	return n % below;
}

static unsigned
randomtype(bool wild)
{
	static const unsigned types[] = {UC, WB, WT, WC, WB, WP, UC, WT};

	return wild && rnd(40) == 0 ? (unsigned)rnd(8) : types[rnd(8)];
}

static Mtrrvar
randomrange(int physbits, uint64_t grain, bool wild)
{
	uint64_t width = (1ull << physbits) - 1;
	uint64_t size = grain;
	uint64_t mask = 0;
	Mtrrvar v;

	while (size <= width && rnd(4) != 0)
		size *= 2;
	mask = ~(size - 1) & width;
	v.base = rnd(width + 1) & mask;
	if (wild) {
		mask &= ~(rnd(width + 1) & rnd(width + 1) & rnd(width + 1));
		mask |= rnd(2) << physbits;
		v.base |= rnd(size) & ~0xfffull;
		v.base |= rnd(2) << physbits;
	}
	v.base |= randomtype(wild);
	v.mask = mask | (rnd(8) != 0) << 11;
	return v;
}

void
mtrrsrandom(Mtrrs *m, int physbits, uint64_t grain, bool wild)
{
	uint64_t count = rnd(wild ? 12 : 6);

	*m = (Mtrrs){.physbits = physbits};
	if (wild && rnd(100) == 0)
		count = 0xff;
	m->cap = count | rnd(2) << 8 | (rnd(2) << 10);
	m->deftype = randomtype(false) | rnd(2) << 10 | (rnd(20) != 0) << 11;
	for (size_t i = 0; i < MTRRVARIABLE; i++)
		m->var[i] = randomrange(physbits, grain, wild);
	for (size_t i = 0; i < sizeof m->fixed; i++)
		((uint8_t *)m->fixed)[i] = (uint8_t)randomtype(false);
	m->syscfg = rnd(3) == 0 ? rnd(4) << 21 : 3ull << 21 | rnd(1 << 21);
	m->tom2 = rnd(1ull << physbits) | rnd(1 << 23);
}
