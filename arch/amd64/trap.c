/*
 * trap.c - what happens at an exception.
 *
 * Three outcomes: code that expected it is resumed (faults()); otherwise it is
 * reported and the machine stays up in the monitor; a fault while reporting
 * is named in one line and stops the machine there. It never resets itself.
 * That is on CPU 0; another one stops, and CPU 0 says why (machs.c,
 * startcpus.c).
 *
 * All of them leave by iretq (catch.S), until which no other NMI comes in:
 * Intel SDM volume 3A, 6.7.1.
 */
#include "trap.h"
#include "halt.h"
#include "hooks.h"
#include "log.h"
#include "mach.h"
#include "mcheck.h"
#include "panic.h"
#include "screen.h"
#include "serial.h"
#include "x86.h"

int callcatching(void (*fn)(void *), void *arg, uintptr_t *sp);
_Noreturn void catchreturn(uintptr_t sp);
void trap(Ureg *ur);

void
trapinit(void)
{
	mach()->catcher = (Catcher){0, NULL};
}

bool
faults(void (*fn)(void *), void *arg, Caught *what)
{
	Catcher *c = &mach()->catcher;
	Catcher outer = *c;

	memset(what, 0, sizeof *what);
	c->what = what;
	bool faulted = callcatching(fn, arg, &c->sp) != 0;
	*c = outer;
	return faulted;
}

void
faultescape(Caught what)
{
	Catcher *c = &mach()->catcher;
	uintptr_t sp = c->sp;

	if (sp == 0)
		return;
	c->sp = 0;
	*c->what = what;
	catchreturn(sp);
}

void
reportdone(void)
{
	mach()->reporting = 0;
}

/* An event that is not of what the CPU was doing. */
static bool
fromoutside(const Ureg *ur)
{
	return ur->vector == TRAPNMI || ur->vector == TRAPMC ||
	       ur->vector >= NEXCEPTION;
}

/* Of CPU 0, which reports. */
static void
report(Mach *m, Ureg *ur, uintptr_t cr2)
{
	if (m->reporting != 0)
		mcheckdone(); /* one more would reset the machine */
	switch (m->reporting++) {
	case 0:
		faultreport(ur, cr2);
		stayup();
	case 1: /* whatever shows the report is the first suspect */
		lognosinks();
		logsink(serialwrite, LOGNEW);
		logsink(screenwrite, LOGNEW);
		deadend("fault %u at %#jx, address %#jx, while reporting "
			"another",
		    (unsigned)ur->vector, (uintmax_t)ur->pc, (uintmax_t)cr2);
	default:
		haltforever();
	}
}

void
trap(Ureg *ur)
{
	uintptr_t cr2 = getcr2();
	Mach *m = mach();
	bool first = m->n == 0;

	if (m->reporting == 0 && ur->vector != TRAPMC &&
	    (first || !fromoutside(ur)))
		faultescape((Caught){ur->vector, ur->error, ur->pc, cr2});
	if (first)
		report(m, ur, cr2);
	else
		machtrap(m, ur, cr2);
}
