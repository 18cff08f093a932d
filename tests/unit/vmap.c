/*
 * vmap.c - the window for devices and reserved ranges, beside a list of what
 * should be mapped.
 *
 * needs: arch/vmap.c tests/host/metal.c tests/host/fakepage.c
 * needs: tests/model/ptes.c
 */
#include "tablemodel.h"
#include "cpu.h"
#include "memmap.h"

#define RAMEND (128 * MiB)
#define BLOCK (64 * MiB)
#define BAR (64 * GiB)
#define FLAGS (PTEVALID | PTEWRITE | PTEGLOBAL | PTENOEXEC)
#define HANDOVER (3 * BY2PG - 100)
#define FIRST (VMAP + 4 * BY2PG) /* behind the hand-over and its guard */

enum { MAPTABLE = 1 << 16, MOST = 60 };

static uint64_t maptable[MAPTABLE / 8];

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	hostmachine(0, RAMEND, RAMEND, 1);
	metalcpu((Kind){46, true, true});
	memmapinit(maptable, sizeof maptable);
	memmapadd(0, 16 * MiB, MemUMB);
	memmapadd(MiB, RAMEND - MiB, MemRAM);
	memmapadd(96 * MiB, BY2PG, MemACPI);
	memmapadd(BLOCK, 4 * MiB, MemReserved);
	metalboot.block = (Part){BLOCK, 4 * MiB};
	fakeinit(16 * MiB, 32 * MiB);
	metalspace();
	stage = SMMU;
	vmapinit(HANDOVER);
	ptesinit(&model, VMAP, 16 * GiB);
	return 0;
}

static void
use(const void *p)
{
	Xlat x;

	tlblook(kspace.upper, (uintptr_t)p, &x);
}

static size_t pages[3];

static void
countpage(void *arg, const Xlat *x)
{
	(void)arg;
	pages[x->size == GiB ? 2 : x->size == 2 * MiB]++;
}

static void
sizes(size_t small, size_t large, size_t huge)
{
	memset(pages, 0, sizeof pages);
	tlbwalk(kspace.upper, TLBALL, countpage, NULL);
	assert_int_equal(pages[0], small);
	assert_int_equal(pages[1], large);
	assert_int_equal(pages[2], huge);
}

/* Bytes of two pages; the mapping is of whole pages, the pointer is not. */
static void
a_device_is_where_it_was_asked_for(void **state)
{
	(void)state;
	uint8_t *p = vmap(BAR + 0xffc, 8, PTEUC);
	assert_ptr_equal(p, FIRST + 0xffc);
	ptesmap(&model, FIRST, BAR | FLAGS | PTEUC, 2 * BY2PG);
	use(p);
	agree();
	void *q = vmap(BAR, 1, PTEWC);
	assert_ptr_equal(q, FIRST + 3 * BY2PG);
	ptesmap(&model, (uintptr_t)q, BAR | FLAGS | PTEWC, BY2PG);
	use(q);
	agree();
	checkmmu(&kspace, (uintptr_t)p, BAR + 0xffc);
	vunmap(p, 8);
	ptesunmap(&model, FIRST, 2 * BY2PG);
	agree();
	assert_ptr_equal(vmap(BAR + 0xffc, 8, PTEUC), p);
}

static void *atbarrier;

/* It is mapped no more, and nobody else's yet. */
static void
others(void)
{
	sizes(0, 0, 0);
	assert_ptr_equal(atbarrier, FIRST);
	atbarrier = vmap(BAR, 1, PTEUC);
}

static void
other_cpus_drop_a_device_before_its_place_is_free(void **state)
{
	(void)state;
	atbarrier = vmap(BAR, 1, PTEUC);
	hostbarrier(others);
	vunmap(atbarrier, 1);
	assert_int_equal(hostbarriers(), 1);
	assert_int_equal(hostbarriersheld(), 0);
	assert_ptr_equal(atbarrier, FIRST + 2 * BY2PG);
	hostbarrier(NULL);
	assert_ptr_equal(vmap(BAR, 1, PTEUC), FIRST);
}

static void
large_devices_get_large_pages(void **state)
{
	(void)state;
	uint8_t *p = vmap(BAR + BY2PG, 6 * MiB, PTEWC);
	assert_int_equal((uintptr_t)p % (2 * MiB), BY2PG);
	sizes(512, 2, 0);
	uint8_t *q = vmap(BAR + 2 * MiB, GiB + GiB, PTEUC);
	assert_int_equal((uintptr_t)q % GiB, 2 * MiB);
	sizes(512, 2 + 512, 1);
	assert_int_equal(patwc(&kspace, q + GiB, 1), 0);
	vunmap(q, 2 * GiB);
	vunmap(p, 6 * MiB);
	sizes(0, 0, 0);
}

