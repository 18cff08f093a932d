/*
 * palloc.h - what the files of the page allocator share, and nobody else.
 *
 *	pageinit.c  the start and the end, on top of all of these
 *	bank.c      which frames there are
 *	meta.c      memory for the tables that describe them
 *	chunk.c     2 MiB chunks: cut into pages, whole again
 *	open.c      the next chunk is opened: described, probed, listed
 *	pagecpu.c   the pages waiting at each CPU, its stock
 *	page.c      pages and their references
 *	tableframe.c  frames for page tables
 *	hugepage.c  whole chunks, and 512 of them in a row
 *	pagerun.c   frames chosen by address
 *	later.c     RAM that comes when all of this runs
 *	image.c     the pages kept of files, and reclaiming them
 *	wipe.c      what processes leave in them
 *	bytemap.c   frames by physical address; the check of it all
 *
 * Every 2 MiB of physical memory with frames of ours in it is a chunk and has
 * an index, ci: chunk word chunks[ci], 512 bytes of byte map, 512 Pages. They
 * ascend with addresses, but for RAM that came later, and are opened in that
 * order: all below nopen are open, the rest is untouched, and so are its
 * tables.
 *
 * If kaddr does not reach all of them, those it reaches are near. They come
 * last in the order, and are used last, as page tables can be nowhere else.
 */
#ifndef PALLOC_H
#define PALLOC_H

#include "page.h"
#include "../held.h"

typedef struct Chunk Chunk;
typedef struct Cut Cut;
typedef struct Later Later;
typedef struct Stretch Stretch;
typedef struct Bankpos Bankpos;
typedef struct Counts Counts;
typedef struct Survey Survey;
typedef struct Opening Opening;

enum {
	CHUNKSHIFT = 21,
	CHUNKPAGES = 1 << (CHUNKSHIFT - PGSHIFT),
	PAGESHIFT = 5,                      /* of sizeof(Page) */
	GROUPPAGES = 8,                     /* pages one bit of groups is for */
	PAGESPERPG = BY2PG / sizeof(Page),  /* Pages in a page of the array */
	GRANULES = CHUNKPAGES / PAGESPERPG, /* pages of it for a chunk */
	BYTECHUNKS = BY2PG / CHUNKPAGES,    /* chunks in a page of byte map */
	CHUNKSPERPG = BY2PG / 32,           /* chunk words in a page */
	NFILL = 10,                         /* buckets by how full a chunk is */
	NBUCKET = 2 * NFILL, /* of far chunks, then of near ones */
	NOCHUNK = 0xffffffff,
	NLATER = 64,           /* ranges that may come */
	LATERCHUNKS = 1 << 16, /* chunks in them: 128 GiB */
};

/* Not whole; whole and listed so; handed out, or waiting, in one piece. */
enum chunkstate { CHUNKCUT, CHUNKWHOLE, CHUNKTAKEN };

/* One 2 MiB chunk, opened. */
struct Chunk {
	_Alignas(32) uint64_t groups; /* bit g: group g has a free frame */
	uint32_t next;                /* in its bucket, or NOCHUNK */
	uint32_t prev;
	uint32_t number; /* pa >> CHUNKSHIFT */
	uint16_t nfree;  /* frames free in the byte map, all of them if whole */
	uint8_t state;
	bool huge; /* its first Page says that it is a 2 MiB page */
};
_Static_assert(sizeof(Chunk) == 32, "a chunk word is 32 bytes");

/* Chunks side by side, and so are their indexes. */
struct Stretch {
	uint64_t number; /* of the first: pa >> CHUNKSHIFT */
	size_t ci;       /* of the first */
	size_t nchunks;
};

/* Frames in [pa, end) became page tables before they were pages. */
struct Cut {
	paddr_t pa;
	paddr_t end;
};

/* RAM that came when pages ran already: [pa, end), and for tables up to tend.
 */
struct Later {
	paddr_t pa;
	paddr_t end;
	paddr_t tend;
	Cut cut;
	Stretch stretch;
};

/* A place in the banks, then in what came later: from pa on, in the ith. */
struct Bankpos {
	size_t i;
	paddr_t pa;
};

/*
 * How many frames there are of each kind; conf.npage + nlater - npages are not
 * ours.
 */
struct Counts {
	size_t nfree;    /* of npages, in no stock and nobody's */
	size_t nleast;   /* the least that it was */
	size_t unopened; /* in chunks from nopen on */
	size_t npages;   /* ours to hand out */
	size_t nquarantine;
	size_t nmeta;     /* set aside for tables */
	size_t nmetaused; /* of them, taken (or found bad) */
	size_t nlater;    /* in ranges that came later */
	Bankpos meta;     /* the next of them */
};

