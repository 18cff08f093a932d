/*
 * uart.c - see uart.h.
 *
 *	VMAP   hand-over |#| registers |#| free ...
 */
#include "uart.h"
#include "hooks.h"
#include "mmu.h"
#include "port.h"

uint8_t
uartget(const Uartregs *r, unsigned reg)
{
	volatile uint8_t *p = r->mem;

	if (p == NULL)
		return portread8((uint16_t)(r->port + reg * r->stride));
	p += (size_t)reg * r->stride;
	switch (r->width) {
	case 4:
		return (uint8_t) * (volatile uint32_t *)p;
	case 2:
		return (uint8_t) * (volatile uint16_t *)p;
	default:
		return *p;
	}
}

void
uartput(const Uartregs *r, unsigned reg, uint8_t v)
{
	volatile uint8_t *p = r->mem;

	if (p == NULL) {
		portwrite8((uint16_t)(r->port + reg * r->stride), v);
		return;
	}
	p += (size_t)reg * r->stride;
	switch (r->width) {
	case 4:
		*(volatile uint32_t *)p = v;
		break;
	case 2:
		*(volatile uint16_t *)p = v;
		break;
	default:
		*p = v;
	}
}

/* Uncached, which the PAT has under every firmware. */
int
uartmap(Space *s, const Bootinfo *b)
{
	const Uart *u = &b->uart;
	pte_t flags = PTEVALID | PTEWRITE | PTENOEXEC | PTEGLOBAL | PTEUC;

	if (u->space != UARTMEM)
		return 0;
	return pmap(s, VMAP + uartoffset(b), ROUNDDOWN(u->addr, BY2PG) | flags,
	    uartend(b) - uartoffset(b));
}

Uartregs
uartregs(const Bootinfo *b, const Uart *u)
{
	Uartregs r = {.width = u->width, .stride = u->stride};

	if (u->space == UARTPORT)
		r.port = (uint16_t)u->addr;
	else if (u->space == UARTNONE)
		r.mem = NULL;
	else if (alone())
		r.mem = (uint8_t *)VMAP + uartoffset(b) + u->addr % BY2PG;
	else
		r.mem = (uint8_t *)u->addr;
	return r;
}
