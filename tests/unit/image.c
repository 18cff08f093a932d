/*
 * The image cache, and giving it up when memory is short.
 *
 * What another CPU may do between two steps is done just there: where a lock is
 * about to be taken, or has been left.
 *
 * needs: tests/host/interrupts.c
 */
#include "unit.h"
#include "bytemap.h"
#include "image.h"
#include "interrupts.h"
#include "pagemachine.h"

enum { NHASH = 16 };

static Image image;
static Page *hash[NHASH];

static void
up(void)
{
	pagesimple(8 * MiB, 2);
	assert_int_equal(imageopen(&image, hash, NHASH), 0);
}

static Page *
cached(uint64_t daddr)
{
	Page *pg = newpage(NOCLEAR, 0);

	pagesetdaddr(pg, daddr);
	assert_int_equal(cachepage(pg, &image), 0);
	return pg;
}

static void
cached_pages_are_found_by_daddr(void **state)
{
	(void)state;
	up();
	Page *pg[100];

	for (size_t i = 0; i < nelem(pg); i++)
		pg[i] = cached(i * 512);
	assert_int_equal(image.npages, 100);
	for (size_t i = 0; i < nelem(pg); i++) {
		assert_ptr_equal(lookpage(&image, i * 512), pg[i]);
		assert_int_equal(pagerefs(pg[i]), 3);
		assert_ptr_equal(pageimage(pg[i]), &image);
		putpage(pg[i]);
	}
	assert_null(lookpage(&image, 1));
	bytemapcheck();
}

static void
a_daddr_is_cached_once(void **state)
{
	(void)state;
	up();
	Page *first = cached(7);
	Page *second = newpage(NOCLEAR, 0);

	pagesetdaddr(second, 7);
	assert_int_equal(cachepage(second, &image), -1);
	assert_null(pageimage(second));
	assert_int_equal(pagerefs(second), 1);
	putpage(second);
	assert_panics(cachepage(first, &image), "is in an image's cache");
	assert_panics(cachepage(second, &image), "is free already");
}

static void
pages_leave_the_cache(void **state)
{
	(void)state;
	up();
	size_t nfree = pagesfree();
	Page *a = cached(1);
	Page *b = cached(2);
	Page *c = cached(3);

	uncachepage(a);
	assert_null(pageimage(a));
	assert_int_equal(pagerefs(a), 1);
	uncachepage(a);
	assert_null(lookpage(&image, 1));
	putpage(b);
	cachedel(&image, 2);
	cachedel(&image, 2);
	assert_null(lookpage(&image, 2));
	putpage(a);
	assert_int_equal(image.npages, 1);
	assert_int_equal(pagesfree(), nfree - 1);
	uncachepage(c);
	putpage(c);
	assert_int_equal(pagesfree(), nfree);
	assert_panics(uncachepage(c), "is free already");
	bytemapcheck();
}

static void
the_caches_reference_is_not_the_users(void **state)
{
	(void)state;
	up();
	Page *pg = cached(1);

	putpage(pg);
	assert_panics(putpage(pg), "is in an image's cache");
}

/* The image's lock is free when that is said. */
static void
too_many_users_of_a_cached_page_are_caught(void **state)
{
	(void)state;
	up();
	Page *pg = cached(1);

	pg->held |= PAGEREFMAX;
	assert_panics(lookpage(&image, 1), "references already");
	Page *other = newpage(NOCLEAR, 0);
	pagesetdaddr(other, 2);
	other->held |= PAGEREFMAX;
	assert_panics(cachepage(other, &image), "references already");
}

static Page *leaving;

static void
uncacheit(void)
{
	uncachepage(leaving);
}

static void
dropit(void)
{
	cachedel(&image, 1);
}

/* Another CPU drops it before this one has the lock: once is enough. */
static void
a_page_leaves_the_cache_once(void **state)
{
	(void)state;
	up();
	leaving = cached(1);
	assert_true(interruptbetween(1, uncacheit, dropit));
	assert_int_equal(pagerefs(leaving), 1);
	assert_int_equal(image.npages, 0);
	putpage(leaving);
	bytemapcheck();
}

/* Another CPU drops it as soon as it has been found. */
static void
what_was_found_is_held(void **state)
{
	(void)state;
	up();
	Page *pg = cached(1);

	putpage(pg);
	hostunlocked(0, dropit);
	assert_ptr_equal(lookpage(&image, 1), pg);
	assert_int_equal(image.npages, 0);
	assert_int_equal(pagerefs(pg), 1);
	putpage(pg);
	bytemapcheck();
}

