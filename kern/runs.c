/*
 * runs.c - the monitor runs a program, and all that it starts.
 */
#include "runs.h"
#include "asks.h"
#include "cpus.h"
#include "print.h"
#include "programs.h"
#include "syscall.h"
#include "value.h"

const char *
programname(size_t i)
{
	return builtins[i].name;
}

static void
run(const char *name, uint64_t arg)
{
	Processrun r;
	const char *why = processrun(name, arg, ncpus(), &r);

	if (why != NULL)
		print("run: %s: %s\n", name, why);
	else
		print("mem9: run status=%jd processes=%zu ended=%zu\n",
		    (intmax_t)r.status, r.nprocs, r.nended);
}

void
cmdrun(const char *arg)
{
	char name[NAMEMAX + 1];
	size_t n = 0;
	uint64_t v = 0;

	if (!of0("run"))
		return;
	for (; arg[n] != ' ' && arg[n] != '\0' && n < NAMEMAX; n++)
		name[n] = arg[n];
	name[n] = '\0';
	const char *rest = arg + n;
	while (*rest == ' ')
		rest++;
	if (*rest != '\0' &&
	    ((rest = readnumber(rest, &v)) == NULL || *rest != '\0'))
		print("run: %s: expected a program and a number\n", arg);
	else
		run(name, v);
	processtidy();
}
