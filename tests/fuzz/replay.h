/*
 * replay.h - any text at all: refused with a line and a reason, or read; and
 * then, written again in that form, read as the same entries, and painted as
 * the model says.
 *
 * The target defines FORM, one of efi/forms', before including this; NULL
 * lets replay find out.
 */
#include "fuzz.h"
#include "memmap.h"
#include "efimap.h"
#include "paint.h"
#include "../../tools/replay/replay.h"

enum { MAXTEXT = 4000, MAXPAINT = 40 };

static char again[1 << 18];

/* The last byte of an entry, and the names of its attributes. */
static uint64_t
lastof(const Entry *e)
{
	return e->base + e->npages * BY2PG - 1;
}

static const char *
attributes(uint64_t attr, const char *between)
{
	static const struct {
		const char *name;
		int bit;
	} bits[] = {{"UC", 0}, {"WC", 1}, {"WT", 2}, {"WB", 3}, {"UCE", 4},
	    {"WP", 12}, {"RP", 13}, {"XP", 14}, {"NV", 15}, {"MR", 16},
	    {"RO", 17}, {"SP", 18}, {"CC", 19}, {"HP", 20}, {"ISA", 62},
	    {"RT", 63}};
	static char words[128];

	words[0] = '\0';
	for (size_t i = 0; i < nelem(bits); i++)
		if (attr >> bits[i].bit & 1)
			strcat(strcat(words, between), bits[i].name);
	return words;
}

/* What each of the forms calls a type. */
static const char *
grubname(uint32_t type)
{
	static const char *const names[] = {"reserved", "ldr-code", "ldr-data",
	    "BS-code", "BS-data", "RT-code", "RT-data", "conv-mem", "unusable",
	    "ACPI-rec", "ACPI-nvs", "MMIO", "IO-ports", "PAL-code", "persist"};
	static char unknown[16];

	if (type < nelem(names))
		return names[type];
	snprintf(unknown, sizeof unknown, "Unk %02x", type);
	return unknown;
}

static const char *
ubootname(uint32_t type)
{
	static const char *const names[] = {"RESERVED", "LOADER CODE",
	    "LOADER DATA", "BOOT CODE", "BOOT DATA", "RUNTIME CODE",
	    "RUNTIME DATA", "CONVENTIONAL", "UNUSABLE MEM", "ACPI RECLAIM",
	    "ACPI NVS", "IO", "IO PORT", "PAL", "PERSISTENT", "UNACCEPTED"};

	return names[type];
}

static const char *
resource(uint32_t type)
{
	switch (type) {
	case 1:
		return "System RAM";
	case 2:
		return "Reserved";
	case 3:
		return "ACPI Tables";
	case 4:
		return "ACPI Non-volatile Storage";
	case 5:
		return "Unusable memory";
	case 7:
		return "Persistent Memory";
	case 12:
		return "Persistent Memory (legacy)";
	default:
		return "Soft Reserved";
	}
}

static void
writeefi(char *s, size_t size, const Form *f, const Entry *e, size_t i)
{
	if (f == &linuxefi)
		snprintf(s, size,
		    "efi: mem%02zu: [type=%u|attr=0x%jx] range=[0x%jx-0x%jx]\n",
		    i, e->type, e->attr, e->base, lastof(e));
	else if (f == &shelltable)
		snprintf(s, size, "%08X %016jX-%016jX %016jX %016jX\n", e->type,
		    e->base, lastof(e), e->npages, e->attr);
	else if (f == &shellsfo)
		snprintf(s, size,
		    "MemoryMap,\"%X\",\"%jX\",\"%jX\",\"%jX\",\"%jX\"\n",
		    e->type, e->base, lastof(e), e->npages, e->attr);
	else if (f == &xenefi)
		snprintf(s, size, "(XEN)  %013jx-%013jx type=%u attr=%016jx\n",
		    e->base, lastof(e), e->type, e->attr);
	else if (f == &lsefimmap)
		snprintf(s, size, "%-9s %016jx-%016jx %08jx %6juKiB%s\n",
		    grubname(e->type), e->base, lastof(e), e->npages,
		    e->npages * 4, attributes(e->attr, " "));
	else if (f == &efidebug)
		snprintf(s, size, "%-16s %016jx-%016jx %s\n",
		    ubootname(e->type), e->base, lastof(e) + 1,
		    attributes(e->attr, "|"));
	else if (f == &freebsd)
		snprintf(s, size, "%23s %012jx %12s %08jx %s\n",
		    e->type == 0 ? "Reserved" : efitypename(e->type), e->base,
		    "0x0", e->npages, attributes(e->attr, " "));
	else
		snprintf(s, size, "efi %u 0x%jx %ju 0x%jx\n", e->type, e->base,
		    e->npages, e->attr);
}

static void
writemem9(char *s, size_t size, const Entry *e)
{
	const char *name = efitypename(e->type);
	char number[16];

	snprintf(number, sizeof number, "0x%x", e->type);
	snprintf(s, size,
	    "mem9: efi type=%s base=0x%jx pages=%ju attr=0x%jx as=x\n",
	    name != NULL ? name : number, e->base, e->npages, e->attr);
}

