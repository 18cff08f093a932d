/*
 * slab.c - slots of one size side by side, which small blocks are.
 *
 *	[Block][Slab ... map][tag|slot   ][tag|slot   ][tag|slot   ] ...
 *	^ multiple of the slab's size
 *
 * Which slots are free is a bit map in the slab's header: a free block itself
 * has nothing in it but SLOTFILL, a tag that says so, and no links; each that
 * comes back is proved to be a slot that was out, and each that goes out to be
 * as it was left. The header, which a slab below may run over, begins with a
 * seal of what does not change. A slab with all slots free is a block of the
 * holes again, but for one of each class: it is kept as it is, so that what
 * comes and goes about a slab's edge does not build one each time, and used
 * when no other has a free slot.
 *
 * Invariants, verified by poolcheck() (slabcheck.c): a slab is on its class's
 * list if some slots are free, but for the one that is kept; nfree counts the
 * bits of the map.
 */
#include "mempoison.h"
#include "slab.h"

typedef struct Row Row;

enum { NROW = 16 }; /* slabs that slabput knows at a time */

/* Blocks that go back to the same slab, whose header has been looked at. */
struct Row {
	Slab *s;
	unsigned n;
};

/* What stays as it is as long as s is a slab. */
static uint64_t
sealfor(const Slab *s)
{
	uint64_t shape = ((uint64_t)s->class << 32 | s->nslot) ^
			 ((uint64_t)s->base << 16 | s->inverse);

	return sealof(keyof((uintptr_t)s) ^ keyof((uintptr_t)s->pool) ^ shape);
}

bool
slabsound(const Pool *pool, const Slab *s)
{
	return s->class < NCLASS && s->seal == sealfor(s) && s->pool == pool;
}

bool
slabis(Pool *pool, const Slab *s, unsigned class)
{
	return holehas(&pool->holes, s) &&
	       (uintptr_t)memblock(s) % slabsize(class) == 0 &&
	       slabsound(pool, s) && s->class == class;
}

void
slabmustbe(Pool *pool, const Slab *s, unsigned class)
{
	if (!slabis(pool, s, class))
		poolpanic(pool,
		    "no slab of class %u, or its header was "
		    "written to: %p",
		    class, (const void *)s);
}

/* Panic unless s is on its list, its neighbours agreeing. */
static void
mustbelisted(Pool *pool, Slab *s)
{
	Slab *prev = s->prev;
	Slab *next = s->next;
	unsigned class = s->class;
	bool first = pool->partial[class] == s;

	if (first != (prev == NULL) ||
	    (prev != NULL && (!slabis(pool, prev, class) || prev->next != s)) ||
	    (next != NULL && (!slabis(pool, next, class) || next->prev != s)))
		poolpanic(
		    pool, "slab %p: something wrote to its links", (void *)s);
}

/* s, or none, is the first of the class: slabany may look at the same time. */
static void
setfirst(Pool *pool, unsigned class, Slab *s)
{
	__atomic_store_n(&pool->partial[class], s, __ATOMIC_RELAXED);
}

static void
listslab(Pool *pool, Slab *s)
{
	Slab *first = pool->partial[s->class];

	s->prev = NULL;
	s->next = first;
	if (first != NULL) {
		mustbelisted(pool, first);
		first->prev = s;
	}
	setfirst(pool, s->class, s);
}

static void
unlistslab(Pool *pool, Slab *s)
{
	mustbelisted(pool, s);
	if (s->next != NULL)
		s->next->prev = s->prev;
	if (s->prev != NULL)
		s->prev->next = s->next;
	else
		setfirst(pool, s->class, s->next);
}

/* p, of that many bytes, has never been had. */
static void
freshslot(const Slab *s, void *p, size_t size)
{
	memshow(p, size);
	tagsetfresh(p, s->pool->kind, s->class);
	slotwipe(p, size);
}

/* All slots free, as if each had been had. */
static void
freshslots(Slab *s)
{
	const size_t used = slotsizes[s->class] - TAGSIZE;

	size_t words = (s->nslot + 63ull) / 64;

	for (size_t i = 0; i < words; i++)
		s->map[i] = ~0ull;
	s->map[words - 1] >>= 63 - (s->nslot - 1) % 64;
	for (size_t i = 0; i < s->nslot; i++)
		freshslot(s, slotat(s, i), used);
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
	s->seal = sealfor(s);
	freshslots(s);
	b->tag = tagmix(s, tagkind(pool->kind, CSLAB));
	listslab(pool, s);
	return s;
}

uint64_t
slabchance(Pool *pool)
{
	return chanceof((uint64_t)pool->kind << 56 | pool->drawn++);
}

/* The word with bit n as its first, and so on around. */
static inline uint64_t
turned(uint64_t word, unsigned n)
{
	return word >> n % 64 | word << -n % 64;
}

void
slotnotatrest(Pool *pool, const void *p)
{
	poolletgo(pool);
	tagwasfree("malloc", p);
}

