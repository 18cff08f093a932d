/*
 * backtrace: names by address, and the way back from any place in a function.
 *
 * needs: arch/amd64/backtrace.c arch/symbol.c
 */
#include "unit.h"
#include "backtrace.h"
#include "../../arch/mates.h"
#include "symbol.h"
#include "stack.h"
#include "pe.h"

/*
 * An image of three functions. outer and middle begin as C does, leaf has no
 * frame; the last byte of middle is of a call that does not return.
 *
 *	0x10 outer   0x20 middle   0x30 leaf   0x40 end
 */
enum { OUTER = 0x10, MIDDLE = 0x20, LEAF = 0x30, CODEEND = 0x40 };

const uint8_t imagebase[CODEEND + 16] = {
    [OUTER] = 0x55,
    0x48,
    0x89,
    0xe5,
    [OUTER + 0xe] = 0x5d,
    0xc3,
    [MIDDLE] = 0x55,
    0x48,
    0x89,
    0xe5,
    [LEAF] = 0x31,
    0xc0,
    0xc3,
};

const char symbolnames[] = "outer\0middle\0leaf";
const Symbol symbols[] = {
    {OUTER, 0},
    {MIDDLE, 6},
    {LEAF, 13},
    {CODEEND - 1, 13},
    {CODEEND, 0},
};
const uint32_t nsymbols = nelem(symbols);

/* One stack; the lower half is its guard, which must not be read. */
enum { BOTTOM = 32, TOP = 256 };
static _Alignas(16) uintptr_t stack[TOP];

/* Whose it is, and which. */
static size_t cpu;
static enum stack kind;

size_t
cpuofsp(uintptr_t sp)
{
	(void)sp;
	return cpu;
}

size_t
nmates(void)
{
	return 2;
}

enum stack
stackof(uintptr_t va, bool *guard)
{
	uintptr_t start = (uintptr_t)stack;

	if (va < start || va >= start + sizeof stack)
		return NSTACK;
	*guard = va < (uintptr_t)&stack[BOTTOM];
	return kind;
}

static uintptr_t
in(size_t rva)
{
	return (uintptr_t)imagebase + rva;
}

static uintptr_t
at(size_t i)
{
	return (uintptr_t)&stack[i];
}

/*
 * outer, whose frame is at 60, has called middle, whose frame is at 40 and
 * 160 bytes large.
 */
static int
twoframes(void **state)
{
	(void)state;
	cpu = 0;
	kind = STACKMAIN;
	memset(stack, 0xee, sizeof stack);
	stack[60] = 0;
	stack[61] = 0xbad;
	stack[40] = at(60);
	stack[41] = in(OUTER + 8);
	return 0;
}

static void
must_come_to(Context c, const uintptr_t *pcs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert_true(unwind(&c));
		assert_int_equal(c.pc, pcs[i]);
	}
	assert_false(unwind(&c));
}

static void
name_is_that_of_the_function_around(void **state)
{
	size_t offset = 0;

	(void)state;
	assert_string_equal(symbolname(in(OUTER), &offset), "outer");
	assert_int_equal(offset, 0);
	assert_string_equal(symbolname(in(MIDDLE - 1), &offset), "outer");
	assert_int_equal(offset, 0xf);
	assert_string_equal(symbolname(in(MIDDLE), &offset), "middle");
	assert_int_equal(offset, 0);
	assert_string_equal(symbolname(in(CODEEND - 2), &offset), "leaf");
	assert_int_equal(offset, 0xe);
}

static void
no_name_outside_the_code(void **state)
{
	size_t offset = 0;

	(void)state;
	assert_null(symbolname(in(OUTER - 1), &offset));
	assert_null(symbolname(in(CODEEND), &offset));
	assert_null(symbolname(0, &offset));
	assert_null(symbolname(UINTPTR_MAX, &offset));
	assert_null(symbolname(in(OUTER) + (1ull << 32), &offset));
}

static void
body_is_found_by_its_frame(void **state)
{
	uintptr_t want[] = {in(OUTER + 8)};

	(void)state;
	must_come_to((Context){in(MIDDLE + 4), at(40), at(33), false}, want, 1);
	must_come_to((Context){0, at(40), 0, false}, want, 1);
}

/* sp is where each instruction finds it; fp is still the caller's. */
static void
prologue_and_epilogue_have_no_frame(void **state)
{
	uintptr_t want[] = {in(MIDDLE + 9), in(OUTER + 8)};

	(void)state;
	stack[35] = in(MIDDLE + 9);
	stack[34] = at(40);
	must_come_to((Context){in(OUTER), at(40), at(35), false}, want, 2);
	must_come_to((Context){in(OUTER + 1), at(40), at(34), false}, want, 2);
	must_come_to(
	    (Context){in(OUTER + 0xf), at(40), at(35), false}, want, 2);
}

