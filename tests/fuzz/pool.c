/*
 * pool.c - sequences of calls on the three pools and two CPUs, against a list
 * of what is out; in a machine whose xalloc, and whose pages, run out.
 *
 * needs: tests/host/heap.c
 */
#include "fuzz.h"
#include "heap.h"
#include "page.h"
#include "pool.h"
#include "xalloc.h"

enum { NLIVE = 64 };

static struct {
	Pool *pool;
	uint8_t *p;
	size_t size;
	uint8_t seed;
} live[NLIVE];

static Pool *
anypool(Input *in)
{
	Pool *pools[] = {mainmem, imagmem, secrmem};

	return pools[take(in, 1) % 3];
}

static size_t
anysize(Input *in)
{
	switch (take(in, 1) % 5) {
	case 0:
		return take(in, 1) % 64;
	case 1:
	case 2:
		return take(in, 2) % 5000;
	case 3:
		return take(in, 3) % 200000;
	}
	return SIZE_MAX - take(in, 1);
}

static void
own(unsigned i, Pool *pool, void *p, size_t size, uint8_t seed)
{
	if ((uintptr_t)p % 16 != 0 || poolmsize(pool, p) != size)
		panic("%p: %zu bytes, not %zu", p, poolmsize(pool, p), size);
	live[i].pool = pool;
	live[i].p = p;
	live[i].size = size;
	live[i].seed = seed;
	memset(p, seed, size);
}

static void
alloc(Input *in, unsigned i)
{
	Pool *pool = anypool(in);
	size_t size = anysize(in);
	unsigned how = (unsigned)take(in, 1);
	size_t align = 1ull << how % 14;
	size_t span = how & 0x40 ? 8192ull << take(in, 1) % 4 : 0;
	bool aligned = (how & 0x80) != 0;
	uint8_t *p = aligned ? poolallocalign(pool, size, align, 0, span)
			     : poolalloc(pool, size);

	if (p == NULL)
		return;
	uintptr_t at = (uintptr_t)p;
	if (aligned &&
	    (at % align != 0 || (span != 0 && size != 0 &&
				    at / span != (at + size - 1) / span)))
		panic("%p: size %zu align %zu span %zu", (void *)p, size, align,
		    span);
	own(i, pool, p, size, (uint8_t)take(in, 1));
}

static void
verify(unsigned i, size_t size)
{
	for (size_t j = 0; j < size; j++)
		if (live[i].p[j] != live[i].seed)
			panic("%p was changed at %zu", (void *)live[i].p, j);
}

static void
release(unsigned i)
{
	verify(i, live[i].size);
	poolfree(live[i].pool, live[i].p);
	live[i].p = NULL;
}

static void
resize(Input *in, unsigned i)
{
	size_t size = anysize(in);
	size_t old = live[i].size;

	if (size == 0)
		return;
	verify(i, old);
	uint8_t *p = poolrealloc(live[i].pool, live[i].p, size);
	if (p == NULL)
		return;
	live[i].p = p;
	verify(i, old < size ? old : size);
	own(i, live[i].pool, p, size, live[i].seed);
}

static void
step(Input *in)
{
	unsigned i = (unsigned)take(in, 1) % NLIVE;
	unsigned op = (unsigned)take(in, 1);

	hostcpu(op >> 7);
	if (op % 16 == 15)
		poolcompact(anypool(in));
	else if (op % 16 == 14)
		poolcheck(anypool(in));
	else if (live[i].p == NULL)
		alloc(in, i);
	else if (op % 4 == 3)
		resize(in, i);
	else
		release(i);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	Input in = {data, n};
	Pool *pools[] = {mainmem, imagmem, secrmem};
	size_t kernel = (1 + take(&in, 1) % 200) * 16 * KiB;
	size_t nframes = take(&in, 1) % 2 * 1024;
	size_t nfree = 0;

	memset(live, 0, sizeof live);
	heapmachine(1, kernel, nframes);
	if (nframes > 0) {
		heappages();
		nfree = pagesfree();
	}
	size_t before = xfreebytes();
	while (in.n > 0)
		step(&in);
	for (unsigned i = 0; i < NLIVE; i++)
		if (live[i].p != NULL)
			release(i);
	for (int i = 0; i < 6; i++) {
		hostcpu(i % 2);
		poolcheck(pools[i / 2]);
		poolcompact(pools[i / 2]);
	}
	for (int i = 0; i < 6; i++) { /* what only then became empty */
		hostcpu(i % 2);
		poolcompact(pools[i / 2]);
		if (i % 2 == 1 && poolsize(pools[i / 2]) != 0)
			panic("%s keeps %zu bytes", poolname(pools[i / 2]),
			    poolsize(pools[i / 2]));
	}
	hostcpu(0);
	xcheck();
	if (xfreebytes() != before)
		panic("%zu bytes lost", before - xfreebytes());
	if (nframes > 0 && pagesfree() != nfree)
		panic("%zu pages lost", nfree - pagesfree());
	return 0;
}
