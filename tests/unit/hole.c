/*
 * The holes themselves: what their walk finds when they are damaged, and the
 * corners that xalloc and the pools come to rarely.
 *
 * needs: tests/host/heap.c
 * builds: san check
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rename.h"
#include "../../mm/heap/hole.h"
#include "../../mm/heap/poolparts.h"
#include "../../mm/heap/xlists.h"
#include "expect.h"
#include "heap.h"
#include "hooks.h"
#include "host.h"
#include "pool.h"
#include "stage.h"
#include "xalloc.h"

enum { SIZE = 64 << 10 };

static uint8_t memory[2 * SIZE] __attribute__((aligned(4096)));
static Holes holes;

/* One region of SIZE bytes, open; three blocks, the middle one freed. */
static Block *
three(Block **low, Block **high)
{
	Want w = {1000, 0, GRAIN, 0, 0};

	holes = (Holes){0};
	holeregion(&holes, memory, SIZE, SIZE);
	*low = holealloc(&holes, &w);
	Block *b = holealloc(&holes, &w);
	*high = holealloc(&holes, &w);
	holefree(&holes, b);
	holecheck(&holes);
	return b;
}

/* The word is that one, as it is kept in memory. */
static void
setword(uint64_t *word, uint64_t as)
{
	*word = as ^ keyof((uintptr_t)word);
}

static void
the_walk_finds_any_damage(void **state)
{
	Block *low;
	Block *high;

	(void)state;
	three(&low, &high)->bits |= PREVFREE;
	expectpanic(holecheck(&holes), "does not know the one below");
	three(&low, &high);
	high->bits &= ~PREVFREE;
	expectpanic(holecheck(&holes), "does not know the one below");
	three(&low, &high);
	high->bits |= FIRST;
	expectpanic(holecheck(&holes), "does not know its place");
	three(&low, &high);
	holes.regions->fence->bits += GRAIN;
	expectpanic(holecheck(&holes), "fence");
	three(&low, &high);
	low->bits &= GRAIN - 1;
	expectpanic(holecheck(&holes), "has size 0");
	three(&low, &high);
	high->bits += SIZE;
	expectpanic(holecheck(&holes), "has size");
	Block *b = three(&low, &high);
	((size_t *)high)[-1] += GRAIN;
	expectpanic(holecheck(&holes), "the end of the free one below");
	b = three(&low, &high);
	low->bits &= ~BUSY;
	b->bits |= PREVFREE;
	((size_t *)b)[-1] = blocksize(low) ^ keyof((uintptr_t)b);
	expectpanic(holecheck(&holes), "was not joined");
	three(&low, &high);
	holes.nfree++;
	expectpanic(holecheck(&holes), "counted");
	three(&low, &high);
	holes.free += GRAIN;
	expectpanic(holecheck(&holes), "counted");
	three(&low, &high);
	holes.closed += GRAIN;
	expectpanic(holecheck(&holes), "counted");
}

/* A walk of the list would find that one block's next is another one. */
static void
what_was_in_vain_is_not_looked_for_again(void **state)
{
	Want w = {1000, 0, GRAIN, 0, 0};
	Want more = {1010, 0, GRAIN, 0, 0};
	Block *b[40];

	(void)state;
	holes = (Holes){0};
	holeregion(&holes, memory, SIZE, SIZE);
	for (size_t i = 0; i < nelem(b); i++)
		b[i] = holealloc(&holes, &w);
	while (holealloc(&holes, &w) != NULL)
		continue;
	for (size_t i = 0; i < 30; i += 2)
		holefree(&holes, b[i]);
	assert_null(holealloc(&holes, &more));
	uint64_t next = b[4]->next;
	setword(&b[4]->next, (uintptr_t)b[0]);
	assert_null(holealloc(&holes, &more));
	more.size += 100;
	assert_null(holealloc(&holes, &more));
	more.align = 64;
	assert_null(holealloc(&holes, &more));
	more = (Want){1010, 0, GRAIN, 0, 0};
	b[4]->next = next;
	assert_int_equal(holeresize(&holes, b[39], 500), 0);
	setword(&b[4]->next, (uintptr_t)b[0]);
	expectpanic(holealloc(&holes, &more), "something wrote to its links");
	b[4]->next = next;
	holefree(&holes, b[39]);
	assert_null(holealloc(&holes, &more));
	holefree(&holes, b[31]);
	holefree(&holes, b[32]);
	assert_non_null(holealloc(&holes, &more));
	holecheck(&holes);
}

