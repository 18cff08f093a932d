/*
 * map.c - `mem9 map': what firmware says of the machine's memory, and what a
 * kernel makes of it.
 *
 * For people a table in the columns of the shell's own memmap, by address:
 * neighbours that become the same are one row, holes are rows, and sums by
 * type are held against what is installed. With -sfo the shell's lines. Plain
 * ASCII, 80 columns, so that the shell's > and -b are of use.
 */
#include "commands.h"
#include "cpu.h"
#include "e820.h"
#include "firmware.h"
#include "hooks.h"
#include "tables/installed.h"
#include "maprows.h"
#include "print.h"
#include "shellmap.h"
#include "sizetext.h"

enum { COLUMNS = 79, WORD = 24 };

typedef struct Row Row;
typedef struct Sums Sums;

/* A row under way: what it becomes may take more than one line. */
struct Row {
	size_t from; /* the column where that begins */
	size_t at;   /* and the one where the next word does */
};

/* Pages of descriptors: what overlaps is in several, but in memory once. */
struct Sums {
	uint64_t type[NSHELLTYPE + 1]; /* the last: of no name */
	uint64_t as[NMEMTYPE + 1];
	uint64_t memory; /* write-back: what modules of memory hold */
	uint64_t twice;  /* of it, what another one had before */
	uint64_t other;  /* what is none: devices, mostly */
};

static void
size(uint64_t bytes)
{
	char text[SIZETEXT];

	print("%s", sizetext(text, bytes));
}

/* One word more of what a row becomes, or below it where it has no room. */
static void
addword(Row *r, const char *before, const char *word)
{
	char text[WORD];
	size_t n = snprint(text, sizeof text, "%s%s", before, word);

	if (r->at + n > COLUMNS) {
		n = snprint(text, sizeof text, " %s", word);
		print("\n%*s", (int)r->from, "");
		r->at = r->from;
	}
	print("%s", text);
	r->at += n;
}

static void
attributes(Row *r, uint64_t a)
{
	static const struct {
		uint64_t bit;
		const char *name;
	} names[] = {{EFI_MEMORY_UC, "UC"}, {EFI_MEMORY_WC, "WC"},
	    {EFI_MEMORY_WT, "WT"}, {EFI_MEMORY_WB, "WB"}, {EFI_MEMORY_WP, "WP"},
	    {EFI_MEMORY_RP, "RP"}, {EFI_MEMORY_XP, "XP"},
	    {EFI_MEMORY_RUNTIME, "RT"}};
	const char *sep = " ";
	char rest[WORD];

	for (size_t i = 0; i < nelem(names); i++)
		if (a & names[i].bit) {
			addword(r, sep, names[i].name);
			a &= ~names[i].bit;
			sep = ",";
		}
	snprint(rest, sizeof rest, "%#jx", (uintmax_t)a);
	if (a != 0)
		addword(r, sep, rest);
}

/* Plan 9's word without its Mem. */
static const char *
plainname(enum memtype t)
{
	return memtypename(t) + sizeof "Mem" - 1;
}

static const char *
typeword(char text[WORD], const Maprow *r)
{
	if (r->ndesc == 0)
		return "(hole)";
	snprint(text, WORD, "%08X", (unsigned)r->type);
	return shelltype(r->type) != NULL ? shelltype(r->type) : text;
}

/* Up to N; the columns that it has taken. */
static size_t
where(const Maprow *r)
{
	char text[COLUMNS + 1];
	char count[WORD] = "";
	char type[WORD];
	char bytes[SIZETEXT];

	if (r->ndesc > 1)
		snprint(count, sizeof count, "%zu", r->ndesc);
	size_t n = snprint(text, sizeof text, "%-10s %016jX-%016jX %7jX %s",
	    typeword(type, r), (uintmax_t)r->base,
	    (uintmax_t)(r->base + r->npages * BY2PG - 1), (uintmax_t)r->npages,
	    sizetext(bytes, r->npages * BY2PG));

	if (r->ndesc > 0)
		n += snprint(text + n, sizeof text - n, " %3s", count);
	print("%s", text);
	return n;
}

static void
printrow(void *arg, const Maprow *r)
{
	size_t n = where(r);
	Row row = {.from = n, .at = n};

	(void)arg;
	if (r->ndesc > 0) {
		addword(&row, " ",
		    r->as == NMEMTYPE ? "left out" : plainname(r->as));
		attributes(&row, r->attr);
		if (r->overlaps)
			addword(&row, " ", "overlaps");
	}
	print("\n");
}

static void
heading(enum roworder order)
{
	if (order == ROWSFOLDED)
		print("Neighbours that become the same are one row, of N, "
		      "named by the largest.\n\n");
	print("Type       Start            End              # Pages    Size"
	      "%s Becomes\n",
	    order == ROWSFOLDED ? "   N" : "    ");
}

