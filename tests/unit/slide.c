/*
 * slide.c - where the image and the direct map go, by the chance given.
 *
 * The draws here are made by hand: 0, the most, and those between.
 *
 * needs: efi/slide.c tests/host/fakefw.c
 */
#include "unit.h"
#include "cpu.h"
#include "fakefw.h"
#include "mem.h"
#include "../../efi/collect.h"
#include "../../efi/firmware.h"

typedef struct Rng Rng;

/* As UEFI Specification 37.5 has it. */
struct Rng {
	EFI_STATUS (*getinfo)(Rng *self, UINTN *size, EFI_GUID *list);
	EFI_STATUS (*get)(Rng *self, EFI_GUID *how, UINTN size, UINT8 *v);
};

static struct {
	bool cpu;
	EFI_STATUS firmware;
	uint64_t draw[2];
	size_t n;
	uint64_t cycles;
	uint64_t added; /* to truerand()'s */
} from;

static Bootinfo b;

static uint64_t
draw(void)
{
	return from.draw[from.n++ % 2];
}

bool
cpurandom(uint64_t *v)
{
	if (from.cpu)
		*v = draw();
	return from.cpu;
}

void
chanceadd(uint64_t v)
{
	from.added = v;
}

uint64_t
cycles(void)
{
	return from.cycles++;
}

/* slide.c has its own type of the same shape. */
__attribute__((no_sanitize("function"))) static EFI_STATUS
get(Rng *self, EFI_GUID *how, UINTN size, UINT8 *v)
{
	uint64_t d = draw();

	(void)self;
	(void)how;
	if (EFI_ERROR(from.firmware))
		return from.firmware;
	memcpy(v, &d, size);
	return EFI_SUCCESS;
}

static Rng rng = {.get = get};

static int
setup(void **state)
{
	(void)state;
	memset(&from, 0, sizeof from);
	from.cpu = true;
	fakestart();
	b = (Bootinfo){.image = {.size = 700 * KiB}};
	b.options.kaslr = true;
	return 0;
}

static void
hasrng(void)
{
	EFI_GUID guid = RNGPROTOCOL;

	fakeprotocol(NULL, guid, &rng);
}

static void
slides(uint64_t image, uint64_t direct)
{
	from.n = 0;
	from.draw[0] = image;
	from.draw[1] = direct;
	chooseslides(&b, 3 * GiB + 5);
}

static void
asked_not_to_nothing_slides(void **state)
{
	(void)state;
	b.options.kaslr = false;
	slides(5, 5);
	assert_int_equal(b.imageva, KZERO);
	assert_int_equal(b.dmapva, DMAP);
	assert_int_equal(from.n, 0);
}

/* 2 MiB steps in 1 GiB for the image, of 1 GiB for the direct map. */
static void
each_draw_is_a_place(void **state)
{
	uint64_t room = DMAPSIZE / GiB - 4;

	(void)state;
	for (uint64_t i = 0; i < 512; i++) {
		slides(i, i);
		assert_int_equal(b.imageva, KZERO + i % 512 * (2 * MiB));
		assert_int_equal(b.dmapva, DMAP + i * GiB);
	}
	slides(511, room);
	assert_int_equal(b.imageva, KZERO + GiB - 2 * MiB);
	assert_int_equal(b.dmapva, DMAP + DMAPSIZE - 4 * GiB);
	slides(512, room + 1);
	assert_int_equal(b.imageva, KZERO);
	assert_int_equal(b.dmapva, DMAP);
}

static void
all_bits_of_a_draw_count(void **state)
{
	(void)state;
	slides(3ull << 32, 3ull << 32);
	assert_int_equal(b.imageva, KZERO + 3 * 2 * MiB);
	assert_true(b.dmapva != DMAP);
}

/* The image and all of RAM stay in their regions. */
static void
what_is_large_slides_less_or_not(void **state)
{
	(void)state;
	b.image.size = GiB - 2 * MiB;
	slides(1, 0);
	assert_int_equal(b.imageva, KZERO + 2 * MiB);
	slides(2, 0);
	assert_int_equal(b.imageva, KZERO);
	b.image.size = GiB - 2 * MiB + 1;
	slides(1, 0);
	assert_int_equal(b.imageva, KZERO);
	from.draw[1] = 1;
	from.n = 1;
	chooseslides(&b, DMAPSIZE - GiB);
	assert_int_equal(b.dmapva, DMAP + GiB);
	chooseslides(&b, DMAPSIZE - GiB + 1);
	assert_int_equal(b.dmapva, DMAP);
	chooseslides(&b, DMAPSIZE + GiB);
	assert_int_equal(b.dmapva, DMAP);
}

static void
firmware_helps_a_cpu_that_has_no_chance(void **state)
{
	(void)state;
	hasrng();
	from.cpu = false;
	slides(7, 9);
	assert_int_equal(b.imageva, KZERO + 7 * 2 * MiB);
	assert_int_equal(b.dmapva, DMAP + 9 * GiB);
}

static void
without_either_it_is_the_time(void **state)
{
	uintptr_t was = 0;

	(void)state;
	from.cpu = false;
	from.cycles = 12345;
	slides(0, 0);
	was = b.imageva;
	assert_int_equal(from.n, 0);
	assert_int_equal(from.cycles, 12347);
	slides(0, 0);
	assert_true(b.imageva != was);
	hasrng();
	from.firmware = EFI_DEVICE_ERROR;
	from.cycles = 12345;
	slides(0, 0);
	assert_int_equal(b.imageva, was);
}

/* Beside the CPU's own, which truerand asks for itself. */
static void
what_firmware_gives_is_kept_for_later(void **state)
{
	(void)state;
	from.draw[0] = 0x1234567890abcdef;
	collectchance();
	assert_int_equal(from.added, 0);
	hasrng();
	collectchance();
	assert_int_equal(from.added, 0x1234567890abcdef);
	from.added = 0;
	from.firmware = EFI_DEVICE_ERROR;
	collectchance();
	assert_int_equal(from.added, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(asked_not_to_nothing_slides),
	    TEST(each_draw_is_a_place),
	    TEST(all_bits_of_a_draw_count),
	    TEST(what_is_large_slides_less_or_not),
	    TEST(firmware_helps_a_cpu_that_has_no_chance),
	    TEST(without_either_it_is_the_time),
	    TEST(what_firmware_gives_is_kept_for_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
