/*
 * trap.c - who catches a fault: the innermost that expects one; and what
 * becomes of one that nobody does, on the first CPU and on another. The two
 * functions of arch/amd64/catch.S are setjmp and longjmp here.
 *
 * covers: arch/amd64/trap.c
 * needs: arch/amd64/userevent.c
 */
#include "unit.h"
#include "apic.h"
#include "halt.h"
#include "log.h"
#include "panic.h"
#include "screen.h"
#include "serial.h"
#include "stop.h"
#include "trap.h"
#include "../../arch/amd64/mach.h"
#include "../../arch/amd64/mcheck.h"
#include "../../arch/amd64/x86.h"

/* The register of that name is the kernel's. */
static uintptr_t
playedcr2(void)
{
	return 0x1234;
}

uint64_t
cycles(void)
{
	return 0x777;
}

/* So is this one: TS is a program's. */
static uint64_t cr0;

static uint64_t
playedcr0(void)
{
	return cr0;
}

static void
playedputcr0(uint64_t v)
{
	cr0 = v;
}

#define getcr2 playedcr2
#define getcr0 playedcr0
#define putcr0 playedputcr0
#include "../../arch/amd64/trap.c"
#undef getcr2

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

/* What the machine says, and what was asked of it, in order. */
static struct {
	bool busy, asked, back, first, idle;
	char did[200];
	jmp_buf end;
} play;

static void
did(const char *what)
{
	assert_true(strlen(play.did) + strlen(what) + 2 < sizeof play.did);
	strcat(strcat(play.did, what), " ");
}

static _Noreturn void
ends(const char *how)
{
	did(how);
	longjmp(play.end, 1);
}

Mach *
mach(void)
{
	return here;
}

bool
machtrap(Mach *m, const Ureg *ur, uintptr_t cr2)
{
	assert_ptr_equal(m, &other);
	assert_int_equal(cr2, 0x1234);
	(void)ur;
	did("machtrap");
	return play.idle;
}

bool
stopasked(void)
{
	return play.asked;
}

static void
assert_where(Context where)
{
	assert_int_equal(where.pc, 11);
	assert_int_equal(where.fp, 12);
	assert_int_equal(where.sp, 13);
}

bool
stopnow(Context where)
{
	assert_where(where);
	did("stopnow");
	return play.back;
}

bool
stopothers(Context where)
{
	assert_where(where);
	did("stopothers");
	return play.first;
}

void
stopshow(void)
{
	did("stopshow");
}

bool
matesbusy(void)
{
	return play.busy;
}

void
faultreport(const Ureg *ur, uintptr_t cr2)
{
	assert_int_equal(ur->pc, 11);
	assert_int_equal(cr2, 0x1234);
	did("report");
}

void
stayup(void)
{
	ends("stayup");
}

void
reportbegins(void)
{
	did("begins");
}

void
haltforever(void)
{
	ends("halt");
}

void
deadend(const char *fmt, ...)
{
	(void)fmt;
	ends("deadend");
}

void
mcheckdone(void)
{
	did("mcheckdone");
}

void
apicdone(void)
{
	did("apicdone");
}

void
userback(const Ureg *ur, uintptr_t cr2)
{
	assert_int_equal(ur->pc, 11);
	assert_int_equal(cr2, 0x1234);
	ends("user");
}

