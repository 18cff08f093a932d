/*
 * judgepages.c - what `mem9 audit' finds of page tables, on forged machines:
 * one thing is wrong, that is said, and nothing else.
 *
 * needs: tests/host/judged.c
 */
#include "unit.h"
#include "judged.h"

static Forged m;

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
beyond(Forged *f)
{
	forgepage(f, FORGEDTOP, FORGEDTOP, 2 * MiB, PTENOEXEC);
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
    {beyond, "outside-map ", "0x8000000-0x8200000, 2 MB"},
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

static void
faults_of_page_tables(void **state)
{
	(void)state;
	faultsarefound(&m, AUDITPAGES, pagefaults, nelem(pagefaults));
}

static void
places_that_touch_are_one(void **state)
{
	(void)state;
	forge(&m);
	stackrunstwice(&m);
	assert_string_equal(judged(&m, "stack-execute").detail,
	    "executable: 0x320000-0x324000, 16 KB");
	forge(&m);
	forgeflags(&m, FORGEDSTACK, 0);
	forgecut(&m, FORGEDSTACK + BY2PG, PTENOEXEC);
	forgecut(&m, FORGEDSTACK + 2 * BY2PG, 0);
	forgecut(&m, FORGEDSTACK + 3 * BY2PG, 0);
	assert_string_equal(judged(&m, "stack-execute").detail,
	    "executable: 12 KB in 2 places, the first 0x320000-0x321000");
}

/* A guard right below the stack, as good as its lowest page. */
static void
a_guard_where_nobody_says_where_the_stack_ends(void **state)
{
	(void)state;
	forge(&m);
	m.e.stack.size = 0;
	assert_int_equal(judged(&m, "stack-guard").judgement, AUDITOK);
	assert_string_equal(judged(&m, "stack-guard").detail, "at 0x31f000");
	m.e.stack.sp = 64 * KiB + 8;
	forgepage(&m, 0, 0, 72 * KiB, PTENOEXEC);
	assert_int_equal(judged(&m, "stack-guard").judgement, AUDITFAILED);
}

static void
without_page_tables_nothing_is_said_of_them(void **state)
{
	(void)state;
	forge(&m);
	m.e.pages.why = "too many";
	assert_string_equal(names(&m, AUDITFAILED), "");
	assert_string_equal(names(&m, AUDITSKIPPED),
	    "null-page write-execute free-memory mmio-execute outside-map "
	    "images ro-sections stack-execute stack-guard heap-execute "
	    "allocations identity ");
	assert_string_equal(judged(&m, "images").detail, "too many");
	m.e.pages.why = NULL;
	m.e.images.why = "no images";
	assert_string_equal(names(&m, AUDITSKIPPED), "images ro-sections ");
	m.e.images.why = NULL;
	m.e.images.own = 0x5000;
	assert_string_equal(names(&m, AUDITSKIPPED), "ro-sections ");
	memset(m.e.samples, 0, sizeof m.e.samples);
	assert_string_equal(
	    names(&m, AUDITSKIPPED), "ro-sections heap-execute allocations ");
}

static void
of_what_the_map_does_not_have_nothing_is_said(void **state)
{
	(void)state;
	forge(&m);
	forgetype(&m, FORGEDMMIO, 0);
	forgetype(&m, BY2PG, 4);
	forgesort(&m);
	assert_string_equal(
	    names(&m, AUDITSKIPPED), "free-memory mmio-execute ");
	assert_string_equal(
	    judged(&m, "mmio-execute").detail, "the map has none");
	assert_string_equal(names(&m, AUDITFAILED), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(faults_of_page_tables),
	    cmocka_unit_test(places_that_touch_are_one),
	    cmocka_unit_test(a_guard_where_nobody_says_where_the_stack_ends),
	    cmocka_unit_test(without_page_tables_nothing_is_said_of_them),
	    cmocka_unit_test(of_what_the_map_does_not_have_nothing_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
