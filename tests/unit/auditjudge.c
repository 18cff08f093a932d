/*
 * auditjudge.c - each check of `mem9 audit' on a forged machine: passed where
 * all is well, failed where one thing is wrong, skipped where it was not to be
 * had.
 *
 *	0    4K        1M       2M      3M      4M            64M      128M
 *	| -  | free -  | code   | data  | boot  | runtime     | mmio   |
 *
 * Every fault is a row: what is changed, which checks fail by that and no
 * others, and what is said.
 *
 * needs: tests/host/forged.c
 */
#include "unit.h"
#include "forged.h"

typedef struct Fault Fault;

struct Fault {
	void (*make)(Forged *m);
	const char *fails; /* names, a blank after each */
	const char *says;  /* of the first of them; NULL: whatever */
};

static Forged m;

/* The finding of that check on this machine. */
static Finding
judged(const char *name)
{
	size_t n = 0;
	const Auditcheck *c = auditchecks(&n);
	Finding f = {.judgement = AUDITOK};

	for (size_t i = 0; i < n; i++)
		if (strcmp(c[i].name, name) == 0) {
			c[i].judge(&m.e, &f);
			return f;
		}
	fail_msg("no check %s", name);
	return f;
}

/* The names of all checks that come to that. */
static const char *
names(enum judgement j)
{
	static char text[2000];
	size_t n = 0;
	const Auditcheck *c = auditchecks(&n);

	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		if (judged(c[i].name).judgement == j) {
			strcat(text, c[i].name);
			strcat(text, " ");
		}
	return text;
}

static void
a_good_machine_passes_every_check(void **state)
{
	(void)state;
	forge(&m);
	assert_string_equal(names(AUDITFAILED), "");
	assert_string_equal(names(AUDITSKIPPED), "");
}

/* Mapped: page 0, and so a hole of the map. */
static void
page0(Forged *f)
{
	forgepage(f, 0, 0, BY2PG, PTENOEXEC);
}

static void
page0runs(Forged *f)
{
	forgepage(f, 0, 0, BY2PG, PTEWRITE);
}

static void
codewritable(Forged *f)
{
	forgeflags(f, MiB, PTEWRITE);
}

static void
alias(Forged *f)
{
	forgepage(f, DMAP, MiB, BY2PG, PTEWRITE | PTENOEXEC);
}

static void
aliaswx(Forged *f)
{
	forgepage(f, DMAP, 3 * MiB, 2 * BY2PG, PTEWRITE);
}

static void
freemapped(Forged *f)
{
	forgepage(f, 64 * KiB, 64 * KiB, 32 * KiB, PTEWRITE | PTENOEXEC);
}

static void
mmioruns(Forged *f)
{
	forgeflags(f, FORGEDMMIO, 0);
}

static void
portsrun(Forged *f)
{
	mmioruns(f);
	forgetype(f, FORGEDMMIO, 12);
}

static void
mmiowide(Forged *f)
{
	forgesize(f, FORGEDMMIO, FORGEDMMIOSIZE + BY2PG);
}

static void
dataruns(Forged *f)
{
	forgeflags(f, 2 * MiB, 0);
}

static void
imageunpaged(Forged *f)
{
	f->e.images.unpaged = 1;
	f->e.images.first = 0x1234000;
}

static void
stackruns(Forged *f)
{
	forgeflags(f, FORGEDSTACK, 0);
}

static void
stackrunshigher(Forged *f)
{
	forgeflags(f, FORGEDSTACK, PTEWRITE | PTENOEXEC);
	forgecut(f, FORGEDSTACK + 3 * BY2PG, 0);
}

/* In two ranges that touch: one place. */
static void
stackrunstwice(Forged *f)
{
	forgeflags(f, FORGEDSTACK, 0);
	forgecut(f, FORGEDSTACK + 2 * BY2PG, PTEWRITE);
	forgecut(f, FORGEDSTACK + 3 * BY2PG, 0);
}

static void
noguard(Forged *f)
{
	forgepage(f, FORGEDSTACK - BY2PG, FORGEDSTACK - BY2PG, BY2PG,
	    PTEWRITE | PTENOEXEC);
}

static void
guardfar(Forged *f)
{
	f->e.stack.size = 0;
	forgepage(f, FORGEDSTACK - 64 * BY2PG, FORGEDSTACK - 64 * BY2PG,
	    64 * BY2PG, PTEWRITE | PTENOEXEC);
}

static void
heapruns(Forged *f)
{
	forgeflags(f, FORGEDHEAP, 0);
}

static void
sampleruns(Forged *f)
{
	forgeflags(f, FORGEDPAGE, PTEWRITE);
}

static void
noprotocol(Forged *f)
{
	f->e.attributeprotocol = false;
}

static void
nowp(Forged *f)
{
	f->e.pages.writeprotect = false;
}

static void
nonx(Forged *f)
{
	f->e.pages.noexecute = false;
}

