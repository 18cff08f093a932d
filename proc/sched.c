/*
 * sched.c - who runs: processes in turn, on all CPUs that take part.
 *
 *	READY --take--> RUNNING --settle--> READY, WAITING, SLEEPING, HUNGRY,
 *						ENDED
 *	                WAITING ------------> READY	when a child ends
 *			SLEEPING -----------> READY	when its time comes
 *			HUNGRY -------------> READY	when memory has come
 *
 * What a process is to be is settled when the CPU has left its space: so it is
 * on one CPU at a time, and its tables go when nobody stands on them. The list
 * of all is in the order of turns, whoever has had one going to its end.
 *
 * Memory comes when some process ends, or gives some back. Who is hungry while
 * nobody else can go on tries again, and is ended then (events.c).
 */
#include "process.h"
#include "cpus.h"
#include "image.h"
#include "patience.h"
#include "pool.h"
#include "program.h"
#include "syscall.h"

/*
 * Slices that a process may have, and turns that all of a run may: but if it is
 * endless, as somebody watches, who can end it.
 */
enum { MOSTSLICES = 300, MOSTTURNS = 100000 };

/* With the lock: all are ended, each at its next turn. The first reason holds.
 */
static void
endall(const char *why)
{
	if (procs.over == NULL)
		__atomic_store_n(&procs.over, why, __ATOMIC_RELAXED);
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
	procs.run.nwrong += p->status == CALLSWRONG;
	p->at = ENDED;
	feed();
	if (p->parent != NULL && p->parent->at == WAITING)
		p->parent->at = READY;
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

/* With the lock: what p waits for may have come before it does. */
static bool
hascome(const Process *p, enum at at)
{
	bool any = false;

	return (at == WAITING && endedchild(p, &any) != NULL) ||
	       (at == HUNGRY && p->fed != procs.fed);
}

/*
 * The CPU has left p. A turn in which it found no memory is none: it would be
 * the others' that it used up.
 */
static void
settle(Process *p, enum at at)
{
	if (at == ENDED) {
		Proc *mem = p->mem;

		p->mem = NULL; /* whatever becomes of that */
		freemem(mem);
		bury(p);
		return;
	}
	lock(&procs.lock);
	if (at != HUNGRY && ++procs.turns >= MOSTTURNS &&
	    procs.time == RUNLIMITED)
		endall("its time is over");
	p->at = hascome(p, at) ? READY : at;
	*linkto(p) = p->next;
	appendprocess(p);
	unlock(&procs.lock);
}

/* With the lock: may it have a turn now? Ends feed who is hungry, at last. */
static bool
mayrun(const Process *p, uint64_t now)
{
	bool over = procs.over != NULL;

	return p->at == READY ||
	       (p->at == SLEEPING && (over || now >= p->until));
}

/*
 * With the lock: whose turn it is, or NULL; somebody hungry, if there is nobody
 * who could ever give memory.
 */
static Process *
next(uint64_t now)
{
	Process *hungry = NULL;
	bool others = false;

	for (Process *p = procs.first; p != NULL; p = p->next) {
		if (mayrun(p, now))
			return p;
		others = others || p->at == RUNNING || p->at == SLEEPING;
		if (p->at == HUNGRY && hungry == NULL)
			hungry = p;
	}
	return others ? NULL : hungry;
}

/* With the lock: p is this CPU's from now on. */
static void
begin(Process *p)
{
	size_t cpu = cpunumber();

	procs.run.moves += p->cpu != NOCPU && p->cpu != cpu;
	p->cpu = cpu;
	p->at = RUNNING;
}

/* A process to be run, or NULL; and are there any, to be waited for? */
static Process *
take(bool *none)
{
	uint64_t now = clockms();

	lock(&procs.lock);
	Process *p = procs.stopped ? NULL : next(now);
	*none = procs.stopped || procs.first == NULL;
	if (p != NULL)
		begin(p);
	unlock(&procs.lock);
	return p;
}

/* Who watches the run says what becomes of it; to CPU 0. */
static void
askwatcher(void)
{
	if (cpunumber() != 0 || procs.asked == NULL)
		return;
	enum runasked what = procs.asked();

	lock(&procs.lock);
	procs.stopped = what == RUNSTOP;
	if (what == RUNEND)
		endall("it was asked to end");
	unlock(&procs.lock);
}

/* One CPU's part, until nobody is left. */
static void
turns(void *arg)
{
	const char *why = userready();
	bool none = false;
	bool had = false;

	(void)arg;
	if (why != NULL) {
		print("processes go without a CPU: %s\n", why);
		return;
	}
	for (;;) {
		askwatcher();
		Process *p = take(&none);

		if (none)
			break;
		had = had || p != NULL;
		if (p != NULL)
			settle(p, turn(p));
		else
			useridle();
	}
	lock(&procs.lock);
	procs.run.ncpus += had;
	unlock(&procs.lock);
}

/* By all CPUs that take part, until all have ended, or it is stopped. */
static void
go(size_t most, Processrun *r)
{
	procs.stopped = false;
	procs.run.ncpus = 0;
	oncpus(most, turns, NULL);
	procs.run.nleft = procs.n;
	*r = procs.run;
}

/* The first process, with that program. */
static const char *
firstprocess(const Builtin *b, uint64_t arg)
{
	procs.run = (Processrun){0};
	procs.pid = 0;
	procs.turns = 0;
	procs.over = NULL;
	const char *why = NULL;
	Process *p = newprocess(NULL, &why);
	if (p == NULL)
		return why;
	p->program = b;
	p->limit = procs.time == RUNENDLESS ? NOLIMIT : MOSTSLICES;
	why = loadprogram(b, arg, &p->mem, &p->regs);
	if (why == NULL)
		startprocess(p);
	else
		dropprocess(p);
	return why;
}

/*
 * Why no other run can begin, or NULL. One that was broken off may have been in
 * the midst of anything: what it holds is not waited for.
 */
static const char *
leftover(void)
{
	if (procs.first != NULL)
		return procs.stopped
			   ? "processes that were stopped are there still"
			   : "processes of a run that was broken off are there "
			     "still";
	if (programsbusy() || !canlock(&procs.lock))
		return "a run was broken off while it held what all need";
	unlock(&procs.lock);
	return NULL;
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

	if (why == NULL)
		why = leftover();
	if (why != NULL)
		return why;
	initfiles(b);
	why = firstprocess(b, arg);
	if (why == NULL)
		go(most, r);
	return why;
}

const char *
processgoon(size_t most, Processrun *r)
{
	if (procs.first == NULL || !procs.stopped)
		return "no processes were stopped";
	go(most, r);
	return NULL;
}

void
processwatch(Runasked *asked, enum runtime time)
{
	procs.asked = asked;
	procs.time = time;
}

void
processtidy(void)
{
	if (leftover() != NULL)
		return;
	imagereclaim(SIZE_MAX);
	putimages();
}
