/*
 * mmu.c - the page table code, beside an array of pages and under a TLB that
 * forgets only what it is told to.
 *
 * needs: tests/host/metal.c tests/host/fakepage.c tests/model/ptes.c
 */
#include "tablemodel.h"

/* Two whole pages of 1 GiB, and less than one at both ends. */
#define BASE (DMAP + GiB - 4 * MiB)
#define SIZE (2 * GiB + 8 * MiB)
#define BIG (DMAP + GiB)
#define KFLAGS PTEKDATA
#define USERVA 0x400000

static const Kind full = {52, true, true};
static const Kind kinds[] = {
    {52, true, true},
    {46, false, true},
    {36, false, false},
};

static void
machine(Kind kind)
{
	metalcpu(kind);
	fakeinit(16 * MiB, 64 * MiB);
	metalspace();
}

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	hostmachine(0, 128 * MiB, 128 * MiB, 1);
	machine(full);
	ptesinit(&model, BASE, SIZE);
	return 0;
}

/* And no table is lost. */
static void
agreeall(void)
{
	agree();
	assert_int_equal(
	    tlbwalk(kspace.upper, TLBALL, NULL, NULL) + 1, kspace.tables->used);
}

/* The CPU uses the page at va, and what it was told is so. */
static void
use(uintptr_t va)
{
	Xlat x;
	bool mapped = tlblook(kspace.upper, va, &x);
	pte_t want = model.pte[(va - BASE) / BY2PG];

	assert_int_equal(mapped, want != 0);
	if (mapped)
		assert_int_equal(
		    (x.pa + ROUNDDOWN(va - x.va, BY2PG)) | x.flags, want);
}

static void
usearound(uintptr_t va, size_t size)
{
	uintptr_t edge[] = {va - BY2PG, va, va + BY2PG, va + size / 2,
	    va + size - BY2PG, va + size};

	for (size_t i = 0; i < nelem(edge); i++)
		if (edge[i] >= BASE && edge[i] < BASE + SIZE)
			use(edge[i]);
}

typedef struct Sizes Sizes;

/* How many pages there are of each size. */
struct Sizes {
	size_t n[3];
};

static void
countpage(void *arg, const Xlat *x)
{
	Sizes *s = arg;

	s->n[x->size == GiB ? 2 : x->size == 2 * MiB]++;
}

static void
sizes(size_t small, size_t large, size_t huge)
{
	Sizes s = {{0}};

	tlbwalk(kspace.upper, TLBALL, countpage, &s);
	assert_int_equal(s.n[0], small);
	assert_int_equal(s.n[1], large);
	assert_int_equal(s.n[2], huge);
}

/*
 *	4K 4K | 2M ... | 1G | 2M | 4K
 */
static void
the_largest_pages_that_fit_are_used(void **state)
{
	paddr_t pa = 5 * GiB - 2 * MiB - 8 * KiB;
	uintptr_t va = BIG - 2 * MiB - 8 * KiB;
	size_t size = 8 * KiB + 2 * MiB + GiB + 2 * MiB + 4 * KiB;

	(void)state;
	assert_int_equal(pmap(&kspace, va, pa | KFLAGS, size), 0);
	ptesmap(&model, va, pa | KFLAGS, size);
	sizes(3, 2, 1);
	agreeall();
	assert_int_equal(punmap(&kspace, va, size), 0);
	metalcpu(kinds[1]);
	assert_int_equal(pmap(&kspace, va, pa | KFLAGS, size), 0);
	sizes(3, 514, 0);
	agreeall();
}

/* An address that is not as far from 2 MiB as its page's. */
static void
pages_are_small_where_addresses_do_not_match(void **state)
{
	(void)state;
	assert_int_equal(pmap(&kspace, BIG, 4 * KiB | KFLAGS, 4 * MiB), 0);
	sizes(1024, 0, 0);
}

static void
no_entry_has_what_the_cpu_forbids(void **state)
{
	Xlat x;

	(void)state;
	machine(kinds[2]);
	assert_int_equal(pmap(&kspace, BIG, 4 * MiB | KFLAGS, 4 * MiB), 0);
	assert_int_equal(punmap(&kspace, BIG + BY2PG, BY2PG), 0);
	assert_int_equal(putmmu(&kspace, USERVA, BY2PG | PTENOEXEC), 0);
	assert_true(tlblook(kspace.upper, BIG, &x));
	assert_int_equal(x.flags, KFLAGS & ~PTENOEXEC);
	assert_int_equal(mmuallowed(&kspace, KFLAGS), KFLAGS & ~PTENOEXEC);
	assert_int_equal(kspace.limits.maxlevel, 1);
	tlbwalk(kspace.upper, TLBALL, NULL, NULL);
}

