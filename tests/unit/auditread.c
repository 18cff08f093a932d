/*
 * auditread.c - what `mem9 audit' reads: page tables as ranges, images, memory
 * that is asked for and given back, the stack, the map twice, the attributes
 * table; and what comes of a firmware that has none of it, or nonsense.
 *
 * The map is of this process's own memory, as far as something is read there.
 *
 * needs: efi/audit/read.c efi/audit/readpages.c efi/audit/readimages.c
 * needs: efi/tables/attributes.c
 * needs: efi/audit/readmemory.c efi/maprows.c tests/host/fakefw.c
 * needs: tests/host/fakeaudit.c
 */
#include "unit.h"
#include "audit.h"
#include "cpu.h"
#include "fakeaudit.h"
#include "../../efi/audit/read.h"
#include "../../efi/firmware.h"

static Evidence e;

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	fakeauditstart();
	return 0;
}

/* All that was taken is back. */
static int
teardown(void **state)
{
	(void)state;
	evidencefree();
	hostloud();
	return fakefw.pool == 0 && fakeaudit.npages == 0 ? 0 : -1;
}

static void
pages_that_touch_and_are_alike_are_one_range(void **state)
{
	(void)state;
	fakeleaf(0x1000, 0x1000, BY2PG, PTEWRITE);
	fakeleaf(0x2000, 0x2000, BY2PG, PTEWRITE | PTEUNCACHED);
	fakeleaf(0x3000, 0x3000, BY2PG, PTENOEXEC);
	fakeleaf(0x4000, 0x5000, BY2PG, PTENOEXEC);
	fakeleaf(0x6000, 0x6000, BY2PG, PTENOEXEC);
	fakeleaf(DMAP, 0x7000, 2 * MiB, PTENOEXEC | PTEUSER);
	assert_true(evidenceread(&e));
	assert_null(e.pages.why);
	assert_int_equal(e.pages.n, 5);
	assert_int_equal(e.pages.range[0].va, 0x1000);
	assert_int_equal(e.pages.range[0].size, 0x2000);
	assert_int_equal(e.pages.range[0].flags, PTEVALID | PTEWRITE);
	assert_int_equal(e.pages.range[1].flags, PTEVALID | PTENOEXEC);
	assert_int_equal(e.pages.range[2].pa, 0x5000);
	assert_int_equal(e.pages.range[4].va, DMAP);
	assert_int_equal(e.pages.range[4].size, 2 * MiB);
	assert_int_equal(
	    e.pages.range[4].flags, PTEVALID | PTENOEXEC | PTEUSER);
	assert_true(e.pages.writeprotect && e.pages.noexecute);
}

/* Bits that the CPU does not look at forbid nothing. */
static void
rights_are_what_the_registers_make_of_them(void **state)
{
	(void)state;
	fakeleaf(0x1000, 0x1000, BY2PG, PTENOEXEC);
	fakeaudit.regs.cr0 &= ~(1ull << 16);
	assert_true(evidenceread(&e));
	assert_int_equal(
	    e.pages.range[0].flags, PTEVALID | PTEWRITE | PTENOEXEC);
	assert_false(e.pages.writeprotect);
	evidencefree();
	fakeaudit.regs.cr0 = 1ull << 16;
	fakeaudit.regs.efer = 0;
	assert_true(evidenceread(&e));
	assert_int_equal(e.pages.range[0].flags, PTEVALID);
	assert_false(e.pages.noexecute);
}

/* Firmware that splits its pages at every allocation. */
static void
more_pages_than_a_moment_before(void **state)
{
	(void)state;
	for (size_t i = 0; i < 300; i++)
		fakeleaf(i * 2 * BY2PG, i * 2 * BY2PG, BY2PG, 0);
	fakeaudit.hides = 257;
	assert_true(evidenceread(&e));
	assert_string_equal(e.pages.why, "more of them than a moment before");
	assert_int_equal(e.pages.n, 0);
	evidencefree();
	fakeaudit.walks = 0;
	fakeaudit.hides = 256;
	assert_true(evidenceread(&e));
	assert_null(e.pages.why);
	assert_int_equal(e.pages.n, 300);
}

