/*
 * mcwords.c - machine check banks in words, by the manual's examples and by
 * every error code there is.
 *
 * needs: arch/amd64/mcwords.c
 */
#include "unit.h"
#include "../../arch/amd64/mcheck.h"

/* Bits of a status by their number in the manual. */
#define BIT(n) (1ull << (n))

enum {
	VAL = 63,
	OVER = 62,
	UC = 61,
	EN = 60,
	MISCV = 59,
	ADDRV = 58,
	PCC = 57
};
enum { S = 56, AR = 55 };
#define CMCI BIT(10)
#define SER BIT(24)

static const char *
said(uint64_t status, uint64_t cap)
{
	Mcbank b = {status, 0x1234, 0x86};

	hostquiet();
	mcbankprint(2, &b, cap);
	return hostsaid();
}

static void
a_bank_is_two_or_three_lines(void **state)
{
	uint64_t v = BIT(VAL) | BIT(UC) | BIT(EN) | BIT(PCC);

	(void)state;
	assert_string_equal(said(v | 0x405, 0),
	    "bank 2: status 0xb200000000000405: uncorrected, processor context "
	    "corrupt\n  error code 0x405: internal\n");
	assert_string_equal(said(v | BIT(ADDRV) | BIT(MISCV) | 5, SER),
	    "bank 2: status 0xbe00000000000005: uncorrected, processor context "
	    "corrupt\n  error code 0x5: internal parity\n"
	    "  address 0x1234 (physical, in units of 2^6 bytes)  misc 0x86\n");
}

static void
address_and_misc_are_shown_where_they_are_valid(void **state)
{
	(void)state;
	assert_null(strstr(said(BIT(VAL), SER), "address"));
	assert_null(strstr(said(BIT(VAL), SER), "misc"));
	for (uint64_t mode = 0; mode < 8; mode++) {
		Mcbank b = {BIT(ADDRV) | BIT(MISCV), 0, mode << 6};
		bool known = mode < 4 || mode == 7;

		hostquiet();
		mcbankprint(0, &b, SER);
		assert_int_equal(
		    strstr(hostsaid(), "(of an unknown kind,") == NULL, known);
	}
	assert_non_null(strstr(said(BIT(ADDRV), SER), "\n  address 0x1234\n"));
	assert_non_null(strstr(said(BIT(MISCV), SER), "\n  misc 0x86\n"));
	assert_non_null(strstr(
	    said(BIT(ADDRV) | BIT(MISCV), 0), "\n  address 0x1234  misc 0x86"));
}

/* What each bit says, and in which CPU: every bit of the upper half alone. */
static void
each_bit_says_its_own(void **state)
{
	static const struct {
		int bit;
		uint64_t cap;
		const char *on;
		const char *off;
	} words[] = {
	    {OVER, 0, "another error", NULL},
	    {UC, 0, ": uncorrected", ": corrected"},
	    {EN, 0, NULL, "not enabled"},
	    {PCC, 0, "context corrupt", NULL},
	    {S, SER, "signaled", NULL},
	    {AR, SER, "action required", NULL},
	};

	(void)state;
	for (size_t i = 0; i < nelem(words); i++)
		for (int b = 32; b < 64; b++)
			for (int c = 0; c < 4; c++) {
				uint64_t cap =
				    (c & 1 ? SER : 0) | (c & 2 ? CMCI : 0);
				const char *s = said(BIT(b), cap);
				bool on = b == words[i].bit &&
					  (cap & words[i].cap) == words[i].cap;

				if (words[i].on != NULL)
					assert_int_equal(
					    strstr(s, words[i].on) != NULL, on);
				if (words[i].off != NULL)
					assert_int_equal(
					    strstr(s, words[i].off) != NULL,
					    b != words[i].bit);
			}
}

static void
corrected_errors_are_counted_where_the_cpu_counts(void **state)
{
	(void)state;
	assert_non_null(strstr(said(5ull << 38, CMCI), ", 5 corrected\n"));
	assert_non_null(
	    strstr(said(0x7fffull << 38, CMCI), ", 32767 corrected\n"));
	assert_null(strstr(said(5ull << 38, 0), ", 5 corrected"));
}

/* The manual's own examples, and one of each kind. */
static void
error_codes_have_their_names(void **state)
{
	static const struct {
		uint16_t code;
		const char *words;
	} codes[] = {
	    {0x0000, "no error"},
	    {0x0001, "unclassified"},
	    {0x0002, "microcode ROM parity"},
	    {0x0003, "signal from outside"},
	    {0x0004, "functional redundancy check"},
	    {0x0005, "internal parity"},
	    {0x0006, "SMM ran code outside its range"},
	    {0x0400, "internal timer"},
	    {0x0401, "internal"},
	    {0x07ff, "internal"},
	    {0x0e0b, "I/O"},
	    {0x000c, "cache, level 0"},
	    {0x100f, "cache, any level"},
	    {0x0010, "TLB, instruction, level 0"},
	    {0x1016, "TLB, data, level 2"},
	    {0x0090, "memory controller, read, channel 0"},
	    {0x10cf, "memory controller, scrub, some channel"},
	    {0x0134, "cache, data read, data, level 0"},
	    {0x0150, "cache, instruction fetch, instruction, level 0"},
	    {0x117a, "cache, eviction, generic, level 2"},
	    {0x0285, "memory used as a cache, generic, channel 5"},
	    {0x0800, "bus, by this CPU, error, memory, level 0"},
	    {0x0b4b, "bus, to this CPU, timed out, data write, I/O, any level"},
	    {0x0d34, "bus, seen by this CPU, timed out, data read, level 0"},
	    {0x0007, "of this CPU model"},
	    {0x0200, "of this CPU model"},
	    {0x2000, "of this CPU model"},
	    {0xffff, "of this CPU model"},
	};
	char want[128];

	(void)state;
	for (size_t i = 0; i < nelem(codes); i++) {
		snprintf(want, sizeof want, "\n  error code %#x: %s\n",
		    codes[i].code, codes[i].words);
		if (strstr(said(BIT(VAL) | codes[i].code, 0), want) == NULL)
			fail_msg("%s is not %s", hostsaid(), want);
	}
}

/* Every code says something, and one line of it. */
static void
every_code_is_a_line(void **state)
{
	(void)state;
	for (unsigned code = 0; code <= 0xffff; code++) {
		const char *s = said(BIT(VAL) | code, SER);
		const char *second = strchr(s, '\n') + 1;

		assert_null(strstr(s, "(null)"));
		assert_ptr_equal(strchr(second, '\n')[1], '\0');
		assert_true(strlen(second) > 20);
	}
}

static void
the_cpus_own_status_is_a_line(void **state)
{
	(void)state;
	hostquiet();
	mcstatusprint(5);
	assert_string_equal(hostsaid(),
	    "machine check status 0x5: can go on where it was, in progress\n");
	hostquiet();
	mcstatusprint(0xe);
	assert_string_equal(hostsaid(),
	    "machine check status 0xe: cannot go on where it was, caused by "
	    "the instruction there, in progress, sent to one CPU only\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_bank_is_two_or_three_lines),
	    cmocka_unit_test(address_and_misc_are_shown_where_they_are_valid),
	    cmocka_unit_test(each_bit_says_its_own),
	    cmocka_unit_test(corrected_errors_are_counted_where_the_cpu_counts),
	    cmocka_unit_test(error_codes_have_their_names),
	    cmocka_unit_test(every_code_is_a_line),
	    cmocka_unit_test(the_cpus_own_status_is_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
