/*
 * checkspace.c - the checks of the address space, on a machine that is as it
 * should be, and on each that is not in one thing.
 *
 * needs: kern/check/checkspace.c kern/format.c
 */
#include "unit.h"
#include "audit.h"
#include "bootinfo.h"
#include "cpu.h"
#include "memmap.h"
#include "mmu.h"
#include "pagemachine.h"
#include "runtime.h"
#include "../../kern/check/checks.h"

#define SLIDDEN (DMAP + 3 * GiB)

static Bootinfo boot;
Bootinfo *bootinfo = &boot;
Cpu cpu;
Space kspace;
static char detail[256];
static uint64_t table[1000];

static struct {
	Audit audit;
	const char *segments;
	/* Windows: what is wrong with them. */
	bool novmap, wrongpa, stays, elsewhere, dirty, another;
	size_t mapped;
	bool answers;
	uint64_t status;
	paddr_t at; /* vmap was asked for */
} play;

Audit
audit(void)
{
	return play.audit;
}

const char *
segmentscheck(uint16_t *selector)
{
	*selector = 0x28;
	return play.segments;
}

bool
runtimeanswers(uint64_t *status)
{
	*status = play.status;
	return play.answers;
}

/* The direct map of the host is there for paddr(), and one page is enough. */
void *
vmap(paddr_t pa, size_t size, pte_t flags)
{
	static size_t calls;

	assert_int_equal(size, BY2PG);
	assert_int_equal(flags, PTEUC);
	if (play.novmap)
		return NULL;
	play.at = pa;
	play.mapped++;
	calls++;
	return kaddr(play.elsewhere && calls % 2 == 0 ? BY2PG : 0);
}

void
vunmap(void *p, size_t size)
{
	(void)p;
	assert_int_equal(size, BY2PG);
	play.mapped--;
}

paddr_t
mmupa(const Space *s, uintptr_t va)
{
	assert_ptr_equal(s, &kspace);
	assert_int_equal(va, (uintptr_t)kaddr(0));
	return play.stays ? 0 : NOADDR;
}

/* Through the direct map; the window shows the same page, or does not. */
void *
kmapplace(paddr_t pa)
{
	uint64_t *w = kaddr(pa);

	if (play.dirty)
		w[0] = 5;
	return w;
}

void *
kmap(Page *pg)
{
	return kaddr(pagepa(pg) ^ (play.another ? BY2PG : 0));
}

/*
 *	0      1M     2M       6M      7M      8M
 *	| UMB  | RAM  |reserved| ACPI  | RAM   |
 */
static int
setup(void **state)
{
	(void)state;
	memset(&boot, 0, sizeof boot);
	memset(&play, 0, sizeof play);
	pagesimple(16 * MiB, 1);
	stage = SMEMINIT0;
	memmapinit(table, sizeof table);
	memmapadd(1 * MiB, MiB, MemRAM);
	memmapadd(2 * MiB, 4 * MiB, MemReserved);
	memmapadd(6 * MiB, MiB, MemACPI);
	memmapadd(7 * MiB, MiB, MemRAM);
	stage = SPAGES;
	boot.options.directmap = NOADDR;
	boot.dmapva = kspace.direct = SLIDDEN;
	play.audit = (Audit){.tables = 7, .leaves = 9, .directsize = 3 * MiB};
	cpu.physbits = 40;
	detail[0] = '\0';
	return 0;
}

static int
teardown(void **state)
{
	Pagestats st;

	(void)state;
	hostloud();
	pagestats(&st);
	return play.mapped == 0 && st.nfree == st.npages ? 0 : -1;
}

static enum verdict
run(Check *check)
{
	return check(detail, sizeof detail);
}

static void
tables_as_promised(void **state)
{
	(void)state;
	assert_int_equal(run(checktables), OK);
	assert_string_equal(detail, "9 pages in 7 tables");
	play.audit.mixed = 1; /* that is checkmtrr's */
	assert_int_equal(run(checktables), OK);
}

/* Each count alone, and named. */
static void
each_broken_promise_is_a_failure(void **state)
{
	static const struct {
		const char *name;
		size_t at;
	} counts[] = {
	    {"wx", offsetof(Audit, wx)},
	    {"exec", offsetof(Audit, strayexec)},
	    {"guard", offsetof(Audit, guards)},
	    {"user", offsetof(Audit, user)},
	    {"null", offsetof(Audit, null)},
	    {"low", offsetof(Audit, lowmapped)},
	    {"direct", offsetof(Audit, directbad)},
	    {"type", offsetof(Audit, wrongtype)},
	};

	for (size_t i = 0; i < nelem(counts); i++) {
		char want[300] = "";

		setup(state);
		*(size_t *)((char *)&play.audit + counts[i].at) = 5;
		assert_int_equal(run(checktables), FAILED);
		for (size_t k = 0; k < nelem(counts); k++)
			sprintf(want + strlen(want), "%s%s %d",
			    k == 0 ? "" : " ", counts[k].name, k == i ? 5 : 0);
		strcat(want, ", 0x300000 of 0x300000");
		assert_string_equal(detail, want);
	}
}

