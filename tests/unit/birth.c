/*
 * birth.c - what can be written of an image is as it was, and nothing else is
 * touched.
 *
 * needs: efi/birth.c tests/host/fakefw.c
 */
#include "unit.h"
#include "fakefw.h"
#include "pe.h"
#include "../../efi/birth.h"
#include "../../efi/firmware.h"

enum { SIZE = 4 * 4096 };

/* Where the linker puts the image. */
__asm__(".data\n.balign 4096\n.globl __ImageBase, image\n"
	"__ImageBase: image: .skip 4 * 4096\n.text\n");

extern uint8_t image[];

/* Code, two that can be written, and one that cannot between them. */
bool
pesection(const void *base, size_t n, Section *s)
{
	static const Section sections[] = {{0, 4096, false, true},
	    {4096, 4096, true, false}, {2 * 4096, 4096, false, false},
	    {3 * 4096, 4096, true, false}};

	assert_ptr_equal(base, imagebase);
	if (n >= nelem(sections))
		return false;
	*s = sections[n];
	return true;
}

static void
what_was_written_is_undone(void **state)
{
	(void)state;
	fakestart();
	for (size_t i = 0; i < SIZE; i++)
		image[i] = (uint8_t)(i / 4096 + i);
	void *kept = birthkeep();
	assert_non_null(kept);
	for (int again = 0; again < 2; again++) {
		memset(image, 0x55, SIZE);
		birthagain(kept);
		for (size_t i = 0; i < SIZE; i++)
			assert_int_equal(image[i],
			    i / 4096 % 2 == 1 ? (uint8_t)(i / 4096 + i) : 0x55);
	}
	fwfree(kept);
	assert_int_equal(fakefw.pool, 0);
}

static void
without_memory_nothing_is_kept(void **state)
{
	(void)state;
	fakestart();
	fakefw.most = 0;
	assert_null(birthkeep());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_written_is_undone),
	    cmocka_unit_test(without_memory_nothing_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
