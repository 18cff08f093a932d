/*
 * span.c - small blocks: one CPU's magazines, and spans of slots behind them.
 *
 *	malloc --> magazine of the class --spanfill()--> spans with a free slot
 *	free   --> (no lock, no other block) <-spandrain()-    ^ arenaalloc()
 *
 *	a span:	[Block][Span ... map][tag|slot   ][tag|slot   ] ...
 *		^ multiple of the span's size
 *
 * A magazine hands out what came back last, while its lines are warm. Only
 * every sixteenth operation or so takes the pool's lock, and looks at spans.
 * Which slots are free is a bit map in the span's header: a free block itself
 * is not touched, and each drained block is proved to be a slot that is out.
 *
 * Sizes from 512 bytes on are such that a whole number of slots fills a span
 * exactly. A class with no free slot takes one or two sizes up before it gets
 * a new span, so that the sizes lend each other what they do not need.
 *
 * Invariants, verified by spancheck(): a span is on its class's list if some
 * slots are free, with the block gone if all are; nfree counts the map's bits.
 */
#include "span.h"
#include "poison.h"

enum { LEND = 2 }; /* how many classes up a block may come from */

/* Slot sizes; from 528 on (64 KiB - the header) / 124, 120 ... 64, 62 ... */
const uint16_t slotsizes[NCLASS] = {
    0,
    32,
    48,
    64,
    80,
    96,
    112,
    128,
    144,
    160,
    176,
    192,
    208,
    224,
    240,
    256,
    288,
    320,
    352,
    384,
    416,
    448,
    480,
    512,
    544,
    560,
    576,
    592,
    624,
    640,
    672,
    704,
    736,
    768,
    816,
    848,
    896,
    960,
    1008,
    1040,
    1088,
    1120,
    1168,
    1200,
    1248,
    1296,
    1360,
    1408,
    1472,
    1552,
    1632,
    1712,
    1808,
    1920,
    2032,
    2096,
    2176,
    2256,
    2336,
    2416,
    2512,
    2608,
    2720,
    2832,
    2960,
    3104,
    3264,
    3440,
    3632,
    3840,
    4080,
    4352,
};

uint8_t classes[SLOTMAX / GRAIN + 1];

/* Which class each size has. Any number of CPUs may do this at once. */
static void
classinit(void)
{
	unsigned class = 1;

	for (size_t i = SLOTEXTRA / GRAIN; i < nelem(classes); i++) {
		while (slotsizes[class] < i * GRAIN)
			class ++;
		__atomic_store_n(
		    &classes[i], (uint8_t) class, __ATOMIC_RELAXED);
	}
}

static inline size_t
spansize(unsigned class)
{
	return slotsizes[class] <= SLOTSMALL ? SPANSMALL : SPANLARGE;
}

static inline Span *
spanof(const void *p, unsigned class)
{
	return blockmem((Block *)ROUNDDOWN((uintptr_t)p, spansize(class)));
}

static inline Block *
spanblock(Span *s)
{
	return memblock(s);
}

static inline void *
slotat(Span *s, size_t i)
{
	return (uint8_t *)spanblock(s) + s->base + i * slotsizes[s->class] +
	       TAGSIZE;
}

static void
enlist(Pool *pool, Span *s)
{
	Span **head = &pool->partial[s->class];

	s->prev = NULL;
	s->next = *head;
	if (*head != NULL)
		(*head)->prev = s;
	*head = s;
}

static void
delist(Pool *pool, Span *s)
{
	if (s->next != NULL)
		s->next->prev = s->prev;
	if (s->prev != NULL)
		s->prev->next = s->next;
	else
		pool->partial[s->class] = s->next;
}

/* A span with all slots free, or NULL. */
static Span *
newspan(Pool *pool, unsigned class)
{
	size_t size = spansize(class);
	Want w = {size - BLOCKHDR, 0, size, -BLOCKHDR, 0};
	Block *b = arenaalloc(pool, &w);

	if (b == NULL)
		return NULL;
	Span *s = blockmem(b);
	size_t slot = slotsizes[class];
	size_t words = (size / slot + 63) / 64;
	size_t base = BLOCKHDR + sizeof *s + words * sizeof s->map[0];

	base = ROUNDUP(base + TAGSIZE, GRAIN) - TAGSIZE;
	*s = (Span){.pool = pool,
	    .class = (uint16_t) class,
	    .base = (uint16_t)base,
	    .nslot = (uint16_t)((size - base) / slot)};
	s->nfree = s->nslot;
	memset(s->map, 0, words * sizeof s->map[0]);
	for (size_t i = 0; i < s->nslot; i++) {
		s->map[i / 64] |= 1ull << i % 64;
		poison(slotat(s, i), slot - TAGSIZE);
		*tagof(slotat(s, i)) = 0;
	}
	tagset(s, tagkind(pool->kind, CSPAN), 0, 0);
	enlist(pool, s);
	return s;
}

