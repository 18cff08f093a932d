/*
 * collect.c - what is taken over from firmware: screen, clock, name, serial
 * port and buses.
 *
 * ACPI's tables are what a test puts into a list, believed already.
 *
 * needs: efi/collect.c efi/fbfit.c efi/tables/spcr.c efi/tables/buses.c
 * needs: efi/tables/madt.c efi/tables/srat.c
 * needs: kern/options.c kern/value.c tests/host/fakefw.c
 * needs: kern/optionwords.c
 * needs: kern/nearest.c kern/format.c efi/tables/installed.c
 * needs: efi/tables/smbios.c
 */
#include "unit.h"
#include "cpu.h"
#include "cpulist.h"
#include "fakefw.h"
#include "../../efi/tables/acpi.h"
#include "../../efi/collect.h"
#include "../../efi/firmware.h"

enum { CONSOLE = 3, MAXTABLES = 4, TABLESIZE = 200 };

typedef struct Screen Screen;
typedef struct Kept Kept;

/* A framebuffer as GOP has it. */
struct Screen {
	EFI_GRAPHICS_OUTPUT_MODE_INFORMATION info;
	EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE mode;
	EFI_GRAPHICS_OUTPUT_PROTOCOL gop;
};

/* What is kept of it, one behind the other as in the block. */
struct Kept {
	Bootinfo b;
	Cpulist cpus;
};

static Kept kept;
static struct {
	const char *signature;
	size_t size;
	uint8_t bytes[TABLESIZE];
} tables[MAXTABLES];
static size_t ntables;
static bool acpi; /* is open */
static bool chance;

static struct {
	uint64_t now;
	size_t calls;
	uint64_t extra[3]; /* how much longer each stall takes */
} clock3;

bool
acpiopen(void)
{
	acpi = true;
	return ntables > 0;
}

void
acpiclose(void)
{
	assert_true(acpi);
	acpi = false;
}

const uint8_t *
acpitable(const char *signature, size_t *size)
{
	assert_true(acpi);
	for (size_t i = 0; i < ntables; i++)
		if (strcmp(tables[i].signature, signature) == 0) {
			*size = tables[i].size;
			return tables[i].bytes;
		}
	return NULL;
}

void
acpipoweroff(Poweroff *off)
{
	assert_true(acpi);
	off->pm1a = 0x604;
}

bool
acpino8042(void)
{
	assert_true(acpi);
	return true;
}

uint64_t
cycles(void)
{
	return clock3.now++;
}

/* A time stamp counter of 3 GHz. */
static EFI_STATUS
stall(UINTN us)
{
	clock3.now += us * 3000 + clock3.extra[clock3.calls++ % 3];
	return EFI_SUCCESS;
}

static uint8_t *
table(const char *signature, size_t size)
{
	tables[ntables].signature = signature;
	tables[ntables].size = size;
	memset(tables[ntables].bytes, 0, TABLESIZE);
	return tables[ntables++].bytes;
}

void
collectchance(void)
{
	chance = true;
}

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	fakestart();
	memset(&kept, 0, sizeof kept);
	kept.b.cpus = offsetof(Kept, cpus);
	memset(&clock3, 0, sizeof clock3);
	optionsinit(&kept.b.options);
	ntables = 0;
	chance = false;
	cpu.physbits = 40;
	fakeservices.Stall = stall;
	fakesystem.ConsoleOutHandle = (EFI_HANDLE)CONSOLE;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	return fakefw.pool == 0 && !acpi && chance ? 0 : -1;
}

/* 800 by 600, rows 1024 pixels apart, blue in the first byte. */
static Screen *
screen(Screen *s, uintptr_t handle)
{
	EFI_GUID guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;

	*s = (Screen){.info = {.HorizontalResolution = 800,
			  .VerticalResolution = 600,
			  .PixelFormat = PixelBlueGreenRedReserved8BitPerColor,
			  .PixelsPerScanLine = 1024}};
	s->mode.Info = &s->info;
	s->mode.FrameBufferBase = 0xc0000000;
	s->mode.FrameBufferSize = 16 * MiB;
	s->gop.Mode = &s->mode;
	fakeprotocol((EFI_HANDLE)handle, guid, &s->gop);
	return s;
}

