/*
 * asks.c - see asks.h: each asks who knows.
 */
#include "asks.h"
#include "address.h"
#include "audit.h"
#include "bootinfo.h"
#include "bytemap.h"
#include "../check/checks.h"
#include "conf.h"
#include "cpus.h"
#include "dump.h"
#include "e820.h"
#include "find.h"
#include "../handed.h"
#include "hooks.h"
#include "keys.h"
#include "../leave.h"
#include "../linuxmap.h"
#include "log.h"
#include "memmap.h"
#include "memview.h"
#include "more.h"
#include "../tell/nodelines.h"
#include "../optionsay.h"
#include "page.h"
#include "pool.h"
#include "ps.h"
#include "progress.h"
#include "provoke.h"
#include "quickbench.h"
#include "scan.h"
#include "screen.h"
#include "serial.h"
#include "../tell/summary.h"
#include "tables.h"
#include "tell.h"
#include "trap.h"
#include "xalloc.h"

/* Who asks, wherever that is. */
static const Teller all = {.write = logwrite, .ink = screenink, .cols = 80};

bool
of0(const char *name)
{
	if (cpunumber() != 0)
		print("%s: by CPU 0 alone\n", name);
	return cpunumber() == 0;
}

/* What follows a flag and its blanks; NULL: it is not there. */
static const char *
afterflag(const char *arg, const char *flag)
{
	for (; *flag != '\0'; arg++, flag++)
		if (*arg != *flag)
			return NULL;
	if (*arg != '\0' && *arg != ' ')
		return NULL;
	while (*arg == ' ')
		arg++;
	return arg;
}

/* -v: in lines for programs. Anything else is not asked for. */
static void
linesor(const char *arg, void (*lines)(void), void (*table)(void))
{
	const char *v = afterflag(arg, "-v");

	if (*(v != NULL ? v : arg) != '\0')
		print("%s: only -v goes with it\n", v != NULL ? v : arg);
	else if (v != NULL)
		lines();
	else
		table();
}

static void
summarytable(void)
{
	tellagain(&all);
}

static void
allines(void)
{
	summarylines();
	checklines();
}

void
cmdsummary(const char *arg)
{
	linesor(arg, allines, summarytable);
}

static void
maplines(void)
{
	memmapdump();
	memmapprinttotal();
}

void
cmdmap(const char *arg)
{
	linesor(arg, maplines, tablemap);
}

static void
conflines(void)
{
	confprintbanks();
	confprint();
	confreport();
}

void
cmdconf(const char *arg)
{
	linesor(arg, conflines, tableconf);
}

static void
heaplines(void)
{
	xsummary();
	mallocsummary();
	poolsprint();
}

void
cmdxsummary(const char *arg)
{
	linesor(arg, heaplines, tableheap);
}

static void
pagelines(void)
{
	pallocprint();
	bytemapprint();
}

void
cmdpalloc(const char *arg)
{
	linesor(arg, pagelines, tablepages);
}

void
cmdpages(const char *arg)
{
	linesor(arg, pageslines, pagesprint);
}

/* The address that stands there, maybe behind -v; false: what is wrong is said.
 */
static bool
addressof(const char *name, const char *arg, bool *lines, uintptr_t *at)
{
	const char *v = afterflag(arg, "-v");
	const char *text = v != NULL ? v : arg;

	*lines = v != NULL;
	if (*text == '\0') {
		print("%s -v needs ADDRESS\n", name);
		return false;
	}
	const char *why = readaddress(text, at);
	if (why != NULL)
		print("%s: %s %s\n", name, text, why);
	return why == NULL;
}

void
cmdwalk(const char *arg)
{
	uintptr_t va = 0;
	bool lines = false;

	if (addressof("walk", arg, &lines, &va))
		(lines ? walklines : walkprint)(va);
}

