/*
 * port.c - see port.h.
 */
#include "port.h"
#include "x86.h"

uint8_t
portread8(uint16_t port)
{
	return inb(port);
}

uint16_t
portread16(uint16_t port)
{
	return inw(port);
}

void
portwrite8(uint16_t port, uint8_t v)
{
	outb(port, v);
}

void
portwrite16(uint16_t port, uint16_t v)
{
	outw(port, v);
}

uint32_t
portread32(uint16_t port)
{
	return inl(port);
}

void
portwrite32(uint16_t port, uint32_t v)
{
	outl(port, v);
}
