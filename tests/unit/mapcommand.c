/*
 * mapcommand.c - what `mem9 map' and `mem9 e820' print of a map.
 *
 * needs: efi/map.c efi/maprows.c efi/shellmap.c efi/tables/smbios.c
 * needs: efi/tables/installed.c kern/tell/sizetext.c kern/format.c
 * needs: tests/host/lowtables.c
 */
#include "unit.h"
#include "cpu.h"
#include "efimap.h"
#include "fakefw.h"
#include "lowtables.h"
#include "../../efi/commands.h"

static Options o;

void
cpuidentify(void)
{
	cpu.physbits = 40;
}

static int
startup(void **state)
{
	(void)state;
	lowtablesopen();
	return 0;
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

static const char folded[] =
    "Neighbours that become the same are one row, of N, named by the largest.\n"
    "\n";
static const char heading[] =
    "Type       Start            End              # Pages    Size   N "
    "Becomes\n";

static void
neighbours_are_a_row(void **state)
{
	(void)state;
	fakedesc(7, 16 * MiB, 0x1a675, 0xf);
	fakedesc(4, 1 * MiB, 0x100, 0xf);
	fakedesc(3, 2 * MiB, 0xe00, 0xf);
	assert_int_equal(mapcommand(&o), SHELLOK);
	assert_memory_equal(hostsaid(), folded, strlen(folded));
	assert_mentioned(heading);
	assert_mentioned(
	    "(hole)     0000000000000000-00000000000FFFFF     100    1 MB\n"
	    "Available  0000000000100000-000000001B674FFF   1B575  437 MB   3 "
	    "RAM\n\n");
}

/* All attributes that are not those of any RAM; a type by its number. */
static void
every_descriptor_is_a_row(void **state)
{
	(void)state;
	fakedesc(7, 0x100000, 0x100, 0xf);
	fakedesc(4, 0x200000, 1, 0x8);
	fakedesc(0x70000001, 0x201000, 0x1400, 0x8000000000024001);
	fakedesc(5, 0x40000000, 0x280000, 0x800000000000300f);
	fakedesc(11, 0x1000000000, 0xa0000000, 0x8000000000000001);
	fakedesc(11, 0x2000000000, 0x28000000000, 0);
	o.all = true;
	assert_int_equal(mapcommand(&o), SHELLOK);
	assert_mentioned("(hole)     0000000000000000-00000000000FFFFF     "
			 "100    1 MB\n"
			 "Available  0000000000100000-00000000001FFFFF     "
			 "100    1 MB     RAM\n"
			 "BS_Data    0000000000200000-0000000000200FFF       "
			 "1    4 KB     RAM\n"
			 "70000001   0000000000201000-0000000001600FFF    "
			 "1400   20 MB     Reserved UC,XP\n"
			 "                                                  "
			 "               RT,0x20000\n"
			 "(hole)     0000000001601000-000000003FFFFFFF   "
			 "3E9FF 1001 MB\n"
			 "RT_Code    0000000040000000-00000002BFFFFFFF  "
			 "280000   10 GB     Reserved WP,RP\n"
			 "                                                  "
			 "               RT\n");
	assert_mentioned("MMIO       0000001000000000-00000A0FFFFFFFFF "
			 "A0000000   10 TB     Reserved UC\n"
			 "                                                  "
			 "                RT\n");
	assert_mentioned("  10 PB     Reserved\n"
			 "                                                  "
			 "                   overlaps\n");
}

static void
no_row_is_wider_than_a_console(void **state)
{
	size_t n;

	(void)state;
	fakedesc(7, 0x100000, 0x100, 0xf);
	fakedesc(0, 0x180000, 1, 0xf);
	fakedesc(7, 0x200000, 1, 7);
	fakedesc(11, 0x300000, 1, 0x8000000000000001);
	fakedesc(11, 0x300000, 1, 0x8000000000007017);
	fakedesc(7, 0xfffffffffffff000, 2, 8);
	o.all = true;
	assert_int_equal(mapcommand(&o), SHELLOK);
	for (const char *s = hostsaid(); *s != '\0'; s += n + 1) {
		n = strcspn(s, "\n");
		assert_in_range(n, 0, 79);
	}
	assert_mentioned(" 4 KB     Reserved UC,RT\n");
}

static void
firmwares_order_is_kept_if_asked_for(void **state)
{
	(void)state;
	fakedesc(7, 0x200000, 0x100, 0xf);
	fakedesc(4, 0x100000, 0x100, 0xf);
	o.raw = true;
	assert_int_equal(mapcommand(&o), SHELLOK);
	assert_mentioned("  Becomes\n"
			 "Available  0000000000200000-00000000002FFFFF     "
			 "100    1 MB     RAM\n"
			 "BS_Data    0000000000100000-00000000001FFFFF     "
			 "100    1 MB     RAM\n\n");
	assert_int_equal(hosttimes("mem9 map -a"), 0);
}

static void
the_odd_are_named(void **state)
{
	(void)state;
	fakedesc(7, 0x100000, 0x100, 8);
	fakedesc(7, 0x180000, 0x100, 8);
	fakedesc(7, 0xfffffffffffff000, 2, 8);
	assert_int_equal(mapcommand(&o), SHELLOK);
	assert_int_equal(hosttimes(" left out\n"), 1);
	assert_mentioned("         200    2 MB  Available\n");
	assert_mentioned("          80  512 KB  of these twice: ranges that "
			 "overlap\n");
	assert_mentioned("         180  1.5 MB  memory in the map\n");
	assert_mentioned("Available  FFFFFFFFFFFFF000-0000000000000FFF       2 "
			 "   8 KB     left out\n");
	assert_mentioned("           2    8 KB  left out: ranges that make no "
			 "sense, in no sum above\n");
	assert_mentioned("Available  0000000000180000-000000000027FFFF     100 "
			 "   1 MB     RAM overlaps\n");
}

/* Wherever it is in the list, and whatever says so; of devices there is none.
 */
static void
memory_is_counted_once(void **state)
{
	(void)state;
	fakedesc(7, 8 * MiB, 256, 8);
	fakedesc(7, 1 * MiB, 4 * 256, 8);
	fakedesc(0, 2 * MiB, 256, 8);
	fakedesc(7, 4 * MiB, 2 * 256, 8);
	fakedesc(11, 4 * MiB, 2 * 256, 1);
	fakedesc(7, 5 * MiB, 2 * 256, 8);
	for (int raw = 0; raw < 2; raw++) {
		o.raw = raw == 1;
		assert_int_equal(mapcommand(&o), SHELLOK);
		assert_mentioned(
		    "         300    3 MB  of these twice: ranges that "
		    "overlap\n"
		    "         200    2 MB  of these cannot be RAM: not "
		    "write-back\n\n"
		    "SMBIOS does not say how much memory is installed.\n"
		    "         700    7 MB  memory in the map\n");
		hostquiet();
	}
}

/* RAM: what the services return too; nothing below 1 MiB. */
static void
sums_are_by_type_and_by_use(void **state)
{
	(void)state;
	fakedesc(7, 0, 16, 8);
	fakedesc(7, 1 * MiB, 3 * 256, 8);
	fakedesc(2, 16 * MiB, 5 * 256, 8);
	fakedesc(9, 32 * MiB, 11, 8);
	fakedesc(6, 48 * MiB, 7, 8);
	fakedesc(0x80000000, 64 * MiB, 1, 8);
	fakedesc(0x80000001, 65 * MiB, 1, 1);
	assert_int_equal(mapcommand(&o), SHELLOK);
	assert_mentioned("\n     # Pages    Size  by type\n"
			 "         500    5 MB  LoaderData\n"
			 "           7   28 KB  RT_Data\n"
			 "         310    3 MB  Available\n"
			 "           B   44 KB  ACPI_Recl\n"
			 "           2    8 KB  other types\n"
			 "           1    4 KB  of these cannot be RAM: not "
			 "write-back\n"
			 "\n"
			 "SMBIOS does not say how much memory is installed.\n"
			 "         823  8.1 MB  memory in the map\n"
			 "\n"
			 "     # Pages    Size  a kernel gets\n"
			 "         800    8 MB  RAM\n"
			 "           B   44 KB  ACPI\n"
			 "          19  100 KB  Reserved\n"
			 "\n"
			 "7 descriptors, 48 bytes apart.\n"
			 "mem9 map -a shows all rows, -r as firmware "
			 "gave them; -b: a screen at a time.\n");
}

/*
 * One device of so many MiB, and an entry point that leads to it, where no map
 * need have a word of them.
 */
static uint8_t *const entrypoint = (uint8_t *)BIOS;
static uint8_t *const structures = (uint8_t *)BIOS + 64;

static void
smbios(uint8_t mib)
{
	static const uint8_t device[] = {17, 14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	    8, 0, 0, 0, 127, 4, 0, 0, 0, 0};
	uint64_t table = (uintptr_t)structures;

	memcpy(structures, device, sizeof device);
	structures[12] = mib;
	memcpy(entrypoint, "_SM3_\0\x18", 7);
	entrypoint[0x0c] = sizeof device;
	memcpy(entrypoint + 0x10, &table, sizeof table);
	sum(entrypoint, 0x18, 5);
	fakeconfig((EFI_GUID)SMBIOS3_TABLE_GUID, entrypoint);
}

static void
what_is_installed_and_in_no_range_is_said(void **state)
{
	(void)state;
	smbios(8);
	fakedesc(7, 1 * MiB, 7 * 256 - 4, 8);
	assert_int_equal(mapcommand(&o), SHELLOK);
	assert_mentioned(
	    "\n\n"
	    "         6FC  6.9 MB  memory in the map\n"
	    "         104    1 MB  in no range: below 1 MiB (video, "
	    "ROM), or firmware's own\n"
	    "         800    8 MB  installed, by SMBIOS\n\n");
}

static void
more_than_is_installed_is_said(void **state)
{
	(void)state;
	smbios(8);
	fakedesc(7, 1 * MiB, 9 * 256, 8);
	assert_int_equal(mapcommand(&o), SHELLOK);
	assert_mentioned("         900    9 MB  memory in the map\n"
			 "         100    1 MB  too much: ranges that say "
			 "write-back, and are no memory\n"
			 "         800    8 MB  installed, by SMBIOS\n\n");
}

static void
nothing_is_said_where_all_is_well(void **state)
{
	(void)state;
	smbios(8);
	fakedesc(7, 1 * MiB, 8 * 256, 8);
	assert_int_equal(mapcommand(&o), SHELLOK);
	assert_mentioned("memory in the map\n         800    8 MB  installed");
}

static void
no_sum_is_made_of_a_bad_table(void **state)
{
	(void)state;
	smbios(8);
	fakedesc(7, 1 * MiB, 8 * 256, 8);
	entrypoint[0x17] ^= 1;
	hostquiet();
	assert_int_equal(mapcommand(&o), SHELLOK);
	assert_mentioned("SMBIOS at 0xe0000 is not read: its entry point is "
			 "damaged.\n         800    8 MB  memory in the map\n");
	assert_int_equal(hosttimes("SMBIOS"), 1);
	smbios(0);
	hostquiet();
	assert_int_equal(mapcommand(&o), SHELLOK);
	assert_mentioned("SMBIOS does not say");
	assert_int_equal(hosttimes("SMBIOS"), 1);
}

static void
the_shells_lines_are_shellmaps(void **state)
{
	(void)state;
	fakedesc(7, 0x200000, 0x100, 0xf);
	fakedesc(4, 0x100000, 0x100, 0xf);
	o.sfo = true;
	assert_int_equal(mapcommand(&o), SHELLOK);
	assert_mentioned("ShellCommand,\"memmap\"\n"
			 "MemoryMap,\"Available\",\"200000\",\"2FFFFF\","
			 "\"100\",\"F\"\n");
	o.verbose = true;
	hostquiet();
	assert_int_equal(mapcommand(&o), SHELLOK);
	assert_mentioned("\"100\",\"F\",\"MemRAM\"\n");
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fakeended)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(neighbours_are_a_row),
	    TEST(every_descriptor_is_a_row),
	    TEST(no_row_is_wider_than_a_console),
	    TEST(firmwares_order_is_kept_if_asked_for),
	    TEST(the_odd_are_named),
	    TEST(memory_is_counted_once),
	    TEST(sums_are_by_type_and_by_use),
	    TEST(what_is_installed_and_in_no_range_is_said),
	    TEST(more_than_is_installed_is_said),
	    TEST(nothing_is_said_where_all_is_well),
	    TEST(no_sum_is_made_of_a_bad_table),
	    TEST(the_shells_lines_are_shellmaps),
	    TEST(lines_for_programs_are_mms),
	    TEST(no_map_no_table),
	    TEST(e820_is_the_line_of_the_map),
	    TEST(without_memory_there_is_no_line),
	};

	return cmocka_run_group_tests(tests, startup, NULL);
}
