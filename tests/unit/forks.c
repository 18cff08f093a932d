/*
 * forks.c - parents and children: what each has, who hears of whose end, and
 * what goes on with another program.
 *
 * needs: tests/host/played.c
 */
#include "played.h"
#include "image.h"

/*
 * The child changes what it has and ends with 9; the parent waits for it, the
 * status being written to a page that both have and it has read.
 */
static Userevent
forks(Process *p)
{
	Userevent e;
	uint64_t *w = NULL;

	switch (p->regs.rbx) {
	case 0:
		w = word(p, BSSVA, FAULTWRITE, &e);
		if (w == NULL)
			return e;
		w[0] = w[1] = 3;
		return ask(p, SYSFORK, 0, 0, 0);
	case 1:
		if (result(p) != 0) {
			assert_int_equal(result(p), 2);
			if (word(p, BSSVA, FAULTREAD, &e) == NULL)
				return e;
			return ask(p, SYSWAIT, BSSVA, 0, 0);
		}
		w = word(p, BSSVA, FAULTWRITE, &e);
		if (w == NULL)
			return e;
		assert_int_equal(w[0], 3);
		w[0] = w[1] = 4;
		return exits(p, 9);
	case 2:
		assert_int_equal(result(p), 2);
		w = word(p, BSSVA, FAULTREAD, &e);
		if (w == NULL)
			return e;
		assert_int_equal(w[0], 9);
		assert_int_equal(w[1], 3);
		return ask(p, SYSWAIT, BSSVA + 8, 0, 0);
	default:
		assert_int_equal(result(p), SYSECHILD);
		return exits(p, 0);
	}
}

static void
a_child_has_a_copy_and_its_end_is_waited_for(void **state)
{
	(void)state;
	Processrun r = run(forks);

	assert_int_equal(r.status, 0);
	assert_int_equal(r.nprocs, 2);
	assert_int_equal(r.nended, 0);
}

/* The child ends first: its status is kept. */
static Userevent
late(Process *p)
{
	Userevent e;
	uint64_t *w = NULL;

	switch (p->regs.rbx) {
	case 0:
		return ask(p, SYSFORK, 0, 0, 0);
	case 1:
		if (result(p) == 0)
			return (Userevent){USERWRONG, 0, 0, "on purpose"};
		return ask(p, SYSYIELD, 0, 0, 0);
	case 2:
		assert_int_equal(result(p), 0);
		return ask(p, SYSWAIT, BSSVA, 0, 0);
	default:
		assert_int_equal(result(p), 2);
		w = word(p, BSSVA, FAULTREAD, &e);
		if (w == NULL)
			return e;
		assert_int_equal((int64_t)*w, ENDEDWRONG);
		return exits(p, 0);
	}
}

static void
a_childs_end_is_kept_until_it_is_waited_for(void **state)
{
	(void)state;
	Processrun r = run(late);

	assert_int_equal(r.status, 0);
	assert_int_equal(r.nended, 1);
}

/* 1 has 2, which has 3: 2 ends, then 3, of whom nobody is to hear. */
static Userevent
orphans(Process *p)
{
	switch (p->regs.rbx) {
	case 0:
		return ask(p, SYSFORK, 0, 0, 0);
	case 1:
		if (result(p) != 0)
			return ask(p, SYSWAIT, STACKVA, 0, 0);
		return ask(p, SYSFORK, 0, 0, 0);
	case 2:
		if (p->pid == 3)
			return ask(p, SYSYIELD, 0, 0, 0);
		if (p->pid == 2)
			return exits(p, 0);
		return ask(p, SYSWAIT, STACKVA, 0, 0);
	case 3:
		if (p->pid == 3)
			return ask(p, SYSWAIT, STACKVA, 0, 0);
		assert_int_equal(result(p), SYSECHILD);
		return exits(p, 1);
	default:
		assert_int_equal(p->pid, 3);
		assert_int_equal(result(p), SYSECHILD);
		return exits(p, 2);
	}
}

