/*
 * hole.c - free memory by size and place: two-level segregated fit.
 *
 *	region   block        block      block           fence
 *	[header][busy       ][free     ][busy           ][|  unopened  )
 *	                      links  size                 edge         end
 *
 * Free blocks hang on lists by size, NSUB lists for each doubling; two levels
 * of bits say which lists are not empty, so that finding a large enough block
 * and joining a freed one with both neighbours take the same few steps however
 * many blocks there are. All of it lies in the free memory itself, where it may
 * have been written to: links are followed only if they lead to a free block
 * that links back, and a block is joined or cut only if its last word agrees
 * with its header.
 *
 * Regions, and memory that is not open yet, are region.c's.
 *
 * Invariants, verified by holecheck(): blocks follow each other without a gap
 * up to the fence; no two free blocks touch; PREVFREE says whether the block
 * below is free; each free block is on the list of its size, and on no other.
 */
#include "hole.h"
#include "hooks.h"
#include "link.h"
#include "mempoison.h"

enum {
	SUBSHIFT = 5,   /* log2 NSUB */
	LINEARSHIFT = 9 /* below 2^9 bytes the lists are GRAIN apart */
};

/* How many blocks of the wanted size's own list are looked at first. */
enum { TRIES = 8 };

_Static_assert(1 << SUBSHIFT == NSUB, "NSUB lists");
_Static_assert(1 << LINEARSHIFT == NSUB * GRAIN, "a list for each small size");
_Static_assert(sizeof(Block) + sizeof(size_t) <= MINBLOCK, "a block's least");
_Static_assert(sizeof(Region) % GRAIN == 0, "blocks follow the header");

typedef struct Listno Listno;

/* Which list. */
struct Listno {
	unsigned i;
	unsigned j;
};

static unsigned
log2of(size_t size)
{
	return 63 - (unsigned)__builtin_clzll(size);
}

/* The list a free block of this size is on. */
static inline Listno
listof(size_t size)
{
	if (size < (1u << LINEARSHIFT))
		return (Listno){0, (unsigned)(size / GRAIN)};
	unsigned log = log2of(size);
	return (Listno){log - LINEARSHIFT + 1,
	    (unsigned)(size >> (log - SUBSHIFT)) & (NSUB - 1)};
}

/* The first list on which every block has this size. */
static inline Listno
listabove(size_t size)
{
	if (size >= (1u << LINEARSHIFT))
		size += (1ull << (log2of(size) - SUBSHIFT)) - 1;
	return listof(size);
}

/* Put b, size bytes, on its list; what is around it knows nothing of it. */
static inline void
insert(Holes *h, Block *b, size_t size)
{
	Listno s = listof(size);
	Block *head = h->list[s.i][s.j];

	b->bits = size | (b->bits & (PREVFREE | FIRST));
	setlastword((uintptr_t)b + size, size);
	setprev(b, NULL);
	setnext(b, head);
	if (head != NULL) {
		if (rawprev(head) != NULL)
			badlink(h, head);
		setprev(head, b);
	}
	h->list[s.i][s.j] = b;
	h->sub[s.i] |= 1u << s.j;
	h->some |= 1ull << s.i;
	h->free += size;
	h->nfree++;
}

static inline void
unlink(Holes *h, Block *b)
{
	size_t size = blocksize(b);

	mustbewhole(h, b);
	Block *next = nextof(h, b);
	Block *prev = prevof(h, b);
	if (next != NULL)
		setprev(next, prev);
	if (prev != NULL)
		setnext(prev, next);
	else {
		Listno s = listof(size);
		if (h->list[s.i][s.j] != b)
			badlink(h, b);
		h->list[s.i][s.j] = next;
		if (next == NULL && (h->sub[s.i] &= ~(1u << s.j)) == 0)
			h->some &= ~(1ull << s.i);
	}
	h->free -= size;
	h->nfree--;
}

/*
 * The part of a free block that nobody may look at: between its links and its
 * last word.
 */
static inline uintptr_t
innerstart(const Block *b)
{
	return (uintptr_t)(b + 1);
}

static inline uintptr_t
innerend(Block *b)
{
	return (uintptr_t)blockabove(b) - sizeof(size_t);
}

