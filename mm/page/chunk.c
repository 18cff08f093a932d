/*
 * chunk.c - 2 MiB of frames at a time: opened, cut into pages, whole again.
 *
 *	bucket[0]   chunks with 1 free frame           <- pages are taken here
 *	bucket[1]   2 - 3                                 first, and upwards:
 *	...                                               the fullest chunks
 *	bucket[8]   256 - 511                             fill up entirely
 *	bucket[9]   whole: all 512 free                <- 2 MiB pages
 *	bucket[10]  and the same again, of near chunks
 *	nopen ...   not opened yet
 *
 * A chunk is opened when nothing else is left. Its frames are probed then:
 * all written, pushed out of the caches, all read back; the bad ones are
 * reserved for ever in the byte map. Frames outside the banks are too.
 *
 * The byte map says which frames of a cut chunk are free, and the chunk word
 * where to look: bit g of groups is set while bytes 8g to 8g+7 hold a free
 * one. So finding one is two steps, however many there are.
 *
 * Invariants, verified by bytemapcheck(): nfree is the number of free bytes,
 * groups fits them, a chunk is in the bucket of its nfree (none if 0), and a
 * whole or taken chunk has 512 free bytes (its state is in its word alone).
 */
#include "palloc.h"
#include "badram.h"
#include "bytemap.h"
#include "percpu.h"

enum {
	WHOLEFILL = NFILL - 1,
	AHEAD = 12, /* pages given back are prefetched so far ahead */
};

/* Eight frames' bytes as one word. */
#define EACHBYTE 0x0101010101010101ull
#define ALLFREE (FRAMEFREE * EACHBYTE)
#define ALLALLOCATED (FRAMEALLOCATED * EACHBYTE)
_Static_assert(FRAMEFREE == 0, "hasfree looks for a zero byte");

/* Is one of a word's eight bytes zero? They are all below 0x80. */
static bool
hasfree(uint64_t word)
{
	return ((word - EACHBYTE) & EACHBYTE << 7) != 0;
}

static unsigned
bucketof(const Chunk *c, size_t nfree)
{
	unsigned fill = 31 - (unsigned)__builtin_clz((unsigned)nfree);

	return c->number < palloc.nearend ? NFILL + fill : fill;
}

static void
bucketadd(Chunk *c)
{
	unsigned b = bucketof(c, c->nfree);
	uint32_t ci = (uint32_t)(c - palloc.chunks);

	c->prev = NOCHUNK;
	c->next = palloc.bucket[b];
	if (c->next != NOCHUNK)
		palloc.chunks[c->next].prev = ci;
	palloc.bucket[b] = ci;
	palloc.buckets |= 1u << b;
}

/* Out of the bucket it was put in when it had nfree frames free. */
static void
bucketremove(Chunk *c, size_t nfree)
{
	unsigned b = bucketof(c, nfree);

	if (c->next != NOCHUNK)
		palloc.chunks[c->next].prev = c->prev;
	if (c->prev != NOCHUNK)
		palloc.chunks[c->prev].next = c->next;
	else {
		palloc.bucket[b] = c->next;
		if (c->next == NOCHUNK)
			palloc.buckets &= ~(1u << b);
	}
}

/* Set groups and nfree by what the chunk's bytes say, and list it. */
static void
countfree(Chunk *c, const uint8_t *bytes)
{
	c->groups = 0;
	c->nfree = 0;
	for (size_t i = 0; i < CHUNKPAGES; i++)
		if (bytes[i] == FRAMEFREE) {
			c->groups |= 1ull << (i / GROUPPAGES);
			c->nfree++;
		}
	c->state = c->nfree == CHUNKPAGES ? CHUNKWHOLE : CHUNKCUT;
	if (c->nfree > 0)
		bucketadd(c);
}

/*
 * Probe the free frames of the chunk at pa, a byte each. Bad ones become
 * reserved; how many that were. All are written before any is read: a frame
 * that is really another one shows.
 */
