/*
 * string.c - memcpy, memmove, memset and memcmp as the image has them: the
 * bytes, what is returned, the registers that must be as they were.
 *
 * needs: tests/host/string.S
 */
#include "unit.h"

#define IMAGE __attribute__((ms_abi))
IMAGE void *imagememcpy(void *to, const void *from, size_t n);
IMAGE void *imagememmove(void *to, const void *from, size_t n);
IMAGE void *imagememset(void *p, int c, size_t n);
IMAGE int imagememcmp(const void *a, const void *b, size_t n);

enum { ROOM = 96 };

static uint8_t got[ROOM], want[ROOM];

/* Different bytes everywhere. */
static void
fill(void)
{
	for (size_t i = 0; i < ROOM; i++)
		got[i] = want[i] = (uint8_t)(i * 37 + 11);
}

/* One byte after another, from a copy: any overlap is right. */
static void
model(size_t to, size_t from, size_t n)
{
	uint8_t copy[ROOM];

	for (size_t i = 0; i < n; i++)
		copy[i] = want[from + i];
	for (size_t i = 0; i < n; i++)
		want[to + i] = copy[i];
}

static void
memmove_at_every_overlap(void **state)
{
	(void)state;
	for (size_t n = 0; n <= 32; n++)
		for (size_t to = 0; to <= ROOM - 32; to++)
			for (size_t from = 16; from < 48; from++) {
				fill();
				model(to, from, n);
				assert_ptr_equal(
				    imagememmove(got + to, got + from, n),
				    got + to);
				assert_memory_equal(got, want, ROOM);
			}
}

static void
memcpy_where_nothing_overlaps(void **state)
{
	(void)state;
	for (size_t n = 0; n <= 32; n++)
		for (size_t to = 0; to < 16; to++)
			for (size_t from = 48; from < 64; from++) {
				fill();
				model(to, from, n);
				assert_ptr_equal(
				    imagememcpy(got + to, got + from, n),
				    got + to);
				assert_memory_equal(got, want, ROOM);
			}
}

static void
memset_of_the_lowest_byte(void **state)
{
	(void)state;
	for (size_t n = 0; n <= 32; n++)
		for (size_t at = 0; at < 16; at++) {
			fill();
			for (size_t i = 0; i < n; i++)
				want[at + i] = 0xa5;
			assert_ptr_equal(
			    imagememset(got + at, 0x7fffa5, n), got + at);
			assert_memory_equal(got, want, ROOM);
		}
}

static int
sign(int v)
{
	return (v > 0) - (v < 0);
}

/* Bytes are unsigned; the first that differs decides, none beyond n. */
static void
memcmp_by_the_first_difference(void **state)
{
	uint8_t a[8], b[8];

	(void)state;
	for (size_t n = 0; n <= sizeof a; n++)
		for (size_t at = 0; at < sizeof a; at++)
			for (int d = 1; d < 256; d++) {
				memset(a, 0, sizeof a);
				memset(b, 0, sizeof b);
				a[at] = (uint8_t)d;
				b[sizeof b - 1] = 0xff;
				if (at == sizeof a - 1)
					b[at] = 0;
				int up = sign(imagememcmp(a, b, n));
				int down = sign(imagememcmp(b, a, n));
				assert_int_equal(up, at < n);
				assert_int_equal(down, -up);
			}
	assert_true(imagememcmp("\x01", "\xff", 1) < 0);
}

/* ms_abi: RDI and RSI are the caller's, and the direction is up. */
static void
assertkept(uint8_t *to, const uint8_t *from)
{
	uintptr_t di = 0, si = 0, flags = 0;

	fill();
	__asm__ volatile(
	    "mov %%rsp, %%rbx\n\t"
	    "mov $0x1234, %%rdi\n\t"
	    "mov $0x5678, %%rsi\n\t"
	    "mov %[to], %%rcx\n\t"
	    "mov %[from], %%rdx\n\t"
	    "mov $20, %%r8\n\t"
	    "sub $160, %%rsp\n\t"
	    "and $-16, %%rsp\n\t"
	    "call imagememmove\n\t"
	    "pushfq\n\t"
	    "pop %[flags]\n\t"
	    "mov %%rbx, %%rsp\n\t"
	    : "=&D"(di), "=&S"(si), [flags] "=&r"(flags)
	    : [to] "r"(to), [from] "r"(from)
	    : "rcx", "rdx", "rax", "r8", "r9", "r10", "r11", "rbx", "memory");
	assert_int_equal(di, 0x1234);
	assert_int_equal(si, 0x5678);
	assert_int_equal(flags & 0x400, 0);
}

/* Downwards, and upwards, as memcpy does it. */
static void
registers_and_direction_are_kept(void **state)
{
	(void)state;
	assertkept(got + 4, got);
	assertkept(got, got + 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(memmove_at_every_overlap),
	    cmocka_unit_test(memcpy_where_nothing_overlaps),
	    cmocka_unit_test(memset_of_the_lowest_byte),
	    cmocka_unit_test(memcmp_by_the_first_difference),
	    cmocka_unit_test(registers_and_direction_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
