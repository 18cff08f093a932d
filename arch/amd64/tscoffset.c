/*
 * tscoffset.c - a question and an answer, some times over.
 *
 *	ours	asked = i  t0 ............ t1
 *	other		    stamp, answered = i
 *
 * The stamp was taken between t0 and t1, so the other is ahead by stamp less
 * the middle, give or take half of the width. The narrowest round counts: in
 * the others something came between. Neither waits for ever.
 */
#include "tscoffset.h"
#include "cpu.h"
#include "halt.h"

enum { ROUNDS = 16 };

/* A second and more on any CPU. */
#define PATIENCE 10000000000ull

/* Until *word is i; false if that takes too long. */
static bool
await(const uint32_t *word, uint32_t i)
{
	uint64_t start = cycles();

	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != i) {
		if (cycles() - start > PATIENCE)
			return false;
		relax();
	}
	return true;
}

void
tscask(Tscping *p)
{
	for (uint32_t i = 1; i <= ROUNDS; i++) {
		uint64_t t0 = cyclesnow();

		__atomic_store_n(&p->asked, i, __ATOMIC_RELEASE);
		if (!await(&p->answered, i))
			return;
		uint64_t width = cyclesnow() - t0;

		if (p->width != 0 && width >= p->width)
			continue;
		p->width = width;
		p->offset = (int64_t)(p->stamp - t0 - width / 2);
	}
}

void
tscanswer(void *ping)
{
	Tscping *p = ping;

	for (uint32_t i = 1; i <= ROUNDS; i++) {
		if (!await(&p->asked, i))
			return;
		p->stamp = cyclesnow();
		__atomic_store_n(&p->answered, i, __ATOMIC_RELEASE);
	}
}