static void
who_has_lost_its_parent_is_nobodys(void **state)
{
	(void)state;
	Processrun r = run(orphans);

	assert_int_equal(r.status, 1);
	assert_int_equal(r.nprocs, 3);
}

/* Children that have ended, whose parent ends without a look. */
static Userevent
careless(Process *p)
{
	if (p->pid != 1)
		return exits(p, 1);
	if (p->regs.rbx < 3)
		return ask(p, SYSFORK, 0, 0, 0);
	return p->regs.rbx == 3 ? ask(p, SYSYIELD, 0, 0, 0) : exits(p, 0);
}

static void
children_that_nobody_asks_for_go_with_their_parent(void **state)
{
	(void)state;
	assert_int_equal(run(careless).nprocs, 4);
}

/* These words are there, to be written; or the fault that one takes. */
static bool
words(Process *p, uint64_t *w[3], Userevent *e)
{
	static const uintptr_t at[] = {BSSVA, STACKVA, DATAVA + 8};

	for (size_t i = 0; i < nelem(at); i++)
		if ((w[i] = word(p, at[i], FAULTWRITE, e)) == NULL)
			return false;
	return true;
}

/* 2 shares data and bss with 1, and its stack is its own. */
static Userevent
shares(Process *p)
{
	Userevent e;
	uint64_t *w[3];

	if (!words(p, w, &e))
		return e;
	switch (p->regs.rbx) {
	case 0:
		*w[0] = *w[1] = 3;
		return ask(p, SYSRFORK, RFMEM, 0, 0);
	case 1:
		if (p->pid == 1)
			return ask(p, SYSWAIT, DATAVA + 8, 0, 0);
		assert_int_equal(*w[0], 3);
		*w[0] = *w[1] = 4;
		return exits(p, 6);
	default:
		assert_int_equal(result(p), 2);
		assert_int_equal(*w[0], 4);
		assert_int_equal(*w[1], 3);
		assert_int_equal(*w[2], 6);
		return exits(p, 0);
	}
}

static void
memory_may_be_shared_with_a_child(void **state)
{
	(void)state;
	assert_int_equal(run(shares).status, 0);
}

/* 2 is there: the memory that 1 has with it does not shrink. */
static Userevent
shrinks(Process *p)
{
	if (p->pid == 2)
		return p->regs.rbx < 3 ? ask(p, SYSYIELD, 0, 0, 0)
				       : exits(p, 0);
	switch (p->regs.rbx) {
	case 0:
		return ask(p, SYSRFORK, RFMEM, 0, 0);
	case 1:
		return ask(p, SYSBRK, BSSVA, 0, 0);
	case 2:
		assert_int_equal(result(p), SYSEINUSE);
		return ask(p, SYSWAIT, DATAVA, 0, 0);
	case 3:
		assert_int_equal(result(p), 2);
		return ask(p, SYSBRK, BSSVA, 0, 0);
	default:
		return exits(p, result(p));
	}
}

static void
shared_memory_does_not_shrink(void **state)
{
	(void)state;
	assert_int_equal(run(shrinks).status, 0);
}

static Userevent
flags(Process *p)
{
	static const uint64_t bad[] = {1, RFMEM | 1, 1ull << 63, UINT64_MAX};
	size_t n = p->regs.rbx;

	if (p->pid != 1)
		return exits(p, 0);
	if (n > 0 && n <= nelem(bad))
		assert_int_equal(result(p), SYSEBADARG);
	if (n < nelem(bad))
		return ask(p, SYSRFORK, bad[n], 0, 0);
	if (n == nelem(bad))
		return ask(p, SYSRFORK, 0, 0, 0);
	assert_int_equal(result(p), 2);
	return exits(p, 0);
}

static void
nothing_else_is_shared(void **state)
{
	(void)state;
	assert_int_equal(run(flags).nprocs, 2);
}

static int64_t bombs;