static inline uintptr_t
place(const Block *b, const Want *w)
{
	return wantplace(w, (uintptr_t)b, (uintptr_t)b + blocksize(b));
}

/* The first of at most tries blocks on a list in which w finds a place. */
static Block *
scan(Holes *h, Block *b, const Want *w, size_t tries)
{
	for (; b != NULL && tries > 0; b = nextof(h, b), tries--)
		if (place(b, w) != 0)
			return b;
	return NULL;
}

/*
 * A free block with a place for w: one of w's own size if that is soon found,
 * else the first of the lists whose blocks are all large enough.
 */
static Block *
find(Holes *h, const Want *w)
{
	Listno own = listof(wantsize(w));
	Block *b = scan(h, h->list[own.i][own.j], w, TRIES);
	if (b != NULL)
		return b;

	Listno s = listabove(wantsurely(w));
	uint32_t sub = h->sub[s.i] & (~0u << s.j);
	if (sub == 0) {
		uint64_t some = h->some & (~0ull << s.i << 1);
		if (some == 0)
			return NULL;
		s.i = (unsigned)__builtin_ctzll(some);
		sub = h->sub[s.i];
	}
	return scan(h, h->list[s.i][__builtin_ctz(sub)], w, 1);
}

/* The same by looking at every block. */
static Block *
findany(Holes *h, const Want *w)
{
	Listno s = listof(wantsize(w));

	for (unsigned n = s.i * NSUB + s.j; n < NLIST * NSUB; n++) {
		Block *b = scan(h, h->list[n / NSUB][n % NSUB], w, SIZE_MAX);
		if (b != NULL)
			return b;
	}
	return NULL;
}

/* Let the block above b know whether b is free. */
static inline void
tellabove(Block *b, size_t flag)
{
	Block *up = blockabove(b);

	__atomic_store_n(
	    &up->bits, (up->bits & ~PREVFREE) | flag, __ATOMIC_RELAXED);
}

/* b, no longer on a list, is handed out; what is beyond size is free. */
static void
trim(Holes *h, Block *b, size_t size)
{
	size_t rest = blocksize(b) - size;

	b->bits |= BUSY;
	if (rest < MINBLOCK) {
		tellabove(b, 0);
		return;
	}
	b->bits -= rest;
	Block *up = blockabove(b);
	up->bits = 0;
	insert(h, up, rest);
	tellabove(up, PREVFREE);
}

/* The block whose memory starts at at, inside b: the part below is free. */
static Block *
cutbelow(Holes *h, Block *b, uintptr_t at)
{
	Block *p = memblock((void *)at);
	size_t below = (uintptr_t)p - (uintptr_t)b;

	if (below == 0)
		return b;
	p->bits = (blocksize(b) - below) | PREVFREE;
	insert(h, b, below);
	return p;
}

/* Only in CHECK=1 builds. */
_Noreturn static void
wasfree(Holes *h, const uint8_t *byte)
{
	holeletgo(h);
	panicat("alloc", "%p was written to while it was free: %#x",
	    (const void *)byte, *byte);
}

/*
 * [from, to) in the free block b is about to be used: its links and last word
 * were, everything else must be untouched.
 */
static void
reveal(Holes *h, Block *b, uintptr_t from, uintptr_t to)
{
	from = MAX(from, innerstart(b));
	to = MIN(to, innerend(b));
	if (from >= to)
		return;
	const uint8_t *byte = memunpoison((void *)from, to - from);
	if (byte != NULL)
		wasfree(h, byte);
}

/* Take w's place in the free block b. */
static Block *
takeplace(Holes *h, Block *b, const Want *w)
{
	unlink(h, b);
	uintptr_t at = place(b, w);
	reveal(h, b, at - BLOCKHDR - sizeof(size_t),
	    at - BLOCKHDR + wantsize(w) + sizeof *b);
	b = cutbelow(h, b, at);
	trim(h, b, wantsize(w));
	return b;
}

Block *
holetry(Holes *h, const Want *w)
{
	Block *b = find(h, w);

	return b == NULL ? NULL : takeplace(h, b, w);
}

