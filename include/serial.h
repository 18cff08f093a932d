/*
 * serial.h - a 16550 serial port, by polling.
 */
#ifndef SERIAL_H
#define SERIAL_H

#include "uart.h"

/*
 * Use the UART with these registers, at this speed (0: as firmware set it).
 * False if nothing answers there; all other calls then do nothing.
 */
bool serialinit(const Uartregs *regs, uint32_t baud);

/* The port that was asked for or that firmware names, else the first one. */
bool serialopen(const Bootinfo *b);

/* Is one in use? */
bool serialworks(void);

/* Is there one? Nothing of it is changed; it is not in use afterwards. */
bool serialanswers(const Bootinfo *b);

/*
 * A Sink: newlines become CR LF. Every wait for the device is bounded. A port
 * that takes nothing for long loses what is written meanwhile, is tried again
 * at each byte, and says how much it has missed when it takes one.
 */
void serialwrite(const char *s, size_t n);

/* The next byte received, or -1; also from a port that takes nothing. */
int serialread(void);

/* Wait, not forever, until all that was written has left the wire. */
void serialdrain(void);

#endif
