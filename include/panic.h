/*
 * panic.h - the ways mem9 stops: never by a reset, never in silence.
 */
#ifndef PANIC_H
#define PANIC_H

#include "types.h"

/*
 * After a report, which is the end of the log and so on every output: goes on,
 * on CPU 0, on an empty stack, in the function that panicthen() was told last;
 * before the takeover on the stack that there is. Until it was told one, this
 * halts. Another CPU halts here, as its report is over, and CPU 0, which waits
 * for that, goes on.
 */
_Noreturn void stayup(void);
void panicthen(void (*fn)(void));

/*
 * A report begins, on whatever CPU: nothing of it is held back, and nobody has
 * to press a key for it. How many ever have: a panic that somebody expects
 * (faults()) is one as long as its words are written.
 */
void reportbegins(void);
uint32_t reports(void);

/* Reporting itself has failed: one line, by the simplest means, and halt. */
_Noreturn void deadend(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

#endif
