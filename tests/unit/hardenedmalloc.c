/*
 * Every case of hardened_malloc's tests, by its name there: what must happen
 * here, or why it does not apply. In builds as they are shipped, not CHECK=1.
 *
 * needs: tests/host/heap.c
 */
#include "unit.h"

#include "take.h"

#include "../../mm/heap/hole.h"
#include "expect.h"
#include "heap.h"
#include "xalloc.h"

enum { LARGE = 256 << 10, EXTENDED = 32 << 10, BANK = 16 << 20 };

static void
largegrowth(void)
{
	uint8_t *p = NULL;

	for (size_t size = BY2PG; size <= 4 << 20; size *= 2) {
		p = realloc(p, size);
		assert_non_null(p);
		assert_true(size == BY2PG || p[size / 2 - 1] == 7);
		memset(p, 7, size);
	}
	free(p);
}

static void
counts(void)
{
	void *p = malloc(1000);
	void *q = malloc(LARGE);

	assert_true(poolused(mainmem) >= LARGE + 1000);
	assert_true(poolsize(mainmem) >= poolused(mainmem));
	free(p);
	free(q);
	assert_int_equal(poolused(mainmem), 0);
}

static void
twice(size_t size)
{
	uint8_t *p = block(size);

	free(p);
	free(p);
}

static void
twicelater(size_t size)
{
	uint8_t *p = block(size);
	uint8_t *q = malloc(size);

	free(p);
	free(q);
	free(p);
}

static void
doublelarge(void)
{
	twice(LARGE);
}

static void
doublelargelater(void)
{
	twicelater(LARGE);
}

static void
doublesmall(void)
{
	twice(16);
}

static void
doublesmalllater(void)
{
	twicelater(16);
}

static void
doubleextended(void)
{
	twice(EXTENDED);
}

static void
doubleextendedlater(void)
{
	twicelater(EXTENDED);
}

static void
unalignedlarge(void)
{
	free(naming((uint8_t *)malloc(LARGE) + 1));
}

static void
unalignedsmall(void)
{
	free(naming((uint8_t *)malloc(16) + 1));
}

static void
readsmall(void)
{
	uint8_t *p = malloc(128);

	memset(p, 'a', 128);
	free(p);
	for (size_t i = 0; i < 128; i++)
		assert_int_equal(peek(p + i), 0);
}

/* Of what is large, free memory has links, and they are all it trusts. */
static void
writelarge(void)
{
	uint8_t *p = malloc(LARGE);

	free(p);
	poke(p, 'a');
	naming(memblock(p));
	takemany(mainmem, 8000);
}

static void
writesmall(void)
{
	uint8_t *p = block(128);

	free(p);
	poke(p + 65, 'a');
	takemany(mainmem, 128);
}

static void
writezero(void)
{
	uint8_t *p = block(0);

	poke(p, 5);
	free(p);
}

static void
freereserved(void)
{
	free(naming(reserverange(BY2PG)));
}

static void
freeothers(void)
{
	static uint8_t page[BY2PG] __attribute__((aligned(BY2PG)));

	free(naming(page));
}

static void
freeinside(void)
{
	free(naming((uint8_t *)malloc(16) + 4 * BY2PG));
}

static void
freefar(void)
{
	free(naming((uint8_t *)malloc(16) + GiB));
}

static void
freshsmall(void)
{
	uint8_t *p = malloc(128);

	memset(p, 'a', 128);
	free(p);
	for (unsigned n = 0; n < 1000; n++) {
		p = malloc(128);
		for (size_t i = 0; i < 128; i++)
			assert_int_equal(p[i], 0);
	}
}

static void
freshlarge(void)
{
	uint8_t *p = malloc(LARGE);

	memset(p, 'a', LARGE);
	free(p);
	p = malloc(LARGE);
	for (size_t i = 0; i < LARGE; i++)
		assert_int_equal(p[i], 0);
}

/* What a pointer that nobody set may be. */
static void *
stray(void)
{
	return naming((void *)0x6d39a5a5a5a5a5a0);
}

