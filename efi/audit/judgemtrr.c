/*
 * judgemtrr.c - memory type range registers: of this CPU, and of all.
 *
 * Intel SDM volume 3A, 12.11 (what they say, and what of that is undefined) and
 * 12.11.8 (all CPUs must have the same); AMD's BKDGs on MtrrFixDramModEn. The
 * names of fwts are in the table (checks.c).
 */
#include "hooks.h"
#include "judge.h"

enum {
	LoaderCode = 1,
	RuntimeServicesData = 6,
	Conventional = 7,
	ACPIReclaim = 9,
	ACPINVS = 10,
	MmioMemory = 11,

	MOSTSTEPS = 100000, /* ranges that 40 registers may come to */
};

#define WB (1ull << 3)

typedef bool Wrongkind(enum caching kind);

/* Were they read? And: are they on, so that they say something? */
static bool
hasmtrrs(const Evidence *e, Finding *f)
{
	if (e->cpus.nomtrr != NULL)
		finds(f, AUDITSKIPPED, "%s", e->cpus.nomtrr);
	return e->cpus.nomtrr == NULL;
}

static bool
haskinds(const Evidence *e, Finding *f)
{
	if (!hasmtrrs(e, f))
		return false;
	if (!mtrron(&e->cpus.own.mtrrs))
		finds(f, AUDITSKIPPED, "they are off");
	return mtrron(&e->cpus.own.mtrrs);
}

void
mtrrsareon(const Evidence *e, Finding *f)
{
	if (hasmtrrs(e, f) && !mtrron(&e->cpus.own.mtrrs))
		finds(f, AUDITFAILED, "MTRRdefType is %#jx",
		    (uintmax_t)e->cpus.own.mtrrs.deftype);
}

/* What of [pa, end) is of a wrong kind. */
static void
spotkinds(const Mtrrs *m, Spots *s, paddr_t pa, paddr_t end, Wrongkind *wrong)
{
	paddr_t next = 0;

	end = MIN(end, (paddr_t)1 << m->physbits);
	for (size_t i = 0; pa < end && i < MOSTSTEPS; i++, pa = next)
		if (wrong(mtrrat(m, pa, &next)))
			spot(s, pa, MIN(next, end));
}

static bool
notwriteback(enum caching kind)
{
	return kind != CACHEWB;
}

/* What a cache may answer for in a device's place. */
static bool
cached(enum caching kind)
{
	return kind != CACHEUC && kind != CACHEWC;
}

static bool
isram(const Efidesc *d)
{
	return (d->attr & WB) &&
	       ((d->type >= LoaderCode && d->type <= Conventional) ||
		   d->type == ACPIReclaim || d->type == ACPINVS);
}

void
mtrrram(const Evidence *e, Finding *f)
{
	Spots s = {.n = 0};

	if (!haskinds(e, f))
		return;
	for (size_t i = 0; i < efimapcount(&e->sorted); i++) {
		Efidesc d = efimapdesc(&e->sorted, i);

		if (isram(&d))
			spotkinds(&e->cpus.own.mtrrs, &s, d.base, endof(&d),
			    notwriteback);
	}
	findspots(f, &s, "RAM that is not write-back");
}

void
mtrrdevices(const Evidence *e, Finding *f)
{
	Spots s = {.n = 0};

	if (!haskinds(e, f))
		return;
	for (size_t i = 0; i < efimapcount(&e->sorted); i++) {
		Efidesc d = efimapdesc(&e->sorted, i);

		if (d.type == MmioMemory)
			spotkinds(
			    &e->cpus.own.mtrrs, &s, d.base, endof(&d), cached);
	}
	findspots(f, &s, "MMIO that is cached");
	for (size_t i = 0; i < e->ndevice && f->judgement == AUDITOK; i++) {
		const Device *d = &e->device[i];

		spotkinds(&e->cpus.own.mtrrs, &s, d->pa, d->end, cached);
		findspots(f, &s, d->name);
	}
}

void
mtrroverlaps(const Evidence *e, Finding *f)
{
	const Mtrrs *m = &e->cpus.own.mtrrs;
	paddr_t end = (paddr_t)1 << m->physbits;
	paddr_t next = 0;
	Spots s = {.n = 0};

	if (!haskinds(e, f))
		return;
	for (paddr_t pa = 0, i = 0; pa < end && i < MOSTSTEPS; i++, pa = next) {
		mtrrat(m, pa, &next);
		if (!mtrrdefined(m, pa))
			spot(&s, pa, MIN(next, end));
	}
	findspots(f, &s, "in ranges of kinds that do not go together");
}

static void
alike(const Evidence *e, Finding *f, enum cpupart part)
{
	const Cpusseen *c = &e->cpus;

	if (part != CPUPAT && !hasmtrrs(e, f))
		return;
	if (c->why != NULL)
		finds(f, AUDITSKIPPED, "%s", c->why);
	else if (c->differ[part] > 0)
		finds(f, AUDITFAILED, "%zu of %zu other CPUs differ",
		    c->differ[part], c->n);
	else
		finds(f, AUDITOK, "as on %zu other CPUs", c->n);
}

void
fixedalike(const Evidence *e, Finding *f)
{
	alike(e, f, CPUFIXED);
}

void
variablealike(const Evidence *e, Finding *f)
{
	alike(e, f, CPUVARIABLE);
}

void
deftypealike(const Evidence *e, Finding *f)
{
	alike(e, f, CPUDEFTYPE);
}

void
patalike(const Evidence *e, Finding *f)
{
	alike(e, f, CPUPAT);
}

void
fixeddramoff(const Evidence *e, Finding *f)
{
	uint64_t syscfg = e->cpus.own.mtrrs.syscfg;

	if (!hasmtrrs(e, f))
		return;
	if (syscfg == 0)
		finds(f, AUDITSKIPPED, "this CPU has no such bit");
	else if (mtrrfixeddram(syscfg))
		finds(f, AUDITFAILED, "SYSCFG is %#jx", (uintmax_t)syscfg);
}