static void
writee820(char *s, size_t size, const Form *f, const Entry *e, size_t i)
{
	const char *who = f == &linuxe820 ? "BIOS-e820: "
			  : f == &biosefi ? " BIOS-EFI: "
					  : "(XEN)  ";

	if (f == &iomem)
		snprintf(s, size, "%08jx-%08jx : %s\n", e->base, e->end - 1,
		    resource(e->type));
	else if (f == &sysmemmap)
		snprintf(s, size,
		    "%zu/end:0x%jx\n%zu/start:0x%jx\n%zu/type:%s\n", i,
		    e->end - 1, i, e->base, i, resource(e->type));
	else if (f == &mapse820)
		snprintf(
		    s, size, "e820 %u 0x%jx 0x%jx\n", e->type, e->base, e->end);
	else if (f == &dom0)
		snprintf(s, size, "Xen: [mem 0x%jx-0x%jx] type %u\n", e->base,
		    e->end - 1, e->type);
	else
		snprintf(s, size, "%s%016jx - %016jx (type %u)\n", who, e->base,
		    e->end, e->type);
}

/* What stands before the entries, and the totals behind them. */
static size_t
writehead(const Form *f)
{
	const char *s = f == &shelltable ? "Type  Start  End  Pages\n"
			: f == &efidebug ? "Type  Start End Attributes\n"
			: f == &freebsd  ? "Type Physical Virtual\n"
					 : "";

	return (size_t)snprintf(again, sizeof again, "%s", s);
}

static size_t
writetotal(const Map *m, size_t n)
{
	uint64_t sum = 0;

	if (m->form != &shellsfo)
		return n;
	for (size_t i = 0; i < m->nentry; i++) {
		uint32_t type = m->entry[i].type;

		if (type != 0 && type != 8 && type != 11 && type != 12)
			sum += m->entry[i].npages * BY2PG;
	}
	return n + (size_t)snprintf(again + n, sizeof again - n,
		       "MemoryMapSummary,\"%ju\"\n", (uintmax_t)sum);
}

static size_t
writemap(const Map *m)
{
	size_t n = writehead(m->form);

	for (size_t i = 0; i < m->nentry; i++) {
		char *s = again + n;
		size_t left = sizeof again - n;

		if (m->form == &mem9log)
			writemem9(s, left, &m->entry[i]);
		else if (m->form->efi)
			writeefi(s, left, m->form, &m->entry[i], i);
		else
			writee820(s, left, m->form, &m->entry[i], i);
		n += strlen(s);
	}
	return writetotal(m, n);
}

static bool
entrysame(const Entry *a, const Entry *b)
{
	return a->type == b->type && a->base == b->base &&
	       a->npages == b->npages && a->attr == b->attr && a->end == b->end;
}

/* Written again and read again, it must be the same. */
static void
andback(const Map *m)
{
	size_t n = writemap(m);
	size_t at = 0;
	Map why = {0};
	Map m2;
	Text t;

	if (textread(&t, &why, (uint8_t *)again, n) < 0)
		panic("%s: %s", again, why.why);
	if (listread(&m2, &t, m->form, &at) != 1)
		panic("%s:%zu: %s", again, m2.lineno, m2.why);
	if (m2.nentry != m->nentry)
		panic("%zu entries, not %zu: %s", m2.nentry, m->nentry, again);
	for (size_t i = 0; i < m->nentry; i++)
		if (!entrysame(&m2.entry[i], &m->entry[i]))
			panic("entry %zu of %s", i, again);
	mapfree(&m2);
	textfree(&t);
}

static void
painted(Map *m)
{
	static uint64_t table[1 << 16];
	Paint p = {0};

	memmapinit(table, sizeof table);
	if (mapfeed(m, 52) < 0)
		panic("%s", m->why);
	paintdefaults(&p);
	for (size_t i = 0; i < m->nentry; i++) {
		const Entry *e = &m->entry[i];

		if (m->form->efi)
			paintefi(&p, e->type, e->base, e->npages, e->attr, 52);
		else
			painte820(&p, e->type, e->base, e->end, 52);
	}
	paintdone(&p);
	if (paintdiffers(&p) != NULL)
		panic("%s", paintdiffers(&p));
	memmapcheck();
	mapavoid(m, 52);
	paintfree(&p);
}

static void
readmap(Map *m)
{
	if (m->e820 != NULL)
		return;
	andback(m);
	if (m->nentry <= MAXPAINT)
		painted(m);
}

/* All lists of this form, or the map that replay finds. */
static void
readas(const Text *t, const Form *form)
{
	Map m;
	size_t at = 0;
	int got;

	do {
		got = listread(&m, t, form, &at);
		if (got < 0 && (m.why[0] == '\0' || m.lineno == 0))
			panic("refused without a line or a reason");
		if (got > 0)
			readmap(&m);
		mapfree(&m);
	} while (got != 0);
}

static void
readany(const Text *t)
{
	Lists ls;
	Map why = {0};
	Map *m;

	if (listsread(&ls, t, &why) == 0 && mapread(&m, &ls, t, 0, &why) == 0)
		readmap(m);
	else if (why.why[0] == '\0' || why.lineno == 0)
		panic("refused without a line or a reason");
	for (size_t n = 1; n <= ls.nmap; n++)
		if (listsmain(&ls, n) == NULL)
			panic("map %zu of %zu has no list", n, ls.nmap);
	listsfree(&ls);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const Form *form = FORM;
	Map why = {0};
	Text t;

	if (size > MAXTEXT)
		return 0;
	hostquiet();
	stage = SMACH;
	if (textread(&t, &why, data, size) < 0) {
		if (why.why[0] == '\0' || why.lineno == 0)
			panic("refused without a line or a reason");
	} else if (form == NULL)
		readany(&t);
	else
		readas(&t, form);
	textfree(&t);
	return 0;
}
