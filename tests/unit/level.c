/*
 * What a visit of the slabs does besides: the CPU's other magazines are
 * levelled while the lock is held, and of each class a whole slab is kept for
 * the next.
 *
 * needs: tests/host/heap.c
 * builds: san check
 */
#include "unit.h"

#include "rename.h"

#include "../../mm/heap/poolparts.h"
#include "heap.h"
#include "pool.h"

/* LEADER's visits are those of which OTHER takes advantage. */
enum { OTHER = 100, LEADER = 300, BANK = 64 << 20, MOST = 5000, NSIZE = 8 };

/* Blocks of a size that are held. */
typedef struct Blocks Blocks;
struct Blocks {
	size_t size;
	size_t n;
	void *p[MOST];
};

static Magazine *
magazinefor(size_t size)
{
	return magazine(KMAIN, classof(size));
}

static uint32_t
waiting(size_t size)
{
	return magazinen(magazinefor(size));
}

static void
take(Blocks *h)
{
	assert_true(h->n < MOST);
	assert_non_null(h->p[h->n++] = malloc(h->size));
}

static void
give(Blocks *h)
{
	assert_true(h->n > 0);
	free(h->p[--h->n]);
}

/* So many wait at this CPU, by calls that need no lock. */
static void
towait(Blocks *h, uint32_t n)
{
	size_t before = hostlocked();

	while (waiting(h->size) > n)
		take(h);
	while (waiting(h->size) < n)
		give(h);
	assert_int_equal(hostlocked(), before);
}

/*
 * As many are held as ever will be; then every other one is freed, so that
 * their slabs remain.
 */
static void
prepare(Blocks *h, size_t size)
{
	h->size = size;
	h->n = 0;
	while (h->n < MOST)
		take(h);
	h->n = 0;
	for (size_t i = 0; i < MOST; i += 2) {
		free(h->p[i]);
		h->p[h->n++] = h->p[i + 1];
	}
}

/* One visit, by a block that is not there. */
static void
visit(Blocks *leader)
{
	towait(leader, 0);
	size_t before = hostlocked();
	take(leader);
	assert_true(hostlocked() > before);
}

static Blocks other, leader, many[NSIZE];

static uint32_t
start(void)
{
	heapmachine(1, BANK, 0);
	prepare(&other, OTHER);
	prepare(&leader, LEADER);
	return magazinefor(OTHER)->max;
}

static void
end(void)
{
	poolcheck(mainmem);
	while (other.n > 0)
		give(&other);
	while (leader.n > 0)
		give(&leader);
	poolcheck(mainmem);
	poolcompact(mainmem);
	assert_int_equal(poolused(mainmem), 0);
	assert_int_equal(poolsize(mainmem), 0);
}

static void
what_runs_out_is_filled_with_another(void **state)
{
	(void)state;
	uint32_t max = start();
	towait(&other, max / 8);
	visit(&leader);
	assert_int_equal(waiting(OTHER), max - max / 4);
	end();
}

static void
what_fills_up_is_drained_with_another(void **state)
{
	(void)state;
	uint32_t max = start();
	towait(&other, max / 8);
	visit(&leader);
	towait(&other, max);
	towait(&leader, magazinefor(LEADER)->max);
	give(&leader);
	assert_int_equal(waiting(OTHER), max / 4);
	end();
}

/* Neither what did not change nor what has enough, and room enough. */
static void
what_needs_nothing_is_left_alone(void **state)
{
	(void)state;
	uint32_t max = start();
	const uint32_t full = max - max / 4;
	towait(&other, max / 8);
	visit(&leader);
	visit(&leader);
	assert_int_equal(waiting(OTHER), full);
	towait(&other, max / 2);
	visit(&leader);
	assert_int_equal(waiting(OTHER), max / 2);
	towait(&other, 0);
	visit(&leader);
	towait(&other, max);
	towait(&leader, magazinefor(LEADER)->max);
	give(&leader);
	assert_int_equal(waiting(OTHER), max / 4);
	towait(&other, max / 2);
	visit(&leader);
	assert_int_equal(waiting(OTHER), max / 2);
	end();
}

/* A size that is used no more takes nothing from the others. */
static void
what_is_not_used_gets_no_more(void **state)
{
	Visit v = {0};

	(void)state;
	heapmachine(1, BANK, 0);
	other = (Blocks){.size = OTHER};
	take(&other);
	uint32_t n = waiting(OTHER);
	prepare(&leader, LEADER);
	assert_in_range(n, 1, magazinefor(OTHER)->max / 2 - 1);
	poolenter(mainmem, &v);
	assert_int_equal(slabadd(mainmem, classof(OTHER)), 0);
	poolleave(mainmem);
	visit(&leader);
	assert_int_equal(waiting(OTHER), n);
	take(&other);
	visit(&leader);
	assert_true(waiting(OTHER) > n);
	towait(&other, n);
	visit(&leader); /* no slab has any more */
	assert_int_equal(waiting(OTHER), n);
	poolenter(mainmem, &v);
	assert_int_equal(slabadd(mainmem, classof(OTHER)), 0);
	poolleave(mainmem);
	visit(&leader);
	assert_int_equal(waiting(OTHER), n);
	take(&other); /* and now it uses that slab, too */
	visit(&leader);
	end();
}

