/*
 * ink.h - text for people: lines of characters, each with a colour by its
 * meaning, and those who show them.
 *
 * What is told is made up once, in lines of cells; the framebuffer and
 * firmware's console show the same, each with its own colours. Without colours,
 * in a file or on a serial line, the characters alone say it all.
 */
#ifndef INK_H
#define INK_H

#include "log.h"

typedef struct Cell Cell;
typedef struct Cells Cells;
typedef struct Teller Teller;

/*
 * From INKGREEN to INKRED a cell is a block of that colour: its character is
 * there for those who see no colours.
 */
enum ink {
	INKPLAIN,
	INKDIM,
	INKHEAD,
	INKGOOD,
	INKBAD,
	INKWARN,
	INKGREEN,
	INKCYAN,
	INKBLUE,
	INKMAGENTA,
	INKBROWN,
	INKGRAY,
	INKRED,
	INKCURSOR, /* black on white: where the next key goes */
	NINK
};

enum { LINECELLS = 160 };

struct Cell {
	char c;
	uint8_t ink;
};

/* What finds no room in it is left out. */
struct Cells {
	size_t n;
	Cell cell[LINECELLS];
};

/* Where people read. */
struct Teller {
	Sink *write;
	void (*ink)(
	    enum ink ink); /* of what is written next; NULL: no colours */
	unsigned cols;
	unsigned rows; /* 0: it has no end */
	bool pages;    /* stops after each screen: nothing scrolls off */
};

/* Append formatted text; n times a character; blanks, up to that column. */
void lineput(Cells *l, enum ink ink, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void linefill(Cells *l, enum ink ink, char c, size_t n);
void linetab(Cells *l, size_t col);

/* Show it, and begin anew. */
void lineend(Cells *l, const Teller *to);

/*
 * Words, begun in a line of its own at that column and gone on with below,
 * where to has no more columns.
 */
void linewords(const Teller *to, enum ink ink, size_t col, const char *words);

#endif
