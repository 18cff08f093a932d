/*
 * program.h - the image of each file that segments are made of: its pages are
 * cached, and who runs it shares its text.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include "image.h"
#include "segment.h"

enum { PROGRAMHASH = 64 };

struct Program {
	Chan *chan;
	size_t ref;    /* segments; under the lock of them all */
	Lock lock;     /* of text, and of a text's references */
	Segment *text; /* that others may run too, or NULL */
	Image image;
	Page *hash[PROGRAMHASH];
	Program *next;
};

/*
 * The program that this file is, with a reference, or NULL if there is no
 * memory; one more for who has one already; and one less.
 */
Program *program(Chan *chan);
Program *programref(Program *p);
void putprogram(Program *p);

/* Is any opened or closed just now, or was when that was broken off? */
bool programsbusy(void);

#endif
