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

/* No test uses more memory than this of a larger machine. */
#define TESTED (4 * GiB)

static Confmem banks[MAXBANK];

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

/* There only if this is a build for the address sanitizer. */
__attribute__((weak)) void __asan_unpoison_memory_region(
    const volatile void *p, size_t size);

/*
 * A machine of size bytes, kaddr reaching cap of them. Of the one before, what
 * was hidden from the sanitizer must not stay so: its addresses will be used
 * for something else.
 */
static void
machine(size_t size, size_t cap)
{
	static void *ram;
	static size_t tested;

	if (__asan_unpoison_memory_region != NULL && ram != NULL)
		__asan_unpoison_memory_region(ram, tested);
	hostmachine(HEAPBASE, size, cap, 2);
	conf = (Conf){.mem = banks};
	ram = kaddr(HEAPBASE);
	tested = MIN(size, TESTED);
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
