/*
 * What an attacker with one overflow or one dangling pointer gets: a panic that
 * names the block. In builds as they are shipped, not with CHECK=1.
 *
 * needs: tests/host/heap.c
 */
#include "unit.h"

#include "take.h"

#include "../../mm/heap/hole.h"
#include "../../mm/heap/poolparts.h"
#include "../../mm/heap/secret.h"
#include "expect.h"
#include "heap.h"
#include "xalloc.h"

enum { LARGE = 256 << 10, BANK = 16 << 20 };

/* ---- an overflow ---- */

/* From p's last byte on over the neighbour q, everything but q's own bytes. */
static void
forge(uint8_t *p, size_t size, const uint8_t *q, uint64_t tag)
{
	for (uint8_t *at = p + size; at < q - TAGSIZE; at++)
		poke(at, 0);
	for (size_t i = 0; i < TAGSIZE; i++)
		poke((uint8_t *)q - TAGSIZE + i, (uint8_t)(tag >> 8 * i));
}

/* Of two blocks side by side in a slab, the lower and the upper. */
static void
neighbours(size_t size, uint8_t **p, uint8_t **q)
{
	uint8_t *all[1100];

	heapmachine(1, BANK, 0);
	for (size_t i = 0; i < nelem(all); i++) {
		all[i] = malloc(size);
		for (size_t k = 0; k < i; k++)
			if (all[k] == all[i] + slotsizes[classof(size)]) {
				*p = all[i];
				*q = naming(all[k]);
				return;
			}
	}
	fail_msg("no two of %zu bytes lie side by side", size);
}

static uint8_t *low;
static uint8_t *high;

static void
freehigh(void)
{
	free(high);
}

static void
freelow(void)
{
	free(low);
}

/*
 * Who read all that lies in p can write it over q's tag, or what the tag would
 * be with another boot's secret, or as it was with other bits flipped.
 */
static void
an_overflow_cannot_forge_a_neighbours_tag(void **state)
{
	(void)state;
	for (size_t size = 16; size <= 4000; size = size * 3 / 2)
		for (int how = 0; how < 4; how++) {
			neighbours(size, &low, &high);
			uint64_t parts = tagparts(high);
			uint64_t old = *tagof(high);
			Secret now = secret;
			secretinit();
			uint64_t other = tagmix(high, parts);
			secret = now;
			const uint64_t tags[] = {*tagof(low), other,
			    old ^ 1ull << CLASSSHIFT, old ^ 2ull << KINDSHIFT};
			forge(low, size, high, tags[how]);
			mustpanic(freehigh, "");
			naming(low);
			mustpanic(freelow, "something wrote above it");
		}
}

/* A tag whose class was changed does not go with its canary. */
static void
a_tag_with_other_parts_is_found(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 64; bit++) {
		heapmachine(1, BANK, 0);
		high = block(100);
		*tagof(high) ^= 1ull << bit;
		mustpanic(freehigh, "");
	}
}

/* The size of a large block, which says where its canary is. */
static void
a_large_blocks_header_cannot_be_forged(void **state)
{
	(void)state;
	for (unsigned bit = 4; bit < 40; bit++) {
		heapmachine(1, BANK, 0);
		high = block(LARGE);
		for (uint8_t *q = malloc(LARGE); q != NULL;)
			q = malloc(LARGE);
		memblock(high)->bits ^= 1ull << bit;
		mustpanic(freehigh, "");
	}
}

static void
takesome(void)
{
	takemany(mainmem, 100);
}

static void
compact(void)
{
	poolcompact(mainmem);
}

/* The slab that a block of 100 bytes is in. */
static Slab *
slabof(const void *p)
{
	return blockmem((Block *)ROUNDDOWN((uintptr_t)p, SLABSMALL));
}

/* Any bit of what a slab's header says for good. */
static void
a_slabs_header_cannot_be_forged(void **state)
{
	(void)state;
	for (size_t at = 0; at < offsetof(Slab, map); at++) {
		if (at >= offsetof(Slab, next) && at < offsetof(Slab, pool))
			continue; /* links */
		if (at >= offsetof(Slab, nfree) && at < offsetof(Slab, base))
			continue; /* a count */
		if (at >= offsetof(Slab, inverse) + 4)
			break;
		for (int rest = 0; rest < 2; rest++) {
			heapmachine(1, BANK, 0);
			Slab *s = slabof(malloc(100));
			if (rest)
				compact(); /* it has free slots now */
			damage((uint8_t *)naming(s) + at);
			mustpanic(rest ? takesome : compact, "slab");
		}
	}
}

