/*
 * callcpus.c - starting CPUs: those that come at once, late, never, as somebody
 * else, or twice; every order of what the two sides do.
 *
 * Time is played: pausefor() lets each CPU go on as far as its plan says. A CPU
 * is what parking.S does, in three steps: it starts, takes a ticket or parks,
 * and answers.
 *
 * needs: arch/amd64/callcpus.c
 */
#include "unit.h"
#include "apic.h"
#include "patience.h"
#include "../../arch/amd64/callcpus.h"

enum { MOST = 16, PAGE = 0x9e, SECOND = 1000000 };
#define NEVER UINT64_MAX

typedef struct Played Played;

/* How long a CPU takes for each step, from the one before on. */
struct Played {
	uint64_t starts; /* after a startup IPI that it hears */
	uint64_t takes;
	uint64_t answers;
	size_t deaf;    /* so many startup IPIs are lost on it */
	uint32_t knows; /* itself by this id */
	bool unlike;    /* its memory types are others */
	uint64_t since; /* its INIT */
	enum { FIRMWARE, WAITS, STARTING, TAKING, ANSWERING, RUNS, PARKED } at;
	uint64_t due;
	uint32_t number;
	size_t inits;
	size_t heard;
};

static Callee callee[MOST];
static Callee *callees[MOST];
static Played played[MOST];
static size_t n;
static uint32_t ticket;
static uint64_t now;
static uint32_t parkedids[2 * MOST];
static size_t nparked;
static bool stacks[MOST + 1]; /* in use */

static void
begin(size_t cpus)
{
	memset(played, 0, sizeof played);
	memset(callee, 0, sizeof callee);
	memset(stacks, 0, sizeof stacks);
	n = cpus;
	now = 0;
	nparked = 0;
	ticket = 0;
	for (size_t i = 0; i < n; i++) {
		callees[i] = &callee[i];
		callee[i].id = played[i].knows = (uint32_t)(7 + 5 * i);
	}
}

static uint64_t
after(uint64_t us)
{
	return us == NEVER ? NEVER : now + us;
}

static void
park(Played *p)
{
	p->at = PARKED;
	parkedids[nparked++] = 100 + p->knows; /* another, in the page */
}

/* The next step, which is due. */
static void
go(Played *p)
{
	switch (p->at) {
	case STARTING:
		p->at = TAKING;
		p->due = after(p->takes);
		break;
	case TAKING:
		p->number = ticket;
		ticket = 0;
		if (p->number == 0) {
			park(p);
			break;
		}
		assert_false(stacks[p->number]);
		stacks[p->number] = true;
		p->at = ANSWERING;
		p->due = after(p->answers);
		break;
	default: /* ANSWERING */
		p->at = RUNS;
		callees[p->number - 1]->startid = 100 + p->knows;
		if (!callanswer(callees[p->number - 1], p->knows, !p->unlike))
			p->at = PARKED; /* in a loop of its own */
	}
}

static void
goon(void)
{
	for (size_t i = 0; i < n; i++)
		while (played[i].at >= STARTING && played[i].at <= ANSWERING &&
		       played[i].due <= now)
			go(&played[i]);
}

void
pausefor(uint64_t us)
{
	now += us;
	goon();
}

bool
apicsend(uint32_t id, uint32_t what)
{
	for (size_t i = 0; i < n; i++) {
		Played *p = &played[i];

		if (callee[i].id != id)
			continue;
		if (what == IPIINIT) {
			p->inits++;
			p->at = WAITS;
			p->since = now;
			continue;
		}
		assert_int_equal(what, IPISTART | PAGE);
		assert_true(now >= p->since + 10000);
		p->heard++;
		if (p->at != WAITS || p->heard <= p->deaf)
			continue;
		p->at = STARTING;
		p->due = after(p->starts);
		goon();
	}
	return true;
}

static size_t
call(void)
{
	size_t here = callcpus(callees, n, &ticket, PAGE);
	size_t runs = 0;

	assert_int_equal(ticket, 0);
	for (size_t i = 0; i < n; i++) {
		runs += played[i].at == RUNS;
		assert_int_not_equal(callfate(callees[i]), FCALLED);
		assert_int_equal(played[i].inits, 1);
	}
	assert_int_equal(here, runs);
	return here;
}

static void
all_that_come_are_here(void **state)
{
	(void)state;
	begin(MOST);
	assert_int_equal(call(), MOST);
	for (size_t i = 0; i < MOST; i++) {
		assert_int_equal(callfate(&callee[i]), FHERE);
		assert_int_equal(played[i].number, i + 1);
	}
	assert_in_range(now, MOST * 10000, MOST * 11000);
}

/* What is lost is sent again: after 200 us, then ten times a second. */
static void
a_lost_startup_ipi_is_sent_again(void **state)
{
	(void)state;
	for (size_t deaf = 0; deaf < 20; deaf++) {
		begin(2);
		played[0].deaf = deaf;
		assert_int_equal(call(), 2);
		assert_true(now <= 30000 + (deaf < 2 ? 0 : deaf - 1) * 100000);
	}
}

/* It would be lost, or start it again. */
static void
who_has_come_is_not_sent_another(void **state)
{
	(void)state;
	begin(2);
	played[1].starts = 100;
	assert_int_equal(call(), 2);
	assert_int_equal(played[0].heard, 1);
	assert_int_equal(played[1].heard, 1);
}

