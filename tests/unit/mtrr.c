/*
 * mtrr.c - the kinds of memory that MTRRs make, beside a model of one address
 * at a time: every page, or every block, of small machines.
 *
 * needs: arch/amd64/mtrr.c arch/amd64/caching.c tests/model/mtrrs.c
 */
#include "unit.h"
#include "mtrrs.h"

enum {
	SETS = 1000,
	FIXEDPIECES = 8 + 16 + 64,
	WRITEBACK = 6,
	MOREPIECES = 4, /* 4 GiB, TOP_MEM2, 1 MiB, the end */
};

#define VALID (1ull << 11)
#define ON (1ull << 11)
#define FIXEDON (1ull << 10)

static Mtrrs m;

static void
differs(paddr_t pa, paddr_t start, paddr_t end, enum caching is)
{
	fail_msg("%#jx of [%#jx, %#jx) is %d, should be %d; deftype %#jx", pa,
	    start, end, is, mtrrsmodel(&m, pa), (uintmax_t)m.deftype);
}

/*
 * Each piece is of one kind, by every step of it, and none is smaller than a
 * range can be. Returns how many pieces.
 */
static size_t
walk(uint64_t grain)
{
	const size_t most = (1ull << m.physbits) / grain + FIXEDPIECES;
	paddr_t end = 0;
	size_t n = 0;

	for (paddr_t pa = 0; pa < 1ull << m.physbits; pa = end, n++) {
		enum caching is = mtrrat(&m, pa, &end);

		if (end <= pa || n > most)
			fail_msg("%#jx ends at %#jx", pa, end);
		end = MIN(end, 1ull << m.physbits);
		for (paddr_t at = pa; at < end; at += at < MiB ? BY2PG : grain)
			if (mtrrsmodel(&m, at) != is)
				differs(at, pa, end, is);
	}
	return n;
}

/* Half of them: every page of 16 MiB. The others: 64 GiB, 8 MiB a step. */
static void
random_sets_are_as_the_model_says(void **state)
{
	(void)state;
	srand(1);
	for (int i = 0; i < SETS; i++) {
		bool wild = i % 4 < 2;
		uint64_t grain = i % 2 ? BY2PG : 8 * MiB;

		mtrrsrandom(&m, i % 2 ? 24 : 36, grain, wild);
		size_t n = walk(grain);
		if (!wild)
			assert_in_range(n, 1,
			    FIXEDPIECES + MOREPIECES + 2 * mtrrvariable(&m));
	}
}

static void
is(paddr_t pa, enum caching kind, paddr_t end)
{
	paddr_t ends = 0;

	assert_int_equal(mtrrat(&m, pa, &ends), kind);
	assert_int_equal(ends, end);
}

/* SDM volume 3A, 12.11.3: 100 MiB with two holes, and a framebuffer. */
static void
the_manuals_example_is_as_it_says(void **state)
{
	(void)state;
	m = (Mtrrs){.physbits = 36,
	    .cap = 8,
	    .deftype = ON,
	    .var = {{0x0000006, 0xffc000800}, {0x4000006, 0xffe000800},
		{0x6000006, 0xfffc00800}, {0x4000000, 0xfffc00800},
		{0x0f00000, 0xffff00800}, {0xa0000001, 0xfff800800}}};
	is(0, CACHEWB, 15 * MiB);
	is(15 * MiB, CACHEUC, 16 * MiB);
	is(16 * MiB, CACHEWB, 64 * MiB);
	is(64 * MiB, CACHEUC, 68 * MiB);
	is(68 * MiB, CACHEWB, 96 * MiB);
	is(96 * MiB, CACHEWB, 100 * MiB);
	is(100 * MiB, CACHEUC, 0xa0000000);
	is(0xa0000000, CACHEWC, 0xa0800000);
	is(0xa0800000, CACHEUC, NOADDR);
}

