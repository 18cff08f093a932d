/*
 * crew.c - see crew.h. Where all come to a meeting nobody's patience ends;
 * where one is absent it soon does.
 */
#include "crew.h"
#include "cpus.h"
#include "halt.h"
#include "host.h"
#include "patience.h"
#include "../../arch/amd64/include/trap.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

struct crew crew;
static _Thread_local size_t self;

typedef struct Job Job;
struct Job {
	pthread_t thread;
	size_t n;
	void (*fn)(void *arg);
	void *arg;
};

void
crewup(size_t up)
{
	memset(&crew, 0, sizeof crew);
	crew.up = up;
}

size_t
cpunumber(void)
{
	return self;
}

size_t
ncpus(void)
{
	return NCREW;
}

bool
cpuup(size_t n)
{
	return n == 0 || n >= NCREW - (crew.up - 1);
}

static void *
run1(void *job)
{
	Job *j = job;

	self = j->n;
	hostcpu((int)j->n);
	j->fn(j->arg);
	return NULL;
}

size_t
oncpus(size_t most, void (*fn)(void *), void *arg)
{
	Job job[NCREW];
	size_t given = 1;

	for (size_t n = 1; n < NCREW && given + crew.absent < most; n++) {
		Job *j = &job[given];

		if (!cpuup(n))
			continue;
		*j = (Job){.n = n, .fn = fn, .arg = arg};
		given++;
		pthread_create(&j->thread, NULL, run1, j);
	}
	fn(arg);
	for (size_t i = 1; i < given; i++)
		pthread_join(job[i].thread, NULL);
	if (crew.after != NULL)
		crew.after();
	return given;
}

uint64_t
rest(Patience *p)
{
	sched_yield();
	p->spent += crew.absent != 0 ? 10000000 : 0;
	return p->spent;
}

void
relax(void)
{
	sched_yield();
}

bool
faults(void (*fn)(void *), void *arg, Caught *what)
{
	memset(what, 0, sizeof *what);
	if (crew.faulty != 0 && self == crew.faulty) {
		what->vector = crew.vector;
		return true;
	}
	fn(arg);
	return false;
}