static void
without_pages_of_1g_they_get_many_of_2m(void **state)
{
	(void)state;
	metalcpu((Kind){46, false, true});
	uint8_t *p = vmap(BAR, GiB, PTEUC);
	assert_int_equal((uintptr_t)p % (2 * MiB), 0);
	sizes(0, 512, 0);
}

/* Two kinds of memory that take turns, from border to border. */
static const paddr_t borders[] = {BAR + BY2PG, BAR + 5 * MiB + 3 * BY2PG,
    BAR + 8 * MiB, BAR + 16 * MiB, BAR + 2 * GiB, BAR + 3 * GiB + 2 * MiB};

static enum caching
taketurns(paddr_t pa, paddr_t *end)
{
	size_t n = 0;

	while (n < nelem(borders) && borders[n] <= pa)
		n++;
	*end = n < nelem(borders) ? borders[n] : NOADDR;
	return n % 2 == 0 ? CACHEUC : CACHEWB;
}

static void
onekind(void *arg, const Xlat *x)
{
	(void)arg;
	for (size_t i = 0; i < nelem(borders); i++)
		if (x->pa < borders[i] && borders[i] < x->pa + x->size)
			fail_msg("%#zx bytes at pa %#jx span %#jx", x->size,
			    x->pa, borders[i]);
}

/*
 *	BAR +4K       2M      4M    +5M     6M      8M        16M
 *	[UC )[        WB            )[     UC       )[   WB    )
 *	  4K     4K       2M     4K     4K      2M       2M
 */
static void
no_page_spans_two_kinds(void **state)
{
	(void)state;
	kspace.limits.caching = taketurns;
	void *p = vmap(BAR, 16 * MiB, PTEUC);
	ptesmap(&model, (uintptr_t)p, BAR | FLAGS | PTEUC, 16 * MiB);
	agree();
	sizes(1024, 6, 0);
	tlbwalk(kspace.upper, TLBALL, onekind, NULL);
	vunmap(p, 16 * MiB);
	p = vmap(BAR + GiB, 4 * GiB, PTEWC);
	sizes(0, 512, 3);
	tlbwalk(kspace.upper, TLBALL, onekind, NULL);
	vunmap(p, 4 * GiB);
}

/*
 *	hand-over # free | # device ...		the hole is for small ones
 */
static void
the_lowest_space_that_fits_is_taken(void **state)
{
	(void)state;
	uint8_t *large = vmap(BAR, 2 * MiB, PTEUC);
	assert_ptr_equal(large, VMAP + 2 * MiB);
	assert_ptr_equal(vmap(BAR, BY2PG, PTEUC), FIRST);
	size_t hole = (size_t)(large - (uint8_t *)FIRST) - 2 * BY2PG;
	assert_ptr_equal(reserverange(hole), VMAP + 4 * MiB + BY2PG);
	hole -= BY2PG;
	assert_ptr_equal(reserverange(hole), FIRST + 2 * BY2PG);
	unreserverange((void *)(FIRST + 2 * BY2PG), hole);
	assert_ptr_equal(reserverange(hole - 1), FIRST + 2 * BY2PG);
}