/* Of all types, by twos and threes: what the manual defines, and nothing. */
static void
overlaps_follow_the_manual(void **state)
{
	static const struct {
		uint8_t a, b, c;
		enum caching kind;
	} over[] = {
	    {0, 6, 6, CACHEUC},
	    {6, 0, 4, CACHEUC},
	    {4, 6, 6, CACHEWT},
	    {6, 4, 4, CACHEWT},
	    {6, 6, 6, CACHEWB},
	    {4, 4, 4, CACHEWT},
	    {1, 1, 1, CACHEWC},
	    {5, 5, 5, CACHEWP},
	    {1, 6, 6, CACHEUC},
	    {1, 4, 4, CACHEUC},
	    {5, 6, 6, CACHEUC},
	    {5, 4, 6, CACHEUC},
	    {1, 5, 5, CACHEUC},
	};

	(void)state;
	for (size_t i = 0; i < nelem(over); i++) {
		uint64_t mask = 0xfff000000 | VALID;

		m = (Mtrrs){.physbits = 36,
		    .cap = 3,
		    .deftype = ON | 6,
		    .var = {{over[i].a, mask}, {over[i].b, mask},
			{over[i].c, mask}}};
		is(0x5000, over[i].kind, 16 * MiB);
	}
}

static void
fixed_ranges_win_where_they_are_on(void **state)
{
	(void)state;
	m = (Mtrrs){.physbits = 36,
	    .cap = 1 << 8 | 1,
	    .deftype = ON | FIXEDON | 4,
	    .fixed = {0x0606060606060600, 0x1e06060606060606, 0, [10] = 1},
	    .var = {{6, VALID}}};
	is(0, CACHEUC, 64 * KiB);
	is(65 * KiB, CACHEWB, 128 * KiB);
	is(0x9fffc, CACHEWB, 0xa0000);
	is(0xa0000, CACHEUC, 0xa4000);
	is(0xf8000, CACHEWC, 0xf9000);
	is(0xfffff, CACHEUC, MiB);
	is(MiB, CACHEWB, NOADDR);
	m.deftype &= ~FIXEDON;
	is(0, CACHEWB, NOADDR);
	m.deftype |= FIXEDON;
	m.cap = 1;
	is(0, CACHEWB, NOADDR);
	m.cap = 0;
	is(0, CACHEWT, NOADDR);
	m.deftype &= ~ON;
	is(0, CACHEUC, NOADDR);
	is(GiB, CACHEUC, NOADDR);
}

/* A default type, which a variable range overrides; both bits are needed. */
static void
top_mem2_is_write_back_on_amd(void **state)
{
	(void)state;
	m = (Mtrrs){.physbits = 48,
	    .cap = 1,
	    .deftype = ON,
	    .var = {{8 * GiB | 1, 0xffffc0000000 | VALID}},
	    .tom2 = 16 * GiB + 8 * MiB + 0x1234,
	    .syscfg = 3 << 21};
	is(GiB, CACHEUC, 4 * GiB);
	is(4 * GiB, CACHEWB, 8 * GiB);
	is(8 * GiB + 1, CACHEWC, 9 * GiB);
	is(9 * GiB, CACHEWB, 16 * GiB + 8 * MiB);
	is(16 * GiB + 8 * MiB, CACHEUC, NOADDR);
	assert_true(mtrrtom2(m.syscfg));
	for (uint64_t bits = 0; bits < 3; bits++) {
		m.syscfg = bits << 21;
		assert_false(mtrrtom2(m.syscfg));
		is(4 * GiB, CACHEUC, 8 * GiB);
	}
	m.syscfg = 3 << 21;
	m.tom2 = 2 * GiB;
	is(4 * GiB, CACHEUC, 8 * GiB);
}

/* Under U-Boot in QEMU: on, of type UC, and a range for the ROM. */
static void
what_no_range_is_about_has_the_default_type(void **state)
{
	(void)state;
	m = (Mtrrs){.physbits = 40,
	    .cap = 8 | 1 << 8,
	    .deftype = 0xc00,
	    .var = {{0xffe00005, 0xffffe00800}}};
	is(GiB, CACHEUC, 0xffe00000);
	is(0xffe00000, CACHEWP, 4 * GiB);
}

/* As many as there are MSRs, whatever MTRRCAP says. */
static void
more_ranges_than_msrs_are_none(void **state)
{
	(void)state;
	m = (Mtrrs){.cap = 0xff};
	assert_int_equal(mtrrvariable(&m), 40);
	m.cap = 0x50a;
	assert_int_equal(mtrrvariable(&m), 10);
}

