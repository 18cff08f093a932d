/*
 * boot.c - the steps of main() that tie folders together: what each option asks
 * for comes to pass, what a good option leaves out is said.
 *
 * The machine is 64 MiB in a map of one descriptor, the block at 32 MiB. What
 * touches hardware is noted by a letter.
 *
 * needs: kern/boot.c kern/handed.c kern/log.c kern/options.c kern/value.c
 * needs: kern/optionwords.c kern/nearest.c kern/format.c kern/tell/nodelines.c
 * needs: kern/tell/sizetext.c tests/host/told.c tests/host/alone.c kern/kept.c
 * needs: kern/keptread.c kern/crc.c
 */
#include "unit.h"
#include "badram.h"
#include "block.h"
#include "bootinfo.h"
#include "caching.h"
#include "conf.h"
#include "cpu.h"
#include "cpus.h"
#include "efidesc.h"
#include "kept.h"
#include "keyboard.h"
#include "log.h"
#include "memmap.h"
#include "nodes.h"
#include "mmu.h"
#include "page.h"
#include "parking.h"
#include "pci.h"
#include "rename.h"
#include "pool.h"
#include "pushout.h"
#include "runtime.h"
#include "screen.h"
#include "serial.h"
#include "stage.h"
#include "told.h"
#include "xalloc.h"
#include "../../kern/boot.h"
#include "../../kern/leave.h"
#include "../../kern/monitor/more.h"
#include "../../kern/check/spoil.h"

#define RAMSIZE (64 * MiB)
#define BLOCK (32 * MiB)
#define TABLES (33 * MiB)

enum { STRIDE = 48, TABLESIZE = 8 << PGSHIFT };

static struct {
	Bootinfo b;
	uint8_t map[STRIDE];
	uint64_t memmap[1 << 12];
} block;

Bootinfo *bootinfo = &block.b;
Cpu cpu;
Space kspace;

static char did[40]; /* what was done, a letter each */
static bool serial, screen, drawn;
static bool keyboard, denied;
static enum caching tablekind; /* of the first tables' memory */
static paddr_t released;
static enum end left;
static const char *why; /* the machine is not believed */

static void
note(char c)
{
	size_t n = strlen(did);

	assert_in_range(n, 0, sizeof did - 2);
	did[n] = c;
	did[n + 1] = '\0';
}

bool
serialopen(const Bootinfo *b)
{
	assert_ptr_equal(b, bootinfo);
	return serial;
}

void
moreserial(const char *s, size_t n)
{
	(void)s;
	(void)n;
}

bool
screeninit(const Fb *fb, volatile void *pixels)
{
	assert_ptr_equal(fb, &block.b.fb);
	assert_null(pixels);
	note('S');
	drawn = screen;
	return screen;
}

void
morewrite(const char *s, size_t n)
{
	(void)s;
	(void)n;
}

void
screenink(enum ink ink)
{
	(void)ink;
}

unsigned
screencols(void)
{
	return drawn ? 101 : 0;
}

unsigned
screenrows(void)
{
	return drawn ? 37 : 0;
}

volatile void *
fbpixels(void)
{
	return NULL;
}

void
unmapearlyfb(Space *s, const Fb *fb)
{
	(void)s;
	(void)fb;
	note('u');
}

void
busmastersoff(void)
{
	note('b');
}

void
busmastersrest(void)
{
	note('r');
}

void
iommulook(void)
{
	note('i');
}

static paddr_t lowspare;

void
parkcpus(paddr_t spare)
{
	lowspare = spare;
	note('p');
}

void
cpusreserve(void)
{
	note('L');
}

void
spoil(void)
{
	note('J');
}

void
runtimeinit(void)
{
	note('R');
}

bool
keyscome(void)
{
	return keyboard || serial;
}

bool
keyboardopen(bool no)
{
	denied = no;
	note('K');
	return keyboard;
}

void
dmapadd(paddr_t pa, size_t size)
{
	assert_int_equal(size, TABLESIZE);
	released = pa;
}

void
leave(enum end how)
{
	left = how;
}

enum caching
cachingat(paddr_t pa, paddr_t *end)
{
	bool table = pa >= TABLES && pa < TABLES + TABLESIZE;

	if (pa < MiB) {
		*end = MiB;
		return CACHEUC;
	}
	*end = table ? TABLES + TABLESIZE : pa < TABLES ? TABLES : NOADDR;
	return table ? tablekind : CACHEWB;
}

