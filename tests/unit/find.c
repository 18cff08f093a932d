/*
 * find.c - all that is known of an address, and its bytes, on a small machine:
 *
 *	0    1M       16M     ...   +16M+4K              64M
 *	     [ block ][ kernel     ][ pages    ]         [ a device ]
 *
 * The direct map is the host's; it is said to be DMAP's where tables are asked.
 *
 * needs: kern/monitor/find.c kern/monitor/findtext.c kern/monitor/findlines.c
 * needs: kern/monitor/dump.c kern/tell/sizetext.c kern/format.c
 * needs: tests/host/heap.c
 */
#include "unit.h"
#include "audit.h"
#include "badram.h"
#include "bootinfo.h"
#include "bytemap.h"
#include "caching.h"
#include "conf.h"
#include "cpu.h"
#include "efidesc.h"
#include "heap.h"
#include "image.h"
#include "memmap.h"
#include "mmu.h"
#include "page.h"
#include "place.h"
#include "pool.h"
#include "symbol.h"
#include "trap.h"
#include "../../kern/monitor/dump.h"
#include "../../kern/monitor/find.h"
#include "../../kern/handed.h"
#include "../../kern/monitor/keys.h"
#include "../../kern/monitor/more.h"
#include "../../mm/heap/poolparts.h"

enum { NFRAMES = 1000, STRIDE = 48 };
#define DEVICE (64 * MiB)
#define IMAGE 0xffffffff80001000ull

static Bootinfo block;
Bootinfo *bootinfo = &block;
Cpu cpu = {.physbits = 36};
Space kspace;

static uint64_t table[1 << 12];
static uint8_t desc[STRIDE];
static uint8_t device[BY2PG], image[BY2PG];
static size_t nleaf; /* that lead everywhere */
static bool broken;  /* reading faults */
static bool unmappable, stop;
static int mapped;

Efimap
handedmap(void)
{
	return (Efimap){desc, STRIDE, STRIDE, cpu.physbits, 0, 0};
}

enum caching
cachingat(paddr_t pa, paddr_t *end)
{
	*end = NOADDR;
	return pa < DEVICE ? CACHEWB : CACHEUC;
}

const char *
placename(uintptr_t va)
{
	return va >= IMAGE ? "image" : "direct map";
}

const char *
symbolname(uintptr_t pc, size_t *offset)
{
	*offset = pc % BY2PG;
	return pc >= IMAGE && pc < IMAGE + BY2PG ? "main" : NULL;
}

/* What the host has at pa, as often as there are leaves; the image. */
void
auditwalk(void (*visit)(void *arg, const Leaf *leaf), void *arg,
    size_t tables[NLEVEL])
{
	Leaf image4k = {IMAGE, MiB, BY2PG, 0};

	(void)tables;
	for (size_t i = 0; i < nleaf; i++) {
		Leaf all = {(uintptr_t)kaddr(HEAPBASE), HEAPBASE,
		    16 * MiB + NFRAMES * BY2PG, PTEWRITE | PTENOEXEC};

		visit(arg, &all);
	}
	visit(arg, &image4k);
}

paddr_t
mmupa(const Space *s, uintptr_t va)
{
	assert_ptr_equal(s, &kspace);
	if (va >= IMAGE && va < IMAGE + BY2PG)
		return MiB + va % BY2PG;
	if (va >= DMAP + DEVICE && va < DMAP + DEVICE + BY2PG)
		return va - DMAP;
	return NOADDR;
}

void *
kmappa(paddr_t pa)
{
	mapped++;
	return kaddr(pa);
}

void *
vmap(paddr_t pa, size_t size, pte_t memtype)
{
	assert_int_equal(size, BY2PG);
	assert_int_equal(memtype, PTEUC);
	assert_int_equal(pa % BY2PG, 0);
	mapped += !unmappable;
	return unmappable ? NULL : device;
}

void
vunmap(void *p, size_t size)
{
	assert_ptr_equal(p, device);
	assert_int_equal(size, BY2PG);
	mapped--;
}

/* Addresses of the kernel's are not this program's. */
bool
faults(void (*fn)(void *), void *arg, Caught *what)
{
	const volatile uint8_t **from = arg; /* the first of a Copy */

	(void)what;
	if ((uintptr_t)*from >= IMAGE)
		*from = image + (uintptr_t)*from % BY2PG;
	if (!broken)
		fn(arg);
	return broken;
}

bool
keybreak(void)
{
	return stop;
}

static bool quit;

bool
morequit(void)
{
	return quit;
}

