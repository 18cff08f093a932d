/*
 * checkfault.c - the faults on purpose, on a machine that answers each as it
 * should, or in one of the ways that are wrong.
 *
 * needs: kern/check/checkfault.c kern/format.c arch/stack.c
 */
#include "unit.h"
#include "apic.h"
#include "cpu.h"
#include "cpus.h"
#include "mmu.h"
#include "pagemachine.h"
#include "provoke.h"
#include "stack.h"
#include "trap.h"
#include "../../kern/check/checks.h"

#include <sys/mman.h>

enum { TEXT = 0x1111, DATA = 0x2222, USER = 0x400000 };

typedef struct Kind Kind;

/* A check, and what a good machine does when it is provoked. */
struct Kind {
	const char *name;
	Check *check;
	uint64_t vector;
	uint64_t error;
	uintptr_t addr;
	bool judged; /* error and address count */
};

static const Kind kinds[] = {
    {"text", checktext, TRAPPF, 3, TEXT, true},
    {"null", checknull, TRAPPF, 0, 0, true},
    {"nx", checknx, TRAPPF, 17, DATA, true},
    {"user", checksmap, TRAPPF, 1, USER, true},
    {"user", checksmep, TRAPPF, 17, USER, true},
    {"divide", checkdivide, TRAPDE, 0, 0, false},
    {"opcode", checkopcode, TRAPUD, 0, 0, false},
    {"address", checkaddress, TRAPGP, 0, 0, false},
    {"nmi", checknmi, TRAPNMI, 0, 0, false},
};

Cpu cpu;
static Tablepages tables;
Space kspace = {.limits = {.levels = 4}, .tables = &tables};
static Caught happens;
static bool nothing;
static bool noapic, notables, nospace;
static int apics;  /* opened and not closed */
static int mapped; /* the user page */
static const Space *entered = &kspace;
static int spaces; /* made and not freed */
static pte_t entry;
static char provoked[20];
static char detail[256];

static size_t self;

size_t
cpunumber(void)
{
	return self;
}

bool
provoke(const char *name)
{
	strcpy(provoked, name);
	return true;
}

uintptr_t
provokedaddr(const char *name)
{
	return strcmp(name, "text") == 0 ? TEXT
	       : strcmp(name, "nx") == 0 ? DATA
					 : 0;
}

bool
faults(void (*fn)(void *), void *arg, Caught *what)
{
	if (arg == NULL) {
		assert_ptr_not_equal(entered, &kspace);
		assert_int_equal(mapped, 1);
		uint8_t *p = mmap((void *)USER, BY2PG,
		    PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

		assert_ptr_equal(p, (void *)USER);
		p[0] = *(const uint8_t *)kaddr(PTEADDR(entry));
		strcpy(provoked, "user");
		fn(arg);
		munmap(p, BY2PG);
	} else
		fn(arg);
	*what = happens;
	return !nothing;
}

bool
apicopen(void)
{
	apics += !noapic;
	return !noapic;
}

void
apicclose(void)
{
	apics--;
}

int
putmmu(Space *s, uintptr_t va, pte_t pte)
{
	assert_int_equal(spaces, 1);
	assert_ptr_not_equal(s, &kspace);
	assert_int_equal(va, USER);
	entry = pte;
	mapped += !notables;
	return notables ? -1 : 0;
}

int
spaceinit(Space *s, Space *upper, const Space *lower)
{
	assert_ptr_equal(upper, &kspace);
	assert_null(lower);
	assert_ptr_equal(s->tables, &tables);
	assert_int_equal(s->limits.levels, 4);
	spaces += !nospace;
	return nospace ? -1 : 0;
}

void
spaceenter(const Space *s)
{
	entered = s;
}

void
spacefree(Space *s)
{
	assert_ptr_not_equal(s, &kspace);
	assert_ptr_equal(entered, &kspace);
	spaces--;
	mapped = 0;
}

static int
setup(void **state)
{
	(void)state;
	pagesimple(16 * MiB, 1);
	cpu.nx = cpu.smap = cpu.smep = true;
	self = 0;
	nothing = noapic = notables = nospace = false;
	apics = mapped = spaces = 0;
	entered = &kspace;
	strcpy(provoked, "");
	memset(detail, 'x', sizeof detail);
	detail[0] = '\0';
	return 0;
}

/* What a check takes it gives back; a test that leaves more says so itself. */
static int
teardown(void **state)
{
	Pagestats st;

	(void)state;
	hostloud();
	pagestats(&st);
	return apics == 0 && mapped == 0 && spaces == 0 && entered == &kspace &&
		       st.nfree == st.npages
		   ? 0
		   : -1;
}

static enum verdict
run(const Kind *k)
{
	return k->check(detail, sizeof detail);
}

static void
good(const Kind *k)
{
	setup(NULL);
	happens = (Caught){k->vector, k->error, 0, k->addr};
}

static void
the_fault_that_should_come_is_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < nelem(kinds); i++) {
		good(&kinds[i]);
		assert_int_equal(run(&kinds[i]), OK);
		assert_string_equal(provoked, kinds[i].name);
		assert_memory_equal(detail, "vector ", 7);
	}
}

