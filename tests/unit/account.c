/*
 * account.c - where the memory went: the shares of every machine's map add up,
 * and each is what somebody else counts.
 *
 * needs: kern/tell/account.c efi/forms/map.c tools/replay/feed.c
 */
#include "unit.h"
#include "../../kern/tell/account.h"
#include "forms.h"
#include "efidesc.h"
#include "memmap.h"

#include <glob.h>

enum {
	STRIDE = 48,
	MAXDESC = 4000,
	WB = 8,
	RESERVED = 0,
	LOADERDATA = 2,
	RUNTIME = 6,
	CONVENTIONAL = 7,
	UNUSABLE = 8,
	ACPI = 9,
	NVS = 10,
	MMIO = 11,
};
#define RT (1ull << 63 | WB)

static uint8_t descs[MAXDESC * STRIDE];
static Efimap map;
static Given given;
static Account a;

static void
desc(uint32_t type, paddr_t base, uint64_t npages, uint64_t attr)
{
	assert_true(map.size < sizeof descs);
	efidesc(descs + map.size, type, base, npages, attr);
	map.size += STRIDE;
}

static int
setup(void **state)
{
	(void)state;
	map = (Efimap){.desc = descs, .stride = STRIDE, .physbits = 40};
	given = (Given){.maxmem = NOADDR};
	return 0;
}

/* Whatever was given: the law of it all. */
static void
adds_up(void)
{
	uint64_t sum = 0;

	account(&map, &given, &a);
	for (int s = 0; s < NSHARE; s++)
		sum += a.share[s];
	assert_int_equal(sum, a.total + a.extra);
	if (given.installed != 0)
		assert_int_equal(a.total, given.installed);
	assert_int_equal(a.installed, given.installed != 0);
}

static void
is(enum share s, uint64_t npages)
{
	if (a.share[s] != npages * BY2PG)
		fail_msg("share %d: %zu pages, and not %zu", s,
		    (size_t)(a.share[s] / BY2PG), (size_t)npages);
	a.share[s] = 0;
}

static void
nothing_else(void)
{
	for (int s = 0; s < NSHARE; s++)
		is((enum share)s, 0);
}

/*
 * From 0.75 MiB: 64 pages low, 256 above, of these 16 the block; then one of
 * each kind that is no RAM, two pages each; a device.
 */
static void
machine(void)
{
	map.block = 2 * MiB - 32 * BY2PG;
	map.blocksize = 16 * BY2PG;
	desc(CONVENTIONAL, MiB - 64 * BY2PG, 64 + 224, 0xf);
	desc(LOADERDATA, map.block, 16, 0xf);
	desc(CONVENTIONAL, 2 * MiB - 16 * BY2PG, 16, 0xf);
	desc(RESERVED, 2 * MiB, 2, 0xf);
	desc(RUNTIME, 3 * MiB, 3, RT);
	desc(ACPI, 4 * MiB, 4, WB);
	desc(NVS, 5 * MiB, 5, WB);
	desc(UNUSABLE, 6 * MiB, 6, WB);
	desc(MMIO, 7 * MiB, 100, 1);
	desc(RUNTIME, 8 * MiB, 100, RT & ~(uint64_t)WB);
	desc(CONVENTIONAL, NOADDR - 0xfff, 9, WB);
	given.own = map.blocksize;
	given.used = 236 * BY2PG;
	given.installed = 1000 * BY2PG;
}

static void
each_kind_has_its_share(void **state)
{
	(void)state;
	machine();
	adds_up();
	assert_int_equal(accountlost(&a), 6 * BY2PG);
	assert_int_equal(a.extra, 0);
	is(SHAREUSED, 236);
	is(SHAREMEM9, 20); /* the block, and what else it took */
	is(SHARELOW, 64);
	is(SHAREKEPT, 2);
	is(SHARERUNTIME, 3);
	is(SHAREACPI, 9);
	is(LOSTTOLD, 6);
	is(SHARESILENT, 1000 - 340);
	nothing_else();
}

