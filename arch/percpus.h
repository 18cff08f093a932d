/*
 * percpus.h - the Percpu of each CPU, for thiscpu() to find.
 */
#ifndef PERCPUS_H
#define PERCPUS_H

#include "types.h"

typedef struct Percpu Percpu;

/* All zero; of CPU n, which does not run yet. */
void percpuset(size_t n, Percpu *p);

#endif
