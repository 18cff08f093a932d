/*
 * ram.c - whole pages of RAM by physical address: clear, copy, try.
 *
 * A page the direct map does not reach is worked on through the KMAP window,
 * one at a time.
 */
#include "cpu.h"
#include "hooks.h"
#include "mmu.h"
#include "pushout.h"
#include "x86.h"
#include "zero.h"

enum { CACHELINE = 64 };

void
zeropages(paddr_t pa, size_t npages, enum heat heat)
{
	enum zero how = zerochoice(heat, cpu.clzero);

	for (size_t i = 0; i < npages; i++) {
		void *p = kmappa(pa + i * BY2PG);

		zerowith(how, p, BY2PG);
		kunmap(p);
	}
}

void
copypages(paddr_t to, paddr_t from, size_t npages)
{
	for (size_t i = 0; i < npages; i++) {
		void *d = kmappa(to + i * BY2PG);
		void *s = kmappa(from + i * BY2PG);

		memcpy(d, s, BY2PG);
		kunmap(s);
		kunmap(d);
	}
}

/* Out of every cache: a write read back at once is answered by the cache. */
static void
flushpage(const uint8_t *p)
{
	if (!cpu.clflush) {
		wbinvd();
		return;
	}
	for (size_t i = 0; i < BY2PG; i += CACHELINE)
		clflush(p + i);
}

/* Without CLFLUSH all of them go, which takes long. */
void
pushout(const void *p, size_t size)
{
	const uint8_t *line =
	    (const uint8_t *)ROUNDDOWN((uintptr_t)p, (uintptr_t)CACHELINE);

	if (!cpu.clflush) {
		wbinvd();
		return;
	}
	for (; line < (const uint8_t *)p + size; line += CACHELINE)
		clflush(line);
	mfence();
}

static uint64_t
pattern(paddr_t pa)
{
	uint64_t v = ~pa * 0x9e3779b97f4a7c15;

	return v ^ v >> 32;
}

void
probewrite(paddr_t pa, size_t npages)
{
	for (size_t i = 0; i < npages; i++, pa += BY2PG) {
		volatile uint64_t *w = kmappa(pa);

		for (size_t j = 0; j < BY2PG / sizeof *w; j++)
			w[j] = pattern(pa + j * sizeof *w);
		flushpage((const uint8_t *)w);
		kunmap((void *)w);
	}
	mfence();
}

static bool
holds(paddr_t pa)
{
	volatile uint64_t *w = kmappa(pa);
	size_t j = 0;

	while (j < BY2PG / sizeof *w && w[j] == pattern(pa + j * sizeof *w))
		j++;
	kunmap((void *)w);
	return j == BY2PG / sizeof *w;
}

size_t
probecheck(paddr_t pa, size_t npages, uint8_t *bad)
{
	size_t nbad = 0;

	for (size_t i = 0; i < npages; i++) {
		if (holds(pa + i * BY2PG))
			continue;
		nbad++;
		if (bad != NULL)
			bad[i] = 1;
	}
	return nbad;
}
