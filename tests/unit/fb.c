/*
 * fb.c - where the framebuffer is mapped, before and after mmuinit.
 *
 * The page tables are a list of what was asked for.
 *
 * needs: arch/fb.c
 */
#include "block.h"
#include "mmu.h"
#include "unit.h"

#define MIDDLE (VMAP + VMAPSIZE / 2)

static struct {
	uintptr_t va;
	paddr_t entry;
	size_t size;
	size_t n; /* mapped less unmapped */
	bool full;
	paddr_t asked; /* of vmap */
} tables;

Space kspace;
static Bootinfo boot;
Bootinfo *bootinfo = &boot;

int
pmap(Space *s, uintptr_t va, paddr_t pa, size_t size)
{
	assert_ptr_equal(s, &kspace);
	if (tables.full)
		return -1;
	tables.va = va;
	tables.entry = pa;
	tables.size = size;
	tables.n++;
	return 0;
}

int
punmap(Space *s, uintptr_t va, size_t size)
{
	assert_ptr_equal(s, &kspace);
	if (tables.full)
		return -1;
	assert_int_equal(va, tables.va);
	assert_int_equal(size, tables.size);
	tables.n--;
	return 0;
}

void *
vmap(paddr_t pa, size_t size, pte_t memtype)
{
	assert_int_equal(size, boot.fb.size);
	assert_int_equal(memtype, PTEWC);
	tables.asked = pa;
	return (void *)VMAP;
}

static int
setup(void **state)
{
	(void)state;
	memset(&tables, 0, sizeof tables);
	boot = (Bootinfo){.fb = {.pa = 0xc0000000, .size = 8 * MiB}};
	kspace = (Space){.direct = DMAP};
	stage = SMACH;
	return 0;
}

static void
pixels(paddr_t pa, size_t size)
{
	boot.fb.pa = pa;
	boot.fb.size = size;
	assert_int_equal(mapearlyfb(&kspace, &boot.fb), 0);
}

/* By whole pages, not run and not cached, where large ones can be used. */
static void
early_it_is_in_the_middle_of_the_window(void **state)
{
	static const struct {
		paddr_t pa;
		size_t size;
		uintptr_t va;
		size_t mapped;
	} row[] = {
	    {0xc0000000, 8 * MiB, MIDDLE, 8 * MiB},
	    {0xc0001000, 8 * MiB, MIDDLE + BY2PG, 8 * MiB},
	    {0xc0201080, BY2PG, MIDDLE + BY2PG, 2 * BY2PG},
	    {0x4000001ff000, 1, MIDDLE + 511 * BY2PG, BY2PG},
	};

	for (size_t i = 0; i < nelem(row); i++) {
		setup(state);
		pixels(row[i].pa, row[i].size);
		assert_int_equal(tables.va, row[i].va);
		assert_int_equal(tables.size, row[i].mapped);
		assert_int_equal(tables.entry, ROUNDDOWN(row[i].pa, BY2PG) |
						   PTEVALID | PTEWRITE |
						   PTENOEXEC | PTEUC);
		assert_ptr_equal(
		    fbpixels(), (void *)(row[i].va + row[i].pa % BY2PG));
		unmapearlyfb(&kspace, &boot.fb);
		assert_int_equal(tables.n, 0);
	}
}

static void
later_it_is_mapped_write_combining(void **state)
{
	(void)state;
	stage = SMMU;
	assert_ptr_equal(fbpixels(), (void *)VMAP);
	assert_int_equal(tables.asked, 0xc0000000);
}

static void
while_firmware_lives_it_is_at_its_own_address(void **state)
{
	(void)state;
	kspace.direct = 0;
	stage = SMMU;
	assert_ptr_equal(fbpixels(), (void *)0xc0000000);
	assert_int_equal(tables.asked, 0);
}

static void
without_a_screen_nothing_is_mapped(void **state)
{
	(void)state;
	pixels(0, 0);
	unmapearlyfb(&kspace, &boot.fb);
	assert_int_equal(tables.n, 0);
	assert_null(fbpixels());
	stage = SMMU;
	assert_null(fbpixels());
	assert_int_equal(tables.asked, 0);
}

static void
no_tables_is_said(void **state)
{
	(void)state;
	tables.full = true;
	assert_int_equal(mapearlyfb(&kspace, &boot.fb), -1);
	assert_panics(unmapearlyfb(&kspace, &boot.fb), "stay mapped");
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(early_it_is_in_the_middle_of_the_window),
	    TEST(later_it_is_mapped_write_combining),
	    TEST(while_firmware_lives_it_is_at_its_own_address),
	    TEST(without_a_screen_nothing_is_mapped),
	    TEST(no_tables_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
