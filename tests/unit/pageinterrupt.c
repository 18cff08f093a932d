/*
 * Interrupts among per-CPU state: handlers that allocate, threads that move to
 * another CPU, and CPUs that answer each other only when they may be
 * interrupted.
 *
 * The first two come after every instruction of what is tested, one after the
 * other, by the processor's trap flag. For the last, two threads are CPUs that
 * are asked by a signal: it waits while they hold a lock, or wait for one.
 *
 * needs: tests/host/interrupts.c
 */
#include "unit.h"
#include "../../mm/page/palloc.h"
#include "bytemap.h"
#include "image.h"
#include "interrupts.h"
#include "pagemachine.h"

enum { NHELD = 64, NCPU = 2, NASK = 20000, NPAGES = 1000 };

typedef struct Op Op;

/* What is interrupted: a page more, or less, in held. */
struct Op {
	const char *name;
	void (*prepare)(void);
	void (*run)(void);
};

static Page *held[NHELD];
static size_t nheld;
static Page *chain;

/* What whoever interrupted has. */
static Page *theirs[NHELD];
static size_t ntheirs;

static void
single(void)
{
	held[nheld] = newpage(NOCLEAR, 0);
	nheld += held[nheld] != NULL;
}

static void
drop(void)
{
	putpage(held[--nheld]);
}

static void
two(void)
{
	single();
	single();
}

static void
linkall(void)
{
	two();
	chain = held[--nheld];
	pagesetnext(chain, held[--nheld]);
}

static void
dropchain(void)
{
	freepages(chain);
}

static void
cleared(void)
{
	held[nheld] = newpage(CLEAR, 0);
	nheld += held[nheld] != NULL;
}

static void
huge(void)
{
	held[nheld] = newhugepage(2 * MiB, NOCLEAR, 0);
	nheld += held[nheld] != NULL;
}

/* Some wait, and one is held. */
static void
hugeones(void)
{
	huge();
	huge();
	puthugepage(held[--nheld]);
}

static void
drophuge(void)
{
	puthugepage(held[--nheld]);
}

static void
nothing(void)
{
}

/* All but the last are some hundred instructions, and up to 5,000. */
static const Op ops[] = {
    {"newpage", two, single}, {"newpage CLEAR", two, cleared},
    {"putpage", two, drop}, {"freepages", linkall, dropchain},
    {"newhugepage", hugeones, huge}, {"puthugepage", hugeones, drophuge},
    {"first newpage", nothing, single}, /* 100,000 */
};

/* Someone else on this CPU takes pages and gives some back. */
static void
others(void)
{
	for (size_t i = 0; i < 3; i++)
		if ((theirs[ntheirs] = newpage(NOCLEAR, 0)) != NULL)
			ntheirs++;
	putpage(theirs[--ntheirs]);
}

/* Moved to the other CPU, while others go on where we were. */
static void
moved(void)
{
	others();
	hostcpu(1);
	others();
}

/* No page is with two, and all are accounted for. */
static void
check(size_t npages)
{
	size_t n = 0;

	while (ntheirs > 0)
		held[nheld++] = theirs[--ntheirs];
	for (size_t i = 0; i < nheld; i++) {
		n += pagesize(held[i]) / BY2PG;
		assert_int_equal(pagerefs(held[i]), 1);
		for (size_t k = 0; k < i; k++)
			assert_ptr_not_equal(held[i], held[k]);
	}
	bytemapcheck();
	assert_int_equal(pagesfree() + n, npages);
}

/* Interrupt op at every place; of many, not at each after the first few. */
static void
interrupt(const Op *op, Interrupter *at, size_t few, void (*handler)(void))
{
	bool came = true;

	for (size_t k = 1; came; k += 1 + k / few) {
		pagesimple(16 * MiB, NCPU);
		hosttrust(true);
		nheld = 0;
		size_t npages = pagesfree();
		op->prepare();
		came = at(k, op->run, handler);
		check(npages);
		pagefini();
	}
}

static void
everywhere(void (*handler)(void))
{
	for (size_t i = 0; i < nelem(ops); i++) {
		interrupt(&ops[i], interruptbetween, SIZE_MAX, handler);
		size_t few = i < nelem(ops) - 1 ? 128 : 8;
		interrupt(&ops[i], interruptat, few, handler);
	}
}

static void
handlers_may_allocate(void **state)
{
	(void)state;
	everywhere(others);
}

static void
threads_may_move(void **state)
{
	(void)state;
	everywhere(moved);
}

static void
asker(int self)
{
	static Image images[NCPU][2];
	static Page *hash[NCPU][2][1];
	static Page *mine[NCPU][NPAGES];

	uint64_t seed = (uint64_t)self + 1;
	for (size_t i = 0; i < NASK; i++) {
		seed = seed * 6364136223846793005 + 1442695040888963407;
		Page **p = &mine[self][(seed >> 33) % NPAGES];
		if (*p != NULL)
			putpage(*p);
		*p = *p != NULL ? NULL : newpage(NOCLEAR, 0);
		if (i % 64 == 0) {
			Page *pg = newhugepage(2 * MiB, NOCLEAR, 0);
			if (pg != NULL)
				puthugepage(pg);
		}
		if (i % 512 == 0) {
			Image *im = images[self];
			if (imageopen(im, hash[self][0], 1) == 0)
				imageclose(im);
		}
	}
	for (size_t i = 0; i < NPAGES; i++)
		if (mine[self][i] != NULL)
			putpage(mine[self][i]);
}

static void
cpus_that_ask_each_other_are_answered(void **state)
{
	(void)state;
	pagesimple(5 * MiB, NCPU);
	size_t npages = pagesfree();
	askingcpus(asker);
	assert_true(hostbarriers() > 0);
	assert_int_equal(hostbarriersheld(), 0);
	bytemapcheck();
	assert_int_equal(pagesfree(), npages);
	hostbarrier(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(handlers_may_allocate),
	    cmocka_unit_test(threads_may_move),
	    cmocka_unit_test(cpus_that_ask_each_other_are_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