/* All RAM and ACPI tables up to the cap, no page more or less. */
static void
the_direct_map_is_as_large_as_the_ram(void **state)
{
	static const struct {
		paddr_t cap;
		size_t size;
	} caps[] = {{NOADDR, 3 * MiB}, {8 * MiB, 3 * MiB}, {7 * MiB, 2 * MiB},
	    {6 * MiB + 5 * BY2PG + 1, MiB + 5 * BY2PG}, {5 * MiB, MiB},
	    {BY2PG, 0}};

	(void)state;
	for (size_t i = 0; i < nelem(caps); i++) {
		boot.options.directmap = caps[i].cap;
		play.audit.directsize = caps[i].size;
		assert_int_equal(run(checktables), OK);
		play.audit.directsize += BY2PG;
		assert_int_equal(run(checktables), FAILED);
		if (caps[i].size == 0)
			continue;
		play.audit.directsize -= 2 * BY2PG;
		assert_int_equal(run(checktables), FAILED);
	}
	boot.options.directmap = NOADDR;
	boot.dmapva = kspace.direct = KMAP - 7 * MiB;
	play.audit.directsize = 2 * MiB;
	assert_int_equal(run(checktables), OK);
}

static void
the_direct_map_is_where_it_was_slid_to(void **state)
{
	(void)state;
	kspace.direct = DMAP;
	assert_int_equal(run(checktables), FAILED);
}

static void
segments_are_named_that_are_wrong(void **state)
{
	(void)state;
	assert_int_equal(run(checkgdt), OK);
	assert_string_equal(detail, "");
	play.segments = "is not flat";
	assert_int_equal(run(checkgdt), FAILED);
	assert_string_equal(detail, "0x28 is not flat");
}

static void
both_windows_show_the_same_page(void **state)
{
	static const char why[] = "the window shows another page";
	size_t n = 0;

	(void)state;
	assert_int_equal(run(checkkmap), OK);
	assert_string_equal(detail, "");
	play.another = true;
	assert_int_equal(run(checkkmap), FAILED);
	assert_string_equal(detail, why);
	play.another = false;
	play.dirty = true;
	assert_int_equal(run(checkkmap), FAILED);
	assert_string_equal(detail, why);
	Page *all = pagetakeall(&n);
	assert_int_equal(run(checkkmap), SKIPPED);
	freepages(all);
}

/* paddr() here says 0 of what vmap() gives, so the page to be is at 0. */
static void
the_last_page_is_mapped_unmapped_and_mapped(void **state)
{
	(void)state;
	cpu.physbits = PGSHIFT;
	assert_int_equal(run(checkvmap), OK);
	assert_int_equal(play.at, 0);
	play.stays = true;
	assert_int_equal(run(checkvmap), FAILED);
	assert_string_equal(detail, "mapped 1, gone 0, reused 1");
	play.stays = false;
	play.elsewhere = true;
	assert_int_equal(run(checkvmap), FAILED);
	assert_string_equal(detail, "mapped 1, gone 1, reused 0");
	play.elsewhere = false;
	cpu.physbits = 40;
	assert_int_equal(run(checkvmap), FAILED);
	assert_string_equal(detail, "mapped 0, gone 1, reused 1");
	assert_int_equal(play.at, (1ull << 40) - BY2PG);
	play.novmap = true;
	assert_int_equal(run(checkvmap), FAILED);
}

static void
services_answer_whatever_they_say(void **state)
{
	(void)state;
	play.answers = true;
	assert_int_equal(run(checkservices), SKIPPED);
	boot.gettime = 1;
	play.status = 0x8000000000000003;
	assert_int_equal(run(checkservices), OK);
	assert_string_equal(detail, "GetTime says 0x8000000000000003");
	play.answers = false;
	assert_int_equal(run(checkservices), FAILED);
	assert_string_equal(detail, "GetTime does not answer");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(tables_as_promised),
	    TEST(each_broken_promise_is_a_failure),
	    TEST(the_direct_map_is_as_large_as_the_ram),
	    TEST(the_direct_map_is_where_it_was_slid_to),
	    TEST(segments_are_named_that_are_wrong),
	    TEST(both_windows_show_the_same_page),
	    TEST(the_last_page_is_mapped_unmapped_and_mapped),
	    TEST(services_answer_whatever_they_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
