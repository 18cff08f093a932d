/*
 * segs.h - what the files of proc/ do with a segment that is locked, beside
 * what segment.h has.
 */
#ifndef SEGS_H
#define SEGS_H

#include "segment.h"

static inline uint32_t
segrefs(const Segment *s)
{
	return __atomic_load_n(&s->ref, __ATOMIC_ACQUIRE);
}

/* Those who share a segment see it grow without its lock; base is for good. */
static inline uintptr_t
segtop(const Segment *s)
{
	return __atomic_load_n(&s->top, __ATOMIC_RELAXED);
}

static inline void
segsettop(Segment *s, uintptr_t top)
{
	__atomic_store_n(&s->top, top, __ATOMIC_RELAXED);
}

/* The page at va, or NULL; and does nobody else have it, by whatever means? */
Page *segpeek(const Segment *s, uintptr_t va);
bool segalone(const Segment *s, uintptr_t va);

/*
 * pg, whose reference the segment takes over, is at va. What was there, with
 * the reference to it, in *old. -1, and nothing has changed, if there is no
 * memory.
 */
int segput(Segment *s, uintptr_t va, Page *pg, Page **old);

/* Room for pages up to there: -1 if there is no memory. */
int segroom(Segment *s, size_t npages);

/* p's tables may have pages of s; and they may not. */
void seguse(Segment *s, Seguse *use, Proc *p);
void segunuse(Segment *s, Seguse *use);

/* They have nothing in this range: this CPU knows that, others do not yet. */
void segunmapfrom(Proc *p, uintptr_t va, size_t size);

#endif
