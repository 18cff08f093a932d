/*
 * proc.h - a process's memory: its segments, its page tables, its faults.
 *
 * What is called with a Proc is called by that process itself, or by whoever
 * makes it or ends it. Its space is entered by one CPU at a time, which drops
 * what it kept of it then (spaceenter).
 *
 * Locks, outer ones first: a Segment's (QLock), the list of images (QLock);
 * that of all places (proc/places.c), a space's, an image's; then mm/'s own. No
 * two Segments' at once.
 */
#ifndef PROC_H
#define PROC_H

#include "segment.h"
#include "mmu.h"

/* Stack, text, data, bss, and others. */
enum { SSEG, TSEG, DSEG, BSEG, SEG1, SEG2, SEG3, SEG4, NSEG };

/*
 * Segments end here at the latest: the page that is left is never mapped, as
 * after a SYSCALL at its end there would be no address to return to.
 */
#define USTKTOP (UTOP - BY2PG)

struct Proc {
	Segment *seg[NSEG]; /* changed by setseg and clearseg alone */
	Seguse use[NSEG];   /* in its segments' lists */
	Space space;
	Lock spacelock;
	Tablepages tables; /* of its half; its list is empty between calls */
	bool privatemem;   /* what it alone has is cleared when it ends */
};

enum access { FAULTREAD, FAULTWRITE, FAULTEXEC };

/*
 * p has an empty space: -1 if there is no page for its first tables. When no
 * CPU is in it any more, procmemfree gives all of it back, segments too.
 */
int procmeminit(Proc *p);
void procmemfree(Proc *p);

/*
 * Give child, whose memory is empty, what p has, by dupseg: NULL, or why not,
 * and it has nothing then.
 */
const char *procmemdup(Proc *child, Proc *p, enum dup how);

/*
 * s, whose reference p takes over then, is its nth segment, and there was none:
 * NULL, or Esoverlap. It is no more, and nothing that was mapped of it.
 */
const char *setseg(Proc *p, int n, Segment *s);
void clearseg(Proc *p, int n);

/*
 * The segment of p that va is in; one that has an address of [va, va + size):
 * or NULL.
 */
Segment *seg(const Proc *p, uintptr_t va);
Segment *isoverlap(const Proc *p, uintptr_t va, size_t size);

/*
 * Map the page of va for that access, having made, read or copied it if need
 * be. NULL, or why not, and nothing has changed then: Ebadarg, if p may not do
 * that there; Enomem; Eioload.
 */
const char *fault(Proc *p, uintptr_t va, enum access access);

/*
 * May p do that with size bytes at va? If so, a fault there fails for want of
 * memory or of its file alone. validaddr returns NULL or Ebadarg.
 */
bool okaddr(const Proc *p, uintptr_t va, size_t size, enum access access);
const char *validaddr(
    const Proc *p, uintptr_t va, size_t size, enum access access);

/*
 * p's nth segment, SG_BSS or SG_SHARED, ends with the page before addr from now
 * on: NULL, or why not, and nothing has changed then. What is cut off is gone,
 * what is added is zero. While others use it, it cannot shrink, nor grow over
 * what they have.
 */
const char *ibrk(Proc *p, uintptr_t addr, int n);

/*
 * p has a device's memory from va on: NULL, or why not. And no more what has
 * been attached so, wherever va is in it: NULL or Ebadarg.
 */
const char *segattach(Proc *p, const Physseg *ps, uintptr_t va);
const char *segdetach(Proc *p, uintptr_t va);

/* Clear the pages that nobody but p has. */
void zeroprivatepages(Proc *p);

/*
 * Panic unless what is mapped of p's segments are their pages, for those who
 * may use them as they may. O(pages). Nobody else is at those segments.
 */
void procmemcheck(Proc *p);

#endif
