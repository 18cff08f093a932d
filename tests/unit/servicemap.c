/*
 * servicemap.c - what runtime services see, page by page, beside a painting.
 *
 * needs: efi/after/servicemap.c
 */
#include "../../efi/after/servicemap.h"
#include "efidesc.h"
#include "unit.h"

enum { STRIDE = 48, MOST = 24, WIDTH = 46 };
enum { CODE = 5, DATA = 6, LOADER = 2, RESERVED = 0, MMIO = 11, PORTS = 12 };

#define UC (1ull << 0)
#define WC (1ull << 1)
#define WT (1ull << 2)
#define WB (1ull << 3)
#define XP (1ull << 14)
#define RO (1ull << 17)
#define RT (1ull << 63)

#define R PTEVALID
#define W PTEWRITE
#define NX PTENOEXEC

static uint8_t raw[2][MOST * STRIDE];
static Servicemap m;

static int
setup(void **state)
{
	(void)state;
	m = (Servicemap){
	    .map = {.desc = raw[0], .stride = STRIDE, .physbits = WIDTH},
	    .fine = {.desc = raw[1], .stride = STRIDE, .physbits = WIDTH}};
	return 0;
}

static void
add(Efimap *map, uint32_t type, uint64_t page, uint64_t npages, uint64_t attr)
{
	uint8_t *p = raw[map == &m.fine] + map->size;

	efidesc(p, type, page * BY2PG, npages, attr);
	map->size += STRIDE;
}

/* The flags of a page; 0 if it is not mapped. */
static pte_t
flags(uint64_t page)
{
	Servicerange r;
	paddr_t pa = page * BY2PG;

	return servicerange(&m, pa, &r) && r.pa == pa ? r.flags : 0;
}

/* What one descriptor alone is mapped as, with attributes for others or not. */
static pte_t
onlyone(uint32_t type, uint64_t attr, bool table)
{
	setup(NULL);
	add(&m.map, type, 16, 4, attr);
	if (table)
		add(&m.fine, CODE, 64, 1, RT | RO);
	return flags(16);
}

static void
without_a_table_services_may_do_all(void **state)
{
	(void)state;
	assert_int_equal(onlyone(CODE, WB | RT, false), R | W);
	assert_int_equal(onlyone(DATA, WB | RT, false), R | W);
	assert_int_equal(onlyone(DATA, 0xf | RT | XP | RO, false), R | W);
}

static void
with_a_table_what_it_forgot_is_code_or_data(void **state)
{
	(void)state;
	assert_int_equal(onlyone(CODE, WB | RT, true), R);
	assert_int_equal(onlyone(DATA, WB | RT, true), R | W | NX);
}

static void
the_services_memory_counts_without_its_mark(void **state)
{
	(void)state;
	assert_int_equal(onlyone(CODE, WB, false), R | W);
	assert_int_equal(onlyone(DATA, WB, true), R | W | NX);
	assert_int_equal(onlyone(LOADER, 0xf, false), 0);
	assert_int_equal(onlyone(MMIO, UC, false), 0);
}

static void
others_are_cached_as_they_say(void **state)
{
	pte_t data = R | W | NX;

	(void)state;
	assert_int_equal(onlyone(RESERVED, RT | 0xf, false), data | PTEWB);
	assert_int_equal(onlyone(RESERVED, RT | WB, true), data | PTEWB);
	assert_int_equal(onlyone(RESERVED, RT | UC | WC, true), data | PTEWC);
	assert_int_equal(onlyone(RESERVED, RT | UC, true), data | PTEUC);
	assert_int_equal(onlyone(RESERVED, RT | WT, true), data | PTEUC);
	assert_int_equal(onlyone(RESERVED, RT, true), data | PTEUC);
}

static void
devices_are_uncached_where_they_can_be(void **state)
{
	pte_t data = R | W | NX;

	(void)state;
	for (uint32_t type = MMIO; type <= PORTS; type++) {
		assert_int_equal(onlyone(type, RT | UC, false), data | PTEUC);
		assert_int_equal(onlyone(type, RT | 0xf, false), data | PTEUC);
		assert_int_equal(onlyone(type, RT, false), data | PTEUC);
		assert_int_equal(onlyone(type, RT | WC, false), data | PTEWC);
		assert_int_equal(onlyone(type, RT | WB, false), data | PTEWB);
	}
}

