/*
 * machs.c - every CPU's Mach, and what a trap means to one that is not the
 * first.
 *
 * An NMI or a machine check that comes to all of them is CPU 0's to report. Any
 * other exception that nobody expects is reported there; but until it is one of
 * us, it is that CPU's end alone, and CPU 0 says so.
 */
#include "mach.h"
#include "apic.h"
#include "halt.h"
#include "mcheck.h"
#include "stack.h"

static Mach mach0;
Mach *machs[MOSTCPUS] = {&mach0};

Mach *
mach(void)
{
	return machs[cpuofsp((uintptr_t)__builtin_frame_address(0))];
}

bool
machtrap(Mach *m, const Ureg *ur, uintptr_t cr2)
{
	switch (ur->vector) {
	case WAKEVECTOR:
		apicdone();
		barrieranswer();
		return true;
	case SPURIOUSVECTOR:
		return true;
	case TRAPNMI:
		m->nmis++;
		return true;
	case TRAPMC:
		m->mchecks++;
		mcheckdone(); /* one more would reset the machine */
		return true;
	}
	if (callfate(&m->callee) == FHERE)
		return false;
	m->died = (Caught){ur->vector, ur->error, ur->pc, cr2};
	__atomic_store_n(&m->dead, true, __ATOMIC_RELEASE);
	haltforever();
}