static size_t
anyof(const size_t *sizes, size_t n)
{
	return sizes[(size_t)rand() % n];
}

static Want
anywant(void)
{
	static const size_t aligns[] = {16, 16, 32, 64, 256, 1024};
	static const size_t spans[] = {0, 0, 0, 2048, 4096};

	return (Want){(size_t)rand() % 1500, (size_t)rand() % 2 * 8,
	    anyof(aligns, nelem(aligns)), rand() % 8 * GRAIN,
	    anyof(spans, nelem(spans))};
}

/* Where there is no place for something there is none for what asks for more.
 */
static void
more_has_no_place_where_less_has_none(void **state)
{
	size_t n = 0;

	(void)state;
	srand(1);
	for (size_t i = 0; i < 200; i++) {
		holes = (Holes){0};
		holeregion(&holes, memory, SIZE, SIZE);
		Block *b[1000];
		size_t nb = 0;
		Want w = {0, 0, GRAIN, 0, 0};
		do
			w.size = (size_t)rand() % 600;
		while (
		    (b[nb] = holealloc(&holes, &w)) != NULL && ++nb < nelem(b));
		for (size_t k = 0; k < nb; k += 2)
			if (rand() % 3 != 0)
				holefree(&holes, b[k]);
		for (size_t k = 0; k < 300; k++) {
			Want less = anywant();
			Want more = anywant();
			Block *p = holetryall(&holes, &less);
			if (p != NULL) {
				holefree(&holes, p);
				continue;
			}
			if (!wantasksmore(&more, &less))
				continue;
			holes.nfreed++;
			assert_null(holetryall(&holes, &more));
			n++;
		}
	}
	assert_true(n > 1000);
}

/* What may not cross a line can lack a place in a hole that is large enough. */
static void
less_with_a_span_may_ask_for_more(void **state)
{
	Want less = {200, 0, GRAIN, 0, 256};
	Want more = {216, 0, GRAIN, 0, 0};
	uintptr_t low = 256 * 100 - 100 - BLOCKHDR;
	uintptr_t high = low + BLOCKHDR + 216;

	(void)state;
	low = ROUNDUP(low, (uintptr_t)GRAIN);
	high = ROUNDUP(high, (uintptr_t)GRAIN);
	assert_int_equal(wantplace(&less, low, high), 0);
	assert_int_equal(wantplace(&more, low, high), low + BLOCKHDR);
	assert_false(wantasksmore(&more, &less));
	less.span = 0;
	assert_true(wantasksmore(&more, &less));
}

/* Wherever a block of the size lies that is said to be enough, there is one. */
static void
what_is_surely_enough_is(void **state)
{
	size_t n = 0;

	(void)state;
	srand(2);
	for (size_t i = 0; i < 300000; i++) {
		Want w = anywant();
		uintptr_t low = (uintptr_t)(1 + rand() % 1000) * GRAIN;
		if (!wantsane(&w))
			continue;
		uintptr_t at = wantplace(&w, low, low + wantsurely(&w));
		assert_true(at >= low + BLOCKHDR);
		assert_int_equal((at + (uintptr_t)w.offset) % w.align, 0);
		assert_false(wantcrosses(&w, at));
		n++;
	}
	assert_true(n > 100000);
}

/* A last word that leads up, and one that leads to a block in use. */
static void
what_is_below_must_be_free_and_below(void **state)
{
	Block *low;
	Block *high;

	(void)state;
	three(&low, &high);
	const size_t up = 0 - blocksize(high);
	((size_t *)high)[-1] = up ^ keyof((uintptr_t)high);
	blockabove(high)->bits = up;
	expectpanic(holecheck(&holes), "the end of the free one below");
	three(&low, &high)->bits |= BUSY;
	expectpanic(holefree(&holes, high), "the end of the free one below");
}

