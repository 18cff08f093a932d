/*
 * segments.c - the judgement of segment registers and the table they lead to.
 *
 * needs: arch/amd64/segments.c
 */
#include "unit.h"
#include "mem.h"
#include "../../arch/amd64/desc.h"
#include "../../arch/amd64/segments.h"

static uint64_t gdt[NSELECTOR + 2]; /* the last two past the end */
static Segments regs;
static uint16_t selector;

static int
setup(void **state)
{
	(void)state;
	memset(gdt, 0, sizeof gdt);
	gdt[KCODE / 8] = 0x00af9b000000ffff;
	gdt[KDATA / 8] = 0x00cf93000000ffff;
	gdt[UDATA / 8] = 0x00cff3000000ffff;
	gdt[UCODE / 8] = 0x00affb000000ffff;
	gdt[TSSSEL / 8] = 0x12008b3456780067;
	gdt[TSSSEL / 8 + 1] = 0xffffffff;
	regs = (Segments){.base = KZERO,
	    .gdt = gdt,
	    .limit = NSELECTOR * 8 - 1,
	    .cs = KCODE,
	    .ss = KDATA,
	    .data = {KDATA, KDATA, 0, 0},
	    .tr = TSSSEL};
	return 0;
}

#define assert_wrong(words, which)                                             \
	do {                                                                   \
		const char *why = segmentsjudge(&regs, &selector);             \
		assert_non_null(why);                                          \
		assert_string_equal(why, words);                               \
		assert_int_equal(selector, which);                             \
	} while (0)

static void
a_flat_table_is_good(void **state)
{
	(void)state;
	assert_null(segmentsjudge(&regs, &selector));
	regs.ss = 0;
	regs.data[0] = regs.data[1] = 0;
	regs.limit += 16;
	assert_null(segmentsjudge(&regs, &selector));
}

static void
the_table_is_the_kernels(void **state)
{
	(void)state;
	regs.base = UTOP - BY2PG;
	assert_wrong("the table is not the kernel's", 0);
}

/* Each of these bits alone: base, limit, type S, present, L, D, G. */
static void
what_is_not_flat_is_named(void **state)
{
	static const int bits[] = {16, 39, 56, 63, 0, 51, 44, 47, 53, 54, 55};

	for (size_t i = 0; i < nelem(bits); i++) {
		setup(state);
		gdt[UDATA / 8] ^= 1ull << bits[i];
		assert_wrong("is not flat", UDATA);
		setup(state);
		gdt[KCODE / 8] ^= 1ull << bits[i];
		assert_wrong("is not flat", KCODE);
	}
	setup(state);
	gdt[3] = 1ull << 47;
	assert_wrong("is not flat", 0x18);
	/* The last one that the limit takes in. */
	setup(state);
	gdt[NSELECTOR] = 1ull << 47;
	assert_null(segmentsjudge(&regs, &selector));
	regs.limit += 8;
	assert_wrong("is not flat", NSELECTOR * 8);
}

/* Not there, in the LDT, past the end, not a TSS, not busy, short, low. */
static void
tr_has_a_tss_in_use(void **state)
{
	static const struct {
		uint16_t tr;
		uint64_t flip;
	} wrong[] = {{0, 0}, {3, 0}, {TSSSEL | 4, 0}, {TSSSEL + 8, 0},
	    {KDATA, 0}, {TSSSEL, 1ull << 44}, {TSSSEL, 1ull << 47},
	    {TSSSEL, 1ull << 41}, {TSSSEL, 1ull << 55}, {TSSSEL, 1}};

	for (size_t i = 0; i < nelem(wrong); i++) {
		setup(state);
		regs.tr = wrong[i].tr;
		gdt[TSSSEL / 8] ^= wrong[i].flip;
		assert_wrong("in TR is no TSS in use", wrong[i].tr);
	}
	setup(state);
	gdt[TSSSEL / 8 + 1] = 0;
	assert_wrong("in TR is no TSS in use", TSSSEL);
}

static void
cs_has_kernel_code(void **state)
{
	static const uint16_t wrong[] = {
	    0, KDATA, UCODE, KCODE | 3, KCODE | 4, 0x40, TSSSEL};

	(void)state;
	for (size_t i = 0; i < nelem(wrong); i++) {
		regs.cs = wrong[i];
		assert_wrong("in CS is no kernel code", wrong[i]);
	}
}

static void
data_registers_have_kernel_data_or_nothing(void **state)
{
	(void)state;
	regs.ss = KCODE;
	assert_wrong("in SS is no kernel data", KCODE);
	for (size_t i = 0; i < nelem(regs.data); i++) {
		setup(state);
		regs.data[i] = UDATA;
		assert_wrong("in DS to GS is no kernel data", UDATA);
	}
	setup(state);
	gdt[KDATA / 8] ^= 1ull << 41;
	assert_wrong("in SS is no kernel data", KDATA);
	setup(state);
	gdt[TSSSEL / 8 + 1] |= 2ull << 40; /* would be writable, were it one */
	regs.ss = TSSSEL + 8;
	assert_wrong("in SS is no kernel data", TSSSEL + 8);
	setup(state);
	regs.ldtr = KDATA;
	assert_wrong("in LDTR is a table", KDATA);
}

static void
user_mode_has_its_own(void **state)
{
	(void)state;
	gdt[UCODE / 8] = 0;
	assert_wrong("is no code for user mode", UCODE);
	setup(state);
	gdt[UDATA / 8] ^= 3ull << 45;
	assert_wrong("is no data for user mode", UDATA);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_flat_table_is_good),
	    TEST(the_table_is_the_kernels),
	    TEST(what_is_not_flat_is_named),
	    TEST(tr_has_a_tss_in_use),
	    TEST(cs_has_kernel_code),
	    TEST(data_registers_have_kernel_data_or_nothing),
	    TEST(user_mode_has_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
