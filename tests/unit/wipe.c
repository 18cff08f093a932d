/*
 * What is cleared before the machine is switched off, and what is not.
 *
 * needs: tests/host/heap.c
 */
#include "rename.h"
#include "unit.h"
#include "../../mm/page/palloc.h"
#include "bytemap.h"
#include "heap.h"
#include "pagemachine.h"
#include "pool.h"

enum { USER = 0x400000, FRAMES = 2048 };

static const uint64_t pattern = 0x5ec7e75ec7e7d00d;

static void
mark(paddr_t pa, size_t size)
{
	uint64_t *w = kaddr(pa);

	for (size_t i = 0; i < size / sizeof w[0]; i++)
		w[i] = pattern;
}

/* How many words of [pa, pa + size) are the pattern; also where hidden. */
__attribute__((no_sanitize("address"))) static size_t
marked(paddr_t pa, size_t size)
{
	const volatile uint64_t *w = kaddr(pa);
	size_t n = 0;

	for (size_t i = 0; i < size / sizeof w[0]; i++)
		n += w[i] == pattern;
	return n;
}

static Page *
markedpage(uintptr_t va)
{
	Page *pg = newpage(NOCLEAR, va);

	mark(pagepa(pg), BY2PG);
	return pg;
}

static Page *
markedhuge(uintptr_t va)
{
	Page *pg = newhugepage(2 * MiB, NOCLEAR, va);

	mark(pagepa(pg), 2 * MiB);
	return pg;
}

static void
pages_of_processes_are_cleared_and_no_others(void **state)
{
	(void)state;
	pagesimple(32 * MiB, 1);
	Page *kernel = markedpage(0);
	Page *user = markedpage(USER);
	Page *freed = markedpage(USER + BY2PG);
	Page *again = markedpage(USER);
	Page *huge = markedhuge(USER);
	Page *kernelhuge = markedhuge(0);

	putpage(again);
	assert_ptr_equal(newpage(NOCLEAR, 0), again); /* now the kernel's */
	putpage(freed);
	pagewipe();
	assert_int_equal(marked(0, 32 * MiB), (2 * BY2PG + 2 * MiB) / 8);
	assert_int_equal(marked(pagepa(kernel), BY2PG), BY2PG / 8);
	assert_int_equal(marked(pagepa(again), BY2PG), BY2PG / 8);
	assert_int_equal(marked(pagepa(kernelhuge), 2 * MiB), 2 * MiB / 8);
	assert_int_equal(pagerefs(user), 1);
	assert_int_equal(pagerefs(huge), 1);
	bytemapcheck();
}

/* Waiting at a CPU, whole in its chunk, cut by the kernel: by and by less. */
static void
a_huge_page_is_known_by_its_last_user(void **state)
{
	(void)state;
	for (int cut = 0; cut < 4; cut++) {
		pagesimple(4 * MiB, 1);
		Page *huge = markedhuge(USER);
		paddr_t pa = pagepa(huge);

		puthugepage(huge);
		Page *pg = NULL;
		if (cut > 0)
			pagecpugather();
		if (cut == 2) {
			size_t n;
			freepages(pagetakeall(&n));
		} else if (cut == 3)
			pg = newpagerun(1, BY2PG, 2 * MiB);
		pagewipe();
		size_t kept = pg != NULL ? BY2PG / 8 : 0;
		if (cut != 2)
			assert_int_equal(marked(pa, 2 * MiB), kept);
		bytemapcheck();
	}
}

/* The kernel has one now of which small parts were processes' once. */
static void
what_was_a_process_is_not_for_ever(void **state)
{
	(void)state;
	pagesimple(4 * MiB, 1);
	size_t n = 0;
	Page *chain = NULL;
	Page *pg;

	while ((pg = newpage(NOCLEAR, USER)) != NULL) {
		pagesetnext(pg, chain);
		chain = pg;
		n++;
	}
	freepages(chain);
	pg = markedhuge(0);
	pagewipe();
	assert_int_equal(marked(pagepa(pg), 2 * MiB), 2 * MiB / 8);
}