static void
the_walk_of_the_lists_finds_any_damage(void **state)
{
	Block *low;
	Block *high;
	Block *b = three(&low, &high);

	(void)state;
	setword(&b->prev, (uintptr_t)high);
	expectpanic(holecheck(&holes), "does not belong");
	three(&low, &high);
	holes.some ^= 1ull << 20;
	expectpanic(holecheck(&holes), "bit and lists disagree");
	three(&low, &high);
	holes.some = 0;
	expectpanic(holecheck(&holes), "bit and lists disagree");
	three(&low, &high);
	holes.sub[0] ^= 1u << 5;
	holes.some |= 1;
	expectpanic(holecheck(&holes), "bit and list disagree");
	b = three(&low, &high);
	holes.list[0][3] = b;
	holes.sub[0] |= 1u << 3;
	holes.some |= 1;
	expectpanic(holecheck(&holes), "does not belong");
	b = three(&low, &high);
	for (unsigned j = 0; j < NSUB; j++) /* the list beside its own */
		if (holes.list[2][j] == b) {
			holes.list[2][j] = NULL;
			holes.list[2][j + 1] = b;
			holes.sub[2] ^= 3u << j;
			break;
		}
	expectpanic(holecheck(&holes), "does not belong");
	b = three(&low, &high);
	setword(&b->next, (uintptr_t)low);
	setword(&low->prev, (uintptr_t)b);
	expectpanic(holecheck(&holes), "does not belong");
	b = three(&low, &high);
	/* On its own list, but two others too, in the place of nobody. */
	for (unsigned j = 0; j < NSUB; j++)
		if (holes.list[2][j] == b) {
			holes.list[2][j] = NULL;
			holes.sub[2] &= ~(1u << j);
		}
	for (unsigned i = 0; i < NLIST; i++)
		if (holes.sub[i] == 0)
			holes.some &= ~(1ull << i);
	expectpanic(holecheck(&holes), "on lists");
}

static void
only_an_empty_region_can_be_removed(void **state)
{
	Block *low;
	Block *high;

	(void)state;
	three(&low, &high);
	Region *r = holes.regions;
	expectpanic(holeremove(&holes, r), "not all of it is free");
	holefree(&holes, low);
	expectpanic(holeremove(&holes, r), "not all of it is free");
	assert_ptr_equal(holefree(&holes, high), r);
	holeremove(&holes, r);
	assert_null(holes.regions);
	assert_int_equal(holes.free + holes.nfree + holes.closed, 0);
	holecheck(&holes);
	Want all = {SIZE - MINREGION - BLOCKHDR, 0, GRAIN, 0, 0};
	holeregion(&holes, memory, SIZE, SIZE);
	assert_non_null(holealloc(&holes, &all));
	expectpanic(holeremove(&holes, holes.regions), "not all of it is");
}

static void
a_block_is_resized_in_place_if_it_can(void **state)
{
	Block *low;
	Block *high;

	(void)state;
	three(&low, &high);
	assert_int_equal(holeresize(&holes, low, 2000), 0);
	holecheck(&holes);
	assert_int_equal(holeresize(&holes, low, 2100), -1);
	assert_int_equal(holeresize(&holes, low, 1000), 0);
	holecheck(&holes);
	assert_int_equal(holeresize(&holes, low, 2024), 0);
	assert_int_equal(holeresize(&holes, low, 2024), 0);
	assert_int_equal(holeresize(&holes, low, 2024 + GRAIN), -1);
	assert_int_equal(holeresize(&holes, low, 3000), -1);
	assert_int_equal(holeresize(&holes, low, 500), 0);
	holecheck(&holes);
	assert_int_equal(holeresize(&holes, low, 1), 0);
	assert_int_equal(blocksize(low), MINBLOCK);
	holecheck(&holes);
	assert_int_equal(holeresize(&holes, high, 3000), 0);
	assert_int_equal(holeresize(&holes, high, 3000 - GRAIN), 0);
	holecheck(&holes);
}

static void
a_hole_is_cut_where_the_want_fits(void **state)
{
	(void)state;
	holes = (Holes){0};
	holeregion(&holes, memory, SIZE, SIZE);
	/* Nothing, or room for a free block, is left below. */
	for (size_t size = 1; size < 5000; size = size * 3 / 2 + 1)
		for (size_t align = GRAIN; align <= 4096; align *= 2)
			for (ptrdiff_t off = -64; off <= 64; off += GRAIN) {
				Want w = {size, 8, align, off, 0};
				Block *b = holealloc(&holes, &w);
				uintptr_t at = (uintptr_t)blockmem(b);
				assert_int_equal(
				    (at + (uintptr_t)off) % align, 0);
				assert_true(blockroom(b) >= size + 8);
				holecheck(&holes);
				holefree(&holes, b);
			}
	/* An offset that leaves no place between two multiples of the span. */
	Want never = {200, 0, 256, 128, 256};
	assert_null(holealloc(&holes, &never));
	holecheck(&holes);
	assert_int_equal(holecount(&holes), 1);
}

/*
 * Blocks of the size's own list that are too small, more than are looked at:
 * one of the next larger list is found at once.
 */
