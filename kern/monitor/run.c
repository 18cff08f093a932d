/*
 * run.c - the monitor runs a program, and all that it starts, while whoever
 * asked for it watches.
 *
 *	run NAME --> runs --^Z--> stopped: ps and segs show it --run--> runs
 *	              ^C ends all of them
 */
#include "run.h"
#include "asks.h"
#include "keys.h"
#include "more.h"
#include "../nearest.h"
#include "print.h"
#include "programs.h"
#include "value.h"

const char *
programname(size_t i)
{
	return builtins[i].name;
}

static enum runasked
watch(void)
{
	static const int keys[] = {CTRL('c'), CTRL('z'), NOKEY};

	if (morequit())
		return RUNEND;
	switch (keyamong(keys)) {
	case CTRL('c'):
		return RUNEND;
	case CTRL('z'):
		return RUNSTOP;
	default:
		return RUNGOON;
	}
}

/* What came of it, or why nothing did. */
static void
said(const char *name, const char *why, const Processrun *r)
{
	if (why != NULL) {
		print("run: %s%s%s\n", name, *name != '\0' ? ": " : "", why);
		return;
	}
	print("mem9: run status=%jd processes=%zu ended=%zu cpus=%zu "
	      "moves=%zu left=%zu\n",
	    (intmax_t)r->status, r->nprocs, r->nended, r->ncpus, r->moves,
	    r->nleft);
	if (r->nleft > 0)
		print("run: stopped; ps shows what is there, run alone goes "
		      "on with it\n");
}

static void
usage(void)
{
	print("run: nothing was stopped; a program is one of");
	for (size_t i = 0; programname(i) != NULL; i++)
		print(" %s", programname(i));
	print("\n");
}

static void
goon(void)
{
	Processrun r;

	if (processlast(&r) && r.nleft > 0)
		said("", processgoon(ncpus(), &r), &r);
	else
		usage();
}

static void
unknown(const char *name)
{
	size_t n = 0;

	while (programname(n) != NULL)
		n++;
	const char *meant = nearest(name, builtins, n, sizeof builtins[0]);
	if (meant != NULL)
		print("run: %s: %s, or is it %s?\n", name, Enoent, meant);
	else
		print("run: %s: %s\n", name, Enoent);
}

static bool
isprogram(const char *name)
{
	for (size_t i = 0; programname(i) != NULL; i++)
		if (sameword(name, programname(i)))
			return true;
	return false;
}

/* NAME, and a number for it or nothing. */
static void
start(const char *arg)
{
	char name[NAMEMAX + 1];
	uint64_t v = machineword();
	size_t n = 0;
	Processrun r;

	for (; arg[n] != ' ' && arg[n] != '\0' && n < NAMEMAX; n++)
		name[n] = arg[n];
	name[n] = '\0';
	const char *rest = arg + n;
	while (*rest == ' ')
		rest++;
	if (*rest != '\0' &&
	    ((rest = readnumber(rest, &v)) == NULL || *rest != '\0'))
		print("run: %s: expected a program and a number\n", arg);
	else if (!isprogram(name))
		unknown(name);
	else
		said(name, processrun(name, v, ncpus(), &r), &r);
}

void
cmdrun(const char *arg)
{
	if (!of0("run"))
		return;
	processwatch(watch, RUNENDLESS);
	if (*arg == '\0')
		goon();
	else
		start(arg);
	processwatch(NULL, RUNLIMITED);
	processtidy(); /* a check may count pages next */
}