/* However many sizes there are, the lock is held for some of them only. */
static void
a_visit_moves_no_more_than_so_many(void **state)
{
	size_t low = 0;

	(void)state;
	start();
	for (size_t i = 0; i < NSIZE; i++)
		prepare(&many[i], 20 + 16 * i);
	for (size_t i = 0; i < NSIZE; i++)
		towait(&many[i], 100);
	visit(&leader);
	for (size_t i = 0; i < NSIZE; i++)
		low += waiting(many[i].size) == 100;
	assert_in_range(low, NSIZE / 2, NSIZE - 1);
	for (size_t i = 0; i < NSIZE / 2; i++)
		visit(&leader);
	for (size_t i = 0; i < NSIZE; i++)
		assert_true(waiting(many[i].size) > 500);
	for (size_t i = 0; i < NSIZE; i++)
		while (many[i].n > 0)
			give(&many[i]);
	end();
}

/* CPU 1 comes while another one empties what waits there. */
static void
meanwhile(void)
{
	hostcpu(1);
	uint32_t n = waiting(OTHER);
	void *p = malloc(LEADER);
	assert_non_null(p);
	assert_int_equal(waiting(OTHER), n);
	free(p);
	assert_int_equal(waiting(OTHER), n);
	hostcpu(0);
}

static void
what_another_cpu_empties_is_left_alone(void **state)
{
	(void)state;
	heapmachine(1, BANK, 0);
	hostcpu(1);
	prepare(&other, OTHER);
	prepare(&leader, LEADER);
	towait(&other, 10);
	hostcpu(0);
	hostmeanwhile(meanwhile);
	poolcompact(mainmem);
	hostmeanwhile(NULL);
	end();
}

static uintptr_t
slabat(const void *p)
{
	return ROUNDDOWN((uintptr_t)p, SLABSMALL);
}

/* All blocks back, in their slabs: of those, one stays until it is asked for.
 */
static void
one_whole_slab_is_kept(void **state)
{
	(void)state;
	heapmachine(1, BANK, 0);
	unsigned class = classof(OTHER);
	for (int i = 0; i < 3; i++) {
		prepare(&other, OTHER);
		while (other.n > 0)
			give(&other);
		magazinesgather(mainmem);
		Slab *kept = mainmem->whole[class];
		assert_null(mainmem->partial[class]);
		assert_non_null(kept);
		assert_true(slabany(mainmem, class));
		poolcheck(mainmem);
		take(&other);
		assert_int_equal(slabat(other.p[0]), slabat(kept));
		assert_null(mainmem->whole[class]);
		poolcheck(mainmem);
		give(&other);
	}
	poolcompact(mainmem);
	assert_null(mainmem->whole[class]);
	assert_int_equal(poolsize(mainmem), 0);
}

/* What is kept is taken from last, so that it stays whole while it can. */
static void
the_slab_that_is_kept_is_used_last(void **state)
{
	(void)state;
	heapmachine(1, BANK, 0);
	unsigned class = classof(OTHER);
	prepare(&other, OTHER);
	while (other.n > 1)
		give(&other);
	magazinesgather(mainmem);
	Slab *kept = mainmem->whole[class];
	assert_non_null(kept);
	void *p = NULL;
	Visit v = {0};
	poolenter(mainmem, &v);
	assert_int_equal(slabtake(mainmem, class, &p, 1), 1);
	assert_int_equal(slabat(p), slabat(other.p[0]));
	assert_ptr_equal(mainmem->whole[class], kept);
	slabput(mainmem, class, &p, 1);
	poolleave(mainmem);
	leader.n = 0;
	end();
}

/* A whole slab of OTHER is kept on a fresh machine; where that is noted. */
static Slab **
keep(void)
{
	heapmachine(1, BANK, 0);
	free(malloc(OTHER));
	magazinesgather(mainmem);
	Slab **whole = &mainmem->whole[classof(OTHER)];
	assert_non_null(*whole);
	poolcheck(mainmem);
	return whole;
}

static void
a_wrong_slab_that_is_kept_is_found(void **state)
{
	(void)state;
	Slab **whole = keep();
	(*whole)->nfree--;
	assert_panics(poolcheck(mainmem), "free slots, counted");
	whole = keep();
	mainmem->whole[1] = *whole;
	*whole = NULL;
	assert_panics(poolcheck(mainmem), "is not whole, but kept");
	whole = keep();
	(*whole)->class = 3; /* whose list it would go to */
	assert_panics(malloc(OTHER), "no slab of class");
	whole = keep();
	(*whole)->seal++;
	assert_panics(poolcompact(mainmem), "no slab of class");
	whole = keep();
	Slab *s = *whole;
	assert_non_null(malloc(OTHER));
	poolcompact(mainmem);
	assert_true(s->nfree < s->nslot);
	mainmem->whole[s->class] = s;
	mainmem->partial[s->class] = NULL;
	assert_panics(poolcheck(mainmem), "is not whole, but kept");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_runs_out_is_filled_with_another),
	    cmocka_unit_test(what_fills_up_is_drained_with_another),
	    cmocka_unit_test(what_needs_nothing_is_left_alone),
	    cmocka_unit_test(what_is_not_used_gets_no_more),
	    cmocka_unit_test(a_visit_moves_no_more_than_so_many),
	    cmocka_unit_test(what_another_cpu_empties_is_left_alone),
	    cmocka_unit_test(one_whole_slab_is_kept),
	    cmocka_unit_test(the_slab_that_is_kept_is_used_last),
	    cmocka_unit_test(a_wrong_slab_that_is_kept_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
