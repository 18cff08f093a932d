/*
 * mapcommand.c - what `mem9 map' and `mem9 e820' print of a map.
 *
 * needs: efi/map.c tests/host/fakefw.c
 */
#include "unit.h"
#include "cpu.h"
#include "efimap.h"
#include "fakefw.h"
#include "../../efi/commands.h"

static Options o;

void
cpuidentify(void)
{
	cpu.physbits = 40;
}

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	fakestart();
	memset(&cpu, 0, sizeof cpu);
	memset(&o, 0, sizeof o);
	stage = SMACH;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	return fakefw.pool == 0 ? 0 : -1;
}

static const char heading[] =
    "type                 start            end                  size "
    "attributes\n";

static void
every_descriptor_is_a_line(void **state)
{
	(void)state;
	fakedesc(7, 0x100000, 0x100, 0xf);
	fakedesc(4, 0, 1, 0x8);
	fakedesc(0x70000001, 0x200000, 0x1400, 0x8000000000024001);
	fakedesc(5, 0x40000000, 0x280000, 0x8000000000003010);
	fakedesc(11, 0x1000000000, 0xa0000000, 0);
	fakedesc(11, 0x2000000000, 0x28000000000, 0);
	assert_int_equal(mapcommand(&o), SHELLOK);
	assert_memory_equal(hostsaid(), heading, strlen(heading));
	assert_mentioned("\nConventionalMemory   0000000000100000 "
			 "00000000001fffff   1024 K UC,WC,WT,WB\n");
	assert_mentioned("\nBootServicesData     0000000000000000 "
			 "0000000000000fff      4 K WB\n");
	assert_mentioned("\ntype 70000001        0000000000200000 "
			 "00000000015fffff     20 M UC,XP,RT,0x20000\n");
	assert_mentioned("\nRuntimeServicesCode  0000000040000000 "
			 "00000002bfffffff     10 G WP,RP,RT,0x10\n");
	assert_mentioned("\nMemoryMappedIO       0000001000000000 "
			 "00000a0fffffffff     10 T\n");
	assert_mentioned(" 10240 T\n");
}

static void
the_odd_are_named(void **state)
{
	(void)state;
	fakedesc(7, 0x100000, 0x100, 8);
	fakedesc(7, 0xfffffffffffff000, 2, 8);
	assert_int_equal(mapcommand(&o), SHELLOK);
	assert_int_equal(hosttimes(" (odd: left out)\n"), 1);
	assert_mentioned("8 K WB (odd: left out)\n");
}

/* RAM: what the services return too; nothing below 1 MiB. */
static void
sums_are_of_what_a_kernel_gets(void **state)
{
	(void)state;
	fakedesc(7, 0, 16, 8);
	fakedesc(7, 1 * MiB, 3 * 256, 8);
	fakedesc(2, 16 * MiB, 5 * 256, 8);
	fakedesc(9, 32 * MiB, 11, 8);
	fakedesc(6, 48 * MiB, 7, 8);
	fakedesc(7, 0xfffffffffffff000, 2, 8);
	assert_int_equal(mapcommand(&o), SHELLOK);
	assert_mentioned("\n\n6 descriptors, 48 bytes apart; for a kernel that "
			 "is\n"
			 "  8192 K MemRAM\n"
			 "    44 K MemACPI\n"
			 "    92 K MemReserved\n");
}

static void
lines_for_programs_are_mms(void **state)
{
	Efimap map = {.size = 0};
	char want[4096];

	(void)state;
	fakedesc(7, 1 * MiB, 256, 8);
	fakedesc(0, 2 * MiB, 256, 1);
	map.desc = fakefw.map;
	map.size = fakefw.mapsize;
	map.stride = 48;
	map.physbits = 40;
	efimapprint(&map);
	strcpy(want, hostsaid());
	hostquiet();
	o.verbose = true;
	assert_int_equal(mapcommand(&o), SHELLOK);
	assert_said(want);
	assert_int_equal(hosttimes("mem9: efi "), 2);
}

static void
no_map_no_table(void **state)
{
	(void)state;
	fakefw.stride = 32;
	fakefw.mapsize = 64;
	assert_int_equal(mapcommand(&o), SHELLDEVICEERROR);
	assert_said("mem9: descriptors 32 bytes apart: no map\n");
	assert_int_equal(e820command(), SHELLDEVICEERROR);
	fakefw.status = EFI_DEVICE_ERROR;
	assert_int_equal(mapcommand(&o), SHELLDEVICEERROR);
	assert_int_equal(e820command(), SHELLDEVICEERROR);
}

static void
e820_is_the_line_of_the_map(void **state)
{
	(void)state;
	fakedesc(7, 16 * MiB, 256, 8);
	fakedesc(9, 17 * MiB, 16, 8);
	fakedesc(7, 1 * MiB, 256, 8);
	assert_int_equal(e820command(), SHELLOK);
	assert_said("*e820=1 100000 200000 1 1000000 1100000 "
		    "3 1100000 1110000\n");
}

static void
without_memory_there_is_no_line(void **state)
{
	(void)state;
	fakedesc(7, 16 * MiB, 256, 8);
	fakefw.most = 1;
	assert_int_equal(e820command(), SHELLNOMEMORY);
	assert_said("");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(every_descriptor_is_a_line),
	    TEST(the_odd_are_named),
	    TEST(sums_are_of_what_a_kernel_gets),
	    TEST(lines_for_programs_are_mms),
	    TEST(no_map_no_table),
	    TEST(e820_is_the_line_of_the_map),
	    TEST(without_memory_there_is_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
