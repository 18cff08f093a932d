/*
 * kept.c - the log in two runs of pages, and what of it is read later: all,
 * whatever one run has lost, and nothing that is not that boot's.
 *
 * needs: kern/kept.c kern/keptread.c kern/crc.c
 */
#include "unit.h"
#include "kept.h"
#include "pushout.h"
#include "../../kern/crc.h"

enum { ROOM = 2 * KEPTPAGES * 4096 };

#define ID 0x123456789abcdefull

static _Alignas(4096) uint8_t runs[KEPTRUNS][KEPTSIZE];
static char wrote[ROOM], got[ROOM];
static size_t nwrote, ngot;
static size_t pushes;
static size_t stopat; /* the machine is reset at that one */
static jmp_buf reset;
static Keptlog found;

void
pushout(const void *p, size_t size)
{
	const uint8_t *at = p;
	size_t run = at >= runs[1];

	assert_in_range((uintptr_t)at, (uintptr_t)runs[run],
	    (uintptr_t)runs[run] + KEPTSIZE - size);
	if (++pushes == stopat)
		longjmp(reset, 1);
}

static Keptpage *
page(size_t run, size_t place)
{
	return (Keptpage *)(runs[run] + place * BY2PG);
}

static void
collect(const char *s, size_t n)
{
	assert_in_range(n, 0, ROOM - 1 - ngot);
	memcpy(got + ngot, s, n);
	ngot += n;
	got[ngot] = '\0';
}

static bool
reads(uint64_t id, bool first, bool second)
{
	Keptpage *const run[] = {
	    first ? page(0, 0) : NULL, second ? page(1, 0) : NULL};

	ngot = 0;
	got[0] = '\0';
	return keptread(run, id, collect, &found);
}

static void
opens(bool first, bool second, uint64_t id)
{
	Keptpage *const run[] = {
	    first ? page(0, 0) : NULL, second ? page(1, 0) : NULL};

	keptopen(run, id);
}

/* n more bytes, in pieces of several sizes. */
static void
writes(size_t n)
{
	for (size_t i = 0; i < n; i++)
		wrote[nwrote + i] = (char)('a' + (nwrote + i) * 7 / 5 % 26);
	for (size_t i = 0, k = 1; i < n; i += k, k = (k * 5 + 1) % 977 + 1) {
		k = MIN(k, n - i);
		keptwrite(wrote + nwrote + i, k);
	}
	nwrote += n;
}

static int
setup(void **state)
{
	(void)state;
	memset(runs, 0x5a, sizeof runs);
	nwrote = pushes = stopat = 0;
	opens(true, true, ID);
	return 0;
}

static void
assert_all_read(void)
{
	assert_int_equal(ngot, nwrote);
	assert_memory_equal(got, wrote, nwrote);
	assert_int_equal(found.bytes, nwrote);
	assert_int_equal(found.lost, 0);
}

static void
the_crc_is_everybodys(void **state)
{
	(void)state;
	assert_int_equal(crc32(0, "123456789", 9), 0xcbf43926);
	assert_int_equal(crc32(crc32(0, "1234", 4), "56789", 5), 0xcbf43926);
	assert_int_equal(crc32(0, "", 0), 0);
}

static void
what_was_written_is_read(void **state)
{
	const size_t sizes[] = {0, 1, KEPTTEXT - 1, 1, 1, 3 * KEPTTEXT + 5};

	(void)state;
	assert_true(keptopened());
	for (size_t i = 0; i < nelem(sizes); i++) {
		writes(sizes[i]);
		for (int which = 1; which < 4; which++) {
			assert_true(reads(ID, which & 1, which & 2));
			assert_all_read();
		}
	}
	assert_int_equal(found.pages, 5);
}

