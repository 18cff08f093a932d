/*
 * trap.c - what happens at an exception.
 *
 * Three outcomes: code that expected it is resumed (faults()); otherwise it is
 * reported and the machine stays up in the monitor; a fault while reporting
 * is named in one line and stops the machine there. It never resets itself.
 */
#include "trap.h"
#include "desc.h"
#include "hooks.h"
#include "panic.h"
#include "x86.h"

int callcatching(void (*fn)(void *), void *arg, uintptr_t *sp);
_Noreturn void catchreturn(uintptr_t sp);
void trap(Ureg *ur);

static struct {
	uintptr_t sp; /* 0: nobody expects a fault */
	Caught *what;
} catcher;

/* How deep we are in reports. */
static int reporting;

void
trapinit0(void)
{
	descinit();
}

void
trapinit(void)
{
	tssinit();
}

bool
faults(void (*fn)(void *), void *arg, Caught *what)
{
	if (catcher.sp != 0)
		panic("nested: %p inside another", (void *)fn);
	memset(what, 0, sizeof *what);
	catcher.what = what;
	bool faulted = callcatching(fn, arg, &catcher.sp) != 0;
	catcher.sp = 0;
	return faulted;
}

void
trap(Ureg *ur)
{
	uintptr_t cr2 = getcr2();

	if (catcher.sp != 0) {
		uintptr_t sp = catcher.sp;

		catcher.sp = 0;
		*catcher.what = (Caught){ur->vector, ur->error, ur->pc, cr2};
		catchreturn(sp);
	}
	if (reporting++ > 0)
		deadend("fault %u at %#jx while reporting a fault",
		    (unsigned)ur->vector, (uintmax_t)ur->pc);
	faultreport(ur, cr2);
	reporting--;
	stayup();
}
