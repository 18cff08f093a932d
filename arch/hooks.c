/*
 * hooks.c - the machine as mm/ sees it (hooks.h): addresses, locks, this CPU.
 */
#include "hooks.h"
#include "halt.h"
#include "cpu.h"
#include "mmu.h"
#include "percpu.h"
#include "stage.h"
#include "amd64/x86.h"

/*
 * kaddr(pa) is pa + dmapbase. Zero while firmware's identity map is in force;
 * dmapcap is what the final tables really reach. Before these, only the
 * block's page tables are there, and cankaddr promises nothing.
 */
uintptr_t dmapbase;
paddr_t dmapcap = NOADDR;

static Percpu cpu0;

size_t
cankaddr(paddr_t pa)
{
	if (pa >= dmapcap || (dmapbase != 0 && stage < SMMU))
		return 0;
	return dmapcap - pa;
}

void *
kaddr(paddr_t pa)
{
	if (pa >= dmapcap)
		panic(
		    "pa %#jx is above the direct map's end %#jx", pa, dmapcap);
	return (void *)(dmapbase + pa);
}

/* Image, VMAP and KMAP addresses are looked up in the tables. */
static paddr_t
walkpaddr(uintptr_t va)
{
	int level = 0;
	pte_t *pte = NULL;

	if (va >= DMAP)
		pte = mmufind(kpml4, va, &level);
	if (pte == NULL)
		panic("%#jx is not a kernel address", (uintmax_t)va);
	return (PTEADDR(*pte) & ~(PGLSZ(level) - 1)) + va % PGLSZ(level);
}

paddr_t
paddr(const void *p)
{
	uintptr_t va = (uintptr_t)p;

	if (va - dmapbase < dmapcap && (dmapbase == 0 || va < KMAP))
		return va - dmapbase;
	return walkpaddr(va);
}

Percpu *
thiscpu(void)
{
	return &cpu0;
}

/* On one CPU with interrupts off, a lock that is held stays held. */
void
lock(Lock *l)
{
	if (__atomic_exchange_n(&l->word, 1, __ATOMIC_ACQUIRE) != 0)
		panic("%p is held already", (void *)l);
}

void
unlock(Lock *l)
{
	__atomic_store_n(&l->word, 0, __ATOMIC_RELEASE);
}

/* One CPU is in use: there is nobody to wait for. */
void
cpubarrier(void)
{
}

void
memwait(const char *what)
{
	panic("%s: no memory, and nobody left to free any", what);
}

void
relax(void)
{
	pause();
}

void
haltforever(void)
{
	splhi();
	for (;;)
		halt();
}

void
flushva(uintptr_t va)
{
	invlpg(va);
}
