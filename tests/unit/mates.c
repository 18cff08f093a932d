/*
 * mates.c - barriers and work of several CPUs: schedules that are made here,
 * and threads.
 *
 * A CPU that waits calls waited(), where the test does what others do
 * meanwhile, as one of them. A TLB is played: what each CPU has looked up it
 * keeps.
 *
 * Both files are compiled here, with other names for three hooks, as this
 * machine has its own.
 *
 * covers: arch/mates.c
 * covers: arch/work.c
 * builds: san tsan
 */
#include "unit.h"
#include "cpus.h"
#include "halt.h"
#include "../../arch/mates.h"
#include "patience.h"
#include "stop.h"

#include <pthread.h>
#include <sched.h>

#define cpubarrier metalbarrier
#define memwait metalmemwait
#define awaitzero metalawaitzero
void cpubarrier(void);
void memwait(const char *what, size_t tries);
void awaitzero(const uint32_t *word);
#include "../../arch/mates.c"
#include "../../arch/work.c"

enum { NCPU = 4, NSLOT = 3, NROUND = 300, MANY = 1000000 };

static _Thread_local size_t self;
static Mate machines[NCPU];
static size_t wakes[NCPU], drops[NCPU];
static size_t stepus = 1000;

/* What others do while one waits, for the n-th time. NULL: as threads. */
static void (*meanwhile)(size_t n);
static size_t nth;

/* Once, in the midst of dropping: an interrupt. */
static _Thread_local void (*inthemidst)(void);

static jmp_buf halted;
static size_t asksstop; /* so often one is asked to stop */

size_t
cpunumber(void)
{
	return self;
}

uint64_t
waited(Patience *p)
{
	if (meanwhile != NULL)
		meanwhile(++nth);
	else
		sched_yield();
	return p->spent += stepus;
}

bool
stopasked(void)
{
	return asksstop != 0 && asksstop-- != 0;
}

void
haltforever(void)
{
	longjmp(halted, 1);
}

void
runopen(void (*fn)(void *), void *arg)
{
	fn(arg);
}

void
matenmi(const Mate *p)
{
	(void)p;
}

void
matewake(const Mate *p)
{
	size_t n = (size_t)(p - machines);

	assert_in_range(n, 1, NCPU - 1);
	__atomic_add_fetch(&wakes[n], 1, __ATOMIC_RELAXED);
}

/* Pages that slots lead to; what each CPU has kept of that. */
static uint64_t *slot[NSLOT];
static uint64_t *kept[NCPU][NSLOT];

void
droptranslations(void)
{
	void (*fn)(void) = inthemidst;

	inthemidst = NULL;
	memset(kept[self], 0, sizeof kept[self]);
	__atomic_add_fetch(&drops[self], 1, __ATOMIC_RELAXED);
	if (fn != NULL)
		fn();
}

static int
setup(void **state)
{
	(void)state;
	memset(&mate0, 0, sizeof mate0);
	memset(machines, 0, sizeof machines);
	memset(wakes, 0, sizeof wakes);
	memset(drops, 0, sizeof drops);
	mate0.at = MATEBUSY;
	count = 1;
	wanted = 0;
	nth = 0;
	asksstop = 0;
	meanwhile = NULL;
	inthemidst = NULL;
	stepus = 1000;
	self = 0;
	return 0;
}

/* For people, and for programs. */
static void
each_cpu_is_said_to_be_at_something(void **state)
{
	(void)state;
	for (size_t i = 1; i < 4; i++)
		mateadd(&machines[i]);
	machines[1].at = MATEIDLE;
	machines[2].at = MATEGONE;
	machines[2].stopped = BYNMI;
	machines[2].where.pc = 0x1234;
	machines[3].at = MATEABSENT;
	hostquiet();
	cpusprint();
	cpuslines();
	assert_said("CPU 0: busy\nCPU 1: idle\nCPU 2: gone, stopped at "
		    "0x1234\nCPU 3: not there\n"
		    "mem9: cpuat n=0 at=busy\nmem9: cpuat n=1 at=idle\n"
		    "mem9: cpuat n=2 at=gone pc=0x1234\n"
		    "mem9: cpuat n=3 at=absent\n");
	hostloud();
}

static void
as(size_t n, void (*fn)(void))
{
	size_t me = self;

	self = n;
	fn();
	self = me;
}

static void
come(void)
{
	assert_true(matecome());
}

static void
begins(void)
{
	assert_true(matebusy(mates[self]));
}