static void
the_quick_look_goes_on_to_larger_lists(void **state)
{
	enum { N = 20 };
	Block *b[N];
	Want wall = {16, 0, GRAIN, 0, 0};
	Want small = {1000, 0, GRAIN, 0, 0};
	Want large = {1020, 0, GRAIN, 0, 0}; /* of the same list */
	Want larger = {1080, 0, GRAIN, 0, 0};

	(void)state;
	holes = (Holes){0};
	holeregion(&holes, memory, SIZE, SIZE);
	for (int i = 0; i < N; i++) {
		b[i] = holealloc(&holes, i == 0 ? &larger : &small);
		holealloc(&holes, &wall);
	}
	while (holealloc(&holes, &wall) != NULL)
		continue;
	for (int i = 0; i < N; i++)
		holefree(&holes, b[i]);
	assert_ptr_equal(holetry(&holes, &large), b[0]);
	assert_null(holetry(&holes, &large));
	holecheck(&holes);
}

/*
 *	[ bad pages end r )[ above	joined, but the bad stay out
 */
static void
bad_memory_at_a_seam_stays_out(void **state)
{
	(void)state;
	holes = (Holes){0};
	Region *r = holeregion(&holes, memory, 4096, SIZE);
	Region *above = holeregion(&holes, memory + SIZE, SIZE, SIZE);
	assert_ptr_equal(holebelow(&holes, above), r);
	assert_ptr_equal(holebelow(&holes, r), NULL);
	holeopen(&holes, r, SIZE - 4096, BAD);
	holecheck(&holes);
	holejoin(&holes, r, above);
	holecheck(&holes);
	assert_int_equal(holecount(&holes), 2);
	Want w = {SIZE / 2, 0, GRAIN, 0, 0};
	Block *b = holealloc(&holes, &w);
	assert_true((uint8_t *)b > memory + SIZE);
	holefree(&holes, b);
	hostquiet();
	holearound(&holes, memory + 8192);
	expectsaid("busy");
	holearound(&holes, memory + 2 * SIZE - 1);
	expectsaid("0 busy");
}

/* A region of which nothing is open is one hole all the same. */
static enum opened
openall(Region *r, uintptr_t at, uintptr_t to)
{
	(void)at;
	(void)to;
	holeopen(&holes, r, r->end - r->edge, GOOD);
	return OPENED;
}

static void
a_closed_region_is_a_hole(void **state)
{
	Want w = {100, 0, GRAIN, 0, 0};

	(void)state;
	holes = (Holes){.more = openall};
	Region *r = holeregion(&holes, memory, MINREGION, SIZE);
	assert_int_equal(holecount(&holes), 1);
	assert_int_equal(holetail(&holes, r), (uintptr_t)r->fence);
	assert_non_null(holealloc(&holes, &w));
	holecheck(&holes);
	assert_int_equal(holecount(&holes), 1);
}

/* A fresh machine with one small block of mainmem; its slab. */
static Slab *
oneslab(void **p)
{
	heapmachine(1, 16 * MiB, 0);
	*p = malloc(100);
	return blockmem((Block *)ROUNDDOWN((uintptr_t)*p, SLABSMALL));
}

static void
a_damaged_pool_is_found(void **state)
{
	void *p = NULL;

	(void)state;
	oneslab(&p);
	poolcheck(mainmem);
	oneslab(&p)->nfree++;
	expectpanic(poolcheck(mainmem), "free slots, counted");
	oneslab(&p)->pool = imagmem;
	expectpanic(poolcheck(mainmem), "its header was written to");
	oneslab(&p)->class = 0;
	expectpanic(poolcheck(mainmem), "its header was written to");
	oneslab(&p)->class = NCLASS;
	expectpanic(poolcheck(mainmem), "its header was written to");
	Slab *s = oneslab(&p);
	mainmem->partial[s->class] = s;
	expectpanic(poolcheck(mainmem), "is on list");
	s = oneslab(&p);
	poolcompact(mainmem);
	assert_ptr_equal(mainmem->partial[s->class], s);
	mainmem->partial[s->class] = NULL;
	expectpanic(poolcheck(mainmem), "are on the lists");
	oneslab(&p);
	mainmem->size++;
	expectpanic(poolcheck(mainmem), "bytes of arenas, counted");
	oneslab(&p);
	p = malloc(10000);
	*tagof(p) = tagmix(p, tagkind(KMAIN, 99));
	expectpanic(poolcheck(mainmem), "tag");
	expectpanic((void)msize(p), "is a block of Main");
	expectpanic(free(p), "is a block of Main");
	oneslab(&p);
	p = mallocalign(10, 64, 0, 0);
	*tagof(p) = tagmix(p, tagkind(KMAIN, CLARGE) | 99ull << SLACKSHIFT);
	expectpanic(poolcheck(mainmem), "tag");
}

