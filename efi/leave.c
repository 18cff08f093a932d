/*
 * leave.c - `mem9 boot`: out of firmware, for good.
 *
 *	block allocated, everything collected into it
 *	GetMemoryMap -> ExitBootServices, only those two, until it agrees
 *	takeover
 *
 * From the first ExitBootServices on firmware is half dead, refused or not:
 * nothing is printed, allocated or waited for any more, and only the block and
 * the image are written to.
 */
#include "commands.h"
#include "tables/attributes.h"
#include "collect.h"
#include "cpulist.h"
#include "cpu.h"
#include "firmware.h"
#include "guest.h"
#include "hooks.h"
#include "log.h"
#include "lowpage.h"
#include "main.h"
#include "memmap.h"
#include "panic.h"
#include "report.h"
#include "screen.h"
#include "serial.h"
#include "takeover.h"
#include "tell.h"
#include "trap.h"

enum {
	TRIES = 64,
	GROWTH = 16, /* descriptors the map may grow by at each try */
	LOGSIZE = 256 * 1024,
	LOGPERENTRY = 512, /* what a descriptor adds to the log */
};

/* Offsets of the hand-over's parts for a map of that many bytes. */
static size_t
layout(Bootinfo *b, const Efimap *m, size_t attributes)
{
	size_t n = efimapcount(m) + TRIES * GROWTH;
	size_t end = PGROUND(sizeof *b);

	b->map = end;
	b->mapsize = n * m->stride;
	b->mapstride = m->stride;
	end += PGROUND(b->mapsize);
	b->log = end;
	b->logsize = LOGSIZE + LOGPERENTRY * n;
	end += PGROUND(b->logsize);
	b->memmap = end;
	b->memmapsize = memmapneed(n);
	end += PGROUND(b->memmapsize);
	b->attributes = end;
	b->attributessize = attributes;
	end += PGROUND(attributes);
	b->cpus = end;
	return end + PGROUND(sizeof(Cpulist));
}

/* The memory attributes table, if there is one that makes sense, or NULL. */
static const uint8_t *
findattributes(const Efimap *map, size_t *size)
{
	Attributes a = attributesread(map);

	*size = 0;
	if (a.entries == NULL || a.version < 1 || a.version > 2 || a.n == 0)
		return NULL;
	*size = (size_t)(a.entries - a.table) + (size_t)a.n * a.stride;
	return a.table;
}

/* Aligned memory: what firmware gives is cut to size at both ends. */
static paddr_t
takeblock(size_t size)
{
	EFI_PHYSICAL_ADDRESS got = 0;
	size_t all = size + BLOCKALIGN - BY2PG;

	if (EFI_ERROR(fw.bs->AllocatePages(
		AllocateAnyPages, EfiLoaderData, all / BY2PG, &got)))
		return NOADDR;
	paddr_t pa = ROUNDUP(got, BLOCKALIGN);
	paddr_t end = pa + size;
	if (pa > got)
		fw.bs->FreePages(got, (pa - got) / BY2PG);
	if (got + all > end)
		fw.bs->FreePages(end, (got + all - end) / BY2PG);
	return pa;
}

/* Where RAM ends, as far as this CPU can address it; the block is some. */
static paddr_t
ramtop(const Efimap *map)
{
	paddr_t top = map->block + map->blocksize;

	for (size_t i = 0; i < efimapcount(map); i++) {
		Efidesc d = efimapdesc(map, i);
		enum memtype t = efimapverdict(map, &d);

		if (t == MemRAM || t == MemACPI)
			top = MAX(top, d.base + d.npages * BY2PG);
	}
	return MIN(top, (paddr_t)1 << cpu.physbits);
}

/* How many CPUs may run. */
static size_t
wantedcpus(const Options *o)
{
	size_t n = MAX(countcpus(), (size_t)1);

	if (o->nomp)
		return 1;
	return o->ncpu != 0 ? MIN(n, o->ncpu) : n;
}

/*
 * Room for the block, laid out at 0; with no stacks for other CPUs if there is
 * none else. NOADDR if not for that.
 */
static paddr_t
roomfor(Bootinfo *plan, size_t parts)
{
	paddr_t pa = takeblock(blocklayout(plan, 0, parts));

	if (pa == NOADDR && plan->ncpus > 1) {
		plan->ncpus = 0;
		pa = takeblock(blocklayout(plan, 0, parts));
	}
	return pa;
}

