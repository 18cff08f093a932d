/*
 * process.h - a process, inside of proc/.
 */
#ifndef PROCPROCESS_H
#define PROCPROCESS_H

#include "programs.h"

/* What a process is at, or is to be once it is off its CPU. */
enum at {
	READY,   /* may be run by any CPU */
	RUNNING, /* one does */
	WAITING, /* for a child's end */
	ENDED,   /* its memory is gone; it is there for its parent */
};

struct Process {
	Process *next; /* of all, in the order in which they are run */
	Process *parent;
	int pid;
	enum at at;
	bool hungry;    /* had no memory, and none has come since */
	bool again;     /* its system call begins anew */
	bool last;      /* there are no more turns for anybody */
	uint64_t limit; /* slices that it may still have */
	int64_t status; /* once it has ended */
	const Builtin *program;
	Proc *mem;
	Ureg regs;
};

/*
 * exec.c: the programs, and the one that is run first, before anything is done
 * with one; memory with that one, or why not; and its end.
 */
void initfiles(const Builtin *b1);
const Builtin *findbuiltin(const char *name);
const char *loadprogram(const Builtin *b, uint64_t arg, Proc **mem, Ureg *ur);
Proc *newmem(void);
void freemem(Proc *mem);

/*
 * usercopy.c: to and from p's memory. NULL, or why not; part of it may be
 * there then.
 */
const char *copyin(Proc *p, void *to, uintptr_t va, size_t size);
const char *copyout(Proc *p, uintptr_t va, const void *from, size_t size);

/* syscall.c: do what it asks for; what it is then. */
enum at systemcall(Process *p);

/*
 * processes.c: all of them, in the order of their turns, and the run that they
 * are of.
 */
typedef struct Proclist Proclist;
struct Proclist {
	Lock lock;
	Process *first;
	size_t n;
	int pid; /* the last one given */
	size_t turns;
	Processrun run; /* not the caller's, which may be gone */
};
extern Proclist procs;

/*
 * With the lock: what leads to p, or to the end for NULL; p at the end, or not
 * in the list; a child of p that has ended, and is there any child at all?
 */
Process **linkto(const Process *p);
void appendprocess(Process *p);
void unlinkprocess(Process *p);
Process *endedchild(const Process *p, bool *any);

/* In the list, but not to be taken yet. */
Process *newprocess(Process *parent); /* NULL: no memory, or too many */
void startprocess(Process *p);        /* it has memory and registers */
void dropprocess(Process *p);         /* or has not */

/*
 * A child of p that has ended goes: its number, and its status; 0 if none has
 * yet, -1 if there is no child.
 */
int reapchild(Process *p, int64_t *status);

#endif
