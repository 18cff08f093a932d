/*
 * more.h - what is asked for at the screen stops there, before it scrolls off.
 */
#ifndef MORE_H
#define MORE_H

#include "types.h"

/*
 * A Sink: the screen's, which stops after each screenful, if it is to. A report
 * (panic.h) never is.
 */
void morewrite(const char *s, size_t n);

/*
 * From now on it is to, if who asks sits at the screen, where a key goes on;
 * and no more.
 */
void morestart(void);
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
