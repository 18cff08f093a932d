/*
 * spcr.c - see spcr.h.
 *
 * Microsoft's "Serial Port Console Redirection Table", revision 4; interface
 * types by its "Debug Port Table 2". ACPI Specification 6.4, 5.2.3.2 (generic
 * addresses). What firmware writes there is loose: the access size may be 0,
 * and registers are as far apart as the larger of width and access.
 */
#include "spcr.h"

enum {
	TYPE = 36,
	SPACE = 40, /* the generic address from here on */
	BITS = 41,
	OFFSET = 42,
	ACCESS = 43,
	ADDRESS = 44,
	SHORTEST = 52,

	FULL16550 = 0,
	SUBSET16450 = 1,
	GAS16550 = 0x12,

	INMEMORY = 0,
	INPORTS = 1,
	ACCESSDWORD = 3,
	MOSTSTRIDE = 4,
	REGSPAN = 8 * MOSTSTRIDE,
};

/* Bytes that the register's bits are; 1 if that makes no sense. */
static uint8_t
bytesof(uint8_t bits)
{
	return bits == 16 || bits == 32 ? bits / 8 : 1;
}

static void
inmemory(const uint8_t *t, Uart *u)
{
	uint8_t access = t[ACCESS];

	u->space = UARTMEM;
	u->width = access >= 1 && access <= ACCESSDWORD
		       ? (uint8_t)(1 << (access - 1))
		       : bytesof(t[BITS]);
	u->stride = MAX(u->width, bytesof(t[BITS]));
}

/* Ports are a byte each, but where the table is there to say something else. */
static void
inports(const uint8_t *t, Uart *u)
{
	u->space = UARTPORT;
	u->width = 1;
	u->stride = t[TYPE] == GAS16550 ? bytesof(t[BITS]) : 1;
}

bool
spcrread(const uint8_t *t, size_t size, Uart *u)
{
	*u = (Uart){.space = UARTNONE};
	if (size < SHORTEST || t[OFFSET] != 0 ||
	    (t[TYPE] != FULL16550 && t[TYPE] != SUBSET16450 &&
		t[TYPE] != GAS16550))
		return false;
	for (int i = 7; i >= 0; i--)
		u->addr = u->addr << 8 | t[ADDRESS + i];
	if (u->addr == 0)
		return false;
	if (t[SPACE] == INMEMORY)
		inmemory(t, u);
	else if (t[SPACE] == INPORTS)
		inports(t, u);
	return u->space != UARTNONE;
}

bool
uartsane(const Uart *u, int physbits)
{
	paddr_t end = u->space == UARTPORT ? 1 << 16 : (paddr_t)1 << physbits;

	return u->addr % u->width == 0 && u->addr >= 8 &&
	       u->addr < end - REGSPAN;
}