/* The block for this map, its plan in its own hand-over; NULL if none. */
static Bootinfo *
makeblock(const Options *o, Efimap *map)
{
	static Bootinfo plan; /* large */
	size_t size = 0;
	const uint8_t *t = findattributes(map, &size);

	memset(&plan, 0, sizeof plan);
	plan.options = *o;
	size_t parts = layout(&plan, map, size);
	plan.ncpus = wantedcpus(o);
	paddr_t pa = roomfor(&plan, parts);
	size = plan.block.size;
	if (pa == NOADDR) {
		print("mem9: firmware has no %zu bytes in one piece\n", size);
		return NULL;
	}
	blocklayout(&plan, pa, parts);
	map->block = pa;
	map->blocksize = size;
	chooseslides(&plan, ramtop(map));
	plan.lowpage = takelowpage();
	Bootinfo *b = (Bootinfo *)plan.handover.pa;
	*b = plan;
	if (t != NULL)
		memcpy(handover(b, b->attributes), t, b->attributessize);
	return b;
}

/* Said while there is a way back: what could not work later. */
static bool
encrypted(void)
{
	static const char *const kinds[] = {
	    [GUESTSEV] = "SEV", [GUESTTDX] = "TDX"};
	enum guest g = guest();

	if (g == GUESTOPEN)
		return false;
	print("mem9: this guest's memory is encrypted (%s), which mem9 does "
	      "not know how to map: back to firmware\n",
	    kinds[g]);
	return true;
}

static bool
speechless(const Bootinfo *b)
{
	if ((b->options.screen && screenfits(&b->fb)) || serialanswers(b))
		return false;
	print("mem9: no screen that can be drawn on and no serial port: "
	      "nothing would be heard of it; back to firmware\n");
	return true;
}

/* From the map as it is now; NULL and a status if that cannot be. */
static Bootinfo *
prepare(const Options *o, int *status)
{
	Bootinfo *b = NULL;
	Rawmap m;

	*status = SHELLDEVICEERROR;
	if (!getmap(&m))
		return NULL;
	cpuidentify();
	Efimap map = efimapof(&m);
	if (efimapcount(&map) == 0)
		print("mem9: descriptors %zu bytes apart: no map\n", m.stride);
	else {
		*status = SHELLNOMEMORY;
		b = makeblock(o, &map);
	}
	fwfree(m.desc);
	return b;
}

/* The log so far moves into the block; nothing reaches the console any more. */
static void
movelog(Bootinfo *b)
{
	uint64_t news = logwrote() - b->reported;

	lognosinks();
	tellto(NULL);
	logmove(handover(b, b->log), b->logsize);
	b->reported = logwrote() - MIN(news, logwrote());
}

/*
 * The map goes into the same buffer with its full capacity each time. Nothing
 * else may come between the two calls.
 */
static EFI_STATUS
exitonce(Bootinfo *b, size_t capacity)
{
	UINTN key = 0;
	UINTN size = capacity;
	UINTN stride = 0;
	UINT32 version = 0;
	EFI_STATUS r = fw.bs->GetMemoryMap(
	    &size, handover(b, b->map), &key, &stride, &version);

	if (EFI_ERROR(r))
		return r;
	if (stride != b->mapstride)
		return EFI_INCOMPATIBLE_VERSION;
	b->mapsize = size;
	return fw.bs->ExitBootServices(fw.image, key);
}

/*
 * Where the runtime services are is looked up last: U-Boot puts others in
 * place as boot services end.
 */
static bool
leavefirmware(Bootinfo *b)
{
	const EFI_RUNTIME_SERVICES *rt = fw.st->RuntimeServices;
	size_t capacity = b->mapsize;

	for (b->exittries = 1; b->exittries <= TRIES; b->exittries++) {
		if (EFI_ERROR(exitonce(b, capacity)))
			continue;
		b->tscstart = cycles();
		b->gettime = (uintptr_t)rt->GetTime;
		b->resetsystem = (uintptr_t)rt->ResetSystem;
		return true;
	}
	return false;
}

/* By our own means only, at physical addresses. */
static _Noreturn void
refused(const Bootinfo *b)
{
	if (serialopen(b))
		logsink(serialwrite, LOGNEW);
	if (screeninit(&b->fb, (void *)b->fb.pa))
		logsink(screenwrite, LOGNEW);
	deadend("firmware refused ExitBootServices %d times; "
		"switch the machine off",
	    TRIES);
}

int
bootcommand(const Options *o)
{
	int status = SHELLUNSUPPORTED;
	Bootinfo *b = encrypted() ? NULL : prepare(o, &status);

	if (b == NULL)
		return status;
	collect(b);
	if (speechless(b)) {
		freelowpage(b->lowpage);
		fw.bs->FreePages(b->block.pa, b->block.size / BY2PG);
		return SHELLUNSUPPORTED;
	}
	print("mem9 " VERSION ": leaving \"%s\", UEFI %u.%u. No way back but a "
	      "reset.\n",
	    b->firmware, b->firmwarerevision >> 16,
	    (b->firmwarerevision & 0xffff) / 10);
	reportleaving(b);
	movelog(b);
	bootinfo = b;
	trapinit(); /* no way back for a panic any more */
	panicthen(tooearly);
	if (!leavefirmware(b))
		refused(b);
	takeover(b, main, tooearly);
}
