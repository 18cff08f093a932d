/*
 * account.c - see account.h.
 *
 * Memory is what a descriptor calls write-back: all else is devices. RAM that
 * a kernel could have is counted by the map and, as banks, by the kernel: the
 * difference is mem9's own, and what was lost on the way, for reasons that are
 * known one by one.
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

/* One descriptor's bytes to its share; those of RAM are returned. */
static uint64_t
add(const Efimap *map, const Given *g, const Efidesc *d, Account *a)
{
	enum memtype as = efimapverdict(map, d);

	if (as == NMEMTYPE || (d->attr & ATTRWB) == 0)
		return 0;
	uint64_t most = (((paddr_t)1 << map->physbits) - d->base) / BY2PG;
	uint64_t size = MIN(d->npages, most) * BY2PG;
	a->total += size;
	if (efitypeof(d->type, d->attr) != MemRAM) {
		a->share[shareof(d, as)] += size;
		return 0;
	}
	uint64_t low = d->base < MiB ? MIN(size, MiB - d->base) : 0;
	a->share[SHARELOW] += low;
	if (g->rehearsal) {
		a->share[rehearsed(d->type)] += size - low;
		return 0;
	}
	paddr_t end = d->base + size;
	a->share[LOSTLIMIT] += end - MIN(end, MAX(d->base + low, g->maxmem));
	return size - low;
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
	uint64_t ram = 0;

	memset(a, 0, sizeof *a);
	for (size_t i = 0; i < efimapcount(map); i++) {
		Efidesc d = efimapdesc(map, i);

		ram += add(map, g, &d, a);
	}
	if (g->rehearsal)
		borrow(a, g);
	else
		divide(a, g, ram);
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
