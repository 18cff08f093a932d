/*
 * efimap.c - the translation of EFI descriptors, one row of the table a test.
 */
#include "efidesc.h"
#include "maptable.h"
#include "efimap.h"

enum { MAXDESC = 64, STRIDE = 56 };

#define WB (1ull << 3)
#define SP (1ull << 18)
#define RUNTIME (1ull << 63)

static uint8_t raw[MAXDESC * STRIDE];
static Efimap map;

/* Firmware may fill what is between the descriptors with anything. */
static int
setup(void **state)
{
	(void)state;
	memset(raw, 0xa5, sizeof raw);
	map = (Efimap){raw, 0, STRIDE, 52, 0, 0};
	mapbegin(SMACH);
	return 0;
}

static void
desc(uint32_t type, uint64_t base, uint64_t npages, uint64_t attr)
{
	efidesc(raw + map.size, type, base, npages, attr);
	map.size += map.stride;
}

/* What 16 pages at 2 MiB become in an otherwise empty map. */
static enum memtype
becomes(uint32_t type, uint64_t attr)
{
	Memrange r;

	setup(NULL);
	desc(type, 2 * MiB, 16, attr);
	assert_int_equal(efimapadd(&map), 0);
	assert_true(memmaprange(2 * MiB, &r));
	assert_int_equal(r.pa, 2 * MiB);
	assert_int_equal(r.end, 2 * MiB + 16 * BY2PG);
	assert_int_equal(efitypeof(type, attr), r.type);

	Efidesc d = efimapdesc(&map, 0);

	assert_int_equal(efimapverdict(&map, &d), r.type);
	return r.type;
}

static void
loader_boot_and_conventional_memory_is_ram(void **state)
{
	static const uint32_t ram[] = {1, 2, 3, 4, 7};

	(void)state;
	for (size_t i = 0; i < nelem(ram); i++) {
		assert_int_equal(becomes(ram[i], WB), MemRAM);
		assert_int_equal(becomes(ram[i], 0xf), MemRAM);
	}
}

static void
ram_without_write_back_is_reserved(void **state)
{
	static const uint32_t ram[] = {1, 2, 3, 4, 7};

	(void)state;
	for (size_t i = 0; i < nelem(ram); i++) {
		assert_int_equal(becomes(ram[i], 0), MemReserved);
		assert_int_equal(becomes(ram[i], 0x7), MemReserved);
	}
}

static void
specific_purpose_memory_is_reserved(void **state)
{
	(void)state;
	assert_int_equal(becomes(7, WB | SP), MemReserved);
	assert_int_equal(becomes(4, WB | SP), MemReserved);
}

static void
anything_marked_runtime_is_reserved(void **state)
{
	(void)state;
	for (uint32_t type = 0; type < 20; type++)
		assert_int_equal(becomes(type, WB | RUNTIME), MemReserved);
}

static void
acpi_reclaim_is_acpi(void **state)
{
	(void)state;
	assert_int_equal(becomes(9, WB), MemACPI);
	assert_int_equal(becomes(9, 0xf), MemACPI);
	assert_int_equal(becomes(9, RUNTIME), MemReserved);
}

/* MemACPI is in the direct map, which is write-back. */
static void
acpi_reclaim_without_write_back_is_reserved(void **state)
{
	(void)state;
	assert_int_equal(becomes(9, 0), MemReserved);
	assert_int_equal(becomes(9, 0x7), MemReserved);
}

static void
reserved_and_unusable_memory_is_reserved(void **state)
{
	(void)state;
	assert_int_equal(becomes(0, WB), MemReserved);
	assert_int_equal(becomes(8, WB), MemReserved);
}

static void
runtime_services_are_reserved_even_unmarked(void **state)
{
	(void)state;
	assert_int_equal(becomes(5, WB), MemReserved);
	assert_int_equal(becomes(6, WB), MemReserved);
}

static void
nvs_mmio_ports_and_pal_are_reserved(void **state)
{
	(void)state;
	for (uint32_t type = 10; type <= 13; type++)
		assert_int_equal(becomes(type, WB), MemReserved);
}

static void
persistent_memory_is_reserved(void **state)
{
	(void)state;
	assert_int_equal(becomes(14, WB), MemReserved);
}

static void
unaccepted_memory_is_reserved(void **state)
{
	(void)state;
	assert_int_equal(becomes(15, WB), MemReserved);
}

static void
unknown_oem_and_os_types_are_reserved(void **state)
{
	static const uint32_t odd[] = {
	    16, 17, 0x6fffffff, 0x70000000, 0x7fffffff, 0x80000000, 0xffffffff};

	(void)state;
	for (size_t i = 0; i < nelem(odd); i++)
		assert_int_equal(becomes(odd[i], WB), MemReserved);
}

