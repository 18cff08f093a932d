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
#include "bootinfo.h"
#include "cpu.h"
#include "hooks.h"
#include "mmu.h"
#include "stage.h"
#include "takeover.h"
#include "x86.h"

static uint64_t fwcr3; /* 0: we stand on it */

/* With LA57, firmware's fifth level and our four-level half under its last. */
static paddr_t
ourtop(const pte_t *fwtop)
{
	pte_t *top = rampage();

	if (top == NULL)
		panic("no page for a top level");
	for (size_t i = 0; i < PTENTRIES; i++)
		top[i] = fwtop[i];
	if (!cpu.la57on) {
		kpml4 = top;
		return paddr(top);
	}
	kpml4 = rampage();
	if (kpml4 == NULL)
		panic("no page for the kernel half");
	if (top[PTENTRIES - 1] & PTEVALID)
		panic("firmware has something in the upper half");
	top[PTENTRIES - 1] = paddr(kpml4) | PTEVALID | PTEWRITE;
	return paddr(top);
}

void
borrow(void)
{
	pte_t forbidden = PTEGLOBAL;

	if ((rdmsr(MSREFER) & EFERNXE) == 0)
		forbidden |= PTENOEXEC;
	mmulimits(cpu.page1g ? 2 : 1, forbidden, cpu.physbits);
	stage = SMMU;
	fwcr3 = getcr3();
	paddr_t top = ourtop(kaddr(PTEADDR(fwcr3)));
	if (kpml4[PTLX(KMAP, 3)] != 0 || kpml4[PTLX(VMAP, 3)] != 0)
		panic("firmware has something in the upper half");
	if (mmuwalk(kpml4, KMAP, 0, CREATE) == NULL)
		panic("no page for the KMAP window");
	putcr3(top);
	vmapinit(0);
}

void
unborrow(void)
{
	if (fwcr3 != 0)
		putcr3(fwcr3);
	fwcr3 = 0;
	stage = SFIRMWARE;
}
