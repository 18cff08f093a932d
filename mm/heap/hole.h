/*
 * hole.h - free memory by size and place, for xalloc and for the pools.
 *
 * Private to mm/. Not locked: each user has its lock around it.
 */
#ifndef HOLE_H
#define HOLE_H

#include "types.h"
#include "hooks.h"
#include "want.h"

typedef struct Block Block;
typedef struct Holes Holes;
typedef struct Region Region;

enum {
	NSUB = 32, /* lists per doubling of size */
	NLIST = 40 /* doublings: sizes below 2^48, which no sum here reaches */
};

/*
 * A piece of memory: header, then what is handed out. In a free block the links
 * come next, and the last word is the size again, so that the block above can
 * find its start. Links and last word are mixed with keys (secret.h), by link.h
 * alone; each of them is proved before it is used.
 */
struct Block {
	size_t bits;   /* bytes, with this header; and the flags below */
	uint64_t tag;  /* the user's: see tag.h */
	uint64_t next; /* free only: of the same list */
	uint64_t prev;
};

#define BUSY 1ull     /* handed out */
#define PREVFREE 2ull /* the block below is free */
#define FIRST 4ull    /* the region's header is below */

/*
 * Where blocks lie without a gap: from behind this header, which is the first
 * thing in it, up to the fence, a BUSY header with nothing behind it. From
 * edge to end lies memory that is ours but has not been opened.
 */
struct Region {
	Region *next;
	Region *prev;
	Block *fence;
	uintptr_t edge;
	uintptr_t end;
	void *user; /* whatever opens it */
	/* The user's too: mapped page by page; if first of a range, of what. */
	bool mapped;
	size_t reserved;
	Page *gone; /* and what was mapped behind the end, up to there */
	uintptr_t goneend;
};

/*
 * What came of opening memory: CLOSED if it cannot be, LATER if it could, but
 * not before the users' lock has been let go. Nothing was opened then.
 */
enum opened { OPENED, CLOSED, LATER };

struct Holes {
	uint64_t some;       /* bit i: sub[i] is not 0 */
	uint32_t sub[NLIST]; /* bit j: list[i][j] is not empty */
	Block *list[NLIST][NSUB];
	size_t nfree;    /* free blocks */
	size_t free;     /* bytes in them */
	size_t closed;   /* bytes that no region has opened yet */
	uint64_t nfreed; /* how often anything became free */
	Want vain;       /* there was no place for, */
	uint64_t since;  /* when nfreed was so */
	Region *regions; /* ascending */
	uintptr_t low;   /* no region lies below, */
	uintptr_t high;  /* none ends above */
	/*
	 * Open r up to to or beyond with holeopen, for a block that begins at
	 * at; what is opened need not be good. Or make a region of its own of
	 * what it is wanted for.
	 */
	enum opened (*more)(Region *r, uintptr_t at, uintptr_t to);
	void (*letgo)(Holes *); /* of their lock, before a report; or NULL */
};

#define holepanic(h, ...) (holeletgo(h), panic(__VA_ARGS__))

/*
 * [p, p + size) becomes a region. Its first minimum bytes are open already
 * and hold the header; the rest is opened by need. Both are multiples of
 * GRAIN, minimum at least MINREGION.
 */
#define MINREGION (sizeof(Region) + BLOCKHDR)
Region *holeregion(Holes *h, void *p, size_t minimum, size_t size);

/* The next size bytes at the edge are good, or must never be used. */
enum openas { GOOD, BAD };
void holeopen(Holes *h, Region *r, size_t size, enum openas as);

/* The region that starts below p, next to it or not; or NULL. O(regions). */
Region *holebelow(Holes *h, const void *p);

/* r's memory goes on for size bytes more, unopened. */
void holeextend(Holes *h, Region *r, size_t size);

/* r's memory ends there from now on; the rest of it was not opened. */
void holeshrink(Holes *h, Region *r, uintptr_t end);

/*
 * The region above joins r, whose end is its start. All of r is opened.
 */
void holejoin(Holes *h, Region *r, Region *above);

/*
 * The free block b of r gives up [low, high): r ends at low, with the fence in
 * front, and a region of its own starts at high, with all that r had above;
 * NULL if high is where r ends. What b has left on either side is nothing, or
 * enough for a free block.
 */