static void
assembly_leaf_has_no_frame(void **state)
{
	uintptr_t want[] = {in(MIDDLE + 9), in(OUTER + 8)};

	(void)state;
	stack[35] = in(MIDDLE + 9);
	must_come_to((Context){in(LEAF + 1), at(40), at(35), false}, want, 2);
}

static void
call_into_nowhere_names_its_caller(void **state)
{
	uintptr_t want[] = {in(MIDDLE + 9), in(OUTER + 8)};

	(void)state;
	stack[35] = in(MIDDLE + 9);
	must_come_to((Context){0x1234, at(40), at(35), false}, want, 2);
	/* A jump there instead: what sp points to is no return address. */
	stack[35] = 0x5678;
	must_come_to((Context){0x1234, at(40), at(35), false}, want + 1, 1);
}

/* After it comes leaf's first byte, but it is middle that made the call. */
static void
last_call_of_a_function_is_its_own(void **state)
{
	(void)state;
	stack[35] = in(LEAF);
	hostquiet();
	backtrace((Context){in(OUTER), at(40), at(35), false});
	const char *said = hostsaid();
	assert_non_null(strstr(said, "outer+0\n"));
	assert_non_null(strstr(said, "middle+0x10\n"));
	assert_null(strstr(said, "leaf"));
	hostloud();
}

/* Nor is what sp then points to where leaf returns to. */
static void
what_a_call_returns_to_has_its_frame(void **state)
{
	uintptr_t want[] = {in(LEAF), in(OUTER + 8)};

	(void)state;
	stack[35] = in(LEAF);
	stack[36] = in(MIDDLE + 9);
	must_come_to((Context){in(OUTER), at(40), at(35), false}, want, 2);
}

static void
garbage_ends_the_trace(void **state)
{
	uintptr_t wild[] = {0, 8, 0xdeadbeef, UINTPTR_MAX, at(40) + 1,
	    at(BOTTOM - 1), at(TOP - 1), at(TOP)};

	(void)state;
	for (size_t i = 0; i < nelem(wild); i++)
		for (size_t j = 0; j < nelem(wild); j++)
			must_come_to(
			    (Context){in(OUTER), wild[i], wild[j], false}, NULL,
			    0);
}

/* A program may have any number where the kernel has its frame. */
static void
only_stacks_that_are_there_are_read(void **state)
{
	static const struct {
		size_t cpu;
		enum stack kind;
		bool there;
	} is[] = {
	    {0, STACKMAIN, true},
	    {0, STACKRT, true},
	    {1, STACKMAIN, true},
	    {1, STACKMC, true},
	    {1, STACKRT, false},
	    {2, STACKMAIN, false},
	};

	(void)state;
	for (size_t i = 0; i < nelem(is); i++) {
		Context c = {0x1234, at(40), at(33), false};

		cpu = is[i].cpu;
		kind = is[i].kind;
		assert_int_equal(unwind(&c), is[i].there);
	}
}

/* As in a panic while firmware lives: its stack is none of ours. */
static void
no_trace_has_no_heading(void **state)
{
	(void)state;
	hostquiet();
	backtrace((Context){.fp = 0x1000});
	assert_string_equal(hostsaid(), "");
	hostloud();
}

/* Frames that lead in a circle, or down. */
static void
frames_only_lead_outwards(void **state)
{
	uintptr_t want[] = {in(OUTER + 8)};

	(void)state;
	stack[40] = at(40);
	must_come_to((Context){in(MIDDLE + 4), at(40), at(33), false}, want, 1);
	stack[40] = at(36);
	must_come_to((Context){in(MIDDLE + 4), at(40), at(33), false}, want, 1);
}

/*
 *	34 -> 36 -> 38 -> 40 -> 60	middle, thrice from the same place
 */
static void
recursion_takes_one_line(void **state)
{
	(void)state;
	for (size_t i = 34; i < 40; i += 2) {
		stack[i] = at(i + 2);
		stack[i + 1] = in(MIDDLE + 9);
	}
	hostquiet();
	backtrace((Context){in(MIDDLE + 6), at(34), at(33), false});
	const char *said = hostsaid();
	assert_non_null(strstr(said, "middle+0x6\n"));
	assert_non_null(strstr(said, "middle+0x9 (3 times)\n"));
	assert_non_null(strstr(said, "outer+0x8\n"));
	hostloud();
}