static void
freestray(void)
{
	free(stray());
}

static void
reallocstray(void)
{
	assert_null(realloc(stray(), 16));
}

static void
msizestray(void)
{
	(void)msize(stray());
}

/* n bytes, none as it was, behind a block of that size. */
static void
overflow(size_t size, size_t n)
{
	uint8_t *p = block(size);

	for (size_t i = 0; i < n; i++)
		damage(p + size + i);
	free(p);
}

static void
overlarge1(void)
{
	overflow(LARGE, 1);
}

static void
overlarge8(void)
{
	overflow(LARGE, 8);
}

static void
oversmall1(void)
{
	overflow(8, 1);
}

static void
oversmall8(void)
{
	overflow(8, 8);
}

static void
overstring(void)
{
	char *p = naming(malloc(16));

	memset(p, 'a', 16);
	poke(p + 16, '\0');
	free(p);
}

static void
msizeunaligned(void)
{
	(void)msize(naming((uint8_t *)malloc(16) + 1));
}

static void
msizeinside(void)
{
	(void)msize(naming((uint8_t *)malloc(16) + 4 * BY2PG));
}

static void
msizefreed(void)
{
	uint8_t *p = block(16);

	free(p);
	(void)msize(p);
}

static void
msizefreedextended(void)
{
	uint8_t *p = block(EXTENDED);

	free(p);
	(void)msize(p);
}

static void
msizeexact(void)
{
	for (size_t size = 0; size < 70000; size = size * 5 / 4 + 1)
		assert_int_equal(msize(malloc(size)), size);
}

static void
msizeoffset(void)
{
	(void)msize(naming((uint8_t *)malloc(64) + 16));
}

static void
msizezero(void)
{
	assert_int_equal(msize(malloc(0)), 0);
}

static void
impossible(void)
{
	assert_null(malloc(SIZE_MAX));
	assert_null(malloc(SIZE_MAX - 8));
	assert_null(malloc(SIZE_MAX / 2));
}

static void
reallocfirst(void)
{
	uint8_t *p = realloc(NULL, 16);

	hostcpu(1);
	p = realloc(realloc(p, 100), 10000);
	assert_int_equal(msize(p), 10000);
	hostcpu(0);
}

static void
zerodiffers(void)
{
	assert_ptr_not_equal(malloc(0), malloc(0));
}

typedef struct Case Case;

/* A case ends in a panic with these words, or, without, returns. */
struct Case {
	const char *name;
	void (*run)(void);
	const char *words;
	const char *whynot; /* if there is no run */
};

#define FREEDTWICE "is free already"
#define ABOVE "something wrote above it"
#define NOSIZE "free is not told the size"
#define NOPAGES "the direct map stays: only what is freed may be looked at"
#define LARGELEFT "only CHECK=1 looks at all of what is large: usedfree.c"

