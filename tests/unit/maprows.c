/*
 * maprows.c - a map's rows: what is folded, what is not, and that any map's
 * rows tell the same as its descriptors.
 *
 * needs: efi/maprows.c
 */
#include <efi.h>

#include "../../efi/maprows.h"
#include "unit.h"

enum {
	STRIDE = 48,
	NDESC = 64,
	NPAGE = 64, /* from 1 MiB on, in the random maps */
	NMAP = 20000,
};

static uint8_t bytes[NDESC * STRIDE];
static Efimap map;
static Maprow rows[2 * NDESC];
static size_t nrow;

static void
desc(uint32_t type, paddr_t base, uint64_t npages, uint64_t attr)
{
	uint8_t *p = bytes + map.size;

	memset(p, 0x5a, STRIDE);
	memcpy(p, &type, 4);
	memcpy(p + 8, &base, 8);
	memcpy(p + 24, &npages, 8);
	memcpy(p + 32, &attr, 8);
	map.size += STRIDE;
}

static void
note(void *arg, const Maprow *r)
{
	assert_ptr_equal(arg, &map);
	assert_true(nrow < nelem(rows));
	rows[nrow++] = *r;
}

static void
read(enum roworder order)
{
	nrow = 0;
	maprows(&map, order, note, &map);
}

static void
isrow(size_t i, uint32_t type, paddr_t base, uint64_t npages, size_t ndesc)
{
	assert_true(i < nrow);
	assert_int_equal(rows[i].ndesc, ndesc);
	assert_int_equal(rows[i].base, base);
	assert_int_equal(rows[i].npages, npages);
	if (ndesc > 0)
		assert_int_equal(rows[i].type, type);
}

static int
setup(void **state)
{
	(void)state;
	map = (Efimap){.desc = bytes, .stride = STRIDE, .physbits = 40};
	return 0;
}

static void
neighbours_that_become_the_same_are_one(void **state)
{
	(void)state;
	desc(4, 1 * MiB, 1, 0xf);
	desc(7, 1 * MiB + BY2PG, 3, 0x8);
	desc(3, 1 * MiB + 4 * BY2PG, 2, 0xf);
	desc(0, 1 * MiB + 6 * BY2PG, 2, 0xf);
	desc(7, 1 * MiB + 8 * BY2PG, 1, 0xf);
	read(ROWSFOLDED);
	assert_int_equal(nrow, 4);
	isrow(0, 0, 0, 256, 0);
	isrow(1, 7, 1 * MiB, 6, 3);
	assert_int_equal(rows[1].as, MemRAM);
	isrow(2, 0, 1 * MiB + 6 * BY2PG, 2, 1);
	isrow(3, 7, 1 * MiB + 8 * BY2PG, 1, 1);
	read(ROWSALL);
	assert_int_equal(nrow, 6);
	isrow(0, 0, 0, 256, 0);
	isrow(1, 4, 1 * MiB, 1, 1);
	read(ROWSRAW);
	assert_int_equal(nrow, 5);
	isrow(0, 4, 1 * MiB, 1, 1);
}

/* A gap, an overlap, another attribute, an odd one between. */
static void
what_differs_is_not_folded(void **state)
{
	(void)state;
	desc(7, 1 * MiB, 2, 0xf);
	desc(7, 1 * MiB + 3 * BY2PG, 1, 0xf);
	desc(7, 1 * MiB + 4 * BY2PG, 2, 0xf | EFI_MEMORY_XP);
	desc(7, 1 * MiB + 5 * BY2PG, 2, 0xf | EFI_MEMORY_XP);
	desc(7, 1 * MiB + 7 * BY2PG, 0, 0xf | EFI_MEMORY_XP);
	desc(7, 1 * MiB + 7 * BY2PG, 0, 0xf | EFI_MEMORY_XP);
	desc(7, 1 * MiB + 7 * BY2PG, 1, 0xf | EFI_MEMORY_XP);
	read(ROWSFOLDED);
	assert_int_equal(nrow, 9);
	isrow(2, 0, 1 * MiB + 2 * BY2PG, 1, 0);
	assert_int_equal(rows[3].attr, 0);
	assert_int_equal(rows[4].attr, EFI_MEMORY_XP);
	assert_false(rows[4].overlaps);
	isrow(5, 7, 1 * MiB + 5 * BY2PG, 2, 1);
	assert_true(rows[5].overlaps);
	isrow(6, 7, 1 * MiB + 7 * BY2PG, 0, 1);
	assert_int_equal(rows[6].as, NMEMTYPE);
	isrow(7, 7, 1 * MiB + 7 * BY2PG, 0, 1);
	isrow(8, 7, 1 * MiB + 7 * BY2PG, 1, 1);
}

