/*
 * spcr.h - the serial port that ACPI says firmware's console is on.
 */
#ifndef SPCR_H
#define SPCR_H

#include "options.h"

/*
 * Read a Serial Port Console Redirection table of size bytes. False if it
 * names no port, or one that is no 16550. The speed it has is the port's
 * already.
 */
bool spcrread(const uint8_t *table, size_t size, Uart *u);

/*
 * Can the registers be there: aligned, and within what the CPU can address?
 */
bool uartsane(const Uart *u, int physbits);

#endif
