/*
 * trap.c - what happens at an exception.
 *
 * Three outcomes: code that expected it is resumed (faults()); otherwise it is
 * reported and the machine stays up in the monitor; a fault while reporting
 * is named in one line and stops the machine there. It never resets itself.
 *
 * All of them leave by iretq (catch.S), until which no other NMI comes in:
 * Intel SDM volume 3A, 6.7.1.
 */
#include "trap.h"
#include "halt.h"
#include "hooks.h"
#include "log.h"
#include "mcheck.h"
#include "panic.h"
#include "screen.h"
#include "serial.h"
#include "x86.h"

int callcatching(void (*fn)(void *), void *arg, uintptr_t *sp);
_Noreturn void catchreturn(uintptr_t sp);
void trap(Ureg *ur);

typedef struct Catcher Catcher;

struct Catcher {
	uintptr_t sp; /* 0: nobody expects a fault */
	Caught *what;
};

static Catcher catcher;

/* How deep we are in reports. */
static int reporting;

void
trapinit(void)
{
	catcher = (Catcher){0, NULL};
}

bool
faults(void (*fn)(void *), void *arg, Caught *what)
{
	Catcher outer = catcher;

	memset(what, 0, sizeof *what);
	catcher.what = what;
	bool faulted = callcatching(fn, arg, &catcher.sp) != 0;
	catcher = outer;
	return faulted;
}

void
faultescape(Caught what)
{
	Catcher c = catcher;

	if (c.sp == 0)
		return;
	catcher.sp = 0;
	*c.what = what;
	catchreturn(c.sp);
}

void
reportdone(void)
{
	reporting = 0;
}

void
trap(Ureg *ur)
{
	uintptr_t cr2 = getcr2();

	if (reporting == 0 && ur->vector != TRAPMC)
		faultescape((Caught){ur->vector, ur->error, ur->pc, cr2});
	if (reporting != 0)
		mcheckdone(); /* one more would reset the machine */
	switch (reporting++) {
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