static void
ends(void)
{
	assert_true(mateidle(mates[self]));
}

/* So many CPUs, all but the first idle. */
static void
begin(void **state, size_t n)
{
	setup(state);
	for (size_t i = 1; i < n; i++) {
		mateadd(&machines[i]);
		as(i, come);
	}
	assert_int_equal(nmates(), n);
}

static void
one_cpu_asks_nobody(void **state)
{
	begin(state, 1);
	cpubarrier();
	assert_int_equal(wanted, 0);
	assert_false(matesbusy());
}

/* But the caller drops what others had unmapped. */
static void
who_halts_is_not_asked(void **state)
{
	begin(state, NCPU);
	cpubarrier();
	assert_int_equal(nth, 0);
	assert_int_equal(drops[0], 1);
	for (size_t i = 1; i < NCPU; i++)
		assert_int_equal(wakes[i] + drops[i], 0);
	as(2, begins);
	assert_int_equal(drops[2], 1);
	as(2, ends);
	as(2, begins);
	assert_int_equal(drops[2], 1); /* nothing was asked since */
}

static void
answersone(size_t n)
{
	if (n % 3 == 0 && n / 3 < NCPU)
		as(n / 3, barrieranswer);
}

static void
all_that_work_are_waited_for(void **state)
{
	begin(state, NCPU);
	for (size_t i = 1; i < NCPU; i++)
		as(i, begins);
	assert_true(matesbusy());
	meanwhile = answersone;
	cpubarrier();
	assert_int_equal(nth, 9);
	for (size_t i = 1; i < NCPU; i++) {
		assert_int_equal(wakes[i], 1);
		assert_int_equal(drops[i], 1);
	}
}

static void
goes(size_t n)
{
	if (n == 5)
		as(1, ends);
	if (n == 7)
		mateleft(2);
}

static void
who_halts_or_is_gone_meanwhile_has_passed(void **state)
{
	begin(state, 3);
	as(1, begins);
	as(2, begins);
	meanwhile = goes;
	cpubarrier();
	assert_int_equal(nth, 7);
	assert_true(mategone(2));
	self = 2;
	assert_false(mateidle(mates[2]));
	assert_false(matebusy(mates[2]));
}

/* CPU 0 has no interrupts: it is not sent any, and looks itself. */
static void
answer0(size_t n)
{
	if (n == 4)
		as(0, barrieranswer);
}

static void
the_first_cpu_is_asked_too(void **state)
{
	begin(state, 2);
	self = 1;
	begins();
	meanwhile = answer0;
	cpubarrier();
	assert_int_equal(nth, 4);
	assert_int_equal(drops[0], 1);
}

/* CPU 1 asks while CPU 0, which waits for it, does. */
static void
answers0(size_t n)
{
	(void)n;
	as(0, barrieranswer);
}

static void
asks1(size_t n)
{
	(void)n;
	meanwhile = answers0;
	as(1, cpubarrier);
}

static void
two_may_ask_at_once(void **state)
{
	begin(state, 2);
	as(1, begins);
	meanwhile = asks1;
	cpubarrier();
	assert_int_equal(wanted, 2);
	assert_int_equal(mates[0]->passed, 2);
	assert_int_equal(mates[1]->passed, 2);
}

/* It would be taken for one who has not, for ever, if it went back. */
static void
oneworse(void)
{
	barrierask();
	barrieranswer();
	assert_int_equal(mates[1]->passed, 2);
}

static void
an_answer_in_the_midst_of_one_counts(void **state)
{
	begin(state, 2);
	self = 1;
	begins();
	barrierask();
	inthemidst = oneworse;
	barrieranswer();
	assert_int_equal(mates[1]->passed, 2);
	assert_int_equal(drops[1], 2); /* one each: it was never back at 1 */
	inthemidst = NULL;
}

/* Asked while it drops: that is one more. */
static void
another(void)
{
	barrierask();
}

static void
what_is_asked_while_it_answers_is_answered(void **state)
{
	begin(state, 2);
	self = 1;
	begins();
	barrierask();
	inthemidst = another;
	barrieranswer();
	assert_int_equal(mates[1]->passed, 2);
	assert_int_equal(drops[1], 2);
}

static void
never(size_t n)
{
	(void)n;
}

static void
who_does_not_answer_is_named(void **state)
{
	begin(state, 3);
	as(1, begins);
	as(2, begins);
	as(2, barrieranswer);
	meanwhile = never;
	assert_panics(cpubarrier(), "CPU 1 has not passed barrier 1, but 0");
	assert_int_equal(nth, 30000);
	/* at once, and ten times a second */
	assert_in_range(wakes[1], 299, 301);
}