static void
unknown_attributes_change_nothing(void **state)
{
	(void)state;
	for (int bit = 0; bit < 63; bit++) {
		if (bit != 18)
			assert_int_equal(becomes(7, WB | 1ull << bit), MemRAM);
	}
}

static void
zero_pages_are_said_and_skipped(void **state)
{
	Memrange r;

	(void)state;
	desc(7, 3 * MiB, 0, WB);
	hostquiet();
	efimapadd(&map);
	assert_said("mem9: odd kind=zero base=0x300000 pages=0\n");
	assert_true(memmaprange(3 * MiB, &r));
	assert_int_equal(r.type, MemUMB);
	assert_int_equal(efimapcount(&map), 1);

	Efidesc d = efimapdesc(&map, 0);

	assert_int_equal(efimapverdict(&map, &d), NMEMTYPE);
}

static void
a_descriptor_past_the_end_is_said_and_dropped(void **state)
{
	static const struct {
		uint64_t base, npages;
		const char *said;
	} wrap[] = {
	    {0x2000, NOADDR / BY2PG, "base=0x2000 pages=4503599627370495\n"},
	    {0x1000, NOADDR / BY2PG + 1, "pages=4503599627370496\n"},
	    {0x200000, NOADDR, "base=0x200000 pages=18446744073709551615\n"},
	    {NOADDR - 0x1fff, 3, "base=0xffffffffffffe000 pages=3\n"},
	    {NOADDR, 1, "base=0xffffffffffffffff pages=1\n"},
	};

	(void)state;
	for (size_t i = 0; i < nelem(wrap); i++) {
		setup(NULL);
		desc(7, wrap[i].base, wrap[i].npages, WB);
		hostquiet();
		efimapadd(&map);
		assert_mentioned("mem9: odd kind=wrap ");
		assert_mentioned(wrap[i].said);
		assert_int_equal(memmapnext(NOADDR, MemRAM), NOADDR);

		Efidesc d = efimapdesc(&map, 0);

		assert_int_equal(efimapverdict(&map, &d), NMEMTYPE);
	}
}

/* Up to the last address is not past it: cut off at the width. */
static void
a_descriptor_up_to_the_end_is_cut_at_the_width(void **state)
{
	(void)state;
	desc(7, 0, NOADDR / BY2PG + 1, WB);
	desc(0, NOADDR - 0x1fff, 2, 0);
	hostquiet();
	efimapadd(&map);
	assert_said("mem9: odd kind=width base=0x0 pages=4503599627370496\n"
		    "mem9: odd kind=width base=0xffffffffffffe000 pages=2\n");
	assert_int_equal(memmapsize(MiB, 0), (1ull << 52) - MiB);
}

static void
beyond_the_physical_width_is_cut_off(void **state)
{
	(void)state;
	map.physbits = 36;
	desc(7, (1ull << 36) - 16 * BY2PG, 32, WB);
	desc(7, 1ull << 36, 1, WB);
	desc(7, (1ull << 36) - 32 * BY2PG, 16, WB);
	hostquiet();
	efimapadd(&map);
	assert_said("mem9: odd kind=width base=0xfffff0000 pages=32\n"
		    "mem9: odd kind=width base=0x1000000000 pages=1\n");
	assert_int_equal(memmapnext(NOADDR, MemRAM), 0xfffff0000 - 16 * BY2PG);
	assert_int_equal(memmapsize(0xfffff0000 - 16 * BY2PG, 0), 32 * BY2PG);
}

static void
ram_below_1m_is_reserved(void **state)
{
	Memrange r;

	(void)state;
	desc(7, 0x1000, 2, WB);
	desc(7, 0xff000, 2, WB);
	desc(9, 0x8000, 1, WB);
	efimapadd(&map);
	assert_true(memmaprange(0x1000, &r));
	assert_int_equal(r.type, MemReserved);
	assert_int_equal(r.end, 0x3000);
	assert_true(memmaprange(0x8000, &r));
	assert_int_equal(r.type, MemACPI);
	assert_true(memmaprange(0xff000, &r));
	assert_int_equal(r.type, MemReserved);
	assert_int_equal(r.end, MiB);
	assert_true(memmaprange(MiB, &r));
	assert_int_equal(r.type, MemRAM);
	assert_int_equal(r.end, MiB + 0x1000);

	Efidesc low = efimapdesc(&map, 0);
	Efidesc across = efimapdesc(&map, 1);

	assert_int_equal(efimapverdict(&map, &low), MemReserved);
	assert_int_equal(efimapverdict(&map, &across), MemRAM);
}

static void
the_default_layers_are_under_everything(void **state)
{
	(void)state;
	efimapadd(&map);
	hostquiet();
	memmapdump();
	assert_said(
	    "mem9: memmap type=MemUMB base=0x0 size=0x1000000\n"
	    "mem9: memmap type=MemUPA base=0x1000000 size=0xff000000\n");
}

