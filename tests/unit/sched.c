/*
 * sched.c - whose turn it is: in turn, on several CPUs, asleep, and when memory
 * runs out.
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

static size_t eaten;

/* 2 eats all, 1 waits: 2 is ended. */
static Userevent
eater(Process *p)
{
	Userevent e;
	uint64_t *w = NULL;

	switch (p->regs.rbx) {
	case 0:
		return ask(p, SYSFORK, 0, 0, 0);
	case 1:
		if (result(p) == 0)
			return ask(p, SYSBRK, BSSEND + 3000 * BY2PG, 0, 0);
		return ask(p, SYSWAIT, STACKVA, 0, 0);
	case 2:
		if (p->pid == 2) {
			w = word(p, BSSEND + eaten * BY2PG, FAULTWRITE, &e);
			if (w == NULL)
				return e;
			eaten++;
			play.nran = 0;
			return (Userevent){.why = USERNOTHING};
		}
		w = word(p, STACKVA, FAULTREAD, &e);
		if (w == NULL)
			return e;
		assert_int_equal((int64_t)*w, ENDEDMEM);
		return exits(p, 0);
	default:
		fail_msg("it goes on");
		return exits(p, 0);
	}
}

static void
who_takes_all_memory_is_ended(void **state)
{
	(void)state;
	eaten = 0;
	assert_int_equal(run(eater).status, 0);
	assert_true(eaten > 50);
	assert_mentioned("detail=\"no memory is left\"");
}

/* 1 finds no memory while 2 is there: it has its page when 2 has ended. */
static bool fed;

static Userevent
patient(Process *p)
{
	Userevent e;

	switch (p->regs.rbx) {
	case 0:
		return ask(p, SYSFORK, 0, 0, 0);
	case 1:
		if (p->pid == 2) {
			p->regs.rbx++;
			return (Userevent){.why = USERTICK};
		}
		if (!fed)
			scarce(0);
		if (word(p, BSSVA, FAULTWRITE, &e) == NULL)
			return e;
		return exits(p, 0);
	default:
		assert_int_equal(p->pid, 2);
		if (p->regs.rbx++ < 4)
			return (Userevent){.why = USERTICK};
		scarce(SIZE_MAX);
		fed = true;
		return (Userevent){USERWRONG, 0, 0, "on purpose"};
	}
}

static void
who_is_short_of_memory_waits_for_others(void **state)
{
	(void)state;
	fed = false;
	Processrun r = run(patient);

	assert_int_equal(r.status, 0);
	assert_int_equal(r.nended, 1);
	assert_int_equal(hosttimes("no memory"), 0);
	assert_true(hosttimes("on purpose") == 1);
}

/* 1 and 2 find none, and there is nobody else: 2 is ended, then 1. */
static Userevent
starved(Process *p)
{
	Userevent e;

	if (p->regs.rbx == 0)
		return ask(p, SYSFORK, 0, 0, 0);
	scarce(0);
	assert_null(word(p, BSSVA, FAULTWRITE, &e));
	return e;
}

