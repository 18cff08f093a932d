/*
 * takeover.c - from firmware's page tables to KZERO.
 *
 *	firmware: identity map          mem9
 *	image, wherever it was   copy   KZERO     block: image, relocated
 *	                         ---->  STACKS    block: stacks, guards between
 *	block at its pa                 VMAP      block: hand-over
 *	                                DMAP+pa   block: first page tables
 *	                                pa        code and data of switch.S,
 *	                                          registers of the serial port
 *
 * From interiminit to descinit an NMI or a machine check finds its handler on
 * those two pages; before and after, in firmware and in the copy.
 *
 * Writes only to the block, and that page of data. Nothing kept in a variable
 * before the jump may be a pointer: kaddr() is the identity before it and DMAP
 * after it, and the copy's .data comes along as it is. So kspace is set after
 * it, from CR3.
 */
#include "takeover.h"
#include "cpu.h"
#include "desc.h"
#include "hooks.h"
#include "interim.h"
#include "log.h"
#include "mmu.h"
#include "panic.h"
#include "pe.h"
#include "stack.h"
#include "trap.h"
#include "x86.h"

typedef struct Switch Switch;

/* What switchto() loads, in the order switch.S has it. */
struct Switch {
	uint64_t efer;
	uint64_t cr4;
	uint64_t cr3;
	uint64_t cr0;
	uint64_t sp;
	uint64_t pc;
	uint64_t arg;
};

_Noreturn void switchto(const Switch *s);

/* Of the first tables, the block's own pages. */
static Tablepages first = {.head = NOADDR};

static void
firstspace(Space *s, Bootinfo *b)
{
	if (spaceinit(s, NULL, NULL) < 0 || mapblock(s, b) < 0 ||
	    mmuwalk(s, KMAP, 0, CREATE) == NULL || mapearlyfb(s, &b->fb) < 0 ||
	    interimmap(s, b) < 0 ||
	    pmap(s, b->dmapva + b->tables.pa, b->tables.pa | PTEKDATA,
		b->tables.size) < 0)
		panic("%#zx bytes of first page tables are too few",
		    b->tables.size);
}

static void
copyimage(const Bootinfo *b)
{
	void *copy = kaddr(b->image.pa);

	memcpy(copy, imagebase, b->image.size);
	perelocate(imagebase, copy, b->imageva - (uintptr_t)imagebase);
}

/* The first code at KZERO. */
static _Noreturn void
standalone(Bootinfo *b)
{
	Cpuregs now = cpuregsnow();

	panicthen((void (*)(void))b->broken);
	bootinfo = b;
	kspace.direct = b->dmapva;
	Space live = spacelive();
	live.direct = b->dmapva;
	live.directend = NOADDR;
	live.tables = &first;
	kspace = live;
	logresume(handover(b, b->log));
	trapinit();
	descinit();
	putcr4(cpuregs(&cpu, &now).cr4run);
	((void (*)(void))b->kernel)();
	panic("the kernel came back");
}

/* Where a function of the image is once the copy runs. */
static uintptr_t
later(const Bootinfo *b, uintptr_t fn)
{
	return b->imageva + (fn - (uintptr_t)imagebase);
}

void
takeover(Bootinfo *b, void (*kernel)(void), void (*broken)(void))
{
	Switch s = {.sp = stacktop(STACKMAIN) - 40, .arg = VMAP};

	Uartregs uart = uartregs(b, &b->uart);

	splhi();
	interiminit(&uart);
	Cpuregs was = cpuregsnow();
	Space space = {.limits = cpulimits(), .tables = &first};
	tablepagesadd(&first, b->tables.pa, b->tables.size);
	firstspace(&space, b);
	b->kernel = later(b, (uintptr_t)kernel);
	b->broken = later(b, (uintptr_t)broken);
	Cpuregs r = cpuregs(&cpu, &was);
	s.efer = r.efer;
	s.cr4 = r.cr4;
	s.cr3 = spacetop(&space);
	s.cr0 = r.cr0;
	s.pc = later(b, (uintptr_t)standalone);
	copyimage(b);
	switchto(&s);
}

void
mach0init(void)
{
	tssinit();
	uint64_t nmis = interimfini(bootinfo);
	if (nmis != 0)
		print("%ju NMIs came while firmware was left\n", nmis);
	if (mmupa(&kspace, (uintptr_t)switchto) == NOADDR)
		panic("the image lost its own page of %p", (void *)switchto);
}
