/*
 * init.c - the first process: starts the others, one after another, and looks
 * at what becomes of each. Its status is how many ended otherwise than they
 * should. At the boot it is alone.
 */
#include "user.h"
#include "../include/forbidden.h"

typedef struct Trial Trial;

struct Trial {
	const char *name;
	uint64_t arg;
	int64_t status;
};

/* How each of what forbid.c tries ends. */
#define STATUS(what, status) status,
static const int64_t forbidden[] = {FORBIDDEN(STATUS)};

/* An argument: init's own. */
#define MACHINE UINT64_MAX

static const Trial trials[] = {
    {"tree", 5, 0},
    {"stack", 0, 0},
    {"memory", 0, 0},
    {"spin", 0, ENDEDLATE},
    {"turns", 0, 0},
    {"nap", 0, 0},
    {"share", MACHINE, 0},
    {"screen", MACHINE, 0},
};

/* Run it, and wait for it. */
static int64_t
run(const char *name, uint64_t arg)
{
	int64_t status = 0;
	int64_t pid = fork();

	if (pid == 0) {
		exec(name, arg);
		exit(99);
	}
	if (pid < 0)
		return pid * 1000;
	if (wait(&status) != pid)
		return 98;
	return status;
}

static int
trial(const char *name, uint64_t arg, int64_t want)
{
	int64_t is = run(name, arg);

	if (is == want)
		return 0;
	say(name);
	saynumber(" with", (int64_t)arg);
	saynumber(" ended with", is);
	return 1;
}

static int64_t
ending(size_t i, uint64_t cpu)
{
	return i == RUNSDATAROW && (cpu & RUNSDATA) ? FORGIVEN : forbidden[i];
}

int
main(uint64_t arg)
{
	const size_t n = sizeof trials / sizeof trials[0];
	const size_t nforbidden = sizeof forbidden / sizeof forbidden[0];
	int64_t status = 0;
	int wrong = 0;

	if (arg & ALONE) {
		say("the first process is here");
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		wrong += trial(trials[i].name,
		    trials[i].arg == MACHINE ? arg : trials[i].arg,
		    trials[i].status);
	for (size_t i = 0; i < nforbidden; i++)
		wrong += trial("forbid", i, ending(i, arg));
	if (wait(&status) != SYSECHILD) {
		say("a child is left that nobody started");
		wrong++;
	}
	saynumber("programs that ended otherwise than they should:", wrong);
	return wrong;
}
