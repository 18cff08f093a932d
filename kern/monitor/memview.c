/*
 * memview.c - all memory as rows of letters, by owner and state.
 *
 *	0x000000000000  uu--kkkkkkkkk####++.......................
 *	0x00000a3f0000  ..............RRa.......
 *
 * Where it can be drawn over it is live: some rows of it, what is under the
 * cursor, and the legend, all made anew twice a second. Anywhere else it is
 * printed once, all rows.
 */
#include "memview.h"
#include "bootinfo.h"
#include "../handed.h"
#include "hooks.h"
#include "keys.h"
#include "memcells.h"
#include "panel.h"
#include "panic.h"
#include "screen.h"
#include "serial.h"
#include "sizetext.h"

typedef struct View View;

enum {
	COLUMNS = 64,
	ROWS = 14,  /* at least; and of those shown live at most */
	AROUND = 6, /* lines beside those: what is said of them */
	LABEL = 15, /* columns before them */
	PERLINE = 4,
	LIVEUS = 500000,
};

static const struct {
	char letter;
	enum ink ink;
	const char *name;
} owners[NOWNER] = {
    [OWNPAGES] = {'.', INKDIM, "pages"},
    [OWNKERNEL] = {'k', INKWARN, "kernel"},
    [OWNACPI] = {'a', INKHEAD, "ACPI tables"},
    [OWNKEPT] = {'R', INKPLAIN, "reserved"},
    [OWNUMB] = {'u', INKDIM, "upper memory"},
    [OWNHOLE] = {'-', INKDIM, "nothing"},
};

/* Lines go to a panel, or to who reads them once. */
struct View {
	Picture p;
	const Teller *once; /* NULL: live */
	Panel panel;
	size_t nline; /* shown so far, of this drawing */
	size_t nrow;  /* that have room, live */
	size_t top;   /* the one that is shown first, of those that there are */
	size_t cursor;
	Cells row;     /* that is being filled */
	Memcell under; /* the cursor */
};

/* By its owner; of pages, by what all of them are, or some. */
static void
putletter(Cells *l, const Memcell *c)
{
	if (c->owner != OWNPAGES) {
		linefill(l, owners[c->owner].ink, owners[c->owner].letter, 1);
		return;
	}
	Counted got = memcounted(c);

	if (got.is[FRAMEFREE] == got.n)
		linefill(l, INKDIM, '.', 1);
	else if (got.is[FRAMEALLOCATED] == got.n)
		linefill(l, INKGOOD, '#', 1);
	else if (got.is[FRAMERESERVED] == got.n)
		linefill(l, INKBAD, 'x', 1);
	else
		linefill(l, INKGOOD, '+', 1);
}

/* One more line; another begins. */
static void
show(View *v, Cells *l)
{
	if (v->once != NULL)
		lineend(l, v->once);
	else
		panelline(&v->panel, v->nline, l);
	v->nline++;
	l->n = 0;
}

static size_t
rows(const View *v)
{
	return v->p.ncell / COLUMNS;
}

static bool
shown(const View *v, size_t row)
{
	return v->once != NULL || (row >= v->top && row - v->top < v->nrow);
}

static void
drawcell(void *arg, size_t i, const Memcell *c)
{
	View *v = arg;

	if (i == v->cursor)
		v->under = *c;
	if (!shown(v, i / COLUMNS))
		return;
	if (i % COLUMNS == 0)
		lineput(&v->row, INKDIM, "0x%012jx ", c->pa);
	putletter(&v->row, c);
	if ((i + 1) % COLUMNS == 0)
		show(v, &v->row);
}

/* What a letter stands for, about. */
static void
drawscale(View *v)
{
	char ram[SIZETEXT];
	char rest[SIZETEXT];
	Cells l = {.n = 0};

	lineput(&l, INKHEAD, "All memory");
	lineput(&l, INKDIM, "  a letter: %s of RAM, %s of the rest",
	    sizeword(ram, picturecell(&v->p, SCALERAM)),
	    sizeword(rest, picturecell(&v->p, SCALEREST)));
	if (v->once == NULL && rows(v) > v->nrow)
		lineput(&l, INKDIM, "; rows %zu-%zu of %zu", v->top + 1,
		    v->top + v->nrow, rows(v));
	show(v, &l);
}

/* How much there is of each, and what a letter means. */
static void
drawlegend(View *v)
{
	uint64_t size[NOWNER];
	char text[SIZETEXT];
	Cells l = {.n = 0};
	int n = 0;

	memowned(size);
	for (int i = 0; i < NOWNER; i++)
		if (size[i] > 0) {
			if (n++ == PERLINE)
				show(v, &l);
			lineput(&l, owners[i].ink, "%c ", owners[i].letter);
			lineput(&l, INKPLAIN, "%s %s  ", owners[i].name,
			    sizeword(text, size[i]));
		}
	show(v, &l);
	lineput(&l, INKPLAIN,
	    "pages: . free  # in use  + some  x not to be had; %d of a cell "
	    "are looked at",
	    LOOKEDAT);
	show(v, &l);
}