static void
memory_that_cannot_be_cached_is_not(void **state)
{
	(void)state;
	assert_int_equal(onlyone(DATA, RT | UC, false), R | W | PTEUC);
	assert_int_equal(onlyone(DATA, RT | UC | WC, false), R | W | PTEWC);
	assert_int_equal(onlyone(DATA, RT, false), R | W | PTEWB);
}

/*
 *	page	16   18   20   22   24
 *	map	[ CODE, WB    ][ DATA, UC ]
 *	table	[ RO ][ XP    ][XP|RO]
 */
static void
the_table_decides_what_may_be_done_the_map_how_it_is_cached(void **state)
{
	(void)state;
	add(&m.map, CODE, 16, 4, RT | WB);
	add(&m.map, DATA, 20, 4, RT | UC);
	add(&m.fine, CODE, 16, 2, RT | RO);
	add(&m.fine, CODE, 18, 2, RT | XP);
	add(&m.fine, DATA, 20, 2, RT | XP | RO);
	assert_int_equal(flags(16), R);
	assert_int_equal(flags(17), R);
	assert_int_equal(flags(18), R | W | NX);
	assert_int_equal(flags(20), R | NX | PTEUC);
	assert_int_equal(flags(22), R | W | NX | PTEUC);
	assert_int_equal(flags(24), 0);
}

static void
what_only_the_table_knows_is_mapped(void **state)
{
	(void)state;
	add(&m.map, DATA, 64, 1, RT | WB);
	add(&m.fine, CODE, 16, 2, RT | RO);
	assert_int_equal(flags(16), R);
	assert_int_equal(flags(18), 0);
}

static void
a_device_of_any_size_is_one_range(void **state)
{
	Servicerange r;

	(void)state;
	add(&m.map, MMIO, TiB / BY2PG, 32 * TiB / BY2PG, RT | UC);
	assert_true(servicerange(&m, 0, &r));
	assert_int_equal(r.pa, TiB);
	assert_int_equal(r.end, 33 * TiB);
	assert_false(servicerange(&m, r.end, &r));
}

static void
neighbours_alike_are_one_range(void **state)
{
	Servicerange r;

	(void)state;
	add(&m.map, DATA, 20, 4, RT | WB);
	add(&m.map, CODE, 16, 4, RT | WB);
	add(&m.map, DATA, 18, 30, RT | WB);
	assert_true(servicerange(&m, 0, &r));
	assert_int_equal(r.pa, 16 * BY2PG);
	assert_int_equal(r.end, 48 * BY2PG);
}

static void
nothing_insane_is_mapped(void **state)
{
	static const Efidesc wrong[] = {
	    {DATA, 0, 1, RT | WB},
	    {DATA, 16 * BY2PG, 0, RT | WB},
	    {DATA, 16 * BY2PG + 8, 1, RT | WB},
	    {DATA, 1ull << WIDTH, 1, RT | WB},
	    {DATA, (1ull << WIDTH) - BY2PG, 2, RT | WB},
	    {DATA, 16 * BY2PG, UINT64_MAX, RT | WB},
	    {DATA, 16 * BY2PG, 1ull << 52, RT | WB},
	    {DATA, UINT64_MAX - BY2PG + 1, 1, RT | WB},
	};
	Servicerange r;

	(void)state;
	for (size_t i = 0; i < nelem(wrong); i++) {
		const Efidesc *d = &wrong[i];

		assert_true(servicewanted(d));
		assert_false(servicesane(d, WIDTH));
		efidesc(raw[0], d->type, d->base, d->npages, d->attr);
		m.map.size = STRIDE;
		assert_false(servicerange(&m, 0, &r));
	}
	Efidesc high = {DATA, UTOP, 1, RT};
	assert_false(servicesane(&high, 52));
	Efidesc last = {DATA, (1ull << WIDTH) - BY2PG, 1, RT};
	assert_true(servicesane(&last, WIDTH));
	Efidesc user = {DATA, UTOP - BY2PG, 1, RT};
	efidesc(raw[0], user.type, user.base, user.npages, user.attr);
	m.map.physbits = 52;
	assert_true(servicerange(&m, 0, &r));
	assert_int_equal(r.end, UTOP);
	assert_false(servicerange(&m, r.end, &r));
}

