/*
 * linuxmap.c - firmware's map as Linux would log it: each type, each order,
 * joined and not.
 *
 * needs: kern/linuxmap.c kern/linuxtype.c kern/format.c
 */
#include "unit.h"
#include "efidesc.h"
#include "efimap.h"
#include "../../kern/handed.h"
#include "../../kern/linuxmap.h"

enum { STRIDE = 48, MOST = 8, WB = 0xf, UC = 1, SPECIAL = 1 << 18 };

static uint8_t desc[MOST * STRIDE];
static size_t n;

Efimap
handedmap(void)
{
	return (Efimap){desc, n * STRIDE, STRIDE, 40, 0, 0};
}

static int
setup(void **state)
{
	(void)state;
	n = 0;
	hostquiet();
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
add(uint32_t type, paddr_t pa, size_t npages, uint64_t attr)
{
	efidesc(desc + n++ * STRIDE, type, pa, npages, attr);
}

static void
neighbours_of_a_type_are_one(void **state)
{
	(void)state;
	add(7, 0x5000, 2, WB);
	add(3, 0x3000, 2, WB); /* boot services' code, lower */
	add(7, 0x8000, 1, WB);
	add(10, 0x9000, 1, WB);
	add(7, 0xa000, 0, WB); /* nothing */
	linuxmap();
	assert_said("BIOS-e820: [mem 0x0000000000003000-0x0000000000006fff] "
		    "usable\n"
		    "BIOS-e820: [mem 0x0000000000008000-0x0000000000008fff] "
		    "usable\n"
		    "BIOS-e820: [mem 0x0000000000009000-0x0000000000009fff] "
		    "ACPI NVS\n");
}

/* Linux does not know more of them than their words say. */
static void
so_are_two_types_of_one_word(void **state)
{
	(void)state;
	add(7, 0x1000, 1, WB);
	add(15, 0x2000, 1, WB); /* to be accepted */
	add(1, 0x3000, 1, WB);
	add(0, 0x4000, 1, WB);
	add(5, 0x5000, 1, WB);
	add(11, 0x6000, 1, UC);
	linuxmap();
	assert_said("BIOS-e820: [mem 0x0000000000001000-0x0000000000003fff] "
		    "usable\n"
		    "BIOS-e820: [mem 0x0000000000004000-0x0000000000006fff] "
		    "reserved\n");
}

/*
 *	1    2    3    4    5    6    7    8
 *	[ usable ][ NVS     ]         [ usable
 *	[ usable ----------------]
 *	     [ reserved ]
 */
static void
what_overlaps_is_what_wins(void **state)
{
	(void)state;
	add(7, 0x1000, 2, WB);
	add(10, 0x3000, 2, WB);
	add(7, 0x1000, 5, WB); /* begins where another does */
	add(0, 0x2000, 2, WB);
	add(7, 0x7000, (UINT64_MAX - 0x7000) / 0x1000, WB);
	add(0, 0xfffffffffffff000, 3, WB); /* wraps */
	add(0x80000001, 0x6000, 1, WB);    /* Linux does not know it */
	linuxmap();
	assert_said("BIOS-e820: [mem 0x0000000000001000-0x0000000000001fff] "
		    "usable\n"
		    "BIOS-e820: [mem 0x0000000000002000-0x0000000000002fff] "
		    "reserved\n"
		    "BIOS-e820: [mem 0x0000000000003000-0x0000000000004fff] "
		    "ACPI NVS\n"
		    "BIOS-e820: [mem 0x0000000000005000-0x0000000000005fff] "
		    "usable\n"
		    "BIOS-e820: [mem 0x0000000000007000-0xffffffffffffefff] "
		    "usable\n");
}

static void
each_type_has_its_name(void **state)
{
	static const struct {
		uint32_t type;
		uint64_t attr;
		const char *name;
	} kinds[] = {
	    {0, WB, "reserved"},
	    {1, WB, "usable"},
	    {2, WB, "usable"},
	    {4, WB, "usable"},
	    {5, WB, "reserved"},
	    {6, WB, "reserved"},
	    {7, WB, "usable"},
	    {7, UC, "usable"},
	    {7, WB | SPECIAL, "soft reserved"},
	    {8, WB, "unusable"},
	    {9, WB, "ACPI data"},
	    {10, WB, "ACPI NVS"},
	    {11, UC, "reserved"},
	    {14, WB, "persistent (type 7)"},
	    {15, WB, "usable"},
	};
	char want[100];

	(void)state;
	for (size_t i = 0; i < nelem(kinds); i++) {
		setup(state);
		add(kinds[i].type, 0x100000, 1, kinds[i].attr);
		linuxmap();
		sprintf(want,
		    "BIOS-e820: [mem 0x0000000000100000-0x0000000000100fff] "
		    "%s\n",
		    kinds[i].name);
		assert_said(want);
	}
}

static void
no_map_is_no_line(void **state)
{
	(void)state;
	linuxmap();
	assert_said("");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(neighbours_of_a_type_are_one),
	    TEST(so_are_two_types_of_one_word),
	    TEST(what_overlaps_is_what_wins),
	    TEST(each_type_has_its_name),
	    TEST(no_map_is_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
