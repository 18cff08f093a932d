/*
 * auditacpi.c - which ACPI and SMBIOS tables `mem9 audit' sees, and how: also
 * those that nobody would believe.
 *
 * needs: efi/audit/readacpi.c efi/tables/acpi.c efi/tables/rsdp.c
 * needs: efi/tables/madt.c efi/tables/srat.c efi/tables/buses.c
 * needs: efi/tables/installed.c efi/tables/smbios.c tests/host/lowtables.c
 */
#include "unit.h"
#include "cpu.h"
#include "fakefw.h"
#include "lowtables.h"
#include "../../efi/audit/read.h"
#include "../../efi/firmware.h"

static Acpitables a; /* large */
static Smbiosseen smbios;
static uint8_t *rsdp;
static uint8_t *fadt;
static uint8_t *mcfg;

static int
startup(void **state)
{
	(void)state;
	lowtablesopen();
	return 0;
}

static void
put(uint8_t *p, size_t at, uint64_t v, size_t size)
{
	memcpy(p + at, &v, size);
}

/* By both lists: FACP, which leads to DSDT and FACS, MCFG, and one CPU. */
static int
setup(void **state)
{
	EFI_GUID guid = ACPI_20_TABLE_GUID;

	(void)state;
	fakestart();
	cpu.physbits = 40;
	lowtablesstart();
	memset(&a, 0, sizeof a);
	memset(&smbios, 0, sizeof smbios);
	fadt = table("FACP", 276);
	mcfg = table("MCFG", 60);
	put(mcfg, 44, 0xb0000000, 8);
	mcfg[55] = 7;
	sum(mcfg, 60, 9);
	uint8_t *madt = table("APIC", 52);
	madt[45] = 8;
	madt[48] = 1;
	sum(madt, 52, 9);
	put(fadt, 40, (uintptr_t)table("DSDT", 80), 4);
	put(fadt, 36, (uintptr_t)table("FACS", 64), 4);
	sum(fadt, 276, 9);
	uint8_t *list[] = {fadt, mcfg, madt, NULL};
	uint8_t *rsdt = roottable("RSDT", 4, list);
	uint8_t *xsdt = roottable("XSDT", 8, list);
	rsdp = root(low + used, 2, (uintptr_t)rsdt, (uintptr_t)xsdt);
	used += 64;
	fakeconfig(guid, rsdp);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return fakefw.pool == 0 ? 0 : -1;
}

static const Acpiseen *
seen(const char *signature)
{
	for (size_t i = 0; i < a.n; i++)
		if (strcmp(a.table[i].signature, signature) == 0)
			return &a.table[i];
	return NULL;
}

static void
again(void)
{
	memset(&a, 0, sizeof a);
	acpiread(&a);
}

static void
all_tables_are_seen(void **state)
{
	static const char *const names[] = {
	    "RSDT", "XSDT", "FACP", "MCFG", "APIC", "DSDT", "FACS"};

	(void)state;
	acpiread(&a);
	assert_int_equal(a.root, (uintptr_t)rsdp);
	assert_true(a.sums && a.rsdt && a.xsdt);
	assert_int_equal(a.n, nelem(names));
	assert_int_equal(a.lost, 0);
	for (size_t i = 0; i < nelem(names); i++) {
		const Acpiseen *t = seen(names[i]);

		assert_non_null(t);
		assert_true(t->sums && t->byrsdt && t->byxsdt);
		assert_int_equal(t->memory, 9);
	}
	assert_int_equal(seen("DSDT")->size, 80);
	assert_int_equal(a.dsdt, seen("DSDT")->pa);
	assert_int_equal(a.facs, seen("FACS")->pa);
	assert_int_equal(a.xdsdt, 0);
	assert_false(a.reduced);
	assert_int_equal(a.cpus.n, 1);
	assert_int_equal(a.necam, 1);
	assert_int_equal(a.ecam[0].pa, 0xb0000000);
	assert_int_equal(a.ecam[0].last, 7);
	assert_false(a.srat);
}

