/*
 * shell.c - what the memmap command of the UEFI Shell prints, plain and -sfo,
 * and of the EFI Shell before it.
 *
 *	Type       Start            End              # Pages          Attributes
 *	Available  0000000000000000-000000000009FFFF 00000000000000A0 ...F
 *
 *	  Available :        160 Pages (655,360 Bytes)
 *
 *	MemoryMap,"Available","0","9FFFF","A0","F"
 *	MemoryMapSummary,"655360",...
 *
 * Everything is hexadecimal but the totals. End and pages must agree: a table
 * with a digit lost on the way would be read wrong otherwise; so must the
 * totals, where they are there. The -sfo list always ends in them. It leaves
 * out the types of OEMs and operating systems, though not from its first
 * total: such a list is no map.
 */
#include "form.h"

enum { ADDRESS = 16 };

/* What the table calls a type, what the list does, and the EFI Shell 1.x. */
typedef struct Type Type;
struct Type {
	const char *table;
	const char *list;
	const char *old;
};

static const Type types[] = {
    {"Reserved", NULL, "reserved"},
    {"LoaderCode", NULL, NULL},
    {"LoaderData", NULL, NULL},
    {"BS_Code", "BootServiceCode", "BS_code"},
    {"BS_Data", "BootServiceData", "BS_data"},
    {"RT_Code", "RuntimeCode", "RT_code"},
    {"RT_Data", "RuntimeData", "RT_data"},
    {"Available", NULL, "available"},
    {"Unusable", "UnusableMemory", NULL},
    {"ACPI_Recl", "ACPIReclaimMemory", "ACPI_recl"},
    {"ACPI_NVS", "ACPIMemoryNVS", NULL},
    {"MMIO", "MemoryMappedIO", "MemMapIO"},
    {"MMIO_Port", "MemoryMappedIOPortSpace", "MemPortIO"},
    {"PalCode", NULL, "PAL_code"},
    {"Persistent", NULL, NULL},
    {"Unaccepted", NULL, NULL},
};

static bool
is(const char *name, const char *s, size_t len)
{
	return name != NULL && textlength(name) == len &&
	       memcmp(name, s, len) == 0;
}

/* A name, or the eight digits of a type the shell has no name for. */
static bool
typenamed(const char *s, size_t len, uint32_t *type)
{
	uint64_t n;
	const char *end = s;

	for (uint32_t t = 0; t < nelem(types); t++) {
		if (is(types[t].table, s, len) || is(types[t].list, s, len) ||
		    is(types[t].old, s, len)) {
			*type = t;
			return true;
		}
	}
	if (!scanhex(&end, &n) || end != s + len || n > UINT32_MAX)
		return false;
	*type = (uint32_t)n;
	return true;
}

/*
 * "Type ... Start ... # Pages": others have a Start, too, but no pages; and the
 * table that mem9 has for people says what memory becomes.
 */
static bool
ishead(const char *s)
{
	if (!scanword(&s, "Type "))
		return false;
	scanblanks(&s);
	return scanword(&s, "Start ") && textfind(s, "Pages") != NULL &&
	       textfind(s, "Becomes") == NULL;
}

/* A name, then "HEX-HEX": where the addresses are, or NULL. */
static const char *
addresses(const char *line, size_t *len)
{
	uint64_t n;
	const char *s = line + (*len = textuntil(line, " "));
	const char *at;

	scanblanks(&s);
	at = s;
	return *len > 0 && scanspan(&s, &n, &n) ? at : NULL;
}

/* A row even without a heading: all of it is there, at full length. */
static bool
whole(const char *line)
{
	size_t len;
	const char *s = addresses(line, &len);
	uint64_t n;

	if (s == NULL || hexdigits(s) != ADDRESS)
		return false;
	scanspan(&s, &n, &n);
	scanblanks(&s);
	if (!scanhex(&s, &n) || *s != ' ')
		return false;
	scanblanks(&s);
	return scanhex(&s, &n) && scanend(s);
}

/* "Reserved  :  66,176 Pages (... Bytes)" */
static bool
totalpages(const char *s, size_t *len, uint64_t *n)
{
	*len = textuntil(s, " :");
	s += *len;
	scanblanks(&s);
	if (*len == 0 || *s++ != ':')
		return false;
	for (*n = 0; textisof(*s, " ,0123456789"); s++)
		if (*s != ' ' && *s != ',')
			*n = 10 * *n + (uint64_t)(*s - '0');
	return scanword(&s, "Pages");
}

static enum what
tablewhat(const Map *m, const Line *l)
{
	uint32_t type;
	uint64_t n;
	size_t len;
	const char *s = l->s;

	if (ishead(s))
		return HEAD;
	if (totalpages(s, &len, &n) || scanword(&s, "Total Memory:"))
		return TOTAL;
	if (scanword(&s, "Press ENTER to continue"))
		return OWN;
	if (whole(s) &&
	    (m->nentry > 0 || typenamed(s, textuntil(s, " "), &type)))
		return ROW;
	if (!m->headed || m->ended)
		return OTHER;
	return addresses(s, &len) != NULL ||
		       (s[len] == ' ' && typenamed(s, len, &type))
		   ? ROW
		   : OTHER;
}

