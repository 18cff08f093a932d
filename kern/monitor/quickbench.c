/*
 * quickbench.c - see quickbench.h. A round is short, and the best of them is
 * what it takes where nothing else wants the CPU: a hypervisor, system
 * management.
 */
#include "quickbench.h"
#include "cpu.h"
#include "hooks.h"
#include "more.h"
#include "page.h"
#include "pool.h"
#include "progress.h"
#include "xalloc.h"

typedef struct Case Case;

enum { PAIRS = 1000, ROUNDS = 20, SMALL = 64, LARGE = 64 << 10 };

struct Case {
	const char *name;
	bool (*pair)(void); /* false: there is no memory */
};

static bool
page(void)
{
	Page *pg = newpage(NOCLEAR, 0);

	if (pg != NULL)
		putpage(pg);
	return pg != NULL;
}

static bool
clearpage(void)
{
	Page *pg = newpage(CLEAR, 0);

	if (pg != NULL)
		putpage(pg);
	return pg != NULL;
}

static bool
block(size_t size)
{
	void *p = malloc(size);

	free(p);
	return p != NULL;
}

static bool
small(void)
{
	return block(SMALL);
}

static bool
large(void)
{
	return block(LARGE);
}

/* As the pools ask for it: for others it is closed once pages run. */
static bool
kernels(void)
{
	void *p = xspanallocfor(XPOOL, SMALL, 0, 0);

	if (p != NULL)
		xfree(p);
	return p != NULL;
}

static const Case cases[] = {
    {"newpage, putpage", page},
    {"the same, cleared", clearpage},
    {"malloc, free of 64 bytes", small},
    {"malloc, free of 64 KiB", large},
    {"xalloc, xfree of 64 bytes", kernels},
};

/* Cycles of a round; 0: there was no memory. */
static uint64_t
cyclesof(const Case *c)
{
	uint64_t start = cycles();

	for (size_t i = 0; i < PAIRS; i++)
		if (!c->pair())
			return 0;
	return cycles() - start;
}

/* False: it was broken off. */
static bool
run(const Case *c)
{
	uint64_t best = UINT64_MAX;

	for (size_t i = 0; i < ROUNDS && best > 0; i++) {
		if (morebreak())
			return false;
		uint64_t n = cyclesof(c);
		best = MIN(best, n);
	}
	uint64_t tenths = best * 10000 / (progresshz() / 1000000) / PAIRS;
	if (best == 0)
		print("%-26s no memory\n", c->name);
	else
		print("%-26s %4ju.%ju ns\n", c->name, (uintmax_t)(tenths / 10),
		    (uintmax_t)(tenths % 10));
	return true;
}

void
bench(void)
{
	bool goes = true;

	for (size_t i = 0; i < nelem(cases) && goes; i++)
		goes = run(&cases[i]);
	morestop();
	if (!goes)
		print("^C: broken off\n");
}
