/*
 * summary.c - what has come up, how much of it there is, and how long it took.
 */
#include "summary.h"
#include "audit.h"
#include "badram.h"
#include "bootinfo.h"
#include "bytemap.h"
#include "conf.h"
#include "cpu.h"
#include "hooks.h"
#include "log.h"
#include "nodelines.h"
#include "nodes.h"
#include "page.h"
#include "pool.h"
#include "space.h"
#include "xalloc.h"

/* The time stamp counter at the end of each step. */
static uint64_t donewhen[SLAST + 1];

void
stepdone(enum stage s)
{
	stagedone(s);
	donewhen[s] = cycles();
}

/* And when all had come up. */
static uint64_t pallocwhen;

/* Bad pages when it was last said how much memory there is. */
static size_t saidbad;

/* Cycles from ExitBootServices to the end of each step, and until then. */
static void
cyclesprint(void)
{
	print("mem9: cycles");
	for (enum stage s = SMACH; s <= SPAGES; s++)
		print(" %s=%ju", stagename(s),
		    (uintmax_t)(donewhen[s] - bootinfo->tscstart));
	print(" palloc=%ju hz=%ju\n",
	    (uintmax_t)(pallocwhen - bootinfo->tscstart),
	    (uintmax_t)bootinfo->tschz);
}

void
summary(void)
{
	pallocwhen = cycles();
	summarylines();
}

void
summarylines(void)
{
	confprintbanks();
	confprint();
	if (alone()) /* while firmware lives the tables are its own */
		pagingprint();
	print("mem9: xalloc holes=%zu free=%zu\n", xholes(), xfreebytes());
	saidbad = badrampages();
	pallocprint();
	if (nodecount() > 1)
		nodepagesprint();
	if (alone())
		cyclesprint();
	bytemapprint();
	poolsprint();
	confreport();
	if (loglost() != 0)
		print("the log has lost its first %ju bytes\n",
		    (uintmax_t)loglost());
}

void
summaryagain(void)
{
	size_t bad = badrampages();

	if (bad == saidbad)
		return;
	saidbad = bad;
	pallocprint();
	confreport();
}

void
showall(void)
{
	xsummary();
	mallocsummary();
	pallocprint();
	bytemapprint();
}