static Image second;
static Page *secondhash[NHASH];

/* And its memory is used for something else. */
static void
closesecond(void)
{
	imageclose(&second);
	memset(&second, 0x5a, sizeof second);
}

/* Another CPU closes the image that has just been looked at. */
static void
no_image_closes_while_they_are_walked(void **state)
{
	(void)state;
	up();
	assert_int_equal(imageopen(&second, secondhash, NHASH), 0);
	putpage(cached(1));
	hostunlocked(0, closesecond);
	assert_int_equal(imagereclaim(2), 1);
	assert_int_equal(second.id, 0x5a5a5a5a);
}

/* The first of the list, and the one that then is; the last one is there. */
static void
images_may_close_in_any_order(void **state)
{
	(void)state;
	static Image third;
	static Page *thirdhash[NHASH];

	up();
	assert_int_equal(imageopen(&second, secondhash, NHASH), 0);
	assert_int_equal(imageopen(&third, thirdhash, NHASH), 0);
	putpage(cached(1));
	imageclose(&third);
	imageclose(&second);
	assert_int_equal(imagereclaim(1), 1);
}

/* Eight chunks' worth of chains in 16 buckets: any order of leaving. */
static void
chains_survive_any_order(void **state)
{
	(void)state;
	up();
	Page *pg[200];
	uint64_t seed = 1;

	for (size_t i = 0; i < nelem(pg); i++)
		pg[i] = cached(i);
	for (size_t n = nelem(pg); n > 0; n--) {
		seed = seed * 6364136223846793005 + 1442695040888963407;
		size_t k = (seed >> 33) % n;
		uint64_t daddr = pagedaddr(pg[k]);

		uncachepage(pg[k]);
		putpage(pg[k]);
		assert_null(lookpage(&image, daddr));
		pg[k] = pg[n - 1];
		for (size_t i = 0; i + 1 < n; i++) {
			assert_ptr_equal(
			    lookpage(&image, pagedaddr(pg[i])), pg[i]);
			putpage(pg[i]);
		}
	}
	assert_int_equal(image.npages, 0);
}

static void
reclaim_takes_only_what_nobody_uses(void **state)
{
	(void)state;
	up();
	size_t nfree = pagesfree();

	for (uint64_t i = 0; i < 100; i++) {
		Page *pg = cached(i);
		if (i % 4 != 0)
			putpage(pg);
	}
	assert_int_equal(pagereclaim(&image, 10), 10);
	assert_int_equal(image.npages, 90);
	assert_int_equal(pagereclaim(&image, 1000), 65);
	assert_int_equal(pagereclaim(&image, 1000), 0);
	assert_int_equal(image.npages, 25);
	assert_int_equal(pagesfree(), nfree - 25);
	for (uint64_t i = 0; i < 100; i += 4) {
		Page *pg = lookpage(&image, i);
		assert_non_null(pg);
		putpage(pg);
		putpage(pg);
	}
	assert_int_equal(imagereclaim(1000), 25);
	assert_int_equal(pagesfree(), nfree);
	bytemapcheck();
}

/* However many are asked for, and one image has them. */
static void
all_that_is_cached_can_be_asked_for(void **state)
{
	(void)state;
	up();
	for (uint64_t i = 0; i < 3; i++)
		putpage(cached(i));
	assert_int_equal(imagereclaim(SIZE_MAX), 3);
}

/* All memory is cached: newpage takes from the cache, then fails cleanly. */
static void
newpage_reclaims_before_it_fails(void **state)
{
	(void)state;
	up();
	size_t nfree = pagesfree();
	size_t n = 0;
	Page *pg;

	for (; pagesfree() > 0; n++)
		putpage(cached(n));
	assert_int_equal(n, nfree);
	for (n = 0; (pg = newpage(NOCLEAR, 0)) != NULL; n++)
		;
	assert_int_equal(n, nfree);
	assert_int_equal(image.npages, 0);
	assert_null(newpage(CLEAR, 0));
	Pagestats st;
	pagestats(&st);
	assert_int_equal(st.nreclaimed, nfree);
	assert_int_equal(st.nfailed, 2);
}

