/*
 * leave.c - `mem9 boot' up to the takeover, and every way back before it.
 *
 * The block lies in memory of this process, at its own address. takeover() and
 * deadend() do not come back here, but out of boots().
 *
 * needs: efi/leave.c efi/tables/attributes.c kern/log.c
 * needs: kern/options.c kern/value.c
 * needs: kern/optionwords.c
 * needs: tests/host/fakefw.c tests/host/alone.c
 * needs: kern/nearest.c kern/format.c tests/host/told.c
 */
#include "unit.h"
#include "block.h"
#include "bootinfo.h"
#include "cpu.h"
#include "cpulist.h"
#include "efimap.h"
#include "fakefw.h"
#include "guest.h"
#include "log.h"
#include "panic.h"
#include "screen.h"
#include "serial.h"
#include "takeover.h"
#include "told.h"
#include "trap.h"
#include "../../efi/collect.h"
#include "../../efi/commands.h"
#include "../../efi/firmware.h"
#include "../../efi/lowpage.h"
#include "../../efi/report.h"

/* The image's, as it is compiled here: tests.mk. */
#define main kernelmain
#include "main.h"
#undef main

/* Wider than any address of this process. */
enum { PHYSBITS = 50 };
#define END (1ull << PHYSBITS)

enum { LOWPAGE = 0x9d000, IMAGE = 300 * KiB, LOGBYTES = 4096, STRIDE = 48 };

Bootinfo *bootinfo;

static struct {
	size_t refuses;  /* AllocatePages, so often */
	uint8_t *memory; /* AllocatePages gives some of it, from there on */
	size_t from;
	size_t size;
	size_t freed;
	size_t givenback; /* calls of FreePages */
	paddr_t lowpage;  /* taken */
	bool none;
	bool left;       /* ExitBootServices has been called */
	size_t refusals; /* of it, to come */
	size_t exits;
	size_t
	    newstride; /* the map's, from the first of them on; 0: as it was */
	size_t morewith; /* descriptors that come at each */
	bool nomap;      /* once it has been called */
	paddr_t top;     /* that the slides were chosen by */
	enum guest guest;
	bool serial, screen;
	bool small; /* too much so for text */
	bool fails; /* the report cannot be written */
	bool trapinit, panicthen;
} now;

static enum { CAMEBACK, TAKEOVER, DEADEND } how;
static jmp_buf out;
static Options o;
static Bootinfo *left; /* what takeover() was given */
static char deadline[300];
static EFI_RUNTIME_SERVICES services;
static EFI_GET_MEMORY_MAP realmap;

void
cpuidentify(void)
{
	cpu.physbits = PHYSBITS;
}

uint64_t
cycles(void)
{
	assert_true(now.left);
	return 99;
}

enum guest
guest(void)
{
	return now.guest;
}

size_t
blocklayout(Bootinfo *b, paddr_t pa, size_t handover)
{
	b->image = (Part){pa, IMAGE};
	b->cpustacks = (Part){pa, b->ncpus > 1 ? (b->ncpus - 1) * MiB : 0};
	b->handover = (Part){pa + PGROUND(IMAGE), PGROUND(handover)};
	b->block = (Part){pa, PGROUND(IMAGE) + PGROUND(handover)};
	return b->block.size;
}

static size_t named; /* CPUs, by firmware */

size_t
countcpus(void)
{
	return named;
}

volatile void *
fbpixels(void)
{
	return NULL;
}

void
chooseslides(Bootinfo *b, paddr_t top)
{
	assert_int_equal(b->image.size, IMAGE);
	b->dmapva = 0x1234;
	now.top = top;
}

void
collect(Bootinfo *b)
{
	assert_int_equal(b->options.nswap, 55);
	b->fb.size = now.screen ? 1 : 0;
	b->firmwarerevision = 2 << 16 | 100;
	strcpy(b->firmware, "fake");
}

/* While there is a way back, and the log still goes to the console. */
void
reportleaving(Bootinfo *b)
{
	assert_false(now.left);
	assert_int_equal(logsinks(), 1);
	assert_string_equal(b->firmware, "fake");
	assert_int_equal(b->keptid, 0);
	b->reported = now.fails ? 0 : logwrote();
	logwrite("news\n", 5);
}

bool
serialanswers(const Bootinfo *b)
{
	(void)b;
	return now.serial;
}

bool
serialopen(const Bootinfo *b)
{
	assert_int_equal(b->exittries, 65);
	return now.serial;
}

void
serialwrite(const char *s, size_t n)
{
	(void)s;
	(void)n;
}

