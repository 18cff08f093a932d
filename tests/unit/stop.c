/*
 * stop.c - one CPU reports and all others stop: in every order, and at once.
 *
 * arch/stop.c stands on arch/mates.c. A CPU that waits calls waited(), where
 * the test does what others do; one that halts for good goes back into the
 * test, or ends its thread.
 *
 * covers: arch/stop.c
 * builds: san tsan
 */
#include "unit.h"
#include "cpus.h"
#include "halt.h"
#include "patience.h"
#include "stop.h"
#include "../../arch/mates.h"

#include <pthread.h>
#include <sched.h>

enum { NCPU = 4, NROUND = 200, STEPUS = 100000 };

static _Thread_local size_t self;
static Mate machines[NCPU];
static bool deaf[NCPU];
static uint32_t nmis[NCPU]; /* sent, and not yet there */
static jmp_buf halted;
static bool threads;
static void (*meanwhile)(size_t n);
static size_t nth;
static bool leaving; /* who leaves must have said where it is */
static size_t left;

size_t
cpunumber(void)
{
	return self;
}

Mate *
mateof(size_t n)
{
	return &machines[n];
}

size_t
nmates(void)
{
	return NCPU;
}

void
mateleft(size_t n)
{
	if (leaving) {
		assert_int_not_equal(machines[n].stopped, NOTSTOPPED);
		left++;
	}
	__atomic_exchange_n(&machines[n].at, MATEGONE, __ATOMIC_SEQ_CST);
}

void
mateback(void)
{
	assert_int_equal(self, 0);
	__atomic_exchange_n(&machines[0].at, MATEBUSY, __ATOMIC_SEQ_CST);
}

bool
mategone(size_t n)
{
	return __atomic_load_n(&machines[n].at, __ATOMIC_SEQ_CST) == MATEGONE;
}

void
matenmi(const Mate *p)
{
	size_t n = (size_t)(p - machines);

	__atomic_add_fetch(&nmis[n], 1, __ATOMIC_SEQ_CST);
}

static Context
place(size_t n)
{
	return (Context){.pc = 0x1000 + n, .fp = 0x2000 + n};
}

/* An NMI comes, if one was sent; true if it is to go on in stayup. */
static bool
nmi(size_t n)
{
	size_t me = self;
	bool up = false;

	if (__atomic_exchange_n(&nmis[n], 0, __ATOMIC_SEQ_CST) == 0 || deaf[n])
		return false;
	self = n;
	if (stopasked())
		up = stopnow(place(n));
	self = me;
	return up;
}

uint64_t
waited(Patience *p)
{
	if (threads) {
		if (nmi(self))
			abort(); /* it waits already */
		sched_yield();
		return 0; /* whoever comes at all is in time */
	}
	if (meanwhile != NULL)
		meanwhile(++nth);
	return p->spent += STEPUS;
}

void
haltforever(void)
{
	if (threads)
		pthread_exit(NULL);
	longjmp(halted, 1);
}

bool
unwind(Context *c)
{
	c->pc = c->fp != 0 ? c->fp + 0x5000 : 0;
	return c->fp != 0;
}

void
backtrace(Context c)
{
	print("trace %#jx\n", (uintmax_t)c.pc);
}

void
pcprint(uintptr_t pc)
{
	(void)pc;
}

/* The file itself, for its two words. */
#include "../../arch/stop.c"

static int
setup(void **state)
{
	(void)state;
	memset(machines, 0, sizeof machines);
	memset(deaf, 0, sizeof deaf);
	memset(nmis, 0, sizeof nmis);
	for (size_t i = 0; i < NCPU; i++)
		machines[i].at = i == 0 ? MATEBUSY : MATEIDLE;
	stopper = 0;
	shown = false;
	self = 0;
	nth = 0;
	leaving = false;
	left = 0;
	threads = false;
	meanwhile = NULL;
	hostquiet();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	return 0;
}

/* NMIs come to one CPU after another, which halt. */
static void
nmiscome(size_t n)
{
	size_t me = self;

	if (n < NCPU && n != me && setjmp(halted) == 0)
		nmi(n);
	self = me;
}

static void
all_others_stop_and_are_shown(void **state)
{
	(void)state;
	machines[2].at = MATEBUSY;
	meanwhile = nmiscome;
	assert_true(stopothers(place(0)));
	assert_int_equal(nth, 3);
	assert_true(stopmine());
	assert_false(stopasked());
	assert_int_equal(machines[0].at, MATEBUSY);
	stopshow();
	assert_said("CPU 1 waited for work at 0x1001\n"
		    "CPU 2 was at work at 0x1002\n"
		    "trace 0x1002\n"
		    "CPU 3 waited for work at 0x1003\n");
	hostquiet();
	stopshow();
	assert_said("");
}

