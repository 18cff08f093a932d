/*
 * lock.c - the metal's locks: who gets one, who waits, for how long; who is
 * named if that is in vain. Threads, and schedules that are made.
 *
 * arch/lock.c is compiled here under other names, as this machine has locks of
 * its own. A CPU that waits calls rest(), where the test does what others do.
 *
 * covers: arch/lock.c
 * builds: san tsan
 */
#include "unit.h"
#include "cpus.h"
#include "../../arch/mates.h"
#include "patience.h"
#include "stop.h"

#include <pthread.h>
#include <sched.h>

#define lock metallock
#define unlock metalunlock
#define canlock metalcanlock
void lock(Lock *l);
void unlock(Lock *l);
bool canlock(Lock *l);
#include "../../arch/lock.c"

enum { NCPU = 4, NTHREAD = 3, NTIMES = 20000, STEPUS = 50 };

static _Thread_local size_t self;
static Lock l;
static bool gone[NCPU];
static size_t answers;
static size_t asksstop; /* so often one is asked to stop */

/* While a CPU waits: what the others do; NULL: nothing but time passes. */
static _Thread_local void (*meanwhile)(size_t nth);
static _Thread_local size_t nth;

size_t
cpunumber(void)
{
	return self;
}

bool
mategone(size_t n)
{
	return gone[n];
}

bool
stopasked(void)
{
	return asksstop != 0 && asksstop-- != 0;
}

void
barrieranswer(void)
{
	__atomic_add_fetch(&answers, 1, __ATOMIC_RELAXED);
}

uint64_t
rest(Patience *p)
{
	p->spent += STEPUS;
	p->last = p->spent;
	if (meanwhile != NULL)
		meanwhile(++nth);
	else
		sched_yield();
	return p->spent;
}

uint64_t
sofar(const Patience *p)
{
	return p->last - p->first;
}

static int
setup(void **state)
{
	(void)state;
	self = 0;
	memset(&l, 0, sizeof l);
	memset(gone, 0, sizeof gone);
	answers = 0;
	asksstop = 0;
	nth = 0;
	meanwhile = NULL;
	return 0;
}

/* What CPU n does, while another one waits. */
static bool
takes(size_t n)
{
	return locktake(&l, (uint32_t)n + 1);
}

static void
lets(size_t n)
{
	size_t me = self;

	self = n;
	unlock(&l);
	self = me;
}

static void
who_has_it_is_named(void **state)
{
	(void)state;
	for (self = 0; self < MOSTCPUS; self += MOSTCPUS - 1) {
		lock(&l);
		assert_int_equal(l.holder, self + 1);
		assert_int_not_equal(l.pc, 0);
		unlock(&l);
		assert_int_equal(l.holder, 0);
		assert_int_equal(
		    l.pc, 0); /* where the next one was is not said yet */
	}
	assert_int_equal(answers, 2);
	assert_int_equal(nth, 0);
}

static void
ones_own_is_not_waited_for(void **state)
{
	(void)state;
	for (self = 0; self < NCPU; self++) {
		lock(&l);
		assert_panics(lock(&l), "is held already");
		assert_int_equal(nth, 0);
		unlock(&l);
	}
}

static void
only_who_has_it_lets_it_go(void **state)
{
	(void)state;
	assert_panics(unlock(&l), "held by CPU -1");
	self = 2;
	lock(&l);
	self = 1;
	assert_panics(unlock(&l), "held by CPU 2");
	lets(2);
}

/* Nor by who only would like to have it. */
static void
it_can_be_had_or_not_at_once(void **state)
{
	(void)state;
	assert_true(canlock(&l));
	assert_int_equal(l.holder, 1);
	assert_int_not_equal(l.pc, 0);
	assert_false(canlock(&l));
	self = 2;
	assert_false(canlock(&l));
	assert_int_equal(nth, 0);
	lets(0);
	assert_true(canlock(&l));
	lets(2);
}

static void
letsgoat5(size_t n)
{
	if (n == 5)
		lets(2);
}

static void
it_is_waited_for(void **state)
{
	(void)state;
	assert_true(takes(2));
	meanwhile = letsgoat5;
	lock(&l);
	assert_int_equal(nth, 5);
	assert_int_equal(l.holder, 1);
	assert_int_equal(l.due, 0);
	unlock(&l);
}

static void
waits(size_t n)
{
	(void)n;
}