/* CPU 0 had been stopped meanwhile, and was not waited for. */
static void
who_comes_back_has_dropped_all(void **state)
{
	begin(state, 2);
	as(1, begins);
	mateleft(0);
	as(1, cpubarrier);
	assert_int_equal(drops[0], 0);
	mateback();
	assert_int_equal(mates[0]->at, MATEBUSY);
	assert_int_equal(drops[0], 1);
}

/*
 * A CPU begins to work while another one unmaps and asks: in every order of the
 * steps, what it uses then is no more than what it may.
 *
 *	unmaps, asks, looks	(and waits if it has to)
 *	BUSY, answers, uses
 */
static void
who_begins_in_the_midst_keeps_nothing(void **state)
{
	static uint64_t page;

	for (unsigned order = 0; order < 64; order++) {
		if (__builtin_popcount(order) != 3)
			continue;
		size_t asker = 0, beginner = 0;
		bool owes = false, used = false, reused = false;

		begin(state, 2);
		slot[0] = &page;
		kept[1][0] = &page; /* of its last work */
		for (unsigned i = 0; i < 6; i++) {
			bool first = (order >> i & 1) != 0;

			self = !first;
			if (first && asker == 0)
				slot[0] = NULL;
			else if (first && asker == 1)
				barrierask();
			else if (first) {
				owes = barrierowes(mates[1], 1);
				reused = !owes;
			} else if (beginner == 0)
				assert_true(turn(mates[1], MATEIDLE, MATEBUSY));
			else if (beginner == 1)
				barrieranswer();
			else {
				if (kept[1][0] == NULL)
					kept[1][0] = slot[0];
				used = kept[1][0] != NULL;
				assert_false(used && reused);
			}
			asker += first;
			beginner += !first;
		}
		self = 1;
		if (owes)
			barrieranswer();
		assert_false(barrierowes(mates[1], 1));
		/* used before it was unmapped: it has had to drop it */
		if (kept[1][0] == NULL)
			kept[1][0] = slot[0];
		assert_null(kept[1][0]);
	}
}

static size_t did[NCPU];

static void
job(void *arg)
{
	did[self]++;
	assert_ptr_equal(arg, did);
}

/* All others do what they have to. */
static void
theywork(size_t n)
{
	size_t me = self;

	(void)n;
	for (self = 1; self < nmates(); self++)
		while (!mategone(self) && work())
			;
	self = me;
}

static void
work_is_done_once(void **state)
{
	begin(state, NCPU);
	memset(did, 0, sizeof did);
	meanwhile = theywork;
	assert_true(oncpu(2, job, did, WORKUS));
	assert_int_equal(did[2], 1);
	assert_true(oncpu(0, job, did, WORKUS));
	assert_int_equal(oncpus(SIZE_MAX, job, did), NCPU);
	assert_int_equal(oncpus(2, job, did), 2);
	assert_int_equal(did[0], 3);
	assert_int_equal(did[1], 2);
	assert_int_equal(did[2], 2);
	assert_int_equal(did[3], 1);
	assert_int_equal(wakes[1], 2);
	self = 3;
	assert_false(work());
	assert_int_equal(mates[3]->at, MATEIDLE);
}

static void
only_the_first_gives_work(void **state)
{
	begin(state, 2);
	self = 1;
	assert_panics(oncpu(0, job, did, WORKUS), "CPU 1 may not");
	assert_panics(oncpus(1, job, did), "CPU 1 may not");
}

static void
who_is_not_up_is_given_none(void **state)
{
	begin(state, 3);
	mateadd(&machines[3]); /* and does not come */
	mateleft(1);
	meanwhile = theywork;
	memset(did, 0, sizeof did);
	assert_int_equal(ncpus(), 4);
	assert_true(cpuup(0) && cpuup(2));
	assert_false(cpuup(1) || cpuup(3) || cpuup(4));
	assert_false(oncpu(1, job, did, WORKUS));
	assert_false(oncpu(99, job, did, WORKUS));
	assert_int_equal(oncpus(SIZE_MAX, job, did), 2);
	assert_int_equal(did[1] + did[3], 0);
}

static void
who_never_ends_is_named(void **state)
{
	begin(state, 2);
	meanwhile = never;
	stepus = MANY;
	assert_panics(oncpu(1, job, did, WORKUS), "CPU 1 does not end");
	assert_int_equal(nth, 600);
	assert_false(cpuup(1));
}

