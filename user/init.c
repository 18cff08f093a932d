/*
 * init.c - the first process: starts the others, one after another, and looks
 * at what becomes of each. Its status is how many ended otherwise than they
 * should.
 */
#include "user.h"

typedef struct Trial Trial;

struct Trial {
	const char *name;
	uint64_t arg;
	int64_t status;
};

/* What forbid.c tries, by number, and how each of it ends. */
static const int64_t forbidden[] = {
    ENDEDADDR,  /* 0: reads the kernel */
    ENDEDADDR,  /* writes it */
    ENDEDADDR,  /* runs it */
    ENDEDADDR,  /* reads address 0 */
    ENDEDADDR,  /* writes its own text */
    ENDEDADDR,  /* RUNDATA: runs its data */
    ENDEDADDR,  /* its stack beyond the limit */
    ENDEDWRONG, /* halts the machine */
    ENDEDWRONG, /* switches interrupts off */
    ENDEDWRONG, /* reads a control register */
    ENDEDWRONG, /* writes to a port */
    ENDEDWRONG, /* an interrupt that is the kernel's */
    ENDEDWRONG, /* a breakpoint */
    ENDEDWRONG, /* single stepping */
    ENDEDWRONG, /* the x87 */
    ENDEDWRONG, /* SSE */
    ENDEDWRONG, /* no instruction */
    ENDEDWRONG, /* a division by zero */
    ENDEDWRONG, /* an address that cannot be */
    ENDEDADDR,  /* a system call with a stack that is none, then that */
    0,          /* 20: system calls with wild pointers, refused */
    0,          /* its flags, whatever they were, are its own after one */
    0,          /* registers that the kernel had are not seen */
    ENDEDWRONG, /* SYSENTER */
    ENDEDWRONG, /* the NMI's gate */
    ENDEDWRONG, /* a breakpoint that waits for MOV SS */
    ENDEDWRONG, /* a step into a system call */
    ENDEDWRONG, /* 27: the same, that waits for MOV SS */
    ENDEDWRONG, /* back from one to a stack that is no address */
    ENDEDWRONG, /* reads a model-specific register */
    ENDEDWRONG, /* 30: writes one */
    ENDEDWRONG, /* loads a table of segments */
    ENDEDWRONG, /* of vectors */
    ENDEDWRONG, /* sets breakpoints */
    ENDEDWRONG, /* drops translations */
    ENDEDWRONG, /* allows the x87 */
    ENDEDWRONG, /* SWAPGS */
    ENDEDWRONG, /* SYSRET */
    ENDEDWRONG, /* empties caches */
    ENDEDWRONG, /* 39: reads a port */
};

enum { RUNDATA = 5 };

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
	return i == RUNDATA && (cpu & RUNSDATA) ? FORGIVEN : forbidden[i];
}

int
main(uint64_t arg)
{
	const size_t n = sizeof trials / sizeof trials[0];
	const size_t nforbidden = sizeof forbidden / sizeof forbidden[0];
	int64_t status = 0;
	int wrong = 0;

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
