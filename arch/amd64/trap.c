/*
 * trap.c - what happens at an exception.
 *
 * What a program did goes to who runs it (user.c), and so does an interrupt
 * that it is stopped by. What the kernel did has three outcomes: code that
 * expected it is resumed (faults()); otherwise it is reported and the machine
 * stays up in the monitor; a fault while reporting is named in one line and
 * stops the machine there. It never resets itself. On whichever CPU it is, all
 * others stop (stop.h), unless it is an event from outside and they have
 * nothing to do; the monitor is CPU 0's.
 *
 * All of them leave by iretq (catch.S), until which no other NMI comes in:
 * Intel SDM volume 3A, 6.7.1.
 */
#include "trap.h"
#include "apic.h"
#include "halt.h"
#include "hooks.h"
#include "log.h"
#include "mach.h"
#include "mcheck.h"
#include "panic.h"
#include "screen.h"
#include "serial.h"
#include "stop.h"
#include "usermode.h"
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

static Context
contextof(const Ureg *ur)
{
	return (Context){ur->pc, ur->rbp, ur->sp, false};
}

/* The first report of this CPU. */
static _Noreturn void
reportfirst(const Mach *m, const Ureg *ur, uintptr_t cr2)
{
	bool stop = !fromoutside(ur) || matesbusy();

	reportbegins();
	if (!stop || stopothers(contextof(ur))) {
		if (m->n != 0)
			print("CPU %zu has a fault\n", m->n);
		faultreport(ur, cr2);
		stopshow();
	}
	stayup();
}

static void
report(Mach *m, Ureg *ur, uintptr_t cr2)
{
	if (m->reporting != 0)
		mcheckdone(); /* one more would reset the machine */
	switch (m->reporting++) {
	case 0:
		reportfirst(m, ur, cr2);
	case 1: /* whatever shows the report is the first suspect */
		lognosinks();
		logsink(serialwrite, LOGNEW);
		logsink(screenwrite, LOGNEW);
		deadend("fault %u at %#jx, address %#jx, while reporting "
			"another; switch the machine off",
		    (unsigned)ur->vector, (uintmax_t)ur->pc, (uintmax_t)cr2);
	default:
		haltforever();
	}
}

/* An interrupt while they are on: all of them but what machtrap knows. */
static bool
interrupted(Mach *m, const Ureg *ur)
{
	if (ur->vector < NEXCEPTION)
		return false;
	if (ur->vector == SPURIOUSVECTOR)
		return m->open && m->n == 0;
	if (ur->vector == WAKEVECTOR && m->n != 0)
		return false;
	if (ur->vector != TIMERVECTOR && !m->open)
		return false;
	m->ticks += ur->vector == TIMERVECTOR;
	apicdone();
	return true;
}

/* The kernel's affair. */
static void
handle(Mach *m, Ureg *ur, uintptr_t cr2)
{
	bool first = m->n == 0;

	if (interrupted(m, ur))
		return;
	if (ur->vector == TRAPMC)
		__atomic_store_n(&m->mcheck, cycles(), __ATOMIC_RELEASE);
	if (ur->vector == TRAPNMI && stopasked()) {
		if (stopnow(contextof(ur)))
			stayup();
		return;
	}
	if (m->reporting == 0 && ur->vector != TRAPMC &&
	    (first || !fromoutside(ur)))
		faultescape((Caught){ur->vector, ur->error, ur->pc, cr2});
	if (first || !machtrap(m, ur, cr2))
		report(m, ur, cr2);
}

/*
 * If nobody goes back to the program, TS is not in the way of firmware, which
 * is called for a reset and uses the x87.
 */
void
trap(Ureg *ur)
{
	uintptr_t cr2 = getcr2();
	uint64_t cr0 = getcr0();
	Mach *m = mach();

	if (userowns(ur))
		userback(ur, cr2);
	if (cr0 & CR0TS)
		putcr0(cr0 & ~CR0TS);
	handle(m, ur, cr2);
	if (cr0 & CR0TS)
		putcr0(cr0);
}