/* They are no pages any more, and nobody would come by them again. */
static void
what_leaves_takes_nothing_along(void **state)
{
	(void)state;
	pagesimple(8 * MiB, 1);
	Page *user = markedpage(USER);
	Page *kernel = markedpage(0);
	Page *bad = markedpage(USER);
	Page *huge = markedhuge(USER);
	paddr_t pa = pagepa(huge);

	putpage(user);
	putpage(kernel);
	putpage(bad);
	puthugepage(huge);
	assert_null(pageremove(pagepa(user), 1));
	assert_null(pageremove(pagepa(kernel), 1));
	assert_null(pageretire(pagepa(bad)));
	assert_null(pageremove(pa + 5 * BY2PG, 300));
	pagewipe();
	assert_int_equal(marked(0, 8 * MiB), BY2PG / 8);
	assert_int_equal(marked(pagepa(kernel), BY2PG), BY2PG / 8);
	bytemapcheck();
}

static void
a_gigabyte_is_remembered_by_all_its_chunks(void **state)
{
	(void)state;
	pagemachine(0, 2 * GiB, 1);
	hosttrust(true);
	pagebank(0, (GiB + 100 * MiB) / BY2PG, 0);
	pagesup();
	Page *pg = newhugepage(GiB, NOCLEAR, USER);

	assert_non_null(pg);
	puthugepage(pg);
	for (size_t i = 0; i < 512; i++) {
		assert_int_equal(pageva(&pg[i * 512]), USER);
		assert_int_equal(pagesize(&pg[i * 512]), 2 * MiB);
	}
	bytemapcheck();
	assert_ptr_equal(newhugepage(GiB, NOCLEAR, 0), pg);
	puthugepage(pg);
	mark(GiB / 2, 4 * MiB);
	pagewipe(); /* of the kernel's, nothing */
	assert_int_equal(marked(GiB / 2, 4 * MiB), 4 * MiB / 8);
	pagefini();
}

/* The same in the pages above heapmachine's first bank. */
static size_t
markedabove(void)
{
	size_t n = 0;

	for (size_t i = 0; i < FRAMES; i++) {
		Page *pg = papage(HEAPBASE + 8 * MiB + (i + 1) * BY2PG);
		const uint64_t *w = pg != NULL ? kmap(pg) : NULL;

		for (size_t k = 0; k < BY2PG / 8 && w != NULL; k++)
			n += w[k] == pattern;
	}
	return n;
}

/* Blocks of all sizes, freed ones and unused memory: nothing is left. */
static void
secrets_are_cleared_wherever_they_are(void **state)
{
	size_t total = 0;

	(void)state;
	heapmachine(1, 8 * MiB, FRAMES);
	heappages();
	for (size_t size = 16; size < 3 * MiB; size = size * 3 / 2) {
		uint64_t *p = poolalloc(secrmem, size);
		uint64_t *q = poolalloc(mainmem, 64);

		assert_true(p != NULL && q != NULL);
		for (size_t i = 0; i < size / 8; i++)
			p[i] = pattern;
		total += size / 8;
		for (size_t i = 0; i < 8; i++)
			q[i] = ~pattern;
	}
	assert_int_equal(marked(HEAPBASE, 8 * MiB) + markedabove(), total);
	assert_true(markedabove() > 0);
	poolwipe(secrmem);
	assert_int_equal(marked(HEAPBASE, 8 * MiB) + markedabove(), 0);
	poolcheck(mainmem);
	poolinit();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pages_of_processes_are_cleared_and_no_others),
	    cmocka_unit_test(a_huge_page_is_known_by_its_last_user),
	    cmocka_unit_test(what_was_a_process_is_not_for_ever),
	    cmocka_unit_test(what_leaves_takes_nothing_along),
	    cmocka_unit_test(a_gigabyte_is_remembered_by_all_its_chunks),
	    cmocka_unit_test(secrets_are_cleared_wherever_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
