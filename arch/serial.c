/*
 * serial.c - 16550: see serial.h.
 *
 * National Semiconductor PC16550D data sheet, section 8 (registers). A port
 * that is not there reads 0xff. One that takes nothing has stalled: what the
 * first wait for it costs is bounded, each byte after that only looks, and the
 * wait for its next stall is half as long, so that output to it never holds up
 * the machine for long.
 */
#include "serial.h"
#include "halt.h"
#include "hooks.h"

enum {
	THR = 0, /* transmit, receive; divisor low with DLAB */
	IER = 1, /* interrupts; divisor high with DLAB */
	FCR = 2,
	LCR = 3,
	MCR = 4,
	LSR = 5,
	MSR = 6,
	SCR = 7,

	LCR8N1 = 0x03,
	LCRDLAB = 0x80,
	FCRON = 0x07,    /* on, both queues emptied */
	MCRON = 0x0b,    /* DTR, RTS, OUT2 */
	MCRLOOP = 0x1a,  /* RTS and OUT2 led back ... */
	MSRLOOP = 0x90,  /* ... to CTS and DCD */
	MSRLINES = 0xf0, /* all four */
	LSRREADY = 0x01,
	LSREMPTY = 0x20,
	LSRIDLE = 0x40,
	ABSENT = 0xff,

	CLOCK = 115200,
	PATIENCE = 5000000,         /* polls: some 5 s of port reads */
	IMPATIENCE = PATIENCE / 64, /* the least */
	TRUST = 1024,               /* bytes taken that double it again */
};

static struct {
	bool on;
	Uartregs regs;
	int patience; /* polls until a port that takes nothing has stalled */
	int taken;    /* bytes since that was changed */
	bool stalled;
	size_t missed; /* bytes, since it has */
} port;

static uint8_t
get(unsigned reg)
{
	return uartget(&port.regs, reg);
}

static void
put(unsigned reg, uint8_t v)
{
	uartput(&port.regs, reg, v);
}

/* The oldest chips have no scratch register; some new ones no loop-back. */
static bool
scratches(void)
{
	for (uint8_t v = 0x55; v != 0; v = v == 0x55 ? 0xaa : 0) {
		put(SCR, v);
		if (get(SCR) != v)
			return false;
	}
	return true;
}

static bool
loopsback(void)
{
	uint8_t was = get(MCR);

	put(MCR, MCRLOOP);
	bool loops = (get(MSR) & MSRLINES) == MSRLOOP;
	put(MCR, was);
	return loops;
}

static bool
answers(void)
{
	return get(LSR) != ABSENT && (scratches() || loopsback());
}

static bool
waitfor(uint8_t bits, int polls)
{
	for (int i = 0; i < polls; i++) {
		uint8_t lsr = get(LSR);

		if (lsr == ABSENT)
			return false;
		if (lsr & bits)
			return true;
		relax();
	}
	return false;
}

/* With DLAB on. No speed at all is as good as being asked for one. */
static void
setspeed(uint32_t baud)
{
	uint32_t divisor = get(THR) | (uint32_t)get(IER) << 8;

	if (baud != 0)
		divisor = MAX(CLOCK / baud, 1u);
	else if (divisor == 0)
		divisor = 1;
	put(THR, (uint8_t)divisor);
	put(IER, (uint8_t)(divisor >> 8));
}

bool
serialinit(const Uartregs *regs, uint32_t baud)
{
	memset(&port, 0, sizeof port);
	port.regs = *regs;
	port.patience = PATIENCE;
	if (!answers())
		return false;
	waitfor(LSRIDLE, IMPATIENCE); /* firmware's last words */
	put(LCR, LCRDLAB | LCR8N1);
	setspeed(baud);
	put(LCR, LCR8N1);
	put(IER, 0);
	put(FCR, FCRON);
	put(MCR, MCRON);
	port.on = true;
	return true;
}

/* Try what there may be, one after the other. */
static bool
findport(const Bootinfo *b, bool (*try)(const Uartregs *, uint32_t))
{
	const Uart *u[] = {&b->uart, &b->options.uart};
	size_t n = b->options.uartgiven ? 1 : 2;

	for (size_t i = 0; i < n; i++) {
		if (u[i]->space == UARTNONE)
			continue;
		Uartregs r = uartregs(b, u[i]);
		if (try(&r, b->options.baud))
			return true;
	}
	return false;
}

bool
serialopen(const Bootinfo *b)
{
	return findport(b, serialinit);
}

static bool
probe(const Uartregs *regs, uint32_t baud)
{
	(void)baud;
	port.on = false;
	port.regs = *regs;
	return answers();
}

bool
serialanswers(const Bootinfo *b)
{
	return findport(b, probe);
}

/* A stall that ends, or another byte that went well. */
static void
trusted(void)
{
	port.stalled = false;
	if (++port.taken < TRUST)
		return;
	port.taken = 0;
	port.patience = MIN(2 * port.patience, PATIENCE);
}

static bool
send(uint8_t c)
{
	if (!waitfor(LSREMPTY, port.stalled ? 1 : port.patience)) {
		if (!port.stalled) {
			port.patience = MAX(port.patience / 2, IMPATIENCE);
			port.taken = 0;
		}
		port.stalled = true;
		port.missed++;
		return false;
	}
	put(THR, c);
	trusted();
	return true;
}

static void
sendtext(const char *s)
{
	for (; *s != '\0'; s++)
		send((uint8_t)*s);
}

/* It takes bytes again: how many it has not seen. Nobody prints to a sink. */
static void
confess(void)
{
	char digits[24];
	char *p = &digits[sizeof digits - 1];
	size_t n = port.missed;

	if (!waitfor(LSREMPTY, 1))
		return;
	port.missed = 0;
	for (*p = '\0'; n != 0; n /= 10)
		*--p = (char)('0' + n % 10);
	sendtext("\r\n[");
	sendtext(p);
	sendtext(" bytes are missing here]\r\n");
}

void
serialwrite(const char *s, size_t n)
{
	for (size_t i = 0; i < n && port.on; i++) {
		if (port.missed != 0)
			confess();
		if (s[i] == '\n')
			send('\r');
		send((uint8_t)s[i]);
	}
}

bool
serialworks(void)
{
	return port.on;
}

int
serialread(void)
{
	uint8_t lsr = port.on ? get(LSR) : ABSENT;

	if (lsr == ABSENT || (lsr & LSRREADY) == 0)
		return -1;
	return get(THR);
}

void
serialdrain(void)
{
	if (port.on)
		waitfor(LSRIDLE, port.patience);
}
