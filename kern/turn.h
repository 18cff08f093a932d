/*
 * turn.h - a screen that nobody can type at shows the report by itself.
 */
#ifndef TURN_H
#define TURN_H

/*
 * From now on, while a key is waited for: the result, then all of the report, a
 * screen at a time, over and over, until a key comes (by the serial line).
 * Nothing happens where there is no screen, where it has lines for programs, or
 * where a keyboard is heard.
 */
void turnstart(void);

#endif