static const Case cases[] = {
    {"offset", NULL, NULL, "no library, so no place of one"},
    {"mallinfo", counts, NULL, NULL},
    {"mallinfo2", counts, NULL, NULL},
    {"malloc_info", counts, NULL, NULL},
    {"large_array_growth", largegrowth, NULL, NULL},
    {"double_free_large", doublelarge, FREEDTWICE, NULL},
    {"double_free_large_delayed", doublelargelater, FREEDTWICE, NULL},
    {"double_free_small", doublesmall, FREEDTWICE, NULL},
    {"double_free_small_delayed", doublesmalllater, FREEDTWICE, NULL},
    {"unaligned_free_large", unalignedlarge, "not 16-byte aligned", NULL},
    {"unaligned_free_small", unalignedsmall, "not 16-byte aligned", NULL},
    {"read_after_free_large", NULL, NULL, NOPAGES},
    {"read_after_free_small", readsmall, NULL, NULL},
    {"write_after_free_large", writelarge, "something wrote to its", NULL},
    {"write_after_free_large_reuse", NULL, NULL, LARGELEFT},
    {"write_after_free_small", writesmall, "while it was free", NULL},
    {"write_after_free_small_reuse", writesmall, "0x61 at 65", NULL},
    {"read_zero_size", NULL, NULL, NOPAGES},
    {"write_zero_size", writezero, ABOVE, NULL},
    {"invalid_free_protected", freereserved, "no arena has it", NULL},
    {"invalid_free_unprotected", freeothers, "no arena has it", NULL},
    {"invalid_free_small_region", freeinside, "is no block", NULL},
    {"invalid_free_small_region_far", freefar, "no arena has it", NULL},
    {"uninitialized_read_small", freshsmall, NULL, NULL},
    {"uninitialized_read_large", freshlarge, NULL, NULL},
    {"uninitialized_free", freestray, "no arena has it", NULL},
    {"uninitialized_realloc", reallocstray, "no arena has it", NULL},
    {"uninitialized_malloc_usable_size", msizestray, "no arena has it", NULL},
    {"overflow_large_1_byte", overlarge1, ABOVE, NULL},
    {"overflow_large_8_byte", overlarge8, ABOVE, NULL},
    {"overflow_small_1_byte", oversmall1, ABOVE, NULL},
    {"overflow_small_8_byte", oversmall8, ABOVE, NULL},
    {"string_overflow", overstring, ABOVE, NULL},
    {"delete_type_size_mismatch", NULL, NULL, NOSIZE},
    {"aligned_sized_delete_small", NULL, NULL, NOSIZE},
    {"aligned_sized_delete_small_min_align", NULL, NULL, NOSIZE},
    {"invalid_aligned_sized_delete_small", NULL, NULL, NOSIZE},
    {"aligned_sized_delete_large", NULL, NULL, NOSIZE},
    {"invalid_aligned_sized_delete_large", NULL, NULL, NOSIZE},
    {"unaligned_malloc_usable_size_small", msizeunaligned, "not 16-byte", NULL},
    {"invalid_malloc_usable_size_small", msizeinside, "is no block", NULL},
    {"invalid_malloc_usable_size_small_quarantine", msizefreed, FREEDTWICE,
	NULL},
    {"malloc_object_size", msizeexact, NULL, NULL},
    {"malloc_object_size_offset", msizeoffset, "is no block", NULL},
    {"malloc_object_size_zero", msizezero, NULL, NULL},
    {"invalid_malloc_object_size_small", msizeinside, "is no block", NULL},
    {"invalid_malloc_object_size_small_quarantine", msizefreed, FREEDTWICE,
	NULL},
    {"impossibly_large_malloc", impossible, NULL, NULL},
    {"realloc_init", reallocfirst, NULL, NULL},
    {"malloc_zero_different", zerodiffers, NULL, NULL},
    {"malloc_noreuse", NULL, NULL, "no quarantine: small ones are mixed"},
    {"quarantine_double_free_extended", doubleextended, FREEDTWICE, NULL},
    {"quarantine_double_free_extended_delayed", doubleextendedlater, FREEDTWICE,
	NULL},
    {"quarantine_invalid_malloc_usable_size_extended", msizefreedextended,
	FREEDTWICE, NULL},
    {"quarantine_invalid_malloc_object_size_extended", msizefreedextended,
	FREEDTWICE, NULL},
    {"quarantine_write_after_free_extended_reuse", NULL, NULL, LARGELEFT},
};

static void
every_case_of_hardened_malloc_ends_as_it_must(void **state)
{
	(void)state;
	assert_int_equal(nelem(cases), 56);
	for (size_t i = 0; i < nelem(cases); i++) {
		const Case *c = &cases[i];
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(c->name, cases[k].name);
		assert_true((c->run == NULL) == (c->whynot != NULL));
		heapmachine(1, BANK, 0);
		if (c->words != NULL)
			mustpanic(c->run, c->words);
		else if (c->run != NULL)
			c->run();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_case_of_hardened_malloc_ends_as_it_must),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