bool
screenfits(const Fb *fb)
{
	return fb->size != 0 && !now.small;
}

bool
screeninit(const Fb *fb, volatile void *pixels)
{
	assert_int_equal((uintptr_t)pixels, fb->pa);
	return now.screen;
}

void
screenwrite(const char *s, size_t n)
{
	(void)s;
	(void)n;
}

void
trapinit(void)
{
	now.trapinit = true;
}

void
kernelmain(void)
{
	abort();
}

void
tooearly(void)
{
	abort();
}

/* From where there is no way back any more. */
void
panicthen(void (*fn)(void))
{
	assert_true(now.trapinit && !now.left);
	assert_ptr_equal(fn, tooearly);
	now.panicthen = true;
}

void
takeover(Bootinfo *b, void (*kernel)(void), void (*broken)(void))
{
	assert_ptr_equal(kernel, kernelmain);
	assert_ptr_equal(broken, tooearly);
	assert_true(now.panicthen);
	left = b;
	longjmp(out, TAKEOVER);
}

void
deadend(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(deadline, sizeof deadline, fmt, ap);
	va_end(ap);
	longjmp(out, DEADEND);
}

static EFI_STATUS
getmap1(UINTN *size, EFI_MEMORY_DESCRIPTOR *desc, UINTN *key, UINTN *stride,
    UINT32 *version)
{
	if (now.left && now.nomap)
		return EFI_DEVICE_ERROR;
	return realmap(size, desc, key, stride, version);
}

static EFI_STATUS
exitservices(EFI_HANDLE image, UINTN key)
{
	assert_ptr_equal(image, fw.image);
	assert_int_equal(key, 1);
	now.left = true;
	now.exits++;
	for (size_t i = 0; i < now.morewith; i++)
		fakedesc(4, i * BY2PG, 1, 8);
	if (now.newstride != 0)
		fakefw.stride = now.newstride;
	if (now.refusals == 0)
		return EFI_SUCCESS;
	now.refusals--;
	return EFI_INVALID_PARAMETER;
}

paddr_t
takelowpage(void)
{
	return now.lowpage = LOWPAGE;
}

void
freelowpage(paddr_t pa)
{
	assert_int_equal(pa, now.lowpage);
	now.lowpage = 0;
}

static EFI_STATUS
takepages(EFI_ALLOCATE_TYPE kind, EFI_MEMORY_TYPE type, UINTN n,
    EFI_PHYSICAL_ADDRESS *pa)
{
	if (now.refuses > 0) {
		now.refuses--;
		return EFI_OUT_OF_RESOURCES;
	}
	assert_false(now.left);
	assert_int_equal(kind, AllocateAnyPages);
	assert_int_equal(type, EfiLoaderData);
	if (now.none)
		return EFI_OUT_OF_RESOURCES;
	now.size = n * BY2PG;
	now.memory = aligned_alloc(
	    BLOCKALIGN, ROUNDUP(now.size + BLOCKALIGN, BLOCKALIGN));
	memset(now.memory, 0x55, now.size + BLOCKALIGN);
	*pa = (uintptr_t)now.memory + now.from;
	return EFI_SUCCESS;
}

static EFI_STATUS
givepages(EFI_PHYSICAL_ADDRESS pa, UINTN n)
{
	assert_false(now.left);
	assert_in_range(pa, (uintptr_t)now.memory + now.from,
	    (uintptr_t)now.memory + now.from + now.size - n * BY2PG);
	now.freed += n * BY2PG;
	now.givenback++;
	return EFI_SUCCESS;
}

static int
setup(void **state)
{
	static uint64_t log[LOGBYTES / sizeof(uint64_t)];

	(void)state;
	hostquiet();
	fakestart();
	realmap = fakeservices.GetMemoryMap;
	fakeservices.GetMemoryMap = getmap1;
	fakeservices.AllocatePages = takepages;
	fakeservices.FreePages = givepages;
	fakeservices.ExitBootServices = exitservices;
	memset(&services, 0, sizeof services);
	services.GetTime = (EFI_GET_TIME)0x1111;
	services.ResetSystem = (EFI_RESET_SYSTEM)0x2222;
	fakesystem.RuntimeServices = &services;
	free(now.memory);
	memset(&now, 0, sizeof now);
	now.serial = true;
	named = 3;
	fakedesc(7, MiB, 256, 8);
	fakedesc(0, 3 * GiB, 256, 8);
	optionsinit(&o);
	o.nswap = 55;
	left = bootinfo = NULL;
	deadline[0] = '\0';
	lognosinks();
	logcreate(log, sizeof log);
	logwrite("said before\n", 12);
	logsink(serialwrite, LOGNEW);
	return 0;
}

