/*
 * report.c - a fault in words: what, where, the registers. The page walk that
 * belongs to one is walkprint.c's.
 */
#include "backtrace.h"
#include "hooks.h"
#include "mcheck.h"
#include "place.h"
#include "stack.h"
#include "trap.h"
#include "x86.h"

static const char *const names[] = {
    "divide error",
    "debug exception",
    "NMI",
    "breakpoint",
    "overflow",
    "bound range exceeded",
    "invalid opcode",
    "device not available",
    "double fault",
    "coprocessor overrun",
    "invalid TSS",
    "segment not present",
    "stack fault",
    "general protection",
    "page fault",
    "vector 15",
    "x87 error",
    "alignment check",
    "machine check",
    "SIMD error",
    "virtualization error",
    "control protection",
};

static void
pagefaultprint(const Ureg *ur, uintptr_t cr2)
{
	print("%s of %#jx (%s): %s%s\n",
	    ur->error & PFFETCH   ? "execution"
	    : ur->error & PFWRITE ? "write"
				  : "read",
	    (uintmax_t)cr2, placename(cr2),
	    ur->error & PFPRESENT ? "not allowed" : "nothing mapped",
	    ur->error & PFRESERVED ? ", reserved bit set" : "");
	walkprint(cr2);
}

static void
registers(const Ureg *ur, uintptr_t cr2)
{
	print("rax %.16jx rbx %.16jx rcx %.16jx\n", (uintmax_t)ur->rax,
	    (uintmax_t)ur->rbx, (uintmax_t)ur->rcx);
	print("rdx %.16jx rsi %.16jx rdi %.16jx\n", (uintmax_t)ur->rdx,
	    (uintmax_t)ur->rsi, (uintmax_t)ur->rdi);
	print("rbp %.16jx rsp %.16jx r8  %.16jx\n", (uintmax_t)ur->rbp,
	    (uintmax_t)ur->sp, (uintmax_t)ur->r8);
	print("r9  %.16jx r10 %.16jx r11 %.16jx\n", (uintmax_t)ur->r9,
	    (uintmax_t)ur->r10, (uintmax_t)ur->r11);
	print("r12 %.16jx r13 %.16jx r14 %.16jx\n", (uintmax_t)ur->r12,
	    (uintmax_t)ur->r13, (uintmax_t)ur->r14);
	print("r15 %.16jx rip %.16jx flags %jx\n", (uintmax_t)ur->r15,
	    (uintmax_t)ur->pc, (uintmax_t)ur->flags);
	print("cr0 %jx cr2 %jx cr3 %jx cr4 %jx\n", (uintmax_t)getcr0(),
	    (uintmax_t)cr2, (uintmax_t)getcr3(), (uintmax_t)getcr4());
}

void
faultreport(const Ureg *ur, uintptr_t cr2)
{
	bool guard = false;

	print("\nfault: %s (vector %u), error code %#jx\n",
	    ur->vector < nelem(names) ? names[ur->vector] : "interrupt",
	    (unsigned)ur->vector, (uintmax_t)ur->error);
	print("at %#jx (%s)", (uintmax_t)ur->pc, placename(ur->pc));
	pcprint(ur->pc);
	print("\n");
	if (ur->vector == TRAPDF && stackof(cr2, &guard) != NSTACK && guard)
		print("stack overflow: %#jx is in the guard below a stack\n",
		    (uintmax_t)cr2);
	if (ur->vector == TRAPPF)
		pagefaultprint(ur, cr2);
	if (ur->vector == TRAPMC)
		mcheckreport();
	registers(ur, cr2);
	backtrace((Context){ur->pc, ur->rbp, ur->sp, false});
}