struct Palloc {
	/* Read by all CPUs, without the lock; the first two grow. */
	size_t openpages;  /* of the Page array: what nopen covers */
	size_t plainpages; /* the same, or 0 while freeing takes more care */
	Page *pages;
	uint64_t *bytes; /* the byte map */
	Chunk *chunks;
	Stretch *stretches;
	size_t nstretches;
	size_t stretchsize; /* bytes mapped for stretches */
	size_t nreserved;   /* chunks the tables have addresses for */
	size_t nlater;      /* only ever more */
	Later later[NLATER];
	paddr_t metapa;   /* frames from here up describe the ones below */
	Cut cut;          /* of the banks */
	uint64_t nearend; /* chunks with lower numbers are near; 0: all are */
	paddr_t nopages;  /* a frame of zeros: Pages where there is no frame */

	/* There are no pages left: give up so many; how many that were. */
	size_t (*reclaim)(size_t npages);
	bool cachedidle; /* a cached page lost its last user, since asked */
	size_t nfailed;  /* times that newpage had none */

	/*
	 * When little is left, each page takes the lock, and what is written
	 * under it has to come from another CPU: one line, and what there is
	 * to write of the page's chunk. Who waits looks at the lock's alone.
	 */
	_Alignas(64) Lock lock;        /* of all that follows, and the tables */
	_Alignas(64) uint32_t buckets; /* bit i: bucket[i] is not empty */
	uint32_t ngather;              /* so many empty the stocks */
	bool shut;                     /* all are closed; */
	bool emptied;                  /* and empty, as one has, since then */
	bool poison;
	bool lost;        /* chunks behind nchunks have indexes of no use */
	uint32_t opening; /* someone opens chunk nopen, without the lock */
	Held held;        /* how long the lock was held */
	Counts count;
	uint32_t bucket[NBUCKET]; /* by 2^i to 2^(i+1)-1 free, and nearness */
	size_t nchunks;           /* that there are, or that can be described */
	size_t nopen;
	size_t surveyed; /* frames in all chunks, by what the banks say */
	Pagecpu *opener; /* who is opening a chunk, */
	Opening *opened; /* and that chunk, whose frames may still be had */
	size_t stretch;  /* that of the next chunk to open, or before it */
	Pagecpu *cpus;
	size_t ncpus;
};

extern struct Palloc palloc;
_Static_assert(sizeof(Page) == 1 << PAGESHIFT, "a Page is 32 bytes");

/* Take palloc.lock; let it go. */
static inline void
pageslock(void)
{
	lock(&palloc.lock);
	heldnow(&palloc.held);
}

static inline void
pagesunlock(void)
{
	heldnomore(&palloc.held);
	unlock(&palloc.lock);
}

/* What there is, counted over the banks below metapa. */
struct Survey {
	size_t frames;
	size_t granules;
	size_t nstretches;
	size_t nchunks;
	uint64_t end; /* the number of the chunk after the last one met */
};

/* bank.c: where near chunks end; before anything else is counted. */
void nearinit(void);

/* bank.c: count everything; write the stretches if they have a place. */
Survey survey(void);

/* bank.c: the frames of bank i that belong to pages or tables. */
paddr_t userbase(size_t i);
paddr_t userend(size_t i);

/* bank.c */
size_t userframes(paddr_t pa, paddr_t end, uint8_t *bytes);
bool isuserframe(paddr_t pa);
size_t framesgone(paddr_t pa);
size_t chunkat(paddr_t pa);
size_t describe(paddr_t pa, uint8_t *bytes);

/*
 * A chunk on its way from unopened to open, and what that costs of the frames
 * for tables: counted in palloc when it is done.
 */
struct Opening {
	size_t ci;
	paddr_t pa;
	size_t npages; /* by what the banks say */
	Bankpos meta;  /* the next frame for tables */
	size_t nused;  /* of those, taken, or found bad */
	size_t nbad;
	size_t nown; /* of the chunk itself */
	uint8_t bytes[CHUNKPAGES];
};

/* meta.c */
void metainit(void);
void metafini(void);
void metacommit(const Opening *o);
enum mapped { MAPPED, NOMAP, NOFRAME };
enum mapped mapchunk(Opening *o);

/* What the daddr of a Page is after pageremove. */
#define REMOVED UINT64_MAX

/* chunk.c: all with palloc.lock held. */
size_t chunktake(Page **pages, size_t want);
void chunkgive(Page *const *pages, size_t npages);
size_t chunktakewhole(Page **pages, size_t want);
bool chunktakeat(size_t ci, size_t i, size_t n);
Page *chunktakenear(void);
void chunksettaken(Chunk *c);
void chunksetwhole(Chunk *c);

/* Groups, nfree and state by what the chunk's bytes say; it is listed. */
void chunklist(Chunk *c, const uint8_t *bytes);

/* open.c: chunkopen without palloc.lock, setopenpages with it. */
bool chunkopen(void);
void setopenpages(void);

/* image.c */
void imageinit(void);
void imagefini(void);

/* pagecpu.c */
Page *pagecputake(void);
void pagecpuput(Page *pg);
Page *pagecputakehuge(void);
void pagecpuputhuge(Page *pg);
bool pagecpuwaiting(void);
void pagecpugather(void);
void pagecpureopen(void);

