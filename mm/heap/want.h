/*
 * want.h - what is asked of the holes, and where it fits. Private to mm/.
 */
#ifndef WANT_H
#define WANT_H

#include "types.h"

typedef struct Want Want;

enum {
	GRAIN = 16,    /* blocks start and end on a multiple */
	BLOCKHDR = 16, /* a block's first bytes are its own */
	MINBLOCK = 48  /* a free block must hold its links and its size */
};

/* Larger sizes are refused before any sum could wrap. */
#define WANTMAX (1ull << 44)

/*
 * size bytes at p, and behind more, with p + offset a multiple of align, a
 * power of two that is at least GRAIN; offset is a multiple of GRAIN. If span
 * is not 0, a power of two, the size bytes are not across a multiple of it.
 */
struct Want {
	size_t size;
	size_t behind;
	size_t align;
	ptrdiff_t offset;
	size_t span;
};

/*
 * Can it ever be had? Where the alignment lets it start nearest above a
 * multiple of the span, it must end before the next.
 */
static inline bool
wantsane(const Want *w)
{
	if (w->size > WANTMAX || w->align > WANTMAX)
		return false;
	if (w->span == 0 || w->size == 0)
		return true;
	size_t start = -(size_t)w->offset & (MIN(w->align, w->span) - 1);
	return w->size <= w->span && start <= w->span - w->size;
}

/* The size of the block that w takes. */
static inline size_t
wantsize(const Want *w)
{
	size_t size = ROUNDUP(w->size + w->behind + BLOCKHDR, GRAIN);

	return MAX(size, MINBLOCK);
}

/* Is there no place for w where there is none for less? False if unsure. */
static inline bool
wantasksmore(const Want *w, const Want *less)
{
	size_t apart = (size_t)w->offset - (size_t)less->offset;

	return wantsize(w) >= wantsize(less) && less->span == 0 &&
	       (less->align == GRAIN ||
		   (w->align >= less->align && apart % less->align == 0));
}

/* The size of a block in which w finds a place wherever that lies. */
static inline size_t
wantsurely(const Want *w)
{
	size_t size = wantsize(w);

	if (w->align > GRAIN || w->span != 0)
		size += w->align + MINBLOCK;
	if (w->span != 0)
		size += w->size + w->align;
	return size;
}

static inline bool
wantcrosses(const Want *w, uintptr_t at)
{
	return w->span != 0 && w->size != 0 &&
	       at / w->span != (at + w->size - 1) / w->span;
}

/*
 * Where w's memory may start in a block [low, high), 0 if nowhere. What is
 * left below it is nothing, or enough for a free block. Each turn settles one
 * thing: the alignment, the rest below, the span, the alignment again.
 */
static inline uintptr_t
wantplace(const Want *w, uintptr_t low, uintptr_t high)
{
	uintptr_t offset = (uintptr_t)w->offset;
	uintptr_t at = low += BLOCKHDR;

	for (int i = 0; i < 4; i++) {
		at = ROUNDUP(at + offset, w->align) - offset;
		if (at > high || high - at < wantsize(w) - BLOCKHDR)
			return 0;
		if (at != low && at - low < MINBLOCK)
			at = low + MINBLOCK;
		else if (wantcrosses(w, at))
			at = ROUNDDOWN(at + w->size - 1, w->span);
		else
			return at;
	}
	return 0;
}

#endif
