/*
 * nodes.c - the table of nodes: borders are rounded, every address has a node,
 * and the nearest come first.
 */
#include "nodes.h"
#include "host.h"
#include "unit.h"

static Nodes given;

static void
range(paddr_t pa, paddr_t end, uint32_t node)
{
	given.range[given.nranges++] = (Noderange){pa, end, node};
	given.n = MAX(given.n, node + 1);
}

static void
begin(void)
{
	given = (Nodes){0};
}

/* The kept range around pa. */
static void
isin(paddr_t at, paddr_t pa, paddr_t end, uint32_t node)
{
	Noderange r = noderange(at);

	assert_int_equal(r.pa, pa);
	assert_int_equal(r.end, end);
	assert_int_equal(r.node, node);
	assert_int_equal(nodeat(at), node);
}

static void
with_none_given_all_is_one(void **state)
{
	(void)state;
	begin();
	range(GiB, 2 * GiB, 1);
	nodesset(&given);
	assert_int_equal(nodecount(), 2);
	given.n = 1;
	nodesset(&given);
	isin(GiB, 0, NOADDR, 0);
	assert_int_equal(nodecount(), 1);
	given.n = 2;
	nodesset(&given);
	nodesset(NULL);
	isin(0, 0, NOADDR, 0);
	isin(NOADDR - 1, 0, NOADDR, 0);
	assert_int_equal(nodecount(), 1);
}

/*
 *	given    [ 1 )  [ 1 )   [ 0 )[ 2 )      [ 1 )
 *	kept   [ 1             )[ 0 )[ 2       )[ 1    ...
 */
static void
each_goes_on_until_the_next_begins(void **state)
{
	(void)state;
	begin();
	range(1 * GiB, 2 * GiB, 1);
	range(3 * GiB, 4 * GiB, 1);
	range(5 * GiB, 6 * GiB, 0);
	range(6 * GiB, 7 * GiB, 2);
	range(9 * GiB, 10 * GiB, 1);
	nodesset(&given);
	isin(0, 0, 5 * GiB, 1);
	isin(5 * GiB - 1, 0, 5 * GiB, 1);
	isin(5 * GiB, 5 * GiB, 6 * GiB, 0);
	isin(6 * GiB - 1, 5 * GiB, 6 * GiB, 0);
	isin(8 * GiB, 6 * GiB, 9 * GiB, 2);
	isin(9 * GiB, 9 * GiB, NOADDR, 1);
	isin(NOADDR - 1, 9 * GiB, NOADDR, 1);
	assert_int_equal(nodecount(), 3);
}

static void
borders_are_rounded_to_the_nearest(void **state)
{
	(void)state;
	begin();
	range(0, 3 * MiB - 1, 0);
	range(3 * MiB - 1, 9 * MiB, 1);
	range(9 * MiB, 16 * MiB, 0);
	nodesset(&given);
	isin(0, 0, 2 * MiB, 0);
	isin(2 * MiB, 2 * MiB, 10 * MiB, 1);
	isin(10 * MiB, 10 * MiB, NOADDR, 0);
}

/* Less than a chunk, it is nothing; its neighbours may be one then. */
static void
what_rounds_to_nothing_is_left_out(void **state)
{
	(void)state;
	begin();
	range(0, 8 * MiB, 0);
	range(8 * MiB, 9 * MiB - 2, 1);
	range(9 * MiB - 2, 16 * MiB, 0);
	nodesset(&given);
	isin(0, 0, NOADDR, 0);
	begin();
	range(0, 8 * MiB, 0);
	range(8 * MiB, 9 * MiB - 2, 1);
	range(9 * MiB - 2, 16 * MiB, 2);
	nodesset(&given);
	isin(0, 0, 8 * MiB, 0);
	isin(8 * MiB, 8 * MiB, NOADDR, 2);
	begin();
	range(0, MiB - 2, 1);
	range(MiB - 2, 16 * MiB, 0);
	nodesset(&given);
	isin(0, 0, NOADDR, 0);
	assert_int_equal(nodecount(), 2);
}

static void
what_is_no_range_panics(void **state)
{
	(void)state;
	begin();
	range(GiB, GiB, 1);
	assert_panics(nodesset(&given), "is no range");
	begin();
	range(GiB, 2 * GiB, 1);
	given.n = 2;
	given.range[0].node = 2;
	assert_panics(nodesset(&given), "is no range");
}

static void
the_nearest_come_first(void **state)
{
	static const uint8_t far[4][4] = {{10, 30, 20, 30}, {10, 10, 10, 10},
	    {20, 21, 10, 11}, {9, 9, 9, 30}};
	static const uint8_t want[4][4] = {
	    {0, 2, 1, 3}, {1, 0, 2, 3}, {2, 3, 0, 1}, {3, 0, 1, 2}};
	uint8_t order[MOSTNODES];

	(void)state;
	begin();
	range(0, GiB, 3);
	for (size_t i = 0; i < 4; i++)
		memcpy(given.distance[i], far[i], 4);
	nodesset(&given);
	for (uint32_t i = 0; i < 4; i++) {
		nodeorder(i, order);
		assert_memory_equal(order, want[i], 4);
	}
	nodesset(NULL);
	nodeorder(0, order);
	assert_int_equal(order[0], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(with_none_given_all_is_one),
	    cmocka_unit_test(each_goes_on_until_the_next_begins),
	    cmocka_unit_test(borders_are_rounded_to_the_nearest),
	    cmocka_unit_test(what_rounds_to_nothing_is_left_out),
	    cmocka_unit_test(what_is_no_range_panics),
	    cmocka_unit_test(the_nearest_come_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