/* The oldest pages are; the others follow each other. */
static void
when_it_is_full_it_is_written_over(void **state)
{
	static const char over[] = "[what came first is written over]\n";
	const size_t whole = KEPTPAGES * KEPTTEXT;

	(void)state;
	writes(whole);
	assert_true(reads(ID, true, true));
	assert_all_read();
	for (size_t more = 1; more < 2 * KEPTTEXT; more += KEPTTEXT) {
		writes(more == 1 ? 1 : KEPTTEXT);
		assert_true(reads(ID, true, true));
		size_t left = whole - KEPTTEXT + 1;
		assert_int_equal(ngot, sizeof over - 1 + left);
		assert_memory_equal(got, over, sizeof over - 1);
		assert_memory_equal(
		    got + sizeof over - 1, wrote + nwrote - left, left);
		assert_int_equal(found.lost, 0);
	}
}

/* A page that one run has lost, the other has. */
static void
either_run_may_lose_pages(void **state)
{
	(void)state;
	writes(20 * KEPTTEXT + 100);
	for (size_t i = 0; i < KEPTPAGES; i++)
		memset(page(i % 2, i), 0, i % 3 == 0 ? 8 : BY2PG);
	assert_true(reads(ID, true, true));
	assert_all_read();
}

/* A run that did not hold what was written has an old page in its place. */
static void
the_newer_of_two_pages_counts(void **state)
{
	static uint8_t old[BY2PG];

	for (size_t run = 0; run < KEPTRUNS; run++) {
		setup(state);
		writes(5 * KEPTTEXT);
		memcpy(old, page(run, 2), BY2PG);
		writes((KEPTPAGES - 1) * KEPTTEXT);
		memcpy(page(run, 2), old, BY2PG);
		assert_true(reads(ID, true, true));
		assert_int_equal(found.lost, 0);
		assert_int_equal(found.pages, KEPTPAGES);
	}
}

static void
a_part_that_both_have_lost_is_a_gap(void **state)
{
	static const char gap[] = "\n[here a part is not there any more]\n";

	(void)state;
	writes(5 * KEPTTEXT);
	for (size_t run = 0; run < KEPTRUNS; run++)
		for (size_t i = 2; i < 4; i++)
			page(run, i)->text[7] ^= 1;
	assert_true(reads(ID, true, true));
	assert_int_equal(found.lost, 2);
	assert_int_equal(found.pages, 3);
	assert_int_equal(ngot, 3 * KEPTTEXT + sizeof gap - 1);
	assert_memory_equal(got, wrote, 2 * KEPTTEXT);
	assert_memory_equal(got + 2 * KEPTTEXT, gap, sizeof gap - 1);
	assert_memory_equal(got + 2 * KEPTTEXT + sizeof gap - 1,
	    wrote + 4 * KEPTTEXT, KEPTTEXT);
}

/* Wherever the machine stops, what was said before is there. */
static void
a_reset_between_two_stores_loses_only_the_last(void **state)
{
	(void)state;
	for (size_t at = 1; at < 60; at++) {
		volatile size_t whole = 0;

		setup(state);
		writes(2 * KEPTTEXT - 50);
		pushes = 0;
		stopat = at;
		if (setjmp(reset) == 0)
			for (;;) {
				whole = nwrote;
				writes(20);
			}
		stopat = 0;
		for (int which = 1; which < 4; which++) {
			assert_true(reads(ID, which & 1, which & 2));
			assert_in_range(ngot, whole, whole + 20);
			assert_memory_equal(got, wrote, whole);
			assert_int_equal(found.lost, 0);
		}
	}
}

/* One run is always written to before the other. */
static void
the_run_that_has_more_is_read(void **state)
{
	static uint8_t before[KEPTSIZE];

	for (size_t run = 0; run < KEPTRUNS; run++) {
		setup(state);
		writes(KEPTTEXT + 10);
		memcpy(before, runs[run], KEPTSIZE);
		writes(10);
		memcpy(runs[run], before, KEPTSIZE);
		assert_true(reads(ID, true, true));
		assert_all_read();
	}
}