/* Its pages from *end on, which moves to its own end. */
static uint64_t
beyond(const Efidesc *d, paddr_t *end)
{
	paddr_t from = MAX(d->base, *end);

	*end = MAX(*end, d->base + d->npages * BY2PG);
	return (*end - from) / BY2PG;
}

/* Of a map in order. */
static void
sumup(const Efimap *map, Sums *s)
{
	paddr_t end = 0; /* of all memory so far */

	memset(s, 0, sizeof *s);
	for (size_t i = 0; i < efimapcount(map); i++) {
		Efidesc d = efimapdesc(map, i);
		enum memtype as = efimapverdict(map, &d);

		s->as[as] += d.npages;
		if (as == NMEMTYPE)
			continue;
		s->type[MIN(d.type, NSHELLTYPE)] += d.npages;
		if ((d.attr & EFI_MEMORY_WB) == 0) {
			s->other += d.npages;
			continue;
		}
		uint64_t n = beyond(&d, &end);
		s->memory += n;
		s->twice += d.npages - n;
	}
}

static void
sum(uint64_t npages, const char *what)
{
	print("%12jX ", (uintmax_t)npages);
	size(npages * BY2PG);
	print("  %s\n", what);
}

static void
bytype(const Sums *s)
{
	print("\n     # Pages    Size  by type\n");
	for (uint32_t t = 0; t < NSHELLTYPE; t++)
		if (s->type[t] != 0)
			sum(s->type[t], shelltype(t));
	if (s->type[NSHELLTYPE] != 0)
		sum(s->type[NSHELLTYPE], "other types");
	if (s->twice != 0)
		sum(s->twice, "of these twice: ranges that overlap");
	if (s->other != 0)
		sum(s->other, "of these cannot be RAM: not write-back");
}

/* 0 if nobody knows; what is wrong with SMBIOS is said. */
static uint64_t
installed(const Efimap *map)
{
	Installed in = installedread(map);

	if (in.why != NULL)
		print("SMBIOS at %#jx is not read: %s.\n", (uintmax_t)in.wrong,
		    in.why);
	else if (in.bytes == 0)
		print("SMBIOS does not say how much memory is installed.\n");
	return in.bytes;
}

/* What is installed is what the map has, and a rest that is explained. */
static void
balance(const Efimap *map, const Sums *s)
{
	uint64_t have = installed(map) / BY2PG;

	sum(s->memory, "memory in the map");
	if (have == 0)
		return;
	if (have > s->memory)
		sum(have - s->memory, "in no range: below 1 MiB (video, ROM), "
				      "or firmware's own");
	if (have < s->memory)
		sum(s->memory - have,
		    "too much: ranges that say write-back, and are no memory");
	sum(have, "installed, by SMBIOS");
}

/* By what a kernel makes of it: the map's order of MemRAM and the others. */
static void
bykernel(const Efimap *map, const Sums *s)
{
	print("\n     # Pages    Size  a kernel gets\n");
	for (enum memtype t = MemRAM; t < NMEMTYPE; t++)
		if (s->as[t] != 0)
			sum(s->as[t], plainname(t));
	if (s->as[NMEMTYPE] != 0)
		sum(s->as[NMEMTYPE],
		    "left out: ranges that make no sense, in no sum above");
	print("\n%zu descriptors, %zu bytes apart.\n", efimapcount(map),
	    map->stride);
}

static void
forpeople(const Options *o, Rawmap *m)
{
	enum roworder order = o->raw ? ROWSRAW : o->all ? ROWSALL : ROWSFOLDED;
	Efimap map = efimapof(m);
	Sums s;

	if (order != ROWSRAW)
		maprowssort(m->desc, m->size, m->stride);
	heading(order);
	maprows(&map, order, printrow, NULL);
	if (order == ROWSRAW)
		maprowssort(m->desc, m->size, m->stride);
	sumup(&map, &s);
	bytype(&s);
	print("\n");
	balance(&map, &s);
	bykernel(&map, &s);
	if (order == ROWSFOLDED)
		print("mem9 map -a shows all rows, -r as firmware gave them; "
		      "-b: a screen at a time.\n");
}

int
mapcommand(const Options *o)
{
	Rawmap m;

	if (!getmap(&m))
		return SHELLDEVICEERROR;
	cpuidentify();
	Efimap map = efimapof(&m);
	size_t n = efimapcount(&map);
	if (n == 0)
		print("mem9: descriptors %zu bytes apart: no map\n", m.stride);
	else if (o->sfo)
		shellmapprint(&map, o->verbose);
	else if (o->verbose)
		efimapprint(&map);
	else
		forpeople(o, &m);
	fwfree(m.desc);
	return n != 0 ? SHELLOK : SHELLDEVICEERROR;
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
