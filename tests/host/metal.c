/*
 * metal.c - see metal.h.
 *
 * needs: arch/amd64/mmu.c tests/host/tlb.c
 */
#include "metal.h"
#include "cpu.h"
#include "mmu.h"
#include "takeover.h"
#include "tlb.h"

Cpu cpu;
Bootinfo metalboot;
Bootinfo *bootinfo = &metalboot;
uintptr_t dmapbase = DMAP;
paddr_t dmapcap = NOADDR;
pte_t *metalloaded;

void
metalcpu(Kind kind)
{
	cpu = (Cpu){.physbits = kind.physbits,
	    .page1g = kind.page1g,
	    .nx = kind.nx};
	mmulimits(kind.page1g ? 2 : 1, kind.nx ? 0 : PTENOEXEC, kind.physbits);
	tlbinit(kind.physbits, kind.nx);
}

/* A block has no image here, and one piece of stacks. */
int
mapblock(pte_t *pml4, const Bootinfo *b)
{
	if (pmap(pml4, STACKS, b->stacks.pa | PTEKDATA, b->stacks.size) < 0)
		return -1;
	return pmap(pml4, VMAP, b->handover.pa | PTEKDATA, b->handover.size);
}

void
loadmmu(pte_t *pml4)
{
	kpml4 = pml4;
	upml4 = pml4;
	metalloaded = pml4;
	tlbinit(cpu.physbits, cpu.nx);
}

void
patinit(void)
{
}