static void
ordinary_attributes_are_not_named(void **state)
{
	(void)state;
	assert_int_equal(rowattr(0xf), 0);
	assert_int_equal(rowattr(8), 0);
	assert_int_equal(rowattr(EFI_MEMORY_UCE | 8), 0);
	assert_int_equal(rowattr(1), 1);
	assert_int_equal(rowattr(7), 7);
	assert_int_equal(rowattr(0), 0);
	assert_int_equal(rowattr(EFI_MEMORY_RUNTIME | 0xf), EFI_MEMORY_RUNTIME);
}

static void
those_at_the_same_address_stay_in_order(void **state)
{
	(void)state;
	desc(1, 5 * MiB, 1, 0);
	desc(2, 3 * MiB, 1, 0);
	desc(3, 5 * MiB, 2, 0);
	desc(4, 1 * MiB, 1, 0);
	desc(5, 3 * MiB, 2, 0);
	maprowssort(bytes, map.size + STRIDE / 2, STRIDE);
	read(ROWSRAW);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(rows[i].type, "\4\2\5\1\3"[i]);
}

/* Types of the shortest kind, and attributes, that fold or do not. */
static void
randommap(void)
{
	static const uint32_t types[] = {7, 4, 0, 9};
	static const uint64_t attrs[] = {0xf, 8, 1, 0xf | EFI_MEMORY_RUNTIME};
	size_t n = 1 + (size_t)rand() % 12;

	map.size = 0;
	for (size_t i = 0; i < n; i++)
		desc(types[(size_t)rand() % nelem(types)],
		    MiB + (size_t)rand() % NPAGE * BY2PG, (size_t)rand() % 8,
		    attrs[(size_t)rand() % nelem(attrs)]);
}

/* Every page: in so many descriptors that become this, or in a hole. */
static void
paint(int in[NPAGE + 8][NMEMTYPE], int hole[NPAGE + 8])
{
	for (size_t i = 0; i < nrow; i++)
		for (size_t k = 0; k < rows[i].npages; k++) {
			paddr_t pa = rows[i].base + k * BY2PG;

			if (pa < MiB)
				continue;
			size_t at = (pa - MiB) / BY2PG;
			assert_true(at < NPAGE + 8);
			if (rows[i].ndesc == 0)
				hole[at]++;
			else
				in[at][rows[i].as]++;
		}
}

/* Behind the last page that is in any descriptor. */
static size_t
lastpage(int in[NPAGE + 8][NMEMTYPE])
{
	size_t end = 0;

	for (size_t k = 0; k < NPAGE + 8; k++)
		for (int t = 0; t < NMEMTYPE; t++)
			if (in[k][t] != 0)
				end = k + 1;
	return end;
}

/* A hole begins where the last that makes sense ended. */
static void
inorder(void)
{
	paddr_t last = 0;

	for (size_t i = 0; i < nrow; i++)
		if (rows[i].ndesc == 0 || rows[i].as != NMEMTYPE) {
			assert_true(rows[i].base >= last);
			last = rows[i].base;
		}
}

static void
rows_tell_the_same_as_descriptors(void **state)
{
	(void)state;
	for (int round = 0; round < NMAP; round++) {
		int in[2][NPAGE + 8][NMEMTYPE] = {0};
		int hole[NPAGE + 8] = {0};

		randommap();
		read(ROWSRAW);
		paint(in[0], hole);
		maprowssort(bytes, map.size, STRIDE);
		read(round % 2 ? ROWSALL : ROWSFOLDED);
		paint(in[1], hole);
		assert_memory_equal(in[0], in[1], sizeof in[0]);
		inorder();
		size_t end = lastpage(in[0]);
		for (size_t k = 0; k < NPAGE + 8; k++) {
			int n = 0;

			for (int t = 0; t < NMEMTYPE; t++)
				n += in[0][k][t];
			assert_int_equal(hole[k], k < end && n == 0);
		}
	}
}

#define T(f) cmocka_unit_test_setup(f, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(neighbours_that_become_the_same_are_one),
	    T(what_differs_is_not_folded),
	    T(ordinary_attributes_are_not_named),
	    T(those_at_the_same_address_stay_in_order),
	    T(rows_tell_the_same_as_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
