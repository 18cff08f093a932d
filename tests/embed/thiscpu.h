/*
 * thiscpu.h - this kernel's hooks around per-CPU state: it has interrupts.
 */
#ifndef THISCPU_H
#define THISCPU_H

typedef struct Percpu Percpu;

Percpu *thiscpu(void);
Percpu *cpuenter(void);
void cpuleave(Percpu *p);

#endif
