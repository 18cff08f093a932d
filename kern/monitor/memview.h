/*
 * memview.h - the monitor's picture of all memory, with a cursor.
 */
#ifndef MEMVIEW_H
#define MEMVIEW_H

/* Draw it, then obey keys until one ends it; each names what is under it. */
void memview(void);

#endif
