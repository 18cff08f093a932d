/*
 * audit.c - live tables made by hand: what is as promised counts nothing, and
 * each broken promise counts as that and as nothing else.
 *
 *	direct map	SLIDDEN + 4 MiB .. + 8 MiB, two pages of 2 MiB
 *	stacks		one page, the block's
 *	image		header r--, text r-x, data rw-
 *
 * needs: arch/amd64/audit.c arch/amd64/tablewalk.c arch/amd64/mtrr.c arch/pe.c
 * needs: arch/stack.c kern/format.c
 */
#include "unit.h"
#include "audit.h"
#include "bootinfo.h"
#include "caching.h"
#include "cpu.h"
#include "memmap.h"
#include "mmu.h"
#include "stack.h"
#include "pe.h"

#define SLIDDEN (DMAP + 2 * GiB)
#define RW (PTEVALID | PTEWRITE | PTENOEXEC)
#define GOODPAT 0x0007010600070106ull /* WB, WC, UC-, UC; SDM 12.12 */

enum {
	IMAGEPA = 0x900000, /* in the block, which is reserved */
	STACKPA = 0x980000,
	DEVICE = 0xa00000,
	IMAGESIZE = 3 << PGSHIFT,
	PEAT = 0x40,
	TEXT = 1 << PGSHIFT,
	DATA = 2 << PGSHIFT,
};

static Bootinfo boot;
Bootinfo *bootinfo = &boot;
Cpu cpu;
Space kspace;