/* What a page of 1 GiB says, each of its pages of 2 MiB and 4 KiB says. */
static void
a_split_keeps_every_flag(void **state)
{
	pte_t flags = KFLAGS | PTEWC | PTEACCESSED | PTEDIRTY;

	(void)state;
	assert_int_equal(pmap(&kspace, BIG, 3 * GiB | flags, GiB), 0);
	ptesmap(&model, BIG, 3 * GiB | flags, GiB);
	usearound(BIG, GiB);
	assert_int_equal(punmap(&kspace, BIG + 6 * MiB + BY2PG, BY2PG), 0);
	ptesunmap(&model, BIG + 6 * MiB + BY2PG, BY2PG);
	usearound(BIG + 6 * MiB, 2 * MiB);
	sizes(511, 511, 0);
	agreeall();
	assert_int_equal(kspace.tables->used, 4);
}

static void
only_large_pages_are_split(void **state)
{
	int level = 0;
	pte_t none = 0;

	(void)state;
	assert_true(panics(ptesplit(&kspace, &none, BIG, 1)));
	assert_string_equal(hostpanic(), "panic: ptesplit: 0 of level 1 at "
					 "0xffff800040000000 is no large page");
	pmap(&kspace, BIG, BY2PG | KFLAGS, BY2PG);
	pte_t *pte = mmufind(&kspace, BIG, &level);
	assert_true(panics(ptesplit(&kspace, pte, BIG, level)));
	pte = mmuwalk(&kspace, BIG, 1, LOOKUP);
	assert_true(panics(ptesplit(&kspace, pte, BIG, 1)));
}

static void
walks_say_what_they_find(void **state)
{
	int level = 0;

	(void)state;
	assert_null(mmuwalk(&kspace, BIG, 0, LOOKUP));
	assert_null(mmufind(&kspace, BIG, &level));
	pmap(&kspace, BIG, 2 * MiB | KFLAGS, 2 * MiB);
	assert_null(mmuwalk(&kspace, BIG, 0, LOOKUP));
	assert_null(mmuwalk(&kspace, BIG, 0, CREATE));
	pte_t *pte = mmuwalk(&kspace, BIG + BY2PG, 1, LOOKUP);
	assert_int_equal(*pte, 2 * MiB | KFLAGS | PTELARGE);
	assert_ptr_equal(mmufind(&kspace, BIG + BY2PG, &level), pte);
	assert_int_equal(level, 1);
	fakelimit(0);
	assert_null(mmuwalk(&kspace, BIG + 2 * MiB, 0, CREATE));
}

