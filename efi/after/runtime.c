/*
 * runtime.c - runtime services after the takeover, and the ways behind them.
 *
 * What is mapped: all that firmware marked RUNTIME, with the permissions of
 * its memory-attributes table where it has one (UEFI Specification 4.6);
 * without it, code must be writable and executable at once, as firmware's own
 * variables may lie between its functions. SetVirtualAddressMap is never
 * called: everything stays where it is.
 */
#include <efi.h>

#include "bootinfo.h"
#include "cpu.h"
#include "fwcall.h"
#include "hooks.h"
#include "platform.h"
#include "runtime.h"
#include "serial.h"
#include "../uefix.h"

enum { RUNTIMEMAX = 65536 }; /* pages of one range; more is no service */

static bool
ismemory(const EFI_MEMORY_DESCRIPTOR *d)
{
	return d->Type == EfiRuntimeServicesCode ||
	       d->Type == EfiRuntimeServicesData;
}

/* What a descriptor of the plain map allows, if it says no more. */
static pte_t
plainflags(const EFI_MEMORY_DESCRIPTOR *d)
{
	pte_t flags = PTEVALID | PTEWRITE | PTENOEXEC;

	if (d->Type == EfiRuntimeServicesCode)
		return bootinfo->attributessize == 0 ? PTEVALID | PTEWRITE
						     : PTEVALID;
	return ismemory(d) ? flags : flags | PTEUC;
}

/* What a descriptor of the attributes table allows. */
static pte_t
fineflags(const EFI_MEMORY_DESCRIPTOR *d)
{
	pte_t flags = PTEVALID;

	if ((d->Attribute & EFI_MEMORY_RO) == 0)
		flags |= PTEWRITE;
	if (d->Attribute & EFI_MEMORY_XP)
		flags |= PTENOEXEC;
	return flags;
}

/* Nothing that wraps, is too wide for the CPU or names page 0. */
static bool
sane(const EFI_MEMORY_DESCRIPTOR *d)
{
	paddr_t end = MIN(UTOP, (paddr_t)1 << cpu.physbits);

	return d->NumberOfPages <= RUNTIMEMAX && d->PhysicalStart >= BY2PG &&
	       d->PhysicalStart % BY2PG == 0 && d->PhysicalStart < end &&
	       d->NumberOfPages <= (end - d->PhysicalStart) / BY2PG;
}

static void
mapone(const EFI_MEMORY_DESCRIPTOR *d, pte_t flags)
{
	if (!sane(d))
		print("runtime: %ju pages at %#jx are not mapped\n",
		    (uintmax_t)d->NumberOfPages, (uintmax_t)d->PhysicalStart);
	else if (fwmap(d->PhysicalStart, d->NumberOfPages, flags) < 0)
		print("runtime: no tables for %#jx\n",
		    (uintmax_t)d->PhysicalStart);
}

/* The attributes table, first: what it names is mapped as it says. */
static void
mapfine(void)
{
	const Memoryattributes *t = handover(bootinfo, bootinfo->attributes);
	const uint8_t *desc = (const uint8_t *)(t + 1);

	for (size_t i = 0; bootinfo->attributessize != 0 && i < t->n; i++) {
		EFI_MEMORY_DESCRIPTOR d;

		memcpy(&d, desc + i * t->stride, sizeof d);
		mapone(&d, fineflags(&d));
	}
}

/* Then what it left out; by type too, as some firmware forgets the mark. */
static void
mapplain(void)
{
	const uint8_t *map = handover(bootinfo, bootinfo->map);
	size_t stride = bootinfo->mapstride;

	for (size_t i = 0; i + stride <= bootinfo->mapsize; i += stride) {
		EFI_MEMORY_DESCRIPTOR d;

		memcpy(&d, map + i, sizeof d);
		if (ismemory(&d) || (d.Attribute & EFI_MEMORY_RUNTIME))
			mapone(&d, plainflags(&d));
	}
}

void
runtimeinit(void)
{
	mapfine();
	mapplain();
}

bool
runtimeanswers(uint64_t *status)
{
	static uint8_t time[16]; /* EFI_TIME */
	const uint64_t args[4] = {(uintptr_t)time, 0, 0, 0};

	return fwcall(bootinfo->gettime, args, status) == 0;
}

static void
resetsystem(EFI_RESET_TYPE how)
{
	const uint64_t args[4] = {how, EFI_SUCCESS, 0, 0};
	uint64_t status = 0;

	if (fwcall(bootinfo->resetsystem, args, &status) == 0)
		print("firmware's ResetSystem came back\n");
}

void
reset(void)
{
	serialdrain();
	resetsystem(EfiResetCold);
	platformreset(&bootinfo->poweroff);
	print("nothing resets this machine: use its button\n");
}

/* U-Boot takes a shutdown for a reset, so there ACPI goes first. */
void
poweroff(void)
{
	serialdrain();
	if (memcmp(bootinfo->firmware, "Das U-Boot", 10) != 0)
		resetsystem(EfiResetShutdown);
	platformpoweroff(&bootinfo->poweroff);
	resetsystem(EfiResetShutdown);
	print("nothing switches this machine off: use its button\n");
}
