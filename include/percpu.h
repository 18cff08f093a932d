/*
 * percpu.h - the part of mm/'s state that belongs to one CPU.
 *
 * The machine below provides one of these per CPU, all zero, and the hook
 * thiscpu() that finds it.
 */
#ifndef PERCPU_H
#define PERCPU_H

#include "hooks.h"
#include "magazine.h"
#include "page.h"

/* On cache lines of its own: no CPU writes where another one looks. */
struct Percpu {
	_Alignas(128) Pagecpu page;
	Poolcpu pool; /* what the pools of pool.h have here */
};

#endif