static Userevent
bomb(Process *p)
{
	if (p->pid != 1)
		return exits(p, 0);
	if (p->regs.rbx == 0 || result(p) > 0)
		return ask(p, SYSFORK, 0, 0, 0);
	bombs = result(p);
	return exits(p, 0);
}

static void
there_are_only_so_many_processes(void **state)
{
	(void)state;
	processesgone();
	processmachine((Processes){8000, 8000, 4, 1});
	Processrun r = run(bomb);

	assert_int_equal(bombs, SYSENOPROC);
	assert_int_equal(r.nprocs, NPROCESS);
}

static Userevent
execs(Process *p)
{
	Userevent e;

	if (!spell(p, "bzzz", &e))
		return e;
	switch (p->regs.rbx) {
	case 0:
		return ask(p, SYSEXEC, BSSVA, 2, 5);
	case 1:
		assert_int_equal(result(p), SYSENOENT);
		return ask(p, SYSEXEC, BSSVA, NAMEMAX, 5);
	case 2:
		assert_int_equal(result(p), SYSENOENT);
		return ask(p, SYSEXEC, BSSVA, 1, 88);
	default:
		fail_msg("it goes on");
		return exits(p, 0);
	}
}

static Userevent
second(Process *p)
{
	Userevent e;
	uint64_t *w = word(p, BSSVA, FAULTWRITE, &e);

	assert_int_equal(p->regs.rdi, 88);
	assert_int_equal(p->regs.rbx, 0);
	assert_string_equal(p->program->name, "b");
	if (w == NULL)
		return e;
	assert_int_equal(*w, 0);
	*w = 1;
	return exits(p, 6);
}

static void
another_program_goes_on_in_new_memory(void **state)
{
	(void)state;
	play.program[1] = second;
	assert_int_equal(run(execs).status, 6);
	assert_int_equal(run(execs).status, 6);
}

/* All of it, with less and less refused; each time, nothing is left. */
static Userevent
thrifty(Process *p)
{
	Userevent e;

	switch (p->regs.rbx) {
	case 0:
		return ask(p, SYSFORK, 0, 0, 0);
	case 1:
		if (result(p) < 0)
			return exits(p, 50);
		if (result(p) > 0)
			return ask(p, SYSWAIT, STACKVA, 0, 0);
		if (!spell(p, "b", &e))
			return e;
		return ask(p, SYSEXEC, BSSVA, 1, 88);
	case 2:
		if (result(p) < 0) {
			if (result(p) == SYSENOMEM)
				return exits(p, 51);
			fail_msg("%jd", (intmax_t)result(p));
		}
		return exits(p, 0);
	default:
		return exits(p, 0);
	}
}

static void
without_memory_calls_fail_and_nothing_is_lost(void **state)
{
	size_t ngood = 0;

	(void)state;
	play.program[1] = second;
	play.program[0] = thrifty;
	hostquiet();
	for (size_t n = 0; ngood < 3; n++) {
		Processrun r;

		assert_true(n < 200);
		play.nran = 0;
		scarce(n);
		const char *why = processrun("a", 0, 1, &r);
		ngood += scarcerefused() == 0;
		assert_true(why == NULL || why == Enomem);
		scarce(SIZE_MAX);
		processtidy();
		processesgone();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PLAYED(a_child_has_a_copy_and_its_end_is_waited_for),
	    PLAYED(a_childs_end_is_kept_until_it_is_waited_for),
	    PLAYED(who_has_lost_its_parent_is_nobodys),
	    PLAYED(children_that_nobody_asks_for_go_with_their_parent),
	    PLAYED(memory_may_be_shared_with_a_child),
	    PLAYED(shared_memory_does_not_shrink),
	    PLAYED(nothing_else_is_shared),
	    PLAYED(there_are_only_so_many_processes),
	    PLAYED(another_program_goes_on_in_new_memory),
	    PLAYED(without_memory_calls_fail_and_nothing_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
