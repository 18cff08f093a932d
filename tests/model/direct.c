/*
 * direct.c - see direct.h.
 *
 * The fewest tables: one for each slot of 512 GiB that has anything in it, and
 * one for each slot of a smaller page that an end of a span cuts in two. A
 * slot of 1 GiB needs one in any case where there are no pages of 1 GiB.
 *
 * needs: tests/model/paint.c tests/host/tlb.c
 */
#include "direct.h"
#include "tlb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NSPAN = 8192 };

typedef struct Span Span;
typedef struct Spans Spans;
typedef struct Visit Visit;

/* Physical addresses [pa, end), and lists of them: ascending, not touching. */
struct Span {
	paddr_t pa;
	paddr_t end;
};
struct Spans {
	Span s[NSPAN];
	size_t n;
};

/* What is found in the tables. */
struct Visit {
	const Direct *d;
	Spans is;
	size_t huge;
	char why[200];
};

static Spans want;

static void
addspan(Spans *l, paddr_t pa, paddr_t end)
{
	if (l->n > 0 && l->s[l->n - 1].end == pa) {
		l->s[l->n - 1].end = end;
		return;
	}
	if (l->n == NSPAN) {
		fprintf(stderr, "more than %d spans\n", NSPAN);
		abort();
	}
	l->s[l->n++] = (Span){pa, end};
}

paddr_t
directwant(const Direct *d, Paint *p)
{
	paddr_t end = MIN(d->cap, DMAPSIZE - d->slide);

	end = ROUNDDOWN(MIN(end, 1ull << d->kind.physbits), BY2PG);
	free(p->want);
	free(p->twice);
	p->nwant = p->ntwice = 0;
	paintdone(p);
	want.n = 0;
	for (size_t i = 0; i < p->nwant; i++) {
		const Memrange *r = &p->want[i];

		if ((r->type == MemRAM || r->type == MemACPI) && r->pa < end)
			addspan(&want, r->pa, MIN(r->end, end));
	}
	return want.n > 0 ? want.s[want.n - 1].end : 0;
}

/* Set a bit; true if it was not. */
static bool
mark(uint8_t *bits, size_t i)
{
	bool fresh = (bits[i / 8] >> i % 8 & 1) == 0;

	bits[i / 8] |= (uint8_t)(1 << i % 8);
	return fresh;
}

/* Slots of this size that a span's end falls into, and no page can fill. */
static size_t
brokenslots(size_t size)
{
	uint8_t *bits = calloc(DMAPSIZE / size / 8 + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < want.n; i++) {
		if (want.s[i].pa % size != 0)
			n += mark(bits, want.s[i].pa / size);
		if (want.s[i].end % size != 0)
			n += mark(bits, want.s[i].end / size);
	}
	free(bits);
	return n;
}

/* Slots of this size, of virtual addresses, that have anything in them. */
static size_t
touchedslots(size_t size, size_t slide)
{
	uint8_t *bits = calloc(DMAPSIZE / size / 8 + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < want.n; i++)
		for (size_t at = want.s[i].pa + slide;
		     at < want.s[i].end + slide;
		     at = ROUNDDOWN(at, size) + size)
			n += mark(bits, at / size);
	free(bits);
	return n;
}

/* Without the PML4. */
static size_t
fewesttables(const Direct *d)
{
	return touchedslots(512 * GiB, d->slide) +
	       (d->kind.page1g ? brokenslots(GiB)
			       : touchedslots(GiB, d->slide)) +
	       brokenslots(2 * MiB);
}

static void
visit(void *arg, const Xlat *x)
{
	Visit *v = arg;
	pte_t flags = PTEKDATA;

	if (!v->d->kind.nx)
		flags &= ~PTENOEXEC;
	if (x->flags != flags || x->va - v->d->slide - DMAP != x->pa)
		snprintf(v->why, sizeof v->why, "%#zx is %#jx, flags %#jx",
		    x->va, x->pa, (uintmax_t)x->flags);
	addspan(&v->is, x->pa, x->pa + x->size);
	v->huge += x->size == GiB;
}

const char *
directdiffers(const Direct *d, pte_t *pml4, size_t slack)
{
	static Visit v;
	size_t least = fewesttables(d);

	v.d = d;
	v.is.n = v.huge = 0;
	v.why[0] = '\0';
	size_t tables = tlbwalk(pml4, DMAP, KMAP, visit, &v);
	if (v.is.n != want.n)
		snprintf(v.why, sizeof v.why, "%zu spans, should be %zu",
		    v.is.n, want.n);
	for (size_t i = 0; i < MIN(v.is.n, want.n); i++)
		if (memcmp(&v.is.s[i], &want.s[i], sizeof(Span)) != 0)
			snprintf(v.why, sizeof v.why,
			    "[%#jx, %#jx) should be [%#jx, %#jx)", v.is.s[i].pa,
			    v.is.s[i].end, want.s[i].pa, want.s[i].end);
	if (tables < least || tables > least + slack)
		snprintf(v.why, sizeof v.why, "%zu tables, %zu are enough",
		    tables, least);
	if (v.huge > 0 && !d->kind.page1g)
		snprintf(v.why, sizeof v.why, "%zu pages of 1 GiB", v.huge);
	return v.why[0] == '\0' ? NULL : v.why;
}
