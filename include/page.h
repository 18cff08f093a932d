/*
 * page.h - the page allocator: 4 KiB pages of RAM, counted references, and
 * the whole 2 MiB and 1 GiB pages they are cut from.
 *
 * It serves the user share of conf.mem[]: of each bank, what lies above the
 * kernel's part. Per page it keeps 32 bytes (the Page) and one byte (the byte
 * map), in memory that it sets aside from the same share and maps 2 MiB of
 * RAM at a time, as pages are first used. Nothing is done per page before.
 *
 * Any CPU may call anything here at any time; but a Page's own fields belong
 * to whoever holds it. Misuse (a page freed twice, never handed out, still
 * shared) panics with the page and what is wrong.
 */
#ifndef PAGE_H
#define PAGE_H

#include "types.h"
#include "hooks.h"

typedef struct Image Image;
typedef struct Node Node;
typedef struct Pagecpu Pagecpu;
typedef struct Pagestats Pagestats;
typedef struct Nodestats Nodestats;

enum clear { NOCLEAR, CLEAR };

enum {
	PAGEREFBITS = 27,   /* references */
	PAGEHELDBITS = 28,  /* and the bit SPECIAL */
	PAGEIMAGEBITS = 24, /* the number of its image */
	PAGEREFMAX = (1 << PAGEREFBITS) - 1,
	PAGEIMAGEMAX = (1 << PAGEIMAGEBITS) - 1,
};

/*
 * What is known about one 4 KiB page. Read and written by functions: all that
 * handing out a page has to write is one word, and none has to be read.
 */
struct Page {
	uint64_t held;  /* low: references, SPECIAL; high: user page number */
	uint64_t frame; /* low: image; high: physical page number */
	Page *next;
	uint64_t daddr; /* where in its image, or on disk */
};
_Static_assert(sizeof(struct Page) == 32, "a Page is 32 bytes");

struct Pagestats {
	size_t npages;      /* that the allocator can hand out, in all */
	size_t nfree;       /* of them, handed out to nobody */
	size_t nquarantine; /* that did not hold what was written to them */
	size_t nchunks;     /* 2 MiB chunks opened (probed, described) so far */
	size_t nmeta;       /* pages set aside to describe the others */
	size_t nmetaused;   /* of them, in use */
	size_t nfailed;     /* times that newpage had none to give */
	size_t nreclaimed;  /* cached pages that were given up before that */
	size_t nleast;      /* fewest that were free, those waiting at CPUs not
			       counted */
	uint64_t longest;   /* ticks() that the lock was held at once */
	uint64_t held;      /* and in all; 0 if there is no clock */
};

/* The same of one node. */
struct Nodestats {
	size_t npages;
	size_t nfree;    /* without those that wait at CPUs of other nodes */
	size_t nwaiting; /* of them, at CPUs of its own */
	size_t nchunks;
};

/*
 * preallocpages finds room for the Page array and the byte map of all banks:
 * address space only. Between xinit and pageinit, once. Panics when there is
 * not even memory to describe itself.
 */
void preallocpages(void);

/* Pages can be had from here on; xalloc closes. */
void pageinit(void);

/*
 * Clear what processes have in memory: the pages that were handed out for a
 * user address, free ones too if that was their last. For whoever is about to
 * switch the machine off; without a lock, the other CPUs being out of the way.
 */
void pagewipe(void);

/*
 * The end, for those who only borrowed the memory: unmap and give back the
 * Page array and the byte map, whatever is still handed out.
 */
void pagefini(void);

/*
 * A page with one reference, for user address va (0 if it has none), all
 * zero if asked; its daddr is 0, its next NULL. When memory is short, cached
 * image pages are given up first. NULL when every page is taken. Undo with
 * putpage.
 */
Page *newpage(enum clear clear, uintptr_t va);

/* Drop one reference; the last one frees the page. */
void putpage(Page *pg);

/* One more reference; putpage undoes it. Returns pg. */
Page *pageref(Page *pg);

/*
 * Free a chain of pages linked by pagesetnext, ending in NULL, whose only
 * references are the caller's. Chained pages shared with others panic.
 */
void freepages(Page *chain);

/* Make to's contents those of from; or all zero. */
void copypage(Page *from, Page *to);
void zeropage(Page *pg);

/*
 * A page of 2 MiB or 1 GiB, aligned to its size, with one reference; the Page
 * is that of its first 4 KiB. NULL if no whole one is left: pages that are
 * taken or bad are not moved out of the way. puthugepage drops a reference;
 * putpage does not take these.
 */
Page *newhugepage(size_t size, enum clear clear, uintptr_t va);
void puthugepage(Page *pg);

/*
 * npages pages side by side, at a multiple of align (a power of two), all below
 * this address (NOADDR: anywhere; in the highest bank first, or what came
 * later), and in one node, the nearest that has such a run. The first is
 * returned, the Page of each follows the one before, and each has a reference
 * of its own. NULL if there is no such run of free pages: none is moved out of
 * the way, and none lies across the end of what kaddr reaches. putpagerun drops
 * a reference of each, putpage of one.
 */
Page *newpagerun(size_t npages, size_t align, paddr_t below);
void putpagerun(Page *pg, size_t npages);

