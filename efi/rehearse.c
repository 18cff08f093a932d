/*
 * rehearse.c - `mem9 rehearse`: the memory system, without leaving firmware.
 *
 *	claim free memory from boot services, but for what firmware may need
 *	rehearsal() in kern/main.c: the very steps of a boot, over it
 *	all of it given back; firmware's own totals, type by type, say whether
 *	that is true
 */
#include "commands.h"
#include "collect.h"
#include "cpu.h"
#include "cpulist.h"
#include "few.h"
#include "firmware.h"
#include "hooks.h"
#include "main.h"
#include "memmap.h"
#include "tell.h"

enum {
	KEEPMIN = 32 * 1024 * 1024,  /* left to firmware, or a sixteenth ... */
	KEEPPART = 16,               /* ... of what is free, if that is more */
	MAXRUN = 1024 * 1024 * 1024, /* larger pieces take firmware minutes */
	LOWEST = 1024 * 1024,
	NTYPE = EfiMaxMemoryType + 3, /* the last: any that is unknown */
};

static struct {
	Claim *claims;
	size_t n;
	size_t room;
	size_t pages;
} held;

/* The hand-over, as far as there is one. */
static struct {
	Bootinfo boot;
	Cpulist cpus;
} info;

/* Pages of each type. */
static void
fwpages(const Rawmap *m, size_t pages[NTYPE])
{
	Efimap map = efimapof(m);

	memset(pages, 0, NTYPE * sizeof pages[0]);
	for (size_t i = 0; i < efimapcount(&map); i++) {
		Efidesc d = efimapdesc(&map, i);

		pages[MIN(d.type, NTYPE - 1u)] += d.npages;
	}
}

/* Pages of every type that boot services could give or has given. */
static size_t
ofservices(const size_t pages[NTYPE])
{
	size_t sum = pages[EfiConventionalMemory];

	for (int t = EfiLoaderCode; t <= EfiBootServicesData; t++)
		sum += pages[t];
	return sum;
}

/* Has firmware as much of each type as before? The others are named. */
static bool
compare(const Rawmap *before, const Rawmap *after)
{
	size_t was[NTYPE];
	size_t is[NTYPE];
	size_t wrong = 0;

	fwpages(before, was);
	fwpages(after, is);
	print("given back: firmware has %zu pages, free or in use, and had "
	      "%zu\n",
	    ofservices(is), ofservices(was));
	for (uint32_t t = 0; t < NTYPE; t++) {
		const char *name = efitypename(t);

		if (is[t] == was[t])
			continue;
		wrong++;
		print("given back: %s: %zu pages, and it was %zu\n",
		    name != NULL ? name : "other types", is[t], was[t]);
	}
	return wrong == 0;
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

	if (held.n == held.room ||
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

/* All of it and the list; false if firmware does not take something. */
static bool
giveback(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < held.n; i++) {
		const Claim *c = &held.claims[i];
		EFI_STATUS r = fw.bs->FreePages(c->pa, c->npages);

		if (EFI_ERROR(r) && few(&kept))
			print("firmware does not take %zu pages at %#jx back: "
			      "%#jx\n",
			    c->npages, c->pa, (uintmax_t)r);
	}
	if (beyondfew(kept) > 0)
		print("firmware does not take %zu more piece%s back\n",
		    beyondfew(kept), plural(beyondfew(kept)));
	fwfree(held.claims);
	held.claims = NULL;
	held.n = held.room = held.pages = 0;
	return kept == 0;
}

/* spare is a map's memory, there since before: the last map will have it. */
static int
rehearse(const Rawmap *before, Rawmap *spare)
{
	size_t need = memmapneed(held.n);
	void *table = fwtake(need);
	size_t failed = 1;
	Rawmap after;

	if (table != NULL)
		failed = rehearsal(held.claims, held.n, table, need);
	bool taken = giveback();
	fwfree(table);
	fwfree(spare->desc);
	spare->desc = NULL;
	if (!getmap(&after))
		return SHELLDEVICEERROR;
	bool same = compare(before, &after);
	fwfree(after.desc);
	if (!taken || !same)
		tellwrong("some memory is not back");
	tellend(
	    info.boot.options.menu > 0 ? NULL : "more: mem9 rehearse -b, -v");
	return failed == 0 && taken && same ? SHELLOK : SHELLERROR;
}

int
rehearsecommand(const Options *o)
{
	Rawmap spare;
	Rawmap before;

	cpuidentify();
	info.boot.cpus = (size_t)((uint8_t *)&info.cpus - (uint8_t *)&info);
	collect(&info.boot);
	info.boot.options = *o;
	info.boot.tscstart = cycles();
	if (!getmap(&spare))
		return SHELLDEVICEERROR;
	if (!getmap(&before)) {
		fwfree(spare.desc);
		return SHELLDEVICEERROR;
	}
	Efimap map = efimapof(&before);
	print("mem9: start version=" VERSION " command=rehearse "
	      "firmware=\"%s\" descriptors=%zu stride=%zu\n",
	    info.boot.firmware, efimapcount(&map), map.stride);
	info.boot.map = (uintptr_t)before.desc - (uintptr_t)&info.boot;
	info.boot.mapsize = before.size;
	info.boot.mapstride = before.stride;
	bootinfo = &info.boot;
	int status = SHELLNOMEMORY;
	if (claimall())
		status = rehearse(&before, &spare);
	else {
		print("mem9: firmware has no memory to spare\n");
		giveback();
	}
	fwfree(spare.desc);
	fwfree(before.desc);
	bootinfo = NULL;
	return status;
}
