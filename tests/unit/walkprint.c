/*
 * walkprint.c - live tables made by hand, and what is said of an address in
 * them.
 *
 *	0      16 * 4 KiB		tables, which kaddr reaches
 *	UNREACHED			one that it does not
 *
 * needs: arch/amd64/walkprint.c
 */
#include "unit.h"
#include "mem.h"
#include "space.h"
#include "trap.h"

enum { UNREACHED = 1 << 20 };

static Space live;
static paddr_t next; /* table */

Space
spacelive(void)
{
	return live;
}

const char *
placename(uintptr_t va)
{
	return va >= DMAP ? "upper" : "lower";
}

/* The entry for va at that level, through tables that allow everything. */
static pte_t *
entry(pte_t *table, uintptr_t va, int level)
{
	for (int l = 3; l > level; l--) {
		pte_t *e = &table[PTLX(va, l)];

		if (*e == 0) {
			*e = next | PTEVALID | PTEWRITE | PTEUSER;
			next += BY2PG;
		}
		table = kaddr(PTEADDR(*e));
	}
	return &table[PTLX(va, level)];
}

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	hostmachine(0, 2 * UNREACHED, UNREACHED, 1);
	live = (Space){.upper = kaddr(0), .lower = kaddr(BY2PG)};
	next = 2 * BY2PG;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	return 0;
}

static void
says(uintptr_t va, const char *text)
{
	hostquiet();
	walkprint(va);
	assert_said(text);
}

static void
a_small_page_is_at_the_last_of_four_levels(void **state)
{
	(void)state;
	*entry(live.upper, 0xffff812345678000, 0) =
	    0xabc000 | PTEVALID | PTEWRITE | PTENOEXEC;
	says(0xffff812345678123,
	    "walk of 0xffff812345678123, upper:\n"
	    "  level 3: 0x0000000000002007 present write user\n"
	    "  level 2: 0x0000000000003007 present write user\n"
	    "  level 1: 0x0000000000004007 present write user\n"
	    "  level 0: 0x8000000000abc003 present write no-execute"
	    " WB 4K page\n");
}

static void
a_large_page_ends_the_walk(void **state)
{
	(void)state;
	*entry(live.upper, DMAP + GiB, 1) =
	    0x40000000 | PTEVALID | PTELARGE | PTEGLOBAL;
	says(DMAP + GiB + 5,
	    "walk of 0xffff800040000005, upper:\n"
	    "  level 3: 0x0000000000002007 present write user\n"
	    "  level 2: 0x0000000000003007 present write user\n"
	    "  level 1: 0x0000000040000181 present read-only global"
	    " WB 2M page\n");
	*entry(live.upper, DMAP + 2 * GiB, 2) =
	    0x80000000 | PTEVALID | PTEWRITE | PTELARGE;
	says(DMAP + 2 * GiB,
	    "walk of 0xffff800080000000, upper:\n"
	    "  level 3: 0x0000000000002007 present write user\n"
	    "  level 2: 0x0000000080000083 present write WB 1G page\n");
}

/* By the two bits that choose it, which mean no such thing in a table. */
static void
each_kind_of_caching_has_its_name(void **state)
{
	static const struct {
		pte_t bits;
		const char *name;
	} kinds[] = {{PTEWB, " WB 4K page"}, {PTEWC, " WC 4K page"},
	    {PTEUNCACHED, " UC- 4K page"}, {PTEUC, " UC 4K page"}};
	pte_t *e = entry(live.lower, 0x400000, 0);

	(void)state;
	for (size_t i = 0; i < nelem(kinds); i++) {
		hostquiet();
		*e = PTEVALID | PTEUSER | kinds[i].bits;
		walkprint(0x400000);
		assert_mentioned(kinds[i].name);
		assert_int_equal(hosttimes(" page\n"), 1);
	}
	*entry(live.lower, 0x400000, 1) |= PTEUC;
	says(0x400abc, "walk of 0x0000000000400abc, lower:\n"
		       "  level 3: 0x0000000000002007 present write user\n"
		       "  level 2: 0x0000000000003007 present write user\n"
		       "  level 1: 0x000000000000401f present write user\n"
		       "  level 0: 0x000000000000001d present read-only user"
		       " UC 4K page\n");
}

