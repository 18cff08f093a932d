/*
 * loader.c - what GRUB's lsefimmap and U-Boot's `efidebug memmap` print.
 *
 *	Type      Physical start  - end              #Pages     Size Attributes
 *	conv-mem  0000000000001000-000000000009ffff 0000009f  636KiB UC WC WT WB
 *
 *	Type             Start            End              Attributes
 *	================ ================ ================ ==========
 *	CONVENTIONAL     0000000000000000-0000000004000000 WB
 *
 * GRUB's range has its last byte in it, U-Boot's ends before its end.
 */
#include "form.h"

enum { ADDRESS = 16 };

static const Name grubtypes[] = {
    {"reserved", 0},
    {"ldr-code", 1},
    {"ldr-data", 2},
    {"BS-code", 3},
    {"BS-data", 4},
    {"RT-code", 5},
    {"RT-data", 6},
    {"conv-mem", 7},
    {"unusable", 8},
    {"ACPI-rec", 9},
    {"ACPI-nvs", 10},
    {"MMIO", 11},
    {"IO-ports", 12},
    {"PAL-code", 13},
    {"persist", 14},
};

static const Name uboottypes[] = {
    {"RESERVED", 0},
    {"LOADER CODE", 1},
    {"LOADER DATA", 2},
    {"BOOT CODE", 3},
    {"BOOT DATA", 4},
    {"RUNTIME CODE", 5},
    {"RUNTIME DATA", 6},
    {"CONVENTIONAL", 7},
    {"UNUSABLE MEM", 8},
    {"ACPI RECLAIM MEM", 9},
    {"ACPI RECLAIM", 9},
    {"ACPI NVS", 10},
    {"IO", 11},
    {"IO PORT", 12},
    {"PAL", 13},
    {"PERSISTENT", 14},
    {"UNACCEPTED", 15},
};

/* The names of a table's types, and a word that all its rows have. */
typedef struct Table Table;
struct Table {
	const Name *type;
	size_t ntype;
	const char *word;
};

static const Table grub = {grubtypes, nelem(grubtypes), "iB"};
static const Table uboot = {uboottypes, nelem(uboottypes), "-"};

/* Where the addresses start behind the name at s, and how long that is. */
static const char *
addresses(const char *s, size_t *len)
{
	for (const char *p = s; *(p += textuntil(p, " ")) != '\0';) {
		*len = (size_t)(p - s);
		scanblanks(&p);
		if (hexdigits(p) == ADDRESS && p[ADDRESS] == '-')
			return p;
	}
	return NULL;
}

/*
 * A line of this table: below its heading anything with addresses, or with a
 * type's name; elsewhere with both, and the table's word.
 */
static enum what
tableline(const Map *m, const char *s, const Table *t)
{
	size_t len;
	uint64_t type;
	bool inside = m->headed && !m->ended;
	bool found = addresses(s, &len) != NULL;

	if (!found)
		len = textuntil(s, " ");

	bool named = lookup(t->type, t->ntype, s, len, &type);

	if (inside)
		return found || named ? ROW : OTHER;
	return found && named && textfind(s, t->word) != NULL ? ROW : OTHER;
}

static enum what
grubwhat(const Map *m, const Line *l)
{
	const char *s = l->s;

	if (scanword(&s, "Type ")) {
		scanblanks(&s);
		return scanword(&s, "Physical start") ? HEAD : OTHER;
	}
	if (scanword(&s, "--MORE--"))
		return OWN;
	return tableline(m, l->s, &grub);
}

/* "conv-mem", or "Unk 70000001". */
static bool
grubtype(const char *s, size_t len, uint64_t *type)
{
	if (lookup(grub.type, grub.ntype, s, len, type))
		return true;
	return scanword(&s, "Unk ") && scanhex(&s, type) && *type <= UINT32_MAX;
}

static int
grubrow(Map *m, const Line *l, Entry *e)
{
	size_t len;
	const char *s = addresses(l->s, &len);
	uint64_t type;
	uint64_t last;
	uint64_t size;

	if (s == NULL || !scanspan(&s, &e->base, &last))
		return mapfail(m, "START-END is missing");
	if (!grubtype(l->s, len, &type))
		return notype(m, l->s, len);
	e->type = (uint32_t)type;
	scanblanks(&s);
	if (!scanhex(&s, &e->npages))
		return mapfail(m, "the number of pages is missing");
	scanblanks(&s);
	if (!scandec(&s, &size) || *s == '\0' || !textstarts(s + 1, "iB"))
		return mapfail(m, "the size is missing");
	attrnames(m, s + 3, &e->attr);
	return checkspan(m, e, last);
}

const Form lsefimmap = {.name = "a table of GRUB's lsefimmap",
    .efi = true,
    .endless = true,
    .what = grubwhat,
    .row = grubrow};

static enum what
ubootwhat(const Map *m, const Line *l)
{
	const char *s = l->s;

	if (!scanword(&s, "Type "))
		return tableline(m, l->s, &uboot);
	scanblanks(&s);
	if (!scanword(&s, "Start "))
		return OTHER;
	scanblanks(&s);
	if (!scanword(&s, "End "))
		return OTHER;
	scanblanks(&s);
	return scanword(&s, "Attributes") ? HEAD : OTHER;
}

static int
ubootrow(Map *m, const Line *l, Entry *e)
{
	size_t len;
	const char *s = addresses(l->s, &len);
	uint64_t type;
	uint64_t end;

	if (s == NULL)
		return mapfail(m, "START-END is missing");
	if (hexdigits(s + ADDRESS + 1) != ADDRESS)
		return mapfail(m, "END is cut");
	scanspan(&s, &e->base, &end);
	if (!lookup(uboot.type, uboot.ntype, l->s, len, &type))
		return notype(m, l->s, len);
	e->type = (uint32_t)type;
	attrnames(m, s, &e->attr);
	return wholepages(m, e, end);
}

const Form efidebug = {.name = "a table of U-Boot's efidebug",
    .efi = true,
    .endless = true,
    .what = ubootwhat,
    .row = ubootrow};