void
cmdfind(const char *arg)
{
	uintptr_t at = 0;
	bool lines = false;

	if (addressof("find", arg, &lines, &at))
		findaddress(at, lines ? FINDPROGRAMS : FINDPEOPLE);
}

void
cmddump(const char *arg)
{
	const char *all = afterflag(arg, "-f");
	const char *text = all != NULL ? all : arg;
	Span span;
	const char *why = readspan(text, &span);

	if (why != NULL)
		print("dump: %s %s\n", text, why);
	else
		dump(&span, all != NULL ? DUMPALL : DUMPRAM);
}

void
cmdramscan(const char *arg)
{
	Span span = {.size = 0};
	const char *why = NULL;

	if (*arg != '\0') {
		why = readspan(arg, &span);
		span.size = MAX(span.size, (size_t)1);
	}
	if (why == NULL && isvirtual(span.at))
		why = "is no physical address";
	if (why != NULL)
		print("ramscan: %s %s\n", arg, why);
	else
		scan(&span);
}

void
cmdcheck(const char *arg)
{
	Options *o = &bootinfo->options;
	enum checks was = o->checks;
	const char *v = afterflag(arg, "-v");
	const char *full = v != NULL ? v : arg;

	if (*full != '\0' && afterflag(full, "full") == NULL) {
		print("check: %s is not full\n", full);
		return;
	}
	if (!of0("check"))
		return;
	o->checks = *full != '\0' ? CHECKSFULL : CHECKSQUICK;
	tellasked(v != NULL);
	tellbegin();
	check(CHECKALL, v != NULL ? NULL : tellcheck);
	o->checks = was;
	if (morequit() || progressbroken())
		morestop();
	if (progressbroken())
		print("^C: broken off; what came later was not checked\n");
	if (v == NULL)
		tellchecks(&all);
}

static void
efilines(void)
{
	Efimap map = handedmap();

	efimapprint(&map);
}

void
cmdefi(const char *arg)
{
	linesor(arg, efilines, tableefi);
}

static void
picturetable(void)
{
	morestop(); /* it asks for keys itself */
	memview(&all);
}

void
cmdpicture(const char *arg)
{
	linesor(arg, memviewlines, picturetable);
}

/* To who asks: at the screen it is there, a screen at a time. */
void
cmdlog(const char *arg)
{
	(void)arg;
	if (loglost() != 0)
		print("the first %ju bytes are lost\n", loglost());
	logreplay(keyatscreen() ? morewrite : moreserial, SIZE_MAX);
}

void
cmdfault(const char *arg)
{
	morestop(); /* nothing stands in a report's way */
	if (provoke(arg))
		return;
	print("fault: one of");
	for (size_t i = 0; faultname(i) != NULL; i++)
		print(" %s", faultname(i));
	print("\n");
}

void
cmdcpus(const char *arg)
{
	linesor(arg, cpuslines, cpusprint);
}

void
cmdbench(const char *arg)
{
	linesor(arg, benchlines, bench);
}

void
cmde820(const char *arg)
{
	linesor(arg, e820print, linuxmap);
}

static void
optionlines(void)
{
	optionsay(&bootinfo->options, OPTIONSLINES);
}

static void
optiontable(void)
{
	optionsay(&bootinfo->options, OPTIONSINI);
}

void
cmdoptions(const char *arg)
{
	linesor(arg, optionlines, optiontable);
}

static void
nodelines(void)
{
	nodesprint();
	nodepagesprint();
}

void
cmdnodes(const char *arg)
{
	linesor(arg, nodelines, tablenodes);
}

void
cmdps(const char *arg)
{
	linesor(arg, pslines, tableps);
}

void
cmdsegs(const char *arg)
{
	linesor(arg, segslines, tablesegs);
}

void
cmdreset(const char *arg)
{
	(void)arg;
	if (of0("reset"))
		leave(ENDRESET);
}

void
cmdpoweroff(const char *arg)
{
	(void)arg;
	if (of0("poweroff"))
		leave(ENDPOWEROFF);
}
