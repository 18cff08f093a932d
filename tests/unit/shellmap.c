/*
 * shellmap.c - the shell's words and lines for a map.
 *
 * needs: efi/shellmap.c
 */
#include "../../efi/shellmap.h"
#include "unit.h"

enum { STRIDE = 48, NDESC = 32 };

static uint8_t bytes[NDESC * STRIDE];
static Efimap map;

static void
desc(uint32_t type, paddr_t base, uint64_t npages, uint64_t attr)
{
	uint8_t *p = bytes + map.size;

	memcpy(p, &type, 4);
	memcpy(p + 8, &base, 8);
	memcpy(p + 24, &npages, 8);
	memcpy(p + 32, &attr, 8);
	map.size += STRIDE;
}

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	map = (Efimap){.desc = bytes, .stride = STRIDE, .physbits = 40};
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	return 0;
}

static void
every_type_has_its_names(void **state)
{
	static const struct {
		const char *name;
		const char *whole;
	} names[] = {{"Reserved", "Reserved"}, {"LoaderCode", "LoaderCode"},
	    {"LoaderData", "LoaderData"}, {"BS_Code", "BootServiceCode"},
	    {"BS_Data", "BootServiceData"}, {"RT_Code", "RuntimeCode"},
	    {"RT_Data", "RuntimeData"}, {"Available", "Available"},
	    {"Unusable", "UnusableMemory"}, {"ACPI_Recl", "ACPIReclaimMemory"},
	    {"ACPI_NVS", "ACPIMemoryNVS"}, {"MMIO", "MemoryMappedIO"},
	    {"MMIO_Port", "MemoryMappedIOPortSpace"}, {"PalCode", "PalCode"},
	    {"Persistent", "Persistent"}, {"Unaccepted", "Unaccepted"}};

	(void)state;
	for (uint32_t t = 0; t < nelem(names); t++) {
		assert_string_equal(shelltype(t), names[t].name);
		assert_string_equal(shelltypelong(t), names[t].whole);
	}
	assert_null(shelltype(nelem(names)));
	assert_null(shelltypelong(nelem(names)));
}

/* A page of the first type, two of the next and so on. */
static void
the_sums_are_in_the_shells_order(void **state)
{
	(void)state;
	for (uint32_t t = 0; t < 16; t++)
		desc(t, (t + 1) * MiB, 1ull << t, 0xf);
	shellmapprint(&map, false);
	assert_mentioned("ShellCommand,\"memmap\"\n"
			 "MemoryMap,\"Reserved\",\"100000\",\"100FFF\",\"1\","
			 "\"F\"\n"
			 "MemoryMap,\"LoaderCode\",\"200000\",\"201FFF\","
			 "\"2\",\"F\"\n");
	/* 0xe6fe pages: all but types 0, 8, 11 and 12. */
	assert_mentioned("\nMemoryMapSummary,\"242212864\",\"4096\",\"32768\","
			 "\"65536\",\"131072\",\"262144\",\"8192\",\"16384\","
			 "\"524288\",\"8388608\",\"16777216\",\"1048576\","
			 "\"2097152\",\"4194304\",\"33554432\",\"134217728\", "
			 "\"67108864\"\n");
}

static void
types_without_a_name_are_in_the_total_alone(void **state)
{
	(void)state;
	desc(0x80000001, MiB, 256, 0x800000000000000f);
	shellmapprint(&map, false);
	assert_said("ShellCommand,\"memmap\"\n"
		    "MemoryMapSummary,\"1048576\",\"0\",\"0\",\"0\",\"0\","
		    "\"0\",\"0\",\"0\",\"0\",\"0\",\"0\",\"0\",\"0\",\"0\","
		    "\"0\",\"0\", \"0\"\n");
}

static void
asked_for_what_it_becomes_each_has_a_line(void **state)
{
	(void)state;
	desc(0x80000001, 16 * MiB, 256, 0x800000000000000f);
	desc(7, 1 * MiB, 256, 8);
	desc(7, 0xfffffffffffff000, 2, 8);
	shellmapprint(&map, true);
	assert_mentioned("MemoryMap,\"80000001\",\"1000000\",\"10FFFFF\","
			 "\"100\",\"800000000000000F\",\"MemReserved\"\n"
			 "MemoryMap,\"Available\",\"100000\",\"1FFFFF\","
			 "\"100\",\"8\",\"MemRAM\"\n"
			 "MemoryMap,\"Available\",\"FFFFFFFFFFFFF000\","
			 "\"FFF\",\"2\",\"8\",\"none\"\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(every_type_has_its_names),
	    TEST(the_sums_are_in_the_shells_order),
	    TEST(types_without_a_name_are_in_the_total_alone),
	    TEST(asked_for_what_it_becomes_each_has_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
