/*
 * picture.c - every range can be seen, in order, and all cells are given out:
 * of the maps in tests/maps, and of ranges by chance.
 *
 * needs: efi/forms/map.c tools/replay/feed.c kern/monitor/picture.c
 */
#include "savedmap.h"
#include "maptable.h"
#include "picture.h"

enum { MAXRANGE = 500 };

typedef struct Drawn Drawn;

/* What was drawn so far. */
struct Drawn {
	paddr_t at;
	size_t ncell;
	size_t nstripe;
	size_t of[NSCALE]; /* cells */
	size_t bytes[NSCALE];
};

/* One behind the other, each with a cell, and as the memmap has it. */
static void
draw(void *arg, const Stripe *stripe)
{
	Drawn *d = arg;
	Memrange r;
	enum scale s = picturescale(stripe->type);

	assert_int_equal(stripe->pa, d->at);
	assert_true(stripe->end > stripe->pa);
	assert_true(stripe->ncell > 0);
	assert_true(memmaprange(stripe->pa, &r));
	if (stripe->type == NMEMTYPE)
		assert_int_equal(stripe->end, r.pa);
	else {
		assert_int_equal(stripe->pa, r.pa);
		assert_int_equal(stripe->end, r.end);
		assert_int_equal(stripe->type, r.type);
		assert_int_equal(stripe->allocated, r.allocated);
	}
	d->at = stripe->end;
	d->nstripe++;
	d->ncell += stripe->ncell;
	d->of[s] += stripe->ncell;
	d->bytes[s] += stripe->end - stripe->pa;
}

static void
drawn(size_t ncell)
{
	Picture p;
	Drawn d = {0};
	Memrange r;

	picturememmap(&p, ncell, draw, &d);
	assert_false(memmaprange(d.at, &r));
	assert_int_equal(d.ncell, MAX(ncell, d.nstripe));
	assert_int_equal(p.ncell, d.ncell);
	if (d.bytes[SCALERAM] > 0)
		assert_true(d.of[SCALERAM] >= (d.ncell - d.nstripe) * 3 / 4);
	if (d.bytes[SCALERAM] < 3 * d.bytes[SCALEREST] + 3 * MiB)
		return;
	double spare = (double)(d.ncell - d.nstripe);
	double ram = (double)d.bytes[SCALERAM];
	double share = ram / (ram + (double)d.bytes[SCALEREST]);

	assert_true((double)d.of[SCALERAM] >= spare * share - 1);
	assert_true((double)d.of[SCALEREST] >= spare * (1 - share) - 1);
}

static void
drawmap(Map *m)
{
	static const size_t sizes[] = {0, 100, 640, 1024, 4096, 100000};

	mapbegin(SMACH);
	assert_int_equal(mapfeed(m, 52), 0);
	for (size_t i = 0; i < nelem(sizes); i++)
		drawn(sizes[i]);
}

static void
every_range_of_a_real_map_is_seen(void **state)
{
	(void)state;
	savedmaps(drawmap);
}

static void
every_range_of_a_map_by_chance_is_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < 300; i++) {
		mapbegin(SMACH);
		for (size_t n = 1 + rnd(i % 20 == 0 ? 800 : 40); n > 0; n--) {
			paddr_t pa = rnd(1ull << (13 + rnd(42)));
			size_t size = 1 + rnd(1ull << (1 + rnd(42)));

			if (rnd(8) > 0) {
				pa = PGROUND(pa);
				size = PGROUND(size);
			}
			memmapadd(pa, size, (enum memtype)rnd(NMEMTYPE));
		}
		for (size_t n = rnd(4); n > 0; n--)
			memmapalloc(NOADDR, n * BY2PG, 0, MemRAM);
		drawn(rnd(3000));
	}
}

static void
each_type_has_its_scale(void **state)
{
	(void)state;
	assert_int_equal(picturescale(MemRAM), SCALERAM);
	assert_int_equal(picturescale(MemACPI), SCALERAM);
	assert_int_equal(picturescale(MemReserved), SCALEREST);
	assert_int_equal(picturescale(MemUMB), SCALENONE);
	assert_int_equal(picturescale(MemUPA), SCALENONE);
	assert_int_equal(picturescale(NMEMTYPE), SCALENONE);
}