/* Four images with 50 pages each: none is emptied for the others. */
static void
each_image_gives_up_as_much(void **state)
{
	(void)state;
	static Image images[4];
	static Page *hashes[4][NHASH];

	pagesimple(8 * MiB, 1);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(imageopen(&images[i], hashes[i], NHASH), 0);
		for (uint64_t k = 0; k < 50; k++) {
			Page *pg = newpage(NOCLEAR, 0);

			pagesetdaddr(pg, k);
			assert_int_equal(cachepage(pg, &images[i]), 0);
			putpage(pg);
		}
	}
	assert_int_equal(imagereclaim(100), 100);
	for (size_t i = 0; i < 4; i++)
		assert_in_range(images[i].npages, 20, 30);
	imageclose(&images[1]);
	size_t rest = images[0].npages + images[2].npages + images[3].npages;
	assert_int_equal(imagereclaim(1000), rest);
}

/* Everything is cached and in use: the walk is made once, not each time. */
static void
failing_does_not_walk_the_images_again(void **state)
{
	(void)state;
	enum { N = 100 };
	static Image images[N];
	static Page *hashes[N][1];

	pagesimple(8 * MiB, 1);
	for (size_t i = 0; i < N; i++) {
		assert_int_equal(imageopen(&images[i], hashes[i], 1), 0);
		assert_int_equal(cachepage(newpage(NOCLEAR, 0), &images[i]), 0);
	}
	size_t n;
	pagetakeall(&n);
	assert_null(newpage(NOCLEAR, 0));
	size_t locked = hostlocked();
	for (size_t i = 0; i < 1000; i++)
		assert_null(newpage(NOCLEAR, 0));
	assert_int_equal(hostlocked(), locked);
	/* One page has no other user any more, and is found. */
	putpage(lookpage(&images[7], 0));
	assert_null(newpage(NOCLEAR, 0));
	Page *pg = lookpage(&images[7], 0);
	putpage(pg);
	putpage(pg);
	assert_non_null(newpage(NOCLEAR, 0));
	assert_null(newpage(NOCLEAR, 0));
}

static Page *othergot;

static void
othertakes(void)
{
	hostcpu(1);
	othergot = newpage(NOCLEAR, 0);
	hostcpu(0);
}

/* Another CPU found them just after this one had found no page. */
static void
what_another_reclaimed_is_had(void **state)
{
	Page *used[5];
	size_t n;

	(void)state;
	pagesimple(8 * MiB, 2);
	assert_int_equal(imageopen(&image, hash, NHASH), 0);
	for (size_t i = 0; i < nelem(used); i++)
		used[i] = cached(i);
	Page *pg = pagetakeall(&n);
	assert_null(newpage(NOCLEAR, 0));
	Page *rest = pagenext(pg);
	putpage(pg);
	assert_ptr_equal(newpage(NOCLEAR, 0), pg);
	for (size_t i = 0; i < nelem(used); i++)
		putpage(used[i]);
	othergot = NULL;
	hostunlocked(0, othertakes);
	assert_non_null(newpage(NOCLEAR, 0));
	assert_non_null(othergot);
	assert_int_equal(pagesfree(), nelem(used) - 2);
	freepages(rest);
	bytemapcheck();
}

/* It found one, and has it: there is none. */
static void
what_another_reclaimed_and_has_is_gone(void **state)
{
	size_t n;

	(void)state;
	pagesimple(8 * MiB, 2);
	assert_int_equal(imageopen(&image, hash, NHASH), 0);
	Page *used = cached(0);
	Page *pg = pagetakeall(&n);
	assert_null(newpage(NOCLEAR, 0));
	putpage(pg);
	assert_ptr_equal(newpage(NOCLEAR, 0), pg);
	putpage(used);
	hostunlocked(0, othertakes);
	assert_null(newpage(NOCLEAR, 0));
	assert_ptr_equal(othergot, used);
	bytemapcheck();
}

static void
closing_empties_the_cache(void **state)
{
	(void)state;
	pagesimple(8 * MiB, 2);
	size_t nfree = pagesfree();
	size_t mapped = hostmapped();
	assert_int_equal(imageopen(&image, hash, NHASH), 0);
	Page *used = cached(1);

	for (uint64_t i = 2; i < 50; i++)
		putpage(cached(i));
	imageclose(&image);
	assert_int_equal(pagerefs(used), 1);
	assert_null(pageimage(used));
	putpage(used);
	assert_int_equal(pagesfree(), nfree);
	assert_true(hostmapped() > mapped); /* the chunk stays open */
	assert_panics(imageclose(&image), "is not open");
	image.id = 513;
	assert_panics(imageclose(&image), "is not open");
	assert_int_equal(imageopen(&image, hash, NHASH), 0);
	Image other = image;
	assert_panics(imageclose(&other), "is not open");
	bytemapcheck();
}