/* The fault is where the call before it has returned to: not the same line. */
static void
a_place_and_a_return_to_it_are_two(void **state)
{
	(void)state;
	stack[34] = at(36);
	stack[35] = in(MIDDLE + 9);
	stack[36] = at(60);
	stack[37] = in(MIDDLE + 9);
	hostquiet();
	backtrace((Context){in(MIDDLE + 9), at(34), at(33), false});
	const char *said = hostsaid();
	const char *first = strstr(said, "middle+0x9\n");
	assert_non_null(first);
	assert_non_null(strstr(first, "middle+0x9 (2 times)\n"));
	hostloud();
}

/* A panic knows its own frame, not its pc. */
static void
a_trace_may_start_at_a_frame(void **state)
{
	(void)state;
	hostquiet();
	backtrace((Context){.fp = at(40)});
	assert_non_null(strstr(hostsaid(), "back trace:\n  0x"));
	assert_non_null(strstr(hostsaid(), "outer+0x8\n"));
	hostloud();
}

/* Frame on frame, each called from elsewhere. */
static void
an_endless_trace_ends(void **state)
{
	size_t lines = 0;

	(void)state;
	for (size_t i = 34; i < TOP - 4; i += 2) {
		stack[i] = at(i + 2);
		stack[i + 1] = in(MIDDLE + 4 + i / 2 % 2);
	}
	hostquiet();
	backtrace((Context){in(MIDDLE + 6), at(34), at(33), false});
	for (const char *s = hostsaid(); *s != '\0'; s++)
		lines += *s == '\n';
	assert_int_equal(lines, 1 + 24 + 1);
	assert_non_null(strstr(hostsaid(), "  and more\n"));
	hostloud();
}

static void
only_code_has_a_name(void **state)
{
	(void)state;
	hostquiet();
	pcprint(in(CODEEND));
	assert_string_equal(hostsaid(), "");
	pcprint(in(MIDDLE + 4));
	assert_string_equal(hostsaid(), " middle+0x4");
	backtrace((Context){0x1234, 0, 0, false});
	assert_non_null(strstr(hostsaid(), "back trace:\n  0x1234\n"));
	hostloud();
}

static uintptr_t
rvaof(const char *name, size_t n)
{
	uintptr_t va = 0;

	if (symboladdr(name, n, &va) == 0)
		return 0;
	return va - (uintptr_t)imagebase;
}

/* Of as many characters as are given; leaf is one of two files'. */
static void
functions_are_found_by_name(void **state)
{
	uintptr_t va = 0;

	(void)state;
	assert_int_equal(rvaof("outer", 5), OUTER);
	assert_int_equal(rvaof("middle+1", 6), MIDDLE);
	assert_int_equal(rvaof("middl", 5), 0);
	assert_int_equal(rvaof("middlex", 7), 0);
	assert_int_equal(rvaof("", 0), 0);
	assert_int_equal(symboladdr("outer", 5, &va), 1);
	assert_int_equal(symboladdr("leaf", 4, &va), 2);
	assert_int_equal(va - (uintptr_t)imagebase, LEAF);
	assert_string_equal(symbolword(0), "outer");
	assert_string_equal(symbolword(nsymbols - 2), "leaf");
	assert_null(symbolword(nsymbols - 1));
	assert_null(symbolword(nsymbols));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(functions_are_found_by_name),
	    cmocka_unit_test(name_is_that_of_the_function_around),
	    cmocka_unit_test(no_name_outside_the_code),
	    cmocka_unit_test_setup(body_is_found_by_its_frame, twoframes),
	    cmocka_unit_test_setup(
		prologue_and_epilogue_have_no_frame, twoframes),
	    cmocka_unit_test_setup(assembly_leaf_has_no_frame, twoframes),
	    cmocka_unit_test_setup(
		call_into_nowhere_names_its_caller, twoframes),
	    cmocka_unit_test_setup(
		last_call_of_a_function_is_its_own, twoframes),
	    cmocka_unit_test_setup(
		what_a_call_returns_to_has_its_frame, twoframes),
	    cmocka_unit_test_setup(garbage_ends_the_trace, twoframes),
	    cmocka_unit_test_setup(
		only_stacks_that_are_there_are_read, twoframes),
	    cmocka_unit_test(no_trace_has_no_heading),
	    cmocka_unit_test_setup(frames_only_lead_outwards, twoframes),
	    cmocka_unit_test_setup(recursion_takes_one_line, twoframes),
	    cmocka_unit_test_setup(
		a_place_and_a_return_to_it_are_two, twoframes),
	    cmocka_unit_test_setup(a_trace_may_start_at_a_frame, twoframes),
	    cmocka_unit_test_setup(an_endless_trace_ends, twoframes),
	    cmocka_unit_test(only_code_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
