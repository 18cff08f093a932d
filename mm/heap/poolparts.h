/*
 * poolparts.h - what a pool is made of, for the files it is made of: slabs of
 * small blocks, magazines, arenas. Private to mm/heap.
 */
#ifndef POOLPARTS_H
#define POOLPARTS_H

#include "types.h"
#include "../held.h"
#include "hole.h"
#include "hooks.h"
#include "magazine.h"
#include "percpu.h"
#include "pool.h"
#include "tag.h"

typedef struct Bounds Bounds;
typedef struct Slab Slab;
typedef struct Visit Visit;

enum {
	SLABSMALL = 16 << 10, /* a slab of slots of up to SLOTSMALL bytes */
	SLABLARGE = 64 << 10,
	SLOTSMALL = 512,
	SLOTEXTRA = TAGSIZE + CANARYSIZE,
	SLOTMAX = 4352,
	MAXSMALL = SLOTMAX - SLOTEXTRA, /* larger blocks are hole.c's */
	CLARGE = 127,                   /* class of those */
	CSLAB = 126,                    /* and of a slab's block */
	CMAGAZINE = 125,                /* and of a magazine's */
	MIXBITS = 4                     /* a block comes out 2^-MIXBITS early */
};

/*
 * A block of the holes, its header at a multiple of its size, cut into slots.
 * Each slot begins with a tag.
 */
struct Slab {
	uint64_t seal; /* of what is as it was: what is below may run over */
	Slab *next;    /* of those with a free slot */
	Slab *prev;
	Pool *pool;
	uint32_t class;
	uint32_t nslot;
	uint32_t nfree;
	uint32_t base;    /* of the first slot, from the block's header */
	uint32_t inverse; /* 2^32 / slot size, rounded up */
	uint64_t map[];   /* 1: free, and in no magazine */
};

/*
 * One call's stay in a pool, with its lock: on a CPU that it does not leave
 * meanwhile, with the pages that it brought.
 */
struct Visit {
	Percpu *me;
	Page *small; /* with falling addresses, if they came so */
	Page *huge;
	size_t nsmall;
	size_t nhuge;
	void *range; /* addresses for a new arena, if not NULL */
	size_t rangesize;
	bool lacks; /* pages, for the following; else it had what it needed */
	bool poor;  /* there are none */
	size_t toomuch; /* so many there are not; 0: not known */
	size_t extra;
	uintptr_t at;
	uintptr_t end;
	uintptr_t limit;
};

/*
 * What was mapped in an arena that is no more: its pages, on their way, and
 * its addresses.
 */
typedef struct Gone Gone;
struct Gone {
	Page *pages; /* NULL: none */
	void *p;
	size_t size;
};

struct Pool {
	const char *name;
	enum kind kind;
	Lock lock;
	Held held;             /* how long that was */
	Visit *visit;          /* of who has the lock, or NULL */
	Holes holes;           /* in the arenas */
	Slab *partial[NCLASS]; /* slabs with a free slot; see slabany */
	Slab *whole[NCLASS];   /* one with no other slots, or NULL */
	size_t size;           /* bytes of arenas */
	size_t max;            /* that there ever were */
	size_t nfailed;        /* blocks that there was no memory for */
	size_t used;           /* bytes of blocks, those in magazines too */
	Region *spare;         /* the last arena that became empty */
	uint32_t ngather;      /* CPUs at magazinesgather */
	uint64_t compacted;    /* holes.nfreed when that was done last */
	Gone gone;
	size_t epoch;   /* how often all CPUs were asked to drop translations */
	bool due;       /* and they should be, as soon as the lock is let go */
	uint64_t drawn; /* numbers from chanceof that were used */
};

/*
 * Arenas lie in the size bytes from low; other things may, too. Read without
 * a lock: both only ever widen, and whoever frees a block has seen them do so.
 */
struct Bounds {
	uintptr_t low;
	size_t size;
};

/* classes.c: for each 16 bytes of size + SLOTEXTRA the class; 0 before
 * classinit. */
extern uint8_t classes[SLOTMAX / GRAIN + 1];
extern const uint16_t slotsizes[NCLASS];
void classinit(void);

/*
 * Free slots of exactly this class, at most n, into out, in an order that says
 * nothing of the next ones; how many. slabadd adds a slab to take from; -1 if
 * there is no memory.
 */
unsigned slabtake(Pool *pool, unsigned class, void **out, unsigned n);
int slabadd(Pool *pool, unsigned class);

