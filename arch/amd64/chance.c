/*
 * chance.c - numbers that nobody else can guess, as far as this machine has
 * such: the hook truerand.
 *
 * All that has a part in it is stirred into one state: what firmware gave, the
 * CPU's RDSEED or RDRAND where it has them, and the time stamp counter. One
 * good part is enough, as none can take away what another brought in.
 */
#include "cpu.h"
#include "hooks.h"

static uint64_t state[2];

/* Each bit of v has a part in all of the state: two rounds of multiply, fold.
 */
static void
stir(uint64_t v)
{
	for (int i = 0; i < 2; i++) {
		unsigned __int128 m =
		    (unsigned __int128)(state[0] ^ v ^ 0x9e3779b97f4a7c15) *
		    (state[1] | 1);

		state[0] = state[1] ^ (uint64_t)m;
		state[1] += (uint64_t)(m >> 64) + 0xd1342543de82ef95;
	}
}

void
chanceadd(uint64_t v)
{
	stir(v);
	stir(cycles());
}

uint64_t
truerand(void)
{
	uint64_t v = 0;

	for (int i = 0; i < 2; i++) {
		cpurandom(&v);
		chanceadd(v);
	}
	return state[0] ^ state[1] >> 32;
}