static void
sections_of_an_image(void **state)
{
	uint8_t *p = fakeimage(3);

	(void)state;
	fakesection(p, 0, 0x1000, 0x1234, 0x1400, 0x60000020);
	fakesection(p, 1, 0x3000, 0x800, 0x200, 0xc0000040);
	fakesection(p, 2, 0x4000, 0x10, 0x9000, 0x40000040);
	assert_true(evidenceread(&e));
	const Images *im = &e.images;
	paddr_t at = (uintptr_t)p;
	assert_null(im->why);
	assert_int_equal(im->n, 3);
	assert_int_equal(im->nimage, 1);
	assert_int_equal(im->unread + im->unpaged, 0);
	assert_int_equal(im->own, at);
	assert_int_equal(im->part[0].image, at);
	assert_int_equal(im->part[0].pa, at + 0x1000);
	assert_int_equal(im->part[0].end, at + 0x3000);
	assert_true(im->part[0].exec && !im->part[0].write);
	assert_int_equal(im->part[1].end, at + 0x4000);
	assert_true(im->part[1].write && !im->part[1].exec);
	assert_int_equal(im->part[2].end, at + FAKEIMAGESIZE);
	assert_true(!im->part[2].write && !im->part[2].exec);
}

/* Nothing of it is read beyond the image, nor where the map knows nothing. */
static void
images_that_make_no_sense(void **state)
{
	static const struct {
		size_t at;
		uint8_t v;
		bool unpaged;
	} wrong[] = {{0, 'X', false}, {FAKEPE, 'X', false}, {0x3d, 0xff, false},
	    {FAKEPE + 6, 0, false}, {FAKEPE + 7, 0xff, false},
	    {FAKEPE + 21, 0xff, false}, {FAKEPE + 24 + 33, 2, true},
	    {FAKESECTIONS + 15, 0x10, false}};

	for (size_t i = 0; i < nelem(wrong); i++) {
		setup(state);
		uint8_t *p = fakeimage(2);
		fakesection(p, 0, 0x1000, 0x1000, 0, 0x60000020);
		fakesection(p, 1, 0x2000, 0x1000, 0, 0x40000040);
		p[wrong[i].at] = wrong[i].v;
		assert_true(evidenceread(&e));
		assert_int_equal(e.images.n, 0);
		assert_int_equal(e.images.unread, !wrong[i].unpaged);
		assert_int_equal(e.images.unpaged, wrong[i].unpaged);
		assert_int_equal(
		    e.images.first, wrong[i].unpaged ? (uintptr_t)p : 0);
		evidencefree();
	}
	setup(state);
	fakeimage(2);
	fakefw.mapsize = 0;
	assert_true(evidenceread(&e));
	assert_int_equal(e.images.unread, 1);
}

static void
an_image_of_any_size_is_read_within_it(void **state)
{
	uint8_t bytes[FAKESECTIONS + 80];
	Imagepart part[2];
	bool unpaged = false;

	(void)state;
	uint8_t *p = fakeimage(2);
	fakesection(p, 0, 0x1000, 0x1000, 0, 0x60000020);
	fakesection(p, 1, 0x2000, 0x1000, 0, 0x40000040);
	for (size_t n = 0; n <= sizeof bytes; n++) {
		uint8_t *cut = malloc(n + 1);

		memcpy(cut, p, n);
		assert_int_equal(
		    imageparts(cut, n, 0x10000, 0x3000, part, 2, &unpaged),
		    n < sizeof bytes ? -1 : 2);
		free(cut);
	}
	assert_int_equal(
	    imageparts(p, sizeof bytes, 0x10000, 0x3000, part, 1, &unpaged), 2);
	assert_int_equal(part[1].pa, 0x12000);
	assert_int_equal(part[1].end, 0x13000);
}

static void
where_there_are_no_images(void **state)
{
	(void)state;
	fakeservices.LocateHandleBuffer = fakenohandles;
	assert_true(evidenceread(&e));
	assert_string_equal(e.images.why, "firmware tells of no images");
	evidencefree();
	setup(state);
	hostquiet();
	fakefw.status = EFI_DEVICE_ERROR;
	assert_false(evidenceread(&e));
	hostloud();
	assert_string_equal(
	    e.images.why, "there is no memory map to look them up in");
	evidencefree();
	setup(state);
	assert_true(evidenceread(&e));
	assert_null(e.images.why);
	assert_int_equal(e.images.nimage, 0);
	assert_int_equal(e.images.own, NOADDR);
}

static void
a_sample_of_each_kind_of_memory(void **state)
{
	size_t heaps = 0;

	(void)state;
	assert_true(evidenceread(&e));
	for (size_t i = 0; i < NSAMPLE; i++) {
		assert_non_null(e.samples[i].kind);
		assert_int_equal(e.samples[i].pa % BY2PG, 0);
		assert_int_equal(e.samples[i].end, e.samples[i].pa + BY2PG);
		heaps += e.samples[i].heap;
	}
	assert_int_equal(heaps, 2);
	assert_int_equal(fakeaudit.npages, 4);
	evidencefree();
	assert_int_equal(fakeaudit.npages, 0);
	fakeaudit.nopages = fakeaudit.nopool = true;
	assert_true(evidenceread(&e));
	for (size_t i = 0; i < NSAMPLE; i++)
		assert_null(e.samples[i].kind);
}

