/*
 * What an attacker with one overflow or one dangling pointer gets: a panic that
 * names the block. In builds as they are shipped, not with CHECK=1.
 *
 * The table below has every case of hardened_malloc's tests by its name there:
 * what must happen here, or why it does not apply.
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

enum { LARGE = 256 << 10, EXTENDED = 32 << 10, BANK = 16 << 20 };

/* The panic must have this block's address in its message. */
static const void *named;

static void *
naming(void *p)
{
	named = p;
	return p;
}

static uint8_t *
block(size_t size)
{
	return naming(malloc(size));
}

/* ---- hardened_malloc's cases ---- */

static void
largegrowth(void)
{
	uint8_t *p = NULL;

	for (size_t size = BY2PG; size <= 4 << 20; size *= 2) {
		p = realloc(p, size);
		assert_non_null(p);
		assert_true(size == BY2PG || p[size / 2 - 1] == 7);
		memset(p, 7, size);
	}
	free(p);
}

static void
counts(void)
{
	void *p = malloc(1000);
	void *q = malloc(LARGE);

	assert_true(poolused(mainmem) >= LARGE + 1000);
	assert_true(poolsize(mainmem) >= poolused(mainmem));
	free(p);
	free(q);
	assert_int_equal(poolused(mainmem), 0);
}

static void
twice(size_t size)
{
	uint8_t *p = block(size);

	free(p);
	free(p);
}

static void
twicelater(size_t size)
{
	uint8_t *p = block(size);
	uint8_t *q = malloc(size);

	free(p);
	free(q);
	free(p);
}

static void
doublelarge(void)
{
	twice(LARGE);
}

static void
doublelargelater(void)
{
	twicelater(LARGE);
}

static void
doublesmall(void)
{
	twice(16);
}

static void
doublesmalllater(void)
{
	twicelater(16);
}

static void
doubleextended(void)
{
	twice(EXTENDED);
}

static void
doubleextendedlater(void)
{
	twicelater(EXTENDED);
}

static void
unalignedlarge(void)
{
	free(naming((uint8_t *)malloc(LARGE) + 1));
}

static void
unalignedsmall(void)
{
	free(naming((uint8_t *)malloc(16) + 1));
}

static void
readsmall(void)
{
	uint8_t *p = malloc(128);

	memset(p, 'a', 128);
	free(p);
	for (size_t i = 0; i < 128; i++)
		assert_int_equal(peek(p + i), 0);
}

/* Of what is large, free memory has links, and they are all it trusts. */
static void
writelarge(void)
{
	uint8_t *p = malloc(LARGE);

	free(p);
	poke(p, 'a');
	naming(memblock(p));
	takemany(mainmem, 8000);
}

static void
writesmall(void)
{
	uint8_t *p = block(128);

	free(p);
	poke(p + 65, 'a');
	takemany(mainmem, 128);
}

static void
writezero(void)
{
	uint8_t *p = block(0);

	poke(p, 5);
	free(p);
}

static void
freereserved(void)
{
	free(naming(reserverange(BY2PG)));
}

static void
freeothers(void)
{
	static uint8_t page[BY2PG] __attribute__((aligned(BY2PG)));

	free(naming(page));
}

static void
freeinside(void)
{
	free(naming((uint8_t *)malloc(16) + 4 * BY2PG));
}

static void
freefar(void)
{
	free(naming((uint8_t *)malloc(16) + GiB));
}

static void
freshsmall(void)
{
	uint8_t *p = malloc(128);

	memset(p, 'a', 128);
	free(p);
	for (unsigned n = 0; n < 1000; n++) {
		p = malloc(128);
		for (size_t i = 0; i < 128; i++)
			assert_int_equal(p[i], 0);
	}
}

static void
freshlarge(void)
{
	uint8_t *p = malloc(LARGE);

	memset(p, 'a', LARGE);
	free(p);
	p = malloc(LARGE);
	for (size_t i = 0; i < LARGE; i++)
		assert_int_equal(p[i], 0);
}

/* What a pointer that nobody set may be. */
static void *
stray(void)
{
	return naming((void *)0x6d39a5a5a5a5a5a0);
}

static void
freestray(void)
{
	free(stray());
}

static void
reallocstray(void)
{
	assert_null(realloc(stray(), 16));
}

static void
msizestray(void)
{
	(void)msize(stray());
}

/* n bytes, none as it was, behind a block of that size. */
static void
overflow(size_t size, size_t n)
{
	uint8_t *p = block(size);

	for (size_t i = 0; i < n; i++)
		damage(p + size + i);
	free(p);
}

static void
overlarge1(void)
{
	overflow(LARGE, 1);
}

static void
overlarge8(void)
{
	overflow(LARGE, 8);
}

static void
oversmall1(void)
{
	overflow(8, 1);
}

