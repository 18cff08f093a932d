/*
 * process.h - a process, inside of proc/.
 */
#ifndef PROCPROCESS_H
#define PROCPROCESS_H

#include "programs.h"

/* What a process is at, or is to be once it is off its CPU. */
enum at {
	READY,    /* may be run by any CPU */
	RUNNING,  /* one does */
	WAITING,  /* for a child's end */
	SLEEPING, /* until its time comes */
	HUNGRY,   /* for memory: until some comes, or nobody can give any */
	ENDED,    /* its memory is gone; it is there for its parent */
};

struct Process {
	Process *next; /* of all, in the order in which they are run */
	Process *parent;
	int pid;
	enum at at;
	bool again;     /* its system call begins anew */
	uint64_t until; /* it sleeps, by the clock */
	size_t fed;     /* procs.fed, before it found no memory */
	bool starves;   /* it was said that it found none */
	size_t cpu;     /* that it is on, or was last, or NOCPU */
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
bool samename(const char *a, const char *b);
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
 * events.c: its turn on this CPU, until it is not to run any more; what it is
 * to be when the CPU has left it.
 */
enum at turn(Process *p);

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
	size_t fed;       /* how often memory has come */
	const char *over; /* why all are to end at their next turn, or NULL */
	bool stopped;     /* there are no turns, until it goes on */
	Runasked *asked;  /* who watches, or NULL */
	enum runtime time;
	Processrun run; /* not the caller's, which may be gone */
};
extern Proclist procs;

/* Memory has come, for who is hungry; and the same with the lock. */
void memorycame(void);
void feed(void);

/*
 * With the lock: what leads to p, or to the end for NULL; p at the end, or not
 * in the list; a child of p that has ended, and is there any child at all?
 */
Process **linkto(const Process *p);
void appendprocess(Process *p);
void unlinkprocess(Process *p);
Process *endedchild(const Process *p, bool *any);

/*
 * In the list, but not to be taken yet; NULL, and why not: Enomem, Enoprocs.
 */
extern const char Enoprocs[];
Process *newprocess(Process *parent, const char **why);
void startprocess(Process *p); /* it has memory and registers */
void dropprocess(Process *p);  /* or has not */

/*
 * A child of p that has ended, or NULL; is there any child at all? It stays
 * until p, who alone may do that, lets it go.
 */
const Process *lookchild(const Process *p, bool *any);
void reapchild(const Process *c);

#endif
