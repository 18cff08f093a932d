/*
 * fbfit.c - framebuffers as firmware describes them, well and badly.
 *
 * needs: efi/fbfit.c
 */
#include "../../efi/collect.h"
#include "unit.h"

#define END (1ull << 40)

static void
each_is_cut_to_what_there_is(void **state)
{
	static const struct {
		paddr_t pa;
		uint32_t pitch, height, bytes;
		uint64_t given;
		size_t size;
	} row[] = {
	    /* as it should be; more and less given than drawn */
	    {0xc0000000, 1024, 768, 4, 3 * MiB, 3 * MiB},
	    {0xc0000000, 1024, 768, 4, 16 * MiB, 3 * MiB},
	    {0xc0000000, 1024, 768, 4, 2 * MiB, 2 * MiB},
	    {0xc0000000, 1024, 768, 4, 0, 0},
	    {0, 1024, 768, 4, 3 * MiB, 0},
	    {0xc0000000, 0, 768, 4, 3 * MiB, 0},
	    {0xc0000000, 1024, 0, 4, 3 * MiB, 0},
	    /* at and beyond the end of what the CPU can address */
	    {END - 3 * MiB, 1024, 768, 4, 3 * MiB, 3 * MiB},
	    {END - 2 * MiB, 1024, 768, 4, 3 * MiB, 2 * MiB},
	    {END, 1024, 768, 4, 3 * MiB, 0},
	    {END + MiB, 1024, 768, 4, 3 * MiB, 0},
	    {END - MiB, 1024, 768, 4, UINT64_MAX, MiB},
	    /* products of 33, 64 and 66 bits; a row beyond 32 */
	    {MiB, 0x20000, 0x8000, 4, UINT64_MAX, 0x400000000},
	    {MiB, 0x3fffffff, 0xffffffff, 4, UINT64_MAX, END - MiB},
	    {MiB, 0x40000000, 1, 4, UINT64_MAX, 0},
	    {MiB, 0xffffffff, 0xffffffff, 4, UINT64_MAX, 0},
	};

	(void)state;
	for (size_t i = 0; i < nelem(row); i++) {
		Fb fb = {.pa = row[i].pa,
		    .pitch = row[i].pitch,
		    .height = row[i].height,
		    .bytes = row[i].bytes};

		fbfit(&fb, row[i].given, 40);
		assert_int_equal(fb.size, row[i].size);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_is_cut_to_what_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
