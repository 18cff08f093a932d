/*
 * installed.c - entry points of SMBIOS and the structures that they name, in
 * memory that the map knows and elsewhere: there nobody may look, and whoever
 * does faults.
 *
 *	low + 0		an entry point, known, up to the end of its page
 *	low + 2 pages	structures, known, up to the end of theirs
 *	other pages	not known, and not to be read
 *
 * needs: efi/tables/installed.c efi/tables/smbios.c tests/host/lowtables.c
 */
#include "unit.h"
#include "fakefw.h"
#include "lowtables.h"
#include "../../efi/firmware.h"
#include "../../efi/tables/installed.h"

#include <sys/mman.h>

enum { PAGES = 8, DEVICE = 21 + 2, TWO = 2 * DEVICE + 6 };

static const char endless[] =
    "its structures do not end in the memory that they are in";

static uint8_t *pages;

static int
startup(void **state)
{
	(void)state;
	lowtablesopen();
	pages = memory(NULL, PAGES * BY2PG, MAP_32BIT);
	mprotect(pages, PAGES * BY2PG, PROT_NONE);
	return 0;
}

/* The last size bytes of a page that can be read, and that the map knows. */
static uint8_t *
endof(size_t page, size_t size)
{
	uint8_t *p = pages + page * BY2PG;

	mprotect(p, BY2PG, PROT_READ | PROT_WRITE);
	memset(p, 0, BY2PG);
	known(p, 1);
	return p + BY2PG - size;
}

/* A page of zeros that nobody can read. */
static uint8_t *
nowhere(size_t page)
{
	return pages + page * BY2PG;
}

/* Two memory devices of so many MiB each, and the end. */
static uint8_t *
structures(uint8_t *p, uint8_t mib)
{
	for (size_t i = 0; i < 2; i++, p += DEVICE) {
		p[0] = 17;
		p[1] = 21;
		p[12] = mib;
	}
	p[0] = 127;
	p[1] = 4;
	return p - 2 * DEVICE;
}

static uint8_t *
entry3(uint8_t *e, const uint8_t *table, uint32_t size)
{
	uint64_t at = (uintptr_t)table;
	EFI_GUID guid = SMBIOS3_TABLE_GUID;

	memcpy(e, "_SM3_\0\x18", 7);
	memcpy(e + 12, &size, 4);
	memcpy(e + 16, &at, 8);
	sum(e, 24, 5);
	fakeconfig(guid, e);
	return e;
}

static uint8_t *
entry2(uint8_t *e, const uint8_t *table, uint16_t size)
{
	uint32_t at = (uint32_t)(uintptr_t)table;
	EFI_GUID guid = SMBIOS_TABLE_GUID;

	memcpy(e, "_SM_\0\x1f", 6);
	memcpy(e + 22, &size, 2);
	memcpy(e + 24, &at, 4);
	sum(e, 31, 4);
	fakeconfig(guid, e);
	return e;
}

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	mprotect(pages, PAGES * BY2PG, PROT_NONE);
	fakestart();
	lowtablesstart();
	fakedesc(7, 1 << 30, 1, 8);
	return 0;
}

/* So many MiB; and what is said of the one there. */
static void
assert_installed(uint64_t mib, const uint8_t *wrong, const char *why)
{
	char said[200] = "";

	if (why != NULL)
		snprintf(said, sizeof said, "mem9: SMBIOS at %p: %s: ignored\n",
		    (const void *)wrong, why);
	hostquiet();
	assert_int_equal(installedmemory(), mib * MiB);
	assert_said(said);
}

static void
structures_in_known_memory_are_read_to_its_last_byte(void **state)
{
	uint8_t *t = structures(endof(2, TWO), 8);

	entry3(endof(0, 24), t, TWO);
	assert_installed(16, NULL, NULL);
	setup(state);
	t = structures(endof(2, TWO), 9);
	entry2(endof(0, 31), t, TWO);
	assert_installed(18, NULL, NULL);
}

static void
an_entry_point_in_no_memory_is_not_looked_at(void **state)
{
	EFI_GUID guid = SMBIOS3_TABLE_GUID;

	(void)state;
	fakeconfig(guid, nowhere(3));
	assert_installed(
	    0, nowhere(3), "its entry point is in no memory of the map");
}

/* The page behind it is not known. */
static void
an_entry_point_that_reaches_out_of_its_memory(void **state)
{
	EFI_GUID guid = SMBIOS3_TABLE_GUID;

	for (size_t n = 1; n < 24; n++) {
		setup(state);
		uint8_t *e = endof(0, n);
		memcpy(e, "_SM3_\0\x18", MIN(n, (size_t)7));
		fakeconfig(guid, e);
		assert_installed(0, e, "its entry point is damaged");
	}
}

static void
structures_in_no_memory_are_not_looked_at(void **state)
{
	for (uint32_t size = 0; size <= TWO; size += TWO) {
		setup(state);
		uint8_t *e = entry3(endof(0, 24), nowhere(3), size);
		assert_installed(
		    0, e, "its structures are in no memory of the map");
		setup(state);
		e = entry2(endof(0, 31), nowhere(3), (uint16_t)size);
		assert_installed(
		    0, e, "its structures are in no memory of the map");
	}
}