static void
nobody_says_what_is_installed(void **state)
{
	(void)state;
	machine();
	given.installed = 0;
	adds_up();
	assert_int_equal(a.total, 340 * BY2PG);
	is(SHARESILENT, 0);
}

static void
more_than_is_installed_is_too_much(void **state)
{
	(void)state;
	machine();
	given.installed = 300 * BY2PG;
	adds_up();
	assert_int_equal(a.extra, 40 * BY2PG);
	is(SHARESILENT, 0);
}

static void
what_is_lost_has_a_reason(void **state)
{
	(void)state;
	machine();
	given.used = 200 * BY2PG;
	given.bad = 7 * BY2PG;
	given.badused = 3 * BY2PG;
	given.slow = 8 * BY2PG;
	given.room = 5 * BY2PG;
	adds_up();
	assert_int_equal(accountlost(&a), (6 + 10 + 8 + 5) * BY2PG);
	is(SHAREUSED, 197);
	is(LOSTBAD, 10);
	is(LOSTSLOW, 8);
	is(LOSTROOM, 5);
	is(SHAREMEM9, 256 - 200 - 7 - 8 - 5);
}

/* Of what lies beyond it, the block is not lost. */
static void
a_limit_takes_what_lies_beyond(void **state)
{
	(void)state;
	machine();
	given.maxmem = MiB + 100 * BY2PG;
	given.used = 100 * BY2PG;
	adds_up();
	is(LOSTLIMIT, 124 + 16);
	is(SHAREMEM9, 16);
	/* It says no more than is missing. */
	given.used = 230 * BY2PG;
	adds_up();
	is(LOSTLIMIT, 10);
	is(SHAREMEM9, 16);
	given.own = 6 * BY2PG;
	adds_up();
	is(LOSTLIMIT, 20);
	is(SHAREMEM9, 6);
	given.own = map.blocksize;
	given.maxmem = 0;
	given.used = 0;
	adds_up();
	is(LOSTLIMIT, 240);
	is(SHARELOW, 64);
}

/* Another map: what it lacks is nobody's. */
static void
a_map_of_the_users_own(void **state)
{
	(void)state;
	machine();
	given.e820 = true;
	given.used = 100 * BY2PG;
	adds_up();
	is(SHAREMEM9, 16);
	is(LOSTMAP, 256 - 100 - 16);
	/* Or it has more than firmware's. */
	given.used = 300 * BY2PG;
	adds_up();
	is(SHAREUSED, 300);
	assert_int_equal(a.extra, 44 * BY2PG);
}

static void
a_rehearsal_borrows_what_is_free(void **state)
{
	(void)state;
	machine();
	given.rehearsal = true;
	given.used = 100 * BY2PG;
	given.badused = 2 * BY2PG;
	given.bad = 1 * BY2PG;
	map.blocksize = 0;
	adds_up();
	is(SHAREUSED, 98);
	is(LOSTBAD, 3);
	is(SHAREFREE, 240 - 101);
	is(SHAREBOOT, 16);
	is(SHARELOW, 64);
	is(SHAREMEM9, 0);
}

/* Beyond the CPU's addresses there is nothing. */
static void
what_reaches_too_far_is_clipped(void **state)
{
	(void)state;
	desc(CONVENTIONAL, (1ull << 40) - 2 * BY2PG, 10, WB);
	given.used = 2 * BY2PG;
	adds_up();
	is(SHAREUSED, 2);
	nothing_else();
}