/* A slab is on its class's list, of its pool, and linked back. */
static void
a_slab_on_a_wrong_list_is_found(void **state)
{
	(void)state;
	for (int how = 0; how < 3; how++) {
		void *p = NULL;
		Slab *s = oneslab(&p);
		Slab **list = &mainmem->partial[s->class];

		poolcompact(mainmem);
		assert_ptr_equal(*list, s);
		if (how == 0) {
			s->prev = s;
		} else if (how == 1) {
			list[0] = NULL;
			list[1] = s;
		} else {
			assert_non_null(poolalloc(imagmem, 100));
			poolcompact(imagmem);
			*list = imagmem->partial[s->class];
			assert_non_null(*list);
		}
		expectpanic(poolcheck(mainmem), "is on list");
	}
}

/* A slot that is free in its slab's map must say so below, too. */
static void
a_free_slot_that_has_an_owner_is_found(void **state)
{
	void *p = NULL;

	(void)state;
	oneslab(&p);
	assert_non_null(malloc(100)); /* keeps the slab */
	uint64_t live = *tagof(p);
	free(p);
	poolcompact(mainmem);
	*tagof(p) = live;
	expectpanic(poolcheck(mainmem), "waits to be used");
}

/* A block that comes back is proved to be a slot that was out. */
static void
a_slot_that_was_not_out_is_found(void **state)
{
	void *p = NULL;
	Slab *s = oneslab(&p);
	unsigned class = s->class;
	void *inner = (uint8_t *)p + 16;
	void *twice[] = {p, p};
	void *past = (uint8_t *)memblock(s) + s->base + TAGSIZE +
		     (size_t)s->nslot * slotsizes[class];

	(void)state;
	expectpanic(slabput(mainmem, class, &inner, 1), "no block that was");
	expectpanic(slabput(mainmem, class, twice, 2), "no block that was");
	expectpanic(slabput(mainmem, class, &past, 1), "no block that was");
	expectpanic(slabput(imagmem, class, &p, 1), "no slab of class");
	expectpanic(slabput(mainmem, class + 1, &p, 1), "no slab of class");
	s->nslot = 0;
	expectpanic(
	    slabput(mainmem, class, &p, 1), "its header was written to");
}

/* xalloc trusts no slack that cannot be. */
static void
a_tag_that_cannot_be_is_found(void **state)
{
	(void)state;
	heapmachine(1, 1 * MiB, 0);
	uint8_t *p = xalloc(100);
	*tagof(p) = tagmix(p, tagkind(KXALLOC, 0) | 2000ull << SLACKSHIFT);
	expectpanic(xfree(p), "is a block of xalloc");
	heapmachine(1, 1 * MiB, 0);
	p = xalloc(100);
	memblock(p)->bits &= ~BUSY;
	expectpanic(xfree(p), "is a block of xalloc");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_walk_finds_any_damage),
	    cmocka_unit_test(what_is_below_must_be_free_and_below),
	    cmocka_unit_test(what_was_in_vain_is_not_looked_for_again),
	    cmocka_unit_test(more_has_no_place_where_less_has_none),
	    cmocka_unit_test(less_with_a_span_may_ask_for_more),
	    cmocka_unit_test(what_is_surely_enough_is),
	    cmocka_unit_test(the_walk_of_the_lists_finds_any_damage),
	    cmocka_unit_test(only_an_empty_region_can_be_removed),
	    cmocka_unit_test(a_block_is_resized_in_place_if_it_can),
	    cmocka_unit_test(a_hole_is_cut_where_the_want_fits),
	    cmocka_unit_test(the_quick_look_goes_on_to_larger_lists),
	    cmocka_unit_test(bad_memory_at_a_seam_stays_out),
	    cmocka_unit_test(a_closed_region_is_a_hole),
	    cmocka_unit_test(a_damaged_pool_is_found),
	    cmocka_unit_test(a_slab_on_a_wrong_list_is_found),
	    cmocka_unit_test(a_free_slot_that_has_an_owner_is_found),
	    cmocka_unit_test(a_slot_that_was_not_out_is_found),
	    cmocka_unit_test(a_tag_that_cannot_be_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
