/*
 * interrupts.h - interrupts where a test wants them, and CPUs that ask each
 * other by one.
 */
#ifndef INTERRUPTS_H
#define INTERRUPTS_H

#include "types.h"

typedef bool Interrupter(size_t n, void (*fn)(void), void (*handler)(void));

/*
 * Run fn, and handler as an interrupt after so many of its instructions, or as
 * soon then as it may be interrupted. False if fn had fewer.
 */
Interrupter interruptat;

/*
 * The same, and handler comes where fn is about to mask interrupts for the n-th
 * time: between any two of the steps in which it may not be interrupted.
 */
Interrupter interruptbetween;

/*
 * Run fn in two threads, CPUs 0 and 1, until both have returned. A CPU that
 * wants a barrier interrupts the other one and waits for its answer, which
 * comes only when that may be interrupted. If they wait in a circle, an alarm
 * ends the program.
 */
void askingcpus(void (*fn)(int self));

#endif
