/*
 * together.c - see together.h.
 *
 * Numbers and meetings are counted up, by all; what was wrong is set once.
 */
#include "together.h"
#include "cpus.h"
#include "hooks.h"
#include "patience.h"
#include "trap.h"

enum { MEETUS = 60000000 };

static struct {
	void (*fn)(void *arg, uint32_t n);
	void *arg;
	uint32_t n;       /* CPUs that take part; 0: nothing goes on */
	uint32_t numbers; /* given to them, from 0 on */
	uint32_t came;    /* to a meeting, ever */
	const char *why;  /* it went wrong; NULL: nothing did */
} all;

static const char *
why(void)
{
	return __atomic_load_n(&all.why, __ATOMIC_ACQUIRE);
}

bool
wentwrong(void)
{
	return why() != NULL;
}

/* The first thing counts; others may follow from it. */
void
wrong(const char *what)
{
	const char *none = NULL;

	__atomic_compare_exchange_n(
	    &all.why, &none, what, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

bool
meet(void)
{
	uint32_t mine = __atomic_fetch_add(&all.came, 1, __ATOMIC_ACQ_REL);
	uint32_t want = (mine / all.n + 1) * all.n;
	Patience p = {.last = 0};

	while (__atomic_load_n(&all.came, __ATOMIC_ACQUIRE) < want) {
		if (wentwrong())
			return false;
		if (rest(&p) >= MEETUS) {
			wrong("one CPU did not come");
			return false;
		}
	}
	return !wentwrong();
}

static void
part(void *n)
{
	all.fn(all.arg, *(uint32_t *)n);
}

static void
guarded(void *arg)
{
	uint32_t n = __atomic_fetch_add(&all.numbers, 1, __ATOMIC_RELAXED);
	Caught what;

	(void)arg;
	if (faults(part, &n, &what))
		wrong(what.vector == NOVECTOR ? "one panicked" : "a fault");
}

uint32_t
ntogether(void)
{
	uint32_t n = 0;

	if (all.n != 0)
		return all.n;
	for (size_t i = 0; i < ncpus() && n < MOSTTOGETHER; i++)
		n += cpuup(i);
	return n;
}

const char *
together(void (*fn)(void *arg, uint32_t n), void *arg)
{
	uint32_t n = ntogether();

	memset(&all, 0, sizeof all);
	all.fn = fn;
	all.arg = arg;
	all.n = n;
	oncpus(n, guarded, NULL);
	all.n = 0;
	return why();
}
