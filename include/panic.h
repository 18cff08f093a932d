/*
 * panic.h - the ways mem9 stops: never by a reset, never in silence.
 */
#ifndef PANIC_H
#define PANIC_H

#include "types.h"

/*
 * After a report, which is the end of the log and so on every output: stays up
 * in the monitor, or does what *end= says when nobody is there to read it.
 */
_Noreturn void stayup(void);

/* Reporting itself has failed: one line, by the simplest means, and halt. */
_Noreturn void deadend(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

#endif
