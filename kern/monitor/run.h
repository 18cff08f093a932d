/*
 * run.h - what the kernel runs programs with, and which there are.
 */
#ifndef RUN_H
#define RUN_H

#include "cpus.h"
#include "mmu.h"
#include "segment.h"
#include "syscall.h"

/* The name of the one with that number, or NULL. */
const char *programname(size_t i);

/* A program's argument, if it is given none: what init wants to know. */
static inline uint64_t
machineword(void)
{
	return (mmuallowed(&kspace, PTENOEXEC) == 0 ? RUNSDATA : 0) |
	       (ncpus() > 1 ? MANYCPUS : 0) |
	       (findphysseg(SCREENSEG) != NULL ? HASSCREEN : 0);
}

#endif