void
lognosinks(void)
{
	did("nosinks");
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
	hostquiet();
	memset(&play, 0, sizeof play);
	here = &other;
	trapinit();
	reportdone();
	here = &first;
	trapinit();
	reportdone();
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

/* On that CPU, of a fault that nobody expects: all that it leads to. */
static void
assert_leads(Mach *m, uint64_t vector, const char *to)
{
	Ureg ur = {.vector = vector, .pc = 11, .rbp = 12, .sp = 13};

	here = m;
	play.did[0] = '\0';
	if (setjmp(play.end) == 0) {
		trap(&ur);
		did("returns");
	}
	here = &first;
	assert_string_equal(play.did, to);
	first.reporting = other.reporting = 0;
}

static void
a_fault_stops_all_and_is_reported(void **state)
{
	(void)state;
	play.first = true;
	assert_leads(
	    &first, TRAPUD, "begins stopothers report stopshow stayup ");
	assert_said("");
	assert_leads(&other, TRAPUD,
	    "machtrap begins stopothers report stopshow stayup ");
	assert_said("CPU 1 has a fault\n");
}

/* It is shown by the other's report. */
static void
whoever_is_second_reports_nothing(void **state)
{
	(void)state;
	assert_leads(&first, TRAPUD, "begins stopothers stayup ");
	assert_leads(&other, TRAPUD, "machtrap begins stopothers stayup ");
	assert_said("");
}

/* It says nothing of those who wait for work: they can go on. */
static void
an_event_from_outside_stops_those_at_work(void **state)
{
	static const uint64_t events[] = {TRAPNMI, TRAPMC, NEXCEPTION};

	(void)state;
	play.first = true;
	for (size_t i = 0; i < nelem(events); i++) {
		play.busy = false;
		assert_leads(
		    &first, events[i], "begins report stopshow stayup ");
		play.busy = true;
		assert_leads(&first, events[i],
		    "begins stopothers report stopshow stayup ");
	}
	play.idle = true;
	other.mcheck = 0;
	assert_leads(&other, TRAPMC, "machtrap returns ");
	assert_int_equal(other.mcheck, cycles()); /* for machs.c */
}

static void
trapsinside(void *vector)
{
	Ureg ur = {
	    .vector = *(uint64_t *)vector, .pc = 11, .rbp = 12, .sp = 13};

	trap(&ur);
}

/* A fault is; of events the first CPU's NMI, which a check sends. */
static void
what_is_expected_is_caught(void **state)
{
	static uint64_t nmi = TRAPNMI, ud = TRAPUD;
	Caught what;

	(void)state;
	assert_true(faults(trapsinside, &nmi, &what));
	assert_caught(&what, &(Caught){TRAPNMI, 0, 11, 0x1234});
	here = &other;
	assert_true(faults(trapsinside, &ud, &what));
	assert_string_equal(play.did, "");
	play.idle = true;
	assert_false(faults(trapsinside, &nmi, &what));
	assert_string_equal(play.did, "machtrap ");
	here = &first;
}

static void
checkinside(void *arg)
{
	(void)arg;
	play.first = true;
	assert_leads(&first, TRAPMC, "begins report stopshow stayup ");
}

static void
a_machine_check_is_never_expected(void **state)
{
	Caught what;

	(void)state;
	assert_false(faults(checkinside, NULL, &what));
}

/* Also one that something waits for; the first goes on after the report. */
static void
an_nmi_that_stops_is_nothing_else(void **state)
{
	static uint64_t nmi = TRAPNMI;
	Caught what;

	(void)state;
	play.asked = true;
	assert_leads(&other, TRAPNMI, "stopnow returns ");
	assert_false(faults(trapsinside, &nmi, &what));
	play.back = true;
	assert_leads(&first, TRAPNMI, "stopnow stayup ");
	assert_leads(&other, TRAPUD, "machtrap begins stopothers stayup ");
}

static void
a_fault_of_a_report_is_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		Mach *m = i == 0 ? &first : &other;
		char want[100] = "";

		strcat(want, i == 0 ? "" : "machtrap ");
		m->reporting = 1;
		assert_leads(
		    m, TRAPUD, strcat(want, "mcheckdone nosinks deadend "));
		want[i == 0 ? 0 : strlen("machtrap ")] = '\0';
		m->reporting = 2;
		assert_leads(m, TRAPUD, strcat(want, "mcheckdone halt "));
	}
}

