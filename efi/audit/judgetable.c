/*
 * judgetable.c - the memory attributes table: by itself, and against the map.
 *
 * UEFI Specification 2.10, 4.6.4: it says of the code and data of runtime
 * services what may be written and what may be run, so that an operating system
 * can map them so; each entry lies in one descriptor of the map, of the same
 * type. Project Mu's MemmapAndMatTestApp asks these, by the names in checks.c.
 */
#include "hooks.h"
#include "judge.h"

enum {
	RuntimeServicesCode = 5,
	RuntimeServicesData = 6,
	NEWESTVERSION = 2,
};

#define XP (1ull << 14)
#define RO (1ull << 17)
#define RUNTIME (1ull << 63)

/* Is there one, with a head that can be read? */
static bool
hashead(const Evidence *e, Finding *f)
{
	if (!e->table.is.there)
		finds(f, AUDITSKIPPED, "there is no such table");
	else if (!e->table.is.head)
		finds(f, AUDITSKIPPED, "%s", e->table.why);
	return e->table.is.head;
}

/* And with entries that can? */
static bool
hastable(const Evidence *e, Finding *f)
{
	if (!hashead(e, f))
		return false;
	if (e->table.why != NULL)
		finds(f, AUDITSKIPPED, "%s", e->table.why);
	return e->table.why == NULL;
}

void
tablepresent(const Evidence *e, Finding *f)
{
	if (e->table.is.head)
		finds(f, AUDITOK, "%u entries", e->table.is.n);
	else
		finds(f, AUDITFAILED, "%s",
		    e->table.is.there ? e->table.why : "there is none");
}

void
tableversion(const Evidence *e, Finding *f)
{
	const Attributes *t = &e->table.is;

	if (hashead(e, f) && (t->version < 1 || t->version > NEWESTVERSION))
		finds(f, AUDITFAILED, "version %#x", t->version);
}

void
tablestride(const Evidence *e, Finding *f)
{
	if (hashead(e, f) && e->table.is.stride != e->map.stride)
		finds(f, AUDITFAILED,
		    "entries %u bytes apart, and the map's %zu",
		    e->table.is.stride, e->map.stride);
}

void
tablesize(const Evidence *e, Finding *f)
{
	const Attributes *t = &e->table.is;

	if (hashead(e, f) && (uint64_t)t->n * t->stride > t->room)
		finds(f, AUDITFAILED,
		    "%u entries of %u bytes, in memory of %ju bytes", t->n,
		    t->stride, (uintmax_t)t->room);
}

typedef bool Wrongentry(const Efidesc *d);

static void
spotentries(const Evidence *e, Finding *f, Wrongentry *wrong, const char *what)
{
	Spots s = {.n = 0};

	if (!hastable(e, f))
		return;
	for (size_t i = 0; i < efimapcount(&e->table.map); i++) {
		Efidesc d = efimapdesc(&e->table.map, i);

		if (wrong(&d))
			spot(&s, d.base, MAX(endof(&d), d.base + 1));
	}
	findspots(f, &s, what);
}

static bool
empty(const Efidesc *d)
{
	return d->npages == 0;
}

void
tableempty(const Evidence *e, Finding *f)
{
	spotentries(e, f, empty, "no pages");
}

static bool
unaligned(const Efidesc *d)
{
	return d->base % BY2PG != 0;
}

void
tablealigned(const Evidence *e, Finding *f)
{
	spotentries(e, f, unaligned, "begins within a page");
}

static bool
ofservices(const Efidesc *d)
{
	return d->type == RuntimeServicesCode || d->type == RuntimeServicesData;
}

static bool
foreign(const Efidesc *d)
{
	return !ofservices(d);
}

void
tabletypes(const Evidence *e, Finding *f)
{
	spotentries(e, f, foreign, "neither runtime code nor data");
}

static bool
noruntime(const Efidesc *d)
{
	return (d->attr & RUNTIME) == 0;
}

void
tableruntime(const Evidence *e, Finding *f)
{
	spotentries(e, f, noruntime, "without RUNTIME");
}

static bool
unprotected(const Efidesc *d)
{
	return (d->attr & (XP | RO)) == 0;
}

void
tableprotects(const Evidence *e, Finding *f)
{
	spotentries(e, f, unprotected, "writable and executable");
}

void
tablesorted(const Evidence *e, Finding *f)
{
	if (hastable(e, f))
		findunsorted(&e->table.map, f);
}

void
tableoverlap(const Evidence *e, Finding *f)
{
	if (hastable(e, f))
		findoverlaps(&e->table.sorted, f);
}

/* Do they share bytes, and each has some of its own? */
static bool
crosses(const Efidesc *a, const Efidesc *b)
{
	return (a->base < b->base && endof(a) > b->base &&
		   endof(a) < endof(b)) ||
	       (b->base < a->base && endof(b) > a->base && endof(b) < endof(a));
}

static bool
within(const Efidesc *a, const Efidesc *b)
{
	return a->type == b->type && a->base >= b->base && endof(a) <= endof(b);
}

/* Is there a descriptor in the map that does that with this entry? */
static bool
anydesc(const Evidence *e, const Efidesc *entry,
    bool (*does)(const Efidesc *entry, const Efidesc *d))
{
	for (size_t i = 0; i < efimapcount(&e->sorted); i++) {
		Efidesc d = efimapdesc(&e->sorted, i);

		if (d.npages != 0 && does(entry, &d))
			return true;
	}
	return false;
}

void
tablecrosses(const Evidence *e, Finding *f)
{
	Spots s = {.n = 0};

	if (!hastable(e, f))
		return;
	for (size_t i = 0; i < efimapcount(&e->table.map); i++) {
		Efidesc d = efimapdesc(&e->table.map, i);

		if (anydesc(e, &d, crosses))
			spot(&s, d.base, MAX(endof(&d), d.base + 1));
	}
	findspots(f, &s, "across an end of a descriptor");
}

void
tablewithin(const Evidence *e, Finding *f)
{
	Spots s = {.n = 0};

	if (!hastable(e, f))
		return;
	for (size_t i = 0; i < efimapcount(&e->table.map); i++) {
		Efidesc d = efimapdesc(&e->table.map, i);

		if (!anydesc(e, &d, within))
			spot(&s, d.base, MAX(endof(&d), d.base + 1));
	}
	findspots(f, &s, "in no descriptor of that type");
}

/* What no entry of its type says of this descriptor. */
static void
spotunsaid(const Efimap *sorted, Spots *s, const Efidesc *d)
{
	paddr_t done = d->base;

	for (size_t i = 0; i < efimapcount(sorted) && done < endof(d); i++) {
		Efidesc entry = efimapdesc(sorted, i);

		if (entry.type != d->type || endof(&entry) <= done)
			continue;
		if (entry.base > done)
			spot(s, done, MIN(entry.base, endof(d)));
		done = endof(&entry);
	}
	if (done < endof(d))
		spot(s, done, endof(d));
}

void
tablecomplete(const Evidence *e, Finding *f)
{
	Spots s = {.n = 0};

	if (!hastable(e, f))
		return;
	for (size_t i = 0; i < efimapcount(&e->sorted); i++) {
		Efidesc d = efimapdesc(&e->sorted, i);

		if (ofservices(&d))
			spotunsaid(&e->table.sorted, &s, &d);
	}
	findspots(f, &s, "runtime code or data that it says nothing of");
}
