/*
 * panel.c - see panel.h.
 *
 *	line 0		what changes is written over, from its beginning on
 *	line 1		<- at: where the output is, in some column
 *	...
 *	line n-1
 *
 * To go down costs a newline, up an up, right what stands there already: no
 * more is asked of whatever it is drawn on.
 */
#include "panel.h"
#include "hooks.h"

static void
goline(Panel *p, size_t i)
{
	for (; p->at > i; p->at--)
		p->on->up();
	for (; p->at < i; p->at++)
		p->on->write("\n", 1);
	p->on->write("\r", 1);
}

static bool
same(const Cells *a, const Cells *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->cell[i].c != b->cell[i].c ||
		    a->cell[i].ink != b->cell[i].ink)
			return false;
	return true;
}

/* Cells of one colour at once. */
static void
putcells(const Canvas *on, const Cells *l, size_t n)
{
	char text[PANELCOLS];

	for (size_t i = 0; i < n;) {
		uint8_t ink = l->cell[i].ink;
		size_t k = 0;

		while (i < n && l->cell[i].ink == ink)
			text[k++] = l->cell[i++].c;
		if (on->ink != NULL)
			on->ink((enum ink)ink);
		on->write(text, k);
	}
	if (on->ink != NULL)
		on->ink(INKPLAIN);
}

void
panelline(Panel *p, size_t i, const Cells *l)
{
	if (i > p->n || i >= PANELLINES)
		panic("line %zu of a panel of %zu", i, p->n);
	Cells *is = &p->line[i];
	Cells want = *l;
	size_t was = i < p->n ? is->n : 0;

	want.n = MIN(want.n, (size_t)PANELCOLS);
	if (i < p->n && same(is, &want))
		return;
	p->stays = false;
	goline(p, i);
	putcells(p->on, &want, want.n);
	for (size_t k = want.n; k < was; k++)
		p->on->write(" ", 1);
	*is = want;
	p->n = MAX(p->n, i + 1);
}

void
panelcursor(Panel *p, size_t i, size_t col)
{
	if (i >= p->n)
		panic("cursor in line %zu of %zu", i, p->n);
	if (p->stays && p->at == i && p->col == col)
		return;
	p->stays = true;
	p->col = col;
	goline(p, i);
	putcells(p->on, &p->line[i], MIN(col, p->line[i].n));
	if (p->on->cursor != NULL)
		p->on->cursor();
}

void
panelend(Panel *p)
{
	if (p->n == 0)
		return;
	goline(p, p->n - 1);
	p->on->write("\n", 1);
}