static void
elsewhere(Forged *f)
{
	forgepage(f, 16 * TiB, 3 * MiB + 64 * BY2PG, BY2PG, PTENOEXEC);
}

static const Fault pagefaults[] = {
    {page0, "null-page outside-map ", "page 0 can be read"},
    {page0runs, "null-page write-execute outside-map ",
	"page 0 can be read, written, run"},
    {codewritable, "write-execute images ro-sections ",
	"writable and executable: 0x100000-0x180000, 512 KB"},
    {alias, "images ro-sections ",
	"code that can be written: 0x100000-0x101000, 4 KB"},
    {aliaswx, "write-execute ", "0x300000-0x302000, 8 KB"},
    {freemapped, "free-memory ", "mapped: 0x10000-0x18000, 32 KB"},
    {mmioruns, "mmio-execute ", "executable: 0x4000000-0x4010000, 64 KB"},
    {portsrun, "mmio-execute ", NULL},
    {mmiowide, "outside-map ",
	"mapped, and in no descriptor: 0x4010000-0x4011000, 4 KB"},
    {dataruns, "images ", "data that can be run: 0x200000-0x280000"},
    {imageunpaged, "images ",
	"1 of 2 images have code and data in one page, the first 0x1234000"},
    {stackruns, "stack-execute ", "executable: 0x320000-0x324000, 16 KB"},
    {stackrunshigher, "stack-execute ", "executable: 0x323000-0x324000, 4 KB"},
    {stackrunstwice, "write-execute stack-execute ", NULL},
    {noguard, "stack-guard ",
	"all is mapped from the stack pointer, 0x321008, down to 0x31f000"},
    {guardfar, "stack-guard ", "down to 0x2e1000"},
    {heapruns, "heap-execute ", "executable: 0x330000-0x331000"},
    {sampleruns, "write-execute allocations ", NULL},
    {noprotocol, "attribute-protocol ", "there is none"},
    {nowp, "write-protect ", "CR0.WP is 0"},
    {nonx, "no-execute ", "EFER.NXE is 0"},
    {elsewhere, "identity ",
	"mapped at another address: 0x340000-0x341000, 4 KB"},
};

/* That fault and no other; words of the first that fails. */
static void
isfound(const Fault *x)
{
	char first[64];

	forge(&m);
	x->make(&m);
	forgesort(&m);
	assert_string_equal(names(AUDITFAILED), x->fails);
	snprintf(
	    first, sizeof first, "%.*s", (int)strcspn(x->fails, " "), x->fails);
	if (x->says != NULL && first[0] != '\0' &&
	    strstr(judged(first).detail, x->says) == NULL)
		fail_msg("%s says '%s', not '%s'", first, judged(first).detail,
		    x->says);
}

static void
faults_of_page_tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < nelem(pagefaults); i++)
		isfound(&pagefaults[i]);
}

static void
places_that_touch_are_one(void **state)
{
	(void)state;
	forge(&m);
	stackrunstwice(&m);
	assert_string_equal(judged("stack-execute").detail,
	    "executable: 0x320000-0x324000, 16 KB");
	forge(&m);
	forgeflags(&m, FORGEDSTACK, 0);
	forgecut(&m, FORGEDSTACK + BY2PG, PTENOEXEC);
	forgecut(&m, FORGEDSTACK + 2 * BY2PG, 0);
	forgecut(&m, FORGEDSTACK + 3 * BY2PG, 0);
	assert_string_equal(judged("stack-execute").detail,
	    "executable: 12 KB in 2 places, the first 0x320000-0x321000");
}

/* A guard right below the stack, as good as its lowest page. */
static void
a_guard_where_nobody_says_where_the_stack_ends(void **state)
{
	(void)state;
	forge(&m);
	m.e.stack.size = 0;
	assert_int_equal(judged("stack-guard").judgement, AUDITOK);
	assert_string_equal(judged("stack-guard").detail, "at 0x31f000");
	m.e.stack.sp = 64 * KiB + 8;
	forgepage(&m, 0, 0, 72 * KiB, PTENOEXEC);
	assert_int_equal(judged("stack-guard").judgement, AUDITFAILED);
}

static void
without_page_tables_nothing_is_said_of_them(void **state)
{
	(void)state;
	forge(&m);
	m.e.pages.why = "too many";
	assert_string_equal(names(AUDITFAILED), "");
	assert_string_equal(names(AUDITSKIPPED),
	    "null-page write-execute free-memory mmio-execute outside-map "
	    "images ro-sections stack-execute stack-guard heap-execute "
	    "allocations identity ");
	assert_string_equal(judged("images").detail, "too many");
	m.e.pages.why = NULL;
	m.e.images.why = "no images";
	assert_string_equal(names(AUDITSKIPPED), "images ro-sections ");
	m.e.images.why = NULL;
	m.e.images.own = 0x5000;
	assert_string_equal(names(AUDITSKIPPED), "ro-sections ");
	memset(m.e.samples, 0, sizeof m.e.samples);
	assert_string_equal(
	    names(AUDITSKIPPED), "ro-sections heap-execute allocations ");
}

