/*
 * slab.c - slots of one size side by side, which small blocks are.
 *
 *	[Block][Slab ... map][tag|slot   ][tag|slot   ][tag|slot   ] ...
 *	^ multiple of the slab's size
 *
 * Which slots are free is a bit map in the slab's header: a free block itself
 * is not touched, and each that comes back is proved to be a slot that was
 * out. A slab with all slots free is a block of the holes again.
 *
 * Sizes above 512 bytes are such that a whole number of slots fills a slab
 * exactly. Invariants, verified by poolcheck(): a slab is on its class's list
 * if some slots are free; nfree counts the bits of the map.
 */
#include "mempoison.h"
#include "poolparts.h"

/* Above 512, what is in SLABLARGE / 124, 116 ... 68, 62, 60 ... 32, 31, 30 ...
 */
const uint16_t slotsizes[NCLASS] = {0, 32, 48, 64, 80, 96, 112, 128, 144, 160,
    176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448, 480, 512, 560,
    592, 640, 704, 768, 848, 960, 1040, 1088, 1120, 1168, 1200, 1248, 1296,
    1360, 1408, 1472, 1552, 1632, 1712, 1808, 1920, 2032, 2096, 2176, 2256,
    2336, 2416, 2512, 2608, 2720, 2832, 2960, 3104, 3264, 3440, 3632, 3840,
    4080, 4352};

uint8_t classes[SLOTMAX / GRAIN + 1];

/* Any number of CPUs may do this at once. */
void
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
slabsize(unsigned class)
{
	return slotsizes[class] <= SLOTSMALL ? SLABSMALL : SLABLARGE;
}

static inline Slab *
slabof(const void *p, unsigned class)
{
	return blockmem((Block *)ROUNDDOWN((uintptr_t)p, slabsize(class)));
}

static inline Block *
slabblock(Slab *s)
{
	return memblock(s);
}

static inline void *
slotat(Slab *s, size_t i)
{
	return (uint8_t *)slabblock(s) + s->base + i * slotsizes[s->class] +
	       TAGSIZE;
}

static void
listslab(Pool *pool, Slab *s)
{
	Slab **head = &pool->partial[s->class];

	s->prev = NULL;
	s->next = *head;
	if (*head != NULL)
		(*head)->prev = s;
	*head = s;
}

static void
unlistslab(Pool *pool, Slab *s)
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
freshslots(Slab *s)
{
	size_t words = (s->nslot + 63ull) / 64;

	for (size_t i = 0; i < words; i++)
		s->map[i] = ~0ull;
	s->map[words - 1] >>= 63 - (s->nslot - 1) % 64;
	for (size_t i = 0; i < s->nslot; i++)
		mempoison(slotat(s, i), slotsizes[s->class] - TAGSIZE);
}

/* A slab with all slots free, or NULL. */
static Slab *
newslab(Pool *pool, unsigned class)
{
	size_t size = slabsize(class);
	Want w = {size - BLOCKHDR, 0, size, -BLOCKHDR, 0};
	Block *b = arenaalloc(pool, &w);

	if (b == NULL)
		return NULL;
	Slab *s = blockmem(b);
	size_t slot = slotsizes[class];
	size_t base = BLOCKHDR + sizeof *s + (size / slot + 63) / 64 * 8;

	base = ROUNDUP(base + TAGSIZE, GRAIN) - TAGSIZE;
	*s = (Slab){.pool = pool,
	    .class = (uint32_t) class,
	    .base = (uint32_t)base,
	    .nslot = (uint32_t)((size - base) / slot),
	    .inverse = (uint32_t)((1ull << 32) / slot + 1)};
	s->nfree = s->nslot;
	freshslots(s);
	b->tag = tagmix(s, tagkind(pool->kind, CSLAB));
	listslab(pool, s);
	return s;
}

/*
 * Up to n free slots of the slab go to the end of out, the lowest last; how
 * many. Their tags are written, which also fetches them for whoever comes.
 */
static unsigned
takefrom(Slab *s, void **out, unsigned n)
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

