/*
 * bigword.h - a word in letters to be read from across a room.
 */
#ifndef BIGWORD_H
#define BIGWORD_H

#include "ink.h"

/*
 * How many times its smallest size, BIGROWS rows, a word of so many letters
 * must have on that screen to be a tenth of it high; less where it would be too
 * wide. A screen of unknown size has 80 columns, 25 rows.
 */
enum { BIGROWS = 5 };
unsigned bigscale(const Teller *to, size_t nletters);

/* Columns that it takes. */
size_t bigwidth(unsigned scale, size_t nletters);

/* Append row number row, of BIGROWS * scale, of "PASS" or "FAIL". */
void bigrow(
    Cells *l, enum ink ink, const char *word, unsigned scale, unsigned row);

#endif
