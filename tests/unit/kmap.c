/*
 * kmap.c - the window of temporary pages.
 *
 * needs: arch/kmap.c tests/host/metal.c tests/host/fakepage.c
 * needs: tests/model/ptes.c
 */
#include "tablemodel.h"
#include "page.h"

#define RAMEND (64 * MiB)
#define CAP (48 * MiB) /* where the direct map ends */

/* The direct map is where the host has it: kaddr's pointers are its own. */
static int
setup(void **state)
{
	(void)state;
	hostquiet();
	hostmachine(0, RAMEND, CAP, 1);
	metalcpu((Kind){46, true, true});
	kspace.direct = (uintptr_t)kaddr(0);
	kspace.directend = CAP;
	fakeinit(16 * MiB, MiB);
	metalspace();
	mmuwalk(&kspace, KMAP, 0, CREATE);
	ptesinit(&model, KMAP, KMAPSIZE);
	return 0;
}

/* Map it and let the CPU see it. */
static void *
map(paddr_t pa)
{
	void *p = kmapplace(pa);
	Xlat x;

	ptesmap(&model, (uintptr_t)p, pa | PTEKDATA, BY2PG);
	assert_true(tlblook(kspace.upper, (uintptr_t)p, &x));
	assert_int_equal(x.pa, pa);
	return p;
}

static void
unmap(void *p)
{
	kunmap(p);
	ptesunmap(&model, ROUNDDOWN((uintptr_t)p, BY2PG), BY2PG);
}

static void
a_place_is_not_used_again_at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3 * PTENTRIES; i++) {
		void *p = map(CAP + i % 7 * BY2PG);

		assert_ptr_equal(p, KMAP + i % PTENTRIES * BY2PG);
		agree();
		unmap((uint8_t *)p + i % BY2PG);
		agree();
	}
}

static void
places_in_use_are_passed_over(void **state)
{
	(void)state;
	void *first = map(CAP);
	for (size_t i = 1; i < PTENTRIES; i++)
		map(CAP + i * BY2PG);
	agree();
	assert_true(panics(kmapplace(CAP)));
	assert_string_equal(hostpanic(), "panic: kmapplace: pa 0x3000000: all "
					 "512 places are in use, someone does "
					 "not unmap");
	unmap(first);
	assert_ptr_equal(map(RAMEND - BY2PG), first);
	agree();
}

static void
the_direct_map_needs_no_place(void **state)
{
	(void)state;
	void *p = kmappa(CAP - BY2PG);
	assert_ptr_equal(p, KADDR(CAP - BY2PG));
	assert_int_equal(PADDR(p), CAP - BY2PG);
	kunmap(p);
	Page pg = {.frame = CAP / BY2PG << PAGEIMAGEBITS};
	assert_int_equal(pagepa(&pg), CAP);
	p = kmap(&pg);
	assert_in_range((uintptr_t)p, KMAP, KMAP + KMAPSIZE - BY2PG);
	checkmmu(&kspace, (uintptr_t)p, CAP);
	kunmap(p);
	agree();
}

static void
stops(void *p, const char *want)
{
	assert_true(panics(kunmap(p)));
	if (strstr(hostpanic(), want) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", hostpanic(), want);
	agree();
}

static void
what_was_not_mapped_is_not_unmapped(void **state)
{
	(void)state;
	void *p = map(CAP);
	stops((void *)(KMAP + (PTLX((uintptr_t)p, 0) + 1) % 512 * BY2PG),
	    "is not mapped");
	unmap(p);
	stops(p, "is not mapped");
	stops((void *)(KMAP - 1), "was not mapped by kmap");
	stops((void *)(KMAP + KMAPSIZE), "was not mapped by kmap");
	stops(NULL, "was not mapped by kmap");
	stops((uint8_t *)kaddr(0) + CAP, "was not mapped by kmap");
	assert_true(panics(kmapplace(CAP + 8)));
	assert_string_equal(
	    hostpanic(), "panic: kmapplace: pa 0x3000008 is not page aligned");
}

static void
a_window_without_its_table_is_said(void **state)
{
	(void)state;
	metalspace();
	fakelimit(0);
	assert_true(panics(kmapplace(CAP)));
	assert_true(panics(kunmap((void *)KMAP)));
	assert_string_equal(
	    hostpanic(), "panic: places: the KMAP window has no page table");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_place_is_not_used_again_at_once),
	    T(places_in_use_are_passed_over),
	    T(the_direct_map_needs_no_place),
	    T(what_was_not_mapped_is_not_unmapped),
	    T(a_window_without_its_table_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
