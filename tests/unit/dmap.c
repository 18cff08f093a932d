/*
 * dmap.c - mmuinit's direct map on every machine of tests/maps, and on some
 * that are worse.
 *
 * What should be mapped comes from the painting of tests/model, the fewest
 * tables from what large pages cannot cover there: both know nothing of arch/.
 *
 * needs: arch/dmap.c arch/rampage.c arch/tablepages.c arch/vmap.c
 * needs: tests/host/metal.c tests/model/direct.c
 * needs: efi/forms/map.c tools/replay/feed.c
 */
#include "unit.h"
#include "direct.h"
#include "efidesc.h"
#include "e820.h"
#include "efimap.h"
#include "memmap.h"
#include "metal.h"
#include "mmu.h"
#include "block.h"
#include "tlb.h"

#include <glob.h>

#define HOSTRAM (14 * TiB) /* sparse, more than any map has */
#define BLOCKSIZE (4 * MiB)
#define TABLES (64 * BY2PG) /* of the block, as takeover.c has it */

enum { MAXDESC = 4096, STRIDE = 40, MAPTABLE = 1 << 20 };

static uint64_t maptable[MAPTABLE / 8];
static uint8_t desc[MAXDESC * STRIDE];
static Paint paint;
static Direct direct;
static const char *machine = "plain";

/* ---- the machine of a map ---- */

static void
adddesc(size_t *n, uint32_t type, uint64_t base, uint64_t pages, uint64_t attr)
{
	uint8_t *d = desc + *n * STRIDE;

	if (*n == MAXDESC)
		fail_msg("more than %d descriptors", MAXDESC);
	memset(d, 0, STRIDE);
	efidesc(d, type, base, pages, attr);
	++*n;
	paintefi(&paint, type, base, pages, attr, direct.kind.physbits);
}

static void
adde820(uint32_t type, paddr_t pa, paddr_t end)
{
	e820range(type, pa, end, direct.kind.physbits);
	painte820(&paint, type, pa, end, direct.kind.physbits);
}

/* Where firmware could have put the block: the lowest RAM it fits in. */
static paddr_t
blockat(void)
{
	Memrange r = {.end = 0};

	while (memmaprange(r.end, &r))
		if (r.type == MemRAM && ROUNDUP(r.pa, 2 * MiB) < r.end &&
		    r.end - ROUNDUP(r.pa, 2 * MiB) >= BLOCKSIZE)
			return ROUNDUP(r.pa, 2 * MiB);
	return NOADDR;
}

/* The block, its parts, and first tables as takeover makes them. */
static void
firsttables(void)
{
	Bootinfo *b = &metalboot;
	paddr_t pa = blockat();

	if (pa == NOADDR)
		fail_msg("no place for the block in %s", machine);
	*b = (Bootinfo){.block = {pa, BLOCKSIZE},
	    .stacks = {pa, MiB / 2},
	    .handover = {pa + MiB, MiB},
	    .tables = {pa + BLOCKSIZE - TABLES, TABLES},
	    .options = {.directmap = direct.cap}};
	memreserve(pa, BLOCKSIZE);
	paintrange(&paint, pa, pa + BLOCKSIZE, MemReserved);
	stage = SFIRMWARE;
	*kspace.tables = (Tablepages){.head = NOADDR};
	tablepagesadd(kspace.tables, b->tables.pa, TABLES);
	metalspace();
	assert_int_equal(mapblock(&kspace, b), 0);
	assert_int_equal(pmap(&kspace, kspace.direct + b->tables.pa,
			     b->tables.pa | PTEKDATA, TABLES),
	    0);
	stage = SMEMINIT0;
}

static void
begin(Kind k, paddr_t directmap)
{
	direct.kind = k;
	direct.cap = directmap;
	hostquiet();
	hostmachine(0, HOSTRAM, HOSTRAM, 1);
	metalcpu(k);
	kspace.direct = DMAP + direct.slide;
	paintfree(&paint);
	rampages = (Tablepages){.head = NOADDR, .more = rampage};
	stage = SMEMINIT0;
	memmapinit(maptable, sizeof maptable);
}

/* Any page that was given: those the tables need are all there are. */
bool
istablepage(paddr_t pa)
{
	return pa % BY2PG == 0 && pa < HOSTRAM;
}