/* And what was reported goes on to be: it is about the report. */
static void
the_second_of_its_own_stops_nobody(void **state)
{
	(void)state;
	meanwhile = nmiscome;
	assert_true(stopothers(place(0)));
	nth = 0;
	assert_true(stopothers(place(0)));
	assert_int_equal(nth, 0);
}

/* Nor those that never came: on their way it would be a reset. */
static void
who_is_not_there_is_sent_nothing(void **state)
{
	(void)state;
	machines[1].at = MATEABSENT;
	machines[2].at = MATEGONE;
	meanwhile = nmiscome;
	assert_true(stopothers(place(0)));
	assert_int_equal(nmis[1] + nmis[2], 0);
	stopshow();
	assert_said("CPU 2 had gone before\n"
		    "CPU 3 waited for work at 0x1003\n");
}

static void
who_does_not_answer_is_said(void **state)
{
	(void)state;
	deaf[1] = deaf[3] = true;
	meanwhile = nmiscome;
	assert_true(stopothers(place(0)));
	assert_int_equal(nth, 5000000 / STEPUS);
	assert_true(mategone(1) && mategone(3));
	stopshow();
	assert_said("CPU 1 does not answer an NMI\n"
		    "CPU 2 waited for work at 0x1002\n"
		    "CPU 3 does not answer an NMI\n");
}

/* Before it is seen gone. */
static void
who_is_gone_has_said_where(void **state)
{
	(void)state;
	leaving = true;
	meanwhile = nmiscome;
	assert_true(stopothers(place(0)));
	assert_int_equal(left, NCPU - 1);
}

/* CPU 0 waits until the report of another one is at its end. */
static void
endsat3(size_t n)
{
	if (n == 3) {
		self = 2;
		stopended();
		self = 0;
	}
}

/* Given up, and shown as that: it stops all the same when the NMI comes. */
static void
who_answers_late_stops_then(void **state)
{
	(void)state;
	deaf[1] = true;
	meanwhile = nmiscome;
	assert_true(stopothers(place(0)));
	assert_int_equal(machines[1].stopped, DEAF);
	deaf[1] = false;
	nmis[1] = 1;
	if (setjmp(halted) == 0) {
		nmi(1);
		fail();
	}
	self = 0;
	assert_int_equal(machines[1].stopped, DEAF);
}

/* It was CPU 0, and the report has been made: it goes on as after any. */
static void
the_first_cpu_answers_late_and_goes_on(void **state)
{
	(void)state;
	self = 2;
	deaf[0] = true;
	meanwhile = nmiscome;
	assert_true(stopothers(place(2)));
	stopended();
	self = 0;
	assert_true(mategone(0));
	deaf[0] = false;
	nmis[0] = 1;
	assert_true(nmi(0));
	assert_int_equal(machines[0].at, MATEBUSY);
	assert_false(stopasked());
}

/* It is not waited for, as it was sent nothing. */
static void
comesat1(size_t n)
{
	if (n == 1)
		machines[3].at = MATEIDLE;
	nmiscome(n);
}

static void
who_comes_meanwhile_is_left_alone(void **state)
{
	(void)state;
	machines[3].at = MATEABSENT;
	meanwhile = comesat1;
	assert_true(stopothers(place(0)));
	assert_int_equal(nth, 2);
	assert_int_equal(nmis[3], 0);
	assert_int_equal(machines[3].at, MATEIDLE);
}

/* CPU 0, which had an error of its own, hears it when all is told. */
static void
one_that_comes_after_the_report_is_no_fault(void **state)
{
	(void)state;
	self = 2;
	meanwhile = nmiscome;
	deaf[0] = true;
	assert_true(stopothers(place(2)));
	machines[0].stopped = NOTSTOPPED;
	self = 0;
	meanwhile = endsat3;
	nth = 0;
	assert_false(stopothers(place(0)));
	assert_int_equal(machines[0].at, MATEBUSY);
	assert_true(stopasked());
	assert_false(stopnow(place(0)));
	assert_false(stopasked());
}