/* Ranges by chance, of all sizes; against shares in fractions. */
static void
ranges_by_chance(size_t n)
{
	size_t size[MAXRANGE];
	enum scale s[MAXRANGE];
	double pages[NSCALE] = {0};
	double extra[NSCALE] = {0};
	size_t sum = 0;
	size_t want = rnd(3000);
	Picture p = {0};

	for (size_t i = 0; i < n; i++) {
		size[i] = 1 + rnd(1ull << (1 + rnd(44)));
		s[i] = (enum scale)rnd(NSCALE);
		pages[s[i]] += (double)PAGES(size[i]);
		picturerange(&p, size[i], s[i]);
	}
	size_t ncell = picturefit(&p, want);
	size_t spare = ncell - n;

	assert_int_equal(ncell, n == 0 ? 0 : MAX(want, n));
	for (int k = 0; k < NSCALE; k++) {
		extra[k] = (double)p.of[k].ncell;
		spare -= p.of[k].ncell;
	}
	assert_int_equal(spare, 0);
	for (size_t i = 0; i < n; i++) {
		size_t got = picturecells(&p, size[i], s[i]);
		double share =
		    1 + extra[s[i]] * (double)PAGES(size[i]) / pages[s[i]];

		assert_true(got >= 1);
		assert_true((double)got > share - 1.01);
		assert_true((double)got < share + 1.01);
		sum += got;
	}
	assert_int_equal(sum, ncell);
}

static void
cells_add_up_whatever_there_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4000; i++)
		ranges_by_chance(rnd(i % 10 == 0 ? MAXRANGE : 20));
}

/* 6 GiB of RAM, 2 GiB of the rest: to one scale; 7 TiB: not. */
static void
ram_is_the_larger_part(void **state)
{
	Picture p = {0};

	(void)state;
	picturerange(&p, 6 * GiB, SCALERAM);
	picturerange(&p, 2 * GiB, SCALEREST);
	picturerange(&p, 1 * TiB, SCALENONE);
	assert_int_equal(picturefit(&p, 803), 803);
	assert_int_equal(picturecells(&p, 6 * GiB, SCALERAM), 601);
	assert_int_equal(picturecells(&p, 1 * GiB, SCALEREST), 101);
	assert_int_equal(picturecells(&p, 1 * GiB, SCALEREST), 101);
	assert_int_equal(picturecells(&p, 1 * TiB, SCALENONE), 1);
	assert_int_equal(picturecell(&p, SCALERAM), 6 * GiB / 600);
	assert_int_equal(picturecell(&p, SCALENONE), 0);
	p = (Picture){0};
	picturerange(&p, 6 * GiB, SCALERAM);
	picturerange(&p, 7 * TiB, SCALEREST);
	assert_int_equal(picturefit(&p, 402), 402);
	assert_int_equal(picturecells(&p, 6 * GiB, SCALERAM), 301);
	assert_int_equal(picturecells(&p, 7 * TiB, SCALEREST), 101);
}

static void
what_there_is_alone_has_all_cells(void **state)
{
	(void)state;
	for (int s = 0; s < NSCALE; s++) {
		Picture p = {0};

		picturerange(&p, 1, (enum scale)s);
		assert_int_equal(picturefit(&p, 77), 77);
		assert_int_equal(picturecells(&p, 1, (enum scale)s), 77);
		assert_int_equal(picturecell(&p, (enum scale)s), BY2PG / 76);
	}
	Picture p = {0};

	assert_int_equal(picturefit(&p, 77), 0);
}

/* The most there can be, without a product that is too large. */
static void
large_numbers_hold(void **state)
{
	Picture p = {0};

	(void)state;
	picturerange(&p, BY2PG, SCALERAM);
	picturerange(&p, PAMAX - BY2PG, SCALERAM);
	assert_int_equal(picturefit(&p, SIZE_MAX), PICTUREMAX + 2);
	assert_int_equal(picturecells(&p, BY2PG, SCALERAM), 1);
	assert_int_equal(
	    picturecells(&p, PAMAX - BY2PG, SCALERAM), PICTUREMAX + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_range_of_a_real_map_is_seen),
	    cmocka_unit_test(every_range_of_a_map_by_chance_is_seen),
	    cmocka_unit_test(each_type_has_its_scale),
	    cmocka_unit_test(cells_add_up_whatever_there_is),
	    cmocka_unit_test(ram_is_the_larger_part),
	    cmocka_unit_test(what_there_is_alone_has_all_cells),
	    cmocka_unit_test(large_numbers_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
