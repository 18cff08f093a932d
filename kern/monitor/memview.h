/*
 * memview.h - the monitor's picture of all memory, with a cursor.
 */
#ifndef MEMVIEW_H
#define MEMVIEW_H

#include "ink.h"

/*
 * Draw it where who asks sits, live, with a cursor that names what is under it,
 * until a key ends it. Where it cannot be drawn over, as on a serial line that
 * no terminal answers from, tell it once.
 */
void memview(const Teller *once);

/* In lines for programs: whose each piece of it is. */
void memviewlines(void);

#endif
