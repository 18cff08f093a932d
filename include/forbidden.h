/*
 * forbidden.h - what no program may do, by number: user/forbid.c tries it, and
 * this is how it should end (syscall.h). For the kernel and for programs.
 */
#ifndef FORBIDDEN_H
#define FORBIDDEN_H

#include "syscall.h"

#define FORBIDDEN(row)                                                         \
	row("reads the kernel", ENDEDADDR) row("writes it", ENDEDADDR) row(    \
	    "runs it", ENDEDADDR) row("reads address 0", ENDEDADDR)            \
	    row("writes its own text", ENDEDADDR) row(                         \
		"runs its data", ENDEDADDR) row("its stack beyond the limit",  \
		ENDEDADDR) row("halts the machine",                            \
		ENDEDWRONG) row("switches interrupts off",                     \
		ENDEDWRONG) row("reads a control register",                    \
		ENDEDWRONG) row("writes to a port",                            \
		ENDEDWRONG) row("an interrupt that is the kernel's",           \
		ENDEDWRONG) row("a breakpoint",                                \
		ENDEDWRONG) row("single stepping", ENDEDWRONG) row("the x87",  \
		ENDEDWRONG) row("SSE", ENDEDWRONG) row("no instruction",       \
		ENDEDWRONG) row("a division by zero",                          \
		ENDEDWRONG) row("an address that cannot be",                   \
		ENDEDWRONG) row("a system call on no stack, then that",        \
		ENDEDADDR) row("system calls with wild pointers",              \
		0) row("flags other than its own after one",                   \
		0) row("registers that the kernel had", 0) row("SYSENTER",     \
		ENDEDWRONG) row("the NMI's gate",                              \
		ENDEDWRONG) row("a breakpoint behind MOV SS",                  \
		ENDEDWRONG) row("a step into a system call",                   \
		ENDEDWRONG) row("the same behind MOV SS",                      \
		ENDEDWRONG) row("back from one to no stack", ENDEDWRONG)       \
		row("reads a model-specific register", ENDEDWRONG) row(        \
		    "writes one", ENDEDWRONG) row("loads a table of segments", \
		    ENDEDWRONG) row("of vectors",                              \
		    ENDEDWRONG) row("sets breakpoints",                        \
		    ENDEDWRONG) row("drops translations",                      \
		    ENDEDWRONG) row("allows the x87", ENDEDWRONG)              \
		    row("SWAPGS", ENDEDWRONG) row("SYSRET", ENDEDWRONG) row(   \
			"empties caches", ENDEDWRONG) row("reads a port",      \
			ENDEDWRONG) row("IRET to the kernel's ring",           \
			ENDEDWRONG) row("a far return there",                  \
			ENDEDWRONG) row("loads the kernel's stack segment",    \
			ENDEDWRONG) row("runs the last page of its half",      \
			ENDEDADDR) row("writes a control register",            \
			ENDEDWRONG) row("MMX",                                 \
			ENDEDWRONG) row("the state of AVX", ENDEDWRONG)        \
			row("INT1", ENDEDWRONG) row(                           \
			    "writes its interrupt flag, and ports' rights", 0)

/* Its number; on a CPU without NX it is allowed. */
enum { RUNSDATAROW = 5 };

/* The status of what was done, though it is forbidden. */
enum { FORGIVEN = 50 };

#endif
