/*
 * runtime.c - runtime services after the takeover, and the ways behind them.
 *
 * What is mapped, and how, is servicemap.c's business. SetVirtualAddressMap is
 * never called: everything stays where it is.
 */
#include <efi.h>

#include "bootinfo.h"
#include "cpu.h"
#include "fwcall.h"
#include "hooks.h"
#include "kept.h"
#include "platform.h"
#include "runtime.h"
#include "serial.h"
#include "servicemap.h"
#include "../few.h"
#include "../uefix.h"

/* Say which descriptors cannot be mapped. */
static void
complain(const Efimap *map)
{
	size_t n = 0;

	for (size_t i = 0; i < efimapcount(map); i++) {
		Efidesc d = efimapdesc(map, i);

		if (servicewanted(&d) && !servicesane(&d, cpu.physbits) &&
		    few(&n))
			print("runtime: %ju pages at %#jx are not mapped\n",
			    (uintmax_t)d.npages, (uintmax_t)d.base);
	}
	if (beyondfew(n) > 0)
		print("runtime: %zu more range%s not mapped\n", beyondfew(n),
		    beyondfew(n) == 1 ? " is" : "s are");
}

static void
mapall(enum fwspace which, const Servicemap *m)
{
	Servicerange r = {.end = 0};
	size_t n = 0;

	while (servicerange(m, r.end, &r))
		if (fwmap(which, r.pa, r.end - r.pa, r.flags) < 0 && few(&n))
			print("runtime: no tables for [%#jx, %#jx)\n", r.pa,
			    r.end);
	if (beyondfew(n) > 0)
		print("runtime: no tables for %zu more range%s\n", beyondfew(n),
		    plural(beyondfew(n)));
}

/* The copy of the attributes table; of size 0 if there is none. */
static Efimap
attributes(void)
{
	const Memoryattributes *t = handover(bootinfo, bootinfo->attributes);

	if (bootinfo->attributessize == 0)
		return (Efimap){.size = 0};
	return (Efimap){.desc = t + 1,
	    .size = (size_t)t->n * t->stride,
	    .stride = t->stride};
}

void
runtimeinit(void)
{
	Servicemap m = {.map = {.desc = handover(bootinfo, bootinfo->map),
			    .size = bootinfo->mapsize,
			    .stride = bootinfo->mapstride,
			    .physbits = cpu.physbits},
	    .fine = attributes()};

	complain(&m.map);
	complain(&m.fine);
	mapall(FWFINE, &m);
	if (m.fine.size == 0)
		return;
	m.fine.size = 0;
	mapall(FWPLAIN, &m);
}

bool
runtimeanswers(uint64_t *status)
{
	static EFI_TIME time;
	const uint64_t args[4] = {(uintptr_t)&time, 0, 0, 0};

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
	if (keptopened())
		resetsystem(EfiResetWarm); /* others may clear RAM */
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
