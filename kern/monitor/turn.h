/*
 * turn.h - a screen that nobody can type at shows the report by itself.
 */
#ifndef TURN_H
#define TURN_H

/*
 * From now on, while a key is waited for: the result, then all of the report,
 * or all of the log where lines for programs are shown, a screen at a time,
 * over and over, until a key comes by the serial line. Nothing happens where
 * there is no screen, nor while a keyboard is heard.
 */
void turnstart(void);

/*
 * A fault or a panic was reported: it stays; what is longer than a screen, with
 * what led there, is shown so from now on.
 */
void turnreport(void);

#endif
