/*
 * redraw.c - see redraw.h.
 *
 *	shown	p a g X s _ _		first: the first that differs
 *	wanted	p a g e s		written: from there to the end of both
 */
#include "redraw.h"
#include "hooks.h"

/* By backspaces, or by what stands there. */
static void
moveto(Redraw *p, size_t at)
{
	for (; p->at > at; p->at--)
		print("\b");
	if (p->at < at)
		print("%.*s", (int)(at - p->at), p->shown + p->at);
	p->at = at;
}

static size_t
same(const Redraw *p, const char *want, size_t n)
{
	size_t i = 0;

	while (i < n && i < p->n && p->shown[i] == want[i])
		i++;
	return i;
}

/* These characters stand there, and nothing else. */
static void
show(Redraw *p, const char *want, size_t n)
{
	size_t first = same(p, want, n);

	if (first == n && n == p->n)
		return;
	moveto(p, first);
	memcpy(p->shown + first, want + first, n - first);
	p->at = MAX(n, p->n);
	for (size_t i = n; i < p->n; i++)
		p->shown[i] = ' ';
	print("%.*s", (int)(p->at - first), p->shown + first);
	p->n = n;
}

void
redraw(Redraw *p, const char *text, size_t n, size_t at)
{
	if (n < p->width)
		p->left = 0;
	else if (at < p->left || at - p->left >= p->width)
		p->left = at > p->width / 2 ? at - p->width / 2 : 0;
	show(p, text + p->left, MIN(n - p->left, p->width));
	moveto(p, at - p->left);
}
