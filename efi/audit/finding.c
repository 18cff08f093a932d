/*
 * finding.c - what a judge says, in words: see judge.h.
 */
#include "hooks.h"
#include "judge.h"
#include "print.h"
#include "sizetext.h"

void
finds(Finding *f, enum judgement judgement, const char *fmt, ...)
{
	va_list ap;

	f->judgement = judgement;
	va_start(ap, fmt);
	vsnprint(f->detail, sizeof f->detail, fmt, ap);
	va_end(ap);
}

void
spot(Spots *s, paddr_t pa, paddr_t end)
{
	if (s->n == 0) {
		s->pa = pa;
		s->end = end;
	} else if (s->n == 1 && s->end == pa)
		s->end = end;
	if (s->n == 0 || s->last != pa)
		s->n++;
	s->bytes += end - pa;
	s->last = end;
}

void
findspots(Finding *f, const Spots *s, const char *what)
{
	char size[SIZETEXT];

	if (s->n == 0)
		return;
	if (s->n == 1)
		finds(f, AUDITFAILED, "%s: %#jx-%#jx, %s", what,
		    (uintmax_t)s->pa, (uintmax_t)s->end,
		    sizeword(size, s->bytes));
	else
		finds(f, AUDITFAILED,
		    "%s: %s in %zu places, the first %#jx-%#jx", what,
		    sizeword(size, s->bytes), s->n, (uintmax_t)s->pa,
		    (uintmax_t)s->end);
}

paddr_t
endof(const Efidesc *d)
{
	if (d->npages > (NOADDR - d->base) / BY2PG)
		return NOADDR;
	return d->base + d->npages * BY2PG;
}
