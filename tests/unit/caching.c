/*
 * caching.c - what the memory map makes of how memory is cached, page by page
 * beside a list of what each was.
 *
 * needs: arch/amd64/mtrr.c tests/model/mtrrs.c
 */
#include "unit.h"
#include "caching.h"
#include "memmap.h"
#include "mtrrs.h"

#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 24, NPAGES = 1 << (WIDTH - PGSHIFT), SETS = 1000, NONE = -1 };

static uint64_t table[1 << 14];
static Mtrrs m;
static int was[NPAGES];
static enum caching kind[NPAGES]; /* by page, for the tests below */

static enum caching
bymtrrs(paddr_t pa, paddr_t *end)
{
	return mtrrat(&m, pa, end);
}

/* A page at a time: whoever asks must join them. */
static enum caching
bypage(paddr_t pa, paddr_t *end)
{
	*end = ROUNDDOWN(pa, BY2PG) + BY2PG;
	return kind[pa / BY2PG % NPAGES];
}

static int
typeat(paddr_t pa)
{
	Memrange r;

	return memmaprange(pa, &r) && r.pa <= pa ? (int)r.type : NONE;
}

static void
begin(void)
{
	hostquiet();
	stage = SMACH;
	memmapinit(table, sizeof table);
	memset(kind, 0, sizeof kind);
}

static void
randommap(void)
{
	for (int n = rand() % 12; n > 0; n--) {
		size_t first = (size_t)rand() % NPAGES;
		size_t most = rand() % 2 ? 16 : NPAGES;
		size_t size = (size_t)rand() % most + 1;

		memmapadd(first * BY2PG, MIN(size, NPAGES - first) * BY2PG,
		    rand() % 3 ? MemRAM : (enum memtype)(rand() % NMEMTYPE));
	}
	for (size_t i = 0; i < NPAGES; i++)
		was[i] = typeat(i * BY2PG);
}

static bool
isram(int type)
{
	return type == MemRAM || type == MemACPI;
}

/* What page i should be now, if the machine is believed. */
static int
becomes(size_t i)
{
	if (isram(was[i]))
		return kind[i] == CACHEWB ? was[i] : MemReserved;
	if (was[i] == MemUMB || was[i] == MemUPA)
		return kind[i] == CACHEUC ? was[i] : MemReserved;
	return was[i];
}

/* The lines that name what was RAM: a run of pages of one type each. */
static void
expectlines(bool believed, size_t lost)
{
	static char want[NPAGES * 60];
	size_t n = 0;

	want[0] = '\0';
	if (!believed)
		sprintf(want, "mem9: odd kind=mtrr base=0x0 pages=%zu\n", lost);
	for (size_t i = 0, j = 0; believed && i < NPAGES; i = j) {
		for (j = i + 1; j < NPAGES && was[j] == was[i] &&
				(kind[j] == CACHEWB) == (kind[i] == CACHEWB);)
			j++;
		if (isram(was[i]) && kind[i] != CACHEWB)
			n += (size_t)sprintf(want + n,
			    "mem9: odd kind=mtrr base=0x%zx pages=%zu\n",
			    (size_t)(i * BY2PG), j - i);
	}
	assert_string_equal(hostsaid(), want);
}

/* Returns if the machine was believed. */
static bool
checkmap(void)
{
	size_t ram = 0;
	size_t lost = 0;
	const Cached *c = memmapcached();

	for (size_t i = 0; i < NPAGES; i++) {
		ram += isram(was[i]);
		lost += isram(was[i]) && kind[i] != CACHEWB;
	}
	bool believed = 2 * (ram - lost) >= ram;
	assert_int_equal(c->doubt == NULL, believed);
	assert_int_equal(c->ram, ram * BY2PG);
	assert_int_equal(c->lost, lost * BY2PG);
	for (size_t i = 0; i < NPAGES; i++)
		assert_int_equal(
		    typeat(i * BY2PG), believed ? becomes(i) : was[i]);
	expectlines(believed, lost);
	memmapcheck();
	return believed;
}

