/*
 * tablewalk: page tables made by hand, and what is read in them; pages: the
 * ranges that come of it.
 *
 * needs: arch/amd64/tablewalk.c arch/pagesprint.c
 */
#include "unit.h"

#include "audit.h"
#include "trap.h"

enum { MAXLEAVES = 16 };

static struct {
	Leaf leaf[MAXLEAVES];
	size_t n;
} seen;

static paddr_t next;

/* What the walk of the machine's own tables is here. */
static paddr_t top;
static int toplevel;

void
auditwalk(void (*visit)(void *arg, const Leaf *leaf), void *arg,
    size_t tables[NLEVEL])
{
	tablewalk(top, toplevel, visit, arg, tables);
}

const char *
placename(uintptr_t va)
{
	return va >= KZERO ? "image" : "somewhere";
}

static void
see(void *arg, const Leaf *l)
{
	(void)arg;
	assert_in_range(seen.n, 0, MAXLEAVES - 1);
	seen.leaf[seen.n++] = *l;
}

/* The table that the entry of parent leads to, made if it is not there. */
static paddr_t
table(paddr_t parent, size_t i, pte_t flags)
{
	pte_t *e = (pte_t *)kaddr(parent) + i;

	if (*e == 0) {
		*e = next | flags | PTEVALID;
		next += BY2PG;
	}
	return PTEADDR(*e);
}

static void
page(paddr_t parent, size_t i, pte_t pte)
{
	((pte_t *)kaddr(parent))[i] = pte | PTEVALID;
}

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	hostmachine(0, 4 * MiB, 4 * MiB, 1);
	top = 0;
	toplevel = 3;
	next = BY2PG;
	seen.n = 0;
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
walk(size_t tables[NLEVEL])
{
	tablewalk(top, toplevel, see, NULL, tables);
}

static void
assert_leaf(size_t i, uintptr_t va, paddr_t pa, size_t size, pte_t flags)
{
	assert_in_range(seen.n, i + 1, MAXLEAVES);
	assert_int_equal(seen.leaf[i].va, va);
	assert_int_equal(seen.leaf[i].pa, pa);
	assert_int_equal(seen.leaf[i].size, size);
	assert_int_equal(seen.leaf[i].flags, flags);
}

static void
nothing_is_mapped_by_an_empty_table(void **state)
{
	size_t tables[NLEVEL];

	(void)state;
	walk(tables);
	assert_int_equal(seen.n, 0);
	assert_int_equal(tables[3], 1);
	assert_int_equal(tables[0] + tables[1] + tables[2] + tables[4], 0);
}

/* In the upper half the sign fills bits 48 to 63. */
static void
pages_of_each_size_are_found_in_order(void **state)
{
	size_t tables[NLEVEL];
	pte_t rw = PTEWRITE;

	(void)state;
	paddr_t pdpt = table(0, 256, rw);
	paddr_t pd = table(pdpt, 1, rw);
	paddr_t pt = table(pd, 511, rw);
	page(pdpt, 0, 5 * GiB | rw | PTELARGE);
	page(pd, 3, 6 * MiB | rw | PTELARGE);
	page(pt, 511, 0x7000 | rw);
	walk(tables);
	assert_int_equal(seen.n, 3);
	assert_leaf(0, DMAP, 5 * GiB, GiB, rw);
	assert_leaf(1, DMAP + GiB + 6 * MiB, 6 * MiB, 2 * MiB, rw);
	assert_leaf(2, DMAP + 2 * GiB - BY2PG, 0x7000, BY2PG, rw);
	for (int l = 0; l < 4; l++)
		assert_int_equal(tables[l], 1);
}

/* Whatever else is in an entry without its first bit. */
static void
what_is_not_present_is_not_there(void **state)
{
	size_t tables[NLEVEL];

	(void)state;
	paddr_t pt = table(table(table(0, 0, 0), 0, 0), 0, 0);
	for (size_t i = 0; i < PTENTRIES; i++)
		((pte_t *)kaddr(pt))[i] = ~(pte_t)PTEVALID;
	walk(tables);
	assert_int_equal(seen.n, 0);
}

/* With bits the CPU keeps for itself, or takes from a large page's PAT. */
static void
only_the_address_is_taken_from_an_entry(void **state)
{
	size_t tables[NLEVEL];
	pte_t more = PTEACCESSED | PTEDIRTY | 1ull << 12 | 7ull << 52;

	(void)state;
	page(table(table(0, 0, 0), 0, 0), 1, 2 * MiB | PTELARGE | more);
	walk(tables);
	assert_leaf(0, 2 * MiB, 2 * MiB, 2 * MiB, 0);
}

/*
 *	PML4   PDPT   PD     PT		what the page may be used for
 *	w u    w u    w u    w u	w u
 *	w u    - u    w u    w u	- u
 *	w -    w u    w u    w u	w -
 *	w u    w u    nx     w u	nx
 */
static void
every_level_must_grant_and_any_denies(void **state)
{
	size_t tables[NLEVEL];
	pte_t wu = PTEWRITE | PTEUSER;

	(void)state;
	page(table(table(table(0, 0, wu), 0, wu), 0, wu), 1, wu);
	page(table(table(table(0, 1, wu), 0, PTEUSER), 0, wu), 1, wu);
	page(table(table(table(0, 2, PTEWRITE), 0, wu), 0, wu), 1, wu);
	page(table(table(table(0, 3, wu), 0, wu), 0, wu | PTENOEXEC), 1, wu);
	walk(tables);
	assert_int_equal(seen.n, 4);
	assert_int_equal(seen.leaf[0].flags, wu);
	assert_int_equal(seen.leaf[1].flags, PTEUSER);
	assert_int_equal(seen.leaf[2].flags, PTEWRITE);
	assert_int_equal(seen.leaf[3].flags, wu | PTENOEXEC);
}

