/*
 * stop.h - one CPU has to report something: all others stop where they are.
 */
#ifndef STOP_H
#define STOP_H

#include "backtrace.h"

/*
 * The other CPUs are interrupted, and stop for good; where is where this one
 * is. True: report, say where the others were by stopshow(), then stayup(). If
 * another CPU came first, it shows this one too, which stops; but on CPU 0 that
 * is false, once that report has been made, and stayup() comes next.
 */
bool stopothers(Context where);
void stopshow(void);

/* The end of a report of another CPU than 0, which goes on now. */
void stopended(void);

/* Is this CPU the one that reports? */
bool stopmine(void);

/*
 * An NMI came: is it to stop this CPU, which was there? stopnow does not return
 * then, but if it had stopped before; true on CPU 0 when the report was made.
 */
bool stopasked(void);
bool stopnow(Context where);

#endif