/* Late, and given up: it finds out before it begins, or before it says so. */
static void
leaves(void *arg)
{
	(void)arg;
	mateleft(1);
}

static void
who_was_given_up_stops(void **state)
{
	begin(state, 2);
	meanwhile = never;
	workgive(1, job, did);
	assert_false(workawait(1, 100 * MANY / 1000));
	mateleft(1);
	self = 1;
	memset(did, 0, sizeof did);
	if (setjmp(halted) == 0)
		assert_false(work());
	assert_int_equal(did[1], 0);
	begin(state, 2);
	workgive(1, leaves, NULL);
	self = 1;
	if (setjmp(halted) == 0)
		assert_false(work());
	self = 0;
	assert_false(workdone(1));
	meanwhile = never;
	assert_false(workawait(1, MANY));
	assert_int_equal(nth, 1);
}

/* Its own NMI is on its way. */
static void
who_is_to_stop_too_waits_for_that(void **state)
{
	begin(state, 2);
	meanwhile = never;
	workgive(1, job, did);
	mateleft(1);
	asksstop = 7;
	assert_false(workawait(1, MANY));
	assert_int_equal(nth, 8);
}

/* An NMI that never comes is not waited for as long as the work. */
static void
one_that_is_deaf_does_not_wait_for_ever(void **state)
{
	begin(state, 2);
	meanwhile = never;
	stepus = MANY;
	workgive(1, job, did);
	mateleft(1);
	asksstop = SIZE_MAX;
	assert_false(workawait(1, MINDLESS));
	assert_in_range((nth - 1) * stepus, 10 * MANY, 11 * MANY);
}

/* One that was given up has not, and may be about to. */
static void
where_one_stopped_is_said_once_it_has_said_so(void **state)
{
	begin(state, 4);
	for (size_t i = 1; i < 4; i++) {
		mateleft(i);
		mates[i]->where.pc = 0x1000 + i;
	}
	mates[1]->stopped = BYNMI;
	mates[2]->stopped = DEAF;
	hostquiet();
	cpusprint();
	assert_said("CPU 0: busy\n"
		    "CPU 1: gone, stopped at 0x1001\n"
		    "CPU 2: gone\n"
		    "CPU 3: gone\n");
}

static void
memory_is_waited_for_while_another_may_free(void **state)
{
	begin(state, 2);
	assert_panics(memwait("smalloc", 1), "smalloc: no memory, and nobody");
	as(1, begins);
	meanwhile = never;
	memwait("smalloc", 1);
	assert_int_equal(nth, 1);
	as(1, ends);
	assert_panics(memwait("smalloc", 2), "nobody left");
	as(1, begins);
	memwait("smalloc", 59999);
	assert_int_equal(nth, 2);
	assert_panics(memwait("smalloc", 60000), "for so long");
	memwait("smalloc", 1); /* it had some since */
}

static uint32_t atwork;

static void
endsat5(size_t n)
{
	if (n == 5)
		atwork = 0;
}

static void
the_end_of_what_another_is_at_is_awaited(void **state)
{
	begin(state, 2);
	meanwhile = endsat5;
	atwork = 1;
	awaitzero(&atwork);
	assert_int_equal(nth, 5);
	awaitzero(&atwork);
	assert_int_equal(nth, 5);
	meanwhile = never;
	stepus = MANY;
	atwork = 7;
	nth = 0;
	assert_panics(awaitzero(&atwork), "is still 7");
	assert_int_equal(nth, 30);
}

/*
 * Threads: each maps pages that it has, in turns with the others, uses those of
 * all, and unmaps and frees its own. One that was freed is never used.
 */
static struct {
	uint64_t use; /* a plain word: two who use it and free it race */
} pages[NSLOT][NROUND];
static size_t reached;

static void
look(size_t i)
{
	uint64_t *p = kept[self][i];

	if (p == NULL)
		p = __atomic_load_n(&slot[i], __ATOMIC_ACQUIRE);
	kept[self][i] = p;
	if (p != NULL)
		assert_int_not_equal(*p, 0);
}

static void
mapsanduses(void *arg)
{
	size_t mine = self;

	(void)arg;
	for (size_t r = 0; r < NROUND; r++) {
		uint64_t *p = &pages[mine][r].use;

		*p = r + 1;
		__atomic_store_n(&slot[mine], p, __ATOMIC_RELEASE);
		for (size_t i = 0; i < NSLOT; i++)
			look(i);
		__atomic_store_n(&slot[mine], NULL, __ATOMIC_RELEASE);
		cpubarrier();
		*p = 0; /* somebody else's now */
		barrieranswer();
	}
	__atomic_add_fetch(&reached, 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&reached, __ATOMIC_ACQUIRE) < NSLOT) {
		Patience p = {.last = 0};

		rest(&p);
	}
}

