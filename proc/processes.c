/*
 * processes.c - the list of all processes: who is in it, and whose child is
 * whose. What they do is syscall.c's and sched.c's.
 */
#include "process.h"
#include "pool.h"

Proclist procs;

const char Enoprocs[] = "too many processes";

Process **
linkto(const Process *p)
{
	Process **link = &procs.first;

	while (*link != p)
		link = &(*link)->next;
	return link;
}

void
appendprocess(Process *p)
{
	p->next = NULL;
	*linkto(NULL) = p;
}

void
unlinkprocess(Process *p)
{
	*linkto(p) = p->next;
	procs.n--;
}

/* In the list, but not to be taken yet. */
Process *
newprocess(Process *parent, const char **why)
{
	Process *p = malloc(sizeof *p);

	*why = p == NULL ? Enomem : Enoprocs;
	if (p == NULL)
		return NULL;
	p->at = RUNNING;
	p->cpu = NOCPU;
	p->parent = parent;
	lock(&procs.lock);
	bool room = procs.n < NPROCESS;
	if (room) {
		p->pid = ++procs.pid;
		procs.n++;
		appendprocess(p);
	}
	unlock(&procs.lock);
	if (room)
		return p;
	free(p);
	return NULL;
}

void
startprocess(Process *p)
{
	lock(&procs.lock);
	p->at = READY;
	procs.run.nprocs++;
	unlock(&procs.lock);
}

void
dropprocess(Process *p)
{
	lock(&procs.lock);
	unlinkprocess(p);
	unlock(&procs.lock);
	if (p->mem != NULL)
		freemem(p->mem);
	free(p);
}

void
feed(void)
{
	procs.fed++;
	for (Process *p = procs.first; p != NULL; p = p->next)
		if (p->at == HUNGRY)
			p->at = READY;
}

void
memorycame(void)
{
	lock(&procs.lock);
	feed();
	unlock(&procs.lock);
}

Process *
endedchild(const Process *p, bool *any)
{
	*any = false;
	for (Process *c = procs.first; c != NULL; c = c->next)
		if (c->parent == p) {
			*any = true;
			if (c->at == ENDED)
				return c;
		}
	return NULL;
}

const Process *
lookchild(const Process *p, bool *any)
{
	lock(&procs.lock);
	const Process *c = endedchild(p, any);
	unlock(&procs.lock);
	return c;
}

void
reapchild(const Process *c)
{
	lock(&procs.lock);
	Process *p = *linkto(c);
	unlinkprocess(p);
	unlock(&procs.lock);
	free(p);
}
