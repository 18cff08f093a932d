/*
 * span.c - what the readers of EFI's tables have in common: two of start, end
 * and pages say the same, and numbers of one column are equally long.
 */
#include "form.h"

int
checkspan(Map *m, const Entry *e, uint64_t last)
{
	bool agree = e->npages == 0
			 ? last + 1 == e->base
			 : (last - e->base) / BY2PG == e->npages - 1 &&
			       (last - e->base) % BY2PG == BY2PG - 1;

	return agree ? 0 : mapfail(m, "start, end and pages do not agree");
}

int
wholepages(Map *m, Entry *e, uint64_t end)
{
	if ((end - e->base) % BY2PG != 0)
		return mapfail(m, "the range is not of whole pages");
	e->npages = (end - e->base) / BY2PG;
	return 0;
}

int
fullhex(Map *m, const char **s, uint64_t *n)
{
	int digits = (int)hexdigits(*s);

	if (!scanhex(s, n))
		return mapfail(m, "the attributes are missing");
	if (m->digits != 0 && m->digits != digits)
		return mapfail(m, "the attributes are cut: %d digits, not %d",
		    digits, m->digits);
	m->digits = digits;
	return 0;
}
