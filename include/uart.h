/*
 * uart.h - where the registers of a serial port are, and one access to them.
 */
#ifndef UART_H
#define UART_H

#include "bootinfo.h"
#include "space.h"

typedef struct Uartregs Uartregs;

/* The registers of a port, as they are reached at this stage. */
struct Uartregs {
	uint16_t port;         /* if mem is NULL */
	volatile uint8_t *mem; /* the first, mapped */
	uint8_t width;         /* bytes of one access: 1, 2 or 4 */
	uint8_t stride;        /* bytes from one to the next */
};

enum { UARTREGS = 8 };

/* Register number reg, which has 8 bits whatever the width. */
uint8_t uartget(const Uartregs *r, unsigned reg);
void uartput(const Uartregs *r, unsigned reg, uint8_t v);

/*
 * The registers of this port. In memory they are at their own address while
 * firmware lives, and afterwards, only for b->uart, behind the hand-over in the
 * window, where uartmap has mapped them.
 */
Uartregs uartregs(const Bootinfo *b, const Uart *u);
int uartmap(Space *s, const Bootinfo *b);

/*
 * Where in the window that is, and where what the hand-over and the registers
 * take of it ends.
 */
static inline size_t
uartoffset(const Bootinfo *b)
{
	return PGROUND(b->handover.size) + BY2PG;
}

static inline size_t
uartend(const Bootinfo *b)
{
	const Uart *u = &b->uart;

	if (u->space != UARTMEM)
		return b->handover.size;
	return PGROUND(uartoffset(b) + u->addr % BY2PG + UARTREGS * u->stride);
}

#endif
