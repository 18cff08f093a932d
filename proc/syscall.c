/*
 * syscall.c - what a process asks for: see include/syscall.h.
 *
 * Nothing here waits. A process that has to begins its system call anew when
 * there may be something, with the same registers: they are kept as they were.
 */
#include "process.h"
#include "patience.h"
#include "segs.h"
#include "syscall.h"

typedef enum at Call(Process *p, int64_t *result);

static int64_t
errorof(const char *why)
{
	if (why == NULL)
		return 0;
	if (why == Einuse)
		return SYSEINUSE;
	if (why == Enoprocs)
		return SYSENOPROC;
	return why == Enomem ? SYSENOMEM : SYSEBADARG;
}

static uintptr_t
arg(const Process *p, int n)
{
	return userarg(&p->regs, n);
}

static enum at
sysexit(Process *p, int64_t *result)
{
	(void)result;
	p->status = (int64_t)(arg(p, 0) & INT32_MAX);
	return ENDED;
}

/* What is not plain text could look like a line of somebody else's. */
static char
plain(char c)
{
	return c < ' ' || c > '~' || c == '"' ? '?' : c;
}

static enum at
sysprint(Process *p, int64_t *result)
{
	char text[PRINTMAX + 1];
	size_t n = arg(p, 1);
	const char *why = Ebadarg;

	if (n <= PRINTMAX)
		why = copyin(p->mem, text, arg(p, 0), n);
	*result = errorof(why);
	if (why != NULL)
		return RUNNING;
	for (size_t i = 0; i < n; i++)
		text[i] = plain(text[i]);
	text[n] = '\0';
	print("mem9: print pid=%d name=%s text=\"%s\"\n", p->pid,
	    p->program->name, text);
	return RUNNING;
}

static enum at
sysbrk(Process *p, int64_t *result)
{
	uintptr_t end = arg(p, 0);
	uintptr_t was = segtop(p->mem->seg[BSEG]);

	if (end == 0) {
		*result = (int64_t)was;
		return RUNNING;
	}
	*result = errorof(ibrk(p->mem, end, BSEG));
	if (*result == 0 && end < was)
		memorycame();
	return RUNNING;
}

/* The child has what p has, but for the result. */
static const char *
fork(Process *p, Process *child, enum dup how)
{
	child->mem = newmem();
	if (child->mem == NULL)
		return Enomem;
	child->program = p->program;
	child->limit = p->limit;
	child->regs = p->regs;
	userresult(&child->regs, 0);
	return procmemdup(child->mem, p->mem, how);
}

static enum at
forked(Process *p, int64_t *result, enum dup how)
{
	const char *why = NULL;
	Process *child = newprocess(p, &why);

	if (child == NULL) {
		*result = errorof(why);
		return RUNNING;
	}
	*result = errorof(fork(p, child, how));
	if (*result == 0) {
		*result = child->pid;
		startprocess(child);
	} else
		dropprocess(child);
	return RUNNING;
}

static enum at
sysfork(Process *p, int64_t *result)
{
	return forked(p, result, COPYSEG);
}

static enum at
sysrfork(Process *p, int64_t *result)
{
	uint64_t flags = arg(p, 0);

	if ((flags & ~(uint64_t)RFMEM) == 0)
		return forked(p, result, flags != 0 ? SHARESEG : COPYSEG);
	*result = SYSEBADARG;
	return RUNNING;
}

/* The old memory goes when no CPU is in it. */
static const char *
exec(Process *p, const Builtin *b, uint64_t arg)
{
	Proc *old = p->mem;
	Proc *new = NULL;
	const char *why = loadprogram(b, arg, &new, &p->regs);

	if (why != NULL)
		return why;
	spaceenter(&new->space);
	p->mem = new;
	p->program = b;
	freemem(old);
	memorycame();
	return NULL;
}

/* A name that it gives as its first arguments. */
static const char *
argname(Process *p, char name[NAMEMAX + 1])
{
	size_t n = arg(p, 1);

	memset(name, 0, NAMEMAX + 1);
	return n <= NAMEMAX ? copyin(p->mem, name, arg(p, 0), n) : Ebadarg;
}

