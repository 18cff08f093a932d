/*
 * thiscpu.h - the hook thiscpu() in line: each thread is some CPU.
 */
#ifndef THISCPU_H
#define THISCPU_H

extern _Thread_local Percpu *hostself;

static inline Percpu *
thiscpu(void)
{
	return hostself;
}

#endif
