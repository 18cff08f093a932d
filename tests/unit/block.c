/*
 * block.c - the block's parts, and what is mapped of them, on an image of three
 * sections; tables may run out at any step.
 *
 * needs: arch/block.c arch/stack.c
 */
#include "unit.h"
#include "block.h"
#include "mmu.h"
#include "pe.h"
#include "stack.h"
#include "uart.h"

enum { MOSTMAPPED = 64, SECTIONS = 3, FIRSTTABLES = 64 };

typedef struct Mapped Mapped;

struct Mapped {
	uintptr_t va;
	size_t size;
	pte_t pte;
};

static Mapped mapped[MOSTMAPPED];
static size_t nmapped;
static size_t room; /* of how many calls of pmap until one fails */
static bool uartfails;
static bool worse; /* a section is written to and run */
static Space space;
static Bootinfo b;

const uint8_t imagebase[1];

size_t
peimagesize(const void *image)
{
	assert_ptr_equal(image, imagebase);
	return 7 * BY2PG;
}

bool
pesection(const void *image, size_t n, Section *s)
{
	static const Section all[SECTIONS] = {
	    {.rva = 1 * BY2PG, .size = 3 * BY2PG, .exec = true},
	    {.rva = 4 * BY2PG, .size = 1 * BY2PG},
	    {.rva = 5 * BY2PG, .size = 2 * BY2PG, .write = true},
	};

	assert_ptr_equal(image, imagebase);
	if (n >= SECTIONS)
		return false;
	*s = all[n];
	s->exec |= worse;
	return true;
}

int
pmap(Space *s, uintptr_t va, pte_t pte, size_t size)
{
	assert_ptr_equal(s, &space);
	assert_int_equal(va % BY2PG, 0);
	assert_int_equal(size % BY2PG, 0);
	if (room == 0)
		return -1;
	room--;
	assert_in_range(nmapped, 0, MOSTMAPPED - 1);
	mapped[nmapped++] = (Mapped){va, size, pte};
	return 0;
}

int
punmap(Space *s, uintptr_t va, size_t size)
{
	assert_ptr_equal(s, &space);
	for (size_t i = 0; i < nmapped; i++)
		if (mapped[i].va == va && mapped[i].size == size) {
			mapped[i] = mapped[--nmapped];
			return 0;
		}
	fail_msg("%#zx bytes at %#zx are not mapped", size, (size_t)va);
	return -1;
}

int
uartmap(Space *s, const Bootinfo *boot)
{
	assert_ptr_equal(s, &space);
	assert_ptr_equal(boot, &b);
	return uartfails ? -1 : 0;
}

static const Mapped *
at(uintptr_t va)
{
	for (size_t i = 0; i < nmapped; i++)
		if (va - mapped[i].va < mapped[i].size)
			return &mapped[i];
	fail_msg("%#zx is not mapped", (size_t)va);
	return NULL;
}

static size_t
setlayout(size_t ncpus)
{
	memset(&b, 0, sizeof b);
	b.ncpus = ncpus;
	b.imageva = KZERO;
	return blocklayout(&b, 16 * MiB, 3 * MiB + 1);
}

static int
setup(void **state)
{
	(void)state;
	nmapped = 0;
	room = SIZE_MAX;
	uartfails = worse = false;
	setlayout(3);
	return 0;
}

/* In this order, in whole pages; with as many stacks as CPUs need. */
static void
parts_follow_each_other(void **state)
{
	size_t each = 0;

	(void)state;
	for (enum stack s = 0; s < STACKRT; s++)
		each += stacksize(s);
	for (size_t ncpus = 0; ncpus < 5; ncpus++) {
		size_t size = setlayout(ncpus);
		const Part *parts[] = {
		    &b.image, &b.stacks, &b.cpustacks, &b.tables, &b.handover};
		paddr_t pa = 16 * MiB;

		for (size_t i = 0; i < nelem(parts); i++) {
			assert_int_equal(parts[i]->pa, pa);
			assert_int_equal(parts[i]->size % BY2PG, 0);
			pa += parts[i]->size;
		}
		assert_int_equal(b.block.pa, 16 * MiB);
		assert_int_equal(b.block.size, size);
		assert_int_equal(pa - b.block.pa, size);
		assert_int_equal(b.image.size, 7 * BY2PG);
		assert_int_equal(b.stacks.size, each + stacksize(STACKRT));
		assert_int_equal(
		    b.cpustacks.size, ncpus < 2 ? 0 : (ncpus - 1) * each);
		assert_int_equal(b.handover.size, 3 * MiB + BY2PG);
		assert_int_equal(b.tables.size, (FIRSTTABLES + 2) * BY2PG);
	}
}

