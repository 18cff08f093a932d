/*
 * sched.c - whose turn it is: in turn, on several CPUs, and asleep.
 *
 * needs: tests/host/played.c
 */
#include "played.h"

/* Turns go round, a slice's end or a yield being alike. */
static Userevent
round3(Process *p)
{
	if (p->regs.rbx < 2 && p->pid == 1)
		return ask(p, SYSFORK, 0, 0, 0);
	p->regs.rbx++;
	if (p->regs.rbx > 5)
		return exits(p, 0);
	return (Userevent){.why = USERTICK};
}

static void
turns_go_round(void **state)
{
	static const int want[] = {1, 1, 1, 2, 3, 1, 2, 3, 1, 2, 3};

	(void)state;
	run(round3);
	assert_memory_equal(play.ran, want, sizeof want);
}

/* While 1 runs, another CPU takes 2 and has nothing to do then. */
static Userevent
together(Process *p)
{
	switch (p->regs.rbx) {
	case 0:
		return ask(p, SYSFORK, 0, 0, 0);
	case 1:
		if (p->pid == 2)
			return exits(p, 4);
		assert_true(othercpu());
		assert_int_equal(play.idles, 1);
		return ask(p, SYSWAIT, STACKVA, 0, 0);
	default:
		assert_int_equal(result(p), 2);
		return exits(p, 0);
	}
}

static void
another_cpu_takes_who_is_ready(void **state)
{
	static const int want[] = {1, 1, 2, 1};

	(void)state;
	Processrun r = run(together);

	assert_int_equal(r.status, 0);
	assert_int_equal(r.moves, 0);
	assert_memory_equal(play.ran, want, sizeof want);
}

/* 2 has its first turn on one CPU and its second on another. */
static Userevent
moves(Process *p)
{
	switch (p->regs.rbx) {
	case 0:
		return ask(p, SYSFORK, 0, 0, 0);
	case 1:
		if (p->pid == 2)
			return ask(p, SYSSLEEP, 5, 0, 0);
		assert_true(othercpu());
		return ask(p, SYSWAIT, STACKVA, 0, 0);
	default:
		return exits(p, 0);
	}
}

static void
who_goes_on_on_another_cpu_has_moved(void **state)
{
	(void)state;
	Processrun r = run(moves);

	assert_int_equal(r.moves, 1);
	assert_int_equal(r.ncpus, 1); /* the other one has not come back */
}

/* Another CPU ends 2 after 1 has looked for it, before 1 waits. */
static void
endchild(void)
{
	assert_true(othercpu());
}

static Userevent
justmissed(Process *p)
{
	switch (p->regs.rbx) {
	case 0:
		return ask(p, SYSFORK, 0, 0, 0);
	case 1:
		if (p->pid == 2)
			return exits(p, 4);
		play.meanwhile = endchild;
		return ask(p, SYSWAIT, STACKVA, 0, 0);
	default:
		assert_int_equal(result(p), 2);
		return exits(p, 0);
	}
}

static void
the_end_of_a_child_is_not_missed(void **state)
{
	(void)state;
	assert_int_equal(run(justmissed).status, 0);
}

static void
notready(void *arg)
{
	play.notready = "no timer";
	play.again(arg);
	play.notready = NULL;
}

static Userevent
lonely(Process *p)
{
	notready(NULL);
	return exits(p, 0);
}

static void
a_cpu_that_is_not_ready_stays_away(void **state)
{
	(void)state;
	assert_int_equal(run(lonely).status, 0);
	assert_mentioned("processes go without a CPU: no timer\n");
}

static uint64_t asleep;

static Userevent
sleeps(Process *p)
{
	if (p->regs.rbx == 0) {
		play.ms = 1000;
		return ask(p, SYSSLEEP, asleep, 0, 0);
	}
	assert_int_equal(result(p), 0);
	return exits(p, 0);
}

static void
who_sleeps_wakes_when_its_time_has_come(void **state)
{
	(void)state;
	asleep = 25;
	assert_int_equal(run(sleeps).status, 0);
	assert_int_equal(play.ms, 1025);
	assert_int_equal(play.nran, 2);
	asleep = 0;
	play.idles = 0;
	assert_int_equal(run(sleeps).status, 0);
	assert_int_equal(play.idles, 0);
}

/* Sleep is time, too: 3 s are all that it has. */
static void
nobody_sleeps_beyond_its_time(void **state)
{
	static const uint64_t ms[] = {3000, 3001, UINT64_MAX};

	(void)state;
	for (size_t i = 0; i < nelem(ms); i++) {
		asleep = ms[i];
		assert_int_equal(run(sleeps).status, ENDEDLATE);
		assert_int_equal(play.ms, 4000);
	}
	asleep = 2990;
	assert_int_equal(run(sleeps).status, 0);
}

/* Each time less than a slice, and a slice each time. */
static Userevent
naps(Process *p)
{
	return ask(p, SYSSLEEP, 1, 0, 0);
}

static void
naps_add_up(void **state)
{
	(void)state;
	assert_int_equal(run(naps).status, ENDEDLATE);
	assert_int_equal(play.nran, 300);
}

/* While 1 sleeps, 2 has the turns. */
static Userevent
wakes(Process *p)
{
	if (p->regs.rbx == 0)
		return ask(p, SYSFORK, 0, 0, 0);
	if (p->pid == 1)
		return p->regs.rbx == 1 ? ask(p, SYSSLEEP, 3, 0, 0)
					: exits(p, 0);
	play.ms++;
	return p->regs.rbx++ < 6 ? (Userevent){.why = USERTICK} : exits(p, 0);
}

static void
others_run_while_one_sleeps(void **state)
{
	static const int want[] = {1, 1, 2, 2, 2, 1, 2};

	(void)state;
	run(wakes);
	assert_memory_equal(play.ran, want, sizeof want);
}

/* It is alone: for another CPU there is nothing, and it had no turn. */
static Userevent
byitself(Process *p)
{
	assert_true(othercpu());
	return exits(p, 0);
}

static void
a_cpu_without_a_turn_took_no_part(void **state)
{
	(void)state;
	assert_int_equal(run(byitself).ncpus, 1);
	assert_true(play.idles > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PLAYED(turns_go_round),
	    PLAYED(another_cpu_takes_who_is_ready),
	    PLAYED(who_goes_on_on_another_cpu_has_moved),
	    PLAYED(the_end_of_a_child_is_not_missed),
	    PLAYED(a_cpu_that_is_not_ready_stays_away),
	    PLAYED(who_sleeps_wakes_when_its_time_has_come),
	    PLAYED(nobody_sleeps_beyond_its_time),
	    PLAYED(naps_add_up),
	    PLAYED(others_run_while_one_sleeps),
	    PLAYED(a_cpu_without_a_turn_took_no_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
