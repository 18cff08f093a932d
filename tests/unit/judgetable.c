/*
 * judgetable.c - what `mem9 audit' finds of the memory attributes table, on
 * forged machines.
 *
 * needs: tests/host/judged.c
 */
#include "unit.h"
#include "judged.h"

static Forged m;

static void
tablegone(Forged *f)
{
	f->e.table = (Protections){.is.there = false};
}

static void
tableversion3(Forged *f)
{
	f->e.table.is.version = 3;
}

static void
tableversion0(Forged *f)
{
	f->e.table.is.version = 0;
}

static void
tableapart(Forged *f)
{
	f->e.table.is.stride = 40;
}

static void
tablelong(Forged *f)
{
	f->e.table.is.n = 100000;
	f->e.table.is.room = 4000;
	f->e.table.why = "too long";
}

/* By more than 32 bits can say. */
static void
tablehuge(Forged *f)
{
	tablelong(f);
	f->e.table.is.n = 1u << 26;
	f->e.table.is.stride = 64;
}

/* It has nothing of what it should have. */
static void
tablenone(Forged *f)
{
	f->e.table.is.n = 0;
	f->e.table.map.size = f->e.table.sorted.size = 0;
}

static void
tablewild(Forged *f)
{
	f->e.table = (Protections){.is.there = true, .why = "not in the map"};
}

static void
entryempty(Forged *f)
{
	forgeentry(f, 6, FORGEDRTEND, 0, FORGEDXP);
}

static void
entryunaligned(Forged *f)
{
	forgeentryat(f, 1, FORGEDRTDATA + 8);
}

static void
entrydata(Forged *f)
{
	forgeentrytype(f, 1, 4);
}

static void
entrynoruntime(Forged *f)
{
	forgeentryattr(f, 0, 1ull << 17);
}

static void
entrybare(Forged *f)
{
	forgeentryattr(f, 0, FORGEDRT);
}

static void
entrylate(Forged *f)
{
	forgeentry(f, 5, FORGEDRTCODE - 4 * BY2PG, 1, FORGEDXP);
	forgedesc(f, 5, FORGEDRTCODE - 4 * BY2PG, 1, FORGEDRAM | FORGEDRT);
}

static void
entrytwice(Forged *f)
{
	forgeentry(f, 6, FORGEDRTDATA + BY2PG, 1, FORGEDXP);
}

static void
entrycrosses(Forged *f)
{
	forgeentryat(f, 0, FORGEDRTCODE - BY2PG);
}

/* Both ends of one descriptor, and a part of none. */
static void
entrycovers(Forged *f)
{
	forgeentryat(f, 0, FORGEDRTCODE - BY2PG);
	forgeentrypages(f, 0, 16 + 16 + 1);
}

static void
entryends(Forged *f)
{
	forgeentrypages(f, 1, 17);
}

static void
entryoutside(Forged *f)
{
	forgeentry(f, 6, FORGEDTOP, 1, FORGEDXP);
}

static void
entryshort(Forged *f)
{
	forgeentrypages(f, 0, 15);
}

static void
entrymissing(Forged *f)
{
	forgedesc(f, 6, FORGEDTOP, 2, FORGEDRAM | FORGEDRT);
}

static const Fault tablefaults[] = {
    {tablegone, "table-present ", "there is none"},
    {tableversion3, "table-version ", "version 0x3"},
    {tableversion0, "table-version ", "version 0"},
    {tableapart, "table-stride ", "entries 40 bytes apart, and the map's 48"},
    {tablelong, "table-size ",
	"100000 entries of 48 bytes, in memory of 4000 bytes"},
    {tablehuge, "table-stride table-size ", NULL},
    {tablenone, "table-complete ", NULL},
    {tablewild, "table-present ", "not in the map"},
    {entryempty, "table-empty ", "no pages"},
    {entryunaligned, "table-aligned table-crosses table-within table-complete ",
	"begins within a page"},
    {entrydata, "table-types table-within table-complete ",
	"neither runtime code nor data"},
    {entrynoruntime, "table-runtime ", "without RUNTIME"},
    {entrybare, "table-protects ", "writable and executable"},
    {entrylate, "map-sorted table-sorted ", NULL},
    {entrytwice, "table-overlap ", "in two descriptors"},
    {entrycrosses, "table-crosses table-within table-complete ",
	"across an end of a descriptor"},
    {entrycovers, "table-overlap table-within ", NULL},
    {entryends, "table-within ", NULL},
    {entryoutside, "table-within ", "in no descriptor of that type"},
    {entryshort, "table-complete ",
	"runtime code or data that it says nothing of: 0x50f000-0x510000, 4 "
	"KB"},
    {entrymissing, "table-complete ", "0x8000000-0x8002000, 8 KB"},
};

static void
faults_of_the_attributes_table(void **state)
{
	(void)state;
	faultsarefound(&m, AUDITTABLE, tablefaults, nelem(tablefaults));
}

static void
of_a_table_that_is_not_there_nothing_is_said(void **state)
{
	(void)state;
	forge(&m);
	tablegone(&m);
	assert_string_equal(names(&m, AUDITSKIPPED),
	    "table-version table-stride table-size table-empty table-aligned "
	    "table-types table-runtime table-protects table-sorted "
	    "table-overlap table-crosses table-within table-complete ");
	assert_string_equal(
	    judged(&m, "table-version").detail, "there is no such table");
	forge(&m);
	tablewild(&m);
	assert_string_equal(names(&m, AUDITSKIPPED),
	    "table-version table-stride table-size table-empty table-aligned "
	    "table-types table-runtime table-protects table-sorted "
	    "table-overlap table-crosses table-within table-complete ");
	assert_string_equal(judged(&m, "table-size").detail, "not in the map");
	forge(&m);
	tablelong(&m);
	assert_string_equal(names(&m, AUDITSKIPPED),
	    "table-empty table-aligned table-types table-runtime "
	    "table-protects table-sorted table-overlap table-crosses "
	    "table-within table-complete ");
	assert_string_equal(judged(&m, "table-empty").detail, "too long");
}

/* What mem9 has no memory for is not firmware's fault. */
static void
of_a_table_that_mem9_cannot_read_nothing_is_wrong(void **state)
{
	(void)state;
	forge(&m);
	m.e.table.why = "no memory";
	m.e.table.is.room = m.e.table.is.n * m.e.table.is.stride;
	assert_string_equal(names(&m, AUDITFAILED), "");
	assert_string_equal(names(&m, AUDITSKIPPED),
	    "table-empty table-aligned table-types table-runtime "
	    "table-protects table-sorted table-overlap table-crosses "
	    "table-within table-complete ");
	m.e.table.is.room--;
	assert_string_equal(names(&m, AUDITFAILED), "table-size ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(faults_of_the_attributes_table),
	    cmocka_unit_test(of_a_table_that_is_not_there_nothing_is_said),
	    cmocka_unit_test(of_a_table_that_mem9_cannot_read_nothing_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
