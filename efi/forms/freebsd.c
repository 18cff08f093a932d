/*
 * freebsd.c - the EFI map as FreeBSD prints it: its loader's memmap command,
 * a verbose boot, sysctl machdep.efi_map.
 *
 *	           Type     Physical      Virtual   #Pages Attr
 *	 ConventionalMemory 000000001000 000000001000 0000009f UC WC WT WB
 *
 * There is no end to compare the pages with, and a type without a name has
 * been printed as <INVALID>, its number lost.
 */
#include "form.h"
#include "efimap.h"

enum { PHYSICAL = 12 };

static bool
typenamed(const char *s, size_t len, uint32_t *type)
{
	const char *name;

	if (len == textlength("Reserved") && memcmp(s, "Reserved", len) == 0) {
		*type = 0;
		return true;
	}
	for (uint32_t t = 0; (name = efitypename(t)) != NULL; t++) {
		if (textlength(name) == len && memcmp(name, s, len) == 0) {
			*type = t;
			return true;
		}
	}
	return false;
}

static bool
isheading(const char *s)
{
	if (!scanword(&s, "Type "))
		return false;
	scanblanks(&s);
	if (!scanword(&s, "Physical "))
		return false;
	scanblanks(&s);
	return scanword(&s, "Virtual ");
}

static enum what
what(const Map *m, const Line *l)
{
	uint32_t type;
	size_t len = textuntil(l->s, " ");
	const char *s = l->s + len;

	if (isheading(l->s))
		return HEAD;
	scanblanks(&s);
	if (hexdigits(s) >= PHYSICAL && s[hexdigits(s)] == ' ' &&
	    (typenamed(l->s, len, &type) || (m->headed && !m->ended)))
		return ROW;
	return m->headed && !m->ended && typenamed(l->s, len, &type) ? ROW
								     : OTHER;
}

static int
row(Map *m, const Line *l, Entry *e)
{
	size_t len = textuntil(l->s, " ");
	const char *s = l->s + len;
	uint64_t virtual;

	if (!typenamed(l->s, len, &e->type))
		return notype(m, l->s, len);
	scanblanks(&s);
	if (!scanhex(&s, &e->base) || *s != ' ')
		return mapfail(m, "the physical address is missing");
	scanblanks(&s);
	if (!scanhex(&s, &virtual) || *s != ' ')
		return mapfail(m, "the virtual address is missing");
	scanblanks(&s);
	if (!scanhex(&s, &e->npages) || (*s != ' ' && *s != '\0'))
		return mapfail(m, "the number of pages is missing");
	attrnames(m, s, &e->attr);
	return 0;
}

const Form freebsd = {.name = "a table of FreeBSD",
    .efi = true,
    .endless = true,
    .what = what,
    .row = row};