static bool over;

static void *
halts(void *arg)
{
	self = (size_t)arg;
	come();
	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE))
		if (!work())
			sched_yield();
	return NULL;
}

static void
what_is_freed_is_used_by_nobody(void **state)
{
	pthread_t t[NSLOT];

	setup(state);
	over = false;
	reached = 0;
	stepus = 0;
	memset(slot, 0, sizeof slot);
	memset(kept, 0, sizeof kept);
	for (size_t i = 1; i < NSLOT; i++) {
		mateadd(&machines[i]);
		pthread_create(&t[i], NULL, halts, (void *)i);
		while (!cpuup(i))
			sched_yield();
	}
	assert_int_equal(oncpus(NSLOT, mapsanduses, NULL), NSLOT);
	__atomic_store_n(&over, true, __ATOMIC_RELEASE);
	for (size_t i = 1; i < NSLOT; i++)
		pthread_join(t[i], NULL);
	assert_in_range(wanted, NSLOT * NROUND, NSLOT * NROUND);
}

/*
 * Plain words of two threads, which tell each other where they are without any
 * order: only what is tested can order them, or TSan says that nothing does.
 */
static uint64_t asker, answerer;
static bool there;

static void
tell(bool *word)
{
	__atomic_store_n(word, true, __ATOMIC_RELAXED);
}

static void
until(const bool *word)
{
	while (!__atomic_load_n(word, __ATOMIC_RELAXED))
		sched_yield();
}

static void
addsone(void *arg)
{
	++*(uint64_t *)arg;
}

static void *
worksonce(void *arg)
{
	self = 1;
	tell(arg);
	while (!work())
		sched_yield();
	return NULL;
}

static void
what_is_given_and_done_is_seen(void **state)
{
	pthread_t t;

	begin(state, 2);
	there = false;
	pthread_create(&t, NULL, worksonce, &there);
	until(&there);
	asker = 6;
	workgive(1, addsone, &asker);
	while (!workdone(1))
		sched_yield();
	assert_int_equal(asker, 7);
	pthread_join(t, NULL);
}

static void *
passesonce(void *arg)
{
	self = 1;
	begins();
	answerer = 1;
	tell(arg);
	while (machines[1].passed == 0) {
		barrieranswer();
		sched_yield();
	}
	if (asker != 6)
		abort();
	return NULL;
}

static void
what_is_done_before_a_barrier_is_seen_after_it(void **state)
{
	pthread_t t;

	begin(state, 2);
	there = false;
	stepus = 0;
	pthread_create(&t, NULL, passesonce, &there);
	until(&there);
	asker = 6;
	cpubarrier();
	assert_int_equal(answerer, 1);
	pthread_join(t, NULL);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(one_cpu_asks_nobody),
	    TEST(each_cpu_is_said_to_be_at_something),
	    TEST(who_halts_is_not_asked),
	    TEST(all_that_work_are_waited_for),
	    TEST(who_halts_or_is_gone_meanwhile_has_passed),
	    TEST(the_first_cpu_is_asked_too),
	    TEST(two_may_ask_at_once),
	    TEST(an_answer_in_the_midst_of_one_counts),
	    TEST(what_is_asked_while_it_answers_is_answered),
	    TEST(who_does_not_answer_is_named),
	    TEST(who_comes_back_has_dropped_all),
	    TEST(who_begins_in_the_midst_keeps_nothing),
	    TEST(work_is_done_once),
	    TEST(only_the_first_gives_work),
	    TEST(who_is_not_up_is_given_none),
	    TEST(who_never_ends_is_named),
	    TEST(who_was_given_up_stops),
	    TEST(who_is_to_stop_too_waits_for_that),
	    TEST(one_that_is_deaf_does_not_wait_for_ever),
	    TEST(where_one_stopped_is_said_once_it_has_said_so),
	    TEST(memory_is_waited_for_while_another_may_free),
	    TEST(the_end_of_what_another_is_at_is_awaited),
	    TEST(what_is_freed_is_used_by_nobody),
	    TEST(what_is_given_and_done_is_seen),
	    TEST(what_is_done_before_a_barrier_is_seen_after_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
