/*
 * rehearse.c - memory claimed from a living firmware, and all given back.
 *
 * Firmware here has a type for each page of 4 GiB, and a map made of them.
 *
 * needs: efi/rehearse.c tests/host/fakefw.c tests/host/told.c
 */
#include "unit.h"
#include "bootinfo.h"
#include "cpu.h"
#include "cpulist.h"
#include "efimap.h"
#include "fakefw.h"
#include "told.h"
#include "../../efi/collect.h"
#include "../../efi/commands.h"

/* The image's, as it is compiled here: tests.mk. */
#define main kernelmain
#include "main.h"
#undef main

enum { NPAGES = 4 * GiB / BY2PG, NONE = 255, LOADER = 2, FREE = 7 };

Bootinfo *bootinfo;

static struct {
	uint8_t page[NPAGES]; /* its type; NONE: not in the map */
	uint64_t attr[NONE];  /* of each type */
	size_t mapfails;      /* the call of GetMemoryMap that does; 0: none */
	size_t poolfails;     /* and of AllocatePool */
	size_t piece;         /* pages of the largest that it gives */
	size_t fail;          /* calls until FreePages fails; 0: never */
	bool takes;           /* it all the same */
	bool failsall;        /* every call from then on */
	uint8_t instead;      /* what what is freed becomes */
	size_t asked;         /* calls of AllocatePages */
} firm;

static struct {
	size_t failed;  /* checks */
	size_t claimed; /* pages */
	size_t pieces;
	size_t free; /* pages, by the map that it was handed */
	size_t left; /* pages that firmware has free meanwhile */
	bool ran;
} seen;

static EFI_GET_MEMORY_MAP realmap;
static EFI_ALLOCATE_POOL realpool;
static Options o;

void
cpuidentify(void)
{
	cpu.physbits = 40;
}

uint64_t
cycles(void)
{
	return 5;
}

void
collect(Bootinfo *b)
{
	strcpy(b->firmware, "fake");
	memset(handover(b, b->cpus), 0x55, sizeof(Cpulist));
}

static size_t
count(uint8_t type)
{
	size_t n = 0;

	for (size_t i = 0; i < NPAGES; i++)
		n += firm.page[i] == type;
	return n;
}

static EFI_STATUS
getmemorymap(UINTN *size, EFI_MEMORY_DESCRIPTOR *desc, UINTN *key,
    UINTN *stride, UINT32 *version)
{
	if (firm.mapfails != 0 && --firm.mapfails == 0)
		return EFI_DEVICE_ERROR;
	fakefw.mapsize = 0;
	for (size_t i = 0, end = 0; i < NPAGES; i = end) {
		uint8_t t = firm.page[i];

		while (end < NPAGES && firm.page[end] == t)
			end++;
		if (t != NONE)
			fakedesc(t, i * BY2PG, end - i, firm.attr[t]);
	}
	return realmap(size, desc, key, stride, version);
}

static EFI_STATUS
takepool(EFI_MEMORY_TYPE type, UINTN size, VOID **p)
{
	if (firm.poolfails != 0 && --firm.poolfails == 0)
		return EFI_OUT_OF_RESOURCES;
	return realpool(type, size, p);
}

static EFI_STATUS
takepages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN n,
    EFI_PHYSICAL_ADDRESS *pa)
{
	size_t i = *pa / BY2PG;

	assert_int_equal(how, AllocateAddress);
	assert_int_equal(type, EfiLoaderData);
	assert_in_range(i + n, 1, NPAGES);
	firm.asked++;
	if (n > firm.piece)
		return EFI_OUT_OF_RESOURCES;
	for (size_t k = i; k < i + n; k++)
		if (firm.page[k] != FREE)
			return EFI_NOT_FOUND;
	memset(firm.page + i, LOADER, n);
	return EFI_SUCCESS;
}

