/*
 * srat.c - ACPI's tables of nodes, well and badly.
 *
 * needs: efi/tables/srat.c
 */
#include "../../efi/tables/srat.h"
#include "unit.h"

enum { HEAD = 48, MOST = 128 * 1024, SLITHEAD = 44, MOSTLOCAL = 8 };

static uint8_t table[MOST];
static size_t size;
static uint8_t slit[SLITHEAD + MOSTLOCAL * MOSTLOCAL];
static size_t slitsize;
static Cpulist list;
static Nodes got;
static Nodesaid said;

/* What is not set is junk; a table of revision 3, and CPUs 0 to 3. */
static void
begin(void)
{
	memset(table, 0xa5, sizeof table);
	memset(&list, 0x5a, sizeof list);
	memset(&got, 0x5a, sizeof got);
	table[8] = 3;
	size = HEAD;
	slitsize = 0;
	list.n = 4;
	for (uint32_t i = 0; i < 4; i++)
		list.id[i] = i;
}

static uint8_t *
entry(uint8_t type, uint8_t n)
{
	uint8_t *e = table + size;

	e[0] = type;
	e[1] = n;
	size += n;
	return e;
}

static void
cpu(uint8_t id, uint32_t domain, uint32_t flags)
{
	uint8_t *e = entry(0, 16);

	e[2] = (uint8_t)domain;
	e[3] = id;
	memcpy(e + 4, &flags, 4);
	e[9] = (uint8_t)(domain >> 8);
	e[10] = (uint8_t)(domain >> 16);
	e[11] = (uint8_t)(domain >> 24);
}

static void
x2cpu(uint32_t id, uint32_t domain, uint32_t flags)
{
	uint8_t *e = entry(2, 24);

	memcpy(e + 4, &domain, 4);
	memcpy(e + 8, &id, 4);
	memcpy(e + 12, &flags, 4);
}

static void
memory(uint64_t base, uint64_t n, uint32_t domain, uint32_t flags)
{
	uint8_t *e = entry(1, 40);

	memcpy(e + 2, &domain, 4);
	memcpy(e + 8, &base, 8);
	memcpy(e + 16, &n, 8);
	memcpy(e + 28, &flags, 4);
}

static uint8_t *
localities(uint64_t n)
{
	memset(slit, 0xa5, sizeof slit);
	memcpy(slit + 36, &n, 8);
	slitsize = SLITHEAD + n * n;
	for (uint64_t i = 0; i < n * n; i++)
		slit[SLITHEAD + i] = i % (n + 1) == 0 ? 10 : 21;
	return slit + SLITHEAD;
}

static void
readit(void)
{
	said = sratread(
	    table, size, slitsize > 0 ? slit : NULL, slitsize, &list, &got);
}

/* All is one node, for that reason, which comes with these numbers. */
static void
iswrong(const char *why, uint64_t a, uint64_t b)
{
	static const Nodes none;
	static const uint8_t zero[MOSTCPUS];

	readit();
	assert_non_null(said.what);
	assert_non_null(strstr(said.what, why));
	assert_int_equal(said.a, a);
	assert_int_equal(said.b, b);
	assert_int_equal(said.nowhere, 0);
	assert_memory_equal(&got, &none, sizeof none);
	assert_memory_equal(list.node, zero, sizeof zero);
}

/* Two nodes with two CPUs each, by domains 3 and 1. */
static void
two(void)
{
	begin();
	cpu(0, 3, 1);
	cpu(1, 3, 1);
	cpu(2, 1, 1);
	x2cpu(3, 1, 1);
	memory(4 * GiB, GiB, 1, 1);
	memory(0, 640 * KiB, 3, 1);
	memory(MiB, GiB - MiB, 3, 1);
}

static void
domains_become_nodes_in_their_order(void **state)
{
	static const uint8_t of[] = {1, 1, 0, 0, 0};
	static const Noderange ranges[] = {
	    {0, 640 * KiB, 1}, {MiB, GiB, 1}, {4 * GiB, 5 * GiB, 0}};

	(void)state;
	two();
	readit();
	assert_null(said.what);
	assert_int_equal(said.nowhere, 0);
	assert_int_equal(got.n, 2);
	assert_int_equal(got.domain[0], 1);
	assert_int_equal(got.domain[1], 3);
	assert_int_equal(got.nranges, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(got.range[i].pa, ranges[i].pa);
		assert_int_equal(got.range[i].end, ranges[i].end);
		assert_int_equal(got.range[i].node, ranges[i].node);
	}
	assert_memory_equal(list.node, of, sizeof of);
}

static void
without_a_slit_all_are_equally_far(void **state)
{
	(void)state;
	two();
	readit();
	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < 2; j++)
			assert_int_equal(got.distance[i][j], i == j ? 10 : 20);
	assert_int_equal(got.distance[0][2], 0);
}

