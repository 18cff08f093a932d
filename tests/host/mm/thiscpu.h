/*
 * thiscpu.h - the host's hooks around per-CPU state, inline: each thread knows
 * its CPU.
 *
 * In all builds but the benchmarks', signals stand for interrupts: one that
 * comes while its CPU may not be interrupted is noted, and handled when it may
 * (hostsignal in host.h).
 */
#ifndef THISCPU_H
#define THISCPU_H

typedef struct Percpu Percpu;

extern _Thread_local Percpu *hostself;

static inline Percpu *
thiscpu(void)
{
	return hostself;
}

#ifdef HOSTNOSIGNALS
static inline Percpu *
cpuenter(void)
{
	return hostself;
}

static inline void
cpuleave(Percpu *p)
{
	(void)p;
}
#else
Percpu *cpuenter(void);
void cpuleave(Percpu *p);
#endif

#endif