static int
teardown(void **state)
{
	size_t pool = fakefw.pool;

	(void)state;
	setup(NULL);
	hostloud();
	return pool == 0 ? 0 : -1;
}

static int
boots(void)
{
	volatile int status = 0;

	how = CAMEBACK;
	switch (setjmp(out)) {
	case 0:
		status = bootcommand(&o);
		break;
	case TAKEOVER:
		how = TAKEOVER;
		break;
	default:
		how = DEADEND;
	}
	return status;
}

/* From an aligned address on, to be cut at the end; at both; at the start. */
static void
the_block_is_cut_to_size_at_both_ends(void **state)
{
	static const size_t from[] = {0, BLOCKALIGN / 2, BY2PG};

	for (size_t i = 0; i < nelem(from); i++) {
		setup(state);
		now.from = from[i];
		boots();
		assert_int_equal(left->block.pa,
		    (uintptr_t)now.memory + (i == 0 ? 0 : BLOCKALIGN));
		assert_int_equal(now.givenback, i == 1 ? 2 : 1);
		assert_int_equal(now.freed, BLOCKALIGN - BY2PG);
		assert_int_equal(now.size - now.freed, left->block.size);
		assert_int_equal(left->lowpage, now.lowpage);
		assert_int_equal(now.lowpage, LOWPAGE);
	}
}

static void
the_block_is_filled(void **state)
{
	(void)state;
	boots();
	assert_int_equal(how, TAKEOVER);
	assert_ptr_equal(bootinfo, left);
	assert_int_equal((uintptr_t)left, left->handover.pa);
	assert_int_equal(left->dmapva, 0x1234);
	assert_int_equal(left->options.nswap, 55);
	assert_true(now.trapinit);
	assert_mentioned("leaving \"fake\", UEFI 2.10. No way back");
}

/* Each part of the hand-over is whole pages and after the one before. */
static void
the_parts_do_not_overlap(void **state)
{
	const size_t n = 2 + 64 * 16;

	(void)state;
	boots();
	const Bootinfo *b = left;
	assert_int_equal(b->map, PGROUND(sizeof *b));
	assert_int_equal(b->mapstride, STRIDE);
	assert_int_equal(b->log, b->map + PGROUND(n * STRIDE));
	assert_int_equal(b->logsize, 256 * KiB + 512 * n);
	assert_int_equal(b->memmap, b->log + PGROUND(b->logsize));
	assert_int_equal(b->memmapsize, memmapneed(n));
	assert_int_equal(b->attributes, b->memmap + PGROUND(b->memmapsize));
	assert_int_equal(b->attributessize, 0);
	assert_int_equal(b->cpus, b->attributes);
	assert_int_equal(b->handover.size, b->cpus + PGROUND(sizeof(Cpulist)));
}

static void
the_log_moves_with_it(void **state)
{
	const Log *log = NULL;

	(void)state;
	boots();
	log = handover(left, left->log);
	assert_int_equal(log->size, left->logsize - sizeof *log);
	assert_int_equal(log->wrote, 17);
	assert_memory_equal(log->text, "said before\nnews\n", 17);
	assert_int_equal(logsinks(), 0);
}

/* Counted anew, as it is moved; of a ring that is full, and if there is none.
 */
static void
what_the_report_has_is_known_afterwards(void **state)
{
	const Log *log = NULL;

	boots();
	assert_int_equal(left->reported, 12);
	setup(state);
	for (size_t i = 0; i < LOGBYTES; i++)
		logwrite("x", 1);
	boots();
	log = handover(left, left->log);
	assert_int_equal(log->wrote, LOGBYTES - sizeof *log);
	assert_int_equal(left->reported, log->wrote - 5);
	setup(state);
	for (size_t i = 0; i < LOGBYTES; i++)
		logwrite("x", 1);
	now.fails = true;
	boots();
	assert_int_equal(left->reported, 0);
}

static void
the_map_and_the_services_are_the_last_ones(void **state)
{
	(void)state;
	now.refusals = 63;
	now.morewith = 3;
	boots();
	assert_int_equal(how, TAKEOVER);
	assert_int_equal(left->exittries, 64);
	assert_int_equal(now.exits, 64);
	assert_int_equal(left->tscstart, 99);
	assert_int_equal(left->gettime, 0x1111);
	assert_int_equal(left->resetsystem, 0x2222);
	assert_int_equal(left->mapsize, (2 + 63 * 3) * STRIDE);
	assert_memory_equal(
	    handover(left, left->map), fakefw.map, left->mapsize);
}

