/*
 * memview.c - all memory as rows of letters, by owner and state.
 *
 *	0x000000000000  uu--kkkkkkkkk####++.......................
 *	0x00000a3f0000  ..............RRa.......
 *
 * A piece is memory of one owner without a gap: a range of the memmap, cut
 * where a bank's share for the kernel ends. kern/monitor/picture.c says how
 *many cells it has, so the smallest can be seen. Pages are counted anew each
 *time, but of a cell with many only some, evenly spread, so that the picture of
 *terabytes is drawn as fast.
 */
#include "memview.h"
#include "bytemap.h"
#include "conf.h"
#include "hooks.h"
#include "keys.h"
#include "memmap.h"
#include "picture.h"
#include "print.h"
#include "sizetext.h"

typedef struct Cell Cell;
typedef struct Counted Counted;
typedef struct Piece Piece;
typedef struct View View;

enum { COLUMNS = 64, ROWS = 14, LOOKEDAT = 256, PERLINE = 4, SAID = 80 };

enum owner { OWNPAGES, OWNKERNEL, OWNACPI, OWNKEPT, OWNUMB, OWNHOLE, NOWNER };

static const struct {
	char letter;
	const char *name;
} owners[NOWNER] = {
    [OWNPAGES] = {'.', "pages"},
    [OWNKERNEL] = {'k', "kernel"},
    [OWNACPI] = {'a', "ACPI tables"},
    [OWNKEPT] = {'R', "reserved"},
    [OWNUMB] = {'u', "upper memory"},
    [OWNHOLE] = {'-', "nothing"},
};

struct Piece {
	paddr_t pa;
	paddr_t end;
	enum owner owner;
	size_t ncell;
};

/* What a cell stands for; of an empty picture nothing. */
struct Cell {
	paddr_t pa;
	paddr_t end;
	enum owner owner;
};

/* Pages of a cell that were looked at. */
struct Counted {
	size_t n;
	size_t is[FRAMERESERVED + 1];
};

struct View {
	Picture p;
	size_t cursor;
	bool named; /* in the line under way */
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

/* Whole rows, and at least ROWS of them. */
static void
fit(View *v)
{
	Piece p;

	v->p = (Picture){0};
	for (paddr_t pa = 0; pieceat(pa, &p); pa = p.end)
		picturerange(&v->p, p.end - p.pa, scaleof(p.owner));
	picturefit(&v->p, ROUNDUP(MAX(v->p.nrange, ROWS * COLUMNS), COLUMNS));
}

/* The next piece with its cells, after fit. */
static bool
nextpiece(View *v, paddr_t pa, Piece *p)
{
	if (!pieceat(pa, p))
		return false;
	p->ncell = picturecells(&v->p, p->end - p->pa, scaleof(p->owner));
	return true;
}

/* Cell i of a piece. One of less than a page has the page all the same. */
static Cell
cellof(const Piece *p, size_t i)
{
	uint64_t npages = (p->end - p->pa) / BY2PG;
	paddr_t pa = p->pa + npages * i / p->ncell * BY2PG;
	paddr_t end = p->pa + npages * (i + 1) / p->ncell * BY2PG;

	return (Cell){pa, MAX(end, pa + BY2PG), p->owner};
}

static Counted
countpages(const Cell *c)
{
	size_t npages = (c->end - c->pa) / BY2PG;
	size_t n = MIN(npages, LOOKEDAT);
	Counted got = {.n = n};

	for (size_t i = 0; i < n; i++)
		got.is[framestate(c->pa + npages * i / n * BY2PG)]++;
	return got;
}

static char
letterof(const Cell *c)
{
	if (c->owner != OWNPAGES)
		return owners[c->owner].letter;
	Counted got = countpages(c);

	return got.is[FRAMEFREE] == got.n        ? '.'
	       : got.is[FRAMEALLOCATED] == got.n ? '#'
	       : got.is[FRAMERESERVED] == got.n  ? 'x'
						 : '+';
}

static void
drawcells(View *v)
{
	size_t column = 0;
	Piece p;

	fit(v);
	for (paddr_t pa = 0; nextpiece(v, pa, &p); pa = p.end)
		for (size_t i = 0; i < p.ncell; i++) {
			Cell c = cellof(&p, i);

			if (column == 0)
				print("0x%012jx ", c.pa);
			print("%c", letterof(&c));
			column = (column + 1) % COLUMNS;
			if (column == 0)
				print("\n");
		}
}

/* How much there is of each, and what a letter means. */
static void
drawlegend(void)
{
	uint64_t size[NOWNER] = {0};
	char text[SIZETEXT];
	int shown = 0;
	Piece p;

	for (paddr_t pa = 0; pieceat(pa, &p); pa = p.end)
		size[p.owner] += p.end - p.pa;
	for (int i = 0; i < NOWNER; i++)
		if (size[i] > 0) {
			if (shown == PERLINE)
				print("\n");
			print("%c %s %s  ", owners[i].letter, owners[i].name,
			    sizeword(text, size[i]));
			shown++;
		}
	print("\npages: . free  # in use  + some  x not to be had; %d of a "
	      "cell are looked at\n",
	    LOOKEDAT);
}

/* The cell under the cursor, which is inside; false: there is none at all. */
static bool
cellat(View *v, Cell *c)
{
	size_t at = 0;
	Piece p;

	fit(v);
	for (paddr_t pa = 0; nextpiece(v, pa, &p); pa = p.end) {
		if (v->cursor < at + p.ncell) {
			*c = cellof(&p, v->cursor - at);
			return true;
		}
		at += p.ncell;
	}
	return false;
}

/* Over what was said of the last one: the picture stays where it is. */
static void
namecell(View *v)
{
	char said[SAID];
	Cell c;

	if (!cellat(v, &c))
		return;
	size_t n = snprint(said, sizeof said,
	    "row %zu column %zu: 0x%jx-0x%jx %s", v->cursor / COLUMNS,
	    v->cursor % COLUMNS, c.pa, c.end - 1, owners[c.owner].name);
	if (c.owner == OWNPAGES) {
		Counted got = countpages(&c);

		snprint(said + n, sizeof said - n, "  . %zu  # %zu  x %zu",
		    got.is[FRAMEFREE], got.is[FRAMEALLOCATED],
		    got.is[FRAMERESERVED]);
	}
	print("%-*s\r", SAID - 1, said);
	v->named = true;
}

static void
endline(View *v)
{
	if (v->named)
		print("\n");
	v->named = false;
}

/* By so many cells, if that is still on the picture. */
static void
move(View *v, ptrdiff_t by)
{
	size_t to = v->cursor + (size_t)by;

	if (to < v->p.ncell)
		v->cursor = to;
}

/* False: it is over. */
static bool
obey(View *v, int c)
{
	switch (c) {
	case KEYLEFT:
	case 'h':
		move(v, -1);
		break;
	case KEYRIGHT:
	case 'l':
		move(v, 1);
		break;
	case KEYUP:
	case 'k':
		move(v, -COLUMNS);
		break;
	case KEYDOWN:
	case 'j':
		move(v, COLUMNS);
		break;
	case ' ':
		endline(v);
		drawcells(v);
		break;
	case 'q':
	case KEYESC:
	case CTRL('c'):
	case '\r':
	case '\n':
	case NOKEY: /* nobody is there any more */
		return false;
	default:
		return true;
	}
	namecell(v);
	return true;
}

void
memview(void)
{
	View v = {.cursor = 0};

	drawcells(&v);
	drawlegend();
	print("arrows or h j k l: name a cell; space: draw again; q: enough\n");
	while (obey(&v, keywait()))
		;
	endline(&v);
}