static void
what_a_fadt_says_in_64_bits(void **state)
{
	uint8_t *dsdt = table("DSDT", 60);
	uint8_t *facs = table("FACS", 64);

	(void)state;
	put(fadt, 112, 1 << 20, 4);
	put(fadt, 132, (uintptr_t)facs, 8);
	put(fadt, 140, (uintptr_t)dsdt, 8);
	again();
	assert_true(a.reduced);
	assert_int_equal(a.xdsdt, (uintptr_t)dsdt);
	assert_int_equal(a.xfacs, (uintptr_t)facs);
	assert_int_equal(seen("DSDT")->pa, (uintptr_t)dsdt);
	assert_int_equal(seen("FACS")->pa, (uintptr_t)facs);
	assert_false(seen("FACP")->sums);
	put(fadt, 4, 116, 4);
	again();
	assert_true(a.reduced);
	assert_int_equal(a.xdsdt, 0);
	put(fadt, 4, 43, 4);
	again();
	assert_int_equal(a.dsdt, 0);
	assert_null(seen("DSDT"));
}

static void
damaged_tables_are_seen_as_that(void **state)
{
	(void)state;
	mcfg[50] ^= 1;
	again();
	assert_false(seen("MCFG")->sums);
	assert_int_equal(a.necam, 0);
	put(mcfg, 4, LOWROOM, 4); /* beyond what the map knows */
	again();
	assert_false(seen("MCFG")->sums);
	put(mcfg, 4, 0, 4); /* which nothing adds up to */
	again();
	assert_false(seen("MCFG")->sums);
	memcpy(mcfg, "\"\x01 x", 4);
	again();
	assert_non_null(seen("???x"));
	rsdp[33]++;
	again();
	assert_false(a.sums);
	rsdp[15] = 0; /* the first part alone counts */
	sum(rsdp, 20, 8);
	again();
	assert_true(a.sums && a.rsdt);
	assert_false(a.xsdt);
	assert_false(seen("FACP")->byxsdt);
}

static void
lists_that_lead_nowhere(void **state)
{
	uint8_t *gone = low - MiB;
	uint8_t *list[] = {fadt, gone, (uint8_t *)8, NULL};

	(void)state;
	root(rsdp, 2, 0, (uintptr_t)roottable("XSDT", 8, list));
	again();
	assert_true(a.xsdt);
	assert_false(a.rsdt);
	assert_int_equal(a.lost, 2);
	root(rsdp, 2, 0, (uintptr_t)roottable("RSDT", 8, list));
	again();
	assert_false(a.xsdt || a.rsdt);
	assert_int_equal(a.n, 0);
	uint8_t *t = table("XSDT", 36);
	put(t, 4, 35, 4);
	root(rsdp, 2, 0, (uintptr_t)t);
	again();
	assert_false(a.xsdt);
	put(t, 4, LOWROOM + 1, 4);
	again();
	assert_false(a.xsdt);
	fakefw.mapsize = 0;
	again();
	assert_int_equal(a.root, NOADDR);
}

static void
more_tables_than_there_is_room_for(void **state)
{
	uint8_t *list[MOSTACPITABLES + 4] = {NULL};

	(void)state;
	for (size_t i = 0; i < MOSTACPITABLES + 3; i++)
		list[i] = table("SSDT", 36);
	root(rsdp, 2, 0, (uintptr_t)roottable("XSDT", 8, list));
	again();
	assert_int_equal(a.n, MOSTACPITABLES);
	assert_int_equal(a.lost, 4);
}

static void
a_root_pointer_where_a_bios_has_it(void **state)
{
	(void)state;
	fakesystem.NumberOfTableEntries = 0;
	again();
	assert_int_equal(a.root, NOADDR);
	memcpy((void *)(BIOS + 0x400), rsdp, 36);
	again();
	assert_int_equal(a.root, BIOS + 0x400);
	assert_int_equal(a.n, 7);
}