/* A PE32+ header as far as it is read: .text and .data. */
#define LE32(v) (v) & 0xff, (v) >> 8 & 0xff, (v) >> 16 & 0xff, (v) >> 24
#define SECTION(rva, flags)                                                    \
	'.', 0, 0, 0, 0, 0, 0, 0, LE32(BY2PG), LE32(rva), LE32(BY2PG),         \
	    LE32(0), LE32(0), LE32(0), LE32(0), LE32(flags##u)
__attribute__((aligned(4096))) const uint8_t imagebase[IMAGESIZE] = {
    [0x3c] = PEAT,
    [PEAT] = 'P',
    'E',
    0,
    0,
    [PEAT + 6] = 2,
    [PEAT + 20] = 0xf0,
    [PEAT + 24 + 56] = LE32(IMAGESIZE),
    [PEAT + 24 + 0xf0] = SECTION(TEXT, 0x60000020),
    SECTION(DATA, 0xc0000040),
};

static uint64_t table[1000];
static paddr_t next;
static uint64_t pat;
static struct {
	paddr_t pa, end;
	enum caching kind;
} odd; /* is cached in another way than the rest */
static Space live;

enum caching
cachingat(paddr_t pa, paddr_t *end)
{
	bool dev = pa >= DEVICE;

	if (pa >= odd.pa && pa < odd.end) {
		*end = odd.end;
		return odd.kind;
	}
	*end = pa < odd.pa ? odd.pa : NOADDR;
	if (!dev)
		*end = MIN(*end, (paddr_t)DEVICE);
	return dev ? CACHEUC : CACHEWB;
}

uint64_t
patnow(void)
{
	return pat;
}

Space
spacelive(void)
{
	return live;
}

paddr_t
spacetop(const Space *s)
{
	assert_ptr_equal(s->top, live.top);
	return 0;
}

/* A page of that level at va, with tables that allow everything. */
static pte_t *
page(uintptr_t va, paddr_t pa, int level, pte_t flags)
{
	pte_t *t = kaddr(0);

	for (int l = 3; l > level; l--) {
		pte_t *e = &t[PTLX(va, l)];

		if (*e == 0) {
			*e = next | PTEVALID | PTEWRITE | PTEUSER;
			next += BY2PG;
		}
		t = kaddr(PTEADDR(*e));
	}
	t[PTLX(va, level)] = pa | flags | (level > 0 ? PTELARGE : 0);
	return &t[PTLX(va, level)];
}

static uintptr_t
image(size_t rva)
{
	return (uintptr_t)imagebase + rva;
}

static uintptr_t
stackpage(void)
{
	return stacktop(STACKMAIN) - BY2PG;
}

/* The image stands in the lower half here: its own promises are set apart. */
static int
setup(void **state)
{
	(void)state;
	hostquiet();
	hostmachine(0, MiB, MiB, 1);
	next = BY2PG;
	stage = SMEMINIT0;
	memmapinit(table, sizeof table);
	memmapadd(4 * MiB, 4 * MiB, MemRAM);
	memmapadd(8 * MiB, 2 * MiB, MemReserved);
	pat = GOODPAT;
	odd.pa = odd.end = NOADDR;
	cpu.nx = true;
	cpu.physbits = 40;
	boot.block = (Part){8 * MiB, 2 * MiB};
	kspace.direct = SLIDDEN;
	kspace.limits.levels = 4;
	live = (Space){.limits = {.levels = 4}};
	page(SLIDDEN + 4 * MiB, 4 * MiB, 1, RW);
	page(SLIDDEN + 6 * MiB, 6 * MiB, 1, RW);
	page(stackpage(), STACKPA, 0, RW);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	return 0;
}

/* The counts in one line: those that are not 0. */
static const char *
counts(void)
{
	static char text[300];
	Audit a = audit();
	struct {
		const char *name;
		size_t n;
	} all[] = {{"wx", a.wx}, {"exec", a.strayexec}, {"guard", a.guards},
	    {"user", a.user}, {"null", a.null}, {"low", a.lowmapped},
	    {"direct", a.directbad}, {"type", a.wrongtype}, {"mixed", a.mixed}};

	text[0] = '\0';
	for (size_t i = 0; i < nelem(all); i++)
		if (all[i].n != 0)
			sprintf(text + strlen(text), "%s%s=%zu",
			    text[0] == '\0' ? "" : " ", all[i].name, all[i].n);
	return text;
}

static void
a_good_machine_counts_nothing(void **state)
{
	(void)state;
	Audit a = audit();
	assert_string_equal(counts(), "");
	assert_int_equal(a.leaves, 3);
	assert_int_equal(a.tables, 1 + 1 + 1 + 1 + 1 + 1);
	assert_int_equal(a.directsize, 4 * MiB);
}

static void
page_0_and_the_lower_half(void **state)
{
	(void)state;
	page(BY2PG, STACKPA, 0, RW);
	assert_string_equal(counts(), "low=1");
	page(0, STACKPA, 0, RW);
	assert_string_equal(counts(), "null=1 low=2");
}

static void
user_pages_in_the_upper_half(void **state)
{
	(void)state;
	*page(stackpage(), STACKPA, 0, RW) |= PTEUSER;
	assert_string_equal(counts(), "user=1");
	setup(state);
	page(SLIDDEN + 4 * MiB, 4 * MiB, 1, RW | PTEUSER);
	assert_string_equal(counts(), "user=1");
	setup(state);
	page(4 * MiB, STACKPA, 0, RW | PTEUSER);
	assert_string_equal(counts(), "low=1");
}

static void
pages_in_a_guard(void **state)
{
	uintptr_t top = stacktop(STACKMAIN);

	(void)state;
	page(top - stacksize(STACKMAIN), STACKPA, 0, RW);
	assert_string_equal(counts(), "");
	page(top - stacksize(STACKMAIN) - BY2PG, STACKPA, 0, RW);
	assert_string_equal(counts(), "guard=1");
	page(top, STACKPA, 0, RW);
	assert_string_equal(counts(), "guard=2");
}

/* The text may be run where it is, and no other page, nor be written to. */
static void
only_text_is_run_and_nobody_writes_it(void **state)
{
	(void)state;
	page(image(0), IMAGEPA, 0, PTEVALID | PTENOEXEC);
	page(image(TEXT), IMAGEPA + TEXT, 0, PTEVALID);
	page(image(DATA), IMAGEPA + DATA, 0, RW);
	assert_string_equal(counts(), "low=3");
	page(KZERO, IMAGEPA + TEXT, 0, RW);
	assert_string_equal(counts(), "wx=1 low=3");
	page(KZERO, IMAGEPA + TEXT, 0, PTEVALID | PTENOEXEC);
	assert_string_equal(counts(), "low=3");
	page(image(DATA), IMAGEPA + DATA, 0, PTEVALID | PTEWRITE);
	assert_string_equal(counts(), "wx=1 exec=1 low=3");
	page(image(DATA), IMAGEPA + DATA, 0, RW);
	page(image(0), IMAGEPA, 0, PTEVALID);
	assert_string_equal(counts(), "exec=1 low=3");
	page(KZERO, IMAGEPA, 0, RW);
	assert_string_equal(counts(), "wx=1 exec=1 low=3");
}

/* Ranges that touch are one; more than there is room for all count. */
static void
many_pages_that_can_be_run(void **state)
{
	(void)state;
	for (size_t i = 0; i < 20; i++)
		page(KZERO + i * BY2PG, IMAGEPA + i * BY2PG, 0, PTEVALID);
	assert_string_equal(counts(), "exec=20");
	page(STACKS - BY2PG * 2, IMAGEPA + 19 * BY2PG, 0, RW);
	assert_string_equal(counts(), "wx=1 exec=20");
	setup(state);
	for (size_t i = 0; i < 20; i++)
		page(KZERO + i * BY2PG, IMAGEPA + 2 * i * BY2PG, 0, PTEVALID);
	assert_string_equal(counts(), "wx=4 exec=20");
}

static void
without_nx_nothing_is_found_out(void **state)
{
	(void)state;
	cpu.nx = false;
	page(stackpage(), STACKPA, 0, PTEVALID | PTEWRITE);
	page(SLIDDEN + 4 * MiB, 4 * MiB, 1, PTEVALID | PTEWRITE);
	assert_string_equal(counts(), "");
	page(SLIDDEN + 4 * MiB, 4 * MiB, 1, PTEVALID);
	assert_string_equal(counts(), "direct=1");
}

/* Another place, not RAM (wholly), read-only, uncached, runnable. */
static void
pages_of_the_direct_map_that_are_not_plain_ram(void **state)
{
	(void)state;
	page(SLIDDEN + 4 * MiB, 6 * MiB, 1, RW);
	assert_string_equal(counts(), "direct=1");
	page(SLIDDEN + 4 * MiB, 4 * MiB, 1, PTEVALID | PTENOEXEC);
	assert_string_equal(counts(), "direct=1");
	page(SLIDDEN + 4 * MiB, 4 * MiB, 1, RW | PTEUC);
	assert_string_equal(counts(), "direct=1");
	page(SLIDDEN + 4 * MiB, 4 * MiB, 1, PTEVALID | PTEWRITE);
	assert_string_equal(counts(), "wx=1 exec=1 direct=1");
	setup(state);
	page(SLIDDEN + 8 * MiB, 8 * MiB, 0, RW);
	assert_string_equal(counts(), "direct=1");
	page(SLIDDEN + 8 * MiB + BY2PG, 8 * MiB + BY2PG, 0, RW);
	assert_string_equal(counts(), "direct=2");
	setup(state);
	page(SLIDDEN + 2 * MiB, 2 * MiB, 1, RW);
	assert_string_equal(counts(), "direct=1");
	setup(state);
	memmapadd(5 * MiB, BY2PG, MemReserved);
	assert_string_equal(counts(), "direct=1");
	memmapadd(5 * MiB, BY2PG, MemACPI);
	assert_string_equal(counts(), "direct=1");
	memmapadd(4 * MiB, 64 * KiB, MemACPI);
	assert_string_equal(counts(), "direct=1");
	setup(state);
	memmapadd(4 * MiB, 64 * KiB, MemACPI);
	assert_string_equal(counts(), "");
}

static void
devices_are_not_write_back_and_ram_is(void **state)
{
	(void)state;
	page(VMAP, DEVICE, 0, RW | PTEUC);
	page(VMAP + BY2PG, DEVICE, 0, RW | PTEWC);
	assert_string_equal(counts(), "");
	page(VMAP, DEVICE, 0, RW | PTEWB);
	assert_string_equal(counts(), "type=1");
	page(VMAP, DEVICE, 0, RW | PTEUC);
	page(stackpage(), STACKPA, 0, RW | PTEUC);
	assert_string_equal(counts(), "type=1");
	page(stackpage(), STACKPA, 0, RW);
	page(VMAP, 4 * MiB, 0, RW);
	assert_string_equal(counts(), "");
	page(VMAP, 4 * MiB, 0, RW | PTEWC);
	assert_string_equal(counts(), "type=1");
	page(VMAP, 8 * MiB, 1, RW); /* the block, as a large page */
	assert_string_equal(counts(), "");
	setup(state);
	boot.block = (Part){9 * MiB, MiB};
	page(VMAP, 7 * MiB + 512 * KiB, 0, RW);
	assert_string_equal(counts(), "");
	memmapadd(7 * MiB, BY2PG, MemReserved);
	page(VMAP + 2 * MiB, 6 * MiB, 1, RW);
	assert_string_equal(counts(), "direct=1 type=1");
}

/* By the PAT as it is, not as the entry's bits are meant. */
static void
a_wrong_pat_shows(void **state)
{
	(void)state;
	page(VMAP, DEVICE, 0, RW | PTEUC);
	page(VMAP + BY2PG, DEVICE, 0, RW | PTEWC);
	pat = GOODPAT ^ 2; /* the first: through, not back */
	assert_string_equal(counts(), "direct=2 type=1");
	pat = 0x0006010600060106;
	assert_string_equal(counts(), "");
	pat = 0x0007060600070606;
	assert_string_equal(counts(), "");
	page(VMAP + 2 * BY2PG, 4 * MiB, 0, RW | PTEWC);
	assert_string_equal(counts(), "type=1");
	page(VMAP + 2 * BY2PG, 4 * MiB, 0, RW);
	odd.pa = DEVICE;
	odd.end = DEVICE + BY2PG;
	odd.kind = CACHEWB;
	assert_string_equal(counts(), "type=1");
	pat = GOODPAT;
	assert_string_equal(counts(), "");
}

/* By the machine's own memory types, whatever the entry says. */
static void
memory_cached_in_another_way(void **state)
{
	(void)state;
	odd.pa = 4 * MiB;
	odd.end = 6 * MiB;
	odd.kind = CACHEWT;
	assert_string_equal(counts(), "direct=1");
	odd.end = 4 * MiB + 64 * KiB;
	assert_string_equal(counts(), "direct=1 mixed=1");
	odd.pa = 8 * MiB - BY2PG;
	odd.end = 8 * MiB;
	assert_string_equal(counts(), "direct=1 mixed=1");
}

static void
one_line_of_it_is_printed(void **state)
{
	char want[200];

	(void)state;
	sprintf(want,
	    "mem9: paging levels=4 direct=%#jx size=0x400000 "
	    "image=%#jx tables=6 wx=0\n",
	    (uintmax_t)SLIDDEN, (uintmax_t)(uintptr_t)imagebase);
	pagingprint();
	assert_said(want);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_good_machine_counts_nothing),
	    TEST(page_0_and_the_lower_half),
	    TEST(user_pages_in_the_upper_half),
	    TEST(pages_in_a_guard),
	    TEST(only_text_is_run_and_nobody_writes_it),
	    TEST(many_pages_that_can_be_run),
	    TEST(without_nx_nothing_is_found_out),
	    TEST(pages_of_the_direct_map_that_are_not_plain_ram),
	    TEST(devices_are_not_write_back_and_ram_is),
	    TEST(a_wrong_pat_shows),
	    TEST(memory_cached_in_another_way),
	    TEST(one_line_of_it_is_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