static void
a_row_is_as_long_as_the_pitch(void **state)
{
	Screen s;

	(void)state;
	screen(&s, CONSOLE);
	collect(&kept.b);
	assert_int_equal(kept.b.fb.pa, 0xc0000000);
	assert_int_equal(kept.b.fb.width, 800);
	assert_int_equal(kept.b.fb.height, 600);
	assert_int_equal(kept.b.fb.pitch, 1024);
	assert_int_equal(kept.b.fb.bytes, 4);
	assert_int_equal(kept.b.fb.size, 1024 * 600 * 4);
	s.info.PixelsPerScanLine = 0;
	collect(&kept.b);
	assert_int_equal(kept.b.fb.pitch, 800);
}

static void
colours_of_every_format(void **state)
{
	static const struct {
		EFI_GRAPHICS_PIXEL_FORMAT format;
		EFI_PIXEL_BITMASK mask;
		uint32_t red, green, blue, bytes;
	} kinds[] = {
	    {PixelRedGreenBlueReserved8BitPerColor, {0, 0, 0, 0}, 0xff, 0xff00,
		0xff0000, 4},
	    {PixelBlueGreenRedReserved8BitPerColor, {0, 0, 0, 0}, 0xff0000,
		0xff00, 0xff, 4},
	    {PixelBitMask, {0xf800, 0x7e0, 0x1f, 0}, 0xf800, 0x7e0, 0x1f, 2},
	    {PixelBitMask, {0x7c00, 0x3e0, 0x1f, 0x8000}, 0x7c00, 0x3e0, 0x1f,
		2},
	    {PixelBitMask, {0xff0000, 0xff00, 0xff, 0}, 0xff0000, 0xff00, 0xff,
		3},
	    {PixelBitMask, {0xff, 0xff00, 0xff0000, 0xff000000}, 0xff, 0xff00,
		0xff0000, 4},
	    {PixelBitMask, {0x3ff00000, 0xffc00, 0x3ff, 0}, 0x3ff00000, 0xffc00,
		0x3ff, 4},
	};
	Screen s;

	for (size_t i = 0; i < nelem(kinds); i++) {
		setup(state);
		screen(&s, CONSOLE);
		s.info.PixelFormat = kinds[i].format;
		s.info.PixelInformation = kinds[i].mask;
		collect(&kept.b);
		assert_int_equal(kept.b.fb.red, kinds[i].red);
		assert_int_equal(kept.b.fb.green, kinds[i].green);
		assert_int_equal(kept.b.fb.blue, kinds[i].blue);
		assert_int_equal(kept.b.fb.bytes, kinds[i].bytes);
		assert_int_equal(kept.b.fb.size, 1024 * 600 * kept.b.fb.bytes);
	}
}

static void
what_cannot_be_drawn_on_is_no_screen(void **state)
{
	Screen s;

	(void)state;
	screen(&s, CONSOLE);
	s.info.PixelFormat = PixelBltOnly;
	collect(&kept.b);
	assert_int_equal(kept.b.fb.size, 0);
	screen(&s, 7)->info.PixelFormat = PixelBitMask;
	collect(&kept.b);
	assert_int_equal(kept.b.fb.size, 0);
	s.info.PixelFormat = PixelBlueGreenRedReserved8BitPerColor;
	s.mode.FrameBufferBase = 0;
	collect(&kept.b);
	assert_int_equal(kept.b.fb.size, 0);
	s.gop.Mode = NULL;
	collect(&kept.b);
	assert_int_equal(kept.b.fb.size, 0);
	s.gop.Mode = &s.mode;
	s.mode.Info = NULL;
	collect(&kept.b);
	assert_int_equal(kept.b.fb.size, 0);
}

/* The console's own, else the first that can be drawn on. */
static void
of_several_screens_one_is_taken(void **state)
{
	Screen s[3];

	(void)state;
	screen(&s[0], 7)->info.PixelFormat = PixelBltOnly;
	screen(&s[1], 8)->info.VerticalResolution = 500;
	screen(&s[2], 9);
	collect(&kept.b);
	assert_int_equal(kept.b.fb.height, 500);
	fakefw.most = 0;
	collect(&kept.b);
	assert_int_equal(kept.b.fb.size, 0);
	fakefw.most = SIZE_MAX;
	fakesystem.ConsoleOutHandle = (EFI_HANDLE)9;
	collect(&kept.b);
	assert_int_equal(kept.b.fb.height, 600);
}

