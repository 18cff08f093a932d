/*
 * forbidden.c - the table of what no program may do: a row that ends otherwise
 * is a row that fails.
 *
 * needs: kern/monitor/forbidden.c tests/host/procs.c
 */
#include "procs.h"
#include "forbidden.h"
#include "programs.h"
#include "../../kern/monitor/asks.h"

static struct {
	const char *why;
	bool other;
	size_t wrong; /* this row is forgiven, or */
	bool late;    /* it has no time left */
	size_t ran;
} play;

#define STATUS(what, status) status,
static const int64_t want[] = {FORBIDDEN(STATUS)};

bool
of0(const char *name)
{
	if (play.other)
		print("%s: by CPU 0 alone\n", name);
	return !play.other;
}

void
processtidy(void)
{
}

const char *
processrun(const char *name, uint64_t arg, size_t most, Processrun *r)
{
	assert_string_equal(name, "forbid");
	assert_int_equal(arg, play.ran++);
	assert_int_equal(most, 1);
	*r = (Processrun){.status = want[arg]};
	if (arg == play.wrong)
		r->status = play.late ? ENDEDLATE : FORGIVEN;
	return play.why;
}

static int
setup(void **state)
{
	(void)state;
	memset(&play, 0, sizeof play);
	play.wrong = SIZE_MAX;
	procsmachine();
	hostquiet();
	return 0;
}

static void
each_row_has_its_answer(void **state)
{
	(void)state;
	cmdforbidden("");
	assert_int_equal(play.ran, nelem(want));
	assert_mentioned(" 0  reads the kernel                              "
			 "ended: not its address\n");
	assert_mentioned("refused, and it goes on\n");
	assert_mentioned("ended: no program may\n");
	assert_mentioned("49 tried, 0 not as it should be\n");
	assert_int_equal(hosttimes("WRONG"), 0);
}

static void
what_is_forgiven_is_wrong(void **state)
{
	(void)state;
	play.wrong = 3;
	cmdforbidden("-v");
	assert_mentioned("mem9: forbid n=2 status=-1 want=-1 result=ok "
			 "what=\"runs it\"\n"
			 "mem9: forbid n=3 status=50 want=-1 result=failed "
			 "what=\"reads address 0\"\n");
	assert_mentioned("mem9: forbidden rows=49 failed=1\n");
	play.ran = 0;
	cmdforbidden("");
	assert_mentioned("done, WRONG\n");
	assert_mentioned("49 tried, 1 not as it should be\n");
	play.ran = 0;
	play.late = true;
	cmdforbidden("");
	assert_mentioned("ended otherwise, WRONG\n");
}

static void
data_runs_where_there_is_no_nx(void **state)
{
	(void)state;
	kspace.limits.forbidden = PTENOEXEC;
	play.wrong = RUNSDATAROW;
	cmdforbidden("-v");
	assert_mentioned("mem9: forbidden rows=49 failed=0\n");
}

static void
what_cannot_run_is_said(void **state)
{
	(void)state;
	play.why = "there is no local APIC";
	cmdforbidden("");
	assert_said("forbidden: there is no local APIC\n");
	hostquiet();
	cmdforbidden("-x");
	assert_said("-x: only -v goes with it\n");
	hostquiet();
	cmdforbidden("-vx");
	assert_said("-vx: only -v goes with it\n");
	play.other = true;
	hostquiet();
	cmdforbidden("");
	assert_said("forbidden: by CPU 0 alone\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(each_row_has_its_answer, setup),
	    cmocka_unit_test_setup(what_is_forgiven_is_wrong, setup),
	    cmocka_unit_test_setup(data_runs_where_there_is_no_nx, setup),
	    cmocka_unit_test_setup(what_cannot_run_is_said, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