static int
setup(void **state)
{
	(void)state;
	heapmachine(1, 16 * MiB, NFRAMES);
	heappages();
	memmapinit(table, sizeof table);
	memmapadd(MiB, MiB, MemReserved);
	memmapadd(HEAPBASE, 16 * MiB + NFRAMES * BY2PG, MemRAM);
	memmapadd(DEVICE, MiB, MemReserved);
	efidesc(desc, 7, HEAPBASE, 48 * MiB / BY2PG, 0xf);
	block.block = (Part){MiB, MiB};
	block.image = (Part){MiB, 64 * KiB};
	block.handover = (Part){MiB + 64 * KiB, 64 * KiB};
	nleaf = 1;
	broken = unmappable = stop = quit = false;
	mapped = 0;
	hostquiet();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	stage = SMACH;
	return 0;
}

static void
finds(uintptr_t at)
{
	hostquiet();
	findaddress(at, FINDPEOPLE);
}

static void
lines(uintptr_t at)
{
	hostquiet();
	findaddress(at, FINDPROGRAMS);
}

static void
a_block_of_malloc(void **state)
{
	char line[100];
	uint8_t *p = poolalloc(mainmem, 1000);

	(void)state;
	finds(paddr(p) + 10);
	assert_mentioned(", physical\n  firmware  0x1000000-0x3ffffff, 48 MB: "
			 "ConventionalMemory, attributes 0xf\n"
			 "  caching   write-back, by the MTRRs\n"
			 "  map       0x1000000-");
	assert_mentioned(": MemRAM\n");
	assert_mentioned("\n  bank      0, from 0x1000000: of the kernel's "
			 "share\n");
	assert_mentioned(", direct map: read, write, no execute\n");
	sprintf(line,
	    "\n  heap      Main: 1000 bytes at %#jx, in use, asked "
	    "for by 0x",
	    (uintmax_t)(uintptr_t)p);
	assert_mentioned(line);
	poolfree(mainmem, p);
	finds(paddr(p) + 10);
	assert_int_equal(hosttimes("asked for"), 0);
	assert_mentioned("\n  heap      Main: ");
}

/* Nobody is waited for, nothing followed; where it is mapped comes first. */
static void
a_heap_that_is_not_what_it_should_be(void **state)
{
	char line[100];
	uint64_t *p = poolalloc(mainmem, 20000);
	uint64_t was = p[-2];

	(void)state;
	p[-2] = 0;
	finds(paddr(p));
	sprintf(line,
	    "no execute\n  heap      Main: damaged: what is at %#jx can "
	    "be no header of its\n",
	    (uintmax_t)(uintptr_t)(p - 2));
	assert_mentioned(line);
	p[-2] = was;
	lock(&mainmem->lock);
	finds(MiB);
	assert_mentioned("execute\n  heap      Main: held by a CPU at work, or "
			 "one that stopped\n");
	unlock(&mainmem->lock);
	poolfree(mainmem, p);
}

static void
a_page(void **state)
{
	Page *pg = newpage(CLEAR, 0x12345000);
	Page *shared = newpage(CLEAR, 0);
	static Page *hash[4];
	Image i = {.next = NULL};

	(void)state;
	pageref(shared);
	finds(pagepa(pg) + 5);
	assert_mentioned("\n  bank      1, from ");
	assert_mentioned(": of the pages'\n  page      handed out, or waiting "
			 "at a CPU, of 4 KB, 1 reference, for address "
			 "0x12345000\n");
	finds(pagepa(shared));
	assert_mentioned(", of 4 KB, 2 references\n");
	assert_int_equal(imageopen(&i, hash, nelem(hash)), 0);
	pagesetdaddr(shared, 0x7000);
	assert_int_equal(cachepage(shared, &i), 0);
	finds(pagepa(shared));
	assert_mentioned(", cached of an image, from 0x7000 there\n");
	uncachepage(shared);
	imageclose(&i);
	putpage(shared);
	putpage(shared);
	paddr_t pa = conf.mem[1].base;
	while (framestate(pa) != FRAMEFREE)
		pa += BY2PG;
	finds(pa);
	assert_mentioned("\n  page      free\n");
	pa = pagepa(pg);
	putpage(pg);
	finds(pa);
	assert_mentioned(CHECKING /* where none wait */
			     ? "\n  page      free\n"
			     : "\n  page      handed out, or waiting at a "
			       "CPU\n");
	assert_int_equal(hosttimes("  heap  "), 0);
}

static void
mem9_itself(void **state)
{
	(void)state;
	finds(IMAGE + 0x10);
	assert_mentioned("0xffffffff80001010, image\n  function  main+0x10\n"
			 "0x100010, physical\n  caching   write-back");
	assert_mentioned(": MemReserved\n  mem9      0x100000-0x10ffff, 64 KB: "
			 "its program\n");
	assert_mentioned("  mapped    at 0xffffffff80001010, image: read only, "
			 "execute\n");
	finds(MiB + 64 * KiB);
	assert_mentioned(": its what firmware handed over, and the log\n");
	assert_mentioned("  mapped    nowhere\n");
}

