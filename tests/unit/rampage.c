/*
 * rampage.c - pages for tables: from a list, and from each of rampage's sources
 * in turn.
 *
 * needs: arch/rampage.c arch/tablepages.c tests/host/metal.c tests/host/heap.c
 */
#include "unit.h"
#include "heap.h"
#include "memmap.h"
#include "mmu.h"
#include "tlb.h"
#include "xalloc.h"

#define POOL (8 * MiB)

static uint64_t table[8192];

bool
istablepage(paddr_t pa)
{
	return pa % BY2PG == 0;
}

static void
cleared(const uint8_t *page)
{
	assert_non_null(page);
	assert_int_equal((uintptr_t)page % BY2PG, 0);
	for (size_t i = 0; i < BY2PG; i++)
		assert_int_equal(page[i], 0);
}

/* Pages n of a list, in order, and nothing after them. */
static void
list(size_t n)
{
	size_t before = rampages.used;

	memset(kaddr(POOL), 0x5a, n * BY2PG);
	tablepagesadd(&rampages, POOL, n * BY2PG);
	for (size_t i = 0; i < n; i++) {
		uint8_t *page = tablepage(&rampages);

		assert_ptr_equal(page, kaddr(POOL + i * BY2PG));
		cleared(page);
	}
	assert_null(tablepage(&rampages));
	assert_int_equal(rampages.used, before + n);
}

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	hostmachine(0, 64 * MiB, 32 * MiB, 1);
	stage = SMEMINIT0;
	memmapinit(table, sizeof table);
	rampages = (Tablepages){.head = NOADDR, .more = rampage};
	return 0;
}

static void
the_list_comes_first_and_ends(void **state)
{
	(void)state;
	assert_null(tablepage(&rampages));
	list(3);
}

/* The one list has its own pages, and nobody more. */
static void
a_list_may_be_all_there_is(void **state)
{
	Tablepages own = {.head = NOADDR};

	(void)state;
	stage = SMMU;
	memmapadd(16 * MiB, BY2PG, MemRAM);
	tablepagesadd(&own, POOL, BY2PG);
	assert_ptr_equal(tablepage(&own), kaddr(POOL));
	assert_null(tablepage(&own));
	assert_ptr_equal(tablepage(&rampages), kaddr(16 * MiB));
	assert_int_equal(own.used, 1);
}

static void
what_is_freed_is_given_first(void **state)
{
	(void)state;
	list(3);
	size_t given = rampages.used;
	uint8_t *page = kaddr(POOL + BY2PG);
	memset(page, 0x5a, BY2PG);
	tablefree(&rampages, page);
	tablefree(&rampages, kaddr(POOL));
	assert_int_equal(rampages.used, given - 2);
	assert_ptr_equal(tablepage(&rampages), kaddr(POOL));
	assert_ptr_equal(tablepage(&rampages), page);
	cleared(page);
	assert_null(tablepage(&rampages));
}

/* Only memory that kaddr reaches; the rest stays where it was. */
static void
then_comes_the_memmap(void **state)
{
	Memtotal t;
	Memrange r;

	(void)state;
	stage = SMMU;
	assert_null(tablepage(&rampages));
	stage = SMEMINIT0;
	memmapadd(32 * MiB - BY2PG, 2 * BY2PG, MemRAM);
	assert_null(tablepage(&rampages));
	stage = SMMU;
	memset(kaddr(32 * MiB - BY2PG), 0x5a, BY2PG);
	uint8_t *page = tablepage(&rampages);
	assert_ptr_equal(page, kaddr(32 * MiB - BY2PG));
	cleared(page);
	assert_null(tablepage(&rampages));
	assert_true(memmaprange(32 * MiB, &r));
	assert_int_equal(r.pa, 32 * MiB);
	assert_false(r.allocated);
	memmaptotal(&t);
	assert_int_equal(t.size[MemRAM], 2 * BY2PG);
	stage = SMEM;
	assert_null(tablepage(&rampages));
}

static void
then_comes_xalloc(void **state)
{
	(void)state;
	heapmachine(1, 4 * MiB, 0);
	rampages = (Tablepages){.head = NOADDR, .more = rampage};
	size_t free = xfreebytes();
	size_t given = rampages.used;
	size_t n = 0;
	uint8_t *page = tablepage(&rampages);
	for (; page != NULL; page = tablepage(&rampages), n++)
		cleared(page);
	assert_int_equal(rampages.used, given + n);
	assert_in_range(n, free / (3 * BY2PG), free / BY2PG);
	xcheck();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(the_list_comes_first_and_ends, setup),
	    cmocka_unit_test_setup(a_list_may_be_all_there_is, setup),
	    cmocka_unit_test_setup(what_is_freed_is_given_first, setup),
	    cmocka_unit_test_setup(then_comes_the_memmap, setup),
	    cmocka_unit_test_setup(then_comes_xalloc, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
