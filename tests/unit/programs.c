/*
 * programs.c - programs begin, run and end: their images, what is refused, what
 * the kernel ends, and that nothing is left of them.
 *
 * needs: tests/host/played.c
 */
#include "expect.h"
#include "played.h"

static Userevent
atonce(Process *p)
{
	assert_int_equal(p->regs.rdi, 77);
	assert_int_equal(p->regs.sp, USTKTOP - 8);
	return exits(p, 5);
}

static void
a_program_runs_and_ends_with_its_status(void **state)
{
	(void)state;
	Processrun r = run(atonce);

	assert_int_equal(r.status, 5);
	assert_int_equal(r.nprocs, 1);
	assert_int_equal(r.nended, 0);
	assert_int_equal(play.most, 1);
}

static Userevent
hugestatus(Process *p)
{
	return exits(p, -1);
}

/* A status below 0 is the kernel's word. */
static void
no_program_ends_itself_as_if_it_had_been_ended(void **state)
{
	(void)state;
	assert_int_equal(run(hugestatus).status, INT32_MAX);
}

static void
what_cannot_begin_is_said(void **state)
{
	Processrun r;

	(void)state;
	assert_ptr_equal(processrun("nobody", 0, 1, &r), Enoent);
	assert_ptr_equal(processrun("", 0, 1, &r), Enoent);
	play.notready = "no timer";
	assert_string_equal(processrun("a", 0, 1, &r), "no timer");
}

/* Not only of the first: of any. */
static Userevent
childwrong(Process *p)
{
	if (p->regs.rbx == 0)
		return ask(p, SYSFORK, 0, 0, 0);
	return exits(p, p->pid == 1 ? 0 : CALLSWRONG);
}

static void
who_saw_a_wrong_result_is_counted(void **state)
{
	(void)state;
	Processrun r = run(childwrong);

	assert_int_equal(r.status, 0);
	assert_int_equal(r.nwrong, 1);
	assert_int_equal(run(atonce).nwrong, 0);
}

static Processrun *mine;

static Userevent
looks(Process *p)
{
	assert_int_equal(mine->status, 1234);
	return exits(p, 5);
}

/* If the caller breaks it off, other CPUs go on, and its stack is another's. */
static void
what_came_of_it_is_told_at_its_end(void **state)
{
	Processrun r = {.status = 1234};

	(void)state;
	mine = &r;
	play.program[0] = looks;
	assert_null(processrun("a", 77, 1, &r));
	assert_int_equal(r.status, 5);
	assert_int_equal(r.nprocs, 1);
}

/* Whoever reported something may have been in the midst of one. */
static void
none_begins_where_one_was_broken_off(void **state)
{
	Processinfo i;
	Processrun r;
	const char *why = NULL;
	Process *p = newprocess(NULL, &why);

	(void)state;
	assert_non_null(p);
	play.program[0] = atonce;
	assert_string_equal(processrun("a", 77, 1, &r),
	    "processes of a run that was broken off are there still");
	assert_string_equal(processgoon(1, &r), "no processes were stopped");
	assert_true(processnext(0, &i)); /* it had no program yet */
	assert_string_equal(i.name, "");
	assert_int_equal(i.nseg, 0);
	assert_int_equal(play.nran, 0);
	dropprocess(p);
	assert_int_equal(run(atonce).status, 5);
}

/* What it finds in its memory, one address a step; it writes where it may. */
static Userevent
touches(Process *p)
{
	static const struct {
		uintptr_t va;
		enum access access;
		uint64_t has;
	} at[] = {
	    {DATAVA, FAULTREAD, DATAWORD},
	    {DATAVA + 16, FAULTREAD, 0},
	    {DATAVA, FAULTWRITE, DATAWORD},
	    {DATAVA, FAULTREAD, 1},
	    {BSSVA, FAULTWRITE, 0},
	    {STACKVA, FAULTWRITE, 0},
	    {UTZERO, FAULTREAD, USERMAGIC},
	};
	size_t n = p->regs.rbx;
	Userevent e;

	if (n == nelem(at))
		return ask(p, SYSGETPID, 0, 0, 0);
	if (n > nelem(at))
		return exits(p, result(p) - 1);
	uint64_t *w = word(p, at[n].va, at[n].access, &e);
	if (w == NULL)
		return e;
	assert_int_equal(*w, at[n].has);
	if (at[n].access == FAULTWRITE)
		*w = 1;
	p->regs.rbx++;
	return (Userevent){.why = USERNOTHING};
}

