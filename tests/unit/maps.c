/*
 * maps.c - whole memory maps against the painting of tests/model.
 *
 * Every real machine's map in tests/maps, and random ones that are as bad as
 * can be: unsorted, nested, overlapping, empty, wrapping, unaligned, beyond
 * the width. The result must be the painting's, and so must the number of
 * oddities and the bytes of each type.
 *
 * needs: tests/model/paint.c efi/forms/map.c tools/replay/feed.c
 */
#include "savedmap.h"
#include "e820.h"
#include "efimap.h"
#include "paint.h"

enum { MAXENTRY = 4000, STRIDE = 48 };

/* Bytes of each type, by the memmap's own count and the painting's. */
static void
same_totals(const Paint *p)
{
	Memtotal t;
	size_t want[NMEMTYPE] = {0};

	memmaptotal(&t);
	for (size_t i = 0; i < p->nwant; i++)
		want[p->want[i].type] += p->want[i].end - p->want[i].pa;
	for (int type = 0; type < NMEMTYPE; type++)
		assert_int_equal(t.size[type], want[type]);
	assert_int_equal(t.lost, 0);
}

/* Every byte the firmware spoke of is what it said, or something higher. */
static void
every_byte_is_accounted_for(const Paint *p)
{
	for (size_t i = 0; i < p->nstroke; i++) {
		const Stroke *s = &p->stroke[i];
		Memrange r;

		for (paddr_t pa = s->pa; pa < s->end; pa = r.end) {
			assert_true(memmaprange(pa, &r));
			assert_true(r.pa <= pa);
			assert_true(
			    s->type == NMEMTYPE || (int)r.type >= s->type);
		}
	}
}

static void
compare(Paint *p, bool oddities)
{
	const char *differs;

	paintdone(p);
	differs = paintdiffers(p);
	if (differs != NULL)
		fail_msg("%s", differs);
	memmapcheck();
	same_totals(p);
	every_byte_is_accounted_for(p);
	if (oddities) {
		assert_int_equal(hosttimes("odd kind=zero"), p->odd[ODDZERO]);
		assert_int_equal(hosttimes("odd kind=wrap"), p->odd[ODDWRAP]);
		assert_int_equal(hosttimes("odd kind=width"), p->odd[ODDWIDTH]);
		assert_int_equal(hosttimes("odd kind=align"), p->odd[ODDALIGN]);
		assert_int_equal(hosttimes("odd kind=overlap"), p->ntwice);
	}
	paintfree(p);
}

static void *
newtable(size_t n)
{
	size_t need = memmapneed(n);
	void *table = aligned_alloc(8, need);

	hostquiet();
	stage = SMACH;
	memmapinit(table, need);
	return table;
}

static void
paintmap(Paint *p, const Map *m)
{
	paintdefaults(p);
	for (size_t i = 0; i < m->nentry; i++) {
		const Entry *e = &m->entry[i];

		if (m->form->efi)
			paintefi(p, e->type, e->base, e->npages, e->attr, 52);
		else
			painte820(p, e->type, e->base, e->end, 52);
	}
}

static void
painted(Map *m)
{
	Paint p = {0};
	void *table = newtable(m->nentry);

	assert_int_equal(mapfeed(m, 52), 0);
	paintmap(&p, m);
	compare(&p, true);
	free(table);
}

static void
every_machines_map_is_painted_right(void **state)
{
	(void)state;
	savedmaps(painted);
}

/* An address as a liar may give it: anywhere, at an edge, or close to one. */
static uint64_t
address(uint64_t span)
{
	static const uint64_t edge[] = {0, 0x9fc00, MiB, 16 * MiB, 4 * GiB,
	    1ull << 36, 1ull << 52, NOADDR - 0xfff};

	switch (rnd(16)) {
	case 0:
		return edge[rnd(nelem(edge))] + (rnd(3) - 1) * BY2PG;
	case 1:
		return edge[rnd(nelem(edge))] + rnd(0x2000) - 0x1000;
	case 2:
		return rnd(span * BY2PG);
	default:
		return rnd(span) * BY2PG;
	}
}

static uint64_t
pages(uint64_t span)
{
	switch (rnd(32)) {
	case 0:
		return 0;
	case 1:
		return rnd(NOADDR);
	case 2:
		return NOADDR / BY2PG + rnd(3) - 1;
	default:
		return 1 + rnd(span / 8 + 1);
	}
}

