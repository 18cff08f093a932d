/*
 * lowpage.c - the page below 1 MiB, from a firmware that has one or has not.
 *
 * needs: efi/lowpage.c tests/host/fakefw.c
 */
#include "unit.h"
#include "fakefw.h"
#include "parking.h"
#include "../../efi/lowpage.h"

enum { PAGE = 0x8a000, LOWEND = 0xa0000 };

static paddr_t filled, freed;
static bool none, zero;

void
parkfill(void *page, paddr_t pa)
{
	assert_int_equal((uintptr_t)page, pa);
	filled = pa;
}

static EFI_STATUS
takepages(EFI_ALLOCATE_TYPE kind, EFI_MEMORY_TYPE type, UINTN n,
    EFI_PHYSICAL_ADDRESS *pa)
{
	assert_int_equal(kind, AllocateMaxAddress);
	assert_int_equal(type, EfiLoaderData);
	assert_int_equal(n, 1);
	assert_int_equal(*pa, LOWEND - 1);
	if (none)
		return EFI_NOT_FOUND;
	*pa = zero ? 0 : PAGE;
	return EFI_SUCCESS;
}

static EFI_STATUS
givepages(EFI_PHYSICAL_ADDRESS pa, UINTN n)
{
	assert_int_equal(n, 1);
	freed = pa;
	return EFI_SUCCESS;
}

static int
setup(void **state)
{
	(void)state;
	fakestart();
	fakeservices.AllocatePages = takepages;
	fakeservices.FreePages = givepages;
	filled = freed = 0;
	none = zero = false;
	return 0;
}

static void
it_is_filled_at_once_and_can_be_given_back(void **state)
{
	(void)state;
	assert_int_equal(takelowpage(), PAGE);
	assert_int_equal(filled, PAGE);
	freelowpage(PAGE);
	assert_int_equal(freed, PAGE);
}

static void
where_there_is_none_nothing_is_written_or_freed(void **state)
{
	(void)state;
	none = true;
	freed = 1;
	assert_int_equal(takelowpage(), NOADDR);
	assert_int_equal(filled, 0);
	freelowpage(NOADDR);
	assert_int_equal(freed, 1);
}

/* Page 0 has the vectors of real mode, and goes back at once. */
static void
page_0_is_not_taken(void **state)
{
	(void)state;
	zero = true;
	freed = 1;
	assert_int_equal(takelowpage(), NOADDR);
	assert_int_equal(filled, 0);
	assert_int_equal(freed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(
		it_is_filled_at_once_and_can_be_given_back, setup),
	    cmocka_unit_test_setup(
		where_there_is_none_nothing_is_written_or_freed, setup),
	    cmocka_unit_test_setup(page_0_is_not_taken, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