/* 256 pages of RAM from 2 MiB, four times over in parts; in any order. */
static void
what_is_said_twice_is_counted_once(void **state)
{
	static const struct {
		uint32_t type;
		uint64_t from, npages;
		uint64_t attr;
	} said[] = {
	    {CONVENTIONAL, 0, 200, 0xf}, {LOADERDATA, 100, 156, 0xf},
	    {CONVENTIONAL, 120, 10, 0xf}, /* within both */
	    {CONVENTIONAL, 0, 256, 0xf},
	    {RUNTIME, 50, 10, RT},                       /* those are no RAM */
	    {RESERVED, 55, 10, 0xf}, {MMIO, 250, 20, 1}, /* nor is a device */
	};
	enum { N = nelem(said) };

	for (size_t first = 0; first < N; first++)
		for (size_t step = 1; step < N; step++) {
			setup(state);
			for (size_t i = 0; i < N; i++) {
				size_t k = (first + i * step) % N;

				desc(said[k].type,
				    2 * MiB + said[k].from * BY2PG,
				    said[k].npages, said[k].attr);
			}
			given.own = 3 * BY2PG;
			given.used = (250 - 15 - 3) * BY2PG;
			adds_up();
			assert_int_equal(a.total, 250 * BY2PG);
			assert_int_equal(a.extra, 0);
			is(SHAREUSED, 250 - 15 - 3);
			is(SHAREMEM9, 3);
			assert_int_equal(
			    a.share[SHARERUNTIME] + a.share[SHAREKEPT],
			    15 * BY2PG);
			given.maxmem = 2 * MiB + 240 * BY2PG;
			given.used -= 10 * BY2PG;
			adds_up();
			is(LOSTLIMIT, 10);
			given.rehearsal = true;
			given.used = 0;
			adds_up();
			assert_int_equal(
			    a.share[SHAREFREE] + a.share[SHAREBOOT],
			    235 * BY2PG);
		}
}

/* The file's map as firmware would have given it; false if it is no EFI map. */
static bool
readmap(const char *name)
{
	static uint8_t bytes[1 << 16];
	FILE *f = fopen(name, "r");
	Map why = {0};
	Lists ls;
	Text t;
	Map *m;

	assert_non_null(f);
	size_t n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	assert_int_equal(textread(&t, &why, bytes, n), 0);
	assert_int_equal(listsread(&ls, &t, &why), 0);
	assert_true(mapread(&m, &ls, &t, 0, &why) >= 0);
	bool efi = m->form->efi;
	for (size_t i = 0; i < m->nentry && efi; i++)
		desc(m->entry[i].type, m->entry[i].base, m->entry[i].npages,
		    m->entry[i].attr);
	listsfree(&ls);
	textfree(&t);
	return efi;
}

/*
 * On every machine of which there is a map: RAM as the memory map counts it is
 * all used, nothing is left over, and ACPI's tables and the rest are there.
 */
static void
every_machine_adds_up(void **state)
{
	static uint64_t table[1 << 17];
	size_t seen = 0;
	glob_t files;

	assert_int_equal(glob("tests/maps/*-efi.map", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		Memtotal t;

		setup(state);
		if (!readmap(files.gl_pathv[i]))
			continue;
		seen++;
		hostquiet();
		stage = SMACH;
		map.physbits = 52;
		memmapinit(table, sizeof table);
		assert_int_equal(efimapadd(&map), 0);
		memmaptotal(&t);
		hostloud();
		given.used = t.size[MemRAM];
		adds_up();
		assert_int_equal(a.extra, 0);
		assert_int_equal(a.share[SHAREMEM9], 0);
		assert_true(a.share[SHAREACPI] >= t.size[MemACPI]);
		assert_int_equal(a.share[SHAREUSED], t.size[MemRAM]);
	}
	globfree(&files);
	assert_in_range(seen, 18, 100);
	stage = SFIRMWARE;
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_kind_has_its_share),
	    TEST(nobody_says_what_is_installed),
	    TEST(more_than_is_installed_is_too_much),
	    TEST(what_is_lost_has_a_reason),
	    TEST(a_limit_takes_what_lies_beyond),
	    TEST(a_map_of_the_users_own),
	    TEST(a_rehearsal_borrows_what_is_free),
	    TEST(what_reaches_too_far_is_clipped),
	    TEST(what_is_said_twice_is_counted_once),
	    TEST(every_machine_adds_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
