/*
 * poolcpu.c - a CPU that leaves: what waits in its magazines goes back.
 *
 * Its Percpu may be looked at by who gathers, in any pool, and by who counts,
 * with that pool's lock. So it is forgotten with the locks of all pools held,
 * when nobody gathers, and no magazine was made since it was emptied.
 */
#include "pool.h"
#include "hooks.h"
#include "poolfast.h"

/* With all locks: false, and nothing done, if it is not to be forgotten now. */
static bool
forget(Poolcpu *cpu)
{
	for (size_t i = 0; i < NPOOL; i++)
		if (pools[i].ngather > 0 || magazinesany(&pools[i], cpu))
			return false;
	magazinesforget(cpu);
	return true;
}

void
poolcpugone(Percpu *gone)
{
	bool done;

	do {
		for (size_t i = 0; i < NPOOL; i++) {
			awaitzero(&pools[i].ngather); /* they may ask us */
			magazinesgather(&pools[i]);
		}
		for (size_t i = 0; i < NPOOL; i++)
			poollock(&pools[i]);
		done = forget(&gone->pool);
		for (size_t i = NPOOL; i-- > 0;)
			poolunlock(&pools[i]);
	} while (!done);
}