static void
of_what_the_map_does_not_have_nothing_is_said(void **state)
{
	(void)state;
	forge(&m);
	forgetype(&m, FORGEDMMIO, 0);
	forgetype(&m, BY2PG, 4);
	forgesort(&m);
	assert_string_equal(names(AUDITSKIPPED), "free-memory mmio-execute ");
	assert_string_equal(judged("mmio-execute").detail, "the map has none");
	assert_string_equal(names(AUDITFAILED), "");
}

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
	forgedesc(f, 0, FORGEDMMIO + FORGEDMMIOSIZE - BY2PG, 3, 0);
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
    {mapodd, "map-size ", "344 bytes, of descriptors 48 bytes apart"},
    {mapunaligned, "map-aligned ", "0x8000008-0x8001008"},
    {mapoverlaps, "map-overlap ", "in two descriptors: 0x400f000-0x4010000"},
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
    {ramuncached, "map-write-back ", "0x1000-0x100000"},
    {maplonger, "map-stable ", "descriptors, and then"},
    {mapmoved, "map-stable ", "descriptor 2 has changed, at 0x200000"},
};

static void
faults_of_the_map(void **state)
{
	(void)state;
	for (size_t i = 0; i < nelem(mapfaults); i++)
		isfound(&mapfaults[i]);
}

static void
a_map_of_nothing(void **state)
{
	(void)state;
	forge(&m);
	m.e.map.size = 0;
	assert_int_equal(judged("map-entries").judgement, AUDITFAILED);
	assert_int_equal(judged("map-size").judgement, AUDITFAILED);
}

static void
tablegone(Forged *f)
{
	f->e.table = (Protections){.there = false};
}

static void
tableversion3(Forged *f)
{
	f->e.table.version = 3;
}

static void
tableversion0(Forged *f)
{
	f->e.table.version = 0;
}

static void
tableapart(Forged *f)
{
	f->e.table.stride = 40;
}

static void
tablelong(Forged *f)
{
	f->e.table.n = 100000;
	f->e.table.room = 4000;
	f->e.table.map.size = 0;
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
	for (size_t i = 0; i < nelem(tablefaults); i++)
		isfound(&tablefaults[i]);
}

static void
of_a_table_that_is_not_there_nothing_is_said(void **state)
{
	(void)state;
	forge(&m);
	tablegone(&m);
	assert_string_equal(names(AUDITSKIPPED),
	    "table-version table-stride table-size table-empty table-aligned "
	    "table-types table-runtime table-protects table-sorted "
	    "table-overlap table-crosses table-within table-complete ");
	forge(&m);
	tablelong(&m);
	assert_string_equal(names(AUDITSKIPPED),
	    "table-empty table-aligned table-types table-runtime "
	    "table-protects table-sorted table-overlap table-crosses "
	    "table-within table-complete ");
}

/* Each check fails on at least one of those machines. */
static void
every_check_can_fail(void **state)
{
	size_t n = 0;
	const Auditcheck *c = auditchecks(&n);
	static const struct {
		const Fault *fault;
		size_t n;
	} all[] = {{pagefaults, nelem(pagefaults)},
	    {mapfaults, nelem(mapfaults)}, {tablefaults, nelem(tablefaults)}};

	(void)state;
	for (size_t i = 0; i < n; i++) {
		size_t found = 0;

		for (size_t k = 0; k < nelem(all); k++)
			for (size_t j = 0; j < all[k].n; j++)
				found += strstr(all[k].fault[j].fails,
					     c[i].name) != NULL;
		if (found == 0)
			fail_msg("%s never fails", c[i].name);
	}
}

/* Names that programs can read, sentences that people can. */
static void
the_table_is_in_order(void **state)
{
	size_t n = 0;
	const Auditcheck *c = auditchecks(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(
		    strspn(c[i].name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
		    strlen(c[i].name));
		assert_non_null(c[i].judge);
		assert_int_equal(c[i].means[strlen(c[i].means) - 1], '.');
		assert_true(i == 0 || c[i].group >= c[i - 1].group);
		assert_non_null(auditgroupname(c[i].group));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(c[i].name, c[k].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_good_machine_passes_every_check),
	    cmocka_unit_test(faults_of_page_tables),
	    cmocka_unit_test(places_that_touch_are_one),
	    cmocka_unit_test(a_guard_where_nobody_says_where_the_stack_ends),
	    cmocka_unit_test(without_page_tables_nothing_is_said_of_them),
	    cmocka_unit_test(of_what_the_map_does_not_have_nothing_is_said),
	    cmocka_unit_test(faults_of_the_map),
	    cmocka_unit_test(a_map_of_nothing),
	    cmocka_unit_test(faults_of_the_attributes_table),
	    cmocka_unit_test(of_a_table_that_is_not_there_nothing_is_said),
	    cmocka_unit_test(every_check_can_fail),
	    cmocka_unit_test(the_table_is_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