unsigned
slabtake(Pool *pool, unsigned class, void **out, unsigned n)
{
	unsigned got = 0;

	while (got < n && pool->partial[class] != NULL) {
		Slab *s = pool->partial[class];
		got += takefrom(s, out, n - got);
		if (s->nfree == 0)
			unlistslab(pool, s);
	}
	if (got > 0 && got < n)
		memmove(out, out + n - got, got * sizeof out[0]);
	pool->used += got * slotsizes[class];
	return got;
}

int
slabadd(Pool *pool, unsigned class)
{
	return newslab(pool, class) == NULL ? -1 : 0;
}

/* n more slots of the slab are free; with the last, the slab is. */
static void
slotsback(Pool *pool, Slab *s, unsigned n)
{
	if (s->nfree == 0)
		listslab(pool, s);
	s->nfree += n;
	if (s->nfree == s->nslot) {
		unlistslab(pool, s);
		arenafree(pool, slabblock(s));
	}
}

/* Mark p's slot in its slab's map. */
static inline void
putslot(Pool *pool, Slab *s, void *p, unsigned class)
{
	uint64_t off =
	    (uintptr_t)p - TAGSIZE - s->base - (uintptr_t)slabblock(s);
	size_t i = off * s->inverse >> 32;
	uint64_t bit = 1ull << i % 64;

	if (s->pool != pool || s->class != class || i >= s->nslot ||
	    i * slotsizes[class] != off || (s->map[i / 64] & bit) != 0)
		poolpanic(pool, "%p is no block that was in use", p);
	s->map[i / 64] |= bit;
}

void
slabput(Pool *pool, unsigned class, void **in, unsigned n)
{
	Slab *last = NULL;
	unsigned row = 0; /* blocks of that slab in a row */

	for (unsigned i = 0; i < n; i++, row++) {
		Slab *s = slabof(in[i], class);
		if (s != last && row > 0) {
			slotsback(pool, last, row);
			row = 0;
		}
		putslot(pool, s, in[i], class);
		last = s;
	}
	if (row > 0)
		slotsback(pool, last, row);
	pool->used -= n * slotsizes[class];
}

/* A slot that is in no magazine and not free: its ends, panic if not whole. */
static void
checkslot(Pool *pool, const Slab *s, const void *p)
{
	uint64_t parts = tagparts(p);

	if (tagfreed(parts))
		return; /* in a magazine */
	if (!taglive(parts, pool->kind))
		poolpanic(pool, "%p: something wrote below it: tag %#jx", p,
		    (uintmax_t)*tagof(p));
	size_t size = slotsizes[s->class] - SLOTEXTRA - tagslack(parts);
	if (!canaryholds(p, size)) {
		poolletgo(pool);
		canarypanic("poolcheck", p, size);
	}
}

bool
slabcheck(Pool *pool, Slab *s)
{
	unsigned nfree = 0;

	if (s->pool != pool || s->class == 0 || s->class >= NCLASS)
		poolpanic(pool, "slab %p of class %u is not the pool's",
		    (void *)s, s->class);
	for (size_t i = 0; i < s->nslot; i++)
		if (s->map[i / 64] >> i % 64 & 1)
			nfree++;
		else
			checkslot(pool, s, slotat(s, i));
	if (nfree != s->nfree)
		poolpanic(pool, "slab %p: %u free slots, counted %u", (void *)s,
		    s->nfree, nfree);
	return nfree > 0;
}

void
slablistscheck(Pool *pool, size_t nslabs)
{
	size_t n = 0;

	for (unsigned class = 1; class < NCLASS; class += 1) {
		Slab *prev = NULL;
		for (Slab *s = pool->partial[class]; s != NULL; s = s->next) {
			if (s->pool != pool || s->class != class ||
			    s->nfree == 0 || s->prev != prev)
				poolpanic(pool,
				    "slab %p, %u free slots, is on list %u",
				    (void *)s, s->nfree, class);
			prev = s;
			if (++n > nslabs)
				break;
		}
	}
	if (n != nslabs)
		poolpanic(pool,
		    "%zu slabs have free slots, %zu are on the lists", nslabs,
		    n);
}
