/*
 * space.c - address spaces made of halves, with four levels and with five.
 *
 * The walk from the top is written a second time here: five levels by index.
 *
 * needs: tests/host/metal.c tests/host/fakepage.c
 */
#include "unit.h"
#include "fakepage.h"
#include "metal.h"
#include "mmu.h"
#include "tlb.h"

#define KVA (VMAP + 5 * GiB)
#define USERVA ((uintptr_t)0x400000)

/* What the CPU finds from the top, a 4 KiB page; or NOADDR. */
static paddr_t
look(const Space *s, uintptr_t va)
{
	const pte_t *table = s->top;

	for (int l = s->limits.levels - 1; l > 0; l--) {
		pte_t e = table[va >> (12 + 9 * l) & 511];

		if ((e & 1) == 0)
			return NOADDR;
		table = kaddr(e & 0x000ffffffffff000);
	}
	pte_t e = table[va >> 12 & 511];
	return e & 1 ? e & 0x000ffffffffff000 : NOADDR;
}

static void
machine(int levels)
{
	hostquiet();
	hostmachine(0, 64 * MiB, 64 * MiB, 1);
	metalcpu((Kind){52, true, true});
	fakeinit(16 * MiB, 32 * MiB);
	kspace.limits.levels = levels;
	metalspace();
}

/* Another one, as a process or firmware's services would have. */
static Space
like(const Space *s)
{
	return (Space){.limits = s->limits, .tables = s->tables};
}

static void
four_levels_are_one_table(void **state)
{
	(void)state;
	machine(4);
	assert_ptr_equal(kspace.upper, kspace.top);
	assert_ptr_equal(kspace.lower, kspace.top);
	assert_int_equal(kspace.tables->used, 1);
}

/* The sign of a kernel address fills the index of the fifth level. */
static void
five_levels_have_a_table_for_each_half(void **state)
{
	(void)state;
	machine(5);
	assert_int_equal(kspace.tables->used, 3);
	assert_int_equal(pmap(&kspace, KVA, MiB | PTEKDATA, BY2PG), 0);
	assert_int_equal(putmmu(&kspace, USERVA, 2 * MiB), 0);
	assert_int_equal(look(&kspace, KVA), MiB);
	assert_int_equal(look(&kspace, USERVA), 2 * MiB);
	assert_true(kspace.top[0] & PTEUSER);
	assert_false(kspace.top[511] & PTEUSER);
	for (size_t i = 1; i < 511; i++)
		assert_int_equal(kspace.top[i], 0);
}

/* What one maps in the kernel half all have; user space is each one's own. */
static void
the_kernel_half_is_shared(void **state)
{
	(void)state;
	for (int levels = 4; levels <= 5; levels++) {
		machine(levels);
		pmap(&kspace, KVA, MiB | PTEKDATA, BY2PG);
		putmmu(&kspace, USERVA, 2 * MiB);
		Space a = like(&kspace);
		Space b = like(&kspace);
		assert_int_equal(spaceinit(&a, &kspace, NULL), 0);
		assert_int_equal(spaceinit(&b, &kspace, NULL), 0);
		putmmu(&a, USERVA, 3 * MiB);
		assert_int_equal(look(&a, USERVA), 3 * MiB);
		assert_int_equal(look(&b, USERVA), NOADDR);
		assert_int_equal(look(&kspace, USERVA), 2 * MiB);
		pmap(&kspace, KVA + BY2PG, 4 * MiB | PTEKDATA, BY2PG);
		assert_int_equal(look(&a, KVA), MiB);
		assert_int_equal(look(&b, KVA + BY2PG), 4 * MiB);
	}
}

/* Firmware's half, its entries of the top copied, and an empty one of ours. */
static void
the_user_half_can_be_lent(void **state)
{
	(void)state;
	for (int levels = 4; levels <= 5; levels++) {
		machine(levels);
		putmmu(&kspace, USERVA, 2 * MiB);
		pmap(&kspace, KVA, MiB | PTEKDATA, BY2PG);
		Space ours = like(&kspace);
		assert_int_equal(spaceinit(&ours, NULL, &kspace), 0);
		assert_true(spacenoupper(&ours) == (levels == 4));
		assert_panics(spacefree(&ours), "only one's own");
		Space both = like(&kspace);
		assert_int_equal(spaceinit(&both, &kspace, &kspace), 0);
		assert_panics(spacefree(&both), "only one's own");
		assert_int_equal(look(&ours, USERVA), 2 * MiB);
		assert_int_equal(look(&ours, KVA), NOADDR);
		pmap(&ours, KVA, 5 * MiB | PTEKDATA, BY2PG);
		assert_int_equal(look(&kspace, KVA), MiB);
	}
}

