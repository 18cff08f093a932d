/*
 * migrate.c - memory that goes from CPU to CPU: all well, or written, lost or
 * owned twice.
 *
 * covers: kern/check/migrate.c
 * needs: tests/host/heap.c
 * builds: san tsan
 */
#include "unit.h"
#include "heap.h"
#include "pagemachine.h"
#include "rename.h"
#include "../../kern/check/migrate.c"

#include <pthread.h>

enum { NCPU = 4, NPAGE = 2000 };

static int
setup(void **state)
{
	(void)state;
	heapcpus(NCPU);
	heapmachine(1, 8 * MiB, NPAGE);
	heappages();
	assert_int_equal(migratebegin(), 0);
	return 0;
}

static void *
part(void *n)
{
	hostcpu((int)(size_t)n);
	return (void *)migrate((uint32_t)(size_t)n);
}

static void
all_is_free_again(void **state)
{
	pthread_t t[NCPU];
	Pagestats was, is;
	void *why;

	heapcpus(NCPU);
	heapmachine(1, 8 * MiB, NPAGE);
	heappages();
	(void)state;
	poolcompact(mainmem);
	size_t free0 = xfreebytes();
	pagestats(&was);
	assert_int_equal(migratebegin(), 0);
	for (size_t i = 0; i < NCPU; i++)
		pthread_create(&t[i], NULL, part, (void *)i);
	for (size_t i = 0; i < NCPU; i++) {
		pthread_join(t[i], &why);
		assert_null(why);
	}
	size_t held = 0;
	for (size_t i = 0; i < NSHARED; i++)
		held += (blocks[i] != NULL) + (pages[i] != NULL);
	assert_in_range(held, NSHARED, 2 * NSHARED); /* they were at work */
	assert_int_not_equal(image.npages, 0);
	assert_null(migrateend());
	poolcheck(mainmem);
	poolcompact(mainmem);
	pagestats(&is);
	assert_int_equal(is.nfree, was.nfree);
	assert_int_equal(poolused(mainmem), 0);
	assert_int_equal(xfreebytes(), free0);
}

static size_t
someblock(void)
{
	size_t i = 0;

	while (blocks[i] == NULL)
		assert_in_range(++i, 0, NSHARED - 1);
	return i;
}

static size_t
somepage(void)
{
	size_t i = 0;

	while (pages[i] == NULL)
		assert_in_range(++i, 0, NSHARED - 1);
	return i;
}

static void
spoilself(void)
{
	blocks[someblock()]->self++;
}

static void
spoilsize(void)
{
	blocks[someblock()]->size += MOSTSIZE * LARGER;
}

static void
spoilblock(void)
{
	Blockhead *b = blocks[someblock()];

	((uint8_t *)b)[b->size - 1] ^= 1;
}

static void
spoilpage(void)
{
	((uint64_t *)kmap(pages[somepage()]))[0]++;
}

static void
spoilpagesend(void)
{
	((uint64_t *)kmap(pages[somepage()]))[LASTWORD]++;
}

/* Two CPUs got it, and the other one has given it back. */
static void
ownblocktwice(void)
{
	blocks[someblock()]->self = NULL;
}

static void
ownpagetwice(void)
{
	((uint64_t *)kmap(pages[somepage()]))[0] = 0;
}

/* The first thing is said. */
static void
spoilboth(void)
{
	((uint64_t *)kmap(pages[NSHARED - 1]))[0]++;
	blocks[0]->self++;
}

static void
what_was_written_or_is_anothers_is_said(void **state)
{
	static const char block[] = "a block was written by another";
	static const char page[] = "a page was written by another";
	static const struct {
		void (*how)(void);
		const char *says;
	} cases[] = {{spoilself, block}, {spoilsize, block},
	    {spoilblock, block}, {ownblocktwice, block}, {spoilpage, page},
	    {spoilpagesend, page}, {ownpagetwice, page}, {spoilboth, block}};

	for (size_t i = 0; i < nelem(cases); i++) {
		setup(state);
		assert_null(migrate(0));
		cases[i].how();
		assert_string_equal(migrateend(), cases[i].says);
		/* and by whoever comes to it earlier */
		setup(state);
		assert_null(migrate(0));
		cases[i].how();
		assert_string_equal(migrate(1), cases[i].says);
	}
}

static void
another_page_of_the_image_is_said(void **state)
{
	for (int what = 0; what < 2; what++) {
		setup(state);
		assert_null(readcached(3, false));
		Page *pg = lookpage(&image, 3);
		((uint64_t *)kmap(pg))[what == 0 ? 0 : LASTWORD]++;
		putpage(pg);
		assert_null(readcached(4, false));
		assert_string_equal(
		    readcached(3, false), "a cached page is another's");
	}
}

static void
without_memory_nothing_is_wrong(void **state)
{
	size_t n;

	(void)state;
	setup(state);
	Page *all = pagetakeall(&n);
	assert_null(migrate(0));
	freepages(all);
	assert_null(migrateend());
	all = pagetakeall(&n);
	assert_int_equal(migratebegin(), -1);
	freepages(all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_is_free_again),
	    cmocka_unit_test(what_was_written_or_is_anothers_is_said),
	    cmocka_unit_test(another_page_of_the_image_is_said),
	    cmocka_unit_test(without_memory_nothing_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
