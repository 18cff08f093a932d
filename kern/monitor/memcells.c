/*
 * memcells.c - see memcells.h.
 *
 * A piece is memory of one owner without a gap: a range of the memmap, cut
 * where a bank's share for the kernel ends. kern/monitor/picture.c says how
 * many cells it has, so the smallest can be seen. Of a cell with many pages
 * only some are counted, so that the picture of terabytes is made as fast.
 */
#include "memcells.h"
#include "conf.h"
#include "hooks.h"
#include "memmap.h"

typedef struct Piece Piece;

struct Piece {
	paddr_t pa;
	paddr_t end;
	enum owner owner;
	size_t ncell;
};

/* Is this edge above pa the next one? */
static void
cut(Piece *p, paddr_t edge)
{
	if (edge > p->pa && edge < p->end)
		p->end = edge;
}

/* RAM: pages where a bank has them, above its share for the kernel. */
static void
cutram(Piece *p)
{
	p->owner = OWNKERNEL;
	for (size_t i = 0; i < conf.nmem; i++) {
		const Confmem *b = &conf.mem[i];
		paddr_t pages = b->base + (b->klimit - b->kbase);
		paddr_t end = b->base + b->npage * BY2PG;

		if (p->pa >= pages && p->pa < end)
			p->owner = OWNPAGES;
		cut(p, b->base);
		cut(p, pages);
		cut(p, end);
	}
}

/* The piece that begins at pa; false at the end of the map. */
static bool
pieceat(paddr_t pa, Piece *p)
{
	static const enum owner of[NMEMTYPE] = {
	    [MemUPA] = OWNHOLE,
	    [MemUMB] = OWNUMB,
	    [MemRAM] = OWNKERNEL,
	    [MemACPI] = OWNACPI,
	    [MemReserved] = OWNKEPT,
	};
	Memrange r;

	if (!memmaprange(pa, &r))
		return false;
	*p = (Piece){pa, r.end, of[r.type], 0};
	if (r.pa > pa) {
		p->end = r.pa;
		p->owner = OWNHOLE;
	} else if (r.type == MemRAM)
		cutram(p);
	return true;
}

static enum scale
scaleof(enum owner owner)
{
	switch (owner) {
	case OWNKEPT:
		return SCALEREST;
	case OWNUMB:
	case OWNHOLE:
		return SCALENONE;
	default:
		return SCALERAM;
	}
}

void
memcells(Picture *p, size_t least, size_t columns)
{
	Piece e;

	*p = (Picture){0};
	for (paddr_t pa = 0; pieceat(pa, &e); pa = e.end)
		picturerange(p, e.end - e.pa, scaleof(e.owner));
	picturefit(p, ROUNDUP(MAX(p->nrange, least), columns));
}

/* Cell i of a piece. One of less than a page has the page all the same. */
static Memcell
cellof(const Piece *p, size_t i)
{
	uint64_t npages = (p->end - p->pa) / BY2PG;
	paddr_t pa = p->pa + npages * i / p->ncell * BY2PG;
	paddr_t end = p->pa + npages * (i + 1) / p->ncell * BY2PG;

	return (Memcell){pa, MAX(end, pa + BY2PG), p->owner};
}

void
memcellsdo(
    Picture *p, void (*fn)(void *arg, size_t i, const Memcell *c), void *arg)
{
	size_t n = 0;
	Piece e;

	for (paddr_t pa = 0; pieceat(pa, &e); pa = e.end) {
		e.ncell = picturecells(p, e.end - e.pa, scaleof(e.owner));
		for (size_t i = 0; i < e.ncell; i++) {
			Memcell c = cellof(&e, i);

			fn(arg, n++, &c);
		}
	}
}

void
mempiecesdo(void (*fn)(void *arg, const Memcell *piece), void *arg)
{
	Piece e;

	for (paddr_t pa = 0; pieceat(pa, &e); pa = e.end) {
		Memcell c = {e.pa, e.end, e.owner};

		fn(arg, &c);
	}
}

static void
addsize(void *arg, const Memcell *c)
{
	uint64_t *size = arg;

	size[c->owner] += c->end - c->pa;
}

void
memowned(uint64_t size[NOWNER])
{
	memset(size, 0, NOWNER * sizeof size[0]);
	mempiecesdo(addsize, size);
}

Counted
memcounted(const Memcell *c)
{
	size_t npages = (c->end - c->pa) / BY2PG;
	size_t n = MIN(npages, LOOKEDAT);
	Counted got = {.n = n};

	for (size_t i = 0; i < n; i++)
		got.is[framestate(c->pa + npages * i / n * BY2PG)]++;
	return got;
}
