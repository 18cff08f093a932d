/*
 * mcheck.h - machine checks: what the banks hold, in words.
 *
 * The architectural part of Intel SDM volume 3B, 15.3, 15.6 and 15.9.2, which
 * AMD's CPUs share as far as it goes (APM volume 2, 9.3).
 */
#ifndef MCHECK_H
#define MCHECK_H

#include "types.h"

typedef struct Mcbank Mcbank;

/* One bank; address and misc hold something if its status says so. */
struct Mcbank {
	uint64_t status;
	uint64_t addr;
	uint64_t misc;
};

#define MCVALID (1ull << 63) /* IA32_MCi_STATUS: it holds an error */
#define MCMISCV (1ull << 59)
#define MCADDRV (1ull << 58)

/* Bank n, of a CPU whose IA32_MCG_CAP is cap, in two or three lines. Pure. */
void mcbankprint(size_t n, const Mcbank *bank, uint64_t cap);

/* IA32_MCG_STATUS, in a line. Pure. */
void mcstatusprint(uint64_t status);

/*
 * Show every bank that holds an error, clear it, and be ready for the next
 * machine check: with MCIP on, that would reset the machine.
 */
void mcheckreport(void);

/* Only the last of these. */
void mcheckdone(void);

#endif