static uint32_t
efitype(void)
{
	return rnd(20) == 0 ? 0x70000000 + (uint32_t)rnd(0x20000000)
			    : (uint32_t)rnd(17);
}

static uint64_t
efiattr(void)
{
	switch (rnd(8)) {
	case 0:
		return rnd(NOADDR);
	case 1:
		return 1ull << 63 | 0xf;
	case 2:
		return 1ull << 18 | 0xf;
	default:
		return 0xf;
	}
}

static void
randomefi(size_t n, uint64_t span, int physbits)
{
	static uint8_t raw[MAXENTRY * STRIDE];
	Efimap map = {raw, n * STRIDE, STRIDE, physbits, 0, 0};
	Paint p = {0};
	void *table = newtable(n);

	paintdefaults(&p);
	for (size_t i = 0; i < n; i++) {
		uint64_t d[STRIDE / 8] = {efitype(), address(span), rnd(NOADDR),
		    pages(span), efiattr(), rnd(NOADDR)};

		memcpy(raw + i * STRIDE, d, STRIDE);
		paintefi(&p, (uint32_t)d[0], d[1], d[3], d[4], physbits);
	}
	assert_int_equal(efimapadd(&map), 0);
	compare(&p, n < 200);
	free(table);
}

static void
randome820(size_t n, uint64_t span, int physbits)
{
	Paint p = {0};
	void *table = newtable(n);

	e820begin();
	paintdefaults(&p);
	for (size_t i = 0; i < n; i++) {
		uint32_t type = 1 + (uint32_t)rnd(6);
		uint64_t pa = address(span);
		uint64_t end = pa + pages(span) * BY2PG;

		if (rnd(4) == 0)
			end += rnd(BY2PG);
		e820range(type, pa, end, physbits);
		painte820(&p, type, pa, end, physbits);
	}
	memmapsettle();
	compare(&p, n < 200);
	free(table);
}

static void
random_maps_are_painted_right(void **state)
{
	static const struct {
		size_t most, times;
	} sizes[] = {{6, 2000}, {40, 300}, {400, 10}, {4000, 1}};
	static const int physbits[] = {36, 39, 46, 52};

	(void)state;
	for (size_t i = 0; i < nelem(sizes); i++) {
		for (size_t k = 0; k < sizes[i].times; k++) {
			uint64_t span = 16ull << rnd(24);
			int bits = physbits[rnd(nelem(physbits))];
			size_t n = rnd(sizes[i].most + 1);

			if (sizes[i].most == MAXENTRY)
				n = MAXENTRY;
			randomefi(n, span, bits);
			randome820(n, span, bits);
		}
	}
}

/* In any order of adding, and looked at in between, the result is the same. */
static void
order_and_looks_make_no_difference(void **state)
{
	(void)state;
	for (int k = 0; k < 300; k++) {
		Paint p = {0};
		size_t n = 1 + rnd(30);
		void *table = newtable(n);

		for (size_t i = 0; i < n; i++) {
			paddr_t pa = rnd(64) * BY2PG;
			size_t size = (1 + rnd(16)) * BY2PG;
			enum memtype type = (enum memtype)rnd(NMEMTYPE);

			memmapadd(pa, size, type);
			paintrange(&p, pa, pa + size, type);
			if (rnd(4) == 0)
				memmapcheck();
		}
		compare(&p, false);
		free(table);
	}
}

/* 9front loses what lies between from 128 holes on; 312 is a real machine. */
static void
nested_holes_stay_reserved(void **state)
{
	static const size_t n[] = {127, 128, 200, 312, 4000};

	(void)state;
	for (size_t i = 0; i < nelem(n); i++) {
		Paint p = {0};
		void *table = newtable(n[i] + 1);

		memmapadd(MiB, (2 * n[i] + 1) * BY2PG, MemRAM);
		paintrange(&p, MiB, MiB + (2 * n[i] + 1) * BY2PG, MemRAM);
		for (size_t k = 0; k < n[i]; k++) {
			paddr_t pa = MiB + (2 * k + 1) * BY2PG;

			memmapadd(pa, BY2PG, MemReserved);
			paintrange(&p, pa, pa + BY2PG, MemReserved);
		}
		compare(&p, false);
		free(table);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_machines_map_is_painted_right),
	    cmocka_unit_test(random_maps_are_painted_right),
	    cmocka_unit_test(order_and_looks_make_no_difference),
	    cmocka_unit_test(nested_holes_stay_reserved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
