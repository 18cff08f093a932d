/*
 * takeover.c - from firmware's page tables to KZERO.
 *
 *	firmware: identity map          mem9
 *	image, wherever it was   copy   KZERO     block: image, relocated
 *	                         ---->  STACKS    block: stacks, guards between
 *	block at its pa                 VMAP      block: hand-over
 *	                                DMAP+pa   block: first page tables
 *	                                pa        the switch page, for one jump
 *
 * Writes only to the block. Nothing kept in a variable before the jump may be
 * a pointer: kaddr() is the identity before it and DMAP after it, and the
 * copy's .data comes along as it is.
 */
#include "takeover.h"
#include "cpu.h"
#include "hooks.h"
#include "log.h"
#include "main.h"
#include "mmu.h"
#include "../pe.h"
#include "../rampage.h"
#include "stage.h"
#include "trap.h"
#include "x86.h"

typedef struct Switch Switch;

/* What switchto() loads, in the order arch/switch.S has it. */
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
extern const uint8_t switchend[];

enum { STACKSTRIDE = 256 * 1024, STACKGUARD = 64 * 1024 };

static const size_t stacksize[NSTACK] = {
    [STACKMAIN] = 64 * KiB,
    [STACKDF] = 16 * KiB,
    [STACKNMI] = 16 * KiB,
    [STACKMC] = 16 * KiB,
    [STACKRT] = 128 * KiB,
};

Bootinfo *bootinfo;

uintptr_t
stacktop(enum stack s)
{
	return STACKS + (s + 1) * (uintptr_t)STACKSTRIDE;
}

enum stack
stackof(uintptr_t va, bool *guard)
{
	for (enum stack s = 0; s < NSTACK; s++)
		if (va < stacktop(s) && va >= stacktop(s) - STACKSTRIDE) {
			*guard = va < stacktop(s) - stacksize[s];
			return s;
		}
	return NSTACK;
}

static size_t
part(Part *p, paddr_t pa, size_t size)
{
	p->pa = pa;
	p->size = PGROUND(size);
	return p->size;
}

/*
 * Tables for the first mappings, and as many again for what mmuinit maps
 * through them: four halves of three levels, 2 MiB a table at the last.
 */
static size_t
firsttables(size_t handover)
{
	return 64 + 2 * (handover / PGLSZ(1));
}

size_t
blocklayout(Bootinfo *b, paddr_t pa, size_t handover)
{
	size_t stacks = 0;
	size_t n = 0;

	for (enum stack s = 0; s < NSTACK; s++)
		stacks += stacksize[s];
	n += part(&b->image, pa + n, peimagesize(imagebase));
	n += part(&b->stacks, pa + n, stacks);
	n += part(&b->tables, pa + n, firsttables(handover) * BY2PG);
	n += part(&b->handover, pa + n, handover);
	return part(&b->block, pa, n);
}

static int
mapimage(pte_t *pml4, uintptr_t va, paddr_t pa)
{
	Section s = {.rva = 0};
	pte_t r = PTEVALID | PTEGLOBAL | PTENOEXEC;

	if (pmap(pml4, va, pa | r, BY2PG) < 0)
		return -1;
	for (size_t n = 0; pesection(imagebase, n, &s); n++) {
		pte_t flags = PTEVALID | PTEGLOBAL;

		if (s.write)
			flags |= PTEWRITE;
		if (!s.exec)
			flags |= PTENOEXEC;
		if (s.write && s.exec)
			panic("section %zu is writable and executable", n);
		if (pmap(pml4, va + s.rva, (pa + s.rva) | flags, s.size) < 0)
			return -1;
	}
	return 0;
}

int
mapblock(pte_t *pml4, const Bootinfo *b)
{
	paddr_t pa = b->stacks.pa;

	for (enum stack s = 0; s < NSTACK; s++) {
		if (pmap(pml4, stacktop(s) - stacksize[s], pa | PTEKDATA,
			stacksize[s]) < 0)
			return -1;
		pa += stacksize[s];
	}
	if (pmap(pml4, VMAP, b->handover.pa | PTEKDATA, b->handover.size) < 0)
		return -1;
	return mapimage(pml4, b->imageva, b->image.pa);
}

/*
 * Somewhere in the window for whoever must draw before vmap can be asked; the
 * offset lets it be mapped by large pages.
 */
static uintptr_t
earlyfb(const Fb *fb)
{
	return VMAP + VMAPSIZE / 2 + fb->pa % PGLSZ(1) / BY2PG * BY2PG;
}

volatile void *
fbpixels(void)
{
	const Fb *fb = &bootinfo->fb;

	if (fb->size == 0 || dmapbase == 0)
		return (void *)fb->pa;
	if (stage < SMMU)
		return (void *)(earlyfb(fb) + fb->pa % BY2PG);
	return vmap(fb->pa, fb->size, PTEWC);
}

