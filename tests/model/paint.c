/*
 * paint.c - the slow and obvious memory map: see paint.h.
 *
 * Written from the specification's words and in another way than mm/: in
 * 128-bit arithmetic, where nothing wraps.
 */
#include "paint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned __int128 wide;

static const wide ALL = (wide)1 << 64;

static void
stroke(Paint *p, wide pa, wide end, int type, bool claim)
{
	if (end > PAMAX)
		end = PAMAX;
	if (pa >= end)
		return;
	if ((p->nstroke & (p->nstroke - 1)) == 0)
		p->stroke = realloc(p->stroke,
		    (p->nstroke == 0 ? 1 : 2 * p->nstroke) * sizeof(Stroke));
	p->stroke[p->nstroke++] =
	    (Stroke){(paddr_t)pa, (paddr_t)end, type, claim};
}

void
paintrange(Paint *p, paddr_t pa, paddr_t end, enum memtype type)
{
	stroke(p, pa, end, type, false);
}

void
paintdefaults(Paint *p)
{
	paintrange(p, 0, 0x1000000, MemUMB);
	paintrange(p, 0x1000000, 0x100000000, MemUPA);
}

/* An entry of any firmware: [base, end) of this type. */
static void
entry(Paint *p, wide base, wide end, enum memtype type, int physbits)
{
	const wide page = 4096;
	const wide top = (wide)1 << physbits;

	if (end > top)
		p->odd[ODDWIDTH]++;
	if (end > top)
		end = top;
	if (base >= end)
		return;

	wide in = (base + page - 1) / page * page;
	wide inend = end / page * page;

	if (type == MemRAM) {
		for (wide low = 0x100000; in < inend; in = low) {
			wide to = in < low && low < inend ? low : inend;

			stroke(
			    p, in, to, in < low ? MemReserved : MemRAM, true);
			if (to == inend)
				break;
		}
		return;
	}
	stroke(p, in, inend, NMEMTYPE, true);
	stroke(
	    p, base / page * page, (end + page - 1) / page * page, type, false);
}

void
paintefi(Paint *p, uint32_t type, uint64_t base, uint64_t npages, uint64_t attr,
    int physbits)
{
	wide end = (wide)base + (wide)npages * 4096;
	bool wb = (attr >> 3 & 1) != 0;
	bool sp = (attr >> 18 & 1) != 0;
	bool runtime = (attr >> 63 & 1) != 0;
	enum memtype as = MemReserved;

	if ((type == 1 || type == 2 || type == 3 || type == 4 || type == 7) &&
	    wb && !sp && !runtime)
		as = MemRAM;
	if (type == 9 && wb && !runtime)
		as = MemACPI;
	if (npages == 0)
		p->odd[ODDZERO]++;
	else if (end > ALL)
		p->odd[ODDWRAP]++;
	else {
		p->odd[ODDALIGN] += base % 4096 != 0;
		entry(p, base, end, as, physbits);
	}
}

void
painte820(Paint *p, uint32_t type, uint64_t base, uint64_t end, int physbits)
{
	if (base == end)
		p->odd[ODDZERO]++;
	else if (base > end)
		p->odd[ODDWRAP]++;
	else
		entry(p, base, end,
		    type == 1   ? MemRAM
		    : type == 3 ? MemACPI
				: MemReserved,
		    physbits);
}

static int
byaddress(const void *a, const void *b)
{
	const paddr_t *x = a;
	const paddr_t *y = b;

	return (*x > *y) - (*x < *y);
}

/* Append a piece to a list, or to its last piece. */
static void
piece(Memrange *list, size_t *n, paddr_t pa, paddr_t end, int type)
{
	if (*n > 0 && list[*n - 1].end == pa && (int)list[*n - 1].type == type)
		list[*n - 1].end = end;
	else
		list[(*n)++] = (Memrange){pa, end, (enum memtype)type, false};
}

void
paintdone(Paint *p)
{
	size_t ncut = 2 * p->nstroke;
	paddr_t *cut = malloc((ncut + 1) * sizeof *cut);

	p->want = malloc((ncut + 1) * sizeof *p->want);
	p->twice = malloc((ncut + 1) * sizeof *p->twice);
	for (size_t i = 0; i < p->nstroke; i++) {
		cut[2 * i] = p->stroke[i].pa;
		cut[2 * i + 1] = p->stroke[i].end;
	}
	qsort(cut, ncut, sizeof *cut, byaddress);
	for (size_t i = 0; i + 1 < ncut; i++) {
		int top = -1;
		int claims = 0;

		if (cut[i] == cut[i + 1])
			continue;
		for (size_t j = 0; j < p->nstroke; j++) {
			const Stroke *s = &p->stroke[j];

			if (s->pa > cut[i] || s->end <= cut[i])
				continue;
			claims += s->claim;
			if (s->type < NMEMTYPE && s->type > top)
				top = s->type;
		}
		if (top >= 0)
			piece(p->want, &p->nwant, cut[i], cut[i + 1], top);
		if (claims > 1)
			piece(p->twice, &p->ntwice, cut[i], cut[i + 1], 0);
	}
	free(cut);
}

const char *
paintdiffers(const Paint *p)
{
	static char why[200];
	Memrange got;
	paddr_t pa = 0;

	for (size_t i = 0; i < p->nwant; i++, pa = got.end) {
		const Memrange *w = &p->want[i];

		if (!memmaprange(pa, &got))
			got = (Memrange){0, 0, NMEMTYPE, false};
		if (got.pa == w->pa && got.end == w->end &&
		    got.type == w->type && got.allocated == w->allocated)
			continue;
		snprintf(why, sizeof why,
		    "[%#jx, %#jx) %s should be [%#jx, %#jx) %s", got.pa,
		    got.end, memtypename(got.type), w->pa, w->end,
		    memtypename(w->type));
		return why;
	}
	if (memmaprange(pa, &got)) {
		snprintf(why, sizeof why, "[%#jx, %#jx) %s is too much", got.pa,
		    got.end, memtypename(got.type));
		return why;
	}
	return NULL;
}

void
paintprint(const Paint *p)
{
	for (size_t i = 0; i < p->nwant; i++)
		printf("[%#jx, %#jx) %s\n", p->want[i].pa, p->want[i].end,
		    memtypename(p->want[i].type));
}

void
paintfree(Paint *p)
{
	free(p->stroke);
	free(p->want);
	free(p->twice);
	*p = (Paint){0};
}
