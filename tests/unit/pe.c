/*
 * pe.c - an image's headers made by hand: what is read of them, and what stops
 * the machine because no link makes it.
 *
 *	0      PEAT          TABLE       TEXT          DATA          RELOC
 *	[ DOS ][ PE, optional ][ sections ] .. [ .text ] .. [ .data ] .. [ table
 *]
 *
 * The image ends where its memory does, so that the sanitizer sees a look
 * beyond it.
 *
 * needs: arch/pe.c
 */
#include "unit.h"
#include "pe.h"

enum {
	PEAT = 0x80,
	OPTIONAL = PEAT + 24,
	TABLE = OPTIONAL + 0xf0,
	TEXT = 1 << PGSHIFT,
	DATA = 2 << PGSHIFT,
	RELOC = 3 << PGSHIFT,
	SIZE = 4 << PGSHIFT,
	READ = 0x40,
	EXEC = 0x20,
	WRITE = 0x80,
	ABSOLUTE = 0,
	HIGHLOW = 3,
	DIR64 = 10,
};

static uint8_t *image; /* as it was linked */
static uint8_t *copy;
static size_t nreloc; /* bytes of the table of relocations */

static void
put(size_t at, uint64_t v, size_t size)
{
	assert_in_range(at + size, 0, SIZE);
	memcpy(image + at, &v, size);
}

/* The header of the n-th section; its flags' high byte is enough. */
static void
section(size_t n, uint32_t rva, uint32_t virtual, uint32_t raw, uint8_t flags)
{
	const size_t at = TABLE + n * 40;

	put(at + 8, virtual, 4);
	put(at + 12, rva, 4);
	put(at + 16, raw, 4);
	put(at + 36, (uint32_t)flags << 24, 4);
}

static void
reloctable(uint32_t rva, uint32_t size)
{
	put(OPTIONAL + 152, rva, 4);
	put(OPTIONAL + 156, size, 4);
}

/* A block's header at the table's end. */
static void
block(uint32_t rva, uint32_t size)
{
	put(RELOC + nreloc, rva, 4);
	put(RELOC + nreloc + 4, size, 4);
	nreloc += 8;
	reloctable(RELOC, (uint32_t)nreloc);
}

static void
entry(unsigned type, unsigned offset)
{
	put(RELOC + nreloc, type << 12 | offset, 2);
	nreloc += 2;
	reloctable(RELOC, (uint32_t)nreloc);
}

static uint64_t
word(size_t at)
{
	uint64_t v = 0;

	memcpy(&v, copy + at, sizeof v);
	return v;
}

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	image = calloc(1, SIZE);
	copy = calloc(1, SIZE);
	nreloc = 0;
	put(0x3c, PEAT, 4);
	memcpy(image + PEAT, "PE\0", 4);
	put(PEAT + 6, 3, 2);
	put(PEAT + 20, 0xf0, 2);
	put(OPTIONAL + 56, SIZE, 4);
	section(0, TEXT, 0x123, 0x200, READ | EXEC);
	section(1, DATA, 0x1000, 0x200, READ | WRITE);
	section(2, RELOC, 0x80, 0x200, READ);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	free(image);
	free(copy);
	return 0;
}

static void
relocate(uint64_t delta)
{
	memcpy(copy, image, SIZE);
	perelocate(image, copy, delta);
}

static void
must_be(size_t n, size_t rva, size_t size, bool write, bool exec)
{
	Section s;

	assert_true(pesection(image, n, &s));
	assert_int_equal(s.rva, rva);
	assert_int_equal(s.size, size);
	assert_int_equal(s.write, write);
	assert_int_equal(s.exec, exec);
}

static void
sections_are_whole_pages_with_their_rights(void **state)
{
	Section s;

	(void)state;
	must_be(0, TEXT, BY2PG, false, true);
	must_be(1, DATA, BY2PG, true, false);
	must_be(2, RELOC, BY2PG, false, false);
	assert_false(pesection(image, 3, &s));
	assert_false(pesection(image, SIZE_MAX, &s));
}

/* What the file has of it, or what memory has, is more. */
static void
a_section_is_as_large_as_the_larger_of_its_sizes(void **state)
{
	(void)state;
	section(1, DATA, BY2PG + 1, 0x200, READ | WRITE);
	must_be(1, DATA, 2 * BY2PG, true, false);
	section(1, DATA, 0x10, BY2PG + 1, READ | WRITE);
	must_be(1, DATA, 2 * BY2PG, true, false);
	section(1, DATA, 0, 0, READ | WRITE);
	must_be(1, DATA, 0, true, false);
}

static void
an_image_takes_whole_pages(void **state)
{
	(void)state;
	assert_int_equal(peimagesize(image), SIZE);
	put(OPTIONAL + 56, SIZE - BY2PG + 1, 4);
	assert_int_equal(peimagesize(image), SIZE);
	put(OPTIONAL + 56, SIZE - BY2PG, 4);
	assert_int_equal(peimagesize(image), SIZE - BY2PG);
}

static void
without_its_mark_it_is_no_header(void **state)
{
	Section s;

	for (size_t i = 0; i < 4; i++) {
		image[PEAT + i] ^= 1;
		assert_panics(peimagesize(image), "no PE header at 0x");
		assert_panics(pesection(image, 0, &s), "no PE header at 0x");
		assert_panics(relocate(0), "no PE header at 0x");
		image[PEAT + i] ^= 1;
	}
	sections_are_whole_pages_with_their_rights(state);
}

