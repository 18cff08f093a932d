/*
 * cost.c - what the kernel's help costs, in counts of the time stamp counter:
 * a line for each kind, the least of some rounds, as an interrupt may come into
 * any. tests/bench/user.py makes instructions of them.
 */
#include "user.h"

enum {
	ROUNDS = 3,
	NPAGE = 100, /* that are touched, one after another */
	MANY = 1000, /* pages that a fork is to copy, side by side */
	APART =
	    256, /* pages of a Pte: one in each has the same Ptes and tables */
};

static uint64_t
now(void)
{
	uint32_t low = 0;
	uint32_t high = 0;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static void
touch(uint8_t *p, size_t npages, size_t step)
{
	for (size_t i = 0; i < npages; i++)
		*(volatile uint8_t *)&p[i * step * PAGE] = 1;
}

static void
back(uint8_t *p)
{
	ask(SYSBRK, (uintptr_t)p, 0, 0);
}

/* Nothing at all; then a system call that looks nothing up. */
static int64_t
nothing(void)
{
	uint64_t start = now();

	return (int64_t)(now() - start);
}

static int64_t
call(void)
{
	uint64_t start = now();

	ask(SYSGETPID, 0, 0, 0);
	return (int64_t)(now() - start);
}

/* A page that was never there: all of NPAGE, with what tables they take. */
static int64_t
zero(void)
{
	uint8_t *p = more(NPAGE * PAGE);
	uint64_t start = now();

	touch(p, NPAGE, 1);
	int64_t took = (int64_t)(now() - start) / NPAGE;
	back(p);
	return took;
}

/* Run by a child, whose parent waits: its status is what it took. */
static int64_t
inchild(int64_t (*fn)(uint8_t *), uint8_t *p)
{
	int64_t status = -1;

	if (fork() == 0)
		exit((int)fn(p));
	wait(&status);
	return status;
}

static int64_t
copies(uint8_t *p)
{
	uint64_t start = now();

	touch(p, NPAGE, 1);
	return (int64_t)(now() - start) / NPAGE;
}

/* A page that a parent has too. */
static int64_t
copied(void)
{
	uint8_t *p = more(NPAGE * PAGE);

	touch(p, NPAGE, 1);
	int64_t took = inchild(copies, p);
	back(p);
	return took;
}

/* A child that does nothing, from fork to what wait returns. */
static int64_t
child(void)
{
	int64_t status = 0;
	uint64_t start = now();

	if (fork() == 0)
		exit(0);
	wait(&status);
	return (int64_t)(now() - start);
}

static int64_t
childof(size_t npages, size_t step)
{
	uint8_t *p = more(npages * step * PAGE);

	touch(p, npages, step);
	int64_t took = child();
	back(p);
	return took;
}

static int64_t
childof1(void)
{
	return childof(1, 1);
}

static int64_t
childofmany(void)
{
	return childof(MANY, 1);
}

/* As many tables as MANY pages side by side have, and a page in each. */
static int64_t
childofapart(void)
{
	return childof(MANY / APART + 1, APART);
}

static void
least(const char *name, int64_t (*fn)(void))
{
	int64_t best = INT64_MAX;

	for (int i = 0; i < ROUNDS; i++) {
		int64_t took = fn();

		best = took < best ? took : best;
	}
	saynumber(name, best);
}

int
main(uint64_t arg)
{
	(void)arg;
	least("nothing", nothing);
	least("call", call);
	least("zero", zero);
	least("copied", copied);
	least("child", childof1);
	least("child-1000", childofmany);
	least("child-apart", childofapart);
	return 0;
}
