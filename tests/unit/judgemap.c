/*
 * judgemap.c - what `mem9 audit' finds of the memory map, on forged machines.
 *
 * needs: tests/host/judged.c
 */
#include "unit.h"
#include "judged.h"

static Forged m;

static void
mapempties(Forged *f)
{
	forgedesc(f, 7, FORGEDTOP, 0, FORGEDRAM);
}

static void
mapmany(Forged *f)
{
	for (size_t i = 0; efimapcount(&f->e.map) <= 500; i++)
		forgedesc(f, 0, FORGEDTOP + i * 2 * MiB, 1, 0);
}

static void
mapodd(Forged *f)
{
	f->e.map.size += 8;
}

static void
mapunaligned(Forged *f)
{
	forgedesc(f, 0, FORGEDTOP + 8, 1, 0);
}

static void
mapoverlaps(Forged *f)
{
	forgedesc(f, 0, FORGEDECAM + MiB - BY2PG, 3, 0);
}

static void
mapnested(Forged *f)
{
	forgedesc(f, 0, FORGEDTOP, 16, 0);
	forgedesc(f, 0, FORGEDTOP + 2 * BY2PG, 2, 0);
	forgedesc(f, 0, FORGEDTOP + 8 * BY2PG, 2, 0);
}

static void
mapunsorted(Forged *f)
{
	forgedesc(f, 0, FORGEDTOP + 8 * MiB, 1, 0);
	forgedesc(f, 0, FORGEDTOP, 1, 0);
}

static void
mapwraps(Forged *f)
{
	forgedesc(f, 0, 0xfffffffffffff000, 2, 0);
}

static void
maplast(Forged *f)
{
	forgedesc(f, 0, (1ull << 40) - BY2PG, 1, 0);
}

static void
maptoowide(Forged *f)
{
	forgedesc(f, 0, (1ull << 40) - BY2PG, 2, 0);
}

static void
maptype16(Forged *f)
{
	forgedesc(f, 16, FORGEDTOP, 1, 0);
}

static void
maptypeoem(Forged *f)
{
	forgedesc(f, 0x6fffffff, FORGEDTOP, 1, 0);
	forgedesc(f, 0x70000000, FORGEDTOP + MiB, 1, 0);
	forgedesc(f, 15, FORGEDTOP + 2 * MiB, 1, 0);
}

static void
mapattr(Forged *f)
{
	forgedesc(f, 0, FORGEDTOP, 1, 1ull << 21);
}

static void
mapattrknown(Forged *f)
{
	forgedesc(f, 0, FORGEDTOP, 1, 0xcffff000001ff01f);
}

static void
codenotruntime(Forged *f)
{
	forgeattr(f, FORGEDRTCODE, FORGEDRAM);
}

static void
freeruntime(Forged *f)
{
	forgeattr(f, BY2PG, FORGEDRAM | FORGEDRT);
}

static void
acpiruntime(Forged *f)
{
	forgedesc(f, 9, FORGEDTOP, 1, FORGEDRAM | FORGEDRT);
	forgedesc(f, 10, FORGEDTOP + MiB, 1, FORGEDRAM | FORGEDRT);
	forgedesc(f, 9, FORGEDTOP + 2 * MiB, 1, FORGEDRAM);
}

static void
ramuncached(Forged *f)
{
	forgeattr(f, BY2PG, 1);
}

static void
maplonger(Forged *f)
{
	f->e.again.size -= f->e.again.stride;
}

static void
mapmoved(Forged *f)
{
	f->again[FORGEDSTRIDE * 2 + 24]++;
}

static const Fault mapfaults[] = {
    {mapempties, "map-empty ", "a descriptor has no pages, at 0x8000000"},
    {mapmany, "map-entries ", "501 descriptors"},
    {mapodd, "map-size ", "392 bytes, of descriptors 48 bytes apart"},
    {mapunaligned, "map-aligned ", "0x8000008-0x8001008"},
    {mapoverlaps, "map-overlap ", "in two descriptors: 0x60ff000-0x6100000"},
    {mapnested, "map-overlap ",
	"16 KB in 2 places, the first 0x8002000-0x8004000"},
    {mapunsorted, "map-sorted ", "0x8000000 comes after 0x8800000"},
    {mapwraps, "map-wrap map-width ", "ends beyond 2^64"},
    {maplast, "", NULL},
    {maptoowide, "map-width ", "beyond what this CPU can address"},
    {maptype16, "map-types ", "of a type that no one defines"},
    {maptypeoem, "map-types ", "0x8000000-0x8001000, 4 KB"},
    {mapattr, "map-attributes ", "with attributes that no one defines"},
    {mapattrknown, "", NULL},
    {codenotruntime, "map-runtime ",
	"RUNTIME where it must not be, or not where it must: 0x500000-"},
    {freeruntime, "map-runtime ", "0x1000-0x100000"},
    {acpiruntime, "map-virtual ", "8 KB in 2 places"},
    {ramuncached, "map-write-back installed ", "0x1000-0x100000"},
    {maplonger, "map-stable ", "descriptors, and then"},
    {mapmoved, "map-stable ", "descriptor 2 has changed, at 0x200000"},
};

static void
faults_of_the_map(void **state)
{
	(void)state;
	faultsarefound(&m, AUDITMAP, mapfaults, nelem(mapfaults));
}

static void
a_map_of_nothing(void **state)
{
	(void)state;
	forge(&m);
	m.e.map.size = 0;
	assert_int_equal(judged(&m, "map-entries").judgement, AUDITFAILED);
	assert_int_equal(judged(&m, "map-size").judgement, AUDITFAILED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(faults_of_the_map),
	    cmocka_unit_test(a_map_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