static void
nothing_there_ends_the_walk(void **state)
{
	(void)state;
	says(0, "walk of 0000000000000000, lower:\n"
		"  level 3: 0000000000000000 not present read-only\n");
	*entry(live.lower, 0x1000, 0) = 0x2000 | PTEWRITE;
	says(0x1000,
	    "walk of 0x0000000000001000, lower:\n"
	    "  level 3: 0x0000000000002007 present write user\n"
	    "  level 2: 0x0000000000003007 present write user\n"
	    "  level 1: 0x0000000000004007 present write user\n"
	    "  level 0: 0x0000000000002002 not present write WB 4K page\n");
	live.lower = NULL;
	says(0x1000, "walk of 0x0000000000001000, lower:\n");
}

static void
between_the_halves_there_is_nothing_to_walk(void **state)
{
	(void)state;
	live.upper = live.lower = (pte_t *)8; /* nobody looks there */
	says(UTOP, "walk of 0x0000800000000000, lower:\n");
	says(DMAP - 1, "walk of 0xffff7fffffffffff, lower:\n");
}

/* A damaged table must not make a fault of the report of one. */
static void
a_table_out_of_reach_ends_the_walk(void **state)
{
	(void)state;
	*entry(live.upper, UINTPTR_MAX, 2) = UNREACHED | PTEVALID;
	says(UINTPTR_MAX, "walk of 0xffffffffffffffff, upper:\n"
			  "  level 3: 0x0000000000002007 present write user\n"
			  "  level 2: 0x0000000000100001 present read-only\n"
			  "  a table that is not in the direct map\n");
}

/* The same walks, each with how it ends. */
static void
lines_for_programs(void **state)
{
	(void)state;
	*entry(live.upper, DMAP + GiB, 1) =
	    0x40000000 | PTEVALID | PTELARGE | PTEGLOBAL;
	hostquiet();
	walklines(DMAP + GiB + 5);
	assert_said("mem9: walk va=0xffff800040000005 in=\"upper\"\n"
		    "mem9: pte va=0xffff800040000005 level=3 entry=0x2007 "
		    "present=1 write=1 user=1 execute=1 global=0\n"
		    "mem9: pte va=0xffff800040000005 level=2 entry=0x3007 "
		    "present=1 write=1 user=1 execute=1 global=0\n"
		    "mem9: pte va=0xffff800040000005 level=1 entry=0x40000181 "
		    "present=1 write=0 user=0 execute=1 global=1 caching=WB "
		    "size=2097152\n"
		    "mem9: walked va=0xffff800040000005 result=page\n");
	hostquiet();
	walklines(UTOP);
	assert_said("mem9: walk va=0x800000000000 in=\"lower\"\n"
		    "mem9: walked va=0x800000000000 result=nothing\n");
	*entry(live.upper, UINTPTR_MAX, 2) = UNREACHED | PTEVALID | PTENOEXEC;
	hostquiet();
	walklines(UINTPTR_MAX);
	assert_mentioned(" level=2 entry=0x8000000000100001 present=1 write=0 "
			 "user=0 execute=0 global=0\n"
			 "mem9: walked va=0xffffffffffffffff result=lost\n");
	hostquiet();
	walklines(0);
	assert_mentioned(" level=3 entry=0x0 present=0 write=0 user=0 "
			 "execute=1 global=0\nmem9: walked va=0x0 "
			 "result=nothing\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_small_page_is_at_the_last_of_four_levels),
	    TEST(a_large_page_ends_the_walk),
	    TEST(each_kind_of_caching_has_its_name),
	    TEST(nothing_there_ends_the_walk),
	    TEST(between_the_halves_there_is_nothing_to_walk),
	    TEST(a_table_out_of_reach_ends_the_walk),
	    TEST(lines_for_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