/* Say busy, and return how many pages the stock may hold; 0 if closed. */
static inline uint32_t
pagecpuenter(Pagecpu *cpu)
{
	__atomic_store_n(&cpu->busy, 1, __ATOMIC_RELAXED); /* drain: busy */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	return __atomic_load_n(&cpu->limit, __ATOMIC_ACQUIRE); /* drain: look */
}

static inline void
pagecpuleave(Pagecpu *cpu)
{
	__atomic_store_n(&cpu->busy, 0, __ATOMIC_RELEASE); /* drain: leave */
}

/* Anyone may ask; it changes with palloc.lock held. */
static inline bool
pagespoisoned(void)
{
	return __atomic_load_n(&palloc.poison, __ATOMIC_RELAXED);
}

/* Anyone may read these, to count; who has the stock writes them. */
static inline uint32_t
pagecpun(const Pagecpu *cpu)
{
	return __atomic_load_n(&cpu->n, __ATOMIC_RELAXED);
}

static inline void
pagecpusetn(Pagecpu *cpu, uint32_t n)
{
	__atomic_store_n(&cpu->n, n, __ATOMIC_RELAXED);
}

static inline uint32_t
pagecpunhuge(const Pagecpu *cpu)
{
	return __atomic_load_n(&cpu->nhuge, __ATOMIC_RELAXED);
}

static inline void
pagecpusetnhuge(Pagecpu *cpu, uint32_t n)
{
	__atomic_store_n(&cpu->nhuge, n, __ATOMIC_RELAXED);
}

/* page.c */
_Noreturn void pagemisuse(const char *func, const Page *pg);
void pagecheckfree(Page *pg);

/* The parts of a Page's held; what newpage makes of a user address. */
#define SPECIAL                                                                \
	(1ull << PAGEREFBITS) /* in a cache, or huge; free: poisoned           \
			       */
#define HELD ((1ull << PAGEHELDBITS) - 1)
#define VATOHELD(va) ((uint64_t)(va) >> PGSHIFT << PAGEHELDBITS)

/* Images that are none: the first Pages of 2 MiB and of 1 GiB. */
enum { HUGEIMAGE = PAGEIMAGEMAX - 1, GIGAIMAGE = PAGEIMAGEMAX };

/* Kept out of the functions whose common path must be short. */
#define SLOWPATH __attribute__((noinline, cold))

static inline unsigned
pageimageid(const Page *pg)
{
	return (unsigned)(__atomic_load_n(&pg->frame, __ATOMIC_ACQUIRE) &
			  PAGEIMAGEMAX);
}

/*
 * Others may look at frame while its image changes: who sees the number sees
 * whose it is.
 */
static inline void
setimageid(Page *pg, uint64_t id)
{
	__atomic_store_n(&pg->frame, (pg->frame & ~(uint64_t)PAGEIMAGEMAX) | id,
	    __ATOMIC_RELEASE);
}

static inline bool
ishuge(const Page *pg)
{
	return pageimageid(pg) >= HUGEIMAGE;
}

/* pg's number in the Page array; a huge one if it points between two. */
static inline size_t
pagenumber(const Page *pg)
{
	uintptr_t off = (uintptr_t)pg - (uintptr_t)palloc.pages;

	return off >> PAGESHIFT | off << (64 - PAGESHIFT);
}

/* Is pg a Page, of a chunk that was opened? */
static inline bool
ispage(const Page *pg)
{
	return pagenumber(pg) <
	       __atomic_load_n(&palloc.openpages, __ATOMIC_ACQUIRE);
}

/* How many chunks are open: only ever more. */
static inline size_t
chunksopen(void)
{
	return __atomic_load_n(&palloc.openpages, __ATOMIC_ACQUIRE) /
	       CHUNKPAGES;
}

/* How many ranges came later; and all stretches, those of the banks first. */
static inline size_t
latercount(void)
{
	return __atomic_load_n(&palloc.nlater, __ATOMIC_ACQUIRE);
}

static inline size_t
stretchcount(void)
{
	return palloc.nstretches + latercount();
}

static inline const Stretch *
stretchat(size_t i)
{
	return i < palloc.nstretches
		   ? &palloc.stretches[i]
		   : &palloc.later[i - palloc.nstretches].stretch;
}

/* The Page of the frame at pa, which lies in an open chunk. */
static inline Page *
frameat(paddr_t pa)
{
	return &palloc.pages[chunkat(pa) * CHUNKPAGES +
			     (size_t)(pa >> PGSHIFT) % CHUNKPAGES];
}

static inline size_t
chunkof(const Page *pg)
{
	return (size_t)(pg - palloc.pages) / CHUNKPAGES;
}

static inline uint8_t *
pagebyte(const Page *pg)
{
	return (uint8_t *)palloc.bytes + (pg - palloc.pages);
}

static inline uint8_t *
chunkbytes(size_t ci)
{
	return (uint8_t *)palloc.bytes + ci * CHUNKPAGES;
}

#endif
