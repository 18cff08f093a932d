/*
 * shell.c - what the UEFI Shell's memmap command prints, plain and -sfo.
 *
 *	Type       Start            End              # Pages          Attributes
 *	Available  0000000000000000-000000000009FFFF 00000000000000A0 ...F
 *
 *	MemoryMap,"Available","0","9FFFF","A0","F"
 *	MemoryMapSummary,"655360",...
 *
 * Everything is hexadecimal but the totals. End and pages must agree: a table
 * with a digit lost on the way would be read wrong otherwise. And the list
 * leaves out the types of OEMs and operating systems, though not from its
 * first total: such a list is no map.
 */
#include "replay.h"

#include <string.h>

/* What the table calls a type, and what the list does if that differs. */
typedef struct Name Name;
struct Name {
	const char *table;
	const char *list;
};

static const Name types[] = {
    {"Reserved", NULL},
    {"LoaderCode", NULL},
    {"LoaderData", NULL},
    {"BS_Code", "BootServiceCode"},
    {"BS_Data", "BootServiceData"},
    {"RT_Code", "RuntimeCode"},
    {"RT_Data", "RuntimeData"},
    {"Available", NULL},
    {"Unusable", "UnusableMemory"},
    {"ACPI_Recl", "ACPIReclaimMemory"},
    {"ACPI_NVS", "ACPIMemoryNVS"},
    {"MMIO", "MemoryMappedIO"},
    {"MMIO_Port", "MemoryMappedIOPortSpace"},
    {"PalCode", NULL},
    {"Persistent", NULL},
    {"Unaccepted", NULL},
};

static bool
is(const char *name, const char *s, size_t len)
{
	return name != NULL && strlen(name) == len && memcmp(name, s, len) == 0;
}

/* A name, or the eight digits of a type the shell has no name for. */
static bool
typenamed(const char *s, size_t len, uint32_t *type)
{
	uint64_t n;
	const char *end = s;

	for (uint32_t t = 0; t < nelem(types); t++) {
		if (is(types[t].table, s, len) || is(types[t].list, s, len)) {
			*type = t;
			return true;
		}
	}
	if (!scanhex(&end, &n) || end != s + len || n > UINT32_MAX)
		return false;
	*type = (uint32_t)n;
	return true;
}

static int
checkspan(Map *m, Entry e, uint64_t last)
{
	bool agree = e.npages == 0 ? last + 1 == e.base
				   : (last - e.base) / BY2PG == e.npages - 1 &&
					 (last - e.base) % BY2PG == BY2PG - 1;

	return agree ? 0 : mapfail(m, "start, end and pages do not agree");
}

static bool
ishead(const char *line)
{
	if (!scanword(&line, "Type "))
		return false;
	scanblanks(&line);
	return scanword(&line, "Start ");
}

/* The totals below the table: "  Reserved  :  66,176 Pages (... Bytes)". */
static bool
istotal(const char *line)
{
	size_t len;

	scanblanks(&line);
	len = strcspn(line, " :");
	line += len;
	scanblanks(&line);
	return len > 0 && *line == ':';
}

static int
readtable(Map *m, const char *line)
{
	Entry e = {0};
	uint64_t last;
	size_t len = strcspn(line, " ");
	const char *s = line + len;

	if (ishead(line))
		return 0;
	if (scanend(line) || istotal(line)) {
		m->over = m->nentry > 0;
		return 0;
	}
	if (!typenamed(line, len, &e.type))
		return mapfail(
		    m, "no type is called '%.*s'", (int)MIN(len, 40), line);
	scanblanks(&s);
	if (!scanhex(&s, &e.base) || !scanword(&s, "-") || !scanhex(&s, &last))
		return mapfail(m, "START-END is missing");
	scanblanks(&s);
	if (!scanhex(&s, &e.npages))
		return mapfail(m, "the number of pages is missing");
	scanblanks(&s);
	if (!scanhex(&s, &e.attr) || !scanend(s))
		return mapfail(m, "the attributes are missing");
	return checkspan(m, e, last) < 0 ? -1 : mapadd(m, e);
}

const Kind shelltable = {"a table of the UEFI Shell", true, ishead, readtable};

static bool
issfo(const char *line)
{
	return scanword(&line, "MemoryMap,");
}

/* One "..." and the comma behind it: where it is, how long; false if none. */
static bool
quoted(const char **s, const char **word, size_t *len)
{
	if (**s != '"')
		return false;
	*word = *s + 1;
	*len = strcspn(*word, "\"");
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

/* Is the type counted in the shell's total? */
static bool
counted(uint32_t type)
{
	return type != 0 && type != 8 && type != 11 && type != 12;
}

/* MemoryMapSummary,"TOTAL",...: is all of it in the list? */
static int
checktotal(Map *m, const char *line)
{
	uint64_t total;
	uint64_t sum = 0;

	for (size_t i = 0; i < m->nentry; i++)
		if (counted(m->entry[i].type))
			sum += m->entry[i].npages * BY2PG;
	if (!scanword(&line, "\"") || !scandec(&line, &total))
		return mapfail(m, "the total is missing");
	if (total > sum)
		return mapfail(m,
		    "%ju bytes are not in the list: the shell leaves out OEM "
		    "and OS types",
		    (uintmax_t)(total - sum));
	m->over = true;
	return 0;
}

static int
readsfo(Map *m, const char *line)
{
	Entry e = {0};
	uint64_t last;
	const char *word;
	size_t len;

	if (scanword(&line, "MemoryMapSummary,"))
		return checktotal(m, line);
	if (!scanword(&line, "MemoryMap,"))
		return mapotherline(m);
	if (!quoted(&line, &word, &len) || !typenamed(word, len, &e.type))
		return mapfail(m, "no such type");
	if (!quotedhex(&line, &e.base) || !quotedhex(&line, &last) ||
	    !quotedhex(&line, &e.npages) || !quotedhex(&line, &e.attr))
		return mapfail(m, "one of start, end, pages, attributes is "
				  "not a quoted hexadecimal number");
	if (!scanend(line))
		return mapfail(m, "'%.40s' is too much", line);
	return checkspan(m, e, last) < 0 ? -1 : mapaddrow(m, e);
}

const Kind shellsfo = {"a list of the UEFI Shell (-sfo)", true, issfo, readsfo};
