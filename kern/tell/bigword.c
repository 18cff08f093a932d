/*
 * bigword.c - see bigword.h.
 *
 * A letter is 5 dots wide and 5 high. A cell of text is twice as high as wide:
 * a dot is two of them.
 */
#include "bigword.h"
#include "hooks.h"

enum { DOTS = 5, CELLSPERDOT = 2, GAP = 1, TENTH = 10, COLS = 80, ROWS = 25 };

static const struct {
	char letter;
	const char *dots[BIGROWS];
} letters[] = {
    {'A', {" ### ", "#   #", "#####", "#   #", "#   #"}},
    {'F', {"#####", "#    ", "#### ", "#    ", "#    "}},
    {'I', {" ### ", "  #  ", "  #  ", "  #  ", " ### "}},
    {'L', {"#    ", "#    ", "#    ", "#    ", "#####"}},
    {'P', {"#### ", "#   #", "#### ", "#    ", "#    "}},
    {'S', {" ####", "#    ", " ### ", "    #", "#### "}},
};

size_t
bigwidth(unsigned scale, size_t nletters)
{
	return (nletters * (DOTS + GAP) - GAP) * CELLSPERDOT * scale;
}

unsigned
bigscale(const Teller *to, size_t nletters)
{
	unsigned rows = to->rows != 0 ? to->rows : ROWS;
	size_t cols = MIN(to->cols != 0 ? to->cols : COLS, LINECELLS);
	unsigned scale = (rows + TENTH * BIGROWS - 1) / (TENTH * BIGROWS);

	while (scale > 1 && bigwidth(scale, nletters) > cols)
		scale--;
	return scale;
}

static const char *
dotsof(char letter, unsigned row)
{
	for (size_t i = 0; i < nelem(letters); i++)
		if (letters[i].letter == letter)
			return letters[i].dots[row];
	panic("no large letter %c", letter);
}

void
bigrow(Cells *l, enum ink ink, const char *word, unsigned scale, unsigned row)
{
	size_t wide = CELLSPERDOT * scale;

	for (const char *p = word; *p != '\0'; p++) {
		const char *dots = dotsof(*p, row / scale);

		for (int i = 0; i < DOTS; i++)
			if (dots[i] == '#')
				linefill(l, ink, '#', wide);
			else
				linefill(l, INKPLAIN, ' ', wide);
		if (p[1] != '\0')
			linefill(l, INKPLAIN, ' ', wide * GAP);
	}
}
