/*
 * process.c - see process.h.
 *
 *	HEAPBASE	the kernel's share: pools
 *	  + KERNEL	pages, first those that kaddr reaches
 *
 * Tables of the kernel's space are below, in LOW.
 *
 * needs: tests/host/metal.c tests/host/scarce.c arch/tablepages.c
 * needs: proc/qlock.c proc/error.c proc/pte.c proc/program.c proc/segment.c
 * needs: proc/places.c proc/tables.c proc/fault.c proc/brk.c proc/procmem.c
 * needs: proc/procmemcheck.c
 */
#include "process.h"
#include "conf.h"
#include "host.h"
#include "image.h"
#include "metal.h"
#include "pool.h"
#include "scarce.h"
#include "stage.h"
#include "tlb.h"
#include "xalloc.h"

#include <string.h>

#define LOW (16 * MiB)
#define KERNEL (4 * MiB)

enum { NTABLE = 16 };

static Confmem bank;
static size_t nfree;
static Proc *oncpu;
static size_t nfaults;
static _Atomic size_t nread;

bool
istablepage(paddr_t pa)
{
	return pa % BY2PG == 0;
}

/* A kernel half that processes can share. */
static void
kernelspace(int levels)
{
	metalcpu((Kind){46, true, true});
	kspace.limits.levels = levels;
	kspace.tables->head = NOADDR;
	tablepagesadd(kspace.tables, LOW, NTABLE * BY2PG);
	metalspace();
	if (pmap(&kspace, KZERO, LOW | PTEKDATA, BY2PG) < 0)
		panic("no table for the kernel");
}

void
processmachine(Processes m)
{
	size_t start = NTABLE * BY2PG;
	size_t size = start + KERNEL + m.npages * BY2PG;

	scarce(SIZE_MAX);
	hostmachine(LOW, size, start + KERNEL + m.near * BY2PG, m.ncpu);
	hostquiet();
	kernelspace(m.levels);
	kspace.directend = LOW + start + KERNEL + m.near * BY2PG;
	uintptr_t p = (uintptr_t)kaddr(LOW + start);
	bank =
	    (Confmem){LOW + start, (KERNEL / BY2PG) + m.npages, p, p + KERNEL};
	conf = (Conf){
	    .mem = &bank, .nmem = 1, .npage = bank.npage, .upages = m.npages};
	poolinit();
	stage = SCONF;
	xinit();
	stagedone(SXALLOC);
	preallocpages();
	stagedone(SPREALLOC);
	pageinit();
	stagedone(SPAGES);
	pagepoison(false); /* the same in every build */
	nfree = pagesfree();
	nread = 0;
	oncpu = NULL;
}

void
processesgone(void)
{
	scarce(SIZE_MAX);
	imagereclaim(SIZE_MAX);
	putimages();
	poolcompact(mainmem);
	if (pagesfree() != nfree)
		panic("%zu of %zu pages are back", pagesfree(), nfree);
	if (poolused(mainmem) != 0 || poolsize(mainmem) != 0)
		panic("%zu bytes of %zu are used still", poolused(mainmem),
		    poolsize(mainmem));
}

void
processenter(Proc *p)
{
	oncpu = p;
	spaceenter(&p->space);
}

static bool
allows(pte_t flags, enum access access)
{
	return (flags & PTEUSER) != 0 &&
	       (access != FAULTWRITE || (flags & PTEWRITE) != 0) &&
	       (access != FAULTEXEC || (flags & PTENOEXEC) == 0);
}

/* Where va is in memory, if the CPU may do that there. */
static uint64_t *
look(uintptr_t va, enum access access)
{
	Xlat x;

	if (!tlblook(oncpu->space.lower, va, &x) || !allows(x.flags, access))
		return NULL;
	Page *pg = papage(x.pa);

	if (pg == NULL)
		panic("%#jx leads to %#jx: no page", (uintmax_t)va, x.pa);
	return (uint64_t *)kmap(pg) + va % BY2PG / 8;
}

uint64_t *
processtouch(uintptr_t va, enum access access, const char **why)
{
	uint64_t *p = look(va, access);

	*why = NULL;
	if (p != NULL)
		return p;
	nfaults++;
	*why = fault(oncpu, va, access);
	flushva(va); /* as a CPU does when it faults there */
	if (*why == NULL && (p = look(va, access)) == NULL)
		panic("%#jx faults again, for %d", (uintmax_t)va, access);
	return p;
}

size_t
processfaults(void)
{
	return nfaults;
}

/* Each page that is mapped is in a segment. */
static void
insegment(void *arg, const Xlat *x)
{
	if (seg(arg, x->va) == NULL)
		panic("%#jx is mapped, in no segment", (uintmax_t)x->va);
}

void
processcheck(Proc *p)
{
	procmemcheck(p);
	size_t ntables = tlbwalk(p->space.lower, 0, DMAP, insegment, p);

	ntables += p->space.lower == p->space.top ? 1 : 2;
	if (p->tables.used != ntables || p->tables.head != NOADDR)
		panic("%zu tables, %zu counted", ntables, p->tables.used);
	if (p == oncpu && tlbstale(p->space.lower) != NULL)
		panic("%s", tlbstale(p->space.lower));
}

static size_t
readfile(Chan *c, void *to, size_t n, uint64_t off)
{
	uint64_t mark = off ^ FILEMARK;

	if (c == &processbadfile)
		return n / 2;
	memset(to, 0xee, n);
	memcpy(to, &mark, MIN(n, sizeof mark));
	nread += n;
	return n;
}

Chan processfile = {"file", readfile};
Chan processbadfile = {"bad", readfile};

size_t
processread(void)
{
	return nread;
}
