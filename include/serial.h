/*
 * serial.h - a 16550 serial port, by polling.
 */
#ifndef SERIAL_H
#define SERIAL_H

#include "types.h"

/*
 * Use the UART at this I/O port, at this speed (0: leave it as it is). False
 * if nothing answers there; all other calls then do nothing.
 */
bool serialinit(uint16_t port, uint32_t baud);

/* A Sink: newlines become CR LF. Every wait for the device is bounded. */
void serialwrite(const char *s, size_t n);

/* The next byte received, or -1. */
int serialread(void);

/* Wait, not forever, until all that was written has left the wire. */
void serialdrain(void);

#endif
