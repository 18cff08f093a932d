/*
 * A CPU that has to wait for another one waits: what the other one does comes
 * at a named point, and not some time later.
 *
 * Where it waits by the hook for that, the other CPU comes in there, and only
 * there: it may be asking this one for a barrier. Where it is to be seen that
 * nobody goes on before, after so many instructions, which is many times what
 * there are on the way to the wait and past it.
 *
 * needs: tests/host/heap.c tests/host/interrupts.c
 */
#include "unit.h"
#include "rename.h"
#include "../../mm/heap/poolparts.h"
#include "../../mm/page/palloc.h"
#include "../../mm/page/stock.h"
#include "bytemap.h"
#include "heap.h"
#include "interrupts.h"
#include "pagemachine.h"
#include "percpu.h"

enum { UNLOCKS = 100, INSTRUCTIONS = 100000 };

static bool came;

/* All but what waits at CPU 1, in the middle of newpage, and what is left for
 * tables. */
static Pagecpu *
busy(void)
{
	pagesimple(6 * MiB, 2);
	size_t nfree = pagesfree();
	hostcpu(1);
	putpage(newpage(NOCLEAR, 0));
	Pagecpu *cpu = palloc.cpus;
	hostcpu(0);
	for (size_t n = nfree - pagecpun(cpu); n > TABLESPARE; n--)
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

/* It would go on so for ever. */
static void
tooimpatient(void)
{
	fail_msg("it takes a lock again and again, and answers nothing");
}

/* fn is what the other CPU does, if it is waited for as it must be. */
static void
comesin(void (*fn)(void))
{
	came = false;
	hostawaited(fn);
	hostunlocked(UNLOCKS, tooimpatient);
}

/* Another CPU gathers, until it comes in. */
static void
gathered(void)
{
	came = true;
	pagecpugatherers(-1);
}

static void
gathering(void)
{
	pagecpugatherers(1);
	comesin(gathered);
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
	gathers->ngather--;
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
		gathers->ngather++;
		comesin(poolgathered);
		poolcpugone(thiscpu());
		assert_true(came);
		assert_int_equal(poolused(mainmem), 0);
	}
}

static void
isopened(void)
{
	came = true;
	__atomic_store_n(&palloc.opening, 0, __ATOMIC_RELEASE);
}

/* A chunk that is wanted next, or on the way to it. */
static void
who_opens_a_chunk_is_waited_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		pagesimple(16 * MiB, 2);
		palloc.opening = 1;
		palloc.openci = 0;
		comesin(isopened);
		if (i == 0)
			assert_non_null(newpagerun(1, 2 * MiB, NOADDR));
		else if (i == 1)
			assert_null(pageremove(3 * MiB, 1));
		else
			assert_non_null(newpage(NOCLEAR, 0));
		assert_true(came);
		hostunlocked(0, NULL);
	}
	hostawaited(NULL);
}

/* While CPU 2 waits for its barrier's answers. */
static void
hunts(void)
{
	hostbarrier(NULL);
	hostcpu(0);
	for (size_t n = TABLESPARE; n > 0; n--)
		assert_non_null(newpage(NOCLEAR, 0));
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
	    cmocka_unit_test(who_opens_a_chunk_is_waited_for),
	    cmocka_unit_test(there_is_no_giving_up_before_stocks_are_empty),
	    cmocka_unit_test(who_has_emptied_them_gives_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