static void
oversmall8(void)
{
	overflow(8, 8);
}

static void
overstring(void)
{
	char *p = naming(malloc(16));

	memset(p, 'a', 16);
	poke(p + 16, '\0');
	free(p);
}

static void
msizeunaligned(void)
{
	(void)msize(naming((uint8_t *)malloc(16) + 1));
}

static void
msizeinside(void)
{
	(void)msize(naming((uint8_t *)malloc(16) + 4 * BY2PG));
}

static void
msizefreed(void)
{
	uint8_t *p = block(16);

	free(p);
	(void)msize(p);
}

static void
msizefreedextended(void)
{
	uint8_t *p = block(EXTENDED);

	free(p);
	(void)msize(p);
}

static void
msizeexact(void)
{
	for (size_t size = 0; size < 70000; size = size * 5 / 4 + 1)
		assert_int_equal(msize(malloc(size)), size);
}

static void
msizeoffset(void)
{
	(void)msize(naming((uint8_t *)malloc(64) + 16));
}

static void
msizezero(void)
{
	assert_int_equal(msize(malloc(0)), 0);
}

static void
impossible(void)
{
	assert_null(malloc(SIZE_MAX));
	assert_null(malloc(SIZE_MAX - 8));
	assert_null(malloc(SIZE_MAX / 2));
}

static void
reallocfirst(void)
{
	uint8_t *p = realloc(NULL, 16);

	hostcpu(1);
	p = realloc(realloc(p, 100), 10000);
	assert_int_equal(msize(p), 10000);
	hostcpu(0);
}

static void
zerodiffers(void)
{
	assert_ptr_not_equal(malloc(0), malloc(0));
}

typedef struct Case Case;

/* A case ends in a panic with these words, or, without, returns. */
struct Case {
	const char *name;
	void (*run)(void);
	const char *words;
	const char *whynot; /* if there is no run */
};

#define FREEDTWICE "is free already"
#define ABOVE "something wrote above it"
#define NOSIZE "free is not told the size"
#define NOPAGES "the direct map stays: only what is freed may be looked at"
#define LARGELEFT "only CHECK=1 looks at all of what is large: usedfree.c"

static const Case cases[] = {
    {"offset", NULL, NULL, "no library, so no place of one"},
    {"mallinfo", counts, NULL, NULL},
    {"mallinfo2", counts, NULL, NULL},
    {"malloc_info", counts, NULL, NULL},
    {"large_array_growth", largegrowth, NULL, NULL},
    {"double_free_large", doublelarge, FREEDTWICE, NULL},
    {"double_free_large_delayed", doublelargelater, FREEDTWICE, NULL},
    {"double_free_small", doublesmall, FREEDTWICE, NULL},
    {"double_free_small_delayed", doublesmalllater, FREEDTWICE, NULL},
    {"unaligned_free_large", unalignedlarge, "not 16-byte aligned", NULL},
    {"unaligned_free_small", unalignedsmall, "not 16-byte aligned", NULL},
    {"read_after_free_large", NULL, NULL, NOPAGES},
    {"read_after_free_small", readsmall, NULL, NULL},
    {"write_after_free_large", writelarge, "something wrote to its", NULL},
    {"write_after_free_large_reuse", NULL, NULL, LARGELEFT},
    {"write_after_free_small", writesmall, "while it was free", NULL},
    {"write_after_free_small_reuse", writesmall, "0x61 at 65", NULL},
    {"read_zero_size", NULL, NULL, NOPAGES},
    {"write_zero_size", writezero, ABOVE, NULL},
    {"invalid_free_protected", freereserved, "no arena has it", NULL},
    {"invalid_free_unprotected", freeothers, "no arena has it", NULL},
    {"invalid_free_small_region", freeinside, "is no block", NULL},
    {"invalid_free_small_region_far", freefar, "no arena has it", NULL},
    {"uninitialized_read_small", freshsmall, NULL, NULL},
    {"uninitialized_read_large", freshlarge, NULL, NULL},
    {"uninitialized_free", freestray, "no arena has it", NULL},
    {"uninitialized_realloc", reallocstray, "no arena has it", NULL},
    {"uninitialized_malloc_usable_size", msizestray, "no arena has it", NULL},
    {"overflow_large_1_byte", overlarge1, ABOVE, NULL},
    {"overflow_large_8_byte", overlarge8, ABOVE, NULL},
    {"overflow_small_1_byte", oversmall1, ABOVE, NULL},
    {"overflow_small_8_byte", oversmall8, ABOVE, NULL},
    {"string_overflow", overstring, ABOVE, NULL},
    {"delete_type_size_mismatch", NULL, NULL, NOSIZE},
    {"aligned_sized_delete_small", NULL, NULL, NOSIZE},
    {"aligned_sized_delete_small_min_align", NULL, NULL, NOSIZE},
    {"invalid_aligned_sized_delete_small", NULL, NULL, NOSIZE},
    {"aligned_sized_delete_large", NULL, NULL, NOSIZE},
    {"invalid_aligned_sized_delete_large", NULL, NULL, NOSIZE},
    {"unaligned_malloc_usable_size_small", msizeunaligned, "not 16-byte", NULL},
    {"invalid_malloc_usable_size_small", msizeinside, "is no block", NULL},
    {"invalid_malloc_usable_size_small_quarantine", msizefreed, FREEDTWICE,
	NULL},
    {"malloc_object_size", msizeexact, NULL, NULL},
    {"malloc_object_size_offset", msizeoffset, "is no block", NULL},
    {"malloc_object_size_zero", msizezero, NULL, NULL},
    {"invalid_malloc_object_size_small", msizeinside, "is no block", NULL},
    {"invalid_malloc_object_size_small_quarantine", msizefreed, FREEDTWICE,
	NULL},
    {"impossibly_large_malloc", impossible, NULL, NULL},
    {"realloc_init", reallocfirst, NULL, NULL},
    {"malloc_zero_different", zerodiffers, NULL, NULL},
    {"malloc_noreuse", NULL, NULL, "no quarantine: small ones are mixed"},
    {"quarantine_double_free_extended", doubleextended, FREEDTWICE, NULL},
    {"quarantine_double_free_extended_delayed", doubleextendedlater, FREEDTWICE,
	NULL},
    {"quarantine_invalid_malloc_usable_size_extended", msizefreedextended,
	FREEDTWICE, NULL},
    {"quarantine_invalid_malloc_object_size_extended", msizefreedextended,
	FREEDTWICE, NULL},
    {"quarantine_write_after_free_extended_reuse", NULL, NULL, LARGELEFT},
};

