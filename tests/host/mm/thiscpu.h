/*
 * thiscpu.h - the host's thiscpu(), inline: each thread knows its CPU.
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

#endif
