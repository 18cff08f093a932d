/*
 * runs.c - the tree under the memory map, and that its check finds faults.
 */
#include "unit.h"
#include "../../mm/map/runs.h"

enum { MANY = 3000 };

static Run memory[MANY];
static Runs rs;

static int
setup(void **state)
{
	(void)state;
	rs = (Runs){0};
	runsgrow(&rs, memory, sizeof memory);
	return 0;
}

/* The longest way down. */
static size_t
depth(const Run *r)
{
	return r == NULL ? 0 : 1 + MAX(depth(r->left), depth(r->right));
}

static void
painting_in_any_order_stays_flat(void **state)
{
	(void)state;
	for (paddr_t i = 0; i < MANY; i++)
		assert_int_equal(
		    runspaint(&rs, 2 * i, 2 * i + 1, i % NMEMTYPE), 0);
	runscheck(&rs);
	assert_int_equal(rs.root->count, MANY);
	assert_in_range(depth(rs.root), 12, 40);
	assert_int_equal(runspaint(&rs, 3 * MANY, 4 * MANY, MemRAM), -1);
	for (paddr_t i = MANY - 1; i > 0; i--)
		assert_int_equal(runspaint(&rs, 2 * i, 2 * i + 2, MemRAM), 0);
	runscheck(&rs);
	assert_int_equal(rs.root->count, 2);
	assert_int_equal(rs.nroom, MANY - 2);
}

static void
appended_runs_are_balanced(void **state)
{
	(void)state;
	for (paddr_t i = 0; i < 1000; i++)
		runsappend(&rs, i, i + 1, i % NMEMTYPE);
	runsbalance(&rs, memory);
	runscheck(&rs);
	assert_int_equal(depth(rs.root), 10);
	assert_int_equal(runat(&rs, 999)->rank, 999 % NMEMTYPE);
	assert_null(runat(&rs, 1000));
	assert_null(runafter(&rs, 999));
	assert_int_equal(runafter(&rs, 998)->pa, 999);
}

static void
appending_without_memory_stops(void **state)
{
	(void)state;
	rs = (Runs){0};
	assert_panics(runsappend(&rs, 0, 1, MemRAM), "no memory");
}

/*
 *	0        4    6        14
 *	[ RAM    )    [ RAM    )	each 8 aligned, or 6 and 8 long
 */
static void
what_fits_depends_on_size_and_alignment(void **state)
{
	(void)state;
	runspaint(&rs, 1, 4, MemRAM);
	runspaint(&rs, 6, 14, MemRAM);
	assert_int_equal(runfit(&rs, 3, 1, MemRAM)->pa, 1);
	assert_int_equal(runfit(&rs, 2, 2, MemRAM)->pa, 1);
	assert_int_equal(runfit(&rs, 3, 2, MemRAM)->pa, 6);
	assert_int_equal(runfit(&rs, 6, 8, MemRAM)->pa, 6);
	assert_null(runfit(&rs, 7, 8, MemRAM));
	assert_null(runfit(&rs, 9, 1, MemRAM));
	assert_null(runfit(&rs, 1, 1, MemACPI));
}

/* Wherever it stands in the tree: 64 runs, one of them longer than others. */
static void
the_longest_is_found_in_any_place(void **state)
{
	for (paddr_t k = 0; k < 64; k++) {
		setup(state);
		for (paddr_t i = 0; i < 64; i++)
			runspaint(&rs, 4 * i, 4 * i + 2 + (i == k), MemRAM);
		assert_non_null(runfit(&rs, 3, 1, MemRAM));
		assert_int_equal(runfit(&rs, 3, 1, MemRAM)->pa, 4 * k);
	}
}

static void
spare_memory_can_be_taken_back(void **state)
{
	(void)state;
	uint8_t *p = runsspare(&rs, 1);

	assert_ptr_equal(p, &memory[MANY - 1]);
	assert_ptr_equal(runsspare(&rs, sizeof(Run)), &memory[MANY - 2]);
	assert_null(runsspare(&rs, (MANY - 1) * sizeof(Run)));
	assert_int_equal(rs.nroom, MANY - 2);
}

/* Memory that comes in pieces: what is left of the first is not lost. */
static void
growing_keeps_what_was_left(void **state)
{
	(void)state;
	rs = (Runs){0};
	runsgrow(&rs, memory, 3 * sizeof(Run));
	runspaint(&rs, 0, 1, MemRAM);
	runsgrow(&rs, memory + 10, 2 * sizeof(Run) + 7);
	assert_int_equal(rs.nroom, 4);
	for (paddr_t i = 1; i < 5; i++)
		assert_int_equal(runspaint(&rs, 2 * i, 2 * i + 1, MemRAM), 0);
	assert_int_equal(runspaint(&rs, 20, 21, MemRAM), -1);
	runscheck(&rs);
}

/* Two runs, [0, 2) and [4, 6), to be damaged. */
static void
tworuns(Run **a, Run **b)
{
	setup(NULL);
	runspaint(&rs, 0, 2, MemRAM);
	runspaint(&rs, 4, 6, MemRAM);
	*a = runat(&rs, 0);
	*b = runat(&rs, 4);
	runscheck(&rs);
}

static void
the_check_finds_every_fault(void **state)
{
	Run *a;
	Run *b;

	(void)state;
	tworuns(&a, &b);
	a->end = 0;
	assert_panics(runscheck(&rs), "[0, 0)");
	tworuns(&a, &b);
	a->rank = NRANK;
	assert_panics(runscheck(&rs), "of rank 13");
	tworuns(&a, &b);
	a->rank = NMEMTYPE;
	assert_panics(runscheck(&rs), "of rank 5");
	tworuns(&a, &b);
	b->pa = 1;
	assert_panics(runscheck(&rs), "overlaps");
	tworuns(&a, &b);
	b->pa = 2;
	assert_panics(runscheck(&rs), "cut at 0x2");
	tworuns(&a, &b);
	a->most[MemRAM]++;
	assert_panics(runscheck(&rs), "miscounts");
	tworuns(&a, &b);
	rs.root->count++;
	assert_panics(runscheck(&rs), "miscounts");
}

/*
 * After 64 that lie wrongly one that surely fits is taken; if there is none
 * the lowest after all, and no sum wraps.
 */
static void
an_aligned_fit_is_found_among_many(void **state)
{
	paddr_t end = 4 * (paddr_t)MANY;

	(void)state;
	for (paddr_t i = 0; i < MANY - 3; i++)
		runspaint(&rs, 4 * i + 1, 4 * i + 3, MemRAM);
	assert_null(runfit(&rs, 2, 2, MemRAM));
	runspaint(&rs, end, end + 2, MemRAM);
	assert_int_equal(runfit(&rs, 2, 2, MemRAM)->pa, end);
	runspaint(&rs, end + 16, end + 19, MemRAM);
	assert_int_equal(runfit(&rs, 2, 2, MemRAM)->pa, end + 16);
	assert_null(runfit(&rs, 2, 1ull << 63, MemRAM));
	assert_null(runfit(&rs, SIZE_MAX, 2, MemRAM));
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(painting_in_any_order_stays_flat),
	    TEST(appended_runs_are_balanced),
	    TEST(appending_without_memory_stops),
	    TEST(what_fits_depends_on_size_and_alignment),
	    TEST(the_longest_is_found_in_any_place),
	    TEST(spare_memory_can_be_taken_back),
	    TEST(growing_keeps_what_was_left),
	    TEST(an_aligned_fit_is_found_among_many),
	    TEST(the_check_finds_every_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
