/*
 * main.c - the kernel's table of contents: one step a line, in this order.
 *
 * The same order twice: main() on a machine of its own, and what of it
 * `mem9 rehearse` goes through while firmware is alive. Whoever adds a step or
 * moves one looks at both.
 */
#include "main.h"
#include "boot.h"
#include "bootinfo.h"
#include "borrow.h"
#include "check/checks.h"
#include "conf.h"
#include "cpus.h"
#include "halt.h"
#include "hooks.h"
#include "kept.h"
#include "keyboard.h"
#include "monitor/keys.h"
#include "log.h"
#include "memmap.h"
#include "mmu.h"
#include "monitor/monitor.h"
#include "page.h"
#include "panic.h"
#include "stage.h"
#include "tell/summary.h"
#include "takeover.h"
#include "tell.h"
#include "trap.h"
#include "monitor/turn.h"
#include "xalloc.h"

typedef struct Rehearsal Rehearsal;

struct Rehearsal {
	const Claim *claims;
	size_t n;
	size_t failed;
};

/* This target's compilers call it first in main(), for C++'s sake. */
void __main(void);
void
__main(void)
{
}

/* By its button at least; nobody has to if it ends in another way. */
static void
savehint(enum end end)
{
	if (!keptopened())
		return;
	if (end == ENDMONITOR && keyscome())
		print("reset to save the report (R does)\n");
	else if (end == ENDMONITOR || end == ENDHALT)
		print("reset to save the report\n");
}

/*
 * Where every panic and unexpected fault ends. Nobody may be there: an
 * unattended run ends as it was told to.
 */
static void
afterpanic(void)
{
	if (checkbroken()) {
		tellbroken();
		savehint(bootinfo->options.end);
		finish();
	} else
		savehint(ENDMONITOR); /* it ends there, whatever was asked */
	print("mem9 stays up%s\n",
	    keyscome() ? "; the log command shows what led here" : "");
	turnreport();
	monitor();
}

void
tooearly(void)
{
	finish();
	print("too early for anything else: switch the machine off\n");
	haltforever();
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
	panicthen(afterpanic);     /* from here on it stays up */
	consoleinit();             /* log, serial line */
	step(SMACH, mach0init);    /* TSS, IST stacks; switch page gone */
	step(SMEMINIT0, meminit0); /* others stopped; map to memmap */
	step(SMMU, mmuinit);       /* final tables: direct map, VMAP, KMAP */
	archinit();                /* screen; last bus masters; services */
	step(SMEM, meminit);       /* memmap to conf.mem banks */
	step(SCONF, confinit0);    /* kernel and user share */
	step(SXALLOC, xinit);      /* xalloc over the kernel's share */
	step(SPREALLOC, preallocpages);
	step(SPAGES, pageinit);
	cpusinit();            /* every other CPU starts, and waits */
	summary();             /* where everything is and how much */
	step(SUSER, userinit); /* the first process */
	tellbegin();
	check(CHECKALL, tellcheck); /* every promise, on this machine */
	tell();                     /* the same, for people */
	tellend(keyboardworks() ? "more: help, summary, log"
		: keyscome()    ? "more: log, on the serial line"
				: NULL);
	finish();    /* unless it ends in the monitor */
	turnstart(); /* if nobody can type at the screen */
	monitor();
}

/* What was claimed, into the memmap. */
static void
claimed(const Rehearsal *r)
{
	for (size_t i = 0; i < r->n; i++)
		memmapadd(r->claims[i].pa, r->claims[i].npages * BY2PG, MemRAM);
	tryram();
	memmapdump();
	memmapprinttotal();
}

/* It may panic anywhere, as main() may. */
static void
chain(void *arg)
{
	Rehearsal *r = arg;

	claimed(r); /* in place of meminit0 */
	borrow();   /* in place of mmuinit */
	step(SMEM, meminit);
	step(SCONF, confinit0);
	step(SXALLOC, xinit);
	step(SPREALLOC, preallocpages);
	step(SPAGES, pageinit);
	summary();
	tellbegin();
	r->failed = check(CHECKMEMORY, tellcheck);
	tell();
	if (bootinfo->options.verbose)
		showall();
	memoryfini(); /* in place of the monitor: all of it undone */
}

size_t
rehearsal(const Claim *claims, size_t n, void *table, size_t size)
{
	Rehearsal r = {claims, n, 0};
	Caught what;

	memmapinit(table, size);
	bool broken = faults(chain, &r, &what);
	unborrow();
	if (broken)
		tellwrong("it broke off: see above");
	return broken ? 1 : r.failed;
}
