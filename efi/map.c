/*
 * map.c - `mem9 map`: what firmware says of the machine's memory.
 *
 * A line a descriptor in firmware's own order, then how much there is of each
 * kind. 80 columns, plain ASCII, so that the shell's > and -b are of use.
 */
#include "commands.h"
#include "cpu.h"
#include "e820.h"
#include "firmware.h"
#include "hooks.h"

static void
size(uint64_t bytes)
{
	static const char unit[] = "KMGT";
	int u = 0;
	uint64_t v = bytes / KiB;

	for (; v >= 10 * KiB && u < 3; u++)
		v /= KiB;
	print("%6ju %c", (uintmax_t)v, unit[u]);
}

static void
attributes(uint64_t a)
{
	static const struct {
		uint64_t bit;
		const char *name;
	} names[] = {{EFI_MEMORY_UC, "UC"}, {EFI_MEMORY_WC, "WC"},
	    {EFI_MEMORY_WT, "WT"}, {EFI_MEMORY_WB, "WB"}, {EFI_MEMORY_WP, "WP"},
	    {EFI_MEMORY_RP, "RP"}, {EFI_MEMORY_XP, "XP"},
	    {EFI_MEMORY_RUNTIME, "RT"}};
	const char *sep = " ";

	for (size_t i = 0; i < nelem(names); i++)
		if (a & names[i].bit) {
			print("%s%s", sep, names[i].name);
			a &= ~names[i].bit;
			sep = ",";
		}
	if (a != 0)
		print("%s%#jx", sep, (uintmax_t)a);
}

static void
table(const Efimap *map)
{
	print("type                 start            end                  "
	      "size attributes\n");
	for (size_t i = 0; i < efimapcount(map); i++) {
		Efidesc d = efimapdesc(map, i);
		const char *name = efitypename(d.type);

		if (name != NULL)
			print("%-20s ", name);
		else
			print("type %-15x ", (unsigned)d.type);
		print("%016jx %016jx ", d.base,
		    (uintmax_t)(d.base + d.npages * BY2PG - 1));
		size(d.npages * BY2PG);
		attributes(d.attr);
		if (efimapverdict(map, &d) == NMEMTYPE)
			print(" (odd: left out)");
		print("\n");
	}
}

/* Sums by what each descriptor becomes for a kernel. */
static void
totals(const Efimap *map)
{
	uint64_t sum[NMEMTYPE + 1] = {0};

	for (size_t i = 0; i < efimapcount(map); i++) {
		Efidesc d = efimapdesc(map, i);

		sum[efimapverdict(map, &d)] += d.npages * BY2PG;
	}
	print("\n%zu descriptors, %zu bytes apart; for a kernel that is\n",
	    efimapcount(map), map->stride);
	for (enum memtype t = MemRAM; t < NMEMTYPE; t++) {
		size(sum[t]);
		print(" %s\n", memtypename(t));
	}
}

int
mapcommand(const Options *o)
{
	Rawmap m;

	if (!getmap(&m))
		return SHELLDEVICEERROR;
	cpuidentify();
	Efimap map = efimapof(&m);
	if (efimapcount(&map) == 0)
		print("mem9: descriptors %zu bytes apart: no map\n", m.stride);
	else if (o->verbose)
		efimapprint(&map);
	else {
		table(&map);
		totals(&map);
	}
	fwfree(m.desc);
	return efimapcount(&map) != 0 ? SHELLOK : SHELLDEVICEERROR;
}

/* The map goes through the same memmap as at a boot, in borrowed memory. */
int
e820command(void)
{
	Rawmap m;

	if (!getmap(&m))
		return SHELLDEVICEERROR;
	cpuidentify();
	Efimap map = efimapof(&m);
	size_t need = memmapneed(efimapcount(&map));
	void *table = fwtake(need);
	int status = SHELLNOMEMORY;

	if (table != NULL) {
		memmapinit(table, need);
		status = efimapadd(&map) < 0 ? SHELLDEVICEERROR : SHELLOK;
	}
	if (status == SHELLOK)
		e820print();
	fwfree(table);
	fwfree(m.desc);
	return status;
}
