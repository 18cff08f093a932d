/*
 * pci.c - bus masters of machines made up here, by ports and in memory; and
 * IOMMUs.
 *
 * needs: arch/pci.c arch/iommu.c
 */
#include "mmu.h"
#include "pci.h"
#include "port.h"
#include "unit.h"

enum { BUSBYTES = 1 << 20, MOSTBUSES = 4, MAPS = 4 };

#define ECAM 0xb0000000ull

static struct {
	bool noports;
	uint32_t address;
	uint8_t bus[MOSTBUSES][BUSBYTES]; /* segment 0 */
	uint8_t other[BUSBYTES];          /* the only bus of segment 1 */
	uint8_t unit[2][BY2PG];
	size_t mapped;
	size_t most; /* that was mapped at once */
	bool rigid;  /* commands cannot be changed by the ports */
	bool full;   /* there are no addresses */
} machine;

static Bootinfo boot;
Bootinfo *bootinfo = &boot;
static Busmasters m;

static uint8_t *
selected(void)
{
	uint32_t a = machine.address;
	size_t bus = a >> 16 & 0xff;

	assert_int_equal(a >> 24, 0x80);
	if (bus >= MOSTBUSES || machine.noports)
		return NULL;
	return machine.bus[bus] + ((a >> 8 & 0xff) << 12) + (a & 0xfc);
}

uint32_t
portread32(uint16_t port)
{
	uint32_t v = ~0u;

	assert_int_equal(port, 0xcfc);
	if (selected() != NULL)
		memcpy(&v, selected(), 4);
	return v;
}

/* Of the command's word the upper half is the status, where a 1 clears. */
void
portwrite32(uint16_t port, uint32_t v)
{
	uint32_t was = 0;

	if (port == 0xcf8) {
		machine.address = v;
		return;
	}
	if (selected() == NULL || machine.rigid)
		return;
	memcpy(&was, selected(), 4);
	if ((machine.address & 0xfc) == 4)
		v = (v & 0xffff) | (was & ~v & 0xffff0000);
	memcpy(selected(), &v, 4);
}

void *
vmap(paddr_t pa, size_t size, pte_t memtype)
{
	assert_int_equal(memtype, PTEUC);
	if (machine.full)
		return NULL;
	machine.mapped += size;
	machine.most = MAX(machine.most, machine.mapped);
	if (pa == 2 * GiB || pa == 2 * GiB + BY2PG)
		return machine.unit[(pa - 2 * GiB) / BY2PG];
	if (pa >= TiB)
		return machine.other;
	assert_true(pa >= ECAM && pa + size <= ECAM + sizeof machine.bus);
	return machine.bus[(pa - ECAM) >> 20];
}

void
vunmap(void *p, size_t size)
{
	assert_non_null(p);
	machine.mapped -= size;
}

static int
setup(void **state)
{
	(void)state;
	memset(&machine, 0, sizeof machine);
	memset(machine.bus, 0xff, sizeof machine.bus);
	memset(machine.other, 0xff, sizeof machine.other);
	memset(&boot, 0, sizeof boot);
	hostquiet();
	return 0;
}

/* A function of a bus: its class with subclass, header and command. */
static uint8_t *
function(uint8_t *bus, unsigned dev, unsigned fn, uint16_t class,
    uint8_t header, uint16_t command)
{
	uint8_t *p = bus + (dev << 15 | fn << 12);

	memset(p, 0, 256);
	memcpy(p, "\x86\x80\x34\x12", 4);
	memcpy(p + 4, &command, 2);
	memcpy(p + 6, "\x10\x02", 2); /* status */
	memcpy(p + 10, &class, 2);
	p[14] = header;
	return p;
}