/* Boot services' or free, below 640 KiB, the highest, and never page 0. */
static void
the_low_page_that_is_left(void **state)
{
	(void)state;
	assert_int_equal(efimaplow(&map), NOADDR);
	desc(3, 0, 1, WB);
	desc(7, 640 * KiB, 96, WB);
	desc(3, BY2PG, 0, WB);
	desc(4, BY2PG + 8, 1, WB);
	desc(2, 2 * BY2PG, 1, WB);
	desc(5, 3 * BY2PG, 1, WB);
	assert_int_equal(efimaplow(&map), NOADDR);
	desc(4, 0, 2, WB);
	assert_int_equal(efimaplow(&map), BY2PG);
	desc(3, 5 * BY2PG, 2, WB);
	assert_int_equal(efimaplow(&map), 6 * BY2PG);
	desc(7, 4 * BY2PG, 1, WB);
	assert_int_equal(efimaplow(&map), 6 * BY2PG);
	desc(7, 0x9e000, 1000, WB);
	assert_int_equal(efimaplow(&map), 0x9f000);
}

static void
the_block_is_reserved_and_no_oddity(void **state)
{
	Memrange r;

	(void)state;
	map.block = 4 * MiB;
	map.blocksize = 2 * MiB;
	desc(7, 2 * MiB, 512, WB);
	desc(2, 4 * MiB, 512, WB);
	desc(7, 6 * MiB, 512, WB);
	hostquiet();
	efimapadd(&map);
	assert_said("");
	assert_true(memmaprange(4 * MiB, &r));
	assert_int_equal(r.type, MemReserved);
	assert_int_equal(r.pa, 4 * MiB);
	assert_int_equal(r.end, 6 * MiB);
	for (size_t i = 0; i < 3; i++) {
		Efidesc d = efimapdesc(&map, i);

		assert_int_equal(
		    efimapverdict(&map, &d), i == 1 ? MemReserved : MemRAM);
	}
	Efidesc larger = {2, 4 * MiB, 513, WB};
	Efidesc later = {2, 5 * MiB, 512, WB};

	assert_int_equal(efimapverdict(&map, &larger), MemRAM);
	assert_int_equal(efimapverdict(&map, &later), MemRAM);
}

static void
overlapping_descriptors_are_said(void **state)
{
	(void)state;
	desc(7, 2 * MiB, 512, WB);
	desc(0, 3 * MiB, 512, 0);
	hostquiet();
	efimapadd(&map);
	assert_said("mem9: odd kind=overlap base=0x300000 pages=256\n");
	assert_int_equal(memmapsize(2 * MiB, 0), MiB);
}

/* RAM shrinks to whole pages, everything else grows. */
static void
unaligned_bases_are_said_and_rounded(void **state)
{
	(void)state;
	desc(7, 2 * MiB + 1, 4, WB);
	desc(0, 8 * MiB + 0x800, 1, WB);
	hostquiet();
	efimapadd(&map);
	assert_said("mem9: odd kind=align base=0x200001 pages=4\n"
		    "mem9: odd kind=align base=0x800800 pages=1\n");
	assert_int_equal(memmapnext(0, MemRAM), 2 * MiB + BY2PG);
	assert_int_equal(memmapsize(2 * MiB + BY2PG, 0), 3 * BY2PG);
	assert_int_equal(memmapnext(0, MemReserved), 8 * MiB);
	assert_int_equal(memmapsize(8 * MiB, 0), 2 * BY2PG);
}

static void
the_stride_is_the_firmwares(void **state)
{
	static const size_t good[] = {40, 41, 48, 56, 4096};
	static const size_t wrong[] = {0, 39, 4097};
	static uint8_t big[3 * 4096];

	(void)state;
	for (size_t i = 0; i < nelem(good); i++) {
		setup(NULL);
		memset(big, 0xa5, sizeof big);
		map.desc = big;
		map.stride = good[i];
		for (uint32_t k = 0; k < 3; k++) {
			uint8_t *p = big + k * map.stride;
			uint64_t base = (2 + k) * MiB;

			memset(p, 0, 40);
			p[0] = k == 1 ? 0 : 7;
			memcpy(p + 8, &base, 8);
			p[24] = 1;
			p[32] = 0xf;
		}
		map.size = 3 * map.stride;
		assert_int_equal(efimapcount(&map), 3);
		assert_int_equal(efimapadd(&map), 0);
		assert_int_equal(memmapnext(NOADDR, MemRAM), 2 * MiB);
		assert_int_equal(memmapnext(2 * MiB, MemRAM), 4 * MiB);
		assert_int_equal(memmapnext(NOADDR, MemReserved), 3 * MiB);
	}
	for (size_t i = 0; i < nelem(wrong); i++) {
		setup(NULL);
		desc(7, 2 * MiB, 1, WB);
		map.stride = wrong[i];
		assert_int_equal(efimapcount(&map), 0);
		assert_int_equal(efimapadd(&map), -1);
		assert_int_equal(memmapnext(NOADDR, MemUMB), NOADDR);
	}
}

