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
	const char *word;   /* for programs */
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
    {"newpage, putpage", "newpage", page},
    {"the same, cleared", "newpage-clear", clearpage},
    {"malloc, free of 64 bytes", "malloc-64", small},
    {"malloc, free of 64 KiB", "malloc-64K", large},
    {"xalloc, xfree of 64 bytes", "xalloc-64", kernels},
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

static void
forpeople(const Case *c, uint64_t ps)
{
	if (ps == 0)
		print("%-26s no memory\n", c->name);
	else
		print("%-26s %4ju.%ju ns\n", c->name, (uintmax_t)(ps / 1000),
		    (uintmax_t)(ps / 100 % 10));
}

static void
line(const Case *c, uint64_t ps)
{
	if (ps == 0)
		print("mem9: bench name=%s result=failed "
		      "detail=\"no memory\"\n",
		    c->word);
	else
		print("mem9: bench name=%s result=ok ps=%ju\n", c->word,
		    (uintmax_t)ps);
}

/* False: it was broken off. */
static bool
run(const Case *c, void (*say)(const Case *c, uint64_t ps))
{
	uint64_t best = UINT64_MAX;

	for (size_t i = 0; i < ROUNDS && best > 0; i++) {
		if (morebreak())
			return false;
		uint64_t n = cyclesof(c);
		best = MIN(best, n);
	}
	say(c, best * 1000000 / (progresshz() / 1000000) / PAIRS);
	return true;
}

static void
runall(void (*say)(const Case *c, uint64_t ps))
{
	bool goes = true;

	for (size_t i = 0; i < nelem(cases) && goes; i++)
		goes = run(&cases[i], say);
	morestop();
	if (!goes)
		print("^C: broken off\n");
}

void
bench(void)
{
	runall(forpeople);
}

void
benchlines(void)
{
	runall(line);
}