const char *
cachingread(void)
{
	note('m');
	return why;
}

void
cachingforget(void)
{
	note('f');
}

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	hostmachine(0, RAMSIZE, RAMSIZE, 1);
	memset(&block, 0, sizeof block);
	optionsinit(&block.b.options);
	block.b.map = (size_t)(block.map - (uint8_t *)&block);
	block.b.mapsize = block.b.mapstride = STRIDE;
	block.b.memmap = (size_t)((uint8_t *)block.memmap - (uint8_t *)&block);
	block.b.memmapsize = sizeof block.memmap;
	block.b.block = (Part){BLOCK, 2 * MiB};
	block.b.tables = (Part){TABLES, TABLESIZE};
	strcpy(block.b.firmware, "fake");
	block.b.exittries = 3;
	efidesc(block.map, 7, 0, RAMSIZE / BY2PG, 8);
	cpu.physbits = 40;
	stage = SMACH;
	did[0] = '\0';
	serial = screen = drawn = false;
	keyboard = true;
	tablekind = CACHEWB;
	released = NOADDR;
	why = NULL;
	lognosinks();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	return 0;
}

static size_t
total(enum memtype type)
{
	Memtotal t;

	memmaptotal(&t);
	return t.size[type];
}

static enum memtype
typeat(paddr_t pa)
{
	Memrange r;

	return memmaprange(pa, &r) && r.pa <= pa ? r.type : NMEMTYPE;
}

/* The CPUs parked and bus mastering off before the map is looked at. */
static void
firmwares_map_is_the_memory(void **state)
{
	(void)state;
	meminit0();
	assert_string_equal(did, "pbmL");
	assert_int_equal(lowspare, 0x9f000);
	assert_int_equal(total(MemRAM), 63 * MiB - 2 * MiB);
	assert_int_equal(typeat(BLOCK), MemReserved);
	assert_mentioned("mem9: start version=test command=boot "
			 "firmware=\"fake\" descriptors=1 stride=48\n");
	assert_mentioned("mem9: exit tries=3\n");
	assert_mentioned("mem9: efi ");
	assert_mentioned("mem9: memmap ");
	assert_mentioned("mem9: total ram=63963136 ");
	assert_mentioned("mem9: node n=0 base=0x100000 size=0x3f00000 "
			 "ram=63963136 domain=0\n");
}

/* Half of it is near to another CPU, firmware says, by other names. */
static void
nodes_are_firmwares(void **state)
{
	static const Nodes given = {.n = 2,
	    .nranges = 2,
	    .range = {{0, 40 * MiB, 1}, {40 * MiB, GiB, 0}},
	    .domain = {3, 7}};

	(void)state;
	block.b.nodes = given;
	meminit0();
	nodesset(NULL);
	assert_mentioned("mem9: node n=1 base=0x100000 size=0x2700000 "
			 "ram=38797312 domain=7\n");
	assert_mentioned("mem9: node n=0 base=0x2800000 size=0x1800000 "
			 "ram=25165824 domain=3\n");
}

static void
a_map_of_no_stride_is_none(void **state)
{
	(void)state;
	block.b.mapstride = 8;
	assert_panics(
	    meminit0(), "descriptors 8 bytes apart are no memory map");
	assert_int_equal(lowspare, NOADDR);
}

static void
a_given_map_takes_its_place(void **state)
{
	(void)state;
	strcpy(block.b.options.e820, "1 1000000 3000000");
	meminit0();
	assert_int_equal(total(MemRAM), 32 * MiB - 2 * MiB);
	assert_int_equal(typeat(BLOCK), MemReserved);
	setup(state);
	strcpy(block.b.options.e820, "1 1000000 xyz");
	meminit0();
	assert_int_equal(total(MemRAM), 61 * MiB);
	assert_mentioned("*e820: \"xyz\": expected ");
	assert_mentioned("; firmware's map is used\n");
}

static void
maxmem_cuts_the_map(void **state)
{
	(void)state;
	block.b.options.maxmem = 40 * MiB;
	meminit0();
	assert_int_equal(total(MemRAM), 37 * MiB);
}

static bool
taken(paddr_t pa)
{
	Memrange r;

	return memmaprange(pa, &r) && r.pa <= pa && r.allocated;
}

void
pushout(const void *p, size_t size)
{
	(void)p;
	(void)size;
}

static char kept[4096];
static size_t nkept;

