/*
 * e820.c - reading and writing 9front's *e820= line: see e820.h.
 *
 * The line is read twice: to see that every word is right, then for good.
 */
#include "e820.h"
#include "layers.h"
#include "hooks.h"
#include "number.h"

enum { E820RAM = 1, E820RESERVED = 2, E820ACPI = 3 };

enum memtype
e820typeof(uint32_t type)
{
	switch (type) {
	case E820RAM:
		return MemRAM;
	case E820ACPI:
		return MemACPI;
	default:
		return MemReserved;
	}
}

void
e820begin(void)
{
	firmwaredefaults();
}

void
e820range(uint32_t type, paddr_t pa, paddr_t end, int physbits)
{
	if (end == pa)
		memmapodd("zero", pa, 0);
	else if (end < pa)
		memmapodd("wrap", pa, PAGES(end - pa));
	else
		firmwareadd(pa, end - pa, e820typeof(type), physbits);
}

static bool
isspace(char c)
{
	return c == ' ' || c == '\t';
}

/* Step *s to the next word and return how long it is, 0 at the end. */
static size_t
word(const char **s)
{
	size_t n = 0;

	while (isspace(**s))
		++*s;
	while ((*s)[n] != '\0' && !isspace((*s)[n]))
		n++;
	return n;
}

/* Read the hexadecimal word at *s and step over it. */
static int
address(const char **s, paddr_t *pa, Badword *bad)
{
	size_t len = word(s);

	if (textnumber(*s, len, 16, pa) < 0) {
		*bad = (Badword){*s, len, "a hexadecimal address"};
		return -1;
	}
	*s += len;
	return 0;
}

int
e820entry(const char **s, E820entry *e, Badword *bad)
{
	size_t len = word(s);

	if (len == 0)
		return 0;
	e->type = E820RAM;
	if (len == 1) {
		if (**s < '1' || **s > '9') {
			*bad = (Badword){*s, len,
			    "a type, 1 to 9, or an address of two digits"};
			return -1;
		}
		e->type = (uint32_t)(**s - '0');
		++*s;
	}
	if (address(s, &e->pa, bad) < 0 || address(s, &e->end, bad) < 0)
		return -1;
	return 1;
}

int
e820add(const char *line, int physbits, Badword *bad)
{
	const char *s = line;
	E820entry e;
	int more;
	size_t n = 0;

	for (; (more = e820entry(&s, &e, bad)) > 0; n++)
		;
	if (more < 0)
		return -1;
	if (n == 0) {
		*bad = (Badword){s, 0, "type base end ..."};
		return -1;
	}
	e820begin();
	for (s = line; e820entry(&s, &e, bad) > 0;)
		e820range(e.type, e.pa, e.end, physbits);
	memmapsettle();
	return 0;
}

void
e820print(void)
{
	Memrange r;
	const char *space = "";

	print("*e820=");
	for (paddr_t pa = 0; memmaprange(pa, &r); pa = r.end) {
		if (r.type < MemRAM)
			continue;
		uint32_t type = r.type == MemRAM    ? E820RAM
				: r.type == MemACPI ? E820ACPI
						    : E820RESERVED;
		print("%s%u %jx %jx", space, type, r.pa, r.end);
		space = " ";
	}
	print("\n");
}
