/*
 * e820.c - the *e820= line, read and written.
 */
#include "maptable.h"
#include "e820.h"
#include "efimap.h"

enum { WIDTH = 40 };

static Badword bad;

static int
setup(void **state)
{
	(void)state;
	mapbegin(SMACH);
	return 0;
}

/* The line is read, and these are the types at 2, 3 ... MiB. */
static void
expect(const char *line, const char *letters)
{
	Memrange r;

	setup(NULL);
	assert_int_equal(e820add(line, WIDTH, &bad), 0);
	for (size_t i = 0; letters[i] != '\0'; i++) {
		assert_true(memmaprange((2 + i) * MiB, &r));
		assert_int_equal("ubrax"[r.type], letters[i]);
	}
}

/* The line is refused because of this word, and nothing was added. */
static void
refuse(const char *line, const char *word, const char *want)
{
	setup(NULL);
	assert_int_equal(e820add(line, WIDTH, &bad), -1);
	assert_int_equal(bad.len, strlen(word));
	assert_memory_equal(bad.word, word, bad.len);
	assert_true(bad.word >= line && bad.word <= line + strlen(line));
	if (strstr(bad.want, want) == NULL)
		fail_msg("'%s' lacks '%s'", bad.want, want);
	assert_int_equal(memmapnext(NOADDR, MemUMB), NOADDR);
}

static void
both_forms_are_read(void **state)
{
	(void)state;
	expect("1 200000 300000 2 300000 400000 3 400000 500000", "rxab");
	expect("200000 300000 400000 500000", "rbrb");
	expect("200000 300000 3 300000 400000", "rab");
	expect("  1\t0x200000  0X300000 ", "rb");
}

static void
every_other_type_is_reserved(void **state)
{
	(void)state;
	expect("4 200000 300000 5 300000 400000 9 400000 500000", "xxxb");
	assert_int_equal(e820typeof(0), MemReserved);
	assert_int_equal(e820typeof(1), MemRAM);
	assert_int_equal(e820typeof(2), MemReserved);
	assert_int_equal(e820typeof(3), MemACPI);
	assert_int_equal(e820typeof(12), MemReserved);
	assert_int_equal(e820typeof(0xefffffff), MemReserved);
}

static void
a_wrong_word_is_named(void **state)
{
	(void)state;
	refuse("", "", "type base end");
	refuse("   ", "", "type base end");
	refuse("1 200000 3000g0", "3000g0", "hexadecimal");
	refuse("1 2000-0 300000", "2000-0", "hexadecimal");
	refuse("1 200000 300000 z 1 2", "z", "a type");
	refuse("0 9fc00 100000", "0", "a type");
	refuse(": 9fc00 100000", ":", "a type");
	refuse("1 200000 300000 1 400000", "", "hexadecimal");
	refuse("1", "", "hexadecimal");
	refuse("1 0x 300000", "0x", "hexadecimal");
	refuse("1 0y0 300000", "0y0", "hexadecimal");
	refuse("200000", "", "hexadecimal");
	refuse("1 0 10000000000000000", "10000000000000000", "hexadecimal");
	refuse("1 200000 300000,", "300000,", "hexadecimal");
	refuse("1 200000 @00000", "@00000", "hexadecimal");
	refuse("1 200000 `00000", "`00000", "hexadecimal");
}

static void
the_largest_address_is_read(void **state)
{
	(void)state;
	expect("1 200000 300000 2 400000 ffffffffffffffff", "rbxx");
	assert_mentioned("mem9: odd kind=width base=0x400000 ");
}

static void
empty_and_backward_entries_are_said_and_skipped(void **state)
{
	(void)state;
	expect("1 200000 200000 1 400000 300000 2 300000 300001", "bxb");
	assert_said(
	    "mem9: odd kind=zero base=0x200000 pages=0\n"
	    "mem9: odd kind=wrap base=0x400000 pages=4503599627370240\n");
}

/* 9fc00: RAM ends at the page before, what is reserved takes the page. */
static void
ends_inside_a_page_shrink_ram_and_grow_the_rest(void **state)
{
	Memrange r;

	(void)state;
	expect("1 0 9fc00 2 9fc00 a0000 1 200800 2ff800 3 300400 300c00", "ba");
	assert_said("");
	assert_true(memmaprange(0, &r));
	assert_int_equal(r.end, 0xa0000);
	assert_int_equal(r.type, MemReserved);
	assert_int_equal(memmapnext(NOADDR, MemRAM), 0x201000);
	assert_int_equal(memmapsize(0x201000, 0), 0xfe000);
	assert_int_equal(memmapsize(0x300000, 0), 0x1000);
	setup(NULL);
	e820add("1 200800 200c00", WIDTH, &bad);
	assert_int_equal(memmapnext(NOADDR, MemRAM), NOADDR);
}

/* Two that meet inside a page both take it: that is no overlap. */
static void
only_whole_pages_overlap(void **state)
{
	(void)state;
	expect("3 200000 300800 4 300800 400000", "axb");
	assert_said("");
	expect("3 200000 302800 4 300800 400000", "axb");
	assert_said("mem9: odd kind=overlap base=0x301000 pages=1\n");
	expect("1 200000 400000 2 300000 500000", "rxxb");
	assert_said("mem9: odd kind=overlap base=0x300000 pages=256\n");
}

static void
what_is_written_reads_back_the_same(void **state)
{
	static char first[4000];
	static char line[4000];

	(void)state;
	expect("1 0 9fc00 2 f0000 100000 1 100000 7ff00800 4 7ff00000 7ff10000 "
	       "3 7ff10000 80000000 1 100000000 1000000000",
	    "rrrr");
	hostquiet();
	memmapdump();
	strcpy(first, hostsaid());
	hostquiet();
	e820print();
	strcpy(line, hostsaid());
	assert_string_equal(line,
	    "*e820=2 0 9f000 2 f0000 100000 1 100000 7ff00000 "
	    "2 7ff00000 7ff10000 3 7ff10000 80000000 "
	    "1 100000000 1000000000\n");
	line[strlen(line) - 1] = '\0';
	setup(NULL);
	assert_int_equal(e820add(line + strlen("*e820="), WIDTH, &bad), 0);
	hostquiet();
	memmapdump();
	assert_said(first);
}

static void
a_map_without_ram_is_a_line_too(void **state)
{
	(void)state;
	e820begin();
	e820print();
	assert_said("*e820=\n");
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(both_forms_are_read),
	    TEST(every_other_type_is_reserved),
	    TEST(a_wrong_word_is_named),
	    TEST(the_largest_address_is_read),
	    TEST(empty_and_backward_entries_are_said_and_skipped),
	    TEST(ends_inside_a_page_shrink_ram_and_grow_the_rest),
	    TEST(only_whole_pages_overlap),
	    TEST(what_is_written_reads_back_the_same),
	    TEST(a_map_without_ram_is_a_line_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
