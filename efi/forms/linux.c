/*
 * linux.c - the EFI map as the Linux kernel logs it.
 *
 *	mem00: type=7, attr=0xf, range=[0x0-0x9f000) (0MB)
 *	EFI: mem00: type=7, attr=0xf, range=[0x0-0x9f000) (0MB)
 *	efi: mem00: [Conventional Memory|RUN|  |WB|WT|WC|UC] range=[0x0-0x9efff]
 *	efi: mem00: [Conventional|RUN|  |...|WB|WT|WC|UC] range=[0x0-0x9efff]
 *
 * A bracket says whether the end belongs to the range. They are numbered, so
 * that a missing one shows. What the kernel says is (invalid) it has thrown
 * out: those lines are no list.
 */
#include "form.h"

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

/* Behind "efi: mem00:", with the number; NULL if the line is no such. */
static const char *
entryno(const char *line, uint64_t *n)
{
	const char *s = message(line, "efi: mem");
	bool bare = false;

	if (s == NULL)
		s = message(line, "EFI: mem");
	if (s == NULL && scanword(&line, "mem")) {
		s = line;
		bare = true;
	}
	if (s == NULL || !scandec(&s, n) || *s++ != ':')
		return NULL;
	scanblanks(&s);
	return !bare || textstarts(s, "type=") ? s : NULL;
}

static enum what
what(const Map *m, const Line *l)
{
	uint64_t n;
	const char *s = entryno(l->s, &n);

	(void)m;
	if (s == NULL)
		return OTHER;
	return textfind(s, "(invalid)") != NULL ? OWN : ROW;
}

/* One blank-padded word up to | or ]: where it is and how long. */
static size_t
column(const char **s, const char **word)
{
	size_t len = textuntil(*s, "|]");
	const char *end = *s + len;

	scanblanks(s);
	*word = *s;
	*s = end;
	while (end > *word && end[-1] == ' ')
		end--;
	return end > *word ? (size_t)(end - *word) : 0;
}

static int
typecolumn(Map *m, const char **s, Entry *e)
{
	const char *word;
	size_t len = column(s, &word);
	uint64_t value;

	if (scanword(&word, "type=")) {
		if (!scandec(&word, &value) || value > UINT32_MAX || word != *s)
			return mapfail(m, "type=N is damaged");
	} else if (!lookup(types, nelem(types), word, len, &value))
		return notype(m, word, len);
	e->type = (uint32_t)value;
	return 0;
}

/* "[Type|RUN|  |WB]" */
static int
columns(Map *m, const char **s, Entry *e)
{
	const char *word;
	uint64_t value;

	if (typecolumn(m, s, e) < 0)
		return -1;
	while (**s == '|') {
		++*s;
		size_t len = column(s, &word);

		if (scanword(&word, "attr=")) {
			if (!scanhex(&word, &value) || word != *s)
				return mapfail(m, "attr=0x... is damaged");
			e->attr |= value;
		} else
			attrname(m, word, len, &e->attr);
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
entry(Map *m, const char *s, Entry *e)
{
	uint64_t end;

	if ((scanword(&s, "[") ? columns(m, &s, e) : numbers(m, &s, e)) < 0)
		return -1;
	scanblanks(&s);
	if (!scanword(&s, "range=[") || !scanspan(&s, &e->base, &end))
		return mapfail(m, "range=[0x...-0x...] is missing");
	if (*s != ')' && *s != ']')
		return mapfail(m, "range=[ ends in neither ) nor ]");
	return wholepages(m, e, *s == ']' ? end + 1 : end);
}

/* The last entry once more: some logs have each line twice. */
static bool
again(const Map *m, uint64_t n, const Entry *e)
{
	if (n + 1 != m->nentry)
		return false;

	const Entry *last = &m->entry[n];

	return e->type == last->type && e->attr == last->attr &&
	       e->base == last->base && e->npages == last->npages;
}

static int
row(Map *m, const Line *l, Entry *e)
{
	uint64_t n;
	const char *s = entryno(l->s, &n);

	if (n == 0 && m->nentry > 1)
		return NEWLIST;
	if (entry(m, s, e) < 0)
		return -1;
	if (again(m, n, e))
		return NOENTRY;
	if (n == 0 && m->nentry > 0)
		return NEWLIST;
	if (n != m->nentry)
		return mapfail(m, "mem%ju follows on %zu entries", (uintmax_t)n,
		    m->nentry);
	m->ended = false; /* numbered: what is in between does not matter */
	return 0;
}

const Form linuxefi = {.name = "a Linux log with 'efi: mem'",
    .efi = true,
    .what = what,
    .row = row};