static void
after_64_refusals_it_is_the_end(void **state)
{
	(void)state;
	now.refusals = 64;
	boots();
	assert_int_equal(how, DEADEND);
	assert_int_equal(now.exits, 64);
	assert_string_equal(deadline, "firmware refused ExitBootServices 64 "
				      "times; switch the machine off");
	assert_int_equal(logsinks(), 1);
	setup(state);
	now.refusals = 64;
	now.screen = true;
	now.serial = false;
	boots();
	assert_int_equal(how, DEADEND);
	assert_int_equal(logsinks(), 1);
}

/* Descriptors that lie elsewhere than expected would be read as others. */
static void
a_stride_that_changes_is_not_gone_on_with(void **state)
{
	(void)state;
	now.refusals = 1;
	now.newstride = 56;
	boots();
	assert_int_equal(how, DEADEND);
	assert_int_equal(now.exits, 1);
	setup(state);
	now.refusals = 1;
	now.nomap = true;
	boots();
	assert_int_equal(how, DEADEND);
	assert_int_equal(now.exits, 1);
}

static Memoryattributes *
table(uint32_t version, uint32_t n, uint32_t stride)
{
	static uint8_t bytes[sizeof(Memoryattributes) + 20000 * 40];
	EFI_GUID guid = MEMORYATTRIBUTES;
	Memoryattributes *t = (Memoryattributes *)bytes;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 7);
	*t = (Memoryattributes){version, n, stride, 0};
	fakesystem.NumberOfTableEntries = 0;
	fakeconfig(guid, t);
	fakedesc(
	    0, ROUNDDOWN((uintptr_t)bytes, BY2PG), sizeof bytes / BY2PG + 2, 8);
	return t;
}

static void
the_attributes_table_is_copied(void **state)
{
	const Memoryattributes *t = table(1, 5, 48);
	size_t size = sizeof *t + 5 * 48;

	(void)state;
	boots();
	assert_int_equal(left->attributessize, size);
	assert_memory_equal(handover(left, left->attributes), t, size);
	assert_int_equal(left->cpus, left->attributes + PGROUND(size));
}

static void
the_attributes_table_need_not_be_aligned(void **state)
{
	EFI_GUID guid = MEMORYATTRIBUTES;
	Memoryattributes *t = table(1, 5, 48);
	size_t size = sizeof *t + 5 * 48;
	uint8_t *odd = (uint8_t *)t + 1;

	(void)state;
	memmove(odd, t, size);
	fakesystem.NumberOfTableEntries = 0;
	fakeconfig(guid, odd);
	boots();
	assert_int_equal(left->attributessize, size);
	assert_memory_equal(handover(left, left->attributes), odd, size);
}

static void
an_attributes_table_that_makes_no_sense_is_left(void **state)
{
	static const struct {
		uint32_t version, n, stride;
		bool good;
	} kinds[] = {{0, 1, 48, false}, {1, 1, 40, true}, {2, 1, 4096, true},
	    {3, 1, 48, false}, {1, 0, 48, false}, {1, 16384, 40, true},
	    {1, 16385, 40, false}, {1, 1, 39, false}, {1, 1, 4097, false}};

	for (size_t i = 0; i < nelem(kinds); i++) {
		setup(state);
		table(kinds[i].version, kinds[i].n, kinds[i].stride);
		boots();
		size_t want = sizeof(Memoryattributes) +
			      (size_t)kinds[i].n * kinds[i].stride;
		assert_int_equal(
		    left->attributessize, kinds[i].good ? want : 0);
	}
}

/* Whoever looked at the first would fault. */
static void
an_attributes_table_outside_of_the_map_is_left(void **state)
{
	EFI_GUID guid = MEMORYATTRIBUTES;

	(void)state;
	fakeconfig(guid, (void *)(uintptr_t)0x1008);
	boots();
	assert_int_equal(left->attributessize, 0);
	setup(state);
	const Memoryattributes *t = table(1, 16384, 40);
	fakefw.mapsize -= STRIDE; /* only a page of it is known */
	fakedesc(0, ROUNDDOWN((uintptr_t)t, BY2PG), 1, 8);
	boots();
	assert_int_equal(left->attributessize, 0);
}

