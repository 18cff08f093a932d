/*
 * init.c - the first program, and what it makes of how others end: the kernel
 * is played, and each process ends as the test says.
 *
 * covers: user/init.c
 */
#include "unit.h"

/* The C library has some of these, too. */
#define exit userexit
#define fork userfork
#define exec userexec
#define wait userwait
#define yield useryield
#define run userrun
#define main usermain
#include "../../user/init.c"
#include "../../user/lib.c"
#undef exit
#undef main

enum { NTRIAL = sizeof trials / sizeof trials[0] };
enum { NFORBIDDEN = sizeof forbidden / sizeof forbidden[0] };

static struct {
	uint64_t cpu;   /* init's argument */
	int64_t nfork;  /* so many children were there */
	int64_t waited; /* and so many asked for */
	int64_t odd;    /* this one, from 1 on, */
	int64_t ends;   /* ends like that */
	bool strange;   /* a wait finds a child that is none of these */
	bool child;     /* it is the child that is played */
	jmp_buf out;    /* where it ends */
	bool nofork;    /* there is no room for a child */
	bool left;      /* at the end there is one still */
	char said[PRINTMAX + 1]; /* last */
} play;

static int64_t
should(int64_t pid)
{
	if (pid <= NTRIAL)
		return trials[pid - 1].status;
	return ending((size_t)pid - NTRIAL - 1, play.cpu);
}

static int64_t
waits(int64_t *status)
{
	if (play.waited == play.nfork)
		return play.left ? play.nfork + 1 : SYSECHILD;
	play.waited++;
	*status = play.waited == play.odd ? play.ends : should(play.waited);
	return play.strange ? 1000 : play.waited;
}

int64_t
ask(uint64_t n, uint64_t a, uint64_t b, uint64_t c)
{
	(void)c;
	switch (n) {
	case SYSFORK:
		if (play.child)
			return 0;
		return play.nofork ? SYSENOPROC : ++play.nfork;
	case SYSEXEC:
		assert_true(play.child);
		return SYSENOENT;
	case SYSEXIT:
		longjmp(play.out, (int)a);
	case SYSWAIT:
		return waits((int64_t *)a);
	case SYSPRINT:
		snprintf(play.said, sizeof play.said, "%.*s", (int)b,
		    (const char *)a);
		return 0;
	default:
		fail_msg("call %ju of a parent", (uintmax_t)n);
		return 0;
	}
}

static int
setup(void **state)
{
	(void)state;
	memset(&play, 0, sizeof play);
	return 0;
}

static void
all_end_as_they_should(void **state)
{
	(void)state;
	assert_int_equal(usermain(play.cpu), 0);
	assert_int_equal(play.waited, NTRIAL + NFORBIDDEN);
	assert_string_equal(
	    play.said, "programs that ended otherwise than they should: 0");
}

/* At the boot. */
static void
alone_it_starts_nobody(void **state)
{
	(void)state;
	play.nofork = true;
	assert_int_equal(usermain(ALONE), 0);
	assert_string_equal(play.said, "the first process is here");
	assert_int_equal(play.nfork + play.waited, 0);
}

static void
data_may_run_where_the_cpu_has_no_word_for_it(void **state)
{
	(void)state;
	play.cpu = RUNSDATA;
	assert_int_equal(should(NTRIAL + 1 + RUNSDATAROW), FORGIVEN);
	assert_int_equal(usermain(play.cpu), 0);
	play.cpu = 0;
	assert_int_equal(should(NTRIAL + 1 + RUNSDATAROW), ENDEDADDR);
}

static void
who_ends_otherwise_is_counted(void **state)
{
	(void)state;
	for (int64_t pid = 1; pid <= NTRIAL + NFORBIDDEN; pid++) {
		setup(NULL);
		play.odd = pid;
		play.ends = 77;
		assert_int_equal(usermain(play.cpu), 1);
	}
	setup(NULL);
	play.strange = true;
	assert_int_equal(usermain(play.cpu), NTRIAL + NFORBIDDEN);
	setup(NULL);
	play.nofork = true;
	assert_int_equal(usermain(play.cpu), NTRIAL + NFORBIDDEN);
}

static void
a_child_without_its_program_ends(void **state)
{
	(void)state;
	play.child = true;
	int status = setjmp(play.out);
	if (status == 0)
		usermain(0);
	assert_int_equal(status, 99);
}

/* Whom nobody has started, and nobody but the kernel can have. */
static void
at_the_end_there_is_no_child(void **state)
{
	(void)state;
	play.left = true;
	assert_int_equal(usermain(play.cpu), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(all_end_as_they_should, setup),
	    cmocka_unit_test_setup(alone_it_starts_nobody, setup),
	    cmocka_unit_test_setup(
		data_may_run_where_the_cpu_has_no_word_for_it, setup),
	    cmocka_unit_test_setup(who_ends_otherwise_is_counted, setup),
	    cmocka_unit_test_setup(a_child_without_its_program_ends, setup),
	    cmocka_unit_test_setup(at_the_end_there_is_no_child, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