/* Nothing became free since there was no place for as much, or less. */
static bool
invain(const Holes *h, const Want *w)
{
	return h->since == h->nfreed && h->vain.align != 0 &&
	       wantasksmore(w, &h->vain);
}

/* By looking at every block: when else there would be none. */
Block *
holetryall(Holes *h, const Want *w)
{
	if (invain(h, w))
		return NULL;
	Block *b = findany(h, w);
	if (b != NULL)
		return takeplace(h, b, w);
	h->vain = *w;
	h->since = h->nfreed;
	return NULL;
}

void
blockpoison(Block *b)
{
	mempoison((void *)innerstart(b), innerend(b) - innerstart(b));
}

void
blockunpoison(Holes *h, Block *b)
{
	const uint8_t *byte =
	    memunpoison((void *)innerstart(b), innerend(b) - innerstart(b));
	if (byte != NULL)
		wasfree(h, byte);
}

/* b and the free blocks next to it as one, which is on no list. */
static Block *
gather(Holes *h, Block *b)
{
	size_t size = blocksize(b);
	Block *up = blockabove(b);
	uintptr_t from = innerstart(b);
	uintptr_t to = innerend(b);

	if ((up->bits & BUSY) == 0) {
		unlink(h, up);
		size += blocksize(up);
		to = innerstart(up);
	}
	if (b->bits & PREVFREE) {
		from = (uintptr_t)b - sizeof(size_t);
		b = blockbelow(h, b);
		unlink(h, b);
		size += blocksize(b);
	}
	mempoison((void *)from, to - from);
	b->bits = size | (b->bits & (PREVFREE | FIRST));
	return b;
}

Region *
holefree(Holes *h, Block *b)
{
	b = gather(h, b);
	h->nfreed++;
	insert(h, b, blocksize(b));
	tellabove(b, PREVFREE);
	if ((b->bits & FIRST) != 0 && blocksize(blockabove(b)) == 0)
		return (Region *)b - 1;
	return NULL;
}

/* What b gave up is free, and nobody may look at it: up to was. */
static void
abandon(Block *b, uintptr_t was)
{
	Block *rest = blockabove(b);

	if (rest->bits & BUSY)
		return;
	was = MIN(was, innerend(rest));
	if (innerstart(rest) < was)
		mempoison((void *)innerstart(rest), was - innerstart(rest));
}

int
holeresize(Holes *h, Block *b, size_t size)
{
	Block *up = blockabove(b);
	uintptr_t was = (uintptr_t)up;

	size = MAX(ROUNDUP(size + BLOCKHDR, GRAIN), MINBLOCK);
	if ((up->bits & BUSY) == 0) {
		if (blocksize(b) + blocksize(up) < size)
			return -1;
		unlink(h, up);
		reveal(h, up, innerstart(up), (uintptr_t)b + size + sizeof *b);
		was = innerstart(up);
		b->bits += blocksize(up);
	} else if (blocksize(b) < size)
		return -1;
	trim(h, b, size);
	h->nfreed++;
	abandon(b, was);
	return 0;
}

void
holetake(Holes *h, Block *b)
{
	unlink(h, b);
	memshow(b, blocksize(b));
}

/* Panic unless each list holds free blocks of its sizes, and the bits agree. */
void
holechecklists(Holes *h)
{
	size_t n = 0;

	for (unsigned i = 0; i < NLIST; i++) {
		if ((h->some >> i & 1) != (h->sub[i] != 0))
			holepanic(h, "doubling %u: bit and lists disagree", i);
		for (unsigned j = 0; j < NSUB; j++) {
			Block *b = h->list[i][j];
			if ((h->sub[i] >> j & 1) != (b != NULL))
				holepanic(h,
				    "list %u.%u: bit and list disagree", i, j);
			for (Block *prev = NULL; b != NULL;
			     b = nextof(h, b), n++) {
				Listno s = listof(blocksize(b));
				if (rawprev(b) != prev || (b->bits & BUSY) ||
				    s.i != i || s.j != j)
					holepanic(h,
					    "list %u.%u: %p does not belong", i,
					    j, (void *)b);
				prev = b;
			}
		}
	}
	if (n != h->nfree)
		holepanic(h, "%zu free blocks, %zu on lists", h->nfree, n);
}