static void
what_is_not_there(void **state)
{
	(void)state;
	finds(0x7fff00000);
	assert_mentioned("  caching   uncached, by the MTRRs\n"
			 "  map       nothing is there\n  mapped    nowhere\n");
	finds(0x500);
	assert_mentioned("  map       nothing is there\n");
	finds(1ull << 36);
	assert_said("find: 0x1000000000 is beyond what this CPU can address\n");
	finds(0x8000000000000000);
	assert_said("find: 0x8000000000000000 is no canonical address\n");
	finds(DMAP + 1);
	assert_said("0xffff800000000001, direct map\n  mapped    to nothing\n");
	efidesc(desc, 0x70000001, DEVICE, 1, 0x1);
	finds(DEVICE + 0xfff);
	assert_mentioned(
	    "firmware  0x4000000-0x4000fff, 4 KB: type 0x70000001, "
	    "attributes 0x1\n");
	finds(DEVICE + 0x1000);
	assert_int_equal(hosttimes("firmware"), 0);
}

static void
what_is_taken_or_bad(void **state)
{
	(void)state;
	assert_int_equal(memmapalloc(HEAPBASE, BY2PG, BY2PG, MemRAM), HEAPBASE);
	badram(HEAPBASE + 4 * BY2PG, 1, BADINMAP);
	finds(HEAPBASE);
	assert_mentioned("4 KB: MemRAM, handed out\n");
	finds(HEAPBASE + 3 * BY2PG);
	assert_int_equal(hosttimes("  bad  "), 0);
	finds(HEAPBASE + 4 * BY2PG);
	assert_mentioned("\n  bad       it does not hold what is written to "
			 "it\n");
	finds(HEAPBASE + 5 * BY2PG);
	assert_int_equal(hosttimes("  bad  "), 0);
}

static void
many_mappings_are_counted(void **state)
{
	(void)state;
	nleaf = 11;
	finds(HEAPBASE);
	assert_int_equal(hosttimes("  mapped    at 0x"), 8);
	assert_mentioned("\n  mapped    at 3 more\n");
}

static void
a_block_in_lines(void **state)
{
	char line[200];
	uint8_t *p = poolalloc(mainmem, 1000);

	(void)state;
	lines(paddr(p) + 10);
	sprintf(line, "mem9: find at=0x%jx pa=0x%jx\n", paddr(p) + 10,
	    paddr(p) + 10);
	assert_int_equal(strncmp(hostsaid(), line, strlen(line)), 0);
	assert_mentioned("\nmem9: found who=firmware base=0x1000000 "
			 "size=0x3000000 type=ConventionalMemory attr=0xf\n"
			 "mem9: found who=mtrr caching=WB\n"
			 "mem9: found who=map base=0x1000000 size=0x");
	assert_mentioned(" type=MemRAM allocated=0\n"
			 "mem9: found who=bank base=0x1000000 size=0x");
	assert_mentioned(" n=0 share=kernel\nmem9: found who=tables va=0x");
	assert_mentioned(" in=\"direct map\" write=1 execute=0\n"
			 "mem9: found who=mappings n=1 shown=1\n");
	sprintf(line,
	    "\nmem9: found who=heap pool=\"Main\" state=used at=0x%jx "
	    "size=1000 by=0x",
	    (uintmax_t)(uintptr_t)p);
	assert_mentioned(line);
	poolfree(mainmem, p);
	lines(paddr(p) + 10);
	assert_int_equal(hosttimes(" by=0x"), 0);
	lock(&mainmem->lock);
	lines(MiB);
	unlock(&mainmem->lock);
	assert_mentioned("mem9: found who=heap pool=\"Main\" state=busy\n");
}

static void
the_rest_in_lines(void **state)
{
	Page *pg = newpage(CLEAR, 0x12345000);

	(void)state;
	lines(pagepa(pg) + 5);
	assert_mentioned(" n=1 share=user\nmem9: found who=page "
			 "state=allocated size=4096 refs=1 va=0x12345000\n");
	paddr_t pa = pagepa(pg);
	putpage(pg);
	lines(pa);
	assert_mentioned(CHECKING ? "\nmem9: found who=page state=free\n"
				  : "\nmem9: found who=page "
				    "state=allocated\n");
	lines(IMAGE + 0x10);
	assert_mentioned("mem9: find at=0xffffffff80001010 pa=0x100010 "
			 "in=\"image\" function=\"main+0x10\"\n");
	assert_mentioned("\nmem9: found who=mem9 base=0x100000 size=0x10000 "
			 "part=\"program\"\n");
	assert_mentioned(" in=\"image\" write=0 execute=1\n");
	lines(0x7fff00000);
	assert_said("mem9: find at=0x7fff00000 pa=0x7fff00000\n"
		    "mem9: found who=mtrr caching=UC\n"
		    "mem9: found who=mappings n=0 shown=0\n");
	lines(DMAP + 1);
	assert_said("mem9: find at=0xffff800000000001 in=\"direct map\"\n");
	badram(HEAPBASE + 4 * BY2PG, 1, BADINMAP);
	lines(HEAPBASE + 4 * BY2PG);
	assert_mentioned("\nmem9: found who=bad\n");
	efidesc(desc, 0x70000001, DEVICE, 1, 0x1);
	lines(DEVICE);
	assert_mentioned("\nmem9: found who=firmware base=0x4000000 "
			 "size=0x1000 type=0x70000001 attr=0x1\n");
}

