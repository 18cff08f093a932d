/*
 * interim.c - see interim.h: fills switch.S's page of data.
 *
 * The gates have firmware's code segment, and the GDT has a descriptor in that
 * place: so they work before lgdt and after it, and an iretq goes back to
 * either code segment. The real GDT (desc.c) has the other one.
 */
#include "interim.h"
#include "cpu.h"
#include "desc.h"
#include "hooks.h"
#include "mmu.h"
#include "x86.h"

typedef struct Interim Interim;

enum { NGDT = 64, NGATE = 32, RPLTI = 7 };

/* As switch.S has it; the stack begins at the page's end. */
struct Interim {
	uint64_t gdt[NGDT];
	Gate idt[NGATE];
	uint64_t nmis;
	uintptr_t mem; /* Uartregs, in another order; all 0: no port */
	uint16_t port;
	uint8_t width;
	uint8_t stride;
	bool mca;
	uint8_t stack[BY2PG - 1045];
};

_Static_assert(sizeof(Interim) == BY2PG, "one page");
_Static_assert(offsetof(Interim, nmis) == 1024, "NMIS of switch.S");
_Static_assert(offsetof(Interim, mem) == 1032, "UARTMEM of switch.S");
_Static_assert(offsetof(Interim, port) == 1040, "UARTPORT of switch.S");
_Static_assert(offsetof(Interim, width) == 1042, "UARTWIDTH of switch.S");
_Static_assert(offsetof(Interim, stride) == 1043, "UARTSTRIDE of switch.S");
_Static_assert(offsetof(Interim, mca) == 1044, "HASMCA of switch.S");

extern Interim interim;
extern const uint8_t interimentries[], switchstart[], switchend[];
void interimload(const Tableptr *gdt, const Tableptr *idt, uint16_t code);

void
interiminit(const Uartregs *uart)
{
	Tableptr gp = {sizeof interim.gdt - 1, (uintptr_t)interim.gdt};
	Tableptr ip = {sizeof interim.idt - 1, (uintptr_t)interim.idt};
	uint16_t code = getcs();

	/* a code segment that has no place here: not caught until lretq */
	if ((code & RPLTI) != 0 || code > gp.limit)
		code = KCODE;
	interim.gdt[KCODE / 8] = CODE64;
	interim.gdt[code / 8] = CODE64;
	for (size_t v = 0; v < NGATE; v++)
		gateset(&interim.idt[v],
		    (uintptr_t)interimentries + v * ENTRYSIZE, code);
	interim.nmis = 0;
	interim.mem = (uintptr_t)uart->mem;
	interim.port = uart->port;
	interim.width = uart->width;
	interim.stride = uart->stride;
	interim.mca = cpu.mca;
	if (cpu.mce)
		putcr4(getcr4() | CR4MCE); /* off, a machine check is a reset */
	interimload(&gp, &ip, KCODE);
}

/* A port's registers in memory, in the tables to come where they are now. */
static int
mapuart(Space *s, Bootinfo *b)
{
	pte_t flags = PTEVALID | PTEWRITE | PTENOEXEC | PTEUC;
	Part *p = &b->interimuart;

	*p = (Part){.size = 0};
	if (b->uart.space != UARTMEM)
		return 0;
	*p = (Part){ROUNDDOWN(b->uart.addr, BY2PG), uartend(b) - uartoffset(b)};
	return pmap(s, p->pa, p->pa | flags, p->size);
}

/*
 * Where they were is kept in the hand-over: a variable of ours that is only
 * ever set from an address the compiler may compute anew, from where the image
 * runs by then.
 */
int
interimmap(Space *s, Bootinfo *b)
{
	uintptr_t text = ROUNDDOWN((uintptr_t)switchstart, BY2PG);
	uintptr_t end = PGROUND((uintptr_t)switchend);
	uintptr_t data = (uintptr_t)&interim;
	pte_t rw = PTEVALID | PTEWRITE | PTENOEXEC;

	b->switchpage = (Part){text, end - text};
	b->interim = (Part){data, BY2PG};
	if (pmap(s, text, text | PTEVALID, end - text) < 0 ||
	    pmap(s, data, data | rw, BY2PG) < 0)
		return -1;
	return mapuart(s, b);
}

static void
unmap(const Part *p)
{
	if (p->size != 0 && punmap(&kspace, p->pa, p->size) < 0)
		panic("the pages at %#jx stay mapped", p->pa);
}

uint64_t
interimfini(const Bootinfo *b)
{
	uint64_t nmis = ((const Interim *)b->interim.pa)->nmis;

	unmap(&b->switchpage);
	unmap(&b->interim);
	unmap(&b->interimuart);
	return nmis;
}
