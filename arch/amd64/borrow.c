/*
 * borrow.c - page tables of our own under a living firmware.
 *
 *	lower half	firmware's entries, copied: its identity map, its code
 *	upper half	KMAP and VMAP; firmware has nothing there
 *
 * Firmware changes its maps below the top level, which both share. Nothing of
 * ours is global, so that its CR3 drops all of it.
 */
#include "borrow.h"
#include "cpu.h"
#include "hooks.h"
#include "mmu.h"
#include "stage.h"
#include "x86.h"

static Space firmware; /* top is NULL while we stand on it */
static uint64_t cr3;   /* firmware's, with all of its bits */

void
borrow(void)
{
	Space ours = {
	    .limits = cpulimits(), .tables = &rampages, .directend = NOADDR};

	ours.limits.forbidden |= PTEGLOBAL;
	if ((rdmsr(MSREFER) & EFERNXE) == 0)
		ours.limits.forbidden |= PTENOEXEC;
	stage = SMMU;
	cr3 = getcr3();
	firmware = spacelive();
	if (!spacenoupper(&firmware))
		panic("firmware has something in the upper half");
	if (spaceinit(&ours, NULL, &firmware) < 0)
		panic("no page for a top level");
	if (mmuwalk(&ours, KMAP, 0, CREATE) == NULL)
		panic("no page for the KMAP window");
	spaceenter(&ours);
	kspace = ours;
	vmapinit(0);
}

void
unborrow(void)
{
	if (firmware.top != NULL) {
		spaceenter(&firmware);
		putcr3(cr3);
	}
	firmware.top = NULL;
	rampages.head = NOADDR;
	kspace = (Space){.directend = NOADDR};
	stage = SFIRMWARE;
}
