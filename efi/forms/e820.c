/*
 * e820.c - the e820 map as the Linux kernel logs it, and who gave it.
 *
 *	 BIOS-e820: 0000000000000000 - 000000000009f000 (usable)
 *	BIOS-e820: [mem 0x0000000000000000-0x000000000009efff] usable
 *	BIOS-e820: [mem 0x0000000000000000-0x000000000009efff]  System RAM
 *	BIOS-e820: [gap 0x000000000009f000-0x00000000000effff]
 *	 BIOS-EFI: ...		made of the EFI map by the old 32-bit kernels
 *	Xen: ...		what a domain of Xen is shown
 *
 * Where the kernel says how high RAM goes (last_pfn), the list must go as far.
 */
#include "form.h"

/* Entries that a loader can hand over. */
enum { HANDED = 128 };

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

/* A name, "persistent (type 7)", "persistent RAM (type 12)", "type 20". */
bool
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

static bool
isheading(const char *s)
{
	scanword(&s, "e820: ");
	return scanword(&s, "BIOS-provided physical RAM map") ||
	       scanword(&s, "Xen-provided physical RAM map");
}

/* "last_pfn = 0x100000", "extended: ", "user: ": what comes of the list. */
static bool
isresult(const char *s)
{
	scanword(&s, "e820: ");
	return scanword(&s, "last_pfn = ") || scanword(&s, "extended: ") ||
	       scanword(&s, "user: ");
}

static enum what
whatis(const Line *l, const char *word)
{
	if (message(l->s, word) != NULL)
		return ROW;
	if (isheading(l->s))
		return HEAD;
	if (isresult(l->s))
		return TOTAL;
	return textfind(l->s, "out of order E820") != NULL ? OWN : OTHER;
}

/* "0x...-0x...]" or "... - ... (": the range, end exclusive. */
static int
span(Map *m, const char **s, Entry *e)
{
	if (scanword(s, "[mem ")) {
		if (!scanspan(s, &e->base, &e->end) || !scanword(s, "]"))
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
	size_t digits = textspan(p, "0123456789.");

	p += digits;
	scanblanks(&p);
	if (digits > 0 && (scanword(&p, "KB") || scanword(&p, "MB") ||
			      scanword(&p, "GB") || scanword(&p, "TB")))
		*s = p;
	scanblanks(s);
}

/* "[gap 0x...-0x...]" says what is in no entry: after the last one. */
static int
gap(Map *m, const char *s)
{
	uint64_t last = m->nentry > 0 ? m->entry[m->nentry - 1].end : 0;
	uint64_t from;

	if (m->ended)
		return NEWLIST;
	if (!scanhex(&s, &from) || from != last)
		return mapfail(m, "the gap is not where the last entry ends");
	return NOENTRY;
}

static int
row(Map *m, const Line *l, const char *word, Entry *e)
{
	uint64_t type;
	const char *s = message(l->s, word);

	scanblanks(&s);
	if (scanword(&s, "[gap "))
		return gap(m, s);
	if (span(m, &s, e) < 0)
		return -1;
	scanblanks(&s);
	skipsize(&s);

	size_t len = textlength(s);

	if (len > 1 && s[0] == '(' && s[len - 1] == ')') {
		s++;
		len -= 2;
	}
	if (!e820name(s, len, &type))
		return notype(m, s, len);
	e->type = (uint32_t)type;
	return 0;
}

/* What a loader had no room for is only in the kernel's "extended:" list. */
static int
extended(Map *m, const char *s)
{
	Entry e = {0};

	if (m->nentry < HANDED)
		return 0;
	if (span(m, &s, &e) < 0)
		return -1;
	for (size_t i = 0; i < m->nentry; i++)
		if (m->entry[i].base == e.base && m->entry[i].end == e.end)
			return 0;
	return mapfail(m,
	    "the list is cut at %zu entries: this one is not in "
	    "it",
	    m->nentry);
}

/* RAM that the kernel found must be in the list, unless it changed that. */
static int
lastpfn(Map *m, const char *s)
{
	uint64_t pfn;
	uint64_t end = 0;

	for (size_t i = 0; i < m->nentry; i++)
		if (m->entry[i].type == 1)
			end = MAX(end, m->entry[i].end);
	if (!scanhex(&s, &pfn) || m->trimmed || pfn <= end / BY2PG)
		return 0;
	return mapfail(m,
	    "the list is cut: RAM ends at page %#jx here, not at %#jx",
	    (uintmax_t)pfn, (uintmax_t)(end / BY2PG));
}

static int
total(Map *m, const Line *l)
{
	const char *s = l->s;

	scanword(&s, "e820: ");
	if (scanword(&s, "last_pfn = "))
		return lastpfn(m, s);
	if (scanword(&s, "extended: "))
		return extended(m, s);
	m->trimmed = true;
	return 0;
}

#define FORM(form, words, title, ofkernel)                                     \
	static enum what form##what(const Map *m, const Line *l)               \
	{                                                                      \
		(void)m;                                                       \
		return whatis(l, words);                                       \
	}                                                                      \
	static int form##row(Map *m, const Line *l, Entry *e)                  \
	{                                                                      \
		return row(m, l, words, e);                                    \
	}                                                                      \
	const Form form = {.name = title,                                      \
	    .made = (ofkernel),                                                \
	    .what = form##what,                                                \
	    .row = form##row,                                                  \
	    .total = total}

FORM(linuxe820, "BIOS-e820:", "a Linux log with BIOS-e820", false);
FORM(biosefi, "BIOS-EFI:", "a Linux log with BIOS-EFI", false);
FORM(dom0, "Xen: ", "a Linux log in a domain of Xen", true);