static void
a_section_lies_in_the_image_from_a_page_on(void **state)
{
	Section s;

	(void)state;
	section(0, TEXT + 0x200, 0x100, 0x100, READ);
	assert_panics(pesection(image, 0, &s),
	    "section 0 at 0x1200+0x1000 is not in the image");
	section(1, RELOC, BY2PG + 1, 0, READ);
	assert_panics(pesection(image, 1, &s),
	    "section 1 at 0x3000+0x2000 is not in the image");
	section(2, 0xfffff000, 0x1000, 0, READ);
	assert_panics(pesection(image, 2, &s),
	    "section 2 at 0xfffff000+0x1000 is not in the image");
	section(2, SIZE, 0, 0, READ);
	must_be(2, SIZE, 0, false, false);
}

/* In the copy; the image stays as it was linked. */
static void
every_place_listed_moves_by_the_difference(void **state)
{
	(void)state;
	block(TEXT, 12);
	entry(DIR64, 0x10);
	entry(DIR64, 0xff8);
	block(DATA, 12);
	entry(DIR64, 0x123);
	entry(ABSOLUTE, 0);
	put(TEXT + 0x10, 0xffffffff80001234, 8);
	put(TEXT + 0x18, 7, 8);
	put(TEXT + 0xff8, 0x1000, 8);
	put(DATA, 9, 8);
	put(DATA + 0x123, 0xfffffff0, 8);
	relocate(0x20);
	assert_int_equal(word(TEXT + 0x10), 0xffffffff80001254);
	assert_int_equal(word(TEXT + 0x18), 7);
	assert_int_equal(word(TEXT + 0xff8), 0x1020);
	assert_int_equal(word(DATA), 9);
	assert_int_equal(word(DATA + 0x123), 0x100000010);
	assert_int_equal(image[TEXT + 0x10], 0x34);
	relocate((uint64_t)-0x34);
	assert_int_equal(word(TEXT + 0x10), 0xffffffff80001200);
	assert_int_equal(word(TEXT + 0xff8), 0xfcc);
}

static void
a_table_of_nothing_moves_nothing(void **state)
{
	(void)state;
	reloctable(RELOC, 0);
	relocate(0x1000);
	assert_memory_equal(copy, image, SIZE);
	block(TEXT, 8);
	relocate(0x1000);
	assert_memory_equal(copy, image, SIZE);
}

static void
another_kind_of_relocation_stops(void **state)
{
	(void)state;
	block(TEXT, 12);
	entry(ABSOLUTE, 0);
	entry(HIGHLOW, 4);
	assert_panics(relocate(1), "relocation type 3 at 0x1000");
}

/* Each block ends in the table, the table in the image. */
static void
blocks_that_do_not_fit_the_table_stop(void **state)
{
	static const struct {
		uint32_t size;
		const char *said;
	} bad[] = {
	    {0, "relocation block of 0 bytes, 12 left"},
	    {7, "relocation block of 7 bytes, 12 left"},
	    {11, "relocation block of 11 bytes, 12 left"},
	    {14, "relocation block of 14 bytes, 12 left"},
	    {0xfffffff8, "relocation block of 4294967288 bytes, 12 left"},
	};

	for (size_t i = 0; i < nelem(bad); i++) {
		nreloc = 0;
		block(TEXT, bad[i].size);
		entry(DIR64, 0);
		entry(DIR64, 8);
		assert_panics(relocate(1), bad[i].said);
	}
	nreloc = 0;
	block(TEXT, 8);
	entry(DIR64, 0);
	entry(DIR64, 8);
	assert_panics(relocate(1), "relocation block of 0 bytes, 4 left");
	reloctable(SIZE - 4, 4);
	assert_panics(relocate(1), "relocation block of 0 bytes, 4 left");
	reloctable(SIZE - 4, 8);
	assert_panics(relocate(1), "relocations at 0x3ffc+0x8 are not in the");
	reloctable(0xfffffffc, 8);
	assert_panics(relocate(1), "relocations at 0xfffffffc+0x8 are not in");
	(void)state;
}

static void
a_place_beyond_the_image_stops(void **state)
{
	(void)state;
	block(RELOC, 10);
	entry(DIR64, 0xff8);
	relocate(1);
	assert_int_equal(word(RELOC + 0xff8), 1);
	nreloc = 0;
	block(RELOC, 10);
	entry(DIR64, 0xff9);
	assert_panics(relocate(1), "relocation of 0x3ff9 is not in the image");
	nreloc = 0;
	block(0xfffff000, 10);
	entry(DIR64, 0xffc);
	assert_panics(
	    relocate(1), "relocation of 0xfffffffc is not in the image");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(sections_are_whole_pages_with_their_rights),
	    TEST(a_section_is_as_large_as_the_larger_of_its_sizes),
	    TEST(an_image_takes_whole_pages),
	    TEST(without_its_mark_it_is_no_header),
	    TEST(a_section_lies_in_the_image_from_a_page_on),
	    TEST(every_place_listed_moves_by_the_difference),
	    TEST(a_table_of_nothing_moves_nothing),
	    TEST(another_kind_of_relocation_stops),
	    TEST(blocks_that_do_not_fit_the_table_stop),
	    TEST(a_place_beyond_the_image_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
