/*
 * monitoredruns.c - programs that the monitor is asked to run: none does, but
 * who watches is asked once.
 */
#include "hooks.h"
#include "monitored.h"

const Builtin builtins[] = {
    {"init", NULL, NULL}, {"spin", NULL, NULL}, {NULL, NULL, NULL}};

static Runasked *watcher;

void
processwatch(Runasked *asked, enum runtime time)
{
	if ((time == RUNENDLESS) != (asked != NULL))
		panic("it is%s watched", asked != NULL ? "" : " not");
	watcher = asked;
}

void
processtidy(void)
{
	print("<tidy>");
}

/* One look at who watches. */
static const char *
play(size_t most, Processrun *r)
{
	static const char *const words[] = {
	    [RUNGOON] = "on", [RUNSTOP] = "stop", [RUNEND] = "end"};
	enum runasked what = watcher();

	print("<%zu %s>", most, words[what]);
	monitored.run.nleft = what == RUNSTOP ? 2 : 0;
	*r = monitored.run;
	return monitored.whynot;
}

const char *
processrun(const char *name, uint64_t arg, size_t most, Processrun *r)
{
	print("<run %s %ju>", name, (uintmax_t)arg);
	return play(most, r);
}

const char *
processgoon(size_t most, Processrun *r)
{
	print("<goon>");
	return play(most, r);
}

bool
processnext(int pid, Processinfo *i)
{
	if (pid >= (int)monitored.run.nleft)
		return false;
	*i = (Processinfo){.pid = pid + 1, .name = "init", .state = "ready"};
	return true;
}

bool
processlast(Processrun *r)
{
	*r = monitored.run;
	return r->nprocs != 0;
}

pte_t
mmuallowed(const Space *s, pte_t flags)
{
	(void)s;
	return monitored.nonx ? 0 : flags;
}

/* It has none. */
const Physseg *
findphysseg(const char *name)
{
	(void)name;
	return NULL;
}

Space kspace;
const char Enoent[] = "no program of that name";
