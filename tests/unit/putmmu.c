/*
 * putmmu.c - pages of user space, the type of device memory, and checkmmu.
 *
 * needs: tests/host/metal.c tests/host/fakepage.c arch/kmap.c arch/vmap.c
 */
#include "unit.h"
#include "fakepage.h"
#include "metal.h"
#include "mmu.h"
#include "tlb.h"

#define BIG (DMAP + GiB)
#define USERVA 0x400000

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	hostmachine(0, 64 * MiB, 64 * MiB, 1);
	metalcpu((Kind){52, true, true});
	fakeinit(16 * MiB, 32 * MiB);
	metalspace();
	return 0;
}

static void
says(const char *want)
{
	if (strstr(hostpanic(), want) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", hostpanic(), want);
}

static void
user_pages_are_the_users(void **state)
{
	size_t flushes = tlbflushes();
	Xlat x;

	(void)state;
	for (size_t n = 0; n < 3; n++) {
		fakelimit(n > 0); /* a table more at each try */
		assert_int_equal(
		    putmmu(&kspace, USERVA, 2 * MiB | PTEWRITE), -1);
	}
	fakelimit(SIZE_MAX);
	assert_int_equal(
	    putmmu(&kspace, USERVA, 2 * MiB | PTENOEXEC | PTEGLOBAL), 0);
	assert_int_equal(tlbflushes(), flushes);
	assert_true(tlblook(kspace.upper, USERVA, &x));
	assert_int_equal(x.flags, PTEVALID | PTEUSER | PTENOEXEC);
	checkmmu(&kspace, USERVA + 5, 2 * MiB + 5);
	assert_int_equal(putmmu(&kspace, USERVA, 4 * MiB | PTEWRITE), 0);
	assert_null(tlbstale(kspace.upper));
	assert_true(tlblook(kspace.upper, USERVA, &x));
	assert_int_equal(x.pa, 4 * MiB);
	assert_int_equal(x.flags, PTEVALID | PTEUSER | PTEWRITE);
	assert_true(panics(putmmu(&kspace, 0, BY2PG)));
	says("0 is not user space");
	assert_true(panics(putmmu(&kspace, BIG, BY2PG)));
	says("0xffff800040000000 is not user space");
	assert_true(panics(putmmu(&kspace, USERVA + 8, BY2PG)));
}

/* Another CPU may be unmapping something else there. */
static void
putmmu_holds_the_lock_while_it_changes(void **state)
{
	static Lock l;
	size_t before = hostlocked();

	(void)state;
	kspace.lock = &l;
	assert_int_equal(putmmu(&kspace, USERVA, 2 * MiB), 0);
	assert_int_equal(hostlocked(), before + 1);
	assert_int_equal(hostheld(), 0);
	fakelimit(0);
	assert_int_equal(putmmu(&kspace, USERVA + GiB, 2 * MiB), -1);
	assert_int_equal(hostlocked(), before + 2);
	assert_int_equal(hostheld(), 0);
	kspace.lock = NULL;
}

/* What is left of a user's large page is still the user's. */
static void
a_split_leaves_user_pages_to_the_user(void **state)
{
	pte_t flags = PTEVALID | PTEUSER;
	Xlat x;

	(void)state;
	pmap(&kspace, 8 * MiB, 2 * MiB | flags, 2 * MiB);
	assert_int_equal(punmap(&kspace, 8 * MiB + BY2PG, BY2PG), 0);
	assert_true(tlblook(kspace.upper, 8 * MiB, &x));
	assert_int_equal(x.flags, flags);
	assert_int_equal(x.size, BY2PG);
	assert_int_equal(
	    tlbwalk(kspace.upper, TLBALL, NULL, NULL) + 1, kspace.tables->used);
}

/* Both halves in one table, and with five levels each in its own. */
static void
user_space_gives_its_tables_back(void **state)
{
	Xlat x;

	for (int levels = 4; levels <= 5; levels++) {
		setup(state);
		kspace.limits.levels = levels;
		metalspace();
		pmap(&kspace, BIG, 2 * MiB | PTEKDATA, BY2PG);
		size_t before = kspace.tables->used;
		putmmu(&kspace, USERVA, BY2PG);
		putmmu(&kspace, UTOP - BY2PG, 8 * MiB);
		assert_true(tlblook(kspace.lower, UTOP - 1, &x));
		assert_int_equal(kspace.tables->used, before + 6);
		mmurelease(&kspace);
		assert_null(tlbstale(kspace.lower));
		assert_false(tlblook(kspace.lower, USERVA, &x));
		assert_int_equal(kspace.tables->used, before);
		checkmmu(&kspace, BIG, 2 * MiB);
	}
}

static void
checkmmu_says_what_is_there(void **state)
{
	(void)state;
	pmap(&kspace, BIG, 2 * MiB | PTEKDATA, 2 * MiB);
	checkmmu(&kspace, BIG + 0x1234, 2 * MiB + 0x1234);
	assert_true(panics(checkmmu(&kspace, BIG, 4 * MiB)));
	says("0xffff800040000000 should be pa 0x400000 and is 0x200000: "
	     "level 1");
	assert_true(panics(checkmmu(&kspace, USERVA, 4 * MiB)));
	says("0x400000 should be pa 0x400000 and is not mapped");
}

/* Others map and unmap there meanwhile. */
static void
patwc_holds_the_lock_while_it_changes(void **state)
{
	static Lock l;
	size_t before = hostlocked();

	(void)state;
	pmap(&kspace, VMAP, 4 * GiB | PTEVALID | PTEUC, 4 * MiB);
	kspace.lock = &l;
	assert_int_equal(patwc(&kspace, (void *)VMAP, BY2PG), 0);
	assert_int_equal(hostlocked(), before + 1);
	assert_panics(patwc(&kspace, (void *)(VMAP + 4 * MiB), 1),
	    "0xfffffe8000400000 is not mapped as a device");
	kspace.lock = NULL;
}

/* Device memory only, in the window only, and all of it or nothing. */
static void
patwc_changes_the_type_and_nothing_else(void **state)
{
	pte_t uc = PTEVALID | PTEWRITE | PTENOEXEC | PTEUC;
	Xlat x;

	(void)state;
	pmap(&kspace, VMAP, 4 * GiB | uc, 4 * MiB);
	pmap(&kspace, VMAP + 4 * MiB, BY2PG | PTEKDATA, BY2PG);
	assert_true(tlblook(kspace.upper, VMAP + BY2PG, &x));
	fakelimit(0);
	assert_int_equal(
	    patwc(&kspace, (void *)(VMAP + 5), 2 * MiB + 0x2000), -1);
	assert_true(tlblook(kspace.upper, VMAP + BY2PG, &x));
	assert_int_equal(x.flags, uc);
	fakelimit(SIZE_MAX);
	assert_int_equal(
	    patwc(&kspace, (void *)(VMAP + 5), 2 * MiB + 0x2000), 0);
	assert_null(tlbstale(kspace.upper));
	for (size_t off = 0; off < 4 * MiB; off += BY2PG) {
		bool in = off < 2 * MiB + 0x3000;

		tlbinit(52, true);
		assert_true(tlblook(kspace.upper, VMAP + off, &x));
		assert_int_equal(x.pa + (VMAP + off - x.va), 4 * GiB + off);
		assert_int_equal(
		    x.flags, (uc & ~PTEMEMTYPE) | (in ? PTEWC : PTEUC));
	}
	assert_true(panics(patwc(&kspace, (void *)(VMAP + 4 * MiB), 1)));
	says("0xfffffe8000400000 is not mapped as a device");
	assert_true(panics(patwc(&kspace, (void *)(VMAP + 16 * MiB), 1)));
	assert_true(panics(patwc(&kspace, (void *)BIG, BY2PG)));
	says("not in the VMAP window");
	assert_true(panics(patwc(&kspace, (void *)VMAP, 0)));
	assert_true(panics(patwc(&kspace, (void *)VMAP, VMAPSIZE + 1)));
	assert_true(panics(patwc(&kspace, (void *)(VMAP + 1), -BY2PG)));
}

#define T(f) cmocka_unit_test_setup(f, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(user_pages_are_the_users),
	    T(putmmu_holds_the_lock_while_it_changes),
	    T(a_split_leaves_user_pages_to_the_user),
	    T(user_space_gives_its_tables_back),
	    T(checkmmu_says_what_is_there),
	    T(patwc_holds_the_lock_while_it_changes),
	    T(patwc_changes_the_type_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