static void
says(const char *want)
{
	if (strstr(hostpanic(), want) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", hostpanic(), want);
}

static void
bad_ranges_stop_and_say_which(void **state)
{
	int level = 0;

	(void)state;
	assert_true(panics(mmuwalk(&kspace, UTOP, 0, LOOKUP)));
	says("va 0x800000000000 is not canonical");
	assert_true(panics(mmuwalk(&kspace, DMAP - 1, 0, CREATE)));
	says("va 0xffff7fffffffffff is not canonical");
	assert_true(panics(mmufind(&kspace, UTOP, &level)));
	assert_true(panics(pmap(&kspace, UTOP, 0 | KFLAGS, BY2PG)));
	says("va 0x800000000000 is not canonical");
	assert_true(panics(pmap(&kspace, UTOP - BY2PG, 0 | KFLAGS, 2 * BY2PG)));
	says("va 0x800000000fff is not canonical");
	assert_true(panics(
	    pmap(&kspace, UTOP - BY2PG, 0 | KFLAGS, DMAP - UTOP + 8192)));
	says("past the end of a half");
	assert_true(panics(pmap(&kspace, -BY2PG, 0 | KFLAGS, 2 * BY2PG)));
	says("0x2000 bytes at 0xfffffffffffff000: past the end of a half");
	assert_true(panics(punmap(&kspace, BIG + 1, BY2PG)));
	says("not whole pages");
	assert_true(panics(pmap(&kspace, BIG, 0 | KFLAGS, 0)));
	says("0 bytes at 0xffff800040000000: not whole pages");
	assert_int_equal(pmap(&kspace, -BY2PG, 0 | KFLAGS, BY2PG), 0);
	assert_int_equal(punmap(&kspace, -BY2PG, BY2PG), 0);
	agreeall();
}

static void
addresses_beyond_the_cpu_stop(void **state)
{
	paddr_t last = (64ull << 30) - BY2PG;

	(void)state;
	machine(kinds[2]);
	assert_int_equal(pmap(&kspace, BIG, last | KFLAGS, BY2PG), 0);
	assert_true(panics(pmap(&kspace, BIG + GiB, last | KFLAGS, 2 * BY2PG)));
	says("0x2000 bytes at pa 0xffffff000: beyond the CPU's addresses");
	assert_true(
	    panics(pmap(&kspace, BIG + GiB, (64ull << 30) | KFLAGS, BY2PG)));
	assert_true(panics(putmmu(&kspace, USERVA, 64ull << 30)));
	says("pa 0x1000000000: beyond the CPU's addresses");
}

static void
what_is_mapped_is_not_mapped_again(void **state)
{
	(void)state;
	pmap(&kspace, BIG + 2 * MiB, 4 * MiB | KFLAGS, 2 * MiB);
	assert_true(
	    panics(pmap(&kspace, BIG + 2 * MiB, BY2PG | KFLAGS, BY2PG)));
	says("0xffff800040200000 is mapped already, level 1: "
	     "0x8000000000400183");
	assert_true(panics(pmap(&kspace, BIG, 4 * GiB | KFLAGS, 4 * MiB)));
	pmap(&kspace, BIG + 8 * MiB + BY2PG, BY2PG | KFLAGS, BY2PG);
	assert_true(
	    panics(pmap(&kspace, BIG + 8 * MiB, 8 * MiB | KFLAGS, 2 * MiB)));
	says("0xffff800040801000 is mapped already, level 0");
	assert_true(panics(pmap(&kspace, BIG, 5 * GiB | KFLAGS, GiB)));
	says("is mapped already");
}

/* Whoever goes on after the report can map and unmap as before. */
static void
misuse_is_said_with_no_lock_held(void **state)
{
	static Lock l;

	(void)state;
	kspace.lock = &l;
	assert_int_equal(pmap(&kspace, BIG, BY2PG | KFLAGS, 2 * BY2PG), 0);
	assert_panics(
	    pmap(&kspace, BIG - BY2PG, KFLAGS, 3 * BY2PG), "is mapped already");
	assert_panics(pmap(&kspace, BIG, KFLAGS, 0), "not whole pages");
	assert_panics(punmap(&kspace, BIG, 0), "not whole pages");
	assert_int_equal(punmap(&kspace, BIG, 2 * BY2PG), 0);
	assert_int_equal(hostheld(), 0);
	kspace.shared = true;
	kspace.upper = kspace.top;
	assert_panics(pmap(&kspace, BIG + PGLSZ(3), KFLAGS | GiB, BY2PG),
	    "0xffff808040000000 needs a table that other spaces would not");
	kspace.lock = NULL;
}

/* One small page is in the way of a large one, and nothing is mapped then. */
static void
a_page_in_the_way_is_said_first(void **state)
{
	(void)state;
	pmap(&kspace, BIG + 8 * MiB, BY2PG | KFLAGS, BY2PG);
	ptesmap(&model, BIG + 8 * MiB, BY2PG | KFLAGS, BY2PG);
	assert_true(panics(pmap(&kspace, BIG, GiB | KFLAGS, GiB)));
	says("0xffff800040800000 is mapped already, level 0");
	agreeall();
}

/* Where others are in the space: they may walk through what is left. */
static void
tables_stay_where_a_space_has_a_lock(void **state)
{
	static Lock l;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		pmap(&kspace, BIG + i * 6 * MiB, BY2PG | KFLAGS, BY2PG);
	punmap(&kspace, BIG, GiB);
	kspace.lock = &l;
	assert_int_equal(pmap(&kspace, BIG, GiB | KFLAGS, GiB), 0);
	kspace.lock = NULL;
	assert_int_equal(kspace.tables->used, 6);
	for (size_t at = 0; at < GiB; at += at < 16 * MiB ? BY2PG : 2 * MiB)
		checkmmu(&kspace, BIG + at, GiB + at);
}

/*
 * A table whose pages are all gone makes way for a page of its size, with the
 * tables below it.
 */
static void
empty_tables_make_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(
		    pmap(&kspace, BIG + i * 6 * MiB, BY2PG | KFLAGS, BY2PG), 0);
	Xlat x;
	assert_true(tlblook(kspace.upper, BIG, &x));
	assert_int_equal(kspace.tables->used, 6);
	punmap(&kspace, BIG, GiB);
	assert_int_equal(kspace.tables->used, 6);
	assert_int_equal(pmap(&kspace, BIG, GiB | KFLAGS, GiB), 0);
	ptesmap(&model, BIG, GiB | KFLAGS, GiB);
	assert_int_equal(kspace.tables->used, 2);
	usearound(BIG, GiB);
	agreeall();
}