/* Each at its address, in memory of its own, written to and not run. */
static void
each_cpu_has_stacks_of_its_own(void **state)
{
	paddr_t pa = b.cpustacks.pa;

	(void)state;
	for (size_t n = 1; n < 3; n++) {
		assert_int_equal(mapcpustacks(&space, &b, n), 0);
		for (enum stack s = 0; s < STACKRT; s++) {
			uintptr_t low = cpustacktop(n, s) - stacksize(s);
			const Mapped *m = at(low);

			assert_int_equal(m->va, low);
			assert_int_equal(m->size, stacksize(s));
			assert_int_equal(m->pte, pa | PTEKDATA);
			pa += m->size;
		}
	}
	assert_int_equal(nmapped, (size_t)2 * STACKRT);
	assert_int_equal(pa, b.cpustacks.pa + b.cpustacks.size);
}

static void
of_stacks_that_cannot_all_be_mapped_none_is(void **state)
{
	(void)state;
	for (size_t n = 0; n < STACKRT; n++) {
		room = n;
		assert_int_equal(mapcpustacks(&space, &b, 1), -1);
		assert_int_equal(nmapped, 0);
	}
	room = STACKRT;
	assert_int_equal(mapcpustacks(&space, &b, 1), 0);
}

/* Headers, text, constants, data; CPU 0's stacks; the hand-over. */
static void
nothing_mapped_is_both_written_to_and_run(void **state)
{
	const pte_t r = PTEVALID | PTEGLOBAL;
	const pte_t want[] = {r | PTENOEXEC, r, r, r, r | PTENOEXEC,
	    r | PTENOEXEC | PTEWRITE, r | PTENOEXEC | PTEWRITE};

	(void)state;
	assert_int_equal(mapblock(&space, &b), 0);
	for (size_t i = 0; i < nelem(want); i++) {
		const Mapped *m = at(KZERO + i * BY2PG);

		assert_int_equal(PTEADDR(m->pte) - b.image.pa, m->va - KZERO);
		assert_int_equal(m->pte - PTEADDR(m->pte), want[i]);
	}
	for (enum stack s = 0; s < NSTACK; s++)
		assert_int_equal(at(stacktop(s) - 1)->size, stacksize(s));
	assert_int_equal(at(stacktop(0) - 1)->pte, b.stacks.pa | PTEKDATA);
	assert_int_equal(at(VMAP)->pte, b.handover.pa | PTEKDATA);
	assert_int_equal(at(VMAP)->size, b.handover.size);
}

static void
a_section_that_is_written_to_and_run_is_refused(void **state)
{
	(void)state;
	worse = true;
	assert_panics(
	    mapblock(&space, &b), "section 2 is writable and executable");
}

static void
tables_that_run_out_are_said_at_every_step(void **state)
{
	size_t all = NSTACK + 1 + 1 + SECTIONS;

	(void)state;
	for (size_t n = 0; n < all; n++) {
		nmapped = 0;
		room = n;
		assert_int_equal(mapblock(&space, &b), -1);
	}
	room = all;
	nmapped = 0;
	assert_int_equal(mapblock(&space, &b), 0);
	room = SIZE_MAX;
	nmapped = 0;
	uartfails = true;
	assert_int_equal(mapblock(&space, &b), -1);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(parts_follow_each_other),
	    TEST(each_cpu_has_stacks_of_its_own),
	    TEST(of_stacks_that_cannot_all_be_mapped_none_is),
	    TEST(nothing_mapped_is_both_written_to_and_run),
	    TEST(a_section_that_is_written_to_and_run_is_refused),
	    TEST(tables_that_run_out_are_said_at_every_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