/* More images than fit a page of numbers, closed in another order. */
static void
many_images_can_be_open(void **state)
{
	(void)state;
	pagesimple(8 * MiB, 2);
	enum { N = 1300 };
	static Image images[N];
	static Page *hashes[N][1];
	size_t nfree = pagesfree();

	for (size_t i = 0; i < N; i++) {
		assert_int_equal(imageopen(&images[i], hashes[i], 1), 0);
		Page *pg = newpage(NOCLEAR, 0);
		assert_int_equal(cachepage(pg, &images[i]), 0);
		assert_ptr_equal(pageimage(pg), &images[i]);
		putpage(pg);
	}
	assert_int_equal(imagereclaim(100), 100);
	for (size_t i = 0; i < N; i++)
		imageclose(&images[i * 7 % N]);
	assert_int_equal(pagesfree(), nfree);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(imageopen(&images[i], hashes[i], 1), 0);
	imageclose(&images[0]);
	for (size_t i = 3; i < 5; i++)
		assert_int_equal(imageopen(&images[i], hashes[i], 1), 0);
	assert_int_equal(images[3].id, 1);
	assert_int_equal(images[4].id, 4);
	for (size_t i = 1; i < 5; i++)
		imageclose(&images[i]);
	assert_int_equal(pagesfree(), nfree);
	pagefini();
	assert_int_equal(hostmapped(), 0);
}

enum { NPAGEIDS = BY2PG / sizeof(Image *) };
static Image many[2 * NPAGEIDS + 8];
static size_t nlate;

/*
 * Another CPU wants a number while those at the end go, and gives up all that
 * are at the end then: they wait until the first are gone.
 */
static void
openlate(void)
{
	if (nlate++ > 0)
		return;
	size_t mapped = hostmapped();
	assert_int_equal(imageopen(&many[5], hash, 1), 0);
	for (size_t i = NPAGEIDS; i < 2 * NPAGEIDS; i++)
		imageclose(&many[i]);
	assert_int_equal(hostmapped(), mapped);
}

static void
numbers_at_the_end_go_while_others_are_had(void **state)
{
	(void)state;
	pagesimple(8 * MiB, 2);

	for (size_t i = 0; i < nelem(many); i++)
		assert_int_equal(imageopen(&many[i], hash, 1), 0);
	imageclose(&many[5]);
	nlate = 0;
	hostbarrier(openlate);
	for (size_t i = 2 * NPAGEIDS; i < nelem(many); i++)
		imageclose(&many[i]);
	hostbarrier(NULL);
	assert_int_equal(nlate, 1);
	assert_int_equal(many[5].id, 6);
	size_t mapped = hostmapped();
	imageclose(&many[0]); /* now they are gone, too */
	assert_int_equal(hostmapped(), mapped - 1);
}

static jmp_buf given;

static void
isawaited(void)
{
	assert_int_equal(hostheld(), 0);
	hostunlocked(0, NULL);
	longjmp(given, 1);
}

static void
isnotawaited(void)
{
	fail_msg("it looks again and again, and answers nothing");
}

/* Another CPU waits, and could answer, when the first is through. */
static void
opensnext(void)
{
	static Image next;

	if (nlate++ > 0)
		return;
	if (setjmp(given) == 0) {
		hostawaited(isawaited);
		hostunlocked(100, isnotawaited);
		imageopen(&next, hash, 1);
		fail();
	}
}

/* All that stay are taken: the next would be mapped where one still goes. */
static void
the_next_number_waits_until_they_are_gone(void **state)
{
	(void)state;
	pagesimple(8 * MiB, 2);
	for (size_t i = 0; i < 2 * NPAGEIDS; i++)
		assert_int_equal(imageopen(&many[i], hash, 1), 0);
	nlate = 0;
	hostbarrier(opensnext);
	for (size_t i = NPAGEIDS; i < 2 * NPAGEIDS; i++)
		imageclose(&many[i]);
	hostbarrier(NULL);
	assert_int_equal(nlate, 1);
}

static void
a_cached_page_that_nobody_holds_is_caught(void **state)
{
	(void)state;
	up();
	Page *pg = newpage(NOCLEAR, 0);
	pagesetdaddr(pg, 9);
	assert_int_equal(cachepage(pg, &image), 0);
	pg->held &= ~(uint64_t)PAGEREFMAX;
	assert_panics(lookpage(&image, 9), "page");
}

