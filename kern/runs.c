/*
 * runs.c - the monitor runs programs: one by name, or those of userfuzz.c.
 */
#include "asks.h"
#include "cpus.h"
#include "print.h"
#include "proccounts.h"
#include "programs.h"
#include "runs.h"
#include "userfuzz.h"
#include "value.h"

enum { NAMESIZE = 16 };

const char *
programname(size_t i)
{
	return builtins[i].name;
}

/* It has run. */
static void
say(const char *name, uint64_t arg, const Processrun *r, const Loss *l)
{
	print("mem9: run name=%s arg=%ju status=%jd processes=%zu ended=%zu "
	      "pages=%jd bytes=%jd\n",
	    name, (uintmax_t)arg, (intmax_t)r->status, r->nprocs, r->nended,
	    l->pages, l->bytes + l->xalloc);
	print("run: %s ended with %jd; of %zu process%s %zu ended for what "
	      "%s did; %s is left of them\n",
	    name, (intmax_t)r->status, r->nprocs, r->nprocs == 1 ? "" : "es",
	    r->nended, r->nprocs == 1 ? "it" : "they",
	    anyloss(l) ? "something" : "nothing");
}

static void
run(const char *name, uint64_t arg)
{
	Processrun r;

	userready(); /* what that maps stays */
	Counts was = counts();
	const char *why = processrun(name, arg, ncpus(), &r);

	if (why != NULL) {
		print("run: %s: %s\n", name, why);
		return;
	}
	Counts is = counts();
	Loss l = losses(&was, &is);
	say(name, arg, &r, &l);
}

static const char *
afterblank(const char *s)
{
	while (*s == ' ')
		s++;
	return s;
}

/* Numbers, and nothing else, up to n of them: how many, or -1. */
static int
numbers(const char *s, uint64_t *v, int n)
{
	int got = 0;

	for (s = afterblank(s); *s != '\0'; s = afterblank(s)) {
		if (got == n || (s = readnumber(s, &v[got++])) == NULL ||
		    (*s != ' ' && *s != '\0'))
			return -1;
	}
	return got;
}

void
cmdrun(const char *arg)
{
	char name[NAMESIZE];
	size_t n = 0;
	uint64_t v = 0;

	if (!of0("run"))
		return;
	while (arg[n] != ' ' && arg[n] != '\0' && n < sizeof name - 1) {
		name[n] = arg[n];
		n++;
	}
	name[n] = '\0';
	if (numbers(arg + n, &v, 1) < 0)
		print("run: %s is no name and number\n", arg);
	else
		run(name, v);
}

void
cmdfuzz(const char *arg)
{
	uint64_t v[] = {0, 1};

	if (!of0("fuzz"))
		return;
	if (numbers(arg, v, 2) < 1 || v[0] == 0)
		print("fuzz: %s is not how many, and maybe the first\n", arg);
	else
		userfuzz(v[0], v[1]);
}