static void
readkept(const char *s, size_t n)
{
	memcpy(kept + nkept, s, n);
	nkept += n;
	kept[nkept] = '\0';
}

/* What is kept in the runs at these places. */
static const char *
keptat(paddr_t first, paddr_t second)
{
	Keptpage *const run[] = {first != NOADDR ? kaddr(first) : NULL,
	    second != NOADDR ? kaddr(second) : NULL};
	Keptlog found;

	nkept = 0;
	kept[0] = '\0';
	keptread(run, 0x1234, readkept, &found);
	return kept;
}

static void
keeps(paddr_t first, paddr_t second)
{
	static uint64_t log[512];

	setup(NULL);
	logcreate(log, sizeof log);
	logwrite("reported\n", 9);
	block.b.kept[0] = first;
	block.b.kept[1] = second;
	block.b.keptid = 0x1234;
	block.b.reported = logwrote();
	logwrite("since\n", 6);
}

/* From mmuinit on, what the report does not have. */
static void
the_log_is_kept(void **state)
{
	(void)state;
	keeps(20 * MiB, 41 * MiB);
	block.b.options.poison = true;
	meminit0();
	assert_mentioned("mem9: kept n=0 base=0x1400000 size=0x40000\n");
	assert_mentioned("mem9: kept n=1 base=0x2900000 size=0x40000\n");
	assert_true(taken(20 * MiB));
	assert_false(taken(20 * MiB - 1));
	assert_true(taken(20 * MiB + KEPTSIZE - 1));
	assert_false(taken(20 * MiB + KEPTSIZE));
	assert_true(taken(41 * MiB));
	assert_int_equal(typeat(41 * MiB), MemRAM);
	stage = SMMU;
	archinit();
	assert_true(keptopened());
	logwrite("later\n", 6);
	assert_string_equal(keptat(20 * MiB, NOADDR), "since\nlater\n");
	assert_string_equal(keptat(NOADDR, 41 * MiB), "since\nlater\n");
	assert_int_equal(logsinks(), 0);
	logresume(NULL);
}

/* Slow, not in the map, or there never was one. */
static void
it_is_kept_where_it_can_be(void **state)
{
	(void)state;
	keeps(2 * GiB, 41 * MiB);
	meminit0();
	stage = SMMU;
	archinit();
	assert_int_equal(hosttimes("mem9: kept "), 1);
	assert_true(keptopened());
	assert_string_equal(keptat(NOADDR, 41 * MiB), "since\n");
	keeps(NOADDR, TABLES);
	meminit0();
	assert_int_equal(hosttimes("mem9: kept "), 0);
	stage = SMMU;
	archinit();
	assert_false(keptopened());
	assert_mentioned("report: no RAM where the log would outlast");
	keeps(20 * MiB, 41 * MiB);
	hostmachine(0, RAMSIZE, 41 * MiB + BY2PG, 1);
	meminit0();
	stage = SMMU;
	archinit();
	assert_true(keptopened());
	assert_string_equal(keptat(20 * MiB, NOADDR), "since\n");
	keeps(20 * MiB, 41 * MiB);
	block.b.keptid = 0;
	hostquiet();
	meminit0();
	stage = SMMU;
	archinit();
	assert_false(taken(20 * MiB));
	assert_int_equal(hosttimes("report: "), 0);
	logresume(NULL);
}

static void
umbexclude_takes_from_the_upper_blocks(void **state)
{
	(void)state;
	efidesc(block.map, 7, MiB, RAMSIZE / BY2PG - 256, 8);
	strcpy(block.b.options.umbexclude, "0xc0000-0xcffff");
	meminit0();
	assert_int_equal(typeat(0xc0000), MemUMB);
	assert_false(taken(0xbf000));
	assert_true(taken(0xc0000));
	assert_true(taken(0xcf000));
	assert_false(taken(0xd0000));
	setup(state);
	strcpy(block.b.options.umbexclude, "c0000");
	meminit0();
	assert_mentioned("umbexclude: \"");
	assert_mentioned("; ignored\n");
}

static void
poison_comes_before_anything_is_used(void **state)
{
	(void)state;
	block.b.options.poison = true;
	meminit0();
	assert_string_equal(did, "pbmJL");
}

static size_t probed;

static void
probe(paddr_t pa)
{
	(void)pa;
	probed++;
}

static bool
holds(paddr_t pa)
{
	return pa != 20 * MiB;
}

