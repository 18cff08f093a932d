/*
 * brokenoff.c - a run that a panic broke off, wherever it was: nothing waits
 * for what it held, it is shown, and no other one begins.
 *
 * needs: tests/host/played.c
 */
#include "expect.h"
#include "played.h"
#include "../../proc/program.h"
#include "../../proc/segs.h"

static const char held[] = "a run was broken off while it held what all need";

static Userevent
atonce(Process *p)
{
	return exits(p, 5);
}

static const char *
another(void)
{
	Processrun r;

	return processrun("a", 77, 1, &r);
}

static enum runasked
stop(void)
{
	return RUNSTOP;
}

/* What is cached stays: the processes may be using it. */
static void
nothing_is_tidied_under_processes(void **state)
{
	Processrun r;

	(void)state;
	run(atonce);
	processwatch(stop, RUNENDLESS);
	run(atonce);
	assert_int_equal(procs.n, 1);
	processwatch(NULL, RUNLIMITED);
	size_t was = pagesfree();
	processtidy();
	assert_int_equal(pagesfree(), was);
	assert_null(processgoon(1, &r));
	processtidy();
	assert_true(pagesfree() > was);
}

static void
the_list_is_told_while_it_is_locked(void **state)
{
	Processinfo i;
	Processrun r;

	(void)state;
	processwatch(stop, RUNENDLESS);
	run(atonce);
	processwatch(NULL, RUNLIMITED);
	lock(&procs.lock);
	assert_true(processnext(0, &i));
	assert_int_equal(i.pid, 1);
	assert_false(processnext(1, &i));
	unlock(&procs.lock);
	assert_null(processgoon(1, &r));
	lock(&procs.lock);
	assert_string_equal(another(), held);
	processtidy();
	unlock(&procs.lock);
	run(atonce);
}

/* The end of its memory panics: ps does not look at what is gone by then. */
static Userevent
spoils(Process *p)
{
	static Seguse more;

	seguse(p->mem->seg[SSEG], &more, p->mem);
	return exits(p, 5);
}

/* The last: nobody ever lets go of that lock. */
static void
what_panicked_is_left_alone(void **state)
{
	static Chan chan = {"gone", NULL};
	Processinfo i;
	Processrun r;

	(void)state;
	play.program[0] = spoils;
	expectpanic(processrun("a", 77, 1, &r), "is mapped still");
	assert_true(processnext(0, &i));
	assert_int_equal(i.nseg, 0);
	assert_non_null(another());
	procs.first = NULL;
	Program *p = program(&chan);
	assert_non_null(p);
	imageclose(&p->image);
	expectpanic(putprogram(p), "is not open");
	assert_true(programsbusy());
	processtidy();
	assert_string_equal(another(), held);
	hostloud();
}

/* What was broken off stays so: there is nothing to tidy up after the last. */
int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PLAYED(nothing_is_tidied_under_processes),
	    PLAYED(the_list_is_told_while_it_is_locked),
	    cmocka_unit_test_setup(what_panicked_is_left_alone, playsetup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