static void
its_memory_is_its_image_and_zeros(void **state)
{
	(void)state;
	assert_int_equal(run(touches).status, 0);
}

static Userevent strays;

static Userevent
strayer(Process *p)
{
	(void)p;
	return strays;
}

static void
whoever_does_what_it_may_not_is_ended_and_named(void **state)
{
	static const struct {
		Userevent e;
		int64_t status;
		const char *says;
	} is[] = {
	    {{USERFAULT, FAULTREAD, 0, NULL}, ENDEDADDR,
		"it may not read there"},
	    {{USERFAULT, FAULTWRITE, UTZERO, NULL}, ENDEDADDR,
		"it may not write there"},
	    {{USERFAULT, FAULTEXEC, BSSVA, NULL}, ENDEDADDR,
		"it may not run that"},
	    {{USERFAULT, FAULTREAD, KZERO, NULL}, ENDEDADDR,
		"it may not read there"},
	    {{USERWRONG, 0, 0, "it divides by zero"}, ENDEDWRONG,
		"it divides by zero"},
	};

	(void)state;
	for (size_t i = 0; i < nelem(is); i++) {
		char want[300];

		strays = is[i].e;
		Processrun r = run(strayer);
		assert_int_equal(r.status, is[i].status);
		assert_int_equal(r.nended, 1);
		snprintf(want, sizeof want,
		    "mem9: killed pid=1 name=a pc=0x200040 addr=%#jx "
		    "stack=0x7fffffeff000-0x7ffffffff000 "
		    "text=0x200000-0x201000 data=0x201000-0x202000 "
		    "bss=0x202000-0x205000 detail=\"%s\"\n",
		    (uintmax_t)is[i].e.addr, is[i].says);
		assert_mentioned(want);
	}
}

static Userevent
spins(Process *p)
{
	p->regs.rbx++;
	return (Userevent){
	    .why = p->regs.rbx % 2 == 0 ? USERTICK : USERNOTHING};
}

static void
its_time_is_limited(void **state)
{
	(void)state;
	assert_int_equal(run(spins).status, ENDEDLATE);
	assert_int_equal(play.slices, 300);
	assert_int_equal(play.nran, 600);
	assert_mentioned("detail=\"its time is over\"");
}

static Userevent
limits(Process *p)
{
	return p->regs.rbx == 0 ? ask(p, SYSLIMIT, 3, 0, 0)
	       : p->regs.rbx == 1
		   ? ask(p, SYSLIMIT, 1000, 0, 0) /* not more again */
		   : (Userevent){.why = USERTICK};
}

static void
it_may_limit_its_time(void **state)
{
	(void)state;
	assert_int_equal(run(limits).status, ENDEDLATE);
	assert_int_equal(play.nran, 5);
}

static Userevent
limitsto0(Process *p)
{
	return p->regs.rbx == 0 ? ask(p, SYSLIMIT, 0, 0, 0)
				: (Userevent){.why = USERTICK};
}

/* No time at all is not the most that there can be. */
static void
it_may_have_none_left(void **state)
{
	(void)state;
	assert_int_equal(run(limitsto0).status, ENDEDLATE);
	assert_int_equal(play.nran, 1);
}

static Userevent
yields(Process *p)
{
	play.nran = 0;
	return ask(p, SYSYIELD, 0, 0, 0);
}

static void
so_are_the_turns_of_all(void **state)
{
	(void)state;
	assert_int_equal(run(yields).status, ENDEDLATE);
	assert_int_equal(play.slices, 100000);
}