static void
the_lines_name_type_and_verdict(void **state)
{
	(void)state;
	desc(7, 0x0, 160, 0xf);
	desc(14, 4 * GiB, 1, WB);
	desc(0x70000001, 5 * GiB, 2, RUNTIME);
	desc(7, 6 * GiB, 3, WB);
	desc(9, 7 * GiB, 4, WB);
	desc(7, 8 * GiB, 0, 0);
	hostquiet();
	efimapprint(&map);
	assert_said(
	    "mem9: efi type=ConventionalMemory base=0x0 pages=160 attr=0xf "
	    "as=MemReserved\n"
	    "mem9: efi type=PersistentMemory base=0x100000000 pages=1 attr=0x8 "
	    "as=MemReserved\n"
	    "mem9: efi type=0x70000001 base=0x140000000 pages=2 "
	    "attr=0x8000000000000000 as=MemReserved\n"
	    "mem9: efi type=ConventionalMemory base=0x180000000 pages=3 "
	    "attr=0x8 as=MemRAM\n"
	    "mem9: efi type=ACPIReclaimMemory base=0x1c0000000 pages=4 "
	    "attr=0x8 as=MemACPI\n"
	    "mem9: efi type=ConventionalMemory base=0x200000000 pages=0 "
	    "attr=0x0 as=none\n");
	assert_string_equal(efitypename(15), "UnacceptedMemoryType");
	assert_null(efitypename(16));
}

static void
beyond_the_width_counts_for_nothing(void **state)
{
	Efidesc d = {7, 1ull << 52, 1, WB};

	(void)state;
	assert_int_equal(efimapverdict(&map, &d), NMEMTYPE);
}

/* A hundred thousand, each RAM with a reserved page in it. */
static void
a_hundred_thousand_descriptors_lose_nothing(void **state)
{
	enum { N = 100000 };
	size_t need = memmapneed(N);
	uint64_t *big = calloc(N, 48);
	void *room = aligned_alloc(8, need);
	Memtotal t;

	(void)state;
	map = (Efimap){big, N * 48, 48, 52, 0, 0};
	for (size_t i = 0; i < N; i++) {
		size_t k = i * 48271 % N;

		big[6 * i] = k % 2 == 0 ? 7 : 0;
		big[6 * i + 1] =
		    4 * GiB + k / 2 * 8 * BY2PG + (k % 2 == 0 ? 0 : 3 * BY2PG);
		big[6 * i + 3] = k % 2 == 0 ? 8 : 1;
		big[6 * i + 4] = WB;
	}
	memmapinit(room, need);
	efimapadd(&map);
	memmapcheck();
	memmaptotal(&t);
	assert_int_equal(t.size[MemRAM], N / 2 * 7 * BY2PG);
	assert_int_equal(t.size[MemReserved], N / 2 * BY2PG);
	assert_int_equal(t.lost, 0);
	free(room);
	free(big);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(loader_boot_and_conventional_memory_is_ram),
	    TEST(ram_without_write_back_is_reserved),
	    TEST(specific_purpose_memory_is_reserved),
	    TEST(anything_marked_runtime_is_reserved),
	    TEST(acpi_reclaim_is_acpi),
	    TEST(acpi_reclaim_without_write_back_is_reserved),
	    TEST(reserved_and_unusable_memory_is_reserved),
	    TEST(runtime_services_are_reserved_even_unmarked),
	    TEST(nvs_mmio_ports_and_pal_are_reserved),
	    TEST(persistent_memory_is_reserved),
	    TEST(unaccepted_memory_is_reserved),
	    TEST(unknown_oem_and_os_types_are_reserved),
	    TEST(unknown_attributes_change_nothing),
	    TEST(zero_pages_are_said_and_skipped),
	    TEST(a_descriptor_past_the_end_is_said_and_dropped),
	    TEST(a_descriptor_up_to_the_end_is_cut_at_the_width),
	    TEST(beyond_the_physical_width_is_cut_off),
	    TEST(beyond_the_width_counts_for_nothing),
	    TEST(ram_below_1m_is_reserved),
	    TEST(the_default_layers_are_under_everything),
	    TEST(the_low_page_that_is_left),
	    TEST(the_block_is_reserved_and_no_oddity),
	    TEST(overlapping_descriptors_are_said),
	    TEST(unaligned_bases_are_said_and_rounded),
	    TEST(the_stride_is_the_firmwares),
	    TEST(the_lines_name_type_and_verdict),
	    TEST(a_hundred_thousand_descriptors_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
