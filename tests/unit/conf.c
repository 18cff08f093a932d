/*
 * conf.c - banks, and their split between the kernel and pages.
 */
#include "maptable.h"
#include "badram.h"
#include "conf.h"

static int
setup(void **state)
{
	(void)state;
	hostmachine(0, 16 * GiB, 16 * GiB, 1);
	mapbegin(SMMU);
	return 0;
}

static void
boot(unsigned kernelpercent, size_t nswap)
{
	stage = SMMU;
	meminit();
	stagedone(SMEM);
	confinit(kernelpercent, nswap);
}

/* The sums every machine must fulfil. */
static void
addsup(void)
{
	size_t npage = 0;
	size_t kpages = 0;

	for (size_t i = 0; i < conf.nmem; i++) {
		const Confmem *cm = &conf.mem[i];
		size_t k = (cm->klimit - cm->kbase) / BY2PG;

		npage += cm->npage;
		kpages += k;
		assert_true(k <= cm->npage);
		if (k > 0)
			assert_ptr_equal((void *)cm->kbase, kaddr(cm->base));
		else
			assert_int_equal(cm->kbase, 0);
		if (i > 0)
			assert_true(
			    cm[-1].base + cm[-1].npage * BY2PG <= cm->base);
	}
	assert_int_equal(npage, conf.npage);
	assert_int_equal(kpages + conf.upages, conf.npage);
}

static void
a_gigabyte_is_split_as_9front_does(void **state)
{
	(void)state;
	memmapadd(MiB, GiB, MemRAM);
	boot(0, 0);
	addsup();
	hostquiet();
	confprint();
	confreport();
	assert_said("mem9: conf npage=262144 upages=157286 kernel=429498368 "
		    "user=644243456 swap=0\n"
		    "1024M memory: 410M kernel data, 614M user, 0M swap\n");
}

static void
a_small_machine_gives_half(void **state)
{
	(void)state;
	memmapadd(MiB, 16 * MiB - BY2PG, MemRAM);
	boot(0, 256);
	addsup();
	hostquiet();
	confprint();
	confreport();
	assert_said("mem9: conf npage=4095 upages=2047 kernel=8388608 "
		    "user=8384512 swap=1048576\n"
		    "16M memory: 8M kernel data, 8M user, 1M swap\n");
}

static void
sixteen_megabytes_are_not_small(void **state)
{
	(void)state;
	memmapadd(MiB, 16 * MiB, MemRAM);
	boot(0, 0);
	addsup();
	assert_int_equal(conf.upages, 4096 * 60 / 100);
}

static void
the_kernel_gets_at_most_2g_unless_asked(void **state)
{
	(void)state;
	memmapadd(4 * GiB, 8 * GiB, MemRAM);
	boot(0, 0);
	addsup();
	assert_int_equal((conf.npage - conf.upages) * BY2PG, 2 * GiB);
	boot(91, 0);
	assert_int_equal(conf.nmem, 0);
	setup(NULL);
	memmapadd(4 * GiB, 8 * GiB, MemRAM);
	boot(50, 0);
	addsup();
	assert_int_equal((conf.npage - conf.upages) * BY2PG, 4 * GiB);
	stage = SMEM;
	confinit(90, 0);
	addsup();
	assert_int_equal(conf.upages, conf.npage * 10 / 100);
	confinit(91, 0);
	addsup();
	assert_int_equal((conf.npage - conf.upages) * BY2PG, 2 * GiB);
	confinit(1, 0);
	addsup();
	assert_int_equal(
	    conf.npage - conf.upages, conf.npage - conf.npage * 99 / 100);
}

/*
 *	1M    2M        64M    cap          1G
 *	[ k   )  [ k    |...   |  u         )
 */
static void
bad_memory_is_said(void **state)
{
	(void)state;
	memmapadd(MiB, GiB, MemRAM);
	boot(0, 0);
	badraminit();
	badram(64 * MiB, 3, BADINMAP);
	hostquiet();
	confreport();
	assert_said("1024M memory: 410M kernel data, 614M user, 0M swap, "
		    "12K bad\n");
	badram(64 * MiB, 512, BADINMAP);
	hostquiet();
	confreport();
	assert_said("1024M memory: 410M kernel data, 614M user, 0M swap, "
		    "2M bad\n");
	badraminit();
}

static void
the_kernels_share_is_under_the_cap(void **state)
{
	(void)state;
	hostmachine(0, 16 * GiB, 100 * MiB, 1);
	memmapadd(MiB, MiB, MemRAM);
	memmapadd(64 * MiB, GiB, MemRAM);
	memmapadd(2 * GiB, GiB, MemRAM);
	boot(0, 0);
	addsup();
	assert_int_equal(conf.nmem, 3);
	assert_int_equal(conf.mem[0].klimit - conf.mem[0].kbase, MiB);
	assert_int_equal(conf.mem[1].klimit - conf.mem[1].kbase, 36 * MiB);
	assert_int_equal(conf.mem[2].kbase, 0);
	assert_int_equal(conf.mem[2].klimit, 0);
	hostquiet();
	confprintbanks();
	assert_mentioned("mem9: bank n=2 base=0x80000000 npage=262144 "
			 "kbase=0x0 klimit=0x0\n");
}