/* Of pages, how many are what; of other memory, what firmware calls it. */
static void
putstate(Cells *l, const Memcell *c)
{
	const Part *mine = &bootinfo->block;
	Efimap map = handedmap();

	if (c->owner == OWNPAGES) {
		Counted got = memcounted(c);

		lineput(l, INKPLAIN, ", of %zu: %zu free, %zu in use", got.n,
		    got.is[FRAMEFREE], got.is[FRAMEALLOCATED]);
		if (got.is[FRAMERESERVED] > 0)
			lineput(l, INKPLAIN, ", %zu not to be had",
			    got.is[FRAMERESERVED]);
		return;
	}
	if (c->pa >= mine->pa && c->pa - mine->pa < mine->size)
		lineput(l, INKPLAIN, ", mem9's own");
	for (size_t i = 0; i < efimapcount(&map); i++) {
		Efidesc d = efimapdesc(&map, i);

		if (c->pa < d.base || (c->pa - d.base) / BY2PG >= d.npages)
			continue;
		const char *name = efitypename(d.type);
		lineput(l, INKPLAIN, ", firmware's %s",
		    name != NULL ? name : "type without a name");
	}
}

/* What is under the cursor. */
static void
drawname(View *v)
{
	const Memcell *c = &v->under;
	char size[SIZETEXT];
	Cells l = {.n = 0};

	lineput(&l, INKHEAD, "0x%jx-0x%jx, %s", c->pa, c->end - 1,
	    sizeword(size, c->end - c->pa));
	lineput(&l, INKPLAIN, ": %s", owners[c->owner].name);
	putstate(&l, c);
	show(v, &l);
}

static void
draw(View *v)
{
	Cells l = {.n = 0};

	v->nline = 0;
	memcells(&v->p, ROWS * COLUMNS, COLUMNS);
	drawscale(v);
	memcellsdo(&v->p, drawcell, v);
	if (v->once == NULL && v->p.ncell > 0)
		drawname(v);
	drawlegend(v);
	if (v->once != NULL)
		return;
	lineput(&l, INKDIM, "arrows or h j k l: name another; q: enough");
	show(v, &l);
}

/* By so many cells, if that is still on the picture. */
static void
move(View *v, ptrdiff_t by)
{
	size_t to = v->cursor + (size_t)by;

	if (to >= v->p.ncell)
		return;
	v->cursor = to;
	v->top = MIN(v->top, to / COLUMNS);
	if (to / COLUMNS - v->top >= v->nrow)
		v->top = to / COLUMNS - (v->nrow - 1);
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
	case 'q':
	case KEYESC:
	case CTRL('c'):
	case '\r':
	case '\n':
	case NOKEY: /* nobody is there any more */
		return false;
	}
	return true;
}

/* A report breaks in, and has spoilt the picture: it is over, too. */
static void
live(View *v)
{
	uint32_t was = reports();

	do {
		draw(v);
		if (v->p.ncell == 0)
			break;
		panelcursor(&v->panel, 1 + v->cursor / COLUMNS - v->top,
		    LABEL + v->cursor % COLUMNS);
	} while (obey(v, keywithin(LIVEUS)) && reports() == was);
	panelend(&v->panel);
}

static void
serialup(void)
{
	serialwrite("\x1bM", 2); /* RI, a VT100's reverse line feed */
}

/* Where who asks sits, and its size; NULL: nothing can be drawn over there. */
static const Canvas *
canvas(Termsize *is)
{
	static const Canvas screen = {
	    screenwrite, screenup, screenink, screencursor};
	static const Canvas terminal = {serialwrite, serialup, NULL, NULL};

	if (!keyatscreen())
		return keyterminal(is) ? &terminal : NULL;
	*is = (Termsize){screenrows(), screencols()};
	return is->rows != 0 ? &screen : NULL;
}

/* More lines than there is room for would not stay where they are. */
static bool
hasroom(const Termsize *is)
{
	return is->rows > AROUND && is->cols > PANELCOLS;
}

void
memview(const Teller *once)
{
	static View v; /* large */
	Termsize is;

	memset(&v, 0, sizeof v);
	v.panel.on = canvas(&is);
	if (v.panel.on != NULL && hasroom(&is)) {
		v.nrow = MIN(is.rows - AROUND, (unsigned)ROWS);
		live(&v);
		return;
	}
	v.once = once;
	draw(&v);
	if (v.panel.on != NULL)
		print("Printed once: %u rows of %u; in %d of %d it stays and "
		      "is live.\n",
		    is.rows, is.cols, AROUND + 1, PANELCOLS + 1);
}

/* Pages as they are now, or those of them that were looked at. */
static void
pieceline(void *arg, const Memcell *c)
{
	(void)arg;
	print("mem9: picture base=0x%jx size=0x%jx owner=\"%s\"", c->pa,
	    c->end - c->pa, owners[c->owner].name);
	if (c->owner == OWNPAGES) {
		Counted got = memcounted(c);

		print(" looked=%zu free=%zu used=%zu", got.n, got.is[FRAMEFREE],
		    got.is[FRAMEALLOCATED]);
	}
	print("\n");
}

void
memviewlines(void)
{
	mempiecesdo(pieceline, NULL);
}
