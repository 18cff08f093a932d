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
#include "patience.h"
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

/* CPU 0 gets the same one after so many moments; 0: it does not. */
static uint64_t now, moments, cpu0at;

uint64_t
cycles(void)
{
	return now;
}

uint64_t
waited(Patience *p)
{
	now += 1000000;
	if (++moments == cpu0at)
		machs[0]->mcheck = now;
	return p->spent += 1000;
}

void
haltforever(void)
{
	longjmp(halted, 1);
}

static size_t answers;

enum fate
callfate(const Callee *c)
{
	return (enum fate)c->fate;
}

void
barrieranswer(void)
{
	answers++;
}

static int
setup(void **state)
{
	(void)state;
	oncpu = dones = mchecksdone = answers = moments = cpu0at = 0;
	now = 1; /* the clock has just begun */
	machs[0]->mcheck = 0;
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
	assert_int_equal(answers, 1);
	assert_true(goeson(SPURIOUSVECTOR));
	assert_int_equal(dones, 1);
	assert_int_equal(answers, 1);
	assert_false(m.dead);
}

static void
events_for_all_are_counted_and_left_to_cpu_0(void **state)
{
	(void)state;
	for (size_t i = 1; i < 4; i++) {
		cpu0at = i == 3 ? 0 : moments + 10 * i;
		assert_true(goeson(TRAPNMI));
		assert_int_equal(m.nmis, i);
		assert_int_equal(mchecksdone, i - 1);
		assert_true(goeson(TRAPMC));
		assert_int_equal(m.mchecks, i);
		assert_int_equal(mchecksdone, i); /* or the next is a reset */
	}
	assert_false(m.dead);
}

/* CPU 0 would say nothing of it; nor of what this CPU was at. */
static void
one_of_its_own_is_to_be_reported(void **state)
{
	(void)state;
	m.callee.fate = FHERE;
	assert_false(machtrap(&m, &(Ureg){.vector = TRAPMC}, 0));
	assert_int_equal(moments, 100);
	assert_int_equal(mchecksdone, 0); /* the report shows it */
	machs[0]->mcheck = now = 1ull << 40;
	now += 1000000001; /* another one, of long ago */
	assert_false(machtrap(&m, &(Ureg){.vector = TRAPMC}, 0));
	machs[0]->mcheck = now;
	m.mate.at = MATEBUSY;
	assert_false(machtrap(&m, &(Ureg){.vector = TRAPMC}, 0));
	assert_int_equal(m.mchecks, 0);
	m.callee.fate = FCALLED;
	assert_false(goeson(TRAPMC));
	assert_true(m.dead);
	assert_int_equal(mchecksdone, 1);
}

/* One of us reports it, as CPU 0 does. */
static void
any_other_is_to_be_reported(void **state)
{
	for (unsigned v = 0; v < 256; v++) {
		if (v == TRAPNMI || v == TRAPMC || v == WAKEVECTOR ||
		    v == SPURIOUSVECTOR)
			continue;
		setup(state);
		m.callee.fate = FHERE;
		assert_false(machtrap(&m, &(Ureg){.vector = v}, 0));
		assert_false(m.dead);
	}
}

/* Until it is one of us. */
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
	    TEST(one_of_its_own_is_to_be_reported),
	    TEST(any_other_is_to_be_reported),
	    TEST(any_other_is_its_end_and_what_it_was_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