static EFI_STATUS
givepages(EFI_PHYSICAL_ADDRESS pa, UINTN n)
{
	bool fails = firm.fail != 0 && --firm.fail == 0;

	if (fails && firm.failsall)
		firm.fail = 1;
	if (fails && !firm.takes)
		return EFI_INVALID_PARAMETER;
	for (size_t i = pa / BY2PG; i < pa / BY2PG + n; i++) {
		assert_int_equal(firm.page[i], LOADER);
		firm.page[i] = firm.instead;
	}
	return fails ? EFI_INVALID_PARAMETER : EFI_SUCCESS;
}

size_t
rehearsal(const Claim *claims, size_t n, void *table, size_t size)
{
	assert_int_equal(bootinfo->options.nswap, 77);
	assert_int_equal(bootinfo->tscstart, 5);
	/* What there was before anything was claimed. */
	Efimap map = {handover(bootinfo, bootinfo->map), bootinfo->mapsize,
	    bootinfo->mapstride, 40, 0, 0};
	for (size_t i = 0; i < efimapcount(&map); i++)
		seen.free += efimapdesc(&map, i).type == FREE
				 ? efimapdesc(&map, i).npages
				 : 0;
	memset(table, 0x55, size);
	assert_int_equal(size, memmapneed(n));
	for (size_t i = 0; i < n; i++) {
		assert_true(claims[i].npages > 0);
		assert_in_range(claims[i].pa, MiB, 4 * GiB - BY2PG);
		for (size_t k = 0; k < claims[i].npages; k++)
			assert_int_equal(
			    firm.page[claims[i].pa / BY2PG + k], LOADER);
		seen.claimed += claims[i].npages;
	}
	seen.pieces = n;
	seen.left = count(FREE);
	seen.ran = true;
	return seen.failed;
}

static void
ram(paddr_t pa, size_t size, uint8_t type)
{
	memset(firm.page + pa / BY2PG, type, size / BY2PG);
}

/* 512 MiB, of which some is firmware's. */
static int
setup(void **state)
{
	(void)state;
	hostquiet();
	fakestart();
	realmap = fakeservices.GetMemoryMap;
	fakeservices.GetMemoryMap = getmemorymap;
	realpool = fakeservices.AllocatePool;
	fakeservices.AllocatePool = takepool;
	fakeservices.AllocatePages = takepages;
	fakeservices.FreePages = givepages;
	memset(&firm, 0, sizeof firm);
	memset(firm.page, NONE, sizeof firm.page);
	for (size_t i = 0; i < nelem(firm.attr); i++)
		firm.attr[i] = 0xf;
	firm.piece = SIZE_MAX;
	firm.instead = FREE;
	ram(0, 640 * KiB, FREE);
	ram(MiB, 511 * MiB, FREE);
	ram(100 * MiB, 4 * MiB, 4);
	ram(300 * MiB, 4 * MiB, 6);
	memset(&seen, 0, sizeof seen);
	told = (Told){.to = NULL};
	o = (Options){.nswap = 77};
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	return fakefw.pool == 0 && bootinfo == NULL ? 0 : -1;
}

/* 32 MiB or a sixteenth of what is free stay firmware's. */
static void
firmware_keeps_its_share_and_gets_the_rest_back(void **state)
{
	static uint8_t was[NPAGES];
	size_t free = count(FREE);

	(void)state;
	memcpy(was, firm.page, sizeof was);
	assert_int_equal(rehearsecommand(&o), SHELLOK);
	assert_true(seen.ran);
	assert_int_equal(told.ends, 1);
	assert_null(told.wrong);
	assert_int_equal(seen.left, 32 * MiB / BY2PG);
	assert_int_equal(seen.claimed, free - seen.left);
	assert_int_equal(seen.free, free);
	assert_memory_equal(firm.page, was, sizeof was);
	assert_mentioned("mem9: start version=test command=rehearse "
			 "firmware=\"fake\" descriptors=6 stride=48\n");
	assert_mentioned("given back: firmware has 129952 pages, free or in "
			 "use, and had 129952\n");
	setup(state);
	ram(512 * MiB, 3 * GiB, FREE);
	free = count(FREE);
	assert_int_equal(rehearsecommand(&o), SHELLOK);
	assert_int_equal(seen.left, free / 16);
	assert_int_equal(seen.claimed, free - free / 16);
	assert_int_equal(seen.pieces, 5);
	assert_int_equal(count(LOADER), 0);
}

