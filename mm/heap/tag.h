/*
 * tag.h - the two words around a block that was handed out.
 *
 *	... | tag | the caller's size bytes | canary | slack ...
 *	          ^ 16-byte aligned
 *
 * The tag tells free() what the block is and who asked for it. It is mixed
 * with the key of the block's address (secret.h), so that it is good in one
 * place only: a wild or inner pointer, a byte written below the block and a
 * second free all show in the mark, its top bits. The canary vouches for the
 * tag; it lies directly behind the last byte asked for, so a byte written above
 * shows too, and who writes a tag cannot write the canary that goes with it.
 *
 *	63   48 47  46 45   39 38   26 25      0
 *	[ mark | kind | class | slack | owner   ]  mixed with the key
 *
 * Private to mm/.
 */
#ifndef TAG_H
#define TAG_H

#include "types.h"
#include "../checking.h"
#include "hooks.h"
#include "secret.h"

enum { TAGSIZE = 8, CANARYSIZE = 8 };

/* Who handed the block out: free() of the wrong one is caught by it. */
enum kind { KXALLOC, KMAIN, KIMAGE, KSECRET };

enum mark { LIVE = 0x6d39, FREED = 0xf4ee };

enum {
	OWNERBITS = 26,
	SLACKBITS = 13,
	CLASSBITS = 7,
	KINDBITS = 2,
	SLACKSHIFT = OWNERBITS,
	CLASSSHIFT = SLACKSHIFT + SLACKBITS,
	KINDSHIFT = CLASSSHIFT + CLASSBITS,
	MARKSHIFT = KINDSHIFT + KINDBITS
};
_Static_assert(MARKSHIFT == 48, "the mark is the top 16 bits");

#define MAXSLACK ((1u << SLACKBITS) - 1)
#define OWNERMASK ((1ull << OWNERBITS) - 1)

static inline uint64_t *
tagof(const void *p)
{
	return (uint64_t *)((uintptr_t)p - TAGSIZE);
}

/* Between a tag as it lies in memory below p and its parts; both ways. */
static inline uint64_t
tagmix(const void *p, uint64_t tag)
{
	return tag ^ keyof((uintptr_t)p);
}

/* The tag below p as it lies there, and its parts; p may be anything. */
memraw static inline uint64_t
tagraw(const void *p)
{
	return *tagof(p);
}

static inline uint64_t
tagparts(const void *p)
{
	return tagmix(p, tagraw(p));
}

/* All parts but slack and owner, of a live block. */
static inline uint64_t
tagkind(enum kind kind, unsigned class)
{
	return (uint64_t)LIVE << MARKSHIFT | (uint64_t)kind << KINDSHIFT |
	       (uint64_t) class << CLASSSHIFT;
}

/* Is p a live block of this kind? */
static inline bool
taglive(uint64_t parts, enum kind kind)
{
	return parts >> KINDSHIFT == tagkind(kind, 0) >> KINDSHIFT;
}

static inline bool
tagfreed(uint64_t parts)
{
	return parts >> MARKSHIFT == FREED;
}

static inline enum kind
tagkindof(uint64_t parts)
{
	return (parts >> KINDSHIFT) & ((1u << KINDBITS) - 1);
}

static inline unsigned
tagclass(uint64_t parts)
{
	return (parts >> CLASSSHIFT) & ((1u << CLASSBITS) - 1);
}

static inline size_t
tagslack(uint64_t parts)
{
	return (parts >> SLACKSHIFT) & MAXSLACK;
}

/*
 * The owner is the low bits of the caller's pc: the rest is as in any other
 * address in the image.
 */
static inline uint64_t
tagowner(uintptr_t pc)
{
	return pc & OWNERMASK;
}

/* The caller's pc when the block was handed out. */
uintptr_t tagpc(uint64_t parts);

/* It is odd, so that the byte next to the block is never 0, nor anything even.
 */
static inline uint64_t
canaryof(uint64_t tag)
{
	return sealof(tag) | 1;
}

/* p is a live block of size bytes: its tag, and behind it the canary. */
static inline void
tagset(void *p, uint64_t parts, size_t size)
{
	uint64_t tag = tagmix(p, parts);
	uint64_t canary = canaryof(tag);

	*tagof(p) = tag;
	memcpy((uint8_t *)p + size, &canary, CANARYSIZE);
}

/* Is behind the size bytes at p, which may be wrong, what goes with the tag? */
memraw static inline bool
canaryfits(const void *p, size_t size, uint64_t tag)
{
	uint64_t word;

	memcpy(&word, (const uint8_t *)p + size, CANARYSIZE);
	return word == canaryof(tag);
}

/* Does the canary behind the size bytes at p, which may be wrong, hold? */
memraw static inline bool
canaryholds(const void *p, size_t size)
{
	return canaryfits(p, size, *tagof(p));
}

/*
 * p, a live block with this key, whose tag had these parts, is a freed one;
 * false if that tag is there no longer: another CPU frees the block at the same
 * time.
 */
static inline bool
tagrelease(void *p, uint64_t parts, uint64_t key)
{
	uint64_t rest = parts & ((1ull << MARKSHIFT) - 1);
	uint64_t live = key ^ ((uint64_t)LIVE << MARKSHIFT | rest);
	uint64_t freed = live ^ (uint64_t)(LIVE ^ FREED) << MARKSHIFT;

	return __atomic_compare_exchange_n(
	    tagof(p), &live, freed, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

/* The same for who has been told that the block is its own. */
void tagmustrelease(const char *func, void *p, uint64_t parts);

/*
 * Are these the parts of a freed block that, when it was live, had all of those
 * but slack and owner?
 */
static inline bool
tagrestsas(uint64_t parts, uint64_t live)
{
	return (parts ^ live ^ (uint64_t)(LIVE ^ FREED) << MARKSHIFT) >>
		   CLASSSHIFT ==
	       0;
}

/* Has p, which is free, the tag that it had when it was freed? */
static inline bool
tagatrest(uint64_t parts, enum kind kind, unsigned class)
{
	return tagrestsas(parts, tagkind(kind, class));
}

/* The tag of a block that nobody has had. */
static inline void
tagsetfresh(void *p, enum kind kind, unsigned class)
{
	*tagof(p) = tagmix(
	    p, tagkind(kind, class) ^ (uint64_t)(LIVE ^ FREED) << MARKSHIFT);
}

/*
 * Say what is wrong with p, which is no live block, or whose canary behind
 * size bytes does not hold, and stop. func is the public function called.
 */
_Noreturn void tagpanic(const char *func, const void *p);
_Noreturn void canarypanic(const char *func, const void *p, size_t size);

/* Stop: p, with these parts, is being freed by another CPU too. */
_Noreturn void tagtwice(const char *func, const void *p, uint64_t parts);

/* Stop: p is free, and something wrote to its tag since. */
_Noreturn void tagwasfree(const char *func, const void *p);

#endif
