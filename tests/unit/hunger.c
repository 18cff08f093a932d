/*
 * hunger.c - when memory runs out: who waits for some, who is ended.
 *
 * needs: tests/host/played.c
 */
#include "played.h"

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

/* Its text is cached when it has gone. */
static Userevent
passes(Process *p)
{
	Userevent e;

	return word(p, UTZERO, FAULTREAD, &e) == NULL ? e : exits(p, 0);
}

static void
who_takes_all_memory_is_ended(void **state)
{
	Processrun r;

	(void)state;
	eaten = 0;
	play.program[1] = passes;
	assert_null(processrun("b", 0, 1, &r));
	assert_int_equal(run(eater).status, 0);
	assert_true(eaten > 50);
	assert_mentioned("detail=\"no memory is left\"");
	assert_mentioned("mem9: nomemory pid=2 name=a addr=0x");
	assert_mentioned(" free=0 reclaimed=1 failed=1\n");
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
	assert_int_equal(hosttimes("mem9: nomemory"), 1);
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

/* Two at once, and both have theirs. */
static Userevent
twohungry(Process *p)
{
	if (p->pid == 1 && p->regs.rbx < 2)
		return ask(p, SYSFORK, 0, 0, 0);
	if (p->pid == 1)
		return p->regs.rbx == 2 ? ask(p, SYSSLEEP, 3, 0, 0)
					: exits(p, 0);
	if (play.ms >= 3) {
		scarce(SIZE_MAX);
		return exits(p, 0);
	}
	return starves(p);
}

static void
several_may_be_hungry(void **state)
{
	(void)state;
	Processrun r = run(twohungry);
	assert_int_equal(r.nprocs, 3);
	assert_int_equal(r.nended, 0);
	assert_int_equal(hosttimes("mem9: nomemory"), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PLAYED(who_takes_all_memory_is_ended),
	    PLAYED(who_is_short_of_memory_waits_for_others),
	    PLAYED(they_do_not_wait_for_each_other),
	    PLAYED(who_runs_may_give_memory),
	    PLAYED(who_is_hungry_has_no_turns_until_memory_comes),
	    PLAYED(hunger_does_not_use_up_the_turns_of_others),
	    PLAYED(what_is_given_back_feeds),
	    PLAYED(memory_that_comes_at_once_is_not_missed),
	    PLAYED(who_is_hungry_waits_for_who_sleeps),
	    PLAYED(several_may_be_hungry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