static void
distances_are_by_domains(void **state)
{
	(void)state;
	two();
	memory(8 * GiB, 0, 0, 0); /* 0 and 2 are mentioned, and no nodes */
	cpu(7, 2, 0);
	uint8_t *d = localities(4);
	d[1 * 4 + 3] = 31;
	d[3 * 4 + 1] = 255;
	readit();
	assert_null(said.what);
	assert_int_equal(got.n, 2);
	assert_int_equal(got.distance[0][0], 10);
	assert_int_equal(got.distance[0][1], 31);
	assert_int_equal(got.distance[1][0], 255);
}

static void
who_is_not_enabled_is_not_there(void **state)
{
	(void)state;
	two();
	cpu(2, 9, 0);
	x2cpu(3, 0xffffffff, 0xfffffffe);
	memory(0, 2 * GiB, 7, 2);
	memory(16 * GiB, 0, 3, 1);
	readit();
	assert_null(said.what);
	assert_int_equal(got.n, 2);
	assert_int_equal(got.nranges, 3);
	assert_int_equal(list.node[2], 0);
}

static void
a_node_may_have_no_ram_or_no_cpus(void **state)
{
	(void)state;
	two();
	memory(16 * GiB, GiB, 0x12345678, 1);
	x2cpu(0x1234, 2, 1);
	list.id[3] = 0x1234;
	readit();
	assert_null(said.what);
	assert_int_equal(got.n, 4);
	assert_int_equal(got.range[3].node, 3);
	assert_int_equal(list.node[3], 1);
}

static void
before_revision_2_a_domain_is_a_byte(void **state)
{
	(void)state;
	begin();
	cpu(0, 0xabcdef01, 1);
	x2cpu(1, 0xabcdef02, 1);
	memory(0, GiB, 0x99999901, 1);
	memory(GiB, GiB, 0x88888802, 1);
	table[8] = 1;
	localities(3);
	memory(0, 0, 0x77777700, 0);
	readit();
	assert_null(said.what);
	assert_int_equal(got.n, 2);
	assert_int_equal(got.domain[1], 2);
	table[8] = 2;
	iswrong("without entries", 0, 3);
}

static void
a_cpu_that_is_nowhere_is_counted_and_the_first_entry_holds(void **state)
{
	(void)state;
	two();
	cpu(0, 1, 1);
	list.n = 6;
	list.id[4] = 70;
	list.id[5] = 71;
	readit();
	assert_null(said.what);
	assert_int_equal(said.nowhere, 2);
	assert_int_equal(list.node[0], 1);
	assert_int_equal(list.node[4], 0);
}

static void
one_domain_is_one_node(void **state)
{
	static const Nodes none;

	(void)state;
	begin();
	memory(0, GiB, 5, 1);
	readit();
	assert_null(said.what);
	assert_memory_equal(&got, &none, sizeof none);
	begin();
	readit();
	assert_null(said.what);
	assert_int_equal(got.n, 0);
}

static void
an_entry_too_short_for_its_type_says_nothing(void **state)
{
	(void)state;
	two();
	entry(0, 15);
	entry(1, 39);
	entry(2, 23);
	entry(3, 20);
	readit();
	assert_null(said.what);
	assert_int_equal(got.n, 2);
	assert_int_equal(got.nranges, 3);
}

static void
a_length_that_leads_nowhere_is_one_node(void **state)
{
	(void)state;
	for (uint8_t n = 0; n < 2; n++) {
		two();
		size_t at = size;

		entry(0, 16)[1] = n;
		iswrong("leads nowhere", at, n);
	}
	two();
	size_t at = size;
	memory(8 * GiB, GiB, 1, 1);
	for (size_t less = 1; less < 40; less++) {
		size = at + 40 - less;
		iswrong("leads nowhere", at, size == at + 1 ? 0 : 40);
	}
}

static void
ranges_that_overlap_or_wrap_are_one_node(void **state)
{
	(void)state;
	two();
	memory(GiB - 1, 2, 1, 1);
	iswrong("overlap", GiB - 1, GiB + 1);
	two();
	memory(639 * KiB, 400 * KiB, 1, 1);
	iswrong("overlap", 639 * KiB, 1039 * KiB);
	two();
	memory(4 * GiB - 1, 2, 3, 1);
	iswrong("overlap", 4 * GiB - 1, 4 * GiB + 1);
	two();
	memory(UINT64_MAX - 9, 9, 1, 1);
	readit();
	assert_null(said.what);
	two();
	memory(UINT64_MAX - 9, 10, 1, 1);
	iswrong("wraps", UINT64_MAX - 9, 10);
}

static void
no_domain_is_all_ones(void **state)
{
	(void)state;
	two();
	cpu(9, 0xffffffff, 1);
	iswrong("0xffffffff", 0xffffffff, 0);
	two();
	memory(GiB, GiB, 0xffffffff, 1);
	iswrong("0xffffffff", 0xffffffff, 0);
	two();
	x2cpu(9, 0xfffffffe, 1);
	readit();
	assert_null(said.what);
	assert_int_equal(got.n, 3);
}

