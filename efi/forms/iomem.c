/*
 * iomem.c - what a running Linux shows of the map in its files.
 *
 *	00001000-0009fbff : System RAM		/proc/iomem
 *	  01000000-01c031d0 : Kernel code
 *
 *	/sys/firmware/memmap/0/end:0x9fbff	grep -r . /sys/firmware/memmap
 *	/sys/firmware/memmap/0/start:0x0
 *	/sys/firmware/memmap/0/type:System RAM
 *
 * In the first the map's ranges are those with one of these names that lie in
 * no other of them; devices are between them and around them.
 */
#include "form.h"

enum { DIGITS = 8 };

static const Name types[] = {
    {"System RAM", 1},
    {"Reserved", 2},
    {"reserved", 2},
    {"Device reserved", 2},
    {"device reserved", 2},
    {"Unknown E820 type", 2},
    {"ACPI Tables", 3},
    {"ACPI Non-volatile Storage", 4},
    {"Unusable memory", 5},
    {"Persistent Memory", 7},
    {"Persistent Memory (legacy)", 12},
    {"Soft Reserved", 0xefffffff},
};

/* Is it a name that has lost its end? */
static bool
shortened(const char *s)
{
	for (size_t i = 0; i < nelem(types); i++)
		if (textstarts(types[i].name, s))
			return true;
	return false;
}

static enum what
iomemwhat(const Map *m, const Line *l)
{
	const char *s = l->s;
	uint64_t n;

	(void)m;
	if (hexdigits(s) < DIGITS || !scanspan(&s, &n, &n))
		return OTHER;
	return scanend(s) || textstarts(s, " :") ? ROW : OTHER;
}

static int
iomemrow(Map *m, const Line *l, Entry *e)
{
	const char *s = l->s;
	uint64_t type;

	scanspan(&s, &e->base, &e->end);
	if (m->depth >= 0 && l->indent > m->depth)
		return NOENTRY;
	m->depth = -1;
	if (!scanword(&s, " : "))
		return mapfail(m, "the name is missing");
	if (!lookup(types, nelem(types), s, textlength(s), &type))
		return shortened(s) ? mapfail(m, "the name is cut: '%s'", s)
				    : NOENTRY;
	if (e->end == 0)
		return mapfail(m, "all addresses are 0: only root can read it");
	if (e->end++ == UINT64_MAX)
		return mapfail(m, "the range ends at 2^64");
	e->type = (uint32_t)type;
	m->depth = l->indent;
	return 0;
}

const Form iomem = {.name = "a list of /proc/iomem",
    .made = true,
    .what = iomemwhat,
    .row = iomemrow};

/* The three files of an entry. */
enum { START = 1, END = 2, TYPE = 4, ALL = 7 };

/* "/sys/firmware/memmap/N/file:", or what is left of it, to file. */
static const char *
sysfile(const char *s, uint64_t *n)
{
	static const char dir[] = "/sys/firmware/memmap/";
	const char *at = textfind(s, dir);

	if (at != NULL)
		s = at + sizeof dir - 1;
	else
		scanword(&s, "./");
	if (!scandec(&s, n) || !scanword(&s, "/"))
		return NULL;
	return s;
}

static enum what
syswhat(const Map *m, const Line *l)
{
	uint64_t n;
	const char *s = sysfile(l->s, &n);

	(void)m;
	if (s == NULL)
		return OTHER;
	return scanword(&s, "start") || scanword(&s, "end") ||
		       scanword(&s, "type")
		   ? ROW
		   : OTHER;
}

/*
 * The entry of this number, which is added if it is new. They come in any
 * order, and memory that is added to a running machine makes them many: they
 * are a tree, from the first on, where the next bit of the number, from the
 * lowest on, says below which of two it is. So none is deeper than a number
 * has bits.
 */
static Entry *
numbered(Map *m, uint64_t n)
{
	size_t at = 0;

	for (uint64_t bits = n; at < m->nentry && m->entry[at].no != n;
	     bits >>= 1) {
		size_t *below = &m->entry[at].below[bits & 1];

		if (*below == 0)
			*below = m->nentry;
		at = *below;
	}
	if (at == m->nentry && mapadd(m, (Entry){.no = n}) < 0)
		return NULL;
	return &m->entry[at];
}

static int
sysvalue(Map *m, Entry *e, const char *s)
{
	uint64_t n;
	const char *value = s + textuntil(s, ":");

	if (*value++ == '\0')
		return mapfail(m, "the value is missing");
	if (scanword(&s, "type:")) {
		if (!lookup(types, nelem(types), value, textlength(value), &n))
			return notype(m, value, textlength(value));
		e->type = (uint32_t)n;
		return TYPE;
	}
	if (!scanword(&value, "0x") || !scanhex(&value, &n) || !scanend(value))
		return mapfail(m, "the value is no 0x...");
	if (scanword(&s, "start:")) {
		e->base = n;
		return START;
	}
	if (n == UINT64_MAX)
		return mapfail(m, "the range ends at 2^64");
	e->end = n + 1;
	return END;
}

static int
sysrow(Map *m, const Line *l, Entry *unused)
{
	uint64_t n;
	const char *s = sysfile(l->s, &n);

	(void)unused;
	Entry *e = numbered(m, n);

	if (e == NULL)
		return -1;
	Entry with = *e;
	int file = sysvalue(m, &with, s);

	if (file < 0)
		return -1;
	if (e->has & (unsigned)file)
		return NEWLIST;
	with.has |= (unsigned)file;
	*e = with;
	m->last = l->no;
	return NOENTRY;
}

/* Each to the place of its number, as far as there are so many. */
static void
inorder(Map *m)
{
	Entry *e = m->entry;

	for (size_t i = 0; i < m->nentry; i++)
		while (e[i].no < m->nentry && e[i].no != i) {
			Entry to = e[e[i].no];

			e[e[i].no] = e[i];
			e[i] = to;
		}
}

static int
sysfinish(Map *m)
{
	inorder(m);
	for (size_t i = 0; i < m->nentry; i++) {
		bool there = m->entry[i].no == i;
		unsigned lacks = ALL & ~(there ? m->entry[i].has : 0);

		if (lacks != 0)
			return mapfail(m,
			    "the list is cut: entry %zu has no %s", i,
			    lacks & START ? "start"
			    : lacks & END ? "end"
					  : "type");
	}
	return 0;
}

const Form sysmemmap = {.name = "a list of /sys/firmware/memmap",
    .endless = true,
    .what = syswhat,
    .row = sysrow,
    .finish = sysfinish};
