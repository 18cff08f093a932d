/*
 * linux.c - memory maps as the Linux kernel logs them.
 *
 * Before them may stand a level, a time stamp, a host name: whatever a log
 * puts in front. The forms, in the order they came:
 *
 *	EFI: mem00: type=7, attr=0xf, range=[0x0-0x9f000) (0MB)
 *	efi: mem00: [Conventional Memory|RUN|  |WB|WT|WC|UC] range=[0x0-0x9efff]
 *	efi: mem00: [Conventional|RUN|  |...|WB|WT|WC|UC] range=[0x0-0x9efff]
 *
 *	 BIOS-e820: 0000000000000000 - 000000000009f000 (usable)
 *	BIOS-e820: [mem 0x0000000000000000-0x000000000009efff] usable
 *	BIOS-e820: [mem 0x0000000000000000-0x000000000009efff]  System RAM
 *	BIOS-e820: [gap 0x000000000009f000-0x00000000000effff]
 *
 * A bracket says whether the end belongs to the range.
 */
#include "replay.h"

#include <string.h>

typedef struct Name Name;
struct Name {
	const char *name;
	uint64_t value;
};

static const Name types[] = {
    {"Reserved", 0},
    {"Loader Code", 1},
    {"Loader Data", 2},
    {"Boot Code", 3},
    {"Boot Data", 4},
    {"Runtime Code", 5},
    {"Runtime Data", 6},
    {"Conventional Memory", 7},
    {"Conventional", 7},
    {"Unusable Memory", 8},
    {"Unusable", 8},
    {"ACPI Reclaim Memory", 9},
    {"ACPI Reclaim", 9},
    {"ACPI Memory NVS", 10},
    {"ACPI Mem NVS", 10},
    {"Memory Mapped I/O", 11},
    {"MMIO", 11},
    {"MMIO Port Space", 12},
    {"MMIO Port", 12},
    {"PAL Code", 13},
    {"Persistent Memory", 14},
    {"Persistent", 14},
    {"Unaccepted Memory", 15},
    {"Unaccepted", 15},
};

static const Name attrs[] = {
    {"", 0},
    {"UC", 1ull << 0},
    {"WC", 1ull << 1},
    {"WT", 1ull << 2},
    {"WB", 1ull << 3},
    {"UCE", 1ull << 4},
    {"WP", 1ull << 12},
    {"RP", 1ull << 13},
    {"XP", 1ull << 14},
    {"NV", 1ull << 15},
    {"MR", 1ull << 16},
    {"RO", 1ull << 17},
    {"SP", 1ull << 18},
    {"CC", 1ull << 19},
    {"RUN", 1ull << 63},
};

static const Name e820types[] = {
    {"usable", 1},
    {"System RAM", 1},
    {"kernel usable RAM", 1},
    {"reserved", 2},
    {"device reserved", 2},
    {"ACPI data", 3},
    {"ACPI NVS", 4},
    {"unusable", 5},
    {"soft reserved", 0xefffffff},
};

static bool
lookup(const Name *table, size_t n, const char *s, size_t len, uint64_t *value)
{
	for (size_t i = 0; i < n; i++) {
		if (strlen(table[i].name) != len ||
		    memcmp(table[i].name, s, len) != 0)
			continue;
		*value = table[i].value;
		return true;
	}
	return false;
}

/* Behind `word` where it starts the message, after whatever a log adds. */
static const char *
message(const char *line, const char *word)
{
	const char *at = strstr(line, word);

	if (at == NULL || (at > line && at[-1] != ' ' && at[-1] != ']' &&
			      at[-1] != '>' && at[-1] != '\t'))
		return NULL;
	return at + strlen(word);
}

/* Behind "efi: mem00:", with the number; NULL if the line is no such. */
static const char *
entryno(const char *line, uint64_t *n)
{
	const char *s = message(line, "efi: mem");

	if (s == NULL)
		s = message(line, "EFI: mem");
	if (s == NULL || !scandec(&s, n) || *s++ != ':')
		return NULL;
	scanblanks(&s);
	return s;
}

static bool
isefi(const char *line)
{
	uint64_t n;

	return entryno(line, &n) != NULL;
}

/* One blank-padded word up to | or ]: where it is and how long. */
static size_t
column(const char **s, const char **word)
{
	size_t len = strcspn(*s, "|]");
	const char *end = *s + len;

	scanblanks(s);
	*word = *s;
	*s = end;
	while (end > *word && end[-1] == ' ')
		end--;
	return end > *word ? (size_t)(end - *word) : 0;
}

/* "[Type|RUN|  |WB]" */
static int
columns(Map *m, const char **s, Entry *e)
{
	const char *word;
	size_t len = column(s, &word);
	uint64_t value;

	if (scanword(&word, "type=")) {
		if (!scandec(&word, &value) || value > UINT32_MAX || word != *s)
			return mapfail(m, "type=N is damaged");
	} else if (!lookup(types, nelem(types), word, len, &value))
		return mapfail(m, "no type is called '%.*s'", (int)len, word);
	e->type = (uint32_t)value;
	while (**s == '|') {
		++*s;
		len = column(s, &word);
		if (scanword(&word, "attr=")) {
			if (!scanhex(&word, &value) || word != *s)
				return mapfail(m, "attr=0x... is damaged");
		} else if (!lookup(attrs, nelem(attrs), word, len, &value))
			return mapfail(
			    m, "no attribute is called '%.*s'", (int)len, word);
		e->attr |= value;
	}
	return *(*s)++ == ']' ? 0 : mapfail(m, "the type's ] is missing");
}

