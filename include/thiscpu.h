/*
 * thiscpu.h - how the hook thiscpu() is called.
 *
 * It is on the shortest paths there are, so a back end may make it inline: by
 * a header of this name that the compiler finds before this one.
 */
#ifndef THISCPU_H
#define THISCPU_H

typedef struct Percpu Percpu;

Percpu *thiscpu(void);

#endif