static void
random_machines_keep_what_is_cached_right(void **state)
{
	int believed = 0;

	(void)state;
	srand(2);
	for (int i = 0; i < SETS; i++) {
		begin();
		mtrrsrandom(&m, WIDTH, BY2PG, i % 2);
		randommap();
		for (size_t p = 0; p < NPAGES; p++)
			kind[p] = mtrrsmodel(&m, p * BY2PG);
		memmapcaching(i % 4 < 2 ? bymtrrs : bypage, NULL);
		believed += checkmap();
	}
	assert_in_range(believed, SETS / 5, SETS * 4 / 5);
}

/*
 *	0     1M    2M    3M    4M
 *	      [ RAM )[ RAM, not so)	a third, a half, then more
 */
static void
half_of_the_ram_must_be_write_back(void **state)
{
	(void)state;
	for (size_t n = 511; n <= 513; n++) {
		begin();
		memmapadd(MiB, 4 * MiB, MemRAM);
		for (size_t i = 0; i < n; i++)
			kind[256 + i] = CACHEWB;
		memmapcaching(bypage, NULL);
		const char *doubt = memmapcached()->doubt;
		if (n >= 512)
			assert_null(doubt);
		else
			assert_string_equal(doubt,
			    "less than half of the RAM would be write-back");
		assert_int_equal(
		    typeat(5 * MiB - 1), n >= 512 ? MemReserved : MemRAM);
	}
}

/* Why is kept; what would have been lost is in the line. */
static void
who_is_doubted_already_changes_nothing(void **state)
{
	(void)state;
	begin();
	memmapadd(MiB, MiB, MemRAM);
	memmapadd(0, MiB, MemUMB);
	memset(kind, CACHEWB, sizeof kind);
	for (size_t i = 0; i < NPAGES; i++)
		kind[i] = i % 64 == 0 ? CACHEWT : CACHEWB;
	memmapcaching(bypage, "it is off");
	assert_string_equal(memmapcached()->doubt, "it is off");
	assert_int_equal(memmapcached()->lost, 4 * BY2PG);
	assert_string_equal(
	    hostsaid(), "mem9: odd kind=mtrr base=0x0 pages=4\n");
	assert_int_equal(typeat(0), MemUMB);
	assert_int_equal(typeat(MiB), MemRAM);
	memset(kind, 0, sizeof kind);
	memmapcaching(bypage, "it is off");
	assert_string_equal(memmapcached()->doubt, "it is off");
	assert_int_equal(memmapcached()->lost, MiB);
}

static void
a_machine_without_ram_is_believed(void **state)
{
	(void)state;
	begin();
	memmapadd(0, MiB, MemUPA);
	memmapcaching(bypage, NULL);
	assert_null(memmapcached()->doubt);
	assert_string_equal(hostsaid(), "");
	assert_int_equal(typeat(0), MemUPA);
}

static void
write_back_is_all_of_it(void **state)
{
	(void)state;
	memset(kind, 0, sizeof kind);
	for (size_t i = 2; i < 5; i++)
		kind[i] = CACHEWB;
	kind[5] = CACHEWP;
	assert_true(writeback(bypage, 2 * BY2PG, 5 * BY2PG));
	assert_true(writeback(bypage, 3 * BY2PG, 4 * BY2PG));
	assert_false(writeback(bypage, 1 * BY2PG, 5 * BY2PG));
	assert_false(writeback(bypage, 2 * BY2PG, 6 * BY2PG));
	assert_false(writeback(bypage, 5 * BY2PG, 6 * BY2PG));
	assert_false(writeback(bypage, 6 * BY2PG, 7 * BY2PG));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_machines_keep_what_is_cached_right),
	    cmocka_unit_test(half_of_the_ram_must_be_write_back),
	    cmocka_unit_test(who_is_doubted_already_changes_nothing),
	    cmocka_unit_test(a_machine_without_ram_is_believed),
	    cmocka_unit_test(write_back_is_all_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