/* Pages that are written to; the one at 20 MiB holds nothing. */
static size_t
tried(enum checks checks, bool scan)
{
	setup(NULL);
	hostprobe(probe, holds);
	probed = 0;
	block.b.options.checks = checks;
	block.b.options.ramscan = scan;
	meminit0();
	hostprobe(NULL, NULL);
	return probed;
}

/* All of it by ramscan, some or all by ramtry, none without checks. */
static void
ram_is_tried_as_it_is_asked_for(void **state)
{
	const size_t all = 61 * MiB / BY2PG;

	(void)state;
	assert_int_equal(tried(CHECKSNONE, false), 0);
	assert_int_equal(typeat(20 * MiB), MemRAM);
	assert_in_range(tried(CHECKSQUICK, false), 1, all - 1);
	assert_in_range(tried(CHECKSFULL, false), all, all + all / 2);
	assert_int_equal(typeat(20 * MiB), MemReserved);
	assert_int_equal(ramtried()->tried, all);
	assert_int_equal(tried(CHECKSNONE, true), all);
	assert_int_equal(tried(CHECKSFULL, true), all);
	assert_int_equal(typeat(20 * MiB), MemReserved);
	assert_int_equal(ramtried()->tried, all);
}

static void
what_is_not_write_back_is_not_ram(void **state)
{
	(void)state;
	block.b.block = (Part){40 * MiB, 2 * MiB};
	tablekind = CACHEUC;
	meminit0();
	assert_int_equal(typeat(TABLES), MemReserved);
	assert_ptr_equal(kspace.limits.caching, cachingat);
	assert_string_equal(did, "pbmL");
}

/* Nor is it asked any more then, by whoever maps memory. */
static void
a_machine_in_doubt_changes_nothing(void **state)
{
	(void)state;
	block.b.block = (Part){40 * MiB, 2 * MiB};
	tablekind = CACHEUC;
	why = "they are off";
	meminit0();
	assert_string_equal(did, "pbmfL");
	assert_int_equal(typeat(TABLES), MemRAM);
	assert_mentioned("mem9: odd kind=mtrr base=0x0 ");
}

/* Serial first, with all that was said; the screen if there is one. */
static void
who_reads_the_log(void **state)
{
	static const struct {
		bool serial, fb, wanted, screen;
		size_t sinks;
		const char *said;
	} kinds[] = {
	    {true, true, true, true, 2, ""},
	    {true, true, true, false, 1, "no screen: the serial line has"},
	    {true, true, false, true, 1, "no screen: the serial line has"},
	    {true, false, true, true, 1, "no screen: the serial line has"},
	    {false, true, true, true, 1, "no serial port: the screen has"},
	    {false, true, false, true, 0, "no screen and no serial port"},
	    {false, false, true, true, 0, "no screen and no serial port"},
	};

	for (size_t i = 0; i < nelem(kinds); i++) {
		setup(state);
		serial = kinds[i].serial;
		screen = kinds[i].screen;
		block.b.fb.size = kinds[i].fb;
		block.b.options.screen = kinds[i].wanted;
		meminit0();
		stage = SMMU;
		hostquiet();
		consoleinit();
		assert_int_equal(logsinks(), serial);
		archinit();
		assert_int_equal(logsinks(), kinds[i].sinks);
		assert_mentioned(kinds[i].said);
		if (kinds[i].sinks == 2)
			assert_said("");
		assert_int_equal(
		    strchr(did, 'S') != NULL, kinds[i].fb && kinds[i].wanted);
	}
}

/* Where there is a screen, who looks at it is told if no key is any good. */
static void
who_can_type(void **state)
{
	for (int i = 0; i < 16; i++) {
		setup(state);
		serial = i & 1;
		screen = i & 2;
		keyboard = i & 4;
		block.b.fb.size = 1;
		block.b.no8042 = i & 8;
		meminit0();
		stage = SMMU;
		consoleinit();
		hostquiet();
		archinit();
		assert_int_equal(denied, (i & 8) != 0);
		assert_int_equal(
		    hosttimes("no PS/2 keyboard: "), screen && !keyboard);
		assert_int_equal(hosttimes("keyboard: commands come by the "
					   "serial line\n"),
		    screen && !keyboard && serial);
		assert_int_equal(
		    hosttimes("keyboard: nothing can be typed, "
			      "and the screen goes on by itself\n"),
		    screen && !keyboard && !serial);
	}
}

