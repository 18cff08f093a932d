/*
 * trap.c - who catches a fault: the innermost that expects one. The two
 * functions of arch/amd64/catch.S are setjmp and longjmp here.
 *
 * needs: arch/amd64/trap.c
 */
#include "unit.h"
#include "halt.h"
#include "log.h"
#include "panic.h"
#include "screen.h"
#include "serial.h"
#include "stop.h"
#include "trap.h"
#include "../../arch/amd64/mach.h"
#include "../../arch/amd64/mcheck.h"

enum { MOSTDEEP = 4 };

static jmp_buf places[MOSTDEEP];
static size_t deep;

int
callcatching(void (*fn)(void *), void *arg, uintptr_t *sp)
{
	size_t mine = deep++;
	int back = 0;

	*sp = (uintptr_t)&places[mine];
	if (setjmp(places[mine]) == 0)
		fn(arg);
	else
		back = 1;
	deep = mine;
	return back;
}

void
catchreturn(uintptr_t sp)
{
	longjmp(*(jmp_buf *)sp, 1);
}

static Mach first, other = {.n = 1};
static Mach *here = &first;

Mach *
mach(void)
{
	return here;
}

bool
machtrap(Mach *m, const Ureg *ur, uintptr_t cr2)
{
	(void)m;
	(void)ur;
	(void)cr2;
	abort();
}

/* No other CPU is there. */
bool
stopasked(void)
{
	return false;
}

bool
stopnow(Context where)
{
	(void)where;
	abort();
}

bool
stopothers(Context where)
{
	(void)where;
	abort();
}

void
stopshow(void)
{
	abort();
}

bool
matesbusy(void)
{
	abort();
}

/* What a fault that nobody expects would do. */
void
faultreport(const Ureg *ur, uintptr_t cr2)
{
	(void)ur;
	(void)cr2;
	abort();
}

void
stayup(void)
{
	abort();
}

void
haltforever(void)
{
	abort();
}

void
deadend(const char *fmt, ...)
{
	(void)fmt;
	abort();
}

void
mcheckdone(void)
{
}

void
lognosinks(void)
{
}

void
logsink(Sink *sink, enum logreplay how)
{
	(void)sink;
	(void)how;
}

void
serialwrite(const char *s, size_t n)
{
	(void)s;
	(void)n;
}

void
screenwrite(const char *s, size_t n)
{
	(void)s;
	(void)n;
}

static const Caught one = {1, 2, 3, 4};
static const Caught two = {5, 6, 7, 8};
static Caught inner;
static bool innerfaulted;
static bool after;

static void
fine(void *arg)
{
	(void)arg;
}

static void
fault(void *what)
{
	faultescape(*(const Caught *)what);
	fail_msg("a fault came back");
}

static int
setup(void **state)
{
	(void)state;
	trapinit();
	deep = 0;
	after = false;
	return 0;
}

static void
assert_caught(const Caught *is, const Caught *want)
{
	assert_int_equal(is->vector, want->vector);
	assert_int_equal(is->error, want->error);
	assert_int_equal(is->pc, want->pc);
	assert_int_equal(is->addr, want->addr);
}

static void
a_fault_is_caught_with_what_it_was(void **state)
{
	(void)state;
	Caught what = two;

	assert_false(faults(fine, NULL, &what));
	assert_caught(&what, &(Caught){0, 0, 0, 0});
	assert_true(faults(fault, (void *)&one, &what));
	assert_caught(&what, &one);
}

static void
nobody_expects_one_before_or_after(void **state)
{
	(void)state;
	Caught what;

	faultescape(one);
	assert_false(faults(fine, NULL, &what));
	faultescape(one);
	assert_true(faults(fault, (void *)&one, &what));
	faultescape(two);
	assert_caught(&what, &one);
}

static void
fineinside(void *arg)
{
	(void)arg;
	innerfaulted = faults(fine, NULL, &inner);
	after = true;
	fault((void *)&two);
}

static void
faultinside(void *arg)
{
	(void)arg;
	innerfaulted = faults(fault, (void *)&one, &inner);
	after = true;
	fault((void *)&two);
}

/* The outer one expects it again, however the inner one ended. */
static void
the_outer_one_catches_after_the_inner_one(void **state)
{
	(void)state;
	Caught what;

	assert_true(faults(fineinside, NULL, &what));
	assert_true(after && !innerfaulted);
	assert_caught(&what, &two);
	after = false;
	assert_true(faults(faultinside, NULL, &what));
	assert_true(after && innerfaulted);
	assert_caught(&inner, &one);
	assert_caught(&what, &two);
	faultescape(one);
}

static void
onother(void *arg)
{
	(void)arg;
	here = &other;
	faultescape(two); /* it expects none */
	innerfaulted = faults(fault, (void *)&two, &inner);
	here = &first;
	fault((void *)&one);
}

static void
each_cpu_expects_its_own(void **state)
{
	(void)state;
	Caught what;

	assert_true(faults(onother, NULL, &what));
	assert_true(innerfaulted);
	assert_caught(&inner, &two);
	assert_caught(&what, &one);
}

static void
forgetting(void *arg)
{
	(void)arg;
	trapinit();
	faultescape(one);
	after = true;
}

static void
trapinit_forgets_who_expected_one(void **state)
{
	(void)state;
	Caught what;

	assert_false(faults(forgetting, NULL, &what));
	assert_true(after);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(each_cpu_expects_its_own, setup),
	    cmocka_unit_test_setup(a_fault_is_caught_with_what_it_was, setup),
	    cmocka_unit_test_setup(nobody_expects_one_before_or_after, setup),
	    cmocka_unit_test_setup(
		the_outer_one_catches_after_the_inner_one, setup),
	    cmocka_unit_test_setup(trapinit_forgets_who_expected_one, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