static void
bus_masters_lose_it_and_nothing_else(void **state)
{
	uint8_t *disk = function(machine.bus[0], 31, 2, 0x0106, 0, 0x407);

	(void)state;
	function(machine.bus[0], 31, 0, 0x0601, 0x80, 0x7);
	function(machine.bus[0], 3, 0, 0x0200, 0, 0x3);
	pciquietports(&m);
	assert_int_equal(m.functions, 3);
	assert_int_equal(m.off, 1);
	assert_int_equal(m.stuck, 0);
	assert_int_equal(m.name[0], 31 << 3 | 2);
	assert_int_equal(disk[4] | disk[5] << 8, 0x403);
	assert_int_equal(disk[6] | disk[7] << 8, 0x210);
	assert_int_equal(machine.bus[0][31 << 15 | 4], 7);
	assert_int_equal(machine.bus[0][3 << 15 | 4], 3);
}

static void
bridges_displays_and_iommus_keep_it(void **state)
{
	static const struct {
		uint16_t class;
		uint8_t header;
		size_t off;
	} row[] = {{0x0600, 0, 0}, {0x0601, 0, 0}, {0x0604, 1, 0},
	    {0x0607, 2, 0}, {0x0880, 1, 0}, {0x0300, 0, 0}, {0x0380, 0, 0},
	    {0x0806, 0, 0}, {0x0805, 0, 1}, {0x0c03, 0, 1}, {0x0108, 0, 1},
	    {0x0280, 0, 1}, {0x0000, 0, 1}};

	for (size_t i = 0; i < nelem(row); i++) {
		setup(state);
		function(machine.bus[1], 5, 0, row[i].class, row[i].header, 6);
		pciquietports(&m);
		assert_int_equal(m.off, row[i].off);
		assert_int_equal(
		    machine.bus[1][5 << 15 | 4], row[i].off ? 2 : 6);
	}
}

static void
functions_count_only_where_there_are_several(void **state)
{
	(void)state;
	function(machine.bus[0], 4, 0, 0x0200, 0, 4);
	function(machine.bus[0], 4, 1, 0x0200, 0, 4);
	function(machine.bus[0], 5, 1, 0x0200, 0, 4);
	function(machine.bus[0], 6, 0, 0x0200, 0x80, 4);
	function(machine.bus[0], 6, 7, 0x0200, 0, 4);
	memset(function(machine.bus[0], 7, 0, 0x0200, 0, 4), 0, 2);
	pciquietports(&m);
	assert_int_equal(m.off, 3);
	assert_int_equal(m.name[2], 6 << 3 | 7);
}

/* Segment 0 by ports, though it is in memory too; 1 only in memory. */
static void
other_segments_are_reached_through_memory(void **state)
{
	static const Pcibuses buses[] = {{ECAM, 0, 0, 3}, {TiB, 1, 7, 7}};

	(void)state;
	function(machine.bus[2], 1, 0, 0x0200, 0, 4);
	function(machine.other, 9, 3, 0x0200, 0, 4);
	function(machine.other, 9, 0, 0x0600, 0x80, 4);
	pciquietports(&m);
	pciquietmapped(buses, nelem(buses), &m);
	assert_int_equal(m.functions, 3);
	assert_int_equal(m.off, 2);
	assert_int_equal(m.name[0], 2 << 8 | 1 << 3);
	assert_int_equal(m.name[1], 1 << 16 | 7 << 8 | 9 << 3 | 3);
	assert_int_equal(machine.other[9 << 15 | 3 << 12 | 4], 0);
	assert_int_equal(machine.mapped, 0);
}

static void
without_ports_segment_0_is_reached_through_memory(void **state)
{
	static const Pcibuses buses[] = {{ECAM, 0, 1, 3}};

	(void)state;
	machine.noports = true;
	function(machine.bus[1], 1, 0, 0x0200, 0, 4);
	function(machine.bus[3], 31, 0, 0x0200, 0, 4);
	pciquietports(&m);
	pciquietmapped(buses, nelem(buses), &m);
	assert_int_equal(m.off, 2);
	assert_int_equal(m.name[1], 3 << 8 | 31 << 3);
	assert_int_equal(machine.most, 3 * BUSBYTES);
}

