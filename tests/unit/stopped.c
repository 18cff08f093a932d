/*
 * stopped.c - a run that is watched: it is ended, stopped and gone on with, and
 * what is there is told.
 *
 * needs: tests/host/played.c
 */
#include "played.h"

static size_t asks;
static size_t until;
static enum runasked answer;

static enum runasked
watch(void)
{
	return ++asks == until ? answer : RUNGOON;
}

static void
watched(size_t n, enum runasked what)
{
	asks = 0;
	until = n;
	answer = what;
	processwatch(watch, RUNENDLESS);
}

/* 1 waits, 2 sleeps, 3 spins, 4 is hungry. */
static Userevent
all(Process *p)
{
	Userevent e;

	if (p->pid == 1 && p->regs.rbx < 3)
		return ask(p, SYSFORK, 0, 0, 0);
	switch (p->pid) {
	case 1:
		if (p->regs.rbx > 3)
			return exits(p, 0);
		return ask(p, SYSWAIT, STACKVA, 0, 0);
	case 2:
		return ask(p, SYSSLEEP, 1000, 0, 0);
	case 3:
		return (Userevent){.why = USERTICK};
	default:
		scarce(0);
		assert_null(word(p, BSSVA, FAULTWRITE, &e));
		return e;
	}
}

static void
all_end_when_it_is_asked_for(void **state)
{
	(void)state;
	watched(20, RUNEND);
	Processrun r = run(all);
	assert_int_equal(r.nprocs, 4);
	assert_int_equal(r.nended, 4);
	assert_int_equal(r.nleft, 0);
	assert_int_equal(r.status, ENDEDLATE);
	assert_true(play.ms < 1000);
	assert_int_equal(hosttimes("detail=\"it was asked to end\""), 4);
}

static Userevent
onlyone(Process *p)
{
	return exits(p, 5);
}

/* 1 waits again, from where it was; nobody else watches. */
static void
all_stop_and_go_on(void **state)
{
	Processrun r;

	(void)state;
	assert_non_null(processgoon(1, &r));
	run(onlyone);
	assert_true(processlast(&r));
	assert_int_equal(r.nleft, 0);
	assert_int_equal(r.status, 5);
	watched(20, RUNSTOP);
	r = run(all);
	assert_int_equal(r.nleft, 4);
	assert_int_equal(r.nended, 0);
	assert_string_equal(processrun("a", 77, 1, &r),
	    "processes that were stopped are there still");
	size_t nran = play.nran;
	watched(2, RUNSTOP);
	assert_null(processgoon(1, &r));
	assert_int_equal(r.nleft, 4);
	assert_true(play.nran > nran);
	watched(1, RUNEND);
	assert_null(processgoon(1, &r));
	assert_int_equal(r.nleft, 0);
	assert_int_equal(r.nended, 4);
	assert_string_equal(processgoon(1, &r), "no processes were stopped");
}

static void
what_there_is_is_told(void **state)
{
	static const char *const states[] = {
	    "waiting", "sleeping", "ready", "hungry"};
	Processinfo i = {.pid = 0};
	Processrun r;

	(void)state;
	watched(20, RUNSTOP);
	run(all);
	for (int n = 0; n < 4; n++) {
		assert_true(processnext(i.pid, &i));
		assert_int_equal(i.pid, n + 1);
		assert_int_equal(i.parent, n > 0);
		assert_string_equal(i.name, "a");
		assert_string_equal(i.state, states[n]);
		assert_int_equal(i.cpu, 0);
		assert_true(i.slices == NOLIMIT);
		assert_int_equal(i.nseg, 4);
		assert_string_equal(i.seg[0].name, "stack");
		assert_string_equal(i.seg[1].name, "text");
		assert_int_equal(i.seg[1].base, UTZERO);
		assert_int_equal(i.seg[1].top, UTZERO + BY2PG);
		assert_int_equal(i.seg[1].refs, 4);
		assert_false(i.seg[1].locked);
	}
	assert_false(processnext(i.pid, &i));
	assert_true(processnext(0, &i));
	assert_int_equal(i.seg[0].npages, 1);
	assert_int_equal(i.npages, 1);
	assert_true(i.ntables > 1);
	qlock(&procs.first->mem->seg[SSEG]->lock);
	assert_true(processnext(procs.first->pid - 1, &i));
	assert_true(i.seg[0].locked);
	assert_int_equal(i.seg[0].npages, 0);
	qunlock(&procs.first->mem->seg[SSEG]->lock);
	watched(1, RUNEND);
	assert_null(processgoon(1, &r));
	assert_false(processnext(0, &i));
	assert_true(processlast(&r));
	assert_int_equal(r.nprocs, 4);
}

static enum runasked
always(void)
{
	asks++;
	return RUNEND;
}

/* Asked again each time, all end for the first reason. */
static void
who_ends_a_run_may_say_so_again(void **state)
{
	(void)state;
	asks = 0;
	processwatch(always, RUNENDLESS);
	Processrun r = run(all);
	assert_true(asks > 1);
	assert_int_equal(r.nended, r.nprocs);
	assert_int_equal(hosttimes("detail=\"it was asked to end\""), r.nprocs);
}

enum { MANYTURNS = 100100 }; /* more than a run has that nobody watches */

static Userevent
yields(Process *p)
{
	play.nran = 0;
	return p->regs.rbx < MANYTURNS ? ask(p, SYSYIELD, 0, 0, 0)
				       : exits(p, 6);
}

static void
a_run_that_is_watched_has_any_turns(void **state)
{
	(void)state;
	watched(0, RUNGOON);
	assert_int_equal(run(yields).status, 6);
}

static Userevent
sleepsforever(Process *p)
{
	return ask(p, SYSSLEEP, UINT64_MAX, 0, 0);
}

static enum runasked
looksin(void)
{
	if (++asks != 3)
		return RUNGOON;
	assert_int_equal(procs.first->at, SLEEPING);
	assert_int_equal(procs.first->until, (uint64_t)UINT32_MAX * SLICEMS);
	return RUNEND;
}

/* But not so long that times wrap. */
static void
a_sleep_has_an_end(void **state)
{
	(void)state;
	asks = 0;
	processwatch(looksin, RUNENDLESS);
	assert_int_equal(run(sleepsforever).status, ENDEDLATE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PLAYED(all_end_when_it_is_asked_for),
	    PLAYED(all_stop_and_go_on),
	    PLAYED(what_there_is_is_told),
	    PLAYED(who_ends_a_run_may_say_so_again),
	    PLAYED(a_run_that_is_watched_has_any_turns),
	    PLAYED(a_sleep_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