static void
dumps(uintptr_t at, size_t size, enum dumpwhat what)
{
	const Span span = {at, size};

	hostquiet();
	dump(&span, what);
}

static void
bytes_are_shown_in_rows(void **state)
{
	paddr_t pa = HEAPBASE + 4 * MiB - 8;

	(void)state;
	memcpy(kaddr(pa), "mem9: a dump.\n\x7f\x80", 16);
	dumps(pa, 20, DUMPRAM);
	assert_said(
	    "00000000013ffff8  6d 65 6d 39 3a 20 61 20                         "
	    "  mem9: a \n"
	    "0000000001400000  64 75 6d 70 2e 0a 7f 80  00 00 00 00            "
	    "  dump........\n");
	assert_int_equal(mapped, 2);
	dumps(pa, 0, DUMPRAM);
	assert_int_equal(hosttimes("\n"), 17);
	stop = true;
	dumps(pa, 64 * KiB, DUMPRAM);
	assert_int_equal(hosttimes("\n"), 1);
	stop = false;
	quit = true;
	dumps(pa, 64 * KiB, DUMPRAM);
	assert_int_equal(hosttimes("\n"), 1);
}

static void
only_ram_is_read(void **state)
{
	(void)state;
	device[3] = 0xab;
	image[0x10] = 0xcd;
	dumps(DEVICE, 4, DUMPRAM);
	assert_said("dump: 0x4000000 is no RAM; -f reads it all the same\n");
	dumps(DEVICE, 4, DUMPALL);
	assert_mentioned("0000000004000000  00 00 00 ab ");
	assert_int_equal(mapped, 0);
	unmappable = true;
	dumps(DEVICE, 4, DUMPALL);
	assert_said("dump: 0x4000000 cannot be mapped\n");
	dumps(0x500, 4, DUMPRAM);
	assert_said("dump: 0x500 is no RAM; -f reads it all the same\n");
	memmapadd(HEAPBASE + 8 * MiB, BY2PG, MemACPI);
	dumps(HEAPBASE + 8 * MiB, 4, DUMPRAM);
	assert_mentioned("0000000001800000  ");
	dumps(DMAP + DEVICE, 4, DUMPRAM);
	assert_said("dump: 0xffff800004000000 is no RAM; -f reads it all the "
		    "same\n");
	dumps(IMAGE + 0x10, 1, DUMPRAM);
	assert_mentioned("ffffffff80001010  cd ");
	dumps(MiB, 4, DUMPALL);
	assert_said("dump: 0x100000 is mem9's own: find says where it is "
		    "mapped\n");
}

static void
what_cannot_be_read_is_named(void **state)
{
	(void)state;
	dumps(IMAGE + 0xff8, 16, DUMPRAM);
	assert_int_equal(hosttimes("\n"), 2);
	assert_mentioned("\ndump: 0xffffffff80002000 is not mapped\n");
	dumps(1ull << 36, 16, DUMPALL);
	assert_said("dump: 0x1000000000 is beyond what this CPU can address\n");
	dumps(1ull << 63, 16, DUMPALL);
	assert_said("dump: 0x8000000000000000 is no canonical address\n");
	dumps(UINTPTR_MAX, 0, DUMPALL);
	assert_said("dump: 0xffffffffffffffff is not mapped\n");
	broken = true;
	dumps(HEAPBASE, 16, DUMPRAM);
	assert_said("dump: 0x1000000 cannot be read: it faults\n");
	dumps(IMAGE, 16, DUMPRAM);
	assert_said("dump: 0xffffffff80001000 cannot be read: it faults\n");
	dumps(DEVICE, 16, DUMPALL);
	assert_said("dump: 0x4000000 cannot be read: it faults\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_block_of_malloc),
	    TEST(a_heap_that_is_not_what_it_should_be),
	    TEST(a_page),
	    TEST(mem9_itself),
	    TEST(what_is_not_there),
	    TEST(what_is_taken_or_bad),
	    TEST(many_mappings_are_counted),
	    TEST(a_block_in_lines),
	    TEST(the_rest_in_lines),
	    TEST(bytes_are_shown_in_rows),
	    TEST(only_ram_is_read),
	    TEST(what_cannot_be_read_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