/* The block counts, and nothing that the CPU cannot address. */
static void
ram_ends_where_the_highest_does(void **state)
{
	boots();
	assert_int_equal(now.top, left->block.pa + left->block.size);
	setup(state);
	fakedesc(9, END - 64 * KiB, 2, 8);
	boots();
	assert_int_equal(now.top, END - 64 * KiB + 2 * BY2PG);
	setup(state);
	fakedesc(7, END - BY2PG, 2, 8);
	boots();
	assert_int_equal(now.top, END);
}

static void
where_it_could_not_go_on_it_comes_back(void **state)
{
	(void)state;
	now.none = true;
	assert_int_equal(boots(), SHELLNOMEMORY);
	assert_mentioned("mem9: firmware has no ");
	fakefw.stride = 39;
	assert_int_equal(boots(), SHELLDEVICEERROR);
	assert_mentioned("descriptors 39 bytes apart: no map\n");
	fakefw.status = EFI_DEVICE_ERROR;
	assert_int_equal(boots(), SHELLDEVICEERROR);
	now.guest = GUESTSEV;
	assert_int_equal(boots(), SHELLUNSUPPORTED);
	assert_mentioned("encrypted (SEV)");
	now.guest = GUESTTDX;
	assert_int_equal(boots(), SHELLUNSUPPORTED);
	assert_mentioned("encrypted (TDX)");
	assert_false(now.left);
	assert_null(bootinfo);
}

/* No serial port; no screen, or one that is not wanted or too small. */
static void
it_does_not_leave_speechless(void **state)
{
	(void)state;
	now.serial = false;
	assert_int_equal(boots(), SHELLUNSUPPORTED);
	assert_mentioned("nothing would be heard of it");
	assert_int_equal(now.freed, now.size);
	assert_int_equal(now.lowpage, 0);
	assert_int_equal(logsinks(), 1);
	setup(state);
	now.serial = false;
	now.screen = true;
	o.screen = false;
	assert_int_equal(boots(), SHELLUNSUPPORTED);
	setup(state);
	now.serial = false;
	now.screen = now.small = true;
	assert_int_equal(boots(), SHELLUNSUPPORTED);
	setup(state);
	now.serial = false;
	now.screen = true;
	boots();
	assert_int_equal(how, TAKEOVER);
}

/* Of three that are named, unless fewer are asked for. */
static void
there_are_stacks_for_the_cpus_that_may_run(void **state)
{
	static const struct {
		size_t ncpu;
		bool nomp;
		size_t want;
	} asked[] = {{0, false, 3}, {2, false, 2}, {3, false, 3}, {4, false, 3},
	    {0, true, 1}, {2, true, 1}};

	for (size_t i = 0; i < nelem(asked); i++) {
		setup(state);
		o.ncpu = asked[i].ncpu;
		o.nomp = asked[i].nomp;
		boots();
		assert_int_equal(left->ncpus, asked[i].want);
	}
	setup(state);
	named = 0; /* firmware has no table of them */
	boots();
	assert_int_equal(left->ncpus, 1);
}

/* Rather fewer CPUs than none. */
static void
where_there_is_no_room_for_all_one_runs(void **state)
{
	(void)state;
	now.refuses = 1;
	boots();
	assert_int_equal(how, TAKEOVER);
	assert_int_equal(left->ncpus, 0);
	assert_int_equal(left->cpustacks.size, 0);
}

/* It is not asked a second time, for the same. */
static void
where_there_is_no_room_for_one_firmware_goes_on(void **state)
{
	(void)state;
	o.nomp = true;
	now.refuses = 1;
	assert_int_equal(boots(), SHELLNOMEMORY);
	assert_int_equal(how, CAMEBACK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_block_is_cut_to_size_at_both_ends),
	    TEST(the_block_is_filled),
	    TEST(there_are_stacks_for_the_cpus_that_may_run),
	    TEST(where_there_is_no_room_for_all_one_runs),
	    TEST(where_there_is_no_room_for_one_firmware_goes_on),
	    TEST(the_parts_do_not_overlap),
	    TEST(the_log_moves_with_it),
	    TEST(what_the_report_has_is_known_afterwards),
	    TEST(the_map_and_the_services_are_the_last_ones),
	    TEST(after_64_refusals_it_is_the_end),
	    TEST(a_stride_that_changes_is_not_gone_on_with),
	    TEST(the_attributes_table_is_copied),
	    TEST(the_attributes_table_need_not_be_aligned),
	    TEST(an_attributes_table_that_makes_no_sense_is_left),
	    TEST(an_attributes_table_outside_of_the_map_is_left),
	    TEST(ram_ends_where_the_highest_does),
	    TEST(where_it_could_not_go_on_it_comes_back),
	    TEST(it_does_not_leave_speechless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
