/*
 * tag.h - the two words around a block that was handed out.
 *
 *	... | tag | the caller's size bytes | canary | slack ...
 *	          ^ 16-byte aligned
 *
 * The tag tells free() what the block is and who asked for it, and its top
 * bits are a checksum over the rest and over where it lies: a wild or inner
 * pointer, a byte written below the block and a second free all show. The
 * canary lies directly behind the last byte asked for, so a byte written
 * above shows too. Both cost one word of memory and one comparison.
 *
 *	63       48 47  46 45   39 38   28 27      0
 *	[ checksum | kind | class | slack | owner   ]
 */
#ifndef TAG_H
#define TAG_H

#include "types.h"
#include "hooks.h"

enum { TAGSIZE = 8, CANARYSIZE = 8 };

/* Who handed the block out: free() of the wrong one is caught by it. */
enum kind { KXALLOC, KMAIN, KIMAGE, KSECRET };

enum {
	OWNERBITS = 28,
	SLACKBITS = 11,
	CLASSBITS = 7,
	KINDBITS = 2,
	SLACKSHIFT = OWNERBITS,
	CLASSSHIFT = SLACKSHIFT + SLACKBITS,
	KINDSHIFT = CLASSSHIFT + CLASSBITS,
	CHECKSHIFT = KINDSHIFT + KINDBITS
};
_Static_assert(CHECKSHIFT == 48, "the checksum is the top 16 bits");

#define MAXSLACK ((1u << SLACKBITS) - 1)
#define TAGMIX 0x9e3779b97f4a7c15ull

/*
 * The owner is kept as a distance from a fixed place in the image, 128 MiB
 * each way; a caller farther away is not remembered.
 */
#define OWNERBASE ((uintptr_t)print)

static inline uint64_t
tagowner(uintptr_t pc)
{
	uintptr_t off = pc - OWNERBASE + (1ull << (OWNERBITS - 1));

	return off >> OWNERBITS == 0 ? off : 0;
}

/* What the top 16 bits of a live block's tag must be. */
static inline uint64_t
tagcheck(const void *p, uint64_t low)
{
	return ((low ^ (uintptr_t)p << 16) * TAGMIX) >> CHECKSHIFT;
}

static inline uint64_t *
tagof(const void *p)
{
	return (uint64_t *)((uintptr_t)p - TAGSIZE);
}

static inline uint64_t
taglow(uint64_t tag)
{
	return tag & ((1ull << CHECKSHIFT) - 1);
}

static inline uint64_t
tagcanary(const void *p)
{
	return ~(uintptr_t)p * TAGMIX;
}

/* The block's state as its tag tells it. */
static inline bool
taglive(const void *p, uint64_t tag)
{
	return tag >> CHECKSHIFT == tagcheck(p, taglow(tag));
}

static inline bool
tagfreed(const void *p, uint64_t tag)
{
	return (~tag >> CHECKSHIFT) == tagcheck(p, taglow(tag));
}

/* The fixed part of a tag, for tagset. */
static inline uint64_t
tagkind(enum kind kind, unsigned class)
{
	return (uint64_t)kind << KINDSHIFT | (uint64_t) class << CLASSSHIFT;
}

static inline void
tagset(void *p, uint64_t kind, size_t slack, uint64_t owner)
{
	uint64_t low = kind | slack << SLACKSHIFT | owner;

	*tagof(p) = low | tagcheck(p, low) << CHECKSHIFT;
}

/* From now on p is a freed block. */
static inline void
tagsetfreed(void *p, uint64_t tag)
{
	*tagof(p) = taglow(tag) | (~tag >> CHECKSHIFT) << CHECKSHIFT;
}

static inline enum kind
tagkindof(uint64_t tag)
{
	return (tag >> KINDSHIFT) & ((1u << KINDBITS) - 1);
}

static inline unsigned
tagclass(uint64_t tag)
{
	return (tag >> CLASSSHIFT) & ((1u << CLASSBITS) - 1);
}

static inline size_t
tagslack(uint64_t tag)
{
	return (tag >> SLACKSHIFT) & MAXSLACK;
}

static inline void
canaryset(void *p, size_t size)
{
	uint64_t word = tagcanary(p);

	memcpy((uint8_t *)p + size, &word, CANARYSIZE);
}

static inline bool
canaryholds(const void *p, size_t size)
{
	uint64_t word;

	memcpy(&word, (const uint8_t *)p + size, CANARYSIZE);
	return word == tagcanary(p);
}

/* The caller's pc when p was handed out, 0 if it was too far away. */
uintptr_t tagpc(uint64_t tag);

/*
 * Say what is wrong with p, which is no live block, or whose canary of size
 * bytes does not hold, and stop. func is the public function called.
 */
_Noreturn void tagpanic(const char *func, const void *p);
_Noreturn void canarypanic(const char *func, const void *p, size_t size);

#endif
