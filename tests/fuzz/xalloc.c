/*
 * xalloc.c - sequences of xalloc calls against a list of what is out.
 *
 * The first bytes make the machine: banks, their size, bad pages. Then each
 * step allocates, frees, merges, gives a part of a block up or has it grow.
 * Blocks are filled with their
 * own pattern and must still hold it when they go; at the end everything is
 * freed and the holes must be those there were.
 *
 * needs: tests/host/heap.c
 */
#include "fuzz.h"
#include "heap.h"
#include "xalloc.h"

enum { NLIVE = 48, NBAD = 4 };

static struct {
	uint8_t *p;
	size_t size;
	uint8_t seed;
} live[NLIVE];

static void
start(Input *in)
{
	size_t bad[NBAD];
	size_t npages = 1 + take(in, 1) % 64 + (take(in, 1) % 8 == 0) * 700;
	size_t nbad = take(in, 1) % (NBAD + 1);

	memset(live, 0, sizeof live);
	if (take(in, 1) % 2 == 0) {
		heapmachine(1 + take(in, 1) % 3, npages * BY2PG, 0);
		return;
	}
	for (size_t i = 0; i < nbad; i++)
		bad[i] = take(in, 2) % npages;
	heapbadmachine(npages * BY2PG, bad, nbad);
}

static size_t
anysize(Input *in)
{
	switch (take(in, 1) % 4) {
	case 0:
		return take(in, 1) % 64;
	case 1:
		return take(in, 2) % 9000;
	case 2:
		return take(in, 3);
	}
	return SIZE_MAX - take(in, 1);
}

static void
alloc(Input *in, unsigned i)
{
	size_t size = anysize(in);
	unsigned how = (unsigned)take(in, 1);
	size_t align = 1ull << how % 14;
	size_t span = how & 0x40 ? 4096ull << take(in, 1) % 4 : 0;
	uint8_t *p =
	    how & 0x80 ? xspanalloc(size, align, span) : xallocz(size, how & 1);

	if (p == NULL)
		return;
	if ((uintptr_t)p % 16 != 0)
		panic("%p", (void *)p);
	if ((how & 0x80) &&
	    ((uintptr_t)p % align != 0 ||
		(span != 0 && size != 0 &&
		    (uintptr_t)p / span != ((uintptr_t)p + size - 1) / span)))
		panic("%p: size %zu align %zu span %zu", (void *)p, size, align,
		    span);
	for (size_t j = 0; j < size && ((how & 0x80) || (how & 1)); j++)
		if (p[j] != 0)
			panic("%p is not cleared at %zu", (void *)p, j);
	live[i].p = p;
	live[i].size = size;
	live[i].seed = (uint8_t)take(in, 1);
	memset(p, live[i].seed, size);
}

static void
verify(unsigned i)
{
	for (size_t j = 0; j < live[i].size; j++)
		if (live[i].p[j] != live[i].seed)
			panic("%p was changed at %zu", (void *)live[i].p, j);
}

static void
release(unsigned i)
{
	verify(i);
	xfree(live[i].p);
	live[i].p = NULL;
}

static void
merge(unsigned i, unsigned j)
{
	if (i == j || live[i].p == NULL || live[j].p == NULL)
		return;
	uint8_t *end = live[j].p + live[j].size;
	if (!xmerge(live[i].p, live[j].p))
		return;
	verify(i);
	verify(j);
	live[i].size = (size_t)(end - live[i].p);
	memset(live[i].p, live[i].seed, live[i].size);
	live[j].p = NULL;
}

/* i gives up a part; what is above that is block j, or nothing. */
static void
give(Input *in, unsigned i, unsigned j)
{
	size_t most = live[i].size;

	if (live[j].p != NULL || most < 2 * XGIVEMIN)
		return;
	size_t from = take(in, 2) * 16 % (most - XGIVEMIN + 1) / 16 * 16;
	size_t left = most - from - XGIVEMIN;
	size_t to = most - left + take(in, 2) * 16 % (left + 1) / 16 * 16;
	uint8_t *p = live[i].p;

	if (to - from < XGIVEMIN || most - to < XGIVEMIN || to % 16 != 0)
		to = most;
	verify(i);
	xgive(p, p + from, p + to);
	live[i].size = from;
	if (from == 0)
		live[i].p = NULL;
	if (to == most)
		return;
	live[j].p = p + to;
	live[j].size = most - to;
	live[j].seed = live[i].seed;
}

static void
grow(Input *in, unsigned i)
{
	size_t size = anysize(in);

	if (xgrow(live[i].p, size) < 0)
		return;
	live[i].size = MIN(size, live[i].size);
	verify(i);
	live[i].size = size;
	memset(live[i].p, live[i].seed, size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	Input in = {data, n};

	start(&in);
	size_t holes = xholes();
	size_t free = xfreebytes();
	while (in.n > 0) {
		unsigned i = (unsigned)take(&in, 1) % NLIVE;
		unsigned op = (unsigned)take(&in, 1);
		if (op % 8 == 7)
			merge(i, op / 8);
		else if (op % 8 == 6 && live[i].p != NULL)
			give(&in, i, op / 8);
		else if (op % 8 == 5 && live[i].p != NULL)
			grow(&in, i);
		else if (live[i].p != NULL)
			release(i);
		else
			alloc(&in, i);
		if (op % 32 == 0)
			xcheck();
	}
	for (unsigned i = 0; i < NLIVE; i++)
		if (live[i].p != NULL)
			release(i);
	xcheck();
	if (xbadpages() == 0 && (xholes() != holes || xfreebytes() != free))
		panic("%zu holes of %zu bytes became %zu of %zu", holes, free,
		    xholes(), xfreebytes());
	return 0;
}
