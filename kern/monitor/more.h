/*
 * more.h - what is asked for stops where it is read, before it scrolls off: at
 * the screen, and on a serial line if that is asked for.
 */
#ifndef MORE_H
#define MORE_H

#include "types.h"

/*
 * Sinks: the screen's and the serial line's. The one where whoever asks sits
 * stops after each screenful, if it is to. A report (panic.h) never is.
 */
void morewrite(const char *s, size_t n);
void moreserial(const char *s, size_t n);

/*
 * A serial line may be a program's: there it stops only if that is asked for,
 * as if it were a terminal of 24 rows.
 */
enum morewhere { MORESCREEN, MOREANYWHERE };

/* From now on it is to, if who asks sits in such a place; and no more. */
void morestart(enum morewhere where);
void morestop(void);

/*
 * Has it been stopped for good? Then what follows is not shown there, but for a
 * report.
 */
bool morequit(void);

/*
 * For what takes long: is it to end? Also by Ctrl-C. What is still to be said
 * comes after a morestop.
 */
bool morebreak(void);

#endif