static void
readmap(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[256];
	size_t n = 0;
	bool efi = false;
	uint64_t v[4];

	assert_non_null(f);
	paintdefaults(&paint);
	while (fgets(line, sizeof line, f) != NULL) {
		if (sscanf(line, "efi %lu %lx %lu %lx", &v[0], &v[1], &v[2],
			&v[3]) == 4) {
			adddesc(&n, (uint32_t)v[0], v[1], v[2], v[3]);
			efi = true;
		} else if (sscanf(line, "e820 %lu %lx %lx", &v[0], &v[1],
			       &v[2]) == 3)
			adde820((uint32_t)v[0], v[1], v[2]);
	}
	fclose(f);
	Efimap map = {desc, n * STRIDE, STRIDE, direct.kind.physbits, 0, 0};
	if (efi)
		assert_int_equal(efimapadd(&map), 0);
}

/* The direct map is what the painting says, and kspace.directend its end. */
static void
checkdirect(const char *name, size_t slack)
{
	paddr_t end = directwant(&direct, &paint);
	const char *why = directdiffers(&direct, kspace.upper, slack);

	if (why != NULL)
		fail_msg("%s: %s", name, why);
	assert_int_equal(kspace.directend, end);
}

/* Everything but the direct map: as the takeover's, and an empty window. */
static size_t otherpages;

static void
countother(void *arg, const Xlat *x)
{
	(void)arg;
	otherpages += x->size / BY2PG;
}

static void
checkothers(void)
{
	otherpages = 0;
	assert_int_equal(tlbwalk(kspace.upper, 0, DMAP, NULL, NULL), 0);
	tlbwalk(kspace.upper, KMAP, 0, countother, NULL);
	assert_int_equal(otherpages,
	    (metalboot.stacks.size + metalboot.handover.size) / BY2PG);
	assert_non_null(mmuwalk(&kspace, KMAP, 0, LOOKUP));
}

/* mmuinit, and after it the first tables become RAM. */
static void
build(const char *name)
{
	Part t = metalboot.tables;

	metalpats = 0;
	mmuinit();
	assert_int_equal(metalpats, 1);
	assert_ptr_equal(metalentered, kspace.top);
	assert_ptr_equal(metalpixels, kspace.top);
	stage = SMMU;
	checkdirect(name, 0);
	checkothers();
	assert_int_equal(memmaprelease(t.pa, t.size), 0);
	dmapadd(t.pa, t.size);
	paintrange(&paint, t.pa, t.pa + t.size, MemRAM);
	for (size_t i = 0; i < paint.nstroke; i++)
		if (paint.stroke[i].type == MemReserved &&
		    paint.stroke[i].pa == metalboot.block.pa)
			paint.stroke[i].end = t.pa;
	/* the piece may have joined two that were mapped apart */
	checkdirect(name, 4);
}

static const Kind kinds[] = {
    {52, true, true},
    {46, false, true},
    {39, true, false},
    {36, false, false},
};
static const paddr_t caps[] = {NOADDR, 2 * GiB + 12345, 256 * MiB};

/* One of the maps was published without its RAM. */
static bool
hasram(void)
{
	bool ram = directwant(&direct, &paint) > 0;

	if (!ram)
		assert_int_equal(blockat(), NOADDR);
	return ram;
}

static void
every_map_is_mapped_exactly(void **state)
{
	glob_t g;
	size_t n = 0;

	(void)state;
	assert_int_equal(glob("tests/maps/*.map", 0, NULL, &g), 0);
	for (size_t i = 0; i < nelem(kinds) * nelem(caps) * g.gl_pathc; i++) {
		machine = g.gl_pathv[i % g.gl_pathc];
		size_t how = i / g.gl_pathc;

		begin(kinds[how % nelem(kinds)], caps[how / nelem(kinds)]);
		readmap(machine);
		if (!hasram())
			continue;
		firsttables();
		build(machine);
		n++;
	}
	globfree(&g);
	assert_int_equal(n, 52 * nelem(kinds) * nelem(caps));
}

/* RAM [0, size) but the holes below 1 MiB and 3 to 4 GiB. */
static void
plainmachine(size_t size)
{
	paintdefaults(&paint);
	adde820(1, MiB, MIN(size, 3 * GiB));
	if (size > 3 * GiB)
		adde820(1, 4 * GiB, size + GiB);
	firsttables();
}

static size_t
directtables(void)
{
	return tlbwalk(kspace.upper, DMAP, KMAP, NULL, NULL);
}