static void
what_srat_says(void **state)
{
	uint8_t *srat = table("SRAT", 48 + 40);
	uint8_t *list[] = {srat, NULL};

	(void)state;
	srat[8] = 3;
	srat[48] = 1;
	srat[49] = 39;
	sum(srat, 88, 9);
	root(rsdp, 2, 0, (uintptr_t)roottable("XSDT", 8, list));
	again();
	assert_true(a.srat);
	assert_string_equal(a.said.what, "an entry of SRAT leads nowhere");
	srat[49] = 40;
	srat[76] = 1;
	put(srat, 64, MiB, 8);
	sum(srat, 88, 9);
	again();
	assert_null(a.said.what);
}

/* "_SM3_", of a memory device of 64 MiB. */
static void
smbiostables(void **state)
{
	EFI_GUID guid = SMBIOS3_TABLE_GUID;
	EFI_GUID guid2 = SMBIOS_TABLE_GUID;
	uint8_t *entry = low + 0x80000;
	uint8_t *t = low + 0x81000;

	(void)state;
	smbiosread(&smbios);
	assert_false(smbios.found.there || smbios.found.good);
	memset(entry, 0, 64);
	memset(t, 0, 64);
	memcpy(entry, "_SM3_", 5);
	entry[6] = 24;
	put(entry, 12, 64, 4);
	put(entry, 16, (uintptr_t)t, 8);
	sum(entry, 24, 5);
	t[0] = 17;
	t[1] = 21;
	t[12] = 64;
	fakeconfig(guid2, low + 0x90000); /* nonsense */
	smbiosread(&smbios);
	assert_true(smbios.found.there);
	assert_false(smbios.found.good);
	assert_string_equal(smbios.found.why, "its entry point is damaged");
	fakeconfig(guid, entry);
	smbiosread(&smbios);
	assert_true(smbios.found.good);
	assert_int_equal(smbios.found.table, (uintptr_t)t);
	assert_int_equal(smbios.memory, 9);
	assert_int_equal(smbios.found.bytes, 64 * MiB);
	fakefw.mapsize = 0;
	fakedesc(4, 0, 1, 8);
	smbiosread(&smbios);
	assert_false(smbios.found.good);
}

/* Of five descriptors, and then firmware has thought better of it. */
static EFI_STATUS EFIAPI
nomap(UINTN *size, EFI_MEMORY_DESCRIPTOR *map, UINTN *key, UINTN *stride,
    UINT32 *version)
{
	(void)key, (void)version;
	*size = 5 * 48;
	*stride = 48;
	return map == NULL ? EFI_BUFFER_TOO_SMALL : EFI_DEVICE_ERROR;
}

/* What nobody could look at is not said to be missing. */
static void
without_a_map_nothing_is_said_to_be_missing(void **state)
{
	EFI_GUID guid = SMBIOS_TABLE_GUID;

	(void)state;
	fakeconfig(guid, low + 0x90000);
	acpiread(&a);
	assert_false(a.unasked);
	hostquiet();
	fakeservices.GetMemoryMap = nomap;
	again();
	assert_true(a.unasked);
	assert_int_equal(a.n, 0);
	smbiosread(&smbios);
	hostloud();
	assert_true(smbios.found.there);
	assert_false(smbios.found.good);
	assert_int_equal(smbios.found.wrong, (uintptr_t)low + 0x90000);
	assert_string_equal(
	    smbios.found.why, "there is no memory map to look it up in");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(all_tables_are_seen),
	    TEST(what_a_fadt_says_in_64_bits),
	    TEST(damaged_tables_are_seen_as_that),
	    TEST(lists_that_lead_nowhere),
	    TEST(more_tables_than_there_is_room_for),
	    TEST(a_root_pointer_where_a_bios_has_it),
	    TEST(what_srat_says),
	    TEST(smbiostables),
	    TEST(without_a_map_nothing_is_said_to_be_missing),
	};

	return cmocka_run_group_tests(tests, startup, NULL);
}
