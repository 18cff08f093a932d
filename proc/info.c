/*
 * info.c - processes and their segments, for who asks what there is.
 *
 * Nobody runs one meanwhile: a run is by CPU 0, which is where people ask. But
 * it may have been broken off, in the midst of anything: so a segment that is
 * locked is not waited for, nor is the list, which leads to its end at any
 * time.
 */
#include "process.h"
#include "segs.h"

const char *
segname(enum segtype type)
{
	static const char *const names[] = {
	    [SG_TEXT] = "text",
	    [SG_DATA] = "data",
	    [SG_BSS] = "bss",
	    [SG_STACK] = "stack",
	    [SG_SHARED] = "shared",
	    [SG_PHYSICAL] = "physical",
	};

	return names[type];
}

static const char *
statename(enum at at)
{
	static const char *const names[] = {
	    [READY] = "ready",
	    [RUNNING] = "running",
	    [WAITING] = "waiting",
	    [SLEEPING] = "sleeping",
	    [HUNGRY] = "hungry",
	    [ENDED] = "ended",
	};

	return names[at];
}

static Seginfo
seginfo(Segment *s)
{
	bool locked = qheld(&s->lock);

	return (Seginfo){
	    .name = segname(s->type),
	    .base = s->base,
	    .top = segtop(s),
	    .npages = locked ? 0 : mcountseg(s),
	    .refs = segrefs(s),
	    .locked = locked,
	};
}

static void
meminfo(const Proc *mem, Processinfo *i)
{
	i->ntables = mem->tables.used;
	for (int n = 0; n < NSEG; n++)
		if (mem->seg[n] != NULL) {
			i->seg[i->nseg] = seginfo(mem->seg[n]);
			i->npages += i->seg[i->nseg++].npages;
		}
}

bool
processnext(int pid, Processinfo *i)
{
	const Process *p = NULL;

	bool locked = canlock(&procs.lock);
	for (const Process *o = procs.first; o != NULL; o = o->next)
		if (o->pid > pid && (p == NULL || o->pid < p->pid))
			p = o;
	if (locked)
		unlock(&procs.lock);
	if (p == NULL)
		return false;
	*i = (Processinfo){
	    .pid = p->pid,
	    .parent = p->parent != NULL ? p->parent->pid : 0,
	    .name = p->program != NULL ? p->program->name : "",
	    .state = statename(p->at),
	    .cpu = p->cpu,
	    .slices = p->limit,
	};
	if (p->mem != NULL)
		meminfo(p->mem, i);
	return true;
}

bool
processlast(Processrun *r)
{
	*r = procs.run;
	r->nleft = procs.n;
	return procs.pid != 0;
}
