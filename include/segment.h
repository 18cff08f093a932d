/*
 * segment.h - segments: ranges of addresses of processes, and what is there.
 *
 *	Proc --seg[n]--> Segment --map[i]--> Pte --pages[j]--> Page
 *
 * A segment is one process's, or shared by several. What has been copied (a
 * fork) shares its Ptes, and then its pages, until one side writes there. A
 * page comes when it is first touched: proc.h.
 */
#ifndef SEGMENT_H
#define SEGMENT_H

#include "page.h"
#include "qlock.h"

typedef struct Chan Chan;
typedef struct Filepart Filepart;
typedef struct Physseg Physseg;
typedef struct Proc Proc;
typedef struct Program Program;
typedef struct Pte Pte;
typedef struct Segment Segment;
typedef struct Seguse Seguse;

/*
 * What each begins as, and what a copy of it is:
 *
 *	SG_TEXT		pages of a file, run and never written	the same one
 *	SG_DATA		pages of a file, then zeros		a copy
 *	SG_BSS		zeros					a copy
 *	SG_STACK	zeros, and is never shared		a copy
 *	SG_SHARED	zeros					the same one
 *	SG_PHYSICAL	a device's memory			the same one
 */
enum segtype { SG_TEXT, SG_DATA, SG_BSS, SG_STACK, SG_SHARED, SG_PHYSICAL };

enum {
	PTEPERTAB = 256,    /* pages of a Pte */
	SSEGMAPSIZE = 16,   /* Ptes of a segment with no map apart */
	SEGMAPSIZE = 65536, /* Ptes of a segment, at most */
};
#define PTEMAPMEM (PTEPERTAB * BY2PG) /* bytes of a Pte */
#define SEGMAXPAGES ((size_t)SEGMAPSIZE * PTEPERTAB)

/* A file that is read: n bytes at off; how many were. From any CPU. */
struct Chan {
	const char *name;
	size_t (*read)(Chan *c, void *to, size_t n, uint64_t off);
};

/* len bytes of a file from start on, for a segment's start. */
struct Filepart {
	Chan *chan;
	uint64_t start;
	size_t len;
};

/* A device's memory: whole pages, and how it is cached (mem.h). */
struct Physseg {
	const char *name;
	paddr_t pa;
	size_t npages;
	pte_t memtype;
};

/*
 * Pages of a segment, or of several that were copied from each other. Only a
 * Pte with one reference changes.
 */
struct Pte {
	uint32_t ref;
	uint16_t first; /* no page is before pages[first], */
	uint16_t end;   /* and none from pages[end] on */
	Page *pages[PTEPERTAB];
};

/* A process whose tables may have pages of a segment. */
struct Seguse {
	Proc *proc;
	Seguse *next;
};

struct Segment {
	QLock lock;
	uint32_t ref;
	enum segtype type;
	uintptr_t base;
	uintptr_t top; /* first address past it */
	Seguse *users;
	Filepart file;       /* SG_TEXT, SG_DATA */
	Program *image;      /* that has the file's pages */
	const Physseg *pseg; /* SG_PHYSICAL */
	size_t mapsize;
	Pte **map;
	Pte *ssegmap[SSEGMAPSIZE];
};

/* What a type is called. */
const char *segname(enum segtype type);

/* Why not: what functions of segment.h and proc.h return instead of NULL. */
extern const char Enomem[];    /* no page, or no memory of the pools */
extern const char Ebadarg[];   /* no such address, or not for that */
extern const char Enovmem[];   /* beyond what a segment can be */
extern const char Esoverlap[]; /* another segment is there */
extern const char Einuse[];    /* others use the segment */
extern const char Eioload[];   /* its file cannot be read */

/*
 * A segment with one reference, of npages pages from base on, none of them
 * there. Panics unless that is in user space and at most SEGMAXPAGES. NULL if
 * there is no memory. Undo with putseg.
 */
Segment *newseg(enum segtype type, uintptr_t base, size_t npages);

/* One for all of a device's memory. */
Segment *newphysseg(const Physseg *ps, uintptr_t base);

/*
 * Programs may attach it by its name from now on, in place of another one of
 * that name. Panics unless it is whole pages. The one of a name, or NULL.
 */
void addphysseg(const Physseg *ps);
const Physseg *findphysseg(const char *name);

/*
 * One that begins as part of a file: SG_TEXT, the one that others run already
 * if it is the same part at the same place, or SG_DATA. The Chan is in use
 * until putimages() has closed its image.
 */
Segment *attachimage(
    enum segtype type, const Filepart *file, uintptr_t base, size_t npages);

/*
 * Drop a reference; with the last one all of it goes. No space uses it then.
 */
void putseg(Segment *s);

/*
 * What a fork gives the child for s: s itself with another reference, or a copy
 * on write. Whatever may be written is unmapped wherever s is used. NULL if
 * there is no memory.
 */
enum dup { COPYSEG, SHARESEG };
Segment *dupseg(Segment *s, enum dup how);

/*
 * Put pg, whose reference the segment takes over, at its user address, where
 * no page is yet. -1 if there is no memory: pg is still the caller's.
 */
int segpage(Segment *s, Page *pg);

/* How many pages are there, shared ones too. */
size_t mcountseg(Segment *s);

/*
 * With s locked: free npages pages from va on. -1 if there is no memory for
 * what others share with it; all are there still then.
 */
int mfreeseg(Segment *s, uintptr_t va, size_t npages);

/*
 * Close the images that no segment uses, with all that is cached of them. How
 * many that were. One of which nothing is cached closes with its last segment.
 */
size_t putimages(void);

#endif
