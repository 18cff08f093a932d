/*
 * cpuregs.c - what the control registers should be, from what they were.
 *
 *	EFER, CR4		under firmware's page tables
 *	CR3			mem9's
 *	CR0
 *	CR4 again (cr4run)	with what needs mem9's own tables
 *
 * No instruction here, so that the host tests it for states no emulator shows.
 * What the order above relies on:
 *
 *	NXE is on before CR3: U-Boot leaves it off, and the tables use NX.
 *	PCIDE is off before CR3, whose low bits would choose a PCID.
 *	CET is off before CR0, which with it may not clear WP (and does not).
 *	PGE is off while CR3 changes, so that no global entry survives.
 *	LA57 cannot change in long mode. VMXE cannot be cleared while firmware's
 *	monitor is in VMX operation, and SMXE goes with it: both stay.
 *	MCE is on, whatever it was: a machine check with it off resets the
 *	machine. Who catches one before mem9's IDT is there: switch.S.
 *	SMEP and SMAP come last: firmware's tables may be all user pages.
 *
 * Intel SDM volume 3A, 2.5 (control registers), 4.10.4.1 (PGE, PCIDE), 10.12.5
 * (local APIC modes: x2APIC can only be left through off, which loses what
 * firmware set up in it); 3C, 23.8 (VMX operation and CR4).
 */
#include "cpu.h"
#include "x86.h"

#define APICADDR 0x000ffffffffff000ull

static uint64_t
apicbase(const Cpu *c, uint64_t was)
{
	uint64_t width = (1ull << c->physbits) - 1;

	if (!c->apic)
		return 0;
	return was & ((APICADDR & width) | APICBSP | APICEXTD | APICEN);
}

static enum apic
apicmode(const Cpu *c, uint64_t base)
{
	if (!c->apic)
		return APICNONE;
	if ((base & APICEN) == 0)
		return APICOFF;
	return base & APICEXTD ? APICX2 : APICX;
}

Cpuregs
cpuregs(const Cpu *c, const Cpuregs *was)
{
	Cpuregs r = {
	    .cr0 = CR0PE | CR0MP | CR0ET | CR0NE | CR0WP | CR0PG,
	    .cr4 = CR4PAE | (was->cr4 & (CR4LA57 | CR4VMXE | CR4SMXE)),
	    .efer = EFERLME | EFERLMA | EFERSCE,
	    .apicbase = apicbase(c, was->apicbase),
	};

	r.apic = apicmode(c, r.apicbase);
	if (c->nx)
		r.efer |= EFERNXE;
	if (c->mce)
		r.cr4 |= CR4MCE;
	if (c->sse)
		r.cr4 |= CR4OSFXSR | CR4OSXMMEXCPT;
	r.cr4run = r.cr4;
	if (c->pge)
		r.cr4run |= CR4PGE;
	if (c->smep)
		r.cr4run |= CR4SMEP;
	if (c->smap)
		r.cr4run |= CR4SMAP;
	if (c->umip)
		r.cr4run |= CR4UMIP;
	return r;
}
