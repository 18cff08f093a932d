/*
 * optionsay.c - see optionsay.h: what options.c reads, the other way.
 *
 * An option has a value that asks for it, or none does and it is as it is
 * without a line: then that is said in words.
 */
#include "optionsay.h"
#include "hooks.h"
#include "print.h"

/* For who it is said. */
static enum optionsfor whom;

static void
say(const char *name, const char *value, const char *words)
{
	if (whom == OPTIONSLINES)
		print("mem9: option name=%s %s=\"%s\"\n", name,
		    value != NULL ? "value" : "detail",
		    value != NULL ? value : words);
	else if (value != NULL)
		print("%s=%s\n", name, value);
	else
		print("# %s: %s\n", name, words);
}

static void
number(const char *name, uint64_t v)
{
	char value[24];

	snprint(value, sizeof value, "%ju", (uintmax_t)v);
	say(name, value, NULL);
}

/* Above 0, or as it would be anyway. */
static void
numberor(const char *name, uint64_t v, const char *words)
{
	if (v == 0)
		say(name, NULL, words);
	else
		number(name, v);
}

/* NOADDR, all of it, is what is so without a line. */
static void
limit(const char *name, paddr_t v)
{
	char value[24];

	snprint(value, sizeof value, "%#jx", v);
	say(name, v != NOADDR ? value : NULL, "all");
}

static void
text(const char *name, const char *s)
{
	char words[40];
	size_t n = 0;

	while (s[n] != '\0')
		n++;
	snprint(words, sizeof words, "of %zu characters", n);
	if (n == 0)
		say(name, NULL, "none");
	else
		say(name, n < UMBMAX ? s : NULL, words);
}

static void
uart(const Options *o)
{
	char words[80];
	size_t n = 0;

	if (o->uart.space == UARTNONE)
		n = snprint(words, sizeof words, "none");
	else
		n = snprint(words, sizeof words, "%s %#jx",
		    o->uart.space == UARTPORT ? "port" : "registers at",
		    o->uart.addr);
	if (o->baud != 0)
		n += snprint(words + n, sizeof words - n, ", %u baud",
		    (unsigned)o->baud);
	if (!o->uartgiven)
		snprint(
		    words + n, sizeof words - n, ", as nobody said another");
	say("console", NULL, words);
}

void
optionsay(const Options *o, enum optionsfor who)
{
	whom = who;
	say("*end", endword(o->end), NULL);
	say("*checks", checksword(o->checks), NULL);
	if (o->menu < 0)
		say("*menu", NULL, "nothing said");
	else
		number("*menu", (uint64_t)o->menu);
	say("*report", o->noreport ? "off" : NULL,
	    o->report[0] != '\0' ? o->report : "no file named");
	number("*verbose", o->verbose);
	say("*bootscreen", o->screen ? NULL : "off", "on");
	number("*nokaslr", !o->kaslr);
	number("*poison", o->poison);
	number("*ramscan", o->ramscan);
	number("*nomp", o->nomp);
	numberor("*ncpu", o->ncpu, "all");
	numberor(
	    "*kernelpercent", (uint64_t)o->kernelpercent, "as 9front would");
	number("*nswap", o->nswap);
	limit("*maxmem", o->maxmem);
	limit("*directmap", o->directmap);
	text("umbexclude", o->umbexclude);
	text("*e820", o->e820);
	uart(o);
}
