/*
 * checkcpus.c - the check of several CPUs, which are threads here: good where
 * all is well, and what it says of all else; but of translations that a CPU
 * keeps, as threads have none: tests/qemu/test_checks.py.
 *
 * needs: kern/format.c kern/check/together.c tests/host/heap.c
 * needs: tests/host/crew.c
 * covers: kern/check/checkcpus.c
 * builds: san tsan
 */
#include "unit.h"
#include "crew.h"
#include "heap.h"
#include "../../arch/amd64/include/trap.h"
#define faults falls
static bool falls(void (*fn)(void *), void *arg, Caught *what);
#include "../../kern/check/checkcpus.c"
#undef faults

enum { NPAGE = 2000 };

/* What others do besides, in their part; what that comes to; no fault comes. */
static const char *finds, *endswith;
static bool nofault, noimage;
static uint32_t migrated;
static Page *lost;

static bool
falls(void (*fn)(void *), void *arg, Caught *what)
{
	(void)what;
	assert_ptr_equal(fn, badinstruction);
	assert_null(arg);
	return !nofault;
}

bool
provoke(const char *name)
{
	fail_msg("%s was not caught", name);
	return false;
}

int
migratebegin(void)
{
	return noimage ? -1 : 0;
}

const char *
migrate(uint32_t n)
{
	__atomic_add_fetch(&migrated, 1u << 8 * n, __ATOMIC_RELAXED);
	return n == 1 ? finds : NULL;
}

const char *
migrateend(void)
{
	return endswith;
}

static char detail[256];

static int
setup(void **state)
{
	(void)state;
	heapcpus(NCREW);
	heapmachine(1, 8 * MiB, NPAGE);
	heappages();
	crewup(3);
	finds = endswith = NULL;
	nofault = noimage = false;
	migrated = 0;
	detail[0] = '\0';
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostrefuse(SIZE_MAX);
	hostwidest(SIZE_MAX);
	return 0;
}

static void
assert_check(enum verdict want, const char *says)
{
	detail[0] = '\0';
	assert_int_equal(checkcpus(detail, sizeof detail), want);
	assert_string_equal(detail, says);
}

static void
all_that_are_up_take_part(void **state)
{
	char says[20];

	(void)state;
	for (crew.up = 2; crew.up <= NCREW; crew.up++) {
		size_t n = MIN(crew.up, (size_t)MOSTTOGETHER);

		sprintf(says, "%zu at once", n);
		assert_check(OK, says);
		assert_int_equal(migrated, 0x01010101u >> 8 * (4 - n));
		migrated = 0;
	}
}

static void
one_alone_is_not_checked(void **state)
{
	(void)state;
	crew.up = 1;
	assert_check(SKIPPED, "there is one");
	crew.up = 2;
	hostwidest(0);
	assert_check(SKIPPED, "no address space");
}

static void
what_went_wrong_is_said(void **state)
{
	(void)state;
	nofault = true;
	assert_check(FAILED, "no fault came");
	nofault = false;
	finds = "it was another's";
	assert_check(FAILED, finds);
	finds = NULL;
	endswith = "something else";
	assert_check(FAILED, endswith);
	endswith = NULL;
	noimage = true;
	assert_check(FAILED, "no page");
	noimage = false;
	crew.absent = 1;
	assert_check(FAILED, "one CPU did not come");
}

static void
losepage(void)
{
	lost = newpage(NOCLEAR, 0);
}

static void
a_page_that_is_missing_is_said(void **state)
{
	(void)state;
	crew.after = losepage;
	assert_check(FAILED, "pages are missing");
	putpage(lost);
}

static void
where_no_page_is_left_that_is_said(void **state)
{
	static Page *taken[NPAGE];
	size_t n = 0;

	(void)state;
	while ((taken[n] = newpage(NOCLEAR, 0)) != NULL)
		assert_in_range(++n, 0, NPAGE - 1);
	assert_check(FAILED, "no page");
	while (n > 0)
		putpage(taken[--n]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(all_that_are_up_take_part),
	    TEST(one_alone_is_not_checked),
	    TEST(what_went_wrong_is_said),
	    TEST(a_page_that_is_missing_is_said),
	    TEST(where_no_page_is_left_that_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