/* One kind says how long they are; the other, how long they are at most. */
static void
structures_longer_than_their_memory(void **state)
{
	uint8_t *t = structures(endof(2, TWO), 8);

	uint8_t *e = entry2(endof(0, 31), t, TWO + 1);
	assert_installed(0, e, endless);
	setup(state);
	t = structures(endof(2, TWO), 8);
	e = entry3(endof(0, 24), t, UINT32_MAX);
	assert_installed(16, NULL, NULL);
	t[2 * DEVICE] = 1; /* no end of table */
	assert_installed(0, e, endless);
	memcpy(t + 2 * DEVICE, "\1\4\0\0xx", 6); /* nor of a structure */
	assert_installed(0, e, endless);
	entry3(endof(0, 24), t, TWO);
	assert_installed(16, NULL, NULL);
}

/*
 * Two descriptors, of two kinds, one behind the other: in the first are an
 * entry point of which half is in the second, and a table likewise.
 */
static void
what_lies_across_two_descriptors_is_whole(void **state)
{
	for (int three = 0; three < 2; three++) {
		setup(state);
		uint8_t *e = endof(1, three ? 12 : 15);
		endof(2, 0);
		uint8_t *t = endof(4, DEVICE + 3);
		endof(5, 0);
		structures(t, 8);
		three ? entry3(e, t, UINT32_MAX) : entry2(e, t, TWO);
		assert_installed(16, NULL, NULL);
	}
}

/* The table begins below the BIOS's area, in the map, and ends behind it. */
static void
what_lies_across_the_bios_area_is_whole(void **state)
{
	uint8_t *t = (uint8_t *)BIOS - DEVICE;

	(void)state;
	mmap((void *)(BIOS - BY2PG), BY2PG, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	fakedesc(0, BIOS - BY2PG, 1, 8);
	structures(t, 8);
	entry2(endof(0, 31), t, TWO);
	assert_installed(16, NULL, NULL);
	munmap((void *)(BIOS - BY2PG), BY2PG);
}

/* And of two that are good the first, unless it does not say. */
static void
of_two_the_one_that_is_good(void **state)
{
	static const char lost[] = "its structures are in no memory of the map";
	uint8_t *t = structures(endof(2, TWO), 8);

	uint8_t *e = entry3(endof(0, 24), nowhere(3), TWO);
	entry2(endof(4, 31), t, TWO);
	assert_installed(16, e, lost);
	uint8_t *e2 = entry2(endof(4, 31), t, TWO);
	e2[4]++;
	assert_installed(0, e, lost);
	setup(state);
	t = structures(endof(2, TWO), 8);
	uint8_t *t2 = structures(endof(6, TWO), 4);
	entry3(endof(0, 24), t, TWO);
	entry2(endof(4, 31), t2, TWO);
	assert_installed(16, NULL, NULL);
	e2 = entry2(endof(4, 31), t2, TWO);
	e2[4]++;
	assert_installed(16, e2, "its entry point is damaged");
	entry2(endof(4, 31), t2, TWO);
	t[12] = t[12 + DEVICE] = 0;
	assert_installed(8, NULL, NULL);
	Efimap map = {.desc = fakefw.map, .size = fakefw.mapsize, .stride = 48};
	assert_int_equal(installedread(&map).table, (uintptr_t)t2);
	t2[12] = t2[12 + DEVICE] = 0;
	assert_int_equal(installedread(&map).table, (uintptr_t)t);
	assert_true(installedread(&map).good);
}

/* Where boards keep them that have no word of it in the map. */
static void
below_1_MiB_a_pc_has_them_unasked(void **state)
{
	uint8_t *bios = (uint8_t *)BIOS;

	(void)state;
	structures(bios + BIOSSIZE - TWO, 8);
	entry2(bios, bios + BIOSSIZE - TWO, TWO);
	assert_installed(16, NULL, NULL);
	uint8_t *e = entry2(bios, bios + BIOSSIZE - TWO, TWO + 1);
	assert_installed(0, e, endless);
	entry2(bios, bios - 1, TWO);
	assert_installed(0, e, "its structures are in no memory of the map");
	entry2(bios, bios + BIOSSIZE, TWO);
	assert_installed(0, e, "its structures are in no memory of the map");
}

static void
without_an_entry_point_or_a_map_nobody_knows(void **state)
{
	(void)state;
	assert_installed(0, NULL, NULL);
	entry3(endof(0, 24), structures(endof(2, TWO), 8), TWO);
	fakefw.status = EFI_UNSUPPORTED;
	hostquiet();
	assert_int_equal(installedmemory(), 0);
	assert_mentioned("firmware gives no memory map");
	assert_mentioned("there is no memory map to look it up in: ignored\n");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, fakeended)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(structures_in_known_memory_are_read_to_its_last_byte),
	    T(an_entry_point_in_no_memory_is_not_looked_at),
	    T(an_entry_point_that_reaches_out_of_its_memory),
	    T(structures_in_no_memory_are_not_looked_at),
	    T(structures_longer_than_their_memory),
	    T(what_lies_across_two_descriptors_is_whole),
	    T(what_lies_across_the_bios_area_is_whole),
	    T(of_two_the_one_that_is_good),
	    T(below_1_MiB_a_pc_has_them_unasked),
	    T(without_an_entry_point_or_a_map_nobody_knows),
	};

	return cmocka_run_group_tests(tests, startup, NULL);
}
