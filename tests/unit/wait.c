/*
 * A CPU that has to wait for another one waits: what the other one does comes
 * at a named point, and not some time later.
 *
 * Where the wait takes a lock again and again, the other CPU comes in after so
 * many unlocks; where it only looks at a word, after so many instructions. Each
 * is many times what there are on the way to the wait and past it.
 *
 * needs: tests/host/heap.c tests/host/interrupts.c
 */
#include "unit.h"
#include "rename.h"
#include "../../mm/heap/poolparts.h"
#include "../../mm/page/palloc.h"
#include "bytemap.h"
#include "heap.h"
#include "interrupts.h"
#include "pagemachine.h"
#include "percpu.h"

enum { UNLOCKS = 100, INSTRUCTIONS = 100000 };

static bool came;

/* All but what waits at CPU 1, which is in the middle of newpage. */
static Pagecpu *
busy(void)
{
	pagesimple(6 * MiB, 2);
	size_t nfree = pagesfree();
	hostcpu(1);
	putpage(newpage(NOCLEAR, 0));
	Pagecpu *cpu = palloc.cpus;
	hostcpu(0);
	for (size_t n = nfree - pagecpun(cpu); n > 0; n--)
		assert_non_null(newpage(NOCLEAR, 0));
	assert_int_equal(pagecpuenter(cpu), PAGECPUMAX);
	came = false;
	return cpu;
}

static Pagecpu *other;

static void
leaves(void)
{
	came = true;
	pagecpuleave(other);
}

static Page *got;
static bool waited;

static void
onemore(void)
{
	got = newpage(NOCLEAR, 0);
	waited = came;
}

static void
a_busy_stock_is_waited_for(void **state)
{
	(void)state;
	other = busy();
	assert_true(interruptat(INSTRUCTIONS, onemore, leaves));
	assert_true(waited);
	assert_non_null(got);
}

static Poolcpu *owner;

static void
letsgo(void)
{
	came = true;
	magazineleave(owner);
}

static void
compact(void)
{
	poolcompact(mainmem);
	waited = came;
}

/* A CPU in the middle of malloc or free. */
static void
a_busy_magazine_is_waited_for(void **state)
{
	(void)state;
	heapmachine(1, 1 * MiB, 0);
	hostcpu(1);
	free(malloc(100));
	owner = &thiscpu()->pool;
	assert_int_not_equal(
	    magazineenter(owner, magazine(KMAIN, classof(100))), 0);
	hostcpu(0);
	came = false;
	assert_true(interruptat(INSTRUCTIONS, compact, letsgo));
	assert_true(waited);
	assert_int_equal(magazinebytes(mainmem), 0);
	poolcheck(mainmem);
}

/* Another CPU gathers, until it comes in. */
static void
gathered(void)
{
	came = true;
	lock(&palloc.lock);
	palloc.ngather--;
	unlock(&palloc.lock);
}

static void
gathering(void)
{
	came = false;
	lock(&palloc.lock);
	palloc.ngather++;
	unlock(&palloc.lock);
	hostunlocked(UNLOCKS, gathered);
}

/* It may look at the stock of the CPU that leaves. */
static void
who_leaves_waits_for_who_gathers(void **state)
{
	(void)state;
	pagesimple(16 * MiB, 2);
	putpage(newpage(NOCLEAR, 0));
	gathering();
	pagecpugone(thiscpu());
	assert_true(came);
	bytemapcheck();
}

static Pool *gathers;

static void
poolgathered(void)
{
	came = true;
	poollock(gathers);
	gathers->ngather--;
	poolunlock(gathers);
}

/* The same, whichever pool it is that is gathered. */
static void
who_leaves_waits_for_who_gathers_any_pool(void **state)
{
	Pool *const pools[] = {mainmem, imagmem, secrmem};

	(void)state;
	for (size_t i = 0; i < nelem(pools); i++) {
		heapmachine(1, 1 * MiB, 0);
		free(malloc(100));
		gathers = pools[i];
		came = false;
		gathers->ngather++;
		hostunlocked(UNLOCKS, poolgathered);
		poolcpugone(thiscpu());
		assert_true(came);
		assert_int_equal(poolused(mainmem), 0);
	}
}

/* While CPU 2 waits for its barrier's answers. */
static void
hunts(void)
{
	hostbarrier(NULL);
	hostcpu(0);
	got = newpage(NOCLEAR, 0);
	hostcpu(2);
}

/* What another one closed and has not emptied yet may have a page for us. */
static void
there_is_no_giving_up_before_stocks_are_empty(void **state)
{
	(void)state;
	pagecpuleave(busy());
	got = NULL;
	hostcpu(2);
	hostbarrier(hunts);
	pagecpugather();
	assert_non_null(got);
	bytemapcheck();
}

/* However many gather, one after another or at once, for ever. */
static void
who_has_emptied_them_gives_up(void **state)
{
	size_t n;

	(void)state;
	pagesimple(16 * MiB, 2);
	palloc.ngather++;
	hostbarrier(NULL);
	assert_non_null(pagetakeall(&n));
	assert_null(newpage(NOCLEAR, 0));
	assert_int_equal(hostbarriers(), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_busy_stock_is_waited_for),
	    cmocka_unit_test(a_busy_magazine_is_waited_for),
	    cmocka_unit_test(who_leaves_waits_for_who_gathers),
	    cmocka_unit_test(who_leaves_waits_for_who_gathers_any_pool),
	    cmocka_unit_test(there_is_no_giving_up_before_stocks_are_empty),
	    cmocka_unit_test(who_has_emptied_them_gives_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