static void
the_shortest_of_three_stalls_is_the_clock(void **state)
{
	(void)state;
	collect(&kept.b);
	assert_int_equal(clock3.calls, 3);
	assert_in_range(kept.b.tschz, 3000000000, 3000001000);
	for (size_t i = 0; i < 3; i++) {
		setup(state);
		for (size_t k = 0; k < 3; k++)
			clock3.extra[k] = k == i ? 500 : 1000000 + k;
		collect(&kept.b);
		assert_in_range(kept.b.tschz, 3000050000, 3000051000);
	}
}

static void
the_vendor_in_ascii(void **state)
{
	CHAR16 *name = wide("Das \"U\"-Boot");
	char long1[200];

	(void)state;
	name[4] = 0x161;
	fakesystem.FirmwareVendor = name;
	fakesystem.Hdr.Revision = 2 << 16 | 100;
	collect(&kept.b);
	assert_string_equal(kept.b.firmware, "Das ?U?-Boot");
	assert_int_equal(kept.b.firmwarerevision, 2 << 16 | 100);
	memset(long1, 'x', sizeof long1);
	long1[sizeof long1 - 1] = '\0';
	fakesystem.FirmwareVendor = wide(long1);
	collect(&kept.b);
	assert_int_equal(strlen(kept.b.firmware), sizeof kept.b.firmware - 1);
	fakesystem.FirmwareVendor = wide("a\x7f\x1f~ ");
	collect(&kept.b);
	assert_string_equal(kept.b.firmware, "a??~ ");
	fakesystem.FirmwareVendor = NULL;
	collect(&kept.b);
	assert_string_equal(kept.b.firmware, "");
}

/* A 16550 at that address of memory, as the table has it. */
static uint8_t *
spcr(uint64_t addr)
{
	uint8_t *t = table("SPCR", 80);

	t[40] = 0;
	t[41] = 32;
	t[43] = 3;
	memcpy(t + 44, &addr, 8);
	return t;
}

static void
the_port_asked_for_or_what_acpi_names_or_the_first(void **state)
{
	uint8_t *t = NULL;

	(void)state;
	collect(&kept.b);
	assert_int_equal(kept.b.uart.space, UARTPORT);
	assert_int_equal(kept.b.uart.addr, 0x3f8);
	t = spcr(0xfe034000);
	collect(&kept.b);
	assert_int_equal(kept.b.uart.space, UARTMEM);
	assert_int_equal(kept.b.uart.addr, 0xfe034000);
	assert_int_equal(kept.b.uart.width, 4);
	kept.b.options.uartgiven = true;
	collect(&kept.b);
	assert_int_equal(kept.b.uart.addr, 0x3f8);
	kept.b.options.uartgiven = false;
	t[36] = 3;
	collect(&kept.b);
	assert_int_equal(kept.b.uart.addr, 0x3f8);
	kept.b.options.uart.space = UARTNONE;
	collect(&kept.b);
	assert_int_equal(kept.b.uart.space, UARTNONE);
	assert_said("");
}

/* In RAM, in ACPI's tables, beyond the CPU's addresses; a hole is fine. */
static void
no_port_where_there_is_ram(void **state)
{
	static const struct {
		uint64_t addr;
		bool good;
	} at[] = {{0x10000000, false}, {0x10001ffc, false}, {0x10002000, true},
	    {0xfffc, true}, {0x20000000, false}, {0x30000000, true},
	    {1ull << 40, false}};

	for (size_t i = 0; i < nelem(at); i++) {
		setup(state);
		fakedesc(7, 0x10000000, 2, 8);
		fakedesc(9, 0x20000000, 1, 8);
		fakedesc(11, 0x30000000, 1, 1);
		spcr(at[i].addr);
		collect(&kept.b);
		assert_int_equal(
		    kept.b.uart.space, at[i].good ? UARTMEM : UARTNONE);
		assert_int_equal(
		    hosttimes("no serial port can be at"), !at[i].good);
	}
	setup(state);
	spcr(0xfe034000);
	fakefw.status = EFI_DEVICE_ERROR;
	collect(&kept.b);
	assert_int_equal(kept.b.uart.space, UARTNONE);
}

