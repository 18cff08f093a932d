/*
 * leave.c - the machine is reset or switched off, and tells no tales.
 *
 * RAM keeps what it holds for a while, and what runs next can read it: secrets
 * and the pages of processes are cleared first. Every way out comes by here.
 */
#include "leave.h"
#include "halt.h"
#include "hooks.h"
#include "page.h"
#include "pool.h"
#include "runtime.h"
#include "stage.h"

/* Once: a panic on the way may lead here again. */
static void
wipe(void)
{
	static bool tried;

	if (tried)
		return;
	tried = true;
	if (stage >= SXALLOC)
		poolwipe(secrmem);
	if (stage >= SPREALLOC)
		pagewipe();
}

void
leave(enum end how)
{
	if (how == ENDMONITOR)
		return;
	wipe();
	switch (how) {
	case ENDPOWEROFF:
		poweroff();
		break;
	case ENDRESET:
		reset();
		break;
	default:
		print("halted\n");
		haltforever();
	}
}
