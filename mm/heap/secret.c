/*
 * secret.c - the secret of this boot: see secret.h.
 */
#include "secret.h"
#include "hooks.h"

/* Until xinit, for those who try out the parts alone. */
Secret secret = {.times = 1, .again = 1};

void
secretinit(void)
{
	secret = (Secret){.where = truerand(),
	    .times = truerand() | 1,
	    .what = truerand(),
	    .again = truerand() | 1};
}