/* People get theirs of it, unless they ask for all: then they get no other. */
static void
who_reads_the_screen(void **state)
{
	for (int verbose = 0; verbose < 2; verbose++) {
		setup(state);
		screen = true;
		block.b.fb.size = 1;
		block.b.options.screen = true;
		block.b.options.verbose = verbose;
		meminit0();
		stage = SMMU;
		told = (Told){.to = NULL};
		archinit();
		logwrite("x\n", 2);
		assert_int_equal(told.to != NULL, !verbose);
		assert_int_equal(told.sunk != 0, !verbose);
		if (told.to == NULL)
			continue;
		assert_ptr_equal(told.to->write, morewrite);
		assert_ptr_equal(told.to->ink, screenink);
		assert_int_equal(told.to->cols, 101);
		assert_int_equal(told.to->rows, 37);
	}
}

/* Their memory is RAM from then on, unless something says no. */
static void
the_first_tables_are_released(void **state)
{
	(void)state;
	meminit0();
	stage = SMMU;
	archinit();
	assert_string_equal(did, "pbmLuriRK");
	assert_int_equal(released, TABLES);
	assert_int_equal(typeat(TABLES), MemRAM);
	assert_int_equal(typeat(TABLES + TABLESIZE), MemReserved);
	setup(state);
	block.b.options.maxmem = TABLES + TABLESIZE - 1;
	meminit0();
	stage = SMMU;
	archinit();
	assert_int_equal(released, NOADDR);
	assert_int_equal(typeat(TABLES), MemReserved);
	setup(state);
	meminit0();
	stage = SMMU;
	tablekind = CACHEWT;
	archinit();
	assert_int_equal(released, NOADDR);
	setup(state);
	meminit0();
	stage = SMMU;
	block.b.tables.pa = 40 * MiB;
	assert_panics(archinit(), "cannot become RAM");
}

static void
the_shares_are_those_asked_for(void **state)
{
	(void)state;
	block.b.options.nswap = 12345;
	block.b.options.kernelpercent = 25;
	meminit0();
	stage = SMMU;
	meminit();
	stage = SMEM;
	confinit0();
	assert_int_equal(conf.nswap, 12345);
	assert_in_range(
	    conf.npage - conf.upages, conf.npage / 4 - 2, conf.npage / 4 + 2);
}

/* The steps after the map, as main() goes through them. */
static void
chain(void)
{
	stage = SMMU;
	meminit();
	stagedone(SMEM);
	confinit0();
	stagedone(SCONF);
	xinit();
	stagedone(SXALLOC);
	preallocpages();
	stagedone(SPREALLOC);
	pageinit();
	stagedone(SPAGES);
}

/* Whatever is still taken: as if it had not begun, and it may begin again. */
static void
memory_that_was_borrowed_is_left(void **state)
{
	size_t all = 0;

	(void)state;
	for (int again = 0; again < 2; again++) {
		setup(state);
		meminit0();
		chain();
		assert_int_equal(poolsize(mainmem), 0);
		if (again == 0)
			all = pagesfree();
		assert_int_equal(pagesfree(), all);
		assert_non_null(newpage(CLEAR, 0));
		assert_non_null(malloc(100));
		memoryfini();
		assert_int_equal(hostmapped(), 0);
		assert_int_equal(pagesfree(), 0);
		assert_int_equal(poolsize(mainmem), 0);
	}
}

static void
it_ends_as_it_was_told_to(void **state)
{
	(void)state;
	for (int end = ENDMONITOR; end <= ENDHALT; end++) {
		block.b.options.end = (enum end)end;
		finish();
		assert_int_equal(left, end);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(firmwares_map_is_the_memory),
	    TEST(nodes_are_firmwares),
	    TEST(a_map_of_no_stride_is_none),
	    TEST(a_given_map_takes_its_place),
	    TEST(maxmem_cuts_the_map),
	    TEST(the_log_is_kept),
	    TEST(it_is_kept_where_it_can_be),
	    TEST(umbexclude_takes_from_the_upper_blocks),
	    TEST(poison_comes_before_anything_is_used),
	    TEST(ram_is_tried_as_it_is_asked_for),
	    TEST(what_is_not_write_back_is_not_ram),
	    TEST(a_machine_in_doubt_changes_nothing),
	    TEST(who_reads_the_log),
	    TEST(who_can_type),
	    TEST(who_reads_the_screen),
	    TEST(the_first_tables_are_released),
	    TEST(the_shares_are_those_asked_for),
	    TEST(memory_that_was_borrowed_is_left),
	    TEST(it_ends_as_it_was_told_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
