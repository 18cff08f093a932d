/*
 * metal.c - see metal.h.
 *
 * needs: arch/amd64/mmuwalk.c arch/amd64/mmu.c arch/amd64/space.c
 * needs: tests/host/tlb.c
 */
#include "metal.h"
#include "cpu.h"
#include "mmu.h"
#include "block.h"
#include "tlb.h"

Cpu cpu;
Bootinfo metalboot;
Bootinfo *bootinfo = &metalboot;
Space kspace;
const pte_t *metalentered;
const pte_t *metalpixels;
size_t metalpats;

static Tablepages tables = {.head = NOADDR};

void
metalcpu(Kind kind)
{
	cpu = (Cpu){
	    .physbits = kind.physbits, .page1g = kind.page1g, .nx = kind.nx};
	kspace.direct = DMAP;
	kspace.directend = NOADDR;
	kspace.tables = &tables;
	kspace.limits = (Limits){.levels = 4,
	    .maxlevel = kind.page1g ? 2 : 1,
	    .forbidden = kind.nx ? 0 : PTENOEXEC,
	    .physbits = kind.physbits};
	tlbinit(kind.physbits, kind.nx);
}

void
metalspace(void)
{
	kspace.tables->used = 0;
	if (spaceinit(&kspace, NULL, NULL) < 0)
		panic("no page for the first table");
}

/* A block has no image here, and one piece of stacks. */
int
mapblock(Space *s, const Bootinfo *b)
{
	if (pmap(s, STACKS, b->stacks.pa | PTEKDATA, b->stacks.size) < 0)
		return -1;
	return pmap(s, VMAP, b->handover.pa | PTEKDATA, b->handover.size);
}

int
mapearlyfb(Space *s, const Fb *fb)
{
	(void)fb;
	metalpixels = s->top;
	return 0;
}

void
spaceenter(const Space *s)
{
	metalentered = s->top;
	tlbinit(cpu.physbits, cpu.nx);
}

void
patinit(void)
{
	metalpats++;
}