static void
the_stack_in_the_list_of_blocks(void **state)
{
	uintptr_t here = (uintptr_t)&here;
	uintptr_t base = ROUNDDOWN(here, MiB) - MiB;

	(void)state;
	fakehob(1, 56, 0, 0);
	fakehob(2, 48, 0x1000, 0x2000);
	fakehobstack(base, 3 * MiB);
	fakehob(0xffff, 8, 0, 0);
	assert_true(evidenceread(&e));
	assert_int_equal(e.stack.base, base);
	assert_int_equal(e.stack.size, 3 * MiB);
	assert_in_range(e.stack.sp, here - MiB, here);
	evidencefree();
	setup(state);
	fakehobstack(base, MiB / 2); /* somebody else's */
	fakehob(0xffff, 8, 0, 0);
	assert_true(evidenceread(&e));
	assert_int_equal(e.stack.size, 0);
}

static void
a_list_of_blocks_that_makes_no_sense(void **state)
{
	uintptr_t base = 1;
	size_t size = 1;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		setup(state);
		fakehob(1, i == 0 ? 0 : i == 1 ? 7 : 0xfff8, 0, 0);
		fakehobstack(0x1000, 0x1000);
		assert_false(hobstack(
		    fakeaudit.hobs, sizeof fakeaudit.hobs, &base, &size));
	}
	setup(state);
	fakehob(0xffff, 8, 0, 0);
	fakehobstack(0x1000, 0x1000);
	assert_false(
	    hobstack(fakeaudit.hobs, sizeof fakeaudit.hobs, &base, &size));
	setup(state);
	fakehobstack(0x1000, 0x3000);
	for (size_t n = 0; n < 48; n++)
		assert_false(hobstack(fakeaudit.hobs, n, &base, &size));
	assert_true(hobstack(fakeaudit.hobs, 48, &base, &size));
	assert_int_equal(base, 0x1000);
	assert_int_equal(size, 0x3000);
	fakehobshort();
	assert_false(
	    hobstack(fakeaudit.hobs, sizeof fakeaudit.hobs, &base, &size));
}

static void
the_map_twice_and_sorted(void **state)
{
	(void)state;
	fakedesc(7, 8 * MiB, 1, 0xf);
	fakedesc(0, 4 * MiB, 1, 0);
	size_t n = fakefw.mapsize / 48;
	assert_true(evidenceread(&e));
	assert_int_equal(efimapcount(&e.map), n);
	assert_int_equal(efimapcount(&e.again), n);
	assert_int_equal(efimapcount(&e.sorted), n);
	assert_int_equal(efimapdesc(&e.map, n - 1).base, 4 * MiB);
	assert_int_equal(efimapdesc(&e.again, n - 1).base, 4 * MiB);
	assert_int_equal(efimapdesc(&e.sorted, 0).base, 4 * MiB);
	assert_int_equal(e.map.physbits, cpu.physbits);
	evidencefree();
	fakefw.growth = 48;
	assert_true(evidenceread(&e));
	assert_int_equal(efimapcount(&e.again), efimapcount(&e.map) + 1);
}

static void
without_a_map_there_is_no_audit(void **state)
{
	(void)state;
	fakefw.status = EFI_UNSUPPORTED;
	assert_false(evidenceread(&e));
	assert_mentioned("firmware gives no memory map");
	evidencefree();
	setup(state);
	for (size_t n = 0; n < 40; n++) {
		fakefw.most = n;
		assert_true(!evidenceread(&e) || e.map.size > 0);
		evidencefree();
		assert_int_equal(fakefw.pool, 0);
	}
}

static size_t goodcalls; /* of GetMemoryMap(), before it fails */
static EFI_STATUS (*goodmap)(
    UINTN *, EFI_MEMORY_DESCRIPTOR *, UINTN *, UINTN *, UINT32 *);

static EFI_STATUS
tiredmap(UINTN *size, EFI_MEMORY_DESCRIPTOR *desc, UINTN *key, UINTN *stride,
    UINT32 *version)
{
	if (goodcalls == 0)
		return EFI_DEVICE_ERROR;
	goodcalls--;
	return goodmap(size, desc, key, stride, version);
}

