/*
 * rampage.c - pages for tables, from each of its sources in turn.
 *
 * needs: arch/rampage.c tests/host/metal.c tests/host/heap.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "../../arch/rampage.h"
#include "heap.h"
#include "hooks.h"
#include "host.h"
#include "memmap.h"
#include "mmu.h"
#include "stage.h"
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

/* Pages n of the pool, in order, and nothing after them. */
static void
pool(size_t n)
{
	size_t before = rampages();

	memset(kaddr(POOL), 0x5a, n * BY2PG);
	rampageadd(POOL, n * BY2PG);
	rampageturn();
	for (size_t i = 0; i < n; i++) {
		uint8_t *page = rampage();

		assert_ptr_equal(page, kaddr(POOL + i * BY2PG));
		cleared(page);
	}
	assert_null(rampage());
	assert_int_equal(rampages(), before + n);
}

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	hostmachine(0, 64 * MiB, 32 * MiB, 1);
	stage = SMEMINIT0;
	memmapinit(table, sizeof table);
	rampageturn();
	return 0;
}

static void
the_pool_comes_first_and_ends(void **state)
{
	(void)state;
	assert_null(rampage());
	pool(3);
}

static void
what_is_added_waits_for_its_turn(void **state)
{
	(void)state;
	rampageadd(POOL, 2 * BY2PG);
	assert_null(rampage());
	rampageturn();
	assert_ptr_equal(rampage(), kaddr(POOL));
	rampageadd(2 * POOL, BY2PG);
	assert_ptr_equal(rampage(), kaddr(POOL + BY2PG));
	assert_null(rampage());
	rampageturn();
	assert_ptr_equal(rampage(), kaddr(2 * POOL));
}

static void
what_is_freed_is_given_first(void **state)
{
	(void)state;
	pool(3);
	size_t given = rampages();
	uint8_t *page = kaddr(POOL + BY2PG);
	memset(page, 0x5a, BY2PG);
	rampagefree(page);
	rampagefree(kaddr(POOL));
	assert_int_equal(rampages(), given - 2);
	assert_ptr_equal(rampage(), kaddr(POOL));
	assert_ptr_equal(rampage(), page);
	cleared(page);
	assert_null(rampage());
}

/* Only memory that kaddr reaches; the rest stays where it was. */
static void
then_comes_the_memmap(void **state)
{
	Memtotal t;
	Memrange r;

	(void)state;
	stage = SMMU;
	assert_null(rampage());
	stage = SMEMINIT0;
	memmapadd(32 * MiB - BY2PG, 2 * BY2PG, MemRAM);
	assert_null(rampage());
	stage = SMMU;
	memset(kaddr(32 * MiB - BY2PG), 0x5a, BY2PG);
	uint8_t *page = rampage();
	assert_ptr_equal(page, kaddr(32 * MiB - BY2PG));
	cleared(page);
	assert_null(rampage());
	assert_true(memmaprange(32 * MiB, &r));
	assert_int_equal(r.pa, 32 * MiB);
	assert_false(r.allocated);
	memmaptotal(&t);
	assert_int_equal(t.size[MemRAM], 2 * BY2PG);
	stage = SMEM;
	assert_null(rampage());
}

static void
then_comes_xalloc(void **state)
{
	(void)state;
	heapmachine(1, 4 * MiB, 0);
	rampageturn();
	size_t free = xfreebytes();
	size_t given = rampages();
	size_t n = 0;
	uint8_t *page = rampage();
	for (; page != NULL; page = rampage(), n++)
		cleared(page);
	assert_int_equal(rampages(), given + n);
	assert_in_range(n, free / (3 * BY2PG), free / BY2PG);
	xcheck();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(the_pool_comes_first_and_ends, setup),
	    cmocka_unit_test_setup(what_is_added_waits_for_its_turn, setup),
	    cmocka_unit_test_setup(what_is_freed_is_given_first, setup),
	    cmocka_unit_test_setup(then_comes_the_memmap, setup),
	    cmocka_unit_test_setup(then_comes_xalloc, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
