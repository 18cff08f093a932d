/*
 * userinit.c - the last step of the boot: the first process.
 *
 *	init, ALONE	is made, runs in user mode, says so, and ends; what it
 *			had is given back
 *
 * Alone, as the others cost time: all that it can start is tried by the check
 * proc-run, when pages and pools have been. A machine where no process can run
 * goes on without.
 *
 * And what of the machine programs may have: the screen's pixels.
 */
#include "boot.h"
#include "bootinfo.h"
#include "mmu.h"
#include "print.h"
#include "programs.h"
#include "screen.h"
#include "syscall.h"
#include "tell.h"

/* The pixels, if they are mapped for us, too: only whole pages of them. */
static void
addscreen(void)
{
	static Physseg pixels;
	const Fb *fb = &bootinfo->fb;

	if (screenrows() == 0 || fb->pa % BY2PG != 0 || fb->size < BY2PG)
		return;
	pixels = (Physseg){SCREENSEG, fb->pa, fb->size / BY2PG, PTEWC};
	addphysseg(&pixels);
}

void
userinit(void)
{
	Processrun r;

	addscreen();
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
