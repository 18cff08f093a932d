/*
 * shellmap.c - see shellmap.h.
 *
 * Read off edk2's ShellPkg (MemMap.c) and what it prints: types that it has no
 * name for are in its total and in no line; devices, unusable and reserved
 * memory are in no total.
 */
#include "shellmap.h"
#include "hooks.h"

const char *
shelltype(uint32_t type)
{
	static const char *const name[NSHELLTYPE] = {"Reserved", "LoaderCode",
	    "LoaderData", "BS_Code", "BS_Data", "RT_Code", "RT_Data",
	    "Available", "Unusable", "ACPI_Recl", "ACPI_NVS", "MMIO",
	    "MMIO_Port", "PalCode", "Persistent", "Unaccepted"};

	return type < NSHELLTYPE ? name[type] : NULL;
}

const char *
shelltypelong(uint32_t type)
{
	static const char *const name[NSHELLTYPE] = {"Reserved", "LoaderCode",
	    "LoaderData", "BootServiceCode", "BootServiceData", "RuntimeCode",
	    "RuntimeData", "Available", "UnusableMemory", "ACPIReclaimMemory",
	    "ACPIMemoryNVS", "MemoryMappedIO", "MemoryMappedIOPortSpace",
	    "PalCode", "Persistent", "Unaccepted"};

	return type < NSHELLTYPE ? name[type] : NULL;
}

static bool
totalled(uint32_t type)
{
	enum { Reserved, Unusable = 8, Mmio = 11, Mmioport = 12 };

	return type != Reserved && type != Unusable && type != Mmio &&
	       type != Mmioport;
}

static void
line(const Efimap *map, const Efidesc *d, bool as)
{
	const char *name = shelltypelong(d->type);

	if (name == NULL && !as)
		return;
	if (name != NULL)
		print("MemoryMap,\"%s\"", name);
	else
		print("MemoryMap,\"%08X\"", (unsigned)d->type);
	print(",\"%jX\",\"%jX\",\"%jX\",\"%jX\"", (uintmax_t)d->base,
	    (uintmax_t)(d->base + d->npages * BY2PG - 1), (uintmax_t)d->npages,
	    (uintmax_t)d->attr);
	if (as)
		print(",\"%s\"", memtypename(efimapverdict(map, d)));
	print("\n");
}

/* Types in the shell's order; a blank before the last is the shell's, too. */
static void
summary(const uint64_t *npages, uint64_t total)
{
	static const uint8_t order[] = {
	    0, 3, 4, 5, 6, 1, 2, 7, 11, 12, 8, 9, 10, 13, 15, 14};

	print("MemoryMapSummary,\"%ju\"", (uintmax_t)(total * BY2PG));
	for (size_t i = 0; i < nelem(order); i++)
		print(",%s\"%ju\"", i + 1 == nelem(order) ? " " : "",
		    (uintmax_t)(npages[order[i]] * BY2PG));
	print("\n");
}

void
shellmapprint(const Efimap *map, bool as)
{
	uint64_t npages[NSHELLTYPE] = {0};
	uint64_t total = 0;

	print("ShellCommand,\"memmap\"\n");
	for (size_t i = 0; i < efimapcount(map); i++) {
		Efidesc d = efimapdesc(map, i);

		line(map, &d, as);
		if (d.type < NSHELLTYPE)
			npages[d.type] += d.npages;
		if (totalled(d.type))
			total += d.npages;
	}
	summary(npages, total);
}