static void
refused(paddr_t pa, size_t size, const char *why)
{
	hostquiet();
	assert_null(vmap(pa, size, PTEUC));
	if (strstr(hostsaid(), why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", hostsaid(), why);
	agree();
	assert_ptr_equal(vmap(BAR, 1, PTEUC), FIRST);
	vunmap((void *)FIRST, 1);
}

static void
bad_requests_are_refused_with_a_line(void **state)
{
	paddr_t end = 1ull << 46;

	(void)state;
	refused(BAR, 0, "vmap: 0 bytes at 0x1000000000: nothing to map\n");
	refused(-BY2PG, 2 * BY2PG,
	    "vmap: 0x2000 bytes at 0xfffffffffffff000: the range wraps\n");
	refused(BAR, SIZE_MAX, "the range wraps");
	refused(end, 1,
	    "vmap: 0x1 bytes at 0x400000000000: "
	    "beyond the CPU's physical addresses\n");
	refused(end - 1, 2, "beyond the CPU's physical addresses");
	refused(NOADDR, 1, "beyond the CPU's physical addresses");
	refused(0, 1, "page 0 is never mapped");
	refused(4095, 2, "page 0 is never mapped");
	refused(2 * MiB, 1, "RAM is write-back in the direct map");
	refused(MiB - 1, 2, "RAM is write-back in the direct map");
	refused(RAMEND - 1, 2, "RAM is write-back in the direct map");
	refused(96 * MiB, 1, "RAM is write-back in the direct map");
	refused(BLOCK + 5, 1, "mem9 itself is there");
	refused(BLOCK + 4 * MiB - 1, 1, "mem9 itself is there");
	refused(BAR, VMAPSIZE, "the window is full");
	refused(BAR, end - BAR, "the window is full");
	assert_non_null(vmap(end - 1, 1, PTEUC));
	assert_non_null(vmap(RAMEND, 1, PTEUC));
	assert_non_null(vmap(MiB - 1, 1, PTEUC));
	bootinfo = NULL;
	assert_non_null(vmap(BLOCK, 1, PTEUC));
	bootinfo = &metalboot;
	assert_true(panics(vmap(BAR, 1, PTEWB)));
	assert_true(panics(vmap(BAR, 1, PTEUC | PTEUSER)));
	assert_string_equal(
	    hostpanic(), "panic: vmap: memory type 0x1c is no device's");
}

/* All of it, by sizes that halve; then not one page more. */
static void
a_full_window_is_an_error_to_the_caller(void **state)
{
	size_t size = VMAPSIZE;
	size_t n = 0;
	size_t last = 0;
	void *got[64];

	(void)state;
	assert_null(reserverange(0));
	assert_null(reserverange(VMAPSIZE + 1));
	assert_null(reserverange(SIZE_MAX));
	for (; size >= BY2PG; size = ROUNDDOWN(size / 2, BY2PG))
		while (
		    n < nelem(got) && (got[n] = reserverange(size)) != NULL) {
			last = size;
			n++;
		}
	assert_in_range(n, 20, 60);
	assert_null(reserverange(1));
	hostquiet();
	assert_null(vmap(BAR, 1, PTEUC));
	assert_string_equal(hostsaid(),
	    "vmap: 0x1 bytes at 0x1000000000: the window is full\n");
	unreserverange(got[n - 1], last);
	assert_ptr_equal(vmap(BAR, 1, PTEUC), got[n - 1]);
}

static void
every_missing_page_is_an_error_to_the_caller(void **state)
{
	size_t n = 0;

	(void)state;
	hostquiet();
	for (fakelimit(0); vmap(BAR + BY2PG, 4 * MiB, PTEUC) == NULL;
	     fakelimit(1)) {
		agree();
		assert_int_equal(fakerefused(), 1);
		n++;
	}
	assert_int_equal(n, 4); /* PDPT, PD, a PT at both ends */
	assert_non_null(strstr(hostsaid(), "no memory for page tables\n"));
	ptesmap(&model, VMAP + 2 * MiB + BY2PG, (BAR + BY2PG) | FLAGS | PTEUC,
	    4 * MiB);
	agree();
	fakelimit(SIZE_MAX);
	for (n = 0; n < 126; n++) /* of 128 in the first page of ranges */
		assert_non_null(reserverange(BY2PG));
	fakelimit(0);
	assert_null(reserverange(BY2PG));
	assert_int_equal(fakerefused(), 1);
	fakelimit(SIZE_MAX);
	assert_non_null(reserverange(BY2PG));
}

static void
vmapinit_needs_a_page(void **state)
{
	(void)state;
	fakelimit(0);
	assert_true(panics(vmapinit(5)));
	assert_string_equal(hostpanic(),
	    "panic: vmapinit: no page to note 0x5 bytes of hand-over");
}

static void
notmapped(void *p, size_t size)
{
	char want[200];

	assert_true(panics(vunmap(p, size)));
	snprintf(want, sizeof want,
	    "panic: vunmap: %#zx bytes at %p were not mapped by vmap so", size,
	    p);
	assert_string_equal(hostpanic(), want);
	agree();
}

static void
only_what_was_mapped_is_unmapped(void **state)
{
	(void)state;
	uint8_t *p = vmap(BAR + 16, 2 * BY2PG, PTEUC);
	ptesmap(&model, ROUNDDOWN((uintptr_t)p, BY2PG), BAR | FLAGS | PTEUC,
	    3 * BY2PG);
	notmapped(p, BY2PG);
	notmapped(p, 3 * BY2PG);
	notmapped(p + BY2PG, BY2PG);
	notmapped(p - BY2PG, 2 * BY2PG);
	notmapped(p + 3 * BY2PG, 1);
	notmapped((void *)VMAP, HANDOVER);
	notmapped(NULL, 1);
	vunmap(p, 2 * BY2PG);
	ptesunmap(&model, ROUNDDOWN((uintptr_t)p, BY2PG), 3 * BY2PG);
	notmapped(p, 2 * BY2PG);
	uint8_t *r = reserverange(BY2PG);
	notmapped(r, BY2PG);
	assert_true(panics(unreserverange(r, 2 * BY2PG)));
	assert_true(panics(unreserverange(r + BY2PG, BY2PG)));
	p = vmap(BAR, 1, PTEUC);
	assert_true(panics(unreserverange(p, BY2PG)));
	assert_string_equal(hostpanic(),
	    "panic: unreserverange: 0x1000 bytes at 0xfffffe8000006000 were "
	    "not reserved so");
	unreserverange(r, BY2PG);
	assert_true(panics(unreserverange(r, BY2PG)));
}

static void
the_wrong_stage_is_said(void **state)
{
	(void)state;
	stage = SMEMINIT0;
	assert_true(panics(vmap(BAR, 1, PTEUC)));
	assert_true(panics(reserverange(1)));
	assert_non_null(strstr(hostpanic(), "reserverange: called too early"));
}

/* RAM by the page: no table, no mapping; and a split may be impossible. */
static void
ranges_map_ram_all_or_nothing(void **state)
{
	(void)state;
	uint8_t *r = reserverange(4 * MiB);
	uintptr_t va = (uintptr_t)r;
	fakelimit(2);
	assert_int_equal(maprange(r, 32 * MiB, 2), -1);
	agree();
	fakelimit(SIZE_MAX);
	assert_int_equal(maprange(r, 32 * MiB, 2), 0);
	ptesmap(&model, va, 32 * MiB | PTEKDATA, 2 * BY2PG);
	use(r);
	agree();
	unmaprange(r, 1);
	ptesunmap(&model, va, BY2PG);
	agree();
	unmaprange(r + BY2PG, 1);
	ptesunmap(&model, va + BY2PG, BY2PG);
	uint8_t *large = (uint8_t *)ROUNDUP(va, 2 * MiB);
	assert_int_equal(maprange(large, 32 * MiB, 512), 0);
	ptesmap(&model, (uintptr_t)large, 32 * MiB | PTEKDATA, 2 * MiB);
	agree();
	fakelimit(0);
	assert_panics(unmaprange(large, 1), "no page to split");
	agree();
}

/* Whoever reads it may go on, and then needs what was held. */
static void
misuse_is_said_with_no_lock_held(void **state)
{
	(void)state;
	uint8_t *r = reserverange(4 * BY2PG);

	assert_int_equal(maprange(r, 32 * MiB, 2), 0);
	assert_panics(maprange(r + BY2PG, 32 * MiB, 1), "is mapped already");
	assert_panics(maprange(r + 1, 32 * MiB, 1), "not whole pages");
	assert_panics(unmaprange(r + 1, 1), "not whole pages");
	assert_panics(vunmap(r, BY2PG), "were not mapped by vmap so");
	assert_panics(unreserverange(r, BY2PG), "were not reserved so");
	unmaprange(r, 2);
}

typedef struct Mapping Mapping;

/* What vmap gave. */
struct Mapping {
	uint8_t *p;
	size_t size;
	paddr_t pa;
};

static Mapping mapping[MOST];
static size_t nmapping;

static void
randommap(void)
{
	Mapping *m = &mapping[nmapping];
	size_t most = rand() % 16 == 0 ? 2 * GiB : rand() % 2 ? 8 * MiB : 20000;
	pte_t type = rand() % 2 ? PTEUC : PTEWC;

	m->size = (size_t)rand() % most + 1;
	m->pa = BAR + (size_t)rand() % (16 * GiB);
	if (rand() % 2)
		m->pa = ROUNDDOWN(m->pa, 2 * MiB);
	fakelimit(rand() % 4 == 0 ? (size_t)rand() % 4 : SIZE_MAX);
	m->p = vmap(m->pa, m->size, type);
	assert_int_equal(m->p == NULL, fakerefused() > 0);
	if (m->p == NULL)
		return;
	uintptr_t va = ROUNDDOWN((uintptr_t)m->p, BY2PG);
	size_t whole = PGROUND((uintptr_t)m->p + m->size) - va;
	assert_int_equal((uintptr_t)m->p % BY2PG, m->pa % BY2PG);
	assert_false(ptesany(&model, va - BY2PG, whole + 2 * BY2PG));
	ptesmap(&model, va, ROUNDDOWN(m->pa, BY2PG) | FLAGS | type, whole);
	nmapping++;
}

static void
randomchange(Mapping *m)
{
	uintptr_t va = ROUNDDOWN((uintptr_t)m->p, BY2PG);
	size_t whole = PGROUND((uintptr_t)m->p + m->size) - va;

	if (rand() % 2) {
		size_t from = (size_t)rand() % m->size;
		uintptr_t start = ROUNDDOWN((uintptr_t)m->p + from, BY2PG);
		int r = 0;

		fakelimit((size_t)rand() % 6);
		r = patwc(&kspace, m->p + from, m->size - from);
		assert_int_equal(r<0, fakerefused()> 0);
		if (r == 0)
			ptestype(&model, start, va + whole - start, PTEWC);
		return;
	}
	vunmap(m->p, m->size);
	ptesunmap(&model, va, whole);
	*m = mapping[--nmapping];
}

static void
randomdevices(int steps)
{
	nmapping = 0;
	srand(1);
	for (int i = 0; i < steps; i++) {
		hostquiet();
		for (size_t j = 0; j < nmapping; j++) {
			use(mapping[j].p);
			use(mapping[j].p + mapping[j].size - 1);
		}
		if (nmapping < MOST && rand() % 2)
			randommap();
		else if (nmapping > 0)
			randomchange(&mapping[(size_t)rand() % nmapping]);
		agree();
		if (kspace.limits.caching != NULL)
			tlbwalk(kspace.upper, TLBALL, onekind, NULL);
	}
	fakelimit(SIZE_MAX);
	while (nmapping > 0) {
		nmapping--;
		vunmap(mapping[nmapping].p, mapping[nmapping].size);
	}
	sizes(0, 0, 0);
	assert_ptr_equal(vmap(BAR, 1, PTEUC), FIRST);
	assert_int_equal(tlbwalk(kspace.upper, TLBALL, NULL, NULL) + 1 + 1,
	    kspace.tables->used);
}

static void
random_devices_are_as_the_model_says(void **state)
{
	(void)state;
	randomdevices(400);
}

static void
random_devices_of_two_kinds_are_too(void **state)
{
	(void)state;
	kspace.limits.caching = taketurns;
	randomdevices(100);
}

static void
ram_that_is_mapped_can_be_read(void **state)
{
	(void)state;
	uint8_t *p = reserverange(2 * BY2PG);
	assert_false(canread(p));
	maprange(p, 32 * MiB, 1);
	ptesmap(&model, (uintptr_t)p, 32 * MiB | PTEKDATA, BY2PG);
	assert_true(canread(p));
	assert_true(canread(p + BY2PG - 1));
	assert_false(canread(p + BY2PG));
	/* Not a device, nor what is no address of the kernel's, or none. */
	uint8_t *uc = vmap(BAR, BY2PG, PTEUC);
	uint8_t *wc = vmap(BAR, BY2PG, PTEWC);
	assert_false(canread(uc));
	assert_false(canread(wc));
	assert_false(canread(NULL));
	assert_false(canread((void *)UTOP));
	assert_false(canread((void *)UINTPTR_MAX));
	vunmap(uc, BY2PG);
	vunmap(wc, BY2PG);
	unmaprange(p, 1);
	assert_false(canread(p));
	stage = SMMU - 1;
	assert_panics(canread(p), "canread");
	stage = SMMU;
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_device_is_where_it_was_asked_for),
	    T(other_cpus_drop_a_device_before_its_place_is_free),
	    T(large_devices_get_large_pages),
	    T(without_pages_of_1g_they_get_many_of_2m),
	    T(no_page_spans_two_kinds),
	    T(the_lowest_space_that_fits_is_taken),
	    T(bad_requests_are_refused_with_a_line),
	    T(a_full_window_is_an_error_to_the_caller),
	    T(every_missing_page_is_an_error_to_the_caller),
	    T(vmapinit_needs_a_page),
	    T(only_what_was_mapped_is_unmapped),
	    T(the_wrong_stage_is_said),
	    T(ranges_map_ram_all_or_nothing),
	    T(ram_that_is_mapped_can_be_read),
	    T(misuse_is_said_with_no_lock_held),
	    T(random_devices_are_as_the_model_says),
	    T(random_devices_of_two_kinds_are_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