/* After 30 s, which is long for the slowest machine. */
static void
it_is_not_waited_for_for_ever(void **state)
{
	char want[100];

	(void)state;
	self = 3;
	lock(&l);
	self = 1;
	meanwhile = waits;
	sprintf(want, "held by CPU 3, which took it at %#jx", (uintmax_t)l.pc);
	assert_panics(lock(&l), want);
	assert_in_range(nth * STEPUS, 30000000, 30000000 + STEPUS);
	assert_int_equal(l.holder, 4);
	assert_int_equal(l.due, 0); /* nor does it claim it any more */
}

/* A claim of higher rank than any wait gets, of a CPU that never comes. */
static void
nor_for_one_that_is_due_and_does_not_come(void **state)
{
	(void)state;
	l.due = (uint32_t)MOSTRANK << DUEBITS | 3;
	meanwhile = waits;
	assert_panics(lock(&l), "is free, and CPU 2 due");
}

static void
one_that_has_stopped_is_not_waited_for(void **state)
{
	(void)state;
	assert_true(takes(2));
	gone[2] = true;
	meanwhile = waits;
	assert_panics(lock(&l), "held by CPU 2, which took it at");
	assert_panics(lock(&l), "and has stopped");
	assert_in_range(nth, 0, 2);
}

static void
letsgoandstops(size_t n)
{
	if (n == 1) {
		lets(2);
		gone[2] = true;
	}
}

static void
one_that_stopped_without_it_is_not_blamed(void **state)
{
	(void)state;
	self = 2;
	lock(&l);
	self = 0;
	meanwhile = letsgoandstops;
	lock(&l);
	assert_int_equal(nth, 1);
	unlock(&l);
}

static void
nor_is_its_claim(void **state)
{
	(void)state;
	l.due = (uint32_t)MOSTRANK << DUEBITS | 3;
	gone[2] = true;
	meanwhile = waits;
	lock(&l);
	assert_int_equal(nth, 0);
	assert_int_equal(l.due, 0);
}

/* Its own NMI is on its way: it says nothing of the other. */
static void
who_is_to_stop_too_blames_nobody(void **state)
{
	(void)state;
	assert_true(takes(2));
	gone[2] = true;
	asksstop = 7;
	meanwhile = waits;
	assert_panics(lock(&l), "and has stopped");
	assert_int_equal(nth, 8);
}

/* It comes and goes, always just before us, until we say that it is due. */
static void
goesbefore(size_t n)
{
	(void)n;
	lets(2);
	assert_int_equal(takes(2), l.due == 0);
}

static void
who_waits_long_is_next(void **state)
{
	(void)state;
	assert_true(takes(2));
	meanwhile = goesbefore;
	lock(&l);
	assert_in_range(nth * STEPUS, DUEUS, DUEUS + 2 * STEPUS);
	assert_int_equal(l.due, 0);
	unlock(&l);
	assert_true(takes(2));
}

static void
who_waits_longer_is_before_that(void **state)
{
	(void)state;
	assert_true(takes(0));
	lockclaim(&l, 2, 0); /* not yet */
	assert_int_equal(l.due, 0);
	lockclaim(&l, 2, 1);
	lockclaim(&l, 3, 1); /* no longer than that one */
	lockclaim(&l, 4, 2);
	lockclaim(&l, 2, 1);
	lets(0);
	assert_false(takes(0));
	assert_false(takes(1));
	assert_false(takes(2));
	assert_true(takes(3));
	assert_int_equal(l.due, 0);
}

/* It has the lock when it is overruled: the other one stays due. */
static void
a_claim_goes_with_its_own_lock_only(void **state)
{
	(void)state;
	lockclaim(&l, 2, 1);
	assert_true(takes(1));
	lockclaim(&l, 3, 1);
	lets(1);
	assert_false(takes(1));
	assert_true(takes(2));
	assert_int_equal(l.due, 0);
}

/* CPUs step by step, as lockwait has it, and how long a step takes. */
enum { STEPSDUE = 40, TICKUS = DUEUS / STEPSDUE };

static struct {
	uint64_t since;
	bool waits;
	size_t bypassed; /* by others, since then */
} played[NCPU];
static uint64_t now;
static size_t holder;

static void
begin(void **state)
{
	setup(state);
	memset(played, 0, sizeof played);
	now = 0;
	holder = NCPU;
}

static void
served(size_t n)
{
	for (size_t i = 0; i < NCPU; i++)
		played[i].bypassed += i != n && played[i].waits;
	played[n].bypassed = 0;
	played[n].waits = false;
	holder = n;
}