/* The memory type and the global bit are the page's own entry's. */
static void
type_is_the_pages_own(void **state)
{
	size_t tables[NLEVEL];
	pte_t t = PTEUC | PTEGLOBAL;

	(void)state;
	page(table(table(table(0, 0, t), 0, t), 0, t), 0, PTEWC);
	page(table(table(table(0, 0, t), 0, t), 0, t), 1, PTEWB | PTEGLOBAL);
	walk(tables);
	assert_int_equal(seen.leaf[0].flags, PTEWC);
	assert_int_equal(seen.leaf[1].flags, PTEWB | PTEGLOBAL);
}

/* The sign is bit 56 then, so bit 47 is an address bit like any other. */
static void
five_levels_have_57_bits(void **state)
{
	size_t tables[NLEVEL];

	(void)state;
	toplevel = 4;
	for (size_t i = 0; i < PTENTRIES; i += 255)
		page(table(table(table(table(0, i, 0), 256, 0), 0, 0), 0, 0), 0,
		    0x9000);
	walk(tables);
	assert_int_equal(seen.n, 3);
	assert_leaf(0, 256ull << 39, 0x9000, BY2PG, 0);
	assert_leaf(1, (255ull << 48) + (256ull << 39), 0x9000, BY2PG, 0);
	assert_leaf(2, 0xfe00000000000000 + (510ull << 48) + (256ull << 39),
	    0x9000, BY2PG, 0);
	assert_int_equal(tables[4], 1);
	assert_int_equal(tables[3], 3);
}

/*
 *	[4K][4K][  2M  ]	one range, in spite of its page sizes
 *	[4K]			another: not writable
 *	    [4K]    [4K]	two more: a hole before each
 */
static void
ranges_join_what_touches_and_agrees(void **state)
{
	pte_t data = PTEWRITE | PTENOEXEC | PTEGLOBAL;

	(void)state;
	paddr_t pd = table(table(0, 511, PTEWRITE), 510, PTEWRITE);
	paddr_t pt = table(pd, 0, PTEWRITE);
	page(pt, 510, 0x3000 | data);
	page(pt, 511, 0x9000 | data);
	page(pd, 1, 2 * MiB | data | PTELARGE);
	pt = table(pd, 2, PTEWRITE);
	page(pt, 0, 0x1000 | PTEGLOBAL);
	page(pt, 2, 0x1000 | data | PTEUC);
	page(pt, 4, 0x1000 | data | PTEUC);
	pagesprint();
	assert_said("ffffffff801fe000-ffffffff80400000      202000 "
		    "-rw- WB  g 4K 2M -- image\n"
		    "ffffffff80400000-ffffffff80401000        1000 "
		    "-r-x WB  g 4K -- -- image\n"
		    "ffffffff80402000-ffffffff80403000        1000 "
		    "-rw- UC  g 4K -- -- image\n"
		    "ffffffff80404000-ffffffff80405000        1000 "
		    "-rw- UC  g 4K -- -- image\n"
		    "tables of level 3: 1\n"
		    "tables of level 2: 1\n"
		    "tables of level 1: 1\n"
		    "tables of level 0: 2\n");
}

/* A user's, not global, and of the largest size alone. */
static void
every_column_has_its_other_sign(void **state)
{
	(void)state;
	page(table(0, 1, PTEWRITE | PTEUSER), 0,
	    GiB | PTEUSER | PTENOEXEC | PTELARGE | PTEWC);
	pagesprint();
	assert_said("0000008000000000-0000008040000000    40000000 "
		    "ur-- WC  - -- -- 1G somewhere\n"
		    "tables of level 3: 1\n"
		    "tables of level 2: 1\n");
}

static void
ranges_in_lines(void **state)
{
	(void)state;
	paddr_t pd =
	    table(table(0, 1, PTEWRITE | PTEUSER), 0, PTEWRITE | PTEUSER);
	page(pd, 1, 2 * MiB | PTEUSER | PTENOEXEC | PTELARGE | PTEWC);
	page(table(0, 511, PTEWRITE), 511,
	    GiB | PTEWRITE | PTEGLOBAL | PTELARGE);
	page(table(pd, 2, PTEWRITE | PTEUSER), 0,
	    4 * MiB | PTEUSER | PTENOEXEC | PTEWC);
	pageslines();
	assert_said("mem9: mapped va=0x8000200000 size=0x201000 user=1 write=0 "
		    "execute=0 caching=WC global=0 pages=4K,2M "
		    "in=\"somewhere\"\n"
		    "mem9: mapped va=0xffffffffc0000000 size=0x40000000 user=0 "
		    "write=1 execute=1 caching=WB global=1 pages=1G "
		    "in=\"image\"\n"
		    "mem9: pagetables level=3 n=1\n"
		    "mem9: pagetables level=2 n=2\n"
		    "mem9: pagetables level=1 n=1\n"
		    "mem9: pagetables level=0 n=1\n");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(nothing_is_mapped_by_an_empty_table),
	    TEST(pages_of_each_size_are_found_in_order),
	    TEST(what_is_not_present_is_not_there),
	    TEST(only_the_address_is_taken_from_an_entry),
	    TEST(every_level_must_grant_and_any_denies),
	    TEST(type_is_the_pages_own),
	    TEST(five_levels_have_57_bits),
	    TEST(ranges_join_what_touches_and_agrees),
	    TEST(every_column_has_its_other_sign),
	    TEST(ranges_in_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
