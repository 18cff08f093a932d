/*
 * tag.c - what a damaged tag or canary is reported as: see tag.h.
 */
#include "tag.h"
#include "mempoison.h"

static const char *const kinds[] = {
    [KXALLOC] = "xalloc",
    [KMAIN] = "Main",
    [KIMAGE] = "Image",
    [KSECRET] = "Secrets",
};

/* Of all addresses with these low bits, the one nearest to this function. */
uintptr_t
tagpc(uint64_t parts)
{
	uintptr_t here = (uintptr_t)tagpc;
	uintptr_t away = ((parts & OWNERMASK) - here) & OWNERMASK;

	if (away >> (OWNERBITS - 1) != 0)
		away -= 1ull << OWNERBITS;
	return here + away;
}

void
tagpanic(const char *func, const void *p)
{
	if ((uintptr_t)p % 16 != 0)
		panicat(func, "%p is no block: not 16-byte aligned", p);
	uint64_t parts = tagparts(p);
	uintmax_t owner = tagpc(parts);
	if (parts >> MARKSHIFT == LIVE)
		panicat(func, "%p is a block of %s, owner %#jx", p,
		    kinds[tagkindof(parts)], owner);
	if (CHECKING && *tagof(p) == POISON * 0x0101010101010101ull)
		panicat(func, "%p is free already: it lies in free memory", p);
	if (tagfreed(parts))
		panicat(
		    func, "%p is free already; its owner was %#jx", p, owner);
	panicat(func,
	    "%p is no block, or something wrote below it: its tag is %#jx", p,
	    (uintmax_t)tagmix(p, parts));
}

void
tagtwice(const char *func, const void *p, uint64_t parts)
{
	panicat(func, "%p is being freed twice at once; its owner was %#jx", p,
	    (uintmax_t)tagpc(parts));
}

void
tagmustrelease(const char *func, void *p, uint64_t parts)
{
	if (!tagrelease(p, parts, keyof((uintptr_t)p)))
		tagtwice(func, p, parts);
}

void
tagwasfree(const char *func, const void *p)
{
	uint64_t parts = tagparts(p);

	if (parts >> MARKSHIFT == LIVE)
		panicat(func, "%p waits to be used, but has owner %#jx", p,
		    (uintmax_t)tagpc(parts));
	panicat(func,
	    "%p was written to below while it was free: its tag is %#jx", p,
	    (uintmax_t)*tagof(p));
}

memraw void
canarypanic(const char *func, const void *p, size_t size)
{
	uint64_t word;

	memcpy(&word, (const uint8_t *)p + size, CANARYSIZE);
	panicat(func,
	    "%p, %zu bytes, owner %#jx: something wrote above it: %#jx", p,
	    size, (uintmax_t)tagpc(tagparts(p)), (uintmax_t)word);
}
