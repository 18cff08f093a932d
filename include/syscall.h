/*
 * syscall.h - what a program asks the kernel for, by number: RAX, with
 * arguments in RDI, RSI and RDX; the result comes back in RAX.
 *
 * A result below 0 is an error. For the kernel and for programs.
 */
#ifndef SYSCALL_H
#define SYSCALL_H

enum syscall {
	SYSEXIT,  /* (status) the end; of status, the low 31 bits */
	SYSPRINT, /* (text, size) a line, at most PRINTMAX bytes */
	SYSBRK,   /* (address) memory ends before it; 0: where does it now?
		   * While others share it, it does not shrink: SYSEINUSE */
	SYSFORK,  /* () 0 in the child, its number in the parent */
	SYSEXEC,  /* (name, size, argument) another program from here on */
	SYSWAIT,  /* (status) a child's end: its number, and its status there */
	SYSGETPID,    /* () */
	SYSYIELD,     /* () others first */
	SYSLIMIT,     /* (n) of time, n slices more and no longer */
	SYSSLEEP,     /* (ms) not before so many milliseconds. With a limit, it
		       * costs their slices, the last one whole; and who sleeps
		       * for all that are left, or longer, is ended then */
	SYSRFORK,     /* (flags) as SYSFORK, but what these name is shared; so
		       * the program's break is one, and does not go back */
	SYSSEGATTACH, /* (name, size, address) a device's memory is there from
		       * now on: its bytes, whole pages. SYSENOENT: no such */
	SYSSEGDETACH, /* (address) what was attached there is no more */
	NSYSCALL
};

enum { PRINTMAX = 200, NAMEMAX = 16 };

/* A flag of SYSRFORK: data and bss. */
enum { RFMEM = 1 << 5 };

/*
 * init's argument: without NX, what is data runs too; there are CPUs enough for
 * one that never lets go of its own; it is not to start the others; there is a
 * screen.
 */
enum { RUNSDATA = 1, MANYCPUS = 2, ALONE = 4, HASSCREEN = 8 };

/* The device's memory that there is with HASSCREEN: the screen's pixels. */
#define SCREENSEG "screen"

/* The status of who found that a system call returned what it cannot. */
enum { CALLSWRONG = 0x7e000000 };

enum syserror {
	SYSENOMEM = -1,  /* no memory */
	SYSEBADARG = -2, /* an address or a number that cannot be */
	SYSENOENT = -3,  /* no program, or device, of that name */
	SYSECHILD = -4,  /* no child */
	SYSENOPROC = -5, /* too many processes */
	SYSEINUSE = -6,  /* others share that memory */
	SYSELAST = SYSEINUSE
};

/* The status of one that was ended, by what for. */
enum ended {
	ENDEDADDR = -1,  /* an address that is not its own, or not for that */
	ENDEDMEM = -2,   /* no memory left */
	ENDEDWRONG = -3, /* what a program may not do */
	ENDEDLATE = -4,  /* its time was over */
	ENDEDFILE = -5,  /* its own file cannot be read */
};

#endif
