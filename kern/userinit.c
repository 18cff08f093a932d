/*
 * userinit.c - the last step of the boot: the first process.
 *
 *	init, ALONE	is made, runs in user mode, says so, and ends; what it
 *			had is given back
 *
 * Alone, as the others cost time: all that it can start is tried by the check
 * proc-run, when pages and pools have been. A machine where no process can run
 * goes on without.
 */
#include "boot.h"
#include "print.h"
#include "programs.h"
#include "syscall.h"
#include "tell.h"

void
userinit(void)
{
	Processrun r;
	const char *why = processrun("init", ALONE, 1, &r);

	processtidy();
	if (why != NULL) {
		print("mem9: userinit name=init result=skipped detail=\"%s\"\n",
		    why);
		return;
	}
	print("mem9: userinit name=init result=%s status=%jd\n",
	    r.status == 0 ? "ok" : "failed", (intmax_t)r.status);
	if (r.status != 0)
		tellwrong("the first process ended otherwise than it should");
}