/* Uncached, which the PAT has under every firmware. */
static int
mapearlyfb(pte_t *pml4, const Fb *fb)
{
	pte_t flags = PTEVALID | PTEWRITE | PTENOEXEC | PTEUC;
	paddr_t pa = ROUNDDOWN(fb->pa, BY2PG);

	if (fb->size == 0)
		return 0;
	return pmap(
	    pml4, earlyfb(fb), pa | flags, PGROUND(fb->pa + fb->size - pa));
}

/* With LA57 the last entry of the fifth level leads to the kernel half. */
paddr_t
toplevel(pte_t *pml4, pte_t *lower)
{
	if (!cpu.la57on)
		return paddr(pml4);
	pte_t *pml5 = rampage();
	if (pml5 == NULL)
		panic("no page for the fifth level");
	pml5[PTENTRIES - 1] = paddr(pml4) | PTEVALID | PTEWRITE;
	if (lower != NULL)
		pml5[0] = paddr(lower) | PTEVALID | PTEWRITE | PTEUSER;
	return paddr(pml5);
}

static pte_t *
firstpml4(const Bootinfo *b)
{
	pte_t *pml4 = rampage();

	if (pml4 == NULL || mapblock(pml4, b) < 0 ||
	    mmuwalk(pml4, KMAP, 0, CREATE) == NULL ||
	    mapearlyfb(pml4, &b->fb) < 0 ||
	    pmap(pml4, b->dmapva + b->tables.pa, b->tables.pa | PTEKDATA,
		b->tables.size) < 0)
		panic("%#zx bytes of first page tables are too few",
		    b->tables.size);
	return pml4;
}

/*
 * The switch page at its own address, in whichever table is the lower half.
 * Where that was is kept in the hand-over: a variable of ours that is only
 * ever set from an address the compiler may compute anew, from where the image
 * runs by then.
 */
static pte_t *
maplow(Bootinfo *b, pte_t *pml4)
{
	pte_t *lower = cpu.la57on ? rampage() : pml4;
	uintptr_t va = (uintptr_t)switchto & ~(BY2PG - 1);
	uintptr_t end = PGROUND((uintptr_t)switchend);

	if (lower == NULL || pmap(lower, va, va | PTEVALID, end - va) < 0)
		panic("no table for the switch page at %#jx", (uintmax_t)va);
	b->switchpage = (Part){va, end - va};
	b->lower = paddr(lower);
	return lower;
}

static void
copyimage(const Bootinfo *b)
{
	void *copy = kaddr(b->image.pa);

	memcpy(copy, imagebase, b->image.size);
	perelocate(imagebase, copy, b->imageva - (uintptr_t)imagebase);
}

static void
limitsofcpu(void)
{
	mmulimits(cpu.page1g ? 2 : 1, cpu.nx ? 0 : PTENOEXEC, cpu.physbits);
}

/* The first code at KZERO. */
static _Noreturn void
standalone(Bootinfo *b)
{
	Cpuregs now = cpuregsnow();

	logresume(handover(b, b->log));
	dmapbase = b->dmapva;
	bootinfo = b;
	kpml4 = kaddr(PTEADDR(getcr3()));
	if (cpu.la57on)
		kpml4 = kaddr(PTEADDR(kpml4[PTENTRIES - 1]));
	trapinit0();
	putcr4(cpuregs(&cpu, &now).cr4run);
	main();
}

void
takeover(Bootinfo *b)
{
	Switch s = {.sp = stacktop(STACKMAIN) - 40, .arg = VMAP};

	splhi();
	cpuidentify();
	Cpuregs was = cpuregsnow();
	limitsofcpu();
	rampageadd(b->tables.pa, b->tables.size);
	rampageturn();
	pte_t *pml4 = firstpml4(b);
	pte_t *lower = maplow(b, pml4);
	Cpuregs r = cpuregs(&cpu, &was);
	s.efer = r.efer;
	s.cr4 = r.cr4;
	s.cr3 = toplevel(pml4, lower);
	s.cr0 = r.cr0;
	s.pc = b->imageva + ((uintptr_t)standalone - (uintptr_t)imagebase);
	copyimage(b);
	switchto(&s);
}

void
takeoverdone(void)
{
	const Part *p = &bootinfo->switchpage;
	int level = 0;

	if (punmap(kaddr(bootinfo->lower), p->pa, p->size) < 0)
		panic("switch page at %#jx stays mapped", p->pa);
	if (mmufind(kpml4, (uintptr_t)switchto, &level) == NULL)
		panic("the image lost its own page of %p", (void *)switchto);
}

/*
 * Clearing PGE drops the global entries of the tables we leave: SDM volume
 * 3A, 4.10.4.1.
 */
void
loadmmu(pte_t *pml4)
{
	uint64_t cr4 = getcr4();
	pte_t *lower = cpu.la57on ? rampage() : pml4;

	if (lower == NULL)
		panic("no page for the table of user space");
	paddr_t top = toplevel(pml4, lower);

	putcr4(cr4 & ~CR4PGE);
	putcr3(top);
	putcr4(cr4);
	kpml4 = pml4;
	upml4 = lower;
}
