/*
 * palloc.h - what the files of the page allocator share, and nobody else.
 *
 *	nodes.c     which RAM is near which CPUs
 *	pageinit.c  the start and the end, on top of all of these
 *	bank.c      which frames there are
 *	meta.c      memory for the tables that describe them
 *	chunk.c     2 MiB chunks: cut into pages, whole again
 *	open.c      the next chunk is opened: described, probed, listed
 *	stock.h     the pages waiting at each CPU, its stock,
 *	pagecpu.c   and when it is filled;
 *	gather.c    how all are emptied
 *	hunt.c      where a page comes from if there is none
 *	page.c      pages and their references
 *	tableframe.c  frames for page tables
 *	hugepage.c  whole chunks, and 512 of them in a row
 *	pagerun.c   frames chosen by address
 *	later.c     RAM that comes when all of this runs
 *	image.c     the pages kept of files
 *	reclaim.c   and given up
 *	wipe.c      what processes leave in them
 *	bytemap.c   frames by physical address; the check of it all
 *	where.h     from a frame, a Page, a chunk and a node to one another
 *
 * Every 2 MiB of physical memory with frames of ours in it is a chunk and has
 * an index, ci: chunk word chunks[ci], 512 bytes of byte map, 512 Pages. They
 * ascend with addresses, but for RAM that came later, and are opened in that
 * order: the first nopen are open, the rest is untouched, and so are its
 * tables.
 *
 * That is so for each node's: a chunk has one node, and those of a node have
 * indexes of their own, with room for what comes later.
 *
 *	node 0 [open|...      |later    ) node 1 [open|...  |later    )
 *	      first                             first
 *
 * If kaddr does not reach all of them, those it reaches are near. They come
 * last in a node's order, and are used last, after the far ones of all nodes,
 * as page tables can be nowhere else.
 */
#ifndef PALLOC_H
#define PALLOC_H

#include "nodes.h"
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
	WHOLEFILL = NFILL - 1,
	WHOLEBUCKETS = 1 << WHOLEFILL | 1 << (NFILL + WHOLEFILL),
	FARBUCKETS = (1 << NFILL) - 1,
	ALLBUCKETS = (1 << NBUCKET) - 1,
	NOCHUNK = 0xffffffff,
	TABLESPARE = 8,        /* frames that no stock gets, for page tables */
	NLATER = 64,           /* ranges that may come */
	LATERCHUNKS = 1 << 16, /* chunks in those of a node: 128 GiB */
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
	uint8_t node;
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

/* A node: its chunks have indexes from first on. */
struct Node {
	/* Read by all CPUs, without the lock. */
	_Alignas(64) size_t openpages; /* Pages of what is open; only more */
	size_t first;
	size_t nreserved;         /* chunks the tables have addresses for */
	uint8_t order[MOSTNODES]; /* all nodes, from here; itself first */

	_Alignas(64) uint32_t buckets; /* bit i: bucket[i] is not empty */
	uint32_t bucket[NBUCKET];      /* by 2^i to 2^(i+1)-1 free, and nearness
					*/
	size_t nchunks;                /* that there are, or can be described */
	size_t nfar;                   /* of those in banks, before near ones */
	size_t nopen;
	size_t stretch; /* that of the next chunk to open, or before it */
	size_t nfree;   /* as in Counts; read by anyone */
	size_t npages;
	size_t unopened;
	Cut cut; /* of its part of the banks */
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
	/* Read by all CPUs, without the lock. */
	Page *pages;
	uint64_t *bytes; /* the byte map */
	Chunk *chunks;
	Stretch *stretches;
	size_t nstretches;
	size_t stretchsize; /* bytes mapped for stretches */
	size_t nreserved;   /* chunks the tables have addresses for */
	size_t nnodes;
	size_t nlater; /* only ever more */
	Later later[NLATER];
	paddr_t metapa;   /* frames from here up describe the ones below */
	uint64_t nearend; /* chunks with lower numbers are near; 0: all are */
	paddr_t nopages;  /* a frame of zeros: Pages where there is no frame */

	/* There are no pages left: give up so many; how many that were. */
	size_t (*reclaim)(size_t npages);
	bool cachedidle;   /* a cached page lost its last user, since asked */
	size_t ngiven;     /* cached pages that were given up */
	size_t nreclaimed; /* of them, because newpage had none */
	bool dry;          /* nothing is free, and nothing waits */

	_Alignas(64) size_t nfailed; /* times that newpage had none */