/* The first of two slabs that have free slots gets a neighbour that is none. */
static void
a_slabs_links_cannot_be_forged(void **state)
{
	enum { N = 500 };
	void *p[N];

	(void)state;
	for (int how = 0; how < 3; how++) {
		heapmachine(1, BANK, 0);
		for (unsigned i = 0; i < N; i++)
			p[i] = malloc(100);
		compact();
		for (unsigned i = 0; i < N; i += 50)
			free(p[i]);
		compact();
		Slab *s = naming(mainmem->partial[classof(100)]);
		assert_non_null(s->next);
		Slab *fake = (Slab *)p[1];
		*fake = *s;
		fake->prev = fake->next = s;
		if (how == 0)
			s->prev = fake;
		else if (how == 1)
			s->next = fake;
		else
			s->next = (Slab *)(uintptr_t)0x6d39a5a5a5a5a5a0;
		mustpanic(takesome, "something wrote to its links");
	}
}

/* The second one has another before it, which links to it; then it goes. */
static void
who_is_before_a_slab_must_be_one(void **state)
{
	enum { N = 500 };
	void *p[N];

	(void)state;
	heapmachine(1, BANK, 0);
	for (unsigned i = 0; i < N; i++)
		p[i] = malloc(100);
	compact();
	Slab *last = slabof(p[0]);
	free(p[0]);
	compact();
	unsigned other = 1;
	while (slabof(p[other]) == last)
		other++;
	free(p[other]);
	compact();
	assert_non_null(last->prev);
	Slab fake = *(Slab *)naming(last);
	fake.next = last;
	last->prev = &fake;
	for (unsigned i = 1; i < N; i++)
		if (slabof(p[i]) == last)
			free(p[i]);
	mustpanic(compact, "something wrote to its links");
}

/*
 * Of three slabs on a list the first links to the third, or the third back to
 * the first: slabs both, but not neighbours. Then it goes.
 */
static void
a_slabs_neighbours_must_link_back(void **state)
{
	enum { N = 700 };
	void *p[N];

	(void)state;
	for (int how = 0; how < 2; how++) {
		heapmachine(1, BANK, 0);
		for (unsigned i = 0; i < N; i++)
			p[i] = malloc(100);
		for (unsigned i = 0; i < N; i += 20)
			free(p[i]);
		compact();
		Slab *first = mainmem->partial[classof(100)];
		Slab *third = first->next->next;
		assert_non_null(third);
		if (how == 0) {
			naming(first);
			first->next = third;
			mustpanic(takesome, "something wrote to its links");
			continue;
		}
		naming(third);
		third->prev = first;
		for (unsigned i = 0; i < N; i++)
			if (i % 20 != 0 && slabof(p[i]) == third)
				free(p[i]);
		mustpanic(compact, "something wrote to its links");
	}
}

static void
takeimages(void)
{
	takemany(imagmem, 100);
}

/*
 * Who kept the header of a slab can put it back where it was; but the arena is
 * another pool's by then.
 */
static void
a_slab_of_another_pool_is_none(void **state)
{
	enum { N = 300 };
	void *p[N];

	(void)state;
	heapmachine(1, BANK, 0);
	free(p[0] = malloc(100));
	Slab *old = slabof(p[0]);
	Slab kept = *old;
	compact();
	assert_int_equal(poolsize(mainmem), 0);
	uint8_t *over = poolalloc(imagmem, LARGE);
	assert_in_range((uintptr_t)old, (uintptr_t)over,
	    (uintptr_t)over + LARGE - sizeof kept);
	for (unsigned i = 0; i < N; i++)
		p[i] = poolalloc(imagmem, 100);
	for (unsigned i = 0; i < N; i += 20)
		poolfree(imagmem, p[i]);
	poolcompact(imagmem);
	Slab *first = naming(imagmem->partial[kept.class]);
	*old = kept;
	old->prev = first;
	first->next = old;
	mustpanic(takeimages, "something wrote to its links");
}

/* ---- a dangling pointer into free memory ---- */

static Block *hole;

/* Large blocks side by side, of which two are free, hole the last one freed. */
static void
twoholes(uint8_t *p[7])
{
	heapmachine(1, BANK, 0);
	for (size_t i = 0; i < 7; i++)
		p[i] = malloc(LARGE);
	free(p[1]);
	free(p[3]);
	hole = naming(memblock(p[3]));
}

static uint8_t *around[7];

static void
takehole(void)
{
	malloc(LARGE);
}

static void
joinhole(void)
{
	free(around[2]);
}

static void
joinbelow(void)
{
	free(around[4]);
}

/*
 * Each word that a free block trusts is changed: to nothing, to a bit more, to
 * what lies in its place in another block, to what it means in the clear. The
 * block is then taken, or joined from above or below.
 */