static void
nodes_without_memory_are_one(void **state)
{
	(void)state;
	begin();
	cpu(0, 1, 1);
	cpu(1, 2, 1);
	iswrong("no memory", size, 2);
}

static void
a_slit_of_another_size_is_one_node(void **state)
{
	(void)state;
	two();
	memory(0, 0, 0, 0);
	memory(0, 0, 2, 0);
	localities(4);
	readit();
	assert_null(said.what);
	slitsize--;
	iswrong("wrong size", SLITHEAD + 15, 4);
	slitsize += 2;
	iswrong("wrong size", SLITHEAD + 17, 4);
	slitsize = 36;
	iswrong("wrong size", 36, 0);
	localities(0);
	iswrong("wrong size", SLITHEAD, 0);
	localities(1);
	uint64_t many = (1ull << 63) + 1; /* its square is 1, in 64 bits */
	memcpy(slit + 36, &many, 8);
	iswrong("wrong size", SLITHEAD + 1, many);
}

/* Whatever SLIT says: it is not looked at, or there is nothing to compare. */
static void
without_nodes_a_slit_says_nothing(void **state)
{
	(void)state;
	begin();
	localities(1)[0] = 11;
	for (size = 0; size <= HEAD; size++)
		iswrong("without entries", 0, 1);
	begin();
	memory(0, GiB, 0, 0);
	localities(1)[0] = 11;
	readit();
	assert_null(said.what);
	assert_int_equal(got.n, 0);
	two();
	localities(MOSTLOCAL)[0] = 11;
	memory(0, GiB, 1, 1);
	memory(0, GiB, 3, 1);
	iswrong("overlap", 0, GiB);
}

static void
slit_and_srat_have_the_same_domains(void **state)
{
	(void)state;
	two();
	memory(0, 0, 0, 0);
	localities(4);
	iswrong("without entries", 2, 4);
	memory(0, 0, 2, 0);
	localities(3);
	iswrong("too small", 3, 3);
}

static void
a_distance_is_10_to_itself_and_more_to_others(void **state)
{
	(void)state;
	two();
	memory(0, 0, 0, 0);
	memory(0, 0, 2, 0);
	localities(4)[1 * 4 + 1] = 11;
	iswrong("distance", 0 << 8 | 0, 11);
	localities(4)[3 * 4 + 1] = 10;
	iswrong("distance", 1 << 8 | 0, 10);
	localities(4)[0 * 4 + 2] = 3; /* of none of ours */
	readit();
	assert_null(said.what);
}

static void
more_than_there_is_room_for_is_one_node(void **state)
{
	(void)state;
	begin();
	for (uint32_t i = 0; i < MOSTNODES; i++)
		memory(i * GiB, GiB, 5000 - i, 1);
	readit();
	assert_null(said.what);
	assert_int_equal(got.n, MOSTNODES);
	assert_int_equal(got.domain[0], 5000 - MOSTNODES + 1);
	x2cpu(0, 3, 1);
	iswrong("more proximity domains", 3, MOSTNODES);
	begin();
	for (uint32_t i = 0; i < MOSTNODERANGES; i++)
		memory(i * GiB, GiB, i % 2, 1);
	readit();
	assert_null(said.what);
	assert_int_equal(got.nranges, MOSTNODERANGES);
	memory(MOSTNODERANGES * GiB, GiB, 0, 1);
	iswrong("more ranges", MOSTNODERANGES * GiB, MOSTNODERANGES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(domains_become_nodes_in_their_order),
	    cmocka_unit_test(without_a_slit_all_are_equally_far),
	    cmocka_unit_test(distances_are_by_domains),
	    cmocka_unit_test(who_is_not_enabled_is_not_there),
	    cmocka_unit_test(a_node_may_have_no_ram_or_no_cpus),
	    cmocka_unit_test(before_revision_2_a_domain_is_a_byte),
	    cmocka_unit_test(
		a_cpu_that_is_nowhere_is_counted_and_the_first_entry_holds),
	    cmocka_unit_test(one_domain_is_one_node),
	    cmocka_unit_test(an_entry_too_short_for_its_type_says_nothing),
	    cmocka_unit_test(a_length_that_leads_nowhere_is_one_node),
	    cmocka_unit_test(ranges_that_overlap_or_wrap_are_one_node),
	    cmocka_unit_test(no_domain_is_all_ones),
	    cmocka_unit_test(nodes_without_memory_are_one),
	    cmocka_unit_test(a_slit_of_another_size_is_one_node),
	    cmocka_unit_test(without_nodes_a_slit_says_nothing),
	    cmocka_unit_test(slit_and_srat_have_the_same_domains),
	    cmocka_unit_test(a_distance_is_10_to_itself_and_more_to_others),
	    cmocka_unit_test(more_than_there_is_room_for_is_one_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
