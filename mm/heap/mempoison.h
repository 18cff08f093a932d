/*
 * mempoison.h - what free memory is filled with: small blocks in every build,
 * everything in CHECK=1 builds.
 *
 * Also the place where the address sanitizer learns what is free. Private to
 * mm/heap.
 */
#ifndef MEMPOISON_H
#define MEMPOISON_H

#include "types.h"
#include "../checking.h"
#include "hooks.h"

enum { POISON = 0xdb };

/* [p, p + size) is free from now on. */
static inline void
mempoison(void *p, size_t size)
{
	if (CHECKING)
		memset(p, POISON, size);
	memhide(p, size);
}

/*
 * [p, p + size) was free, and is about to be used. In CHECK=1 builds: a byte
 * that somebody wrote since; otherwise, or if there is none, NULL.
 */
static inline const uint8_t *
memunpoison(void *p, size_t size)
{
	const uint8_t *byte = p;

	memshow(p, size);
	for (size_t i = 0; CHECKING && i < size; i++)
		if (byte[i] != POISON)
			return &byte[i];
	return NULL;
}

/*
 * Small blocks: a free slot has SLOTFILL in its first WIPEMAX bytes, in CHECK=1
 * builds all over. More would be touching lines that nobody needs: of blocks of
 * 2 KiB, free and the next malloc would take four times as long.
 */
enum { SLOTFILL = CHECKING ? POISON : 0, WIPEMAX = 512 };

/* The first used bytes at p, which are all that may have been written to. */
static inline void
slotwipe(void *p, size_t used, size_t room)
{
	memset(p, SLOTFILL, CHECKING ? room : MIN(used, (size_t)WIPEMAX));
	memhide(p, room);
}

/* The first of size bytes that is not SLOTFILL; p to whole words is free. */
static inline const uint8_t *
slotwritten(const void *p, size_t size)
{
	const uint64_t *word = p;
	const uint8_t *byte = p;
	uint64_t seen = 0;

	for (size_t i = 0; i < (size + 7) / 8; i++)
		seen |= word[i] ^ SLOTFILL * 0x0101010101010101ull;
	if (seen == 0)
		return NULL;
	while (*byte == SLOTFILL)
		byte++;
	return byte;
}

/*
 * The first used bytes at p, which was free, are about to be: one that somebody
 * wrote since, or NULL.
 */
static inline const uint8_t *
slotreuse(void *p, size_t used, size_t room)
{
	memshow(p, room);
	return slotwritten(p, CHECKING ? room : MIN(used, (size_t)WIPEMAX));
}

#endif
