/*
 * thiscpu.h - how the hooks thiscpu(), cpuenter() and cpuleave() are called.
 *
 * They are on the shortest paths there are, so a back end may make them
 * inline: by a header of this name that the compiler finds before this one.
 * This one is for a kernel without interrupts: there the last two are nothing.
 */
#ifndef THISCPU_H
#define THISCPU_H

typedef struct Percpu Percpu;

Percpu *thiscpu(void);

static inline Percpu *
cpuenter(void)
{
	return thiscpu();
}

static inline void
cpuleave(Percpu *p)
{
	(void)p;
}

#endif
