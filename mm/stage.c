/*
 * stage.c - the boot order as a number: see include/stage.h.
 */
#include "stage.h"
#include "hooks.h"

enum stage stage;

static const char *const names[] = {
    [SFIRMWARE] = "firmware",
    [SMACH] = "mach0init",
    [SMEMINIT0] = "meminit0",
    [SMMU] = "mmuinit",
    [SMEM] = "meminit",
    [SCONF] = "confinit",
    [SXALLOC] = "xinit",
    [SPREALLOC] = "preallocpages",
    [SPAGES] = "pageinit",
    [SUSER] = "userinit",
};

_Static_assert(nelem(names) == SLAST + 1, "each stage has a name");

const char *
stagename(enum stage s)
{
	return s <= SLAST ? names[s] : "?";
}

void
stagedone(enum stage s)
{
	if (s != stage + 1)
		panic("%s done, but the machine is at %s", stagename(s),
		    stagename(stage));
	stage = s;
}

void
stagepanic(const char *func, enum stage from, enum stage to)
{
	if (stage < from)
		panicat(func,
		    "called too early: needs %s, the machine is at %s",
		    stagename(from), stagename(stage));
	panicat(func, "called too late: works until %s, the machine is at %s",
	    stagename(to), stagename(stage));
}
