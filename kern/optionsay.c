/*
 * optionsay.c - see optionsay.h: what options.c reads, the other way.
 */
#include "optionsay.h"
#include "hooks.h"

static void
number(const char *name, uint64_t v)
{
	print("%s=%ju\n", name, (uintmax_t)v);
}

/* NOADDR, all of it, is what is so without a line. */
static void
limit(const char *name, paddr_t v)
{
	if (v == NOADDR)
		print("# %s: all\n", name);
	else
		print("%s=%#jx\n", name, v);
}

static void
text(const char *name, const char *s)
{
	size_t n = 0;

	while (s[n] != '\0')
		n++;
	if (n == 0)
		print("# %s: none\n", name);
	else if (n < UMBMAX)
		print("%s=%s\n", name, s);
	else
		print("# %s: of %zu characters\n", name, n);
}

static void
uart(const Options *o)
{
	if (o->uart.space == UARTNONE)
		print("# console: none");
	else
		print("# console: %s %#jx",
		    o->uart.space == UARTPORT ? "port" : "registers at",
		    o->uart.addr);
	if (o->baud != 0)
		print(", %u baud", (unsigned)o->baud);
	print("%s\n", o->uartgiven ? "" : ", as nobody said another");
}

void
optionsay(const Options *o)
{
	print("*end=%s\n*checks=%s\n", endword(o->end), checksword(o->checks));
	if (o->menu < 0)
		print("# *menu: nothing said\n");
	else
		number("*menu", (uint64_t)o->menu);
	if (o->noreport)
		print("*report=off\n");
	else
		print("# *report: %s\n",
		    o->report[0] != '\0' ? o->report : "no file named");
	number("*verbose", o->verbose);
	print(o->screen ? "# *bootscreen: on\n" : "*bootscreen=off\n");
	number("*nokaslr", !o->kaslr);
	number("*poison", o->poison);
	number("*ramscan", o->ramscan);
	number("*nomp", o->nomp);
	if (o->ncpu == 0)
		print("# *ncpu: all\n");
	else
		number("*ncpu", o->ncpu);
	if (o->kernelpercent == 0)
		print("# *kernelpercent: as 9front would\n");
	else
		number("*kernelpercent", (uint64_t)o->kernelpercent);
	number("*nswap", o->nswap);
	limit("*maxmem", o->maxmem);
	limit("*directmap", o->directmap);
	text("umbexclude", o->umbexclude);
	text("*e820", o->e820);
	uart(o);
}