static size_t
probe(paddr_t pa, uint8_t *bytes)
{
	size_t nbad = 0;
	size_t n;

	for (size_t i = 0; i < CHUNKPAGES; i += n + 1) {
		n = 0;
		while (i + n < CHUNKPAGES && bytes[i + n] == FRAMEFREE)
			n++;
		if (n > 0)
			probewrite(pa + i * BY2PG, n);
	}
	for (size_t i = 0; i < CHUNKPAGES; i += n + 1) {
		n = 0;
		while (i + n < CHUNKPAGES && bytes[i + n] == FRAMEFREE)
			n++;
		if (n > 0)
			nbad += probecheck(pa + i * BY2PG, n, bytes + i);
	}
	for (size_t i = 0; nbad > 0 && i < CHUNKPAGES; i++)
		if (bytes[i] == FRAMEALLOCATED) {
			bytes[i] = FRAMERESERVED;
			badram(pa + i * BY2PG, 1, BADINALLOCATOR);
		}
	return nbad;
}

/* Where chunk ci, the next to open, lies: near stretches come last. */
static paddr_t
unopenedpa(size_t ci)
{
	Stretch *end = palloc.stretches + palloc.nstretches;

	while (ci - palloc.stretch->ci >= palloc.stretch->nchunks)
		if (++palloc.stretch == end)
			palloc.stretch = palloc.stretches;
	return (palloc.stretch->number + (ci - palloc.stretch->ci))
	       << CHUNKSHIFT;
}

/*
 * There is no good memory for the tables of the chunk being opened: do without
 * it and all that would have come after. How many pages that is.
 */
static size_t
giveup(void)
{
	Counts *c = &palloc.count;
	size_t n = c->unopened;

	c->npages -= n;
	c->nfree -= n;
	c->nquarantine += n;
	palloc.surveyed -= n;
	c->unopened = 0;
	palloc.nchunks = palloc.nopen;
	return n;
}

/* How many Pages there are, and how many of them putpage need not check. */
void
setopenpages(void)
{
	size_t n = palloc.nopen * CHUNKPAGES;

	__atomic_store_n(&palloc.openpages, n, __ATOMIC_RELEASE);
	__atomic_store_n(
	    &palloc.plainpages, palloc.poison ? 0 : n, __ATOMIC_RELEASE);
}

/*
 * Say that the next chunk is being opened; false if there is none, or someone
 * else has said so: *other.
 */
static bool
claim(Opening *o, Percpu *me, bool *other)
{
	lock(&palloc.lock);
	*other = palloc.opening;
	bool mine = !*other && palloc.nopen < palloc.nchunks;
	if (mine) {
		__atomic_store_n(&palloc.opening, true, __ATOMIC_RELAXED);
		o->ci = palloc.nopen;
		o->pa = unopenedpa(o->ci);
		o->meta = palloc.count.meta;
		palloc.opener = &me->page;
		palloc.opened = o;
	}
	unlock(&palloc.lock);
	return mine;
}

/* Write into the tables what the claimed chunk's bytes say. */
static void
fill(Opening *o)
{
	Page *pages = &palloc.pages[o->ci * CHUNKPAGES];

	memcpy(chunkbytes(o->ci), o->bytes, CHUNKPAGES);
	for (size_t i = 0; i < CHUNKPAGES; i++)
		if (o->bytes[i] == FRAMEFREE)
			pages[i].frame = ((o->pa >> PGSHIFT) + i)
					 << PAGEIMAGEBITS;
	palloc.chunks[o->ci].number = (uint32_t)(o->pa >> CHUNKSHIFT);
}

/* The claimed chunk is open, with nbad bad frames. */
static void
publish(Opening *o, size_t nbad)
{
	palloc.count.unopened -= o->npages;
	metacommit(o);
	palloc.count.nquarantine += nbad;
	palloc.count.npages -= nbad;
	palloc.count.nfree -= nbad;
	countfree(&palloc.chunks[o->ci], chunkbytes(o->ci));
	palloc.nopen++;
	setopenpages();
}

/* The claimed chunk cannot be opened, for ever; how much is lost by that. */
static size_t
refuse(Opening *o)
{
	palloc.count.unopened -= o->npages;
	palloc.surveyed -= o->npages;
	metacommit(o);
	return giveup();
}

/*
 * Open the next chunk: describe its frames, probe them, list it. True if it is
 * worth looking again: it is open, or someone else is at it. False if there is
 * none, or its tables cannot be mapped. No lock is held while it is probed; but
 * this CPU does nothing else, so that who waits for it on another one need not
 * wait long.
 */
