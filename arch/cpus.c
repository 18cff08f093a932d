/*
 * cpus.c - the CPUs as mm/ sees them (hooks.h): one, with interrupts off. The
 * others do nothing yet that needs locks to wait, or barriers.
 */
#include "hooks.h"
#include "percpu.h"
#include "percpus.h"
#include "stack.h"

static Percpu cpu0;
static Percpu *percpus[MOSTCPUS] = {&cpu0};

Percpu *
thiscpu(void)
{
	return percpus[cpuofsp((uintptr_t)__builtin_frame_address(0))];
}

void
percpuset(size_t n, Percpu *p)
{
	percpus[n] = p;
}

/* A lock that is held stays held. */
void
lock(Lock *l)
{
	if (__atomic_exchange_n(&l->word, 1, __ATOMIC_ACQUIRE) != 0)
		panic("%p is held already", (void *)l);
}

void
unlock(Lock *l)
{
	__atomic_store_n(&l->word, 0, __ATOMIC_RELEASE);
}

/* There is nobody to wait for. */
void
cpubarrier(void)
{
}

void
memwait(const char *what)
{
	panic("%s: no memory, and nobody left to free any", what);
}