/* With n pages for tables and n too few, for every n. */
static void
every_missing_table_leaves_all_as_it_was(void **state)
{
	uintptr_t va = BIG - BY2PG;
	size_t size = GiB + 2 * MiB + 2 * BY2PG;
	paddr_t pa = 7 * GiB - BY2PG;
	size_t n = 0;

	(void)state;
	for (;; n++) {
		fakelimit(n);
		if (pmap(&kspace, va, pa | KFLAGS, size) == 0)
			break;
		assert_int_equal(fakerefused(), 1);
		agreeall();
		machine(full);
	}
	assert_int_equal(n, 5); /* PDPT; PD, PT before and after 1 GiB */
	ptesmap(&model, va, pa | KFLAGS, size);
	usearound(va, size);
	for (n = 0;; n++) {
		fakelimit(n % 2); /* what was split stays split */
		if (punmap(&kspace, BIG + BY2PG, GiB - 2 * BY2PG) == 0)
			break;
		assert_int_equal(fakerefused(), 1);
		agreeall();
		usearound(va, size);
	}
	assert_int_equal(n, 5); /* PD, PT at both ends: 3, every second try */
	ptesunmap(&model, BIG + BY2PG, GiB - 2 * BY2PG);
	agreeall();
}

/* A number that is a multiple of a page of some size, often a larger one's. */
static size_t
someoffset(size_t below)
{
	static const size_t grain[] = {BY2PG, BY2PG, 2 * MiB, 2 * MiB, GiB};
	size_t g = grain[(size_t)rand() % nelem(grain)];
	size_t at = (size_t)rand() * BY2PG % below;

	if (rand() % 4 == 0)
		return ROUNDDOWN(at, g) + BY2PG * (size_t)(rand() % 3);
	return ROUNDDOWN(at, g);
}

/* Map, or unmap, a random range under a random shortage; check everything. */
static void
randomstep(pte_t flags)
{
	uintptr_t va = BASE + someoffset(SIZE) % SIZE;
	size_t size = someoffset(SIZE) + BY2PG;
	paddr_t pa = 4 * GiB + (va - DMAP);
	bool scarce = rand() % 3 == 0;
	int r = 0;

	if (rand() % 2)
		size -= BY2PG;
	if (rand() % 2 || size == 0)
		size = size % (8 * MiB) + BY2PG;
	if (rand() % 4 == 0) {
		pa += BY2PG;
		size = size % (4 * MiB) + BY2PG;
	}
	size = MIN(size, BASE + SIZE - va);
	usearound(va, size);
	fakelimit(scarce ? (size_t)rand() % 4 : SIZE_MAX);
	if (!ptesany(&model, va, size)) {
		r = pmap(&kspace, va, pa | KFLAGS, size);
		if (r == 0)
			ptesmap(&model, va, pa | flags, size);
	} else {
		r = punmap(&kspace, va, size);
		if (r == 0)
			ptesunmap(&model, va, size);
	}
	assert_int_equal(r != 0, fakerefused() != 0);
	agreeall();
	usearound(va, size);
}

static void
random_ranges_are_as_the_model_says(void **state)
{
	(void)state;
	for (size_t k = 0; k < nelem(kinds); k++) {
		machine(kinds[k]);
		ptesfree(&model);
		ptesinit(&model, BASE, SIZE);
		srand((unsigned)k + 1);
		for (int i = 0; i < 400; i++)
			randomstep(kinds[k].nx ? KFLAGS : KFLAGS & ~PTENOEXEC);
		fakelimit(SIZE_MAX);
		punmap(&kspace, BASE, SIZE);
		ptesunmap(&model, BASE, SIZE);
		agreeall();
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(the_largest_pages_that_fit_are_used),
	    T(pages_are_small_where_addresses_do_not_match),
	    T(no_entry_has_what_the_cpu_forbids),
	    T(a_split_keeps_every_flag),
	    T(only_large_pages_are_split),
	    T(walks_say_what_they_find),
	    T(bad_ranges_stop_and_say_which),
	    T(addresses_beyond_the_cpu_stop),
	    T(what_is_mapped_is_not_mapped_again),
	    T(misuse_is_said_with_no_lock_held),
	    T(a_page_in_the_way_is_said_first),
	    T(tables_stay_where_a_space_has_a_lock),
	    T(empty_tables_make_way),
	    T(every_missing_table_leaves_all_as_it_was),
	    T(random_ranges_are_as_the_model_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
