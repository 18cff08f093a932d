/*
 * mcheck.c - the banks' registers: see mcheck.h.
 *
 * Which errors a bank reports is left as firmware set it.
 */
#include "mcheck.h"
#include "cpu.h"
#include "hooks.h"
#include "x86.h"

/* Bank n's registers are 4 * n further: SDM volume 4, table 2-2. */
enum { MSRMCGCAP = 0x179, MSRMCGSTATUS, MSRMCSTATUS = 0x401 };
enum { MSRMCADDR = MSRMCSTATUS + 1, MSRMCMISC = MSRMCSTATUS + 2 };
enum { NBANKS = 0xff }; /* of IA32_MCG_CAP */

static Mcbank
readbank(uint32_t n)
{
	Mcbank b = {.status = rdmsr(MSRMCSTATUS + 4 * n)};

	if ((b.status & MCVALID) == 0)
		return b;
	if (b.status & MCADDRV)
		b.addr = rdmsr(MSRMCADDR + 4 * n);
	if (b.status & MCMISCV)
		b.misc = rdmsr(MSRMCMISC + 4 * n);
	return b;
}

void
mcheckreport(void)
{
	uint64_t cap = cpu.mca ? rdmsr(MSRMCGCAP) : 0;
	size_t shown = 0;

	if (!cpu.mca) {
		print("this CPU has no banks that say more\n");
		return;
	}
	mcstatusprint(rdmsr(MSRMCGSTATUS));
	for (uint32_t n = 0; n < (cap & NBANKS); n++) {
		Mcbank b = readbank(n);

		if ((b.status & MCVALID) == 0)
			continue;
		mcbankprint(n, &b, cap);
		wrmsr(MSRMCSTATUS + 4 * n, 0);
		shown++;
	}
	if (shown == 0)
		print("none of %u banks holds an error\n",
		    (unsigned)(cap & NBANKS));
	mcheckdone();
}

void
mcheckdone(void)
{
	if (cpu.mca)
		wrmsr(MSRMCGSTATUS, 0);
}