Region *holecut(Holes *h, Region *r, Block *b, uintptr_t low, uintptr_t high);

/* Is nothing in r handed out? Then its memory can be the holes' no longer. */
bool holeempty(const Region *r);
void holeremove(Holes *h, Region *r);

/*
 * A block for w, or NULL. Its memory starts at blockmem(). holetry looks only
 * where there surely is one, holetryall at every free block. holealloc opens
 * memory before it looks everywhere; if that is to be later, the answer is
 * NULL. What was looked for everywhere in vain is not looked for again, nor
 * anything that asks for more, until something has become free.
 */
Block *holetry(Holes *h, const Want *w);
Block *holetryall(Holes *h, const Want *w);
Block *holealloc(Holes *h, const Want *w);

/* For who keeps b handed out, though nobody may touch its inside meanwhile. */
void blockpoison(Block *b);
void blockunpoison(Holes *h, Block *b);

/* b is free, joined with its neighbours if they are. Its region if all is. */
Region *holefree(Holes *h, Block *b);

/*
 * Make b hold size usable bytes in place: -1 if the block above it does not
 * allow that. What is not needed becomes free.
 */
int holeresize(Holes *h, Block *b, size_t size);

/* The same, and memory above it is opened if that helps. O(regions) then. */
int holegrow(Holes *h, Block *b, size_t size);

/* The region that has only free memory above b, or nothing; or NULL. */
Region *holelast(Holes *h, Block *b);

/*
 * Bytes that r needs beyond its edge for such a b to have size usable ones, of
 * which it cannot have so many now.
 */
size_t holeneeds(const Region *r, const Block *b, size_t size);

/* Walk every region, panic if anything is not as it must be. O(blocks). */
void holecheck(Holes *h);

/* Print the blocks about p. */
void holearound(Holes *h, const void *p);

/*
 * Call f for each hole in the order of the regions: [pa, end) by address,
 * the unopened part counted with the hole it goes on from.
 */
void holeeach(Holes *h, void (*f)(uintptr_t p, uintptr_t end));

/* How many holes holeeach would find. O(regions). */
size_t holecount(Holes *h);

/* For region.c: b leaves its list. For holewalk.c: the lists' own walk. */
void holetake(Holes *h, Block *b);
void holechecklists(Holes *h);

/*
 * The free block below b, which says PREVFREE. Panic unless its header and
 * last word agree.
 */
Block *blockbelow(Holes *h, const Block *b);

/*
 * The next of a list whose blocks have no previous ones, one without last
 * words: xalloc's quick blocks.
 */
void blocksetlink(Block *b, const Block *next);
Block *blocklink(Holes *h, const Block *b);

/* Where the block starts that would grow if r's edge were opened. */
uintptr_t holetail(Holes *h, Region *r);

/*
 * Of a block that is handed out, its owner may look at the bits without the
 * users' lock, though whoever has that may set or clear PREVFREE meanwhile.
 */
static inline size_t
blockbits(const Block *b)
{
	return __atomic_load_n(&b->bits, __ATOMIC_RELAXED);
}

static inline size_t
blocksize(const Block *b)
{
	return blockbits(b) & ~(size_t)(GRAIN - 1);
}

static inline void *
blockmem(Block *b)
{
	return (uint8_t *)b + BLOCKHDR;
}

static inline Block *
memblock(const void *p)
{
	return (Block *)((uintptr_t)p - BLOCKHDR);
}

static inline Block *
blockabove(Block *b)
{
	return (Block *)((uintptr_t)b + blocksize(b));
}

static inline Block *
regionfirst(Region *r)
{
	return (Block *)(r + 1);
}

/* Nothing but free memory, or nothing, between the fence and the edge. */
static inline bool
regionatedge(const Region *r)
{
	return r->edge == (uintptr_t)r->fence + BLOCKHDR;
}

static inline void
holeletgo(Holes *h)
{
	if (h->letgo != NULL)
		h->letgo(h);
}

/* Could p be memory of a region? Surely not if false. */
static inline bool
holehas(const Holes *h, const void *p)
{
	return (uintptr_t)p - h->low < h->high - h->low;
}

/* The bytes of b its user may write. */
static inline size_t
blockroom(const Block *b)
{
	return blocksize(b) - BLOCKHDR;
}

#endif