static void
they_do_not_wait_for_each_other(void **state)
{
	(void)state;
	assert_int_equal(run(starved).status, ENDEDMEM);
	assert_int_equal(hosttimes("no memory is left"), 2);
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

/* While 1 runs, 2, on another CPU, finds no memory: 1 may give some. */
static bool tried;

static Userevent
hopeful(Process *p)
{
	Userevent e;

	if (p->regs.rbx == 0)
		return ask(p, SYSFORK, 0, 0, 0);
	if (p->pid == 1 && p->regs.rbx == 1)
		assert_true(othercpu());
	if (p->pid == 1 || tried)
		return exits(p, 0);
	tried = true;
	scarce(0);
	assert_null(word(p, BSSVA, FAULTWRITE, &e));
	return e;
}

static void
who_runs_may_give_memory(void **state)
{
	(void)state;
	tried = false;
	assert_int_equal(run(hopeful).nended, 0);
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

/* 2 finds no memory at its first step, whatever comes of it. */
static Userevent
starves(Process *p)
{
	Userevent e;

	scarce(0);
	assert_null(word(p, BSSVA, FAULTWRITE, &e));
	return e;
}

/* 1 has others first, and then ends. */
static Userevent
generous(Process *p)
{
	if (p->regs.rbx == 0)
		return ask(p, SYSFORK, 0, 0, 0);
	if (p->pid == 1)
		return p->regs.rbx < 9 ? ask(p, SYSYIELD, 0, 0, 0)
				       : exits(p, 0);
	if (play.ran[play.nran - 2] != 2)
		scarce(0);
	Userevent e;
	if (word(p, BSSVA, FAULTWRITE, &e) == NULL)
		return e;
	return exits(p, 0);
}

static void
who_is_hungry_has_no_turns_until_memory_comes(void **state)
{
	static const int want[] = {1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2};

	(void)state;
	assert_int_equal(run(generous).nended, 1);
	assert_memory_equal(play.ran, want, sizeof want);
}

static size_t yielded;

/* 1 gives memory back in each turn, and 2 takes a look each time. */
static Userevent
teases(Process *p)
{
	size_t n = p->regs.rbx;

	play.nran = 0;
	if (n == 0)
		return ask(p, SYSFORK, 0, 0, 0);
	if (p->pid == 2)
		return starves(p);
	if (n % 3 == 1)
		return ask(p, SYSBRK, BSSEND + BY2PG, 0, 0);
	if (n % 3 == 2)
		return ask(p, SYSBRK, BSSEND, 0, 0);
	yielded++;
	return ask(p, SYSYIELD, 0, 0, 0);
}

static void
hunger_does_not_use_up_the_turns_of_others(void **state)
{
	(void)state;
	yielded = 0;
	assert_int_equal(run(teases).status, ENDEDLATE);
	assert_int_equal(yielded, 100000);
	assert_true(play.slices > 190000);
}

/* 2 has what 1 gives back, by its break or with its program. */
static uint64_t giving;

static Userevent
gives(Process *p)
{
	Userevent e;

	switch (p->regs.rbx) {
	case 0:
		if (!spell(p, "b", &e))
			return e;
		return ask(p, SYSFORK, 0, 0, 0);
	case 1:
		if (p->pid == 1)
			return ask(p, SYSBRK, BSSEND + BY2PG, 0, 0);
		if (word(p, BSSVA + BY2PG, FAULTWRITE, &e) != NULL)
			return exits(p, 0);
		scarce(play.idles == 0 ? 0 : SIZE_MAX);
		play.idles = 1;
		return e;
	case 2:
		return ask(p, SYSYIELD, 0, 0, 0);
	case 3:
		scarce(SIZE_MAX);
		return giving == SYSBRK ? ask(p, SYSBRK, BSSEND, 0, 0)
					: ask(p, SYSEXEC, BSSVA, 1, 0);
	case 4:
		return ask(p, SYSYIELD, 0, 0, 0);
	default:
		return exits(p, 0);
	}
}

static Userevent
yieldsonce(Process *p)
{
	return p->regs.rbx == 0 ? ask(p, SYSYIELD, 0, 0, 0) : exits(p, 0);
}

static void
what_is_given_back_feeds(void **state)
{
	static const uint64_t by[] = {SYSBRK, SYSEXEC};

	(void)state;
	play.program[1] = yieldsonce;
	for (size_t i = 0; i < nelem(by); i++) {
		giving = by[i];
		play.nran = play.idles = 0;
		assert_int_equal(run(gives).nended, 0);
		/* 2 before the end of 1 */
		assert_int_equal(play.ran[play.nran - 1], 1);
	}
}

/* 3 ends on another CPU after 2 was refused, before 2 is hungry. */
static void
endsthird(void)
{
	assert_true(othercpu());
}

static Userevent
overtaken(Process *p)
{
	Userevent e;

	if (p->pid == 1 && p->regs.rbx < 2)
		return ask(p, SYSFORK, 0, 0, 0);
	if (p->pid == 1)
		return p->regs.rbx == 2 ? ask(p, SYSSLEEP, 50, 0, 0)
					: exits(p, 0);
	if (p->pid == 3)
		return exits(p, 0);
	if (tried) {
		scarce(SIZE_MAX);
		return exits(p, 0);
	}
	tried = true;
	scarce(0);
	play.meanwhile = endsthird;
	assert_null(word(p, BSSVA, FAULTWRITE, &e));
	return e;
}

static void
memory_that_comes_at_once_is_not_missed(void **state)
{
	(void)state;
	tried = false;
	run(overtaken);
	/* 2 has its page before 1 wakes */
	assert_int_equal(play.ran[play.nran - 1], 1);
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

/* Who sleeps may give memory when it wakes. */
static Userevent
dreams(Process *p)
{
	if (p->regs.rbx == 0)
		return ask(p, SYSFORK, 0, 0, 0);
	if (p->pid == 1)
		return p->regs.rbx == 1 ? ask(p, SYSSLEEP, 3, 0, 0)
					: exits(p, 0);
	if (play.ms >= 3) {
		scarce(SIZE_MAX);
		return exits(p, 0);
	}
	return starves(p);
}

static void
who_is_hungry_waits_for_who_sleeps(void **state)
{
	(void)state;
	assert_int_equal(run(dreams).nended, 0);
	assert_int_equal(play.ms, 3);
}

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
		return starves(p);
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

/* 1 waits again, from where it was; nobody else watches. */
static void
all_stop_and_go_on(void **state)
{
	Processrun r;

	(void)state;
	assert_non_null(processgoon(1, &r));
	assert_false(processlast(&r) && r.nleft != 0);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PLAYED(turns_go_round),
	    PLAYED(who_takes_all_memory_is_ended),
	    PLAYED(who_is_short_of_memory_waits_for_others),
	    PLAYED(they_do_not_wait_for_each_other),
	    PLAYED(another_cpu_takes_who_is_ready),
	    PLAYED(who_goes_on_on_another_cpu_has_moved),
	    PLAYED(who_runs_may_give_memory),
	    PLAYED(the_end_of_a_child_is_not_missed),
	    PLAYED(a_cpu_that_is_not_ready_stays_away),
	    PLAYED(who_is_hungry_has_no_turns_until_memory_comes),
	    PLAYED(hunger_does_not_use_up_the_turns_of_others),
	    PLAYED(what_is_given_back_feeds),
	    PLAYED(memory_that_comes_at_once_is_not_missed),
	    PLAYED(who_sleeps_wakes_when_its_time_has_come),
	    PLAYED(nobody_sleeps_beyond_its_time),
	    PLAYED(naps_add_up),
	    PLAYED(others_run_while_one_sleeps),
	    PLAYED(who_is_hungry_waits_for_who_sleeps),
	    PLAYED(all_end_when_it_is_asked_for),
	    PLAYED(all_stop_and_go_on),
	    PLAYED(what_there_is_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