static size_t
noread(Chan *c, void *to, size_t n, uint64_t off)
{
	(void)c;
	(void)to;
	(void)n;
	(void)off;
	return 0;
}

static Userevent
unread(Process *p)
{
	Userevent e;

	p->mem->seg[DSEG]->file.chan->read = noread;
	assert_null(word(p, DATAVA, FAULTREAD, &e));
	return e;
}

static void
a_file_that_cannot_be_read_ends_it(void **state)
{
	(void)state;
	assert_int_equal(run(unread).status, ENDEDFILE);
}

static void
an_image_that_is_none_is_refused(void **state)
{
	static const Userimage bad[] = {
	    {USERMAGIC + 1, BY2PG, 16, 0, 64},
	    {USERMAGIC, BY2PG - 8, 16, 0, 64},
	    {USERMAGIC, BY2PG, 16, 0, BY2PG},
	    {USERMAGIC, BY2PG, 17, 0, 64},
	    {USERMAGIC, 2 * BY2PG, 16, 0, 64},
	};
	Processrun r;

	(void)state;
	for (size_t i = 0; i < nelem(bad); i++) {
		memcpy(images[1], &bad[i], sizeof bad[i]);
		expectpanic(processrun("a", 0, 1, &r), "b is no program");
	}
	makeimages();
	for (size_t i = NPROGRAM; i < TOOMANY; i++)
		list[i] = list[0];
	expectpanic(processrun("a", 0, 1, &r), "a is one program too many");
}

/* Without data and bss: two segments less that take memory. */
static void
an_image_may_be_all_text(void **state)
{
	Userimage u = {USERMAGIC, BY2PG, 0, 0, ENTRY};

	(void)state;
	memcpy(images[0], &u, sizeof u);
	list[0].end = images[0] + BY2PG;
	assert_int_equal(run(atonce).status, 5);
	strays = (Userevent){USERFAULT, FAULTREAD, 0, NULL};
	assert_int_equal(run(strayer).status, ENDEDADDR);
	assert_mentioned("text=0x200000-0x201000 bss=0x201000-0x201000");
}

/* A byte of its text is its status. */
static Userevent
tellstext(Process *p)
{
	Userevent e;
	const uint64_t *w = word(p, UTZERO + 0x80, FAULTREAD, &e);

	return w == NULL ? e : exits(p, (int64_t)*w);
}

/* One that is no built-in, though it may be called so: each time anew. */
static void
any_image_is_run_and_not_its_forerunner(void **state)
{
	const Builtin b = {
	    "a", images[2], images[2] + sizeof images[2]}; /* c's */
	Processrun r;

	(void)state;
	play.program[2] = tellstext;
	for (uint8_t i = 3; i < 6; i++) {
		images[2][0x80] = i;
		assert_null(processrunimage(&b, 77, 1, &r));
		assert_int_equal(r.status, i);
	}
	play.program[0] = atonce;
	assert_null(processrun("a", 77, 1, &r));
	assert_int_equal(r.status, 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PLAYED(a_program_runs_and_ends_with_its_status),
	    PLAYED(no_program_ends_itself_as_if_it_had_been_ended),
	    PLAYED(who_saw_a_wrong_result_is_counted),
	    PLAYED(what_cannot_begin_is_said),
	    PLAYED(what_came_of_it_is_told_at_its_end),
	    PLAYED(none_begins_where_one_was_broken_off),
	    PLAYED(its_memory_is_its_image_and_zeros),
	    PLAYED(whoever_does_what_it_may_not_is_ended_and_named),
	    PLAYED(its_time_is_limited),
	    PLAYED(it_may_limit_its_time),
	    PLAYED(it_may_have_none_left),
	    PLAYED(so_are_the_turns_of_all),
	    PLAYED(a_file_that_cannot_be_read_ends_it),
	    PLAYED(an_image_that_is_none_is_refused),
	    PLAYED(an_image_may_be_all_text),
	    PLAYED(any_image_is_run_and_not_its_forerunner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
