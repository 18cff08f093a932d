/*
 * machs.c - what a trap means to a CPU that is not the first: who it is by its
 * stack, what it leaves to CPU 0, and what is its end.
 *
 * needs: arch/amd64/machs.c
 */
#include "unit.h"
#include "apic.h"
#include "halt.h"
#include "mcheck.h"
#include "stack.h"
#include "../../arch/amd64/mach.h"

static size_t oncpu; /* that the stack is of */
static size_t dones, mchecksdone;
static jmp_buf halted;
static Mach m;

size_t
cpuofsp(uintptr_t sp)
{
	uintptr_t below = (uintptr_t)__builtin_frame_address(0);

	assert_in_range(sp - below, 0, 64 * KiB);
	return oncpu;
}

void
apicdone(void)
{
	dones++;
}

void
mcheckdone(void)
{
	mchecksdone++;
}

void
haltforever(void)
{
	longjmp(halted, 1);
}

static int
setup(void **state)
{
	(void)state;
	oncpu = dones = mchecksdone = 0;
	m = (Mach){.n = 1};
	return 0;
}

/* Does it go on? */
static bool
goeson(unsigned vector)
{
	Ureg ur = {.vector = vector, .error = 7, .pc = 0x1234};

	if (setjmp(halted) != 0)
		return false;
	machtrap(&m, &ur, 0x5678);
	return true;
}

static void
its_stack_says_which_cpu_it_is(void **state)
{
	(void)state;
	assert_non_null(mach());
	assert_ptr_equal(mach(), machs[0]);
	machs[MOSTCPUS - 1] = &m;
	oncpu = MOSTCPUS - 1;
	assert_ptr_equal(mach(), &m);
	machs[MOSTCPUS - 1] = NULL;
}

/* The APIC is told of the first only: SDM volume 3A, 10.9. */
static void
what_wakes_it_and_what_is_spurious_is_no_more(void **state)
{
	(void)state;
	assert_true(goeson(WAKEVECTOR));
	assert_int_equal(dones, 1);
	assert_true(goeson(SPURIOUSVECTOR));
	assert_int_equal(dones, 1);
	assert_false(m.dead);
}

static void
events_for_all_are_counted_and_left_to_cpu_0(void **state)
{
	(void)state;
	for (size_t i = 1; i < 4; i++) {
		assert_true(goeson(TRAPNMI));
		assert_int_equal(m.nmis, i);
		assert_int_equal(mchecksdone, i - 1);
		assert_true(goeson(TRAPMC));
		assert_int_equal(m.mchecks, i);
		assert_int_equal(mchecksdone, i); /* or the next is a reset */
	}
	assert_false(m.dead);
}

static void
any_other_is_its_end_and_what_it_was_is_kept(void **state)
{
	(void)state;
	for (unsigned v = 0; v < 256; v++) {
		if (v == TRAPNMI || v == TRAPMC || v == WAKEVECTOR ||
		    v == SPURIOUSVECTOR)
			continue;
		setup(state);
		assert_false(goeson(v));
		assert_true(m.dead);
		assert_int_equal(m.died.vector, v);
		assert_int_equal(m.died.error, 7);
		assert_int_equal(m.died.pc, 0x1234);
		assert_int_equal(m.died.addr, 0x5678);
		assert_int_equal(m.nmis + m.mchecks + mchecksdone + dones, 0);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(its_stack_says_which_cpu_it_is),
	    TEST(what_wakes_it_and_what_is_spurious_is_no_more),
	    TEST(events_for_all_are_counted_and_left_to_cpu_0),
	    TEST(any_other_is_its_end_and_what_it_was_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
