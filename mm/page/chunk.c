/*
 * chunk.c - 2 MiB of frames at a time: cut into pages, whole again.
 *
 *	bucket[0]   chunks with 1 free frame           <- pages are taken here
 *	bucket[1]   2 - 3                                 first, and upwards:
 *	...                                               the fullest chunks
 *	bucket[8]   256 - 511                             fill up entirely
 *	bucket[9]   whole: all 512 free                <- 2 MiB pages
 *	bucket[10]  and the same again, of near chunks
 *	nopen ...   not opened yet
 *
 * Each node has such buckets. A chunk is opened when nothing else is left, by
 * open.c.
 *
 * The byte map says which frames of a cut chunk are free, and the chunk word
 * where to look: bit g of groups is set while bytes 8g to 8g+7 hold a free
 * one. So finding one is two steps, however many there are.
 *
 * Invariants, verified by bytemapcheck(): nfree is the number of free bytes,
 * groups fits them, a chunk is in the bucket of its nfree (none if 0), and a
 * whole or taken chunk has 512 free bytes (its state is in its word alone).
 */
#include "where.h"
#include "bytemap.h"
#include "percpu.h"

enum {
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
	Node *n = &palloc.node[c->node];
	unsigned b = bucketof(c, c->nfree);
	uint32_t ci = (uint32_t)(c - palloc.chunks);

	c->prev = NOCHUNK;
	c->next = n->bucket[b];
	if (c->next != NOCHUNK)
		palloc.chunks[c->next].prev = ci;
	n->bucket[b] = ci;
	n->buckets |= 1u << b;
}

/* Out of the bucket it was put in when it had nfree frames free. */
static void
bucketremove(Chunk *c, size_t nfree)
{
	Node *n = &palloc.node[c->node];
	unsigned b = bucketof(c, nfree);

	if (c->next != NOCHUNK)
		palloc.chunks[c->next].prev = c->prev;
	if (c->prev != NOCHUNK)
		palloc.chunks[c->prev].next = c->next;
	else {
		n->bucket[b] = c->next;
		if (c->next == NOCHUNK)
			n->buckets &= ~(1u << b);
	}
}

/* So many of c's frames were free: into the bucket of what is free now. */
static void
relist(Chunk *c, size_t before)
{
	size_t now = c->nfree;

	if ((before ^ now) <= MIN(before, now)) /* their highest bit is one */
		return;
	if (before > 0)
		bucketremove(c, before);
	c->state = now == CHUNKPAGES ? CHUNKWHOLE : CHUNKCUT;
	if (now > 0)
		bucketadd(c);
}

void
chunklist(Chunk *c, const uint8_t *bytes)
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

/* No one page any more: each of its Pages says whose it was, for pagewipe. */
static void
unhuge(Chunk *c, Page *first)
{
	if (!c->huge)
		return;
	setimageid(first, 0);
	c->huge = false;
	for (size_t i = 1; i < CHUNKPAGES && pageva(first) != 0; i++)
		first[i].held = first->held;
}

/* Take up to want frames of c, which is listed. */
static size_t
cutchunk(Chunk *c, Page **pages, size_t want)
{
	size_t ci = (size_t)(c - palloc.chunks);
	uint64_t *words = &palloc.bytes[ci * CHUNKPAGES / GROUPPAGES];
	Page *first = &palloc.pages[ci * CHUNKPAGES];
	uint64_t groups = c->groups;
	size_t before = c->nfree;
	size_t got = 0;

	unhuge(c, first);
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
	relist(c, before);
	return got;
}

/* So many frames of a node are not free any more. */
static void
spend(Node *n, size_t npages)
{
	Counts *c = &palloc.count;

	countfree(n, -npages);
	c->nleast = MIN(c->nleast, c->nfree);
}

/* Take up to want frames of open chunks, of the fullest first. */
size_t
chunktake(Node *n, uint32_t buckets, Page **pages, size_t want)
{
	size_t got = 0;

	while (got < want && (n->buckets & buckets) != 0) {
		unsigned b = (unsigned)__builtin_ctz(n->buckets & buckets);
		Chunk *c = &palloc.chunks[n->bucket[b]];

		got += cutchunk(c, pages + got, want - got);
	}
	spend(n, got);
	return got;
}

/* Frames of c in these groups became free: n more. */
static void
gain(Chunk *c, uint64_t groups, size_t n)
{
	size_t before = c->nfree;

	c->groups |= groups;
	c->nfree += (uint16_t)n;
	relist(c, before);
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
	pagesunlock();
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
		countfree(&palloc.node[palloc.chunks[ci].node], n);
		k += n;
	}
}

/*
 * Take up to want whole chunks of those open, far ones if there are any, but
 * one at least there is: each as the Page of its first frame, marked huge.
 * Returns how many.
 */
size_t
chunktakewhole(Node *n, uint32_t buckets, Page **pages, size_t want)
{
	uint32_t whole = n->buckets & buckets & WHOLEBUCKETS;
	unsigned b = (unsigned)__builtin_ctz(whole);
	size_t got = 0;
	uint32_t *head = &n->bucket[b];
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
		n->buckets &= ~(1u << b);
	else
		palloc.chunks[*head].prev = NOCHUNK;
	spend(n, got * CHUNKPAGES);
	return got;
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
	size_t before = c->nfree;

	unhuge(c, &palloc.pages[ci * CHUNKPAGES]);
	memset(bytes + i, FRAMEALLOCATED, n);
	for (size_t g = i / GROUPPAGES; g <= (i + n - 1) / GROUPPAGES; g++)
		if (!hasfree(palloc.bytes[ci * CHUNKPAGES / GROUPPAGES + g]))
			c->groups &= ~(1ull << g);
	c->nfree -= (uint16_t)n;
	relist(c, before);
	spend(&palloc.node[c->node], n);
	return true;
}

/* One frame that kaddr reaches, of the first node with any; or NULL. */
Page *
chunktakenear(const uint8_t *order)
{
	uint32_t near =
	    palloc.nearend != 0 ? ALLBUCKETS - FARBUCKETS : ALLBUCKETS;
	Page *pg = NULL;

	for (size_t i = 0; i < palloc.nnodes && pg == NULL; i++)
		chunktake(&palloc.node[order[i]], near, &pg, 1);
	return pg;
}

/* A listed whole chunk is taken in one piece; or given back. */
void
chunksettaken(Chunk *c)
{
	bucketremove(c, CHUNKPAGES);
	c->state = CHUNKTAKEN;
	spend(&palloc.node[c->node], CHUNKPAGES);
}

void
chunksetwhole(Chunk *c)
{
	c->state = CHUNKWHOLE;
	bucketadd(c);
	countfree(&palloc.node[c->node], CHUNKPAGES);
}