static void
a_free_blocks_words_cannot_be_forged(void **state)
{
	static void (*const uses[])(void) = {takehole, joinhole, joinbelow};

	(void)state;
	for (int which = 0; which < 3; which++)
		for (int how = 0; how < 4; how++)
			for (size_t use = 0; use < nelem(uses); use++) {
				twoholes(around);
				Block *other = memblock(around[1]);
				size_t size = blocksize(hole);
				uint64_t *end =
				    (uint64_t *)((uintptr_t)hole + size) - 1;
				uint64_t *end2 =
				    (uint64_t *)((uintptr_t)other + size) - 1;
				uint64_t *word[] = {
				    &hole->next, &hole->prev, end};
				uint64_t *words2[] = {
				    &other->next, &other->prev, end2};
				uint64_t clear[] = {(uintptr_t)other, 0, size};
				uint64_t to[] = {0, *word[which] ^ 16,
				    *words2[which], clear[which]};
				*word[which] = to[how];
				hostquiet();
				assert_panics(uses[use](), "");
				char address[32];
				snprintf(address, sizeof address, "%p",
				    (void *)hole);
				if (strstr(hostpanic(), address) == NULL &&
				    use != 2)
					fail_msg("%s: %d %d", hostpanic(),
					    which, how);
			}
}

/* As soon as another of its size is put before it, too. */
static void
put(void)
{
	free(around[5]);
}

static void
the_first_of_a_list_is_proved_before_it_is_linked(void **state)
{
	(void)state;
	twoholes(around);
	hole->prev ^= 16;
	mustpanic(put, "something wrote to its links");
}

/* Nor one that does not link back, even for who knows the key. */
static void
who_is_before_must_link_back(void **state)
{
	(void)state;
	twoholes(around);
	Block *second = naming(memblock(around[1]));
	second->prev =
	    keyof((uintptr_t)&second->prev) ^ (uintptr_t)memblock(around[4]);
	low = around[0];
	mustpanic(freelow, "something wrote to its links");
}

/* Even who knows the key cannot make another block the first of a list. */
static void
only_the_first_of_a_list_has_none_before_it(void **state)
{
	(void)state;
	twoholes(around);
	Block *second = naming(memblock(around[1]));
	second->prev = keyof((uintptr_t)&second->prev);
	hole->next = keyof((uintptr_t)&hole->next);
	low = around[0];
	mustpanic(freelow, "something wrote to its links");
}

/* ---- what the heap keeps in blocks of its own, and xalloc's ---- */

/* The blocks that wait at a CPU are listed in a block of the pool. */
static void
a_magazines_ends_are_proved(void **state)
{
	(void)state;
	for (int end = 0; end < 2; end++) {
		heapmachine(1, BANK, 0);
		free(malloc(100));
		Magazine *m = magazine(KMAIN, classof(100));
		naming(m->block);
		damage(end == 0 ? (uint8_t *)m->block - 1
				: (uint8_t *)(m->block + m->max));
		mustpanic(compact, "something wrote about a magazine");
	}
}

static void
takequick(void)
{
	xallocz(1000, false);
}

/* A block that xfree keeps for who wants its very size. */
static void
a_quick_block_is_proved(void **state)
{
	(void)state;
	for (int what = 0; what < 3; what++) {
		heapmachine(1, BANK, 0);
		uint8_t *p = xallocz(1000, false);
		uint8_t *q = naming(xallocz(1000, false));
		xfree(p);
		xfree(q);
		Block *b = memblock(q);
		if (what == 0)
			b->tag ^= 1ull << 63;
		else if (what == 1)
			b->bits ^= 64;
		else {
			b->next ^= 1ull << 50;
			naming(b);
		}
		mustpanic(takequick, what < 2 ? "quick block" : "its links");
	}
}

/* ---- a write after free ---- */

static size_t smallsize;

static void
takesmall(void)
{
	takemany(mainmem, smallsize);
}

/* Of a block's tag, bytes and canary, what is looked at ends here. */
static size_t
after(size_t size)
{
	return 8 + MIN(size + 8, (size_t)512);
}

/* The next byte to be tried, the last one among them. */
static size_t
later(size_t i, size_t size)
{
	size_t last = after(size) - 1;

	return i < last ? MIN(i + 1 + i / 5, last) : last + 1;
}

/* Bytes of a freed small block, and of its tag what says that it is one. */
static void
a_write_after_free_is_found_when_the_block_comes_out(void **state)
{
	(void)state;
	for (size_t size = 0; size <= 4336; size += 1 + size / 2)
		for (size_t i = 5; i < after(size); i = later(i, size)) {
			heapmachine(1, BANK, 0);
			uint8_t *p = block(size);
			free(p);
			damage(p - 8 + i);
			smallsize = size;
			mustpanic(takesmall, "while it was free");
			/* And if it went back to its slab meanwhile. */
			heapmachine(1, BANK, 0);
			uint8_t *q = malloc(size);
			p = block(size);
			free(p);
			compact();
			damage(p - 8 + i);
			mustpanic(takesmall, "while it was free");
			assert_non_null(q);
		}
}