/* On that CPU, from ring 3: what it leads to, and that nobody catches it. */
static void
assert_fromuser(Mach *m, uint64_t vector, const char *to)
{
	Ureg ur = {
	    .vector = vector, .pc = 11, .rbp = 12, .sp = 13, .cs = RING3};

	here = m;
	play.did[0] = '\0';
	cr0 = CR0PG | CR0TS;
	if (setjmp(play.end) == 0) {
		trap(&ur);
		did("returns");
	}
	here = &first;
	assert_string_equal(play.did, to);
	bool goeson = strstr(to, "returns ") != NULL || !strcmp(to, "user ");
	assert_int_equal(cr0, CR0PG | (goeson ? CR0TS : 0));
	first.reporting = other.reporting = 0;
}

static void
userinside(void *arg)
{
	static const uint64_t owns[] = {TRAPDE, TRAPDB, TRAPBP, TRAPUD, TRAPGP,
	    TRAPPF, NEXCEPTION, WAKEVECTOR, TIMERVECTOR, SPURIOUSVECTOR,
	    SYSCALLVECTOR};

	(void)arg;
	for (size_t i = 0; i < nelem(owns); i++) {
		assert_fromuser(&first, owns[i], "user ");
		assert_fromuser(&other, owns[i], "user ");
	}
	play.first = play.idle = true;
	assert_fromuser(&first, TRAPMC, "begins report stopshow stayup ");
	assert_fromuser(&other, TRAPMC, "machtrap returns ");
}

/* Whoever expects a fault does not expect a program's. */
static void
what_a_program_did_goes_to_who_runs_it(void **state)
{
	Caught what;

	(void)state;
	assert_false(faults(userinside, NULL, &what));
	play.first = true;
	assert_fromuser(
	    &first, TRAPDF, "begins stopothers report stopshow stayup ");
	play.asked = true;
	assert_fromuser(&other, TRAPNMI, "stopnow returns ");
	play.back = true;
	assert_fromuser(&first, TRAPNMI, "stopnow stayup ");
}

/* An interrupt of the kernel: its timer's, and while they are on, any. */
static void
an_interrupt_is_acknowledged(void **state)
{
	(void)state;
	first.ticks = other.ticks = 0;
	assert_leads(&first, TIMERVECTOR, "apicdone returns ");
	assert_leads(&other, TIMERVECTOR, "apicdone returns ");
	assert_int_equal(first.ticks, 1);
	assert_int_equal(other.ticks, 1);
	assert_leads(&first, SPURIOUSVECTOR, "begins report stopshow stayup ");
	first.open = other.open = true;
	assert_leads(&first, NEXCEPTION, "apicdone returns ");
	assert_leads(&first, WAKEVECTOR, "apicdone returns ");
	assert_leads(&first, SPURIOUSVECTOR, "returns ");
	assert_leads(&other, NEXCEPTION, "apicdone returns ");
	play.idle = true;
	assert_leads(&other, WAKEVECTOR, "machtrap returns ");
	assert_leads(&other, SPURIOUSVECTOR, "machtrap returns ");
	assert_leads(&first, TRAPUD, "begins stopothers stayup ");
	assert_int_equal(first.ticks, 1);
	first.open = other.open = false;
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
	    cmocka_unit_test_setup(a_fault_stops_all_and_is_reported, setup),
	    cmocka_unit_test_setup(whoever_is_second_reports_nothing, setup),
	    cmocka_unit_test_setup(
		an_event_from_outside_stops_those_at_work, setup),
	    cmocka_unit_test_setup(what_is_expected_is_caught, setup),
	    cmocka_unit_test_setup(a_machine_check_is_never_expected, setup),
	    cmocka_unit_test_setup(an_nmi_that_stops_is_nothing_else, setup),
	    cmocka_unit_test_setup(a_fault_of_a_report_is_the_end, setup),
	    cmocka_unit_test_setup(
		what_a_program_did_goes_to_who_runs_it, setup),
	    cmocka_unit_test_setup(an_interrupt_is_acknowledged, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