static void
no_fault_is_a_failure(void **state)
{
	(void)state;
	for (size_t i = 0; i < nelem(kinds); i++) {
		good(&kinds[i]);
		nothing = true;
		assert_int_equal(run(&kinds[i]), FAILED);
		assert_string_equal(detail, "nothing happened");
	}
	setup(NULL);
	nothing = true;
	assert_int_equal(checkstack(detail, sizeof detail), FAILED);
	assert_string_equal(detail, "nothing happened");
}

static void
an_nmi_that_may_yet_come_keeps_the_apic(void **state)
{
	const Kind *nmi = &kinds[nelem(kinds) - 1];

	(void)state;
	good(nmi);
	nothing = true;
	run(nmi);
	assert_int_equal(apics, 1);
	good(nmi);
	happens.vector = TRAPPF;
	run(nmi);
	assert_int_equal(apics, 1);
	good(nmi);
	run(nmi);
	assert_int_equal(apics, 0);
}

/* Another vector, each bit of the error code, another address. */
static void
another_fault_is_a_failure(void **state)
{
	(void)state;
	for (size_t i = 0; i < nelem(kinds); i++) {
		good(&kinds[i]);
		happens.vector ^= 1;
		assert_int_equal(run(&kinds[i]), FAILED);
		for (int bit = 0; bit < 5; bit++) {
			good(&kinds[i]);
			happens.error ^= 1ull << bit;
			assert_int_equal(run(&kinds[i]), FAILED);
		}
		good(&kinds[i]);
		happens.addr ^= 1;
		assert_int_equal(run(&kinds[i]), kinds[i].judged ? FAILED : OK);
	}
	good(&kinds[0]);
	happens = (Caught){13, 8, 0, 0};
	run(&kinds[0]);
	assert_string_equal(detail, "vector 13 error 0x8 address 0x0");
}

/* On the stack for double faults, because of the guard below the main one. */
static void
an_overflow_ends_in_the_guard(void **state)
{
	uintptr_t guard = stacktop(STACKMAIN) - stacksize(STACKMAIN) - 8;

	(void)state;
	happens = (Caught){TRAPDF, 0, 0, guard};
	assert_int_equal(checkstack(detail, sizeof detail), OK);
	assert_string_equal(provoked, "stack");
	assert_memory_equal(detail, "vector 8 address 0x", 19);
	happens.addr += 8;
	assert_int_equal(checkstack(detail, sizeof detail), FAILED);
	happens.addr = stacktop(STACKNMI) - stacksize(STACKNMI) - 8;
	assert_int_equal(checkstack(detail, sizeof detail), FAILED);
	happens.addr = 0;
	assert_int_equal(checkstack(detail, sizeof detail), FAILED);
	happens = (Caught){TRAPPF, 0, 0, guard};
	assert_int_equal(checkstack(detail, sizeof detail), FAILED);
	/* each CPU has its own */
	self = 3;
	happens = (Caught){TRAPDF, 0, 0, guard};
	assert_int_equal(checkstack(detail, sizeof detail), FAILED);
	happens.addr = cpustacktop(3, STACKMAIN) - stacksize(STACKMAIN) - 8;
	assert_int_equal(checkstack(detail, sizeof detail), OK);
}

static void
what_the_cpu_lacks_is_skipped(void **state)
{
	(void)state;
	cpu.nx = cpu.smap = cpu.smep = false;
	noapic = true;
	assert_int_equal(checknx(detail, sizeof detail), SKIPPED);
	assert_string_equal(detail, "no NX");
	assert_int_equal(checksmap(detail, sizeof detail), SKIPPED);
	assert_string_equal(detail, "no SMAP");
	assert_int_equal(checksmep(detail, sizeof detail), SKIPPED);
	assert_string_equal(detail, "no SMEP");
	assert_int_equal(checknmi(detail, sizeof detail), SKIPPED);
	assert_string_equal(detail, "no local APIC to send one");
	assert_string_equal(provoked, "");
}

/* A page of user memory, really read; or none, or no table for it. */
static void
the_user_page_is_a_real_one(void **state)
{
	size_t n = 0;

	(void)state;
	good(&kinds[3]);
	assert_int_equal(run(&kinds[3]), OK);
	assert_int_equal(entry & ~PTEADDRMASK, PTEWRITE | PTENOEXEC);
	assert_int_equal(run(&kinds[4]), FAILED); /* another fault */
	assert_int_equal(entry & ~PTEADDRMASK, 0);
	notables = true;
	assert_int_equal(run(&kinds[3]), FAILED);
	assert_string_equal(detail, "no page table");
	notables = false;
	nospace = true;
	assert_int_equal(run(&kinds[3]), FAILED);
	assert_string_equal(detail, "no page table");
	Page *all = pagetakeall(&n);
	assert_int_equal(run(&kinds[3]), SKIPPED);
	assert_string_equal(detail, "no page");
	freepages(all);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_fault_that_should_come_is_good),
	    TEST(no_fault_is_a_failure),
	    TEST(an_nmi_that_may_yet_come_keeps_the_apic),
	    TEST(another_fault_is_a_failure),
	    TEST(an_overflow_ends_in_the_guard),
	    TEST(what_the_cpu_lacks_is_skipped),
	    TEST(the_user_page_is_a_real_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
