/*
 * heap.c - a machine for xalloc and the pools: see heap.h.
 */
#include "heap.h"
#include "conf.h"
#include "hooks.h"
#include "host.h"
#include "page.h"
#include "pool.h"
#include "stage.h"
#include "xalloc.h"

enum { MAXBANK = 64 };

static Confmem banks[MAXBANK];
static int ncpus = 2;

void
heapcpus(int n)
{
	ncpus = n;
}

static void
bank(paddr_t pa, size_t npage, size_t size)
{
	uintptr_t p = size > 0 ? (uintptr_t)kaddr(pa) : 0;

	if (conf.nmem == MAXBANK)
		panic("%d banks are possible", MAXBANK);
	banks[conf.nmem++] = (Confmem){pa, npage, p, p + size};
	conf.npage += npage;
	conf.upages += npage - size / BY2PG;
}

/* A machine of size bytes, kaddr reaching cap of them. */
static void
machine(size_t size, size_t cap)
{
	hostmachine(HEAPBASE, size, cap, ncpus);
	conf = (Conf){.mem = banks};
}

static void
start(void)
{
	poolinit();
	stage = SCONF;
	xinit();
	stagedone(SXALLOC);
}

void
heapmachine(size_t nbanks, size_t size, size_t nframes)
{
	size_t kernel = nbanks * (size + BY2PG);

	machine(kernel + nframes * BY2PG, kernel);
	for (size_t i = 0; i < nbanks; i++)
		bank(HEAPBASE + i * (size + BY2PG), size / BY2PG, size);
	if (nframes > 0)
		bank(HEAPBASE + kernel, nframes, 0);
	start();
}

void
heapbadmachine(size_t size, const size_t *bad, size_t nbad)
{
	machine(size, size);
	for (size_t i = 0; i < nbad; i++)
		hostbad(HEAPBASE + bad[i] * BY2PG, 1);
	bank(HEAPBASE, size / BY2PG, size);
	start();
}

void
heappages(void)
{
	preallocpages();
	stagedone(SPREALLOC);
	pageinit();
	stagedone(SPAGES);
}
