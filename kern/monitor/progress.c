/*
 * progress.c - see progress.h.
 */
#include "progress.h"
#include "bootinfo.h"
#include "cpu.h"
#include "hooks.h"
#include "more.h"
#include "sizetext.h"

enum { OVER = 24 }; /* blanks over the end of a longer line */

const char brokenoff[] = "broken off";

static bool watched;
static bool broken;

void
progresswatched(void)
{
	watched = true;
}

void
progressanew(void)
{
	broken = false;
}

bool
progressbroken(void)
{
	broken = broken || (watched && morebreak());
	return broken;
}

uint64_t
progresshz(void)
{
	return MAX(bootinfo->tschz, 1000000ull);
}

Progress
progressbegin(const char *name, size_t all)
{
	uint64_t now = cycles();

	return (Progress){.name = name, .all = all, .start = now, .said = now};
}

/* The line stays the same one, and begins anew. */
static void
say(Progress *p, size_t n, uint64_t now)
{
	char done[SIZETEXT], all[SIZETEXT], rate[SIZETEXT];
	uint64_t ms = (now - p->start) / (progresshz() / 1000); /* >= 1000 */
	uint64_t persecond = MAX(n * 1000 / ms, 1ull);          /* pages */

	print("%s %s of %s, %s/s, %ju s left; ^C ends it    \r", p->name,
	    sizetext(done, n * BY2PG), sizeword(all, p->all * BY2PG),
	    sizeword(rate, persecond * BY2PG),
	    (uintmax_t)((p->all - MIN(n, p->all)) / persecond));
	p->said = now;
}

bool
progressat(Progress *p, size_t n)
{
	uint64_t now = cycles();

	if (watched && now - p->said >= progresshz())
		say(p, n, now);
	return !progressbroken();
}

/* Over what was said last, if that was not broken off. */
void
progressend(const Progress *p, size_t n)
{
	char done[SIZETEXT], all[SIZETEXT];
	uint64_t ms = (cycles() - p->start) / (progresshz() / 1000);

	if (p->said == p->start)
		return;
	if (!broken)
		print("%s %s of %s, in %ju.%ju s%*s\r", p->name,
		    sizetext(done, n * BY2PG), sizeword(all, p->all * BY2PG),
		    (uintmax_t)(ms / 1000), (uintmax_t)(ms / 100 % 10), OVER,
		    "");
	print("\n");
}