/* Whose global translations may stay when the one is left for the other. */
static void
the_same_kernel_half_is_known(void **state)
{
	(void)state;
	for (int levels = 4; levels <= 5; levels++) {
		machine(levels);
		Space other = like(&kspace);
		Space child = like(&kspace);
		Space empty = like(&kspace);
		spaceinit(&empty, NULL, NULL);
		assert_false(spacesameupper(&empty, &kspace));
		pmap(&kspace, KZERO, MiB | PTEKDATA, BY2PG);
		spaceinit(&other, NULL, NULL);
		assert_false(spacesameupper(&other, &kspace));
		pmap(&other, KZERO, MiB | PTEKDATA, BY2PG);
		assert_false(spacesameupper(&other, &kspace));
		spaceinit(&child, &kspace, NULL);
		kspace.top[511] |= PTEACCESSED;
		assert_true(spacesameupper(&child, &kspace));
		assert_true(spacesameupper(&kspace, &child));
		assert_false(spacenoupper(&child));
		assert_panics(spacefree(&other), "only one's own");
	}
	machine(4);
	assert_true(spacenoupper(&kspace));
	Space a = like(&kspace);
	spaceinit(&a, NULL, NULL);
	assert_false(spacesameupper(&a, &kspace));
	pmap(&a, DMAP, MiB | PTEKDATA, BY2PG);
	assert_false(spacenoupper(&a));
}

/* As spacelive does, from nothing but the top's address. */
static void
a_space_is_found_again_by_its_top(void **state)
{
	(void)state;
	for (int levels = 4; levels <= 5; levels++) {
		machine(levels);
		Space again = {.limits = kspace.limits};
		spaceadopt(&again, spacetop(&kspace));
		assert_ptr_equal(again.top, kspace.top);
		assert_ptr_equal(again.upper, kspace.upper);
		assert_ptr_equal(again.lower, kspace.lower);
	}
	kspace.top[0] = 0;
	spaceadopt(&kspace, spacetop(&kspace));
	assert_null(kspace.lower);
}

/* Every page that is missing in turn: nothing is lost, then it works. */
static void
without_memory_nothing_is_taken(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		machine(i % 2 == 0 ? 4 : 5);
		Space *upper = i / 2 == 0 ? NULL : &kspace;
		Space s = like(&kspace);
		size_t before = kspace.tables->used;
		size_t n = 0;

		for (fakelimit(0); spaceinit(&s, upper, NULL) < 0;
		     fakelimit(++n)) {
			assert_int_equal(kspace.tables->used, before);
			assert_null(s.top);
		}
		assert_int_equal(kspace.tables->used, before + n);
		assert_int_equal(kspace.shared, upper != NULL);
		fakelimit(SIZE_MAX);
		if (upper == NULL)
			continue;
		spacefree(&s);
		assert_int_equal(kspace.tables->used, before);
		assert_null(s.top);
	}
}

static void
a_space_gives_back_what_is_its_own(void **state)
{
	(void)state;
	for (int levels = 4; levels <= 5; levels++) {
		machine(levels);
		pmap(&kspace, KVA, MiB | PTEKDATA, BY2PG);
		size_t before = kspace.tables->used;
		Space s = like(&kspace);
		spaceinit(&s, &kspace, NULL);
		putmmu(&s, USERVA, 3 * MiB);
		putmmu(&s, UTOP - BY2PG, 4 * MiB);
		spacefree(&s);
		assert_int_equal(kspace.tables->used, before);
		assert_int_equal(look(&kspace, KVA), MiB);
	}
}

/* A new top-level entry would be in one of them only; below, all have it. */
static void
a_shared_half_does_not_grow_at_the_top(void **state)
{
	(void)state;
	machine(4);
	Space s = like(&kspace);
	pmap(&kspace, KVA, MiB | PTEKDATA, BY2PG);
	spaceinit(&s, &kspace, NULL);
	pmap(&kspace, KVA + GiB, MiB | PTEKDATA, BY2PG);
	assert_int_equal(look(&s, KVA + GiB), MiB);
	assert_true(panics(pmap(&kspace, DMAP, MiB | PTEKDATA, BY2PG)));
	assert_string_equal(hostpanic(), "panic: checkgrow: 0xffff800000000000 "
					 "needs a table that other spaces "
					 "would not have");
	assert_true(panics(pmap(&s, DMAP, MiB | PTEKDATA, BY2PG)));
	machine(5);
	s = like(&kspace);
	spaceinit(&s, &kspace, NULL);
	assert_int_equal(pmap(&kspace, DMAP, MiB | PTEKDATA, BY2PG), 0);
	assert_int_equal(look(&s, DMAP), MiB);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(four_levels_are_one_table),
	    cmocka_unit_test(five_levels_have_a_table_for_each_half),
	    cmocka_unit_test(the_kernel_half_is_shared),
	    cmocka_unit_test(the_user_half_can_be_lent),
	    cmocka_unit_test(the_same_kernel_half_is_known),
	    cmocka_unit_test(a_space_is_found_again_by_its_top),
	    cmocka_unit_test(without_memory_nothing_is_taken),
	    cmocka_unit_test(a_space_gives_back_what_is_its_own),
	    cmocka_unit_test(a_shared_half_does_not_grow_at_the_top),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
