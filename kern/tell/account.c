/*
 * account.c - see account.h.
 *
 * Memory is what a descriptor calls write-back: all else is devices. What two
 * descriptors have is counted once, and is no RAM if one of them says so. RAM
 * that a kernel could have is counted by the map and, as banks, by the kernel:
 * the difference is mem9's own, and what was lost on the way, for reasons that
 * are known one by one.
 *
 *	installed   [    in the map                              | silent ]
 *	in the map  [ low | ACPI | runtime | kept | told |   RAM ]
 *	RAM         [ used | slow | bad | room | limit |    mem9 ]
 */
#include "account.h"
#include "hooks.h"

/* UEFI Specification 2.10, 7.2: memory types and attributes. */
enum { CONVENTIONAL = 7, UNUSABLE = 8, ACPINVS = 10 };
#define ATTRWB (1ull << 3)
#define ATTRRUNTIME (1ull << 63)

typedef struct Claim Claim;
typedef struct Sum Sum;

/* A descriptor, and what it says of [pa, end): memory, or a device's. */
struct Claim {
	size_t i; /* of the map's */
	Efidesc desc;
	enum memtype as;
	bool memory;
	bool ram;
	paddr_t pa;
	paddr_t end;
};

struct Sum {
	const Efimap *map;
	bool tidy;
	uint64_t ram; /* that a kernel could have */
};

/* Of the types that a kernel may use, as long as firmware lives. */
static enum share
rehearsed(uint32_t type)
{
	return type == CONVENTIONAL ? SHAREFREE : SHAREBOOT;
}

/* The share of what is no RAM for a kernel. */
static enum share
shareof(const Efidesc *d, enum memtype as)
{
	if (as == MemACPI)
		return SHAREACPI;
	if (d->type == UNUSABLE)
		return LOSTTOLD;
	if (d->attr & ATTRRUNTIME)
		return SHARERUNTIME;
	if (d->type == ACPINVS)
		return SHAREACPI;
	return SHAREKEPT;
}

/* What descriptor i says; of nothing, if it makes no sense. */
static Claim
claimof(const Efimap *map, size_t i)
{
	Claim c = {.i = i, .desc = efimapdesc(map, i)};
	const Efidesc *d = &c.desc;

	c.as = efimapverdict(map, d);
	if (c.as == NMEMTYPE)
		return c;
	uint64_t most = (((paddr_t)1 << map->physbits) - d->base) / BY2PG;
	c.pa = d->base;
	c.end = d->base + MIN(d->npages, most) * BY2PG;
	c.memory = (d->attr & ATTRWB) != 0;
	c.ram = efitypeof(d->type, d->attr) == MemRAM;
	return c;
}

/* Do the descriptors follow one another? In most maps they do. */
static bool
tidy(const Efimap *map)
{
	paddr_t end = 0;

	for (size_t i = 0; i < efimapcount(map); i++) {
		Claim c = claimof(map, i);

		if (c.pa < c.end && c.pa < end)
			return false;
		end = MAX(end, c.end);
	}
	return true;
}

/* Is [pa, end) all before the descriptor, or all behind it? */
static bool
apart(const Efidesc *d, paddr_t pa, paddr_t end)
{
	return d->base >= end ||
	       (d->base <= pa && (pa - d->base) / BY2PG >= d->npages);
}

/*
 * From pa on a descriptor has what it claims up to where another one takes it:
 * of RAM any that says it is none, otherwise one before it. *past is where
 * those end that have pa.
 */
static paddr_t
runfrom(const Sum *s, const Claim *c, paddr_t pa, paddr_t end, paddr_t *past)
{
	paddr_t next = end;

	*past = pa;
	for (size_t k = 0; k < efimapcount(s->map); k++) {
		Efidesc d = efimapdesc(s->map, k);

		if (apart(&d, pa, end))
			continue;
		Claim o = claimof(s->map, k);
		bool takes = o.ram == c->ram ? o.memory && k < c->i : c->ram;
		if (!takes || o.end <= pa)
			continue;
		next = MIN(next, MAX(o.pa, pa));
		if (o.pa <= pa)
			*past = MAX(*past, o.end);
	}
	return next;
}

/* How much of [pa, end) a descriptor has. */
static uint64_t
has(const Sum *s, const Claim *c, paddr_t pa, paddr_t end)
{
	uint64_t size = 0;

	if (s->tidy)
		return end - MIN(pa, end);
	while (pa < end) {
		paddr_t past;
		paddr_t next = runfrom(s, c, pa, end, &past);

		size += next - pa;
		pa = MAX(next, past);
	}
	return size;
}

/* Descriptor i's bytes to their shares; those of RAM to ram. */
static void
add(Sum *s, const Given *g, size_t i, Account *a)
{
	Claim c = claimof(s->map, i);
	paddr_t high = MIN(MAX(c.pa, MiB), c.end);

	if (!c.memory)
		return;
	uint64_t size = has(s, &c, c.pa, c.end);

	a->total += size;
	if (!c.ram) {
		a->share[shareof(&c.desc, c.as)] += size;
		return;
	}
	uint64_t low = has(s, &c, c.pa, high);
	a->share[SHARELOW] += low;
	if (g->rehearsal) {
		a->share[rehearsed(c.desc.type)] += size - low;
		return;
	}
	a->share[LOSTLIMIT] += has(s, &c, MAX(high, g->maxmem), c.end);
	s->ram += size - low;
}

/* So much of *from, if there is so much, is this share. */
static void
take(Account *a, uint64_t *from, enum share s, uint64_t size)
{
	uint64_t n = MIN(*from, size);

	a->share[s] += n;
	*from -= n;
	a->extra += size - n;
	a->share[s] += size - n;
}

/* RAM to the kernel and to those who took it away before. */
static void
divide(Account *a, const Given *g, uint64_t ram)
{
	uint64_t limit = a->share[LOSTLIMIT];

	a->share[LOSTLIMIT] = 0;
	take(a, &ram, SHAREUSED, g->used - g->badused);
	take(a, &ram, LOSTBAD, g->bad + g->badused);
	take(a, &ram, LOSTSLOW, g->slow);
	take(a, &ram, LOSTROOM, g->room);
	/* What is beyond the limit may be the block's, or lost already. */
	uint64_t own = MIN(ram, g->own);
	take(a, &ram, LOSTLIMIT, MIN(limit, ram - own));
	take(a, &ram, SHAREMEM9, g->e820 ? own : ram);
	take(a, &ram, LOSTMAP, ram);
}

/* A rehearsal's is what firmware had free. */
static void
borrow(Account *a, const Given *g)
{
	take(a, &a->share[SHAREFREE], SHAREUSED, g->used - g->badused);
	take(a, &a->share[SHAREFREE], LOSTBAD, g->bad + g->badused);
}

void
account(const Efimap *map, const Given *g, Account *a)
{
	Sum s = {map, tidy(map), 0};

	memset(a, 0, sizeof *a);
	for (size_t i = 0; i < efimapcount(map); i++)
		add(&s, g, i, a);
	if (g->rehearsal)
		borrow(a, g);
	else
		divide(a, g, s.ram);
	a->installed = g->installed != 0;
	if (g->installed > a->total)
		a->share[SHARESILENT] = g->installed - a->total;
	if (a->installed && a->total > g->installed)
		a->extra += a->total - g->installed;
	if (a->installed)
		a->total = g->installed;
}

uint64_t
accountlost(const Account *a)
{
	uint64_t sum = 0;

	for (int s = LOSTTOLD; s < NSHARE; s++)
		sum += a->share[s];
	return sum;
}
