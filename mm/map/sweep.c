/*
 * sweep.c - sort all ends, then walk them once: see sweep.h.
 *
 *	RAM       [---------------)
 *	Reserved        [--)
 *	UPA                   [--------)	at each end: what is open?
 *	ends      0     2  3  5    6   8
 *	result    [ RAM )[R)[ RAM  )[UP)	a run where the top changes
 *
 * Sorting is the whole cost, so it is done on packed 64-bit keys: not at all
 * when they are in order, by insertion when few, else by the digits in which
 * they differ, least first. The space for that is the tree's, still unused.
 */
#include "sweep.h"
#include "hooks.h"

enum {
	FEW = 48,  /* up to here insertion is fastest */
	DIGIT = 8, /* bits sorted by at a time */
	NDIGIT = 1 << DIGIT,
};

static void
insertsort(uint64_t *key, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint64_t k = key[i];
		size_t j = i;

		for (; j > 0 && key[j - 1] > k; j--)
			key[j] = key[j - 1];
		key[j] = k;
	}
}

/* Move n keys to `to`, in order of the digit at shift, otherwise as before. */
static void
bydigit(uint64_t *to, const uint64_t *from, size_t n, int shift)
{
	uint32_t at[NDIGIT] = {0};
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		at[from[i] >> shift & (NDIGIT - 1)]++;
	for (int d = 0; d < NDIGIT; d++) {
		uint32_t count = at[d];

		at[d] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		to[at[from[i] >> shift & (NDIGIT - 1)]++] = from[i];
}

/* Sort by address; the order of keys of one address does not matter. */
static void
sortkeys(uint64_t *key, size_t n, uint64_t *scratch)
{
	uint64_t *from = key;
	uint64_t *to = scratch;
	uint64_t differ = 0;
	bool sorted = true;

	for (size_t i = 1; i < n; i++) {
		differ |= key[i] ^ key[i - 1];
		sorted &= key[i - 1] <= key[i];
	}
	if (sorted)
		return;
	if (n <= FEW) {
		insertsort(key, n);
		return;
	}
	for (int shift = KEYSHIFT; shift < 64; shift += DIGIT) {
		if ((differ >> shift & (NDIGIT - 1)) == 0)
			continue;
		bydigit(to, from, n, shift);
		from = to;
		to = from == key ? scratch : key;
	}
	if (from != key)
		memcpy(key, from, n * sizeof *key);
}

/* What is open at one place of the walk. */
typedef struct Open Open;
struct Open {
	uint32_t count[KEYRANK + 1]; /* ranges of each rank */
	uint32_t ranks;              /* bit set of those with any */
	uint32_t claims;
};

static void
step(Open *o, uint64_t key)
{
	uint32_t rank = key & KEYRANK;
	uint32_t claim = (key & KEYCLAIM) != 0;

	if (key & KEYCLOSE) {
		o->claims -= claim;
		if (--o->count[rank] == 0)
			o->ranks &= ~(1u << rank);
	} else {
		o->claims += claim;
		if (o->count[rank]++ == 0)
			o->ranks |= 1u << rank;
	}
}

static uint32_t
toprank(const Open *o)
{
	uint32_t ranks = o->ranks & ~(1u << NORANK);

	return ranks == 0 ? NORANK : 31 - (uint32_t)__builtin_clz(ranks);
}

void
sweep(uint64_t *key, size_t n, Runs *rs)
{
	Open open = {0};
	Run *first = rs->fresh;
	uint32_t rank = NORANK;
	paddr_t start = 0;
	paddr_t twice = NOADDR;

	sortkeys(key, n, (uint64_t *)(void *)rs->fresh);
	for (size_t i = 0; i < n;) {
		paddr_t pa = key[i] >> KEYSHIFT;

		do
			step(&open, key[i++]);
		while (i < n && key[i] >> KEYSHIFT == pa);

		uint32_t top = toprank(&open);

		if (top != rank) {
			if (rank != NORANK)
				runsappend(rs, start, pa, rank);
			rank = top;
			start = pa;
		}
		if ((open.claims > 1) == (twice != NOADDR))
			continue;
		if (twice != NOADDR)
			memmapodd("overlap", twice, PAGES(pa - twice));
		twice = open.claims > 1 ? pa : NOADDR;
	}
	runsbalance(rs, first);
}
