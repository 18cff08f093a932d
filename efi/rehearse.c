/*
 * rehearse.c - `mem9 rehearse`: the memory system, without leaving firmware.
 *
 *	claim free memory from boot services, but for what firmware may need
 *	rehearsal() in kern/main.c: the very steps of a boot, over it
 *	all of it given back; firmware's own totals say whether that is true
 */
#include "commands.h"
#include "collect.h"
#include "cpu.h"
#include "firmware.h"
#include "hooks.h"
#include "main.h"
#include "memmap.h"

enum {
	KEEPMIN = 32 * 1024 * 1024,  /* left to firmware, or a sixteenth ... */
	KEEPPART = 16,               /* ... of what is free, if that is more */
	MAXRUN = 1024 * 1024 * 1024, /* larger pieces take firmware minutes */
	LOWEST = 1024 * 1024,
};

static struct {
	Claim *claims;
	size_t n;
	size_t room;
	size_t pages;
} held;

static Bootinfo info;

/* Pages of every kind that boot services could give or has given. */
static size_t
fwpages(const Rawmap *m)
{
	Efimap map = efimapof(m);
	size_t sum = 0;

	for (size_t i = 0; i < efimapcount(&map); i++) {
		Efidesc d = efimapdesc(&map, i);

		if (d.type >= EfiLoaderCode && d.type <= EfiBootServicesData)
			sum += d.npages;
		else if (d.type == EfiConventionalMemory)
			sum += d.npages;
	}
	return sum;
}

static size_t
freepagesof(const Efimap *map)
{
	size_t sum = 0;

	for (size_t i = 0; i < efimapcount(map); i++) {
		Efidesc d = efimapdesc(map, i);

		if (d.type == EfiConventionalMemory)
			sum += d.npages;
	}
	return sum;
}

static bool
claim(paddr_t pa, size_t npages)
{
	EFI_PHYSICAL_ADDRESS at = pa;

	if (held.n == held.room || npages == 0 ||
	    EFI_ERROR(fw.bs->AllocatePages(
		AllocateAddress, EfiLoaderData, npages, &at)))
		return false;
	held.claims[held.n++] = (Claim){pa, npages};
	held.pages += npages;
	return true;
}

/*
 * From the top of each free range down, until that many pages are ours. Where
 * firmware refuses, in smaller pieces.
 */
static void
claimrange(const Efidesc *d, size_t most)
{
	paddr_t base = MAX(d->base, (paddr_t)LOWEST);
	paddr_t end = d->base + d->npages * BY2PG;

	while (end > base && held.pages < most) {
		size_t n = MIN(end - base, (paddr_t)MAXRUN) / BY2PG;

		n = MIN(n, most - held.pages);
		while (n > 0 && !claim(end - n * BY2PG, n))
			n /= 2;
		if (n == 0)
			return;
		end -= n * BY2PG;
	}
}

/* The list of claims, long enough for any map like this one. */
static bool
makelist(void)
{
	Rawmap m;

	if (!getmap(&m))
		return false;
	Efimap map = efimapof(&m);
	held.room =
	    2 * efimapcount(&map) + 64 + freepagesof(&map) * BY2PG / MAXRUN;
	held.claims = fwtake(held.room * sizeof *held.claims);
	fwfree(m.desc);
	return held.claims != NULL;
}

/* From a map that was read after everything else was allocated. */
static bool
claimall(void)
{
	Rawmap m;

	if (!makelist() || !getmap(&m))
		return false;
	Efimap map = efimapof(&m);
	size_t free = freepagesof(&map);
	size_t keep = MAX(free / KEEPPART, KEEPMIN / BY2PG);
	for (size_t i = 0; i < efimapcount(&map) && free > keep; i++) {
		Efidesc d = efimapdesc(&map, i);

		if (d.type == EfiConventionalMemory &&
		    efitypeof(d.type, d.attr) == MemRAM)
			claimrange(&d, free - keep);
	}
	print("claimed %zu of %zu free pages, in %zu pieces\n", held.pages,
	    free, held.n);
	fwfree(m.desc);
	return held.n > 0;
}

static void
giveback(void)
{
	for (size_t i = 0; i < held.n; i++)
		fw.bs->FreePages(held.claims[i].pa, held.claims[i].npages);
	fwfree(held.claims);
}

static int
rehearse(const Rawmap *before)
{
	size_t need = memmapneed(held.n);
	void *table = fwtake(need);
	size_t failed = 1;
	Rawmap after;

	if (table != NULL)
		failed = rehearsal(held.claims, held.n, table, need);
	giveback();
	fwfree(table);
	if (!getmap(&after))
		return SHELLDEVICEERROR;
	size_t was = fwpages(before);
	size_t is = fwpages(&after);
	print("given back: firmware has %zu pages, and had %zu\n", is, was);
	fwfree(after.desc);
	return failed == 0 && is == was ? SHELLOK : SHELLERROR;
}

int
rehearsecommand(const Options *o)
{
	Rawmap before;

	cpuidentify();
	collect(&info);
	info.options = *o;
	bootinfo = &info;
	if (!getmap(&before))
		return SHELLDEVICEERROR;
	Efimap map = efimapof(&before);
	print("mem9: start version=" VERSION " command=rehearse "
	      "firmware=\"%s\" descriptors=%zu stride=%zu\n",
	    info.firmware, efimapcount(&map), map.stride);
	int status = claimall() ? rehearse(&before) : SHELLNOMEMORY;
	if (status == SHELLNOMEMORY)
		print("mem9: firmware has no memory to spare\n");
	fwfree(before.desc);
	bootinfo = NULL;
	return status;
}
