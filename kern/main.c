/*
 * main.c - the kernel's table of contents: one step a line, in this order.
 */
#include "main.h"
#include "boot.h"
#include "checks.h"
#include "conf.h"
#include "cpu.h"
#include "mmu.h"
#include "monitor.h"
#include "page.h"
#include "panic.h"
#include "stage.h"
#include "takeover.h"
#include "xalloc.h"

/* This target's compilers call it first in main(), for C++'s sake. */
void __main(void);
void
__main(void)
{
}

static void
step(enum stage s, void (*init)(void))
{
	init();
	stepdone(s);
}

void
main(void)
{
	consoleinit();             /* log, serial line */
	step(SMACH, mach0init);    /* TSS, IST stacks; switch page gone */
	step(SMEMINIT0, meminit0); /* firmware's map to memmap */
	step(SMMU, mmuinit);       /* final tables: direct map, VMAP, KMAP */
	archinit();                /* screen, firmware's runtime services */
	step(SMEM, meminit);       /* memmap to conf.mem banks */
	step(SCONF, confinit0);    /* kernel and user share */
	step(SXALLOC, xinit);      /* xalloc over the kernel's share */
	step(SPREALLOC, preallocpages);
	step(SPAGES, pageinit);
	report();        /* where everything is and how much */
	check(CHECKALL); /* every promise, on this machine */
	finish();        /* unless it ends in the monitor */
	monitor();
}