/* What was written to a block that was made smaller is no write after free. */
static void
what_realloc_gives_up_is_wiped(void **state)
{
	(void)state;
	for (size_t size = 16; size <= 5000; size = size * 5 / 4) {
		heapmachine(1, BANK, 0);
		uint8_t *p = malloc(size);
		memset(p, 0xff, size);
		p = realloc(p, size - size / 4);
		free(p);
		takemany(mainmem, size);
	}
}

/* ---- what cannot be guessed ---- */

static void
each_boot_has_a_secret_of_its_own(void **state)
{
	(void)state;
	heapmachine(1, BANK, 0);
	Secret was = secret;
	uint8_t *p = malloc(100);
	uint64_t tag = *tagof(p);
	heapmachine(1, BANK, 0);
	assert_int_not_equal(secret.where, was.where);
	assert_int_not_equal(secret.times, was.times);
	assert_int_not_equal(secret.what, was.what);
	assert_int_not_equal(secret.again, was.again);
	assert_int_not_equal(tagmix(p, 0), tag);
	assert_true((secret.times & secret.again & 1) == 1);
}

enum { NROW = 100 };

/* Where the first blocks of a new machine lie, from the lowest. */
static void
row(size_t at[NROW], bool again)
{
	uint8_t *p[NROW];
	uint8_t *lowest = NULL;

	heapmachine(1, BANK, 0);
	for (int round = 0; round <= again; round++) {
		for (size_t i = 0; i < NROW; i++)
			p[i] = malloc(100);
		for (size_t i = 0; i < NROW && round < again; i++)
			free(p[i]);
	}
	lowest = p[0];
	for (size_t i = 0; i < NROW; i++)
		lowest = MIN(lowest, p[i]);
	for (size_t i = 0; i < NROW; i++)
		at[i] = (size_t)(p[i] - lowest);
}

/* Of fresh slots, and of those that came back: no two boots have them alike. */
static void
the_order_of_slots_differs_with_the_secret(void **state)
{
	size_t a[NROW];
	size_t b[NROW];

	(void)state;
	for (int again = 0; again < 2; again++) {
		row(a, again);
		row(b, again);
		assert_true(memcmp(a, b, sizeof a) != 0);
		size_t steps = 0;
		for (size_t i = 1; i < NROW; i++)
			steps += a[i] - a[i - 1] == a[1] - a[0];
		assert_true(steps < NROW / 2);
	}
}

/* The last one freed is not simply the next one out. */
static void
freed_slots_come_out_in_another_order(void **state)
{
	uint8_t *p[NROW];
	size_t same = 0;

	(void)state;
	heapmachine(1, BANK, 0);
	for (size_t i = 0; i < NROW; i++)
		p[i] = malloc(100);
	for (size_t i = 0; i < NROW; i++)
		free(p[i]);
	for (size_t i = NROW; i > 0; i--)
		same += malloc(100) == p[i - 1];
	assert_true(same < NROW / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_overflow_cannot_forge_a_neighbours_tag),
	    cmocka_unit_test(a_tag_with_other_parts_is_found),
	    cmocka_unit_test(a_large_blocks_header_cannot_be_forged),
	    cmocka_unit_test(a_slabs_header_cannot_be_forged),
	    cmocka_unit_test(a_slabs_links_cannot_be_forged),
	    cmocka_unit_test(who_is_before_a_slab_must_be_one),
	    cmocka_unit_test(a_slabs_neighbours_must_link_back),
	    cmocka_unit_test(a_slab_of_another_pool_is_none),
	    cmocka_unit_test(a_free_blocks_words_cannot_be_forged),
	    cmocka_unit_test(the_first_of_a_list_is_proved_before_it_is_linked),
	    cmocka_unit_test(who_is_before_must_link_back),
	    cmocka_unit_test(only_the_first_of_a_list_has_none_before_it),
	    cmocka_unit_test(a_magazines_ends_are_proved),
	    cmocka_unit_test(a_quick_block_is_proved),
	    cmocka_unit_test(
		a_write_after_free_is_found_when_the_block_comes_out),
	    cmocka_unit_test(what_realloc_gives_up_is_wiped),
	    cmocka_unit_test(each_boot_has_a_secret_of_its_own),
	    cmocka_unit_test(the_order_of_slots_differs_with_the_secret),
	    cmocka_unit_test(freed_slots_come_out_in_another_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
