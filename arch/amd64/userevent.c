/*
 * userevent.c - a program's registers, and what a trap says of it. No
 * instruction, so that the host tests it.
 *
 * A system call's number is in RAX, its arguments in RDI, RSI and RDX, where
 * C functions of programs have them; SYSCALL itself takes RCX and R11.
 */
#include "user.h"
#include "apic.h"
#include "hooks.h"
#include "usermode.h"

static const char *const words[NEXCEPTION] = {
    [TRAPDE] = "it divides by zero",
    [TRAPDB] = "it goes step by step",
    [TRAPBP] = "it is at a breakpoint",
    [TRAPUD] = "that is no instruction",
    [TRAPNM] = "it uses the x87 or SSE",
    [TRAPGP] = "no program may do that",
    [TRAPSS] = "its stack is no address",
};

void
userstart(Ureg *ur, uintptr_t pc, uintptr_t sp, uint64_t arg)
{
	*ur = (Ureg){.pc = pc, .sp = sp, .rdi = arg};
}

uint64_t
usercall(const Ureg *ur)
{
	return ur->rax;
}

uint64_t
userarg(const Ureg *ur, int n)
{
	return n == 0 ? ur->rdi : n == 1 ? ur->rsi : ur->rdx;
}

void
userresult(Ureg *ur, int64_t result)
{
	ur->rax = (uint64_t)result;
}

static enum access
accessof(uint64_t error)
{
	if (error & PFFETCH)
		return FAULTEXEC;
	return error & PFWRITE ? FAULTWRITE : FAULTREAD;
}

/*
 * What the CPU reads for itself, its tables, is no access of the program's,
 * though it ran (SDM volume 3A, 4.6), and no page helps it there. QEMU's IRET
 * and far RET pop that way, too, which SMAP denies.
 */
static bool
isaccess(uint64_t error)
{
	return (error & (PFRESERVED | PFUSER)) == PFUSER;
}

static Userevent
exception(const Ureg *ur, uintptr_t cr2)
{
	const char *what = words[ur->vector];

	if (ur->vector == TRAPPF && isaccess(ur->error))
		return (Userevent){.why = USERFAULT,
		    .access = accessof(ur->error),
		    .addr = cr2};
	return (Userevent){.why = USERWRONG,
	    .addr = ur->pc,
	    .what =
		what != NULL ? what : "an exception that it should not have"};
}

Userevent
userevent(const Ureg *ur, uintptr_t cr2)
{
	if (ur->vector == SYSCALLVECTOR)
		return (Userevent){.why = USERCALL};
	if (ur->vector == TIMERVECTOR)
		return (Userevent){.why = USERTICK};
	if (ur->vector >= NEXCEPTION)
		return (Userevent){.why = USERNOTHING};
	return exception(ur, cr2);
}

bool
userowns(const Ureg *ur)
{
	return (ur->cs & RING3) != 0 && ur->vector != TRAPNMI &&
	       ur->vector != TRAPMC && ur->vector != TRAPDF;
}