static enum at
sysexec(Process *p, int64_t *result)
{
	char name[NAMEMAX + 1];
	const char *why = argname(p, name);
	const Builtin *b = why == NULL ? findbuiltin(name) : NULL;

	if (why == NULL && b == NULL)
		*result = SYSENOENT;
	else if (why == NULL)
		*result = errorof(exec(p, b, arg(p, 2)));
	else
		*result = errorof(why);
	return RUNNING;
}

static enum at
syssegattach(Process *p, int64_t *result)
{
	char name[NAMEMAX + 1];
	const char *why = argname(p, name);
	const Physseg *ps = why == NULL ? findphysseg(name) : NULL;

	if (ps != NULL)
		why = segattach(p->mem, ps, arg(p, 2));
	*result = errorof(why);
	if (why == NULL)
		*result = ps != NULL ? (int64_t)(ps->npages * BY2PG)
				     : (int64_t)SYSENOENT;
	return RUNNING;
}

static enum at
syssegdetach(Process *p, int64_t *result)
{
	*result = errorof(segdetach(p->mem, arg(p, 0)));
	return RUNNING;
}

/* A child ends once: it is there until its status is where it is to go. */
static enum at
syswait(Process *p, int64_t *result)
{
	int64_t status = 0;
	uintptr_t to = arg(p, 0);
	const char *why = copyout(p->mem, to, &status, sizeof status);
	bool any = false;
	const Process *c = why == NULL ? lookchild(p, &any) : NULL;

	if (c != NULL)
		why = copyout(p->mem, to, &c->status, sizeof c->status);
	*result = errorof(why);
	if (why != NULL)
		return RUNNING;
	if (c == NULL) {
		*result = SYSECHILD;
		return any ? WAITING : RUNNING;
	}
	*result = c->pid;
	reapchild(c);
	return RUNNING;
}

static enum at
sysgetpid(Process *p, int64_t *result)
{
	*result = p->pid;
	return RUNNING;
}

static enum at
sysyield(Process *p, int64_t *result)
{
	(void)p;
	(void)result;
	return READY;
}

static enum at
syslimit(Process *p, int64_t *result)
{
	(void)result;
	p->limit = MIN(p->limit, arg(p, 0));
	return p->limit > 0 ? RUNNING : READY;
}

/* In slices: longer than anybody waits, and sums do not wrap. */
#define MOSTSLEEP ((uint64_t)UINT32_MAX)

/* It is time that it has had: for all that is left at most, and then it ends.
 */
static enum at
syssleep(Process *p, int64_t *result)
{
	uint64_t ms = MIN(arg(p, 0), MIN(p->limit, MOSTSLEEP) * SLICEMS);

	(void)result;
	if (p->limit != NOLIMIT)
		p->limit -= (ms + SLICEMS - 1) / SLICEMS;
	p->until = clockms() + ms;
	return SLEEPING;
}

static Call *const calls[NSYSCALL] = {
    [SYSEXIT] = sysexit,
    [SYSPRINT] = sysprint,
    [SYSBRK] = sysbrk,
    [SYSFORK] = sysfork,
    [SYSEXEC] = sysexec,
    [SYSWAIT] = syswait,
    [SYSGETPID] = sysgetpid,
    [SYSYIELD] = sysyield,
    [SYSLIMIT] = syslimit,
    [SYSSLEEP] = syssleep,
    [SYSRFORK] = sysrfork,
    [SYSSEGATTACH] = syssegattach,
    [SYSSEGDETACH] = syssegdetach,
};

enum at
systemcall(Process *p)
{
	uint64_t n = usercall(&p->regs);
	int64_t result = SYSEBADARG;
	enum at at = RUNNING;

	if (n < NSYSCALL) {
		result = 0;
		at = calls[n](p, &result);
	}
	p->again = at == WAITING;
	if (at != WAITING && at != ENDED)
		userresult(&p->regs, result);
	return at;
}
