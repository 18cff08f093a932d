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

/* Above 512, what is in SPANLARGE / 124, 116 ... 68, 62, 60 ... 32, 31, 30 ...
 */
const uint16_t slotsizes[NCLASS] = {0, 32, 48, 64, 80, 96, 112, 128, 144, 160,
    176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448, 480, 512, 560,
    592, 640, 704, 768, 848, 960, 1040, 1088, 1120, 1168, 1200, 1248, 1296,
    1360, 1408, 1472, 1552, 1632, 1712, 1808, 1920, 2032, 2096, 2176, 2256,
    2336, 2416, 2512, 2608, 2720, 2832, 2960, 3104, 3264, 3440, 3632, 3840,
    4080, 4352};

uint8_t classes[SLOTMAX / GRAIN + 1];

/* Which class each size has. Any number of CPUs may do this at once. */
static void
classinit(void)
{
	unsigned class = 1;

	for (size_t i = SLOTEXTRA / GRAIN; i < nelem(classes); i++) {
		while (slotsizes[class] < i * GRAIN)
			class += 1;
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

/* All slots free; none has been looked at. */
static void
freshslots(Span *s)
{
	size_t words = (s->nslot + 63ull) / 64;

	for (size_t i = 0; i < words; i++)
		s->map[i] = ~0ull;
	if (s->nslot % 64 != 0)
		s->map[words - 1] = (1ull << s->nslot % 64) - 1;
	for (size_t i = 0; i < s->nslot; i++)
		poison(slotat(s, i), slotsizes[s->class] - TAGSIZE);
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
	size_t base = BLOCKHDR + sizeof *s + (size / slot + 63) / 64 * 8;

	base = ROUNDUP(base + TAGSIZE, GRAIN) - TAGSIZE;
	*s = (Span){.pool = pool,
	    .class = (uint32_t) class,
	    .base = (uint32_t)base,
	    .nslot = (uint32_t)((size - base) / slot),
	    .inverse = (uint32_t)((1ull << 32) / slot + 1)};
	s->nfree = s->nslot;
	freshslots(s);
	b->tag = tagmix(s, tagkind(pool->kind, CSPAN));
	enlist(pool, s);
	return s;
}

/*
 * Up to n free slots of the span go to the end of out, the lowest last; how
 * many. Their tags are written, which also fetches them for whoever comes.
 */
static unsigned
takeslots(Span *s, void **out, unsigned n)
{
	const uint64_t fresh = (uint64_t)FREED << MARKSHIFT;
	unsigned got = 0;

	for (size_t i = 0; got < n && s->nfree > 0; i++) {
		uint64_t word = s->map[i];
		for (; word != 0 && got < n; word &= word - 1, s->nfree--) {
			unsigned bit = (unsigned)__builtin_ctzll(word);
			void *p = slotat(s, i * 64 + bit);
			*tagof(p) = fresh ^ tagmix(p, 0);
			out[n - ++got] = p;
		}
		s->map[i] = word;
	}
	return got;
}

/* Half a magazine from the spans of exactly this class, if they have it. */
static unsigned
takeclass(Pool *pool, unsigned class)
{
	Magazine *m = magazine(pool->kind, class);
	unsigned want = m->max / 2u;
	unsigned n = 0;

	while (n < want && pool->partial[class] != NULL) {
		Span *s = pool->partial[class];
		n += takeslots(s, m->slot, want - n);
		if (s->nfree == 0)
			delist(pool, s);
	}
	memmove(m->slot, m->slot + want - n, n * sizeof m->slot[0]);
	m->n = n;
	pool->used += n * slotsizes[class];
	return n;
}

/* A magazine that this CPU has not used yet. */
static void
magazineinit(Magazine *m, enum kind kind, unsigned class)
{
	size_t fit = SPANLARGE / slotsizes[class];

	m->max = (uint16_t)MIN(fit, MAGAZINE);
	m->room = (uint16_t)(slotsizes[class] - SLOTEXTRA);
	/* Taking a size from the room leaves the slack. */
	m->parts = tagkind(kind, class) + ((uint64_t)m->room << SLACKSHIFT);
}

/* A class a little above with a slot to spare, or 0. */
static unsigned
lender(Pool *pool, unsigned class)
{
	for (unsigned c = class + 1; c <= class + LEND && c < NCLASS; c++) {
		Magazine *m = magazine(pool->kind, c);
		if (m->max == 0)
			magazineinit(m, pool->kind, c);
		if (m->n > 0 || takeclass(pool, c) > 0)
			return c;
	}
	return 0;
}

Magazine *
spanfill(Pool *pool, size_t size)
{
	unsigned c = classof(size);

	if (c == 0) {
		classinit();
		c = classof(size);
	}
	Magazine *m = magazine(pool->kind, c);
	if (m->max == 0)
		magazineinit(m, pool->kind, c);
	lock(&pool->lock);
	if (m->n == 0 && takeclass(pool, c) == 0) {
		unsigned other = lender(pool, c);
		if (other != 0)
			c = other;
		else if (newspan(pool, c) == NULL)
			c = 0;
		else
			takeclass(pool, c);
	}
	unlock(&pool->lock);
	return c == 0 ? NULL : magazine(pool->kind, c);
}

/* p, of this class, goes back to its span, and that if empty to the holes. */
static void
putslot(Pool *pool, void *p, unsigned class)
{
	Span *s = spanof(p, class);
	uint64_t off =
	    (uintptr_t)p - TAGSIZE - s->base - (uintptr_t)spanblock(s);
	size_t i = off * s->inverse >> 32;
	uint64_t bit = 1ull << i % 64;

	if (s->pool != pool || s->class != class || i >= s->nslot ||
	    slotat(s, i) != p || (s->map[i / 64] & bit) != 0)
		panic("%p is no block that was in use", p);
	s->map[i / 64] |= bit;
	if (s->nfree++ == 0)
		enlist(pool, s);
	if (s->nfree == s->nslot) {
		delist(pool, s);
		arenafree(pool, spanblock(s));
	}
}

/* The n blocks that have waited longest. */
static void
drain(Pool *pool, unsigned class, unsigned n)
{
	Magazine *m = magazine(pool->kind, class);

	lock(&pool->lock);
	for (unsigned i = 0; i < n; i++)
		putslot(pool, m->slot[i], class);
	pool->used -= n * slotsizes[class];
	unlock(&pool->lock);
	m->n -= n;
	memmove(m->slot, m->slot + n, m->n * sizeof m->slot[0]);
}

void
spandrain(Pool *pool, unsigned class)
{
	Magazine *m = magazine(pool->kind, class);

	if (m->max == 0)
		magazineinit(m, pool->kind, class);
	else
		drain(pool, class, m->max - m->max / 2u);
}

void
spandrainall(Pool *pool)
{
	for (unsigned class = 1; class < NCLASS; class ++)
		drain(pool, class, magazine(pool->kind, class)->n);
}

size_t
spanwaiting(Pool *pool)
{
	size_t size = 0;

	for (unsigned class = 1; class < NCLASS; class ++)
		size +=
		    (size_t)magazine(pool->kind, class)->n * slotsizes[class];
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
		uint64_t parts = tagparts(p);
		if (s->map[i / 64] >> i % 64 & 1) {
			nfree++;
			continue;
		}
		if (tagfreed(parts))
			continue; /* in a magazine */
		if (!taglive(parts, pool->kind))
			panic("%p: something wrote below it: tag %#jx", p,
			    (uintmax_t)*tagof(p));
		size_t size = slotsizes[s->class] - SLOTEXTRA - tagslack(parts);
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