	/*
	 * When next to nothing is left, each page takes the lock, and what is
	 * written under it has to come from another CPU: one line, and what
	 * there is to write of the page's chunk. Who waits looks at the lock's
	 * alone.
	 */
	_Alignas(64) Lock lock;        /* of all that follows, and the tables */
	_Alignas(64) uint32_t ngather; /* so many empty the stocks */
	uint32_t room; /* pages that each may hold; 0: they are shut */
	bool emptied;  /* and empty, as one has emptied them since then */
	bool stuck;    /* no chunk can be opened, as one found who gathers */
	bool poison;
	bool lost;        /* chunks behind nchunks have indexes of no use */
	uint32_t opening; /* someone opens chunk openci, without the lock */
	Held held;        /* how long the lock was held */
	Counts count;
	size_t plenty;   /* with so much free there is room for more */
	size_t nopen;    /* chunks, of all nodes */
	size_t surveyed; /* frames in all chunks, by what the banks say */
	size_t openci;
	Pagecpu *opener; /* who is opening a chunk, */
	Opening *opened; /* and that chunk, whose frames may still be had */
	Pagecpu *cpus;
	size_t ncpus;
	Node node[MOSTNODES];
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
	size_t framesof[MOSTNODES];
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
	Node *node;
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

/* chunk.c: all with palloc.lock held; from those of a node's buckets. */
size_t chunktake(Node *n, uint32_t buckets, Page **pages, size_t want);
void chunkgive(Page *const *pages, size_t npages);
size_t chunktakewhole(Node *n, uint32_t buckets, Page **pages, size_t want);
bool chunktakeat(size_t ci, size_t i, size_t n);
Page *chunktakenear(const uint8_t *order);
void chunksettaken(Chunk *c);
void chunksetwhole(Chunk *c);

/* Groups, nfree and state by what the chunk's bytes say; it is listed. */
void chunklist(Chunk *c, const uint8_t *bytes);

/* open.c: without palloc.lock. */
bool chunkopen(Node *n);
bool chunksopento(size_t ci);

/* image.c */
void imageinit(void);
void imagefini(void);

/* hunt.c: with palloc.lock held, but for hunt, which holds none. */
typedef struct Hunt Hunt;
typedef struct Source Source;

/* What one who has not found a free page has tried, and can try next. */
struct Hunt {
	enum { GIVEUP, AWAIT, STOPPED, OPEN, GATHER } next;
	Node *open;    /* whose next chunk is to be opened, or NULL */
	bool stuck;    /* no chunk can be opened */
	bool gathered; /* for whole chunks: once is enough */
};

/* Buckets of a node to take from; or NULL. */
struct Source {
	Node *node;
	uint32_t buckets;
};

Source source(const Pagecpu *cpu, uint32_t wanted, Hunt *h);
void hunted(Hunt *h, const Pagecpu *cpu, bool whole);
bool hunt(Hunt *h);

/* pagecpu.c */
Page *pagecputake(void);
void pagecpuput(Page *pg);
Page *pagecputakehuge(void);
void pagecpuputhuge(Page *pg);

/* gather.c: those of one CPU with palloc.lock held. */
void pagecpumeet(Pagecpu *cpu);
void pagecpugivehuge(Pagecpu *cpu, uint32_t n);
void pagecpuresume(void);
bool pagecpucouldhave(size_t npages);
size_t pagecpuspare(void);
const uint8_t *nodesfromhere(void);
void pagecpugather(void);
void pagecpugatherfor(size_t npages);
void pagecpugatherers(int more);
void pagecpuwiden(void);

/* Anyone may ask; it changes with palloc.lock held. */
static inline bool
pagespoisoned(void)
{
	return __atomic_load_n(&palloc.poison, __ATOMIC_RELAXED);
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

/* How many frames of a node are free, and ours: with palloc.lock held. */
static inline void
countfree(Node *n, size_t more)
{
	if (palloc.dry)
		__atomic_store_n(&palloc.dry, false, __ATOMIC_RELEASE);
	palloc.count.nfree += more;
	__atomic_store_n(&n->nfree, n->nfree + more, __ATOMIC_RELAXED);
}

static inline void
countunopened(Node *n, size_t more)
{
	palloc.count.unopened += more;
	n->unopened += more;
}

static inline void
countpages(Node *n, size_t more)
{
	palloc.count.npages += more;
	n->npages += more;
}

#endif