static void
what_is_forged_is_no_page(void **state)
{
	static const struct {
		uint64_t n;
		uint64_t size;
		bool good;
	} forged[] = {
	    {0, KEPTTEXT, true},
	    {0, KEPTTEXT + 1, false},
	    {0, BY2PG, false},
	    {0, 0xffffffff, false},
	    {1, 10, false},
	    {KEPTPAGES, 10, true},
	    {UINT64_MAX - KEPTPAGES + 1, 10, true},
	    {UINT64_MAX, 10, false},
	};
	Keptpage *p = page(0, 0);

	for (size_t i = 0; i < nelem(forged); i++) {
		size_t n = MIN(forged[i].size, KEPTTEXT);

		setup(state);
		memset(runs, 0, sizeof runs);
		*p = (Keptpage){.id = ID, .n = forged[i].n};
		uint64_t crc = crc32(crc32(0, p, 16), p->text, n);
		p->seal = forged[i].size | crc << 32;
		assert_int_equal(reads(ID, true, true), forged[i].good);
		if (forged[i].good)
			assert_int_equal(found.bytes, n);
		p->seal ^= 1ull << 63;
		assert_false(reads(ID, true, true));
		assert_int_equal(ngot, 0);
	}
}

/* The last number there is: no gap is as long as all of them. */
static void
numbers_do_not_wrap(void **state)
{
	Keptpage *p = page(0, KEPTPAGES - 1);

	(void)state;
	*p = (Keptpage){.id = ID, .n = UINT64_MAX};
	p->seal = (uint64_t)crc32(0, p, 16) << 32;
	assert_true(reads(ID, true, false));
	assert_int_equal(found.pages, 1);
	assert_int_equal(found.lost, KEPTPAGES - 1);
}

static void
another_boots_pages_are_none(void **state)
{
	(void)state;
	writes(100);
	assert_false(reads(ID + 1, true, true));
	assert_false(reads(0, true, true));
	assert_false(reads(ID, false, false));
	memset(runs, 0, sizeof runs);
	assert_false(reads(0, true, true));
	page(0, 0)->seal = (uint64_t)crc32(0, page(0, 0), 16) << 32;
	assert_false(reads(0, true, true));
	assert_int_equal(ngot, 0);
}

static void
what_is_forgotten_is_gone(void **state)
{
	Keptpage *const run[] = {page(0, 0), NULL};

	(void)state;
	writes(3 * KEPTTEXT);
	keptforget(run, ID + 1); /* not what is another's, or nobody's */
	assert_true(reads(ID, true, false));
	keptforget(run, ID);
	assert_true(reads(ID, true, true));
	assert_false(reads(ID, true, false));
}

/* Of one run, or none. */
static void
it_is_kept_where_there_is_room(void **state)
{
	(void)state;
	memset(runs, 0, sizeof runs);
	opens(false, true, ID + 2);
	writes(2 * KEPTTEXT);
	assert_true(reads(ID + 2, true, true));
	assert_all_read();
	assert_int_equal(page(0, 0)->id, 0);
	opens(false, false, ID);
	assert_false(keptopened());
	memset(runs, 0, sizeof runs);
	writes(10);
	assert_false(reads(ID, true, true));
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_crc_is_everybodys),
	    TEST(what_was_written_is_read),
	    TEST(when_it_is_full_it_is_written_over),
	    TEST(either_run_may_lose_pages),
	    TEST(the_newer_of_two_pages_counts),
	    TEST(a_part_that_both_have_lost_is_a_gap),
	    TEST(a_reset_between_two_stores_loses_only_the_last),
	    TEST(the_run_that_has_more_is_read),
	    TEST(what_is_forged_is_no_page),
	    TEST(numbers_do_not_wrap),
	    TEST(another_boots_pages_are_none),
	    TEST(what_is_forgotten_is_gone),
	    TEST(it_is_kept_where_there_is_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