/* The size, and the map: then the first and the second that are judged. */
static void
a_map_that_firmware_gives_no_more(void **state)
{
	for (size_t n = 2; n <= 4; n++) {
		setup(state);
		fakeservices.LocateHandleBuffer = fakenohandles;
		goodmap = fakeservices.GetMemoryMap;
		fakeservices.GetMemoryMap = tiredmap;
		goodcalls = n;
		assert_int_equal(evidenceread(&e), n == 4);
		assert_int_equal(goodcalls, 0);
		if (n < 4)
			assert_said("mem9: firmware gave a memory map, and "
				    "none when asked again: status "
				    "0x8000000000000007\n");
		evidencefree();
	}
}

static void
the_attributes_table(void **state)
{
	(void)state;
	assert_true(evidenceread(&e));
	assert_false(e.table.is.there);
	evidencefree();
	for (size_t skew = 0; skew < 2; skew++) {
		setup(state);
		fakeaudit.skew = skew; /* it need not be aligned */
		fakeattributes(1, 3, 48);
		assert_true(evidenceread(&e));
		assert_true(e.table.is.there);
		assert_int_equal(e.table.is.version, 1);
		assert_int_equal(e.table.is.n, 3);
		assert_int_equal(e.table.is.stride, 48);
		assert_int_equal(efimapcount(&e.table.map), 3);
		assert_int_equal(efimapdesc(&e.table.map, 0).base, 0x3000);
		assert_int_equal(efimapdesc(&e.table.sorted, 0).base, 0x1000);
		assert_int_equal(efimapdesc(&e.table.sorted, 2).base, 0x3000);
		evidencefree();
	}
}

/* It is not believed where it would reach out of what the map knows. */
static void
an_attributes_table_that_cannot_be_read(void **state)
{
	static const struct {
		uint32_t n;
		uint32_t stride;
		const char *why;
	} wrong[] = {{3, 39, "its entries have no size that can be"},
	    {0, 4097, "its entries have no size that can be"},
	    {100, 48, "it is longer than the memory that it is in"},
	    {1u << 20, 4096, "it is longer than the memory that it is in"}};

	for (size_t i = 0; i < nelem(wrong); i++) {
		setup(state);
		fakeattributes(1, wrong[i].n, wrong[i].stride);
		assert_true(evidenceread(&e));
		assert_true(e.table.is.there && e.table.is.head);
		assert_string_equal(e.table.why, wrong[i].why);
		assert_int_equal(e.table.map.size, 0);
		evidencefree();
	}
}

static void
a_long_attributes_table(void **state)
{
	static uint8_t bytes[sizeof(Memoryattributes) + 16385 * 40];
	EFI_GUID guid = MEMORYATTRIBUTES;

	for (uint32_t n = 16384; n <= 16385; n++) {
		Memoryattributes head = {1, n, 40, 0};

		setup(state);
		memcpy(bytes, &head, sizeof head);
		fakeconfig(guid, bytes);
		fakedesc(4, ROUNDDOWN((uintptr_t)bytes, BY2PG),
		    sizeof bytes / BY2PG + 2, 0xf);
		assert_true(evidenceread(&e));
		assert_int_equal(efimapcount(&e.table.map), n == 16384 ? n : 0);
		if (n == 16384)
			assert_null(e.table.why);
		else
			assert_string_equal(
			    e.table.why, "it has more entries than mem9 reads");
		evidencefree();
	}
}

static void
an_attributes_table_with_nothing_in_it_is_read(void **state)
{
	(void)state;
	fakeattributes(1, 0, 48);
	assert_true(evidenceread(&e));
	assert_true(e.table.is.head);
	assert_null(e.table.why);
	assert_int_equal(efimapcount(&e.table.map), 0);
	assert_int_equal(efimapcount(&e.table.sorted), 0);
}

static EFI_STATUS
nolongpool(EFI_MEMORY_TYPE type, UINTN size, VOID **p)
{
	static EFI_STATUS (*take)(EFI_MEMORY_TYPE, UINTN, VOID **);

	if (p == NULL) { /* from now on */
		take = fakeservices.AllocatePool;
		fakeservices.AllocatePool = nolongpool;
		return EFI_SUCCESS;
	}
	if (size == 3 * 48)
		return EFI_OUT_OF_RESOURCES;
	return take(type, size, p);
}

static void
without_memory_for_the_attributes_table(void **state)
{
	(void)state;
	fakeattributes(1, 3, 48);
	nolongpool(EfiLoaderData, 0, NULL);
	assert_true(evidenceread(&e));
	assert_string_equal(e.table.why, "no memory to sort its entries in");
	assert_int_equal(e.table.map.size, 0);
}