/*
 * Up to n free slots of the slab into out, from a place on that nobody can
 * guess; how many. Their tags are looked at, which also fetches them for
 * whoever comes.
 */
static unsigned
takefrom(Pool *pool, Slab *s, void **out, unsigned n)
{
	const uint64_t chance = slabchance(pool);
	const unsigned turn = chance % 64;
	size_t words = (s->nslot + 63ull) / 64;
	size_t i = (chance >> 32) % words;
	unsigned got = 0;

	for (; got < n && s->nfree > 0; i = (i + 1) % words) {
		uint64_t word = turned(s->map[i], turn);
		for (; word != 0 && got < n; word &= word - 1, s->nfree--) {
			unsigned bit = (unsigned)__builtin_ctzll(word) + turn;
			void *p = slotat(s, i * 64 + bit % 64);
			if (!tagatrest(tagparts(p), pool->kind, s->class))
				slotnotatrest(pool, p);
			out[got++] = p;
		}
		s->map[i] = turned(word, -turn);
	}
	return got;
}

/* Put n blocks into an order that only the secret knows. */
static void
shuffle(Pool *pool, void **block, unsigned n)
{
	uint64_t chance = 0;

	for (unsigned i = n; i > 1; i--, chance >>= 16) {
		if ((n - i) % 4 == 0)
			chance = slabchance(pool);
		size_t j = (chance & 0xffff) * i >> 16;
		void *p = block[i - 1];
		block[i - 1] = block[j];
		block[j] = p;
	}
}

/* The slab kept whole, or none: slabany may look at the same time. */
static void
setwhole(Pool *pool, unsigned class, Slab *s)
{
	__atomic_store_n(&pool->whole[class], s, __ATOMIC_RELAXED);
}

/* A slab of the class with a free slot, or NULL; the one kept is the last. */
static Slab *
anyslab(Pool *pool, unsigned class)
{
	Slab *s = pool->whole[class];

	if (pool->partial[class] == NULL && s != NULL) {
		slabmustbe(pool, s, class);
		setwhole(pool, class, NULL);
		listslab(pool, s);
	}
	return pool->partial[class];
}

unsigned
slabtake(Pool *pool, unsigned class, void **out, unsigned n)
{
	unsigned got = 0;
	Slab *s;

	while (got < n && (s = anyslab(pool, class)) != NULL) {
		slabmustbe(pool, s, class);
		got += takefrom(pool, s, out + got, n - got);
		if (s->nfree == 0)
			unlistslab(pool, s);
	}
	shuffle(pool, out, got);
	pool->used += got * slotsizes[class];
	return got;
}

int
slabadd(Pool *pool, unsigned class)
{
	return newslab(pool, class) == NULL ? -1 : 0;
}

/* n more slots of the slab are free; with the last, it is kept or no more. */
static void
slotsback(Pool *pool, Slab *s, unsigned n)
{
	if (s->nfree == 0)
		listslab(pool, s);
	s->nfree += n;
	if (s->nfree < s->nslot)
		return;
	unlistslab(pool, s);
	if (pool->whole[s->class] == NULL)
		setwhole(pool, s->class, s);
	else
		arenafree(pool, slabblock(s));
}

bool
slabsdrop(Pool *pool)
{
	bool any = false;

	for (unsigned class = 1; class < NCLASS; class ++) {
		Slab *s = pool->whole[class];
		if (s == NULL)
			continue;
		slabmustbe(pool, s, class);
		setwhole(pool, class, NULL);
		arenafree(pool, slabblock(s));
		any = true;
	}
	return any;
}

/* Mark p's slot in its slab's map. */
static inline void
putslot(Pool *pool, Slab *s, void *p, unsigned class)
{
	uint64_t off =
	    (uintptr_t)p - TAGSIZE - s->base - (uintptr_t)slabblock(s);
	size_t i = off * s->inverse >> 32;
	uint64_t bit = 1ull << i % 64;

	if (i >= s->nslot || i * slotsizes[class] != off ||
	    (s->map[i / 64] & bit) != 0)
		poolpanic(pool, "%p is no block that was in use", p);
	s->map[i / 64] |= bit;
}

static void
rowback(Pool *pool, const Row *row)
{
	if (row->n > 0)
		slotsback(pool, row->s, row->n);
}

/* They come in any order, from a few slabs that lie anywhere. */
void
slabput(Pool *pool, unsigned class, void **in, unsigned n)
{
	const int shift = __builtin_ctzll(slabsize(class));
	Row rows[NROW] = {0};

	for (unsigned i = 0; i < n; i++) {
		Slab *s = slabof(in[i], class);
		Row *row = &rows[((uintptr_t)s >> shift) % NROW];
		if (row->s != s) {
			rowback(pool, row);
			slabmustbe(pool, s, class);
			*row = (Row){s, 0};
		}
		putslot(pool, s, in[i], class);
		row->n++;
	}
	for (size_t i = 0; i < NROW; i++)
		rowback(pool, &rows[i]);
	pool->used -= n * slotsizes[class];
}
