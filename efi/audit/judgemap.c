/*
 * judgemap.c - firmware's memory map, by itself.
 *
 * UEFI Specification 2.10, 7.2 (GetMemoryMap: types, attributes, alignment) and
 * 2.3.4 (which of them an operating system may be asked to map). Project Mu's
 * MemmapAndMatTestApp asks five of these, by the names in checks.c.
 */
#include "hooks.h"
#include "judge.h"

enum {
	MOSTENTRIES = 500, /* as Project Mu has it */

	LoaderCode = 1,
	BootServicesData = 4,
	RuntimeServicesCode = 5,
	RuntimeServicesData = 6,
	Conventional = 7,
	ACPIReclaim = 9,
	ACPINVS = 10,
	NEFITYPE = 16,
};
#define FIRSTOEM 0x70000000u /* of manufacturers, then of loaders */

#define WB (1ull << 3)
#define RUNTIME (1ull << 63)

/*
 * UC WC WT WB UCE; WP RP XP NV, more reliable, RO, SP, CPU crypto,
 * hot-pluggable; ISA and its mask; RUNTIME.
 */
#define KNOWNATTR                                                              \
	(0x1full | 0x1ff000ull | RUNTIME | 1ull << 62 | 0xffffull << 44)

typedef bool Wrongdesc(const Efimap *map, const Efidesc *d);

/* Descriptors of which something is wrong, which are not empty. */
static void
spotdescs(const Efimap *map, Finding *f, Wrongdesc *wrong, const char *what)
{
	Spots s = {.n = 0};

	for (size_t i = 0; i < efimapcount(map); i++) {
		Efidesc d = efimapdesc(map, i);

		if (d.npages != 0 && wrong(map, &d))
			spot(&s, d.base, MAX(endof(&d), d.base + 1));
	}
	findspots(f, &s, what);
}

void
mapentries(const Evidence *e, Finding *f)
{
	size_t n = efimapcount(&e->map);

	finds(f, n > 0 && n <= MOSTENTRIES ? AUDITOK : AUDITFAILED,
	    "%zu descriptors", n);
}

void
mapsize(const Evidence *e, Finding *f)
{
	const Efimap *m = &e->map;

	if (efimapcount(m) == 0 || m->size % m->stride != 0)
		finds(f, AUDITFAILED,
		    "%zu bytes, of descriptors %zu bytes apart", m->size,
		    m->stride);
}

void
mapempty(const Evidence *e, Finding *f)
{
	for (size_t i = 0; i < efimapcount(&e->map); i++) {
		Efidesc d = efimapdesc(&e->map, i);

		if (d.npages == 0) {
			finds(f, AUDITFAILED,
			    "a descriptor has no pages, at %#jx",
			    (uintmax_t)d.base);
			return;
		}
	}
}

static bool
unaligned(const Efimap *map, const Efidesc *d)
{
	(void)map;
	return d->base % BY2PG != 0;
}

void
mapaligned(const Evidence *e, Finding *f)
{
	spotdescs(&e->map, f, unaligned, "begins within a page");
}

/* Those that begin before what lies below them has ended. */
void
findoverlaps(const Efimap *sorted, Finding *f)
{
	Spots s = {.n = 0};
	paddr_t end = 0;

	for (size_t i = 0; i < efimapcount(sorted); i++) {
		Efidesc d = efimapdesc(sorted, i);

		if (d.npages != 0 && d.base < end)
			spot(&s, d.base, MIN(end, endof(&d)));
		end = MAX(end, endof(&d));
	}
	findspots(f, &s, "in two descriptors");
}

void
mapoverlap(const Evidence *e, Finding *f)
{
	findoverlaps(&e->sorted, f);
}

void
findunsorted(const Efimap *map, Finding *f)
{
	paddr_t last = 0;

	for (size_t i = 0; i < efimapcount(map); i++) {
		Efidesc d = efimapdesc(map, i);

		if (d.base < last) {
			finds(f, AUDITFAILED, "%#jx comes after %#jx",
			    (uintmax_t)d.base, (uintmax_t)last);
			return;
		}
		last = d.base;
	}
}

