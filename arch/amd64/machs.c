/*
 * machs.c - every CPU's Mach, and what a trap means to one that is not the
 * first.
 *
 * An NMI is CPU 0's to report, and so is a machine check that comes to all of
 * them, if this one has nothing to lose. Any other exception that nobody
 * expects is reported there; but until it is one of us, it is that CPU's end
 * alone, and CPU 0 says so.
 */
#include "mach.h"
#include "apic.h"
#include "cpu.h"
#include "halt.h"
#include "mcheck.h"
#include "patience.h"
#include "stack.h"

/* Within so long a machine check comes to all; one before is another one. */
enum { ALLUS = 100000, CYCLESAGO = 1000000000 };

static Mach mach0;
Mach *machs[MOSTCPUS] = {&mach0};

Mach *
mach(void)
{
	return machs[cpuofsp((uintptr_t)__builtin_frame_address(0))];
}

/* CPU 0 gets the machine check too that came here, and reports it. */
static bool
ofall(void)
{
	uint64_t *of0 = &machs[0]->mcheck;
	Patience p = {.last = 0};
	uint64_t since = cycles() - CYCLESAGO;

	do {
		uint64_t at = __atomic_load_n(of0, __ATOMIC_ACQUIRE);

		if (at != 0 && (int64_t)(at - since) > 0)
			return true;
	} while (waited(&p) < ALLUS);
	return false;
}

static bool
atwork(const Mach *m)
{
	return __atomic_load_n(&m->mate.at, __ATOMIC_ACQUIRE) == MATEBUSY;
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
		if (atwork(m) || !ofall())
			break;
		m->mchecks++;
		mcheckdone(); /* one more would reset the machine */
		return true;
	}
	if (callfate(&m->callee) == FHERE)
		return false;
	if (ur->vector == TRAPMC)
		mcheckdone();
	m->died = (Caught){ur->vector, ur->error, ur->pc, cr2};
	__atomic_store_n(&m->dead, true, __ATOMIC_RELEASE);
	haltforever();
}