static void
only_free_whole_pages_of_ram_are_banks(void **state)
{
	(void)state;
	memmapadd(MiB + 1, 4 * BY2PG, MemRAM);
	memmapadd(2 * MiB + 1, BY2PG, MemRAM);
	memmapadd(3 * MiB, MiB, MemRAM);
	memmapadd(5 * MiB, MiB, MemACPI);
	memmapadd(6 * MiB, MiB, MemReserved);
	memmapalloc(3 * MiB, BY2PG, 0, MemRAM);
	boot(0, 0);
	addsup();
	assert_int_equal(conf.nmem, 2);
	assert_int_equal(conf.mem[0].base, MiB + BY2PG);
	assert_int_equal(conf.mem[0].npage, 3);
	assert_int_equal(conf.mem[1].base, 3 * MiB + BY2PG);
	assert_int_equal(conf.mem[1].npage, 255);
	assert_int_equal(memmapalloc(NOADDR, BY2PG, BY2PG, MemRAM), NOADDR);
}

static void
there_are_as_many_banks_as_there_are(void **state)
{
	enum { N = 5000 };
	size_t need = memmapneed(N);
	void *big = aligned_alloc(8, need);

	(void)state;
	memmapinit(big, need);
	for (size_t i = 0; i < N; i++)
		memmapadd(MiB + 2 * i * BY2PG, BY2PG, MemRAM);
	boot(0, 0);
	addsup();
	assert_int_equal(conf.nmem, N);
	assert_int_equal(conf.npage, N);
	assert_true((char *)conf.mem > (char *)big &&
		    (char *)(conf.mem + N) <= (char *)big + need);
	free(big);
}

/* A table that does not fit in the memmap's lies in RAM, which is not a bank.
 */
static void
the_table_of_banks_may_lie_in_ram(void **state)
{
	(void)state;
	memmapinit(maptable, 4000);
	for (size_t i = 0; i < 12; i++)
		memmapadd(MiB + 3 * i * BY2PG, 2 * BY2PG, MemRAM);
	stage = SMEMINIT0;
	assert_non_null(memmapstore(2400));
	assert_null(memmapstore(13 * sizeof(Confmem)));
	boot(0, 0);
	addsup();
	assert_int_equal(conf.nmem, 11);
	assert_int_equal(conf.mem[0].base, MiB + 3 * BY2PG);
	assert_int_equal(paddr(conf.mem), MiB + BY2PG);
	memmapcheck();
}

static void
without_a_table_there_are_no_banks(void **state)
{
	(void)state;
	hostmachine(0, GiB, 0, 1);
	memmapinit(maptable, 800);
	memmapadd(MiB, MiB, MemRAM);
	while (memmapstore(80) != NULL)
		;
	hostquiet();
	boot(0, 0);
	assert_mentioned("meminit: no memory for a table of 1 banks\n");
	assert_int_equal(conf.nmem, 0);
	assert_int_equal(conf.npage, 0);
}

/* Pages cannot be cut out of a run when the memmap is full. */
static void
a_bank_that_cannot_be_taken_is_said(void **state)
{
	(void)state;
	hostmachine(0, GiB, 0, 1);
	memmapinit(maptable, 800);
	memmapadd(MiB + 1, 2 * BY2PG, MemRAM);
	memmapadd(2 * MiB, BY2PG, MemRAM);
	memmapsettle();
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(memmapadd((5 + i) * MiB, 1, MemUPA), 0);
	hostquiet();
	boot(0, 0);
	assert_said("meminit: lost 4096 bytes at 0x101000\n");
	addsup();
	assert_int_equal(conf.nmem, 1);
}

static void
no_memory_at_all(void **state)
{
	(void)state;
	boot(0, 0);
	addsup();
	assert_int_equal(conf.nmem, 0);
	assert_int_equal(conf.npage, 0);
	hostquiet();
	confreport();
	assert_said("0M memory: 0M kernel data, 0M user, 0M swap\n");
}

static void
too_early_or_too_late_stops(void **state)
{
	(void)state;
	stage = SMEMINIT0;
	assert_panics(meminit(), "too early");
	stage = SMEM;
	assert_panics(meminit(), "too late");
	stage = SMMU;
	assert_panics(confinit(0, 0), "too early");
	stage = SCONF;
	assert_panics(confinit(0, 0), "too late");
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_gigabyte_is_split_as_9front_does),
	    TEST(a_small_machine_gives_half),
	    TEST(sixteen_megabytes_are_not_small),
	    TEST(the_kernel_gets_at_most_2g_unless_asked),
	    TEST(bad_memory_is_said),
	    TEST(the_kernels_share_is_under_the_cap),
	    TEST(only_free_whole_pages_of_ram_are_banks),
	    TEST(there_are_as_many_banks_as_there_are),
	    TEST(the_table_of_banks_may_lie_in_ram),
	    TEST(without_a_table_there_are_no_banks),
	    TEST(a_bank_that_cannot_be_taken_is_said),
	    TEST(no_memory_at_all),
	    TEST(too_early_or_too_late_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
