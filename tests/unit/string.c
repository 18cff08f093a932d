/*
 * string.c - memcpy and its relatives of the image, for every length, place
 * and distance that is short: against a byte at a time. Linked in by another
 * name, and called as the image calls it: rdi and rsi are kept.
 *
 * needs: arch/amd64/string.S
 */
#include "unit.h"

#define PE __attribute__((ms_abi))

PE void *pe_memcpy(void *to, const void *from, size_t n);
PE void *pe_memmove(void *to, const void *from, size_t n);
PE void *pe_memset(void *p, int c, size_t n);
PE int pe_memcmp(const void *a, const void *b, size_t n);

enum { MOST = 24, ROOM = 3 * MOST };

static uint8_t is[ROOM];
static uint8_t want[ROOM];

static void
fill(void)
{
	for (size_t i = 0; i < ROOM; i++)
		is[i] = want[i] = (uint8_t)(i * 7 + 1);
}

/* Every string instruction of the compiler's counts on that. */
static bool
upwards(void)
{
	return (__builtin_ia32_readeflags_u64() & 1 << 10) == 0;
}

static void
each(void (*try)(size_t to, size_t from, size_t n))
{
	for (size_t n = 0; n <= MOST; n++)
		for (size_t to = 0; to <= ROOM - MOST; to++)
			for (size_t from = 0; from <= ROOM - MOST; from++) {
				fill();
				try(to, from, n);
				assert_memory_equal(is, want, ROOM);
				assert_true(upwards());
			}
}

static void
trymove(size_t to, size_t from, size_t n)
{
	uint8_t was[ROOM];

	memcpy(was, want, ROOM);
	for (size_t i = 0; i < n; i++)
		want[to + i] = was[from + i];
	assert_ptr_equal(pe_memmove(is + to, is + from, n), is + to);
}

static void
memmove_is_right_for_every_overlap(void **state)
{
	(void)state;
	each(trymove);
}

static void
trycopy(size_t to, size_t from, size_t n)
{
	if (to < from + n && from < to + n)
		return;
	for (size_t i = 0; i < n; i++)
		want[to + i] = want[from + i];
	assert_ptr_equal(pe_memcpy(is + to, is + from, n), is + to);
}

static void
memcpy_copies(void **state)
{
	(void)state;
	each(trycopy);
}

static void
tryset(size_t to, size_t from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		want[to + i] = (uint8_t)from;
	assert_ptr_equal(pe_memset(is + to, (int)from + 0x1200, n), is + to);
}

static void
memset_sets(void **state)
{
	(void)state;
	each(tryset);
}

static int
sign(int v)
{
	return v < 0 ? -1 : v > 0;
}

static void
memcmp_compares_bytes_without_a_sign(void **state)
{
	(void)state;
	static const uint8_t bytes[] = {0, 1, 0x7f, 0x80, 0xff};

	for (size_t n = 0; n < MOST; n++)
		for (size_t at = 0; at < MOST; at++)
			for (size_t i = 0; i < nelem(bytes); i++)
				for (size_t j = 0; j < nelem(bytes); j++) {
					int d = bytes[i] - bytes[j];

					fill();
					is[at] = bytes[i];
					want[at] = bytes[j];
					assert_int_equal(
					    sign(pe_memcmp(is, want, n)),
					    at < n ? sign(d) : 0);
				}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(memmove_is_right_for_every_overlap),
	    cmocka_unit_test(memcpy_copies),
	    cmocka_unit_test(memset_sets),
	    cmocka_unit_test(memcmp_compares_bytes_without_a_sign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
