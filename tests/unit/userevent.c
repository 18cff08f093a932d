/*
 * userevent.c - what a trap from user mode says a program wanted, or did.
 *
 * needs: arch/amd64/userevent.c
 */
#include "unit.h"
#include "apic.h"
#include "user.h"
#include "../../arch/amd64/usermode.h"

static Userevent
event(uint64_t vector, uint64_t error)
{
	Ureg ur = {.vector = vector, .error = error, .pc = 0x1000};

	return userevent(&ur, 0x5000);
}

static void
a_program_starts_with_nothing_but_its_argument(void **state)
{
	Ureg ur;
	Ureg want;

	(void)state;
	memset(&ur, 0xff, sizeof ur);
	memset(&want, 0, sizeof want);
	want.pc = 1;
	want.sp = 2;
	want.rdi = 3;
	userstart(&ur, 1, 2, 3);
	assert_memory_equal(&ur, &want, sizeof ur);
}

static void
a_system_call_has_a_number_and_arguments(void **state)
{
	Ureg ur = {
	    .vector = SYSCALLVECTOR, .rax = 1, .rdi = 2, .rsi = 3, .rdx = 4};

	(void)state;
	assert_int_equal(userevent(&ur, 0).why, USERCALL);
	assert_int_equal(usercall(&ur), 1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(userarg(&ur, i), 2 + i);
	userresult(&ur, -5);
	assert_int_equal((int64_t)ur.rax, -5);
	assert_int_equal(ur.rdi, 2);
}

static void
a_page_fault_is_an_access(void **state)
{
	static const struct {
		uint64_t error;
		enum access access;
	} is[] = {
	    {PFUSER, FAULTREAD},
	    {PFUSER | PFPRESENT, FAULTREAD},
	    {PFUSER | PFWRITE, FAULTWRITE},
	    {PFUSER | PFPRESENT | PFWRITE, FAULTWRITE},
	    {PFUSER | PFFETCH, FAULTEXEC},
	};

	(void)state;
	for (size_t i = 0; i < nelem(is); i++) {
		Userevent e = event(TRAPPF, is[i].error);

		assert_int_equal(e.why, USERFAULT);
		assert_int_equal(e.access, is[i].access);
		assert_int_equal(e.addr, 0x5000);
	}
	assert_int_equal(event(TRAPPF, PFUSER | PFRESERVED).why, USERWRONG);
	assert_int_equal(event(TRAPPF, PFPRESENT).why, USERWRONG);
	assert_int_equal(event(TRAPPF, 0).why, USERWRONG);
}

static void
interrupts_end_a_slice_or_nothing(void **state)
{
	(void)state;
	assert_int_equal(event(TIMERVECTOR, 0).why, USERTICK);
	assert_int_equal(event(WAKEVECTOR, 0).why, USERNOTHING);
	assert_int_equal(event(SPURIOUSVECTOR, 0).why, USERNOTHING);
	assert_int_equal(event(NEXCEPTION, 0).why, USERNOTHING);
}

static void
any_other_exception_is_wrong(void **state)
{
	(void)state;
	for (uint64_t v = 0; v < NEXCEPTION; v++) {
		if (v == TRAPPF)
			continue;
		Userevent e = event(v, 0);

		assert_int_equal(e.why, USERWRONG);
		assert_int_equal(e.addr, 0x1000);
		assert_non_null(e.what);
	}
	assert_string_equal(event(TRAPDE, 0).what, "it divides by zero");
	assert_string_equal(
	    event(20, 0).what, "an exception that it should not have");
}

/* What may come at any time is not of what the program was doing. */
static void
a_trap_is_the_programs_if_it_comes_from_there(void **state)
{
	(void)state;
	for (uint64_t v = 0; v <= SYSCALLVECTOR; v++) {
		Ureg ur = {.vector = v, .cs = 0x28 | RING3};
		bool owns = v != TRAPNMI && v != TRAPMC && v != TRAPDF;

		assert_int_equal(userowns(&ur), owns);
		ur.cs = 8;
		assert_false(userowns(&ur));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_program_starts_with_nothing_but_its_argument),
	    cmocka_unit_test(a_system_call_has_a_number_and_arguments),
	    cmocka_unit_test(a_page_fault_is_an_access),
	    cmocka_unit_test(interrupts_end_a_slice_or_nothing),
	    cmocka_unit_test(any_other_exception_is_wrong),
	    cmocka_unit_test(a_trap_is_the_programs_if_it_comes_from_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