/* The message names the block, and no lock is held. */
static void
mustpanic(void (*run)(void), const char *words)
{
	char address[32];

	hostquiet();
	assert_panics(run(), words);
	snprintf(address, sizeof address, "%p", named);
	if (strstr(hostpanic(), address) == NULL)
		fail_msg("'%s' does not name %s", hostpanic(), address);
}

static void
every_case_of_hardened_malloc_ends_as_it_must(void **state)
{
	(void)state;
	assert_int_equal(nelem(cases), 56);
	for (size_t i = 0; i < nelem(cases); i++) {
		const Case *c = &cases[i];
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(c->name, cases[k].name);
		assert_true((c->run == NULL) == (c->whynot != NULL));
		heapmachine(1, BANK, 0);
		if (c->words != NULL)
			mustpanic(c->run, c->words);
		else if (c->run != NULL)
			c->run();
	}
}

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
	for (unsigned bit = 4; bit < 24; bit++) {
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
			uintptr_t p = (uintptr_t)malloc(100);
			Slab *s = blockmem((Block *)ROUNDDOWN(p, SLABSMALL));
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

/* ---- a dangling pointer into free memory ---- */

static Block *hole;

/* Blocks a, hole, c, hole2, e, of large sizes, in this order. */
static void
twoholes(uint8_t *p[5])
{
	heapmachine(1, BANK, 0);
	for (size_t i = 0; i < 5; i++)
		p[i] = malloc(LARGE);
	free(p[1]);
	free(p[3]);
	hole = naming(memblock(p[3]));
}

static uint8_t *around[5];

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

/* ---- a write after free ---- */

static size_t smallsize;

static void
takesmall(void)
{
	takemany(mainmem, smallsize);
}

/* Each byte of a freed small block, and of its tag what says that it is one. */
static void
a_write_after_free_is_found_when_the_block_comes_out(void **state)
{
	(void)state;
	for (size_t size = 0; size <= 4336; size += 1 + size / 2)
		for (size_t i = 5; i < MIN(size + 16, 512); i += 1 + i / 5) {
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
	    cmocka_unit_test(every_case_of_hardened_malloc_ends_as_it_must),
	    cmocka_unit_test(an_overflow_cannot_forge_a_neighbours_tag),
	    cmocka_unit_test(a_tag_with_other_parts_is_found),
	    cmocka_unit_test(a_large_blocks_header_cannot_be_forged),
	    cmocka_unit_test(a_slabs_header_cannot_be_forged),
	    cmocka_unit_test(a_slabs_links_cannot_be_forged),
	    cmocka_unit_test(a_free_blocks_words_cannot_be_forged),
	    cmocka_unit_test(
		a_write_after_free_is_found_when_the_block_comes_out),
	    cmocka_unit_test(each_boot_has_a_secret_of_its_own),
	    cmocka_unit_test(the_order_of_slots_differs_with_the_secret),
	    cmocka_unit_test(freed_slots_come_out_in_another_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