static void
where_firmware_refuses_pieces_are_smaller(void **state)
{
	(void)state;
	firm.piece = 3000;
	assert_int_equal(rehearsecommand(&o), SHELLOK);
	assert_int_equal(count(LOADER), 0);
	assert_in_range(seen.claimed, 20000, 128928 - 8192);
	firm.piece = 500;
	assert_int_equal(rehearsecommand(&o), SHELLOK);
	assert_int_equal(seen.pieces, 2 * 6 + 64);
	assert_int_equal(count(LOADER), 0);
	firm.piece = 0;
	seen.ran = false;
	assert_int_equal(rehearsecommand(&o), SHELLNOMEMORY);
	assert_false(seen.ran);
	assert_mentioned("mem9: firmware has no memory to spare\n");
}

/* Neither is free memory that a kernel would not use, nor all there is. */
static void
not_all_that_is_free_is_taken(void **state)
{
	(void)state;
	memset(firm.page, NONE, sizeof firm.page);
	ram(MiB, 32 * MiB, FREE);
	assert_int_equal(rehearsecommand(&o), SHELLNOMEMORY);
	assert_int_equal(firm.asked, 0);
	ram(33 * MiB, BY2PG, FREE);
	assert_int_equal(rehearsecommand(&o), SHELLOK);
	assert_int_equal(seen.claimed, 1);
	setup(state);
	firm.attr[FREE] = 0x40000;
	assert_int_equal(rehearsecommand(&o), SHELLNOMEMORY);
	assert_int_equal(firm.asked, 0);
}

static void
what_does_not_come_back_is_told(void **state)
{
	(void)state;
	firm.fail = 1;
	assert_int_equal(rehearsecommand(&o), SHELLERROR);
	assert_int_equal(told.ends, 1);
	assert_string_equal(told.wrong, "some memory is not back");
	assert_mentioned("firmware does not take ");
	assert_mentioned(": 0x8000000000000002\n");
	assert_mentioned("given back: LoaderData: ");
	assert_mentioned("given back: ConventionalMemory: ");
	assert_true(count(LOADER) > 0);
	setup(state);
	firm.fail = 1;
	firm.takes = true;
	assert_int_equal(rehearsecommand(&o), SHELLERROR);
	assert_non_null(told.wrong);
	assert_int_equal(count(LOADER), 0);
	setup(state);
	firm.instead = 3;
	assert_int_equal(rehearsecommand(&o), SHELLERROR);
	assert_non_null(told.wrong);
	assert_mentioned("given back: BootServicesCode: ");
	assert_int_equal(hosttimes("given back: "), 3);
	assert_mentioned("given back: firmware has 129952 pages, free or in "
			 "use, and had 129952\n");
	setup(state);
	firm.instead = 15;
	assert_int_equal(rehearsecommand(&o), SHELLERROR);
	assert_mentioned(" pages, and it was 0\n");
	setup(state);
	firm.instead = 200;
	assert_int_equal(rehearsecommand(&o), SHELLERROR);
	assert_mentioned("given back: other types: ");
}

/* Eight pieces by name, and how many more. */
static void
of_many_that_do_not_come_back_a_few_are_told(void **state)
{
	for (size_t n = 8; n <= 10; n += 2) {
		setup(state);
		memset(firm.page, NONE, sizeof firm.page);
		for (size_t i = 0; i < n; i++)
			ram((1 + 64 * i) * MiB, 32 * MiB, FREE);
		ram((1 + 64 * n) * MiB, 64 * MiB, FREE);
		firm.fail = 1;
		firm.failsall = true;
		assert_int_equal(rehearsecommand(&o), SHELLERROR);
		assert_int_equal(seen.pieces, n + 1);
		assert_int_equal(hosttimes("firmware does not take 8192"), 8);
		assert_int_equal(
		    hosttimes("firmware does not take 1 more piece back\n"),
		    n == 8);
		assert_int_equal(
		    hosttimes("firmware does not take 3 more pieces back\n"),
		    n == 10);
	}
}

