/*
 * guest.c - see guest.h.
 *
 * AMD APM volume 2, 15.34 (SEV; MSR C001_0131, SEV_STATUS) and volume 3,
 * E.4.17 (CPUID leaf 8000_001F). Intel TDX Module Base Architecture, "Guest
 * TD CPUID": leaf 0x21. The hypervisor bit: CPUID leaf 1, ECX bit 31.
 */
#include "guest.h"
#include "hooks.h"

enum {
	HYPERVISOR = 31,
	SEV = 1,
	SEVON = 0,
	LEAFTDX = 0x21,
};

#define LEAFEXTENDED 0x80000000u
#define LEAFSEV 0x8000001fu
#define MSRSEVSTATUS 0xc0010131u

static bool
istdx(Readleaf *leaf)
{
	if (leaf(0).a < LEAFTDX)
		return false;
	Leaf4 r = leaf(LEAFTDX);
	uint32_t name[] = {r.b, r.d, r.c};

	return memcmp(name, "IntelTDX    ", sizeof name) == 0;
}

/* A host that offers SEV to its guests has the first bit as well. */
static bool
issev(Readleaf *leaf, Readmsr *msr)
{
	uint32_t most = leaf(LEAFEXTENDED).a;

	return most >= LEAFSEV && (leaf(LEAFSEV).a >> SEV & 1) &&
	       (msr(MSRSEVSTATUS) >> SEVON & 1);
}

enum guest
guestkind(Readleaf *leaf, Readmsr *msr)
{
	if ((leaf(1).c >> HYPERVISOR & 1) == 0)
		return GUESTOPEN;
	if (istdx(leaf))
		return GUESTTDX;
	return issev(leaf, msr) ? GUESTSEV : GUESTOPEN;
}
