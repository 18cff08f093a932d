/*
 * cpus.c - which CPU we are on. What they ask of each other: mates.h.
 */
#include "cpus.h"
#include "hooks.h"
#include "percpu.h"
#include "percpus.h"
#include "stack.h"

static Percpu cpu0;
static Percpu *percpus[MOSTCPUS] = {&cpu0};

size_t
cpunumber(void)
{
	return cpuofsp((uintptr_t)__builtin_frame_address(0));
}

Percpu *
thiscpu(void)
{
	return percpus[cpunumber()];
}

void
percpuset(size_t n, Percpu *p)
{
	percpus[n] = p;
}
