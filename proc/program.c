/*
 * program.c - the images of files: found by their Chan, and closed.
 *
 *	program()	open, in use
 *	putprogram()	of the last segment: idle, for as long as anything is
 *			cached; closed, if nothing is
 *	putimages()	idle ones closed
 *
 * An idle image is found again, with its pages, by who runs the file next. mm/
 * takes its pages when memory is short (imagereclaim).
 */
#include "program.h"
#include "pool.h"

/* All that are open; the lock is held while one is opened or closed, too. */
static struct {
	QLock lock;
	Program *first;
} programs;

static Program *
opened(Chan *chan)
{
	Program *p = malloc(sizeof *p);

	if (p == NULL)
		return NULL;
	if (imageopen(&p->image, p->hash, PROGRAMHASH) < 0) {
		free(p);
		return NULL;
	}
	p->chan = chan;
	p->next = programs.first;
	programs.first = p;
	return p;
}

Program *
program(Chan *chan)
{
	qlock(&programs.lock);
	Program *p = programs.first;

	while (p != NULL && p->chan != chan)
		p = p->next;
	if (p == NULL)
		p = opened(chan);
	if (p != NULL)
		p->ref++;
	qunlock(&programs.lock);
	return p;
}

Program *
programref(Program *p)
{
	qlock(&programs.lock);
	p->ref++;
	qunlock(&programs.lock);
	return p;
}

static void
closelink(Program **link)
{
	Program *p = *link;

	*link = p->next;
	imageclose(&p->image);
	free(p);
}

static bool
nonecached(Program *p)
{
	lock(&p->image.lock);
	size_t n = p->image.npages;
	unlock(&p->image.lock);
	return n == 0;
}

void
putprogram(Program *p)
{
	Program **link = &programs.first;

	qlock(&programs.lock);
	if (--p->ref == 0 && nonecached(p)) {
		while (*link != p)
			link = &(*link)->next;
		closelink(link);
	}
	qunlock(&programs.lock);
}

bool
programsbusy(void)
{
	return qheld(&programs.lock);
}

size_t
putimages(void)
{
	size_t n = 0;

	qlock(&programs.lock);
	for (Program **link = &programs.first; *link != NULL;) {
		if ((*link)->ref == 0) {
			closelink(link);
			n++;
		} else
			link = &(*link)->next;
	}
	qunlock(&programs.lock);
	return n;
}