/* Move up to n free slots of the span to where out points; how many. */
static unsigned
takeslots(Pool *pool, Span *s, void **out, unsigned n)
{
	unsigned got = 0;

	for (size_t i = 0; got < n && s->nfree > 0; i++) {
		uint64_t word = s->map[i];
		for (; word != 0 && got < n; word &= word - 1, s->nfree--)
			out[got++] =
			    slotat(s, i * 64 + (unsigned)__builtin_ctzll(word));
		s->map[i] = word;
	}
	if (s->nfree == 0)
		delist(pool, s);
	return got;
}

/* Free slots of exactly this class, as many as half a magazine. */
static unsigned
takeclass(Pool *pool, unsigned class)
{
	Magazines *m = magazines(pool);
	unsigned n = 0;

	while (n < MAGAZINE / 2 + 1 && pool->partial[class] != NULL)
		n += takeslots(pool, pool->partial[class], &m->slot[class][n],
		    MAGAZINE / 2 + 1 - n);
	m->n[class] = (uint16_t)n;
	pool->used += n * slotsizes[class];
	return n;
}

static unsigned
lendable(Pool *pool, unsigned class)
{
	for (unsigned c = class + 1; c <= class + LEND && c < NCLASS; c++)
		if (magazines(pool)->n[c] > 0 || pool->partial[c] != NULL)
			return c;
	return 0;
}

/*
 * The class of which a magazine now has a slot: this one, or one a little
 * larger. 0 if there is no memory.
 */
unsigned
spanfill(Pool *pool, size_t size)
{
	unsigned class = classof(size);

	if (class == 0) {
		classinit();
		class = classof(size);
	}
	lock(&pool->lock);
	if (takeclass(pool, class) == 0) {
		unsigned lender = lendable(pool, class);
		if (lender != 0) {
			class = lender;
			if (magazines(pool)->n[class] == 0)
				takeclass(pool, class);
		} else if (newspan(pool, class) == NULL)
			class = 0;
		else
			takeclass(pool, class);
	}
	unlock(&pool->lock);
	return class;
}

/* p, of this class, goes back to its span, and that if empty to the holes. */
static void
putslot(Pool *pool, void *p, unsigned class)
{
	Span *s = spanof(p, class);
	size_t off = (uintptr_t)p - TAGSIZE - s->base - (uintptr_t)spanblock(s);
	size_t i = off / slotsizes[class];
	uint64_t bit = 1ull << i % 64;

	if (s->pool != pool || s->class != class || i >= s->nslot ||
	    off % slotsizes[class] != 0 || (s->map[i / 64] & bit) != 0)
		panic("%p is no block that was in use", p);
	s->map[i / 64] |= bit;
	pool->used -= slotsizes[class];
	if (s->nfree++ == 0)
		enlist(pool, s);
	if (s->nfree < s->nslot)
		return;
	delist(pool, s);
	arenafree(pool, spanblock(s));
}

/* The n blocks that have waited longest. */
static void
drain(Pool *pool, unsigned class, unsigned n)
{
	Magazines *m = magazines(pool);

	lock(&pool->lock);
	for (unsigned i = 0; i < n; i++)
		putslot(pool, m->slot[class][i], class);
	unlock(&pool->lock);
	m->n[class] = (uint16_t)(m->n[class] - n);
	memmove(m->slot[class], m->slot[class] + n,
	    m->n[class] * sizeof m->slot[class][0]);
}

void
spandrain(Pool *pool, unsigned class)
{
	drain(pool, class, MAGAZINE / 2 + 1);
}

void
spandrainall(Pool *pool)
{
	for (unsigned class = 1; class < NCLASS; class ++)
		drain(pool, class, magazines(pool)->n[class]);
}

size_t
spanwaiting(Pool *pool)
{
	size_t size = 0;

	for (unsigned class = 1; class < NCLASS; class ++)
		size += (size_t)magazines(pool)->n[class] * slotsizes[class];
	return size;
}

/* Panic unless the span is as it must be; is it on its list? */
static void
checkspan(Pool *pool, Span *s)
{
	unsigned nfree = 0;

	if (s->pool != pool || s->class == 0 || s->class >= NCLASS)
		panic("span %p of class %u is not the pool's", (void *)s,
		    s->class);
	for (size_t i = 0; i < s->nslot; i++) {
		void *p = slotat(s, i);
		uint64_t tag = *tagof(p);
		if (s->map[i / 64] >> i % 64 & 1) {
			nfree++;
			continue;
		}
		if (tagfreed(p, tag) || tag == 0)
			continue; /* in a magazine */
		if (!taglive(p, tag))
			panic("%p: something wrote below it: tag %#jx", p,
			    (uintmax_t)tag);
		size_t size = slotsizes[s->class] - SLOTEXTRA - tagslack(tag);
		if (!canaryholds(p, size))
			canarypanic(__func__, p, size);
	}
	if (nfree != s->nfree)
		panic("span %p: %u free slots, counted %u", (void *)s, s->nfree,
		    nfree);
}

void
spancheck(Pool *pool, Span *s)
{
	checkspan(pool, s);
	bool listed = false;
	for (Span *q = pool->partial[s->class]; q != NULL; q = q->next)
		listed |= q == s;
	if (listed != (s->nfree > 0))
		panic("span %p, %u free slots: on the list: %d", (void *)s,
		    s->nfree, listed);
}