bool
chunkopen(void)
{
	Percpu *me = cpuenter();
	size_t nbad = 0;
	size_t nlost = 0;
	bool other = false;
	Opening o = {0};

	if (!claim(&o, me, &other)) {
		cpuleave(me);
		return other;
	}
	o.npages = describe(o.pa, o.bytes);
	enum mapped mapped = mapchunk(&o);
	palloc.opened = NULL;
	if (mapped == MAPPED) {
		nbad = probe(o.pa, o.bytes);
		fill(&o);
	}
	lock(&palloc.lock);
	if (mapped == MAPPED)
		publish(&o, nbad);
	else if (mapped == NOFRAME)
		nlost = refuse(&o);
	__atomic_store_n(&palloc.opening, false, __ATOMIC_RELEASE);
	unlock(&palloc.lock);
	cpuleave(me);
	if (nbad > 0)
		print("%zu of 512 pages from %#jx on are bad, and not used\n",
		    nbad, o.pa);
	if (mapped == NOFRAME)
		print("no good memory to describe %zu pages from %#jx on "
		      "with\n",
		    nlost, o.pa);
	return mapped == MAPPED;
}

/*
 * Take up to want frames of the eight from byte i on: their Pages start at
 * first. Returns how many.
 */
static size_t
cutgroup(uint8_t *bytes, Page *first, Page **pages, size_t want)
{
	size_t got = 0;

	for (size_t i = 0; i < GROUPPAGES && got < want; i++)
		if (bytes[i] == FRAMEFREE) {
			bytes[i] = FRAMEALLOCATED;
			pages[got++] = &first[i];
		}
	return got;
}

/* Take up to want frames of c, which is listed, and list it again. */
static size_t
cutchunk(Chunk *c, Page **pages, size_t want)
{
	size_t ci = (size_t)(c - palloc.chunks);
	uint64_t *words = &palloc.bytes[ci * CHUNKPAGES / GROUPPAGES];
	Page *first = &palloc.pages[ci * CHUNKPAGES];
	uint64_t groups = c->groups;
	size_t got = 0;

	bucketremove(c, c->nfree);
	if (c->huge)
		setimageid(first, 0);
	c->huge = false;
	while (got < want && groups != 0) {
		size_t g = (size_t)__builtin_ctzll(groups);
		Page *pg = first + g * GROUPPAGES;

		if (words[g] == ALLFREE && want - got >= GROUPPAGES) {
			words[g] = ALLALLOCATED;
			for (size_t i = 0; i < GROUPPAGES; i++)
				pages[got + i] = pg + i;
			got += GROUPPAGES;
		} else
			got += cutgroup(
			    (uint8_t *)&words[g], pg, pages + got, want - got);
		if (!hasfree(words[g]))
			groups &= groups - 1;
	}
	c->groups = groups;
	c->nfree -= (uint16_t)got;
	c->state = CHUNKCUT;
	if (c->nfree > 0)
		bucketadd(c);
	return got;
}

/* So many frames are not free any more. */
static void
spend(size_t npages)
{
	Counts *c = &palloc.count;

	c->nfree -= npages;
	c->nleast = MIN(c->nleast, c->nfree);
}

/* Take up to want frames of open chunks, of the fullest first. */
size_t
chunktake(Page **pages, size_t want)
{
	size_t got = 0;

	while (got < want && palloc.buckets != 0) {
		unsigned b = (unsigned)__builtin_ctz(palloc.buckets);
		Chunk *c = &palloc.chunks[palloc.bucket[b]];

		got += cutchunk(c, pages + got, want - got);
	}
	spend(got);
	return got;
}

/* Frames of c in these groups became free: n more. */
static void
gain(Chunk *c, uint64_t groups, size_t n)
{
	size_t before = c->nfree;
	size_t after = before + n;

	c->groups |= groups;
	c->nfree = (uint16_t)after;
	/* In another bucket, if the highest bit is another one. */
	if ((before ^ after) <= before)
		return;
	if (before > 0)
		bucketremove(c, before);
	c->state = after == CHUNKPAGES ? CHUNKWHOLE : CHUNKCUT;
	bucketadd(c);
}

/* What giving this page back will write, into the cache. */
static inline void
prefetch(const Page *pg)
{
	size_t i = (size_t)(pg - palloc.pages);

	__builtin_prefetch((uint8_t *)palloc.bytes + i, 1);
	__builtin_prefetch(&palloc.chunks[i / CHUNKPAGES], 1);
}

/* With palloc.lock held, which whoever reads the panic may want. */
static _Noreturn void
notallocated(const Page *pg)
{
	unlock(&palloc.lock);
	panicat("putpage", "page %#jx goes back, but its byte is %d",
	    pagepa(pg), *pagebyte(pg));
}

