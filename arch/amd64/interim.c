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
	uint16_t uart;
	uint16_t unused;
	bool mca;
	uint8_t stack[BY2PG - 1037];
};

_Static_assert(sizeof(Interim) == BY2PG, "one page");
_Static_assert(offsetof(Interim, nmis) == 1024, "NMIS of switch.S");
_Static_assert(offsetof(Interim, uart) == 1032, "UART of switch.S");
_Static_assert(offsetof(Interim, mca) == 1036, "HASMCA of switch.S");

extern Interim interim;
extern const uint8_t interimentries[], switchstart[], switchend[];
void interimload(const Tableptr *gdt, const Tableptr *idt, uint16_t code);

void
interiminit(uint16_t uart)
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
	interim.uart = uart;
	interim.mca = cpu.mca;
	if (cpu.mce)
		putcr4(getcr4() | CR4MCE); /* off, a machine check is a reset */
	interimload(&gp, &ip, KCODE);
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
	if (pmap(s, text, text | PTEVALID, end - text) < 0)
		return -1;
	return pmap(s, data, data | rw, BY2PG);
}

uint64_t
interimfini(const Bootinfo *b)
{
	const Part *text = &b->switchpage;
	const Part *data = &b->interim;
	uint64_t nmis = ((const Interim *)data->pa)->nmis;

	if (punmap(&kspace, text->pa, text->size) < 0 ||
	    punmap(&kspace, data->pa, data->size) < 0)
		panic("the pages at %#jx and %#jx stay mapped", text->pa,
		    data->pa);
	return nmis;
}
