/*
 * block.c - the block's parts: how large, and where they are mapped.
 *
 * Nothing of it but the first page tables is in the direct map: a second way
 * to write to the image or past a stack's guard would undo both.
 */
#include "block.h"
#include "hooks.h"
#include "mmu.h"
#include "pe.h"
#include "stack.h"
#include "uart.h"

Bootinfo *bootinfo;

static size_t
part(Part *p, paddr_t pa, size_t size)
{
	p->pa = pa;
	p->size = PGROUND(size);
	return p->size;
}

/*
 * Tablepages for the first mappings, and as many again for what mmuinit maps
 * through them: four places, three levels of tables each, the last of which
 * has 2 MiB a table.
 */
static size_t
firsttables(size_t handover)
{
	return 64 + 2 * (handover / PGLSZ(1));
}

/* Of those below that one. */
static size_t
stacksizes(enum stack end)
{
	size_t n = 0;

	for (enum stack s = 0; s < end; s++)
		n += stacksize(s);
	return n;
}

/* Firmware's services run on CPU 0 alone: the others have no STACKRT. */
size_t
blocklayout(Bootinfo *b, paddr_t pa, size_t handover)
{
	size_t others = b->ncpus > 1 ? b->ncpus - 1 : 0;
	size_t n = 0;

	n += part(&b->image, pa + n, peimagesize(imagebase));
	n += part(&b->stacks, pa + n, stacksizes(NSTACK));
	n += part(&b->cpustacks, pa + n, others * stacksizes(STACKRT));
	n += part(&b->tables, pa + n, firsttables(handover) * BY2PG);
	n += part(&b->handover, pa + n, handover);
	return part(&b->block, pa, n);
}

static int
mapimage(Space *space, uintptr_t va, paddr_t pa)
{
	Section s = {.rva = 0};
	pte_t r = PTEVALID | PTEGLOBAL | PTENOEXEC;

	if (pmap(space, va, pa | r, BY2PG) < 0)
		return -1;
	for (size_t n = 0; pesection(imagebase, n, &s); n++) {
		pte_t flags = PTEVALID | PTEGLOBAL;

		if (s.write)
			flags |= PTEWRITE;
		if (!s.exec)
			flags |= PTENOEXEC;
		if (s.write && s.exec)
			panic("section %zu is writable and executable", n);
		if (pmap(space, va + s.rva, (pa + s.rva) | flags, s.size) < 0)
			return -1;
	}
	return 0;
}

/* Those of one CPU below end, from pa on. */
static int
mapstacks(Space *space, size_t cpu, paddr_t pa, enum stack end)
{
	for (enum stack s = 0; s < end; s++) {
		uintptr_t va = cpustacktop(cpu, s) - stacksize(s);

		if (pmap(space, va, pa | PTEKDATA, stacksize(s)) < 0) {
			while (s-- > 0)
				punmap(space,
				    cpustacktop(cpu, s) - stacksize(s),
				    stacksize(s));
			return -1;
		}
		pa += stacksize(s);
	}
	return 0;
}

int
mapcpustacks(Space *space, const Bootinfo *b, size_t n)
{
	paddr_t pa = b->cpustacks.pa + (n - 1) * stacksizes(STACKRT);

	return mapstacks(space, n, pa, STACKRT);
}

int
mapblock(Space *space, const Bootinfo *b)
{
	if (mapstacks(space, 0, b->stacks.pa, NSTACK) < 0)
		return -1;
	if (pmap(space, VMAP, b->handover.pa | PTEKDATA, b->handover.size) < 0)
		return -1;
	if (uartmap(space, b) < 0)
		return -1;
	return mapimage(space, b->imageva, b->image.pa);
}
