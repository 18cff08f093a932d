/*
 * Two CPUs free the same block at once: one of them is stopped, whichever
 * instruction of one's free the other's comes between.
 *
 * The one is run an instruction at a time, by the processor's trap flag; before
 * one of them, the other frees the block too, all at once. It is not tried
 * where the one holds a lock: the other might wait for it.
 *
 * needs: tests/host/heap.c
 */
#include "unit.h"

#include "take.h"

#include "heap.h"
#include "xalloc.h"

#include <signal.h>
#include <ucontext.h>

enum { STRIDE = 24 }; /* of a long one, not before each */

typedef struct Op Op;

/* A way to free what prepare returned. */
struct Op {
	const char *name;
	void *(*prepare)(void);
	void (*run)(void *p);
};

static const Op *op;
static void *shared;

/* The instruction before which the other CPU comes, and how many there were. */
static volatile size_t when;
static volatile size_t steps;
static volatile bool came;

static void *
small(void)
{
	for (int cpu = 1; cpu >= 0; cpu--) {
		hostcpu(cpu);
		free(malloc(100));
	}
	return malloc(100);
}

/* This CPU has no magazine for it yet. */
static void *
others(void)
{
	hostcpu(1);
	void *p = malloc(100);
	hostcpu(0);
	return p;
}

static void *
large(void)
{
	return malloc(100000);
}

static void *
early(void)
{
	return xallocz(1000, false);
}

static void
freeit(void *p)
{
	free(p);
}

static void
reallocit(void *p)
{
	assert_null(realloc(p, 0));
}

static const Op ops[] = {
    {"free", small, freeit},
    {"free on another CPU", others, freeit},
    {"free of a large one", large, freeit},
    {"realloc to nothing", small, reallocit},
    {"xfree", early, xfree},
};

static void
trap(int sig, siginfo_t *info, void *context)
{
	ucontext_t *c = context;

	(void)sig;
	(void)info;
	if (++steps < when || hostheld() > 0)
		return;
	c->uc_mcontext.gregs[REG_EFL] &= ~0x100ll;
	came = true;
	hostcpu(1);
	op->run(shared);
	hostcpu(0);
}

static void
trace(bool on)
{
	if (on)
		__asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq" ::
				     : "memory", "cc");
	else
		__asm__ volatile("pushfq; andq $~0x100, (%%rsp); popfq" ::
				     : "memory", "cc");
}

__attribute__((noinline)) static void
traced(void)
{
	trace(true);
	op->run(shared);
	trace(false);
}

/* Does this schedule end in a panic that names the block? */
static void
schedule(size_t k)
{
	char address[32];

	heapmachine(1, 4 * MiB, 0);
	shared = op->prepare();
	snprintf(address, sizeof address, "%p", shared);
	hostquiet();
	when = k;
	steps = 0;
	came = false;
	bool stopped = panics(traced());
	trace(false);
	hostcpu(0);
	if (stopped != came)
		fail_msg("%s: the other came at %zu: %s", op->name, steps,
		    stopped ? hostpanic() : "nobody noticed");
	if (stopped && strstr(hostpanic(), address) == NULL)
		fail_msg("'%s' does not name %s", hostpanic(), address);
}

static void
two_cpus_cannot_free_a_block_at_once(void **state)
{
	struct sigaction a = {
	    .sa_sigaction = trap, .sa_flags = SA_SIGINFO | SA_NODEFER};

	(void)state;
	sigaction(SIGTRAP, &a, NULL);
	for (size_t i = 0; i < nelem(ops); i++) {
		size_t tried = 0;
		op = &ops[i];
		came = true;
		for (size_t k = 1; came; tried++) {
			schedule(k);
			k = MAX(k, steps);
			k += 1 + k / STRIDE;
		}
		assert_true(tried > 20);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_cpus_cannot_free_a_block_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
