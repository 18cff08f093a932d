/*
 * userinit.c - the boot's last step: what is said of the first process, however
 * it ends. The run is played.
 *
 * needs: kern/userinit.c kern/format.c
 */
#include "unit.h"
#include "bootinfo.h"
#include "mmu.h"
#include "programs.h"
#include "screen.h"
#include "syscall.h"
#include "tell.h"
#include "../../kern/boot.h"

static struct {
	const char *why;
	int64_t status;
	size_t ran, tidied;
	const char *wrong;
} play;

const char *
processrun(const char *name, uint64_t arg, size_t most, Processrun *r)
{
	assert_string_equal(name, "init");
	assert_int_equal(arg, ALONE);
	assert_int_equal(most, 1);
	assert_int_equal(play.tidied, 0);
	play.ran++;
	if (play.why == NULL)
		*r = (Processrun){.status = play.status, .nprocs = 1};
	return play.why;
}

void
processtidy(void)
{
	play.tidied++;
}

void
tellwrong(const char *why)
{
	play.wrong = why;
}

static Bootinfo boot;
Bootinfo *bootinfo = &boot;
static unsigned rows;
static const Physseg *added;

unsigned
screenrows(void)
{
	return rows;
}

void
addphysseg(const Physseg *ps)
{
	assert_int_equal(play.ran, 0);
	added = ps;
}

static int
setup(void **state)
{
	(void)state;
	memset(&play, 0, sizeof play);
	boot.fb = (Fb){.pa = 0x80000000, .size = 10 * BY2PG + 1};
	rows = 25;
	added = NULL;
	hostquiet();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	assert_int_equal(play.ran, 1);
	assert_int_equal(play.tidied, 1);
	assert_int_equal(hosttimes("\n"), 1);
	hostloud();
	return 0;
}

static void
the_first_process_comes_and_goes(void **state)
{
	(void)state;
	userinit();
	assert_string_equal(
	    hostsaid(), "mem9: userinit name=init result=ok status=0\n");
	assert_null(play.wrong);
}

static void
one_that_ends_otherwise_is_a_failure(void **state)
{
	(void)state;
	play.status = ENDEDADDR;
	userinit();
	assert_string_equal(
	    hostsaid(), "mem9: userinit name=init result=failed status=-1\n");
	assert_non_null(play.wrong);
}

static void
a_machine_without_processes_goes_on(void **state)
{
	(void)state;
	play.why = "there is no local APIC";
	userinit();
	assert_string_equal(hostsaid(),
	    "mem9: userinit name=init result=skipped detail=\"there is no "
	    "local APIC\"\n");
	assert_null(play.wrong);
}

static void
programs_may_have_the_screen(void **state)
{
	(void)state;
	userinit();
	assert_non_null(added);
	assert_string_equal(added->name, "screen");
	assert_int_equal(added->pa, 0x80000000);
	assert_int_equal(added->npages, 10);
	assert_int_equal(added->memtype, PTEWC);
}

/* Of which mem9 has the use, and that has pages to itself. */
static void
but_no_other(void **state)
{
	static const struct {
		unsigned rows;
		paddr_t pa;
		size_t size;
	} none[] = {{0, 0x80000000, 10 * BY2PG}, {25, 0x80000800, 10 * BY2PG},
	    {25, 0x80000000, BY2PG - 1}};

	for (size_t i = 0; i < nelem(none); i++) {
		if (i > 0)
			teardown(state);
		setup(state);
		rows = none[i].rows;
		boot.fb = (Fb){.pa = none[i].pa, .size = none[i].size};
		userinit();
		assert_null(added);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		the_first_process_comes_and_goes, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		one_that_ends_otherwise_is_a_failure, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_machine_without_processes_goes_on, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		programs_may_have_the_screen, setup, teardown),
	    cmocka_unit_test_setup_teardown(but_no_other, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
