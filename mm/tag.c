/*
 * tag.c - what a damaged tag or canary is reported as: see tag.h.
 */
#include "tag.h"

static const char *const kinds[] = {
    [KXALLOC] = "xalloc",
    [KMAIN] = "Main",
    [KIMAGE] = "Image",
    [KSECRET] = "Secrets",
};

uintptr_t
tagpc(uint64_t tag)
{
	uintptr_t off = tag & ((1ull << OWNERBITS) - 1);

	return off == 0 ? 0 : off + OWNERBASE - (1ull << (OWNERBITS - 1));
}

void
tagpanic(const char *func, const void *p)
{
	if ((uintptr_t)p % 16 != 0)
		panicat(func, "%p is no block: not 16-byte aligned", p);
	uint64_t tag = *tagof(p);
	if (taglive(p, tag))
		panicat(func, "%p is a block of %s, owner %#jx", p,
		    kinds[tagkindof(tag)], (uintmax_t)tagpc(tag));
	if (tagfreed(p, tag))
		panicat(func, "%p is free already; its owner was %#jx", p,
		    (uintmax_t)tagpc(tag));
	panicat(func, "%p is no block, or something wrote below it: tag %#jx",
	    p, (uintmax_t)tag);
}

void
canarypanic(const char *func, const void *p, size_t size)
{
	uint64_t word;

	memcpy(&word, (const uint8_t *)p + size, CANARYSIZE);
	panicat(func,
	    "%p, %zu bytes, owner %#jx: something wrote above it: %#jx", p,
	    size, (uintmax_t)tagpc(*tagof(p)), (uintmax_t)word);
}