void
mapsorted(const Evidence *e, Finding *f)
{
	findunsorted(&e->map, f);
}

static bool
wraps(const Efimap *map, const Efidesc *d)
{
	(void)map;
	return d->npages >
	       ((NOADDR - (BY2PG - 1)) - ROUNDDOWN(d->base, BY2PG)) / BY2PG + 1;
}

void
mapwrap(const Evidence *e, Finding *f)
{
	spotdescs(&e->map, f, wraps, "ends beyond 2^64");
}

static bool
toowide(const Efimap *map, const Efidesc *d)
{
	return (endof(d) - 1) >> map->physbits != 0;
}

void
mapwidth(const Evidence *e, Finding *f)
{
	spotdescs(&e->map, f, toowide, "beyond what this CPU can address");
}

static bool
unknowntype(const Efimap *map, const Efidesc *d)
{
	(void)map;
	return d->type >= NEFITYPE && d->type < FIRSTOEM;
}

void
maptypes(const Evidence *e, Finding *f)
{
	spotdescs(&e->map, f, unknowntype, "of a type that no one defines");
}

static bool
unknownattr(const Efimap *map, const Efidesc *d)
{
	(void)map;
	return (d->attr & ~KNOWNATTR) != 0;
}

void
mapattributes(const Evidence *e, Finding *f)
{
	spotdescs(
	    &e->map, f, unknownattr, "with attributes that no one defines");
}

static bool
ofservices(uint32_t type)
{
	return type == RuntimeServicesCode || type == RuntimeServicesData;
}

/* Boot services and loaders end, and free memory is nobody's. */
static bool
notatruntime(uint32_t type)
{
	return (type >= LoaderCode && type <= BootServicesData) ||
	       type == Conventional;
}

static bool
wrongruntime(const Efimap *map, const Efidesc *d)
{
	bool runtime = d->attr & RUNTIME;

	(void)map;
	return (ofservices(d->type) && !runtime) ||
	       (notatruntime(d->type) && runtime);
}

void
mapruntime(const Evidence *e, Finding *f)
{
	spotdescs(&e->map, f, wrongruntime,
	    "RUNTIME where it must not be, or not where it must");
}

static bool
virtualacpi(const Efimap *map, const Efidesc *d)
{
	(void)map;
	return (d->type == ACPIReclaim || d->type == ACPINVS) &&
	       (d->attr & RUNTIME);
}

void
mapvirtual(const Evidence *e, Finding *f)
{
	spotdescs(&e->map, f, virtualacpi, "ACPI's, and RUNTIME");
}

static bool
slowram(const Efimap *map, const Efidesc *d)
{
	(void)map;
	return notatruntime(d->type) && (d->attr & WB) == 0;
}

void
mapwriteback(const Evidence *e, Finding *f)
{
	spotdescs(&e->map, f, slowram, "RAM that cannot be write-back");
}

static bool
samedesc(const Efidesc *a, const Efidesc *b)
{
	return a->type == b->type && a->base == b->base &&
	       a->npages == b->npages && a->attr == b->attr;
}

void
mapstable(const Evidence *e, Finding *f)
{
	size_t n = efimapcount(&e->map);

	if (efimapcount(&e->again) != n || e->again.stride != e->map.stride) {
		finds(f, AUDITFAILED, "%zu descriptors, and then %zu", n,
		    efimapcount(&e->again));
		return;
	}
	for (size_t i = 0; i < n; i++) {
		Efidesc was = efimapdesc(&e->map, i);
		Efidesc is = efimapdesc(&e->again, i);

		if (!samedesc(&was, &is)) {
			finds(f, AUDITFAILED,
			    "descriptor %zu has changed, at %#jx", i,
			    (uintmax_t)was.base);
			return;
		}
	}
}