/* "type=7, attr=0xf," */
static int
numbers(Map *m, const char **s, Entry *e)
{
	uint64_t type;

	if (!scanword(s, "type=") || !scandec(s, &type) || type > UINT32_MAX)
		return mapfail(m, "neither [type] nor type=N");
	e->type = (uint32_t)type;
	if (!scanword(s, ", attr=") || !scanhex(s, &e->attr) ||
	    !scanword(s, ","))
		return mapfail(m, "attr=0x... is missing");
	return 0;
}

static int
readefi(Map *m, const char *line)
{
	Entry e = {0};
	uint64_t n;
	uint64_t end;
	const char *s = entryno(line, &n);

	if (s == NULL)
		return 0;
	if (n == 0 && m->nentry > 0) {
		m->over = true; /* the kernel's own, later list */
		return 0;
	}
	if (n != m->nentry)
		return mapfail(m, "mem%ju follows on %zu entries", (uintmax_t)n,
		    m->nentry);
	if ((scanword(&s, "[") ? columns(m, &s, &e) : numbers(m, &s, &e)) < 0)
		return -1;
	scanblanks(&s);
	if (!scanword(&s, "range=[") || !scanhex(&s, &e.base) ||
	    !scanword(&s, "-") || !scanhex(&s, &end))
		return mapfail(m, "range=[0x...-0x...] is missing");
	if (*s != ')' && *s != ']')
		return mapfail(m, "range=[ ends in neither ) nor ]");
	if (*s == ']')
		end++;
	if ((end - e.base) % BY2PG != 0)
		return mapfail(m, "the range is not of whole pages");
	e.npages = (end - e.base) / BY2PG;
	return mapadd(m, e);
}

const Kind linuxefi = {"a Linux log with 'efi: mem'", true, isefi, readefi};

static bool
ise820(const char *line)
{
	return message(line, "BIOS-e820:") != NULL;
}

/* "persistent (type 7)", "persistent RAM (...", "type 20", or a name. */
static bool
e820name(const char *s, size_t len, uint64_t *value)
{
	if (lookup(e820types, nelem(e820types), s, len, value))
		return true;
	if (scanword(&s, "persistent ")) {
		scanword(&s, "RAM ");
		scanword(&s, "(");
	}
	return scanword(&s, "type ") && scandec(&s, value) &&
	       *value <= UINT32_MAX;
}

/* "0x...-0x...]" or "... - ... (": the range, end exclusive. */
static int
e820span(Map *m, const char **s, Entry *e)
{
	if (scanword(s, "[mem ")) {
		if (!scanhex(s, &e->base) || !scanword(s, "-") ||
		    !scanhex(s, &e->end) || !scanword(s, "]"))
			return mapfail(m, "[mem 0x...-0x...] is damaged");
		if (e->end == UINT64_MAX)
			return mapfail(m, "the range ends at 2^64");
		e->end++;
		return 0;
	}
	if (!scanhex(s, &e->base) || !scanword(s, " - ") ||
	    !scanhex(s, &e->end))
		return mapfail(m, "neither [mem ...] nor BASE - END");
	return 0;
}

/* "  639   KB " as some kernels put between the range and its type. */
static void
skipsize(const char **s)
{
	const char *p = *s;
	size_t digits = strspn(p, "0123456789.");

	p += digits;
	scanblanks(&p);
	if (digits > 0 && (scanword(&p, "KB") || scanword(&p, "MB") ||
			      scanword(&p, "GB") || scanword(&p, "TB")))
		*s = p;
	scanblanks(s);
}

/* "[gap 0x...-0x...]" says what is in no entry: after the last one. */
static int
checkgap(Map *m, const char *s)
{
	uint64_t last = m->nentry > 0 ? m->entry[m->nentry - 1].end : 0;
	uint64_t from;

	if (!scanhex(&s, &from) || from != last)
		return mapfail(m, "the gap is not where the last entry ends");
	return 0;
}

static int
reade820(Map *m, const char *line)
{
	Entry e = {0};
	uint64_t type;
	const char *s = message(line, "BIOS-e820:");

	if (s == NULL)
		return strstr(line, "out of order E820") != NULL
			   ? 0
			   : mapotherline(m);
	scanblanks(&s);
	if (!m->ended && scanword(&s, "[gap "))
		return checkgap(m, s);
	if (e820span(m, &s, &e) < 0)
		return -1;
	scanblanks(&s);
	skipsize(&s);

	size_t len = strlen(s);

	while (len > 0 && s[len - 1] == ' ')
		len--;
	if (len > 1 && s[0] == '(' && s[len - 1] == ')') {
		s++;
		len -= 2;
	}
	if (!e820name(s, len, &type))
		return mapfail(
		    m, "no type is called '%.*s'", (int)MIN(len, 40), s);
	e.type = (uint32_t)type;
	return mapaddrow(m, e);
}

const Kind linuxe820 = {"a Linux log with BIOS-e820", false, ise820, reade820};