static void
buses_out_of_reach_are_named(void **state)
{
	static const Pcibuses buses[] = {{TiB, 1, 7, 9}};

	(void)state;
	machine.full = true;
	function(machine.other, 9, 0, 0x0200, 0, 4);
	pciquietports(&m);
	pciquietmapped(buses, nelem(buses), &m);
	assert_int_equal(m.functions, 0);
	assert_mentioned("PCI buses 7 to 9 of segment 1: their devices");
}

static void
what_stays_on_is_counted_apart(void **state)
{
	(void)state;
	machine.rigid = true;
	function(machine.bus[0], 4, 0, 0x0200, 0, 4);
	busmastersoff();
	busmastersrest();
	assert_said("mem9: busmaster off=0 stuck=1 of=1 "
		    "functions=\"0000:00:04.0\"\n");
}

static void
the_line_names_the_first_of_many(void **state)
{
	(void)state;
	for (unsigned dev = 0; dev < 32; dev++)
		for (unsigned fn = 0; fn < 3; fn++)
			function(machine.bus[1], dev, fn, 0x0c03, 0x80, 6);
	busmastersoff();
	busmastersrest();
	assert_mentioned("mem9: busmaster off=96 stuck=0 of=96 "
			 "functions=\"0000:01:00.0 0000:01:00.1 ");
	assert_mentioned("0000:01:15.0 ...\"\n");
	setup(NULL);
	busmastersoff();
	busmastersrest();
	assert_said("mem9: busmaster off=0 stuck=0 of=0 functions=\"\"\n");
}

/* Of its classes only a serial bus's third is USB, and only one that was on. */
static void
a_keyboard_that_dies_is_said(void **state)
{
	static const struct {
		uint16_t class, command;
		bool stuck;
		bool said;
	} row[] = {{0x0c03, 4, false, true}, {0x0c03, 4, true, false},
	    {0x0c03, 3, false, false}, {0x0c05, 4, false, false},
	    {0x0303, 4, false, false}, {0x0200, 4, false, false}};

	for (size_t i = 0; i < nelem(row); i++) {
		setup(state);
		machine.rigid = row[i].stuck;
		function(machine.bus[0], 4, 0, row[i].class, 0, row[i].command);
		busmastersoff();
		busmastersrest();
		assert_int_equal(
		    strstr(hostsaid(), "a keyboard there is dead\n") != NULL,
		    row[i].said);
	}
}

static void
an_iommu_that_translates_is_said(void **state)
{
	(void)state;
	iommulook();
	assert_said("");
	boot.iommus = (Iommus){
	    .table = IOMMUDMAR, .n = 2, .unit = {2 * GiB, 2 * GiB + BY2PG}};
	iommulook();
	assert_said("mem9: iommu table=DMAR units=2 lost=0 translating=0\n");
	machine.unit[1][0x1f] = 0x80;
	hostquiet();
	iommulook();
	assert_mentioned("table=DMAR units=2 lost=0 translating=1\n");
	assert_mentioned("left an IOMMU on");
	hostquiet();
	boot.iommus.table = IOMMUIVRS;
	iommulook();
	assert_mentioned("table=IVRS units=2 lost=0 translating=0\n");
	machine.unit[0][0x18] = machine.unit[1][0x18] = 1;
	hostquiet();
	iommulook();
	assert_mentioned("translating=2\n");
	assert_int_equal(machine.mapped, 0);
	machine.full = true;
	hostquiet();
	iommulook();
	assert_said("mem9: iommu table=IVRS units=2 lost=2 translating=0\n");
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(bus_masters_lose_it_and_nothing_else),
	    TEST(buses_out_of_reach_are_named),
	    TEST(bridges_displays_and_iommus_keep_it),
	    TEST(functions_count_only_where_there_are_several),
	    TEST(other_segments_are_reached_through_memory),
	    TEST(without_ports_segment_0_is_reached_through_memory),
	    TEST(what_stays_on_is_counted_apart),
	    TEST(the_line_names_the_first_of_many),
	    TEST(a_keyboard_that_dies_is_said),
	    TEST(an_iommu_that_translates_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