/* Tablepages follow what large pages cannot cover, not how much RAM there is.
 */
static void
tables_do_not_grow_with_ram(void **state)
{
	static const size_t size[] = {
	    64 * MiB, 512 * MiB, 64 * GiB, 512 * GiB, 4 * TiB, 12 * TiB};
	size_t n[nelem(size)];

	(void)state;
	for (size_t i = 0; i < nelem(size); i++) {
		begin((Kind){46, true, true}, NOADDR);
		plainmachine(size[i]);
		build("plain");
		n[i] = directtables();
		hostloud();
		print("dmap: ram=%#zx tables=%zu all=%zu\n", size[i], n[i],
		    rampages.used);
	}
	assert_in_range(n[3], n[1], n[1] + 4);
}

/*
 *	... | RAM | hole of 4 KiB | RAM | ...	RAM restarts at 1 TiB, as on AMD
 */
static void
no_page_reaches_into_a_hole(void **state)
{
	(void)state;
	for (size_t k = 0; k < 2; k++) {
		begin(kinds[k], NOADDR);
		paintdefaults(&paint);
		adde820(1, MiB, 2 * GiB + GiB / 2);
		adde820(2, GiB + 5 * MiB, GiB + 5 * MiB + BY2PG);
		adde820(3, GiB + 7 * MiB, GiB + 8 * MiB);
		adde820(1, 4 * GiB, 0xfd00000000);
		adde820(1, TiB, TiB + 70 * GiB);
		adde820(1, 9 * TiB + BY2PG, 9 * TiB + 2 * BY2PG);
		firsttables();
		build("holes");
	}
}

/* Slid by 1 GiB, so that all lies in other tables; and up to the very end. */
static void
the_direct_map_may_slide(void **state)
{
	static const size_t by[] = {GiB, 511 * GiB, 112 * TiB + 511 * GiB};

	(void)state;
	for (size_t i = 0; i < 2 * nelem(by); i++) {
		direct.slide = by[i / 2];
		begin(kinds[i % 2], NOADDR);
		plainmachine(600 * GiB);
		build("slid");
	}
	direct.slide = 0;
}

/* 126 TiB are all there is room for: KMAP reaches the rest. */
static void
ram_past_the_end_of_the_direct_map_is_left_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		direct.slide = i * 5 * GiB;
		begin(kinds[0], NOADDR);
		paintdefaults(&paint);
		adde820(1, 2 * MiB, GiB);
		adde820(1, DMAPSIZE - 8 * GiB, DMAPSIZE + 8 * GiB);
		firsttables();
		build("past");
		assert_int_equal(kspace.direct + kspace.directend, KMAP);
	}
	direct.slide = 0;
}

/* RAM in pieces of a page: the tables' own memory is in pieces too. */
static void
ram_in_pieces_is_mapped(void **state)
{
	(void)state;
	for (size_t k = 0; k < 2; k++) {
		begin(kinds[k], NOADDR);
		paintdefaults(&paint);
		for (paddr_t pa = 2 * MiB; pa < 16 * MiB; pa += 2 * BY2PG)
			adde820(1, pa, pa + BY2PG);
		adde820(1, 64 * MiB, 64 * MiB + BLOCKSIZE);
		adde820(1, GiB, GiB + BY2PG);
		firsttables();
		build("pieces");
	}
}

/* Nothing to make tables of, and nothing to reach it with. */
static void
too_little_ram_is_said(void **state)
{
	(void)state;
	begin(kinds[0], NOADDR);
	paintdefaults(&paint);
	adde820(1, 64 * MiB, 64 * MiB + BLOCKSIZE + 3 * BY2PG);
	firsttables();
	assert_true(panics(mmuinit()));
	assert_string_equal(hostpanic(),
	    "panic: taketables: page tables need 27 pages, 24 are missing");
	begin(kinds[0], BY2PG - 1);
	plainmachine(GiB);
	assert_true(panics(mmuinit()));
	assert_non_null(strstr(hostpanic(), "24 pages, 24 are missing"));
}