/* Emulated machines are slow: even ten seconds are not too long. */
static void
a_slow_one_is_waited_for(void **state)
{
	(void)state;
	begin(2);
	played[0].starts = 3 * SECOND;
	played[0].answers = 6 * SECOND;
	assert_int_equal(call(), 2);
}

static void
who_never_comes_is_late_and_the_rest_run(void **state)
{
	(void)state;
	for (size_t never = 0; never < MOST; never++) {
		begin(MOST);
		played[never].deaf = SIZE_MAX;
		assert_int_equal(call(), MOST - 1);
		assert_int_equal(callfate(&callee[never]), FLATE);
		assert_in_range(now, 10 * SECOND, 11 * SECOND);
	}
}

/* The patience is for all together; each gets some of it. */
static void
many_that_never_come_end_too(void **state)
{
	(void)state;
	begin(MOST);
	for (size_t i = 0; i + 1 < MOST; i++)
		played[i].deaf = SIZE_MAX;
	played[MOST - 1].starts = 99000;
	assert_int_equal(call(), 1);
	assert_true(now < 21 * SECOND);
}

/* Dead between two steps, or so late: it is not counted, and does not run. */
static void
every_delay_ends_well(void **state)
{
	static const uint64_t delays[] = {
	    0, 5 * SECOND, 10 * SECOND - 200, 10 * SECOND, NEVER};
	enum { N = nelem(delays) };

	(void)state;
	for (size_t k = 0; k < 2 * N * N * N; k++) {
		begin(3);
		played[0].starts = delays[k % N];
		played[0].takes = delays[k / N % N];
		played[0].answers = delays[k / N / N % N];
		played[1].answers = k / N / N / N * 400;
		size_t here = call();
		now = NEVER - 1;
		goon(); /* whoever comes at last */
		for (size_t i = 0; i < n; i++)
			here -= callfate(&callee[i]) == FHERE;
		assert_int_equal(here, 0);
		for (size_t i = 0; i < n; i++)
			assert_true((played[i].at == RUNS) ==
				    (played[i].number == i + 1 &&
					callfate(&callee[i]) == FHERE));
		assert_int_equal(callfate(&callee[2]), FHERE);
	}
}

/* Who is late may take the ticket of the next: seen by its id. */
static void
another_one_is_told_by_its_id(void **state)
{
	(void)state;
	begin(2);
	played[0].starts = 10 * SECOND + 10400;
	played[1].deaf = 3;
	assert_int_equal(call(), 0);
	assert_int_equal(callfate(&callee[0]), FLATE);
	assert_int_equal(callfate(&callee[1]), FSTRANGE);
	assert_int_equal(callee[1].came, callee[0].id);
}

/* One of several must see memory as the others do. */
static void
who_is_unlike_does_not_run(void **state)
{
	(void)state;
	begin(3);
	played[1].unlike = true;
	assert_int_equal(call(), 2);
	assert_int_equal(callfate(&callee[1]), FUNLIKE);
	assert_int_equal(callfate(&callee[2]), FHERE);
}

/* While one is waited for, those behind it are still parked. */
static void
nobody_waits_for_a_startup_ipi_longer_than_needed(void **state)
{
	(void)state;
	begin(3);
	played[0].deaf = SIZE_MAX;
	assert_int_equal(call(), 2);
	assert_true(played[1].since >= 10 * SECOND);
	assert_true(played[2].since > played[1].since);
}

static void
two_of_one_id_get_one_stack(void **state)
{
	(void)state;
	begin(2);
	callee[1].id = callee[0].id;
	played[1].knows = played[0].knows;
	assert_int_equal(callcpus(callees, 1, &ticket, PAGE), 1);
	assert_int_equal(callfate(&callee[0]), FHERE);
	assert_int_equal(nparked, 1);
	assert_int_equal(calledtwice(callees, 1, parkedids, nparked), 1);
	assert_int_equal(callfate(&callee[0]), FTWICE);
}

static void
who_starts_again_was_here(void **state)
{
	(void)state;
	begin(3);
	played[2].deaf = SIZE_MAX;
	call();
	assert_int_equal(calledtwice(callees, n, parkedids, nparked), 0);
	park(&played[2]);
	park(&played[1]);
	assert_int_equal(calledtwice(callees, n, parkedids, nparked), 1);
	assert_int_equal(callfate(&callee[0]), FHERE);
	assert_int_equal(callfate(&callee[1]), FTWICE);
	assert_int_equal(callfate(&callee[2]), FLATE);
	assert_int_equal(calledtwice(callees, n, parkedids, nparked), 0);
}

static void
nobody_to_call_costs_nothing(void **state)
{
	(void)state;
	begin(0);
	assert_int_equal(callcpus(callees, 0, &ticket, PAGE), 0);
	assert_int_equal(now, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_that_come_are_here),
	    cmocka_unit_test(a_lost_startup_ipi_is_sent_again),
	    cmocka_unit_test(who_has_come_is_not_sent_another),
	    cmocka_unit_test(a_slow_one_is_waited_for),
	    cmocka_unit_test(who_never_comes_is_late_and_the_rest_run),
	    cmocka_unit_test(many_that_never_come_end_too),
	    cmocka_unit_test(every_delay_ends_well),
	    cmocka_unit_test(another_one_is_told_by_its_id),
	    cmocka_unit_test(who_is_unlike_does_not_run),
	    cmocka_unit_test(nobody_waits_for_a_startup_ipi_longer_than_needed),
	    cmocka_unit_test(two_of_one_id_get_one_stack),
	    cmocka_unit_test(who_starts_again_was_here),
	    cmocka_unit_test(nobody_to_call_costs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