/* CPU n runs for one step. */
static void
step(size_t n)
{
	now += TICKUS;
	if (holder == n) {
		lets(n);
		holder = NCPU;
		return;
	}
	if (played[n].waits)
		lockclaim(&l, (uint32_t)n + 1, (now - played[n].since) / DUEUS);
	else
		played[n].since = now;
	played[n].waits = true;
	if (takes(n))
		served(n);
}

/*
 * Others come and go in any order. CPU 0 runs once in DUEUS, and only when it
 * is of no use to it: while another one has the lock.
 */
static void
nobody_starves_however_they_are_run(void **state)
{
	size_t most = 0;

	for (uint32_t seed = 0; seed < 1000; seed++) {
		uint32_t r = seed;
		int idle = 0;

		begin(state);
		for (int i = 0; i < 3000; i++) {
			r = r * 1664525 + 1013904223;
			size_t n = 1 + (r >> 16) % (NCPU - 1);

			if (holder == 0 ||
			    (++idle > STEPSDUE / 2 && holder != NCPU) ||
			    idle == STEPSDUE) {
				n = 0;
				idle = 0;
			}
			step(n);
			most = MAX(most, played[0].bypassed);
		}
	}
	/* until there is a claim, each second step at most takes it */
	assert_in_range(most, NCPU, 2 * STEPSDUE / 2 + 2 * (NCPU - 1));
}

/* Once it stands: each that was as long there, and what was under way. */
static void
a_claim_is_passed_twice_by_each_at_most(void **state)
{
	for (uint32_t seed = 0; seed < 1000; seed++) {
		size_t since = 0;
		uint32_t r = seed;

		begin(state);
		for (int i = 0; i < 3000; i++) {
			r = r * 22695477 + 1;
			bool mine = i % (STEPSDUE / 4) == 0;

			step(mine ? 0 : (r >> 16) % NCPU);
			if (!played[0].waits ||
			    now - played[0].since < DUEUS + DUEUS / 4)
				since = played[0].bypassed;
			assert_in_range(
			    played[0].bypassed - since, 0, 2 * (NCPU - 1));
		}
	}
}

/* Its CPU does not run any more, or not for long: others wait a bit longer. */
static void
a_claim_of_one_that_does_not_run_is_overruled(void **state)
{
	size_t steps = 0;

	(void)state;
	lockclaim(&l, 3, 4);
	for (uint64_t us = 0; !takes(1); us += STEPUS, steps++)
		lockclaim(&l, 2, us / DUEUS);
	assert_in_range(steps * STEPUS, 4 * DUEUS, 6 * DUEUS);
}

static size_t shared;

static void *
counts(void *arg)
{
	self = (size_t)arg;
	for (int i = 0; i < NTIMES; i++) {
		lock(&l);
		shared++;
		unlock(&l);
	}
	return NULL;
}

static void
one_at_a_time_has_it(void **state)
{
	pthread_t t[NTHREAD];

	(void)state;
	shared = 0;
	for (size_t i = 0; i < NTHREAD; i++)
		assert_int_equal(
		    pthread_create(&t[i], NULL, counts, (void *)i), 0);
	for (int i = 0; i < NTHREAD; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(shared, NTHREAD * NTIMES);
	assert_int_equal(l.holder, 0);
	assert_int_equal(l.due, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(who_has_it_is_named),
	    TEST(ones_own_is_not_waited_for),
	    TEST(only_who_has_it_lets_it_go),
	    TEST(it_can_be_had_or_not_at_once),
	    TEST(it_is_waited_for),
	    TEST(it_is_not_waited_for_for_ever),
	    TEST(nor_for_one_that_is_due_and_does_not_come),
	    TEST(one_that_has_stopped_is_not_waited_for),
	    TEST(who_is_to_stop_too_blames_nobody),
	    TEST(one_that_stopped_without_it_is_not_blamed),
	    TEST(nor_is_its_claim),
	    TEST(who_waits_long_is_next),
	    TEST(who_waits_longer_is_before_that),
	    TEST(a_claim_goes_with_its_own_lock_only),
	    TEST(nobody_starves_however_they_are_run),
	    TEST(a_claim_is_passed_twice_by_each_at_most),
	    TEST(a_claim_of_one_that_does_not_run_is_overruled),
	    TEST(one_at_a_time_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
