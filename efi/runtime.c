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
#include "uefix.h"

enum { RUNTIMEMAX = 65536 }; /* pages of one range; more is no service */

/* What a descriptor of the plain map allows. */
static pte_t
plainflags(const EFI_MEMORY_DESCRIPTOR *d)
{
	if (d->Type == EfiRuntimeServicesCode)
		return PTEVALID | PTEWRITE;
	if (d->Type == EfiRuntimeServicesData)
		return PTEVALID | PTEWRITE | PTENOEXEC;
	return PTEVALID | PTEWRITE | PTENOEXEC | PTEUC;
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

static void
mapone(const EFI_MEMORY_DESCRIPTOR *d, pte_t flags)
{
	paddr_t end = d->PhysicalStart + d->NumberOfPages * BY2PG;

	if (d->NumberOfPages > RUNTIMEMAX || d->PhysicalStart < BY2PG ||
	    d->PhysicalStart % BY2PG != 0 || end > UTOP)
		print("runtime: %ju pages at %#jx are not mapped\n",
		    (uintmax_t)d->NumberOfPages, (uintmax_t)d->PhysicalStart);
	else if (fwmap(d->PhysicalStart, d->NumberOfPages, flags) < 0)
		print("runtime: no tables for %#jx\n",
		    (uintmax_t)d->PhysicalStart);
}

/* Runtime code and data, from whichever table says more; devices always. */
static void
mapall(const uint8_t *desc, size_t size, size_t stride, bool fine)
{
	bool have = bootinfo->attributessize != 0;

	for (size_t i = 0; i + stride <= size; i += stride) {
		EFI_MEMORY_DESCRIPTOR d;

		memcpy(&d, desc + i, sizeof d);
		bool memory = d.Type == EfiRuntimeServicesCode ||
			      d.Type == EfiRuntimeServicesData;
		if (fine)
			mapone(&d, fineflags(&d));
		else if ((d.Attribute & EFI_MEMORY_RUNTIME) &&
			 !(have && memory))
			mapone(&d, plainflags(&d));
	}
}

void
runtimeinit(void)
{
	const uint8_t *map = handover(bootinfo, bootinfo->map);
	const Memoryattributes *t = handover(bootinfo, bootinfo->attributes);

	mapall(map, bootinfo->mapsize, bootinfo->mapstride, false);
	if (bootinfo->attributessize != 0)
		mapall((const uint8_t *)(t + 1),
		    bootinfo->attributessize - sizeof *t, t->stride, true);
}

bool
runtimeanswers(uint64_t *status)
{
	static uint8_t time[16]; /* EFI_TIME */
	const uint64_t args[4] = {(uintptr_t)time, 0, 0, 0};

	return fwcall(bootinfo->gettime, args, status) == 0 &&
	       (*status == EFI_SUCCESS || *status == EFI_UNSUPPORTED ||
		   *status == EFI_DEVICE_ERROR);
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
	platformreset();
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