/* Has the class a free slot in a slab? Without the lock: it had just now. */
static inline bool
slabany(const Pool *pool, unsigned class)
{
	return __atomic_load_n(&pool->partial[class], __ATOMIC_RELAXED) !=
		   NULL ||
	       __atomic_load_n(&pool->whole[class], __ATOMIC_RELAXED) != NULL;
}

/* 64 bits that nobody can guess. */
uint64_t slabchance(Pool *pool);

/* n blocks of the class, which were taken before, go back to their slabs. */
void slabput(Pool *pool, unsigned class, void **in, unsigned n);

/* Those kept with all slots free are the holes' again; true if there were any.
 */
bool slabsdrop(Pool *pool);

/*
 * Panic unless the slab of the pool is as it must be; has it a free slot? And
 * unless those that have one, of which there are nslabs, are listed.
 */
bool slabcheck(Pool *pool, Slab *s);

/* Is there a slab of the pool's at s, as far as its header tells? */
bool slabsound(const Pool *pool, const Slab *s);
void slablistscheck(Pool *pool, size_t nslabs);

/*
 * visit.c: begin a visit of the pool, or go on with one. At the end of it what
 * was unmapped is given back, once all CPUs have been told, without the lock.
 */
void poolenter(Pool *pool, Visit *v);
void poolleave(Pool *pool);

/*
 * supply.c: pages that a visit lacked are fetched, between two goes at it;
 * false if it lacked none. The second time that there are no more, it is to do
 * without. In the end what it did not use goes back.
 */
bool visitfetch(Visit *v);
void visitend(Visit *v);

/*
 * supply.c: has it pages to map [at, end), 2 MiB ones where they fit below
 * limit, and so many extra? If not, these are to be fetched: LATER; or there
 * are none: CLOSED.
 */
enum opened visitneeds(
    Visit *v, size_t extra, uintptr_t at, uintptr_t end, uintptr_t limit);

/* Take the pool's lock, with no visit; let it go. */
static inline void
poollock(Pool *pool)
{
	lock(&pool->lock);
	heldnow(&pool->held);
}

static inline bool
poolcanlock(Pool *pool)
{
	if (!canlock(&pool->lock))
		return false;
	heldnow(&pool->held);
	return true;
}

static inline void
poolunlock(Pool *pool)
{
	heldnomore(&pool->held);
	unlock(&pool->lock);
}

/* Stop, with the pool's lock held until now. */
static inline void
poolletgo(Pool *pool)
{
	Visit *v = pool->visit;

	pool->visit = NULL;
	poolunlock(pool);
	if (v != NULL)
		cpuleave(v->me);
}
#define poolpanic(pool, ...) (poolletgo(pool), panic(__VA_ARGS__))

/*
 * magazine.c: this CPU's magazine for size is empty, or closed: a free block
 * of its class or one a little above, and more of those into the magazine.
 * NULL if there is no memory.
 */
void *magazinefill(Pool *pool, size_t size, unsigned *class);

/* magazine.c: p, freed, goes where its like wait, full or not made yet. */
void magazineput(Pool *pool, void *p, unsigned class);

/* maggather.c: the CPU gets a magazine; from now on it is known. */
void magazinemeet(Poolcpu *cpu);

/*
 * maggather.c: return all that waits on any CPU, and the magazines: how many.
 * Bytes of what waits.
 */
size_t magazinesgather(Pool *pool);
size_t magazinebytes(Pool *pool);

/* maggather.c: no CPU is known. */
void magazineinit(void);

/*
 * maggather.c: has the CPU a magazine of the pool? And it is not known any
 * more, all zero: with the locks of all pools.
 */
bool magazinesany(Pool *pool, const Poolcpu *cpu);
void magazinesforget(Poolcpu *cpu);

/* arena.c: a block from the holes, an arena added if need be; or NULL. */
Block *arenaalloc(Pool *pool, const Want *w);
void arenafree(Pool *pool, Block *b);

/* b has size usable bytes where it is, its arena growing if it can; or -1. */
int arenagrow(Pool *pool, Block *b, size_t size);

/*
 * mapped.c: the visit's pages at [p, end), and perhaps some more, but not
 * beyond limit: how far. It has enough.
 */
uintptr_t mappages(Visit *v, uintptr_t p, uintptr_t end, uintptr_t limit);

/*
 * mapped.c: unmap [p, end), whole pages, which are returned, chained; until
 * all CPUs have passed a barrier they can be used no more, nor can the
 * addresses. Free them; the size of the one at p.
 */