static int
tablerow(Map *m, const Line *l, Entry *e)
{
	size_t len = textuntil(l->s, " ");
	const char *s = l->s + len;
	uint64_t last;

	if (!typenamed(l->s, len, &e->type))
		return notype(m, l->s, len);
	scanblanks(&s);
	if (!scanspan(&s, &e->base, &last))
		return mapfail(m, "START-END is missing");
	scanblanks(&s);
	if (!scanhex(&s, &e->npages))
		return mapfail(m, "the number of pages is missing");
	scanblanks(&s);
	if (fullhex(m, &s, &e->attr) < 0)
		return -1;
	scanblanks(&s);
	if (atend(m, s) < 0)
		return -1;
	return checkspan(m, e, last);
}

static uint64_t
pagesof(const Map *m, uint32_t type)
{
	uint64_t n = 0;

	for (size_t i = 0; i < m->nentry; i++)
		if (m->entry[i].type == type)
			n += m->entry[i].npages;
	return n;
}

/* Some shells count persistent memory as available. */
static int
tabletotal(Map *m, const Line *l)
{
	enum { AVAILABLE = 7, PERSISTENT = 14 };
	uint32_t type;
	uint64_t n;
	size_t len;

	if (!totalpages(l->s, &len, &n) || !typenamed(l->s, len, &type))
		return 0;

	uint64_t sum = pagesof(m, type);

	if (n == sum ||
	    (type == AVAILABLE && n == sum + pagesof(m, PERSISTENT)) ||
	    (type == PERSISTENT && n == 0))
		return 0;
	return mapfail(m, "the list is cut: %ju pages of %.*s, not %ju",
	    (uintmax_t)sum, (int)len, l->s, (uintmax_t)n);
}

const Form shelltable = {.name = "a table of the UEFI Shell",
    .efi = true,
    .what = tablewhat,
    .row = tablerow,
    .total = tabletotal};

/* One "..." and the comma behind it: where it is, how long; false if none. */
static bool
quoted(const char **s, const char **word, size_t *len)
{
	if (**s != '"')
		return false;
	*word = *s + 1;
	*len = textuntil(*word, "\"");
	if ((*word)[*len] != '"')
		return false;
	*s = *word + *len + 1;
	if (**s == ',')
		++*s;
	return true;
}

static bool
quotedhex(const char **s, uint64_t *n)
{
	const char *word;
	size_t len;

	if (!quoted(s, &word, &len))
		return false;
	const char *end = word;

	return scanhex(&end, n) && end == word + len;
}

/* Is the type counted in the shell's first total? */
static bool
counted(uint32_t type)
{
	return type != 0 && type != 8 && type != 11 && type != 12;
}

/* MemoryMapSummary,"TOTAL",...: is all of it in the list? */
static int
sfototal(Map *m, const Line *l)
{
	const char *s = l->s;
	uint64_t total;
	uint64_t sum = 0;

	for (size_t i = 0; i < m->nentry; i++)
		if (counted(m->entry[i].type))
			sum += m->entry[i].npages * BY2PG;
	if (!scanword(&s, "MemoryMapSummary,\"") || !scandec(&s, &total))
		return mapfail(m, "the total is missing");
	if (total > sum)
		return mapfail(m,
		    "%ju bytes are not in the list: it is cut, or the shell "
		    "left out OEM and OS types",
		    (uintmax_t)(total - sum));
	if (total < sum)
		return mapfail(m, "%ju bytes are in the list too much",
		    (uintmax_t)(sum - total));
	return 0;
}

static int
sfofinish(Map *m)
{
	return m->closed ? 0
			 : mapfail(m, "the list is cut: MemoryMapSummary must "
				      "follow");
}

static enum what
sfowhat(const Map *m, const Line *l)
{
	const char *s = l->s;

	(void)m;
	if (scanword(&s, "MemoryMapSummary,"))
		return TOTAL;
	return scanword(&s, "MemoryMap,") ? ROW : OTHER;
}

static int
sforow(Map *m, const Line *l, Entry *e)
{
	const char *s = l->s + textlength("MemoryMap,");
	uint64_t last;
	const char *word;
	size_t len;

	if (!quoted(&s, &word, &len) || !typenamed(word, len, &e->type))
		return mapfail(m, "no such type");
	if (!quotedhex(&s, &e->base) || !quotedhex(&s, &last) ||
	    !quotedhex(&s, &e->npages) || !quotedhex(&s, &e->attr))
		return mapfail(m, "one of start, end, pages, attributes is "
				  "not a quoted hexadecimal number");
	scanblanks(&s);
	if (atend(m, s) < 0)
		return -1;
	return checkspan(m, e, last);
}

const Form shellsfo = {.name = "a list of the UEFI Shell (-sfo)",
    .efi = true,
    .what = sfowhat,
    .row = sforow,
    .total = sfototal,
    .finish = sfofinish};