/* Nor does it cut short what CPU 0 has to report itself by then. */
static void
nor_does_it_end_a_report(void **state)
{
	(void)state;
	self = 2;
	meanwhile = nmiscome;
	deaf[0] = true;
	assert_true(stopothers(place(2)));
	self = 2;
	stopended();
	self = 0;
	assert_true(stopothers(place(0)));
	assert_int_equal(machines[0].at, MATEBUSY);
	assert_true(stopasked());
	assert_false(stopnow(place(0)));
	assert_false(stopasked());
}

static void
the_first_cpu_goes_on_after_anothers_report(void **state)
{
	(void)state;
	self = 2;
	meanwhile = nmiscome;
	deaf[0] = true;
	assert_true(stopothers(place(2)));
	machines[0].stopped = NOTSTOPPED;
	deaf[0] = false;
	nth = 0;
	self = 0;
	assert_true(stopasked());
	meanwhile = endsat3;
	nmis[0] = 1;
	assert_true(nmi(0));
	assert_int_equal(nth, 3);
	assert_true(stopmine());
	assert_true(mategone(2));
	assert_int_equal(machines[2].stopped, REPORTED);
	assert_int_equal(machines[2].where.pc, 0x1002);
	assert_int_equal(machines[0].at, MATEBUSY);
	/* its own panics are reported now */
	assert_true(stopothers(place(0)));
}

/* It was about to report too: it says where, and is shown. */
static void
panicstoo(size_t n)
{
	if (n == 1 && setjmp(halted) == 0) {
		self = 3;
		stopothers((Context){.fp = 0x2003});
	}
	self = 1;
	nmiscome(n);
}

static void
of_two_one_reports(void **state)
{
	(void)state;
	machines[1].at = machines[3].at = MATEBUSY;
	deaf[0] = true;
	self = 1;
	meanwhile = panicstoo;
	assert_true(stopothers(place(1)));
	hostquiet();
	stopshow();
	assert_said("CPU 0 does not answer an NMI\n"
		    "CPU 2 waited for work at 0x1002\n"
		    "CPU 3 stopped by itself at 0x7003\n"
		    "trace 0x7003\n");
	/* an NMI that is late there says nothing new */
	nmis[3] = 1;
	assert_false(nmi(3));
	assert_int_equal(machines[3].where.fp, 0x2003);
}

static void
and_cpu_0_goes_on_if_it_was_the_other(void **state)
{
	(void)state;
	stopper = 3;
	meanwhile = endsat3;
	assert_false(stopothers(place(0)));
	assert_int_equal(machines[0].stopped, TOOLATE);
	assert_int_equal(nth, 3);
}

/* Threads: each finds an error at about the same time. */
static size_t reports, shownothers, wentup;

static void *
panics1(void *arg)
{
	self = (size_t)arg;
	if (stopothers(place(self))) {
		__atomic_add_fetch(&reports, 1, __ATOMIC_RELAXED);
		for (size_t i = 0; i < NCPU; i++)
			shownothers += i != self &&
				       stoppedof(&machines[i]) != NOTSTOPPED &&
				       (machines[i].where.pc == 0x1000 + i);
		if (self != 0) {
			stopended();
			return NULL;
		}
	}
	if (self == 0)
		__atomic_add_fetch(&wentup, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void
many_at_once_make_one_report(void **state)
{
	pthread_t t[NCPU];

	for (int i = 0; i < NROUND; i++) {
		setup(state);
		threads = true;
		reports = shownothers = wentup = 0;
		for (size_t k = 0; k < NCPU; k++)
			pthread_create(&t[k], NULL, panics1, (void *)k);
		for (size_t k = 0; k < NCPU; k++)
			pthread_join(t[k], NULL);
		assert_int_equal(reports, 1);
		assert_int_equal(wentup, 1);
		assert_int_equal(shownothers, NCPU - 1);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(all_others_stop_and_are_shown),
	    TEST(the_second_of_its_own_stops_nobody),
	    TEST(who_is_not_there_is_sent_nothing),
	    TEST(who_does_not_answer_is_said),
	    TEST(who_answers_late_stops_then),
	    TEST(who_is_gone_has_said_where),
	    TEST(the_first_cpu_answers_late_and_goes_on),
	    TEST(who_comes_meanwhile_is_left_alone),
	    TEST(one_that_comes_after_the_report_is_no_fault),
	    TEST(nor_does_it_end_a_report),
	    TEST(the_first_cpu_goes_on_after_anothers_report),
	    TEST(of_two_one_reports),
	    TEST(and_cpu_0_goes_on_if_it_was_the_other),
	    TEST(many_at_once_make_one_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
