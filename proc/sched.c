/*
 * sched.c - who runs: processes in turn, on all CPUs that take part.
 *
 *	READY --take--> RUNNING --settle--> READY, WAITING, ENDED
 *	                WAITING ------------> READY	when a child ends
 *
 * What a process is to be is settled when the CPU has left its space: so it is
 * on one CPU at a time, and its tables go when nobody stands on them. The list
 * of all is in the order of turns, whoever has had one going to its end.
 *
 * Who finds no memory goes hungry until some process has ended, and is ended
 * itself when nobody else can: all others are hungry, or wait for a child.
 */
#include "process.h"
#include "cpus.h"
#include "image.h"
#include "pool.h"
#include "syscall.h"

/* Slices that a process may have, and turns that all of a run may. */
enum { MOSTSLICES = 300, MOSTTURNS = 100000 };

static void
segmentsprint(const Proc *mem)
{
	static const char *const names[] = {
	    [SSEG] = "stack", [TSEG] = "text", [DSEG] = "data", [BSEG] = "bss"};

	for (size_t i = 0; i < nelem(names); i++) {
		const Segment *s = mem->seg[i];

		if (s != NULL)
			print(" %s=%#jx-%#jx", names[i], (uintmax_t)s->base,
			    (uintmax_t)s->top);
	}
}

/* By the kernel, and it says why. */
static enum at
kill(Process *p, enum ended status, const char *why, uintptr_t addr)
{
	print("mem9: killed pid=%d name=%s pc=%#jx addr=%#jx", p->pid,
	    p->program->name, (uintmax_t)p->regs.pc, (uintmax_t)addr);
	segmentsprint(p->mem);
	print(" detail=\"%s\"\n", why);
	p->status = status;
	return ENDED;
}

/* By its own CPU, or with the lock. */
static void
sethungry(Process *p, bool hungry)
{
	__atomic_store_n(&p->hungry, hungry, __ATOMIC_RELAXED);
}

static bool
ishungry(const Process *p)
{
	return __atomic_load_n(&p->hungry, __ATOMIC_RELAXED);
}

/* No memory, but some may come: then p is hungry. */
static bool
mayhope(Process *p)
{
	bool may = false;

	lock(&procs.lock);
	for (const Process *o = procs.first; o != NULL && !may; o = o->next)
		may = o != p && !ishungry(o) &&
		      (o->at == READY || o->at == RUNNING);
	sethungry(p, may);
	unlock(&procs.lock);
	return may;
}

static enum at
pagefault(Process *p, const Userevent *e)
{
	static const char *const words[] = {
	    [FAULTREAD] = "it may not read there",
	    [FAULTWRITE] = "it may not write there",
	    [FAULTEXEC] = "it may not run that",
	};
	const char *why = fault(p->mem, e->addr, e->access);

	if (why == NULL) {
		sethungry(p, false);
		return RUNNING;
	}
	if (why == Enomem && mayhope(p))
		return READY;
	if (why == Enomem)
		return kill(p, ENDEDMEM, "no memory is left", e->addr);
	if (why == Ebadarg)
		return kill(p, ENDEDADDR, words[e->access], e->addr);
	return kill(p, ENDEDFILE, why, e->addr);
}

static enum at
happened(Process *p, const Userevent *e)
{
	switch (e->why) {
	case USERCALL:
		return systemcall(p);
	case USERFAULT:
		return pagefault(p, e);
	case USERTICK:
		p->limit--;
		return READY;
	case USERNOTHING:
		return RUNNING;
	default:
		return kill(p, ENDEDWRONG, e->what, e->addr);
	}
}

/* Its turn: in its space until it is not to run any more. */
static enum at
turn(Process *p)
{
	enum at at = RUNNING;

	if (p->limit == 0 || p->last)
		return kill(p, ENDEDLATE, "its time is over", 0);
	spaceenter(&p->mem->space);
	userslice();
	if (p->again)
		at = systemcall(p);
	while (at == RUNNING) {
		Userevent e = userrun(&p->regs);

		at = happened(p, &e);
	}
	usersliceend();
	spaceenter(&kspace);
	return at;
}

/* Locked: its children are nobody's, those that have ended are chained. */
static Process *
orphan(const Process *p)
{
	Process *gone = NULL;

	for (Process *c = procs.first, *next = NULL; c != NULL; c = next) {
		next = c->next;
		if (c->parent != p)
			continue;
		c->parent = NULL;
		if (c->at == ENDED) {
			unlinkprocess(c);
			c->next = gone;
			gone = c;
		}
	}
	return gone;
}

/* Its memory is gone: it stays if somebody is to hear of it. */
static void
bury(Process *p)
{
	lock(&procs.lock);
	Process *gone = orphan(p);
	procs.run.nended += p->status < 0;
	p->at = ENDED;
	for (Process *o = procs.first; o != NULL; o = o->next) {
		sethungry(o, false);
		if (o == p->parent && o->at == WAITING)
			o->at = READY;
	}
	if (p->pid == 1)
		procs.run.status = p->status;
	if (p->parent == NULL) {
		unlinkprocess(p);
		p->next = gone;
		gone = p;
	}
	unlock(&procs.lock);
	for (Process *next = NULL; gone != NULL; gone = next) {
		next = gone->next;
		free(gone);
	}
}

/* The CPU has left p. A child may have ended since it began to wait. */
static void
settle(Process *p, enum at at)
{
	bool any = false;

	if (at == ENDED) {
		freemem(p->mem);
		p->mem = NULL;
		bury(p);
		return;
	}
	lock(&procs.lock);
	if (at == WAITING && endedchild(p, &any) != NULL)
		at = READY;
	p->at = at;
	*linkto(p) = p->next;
	appendprocess(p);
	unlock(&procs.lock);
}

/* Whose turn it is: RUNNING from now on. Is nobody left? */
static Process *
take(bool *none)
{
	lock(&procs.lock);
	Process *p = procs.first;

	*none = p == NULL;
	while (p != NULL && p->at != READY)
		p = p->next;
	if (p != NULL) {
		p->at = RUNNING;
		p->last = procs.turns++ >= MOSTTURNS;
	}
	unlock(&procs.lock);
	return p;
}

/* One CPU's part, until nobody is left. */
static void
turns(void *arg)
{
	const char *why = userready();
	bool none = false;

	(void)arg;
	if (why != NULL) {
		print("processes go without a CPU: %s\n", why);
		return;
	}
	for (;;) {
		Process *p = take(&none);

		if (none)
			return;
		if (p != NULL)
			settle(p, turn(p));
		else
			useridle();
	}
}

const char *
processrun(const char *name, uint64_t arg, size_t most, Processrun *r)
{
	const Builtin *b = findbuiltin(name);

	return b == NULL ? Enoent : processrunimage(b, arg, most, r);
}

const char *
processrunimage(const Builtin *b, uint64_t arg, size_t most, Processrun *r)
{
	const char *why = userready();

	if (procs.first != NULL)
		return "processes of a run that was broken off are there still";
	if (why != NULL)
		return why;
	initfiles(b);
	procs.run = (Processrun){0};
	procs.pid = 0;
	procs.turns = 0;
	Process *p = newprocess(NULL);
	if (p == NULL)
		return Enomem;
	p->program = b;
	p->limit = MOSTSLICES;
	why = loadprogram(b, arg, &p->mem, &p->regs);
	if (why != NULL) {
		dropprocess(p);
		return why;
	}
	startprocess(p);
	oncpus(most, turns, NULL);
	*r = procs.run;
	return NULL;
}

void
processtidy(void)
{
	imagereclaim(SIZE_MAX);
	putimages();
}