/* Frames nobody holds any more go back to their chunks. */
void
chunkgive(Page *const *pages, size_t npages)
{
	uint8_t *bytes = (uint8_t *)palloc.bytes;
	Page *first = palloc.pages;

	for (size_t k = 0; k < npages;) {
		size_t ci = chunkof(pages[k]);
		uint64_t groups = 0;
		size_t n = 0;

		for (; k + n < npages; n++) {
			size_t i = (size_t)(pages[k + n] - first);

			if (i / CHUNKPAGES != ci)
				break;
			if (bytes[i] != FRAMEALLOCATED)
				notallocated(pages[k + n]);
			bytes[i] = FRAMEFREE;
			prefetch(pages[MIN(k + n + AHEAD, npages - 1)]);
			groups |= 1ull << (i / GROUPPAGES % 64);
		}
		gain(&palloc.chunks[ci], groups, n);
		k += n;
	}
	palloc.count.nfree += npages;
}

/* Take up to want chunks of one of the buckets with whole ones. */
static size_t
takewhole(unsigned bucket, Page **pages, size_t want)
{
	uint32_t *head = &palloc.bucket[bucket];
	size_t got = 0;

	for (; got < want && *head != NOCHUNK; got++) {
		Chunk *c = &palloc.chunks[*head];
		Page *pg = &palloc.pages[(size_t)*head * CHUNKPAGES];

		if (!c->huge)
			setimageid(pg, HUGEIMAGE);
		c->huge = true;
		c->state = CHUNKTAKEN;
		*head = c->next;
		__builtin_prefetch(pg, 1);
		pages[got] = pg;
	}
	if (*head == NOCHUNK)
		palloc.buckets &= ~(1u << bucket);
	else
		palloc.chunks[*head].prev = NOCHUNK;
	spend(got * CHUNKPAGES);
	return got;
}

/*
 * Take up to want whole chunks of those open, near ones only if there are no
 * others: each as the Page of its first frame, marked huge. Returns how many.
 */
size_t
chunktakewhole(Page **pages, size_t want)
{
	size_t got = takewhole(WHOLEFILL, pages, want);

	return got > 0 || palloc.nopen < palloc.nchunks
		   ? got
		   : takewhole(NFILL + WHOLEFILL, pages, want);
}

/* Take n frames of chunk ci from frame i on, if all are free. */
bool
chunktakeat(size_t ci, size_t i, size_t n)
{
	Chunk *c = &palloc.chunks[ci];
	uint8_t *bytes = chunkbytes(ci);

	if (c->state == CHUNKTAKEN)
		return false;
	for (size_t k = 0; k < n; k++)
		if (bytes[i + k] != FRAMEFREE)
			return false;
	bucketremove(c, c->nfree);
	if (c->huge)
		setimageid(&palloc.pages[ci * CHUNKPAGES], 0);
	c->huge = false;
	memset(bytes + i, FRAMEALLOCATED, n);
	for (size_t g = i / GROUPPAGES; g <= (i + n - 1) / GROUPPAGES; g++)
		if (!hasfree(palloc.bytes[ci * CHUNKPAGES / GROUPPAGES + g]))
			c->groups &= ~(1ull << g);
	c->nfree -= (uint16_t)n;
	c->state = CHUNKCUT;
	if (c->nfree > 0)
		bucketadd(c);
	spend(n);
	return true;
}

/* One frame that kaddr reaches, or NULL. */
Page *
chunktakenear(void)
{
	uint32_t buckets = palloc.buckets;
	Page *pg = NULL;

	if (palloc.nearend != 0)
		buckets &= ~((1u << NFILL) - 1);
	if (buckets == 0)
		return NULL;
	unsigned b = (unsigned)__builtin_ctz(buckets);
	spend(cutchunk(&palloc.chunks[palloc.bucket[b]], &pg, 1));
	return pg;
}

/* A listed whole chunk is taken in one piece; or given back. */
void
chunksettaken(Chunk *c)
{
	bucketremove(c, CHUNKPAGES);
	c->state = CHUNKTAKEN;
	spend(CHUNKPAGES);
}

void
chunksetwhole(Chunk *c)
{
	c->state = CHUNKWHOLE;
	bucketadd(c);
	palloc.count.nfree += CHUNKPAGES;
}
