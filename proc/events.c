/*
 * events.c - a process's turn: it runs, something happens, and the kernel does
 * what that asks for, or ends the process.
 *
 * Who finds no memory goes hungry while somebody else may still give some, and
 * is ended when nobody can: all others are hungry, or wait for a child.
 */
#include "process.h"
#include "segs.h"
#include "syscall.h"

static void
segmentsprint(const Proc *mem)
{
	for (int i = 0; i < NSEG; i++) {
		const Segment *s = mem->seg[i];

		if (s != NULL)
			print(" %s=%#jx-%#jx", segname(s->type),
			    (uintmax_t)s->base, (uintmax_t)segtop(s));
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

/* How often memory has come, ever. */
static size_t
timesfed(void)
{
	lock(&procs.lock);
	size_t n = procs.fed;
	unlock(&procs.lock);
	return n;
}

/* Can anybody but p go on, and so give memory back? */
static bool
mayhope(const Process *p)
{
	bool may = false;

	lock(&procs.lock);
	for (const Process *o = procs.first; o != NULL && !may; o = o->next)
		may = o != p &&
		      (o->at == READY || o->at == RUNNING || o->at == SLEEPING);
	unlock(&procs.lock);
	return may;
}

/* Caches have given up their pages: how many, is said. */
static void
saystarved(const Process *p, uintptr_t addr)
{
	Pagestats st;

	pagestats(&st);
	print("mem9: nomemory pid=%d name=%s addr=%#jx free=%zu reclaimed=%zu "
	      "failed=%zu\n",
	    p->pid, p->program->name, (uintmax_t)addr, st.nfree, st.nreclaimed,
	    st.nfailed);
}

/* There is no page. Said once, however often it tries again. */
static enum at
starved(Process *p, uintptr_t addr)
{
	if (!p->starves)
		saystarved(p, addr);
	p->starves = true;
	if (mayhope(p))
		return HUNGRY;
	return kill(p, ENDEDMEM, "no memory is left", addr);
}

static enum at
pagefault(Process *p, const Userevent *e)
{
	static const char *const words[] = {
	    [FAULTREAD] = "it may not read there",
	    [FAULTWRITE] = "it may not write there",
	    [FAULTEXEC] = "it may not run that",
	};

	p->fed = timesfed();
	const char *why = fault(p->mem, e->addr, e->access);
	if (why == NULL) {
		p->starves = false;
		return RUNNING;
	}
	if (why == Enomem)
		return starved(p, e->addr);
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
		p->limit -= p->limit != NOLIMIT;
		return READY;
	case USERNOTHING:
		return RUNNING;
	default:
		return kill(p, ENDEDWRONG, e->what, e->addr);
	}
}

enum at
turn(Process *p)
{
	const char *over = __atomic_load_n(&procs.over, __ATOMIC_RELAXED);
	enum at at = RUNNING;

	if (p->limit == 0)
		over = "its time is over";
	if (over != NULL)
		return kill(p, ENDEDLATE, over, 0);
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
