/*
 * checkcpus.c - the check of several CPUs, which are threads here: good where
 * all is well, and what it says of all else; but of translations that a CPU
 * keeps, as threads have none: tests/qemu/test_checks.py.
 *
 * needs: kern/format.c tests/host/heap.c
 * covers: kern/checkcpus.c
 * builds: san tsan
 */
#include "unit.h"
#include "heap.h"
#include "halt.h"
#include "../../arch/amd64/include/trap.h"
#include "../../kern/checkcpus.c"

#include <pthread.h>
#include <sched.h>

enum { NCPU = 5, NPAGE = 2000 };

static struct {
	size_t up;     /* CPUs */
	size_t absent; /* of those that take part */
	bool nofault, panics, faults;
	void (*after)(void); /* all have ended: what they did besides */
} play;

static _Thread_local size_t self;

size_t
cpunumber(void)
{
	return self;
}

size_t
ncpus(void)
{
	return NCPU;
}

/* The last ones. */
bool
cpuup(size_t n)
{
	return n == 0 || n >= NCPU - (play.up - 1);
}

typedef struct Job Job;
struct Job {
	pthread_t thread;
	size_t n;
	void (*fn)(void *arg);
	void *arg;
};

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
	Job job[NCPU] = {{.n = 0}};
	size_t given = 1;

	assert_int_equal(self, 0);
	for (size_t n = 1; n < NCPU && given + play.absent < most; n++)
		if (cpuup(n)) {
			Job *j = &job[given++];

			*j = (Job){.n = n, .fn = fn, .arg = arg};
			pthread_create(&j->thread, NULL, run1, j);
		}
	fn(arg);
	for (size_t i = 1; i < given; i++)
		pthread_join(job[i].thread, NULL);
	if (play.after != NULL)
		play.after();
	return given;
}

/* Where all come, nobody's patience ends. */
uint64_t
rest(Patience *p)
{
	sched_yield();
	p->spent += play.absent != 0 ? MEETUS / 10 : 0;
	return p->spent;
}

void
relax(void)
{
	sched_yield();
}

bool
provoke(const char *name)
{
	fail_msg("%s was not caught", name);
	return false;
}

bool
faults(void (*fn)(void *), void *arg, Caught *what)
{
	memset(what, 0, sizeof *what);
	if (fn == badinstruction)
		return !play.nofault;
	if ((play.panics || play.faults) && self == NCPU - 1) {
		what->vector = play.panics ? NOVECTOR : TRAPPF;
		return true;
	}
	fn(arg);
	return false;
}

static char detail[256];

static int
setup(void **state)
{
	(void)state;
	heapcpus(NCPU);
	heapmachine(1, 8 * MiB, NPAGE);
	heappages();
	memset(&play, 0, sizeof play);
	play.up = 3;
	detail[0] = '\0';
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostrefuse(SIZE_MAX);
	hostwidest(SIZE_MAX);
	return 0;
}

static void
assert_check(enum verdict want, const char *says)
{
	detail[0] = '\0';
	assert_int_equal(checkcpus(detail, sizeof detail), want);
	assert_string_equal(detail, says);
}

static void
all_that_are_up_take_part(void **state)
{
	char says[20];

	(void)state;
	for (play.up = 2; play.up <= NCPU; play.up++) {
		size_t n = MIN(play.up, (size_t)MOSTTOGETHER);

		sprintf(says, "%zu at once", n);
		assert_check(OK, says);
		assert_int_equal(all.numbers, n);
	}
}

static void
one_alone_is_not_checked(void **state)
{
	(void)state;
	play.up = 1;
	assert_check(SKIPPED, "there is one");
	play.up = 2;
	hostwidest(0);
	assert_check(SKIPPED, "no address space");
}

static void
one_that_does_not_come_is_said(void **state)
{
	(void)state;
	play.absent = 1;
	assert_check(FAILED, "one CPU did not come");
}

static void
one_that_ends_otherwise_is_said(void **state)
{
	(void)state;
	play.panics = true;
	assert_check(FAILED, "one panicked");
	play.panics = false;
	play.faults = true;
	assert_check(FAILED, "a fault");
	play.faults = false;
	play.nofault = true;
	assert_check(FAILED, "no fault came");
}

static Blockhead *
someblock(void)
{
	size_t i = 0;

	while (all.shared[i] == NULL)
		assert_in_range(++i, 0, NSHARED - 1);
	return all.shared[i];
}

static uint64_t *
somepage(void)
{
	size_t i = 0;

	while (all.page[i] == NULL)
		assert_in_range(++i, 0, NSHARED - 1);
	return kmap(all.page[i]);
}

static void
spoilself(void)
{
	someblock()->self++;
}

static void
spoilsize(void)
{
	someblock()->size += MOSTSIZE;
}

static void
spoilblock(void)
{
	Blockhead *b = someblock();

	((uint8_t *)b)[b->size - 1] ^= 1;
}

static void
spoilpage(void)
{
	somepage()[0]++;
}

static void
spoilend(void)
{
	somepage()[BY2PG / sizeof(uint64_t) - 1]++;
}

/* The block is seen first, and said. */
static void
spoilboth(void)
{
	size_t i = NSHARED - 1;

	while (all.page[i] == NULL)
		assert_in_range(--i, 0, NSHARED - 1);
	((uint64_t *)kmap(all.page[i]))[0]++;
	spoilself();
}

static void
losepage(void)
{
	size_t i = 0;

	while (all.page[i] == NULL)
		assert_in_range(++i, 0, NSHARED - 1);
	all.page[i] = NULL;
}

/* By somebody who does not own it. */
static void
what_was_written_or_lost_is_said(void **state)
{
	static const struct {
		void (*how)(void);
		const char *says;
	} cases[] = {{spoilself, "a block was written by another"},
	    {spoilsize, "a block was written by another"},
	    {spoilblock, "a block was written by another"},
	    {spoilpage, "a page was written by another"},
	    {spoilend, "a page was written by another"},
	    {spoilboth, "a block was written by another"},
	    {losepage, "pages are missing"}};

	for (size_t i = 0; i < nelem(cases); i++) {
		setup(state);
		play.after = cases[i].how;
		assert_check(FAILED, cases[i].says);
	}
}

static void
where_no_page_is_left_that_is_said(void **state)
{
	static Page *taken[NPAGE];
	size_t n = 0;

	(void)state;
	while ((taken[n] = newpage(NOCLEAR, 0)) != NULL)
		assert_in_range(++n, 0, NPAGE - 1);
	assert_check(FAILED, "no page");
	while (n > 0)
		putpage(taken[--n]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(all_that_are_up_take_part),
	    TEST(one_alone_is_not_checked),
	    TEST(one_that_does_not_come_is_said),
	    TEST(one_that_ends_otherwise_is_said),
	    TEST(what_was_written_or_lost_is_said),
	    TEST(where_no_page_is_left_that_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
