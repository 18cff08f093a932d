/*
 * mem9.c - the forms mem9 itself writes and keeps: its log, tests/maps, and
 * the line for plan9.ini.
 */
#include "form.h"
#include "e820.h"
#include "efimap.h"

/*
 *	mem9: start version=1 command=boot ... descriptors=2 stride=48
 *	mem9: efi type=ConventionalMemory base=0x0 pages=160 attr=0xf as=...
 *	mem9: odd kind=bad base=0x1400000 pages=1024
 */
static enum what
logwhat(const Map *m, const Line *l)
{
	const char *s = l->s;

	(void)m;
	if (!scanword(&s, "mem9: "))
		return OTHER;
	if (scanword(&s, "start"))
		return HEAD;
	return scanword(&s, "efi") || scanword(&s, "odd kind=bad ") ? ROW
								    : OTHER;
}

static bool
efitype(const char **s, uint32_t *type)
{
	uint64_t n;
	const char *name;

	for (uint32_t t = 0; (name = efitypename(t)) != NULL; t++) {
		size_t len = textlength(name);

		if (textstarts(*s, name) && (*s)[len] == ' ') {
			*s += len;
			*type = t;
			return true;
		}
	}
	if ((*s)[0] != '0' || !scanhex(s, &n) || n > UINT32_MAX)
		return false;
	*type = (uint32_t)n;
	return true;
}

/* What a scan of RAM found bad is kept beside the list. */
static int
badrow(Map *m, const char *s)
{
	Entry e = {0};

	if (!scanword(&s, "base=") || !scanhex(&s, &e.base) ||
	    !scanword(&s, " pages=") || !scandec(&s, &e.npages))
		return mapfail(m, "base=0x... pages=N is missing");
	Entry *more = formsgrow(m->bad, m->nbad, &m->maxbad, sizeof e);

	if (more == NULL)
		return nomemory(m);
	m->bad = more;
	m->bad[m->nbad++] = e;
	return NOENTRY;
}

static int
logrow(Map *m, const Line *l, Entry *e)
{
	const char *s = l->s;

	if (scanword(&s, "mem9: odd kind=bad "))
		return badrow(m, s);
	scanword(&s, "mem9: efi");
	if (!scanword(&s, " type=") || !efitype(&s, &e->type))
		return mapfail(m, "type=NAME or type=0x... is missing");
	if (!scanword(&s, " base=") || !scanhex(&s, &e->base))
		return mapfail(m, "base=0x... is missing or too large");
	if (!scanword(&s, " pages=") || !scandec(&s, &e->npages))
		return mapfail(m, "pages=N is missing or too large");
	if (!scanword(&s, " attr=") || !scanhex(&s, &e->attr))
		return mapfail(m, "attr=0x... is missing or too large");
	if (*s != ' ' && *s != '\0')
		return mapfail(m, "attr=0x... ends in '%.*s%s'", SHOWNTEXT, s,
		    cutmark(textlength(s)));
	return 0;
}

static int
loghead(Map *m, const Line *l)
{
	static const char word[] = " descriptors=";
	const char *s = textfind(l->s, word);
	uint64_t n;

	if (s == NULL)
		return 0;
	s += sizeof word - 1;
	if (!scandec(&s, &n))
		return mapfail(m, "descriptors=N is damaged");
	m->promised = n;
	return 0;
}

static int
logfinish(Map *m)
{
	if (m->promised == 0 || m->nentry == m->promised)
		return 0;
	return mapfail(m, "the list is cut: %zu entries, not descriptors=%zu",
	    m->nentry, m->promised);
}

const Form mem9log = {.name = "a mem9 log",
    .efi = true,
    .what = logwhat,
    .row = logrow,
    .head = loghead,
    .finish = logfinish};

/* "efi TYPE BASE PAGES ATTR", "e820 TYPE BASE END", "# ..." */
static enum what
whatis(const Line *l, const char *word)
{
	const char *s = l->s;

	if (!scanword(&s, word))
		return OTHER;
	scanblanks(&s);
	return *s >= '0' && *s <= '9' ? ROW : OTHER;
}

static enum what
efiwhat(const Map *m, const Line *l)
{
	(void)m;
	return whatis(l, "efi ");
}

static enum what
e820what(const Map *m, const Line *l)
{
	(void)m;
	return whatis(l, "e820 ");
}

/* A number, decimal or 0x, and the blanks behind it. */
static bool
field(const char **s, uint64_t *n)
{
	bool hex = (*s)[0] == '0' && (*s)[1] == 'x';

	if (!(hex ? scanhex(s, n) : scandec(s, n)))
		return false;
	if (**s != ' ' && **s != '\t' && **s != '\0')
		return false;
	scanblanks(s);
	return true;
}

static int
fields(Map *m, const Line *l, uint64_t *n, size_t nn)
{
	const char *s = l->s + textuntil(l->s, " ");

	for (size_t i = 0; i < nn; i++)
		if (scanblanks(&s), !field(&s, &n[i]))
			return mapfail(m, "field %zu is not a number", i + 2);
	if (atend(m, s) < 0)
		return -1;
	if (n[0] > UINT32_MAX)
		return mapfail(m, "the type has more than 32 bits");
	return 0;
}

static int
efirow(Map *m, const Line *l, Entry *e)
{
	uint64_t n[4];

	if (fields(m, l, n, nelem(n)) < 0)
		return -1;
	*e = (Entry){
	    .type = (uint32_t)n[0], .base = n[1], .npages = n[2], .attr = n[3]};
	return 0;
}

static int
e820row(Map *m, const Line *l, Entry *e)
{
	uint64_t n[3];

	if (fields(m, l, n, nelem(n)) < 0)
		return -1;
	*e = (Entry){.type = (uint32_t)n[0], .base = n[1], .end = n[2]};
	return 0;
}

const Form mapsefi = {.name = "a list of 'efi' lines",
    .efi = true,
    .strict = true,
    .endless = true,
    .what = efiwhat,
    .row = efirow};
const Form mapse820 = {.name = "a list of 'e820' lines",
    .strict = true,
    .endless = true,
    .what = e820what,
    .row = e820row};

static enum what
plan9what(const Map *m, const Line *l)
{
	const char *s = l->s;

	(void)m;
	return scanword(&s, "*e820=") || scanword(&s, "e820=") ? ROW : OTHER;
}

/* The line's value. One line is the whole map. */
static int
plan9row(Map *m, const Line *l, Entry *e)
{
	(void)e;
	if (m->e820 != NULL)
		return mapfail(m, "a second *e820= line");
	m->e820 = l->s + textuntil(l->s, "=") + 1;
	m->last = l->no;
	return NOENTRY;
}

/* By the reader that mm/ has for it: is every word right? */
static int
plan9finish(Map *m)
{
	const char *s = m->e820;
	E820entry e;
	Badword bad = {s, 0, "type base end ..."};
	size_t n = 0;
	int more = 0;

	while ((more = e820entry(&s, &e, &bad)) > 0)
		n++;
	if (more == 0 && n > 0)
		return 0;
	return mapfail(m, "'%.*s' should be %s", (int)MIN(bad.len, 40),
	    bad.word, bad.want);
}

bool
lineentry(const char **s, Entry *e)
{
	E820entry got;
	Badword bad;

	if (e820entry(s, &got, &bad) <= 0)
		return false;
	*e = (Entry){.type = got.type, .base = got.pa, .end = got.end};
	return true;
}

const Form plan9ini = {.name = "a *e820= line",
    .made = true,
    .endless = true,
    .what = plan9what,
    .row = plan9row,
    .finish = plan9finish};
