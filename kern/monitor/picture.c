/*
 * picture.c - memory as a row of cells: see picture.h.
 *
 * Each range has one cell, and of those that are left what its end's share is
 * beyond its beginning's:
 *
 *	pages	|   a   |      b      |c|          d          |
 *	cells	. . . . . . . . . . . . . . . . . . . . . . . .
 *		1 + 4    1 + 6	       1 + 1  1 + 10
 *
 * So nothing is lost in rounding, whatever there is and in whatever order.
 */
#include "picture.h"

void
picturerange(Picture *p, size_t size, enum scale s)
{
	p->nrange++;
	p->of[s].npages += PAGES(size);
}

/* RAM's cells of so many that are shared out between it and the rest. */
static size_t
ramshare(const Picture *p, size_t n)
{
	uint64_t ram = p->of[SCALERAM].npages;
	uint64_t rest = p->of[SCALEREST].npages;

	if (ram > 0 && rest > ram / 3)
		return n - n / 4;
	return n * ram / (ram + rest);
}

size_t
picturefit(Picture *p, size_t ncell)
{
	uint64_t ram = p->of[SCALERAM].npages;
	uint64_t rest = p->of[SCALEREST].npages;
	size_t n = ncell > p->nrange ? ncell - p->nrange : 0;

	n = p->nrange > 0 ? MIN(n, PICTUREMAX) : 0;
	p->ncell = p->nrange + n;
	if (ram + rest == 0)
		p->of[SCALENONE].ncell = n;
	else {
		p->of[SCALERAM].ncell = ramshare(p, n);
		p->of[SCALEREST].ncell = n - p->of[SCALERAM].ncell;
	}
	return p->ncell;
}

size_t
picturecells(Picture *p, size_t size, enum scale s)
{
	uint64_t all = MAX(p->of[s].npages, 1);
	uint64_t from = p->of[s].ncell * p->of[s].seen / all;

	p->of[s].seen += PAGES(size);
	return 1 + p->of[s].ncell * p->of[s].seen / all - from;
}

size_t
picturecell(const Picture *p, enum scale s)
{
	if (p->of[s].ncell == 0)
		return 0;
	return p->of[s].npages * BY2PG / p->of[s].ncell;
}

enum scale
picturescale(enum memtype type)
{
	switch (type) {
	case MemRAM:
	case MemACPI:
		return SCALERAM;
	case MemReserved:
		return SCALEREST;
	default:
		return SCALENONE;
	}
}

/* The stripe that begins at pa; false at the end of the map. */
static bool
stripeat(paddr_t pa, Stripe *stripe)
{
	Memrange r;

	if (!memmaprange(pa, &r))
		return false;
	if (r.pa > pa)
		*stripe = (Stripe){pa, r.pa, NMEMTYPE, false, 0};
	else
		*stripe = (Stripe){pa, r.end, r.type, r.allocated, 0};
	return true;
}

void
picturememmap(Picture *p, size_t ncell,
    void (*fn)(void *arg, const Stripe *stripe), void *arg)
{
	Stripe stripe;

	*p = (Picture){0};
	for (paddr_t pa = 0; stripeat(pa, &stripe); pa = stripe.end)
		picturerange(
		    p, stripe.end - stripe.pa, picturescale(stripe.type));
	picturefit(p, ncell);
	for (paddr_t pa = 0; stripeat(pa, &stripe); pa = stripe.end) {
		stripe.ncell = picturecells(
		    p, stripe.end - stripe.pa, picturescale(stripe.type));
		fn(arg, &stripe);
	}
}
