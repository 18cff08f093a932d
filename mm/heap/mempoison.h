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

/* Slots of so many bytes are filled and looked at without a loop or a call. */
enum { SLOTSHORT = 128 };

#define SLOTWORD (SLOTFILL * 0x0101010101010101ull)

/* How much of a free slot of room bytes, whole words, has SLOTFILL. */
static inline size_t
slotfilled(size_t room)
{
	return CHECKING ? room : MIN(room, (size_t)WIPEMAX);
}

/*
 * Small slots are filled, and looked at, by their two halves, which overlap in
 * the middle: no loop, and what was just stored is loaded as it was stored.
 */
static inline void
slothalves(uint8_t *p, size_t size, size_t half)
{
	memset(p, SLOTFILL, half);
	memset(p + size - half, SLOTFILL, half);
}

/* What of the n words at p is not SLOTFILL. */
static inline uint64_t
slotodd(const uint8_t *p, size_t n)
{
	const uint64_t *word = (const uint64_t *)p;
	uint64_t seen = 0;

	for (size_t i = 0; i < n; i++)
		seen |= word[i] ^ SLOTWORD;
	return seen;
}

/* The slot at p, of size bytes, 24 to SLOTSHORT, is free from now on. */
static inline void
slotwipeshort(void *p, size_t size)
{
	if (size <= 32)
		slothalves(p, size, 16);
	else if (size <= 64)
		slothalves(p, size, 32);
	else
		slothalves(p, size, 64);
	memhide(p, size);
}

/* The slot at p, of room bytes, 24 or more, is free from now on. */
static inline void
slotwipe(void *p, size_t room)
{
	if (room <= SLOTSHORT) {
		slotwipeshort(p, room);
		return;
	}
	memset(p, SLOTFILL, slotfilled(room));
	memhide(p, room);
}

/* What of the size bytes at p, whole words, is not SLOTFILL. */
static inline uint64_t
slotseen(const uint8_t *p, size_t size)
{
	if (size <= 32)
		return slotodd(p, 2) | slotodd(p + size - 16, 2);
	if (size <= 64)
		return slotodd(p, 4) | slotodd(p + size - 32, 4);
	if (size <= 128)
		return slotodd(p, 8) | slotodd(p + size - 64, 8);
	return slotodd(p, size / 8);
}

/*
 * The slot at p, which was free, is about to be used: a byte that somebody
 * wrote since, or NULL.
 */
static inline const uint8_t *
slotreuse(void *p, size_t room)
{
	const uint8_t *byte = p;

	memshow(p, room);
	if (slotseen(p, slotfilled(room)) == 0)
		return NULL;
	while (*byte == SLOTFILL)
		byte++;
	return byte;
}

#endif