static void
power_buses_and_iommus_of_acpi(void **state)
{
	uint8_t *t = NULL;
	uint64_t base = 0xb0000000;

	(void)state;
	collect(&kept.b);
	assert_int_equal(kept.b.poweroff.pm1a, 0x604);
	assert_true(kept.b.no8042);
	assert_int_equal(kept.b.npci, 0);
	assert_int_equal(kept.b.iommus.table, IOMMUNONE);
	t = table("MCFG", 60);
	memcpy(t + 44, &base, 8);
	t[55] = 255;
	table("IVRS", 48);
	collect(&kept.b);
	assert_int_equal(kept.b.npci, 1);
	assert_int_equal(kept.b.pci[0].pa, base);
	assert_int_equal(kept.b.iommus.table, IOMMUIVRS);
	table("DMAR", 48);
	collect(&kept.b);
	assert_int_equal(kept.b.iommus.table, IOMMUDMAR);
}

static void
cpus_of_acpi_or_none(void **state)
{
	uint8_t *t = NULL;

	(void)state;
	kept.cpus.n = 7;
	collect(&kept.b);
	assert_false(kept.cpus.told);
	assert_int_equal(kept.cpus.n, 0);
	t = table("APIC", 52);
	t[45] = 8;
	t[47] = 3;
	t[48] = 1;
	collect(&kept.b);
	assert_true(kept.cpus.told);
	assert_int_equal(kept.cpus.n, 1);
	assert_int_equal(kept.cpus.id[0], 3);
	assert_int_equal(countcpus(), 1);
	ntables = 0;
	assert_int_equal(countcpus(), 0);
}

/* Two ranges of a GiB, of domains 0 and 1. */
static void
nodes_of_acpi_or_one(void **state)
{
	uint8_t *t = NULL;

	(void)state;
	kept.b.nodes.n = 7;
	collect(&kept.b);
	assert_int_equal(kept.b.nodes.n, 0);
	t = table("APIC", 52);
	t[45] = 8;
	t[47] = 3;
	t[48] = 1;
	t = table("SRAT", 48 + 2 * 40 + 16);
	for (uint8_t i = 0; i < 2; i++) {
		uint8_t *e = t + 48 + i * 40;

		e[0] = 1;
		e[1] = 40;
		e[2] = i;
		e[11] = 0x40 * i;
		e[19] = 0x40;
		e[28] = 1;
	}
	t[128] = 0;
	t[129] = 16;
	t[130] = 1;
	t[131] = 3;
	collect(&kept.b);
	assert_int_equal(kept.b.nodes.n, 2);
	assert_int_equal(kept.b.nodes.range[1].pa, GiB);
	assert_mentioned("1 CPUs are in no entry of SRAT: of node 0");
	t[132] = 1;
	hostquiet();
	collect(&kept.b);
	assert_said("");
	assert_int_equal(kept.cpus.node[0], 1);
	table("SLIT", 48);
	collect(&kept.b);
	assert_int_equal(kept.b.nodes.n, 0);
	assert_int_equal(kept.cpus.node[0], 0);
	assert_mentioned("one node: SLIT has the wrong size (0x30, 0)");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_row_is_as_long_as_the_pitch),
	    TEST(colours_of_every_format),
	    TEST(what_cannot_be_drawn_on_is_no_screen),
	    TEST(of_several_screens_one_is_taken),
	    TEST(the_shortest_of_three_stalls_is_the_clock),
	    TEST(the_vendor_in_ascii),
	    TEST(the_port_asked_for_or_what_acpi_names_or_the_first),
	    TEST(no_port_where_there_is_ram),
	    TEST(power_buses_and_iommus_of_acpi),
	    TEST(cpus_of_acpi_or_none),
	    TEST(nodes_of_acpi_or_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
