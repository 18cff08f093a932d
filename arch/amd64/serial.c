/*
 * serial.c - 16550: see serial.h.
 *
 * National Semiconductor PC16550D data sheet, section 8 (registers). A port
 * that is not there reads 0xff; one that stops taking bytes is given up after
 * a bounded wait, so that output to it never holds up the machine.
 */
#include "serial.h"
#include "x86.h"

enum {
	THR = 0, /* transmit, receive; divisor low with DLAB */
	IER = 1, /* interrupts; divisor high with DLAB */
	FCR = 2,
	LCR = 3,
	MCR = 4,
	LSR = 5,
	SCR = 7,

	LCR8N1 = 0x03,
	LCRDLAB = 0x80,
	FCRON = 0x07, /* on, both queues emptied */
	MCRON = 0x0b, /* DTR, RTS, OUT2 */
	LSRREADY = 0x01,
	LSREMPTY = 0x20,
	LSRIDLE = 0x40,

	CLOCK = 115200,
	PATIENCE = 5000000, /* polls: some 5 s of port reads, once */
};

static uint16_t base; /* 0: none */

static bool
answers(uint16_t port)
{
	for (uint8_t v = 0x55; v != 0; v = v == 0x55 ? 0xaa : 0) {
		outb(port + SCR, v);
		if (inb(port + SCR) != v)
			return false;
	}
	return inb(port + LSR) != 0xff;
}

bool
serialinit(uint16_t port, uint32_t baud)
{
	base = 0;
	if (port == 0 || !answers(port))
		return false;
	outb(port + IER, 0);
	if (baud != 0) {
		uint32_t divisor = MAX(CLOCK / baud, 1u);

		outb(port + LCR, LCRDLAB | LCR8N1);
		outb(port + THR, (uint8_t)divisor);
		outb(port + IER, (uint8_t)(divisor >> 8));
	}
	outb(port + LCR, LCR8N1);
	outb(port + FCR, FCRON);
	outb(port + MCR, MCRON);
	base = port;
	return true;
}

/* False if the device does not get there; it is given up then. */
static bool
waitfor(uint8_t bits)
{
	for (int i = 0; i < PATIENCE; i++) {
		uint8_t lsr = inb(base + LSR);

		if (lsr == 0xff)
			break;
		if (lsr & bits)
			return true;
		pause();
	}
	base = 0;
	return false;
}

static void
put(char c)
{
	if (base != 0 && waitfor(LSREMPTY))
		outb(base + THR, (uint8_t)c);
}

void
serialwrite(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\n')
			put('\r');
		put(s[i]);
	}
}

int
serialread(void)
{
	if (base == 0 || (inb(base + LSR) & LSRREADY) == 0)
		return -1;
	return inb(base + THR);
}

void
serialdrain(void)
{
	if (base != 0)
		waitfor(LSRIDLE);
}
