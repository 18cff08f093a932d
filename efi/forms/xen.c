/*
 * xen.c - the two maps that Xen prints: the firmware's, and the RAM it found.
 *
 *	(XEN) EFI memory map:
 *	(XEN)  0000000000000-000000009ffff type=7 attr=000000000000000f
 *
 *	(XEN) EFI RAM map:
 *	(XEN)  [0000000000000000, 000000000009ffff] (usable)
 *	(XEN) Xen-e820 RAM map:
 *	(XEN)  0000000000000000 - 000000000009b000 (usable)
 *
 * A comma comes with the last byte, a dash with the end.
 */
#include "form.h"

static enum what
efiwhat(const Map *m, const Line *l)
{
	const char *s = l->s;
	uint64_t n;

	if (textsame(s, "EFI memory map:"))
		return HEAD;
	if (scanspan(&s, &n, &n) && (scanword(&s, " type=") || m->headed))
		return l->xen || textfind(s, " attr=") != NULL ? ROW : OTHER;
	if (scanword(&s, "Unknown cachability for MFNs ") ||
	    scanword(&s, "Could not map MFNs ") ||
	    scanword(&s, "No mapping for MFNs "))
		return OWN;
	return OTHER;
}

static int
efirow(Map *m, const Line *l, Entry *e)
{
	const char *s = l->s;
	uint64_t last;
	uint64_t type;

	scanspan(&s, &e->base, &last);
	if (!scanword(&s, " type=") || !scandec(&s, &type) || type > UINT32_MAX)
		return mapfail(m, "type=N is missing");
	e->type = (uint32_t)type;
	if (!scanword(&s, " attr="))
		return mapfail(m, "attr=... is missing");
	if (fullhex(m, &s, &e->attr) < 0)
		return -1;
	scanblanks(&s);
	if (atend(m, s) < 0)
		return -1;
	return wholepages(m, e, last + 1);
}

const Form xenefi = {.name = "a Xen log with its EFI memory map",
    .efi = true,
    .what = efiwhat,
    .row = efirow};

/* "[HEX, HEX]" or "HEX - HEX", end exclusive; 2^64 is 0. */
static bool
ramspan(const char **s, Entry *e)
{
	const char *p = *s;
	bool closed = scanword(&p, "[");

	if (!scanhex(&p, &e->base) || !scanword(&p, closed ? ", " : " - ") ||
	    !scanhex(&p, &e->end) || (closed && !scanword(&p, "]")))
		return false;
	e->end += closed;
	*s = p;
	return true;
}

/* Xen's rows; without "(XEN)" before it only one of the newer kind. */
static enum what
ramwhat(const Map *m, const Line *l)
{
	enum { DIGITS = 16 };
	const char *s = l->s;
	size_t len = textlength(s);

	(void)m;
	if (len >= 8 && textsame(s + len - 8, "RAM map:"))
		return HEAD;
	if (scanword(&s, "["))
		return hexdigits(s) == DIGITS && s[DIGITS] == ',' ? ROW : OTHER;
	return l->xen && hexdigits(s) == DIGITS && textstarts(s + DIGITS, " -")
		   ? ROW
		   : OTHER;
}

static int
ramrow(Map *m, const Line *l, Entry *e)
{
	const char *s = l->s;
	uint64_t type;

	if (!ramspan(&s, e))
		return mapfail(m, "neither [BASE, LAST] nor BASE - END");
	if (e->end == 0)
		return mapfail(m, "the range ends at 2^64");
	if (!scanword(&s, " ("))
		return mapfail(m, "the type is missing");

	size_t len = textlength(s);

	if (len == 0 || s[len - 1] != ')' || !e820name(s, len - 1, &type))
		return notype(m, s, len);
	e->type = (uint32_t)type;
	return 0;
}

const Form xenram = {
    .name = "a Xen log with its RAM map", .what = ramwhat, .row = ramrow};