/* Rows by the PAT's type, columns UC WC WT WP WB by the MTRRs. */
static void
pat_and_mtrrs_make_one_kind(void **state)
{
	enum { UC = CACHEUC, WC, WT, WP, WB };
	static const enum caching want[8][NCACHING] = {
	    {UC, UC, UC, UC, UC}, /* UC */
	    {WC, WC, WC, WC, WC}, /* WC */
	    {UC, UC, UC, UC, UC}, /* reserved */
	    {UC, UC, UC, UC, UC}, /* reserved */
	    {UC, UC, WT, WT, WT}, /* WT */
	    {UC, UC, WP, WP, WP}, /* WP */
	    {UC, WC, WT, WP, WB}, /* WB */
	    {UC, WC, UC, WC, UC}, /* UC- */
	};

	(void)state;
	for (unsigned pat = 0; pat < 16; pat++)
		for (unsigned kind = 0; kind < NCACHING; kind++)
			assert_int_equal(
			    mtrrpat((uint8_t)pat, kind), want[pat & 7][kind]);
}

/*
 * What the manual says of two ranges at one place: of one type, one uncached,
 * or write-through and write-back; and a third changes what it changes.
 */
static void
some_overlaps_are_defined(void **state)
{
	static const uint8_t types[] = {0, 1, 4, 5, 6};
	paddr_t end = 0;

	(void)state;
	for (size_t i = 0; i < nelem(types); i++)
		for (size_t k = 0; k < nelem(types); k++) {
			uint8_t a = types[i];
			uint8_t b = types[k];
			bool defined = a == b || a == 0 || b == 0 ||
				       (a == 4 && b == 6) || (a == 6 && b == 4);

			m = (Mtrrs){.physbits = 36, .cap = 3, .deftype = ON};
			m.var[0] = (Mtrrvar){
			    2 * MiB | a, (1ull << 36) - 2 * MiB + VALID};
			m.var[1] =
			    (Mtrrvar){3 * MiB | b, (1ull << 36) - MiB + VALID};
			assert_true(mtrrdefined(&m, 2 * MiB));
			assert_int_equal(mtrrdefined(&m, 3 * MiB), defined);
			assert_true(mtrrdefined(&m, 4 * MiB));
			mtrrat(&m, 2 * MiB, &end);
			assert_int_equal(end, 3 * MiB);
		}
	m.var[2] = (Mtrrvar){0, VALID};
	m.var[0].base = 2 * MiB | 1;
	assert_true(mtrrdefined(&m, 3 * MiB));
	assert_true(mtrrfixeddram(1 << 19));
	assert_false(mtrrfixeddram(~(1ull << 19)));
}

/* On, all uncached but for the first 4 GiB; used, and not used any more. */
static void
what_is_used_is_what_the_machine_says(void **state)
{
	paddr_t end = 0;

	(void)state;
	cachingforget();
	assert_int_equal(cachingat(0, &end), CACHEWB);
	assert_int_equal(end, NOADDR);
	m = (Mtrrs){.physbits = 36, .cap = 1, .deftype = ON};
	m.var[0] = (Mtrrvar){WRITEBACK, (1ull << 36) - 4 * GiB + VALID};
	cachinguse(&m);
	m.deftype = 0;
	assert_int_equal(cachingat(MiB, &end), CACHEWB);
	assert_int_equal(end, 4 * GiB);
	assert_int_equal(cachingat(4 * GiB, &end), CACHEUC);
	cachingforget();
	assert_int_equal(cachingat(4 * GiB, &end), CACHEWB);
	assert_int_equal(end, NOADDR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_sets_are_as_the_model_says),
	    cmocka_unit_test(the_manuals_example_is_as_it_says),
	    cmocka_unit_test(overlaps_follow_the_manual),
	    cmocka_unit_test(fixed_ranges_win_where_they_are_on),
	    cmocka_unit_test(top_mem2_is_write_back_on_amd),
	    cmocka_unit_test(what_no_range_is_about_has_the_default_type),
	    cmocka_unit_test(more_ranges_than_msrs_are_none),
	    cmocka_unit_test(pat_and_mtrrs_make_one_kind),
	    cmocka_unit_test(some_overlaps_are_defined),
	    cmocka_unit_test(what_is_used_is_what_the_machine_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