/* Put once too often, by whoever: then it is nobody's to give up. */
static void
a_page_without_references_is_not_reclaimed(void **state)
{
	(void)state;
	up();
	Page *pg = newpage(NOCLEAR, 0);
	pagesetdaddr(pg, 9);
	assert_int_equal(cachepage(pg, &image), 0);
	putpage(pg);
	assert_panics(putpage(pg), "is in an image's cache");
	assert_int_equal(imagereclaim(SIZE_MAX), 0);
	assert_int_equal(image.npages, 1);
	assert_non_null(pagetakeall(&(size_t){0}));
	assert_panics(cachedel(&image, 9), "is free already");
}

static void
too_many_images_are_refused(void **state)
{
	(void)state;
	pagesimple(8 * MiB, 1);
	enum { N = 1 << 16 };
	Image *images = calloc(N + 1, sizeof images[0]);

	for (size_t i = 0; i < N; i++)
		assert_int_equal(imageopen(&images[i], hash, 1), 0);
	assert_int_equal(imageopen(&images[N], hash, 1), -1);
	imageclose(&images[5]);
	assert_int_equal(imageopen(&images[N], hash, 1), 0);
	assert_int_equal(images[N].id, 6);
	pagefini();
	assert_int_equal(hostmapped(), 0);
	free(images);
}

static void
images_need_memory_to_open(void **state)
{
	(void)state;
	pagesimple(8 * MiB, 1);
	Page *other[1];
	Image second;

	putpage(newpage(NOCLEAR, 0));
	hostrefuse(0);
	assert_int_equal(imageopen(&image, hash, NHASH), -1);
	hostrefuse(1);
	assert_int_equal(imageopen(&image, hash, NHASH), -1);
	hostrefuse(SIZE_MAX);
	size_t n;
	Page *chain = pagetakeall(&n);
	assert_int_equal(imageopen(&image, hash, NHASH), -1);
	freepages(chain);
	assert_int_equal(imageopen(&image, hash, NHASH), 0);
	/* The second needs no page of its own. */
	pagetakeall(&n);
	assert_int_equal(imageopen(&second, other, 1), 0);
	assert_panics(imageopen(&second, other, 3), "no power of two");
	assert_panics(imageopen(&second, other, 0), "no power of two");
}

static void
huge_pages_are_not_cached(void **state)
{
	(void)state;
	up();
	Page *pg = newhugepage(2 * MiB, NOCLEAR, 0);

	assert_null(pageimage(pg));
	assert_panics(cachepage(pg, &image), "is one of 2097152 bytes");
	assert_panics(uncachepage(pg), "is one of 2097152 bytes");
	assert_panics(uncachepage(NULL), "is no page");
	assert_panics(cachepage(NULL, &image), "is no page");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cached_pages_are_found_by_daddr),
	    cmocka_unit_test(a_daddr_is_cached_once),
	    cmocka_unit_test(pages_leave_the_cache),
	    cmocka_unit_test(the_caches_reference_is_not_the_users),
	    cmocka_unit_test(too_many_users_of_a_cached_page_are_caught),
	    cmocka_unit_test(a_page_leaves_the_cache_once),
	    cmocka_unit_test(what_was_found_is_held),
	    cmocka_unit_test(no_image_closes_while_they_are_walked),
	    cmocka_unit_test(images_may_close_in_any_order),
	    cmocka_unit_test(chains_survive_any_order),
	    cmocka_unit_test(reclaim_takes_only_what_nobody_uses),
	    cmocka_unit_test(all_that_is_cached_can_be_asked_for),
	    cmocka_unit_test(newpage_reclaims_before_it_fails),
	    cmocka_unit_test(each_image_gives_up_as_much),
	    cmocka_unit_test(failing_does_not_walk_the_images_again),
	    cmocka_unit_test(what_another_reclaimed_is_had),
	    cmocka_unit_test(what_another_reclaimed_and_has_is_gone),
	    cmocka_unit_test(closing_empties_the_cache),
	    cmocka_unit_test(many_images_can_be_open),
	    cmocka_unit_test(numbers_at_the_end_go_while_others_are_had),
	    cmocka_unit_test(the_next_number_waits_until_they_are_gone),
	    cmocka_unit_test(a_cached_page_that_nobody_holds_is_caught),
	    cmocka_unit_test(a_page_without_references_is_not_reclaimed),
	    cmocka_unit_test(too_many_images_are_refused),
	    cmocka_unit_test(images_need_memory_to_open),
	    cmocka_unit_test(huge_pages_are_not_cached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
