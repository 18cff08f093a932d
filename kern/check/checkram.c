/*
 * checkram.c - the check that the RAM is there, and holds what it is given.
 *
 * The machine goes on without what is missing; but it is a fault, and where and
 * how much is said, whoever found it: ramtry before the boot, the allocators
 * as they opened memory, or the checks before this one.
 */
#include "badram.h"
#include "checks.h"
#include "hooks.h"
#include "print.h"
#include "../tell/summary.h"

enum { PAGESPERMIB = MiB / BY2PG };

/* The rest of a text of that size, of which n bytes are used. */
static char *
rest(char *text, size_t size, size_t *left)
{
	size_t n = 0;

	while (text[n] != '\0')
		n++;
	*left = size - n;
	return text + n;
}

/* Each range, as many as fit; the others are counted. */
static void
ranges(char *detail, size_t size)
{
	enum { ROOM = 40 + 24 }; /* of a range, and of how many more */
	Badrange r = {.end = 0};
	size_t more = 0;
	size_t left = 0;

	while (badramnext(r.end, &r)) {
		char *to = rest(detail, size, &left);

		if (left < ROOM)
			more++;
		else
			snprint(to, left, " %#jx-%#jx", (uintmax_t)r.pa,
			    (uintmax_t)r.end);
	}
	char *to = rest(detail, size, &left);
	if (more > 0)
		snprint(to, left, " and %zu more", more);
}

enum verdict
checkram(char *detail, size_t size)
{
	const Ramtry *t = ramtried();
	size_t bad = badrampages();
	size_t left = 0;

	summaryagain();
	snprint(detail, size, "%zu of %zu MiB tried", t->tried / PAGESPERMIB,
	    t->total / PAGESPERMIB);
	if (bad == 0)
		return t->tried > 0 ? OK : SKIPPED;
	char *to = rest(detail, size, &left);
	snprint(
	    to, left, ", %zu KiB bad or missing:", (size_t)(bad * BY2PG / KiB));
	ranges(detail, size);
	return FAILED;
}