/* In the shell what to type for more; from a menu there is nowhere to. */
static void
more_is_where_it_can_be_had(void **state)
{
	(void)state;
	assert_int_equal(rehearsecommand(&o), SHELLOK);
	assert_string_equal(told.more, "more: mem9 rehearse -b, -v");
	setup(state);
	o.menu = 5;
	assert_int_equal(rehearsecommand(&o), SHELLOK);
	o.menu = 0;
	assert_null(told.more);
}

static void
failed_checks_are_an_error(void **state)
{
	(void)state;
	seen.failed = 1;
	assert_int_equal(rehearsecommand(&o), SHELLERROR);
	assert_int_equal(count(LOADER), 0);
}

/* After so many blocks of pool memory there is no other. */
static void
without_memory_nothing_is_kept(void **state)
{
	for (size_t most = 0; most < 4; most++) {
		setup(state);
		fakefw.most = most;
		assert_int_not_equal(rehearsecommand(&o), SHELLOK);
		assert_int_equal(count(LOADER), 0);
		assert_int_equal(fakefw.pool, 0);
		assert_null(bootinfo);
	}
	setup(state);
	fakefw.most = 4;
	assert_int_equal(rehearsecommand(&o), SHELLOK);
}

/* What was given back is so whichever map cannot be read, which is an error. */
static void
whichever_map_fails_nothing_is_kept(void **state)
{
	bool ran = false;
	size_t n = 1;
	int status = SHELLOK;

	for (; n < 20; n++) {
		setup(state);
		firm.mapfails = n;
		status = rehearsecommand(&o);
		if (status == SHELLOK)
			break;
		assert_int_equal(count(LOADER), 0);
		assert_int_equal(fakefw.pool, 0);
		assert_null(bootinfo);
		ran = ran || seen.ran;
		if (seen.ran)
			assert_int_equal(status, SHELLDEVICEERROR);
	}
	assert_int_equal(status, SHELLOK);
	assert_true(ran);
	assert_true(n > 5);
}

/* As little is kept if any one block of pool memory is refused. */
static void
whichever_block_fails_nothing_is_kept(void **state)
{
	size_t n = 1;
	int status = SHELLOK;

	for (; n < 20; n++) {
		setup(state);
		firm.poolfails = n;
		status = rehearsecommand(&o);
		if (status == SHELLOK)
			break;
		assert_int_equal(count(LOADER), 0);
		assert_int_equal(fakefw.pool, 0);
		assert_null(bootinfo);
	}
	assert_int_equal(status, SHELLOK);
	assert_int_equal(n, 8); /* seven blocks are taken */
}

static void
without_a_map_it_is_not_tried(void **state)
{
	(void)state;
	fakefw.status = EFI_DEVICE_ERROR;
	assert_int_equal(rehearsecommand(&o), SHELLDEVICEERROR);
	assert_int_equal(firm.asked, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(firmware_keeps_its_share_and_gets_the_rest_back),
	    TEST(where_firmware_refuses_pieces_are_smaller),
	    TEST(not_all_that_is_free_is_taken),
	    TEST(what_does_not_come_back_is_told),
	    TEST(of_many_that_do_not_come_back_a_few_are_told),
	    TEST(more_is_where_it_can_be_had),
	    TEST(failed_checks_are_an_error),
	    TEST(without_memory_nothing_is_kept),
	    TEST(whichever_map_fails_nothing_is_kept),
	    TEST(whichever_block_fails_nothing_is_kept),
	    TEST(without_a_map_it_is_not_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
