/*
 * nodelines.c - what is said of nodes: all RAM of the map, each in one node;
 * and for people.
 *
 * needs: kern/tell/nodelines.c kern/tell/sizetext.c kern/format.c
 */
#include "unit.h"
#include "cpus.h"
#include "memmap.h"
#include "nodes.h"
#include "pagemachine.h"
#include "../../kern/tell/nodelines.h"

static _Alignas(8) uint8_t table[64 * KiB];

/* CPU 0 is in node 0; 1 and 2 are in node 1 if there is one, and 2 is gone. */
size_t
ncpus(void)
{
	return 3;
}

uint32_t
cpunode(size_t n)
{
	return n > 0 && nodecount() > 1;
}

bool
cpugone(size_t n)
{
	return n == 2;
}

/* RAM at [1M, 32M) and [40M, 64M), two reserved MiB in the first. */
static void
up(const Nodes *given)
{
	pagemachine(0, 64 * MiB, 1);
	memmapinit(table, sizeof table);
	memmapadd(0, MiB, MemReserved);
	memmapadd(MiB, 31 * MiB, MemRAM);
	memmapadd(4 * MiB, 2 * MiB, MemReserved);
	memmapadd(40 * MiB, 24 * MiB, MemRAM);
	memmapalloc(MiB, 3 * MiB, 1, MemRAM);
	nodesset(given);
	pagebank(6 * MiB, 26 * MiB / BY2PG, 0);
	pagebank(40 * MiB, 24 * MiB / BY2PG, 0);
	pagesup();
	hostquiet();
}

static void
one_node_has_one_line(void **state)
{
	(void)state;
	up(NULL);
	nodesprint();
	assert_said("mem9: node n=0 base=0x100000 size=0x3f00000 ram=55574528 "
		    "domain=0\n");
	nodepagesprint();
	assert_mentioned(" cpus=2 distance=\"10\"\n");
}

/*
 *	0   1M       16M       32M   48M      64M   GiB         4 TiB
 *	[ 1          )[ 0            )[ 1     )     [ 2         )
 */
static Nodes three = {.n = 3,
    .nranges = 4,
    .range = {{0, 16 * MiB, 1}, {16 * MiB, 48 * MiB, 0},
	{48 * MiB, 64 * MiB, 1}, {GiB, 4096 * GiB, 2}},
    .distance = {{10, 20, 30}, {21, 10, 31}, {22, 32, 10}},
    .domain = {1, 5, 9}};

static void
ranges_are_cut_to_the_ram_in_them(void **state)
{
	(void)state;
	up(&three);
	nodesprint();
	assert_said(
	    "mem9: node n=1 base=0x100000 size=0xf00000 ram=13631488 domain=5\n"
	    "mem9: node n=0 base=0x1000000 size=0x2000000 ram=25165824 "
	    "domain=1\n"
	    "mem9: node n=1 base=0x3000000 size=0x1000000 ram=16777216 "
	    "domain=5\n"
	    "mem9: node n=2 base=0x0 size=0x0 ram=0 domain=9\n");
}

/* What the line for that node says its pages are. */
static size_t
pagesof(uint32_t node)
{
	size_t n = 0;
	char start[40];

	snprintf(start, sizeof start, "mem9: nodepages n=%u pages=", node);
	const char *s = strstr(hostsaid(), start);
	assert_non_null(s);
	assert_int_equal(sscanf(s + strlen(start), "%zu", &n), 1);
	return n;
}

static void
pages_and_distances_of_each(void **state)
{
	Pagestats st;

	(void)state;
	up(&three);
	pagestats(&st);
	nodepagesprint();
	assert_int_equal(pagesof(0) + pagesof(1) + pagesof(2), st.npages);
	assert_int_equal(pagesof(0), 24 * MiB / BY2PG);
	assert_int_equal(pagesof(2), 0);
	assert_mentioned(" free=6144 cpus=1 distance=\"10 20 30\"\n");
	assert_mentioned(" cpus=1 distance=\"21 10 31\"\n");
	assert_mentioned("n=2 pages=0 free=0 cpus=0 distance=\"22 32 10\"\n");
}

static void
a_table_for_people(void **state)
{
	(void)state;
	up(&three);
	tablenodes();
	assert_mentioned("node     RAM  as pages  free now  CPUs  distances\n"
			 "   0   24 MB     24 MB     24 MB     1  10 20 30\n");
	assert_mentioned("   2    0 KB      0 KB      0 KB     0  22 32 10\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_node_has_one_line),
	    cmocka_unit_test(ranges_are_cut_to_the_ram_in_them),
	    cmocka_unit_test(pages_and_distances_of_each),
	    cmocka_unit_test(a_table_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