/* A page in each of 64 slots of 2 MiB: a table to reach each. */
static void
ram_too_scattered_is_said(void **state)
{
	(void)state;
	begin(kinds[0], NOADDR);
	paintdefaults(&paint);
	adde820(1, 64 * MiB, 64 * MiB + BLOCKSIZE);
	for (paddr_t pa = 128 * MiB; pa < 256 * MiB; pa += 2 * MiB)
		adde820(1, pa, pa + BY2PG);
	firsttables();
	assert_true(panics(mmuinit()));
	assert_non_null(
	    strstr(hostpanic(), "no first tables to reach 0x1000 bytes at"));
}

/* No run of the tables' memory may end above what kaddr will reach. */
static void
tables_lie_under_the_cap(void **state)
{
	(void)state;
	begin(kinds[1], 66 * MiB + 20 * BY2PG);
	paintdefaults(&paint);
	adde820(1, 16 * MiB, 16 * MiB + 10 * BY2PG);
	adde820(1, 60 * MiB, GiB);
	firsttables();
	mmuinit();
	for (paddr_t pa = direct.cap; pa < GiB; pa += BY2PG) {
		Memrange r;

		assert_true(memmaprange(pa, &r));
		assert_false(r.allocated);
	}
	stage = SMMU;
	checkdirect("cap", 0);
}

/* What becomes RAM above all other RAM is reached too, but not above a cap. */
static void
the_direct_map_grows_at_its_end(void **state)
{
	(void)state;
	for (int capped = 0; capped < 2; capped++) {
		paddr_t top = 256 * MiB;

		begin(kinds[0], capped ? top + MiB : NOADDR);
		paintdefaults(&paint);
		adde820(1, 2 * MiB, 64 * MiB);
		firsttables();
		mmuinit();
		stage = SMMU;
		assert_int_equal(kspace.directend, 64 * MiB);
		dmapadd(top, 2 * MiB);
		assert_int_equal(
		    kspace.directend, top + (capped ? MiB : 2 * MiB));
		checkmmu(&kspace, kspace.direct + top + MiB - 1, top + MiB - 1);
		dmapadd(2 * GiB, 0);
	}
}

/* The page that a mapping needs is the one that is not there. */
static void
dmapadd_without_a_table_is_said(void **state)
{
	(void)state;
	begin(kinds[0], NOADDR);
	plainmachine(128 * MiB);
	mmuinit();
	stage = SMMU;
	while (tablepage(&rampages) != NULL)
		;
	assert_true(panics(dmapadd(8 * GiB, 2 * BY2PG)));
	assert_string_equal(hostpanic(),
	    "panic: dmapadd: no table for [0x200000000, 0x200002000)");
}

/* As bad as can be: in the block every page is of another kind. */
static enum caching
patchwork(paddr_t pa, paddr_t *end)
{
	const Part *b = &metalboot.block;

	*end = pa < b->pa ? b->pa : NOADDR;
	if (pa - b->pa >= b->size)
		return CACHEWB;
	*end = pa + BY2PG;
	return pa / BY2PG % 2 ? CACHEUC : CACHEWB;
}

static void
the_block_may_be_of_any_kind(void **state)
{
	(void)state;
	for (size_t k = 0; k < nelem(kinds); k++) {
		begin(kinds[k], NOADDR);
		kspace.limits.caching = patchwork;
		plainmachine(GiB);
		mmuinit();
		stage = SMMU;
		checkdirect("patchwork", 0);
		checkothers();
	}
}

static void
mmuinit_has_its_place(void **state)
{
	(void)state;
	stage = SMACH;
	assert_true(panics(mmuinit()));
	assert_non_null(strstr(hostpanic(), "called too early"));
	stage = SMMU;
	assert_true(panics(mmuinit()));
	assert_non_null(strstr(hostpanic(), "called too late"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_map_is_mapped_exactly),
	    cmocka_unit_test(tables_do_not_grow_with_ram),
	    cmocka_unit_test(no_page_reaches_into_a_hole),
	    cmocka_unit_test(the_direct_map_may_slide),
	    cmocka_unit_test(ram_past_the_end_of_the_direct_map_is_left_out),
	    cmocka_unit_test(ram_in_pieces_is_mapped),
	    cmocka_unit_test(too_little_ram_is_said),
	    cmocka_unit_test(ram_too_scattered_is_said),
	    cmocka_unit_test(tables_lie_under_the_cap),
	    cmocka_unit_test(the_direct_map_grows_at_its_end),
	    cmocka_unit_test(dmapadd_without_a_table_is_said),
	    cmocka_unit_test(the_block_may_be_of_any_kind),
	    cmocka_unit_test(mmuinit_has_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