/*
 * Free pages leave for good: those from pa on, for other use, or the one at pa,
 * because it has gone bad. NULL, or why not: nothing has changed then. Opens
 * chunks until those of the pages are; it may have no memory for their tables.
 */
const char *pageremove(paddr_t pa, size_t npages);
const char *pageretire(paddr_t pa);

/*
 * RAM becomes pages: what pageremove took out; or what is free in the memmap,
 * where it is allocated then, and no 2 MiB of it are shared with what pages
 * knew before. It is probed when it is first used, or at once if it comes back;
 * a few pages of it describe it, and map what does.
 * NULL, or why not: nothing has changed then. Not for good if all places for
 * ranges that come are taken, which are as many as NLATER in mm/page/palloc.h.
 */
const char *pageadd(paddr_t pa, size_t npages);

/*
 * A CPU that runs no more, whose Percpu this is, gives back what waits at it.
 * It may come again.
 */
void pagecpugone(Percpu *gone);

/*
 * A CPU is in that node (nodes.h): before it has had any page, or by itself.
 * It is in node 0 if nobody says. newpage takes pages of a CPU's own node, or
 * of the nearest that has any; of the nearest always, if its own has no RAM.
 * Freed, a page is the next for a CPU of its own node.
 */
void pagenode(Percpu *cpu, uint32_t node);

/* The size of pg in bytes: 4 KiB, 2 MiB or 1 GiB. */
size_t pagesize(const Page *pg);

/* The page of a physical address, or NULL if pages do not live there (yet). */
Page *papage(paddr_t pa);

/*
 * How many pages could be had, a moment ago; it counts those waiting at any
 * CPU. Exact when no other CPU is at it.
 */
size_t pagesfree(void);
void pagestats(Pagestats *st);
void nodestats(uint32_t node, Nodestats *st);

/*
 * Would whoever takes or frees pages now wait for another, maybe for ever? For
 * those who go on after a panic, wherever that was.
 */
bool pagesbusy(void);

/*
 * Forget how few were free, for who took them only to look at them: so many, or
 * what there is now if pages have gone bad meanwhile.
 */
void pagesetleast(size_t nleast);

/*
 * Print "mem9: palloc pages=… free=… pagestruct=… chunks=… quarantined=…": the
 * last are all pages that are bad, those that the kernel's share or already
 * the memmap keeps too.
 */
void pallocprint(void);

/*
 * While on, no page waits at a CPU, and freed pages are filled with a pattern:
 * a page that no longer holds it when handed out again panics, naming who
 * freed it. Slow; on from the start in CHECK=1 builds.
 */
void pagepoison(bool on);

static inline paddr_t
pagepa(const Page *pg)
{
	uint64_t frame = __atomic_load_n(&pg->frame, __ATOMIC_RELAXED);

	return frame >> PAGEIMAGEBITS << PGSHIFT;
}

/*
 * Who holds one and sees that it is the only one finds all that was done to the
 * page by those who had the others.
 */
static inline unsigned
pagerefs(const Page *pg)
{
	return __atomic_load_n(&pg->held, __ATOMIC_ACQUIRE) & PAGEREFMAX;
}

/* The page's user address: 48 bits are kept, and those within a page are not.
 */
static inline uintptr_t
pageva(const Page *pg)
{
	uint64_t held = __atomic_load_n(&pg->held, __ATOMIC_RELAXED);

	return (uintptr_t)((int64_t)(held >> PAGEHELDBITS << PAGEHELDBITS) >>
			   (PAGEHELDBITS - PGSHIFT));
}

void pagesetva(Page *pg, uintptr_t va);

static inline uint64_t
pagedaddr(const Page *pg)
{
	return pg->daddr;
}

static inline void
pagesetdaddr(Page *pg, uint64_t daddr)
{
	pg->daddr = daddr;
}

/*
 * The chain a page is in, for its holder's use; NULL in a page just handed
 * out. A page in an image's cache is linked there, and not for others.
 */
static inline Page *
pagenext(const Page *pg)
{
	return pg->next;
}

static inline void
pagesetnext(Page *pg, Page *next)
{
	pg->next = next;
}

/*
 * A CPU's stock, the pages that wait at it, a part of its Percpu:
 * mm/page/pagecpu.c. All zero until that CPU's first page, but for node.
 */
enum { PAGECPUMAX = 1024, PAGECPUHUGE = 32, PAGECPUAWAY = 64 };

struct Pagecpu {
	_Alignas(64) uint32_t n; /* pages waiting */
	uint32_t limit;          /* it may hold so many; 0: closed to its CPU */
	uint32_t ncold; /* the first so many were never used, or long ago */
	uint32_t busy;  /* its own CPU is at it */
	Page *pages;    /* those of its home, */
	size_t plain;   /* of which it knows so many to be open */
	bool known;     /* linked among palloc's CPUs */
	uint32_t node;  /* it is in */
	Node *home;     /* the nearest with RAM: where small and huge are of */
	Pagecpu *next;
	Page *small[PAGECPUMAX];
	uint32_t naway; /* pages of other nodes waiting, */
	Node *source;   /* and of which of those it was given some last */
	Page *away[PAGECPUAWAY];
	uint32_t nhuge; /* whole 2 MiB pages waiting */
	Page *huge[PAGECPUHUGE];
};

#endif