Page *unmappages(uintptr_t p, uintptr_t end);
void freemapped(Page *chain);
size_t mappedsize(uintptr_t p);

/* mapped.c: does a 2 MiB page fit at p, below limit? */
bool hugefits(uintptr_t p, uintptr_t limit);

/* Of the arenas of all pools: those of xalloc, those mapped by the page. */
extern Bounds arenabounds[2];

/* arenaback.c: what was mapped behind r, up to there, is on its way. */
void arenagoes(Pool *pool, Region *r, Page *pages, uintptr_t end);

/* Can r go as a whole? For the last part of a range the place may be taken. */
bool arenacango(const Pool *pool, const Region *r);

/*
 * Give back an arena with nothing in it. The addresses of a part that was cut
 * off belong to the part below again; those of the lowest part go back when
 * there is no other.
 */
void arenago(Pool *pool, Region *r);

/*
 * All CPUs have been told since pool->epoch became epoch: what was unmapped
 * before is free.
 */
void arenasettle(Pool *pool, size_t epoch);

/* Give back all holes that can be, and empty arenas; true if there were any. */
bool arenacompact(Pool *pool);

/* pool.c: the pools' calls, with the name or the pc to be reported. */
void *poolallocalignfor(Pool *pool, const Want *w, uintptr_t pc);
void *poolreallocfor(Pool *pool, void *p, size_t size, uintptr_t pc);
size_t poolmsizefor(const char *func, Pool *pool, void *p);

/* This CPU's magazine of the class. */
static inline Magazine *
magazine(enum kind kind, unsigned class)
{
	return &thiscpu()->pool.magazines[kind - KMAIN][class];
}

/* Anyone may read how many blocks wait; who has the magazine writes it. */
static inline uint32_t
magazinen(const Magazine *m)
{
	return __atomic_load_n(&m->n, __ATOMIC_RELAXED);
}

static inline void
magazinesetn(Magazine *m, uint32_t n)
{
	__atomic_store_n(&m->n, n, __ATOMIC_RELAXED);
}

/* Who has all magazines of the pool's, or made this one, opens or closes it. */
static inline void
magazinelimit(Magazine *m, uint32_t limit)
{
	__atomic_store_n(&m->limit, limit, __ATOMIC_RELEASE);
}

/* The n blocks that have waited longest go back to their slabs. */
static inline void
magazinedrain(Pool *pool, Magazine *m, unsigned class, unsigned n)
{
	uint32_t rest = magazinen(m) - n;

	slabput(pool, class, m->block, n);
	memmove(m->block, m->block + n, rest * sizeof m->block[0]);
	magazinesetn(m, rest);
	m->was = rest;
}

/*
 * p, freed, whose key is key, waits in m, which has room: among the last ones,
 * at a place that depends on the keys of all that came before.
 */
static inline void
magazinepush(Magazine *m, uint32_t n, void *p, uint64_t key)
{
	uint64_t chance = m->chance + key;
	uint32_t back = (uint32_t)(chance >> (64 - MIXBITS));
	uint32_t at = n - (back > n ? 0 : back);

	void **block = m->block;

	m->chance = chance;
	block[n] = block[at];
	block[at] = p;
	magazinesetn(m, n + 1); /* drain: put */
}

/* This CPU says busy; how many blocks its m may hold, 0 if it is closed. */
static inline uint32_t
magazineenter(Poolcpu *cpu, const Magazine *m)
{
	__atomic_store_n(&cpu->busy, 1, __ATOMIC_RELAXED); /* drain: busy */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	return __atomic_load_n(&m->limit, __ATOMIC_ACQUIRE); /* drain: look */
}

static inline void
magazineleave(Poolcpu *cpu)
{
	__atomic_store_n(&cpu->busy, 0, __ATOMIC_RELEASE); /* drain: leave */
}

/* The block that waits uppermost in this CPU's m, or NULL. */
static inline void *
magazinepop(Poolcpu *cpu, Magazine *m)
{
	uint32_t limit = magazineenter(cpu, m);
	uint32_t n = magazinen(m) - 1;
	void *p = NULL;

	if (n < limit) {
		p = m->block[n];
		magazinesetn(m, n); /* drain: take */
	}
	magazineleave(cpu);
	return p;
}

static inline unsigned
classof(size_t size)
{
	size_t i = (size + SLOTEXTRA + GRAIN - 1) / GRAIN;

	return __atomic_load_n(&classes[i], __ATOMIC_RELAXED);
}

#endif
