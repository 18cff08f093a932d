/*
 * mem9.c - the forms mem9 itself writes and keeps: its log, tests/maps, and
 * the line for plan9.ini.
 */
#include "replay.h"
#include "efimap.h"

#include <string.h>

/* "mem9: efi type=ConventionalMemory base=0x0 pages=160 attr=0xf as=..." */
static bool
islog(const char *line)
{
	return scanword(&line, "mem9: efi");
}

static bool
efitype(const char **s, uint32_t *type)
{
	uint64_t n;
	const char *name;

	for (uint32_t t = 0; (name = efitypename(t)) != NULL; t++) {
		size_t len = strlen(name);

		if (strncmp(*s, name, len) == 0 && (*s)[len] == ' ') {
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

static int
readlog(Map *m, const char *line)
{
	Entry e = {0};

	if (!islog(line)) {
		m->over = m->nentry > 0 && scanword(&line, "mem9: start");
		return mapotherline(m);
	}
	scanword(&line, "mem9: efi");
	if (!scanword(&line, " type=") || !efitype(&line, &e.type))
		return mapfail(m, "type=NAME or type=0x... is missing");
	if (!scanword(&line, " base=") || !scanhex(&line, &e.base))
		return mapfail(m, "base=0x... is missing or too large");
	if (!scanword(&line, " pages=") || !scandec(&line, &e.npages))
		return mapfail(m, "pages=N is missing or too large");
	if (!scanword(&line, " attr=") || !scanhex(&line, &e.attr))
		return mapfail(m, "attr=0x... is missing or too large");
	if (*line != ' ' && *line != '\0')
		return mapfail(m, "attr=0x... ends in '%s'", line);
	return mapaddrow(m, e);
}

const Kind mem9log = {"a mem9 log", true, islog, readlog};

/* "efi TYPE BASE PAGES ATTR", "e820 TYPE BASE END", "# ..." */
static bool
isefi(const char *line)
{
	return scanword(&line, "efi ");
}

static bool
ise820(const char *line)
{
	return scanword(&line, "e820 ");
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
readfields(Map *m, const char *line, const char *word, uint64_t *n, size_t nn)
{
	scanblanks(&line);
	if (*line == '#' || *line == '\0')
		return 0;
	if (!scanword(&line, word))
		return mapfail(m, "not a line of '%s'", word);
	for (size_t i = 0; i < nn; i++)
		if (scanblanks(&line), !field(&line, &n[i]))
			return mapfail(m, "field %zu is not a number", i + 2);
	if (*line != '\0')
		return mapfail(m, "'%s' is too much", line);
	if (n[0] > UINT32_MAX)
		return mapfail(m, "the type has more than 32 bits");
	return 1;
}

static int
readefi(Map *m, const char *line)
{
	uint64_t n[4];
	int got = readfields(m, line, "efi ", n, nelem(n));

	return got <= 0 ? got
			: mapadd(m, (Entry){.type = (uint32_t)n[0],
					.base = n[1],
					.npages = n[2],
					.attr = n[3]});
}

static int
reade820(Map *m, const char *line)
{
	uint64_t n[3];
	int got = readfields(m, line, "e820 ", n, nelem(n));

	return got <= 0 ? got
			: mapadd(m, (Entry){.type = (uint32_t)n[0],
					.base = n[1],
					.end = n[2]});
}

const Kind mapsefi = {"a list of 'efi' lines", true, isefi, readefi};
const Kind mapse820 = {"a list of 'e820' lines", false, ise820, reade820};

static bool
isplan9(const char *line)
{
	return scanword(&line, "*e820=") || scanword(&line, "e820=");
}

/* The line's value; mm/ reads it. One line is the whole map. */
static int
readplan9(Map *m, const char *line)
{
	if (!isplan9(line))
		return 0;
	if (m->e820 != NULL)
		return mapfail(m, "a second *e820= line");
	m->e820 = strchr(line, '=') + 1;
	return 0;
}

const Kind plan9ini = {"a *e820= line", false, isplan9, readplan9};
