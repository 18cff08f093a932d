/*
 * readmemory.c - memory as firmware hands it out, and the stack it lends.
 *
 * The stack is named in the list of hand-off blocks that firmware of the PI
 * kind leaves: Platform Initialization Specification 1.7, volume 3, 4.5 and
 * 5.4. Others do not say where theirs is.
 */
#include "../firmware.h"
#include "hooks.h"
#include "read.h"

enum {
	HOBHEAD = 8, /* type, length */
	HOBALLOCATION = 2,
	HOBALLOCATIONSIZE = 48,
	HOBNAME = 8,
	HOBBASE = 24,
	HOBLENGTH = 32,
	HOBEND = 0xffff,
};

/* What is asked for; and what came, to be given back. */
static const struct {
	const char *kind;
	EFI_MEMORY_TYPE type;
	bool data;
} kinds[NSAMPLE / 2] = {{"LoaderCode", EfiLoaderCode, false},
    {"LoaderData", EfiLoaderData, true},
    {"BootServicesCode", EfiBootServicesCode, false},
    {"BootServicesData", EfiBootServicesData, true}};
static struct {
	EFI_PHYSICAL_ADDRESS page; /* 0: none */
	void *pool;
} taken[NSAMPLE / 2];

static Sample
samplesof(size_t k, paddr_t pa, bool pool)
{
	return (Sample){.kind = kinds[k].kind,
	    .pa = ROUNDDOWN(pa, BY2PG),
	    .end = ROUNDDOWN(pa, BY2PG) + BY2PG,
	    .heap = pool && kinds[k].data};
}

void
samplestake(Sample samples[NSAMPLE])
{
	enum { POOLSIZE = 64 };
	EFI_BOOT_SERVICES *bs = fw.bs;

	memset(samples, 0, NSAMPLE * sizeof *samples);
	memset(taken, 0, sizeof taken);
	for (size_t k = 0; k < nelem(kinds); k++) {
		EFI_MEMORY_TYPE type = kinds[k].type;
		Sample *s = &samples[2 * k];

		if (EFI_ERROR(bs->AllocatePages(
			AllocateAnyPages, type, 1, &taken[k].page)))
			taken[k].page = 0;
		else
			s[0] = samplesof(k, taken[k].page, false);
		if (EFI_ERROR(bs->AllocatePool(type, POOLSIZE, &taken[k].pool)))
			taken[k].pool = NULL;
		else
			s[1] = samplesof(k, (uintptr_t)taken[k].pool, true);
	}
}

void
samplesgive(void)
{
	for (size_t k = 0; k < nelem(kinds); k++) {
		if (taken[k].page != 0)
			fw.bs->FreePages(taken[k].page, 1);
		fwfree(taken[k].pool);
	}
	memset(taken, 0, sizeof taken);
}

bool
hobstack(const uint8_t *list, size_t room, uintptr_t *base, size_t *size)
{
	const EFI_GUID stack = STACKHOB;
	size_t n = 0;

	for (size_t i = 0; i + HOBHEAD <= room; i += n) {
		const uint8_t *hob = list + i;
		uint64_t type = numberat(hob, 0, 2);

		n = numberat(hob, 2, 2);
		if (type == HOBEND || n < HOBHEAD || n > room - i)
			return false;
		if (type != HOBALLOCATION || n < HOBALLOCATIONSIZE ||
		    memcmp(hob + HOBNAME, &stack, sizeof stack) != 0)
			continue;
		*base = numberat(hob, HOBBASE, 8);
		*size = numberat(hob, HOBLENGTH, 8);
		return true;
	}
	return false;
}

Stackseen
stackread(void)
{
	EFI_GUID guid = HOBLIST;
	Stackseen s = {.sp = (uintptr_t)__builtin_frame_address(0)};
	const uint8_t *list = configtable(guid);
	Rawmap m;

	if (list == NULL || !getmap(&m))
		return s;
	Efimap map = efimapof(&m);
	if (!hobstack(
		list, mapknows(&map, (uintptr_t)list), &s.base, &s.size) ||
	    s.sp < s.base || s.sp - s.base >= s.size)
		s.size = 0;
	fwfree(m.desc);
	return s;
}
