/*
 * report.c - a fault in words: which, where, of what, and every register as it
 * was.
 *
 * report.c is compiled here, with control registers that the test has.
 *
 * covers: arch/amd64/report.c
 */
#include "unit.h"
#include "backtrace.h"
#include "mem.h"
#include "stack.h"
#include "trap.h"

#define X86_H

enum { GUARD = 0x9000, STACK = 0xa000 };

static uint64_t
getcr0(void)
{
	return 0xc0;
}

static uint64_t
getcr3(void)
{
	return 0xc3;
}

static uint64_t
getcr4(void)
{
	return 0xc4;
}

const char *
placename(uintptr_t va)
{
	return va == GUARD ? "guard" : va == 0x1234 ? "text" : "place";
}

enum stack
stackof(uintptr_t va, bool *guard)
{
	*guard = va == GUARD;
	return va == GUARD || va == STACK ? STACKMAIN : NSTACK;
}

void
pcprint(uintptr_t pc)
{
	print(" function+%#jx", (uintmax_t)pc);
}

void
walkprint(uintptr_t va)
{
	print("<walk %#jx>\n", (uintmax_t)va);
}

void
mcheckreport(void)
{
	print("<banks>\n");
}

void
backtrace(Context c)
{
	print("<trace %#jx %#jx %#jx %d>\n", (uintmax_t)c.pc, (uintmax_t)c.fp,
	    (uintmax_t)c.sp, c.calls);
}

#include "../../arch/amd64/report.c"

/* Each register has a value of its own. */
static Ureg
fault(uint64_t vector, uint64_t error)
{
	return (Ureg){.rax = 0xa,
	    .rbx = 0xb,
	    .rcx = 0xc,
	    .rdx = 0xd,
	    .rsi = 0x51,
	    .rdi = 0xd1,
	    .rbp = 0xb9,
	    .sp = 0x59,
	    .r8 = 8,
	    .r9 = 9,
	    .r10 = 0x10,
	    .r11 = 0x11,
	    .r12 = 0x12,
	    .r13 = 0x13,
	    .r14 = 0x14,
	    .r15 = 0x15,
	    .pc = 0x1234,
	    .flags = 0x246,
	    .cs = 0x8,
	    .ss = 0x10,
	    .vector = vector,
	    .error = error};
}

#define REGISTERS                                                              \
	"rax 000000000000000a rbx 000000000000000b rcx 000000000000000c\n"     \
	"rdx 000000000000000d rsi 0000000000000051 rdi 00000000000000d1\n"     \
	"rbp 00000000000000b9 rsp 0000000000000059 r8  0000000000000008\n"     \
	"r9  0000000000000009 r10 0000000000000010 r11 0000000000000011\n"     \
	"r12 0000000000000012 r13 0000000000000013 r14 0000000000000014\n"     \
	"r15 0000000000000015 rip 0000000000001234 flags 246\n"
#define TRACE "<trace 0x1234 0xb9 0x59 0>\n"

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	return 0;
}

static void
reports(uint64_t vector, uint64_t error, uintptr_t cr2)
{
	Ureg ur = fault(vector, error);

	hostquiet();
	faultreport(&ur, cr2);
}

static void
a_fault_its_registers_and_the_way_there(void **state)
{
	(void)state;
	reports(TRAPGP, 0x18, 0x77);
	assert_said("\nfault: general protection (vector 13), error code 0x18\n"
		    "at 0x1234 (text) function+0x1234\n" REGISTERS
		    "cr0 c0 cr2 77 cr3 c3 cr4 c4\n" TRACE);
}

static void
each_vector_has_its_name(void **state)
{
	static const struct {
		uint64_t vector;
		const char *said;
	} kinds[] = {{0, "fault: divide error (vector 0)"},
	    {2, "fault: NMI (vector 2)"},
	    {6, "fault: invalid opcode (vector 6)"},
	    {15, "fault: vector 15 (vector 15)"},
	    {19, "fault: SIMD error (vector 19)"},
	    {21, "fault: control protection (vector 21)"},
	    {22, "fault: interrupt (vector 22)"},
	    {255, "fault: interrupt (vector 255)"}};

	(void)state;
	for (size_t i = 0; i < nelem(kinds); i++) {
		reports(kinds[i].vector, 0, 0);
		assert_mentioned(kinds[i].said);
		assert_int_equal(hosttimes("<walk"), 0);
		assert_int_equal(hosttimes("<banks>"), 0);
	}
}

/* By the error code's bits; the walk is of the address, not of rip. */
static void
a_page_fault_says_which_access(void **state)
{
	static const struct {
		uint64_t error;
		const char *said;
	} kinds[] = {{0, "\nread of 0x5678 (place): nothing mapped\n"},
	    {PFWRITE, "\nwrite of 0x5678 (place): nothing mapped\n"},
	    {PFPRESENT | PFWRITE, "\nwrite of 0x5678 (place): not allowed\n"},
	    {PFFETCH, "\nexecution of 0x5678 (place): nothing mapped\n"},
	    {PFPRESENT | PFFETCH | PFWRITE,
		"\nexecution of 0x5678 (place): not allowed\n"},
	    {PFPRESENT | PFRESERVED,
		"\nread of 0x5678 (place): not allowed, reserved bit set\n"},
	    {PFPRESENT | PFUSER, "\nread of 0x5678 (place): not allowed\n"}};

	(void)state;
	for (size_t i = 0; i < nelem(kinds); i++) {
		reports(TRAPPF, kinds[i].error, 0x5678);
		assert_mentioned(kinds[i].said);
		assert_mentioned("\n<walk 0x5678>\nrax ");
	}
}

/* A double fault has one reason that can be told. */
static void
a_stack_overflow_is_named(void **state)
{
	const char *said =
	    "\nstack overflow: 0x9000 is in the guard below a stack\n";

	(void)state;
	reports(TRAPDF, 0, GUARD);
	assert_mentioned(said);
	assert_int_equal(hosttimes("<walk"), 0);
	reports(TRAPDF, 0, STACK);
	assert_int_equal(hosttimes("overflow: "), 0);
	reports(TRAPDF, 0, 0x5678);
	assert_int_equal(hosttimes("overflow: "), 0);
	reports(TRAPPF, 0, GUARD);
	assert_int_equal(hosttimes("overflow: "), 0);
}

static void
a_machine_check_shows_its_banks(void **state)
{
	(void)state;
	reports(TRAPMC, 0, 0);
	assert_mentioned("fault: machine check (vector 18)");
	assert_mentioned("\n<banks>\nrax ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_fault_its_registers_and_the_way_there),
	    TEST(each_vector_has_its_name),
	    TEST(a_page_fault_says_which_access),
	    TEST(a_stack_overflow_is_named),
	    TEST(a_machine_check_shows_its_banks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