/* ---- a painting: each page asked for by itself ---- */

enum { PAGES = 40, ROUNDS = 20000 };

/* Does a descriptor for the services have the page? The first one, or NULL. */
static const uint8_t *
first(const Efimap *map, uint64_t page)
{
	for (size_t i = 0; i < map->size; i += STRIDE) {
		const uint8_t *p = (const uint8_t *)map->desc + i;
		uint64_t base, n, attr;

		memcpy(&base, p + 8, 8);
		memcpy(&n, p + 24, 8);
		memcpy(&attr, p + 32, 8);
		if (p[0] != CODE && p[0] != DATA && attr >> 63 == 0)
			continue;
		if (base != 0 && page * BY2PG >= base &&
		    page < base / BY2PG + n)
			return p;
	}
	return NULL;
}

static pte_t
cached(const uint8_t *p)
{
	bool service = p[0] == CODE || p[0] == DATA;

	if (p[0] == MMIO && (p[32] & 1))
		return PTEUC;
	return p[32] & 8                     ? PTEWB
	       : p[32] & 2                   ? PTEWC
	       : service && (p[32] & 1) == 0 ? PTEWB
					     : PTEUC;
}

static pte_t
painted(uint64_t page)
{
	const uint8_t *map = first(&m.map, page);
	const uint8_t *fine = m.fine.size != 0 ? first(&m.fine, page) : NULL;

	if (fine != NULL)
		return R | cached(map != NULL ? map : fine) |
		       ((fine[34] & 2) != 0 ? 0 : W) |
		       ((fine[33] & 0x40) != 0 ? NX : 0);
	if (map == NULL)
		return 0;
	if (map[0] != CODE && map[0] != DATA)
		return R | W | NX | cached(map);
	if (m.fine.size == 0)
		return R | W | cached(map);
	return R | cached(map) | (map[0] == DATA ? W | NX : 0);
}

static void
randomdescs(Efimap *map, size_t n, uint64_t more)
{
	static const uint32_t types[] = {
	    CODE, DATA, CODE, DATA, LOADER, RESERVED, MMIO};
	static const uint64_t attrs[] = {
	    RT | WB, RT | 0xf, RT, WB, RT | UC, RT | WC, 0};

	for (size_t i = 0; i < n; i++)
		add(map, types[(size_t)rand() % nelem(types)],
		    (uint64_t)rand() % PAGES, (uint64_t)rand() % 12,
		    attrs[(size_t)rand() % nelem(attrs)] |
			(more & ((uint64_t)rand() << 14)));
}

static void
random_tables_over_random_maps_are_painted_right(void **state)
{
	srand(1);
	for (int round = 0; round < ROUNDS; round++) {
		pte_t is[2 * PAGES] = {0};
		Servicerange r = {0, 0, 0}, was = {0, 0, 0};

		setup(state);
		randomdescs(&m.map, (size_t)rand() % 8, 0);
		if (rand() % 3 != 0)
			randomdescs(&m.fine, (size_t)rand() % 8, XP | RO);
		while (servicerange(&m, r.end, &r)) {
			assert_true(r.pa < r.end && r.pa >= was.end);
			assert_true(r.pa > was.end || r.flags != was.flags);
			for (paddr_t pa = r.pa; pa < r.end; pa += BY2PG)
				is[pa / BY2PG] = r.flags;
			was = r;
		}
		for (uint64_t page = 0; page < 2 * PAGES; page++)
			assert_int_equal(is[page], painted(page));
	}
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(without_a_table_services_may_do_all),
	    TEST(with_a_table_what_it_forgot_is_code_or_data),
	    TEST(the_services_memory_counts_without_its_mark),
	    TEST(others_are_cached_as_they_say),
	    TEST(devices_are_uncached_where_they_can_be),
	    TEST(memory_that_cannot_be_cached_is_not),
	    TEST(the_table_decides_what_may_be_done_the_map_how_it_is_cached),
	    TEST(what_only_the_table_knows_is_mapped),
	    TEST(a_device_of_any_size_is_one_range),
	    TEST(neighbours_alike_are_one_range),
	    TEST(nothing_insane_is_mapped),
	    TEST(random_tables_over_random_maps_are_painted_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