/* Whoever looks there faults. */
static void
a_pointer_that_leads_to_no_attributes_table(void **state)
{
	EFI_GUID guid = MEMORYATTRIBUTES;

	(void)state;
	fakeconfig(guid, (void *)(uintptr_t)0x1008);
	assert_true(evidenceread(&e));
	assert_true(e.table.is.there);
	assert_false(e.table.is.head);
	assert_int_equal(e.table.is.room, 0);
	assert_string_equal(e.table.why, "it is in no memory of the map");
	evidencefree();
	fakedesc(4, 0, 1, 0xf);
	fakesystem.NumberOfTableEntries = 0;
	fakeconfig(guid, (void *)(uintptr_t)(BY2PG - 8)); /* ends within it */
	assert_true(evidenceread(&e));
	assert_true(e.table.is.there && !e.table.is.head);
}

static void
how_much_the_map_knows_from_an_address_on(void **state)
{
	Efimap map = {.desc = fakefw.map, .stride = 48, .physbits = 40};

	(void)state;
	fakefw.mapsize = 0;
	fakedesc(4, 0x10000, 4, 0xf);
	fakedesc(4, 0x20000, UINT64_MAX, 0xf);
	map.size = fakefw.mapsize;
	assert_int_equal(mapknows(&map, 0x10000), 0x4000);
	assert_int_equal(mapknows(&map, 0x13fff), 1);
	assert_int_equal(mapknows(&map, 0x14000), 0);
	assert_int_equal(mapknows(&map, 0xffff), 0);
	assert_int_equal(mapknows(&map, 0x20000), 0);
}

/*
 *	10000   14000   15000   17000  18000
 *	  [ 2nd )[ 4th )[ 1st )          [ 3rd )	and one that ends at
 *2^64
 */
static void
what_the_map_knows_goes_on_in_the_next_descriptor(void **state)
{
	Efimap map = {.desc = fakefw.map, .stride = 48, .physbits = 40};

	(void)state;
	fakefw.mapsize = 0;
	fakedesc(0, 0x15000, 2, 0xf);
	fakedesc(4, 0x10000, 4, 0xf);
	fakedesc(9, 0x18000, 1, 0xf);
	fakedesc(2, 0x14000, 1, 0xf);
	fakedesc(2, 0, 1, 0xf);
	fakedesc(2, 0 - 3 * BY2PG, 2, 0xf);
	fakedesc(2, 0 - BY2PG, 1, 0xf);
	map.size = fakefw.mapsize;
	assert_int_equal(mapknows(&map, 0x10008), 0x7000 - 8);
	assert_int_equal(mapknows(&map, 0x14000), 0x3000);
	assert_int_equal(mapknows(&map, 0x17000), 0);
	assert_int_equal(mapknows(&map, 0x18fff), 1);
	assert_int_equal(mapknows(&map, 0 - 3 * BY2PG), 2 * BY2PG);
	assert_int_equal(mapknows(&map, 0 - BY2PG), 0);
	map.size = 0;
	assert_int_equal(mapknows(&map, 0x10000), 0);
}

static void
the_attribute_protocol(void **state)
{
	EFI_GUID guid = MEMORYATTRIBUTEPROTOCOL;

	(void)state;
	assert_true(evidenceread(&e));
	assert_false(e.attributeprotocol);
	evidencefree();
	fakeprotocol(NULL, guid, &e);
	assert_true(evidenceread(&e));
	assert_true(e.attributeprotocol);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(pages_that_touch_and_are_alike_are_one_range),
	    TEST(rights_are_what_the_registers_make_of_them),
	    TEST(more_pages_than_a_moment_before),
	    TEST(sections_of_an_image),
	    TEST(images_that_make_no_sense),
	    TEST(an_image_of_any_size_is_read_within_it),
	    TEST(where_there_are_no_images),
	    TEST(a_sample_of_each_kind_of_memory),
	    TEST(the_stack_in_the_list_of_blocks),
	    TEST(a_list_of_blocks_that_makes_no_sense),
	    TEST(the_map_twice_and_sorted),
	    TEST(without_a_map_there_is_no_audit),
	    TEST(a_map_that_firmware_gives_no_more),
	    TEST(the_attributes_table),
	    TEST(an_attributes_table_that_cannot_be_read),
	    TEST(a_long_attributes_table),
	    TEST(an_attributes_table_with_nothing_in_it_is_read),
	    TEST(without_memory_for_the_attributes_table),
	    TEST(a_pointer_that_leads_to_no_attributes_table),
	    TEST(how_much_the_map_knows_from_an_address_on),
	    TEST(what_the_map_knows_goes_on_in_the_next_descriptor),
	    TEST(the_attribute_protocol),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
