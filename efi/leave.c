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
#include "cpu.h"
#include "efimap.h"
#include "hooks.h"
#include "log.h"
#include "memmap.h"
#include "panic.h"
#include "screen.h"
#include "serial.h"
#include "takeover.h"
#include "uefi.h"

enum {
	TRIES = 64,
	GROWTH = 16, /* descriptors the map may grow by at each try */
	LOGSIZE = 256 * 1024,
	LOGPERENTRY = 512, /* what a descriptor adds to the log */
};

/* Offsets of the hand-over's parts for a map of that many bytes. */
static size_t
layout(Bootinfo *b, const Map *m, size_t attributes)
{
	size_t n = m->size / m->stride + TRIES * GROWTH;
	size_t end = PGROUND(sizeof *b);

	b->map = end;
	b->mapsize = n * m->stride;
	end += PGROUND(b->mapsize);
	b->log = end;
	b->logsize = LOGSIZE + LOGPERENTRY * n;
	end += PGROUND(b->logsize);
	b->memmap = end;
	b->memmapsize = memmapneed(n);
	end += PGROUND(b->memmapsize);
	b->attributes = end;
	b->attributessize = attributes;
	return end + PGROUND(attributes);
}

static size_t
attributessize(const Memoryattributes *t)
{
	return t != NULL ? sizeof *t + (size_t)t->n * t->stride : 0;
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

/* Where RAM ends, as far as this CPU can address it. */
static paddr_t
ramtop(const Map *m)
{
	Efimap map = {.desc = m->desc,
	    .size = m->size,
	    .stride = m->stride,
	    .physbits = cpu.physbits};
	paddr_t top = 0;

	for (size_t i = 0; i < efimapcount(&map); i++) {
		Efidesc d = efimapdesc(&map, i);
		enum memtype t = efimapverdict(&map, &d);

		if (t == MemRAM || t == MemACPI)
			top = MAX(top, d.base + d.npages * BY2PG);
	}
	return MIN(top, (paddr_t)1 << cpu.physbits);
}

/* The block, its plan in its own first hand-over page; NULL if none. */
static Bootinfo *
makeblock(const Options *o)
{
	EFI_GUID guid = MEMORYATTRIBUTES;
	const Memoryattributes *t = configtable(guid);
	static Bootinfo plan; /* large */
	Map m;

	if (!getmap(&m))
		return NULL;
	cpuidentify();
	memset(&plan, 0, sizeof plan);
	size_t parts = layout(&plan, &m, attributessize(t));
	size_t size = blocklayout(&plan, 0, parts);
	plan.options = *o;
	chooseslides(&plan, ramtop(&m));
	fwfree(m.desc);
	paddr_t pa = takeblock(size);
	if (pa == NOADDR) {
		print("mem9: firmware has no %zu bytes in one piece\n", size);
		return NULL;
	}
	blocklayout(&plan, pa, parts);
	plan.mapstride = m.stride;
	Bootinfo *b = (Bootinfo *)plan.handover.pa;
	*b = plan;
	if (t != NULL)
		memcpy(handover(b, b->attributes), t, b->attributessize);
	return b;
}

/* The log so far moves into the block; nothing reaches the console any more. */
static void
movelog(Bootinfo *b)
{
	lognosinks();
	logmove(handover(b, b->log), b->logsize);
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
	b->mapsize = size;
	b->mapstride = stride;
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
	if (serialinit(b->options.uart, b->options.baud))
		logsink(serialwrite, LOGNEW);
	if (screeninit(&b->fb, (volatile uint32_t *)b->fb.pa))
		logsink(screenwrite, LOGNEW);
	deadend("firmware refused ExitBootServices %d times; "
		"switch the machine off",
	    TRIES);
}

int
bootcommand(const Options *o)
{
	Bootinfo *b = makeblock(o);

	if (b == NULL)
		return SHELLNOMEMORY;
	if (b->mapstride < sizeof(EFI_MEMORY_DESCRIPTOR)) {
		print("mem9: firmware's descriptors have %zu bytes, fewer than "
		      "the %zu of the specification\n",
		    b->mapstride, sizeof(EFI_MEMORY_DESCRIPTOR));
		return SHELLDEVICEERROR;
	}
	collect(b);
	print("mem9 " VERSION ": leaving \"%s\", UEFI %u.%u. No way back but a "
	      "reset.\n",
	    b->firmware, b->firmwarerevision >> 16,
	    (b->firmwarerevision & 0xffff) / 10);
	movelog(b);
	if (!leavefirmware(b))
		refused(b);
	takeover(b);
}
