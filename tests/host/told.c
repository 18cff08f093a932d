/*
 * told.c - see told.h.
 */
#include "told.h"

Told told;

void
tellto(const Teller *to)
{
	told.to = to;
}

void
tellsink(const char *s, size_t n)
{
	(void)s;
	told.sunk += n;
}

void
tellasked(bool asked)
{
	told.asked = asked;
}

void
tellwrong(const char *why)
{
	if (told.wrong == NULL)
		told.wrong = why;
}

void
tellend(const char *more)
{
	told.ends++;
	told.more = more;
}

void
tellbegin(void)
{
	told.begins++;
}

void
tellcheck(const Checkresult *r)
{
	(void)r;
	told.checks++;
}

void
tellchecks(const Teller *to)
{
	to->write("<checks>", 8);
}

void
tellagain(const Teller *to)
{
	told.again++;
	to->write("<told>", 6);
}
